//! Which map of an experiment's descent is asked for, in words, and the [`Map`] that it is.

use super::names::did_you_mean;
use super::{DescentSpec, Experiment, MAX_STEPS, Panel};
use crate::descent::Plan;
use crate::landscape::Domain;
use crate::maps::{Axis, LEAST_SIDE, MOST_SIDE, Map, Span};

/// The radius around a minimum, as a share of the domain's diagonal, unless another is asked for.
const RADIUS: f64 = 1.0 / 500.0;

/// What is asked for. What is not said is as usual.
#[derive(Debug, Clone, PartialEq)]
pub struct MapWish {
    /// Counted from 0.
    pub panel: usize,
    /// The descent's name; usually the panel's first one that is shown.
    pub descent: Option<String>,
    /// What is along x and y, as `AXIS` or `AXIS=A:B`; usually the start's coordinates, and for a curve its x and the rate.
    pub axes: [Option<String>; 2],
    /// Columns and rows.
    pub size: [usize; 2],
    /// Steps of each run, usually the descent's.
    pub steps: Option<usize>,
    pub radius: Option<f64>,
}

impl Default for MapWish {
    fn default() -> MapWish {
        MapWish {
            panel: 0,
            descent: None,
            axes: [None, None],
            size: [512; 2],
            steps: None,
            radius: None,
        }
    }
}

/// Why there is no such map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MapError {
    /// The part of the wish that is wrong, such as `panel` or `x`; `None` where there can be no map at all.
    pub key: Option<&'static str>,
    pub message: String,
}

fn wrong(key: &'static str, message: impl ToString) -> MapError {
    MapError {
        key: Some(key),
        message: message.to_string(),
    }
}

impl Experiment {
    /// The map that is asked for, its minima still to be found.
    ///
    /// # Errors
    /// What is wrong with the wish, or why there is no map of this panel.
    pub fn map(&self, wish: &MapWish) -> Result<Map, MapError> {
        let (panel, descent) = self.mapped(wish)?;
        panel.map(descent, wish)
    }

    /// The panel and the descent that a map is asked for of.
    ///
    /// # Errors
    /// If they are not there.
    pub fn mapped(&self, wish: &MapWish) -> Result<(&Panel, &DescentSpec), MapError> {
        let number = wish.panel + 1;
        let panel = self.panels.get(wish.panel).ok_or_else(|| {
            let last = self.panels.len();
            let expected = if last == 1 {
                "1, the only one".to_owned()
            } else {
                format!("1 to {last}")
            };
            wrong("panel", format!("found {number}, expected {expected}"))
        })?;
        let mut descents = panel.descents.iter();
        if panel.descents.is_empty() {
            return Err(MapError {
                key: None,
                message: format!("panel {number} has no descents, and a map is one of a descent"),
            });
        }
        let descent = match &wish.descent {
            Some(name) => descents
                .find(|descent| descent.name == *name)
                .ok_or_else(|| {
                    let names = panel.descents.iter().map(|descent| &*descent.name);
                    let known: Vec<String> =
                        names.clone().map(|name| format!("\"{name}\"")).collect();
                    let near = did_you_mean(name, names);
                    let known = known.join(", ");
                    wrong(
                        "descent",
                        format!("found \"{name}\", expected one of {known}{near}"),
                    )
                }),
            None => descents.find(|descent| descent.shown).ok_or_else(|| {
                wrong(
                    "descent",
                    format!("expected a name: all descents of panel {number} are hidden"),
                )
            }),
        };
        Ok((panel, descent?))
    }
}

impl Panel {
    fn map(&self, descent: &DescentSpec, wish: &MapWish) -> Result<Map, MapError> {
        let objective = self.objective(None);
        let parameters = self.objective.parameters();
        let Some(objective) = objective.filter(|_| self.plane.is_none() && parameters <= 2) else {
            return Err(MapError {
                key: None,
                message: format!(
                    "\"{}\" has {parameters} parameters: there are maps of functions of one or two variables",
                    self.objective.title()
                ),
            });
        };
        let sides = LEAST_SIDE..=MOST_SIDE;
        if let Some(side) = wish.size.iter().find(|side| !sides.contains(side)) {
            return Err(wrong(
                "grid",
                format!("found {side} cells, expected {LEAST_SIDE} to {MOST_SIDE} along each side"),
            ));
        }
        let mut plan = descent.plan.clone();
        if let Some(steps) = wish.steps {
            if !(1..=MAX_STEPS).contains(&steps) {
                return Err(wrong(
                    "steps",
                    format!("found {steps}, expected 1 to {MAX_STEPS}"),
                ));
            }
            let warmup = plan.schedule.warmup;
            if warmup >= steps {
                return Err(wrong(
                    "steps",
                    format!(
                        "found {steps}, expected more than the {warmup} steps of the schedule's warm-up"
                    ),
                ));
            }
            plan.steps = steps;
        }
        let radius = wish
            .radius
            .unwrap_or_else(|| RADIUS * diagonal(self.domain));
        if !(radius > 0.0 && radius.is_finite()) {
            return Err(wrong(
                "radius",
                format!("found {radius}, expected a number above 0"),
            ));
        }
        let spans = self.spans(&plan, &wish.axes)?;
        Ok(Map::new(objective, plan, spans, wish.size, radius))
    }
}

impl Panel {
    /// What varies along x and y. What is not said is a coordinate of the start, of a curve its x or the rate, whichever is not
    /// taken by the other axis.
    fn spans(&self, plan: &Plan, words: &[Option<String>; 2]) -> Result<[Span; 2], MapError> {
        let parse = |key: &'static str, words: &Option<String>| {
            let span = words
                .as_deref()
                .map(|words| Span::parse(words, plan, self.domain));
            span.transpose().map_err(|error| wrong(key, error))
        };
        let (x, y) = (parse("x", &words[0])?, parse("y", &words[1])?);
        let second = if self.dim() == 2 {
            Axis::Start(1)
        } else {
            Axis::Rate
        };
        let besides = |usual: Axis, instead: Axis, taken: Option<Span>| {
            let is_taken = taken.is_some_and(|taken| taken.axis == usual);
            let axis = if is_taken { instead } else { usual };
            let range = axis.usual_range(plan, self.domain);
            Span { axis, range }
        };
        let x = x.unwrap_or_else(|| besides(Axis::Start(0), second, y));
        let y = y.unwrap_or_else(|| besides(second, Axis::Start(0), Some(x)));
        if x.axis == y.axis {
            let name = x.axis.name();
            return Err(wrong(
                "y",
                format!("found {name}, which is along x already, expected something else"),
            ));
        }
        Ok([x, y])
    }
}

/// Of a curve its length.
fn diagonal(domain: Domain) -> f64 {
    let [x, y] = [domain.x, domain.y_or_zero()].map(|[low, high]| high - low);
    x.hypot(y)
}

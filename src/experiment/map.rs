//! Which map of an experiment's descent is asked for, in words, and the [`Map`] that it is.

mod file;

use std::sync::Arc;

use super::names::did_you_mean;
use super::{DescentSpec, Experiment, MAX_STEPS, MapShow, Panel};
use crate::descent::Plan;
use crate::landscape::Domain;
use crate::maps::{Axis, LEAST_SIDE, MOST_SIDE, Map, Span};
use crate::mnist::DataSet;
use crate::objective::Objective;

pub(super) use file::{KEYS, map, write};

/// The radius around a minimum, as a share of the domain's diagonal, unless another is asked for.
const RADIUS: f64 = 1.0 / 500.0;

/// Which map of one of a panel's descents is asked for. What is not said is as usual.
#[derive(Debug, Clone, PartialEq)]
pub struct MapSpec {
    /// The descent's name; usually the panel's first one that is shown, or its first.
    pub descent: Option<String>,
    /// What is along x and y, as `AXIS` or `AXIS=A:B`; usually the start's coordinates, and for a curve its x and the rate.
    pub axes: [Option<String>; 2],
    /// Columns and rows.
    pub size: [usize; 2],
    /// Steps of each run, usually the descent's.
    pub steps: Option<usize>,
    /// What counts as arrived, usually a share of the domain's diagonal.
    pub radius: Option<f64>,
    pub show: MapShow,
    /// Seconds of playback in which it goes from coarse to fine; 0 for fine at once.
    pub refine: f64,
}

impl MapSpec {
    pub const DEFAULT_SIZE: [usize; 2] = [512; 2];
}

impl MapSpec {
    /// It is to be one of another landscape: what varies stays, its ranges and its radius are as usual again.
    pub(super) fn forget_ranges(&mut self) {
        self.radius = None;
        for words in self.axes.iter_mut().flatten() {
            let name = words.split('=').next().unwrap_or_default();
            *words = name.trim().to_owned();
        }
    }
}

impl Default for MapSpec {
    fn default() -> MapSpec {
        MapSpec {
            descent: None,
            axes: [None, None],
            size: MapSpec::DEFAULT_SIZE,
            steps: None,
            radius: None,
            show: MapShow::default(),
            refine: 0.0,
        }
    }
}

/// A map that is asked for, all but its objective.
#[derive(Debug, Clone)]
pub struct MapPlan {
    pub plan: Plan,
    pub spans: [Span; 2],
    pub size: [usize; 2],
    pub radius: f64,
}

impl MapPlan {
    pub fn of(self, objective: Arc<dyn Objective>) -> Map {
        Map::new(objective, self.plan, self.spans, self.size, self.radius)
    }
}

/// Why there is no such map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MapError {
    /// The part of what is asked for that is wrong, such as `descent` or `x`; `None` where there can be no map at all.
    pub key: Option<&'static str>,
    pub message: String,
}

pub(super) fn wrong(key: &'static str, message: impl ToString) -> MapError {
    MapError {
        key: Some(key),
        message: message.to_string(),
    }
}

impl Experiment {
    /// The panel of this index, for a map of one of its descents.
    ///
    /// # Errors
    /// If it is not there.
    pub fn mapped_panel(&self, index: usize) -> Result<&Panel, MapError> {
        self.panels.get(index).ok_or_else(|| {
            let last = self.panels.len();
            let expected = if last == 1 {
                "1, the only one".to_owned()
            } else {
                format!("1 to {last}")
            };
            let found = index.saturating_add(1);
            wrong("panel", format!("found {found}, expected {expected}"))
        })
    }
}

impl Panel {
    /// The descent that a map is asked for of.
    ///
    /// # Errors
    /// If it is not there.
    pub fn mapped_descent(&self, spec: &MapSpec) -> Result<&DescentSpec, MapError> {
        let mut descents = self.descents.iter();
        if self.descents.is_empty() {
            return Err(MapError {
                key: None,
                message: "no descents, and a map is one of a descent".to_owned(),
            });
        }
        let Some(name) = &spec.descent else {
            let first = &self.descents[0];
            return Ok(descents.find(|descent| descent.shown).unwrap_or(first));
        };
        descents
            .find(|descent| descent.name == *name)
            .ok_or_else(|| no_descent(name, self.descents.iter().map(|descent| &*descent.name)))
    }

    /// Whether its map is one over the starts that are drawn, and so lies on the surface.
    pub fn map_lies_on_surface(&self, spec: &MapSpec) -> bool {
        let is_axis = |k: usize, name: &str| match spec.axes[k].as_deref() {
            None => true,
            Some(words) => words.trim() == name,
        };
        self.dim() == 2 && self.plane.is_none() && is_axis(0, "start.x") && is_axis(1, "start.y")
    }

    /// The map that is asked for, all but its objective.
    ///
    /// # Errors
    /// What is wrong with what is asked for, or why there is no map of this panel.
    pub fn map_plan(&self, spec: &MapSpec) -> Result<MapPlan, MapError> {
        let descent = self.mapped_descent(spec)?;
        let plan = varied_plan(descent, spec.steps)?;
        let sides = LEAST_SIDE..=MOST_SIDE;
        if let Some(side) = spec.size.iter().find(|side| !sides.contains(side)) {
            return Err(wrong(
                "grid",
                format!("found {side} cells, expected {LEAST_SIDE} to {MOST_SIDE} along each side"),
            ));
        }
        let radius = self.settling_radius(spec.radius)?;
        Ok(MapPlan {
            spans: self.spans(&plan, &spec.axes)?,
            plan,
            size: spec.size,
            radius,
        })
    }

    /// What counts as arrived at a minimum, usually a share of the domain's diagonal.
    pub(super) fn settling_radius(&self, asked: Option<f64>) -> Result<f64, MapError> {
        let radius = asked.unwrap_or_else(|| RADIUS * diagonal(self.domain));
        if !(radius > 0.0 && radius.is_finite()) {
            return Err(wrong(
                "radius",
                format!("found {radius}, expected a number above 0"),
            ));
        }
        Ok(radius)
    }

    /// The map that is asked for, its minima still to be found. `data` are those of the panel, if it needs any.
    ///
    /// # Errors
    /// See [`map_plan`](Self::map_plan); and if there are no data.
    pub fn map(&self, spec: &MapSpec, data: Option<&DataSet>) -> Result<Map, MapError> {
        let plan = self.map_plan(spec)?;
        let objective = self.objective(data).ok_or_else(|| MapError {
            key: None,
            message: "the data set is not there".to_owned(),
        })?;
        Ok(plan.of(objective))
    }

    /// What varies along x and y. What is not said is a coordinate of the start, of a curve its x or the rate, and where there are
    /// more parameters than axes the rate or the rule's first one; whichever is not taken by the other axis.
    fn spans(&self, plan: &Plan, words: &[Option<String>; 2]) -> Result<[Span; 2], MapError> {
        let parse = |key: &'static str, words: &Option<String>| {
            let span = words
                .as_deref()
                .map(|words| Span::parse(words, plan, self.domain));
            span.transpose().map_err(|error| wrong(key, error))
        };
        let (x, y) = (parse("x", &words[0])?, parse("y", &words[1])?);
        let [first, second] = match plan.start.len() {
            1 => [Axis::Start(0), Axis::Rate],
            2 => [Axis::Start(0), Axis::Start(1)],
            _ => {
                let param = |axis: &Axis| matches!(axis, Axis::Param(..));
                let param = Axis::all(plan).into_iter().find(param);
                [Axis::Rate, param.unwrap_or(Axis::Noise)]
            }
        };
        let besides = |usual: Axis, instead: Axis, taken: Option<Span>| {
            let is_taken = taken.is_some_and(|taken| taken.axis == usual);
            let axis = if is_taken { instead } else { usual };
            let range = axis.usual_range(plan, self.domain);
            Span { axis, range }
        };
        let x = x.unwrap_or_else(|| besides(first, second, y));
        let y = y.unwrap_or_else(|| besides(second, first, Some(x)));
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

/// There is none of that name among these.
pub(super) fn no_descent<'n>(name: &str, names: impl Iterator<Item = &'n str> + Clone) -> MapError {
    let known: Vec<String> = names.clone().map(|name| format!("\"{name}\"")).collect();
    let near = did_you_mean(name, names);
    let known = known.join(", ");
    wrong(
        "descent",
        format!("found \"{name}\", expected one of {known}{near}"),
    )
}

/// The plan of a descent that is run with other starts or settings, with that many steps if any are asked for.
pub(super) fn varied_plan(descent: &DescentSpec, steps: Option<usize>) -> Result<Plan, MapError> {
    if descent.plan.record.is_some() {
        return Err(MapError {
            key: None,
            message: "recorded runs: there is no rule to run from other starts or at other rates"
                .to_owned(),
        });
    }
    let mut plan = descent.plan.clone();
    if let Some(steps) = steps {
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
    Ok(plan)
}

/// Of a curve its length.
fn diagonal(domain: Domain) -> f64 {
    let [x, y] = [domain.x, domain.y_or_zero()].map(|[low, high]| high - low);
    x.hypot(y)
}

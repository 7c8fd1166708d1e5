//! What is said of a map: what was run, what its axes are, where its minima lie.

use crate::landscape::ticks::{label, label_within};
use crate::maps::{Axis, Map, Outcomes};
use crate::optimizer::{ParamKind, Sampling};

/// A start of more parameters is not told.
const MOST_COORDINATES: usize = 2;

/// A map, to be put into words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MapWords<'m> {
    pub(crate) map: &'m Map,
    /// The titles of the panel's axes.
    pub(crate) labels: &'m [String; 3],
    /// The descent's name.
    pub(crate) descent: &'m str,
}

impl MapWords<'_> {
    /// The rule and what does not vary.
    pub(crate) fn what_was_run(&self) -> String {
        let plan = &self.map.plan;
        let varies =
            |axis: &dyn Fn(&Axis) -> bool| self.map.spans.iter().any(|span| axis(&span.axis));
        let number = label;
        let mut settings = Vec::new();
        if !varies(&|axis| *axis == Axis::Rate) {
            settings.push(format!("η {}", number(plan.rate)));
        }
        for (k, param) in plan.rule.info().params.iter().enumerate() {
            let value = plan.rule.values()[k];
            let is_varied = varies(&|axis| matches!(axis, Axis::Param(other, _) if *other == k));
            let is_usual = value == param.default;
            let is_number = matches!(param.kind, ParamKind::Number | ParamKind::Whole);
            // What is usually not there, or a choice that nobody made, is not worth a word.
            if is_varied || (is_usual && (value == 0.0 || !is_number)) {
                continue;
            }
            settings.push(match param.word(value) {
                Some(word) => format!("{} {word}", param.key),
                None => format!("{} {}", param.symbol, number(value)),
            });
        }
        match plan.sampling {
            Sampling::Noise { sigma } if !varies(&|axis| *axis == Axis::Noise) => {
                settings.push(format!("noise σ {}", number(sigma)));
            }
            _ => {}
        }
        let start = plan.start.iter().enumerate().map(|(k, x)| {
            let is_varied = varies(&|axis| *axis == Axis::Start(k));
            if is_varied {
                "·".to_owned()
            } else {
                number(*x)
            }
        });
        // The parameters of a model are too many to be read.
        let start: Vec<String> = start.take(MOST_COORDINATES + 1).collect();
        if start.len() <= MOST_COORDINATES && start.iter().any(|part| part != "·") {
            settings.push(format!("from ({})", start.join(", ")));
        }
        let s = if plan.steps == 1 { "" } else { "s" };
        settings.push(format!("{} step{s}", plan.steps));
        let title = plan.rule.info().title;
        let name = if self.descent == title {
            title.to_owned()
        } else {
            format!("{} ({title})", self.descent)
        };
        format!("{name}: {}", settings.join(", "))
    }

    pub(crate) fn axis_title(&self, k: usize) -> String {
        match &self.map.spans[k].axis {
            Axis::Start(axis) => format!("start {}", self.labels[*axis]),
            Axis::Rate => "learning rate η".to_owned(),
            Axis::Noise => "noise σ".to_owned(),
            Axis::Param(_, param) => format!("{} {}", param.key, param.symbol),
        }
    }

    /// What varies, in a cell.
    pub(crate) fn settings(&self, index: usize) -> String {
        let axes = self.map.spans.map(|span| span.axis);
        let values = axes.iter().zip(self.map.at(index)).map(|(axis, value)| {
            let (name, range) = match axis {
                Axis::Start(k) => (&*self.labels[*k], 1.0),
                _ => {
                    let range = value.abs().min((1.0 - value).abs()).max(1e-9);
                    (axis.symbol().unwrap_or(axis.name()), range)
                }
            };
            format!("{name} {}", label_within(value, range))
        });
        values.collect::<Vec<_>>().join(", ")
    }

    /// What came of a cell's run.
    pub(crate) fn outcome(&self, outcomes: &Outcomes, index: usize) -> String {
        let minimum = usize::try_from(outcomes.minimum[index]).ok();
        match (minimum, outcomes.steps[index]) {
            (Some(minimum), count @ 0..) => {
                let place = self.places(&[minimum]).pop().unwrap_or_default();
                let place = place.trim_start_matches("at ");
                format!("settles at {place} after {}", steps(f64::from(count)))
            }
            _ if outcomes.is_diverged(index) => "diverges".to_owned(),
            _ => format!("ends at a loss of {}", loss(outcomes.loss[index])),
        }
    }

    /// Where minima are, to three digits, and to more where these are the same.
    pub(crate) fn places(&self, minima: &[usize]) -> Vec<String> {
        let radius = self.map.radius;
        let places = |text: &dyn Fn(f64) -> String| -> Vec<String> {
            let places = minima.iter().map(|index| {
                let [x, y] = self.map.minima[*index].at.map(|x| {
                    // A root is found to within rounding.
                    let is_zero = x.abs() < 1e-6 * radius;
                    text(if is_zero { 0.0 } else { x })
                });
                match self.map.objective.dim() {
                    1 => format!("at {x}"),
                    _ => format!("({x}, {y})"),
                }
            });
            places.collect()
        };
        let short = places(&label);
        let mut distinct = short.clone();
        distinct.sort();
        distinct.dedup();
        if distinct.len() == short.len() {
            short
        } else {
            places(&|x| label_within(x, 10.0 * radius))
        }
    }
}

pub(crate) fn percent(count: usize, all: usize) -> String {
    let share = 100.0 * count as f64 / all.max(1) as f64;
    match share {
        0.0 => "0 %".to_owned(),
        ..0.01 => "under 0.01 %".to_owned(),
        ..10.0 => format!("{share:.2} %"),
        _ => format!("{share:.1} %"),
    }
}

/// What is 0 but for rounding is 0.
pub(crate) fn loss(loss: f64) -> String {
    if loss.abs() < 1e-12 {
        "0".to_owned()
    } else {
        label(loss)
    }
}

pub(crate) fn steps(count: f64) -> String {
    let s = if count == 1.0 { "" } else { "s" };
    format!("{count:.0} step{s}")
}

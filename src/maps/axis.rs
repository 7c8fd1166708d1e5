//! What may vary along an axis of a map, and between which values.

use super::span::Spacing;
use crate::descent::Plan;
use crate::landscape::{Domain, Range};
use crate::optimizer::{Param, ParamKind, RULES, Sampling};
use crate::spelling::nearest;

/// What varies along an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Axis {
    /// A coordinate of the start: 0 is x, 1 is y.
    Start(usize),
    /// The learning rate η.
    Rate,
    /// The standard deviation σ of the gradients' noise.
    Noise,
    /// One of the rule's hyperparameters, and its place among them.
    Param(usize, &'static Param),
}

/// Why words are no axis.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AxisError {
    #[error("found `{found}`, expected one of {known}{hint}")]
    Unknown {
        found: String,
        known: String,
        hint: String,
    },
    #[error("rule `{rule}` has no `{found}`, expected one of {known}")]
    RuleLacks {
        found: String,
        rule: &'static str,
        known: String,
    },
    #[error("a curve has no `start.y`, expected one of {known}")]
    CurveLacksY { known: String },
    #[error(
        "found `{found}`, expected {axis}=A:B with A less than B, both finite, such as {example}"
    )]
    Range {
        found: String,
        axis: &'static str,
        example: String,
    },
    #[error("`{found}` is no axis: it has no values between its own; expected one of {known}")]
    NothingBetween { found: String, known: String },
    #[error("found {axis}={}:{}, expected {expected}", range[0], range[1])]
    OutOfBounds {
        axis: &'static str,
        range: Range,
        expected: String,
    },
}

const STARTS: [&str; 2] = ["start.x", "start.y"];
/// What 1 − β of a β ends at, unless its usual value is nearer to 1.
pub(super) const NEAR_ONE: f64 = 1e-3;

impl Axis {
    /// All that a descent has. Starts with more coordinates than axes vary along none.
    pub fn all(plan: &Plan) -> Vec<Axis> {
        let coordinates = match plan.start.len() {
            few @ ..=2 => few,
            _ => 0,
        };
        let starts = (0..coordinates).map(Axis::Start);
        let params = plan.rule.info().params.iter().enumerate();
        let params = params.filter(|(_, param)| param.kind == ParamKind::Number);
        let params = params.map(|(k, param)| Axis::Param(k, param));
        starts
            .chain([Axis::Rate, Axis::Noise])
            .chain(params)
            .collect()
    }

    /// The axis of that name.
    ///
    /// # Errors
    /// With the names of those that this descent has.
    pub fn named(word: &str, plan: &Plan) -> Result<Axis, AxisError> {
        let all = Axis::all(plan);
        if let Some(axis) = all.iter().find(|axis| axis.name() == word) {
            return Ok(*axis);
        }
        let names = all.iter().map(Axis::name);
        let known = names.clone().collect::<Vec<_>>().join(", ");
        let found = word.to_owned();
        if word == STARTS[1] {
            return Err(AxisError::CurveLacksY { known });
        }
        if plan.rule.info().param(word).is_some() {
            return Err(AxisError::NothingBetween { found, known });
        }
        if RULES.iter().any(|info| info.param(word).is_some()) {
            let rule = plan.rule.info().name;
            return Err(AxisError::RuleLacks { found, rule, known });
        }
        let hint = nearest(word, names).map(|name| format!("; did you mean `{name}`?"));
        Err(AxisError::Unknown {
            found,
            known,
            hint: hint.unwrap_or_default(),
        })
    }

    /// Its name on the command line and in files.
    pub fn name(&self) -> &'static str {
        match self {
            Axis::Start(k) => STARTS[*k],
            Axis::Rate => "rate",
            Axis::Noise => "noise",
            Axis::Param(_, param) => param.key,
        }
    }

    /// Its letter in formulas; none for a start, whose letter is the panel's.
    pub fn symbol(&self) -> Option<&'static str> {
        match self {
            Axis::Start(_) => None,
            Axis::Rate => Some("η"),
            Axis::Noise => Some("σ"),
            Axis::Param(_, param) => Some(param.symbol),
        }
    }

    pub fn spacing(&self) -> Spacing {
        match self {
            Axis::Rate | Axis::Noise => Spacing::Log,
            Axis::Param(_, param) if is_beta(param) => Spacing::LogBelowOne,
            _ => Spacing::Even,
        }
    }

    /// The range that shows what there is to be seen: all of the domain; three decades of rates, up to ten times the
    /// descent's; all of what a decay may be.
    pub fn usual_range(&self, plan: &Plan, domain: Domain) -> Range {
        match self {
            Axis::Start(0) => domain.x,
            Axis::Start(_) => domain.y_or_zero(),
            Axis::Rate => [plan.rate / 100.0, plan.rate * 10.0],
            Axis::Noise => match plan.sampling {
                Sampling::Noise { sigma } if sigma > 0.0 => [sigma / 100.0, sigma * 10.0],
                _ => [0.01, 10.0],
            },
            Axis::Param(k, param) => {
                let value = plan.rule.values()[*k];
                if is_beta(param) {
                    return [param.min, 1.0 - NEAR_ONE.min(0.1 * (1.0 - value))];
                }
                let high = if param.max <= 1.0 {
                    param.max
                } else {
                    10.0 * value
                };
                let high = if high > param.min {
                    high
                } else {
                    param.min + 1.0
                };
                [param.min, high.min(param.max)]
            }
        }
    }

    /// Whether a range is one that the axis may have.
    ///
    /// # Errors
    /// What is expected of it.
    pub fn check(&self, range: Range) -> Result<(), AxisError> {
        let expected = match self {
            Axis::Rate | Axis::Noise if range[0] <= 0.0 => {
                "numbers above 0, which alone have logarithms".to_owned()
            }
            Axis::Param(_, param) if !range.iter().all(|value| param.accepts(*value)) => {
                param.expected().replacen("a number", "numbers", 1)
            }
            _ => return Ok(()),
        };
        Err(AxisError::OutOfBounds {
            axis: self.name(),
            range,
            expected,
        })
    }
}

/// A decay, whose distance from 1 is what counts.
fn is_beta(param: &Param) -> bool {
    (param.min, param.max, param.max_excluded) == (0.0, 1.0, true)
}

#[cfg(test)]
mod tests {
    use super::super::Span;
    use super::*;
    use crate::optimizer::Rule;

    const DOMAIN: Domain = Domain {
        x: [-2.0, 3.0],
        y: Some([0.0, 1.0]),
    };

    fn plan(rule: &str, start: &[f64]) -> Plan {
        Plan {
            rate: 0.1,
            ..Plan::of(Rule::named(rule).expect("a rule"), start.to_vec())
        }
    }

    fn parse(text: &str, rule: &str) -> Result<Span, String> {
        Span::parse(text, &plan(rule, &[1.0, 1.0]), DOMAIN).map_err(|error| error.to_string())
    }

    #[test]
    fn every_axis_of_every_rule_has_a_usual_range_that_it_may_have() {
        for info in RULES {
            let plan = plan(info.name, &[1.0, 1.0]);
            for axis in Axis::all(&plan) {
                let range = axis.usual_range(&plan, DOMAIN);
                assert!(range[0] < range[1], "{} {axis:?}: {range:?}", info.name);
                assert_eq!(axis.check(range), Ok(()), "{}", info.name);
                let span = Span::parse(axis.name(), &plan, DOMAIN).expect("an axis");
                assert_eq!((span.axis, span.range), (axis, range));
            }
        }
        assert_eq!(parse("rate", "gd").expect("one").range, [1e-3, 1.0]);
        assert_eq!(parse("beta2", "adam").expect("one").range[1], 0.9999);
        assert_eq!(
            parse("momentum", "momentum").expect("one").range,
            [0.0, 0.999]
        );
        assert_eq!(parse("start.x", "gd").expect("one").range, [-2.0, 3.0]);
    }

    #[test]
    fn nodes_are_spaced_as_the_axis_asks_and_end_exactly() {
        let nodes = |text: &str, rule: &str, count: usize| -> Vec<f64> {
            let span = parse(text, rule).expect(text);
            (0..count).map(|i| span.node(i, count)).collect()
        };
        assert_eq!(nodes("start.y=-1:3", "gd", 5), [-1.0, 0.0, 1.0, 2.0, 3.0]);
        let rates = nodes("rate=0.007:0.7", "gd", 3);
        assert_eq!((rates[0], rates[2]), (0.007, 0.7));
        assert!((rates[1] - 0.07).abs() < 1e-15);
        let betas = nodes("momentum=0:0.99", "momentum", 3);
        assert_eq!((betas[0], betas[2]), (0.0, 0.99));
        assert!((betas[1] - 0.9).abs() < 1e-15);
        for (text, rule) in [
            ("noise=1e-3:30", "gd"),
            ("beta1=0.1:0.98", "adam"),
            ("nu=0:1", "qhm"),
        ] {
            let span = parse(text, rule).expect(text);
            for i in 0..100 {
                let fraction = f64::from(i) / 99.0;
                assert!((span.fraction(span.value(fraction)) - fraction).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn what_is_no_axis_is_said_with_those_there_are() {
        for (text, rule, said) in [
            (
                "momentum",
                "gd",
                "rule `gd` has no `momentum`, expected one of start.x, start.y, rate, noise",
            ),
            (
                "memory=2:4",
                "lbfgs",
                "`memory` is no axis: it has no values between its own; expected one of start.x, start.y, rate, noise",
            ),
            (
                "beta3",
                "adam",
                "expected one of start.x, start.y, rate, noise, beta1, beta2, eps; did you mean `beta1`?",
            ),
            ("raet", "gd", "did you mean `rate`?"),
            (
                "rate=1:0.1",
                "gd",
                "found `rate=1:0.1`, expected rate=A:B with A less than B, both finite, such as rate=0.001:1",
            ),
            ("rate=1:1", "gd", "A less than B"),
            ("rate=1:inf", "gd", "both finite"),
            ("start.x=nan:2", "gd", "both finite"),
            ("start.x=-1e308:1e308", "gd", "both finite"),
            ("start.x=2", "gd", "A:B"),
            ("start.x=", "gd", "A:B"),
            ("rate=0:1", "gd", "found rate=0:1, expected numbers above 0"),
            (
                "noise=-1:1",
                "gd",
                "found noise=-1:1, expected numbers above 0",
            ),
            (
                "momentum=0:1",
                "momentum",
                "found momentum=0:1, expected numbers at least 0 and below 1",
            ),
            ("nu=0:1.5", "qhm", "at least 0 and at most 1"),
        ] {
            let error = parse(text, rule).expect_err(text);
            assert!(error.contains(said), "{text}: {error}");
        }
        assert_eq!(
            parse("start.x=−6:6", "gd").expect("a minus").range,
            [-6.0, 6.0]
        );
        let curve = plan("gd", &[1.0]);
        let error = Axis::named("start.y", &curve)
            .expect_err("a curve")
            .to_string();
        assert_eq!(
            error,
            "a curve has no `start.y`, expected one of start.x, rate, noise, weight_decay"
        );
    }
}

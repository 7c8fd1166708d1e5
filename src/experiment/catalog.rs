//! The named objectives: data in `assets/objectives.toml`, embedded in the program.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::FunctionSpec;
use crate::landscape::{Domain, HeightKind, Range};
use crate::objective::Formula;
use crate::optimizer::{RULES, RuleInfo};

/// A well-known function, with what one needs to draw it and to descend on it.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedObjective {
    /// The name in experiment files.
    pub name: String,
    pub title: String,
    pub formula: Formula,
    /// The rectangle it is usually looked at.
    pub domain: Domain,
    /// Its global minima; where it has none, empty.
    pub minima: Vec<Vec<f64>>,
    /// The scale of height on which it reads best.
    pub height: HeightKind,
    /// A start from which something is to be seen.
    pub start: Vec<f64>,
    /// Learning rates that suit it, by rule; see [`NamedObjective::rate`].
    rates: BTreeMap<String, f64>,
    /// What is special about it, in a sentence.
    pub about: String,
    /// A paper, a book or a page.
    pub source: String,
}

impl NamedObjective {
    /// A learning rate with which the rule does well here from the suggested start.
    pub fn rate(&self, rule: &RuleInfo) -> f64 {
        let own = self.rates.get(rule.name);
        let suggested = own.or_else(|| self.rates.get(rule.kin?));
        suggested.copied().unwrap_or(rule.usual_rate)
    }

    /// The objective as a panel has it.
    pub(super) fn spec(&self) -> FunctionSpec {
        FunctionSpec {
            name: Some(self.name.clone()),
            minima: self.minima.clone(),
            ..FunctionSpec::own(self.formula.clone())
        }
    }
}

/// All named objectives: the curves first, then the surfaces from the plain to the odd.
pub fn catalog() -> &'static [NamedObjective] {
    static CATALOG: LazyLock<Vec<NamedObjective>> = LazyLock::new(|| {
        parse(include_str!("../../assets/objectives.toml"))
            .unwrap_or_else(|error| panic!("the embedded assets/objectives.toml: {error}"))
    });
    &CATALOG
}

/// The named objective of that name.
pub fn find(name: &str) -> Option<&'static NamedObjective> {
    catalog().iter().find(|objective| objective.name == name)
}

/// The file: `[[objective]]` tables.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    objective: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    title: String,
    formula: String,
    domain: Vec<Range>,
    minima: Vec<Vec<f64>>,
    #[serde(default)]
    log: bool,
    start: Vec<f64>,
    rates: BTreeMap<String, f64>,
    about: String,
    source: String,
}

fn parse(text: &str) -> Result<Vec<NamedObjective>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    file.objective.into_iter().map(named_objective).collect()
}

fn named_objective(entry: Entry) -> Result<NamedObjective, String> {
    let name = entry.name;
    let domain = match entry.domain[..] {
        [x] => Domain { x, y: None },
        [x, y] => Domain { x, y: Some(y) },
        _ => return Err(format!("{name}: a domain has one or two ranges")),
    };
    let formula = Formula::parse(&entry.formula)
        .and_then(|formula| formula.with_dim(entry.domain.len()))
        .map_err(|error| format!("{name}: {error}"))?;
    if let Some(rule) = entry
        .rates
        .keys()
        .find(|&rule| RULES.iter().all(|i| i.name != *rule))
    {
        return Err(format!("{name}: there is no rule {rule}"));
    }
    Ok(NamedObjective {
        title: entry.title,
        formula,
        domain,
        minima: entry.minima,
        height: if entry.log {
            HeightKind::Log
        } else {
            HeightKind::Linear
        },
        start: entry.start,
        rates: entry.rates,
        about: entry.about,
        source: entry.source,
        name,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::descent::{Descent, Plan, Status, Stop};
    use crate::landscape::Grid;
    use crate::objective::Objective;
    use crate::optimizer::{Rule, Sampling, Schedule, Stability};
    use crate::plane::Plane;

    #[test]
    fn names_are_distinct_and_nothing_is_left_empty() {
        for (index, objective) in catalog().iter().enumerate() {
            let name = &objective.name;
            assert!(
                catalog()[..index].iter().all(|other| other.name != *name),
                "{name} twice"
            );
            assert_eq!(objective.formula.dim(), objective.domain.dim(), "{name}");
            assert!(objective.domain.contains(&objective.start), "{name}: start");
            for text in [&objective.title, &objective.about, &objective.source] {
                assert!(text.len() > 3, "{name}: {text:?}");
            }
        }
        assert!(catalog().len() >= 28);
    }

    /// At a known minimum the gradient vanishes (where it is defined) and nothing on a fine grid
    /// over the domain lies lower.
    #[test]
    fn the_minima_are_the_lowest_points_of_their_domains() {
        for objective in catalog() {
            let name = &objective.name;
            let plane = Plane::identity(objective.formula.dim());
            let grid = Grid::sample(&objective.formula, &plane, objective.domain, 401, 401);
            let lowest = grid.lowest().map_or(f64::INFINITY, |(_, _, loss)| loss);
            for at in &objective.minima {
                assert!(objective.domain.contains(at), "{name}: {at:?}");
                let mut gradient = vec![0.0; at.len()];
                let loss = objective.formula.gradient(at, &mut gradient);
                assert!(loss <= lowest + 1e-12, "{name}: {loss} above {lowest}");
                let scale = objective.formula.value(&objective.start).abs().max(1.0);
                for slope in gradient.iter().filter(|slope| slope.is_finite()) {
                    assert!(
                        slope.abs() < 1e-11 * scale,
                        "{name}: slope {slope} at {at:?}"
                    );
                }
            }
        }
    }

    /// Values at the minima as the literature has them (Jamil and Yang 2013, and the sources in
    /// the catalogue), to the digits given there.
    #[test]
    fn published_minimum_values_are_met() {
        let published = [
            ("rosenbrock", 0.0, 1e-15),
            ("booth", 0.0, 1e-15),
            ("matyas", 0.0, 1e-15),
            ("beale", 0.0, 1e-15),
            ("himmelblau", 0.0, 1e-15),
            ("rastrigin", 0.0, 1e-13),
            ("ackley", 0.0, 1e-13),
            ("styblinski_tang", 2.0 * -39.16616570377142, 1e-12),
            ("six_hump_camel", -1.031628453489877, 1e-13),
            ("three_hump_camel", 0.0, 1e-15),
            ("mccormick", -1.913222954981037, 1e-14),
            ("goldstein_price", 3.0, 1e-13),
            ("easom", -1.0, 1e-15),
            ("levy13", 0.0, 1e-15),
            // the reference notebooks' own curves
            ("quartic", -5.444192066610897, 1e-14),
            ("double_well", -1.2024404343448225, 1e-14),
        ];
        for (name, expected, tolerance) in published {
            let objective = find(name).expect("a named objective");
            assert!(!objective.minima.is_empty(), "{name}");
            for at in &objective.minima {
                let loss = objective.formula.value(at);
                assert!(
                    (loss - expected).abs() <= tolerance,
                    "{name}: {loss} at {at:?}"
                );
            }
        }
    }

    fn suggested(objective: &NamedObjective, info: &'static RuleInfo) -> (Status, Vec<f64>) {
        let plan = Plan {
            rule: Rule::new(info),
            rate: objective.rate(info),
            schedule: Schedule::default(),
            sampling: Sampling::Exact,
            clip: None,
            start: objective.start.clone(),
            steps: 150,
            stop: Stop::default(),
            seed: 0,
            record: None,
        };
        let mut descent = Descent::new(Arc::new(objective.formula.clone()), plan);
        let status = descent.run();
        (
            status,
            descent.history().last().unwrap_or_default().to_vec(),
        )
    }

    #[test]
    fn every_rule_goes_down_from_the_suggested_start_at_the_suggested_rate() {
        for objective in catalog() {
            // These have no bottom: everything ends outside.
            if ["saddle", "monkey_saddle"].contains(&&*objective.name) {
                continue;
            }
            for info in RULES {
                let (status, end) = suggested(objective, info);
                let place = format!("{}, {}: {end:?}", objective.name, info.name);
                assert_eq!(status, Status::Finished, "{place}");
                // These go as far as the curvature tells them, if need be to another valley.
                let far = ["newton", "lbfgs"].contains(&info.name);
                assert!(far || objective.domain.contains(&end), "{place}");
                let (first, last) = (
                    objective.formula.value(&objective.start),
                    objective.formula.value(&end),
                );
                assert!(last < first, "{place}: from {first} to {last}");
            }
        }
    }

    #[test]
    fn on_the_plateau_only_rules_that_scale_their_steps_leave_the_saddle() {
        let plateau = find("plateau").expect("a named objective");
        for info in RULES.iter().filter(|info| info.kin.is_none()) {
            let (_, end) = suggested(plateau, info);
            let left = end[0].abs() > 1.5;
            // The plain ones have a limit without a scale.
            let plain = matches!(info.stability, Stability::Plain(_));
            assert_eq!(left, !plain, "{}: {end:?}", info.name);
        }
    }
}

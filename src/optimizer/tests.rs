//! What holds for every rule.

use std::collections::HashSet;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::terms::When;
use super::*;

/// Checks the parameters after each update of a rule in one variable, whose gradient is
/// `slope`, against numbers worked out by hand.
pub(super) fn verify(
    name: &str,
    params: &[f64],
    rate: f64,
    slope: impl Fn(f64) -> f64,
    start: f64,
    expected: &[f64],
) {
    let mut rule = Rule::named(name).expect("a rule");
    assert_eq!(params.len(), rule.values().len());
    rule.values[..params.len()].copy_from_slice(params);
    let mut optimizer = rule.build(1);
    let mut w = [start];
    for (step, expected) in expected.iter().enumerate() {
        let mut gradient = |point: &[f64], out: &mut [f64]| out[0] = slope(point[0]);
        optimizer.step(&mut w, rate, &mut gradient, None);
        let error = (w[0] - expected).abs();
        assert!(
            error <= 1e-14 * expected.abs().max(1.0),
            "{name}, step {step}: {} instead of {expected}",
            w[0]
        );
    }
}

#[test]
fn rules_are_complete_and_distinct() {
    let names: HashSet<_> = RULES.iter().map(|info| info.name).collect();
    assert_eq!(names.len(), RULES.len());
    for info in RULES {
        assert!(info.params.len() <= MAX_PARAMS, "{}", info.name);
        for text in [info.title, info.about, info.formula, info.source] {
            assert!(!text.is_empty(), "{}", info.name);
        }
        for param in info.params {
            assert!(param.accepts(param.default), "{} {}", info.name, param.key);
            assert!(!param.about.is_empty());
        }
    }
}

#[test]
fn a_rule_refuses_what_it_lacks_and_what_is_out_of_range() {
    let mut adam = Rule::named("adam").expect("a rule");
    assert_eq!(adam.get("beta1"), Some(0.9));
    assert!(adam.set("beta1", 0.5));
    assert_eq!(adam.get("beta1"), Some(0.5));
    for (key, value) in [
        ("momentum", 0.5),
        ("beta1", 1.0),
        ("beta1", -0.1),
        ("eps", f64::NAN),
    ] {
        assert!(!adam.set(key, value), "{key} = {value}");
    }
    assert!(!adam.set("bias_correction", 0.5));
    assert_eq!(adam.values(), [0.5, 0.999, 1e-8, 1.0]);
    assert_ne!(adam, Rule::named("adam").expect("a rule"));
    assert!(Rule::named("Adam").is_none());
}

#[test]
fn without_a_guard_no_rule_divides_by_zero() {
    // No slope along the first axis, and one along the second whose square is too small for a number.
    for info in RULES {
        let mut rule = Rule::new(info);
        rule.set("eps", 0.0);
        let mut optimizer = rule.build(3);
        let mut w = [1.0, 2.0, 3.0];
        for _ in 0..3 {
            let mut gradient = |_: &[f64], out: &mut [f64]| {
                out.copy_from_slice(&[0.0, 1e-200, 1.0]);
            };
            optimizer.step(&mut w, 0.1, &mut gradient, None);
        }
        assert!(w.iter().all(|w| w.is_finite()), "{}: {w:?}", info.name);
        let decay = rule.get("weight_decay").unwrap_or(0.0);
        assert!(
            (w[0] - (1.0 - 0.1 * decay).powi(3)).abs() < 1e-15,
            "{}: {w:?}",
            info.name
        );
    }
}

/// A rule with other values than its usual ones, seeded.
fn varied(info: &'static RuleInfo, rng: &mut Pcg64) -> Rule {
    let mut rule = Rule::new(info);
    for (value, param) in rule.values.iter_mut().zip(info.params) {
        *value = match param.kind {
            ParamKind::Number => {
                let [low, high] = [param.min, param.max.min(1.0)];
                low + (high - low) * rng.random_range(0.0..0.99)
            }
            _ => rng
                .random_range(param.min..param.max.min(10.0) + 1.0)
                .floor(),
        };
    }
    rule
}

#[test]
fn the_phases_make_the_step() {
    for info in RULES {
        for seed in 0..100 {
            let mut rng = Pcg64::seed_from_u64(seed);
            let rule = varied(info, &mut rng);
            let mut optimizer = rule.build(3);
            let mut w = [0, 1, 2].map(|_| rng.random_range(-2.0..2.0));
            let mut gradient = |w: &[f64], out: &mut [f64]| {
                out.copy_from_slice(&[2.0 * w[0] + w[1], w[0] + 30.0 * w[1], 0.1 * w[2]]);
            };
            for _ in 0..rng.random_range(0..6) {
                optimizer.step(&mut w, 0.01, &mut gradient, None);
            }
            let mut other = optimizer.boxed();
            let (mut terms, before, mut silent) = (Terms::default(), w, w);
            optimizer.step(&mut w, 0.01, &mut gradient, Some(&mut terms));
            other.step(&mut silent, 0.01, &mut gradient, None);
            assert_eq!(w, silent, "{}: looking changes nothing", info.name);
            assert_eq!(terms.phases.len(), info.phases.len(), "{}", info.name);
            let (last, update) = terms.quantities(&rule).last().expect("quantities");
            assert_eq!((last.key, update), ("update", &*terms.update));
            let made = rule.phases().filter(|(_, phase)| phase.of == "update");
            let (made, _) = made
                .last()
                .unwrap_or_else(|| panic!("{}: no phase makes the update", info.name));
            let made = &terms.phases[made];
            for axis in 0..3 {
                let there = before[axis] + made[axis];
                let ulp = w[axis].abs().next_up() - w[axis].abs();
                assert!(
                    (there - w[axis]).abs() <= ulp,
                    "{}, seed {seed}: {there} instead of {}",
                    info.name,
                    w[axis]
                );
            }
        }
    }
}

#[test]
fn phases_name_what_there_is() {
    for info in RULES {
        let rule = Rule::new(info);
        let known = |key: &str| info.quantities.iter().any(|q| q.key == key);
        assert!(
            info.phases.len() <= elementwise::MAX_PHASES,
            "{}",
            info.name
        );
        let mut optimizer = rule.build(2);
        let (mut w, mut terms) = ([0.5, -1.0], Terms::default());
        let mut gradient = |w: &[f64], out: &mut [f64]| out.copy_from_slice(&[3.0 * w[0], w[1]]);
        optimizer.step(&mut w, 0.1, &mut gradient, Some(&mut terms));
        for (index, phase) in info.phases.iter().enumerate() {
            let place = format!("{}, phase {index}", info.name);
            assert!(known(phase.of), "{place}: {}", phase.of);
            assert!(phase.from.iter().all(|key| known(key)), "{place}");
            let mut rule = rule;
            if let When::With(key) | When::Without(key) = phase.when {
                let wanted = if phase.when == When::With(key) {
                    1.0
                } else {
                    0.0
                };
                assert!(rule.set(key, wanted), "{place}: {key}");
            }
            assert!(
                rule.formula().contains(phase.piece),
                "{place}: {}",
                phase.piece
            );
            let sentence = terms.sentence(&rule, index, &|numbers| format!("{numbers:?}"));
            assert!(
                !sentence.is_empty() && !sentence.contains(['{', '}']),
                "{place}: {sentence}"
            );
        }
        for quantity in info.quantities {
            let made = info.phases.iter().any(|phase| phase.of == quantity.key);
            assert!(made, "{}: {} is never made", info.name, quantity.key);
        }
    }
}

#[test]
fn every_rule_goes_downhill_on_a_bowl() {
    for info in RULES {
        let mut optimizer = Rule::new(info).build(2);
        let mut w = [2.0, -1.5];
        for _ in 0..400 {
            let mut gradient = |w: &[f64], out: &mut [f64]| {
                out.copy_from_slice(&[2.0 * w[0], 3.0 * w[1]]);
            };
            optimizer.step(&mut w, info.usual_rate, &mut gradient, None);
        }
        let loss = w[0].powi(2) + 1.5 * w[1].powi(2);
        assert!(loss < 0.5, "{}: {loss} at {w:?}", info.name);
    }
}

//! Tuning, against theory and at its limits.

use super::*;
use crate::maps::{cell_of, plain, plan_of};
use crate::objective::Formula;
use crate::optimizer::{Rule, Sampling};

const DOMAIN: Domain = Domain {
    x: [-3.0, 3.0],
    y: Some([-3.0, 3.0]),
};
const RADIUS: f64 = 0.01;
const UNTOLD: ToldMinima = ToldMinima {
    places: &[],
    are_global: false,
};

fn plan(rule: &str) -> Plan {
    let info = Rule::named(rule).expect("a rule");
    Plan {
        steps: 400,
        ..Plan::of(info, vec![2.0, 1.0])
    }
}

fn objective(formula: &str) -> Arc<dyn Objective> {
    Arc::new(Formula::parse(formula).expect("a formula"))
}

fn tuned_plans(formula: &str, plans: &[Plan]) -> Vec<Option<Tuned>> {
    let told = (DOMAIN, UNTOLD);
    tune(&objective(formula), plans, told, RADIUS, &|| true).expect("wanted")
}

fn tuned(formula: &str, rules: &[&str]) -> Vec<Option<Tuned>> {
    let plans: Vec<Plan> = rules.iter().map(|rule| plan(rule)).collect();
    tuned_plans(formula, &plans)
}

/// When an ordinary descent settles at (0, 0).
fn settles(formula: &str, plan: &Plan) -> Option<usize> {
    let mut out = [Outcome::AWAITED];
    let cells = [cell_of(plan)];
    let minima = [[0.0; 2]];
    plain::run(
        &objective(formula),
        plan,
        &minima,
        RADIUS,
        &cells,
        &mut out,
        &|| true,
    );
    usize::try_from(out[0].steps).ok()
}

/// On ½(ℓx² + Ly²) the best rate of gradient descent is 2/(ℓ + L), of the heavy ball (2/(√ℓ + √L))² with a momentum of
/// ((√κ − 1)/(√κ + 1))², κ = L/ℓ (Polyak 1964); a finite number of steps allows a little more or less.
#[test]
fn on_a_quadratic_it_finds_what_theory_has() {
    for condition in [10.0, 50.0] {
        let formula = format!("0.5*(x^2 + {condition}*y^2)");
        let found = tuned(&formula, &["gd", "momentum"]);
        let [Some(gd), Some(heavy)] = found[..] else {
            panic!("{found:?}");
        };
        let root = f64::sqrt(condition);
        let best = [
            (2.0 / (1.0 + condition), 0.0),
            (
                (2.0 / (1.0 + root)).powi(2),
                ((root - 1.0) / (root + 1.0)).powi(2),
            ),
        ];
        let off = [gd, heavy].map(|tuned| tuned.cell.rate);
        let off = [off[0] / best[0].0 - 1.0, off[1] / best[1].0 - 1.0];
        assert!(off[0].abs() < 0.03, "{gd:?} {best:?}");
        assert!(off[1].abs() < 0.35, "{heavy:?} {best:?}");
        let momentum = heavy.cell.params[0];
        assert!((momentum - best[1].1).abs() < 0.15, "{heavy:?} {best:?}");
        // No later than with what theory has, which is the best in the limit of many steps.
        for (tuned, (rate, momentum), rule) in [(gd, best[0], "gd"), (heavy, best[1], "momentum")] {
            let mut theory = plan(rule);
            theory.rate = rate;
            theory.rule.set("momentum", momentum);
            let expected = settles(&formula, &theory).expect("it settles");
            let steps = tuned.after.settles.expect("it settles");
            assert!(steps <= expected, "{steps} {expected} {tuned:?}");
            let again = plan_of(&theory, &tuned.cell);
            assert_eq!(settles(&formula, &again), Some(steps), "{rule}");
        }
        let steps = [gd, heavy].map(|tuned| tuned.after.settles);
        assert!(steps[1] < steps[0], "{steps:?}");
    }
}

#[test]
fn settings_are_short_and_no_worse_than_those_there_were() {
    let rules = ["gd", "momentum", "nesterov", "adam", "rmsprop", "lion"];
    for (rule, found) in rules.iter().zip(tuned("x^2 + 20*y^2", &rules)) {
        let found = found.expect("finite losses");
        assert!(!found.before.is_better(&found.after), "{rule}: {found:?}");
        let digits = format!("{:e}", found.cell.rate);
        let digits = digits.split('e').next().map_or(0, str::len);
        assert!(digits <= 5, "{rule}: {found:?}");
        assert!(
            found.after.settles.is_some_and(|steps| steps < 200),
            "{rule}: {found:?}"
        );
    }
    // A whole step of Newton's method cannot be bettered.
    let mut newton = plan("newton");
    newton.rate = 1.0;
    let [Some(found)] = tuned_plans("x^2 + 20*y^2", std::slice::from_ref(&newton))[..] else {
        panic!("it settles");
    };
    assert_eq!(found.cell, cell_of(&newton));
    assert_eq!((found.after, found.after.settles), (found.before, Some(1)));
    // Nor can a start at the minimum.
    let mut there = plan("gd");
    there.start = vec![0.0, 0.0];
    let [Some(found)] = tuned_plans("x^2 + 20*y^2", std::slice::from_ref(&there))[..] else {
        panic!("it settles");
    };
    assert_eq!(
        (found.cell, found.after.settles),
        (cell_of(&there), Some(0))
    );
}

#[test]
fn what_arrives_at_the_very_end_has_not_settled() {
    // x halves at every step.
    for (steps, settles) in [(29, Some(8)), (10, Some(8)), (8, Some(8)), (7, None)] {
        let plan = Plan {
            rate: 0.25,
            start: vec![RADIUS * 255.0, 0.0],
            steps,
            ..plan("gd")
        };
        let found = tuned_plans("x^2 + y^2", &[plan])[0].expect("finite losses");
        assert_eq!(found.before.settles, settles, "{steps}");
    }
    let outcome = Outcome {
        minimum: 0,
        steps: 95,
        ..Outcome::AWAITED
    };
    let minima = [Minimum {
        at: [0.0; 2],
        loss: 0.0,
        is_lowest: true,
    }];
    let settles =
        |status, steps| Reached::of(&Outcome { status, ..outcome }, &minima, steps).settles;
    assert_eq!(settles(0, 100), None);
    assert_eq!(settles(0, 106), Some(95));
    assert_eq!(settles(CONVERGED, 100), Some(95));
}

#[test]
fn rules_without_decays_and_losses_without_minima_are_tuned_too() {
    let rules = ["adagrad", "adam", "rmsprop"];
    for tuned in &tuned("(1 - x)^2 + 10*(y - x^2)^2", &rules) {
        let tuned = tuned.expect("finite losses");
        let settles = tuned.after.settles;
        assert!(settles.is_some_and(|steps| steps < 400), "{tuned:?}");
    }
    let slope = tuned("x + y", &["gd"])[0].expect("finite losses");
    assert!(slope.after.settles.is_none() && slope.after.loss < -1e4);
    assert!(slope.is_at_end, "{slope:?}");
    assert_eq!(tuned("ln(x - 100)", &["gd"]), [None]);
}

/// The best rate of gradient descent on ½cx² is 1/c, however far that is from the usual ones.
#[test]
fn rates_beyond_those_searched_are_found() {
    for scale in [1e9, 1e-9, 1e-6] {
        let formula = format!("0.5*{scale:?}*(x^2 + 2*y^2)");
        let found = tuned(&formula, &["gd", "momentum"]);
        for found in found {
            let found = found.expect("finite losses");
            let rate = found.cell.rate * scale;
            assert!((0.3..1.2).contains(&rate), "{scale}: {found:?}");
            let steps = found.after.settles.expect("it settles");
            assert!(steps < 12 && !found.is_at_end, "{scale}: {found:?}");
        }
    }
}

#[test]
fn where_gradients_are_random_three_of_four_seeds_count() {
    let noisy = Plan {
        sampling: Sampling::Noise { sigma: 0.05 },
        seed: 7,
        steps: 120,
        ..plan("momentum")
    };
    let formula = "x^2 + 5*y^2";
    let [Some(found)] = tuned_plans(formula, std::slice::from_ref(&noisy))[..] else {
        panic!("finite losses");
    };
    assert_eq!(seeds(&noisy)[0], 7);
    let mut steps: Vec<Option<usize>> = seeds(&noisy)
        .iter()
        .map(|&seed| {
            let mut cell = found.cell;
            cell.seed = seed;
            settles(formula, &plan_of(&noisy, &cell))
        })
        .collect();
    steps.sort_by_key(|steps| steps.unwrap_or(usize::MAX));
    assert_eq!(steps[2], found.after.settles, "{steps:?}");
    assert!(found.after.is_better(&found.before), "{found:?}");
    assert_eq!(found, tuned_plans(formula, &[noisy])[0].expect("the same"));
}

/// More parameters than axes: no minimum is known, and the lowest loss at the end is the best.
#[test]
fn networks_are_tuned_by_their_loss() {
    use crate::objective::Network;
    use crate::objective::network::{Activation, Init, Shape, Toy};
    let samples = Toy::default().draw(16, 0.1, 0).expect("samples");
    let shape = Shape::new(2, &[3], samples.outputs(), Activation::default(), false);
    let shape = shape.expect("a shape");
    let start = Init::Xavier.draw(&shape, 3);
    let network = Network::new(shape, Arc::new(samples)).expect("a network");
    let objective: Arc<dyn Objective> = Arc::new(network);
    let plan = Plan {
        rate: 1e-4,
        steps: 20,
        start,
        ..plan("adam")
    };
    let found = tune(&objective, &[plan], (DOMAIN, UNTOLD), RADIUS, &|| true);
    let found = found.expect("wanted")[0].expect("finite losses");
    assert_eq!(found.after.settles, None);
    assert!(found.after.loss < 0.8 * found.before.loss, "{found:?}");
}

#[test]
fn what_is_searched_can_be_said_and_how_far_it_is_is_told() {
    let objective = objective("x^2 + 20*y^2");
    let course = Course {
        objective: &objective,
        domain: DOMAIN,
        told: UNTOLD,
        radius: RADIUS,
    };
    let plan = plan("momentum");
    let span = |text: &str| Span::parse(text, &plan, DOMAIN).expect("an axis");
    let entrants = [
        Entrant {
            spans: [Some(span("momentum=0.5:0.8")), None],
            is_open: false,
            plan: plan.clone(),
        },
        Entrant {
            spans: [Some(span("rate=1e-5:1e-4")), None],
            is_open: false,
            plan: plan.clone(),
        },
        // The best is the last of these, and would be rounded up.
        Entrant {
            spans: [Some(span("rate=1e-4:0.000126")), None],
            is_open: false,
            plan: Plan {
                rate: 1e-7,
                ..plan.clone()
            },
        },
    ];
    let mut told = Vec::new();
    let mut note = |done, all| told.push((done, all));
    let found = tune_each(&course, &entrants, &|| true, &mut note).expect("wanted");
    let [Some(momentum), Some(rate), Some(last)] = found.tuned[..] else {
        panic!("{found:?}");
    };
    assert_eq!(momentum.cell.rate, plan.rate);
    assert!(
        (0.5..=0.8).contains(&momentum.cell.params[0]),
        "{momentum:?}"
    );
    // Those that it had are better than any of these.
    assert_eq!((rate.cell, rate.is_at_end), (cell_of(&plan), false));
    assert!((1.2e-4..=1.26e-4).contains(&last.cell.rate), "{last:?}");
    assert_eq!(found.minima.len(), 1);
    assert!(told.is_sorted_by(|a, b| a.0 <= b.0) && told.iter().all(|(done, all)| done <= all));
    assert!(
        told.last().is_some_and(|(done, all)| done == all),
        "{told:?}"
    );
    assert_eq!(
        tune_each(&course, &entrants, &|| false, &mut |_, _| {}),
        None
    );
}

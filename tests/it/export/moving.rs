//! Pages of what changes on the way: they are held against the numbers that the browsers' checks expect, and say what they leave out.

use steepest::descent::Descent;
use steepest::descent::replay::Cursor;
use steepest::experiment::{Experiment, PathSoFar};
use steepest::lab::timeline::Timeline;
use steepest::report;

use super::{page, told};
use crate::cli::Desk;

/// Where a place of a panel's rectangle is at a step, and the loss there.
fn seen(experiment: &Experiment, panel: usize, step: f64, place: [f64; 2]) -> [f64; 3] {
    let results = report::run(experiment, &Default::default()).expect("no data are needed");
    let results = &results.panels[panel];
    let panel = &experiment.panels[panel];
    let mut now = panel.clone();
    now.zoom_to(Timeline::new(experiment).seconds_at(step));
    let [x, y] = now.domain.at(place);
    let paths: Vec<PathSoFar> = results
        .descents
        .iter()
        .map(|descent| PathSoFar {
            name: &descent.name,
            shown: true,
            history: &descent.history,
            is_complete: true,
        })
        .collect();
    let (mut objective, mut plane) = (results.objective().clone(), results.plane.clone());
    if let Some(spec) = &panel.plane {
        let at = spec.resolve(&*panel.objective, &*objective, &paths, Some(step as usize));
        plane = at.expect("all is computed").plane;
        if spec.batch.is_some() {
            let plan = panel.descents[0].plan.clone();
            let mut descent = Descent::new(objective.clone(), plan);
            descent.run();
            let run = descent.into_run();
            let last = run.history().len() - 2;
            let batch = run.batch((step as usize).min(last), &mut Cursor::default());
            objective = objective.over(&batch.expect("a batch")).expect("samples");
        }
    }
    [x, y, objective.value(&plane.point(x, y))]
}

#[test]
fn what_moves_is_where_pages_are_told_that_it_is() {
    let experiment = Experiment::parse(include_str!("../../pages/moving.toml"), "moving");
    let experiment = experiment.expect("valid");
    for there in told("moving") {
        let number = |name: &str| there[name].as_f64().expect("a number");
        let panel = number("panel") as usize;
        let place = [number("s"), number("t")];
        let found = seen(&experiment, panel, number("step"), place);
        for (found, name) in found.iter().zip(["x", "y", "loss"]) {
            let told = number(name);
            assert!(
                (found - told).abs() < 1e-4 * (1.0 + told.abs()),
                "{there}: {found}"
            );
        }
    }
}

#[test]
fn a_page_of_what_moves_is_small_and_says_what_it_leaves_out() {
    let desk = Desk::new();
    desk.put("moving.toml", include_str!("../../pages/moving.toml"));
    let (text, data) = page(&desk, "moving.toml");
    assert!(text.len() < 1_500_000, "{} bytes", text.len());
    let moments = &data["panels"][0]["moments"];
    let count = |name: &str| moments[name].as_array().map_or(0, Vec::len);
    assert_eq!(count("at"), count("list"));
    assert!(count("surfaces") > 8 && count("list") > count("surfaces"));
    let words = data["panels"][0]["leftOut"].to_string();
    assert!(
        words.contains(&format!("at {} ranges", count("surfaces"))),
        "{words}"
    );
    for panel in [1, 2] {
        assert_eq!(data["panels"][panel]["moments"]["bySteps"], true);
    }
    let descent = "{ rule = 'gd', rate = 0.1, start = { init = 'xavier', seed = 2 }, steps = 2 }";
    let large = format!(
        "steepest = 1\n[[panel]]\nobjective = 'network'\nnetwork = {{ samples = 4, layers = [135, 135] }}\n\
         plane = {{ directions = 'random' }}\ngrid = [2, 2]\ndescent = [{}]",
        [descent; 4].join(", ")
    );
    desk.put("large.toml", &large);
    let (_, data) = page(&desk, "large.toml");
    assert!(data["panels"][0]["network"].is_null());
    let words = data["panels"][0]["leftOut"].to_string();
    assert!(words.contains("too many for a page"), "{words}");
}

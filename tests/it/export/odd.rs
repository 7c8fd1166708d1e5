//! Pages of what is odd: breaks, narrow ranges, runs that end early or go on for long, and what pages do without.

use serde_json::Value;
use steepest::experiment::Experiment;
use steepest::report;

use super::{bytes, doubles, page, singles};
use crate::cli::Desk;

fn page_of(text: &str) -> (String, Value) {
    let desk = Desk::new();
    desk.put("odd.toml", text);
    page(&desk, "odd.toml")
}

/// A panel of a formula with a descent.
fn panel(formula: &str, domain: &str, descent: &str) -> String {
    format!(
        "steepest = 1\n[[panel]]\nformula = '{formula}'\ndomain = {domain}\ndescent = [{{ {descent} }}]\n"
    )
}

#[test]
fn curves_are_cut_where_they_break_off() {
    let descent = "rule = 'gd', rate = 0.1, start = [0.5], steps = 3";
    for (formula, domain, breaks) in [
        ("floor(x)", "[[0, 3]]", 3),
        ("1/x", "[[-1, 2]]", 1),
        ("tan(x)", "[[-4, 4]]", 2),
        ("x^2", "[[-1, 1]]", 0),
    ] {
        let (_, data) = page_of(&panel(formula, domain, descent));
        let grid = &data["grids"][0];
        if breaks == 0 {
            assert!(grid["torn"].is_null());
            continue;
        }
        let corners = singles(&grid["torn"]);
        let (triangles, rest) = corners.as_chunks::<9>();
        assert!(rest.is_empty());
        let cols = grid["cols"].as_u64().expect("a number") as f32 - 1.0;
        let cell = |s: f32| (s * cols).floor();
        let middle = |triangle: &[f32; 9]| (triangle[0] + triangle[3] + triangle[6]) / 3.0;
        let mut cells: Vec<f32> = triangles.iter().map(|t| cell(middle(t))).collect();
        cells.dedup();
        assert_eq!(cells.len(), breaks, "{formula}: {cells:?}");
        for triangle in triangles {
            let [s, t, h] = [0, 1, 2].map(|axis| [0, 3, 6].map(|k| triangle[k + axis]));
            assert!(s.iter().all(|s| (0.0..=1.0).contains(s)));
            assert!(t.iter().all(|t| [0.0, 1.0].contains(t)), "{t:?}");
            // Of one side, so no wall stands between both.
            let sides = h.map(|h| (h - 0.5).signum());
            let flat = h.iter().all(|other| (other - h[0]).abs() < 1e-5);
            let is_of_one_side = match formula {
                "floor(x)" => flat,
                _ => sides[0] == sides[1] && sides[1] == sides[2],
            };
            assert!(is_of_one_side, "{formula}: {triangle:?}");
        }
    }
}

#[test]
fn places_have_all_their_digits() {
    let text = panel(
        "(x - 1)^2 + (y - 1)^2",
        "[[0.9999995, 1.0000005], [0.9999995, 1.0000005]]",
        "rule = 'gd', rate = 0.1, start = [1.0000003, 0.9999998], steps = 20",
    );
    let experiment = Experiment::parse(&text, "narrow").expect("valid");
    let results = report::run(&experiment, &Default::default()).expect("no data are needed");
    let (_, data) = page_of(&text);
    let descent = &data["panels"][0]["descents"][0];
    let history = &results.panels[0].descents[0].history;
    assert_eq!(doubles(&descent["places"]), history.points());
}

#[test]
fn a_page_ends_with_the_longest_descent_that_is_shown() {
    let long = "{ rule = 'gd', rate = 0.1, start = [1, 1], steps = 9, hidden = true }";
    let text = panel(
        "x^2 + y^2",
        "[[-2, 2], [-2, 2]]",
        "rule = 'gd', rate = 0.4, start = [1, 1], steps = 100000, stop = { gradient = 1e-3 } }, \
         { rule = 'gd', rate = 0.1, start = [1, 1], steps = 3",
    );
    let last_step = |text: &str| {
        let (_, data) = page_of(text);
        let last = &data["panels"][0]["descents"][0]["last"];
        (data["lastStep"].as_u64(), last.as_u64())
    };
    let (all, reached) = last_step(&text);
    assert_eq!(all, reached);
    assert!(all < Some(20), "{all:?}");
    let hidden = text.replace("descent = [", &format!("descent = [{long}, "));
    assert_eq!(last_step(&hidden), (all, Some(9)));
    let only = text.split("descent = ").next().expect("a beginning");
    let (none, _) = last_step(&format!("{only}descent = [{long}]\n"));
    assert_eq!(none, Some(0));
}

/// A plane that turns with the step has every iterate elsewhere at every moment.
#[test]
fn a_page_of_a_plane_that_turns_stays_small() {
    let descent = |seed: u32| {
        format!(
            "{{ name = 'GD {seed}', rule = 'gd', rate = 0.01, start = {{ init = 'xavier', seed = {seed} }}, steps = 3000 }}"
        )
    };
    let text = format!(
        "steepest = 1\n[[panel]]\nobjective = 'network'\nnetwork = {{ samples = 4, layers = [2] }}\n\
         plane = {{ directions = 'random', through = 'GD 1', follow = true }}\ndomain = [[-2, 2], [-2, 2]]\n\
         grid = [9, 9]\ndescent = [{}, {}]\n",
        descent(1),
        descent(2)
    );
    let (text, data) = page_of(&text);
    assert!(text.len() < 1_500_000, "{} bytes", text.len());
    let panel = &data["panels"][0];
    let moments = panel["moments"]["list"].as_array().expect("a list");
    assert!(moments.len() > 5, "{}", moments.len());
    for moment in moments {
        for (k, descent) in panel["descents"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
        {
            // A place for each loss and each step that is written.
            let iterates = doubles(&descent["losses"]).len();
            assert!((500..=1001).contains(&iterates), "{iterates}");
            assert_eq!(bytes(&descent["steps"]).len(), 4 * iterates);
            if let Some(places) = moment["places"].get(k) {
                assert_eq!(singles(places).len(), 2 * iterates);
            }
        }
    }
    let turned = moments.iter().filter(|moment| moment["places"].is_array());
    assert!(turned.count() + 1 >= moments.len());
}

#[test]
fn what_only_the_program_shows_is_said() {
    let descent = "rule = 'adam', rate = 0.1, start = [1, 1], steps = 3";
    let plain = panel("x^2 + y^2", "[[-2, 2], [-2, 2]]", descent);
    let left_out = |text: &str| {
        let (_, data) = page_of(text);
        data["panels"][0]["leftOut"].to_string()
    };
    assert_eq!(left_out(&plain), "[]");
    for (plot, words) in [
        ("gradient", "the norm of the gradient"),
        ("sharpness", "the sharpness"),
        ("gap", "above the known minimum"),
    ] {
        let said = left_out(&format!("{plain}[view]\nplot = '{plot}'\n"));
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(
        left_out(&format!("{plain}[view]\nplot = 'log-loss'\n")),
        "[]"
    );
    let explained = plain.replace("steps = 3", "steps = 3, explain = true");
    assert!(left_out(&explained).contains("phase by phase"));
    let overview = format!("{plain}[explain]\noverview = ['gradient']\n");
    assert!(left_out(&overview).contains("arrows"));
}

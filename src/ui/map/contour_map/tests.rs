use super::*;
use crate::experiment::Experiment;

fn landscape(keys: &str, domain: &str) -> PanelLandscape {
    let text = format!("steepest = 1\n[[panel]]\nformula = 'x^2 + y^2'\ndomain = {domain}\n{keys}");
    let experiment = Experiment::parse(&text, "test").expect("an experiment");
    let panel = experiment.panels[0].clone();
    PanelLandscape::of_function(panel)
}

#[test]
fn arrows_point_where_descent_leads_on_the_map() {
    for (keys, domain, sides) in [
        ("", "[[-1, 1], [-1, 1]]", [300.0, 300.0]),
        ("", "[[-500, 500], [0, 1]]", [400.0, 300.0]),
        ("aspect = 'equal'", "[[-3, 3], [-1, 1]]", [300.0, 100.0]),
    ] {
        let landscape = landscape(keys, domain);
        let [width, height] = landscape.panel.domain.size();
        for arrow in arrows(&landscape, sides) {
            let [x, y] = [0, 1].map(|k| 0.5 * (arrow.from[k] + arrow.to[k]));
            let drawn = [
                (arrow.to[0] - arrow.from[0]) * sides[0] / width,
                (arrow.to[1] - arrow.from[1]) * sides[1] / height,
            ];
            // −∇ = (−2x, −2y), as it is drawn.
            let way = [-2.0 * x * sides[0] / width, -2.0 * y * sides[1] / height];
            let across = drawn[0] * way[1] - drawn[1] * way[0];
            let along = drawn[0] * way[0] + drawn[1] * way[1];
            assert!(across.abs() < 1e-6 * along, "{x}, {y} over {domain}");
            assert!(drawn[0].hypot(drawn[1]) < 1.0 + sides[0] / ARROWS as f64);
        }
    }
}

#[test]
fn many_lines_keep_every_fifth_and_lines_on_dark_ground_are_light() {
    let lines = Lines::Bands(90.0);
    // 1.5 pixels from line to line.
    let slope = 1.0 / (90.0 * 1.5);
    assert_eq!(lines.strength(0.5 + 1.0 / 90.0, slope), 0.0);
    assert!(lines.strength(0.5, slope) > 0.4, "the 45th");
    let levels = Lines::Levels(vec![0.1, 0.5]);
    assert!(levels.strength(0.5, 0.01) > 0.5 && levels.strength(0.3, 0.01) == 0.0);
    assert!(theme::ink_on([68, 1, 84]).iter().all(|c| *c > 100));
    assert_eq!(theme::ink_on([253, 231, 37]), [0; 3]);
}

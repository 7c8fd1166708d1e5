//! Figures as vectors: what they show of ranges that change, of many iterates, and of quantities other than the loss.

use std::fmt::Write;

use steepest::experiment::Experiment;
use steepest::export::{FigureWish, FileKind};
use steepest::lab::Data;
use steepest::lab::session::export::SceneWish;

use super::scenes::attribute;
use crate::cli::Desk;

fn svg(text: &str, layout: &str) -> String {
    let desk = Desk::new();
    desk.put("a.toml", text);
    let ended = desk.run(&format!("export a.toml -o a.svg --layout {layout}"));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    String::from_utf8(desk.read("a.svg")).expect("text")
}

/// The words of a figure in order.
fn words(svg: &str) -> Vec<&str> {
    let texts = svg.split("</text>");
    texts
        .filter_map(|text| Some(text.rsplit_once('>')?.1))
        .collect()
}

const ZOOMED: &str = "steepest = 1\n[[panel]]\nformula = 'x^2 + y^2'\ndomain = [[-4, 4], [-4, 4]]\n\
    [[panel.zoom]]\ntime = 0\nx = [-4, 4]\ny = [-4, 4]\n\
    [[panel.zoom]]\ntime = 1\nx = [10, 15]\ny = [20, 25]\n\
    [[panel.descent]]\nrule = 'gd'\nrate = 0.1\nstart = [1, 1]\nsteps = 100\n";

#[test]
fn what_stands_still_has_the_range_of_its_moment() {
    let experiment = Experiment::parse(ZOOMED, "zoomed").expect("valid");
    let domain = |step: Option<f64>, kind| {
        let wish = SceneWish {
            experiment: experiment.clone(),
            data: Data::default(),
            figure: FigureWish::default(),
            pose: None,
            step,
        };
        let scene = wish.scene(kind).expect("no data are needed");
        scene.panels[0].grid.domain.x
    };
    for kind in [FileKind::Svg, FileKind::Pdf, FileKind::Model] {
        assert_eq!(domain(None, kind), [10.0, 15.0]);
        assert_eq!(domain(Some(0.0), kind), [-4.0, 4.0]);
    }
    assert_eq!(domain(None, FileKind::Page), [-4.0, 4.0], "it moves itself");
    let figure = svg(ZOOMED, "map");
    let words = words(&figure);
    assert!(words.contains(&"12") && words.contains(&"22"), "{words:?}");
}

#[test]
fn noise_over_itself_makes_no_large_file() {
    for formula in ["x^2 + y^2", "x^2"] {
        let start = if formula.contains('y') {
            "[1, 1]"
        } else {
            "[1]"
        };
        let domain = if formula.contains('y') {
            "[[-2, 2], [-2, 2]]"
        } else {
            "[[-2, 2]]"
        };
        let text = format!(
            "steepest = 1\n[[panel]]\nformula = '{formula}'\ndomain = {domain}\n[[panel.descent]]\nrule = 'gd'\n\
             sampling = {{ noise = 4 }}\nrate = 0.1\nstart = {start}\nsteps = 60000\n"
        );
        let figure = svg(&text, "map+plot");
        assert!(figure.len() < 600_000, "{formula}: {} bytes", figure.len());
        assert!(figure.len() > 10_000, "{formula}: {} bytes", figure.len());
    }
}

#[test]
fn places_beyond_all_numbers_are_in_no_figure() {
    let text = "steepest = 1\n[[panel]]\nformula = 'sin(x) + sin(y)'\ndomain = [[0, 0.5], [0, 0.5]]\n\
                [[panel.descent]]\nrule = 'gd'\nrate = 1.7e308\nstart = [0.2, 0.3]\nsteps = 20\n";
    let figure = svg(text, "map+plot");
    assert!(!figure.contains("NaN") && !figure.contains("inf"));
    // It leaves the frame in the direction in which it goes: both slopes are cosines of nearly the same.
    assert!(figure.contains("<path"));
}

#[test]
fn the_plot_shows_what_the_experiment_asks_for() {
    let desk = Desk::new();
    for (plot, title) in [
        ("loss", "loss"),
        ("log-loss", "loss"),
        ("gap", "f − f*"),
        ("gradient", "gradient norm ‖∇f‖"),
        ("rate", "learning rate η"),
        ("errors", "error along eigenvectors (dashed:"),
        ("sharpness", "loss"),
        ("accuracy", "loss"),
    ] {
        let mut text = format!("steepest = 1\n[view]\nplot = '{plot}'\n");
        let panel = "[[panel]]\nformula = 'x^2 + 3y^2 + 1'\ndomain = [[-2, 2], [-2, 2]]\n\
                     descent = [{ rule = 'gd', rate = 0.1, start = [1, 1], steps = 50 }]";
        let _ = writeln!(text, "{panel}");
        desk.put("a.toml", &text);
        let ended = desk.run("export a.toml -o a.svg --layout plot --width 120mm --force");
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let figure = String::from_utf8(desk.read("a.svg")).expect("text");
        let words = words(&figure);
        assert!(
            words.iter().any(|word| word.starts_with(title)),
            "{plot}: {words:?}"
        );
        let is_noted = ended.stderr.contains("the plot shows the loss");
        assert_eq!(
            is_noted,
            ["sharpness", "accuracy"].contains(&plot),
            "{plot}"
        );
        // A loss that comes down to 1 lies above a straight line's last decade only as far above f*.
        let has_decades = words.iter().any(|word| word.starts_with("10⁻"));
        let falls = ["gap", "gradient", "errors"].contains(&plot);
        assert_eq!(has_decades, falls, "{plot}: {words:?}");
    }
}

#[test]
fn cells_of_a_coarse_map_lie_where_they_were_run() {
    let text = "steepest = 1\n[[panel]]\nformula = 'x^2 + y^2'\ndomain = [[-2, 2], [-2, 2]]\n\
                map = { grid = [1500, 1500], steps = 1 }\n\
                descent = [{ rule = 'gd', rate = 0.1, start = [1, 1], steps = 1 }]\n";
    let figure = svg(text, "map");
    let image = figure.split("<image").nth(1).expect("a picture");
    let tag = image.split("/>").next().expect("an end");
    let frame = figure.split("<clipPath").nth(1).expect("a frame");
    let number = |tag: &str, name: &str| attribute(tag, name).parse::<f64>().expect("a number");
    // Two cells are drawn as one: the frame begins half a cell after the first and ends half a cell before the last.
    let cell = number(frame, "width") / 1499.0;
    let beyond = number(frame, "x") - number(tag, "x");
    assert!((beyond - 0.5 * cell).abs() < 2e-3, "{beyond} of {cell}");
    let width = number(tag, "width");
    assert!((width - 1500.0 * cell).abs() < 4e-3, "{width}");
}

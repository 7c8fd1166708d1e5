//! Words of figures, measured: none is cut, none leaves the page, none lies on another, however wide a figure is.

use std::path::Path;

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use steepest::app::Verbosity;
use steepest::app::figure::draw;
use steepest::experiment::Experiment;
use steepest::export::{FigureParts, FigureWish, Scene};
use steepest::lab::Data;
use steepest::lab::session::export::SceneWish;
use steepest::mnist::DataWish;

use super::scenes::attribute;
use crate::pictures::adapter;

/// Millimetres.
const WIDTHS: [f64; 4] = [40.0, 60.0, 86.0, 180.0];
const LAYOUTS: [&str; 4] = ["map+plot", "data", "scene", "full"];
/// Built-ins of one panel and of several, of curves, maps and networks; then some that try the limits.
const BUILT_IN: [&str; 6] = [
    "rosenbrock",
    "race",
    "basins",
    "convex-vs-nonconvex",
    "moons",
    "two-hikers",
];
const EXTREME: [&str; 5] = [
    "long-words",
    "unequal-axes",
    "offset-axes",
    "six-narrow-panels",
    "forty-descents",
];
/// What of a letter's height is above and below the line on which it stands; marks on capitals may touch.
const ABOVE: f64 = 0.7;
const BELOW: f64 = 0.18;
/// Usual fonts that stand in for the program's own are so much wider.
const OTHERS: f64 = 1.05;
/// Points by which words may be beyond something.
const SLACK: f64 = 0.3;

struct Words {
    text: String,
    corners: [[f64; 2]; 4],
    /// What of the page is seen there: left, top, right, bottom.
    seen: [f64; 4],
}

fn width(text: &str) -> f64 {
    use epaint_default_fonts::{HACK_REGULAR, UBUNTU_LIGHT};
    let fonts = [UBUNTU_LIGHT, HACK_REGULAR].map(|data| FontRef::new(data).expect("a font"));
    let width = |letter: char| {
        let letter = if letter.is_whitespace() { ' ' } else { letter };
        let mut widths = fonts.iter().filter_map(|font| {
            let glyph = font.charmap().map(letter)?;
            font.glyph_metrics(Size::new(1.0), LocationRef::default())
                .advance_width(glyph)
        });
        f64::from(widths.next().unwrap_or(1.0))
    };
    text.chars().map(width).sum()
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// The words of a figure, without the halos below some.
fn words(svg: &str) -> (Vec<Words>, [f64; 4]) {
    let numbers = |text: &str| -> Vec<f64> {
        let parts = text.split_whitespace();
        parts.map(|part| part.parse().expect(part)).collect()
    };
    let page = numbers(attribute(svg, "viewBox"));
    let page = [0.0, 0.0, page[2], page[3]];
    let mut seen = vec![page];
    let mut clip = page;
    let mut found = Vec::new();
    for line in svg.lines() {
        let number = |name: &str| attribute(line, name).parse::<f64>().expect(name);
        if line.starts_with("<clipPath") {
            let (_, rect) = line.split_once("<rect").expect("a rectangle");
            let number = |name: &str| attribute(rect, name).parse::<f64>().expect(name);
            let (x, y) = (number("x"), number("y"));
            clip = [x, y, x + number("width"), y + number("height")];
        } else if line.starts_with("<g ") {
            seen.push(clip);
        } else if line.starts_with("</g>") {
            seen.pop();
        } else if line.starts_with("<text") && !line.contains("aria-hidden") {
            let (tag, text) = line.split_once('>').expect("a tag");
            let text = unescaped(text.trim_end_matches("</text>"));
            let size = number("font-size");
            let length = OTHERS * size * width(&text);
            let before = match attribute(tag, "text-anchor") {
                "start" => 0.0,
                "middle" => 0.5,
                _ => 1.0,
            } * length;
            let turn = match tag.contains("rotate(") {
                true => numbers(&attribute(tag, "transform")[7..].replace(')', ""))[0],
                false => 0.0,
            };
            let (sin, cos) = turn.to_radians().sin_cos();
            let (x, y) = (number("x"), number("y"));
            let [from, to] = [-before, length - before];
            let [top, bottom] = [-ABOVE * size, BELOW * size];
            let corners = [[from, top], [to, top], [to, bottom], [from, bottom]]
                .map(|[p, q]| [x + p * cos - q * sin, y + p * sin + q * cos]);
            found.push(Words {
                text,
                corners,
                seen: *seen.last().expect("the page"),
            });
        }
    }
    (found, page)
}

/// Whether a line parts two rectangles, each turned by any angle.
fn are_apart(a: &Words, b: &Words) -> bool {
    [a, b].iter().any(|words| {
        [0, 1].iter().any(|&k| {
            let [from, to] = [words.corners[k], words.corners[k + 1]];
            let way = [to[0] - from[0], to[1] - from[1]];
            let length = way[0].hypot(way[1]).max(1e-9);
            let along = |words: &Words| {
                let places = words
                    .corners
                    .map(|[x, y]| (x * way[0] + y * way[1]) / length);
                let [low, high] = [f64::min, f64::max]
                    .map(|pick| places.into_iter().reduce(pick).expect("four corners"));
                [low, high]
            };
            let (a, b) = (along(a), along(b));
            a[1] - SLACK < b[0] || b[1] - SLACK < a[0]
        })
    })
}

/// What is wrong with the words of a figure.
fn faults(svg: &str) -> Vec<String> {
    let (words, _) = words(svg);
    let mut faults = Vec::new();
    for (k, a) in words.iter().enumerate() {
        let [left, top, right, bottom] = a.seen;
        let is_seen = a.corners.iter().all(|[x, y]| {
            (left - SLACK..=right + SLACK).contains(x) && (top - SLACK..=bottom + SLACK).contains(y)
        });
        if !is_seen {
            faults.push(format!(
                "`{}` is cut at {:?} of {:?}",
                a.text, a.corners, a.seen
            ));
        }
        if a.text.ends_with('…') {
            faults.push(format!("`{}` is shortened", a.text));
        }
        let on = words[..k].iter().filter(|b| !are_apart(a, b));
        faults.extend(on.map(|b| format!("`{}` lies on `{}`", a.text, b.text)));
    }
    faults
}

/// An experiment computed and, if there is a renderer, drawn.
fn scene(experiment: Experiment) -> Scene {
    let drawn = adapter().map(|adapter| {
        let wish = SceneWish {
            experiment: experiment.clone(),
            data: Data::default(),
            figure: FigureWish {
                parts: FigureParts::SCENE,
                ..FigureWish::default()
            },
            pose: None,
            step: None,
        };
        draw(wish, adapter, Verbosity::Quiet).expect("drawn")
    });
    let mut scene = Scene::of(experiment, &DataWish::default()).expect("no data are needed");
    scene.put_drawn(drawn.unwrap_or_default());
    scene
}

fn has_no_fault(name: &str, experiment: Experiment) {
    let scene = scene(experiment);
    for layout in LAYOUTS {
        let parts: FigureParts = layout.parse().expect("parts");
        if parts == FigureParts::DATA && !scene.has_data() {
            continue;
        }
        for width in WIDTHS {
            let wish = FigureWish {
                parts,
                width,
                ..FigureWish::default()
            };
            let svg = scene.figure(&wish).to_svg();
            let faults = faults(&svg);
            let (words, page) = words(&svg);
            assert!(
                faults.is_empty(),
                "{name}, {layout}, {width} mm of {page:?}:\n{}",
                faults.join("\n")
            );
            let has = |word: &str| words.iter().any(|words| words.text.contains(word));
            for panel in scene.experiment.panels.iter().filter(|_| parts.map) {
                // Longer words go on in the next row.
                let titles = panel.labels[..panel.domain.dim()]
                    .iter()
                    .flat_map(|title| title.split(' '));
                for word in titles.filter(|word| word.chars().count() < 16) {
                    assert!(has(word), "{name}, {layout}, {width} mm: no `{word}`");
                }
            }
        }
    }
}

#[test]
fn words_of_built_ins_are_whole_and_apart_at_any_width() {
    for name in BUILT_IN {
        has_no_fault(name, Experiment::load(name).expect(name));
    }
}

#[test]
fn words_of_extremes_are_whole_and_apart_at_any_width() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/extremes");
    for name in EXTREME {
        let file = folder.join(format!("{name}.toml"));
        let file = file.to_str().expect("a path");
        has_no_fault(name, Experiment::load(file).expect(name));
    }
}

/// The measure itself: it finds what is wrong.
#[test]
fn words_that_are_cut_or_lie_on_others_are_found() {
    let text = |x: f64, words: &str| {
        format!(
            "<text x=\"{x}\" y=\"20\" font-size=\"8\" text-anchor=\"start\" fill=\"#000000\">{words}</text>\n"
        )
    };
    let svg = |texts: &[String]| format!("<svg viewBox=\"0 0 100 40\">\n{}</svg>", texts.concat());
    assert_eq!(
        faults(&svg(&[text(10.0, "loss"), text(40.0, "step")])),
        [""; 0]
    );
    assert_eq!(
        faults(&svg(&[text(10.0, "loss"), text(20.0, "step")])).len(),
        1
    );
    assert_eq!(faults(&svg(&[text(90.0, "loss")])).len(), 1);
    assert_eq!(faults(&svg(&[text(10.0, "lo…")])).len(), 1);
}

//! Figures with scenes: what is written over the picture stands where the renderer drew what it belongs to.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use image::{ImageFormat, RgbImage};
use steepest::experiment::ThemeKind;
use steepest::palette::{Rgb, ThemeColors};

use crate::cli::Desk;
use crate::pictures::adapter;

/// Nothing but the box, with ticks within all axes.
const EMPTY: &str = r#"steepest = 1
[[panel]]
formula = "sqrt(-1 - x^2 - y^2)"
domain = [[-2.3, 2.3], [-1.1, 3.4]]
labels = ["weight", "bias", "loss"]
descent = [{ rule = "gd", rate = 0.1, start = [1, 1], steps = 3, name = "Steepest descent" }]
"#;
const PAPER: ThemeColors = ThemeColors::new(ThemeKind::Paper);

/// A figure as it was read.
struct Figure {
    text: String,
    picture: RgbImage,
    /// The picture's upper left corner, in points, and points for a pixel.
    corner: [f64; 2],
    scale: f64,
}

pub(super) fn attribute<'t>(tag: &'t str, name: &str) -> &'t str {
    let (_, rest) = tag.split_once(&format!(" {name}=\"")).expect(name);
    rest.split('"').next().expect("an end")
}

impl Figure {
    fn of(desk: &Desk, arguments: &str) -> Figure {
        let ended = desk.run(&format!("export {arguments} -o a.svg --force"));
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let text = String::from_utf8(desk.read("a.svg")).expect("text");
        let (_, tag) = text.split_once("<image").expect("a picture");
        let tag = tag.split("/>").next().expect("an end");
        let number = |name| attribute(tag, name).parse::<f64>().expect("a number");
        let (_, data) = attribute(tag, "xlink:href").split_once(',').expect("data");
        let png = BASE64_STANDARD.decode(data).expect("base64");
        let picture = image::load_from_memory_with_format(&png, ImageFormat::Png);
        let picture = picture.expect("a PNG").to_rgb8();
        let scale = number("width") / f64::from(picture.width());
        let dots = 72.0 / scale;
        // Sides are whole pixels.
        assert!((dots - 300.0).abs() < 5.0, "{dots} dots an inch");
        Figure {
            corner: [number("x"), number("y")],
            scale,
            picture,
            text: text.clone(),
        }
    }

    /// Straight lines of two points in this colour, with their widths, in pixels of the picture.
    fn lines(&self, color: Rgb) -> Vec<([[f64; 2]; 2], f64)> {
        let [r, g, b] = color;
        let color = format!("#{r:02x}{g:02x}{b:02x}");
        let paths = self.text.split("<path").skip(1);
        let paths = paths.filter(|tag| tag.contains(&format!("stroke=\"{color}\"")));
        paths
            .filter_map(|tag| {
                let data = attribute(tag, "d").replace(['M', 'L'], " ");
                let numbers: Option<Vec<f64>> =
                    data.split_whitespace().map(|c| c.parse().ok()).collect();
                let [a, b, c, d] = numbers?.try_into().ok()?;
                let place = |at: [f64; 2]| [0, 1].map(|k| (at[k] - self.corner[k]) / self.scale);
                let width = attribute(tag, "stroke-width").parse::<f64>().ok()?;
                Some(([place([a, b]), place([c, d])], width / self.scale))
            })
            .collect()
    }

    fn has(&self, words: &str) -> bool {
        self.text.contains(&format!(">{words}</text>"))
    }

    /// How far a pixel is from white, between pixels by those around.
    fn ink(&self, [x, y]: [f64; 2]) -> f64 {
        let [x, y] = [x - 0.5, y - 0.5];
        let at = |x: f64, y: f64| {
            let [width, height] = [self.picture.width(), self.picture.height()];
            let is_inside = x >= 0.0 && y >= 0.0 && x < f64::from(width) && y < f64::from(height);
            match is_inside {
                true => 255.0 - f64::from(self.picture.get_pixel(x as u32, y as u32)[1]),
                false => 0.0,
            }
        };
        let (s, t) = (x - x.floor(), y - y.floor());
        let row = |y: f64| (1.0 - s) * at(x.floor(), y) + s * at(x.floor() + 1.0, y);
        (1.0 - t) * row(y.floor()) + t * row(y.floor() + 1.0)
    }

    /// Where around a place, along a direction, a line crosses: the middle of the ink nearest to it, so many pixels away at most.
    fn crossing(&self, at: [f64; 2], along: [f64; 2], reach: i32) -> Option<[f64; 2]> {
        let reach = 4 * reach;
        let place = |k: i32| [0, 1].map(|i| at[i] + along[i] * f64::from(k) / 4.0);
        let mut near: Vec<i32> = (-reach..=reach)
            .filter(|k| self.ink(place(*k)) > 15.0)
            .collect();
        near.sort_by_key(|k| k.abs());
        let first = *near.first()?;
        // The whole line's width around it.
        let is_inked = |k: &i32| self.ink(place(*k)) > 4.0;
        let low = (first - 40..first).rev().take_while(is_inked).last();
        let high = (first..first + 40).take_while(is_inked).last();
        let ends = low.unwrap_or(first)..=high.unwrap_or(first);
        let (mut sum, mut weight) = (0.0, 0.0);
        for k in ends {
            sum += f64::from(k) * self.ink(place(k));
            weight += self.ink(place(k));
        }
        Some([0, 1].map(|i| at[i] + along[i] * sum / weight / 4.0))
    }
}

impl Figure {
    /// How far a line of the grid that begins at a tick's foot passes beside it. Lines run inwards in any direction, as the box is
    /// seen, and others cross them: the direction is the one with most ink, and what crosses is voted down.
    fn beside(&self, foot: [f64; 2], outwards: [f64; 2], axis: [f64; 2]) -> Option<f64> {
        let at = |way: [f64; 2], by: f64| [0, 1].map(|k| foot[k] + by * way[k]);
        let rays = (0..1440).map(|quarter| {
            let (sin, cos) = (0.25 * f64::from(quarter)).to_radians().sin_cos();
            [cos, sin]
        });
        let inwards = rays.filter(|way| {
            let across = (way[0] * axis[1] - way[1] * axis[0]).abs();
            way[0] * outwards[0] + way[1] * outwards[1] < 0.0 && across > 0.2
        });
        let ink = |way: [f64; 2]| {
            let inks = (12..64).map(|k| self.ink(at(way, 0.5 * f64::from(k))).min(60.0));
            inks.sum::<f64>() / 52.0
        };
        let ray = inwards.max_by(|a, b| ink(*a).total_cmp(&ink(*b)))?;
        if ink(ray) < 10.0 {
            return None;
        }
        let across = [-ray[1], ray[0]];
        let places = (4..16).filter_map(|k| {
            let by = 2.0 * f64::from(k);
            let middle = self.crossing(at(ray, by), across, 3)?;
            let off = minus(middle, at(ray, by));
            Some([by, off[0] * across[0] + off[1] * across[1]])
        });
        let places: Vec<[f64; 2]> = places.collect();
        let pairs = places.iter().enumerate();
        let slopes = pairs.flat_map(|(k, a)| {
            let others = places[..k].iter();
            others.map(move |b| (a[1] - b[1]) / (a[0] - b[0]))
        });
        // The line through most of them (Theil 1950).
        let slope = median(slopes.collect())?;
        let reached = places.iter().map(|[by, off]| off - slope * by);
        (places.len() > 5).then(|| median(reached.collect()).map(f64::abs))?
    }
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

fn minus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

fn length([x, y]: [f64; 2]) -> f64 {
    x.hypot(y)
}

/// Every tick continues a line of the grid that the renderer drew, and every axis an edge of the box.
#[test]
fn vectors_continue_what_the_renderer_drew_within_a_pixel() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    desk.put("empty.toml", EMPTY);
    // From before, from aside, from behind, and from below.
    for view in ["iso", "0.9,0.5", "-2.2,0.7", "-0.6,-0.3"] {
        let figure = Figure::of(
            &desk,
            &format!("empty.toml --layout scene --width 180mm --view {view}"),
        );
        let lines = figure.lines(PAPER.axis);
        let (axes, ticks): (Vec<_>, Vec<_>) = lines
            .into_iter()
            .partition(|([a, b], _)| length(minus(*b, *a)) > 60.0);
        // The colour bar's are thinner.
        let is_box = |width: f64| (width * figure.scale - 0.6).abs() < 0.02;
        let ticks = ticks.iter().filter(|(_, width)| is_box(*width));
        assert_eq!(
            axes.len(),
            3,
            "{view}: each axis is one line, for nothing hides it"
        );
        for ([from, to], _) in &axes {
            let way = minus(*to, *from);
            let across = [-way[1], way[0]].map(|c| c / length(way));
            let offs = (1..20).map(|part| {
                let on = [0, 1].map(|k| from[k] + way[k] * 0.05 * f64::from(part));
                let edge = figure.crossing(on, across, 40).expect("an edge");
                length(minus(edge, on))
            });
            // Where a line of the grid meets the edge, its ink is measured, too.
            let near = offs.filter(|off| *off < 1.0).count();
            assert!(
                near >= 14,
                "{view}: {near} of 19 places of an edge lie on its axis"
            );
            // Corners of the box are where its edges end.
            for (end, out) in [(from, -6.0), (to, 6.0)] {
                let beyond = [0, 1].map(|k| end[k] + out * way[k] / length(way));
                assert!(
                    figure.ink(beyond) < figure.ink(*end),
                    "{view}: an edge goes on"
                );
            }
        }
        let mut measured = 0;
        for ([foot, outer], _) in ticks {
            let axis = axes.iter().find(|([from, to], _)| {
                let way = minus(*to, *from);
                let off = minus(*foot, *from);
                (off[0] * way[1] - off[1] * way[0]).abs() / length(way) < 1.0
            });
            let ([from, to], _) = axis.expect("a tick stands on an axis");
            let way = minus(*to, *from).map(|c| c / length(minus(*to, *from)));
            let out = minus(*outer, *foot).map(|c| c / length(minus(*outer, *foot)));
            let Some(off) = figure.beside(*foot, out, way) else {
                continue;
            };
            assert!(off < 1.0, "{view}: a tick {off} pixels off its line");
            measured += 1;
        }
        assert!(measured >= 8, "{view}: {measured} ticks were measured");
    }
}

#[test]
fn what_a_scene_says_is_text() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    desk.put("empty.toml", EMPTY);
    let figure = Figure::of(&desk, "empty.toml --layout scene");
    for words in [
        "weight",
        "bias",
        "loss",
        "−2",
        "−1",
        "0",
        "1",
        "2",
        "3",
        "Steepest descent",
    ] {
        assert!(figure.has(words), "{words}");
    }
    // Full of its parts, and a PDF of the same.
    let figure = Figure::of(&desk, "race --layout full --width 180mm");
    for words in ["x", "y", "loss", "step", "AMSGrad", "global minimum", "160"] {
        assert!(figure.has(words), "{words}");
    }
    assert_eq!(figure.text.matches("<image").count(), 1);
    assert_eq!(desk.run("export race -o race.pdf --layout scene").code, 0);
    let pdf = desk.read("race.pdf");
    let has = |words: &[u8]| pdf.windows(words.len()).any(|window| window == words);
    for words in [&b"/Subtype /Image"[..], b"/FontFile2", b"/ToUnicode"] {
        assert!(has(words), "{}", String::from_utf8_lossy(words));
    }
    assert!(pdf.len() < 400_000, "{} bytes", pdf.len());
}

#[test]
fn panels_have_a_picture_each() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    let figure = Figure::of(&desk, "convex-vs-nonconvex --layout scene+plot");
    assert_eq!(figure.text.matches("<image").count(), 2);
    assert!(figure.has("step"));
}

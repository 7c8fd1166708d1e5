//! Pictures drawn off-screen by the program: facts about them, since renderers differ in the details.

mod edges;
mod every;
mod fading;
mod maps;
mod narrow;
mod networks;
mod order;
mod ranges;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::LazyLock;

use image::{ImageFormat, Rgba, RgbaImage};
use steepest::experiment::ThemeKind;
use steepest::gpu::adapter::{self, Adapter, AdapterWish};
use steepest::palette::{DESCENTS, Rgb, ThemeColors};

use crate::cli::Desk;

/// The adapter that pictures are drawn with, or `None`, said aloud: past the test harness, which keeps what passing
/// tests print.
pub(crate) fn adapter() -> Option<&'static Adapter> {
    static FOUND: LazyLock<Option<Adapter>> =
        LazyLock::new(|| adapter::find(&AdapterWish::default()).ok());
    if FOUND.is_none() {
        // Where nothing can be said, nobody listens.
        let _ = writeln!(io::stderr(), "SKIPPED: no graphics adapter");
    }
    FOUND.as_ref()
}

/// One descent on a bowl, to be seen from above at its 20th step.
const BOWL: &str = r##"steepest = 1
[[panel]]
objective = "bowl"
[[panel.descent]]
rule = "gd"
rate = 0.02
start = [-2.5, 2]
steps = 20
color = "#ff00ff"
[view]
colormap = "greys"
"##;

/// Draws with the fewest samples, and checks that it is a picture.
fn shot(desk: &Desk, arguments: &str) -> RgbaImage {
    let png = desk.succeed(&format!("shot {arguments} -o - --samples 1"));
    let picture = image::load_from_memory_with_format(&png, ImageFormat::Png);
    picture.expect("a PNG is on stdout").to_rgba8()
}

/// Draws something of the program's own.
fn shot_of(arguments: &str) -> RgbaImage {
    shot(&Desk::new(), arguments)
}

/// The pixels of a part: from, and to but without, as fractions of width and height.
fn part(picture: &RgbaImage, from: [f64; 2], to: [f64; 2]) -> Vec<[u8; 4]> {
    let (width, height) = picture.dimensions();
    let scaled = |side: u32, fraction: f64| (f64::from(side) * fraction) as u32;
    let columns = scaled(width, from[0])..scaled(width, to[0]);
    let rows = scaled(height, from[1])..scaled(height, to[1]);
    rows.flat_map(|y| columns.clone().map(move |x| (x, y)))
        .map(|(x, y)| picture.get_pixel(x, y).0)
        .collect()
}

fn middle(picture: &RgbaImage) -> Vec<[u8; 4]> {
    part(picture, [1.0 / 3.0; 2], [2.0 / 3.0; 2])
}

fn corners(picture: &RgbaImage) -> [[u8; 4]; 4] {
    let (right, bottom) = (picture.width() - 1, picture.height() - 1);
    [(0, 0), (right, 0), (0, bottom), (right, bottom)].map(|(x, y)| picture.get_pixel(x, y).0)
}

/// How many pixels have about this colour.
fn count(pixels: impl IntoIterator<Item = [u8; 4]>, color: Rgb) -> usize {
    let near = |[r, g, b, _]: &[u8; 4]| {
        let apart = [r, g, b]
            .into_iter()
            .zip(color)
            .map(|(&a, b)| a.abs_diff(b));
        apart.max() <= Some(16)
    };
    pixels.into_iter().filter(near).count()
}

fn all(picture: &RgbaImage) -> impl Iterator<Item = [u8; 4]> {
    picture.pixels().map(|&Rgba(pixel)| pixel)
}

/// How many colours there are, those that hardly differ taken as one.
fn variety(pixels: impl IntoIterator<Item = [u8; 4]>) -> usize {
    let coarse = |pixel: [u8; 4]| pixel.map(|channel| channel / 8);
    pixels
        .into_iter()
        .map(coarse)
        .collect::<BTreeSet<_>>()
        .len()
}

fn different(a: &RgbaImage, b: &RgbaImage) -> usize {
    all(a).zip(all(b)).filter(|(a, b)| a != b).count()
}

fn opaque([r, g, b]: Rgb) -> [u8; 4] {
    [r, g, b, 255]
}

#[test]
fn a_picture_has_the_size_asked_for() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    for (size, samples) in [([321, 200], 1), ([64, 150], 2)] {
        let [width, height] = size;
        desk.succeed(&format!(
            "shot bowl -o a.png --force --size {width}x{height} --samples {samples}"
        ));
        let picture = image::load_from_memory(&desk.read("a.png")).expect("a picture");
        assert_eq!([picture.width(), picture.height()], size);
        let variety = variety(all(&picture.to_rgba8()));
        assert!(variety > 30, "{size:?}: {variety} colours");
    }
}

#[test]
fn the_corners_of_the_scene_have_the_themes_background() {
    if adapter().is_none() {
        return;
    }
    for &theme in ThemeKind::ALL {
        let picture = shot_of(&format!(
            "race --no-ui --size 256x192 --theme {}",
            theme.name()
        ));
        let background = opaque(ThemeColors::new(theme).background);
        assert_eq!(corners(&picture), [background; 4], "{theme:?}");
        if theme == ThemeKind::Paper {
            assert_eq!(background, [255; 4]);
        }
    }
}

#[test]
fn the_surface_has_the_colours_of_its_map() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    let draw = |map: &str| {
        let file = format!(
            "steepest = 1\n[[panel]]\nobjective = \"hills\"\n[view]\ncolormap = \"{map}\"\n"
        );
        desk.put("hills.toml", &file);
        middle(&shot(&desk, "hills.toml --no-ui --size 256x192"))
    };
    let colorful = |pixels: &[[u8; 4]]| {
        let chroma = |&[r, g, b, _]: &[u8; 4]| r.max(g).max(b) - r.min(g).min(b);
        pixels
            .iter()
            .map(chroma)
            .filter(|&chroma| chroma > 40)
            .count()
    };
    let (viridis, greys) = (draw("viridis"), draw("greys"));
    assert!(variety(viridis.clone()) > 100, "{}", variety(viridis));
    assert!(colorful(&viridis) > viridis.len() / 2);
    assert!(variety(greys.clone()) > 15, "{}", variety(greys));
    assert_eq!(colorful(&greys), 0);
}

/// On a grey surface, and too small for a legend, the colours are those of trails and balls.
#[test]
fn every_colour_of_the_race_is_seen_in_the_scene() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    let race = String::from_utf8(desk.succeed("show race")).expect("the file is text");
    assert!(!race.contains("[view]"));
    desk.put(
        "race.toml",
        &format!("{race}\n[view]\ncolormap = \"greys\"\n"),
    );
    let picture = shot(&desk, "race.toml --no-ui --size 256x192 --step 40");
    for color in DESCENTS {
        let pixels = count(all(&picture), color);
        assert!(pixels >= 15, "{color:02x?}: {pixels} pixels");
    }
}

#[test]
fn a_descent_has_its_own_colour_unless_it_is_hidden() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    let magenta = |file: &str| {
        desk.put("bowl.toml", file);
        let picture = shot(&desk, "bowl.toml --no-ui --view top --size 256x192");
        assert_eq!(count(all(&picture), DESCENTS[0]), 0, "its place's colour");
        count(all(&picture), [255, 0, 255])
    };
    let shown = magenta(BOWL);
    assert!(shown > 50, "{shown} pixels");
    assert_eq!(magenta(&BOWL.replace("steps", "hidden = true\nsteps")), 0);
}

#[test]
fn the_same_command_draws_the_same_bytes() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    let draw =
        |step: &str| desk.succeed(&format!("shot race -o - --size 480x360 --samples 1 {step}"));
    let last = draw("");
    assert!(last == draw(""), "two runs differ");
    assert!(last == draw("--step 999999"), "beyond the last is the last");
}

#[test]
fn a_step_shows_the_paths_up_to_it() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    desk.put("bowl.toml", BOWL);
    let draw = |step: usize| {
        let arguments = format!("bowl.toml --no-ui --view top --size 256x192 --step {step}");
        count(all(&shot(&desk, &arguments)), [255, 0, 255])
    };
    let [start, half, end] = [0, 5, 20].map(draw);
    assert!(
        0 < start && start < half && half < end,
        "{start}, {half}, {end}"
    );
}

#[test]
fn the_layout_decides_what_is_drawn() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    let draw = |options: &str| shot(&desk, &format!("race --size 800x500 {options}"));
    let layouts = ["full", "scene+inset", "plot", "scene"];
    let drawn @ [_, _, plot, scene] = &layouts.map(|layout| draw(&format!("--layout {layout}")));
    let theme = ThemeColors::new(ThemeKind::Dark);
    let (panel, background) = (opaque(theme.panel), opaque(theme.background));
    // Below is the timeline, or the ground that scene, inset and plot share.
    let lower = drawn.each_ref().map(|picture| {
        let [.., left, right] = corners(picture);
        [left, right]
    });
    let expected = [
        [panel, panel],
        [background, background],
        [background, background],
        [background, background],
    ];
    assert_eq!(lower, expected, "the lower corners of {layouts:?}");
    let different =
        |a: &RgbaImage, b: &RgbaImage| assert!(a != b, "two layouts are the same picture");
    different(&drawn[1], scene);
    different(plot, scene);
    different(&drawn[1], plot);
    for color in DESCENTS {
        let pixels = count(all(plot), color);
        assert!(pixels > 30, "{color:02x?} in the plot: {pixels} pixels");
    }
    assert_eq!(*scene, draw("--no-ui"));
    assert_eq!(drawn[0], draw(""), "the default is everything");
}

#[test]
fn every_view_is_another_picture() {
    if adapter().is_none() {
        return;
    }
    let views = ["iso", "front", "side", "top", "-0.4,0.3"];
    let mut seen: Vec<(&str, RgbaImage)> = Vec::new();
    for view in views {
        let picture = shot_of(&format!("bowl --no-ui --size 128x96 --view {view}"));
        for (other, drawn) in &seen {
            assert!(different(&picture, drawn) > 500, "{view} and {other}");
        }
        seen.push((view, picture));
    }
}

#[test]
fn a_transparent_picture_has_the_scene_alone() {
    if adapter().is_none() {
        return;
    }
    let picture = shot_of("race --no-ui --transparent --size 256x192");
    assert_eq!(corners(&picture).map(|[.., alpha]| alpha), [0; 4]);
    let surface = part(&picture, [0.4; 2], [0.6; 2]);
    assert!(surface.iter().all(|&[.., alpha]| alpha == 255));
    let clear = all(&picture).filter(|&[.., alpha]| alpha == 0).count();
    assert!(clear > 256 * 192 / 4, "{clear} clear pixels");
}

#[test]
fn the_title_stands_at_the_upper_left() {
    if adapter().is_none() {
        return;
    }
    for theme in [ThemeKind::Dark, ThemeKind::Paper] {
        let desk = Desk::new();
        let draw = |title: &str| {
            let file = format!("title = \"{title}\"\n{BOWL}");
            desk.put("bowl.toml", &file);
            let options = format!("--no-ui --size 480x360 --theme {}", theme.name());
            let picture = shot(&desk, &format!("bowl.toml {options}"));
            // Its strokes are thin: half the way from the background to the text counts.
            let ThemeColors {
                background, text, ..
            } = ThemeColors::new(theme);
            let middle = u8::midpoint(background[1], text[1]);
            let inked = |&[_, green, ..]: &[u8; 4]| (green > middle) == (text[1] > middle);
            let corner = part(&picture, [0.0; 2], [0.4, 0.12]);
            corner.iter().filter(|pixel| inked(pixel)).count()
        };
        let (long, short) = (draw("The quick brown fox"), draw("The"));
        assert!(short > 30 && long > 3 * short, "{long}, {short}");
    }
}

/// A picture of one panel with these keys.
fn panel(keys: &str, options: &str) -> RgbaImage {
    let desk = Desk::new();
    desk.put("panel.toml", &format!("steepest = 1\n[[panel]]\n{keys}\n"));
    shot(
        &desk,
        &format!("panel.toml --size 600x600 --layout scene {options}"),
    )
}

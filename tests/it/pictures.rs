//! Pictures drawn off-screen by the program: facts about them, since renderers differ in the details.

mod edges;
mod fading;
mod maps;
mod narrow;
mod networks;
mod order;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::LazyLock;

use image::{ImageFormat, Rgba, RgbaImage};
use steepest::experiment::{BUILTINS, ThemeKind};
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

/// Landscapes with nothing to see: flat, full of holes, out of all proportion.
const ODD: &str = r#"steepest = 1
[[panel]]
formula = "1"
domain = [[-1, 1], [-1, 1]]
descent = [{ rule = "gd", rate = 1, start = [0, 0], steps = 3 }]
[[panel]]
formula = "sqrt(-1 - x^2)"
domain = [[-1, 1], [-1, 1]]
descent = [{ rule = "adam", rate = 1, start = [0, 0], steps = 3 }]
[[panel]]
formula = "log(x) + y^2"
domain = [[-1, 1], [-1, 1]]
height = "log"
descent = [{ rule = "gd", rate = 1, start = [0.5, 0.5], steps = 3 }]
[[panel]]
formula = "2"
domain = [[-1, 1]]
descent = [{ rule = "gd", rate = 1, start = [9], steps = 3 }]
[[panel]]
formula = "sqrt(x)"
domain = [[-1, 0]]
[[panel]]
formula = "1e300*x^2 + y"
domain = [[-1e3, 1e3], [-1e-3, 1e-3]]
view = "contour"
descent = [{ rule = "gd", rate = 1e10, start = [0.5, 0], steps = 30 }]
[[panel]]
formula = "1e308*x + y"
domain = [[-1.7, 1.7], [-1.7, 1.7]]
[[panel]]
formula = "1e308*x + y"
domain = [[-1.7, 1.7], [-1.7, 1.7]]
height = "log"
"#;

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

#[test]
fn every_built_in_is_drawn() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    let mut failures = Vec::new();
    for builtin in BUILTINS {
        let name = builtin.name;
        let ended = desk.run(&format!(
            "shot {name} -o {name}.png --size 400x300 --samples 1"
        ));
        if ended.code != 0 || ended.stderr.contains("ERROR") {
            failures.push(format!(
                "{name}: exit code {}: {}",
                ended.code, ended.stderr
            ));
            continue;
        }
        let picture = image::load_from_memory(&desk.read(&format!("{name}.png")));
        let variety = picture.map_or(0, |picture| variety(all(&picture.to_rgba8())));
        if variety < 60 {
            failures.push(format!("{name}: {variety} colours"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(desk.names().len(), BUILTINS.len());
}

#[test]
fn odd_landscapes_are_drawn_too() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    desk.put("odd.toml", ODD);
    for options in ["", "--view top --theme paper"] {
        let picture = shot(&desk, &format!("odd.toml --size 600x400 {options}"));
        assert!(variety(all(&picture)) > 60, "{options}");
    }
    let said = desk.run("shot odd.toml -o odd.png --size 64x64").stderr;
    assert!(!said.contains("ERROR"), "{said}");
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

#[test]
fn a_surface_ends_where_it_leaves_its_range() {
    if adapter().is_none() {
        return;
    }
    let keys = "formula = 'x^2 + 0*y'\ndomain = [[-1, 1], [-1, 1]]";
    let beside = |picture: &RgbaImage| part(picture, [0.25, 0.4], [0.34, 0.6]);
    let ground = ThemeColors::new(ThemeKind::Dark).background;
    let whole = panel(keys, "--view top");
    assert_eq!(count(beside(&whole), ground), 0);
    // |x| ≤ 0.5
    let cut = panel(&format!("{keys}\nrange = [0, 0.25]"), "--view top");
    let strip = beside(&cut);
    assert!(count(strip.iter().copied(), ground) * 10 > strip.len() * 8);
    assert_eq!(count(part(&cut, [0.4, 0.4], [0.6, 0.6]), ground), 0);
    // A pole is no wall: nothing of the surface stands over x = 0.
    let pole = "formula = '1/x + 0*y'\ndomain = [[-2, 2], [-1, 1]]\nrange = [-2, 2]";
    let between = part(&panel(pole, "--view top"), [0.45, 0.45], [0.55, 0.55]);
    assert!(count(between.iter().copied(), ground) * 10 > between.len() * 8);
}

#[test]
fn isolines_at_losses_of_ones_own_are_light_on_dark_ground() {
    if adapter().is_none() {
        return;
    }
    let keys =
        "formula = 'x^2 + y^2'\ndomain = [[-2, 2], [-2, 2]]\nview = 'contour'\nrange = [0, 60]";
    let [with, without] =
        ["[1, 2, 4]", "[]"].map(|levels| panel(&format!("{keys}\nlevels = {levels}"), ""));
    let brighter = all(&with).zip(all(&without));
    let brighter = brighter.filter(|(a, b)| (0..3).any(|k| a[k] > b[k].saturating_add(25)));
    assert!(brighter.count() > 600);
}

#[test]
fn a_thousand_to_one_fills_its_space_unless_it_is_to_be_true_to_units() {
    if adapter().is_none() {
        return;
    }
    let keys = "formula = 'x/1000 + y'\ndomain = [[0, 1000], [0, 1]]\nview = 'contour'";
    let upper = |picture: &RgbaImage| variety(part(picture, [0.3, 0.25], [0.7, 0.4]));
    assert!(upper(&panel(keys, "")) > 5);
    assert!(upper(&panel(&format!("{keys}\naspect = 'equal'"), "")) < 3);
}

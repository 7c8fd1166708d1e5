//! Every word that egui paints, with its place: nothing may lie on top of other words, be cut off, or move the layout.

use std::fmt;
use std::io::{Write, stderr};

use bevy::input::keyboard::{Key, KeyCode};
use bevy::prelude::*;
use bevy_egui::{EguiFullOutput, EguiPostUpdateSet, egui};
use egui::accesskit::Role;
use egui::epaint::Shape;
use egui::{Rect, pos2};
use steepest::experiment::Experiment;
use steepest::lab::{Overlay, Viewports};
use steepest::ui::MissingLetters;

use super::person::Person;

/// The words painted in the last frame, from the lowest to the uppermost.
#[derive(Resource, Default)]
pub(super) struct Painted(pub(super) Vec<Word>);

/// A piece of text where it is painted, in logical pixels.
#[derive(Clone, PartialEq)]
pub(super) struct Word {
    /// As it is seen: elided text ends with `…`.
    pub(super) text: String,
    /// What the letters cover.
    pub(super) rect: Rect,
    /// Outside of it nothing is seen.
    pub(super) clip: Rect,
    /// Its letters, and where their pictures lie: letters without a font share one, a box.
    pub(super) letters: Vec<(char, [u16; 2])>,
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, to] = [self.rect.min, self.rect.max].map(|at| [at.x as i32, at.y as i32]);
        write!(f, "`{}` at {from:?} to {to:?}", self.text)
    }
}

/// Has the words of every frame collected, from now on.
pub(super) fn collect(world: &mut World) {
    world.init_resource::<Painted>();
    let gather = |outputs: Query<&EguiFullOutput>, mut painted: ResMut<Painted>| {
        painted.0.clear();
        let outputs = outputs.iter().filter_map(|output| output.0.as_ref());
        for clipped in outputs.flat_map(|output| &output.shapes) {
            words_of(&clipped.shape, clipped.clip_rect, &mut painted.0);
        }
    };
    let between = gather
        .after(EguiPostUpdateSet::EndPass)
        .before(EguiPostUpdateSet::ProcessOutput);
    let mut schedules = world.resource_mut::<Schedules>();
    schedules.add_systems(PostUpdate, between);
}

fn words_of(shape: &Shape, clip: Rect, words: &mut Vec<Word>) {
    match shape {
        Shape::Vec(shapes) => {
            for shape in shapes {
                words_of(shape, clip, words);
            }
        }
        Shape::Text(text) => {
            let rect = text.visual_bounding_rect();
            if rect.is_positive() && rect.intersects(clip) {
                let rows = text.galley.rows.iter();
                let rows: Vec<String> = rows
                    .map(|row| row.glyphs.iter().map(|glyph| glyph.chr).collect())
                    .collect();
                let glyphs = text.galley.rows.iter().flat_map(|row| &row.glyphs);
                let letters = glyphs.map(|glyph| (glyph.chr, glyph.uv_rect.min)).collect();
                let text = rows.join("\n");
                words.push(Word {
                    text,
                    rect,
                    clip,
                    letters,
                });
            }
        }
        _ => {}
    }
}

/// Rounding aside.
const SLACK: f32 = 0.6;

/// What is wrong with the words of a picture, in words.
///
/// Two things are as they should be: what the left-hand side scrolls is cut at its upper and lower end, and a text field
/// shows the part of its text that is edited.
pub(super) fn faults(person: &mut Person) -> Vec<String> {
    let widgets = person.widgets();
    let fields: Vec<Rect> = widgets
        .iter()
        .filter(|widget| matches!(widget.role, Role::TextInput | Role::MultilineTextInput))
        .map(|widget| widget.rect.expand(2.0))
        .collect();
    let viewports: Vec<Rect> = person
        .read::<Viewports>()
        .panels
        .iter()
        .map(|panel| {
            Rect::from_min_max(
                pos2(panel.min.x, panel.min.y),
                pos2(panel.max.x, panel.max.y),
            )
        })
        .collect();
    let scrolled = viewports
        .iter()
        .map(Rect::left)
        .fold(f32::INFINITY, f32::min);
    let words = person.words();
    let mut faults = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let within =
            |field: &&Rect| field.contains(word.rect.center().clamp(word.clip.min, word.clip.max));
        if fields.iter().any(|field| within(&field)) {
            continue;
        }
        let (rect, clip) = (word.rect.shrink(SLACK), word.clip);
        let beside = rect.left() < clip.left() || rect.right() > clip.right();
        let beyond = rect.top() < clip.top() || rect.bottom() > clip.bottom();
        if beside || (beyond && rect.left() > scrolled) {
            faults.push(format!("{word:?} is cut at {clip:?}"));
        }
        for viewport in &viewports {
            if rect.intersects(*viewport)
                && !viewport.expand(SLACK).contains_rect(rect)
                && viewports.len() == 1
            {
                faults.push(format!("{word:?} leaves the scene at {viewport:?}"));
            }
        }
        for other in &words[..index] {
            let seen = |word: &Word| word.rect.intersect(word.clip).shrink(SLACK);
            let (a, b) = (seen(word), seen(other));
            if a.is_positive() && b.is_positive() && a.intersects(b) {
                faults.push(format!("{word:?} lies on {other:?}"));
            }
        }
    }
    faults
}

/// Texts that a person might write, and some that only a program would.
fn texts() -> [String; 4] {
    [
        "On the stability of adaptive gradient methods near narrow, curved valleys of a loss"
            .to_owned(),
        "without_any_space_".repeat(20),
        "lines\nand\ttabs, ".repeat(12),
        "word ".repeat(100),
    ]
}

/// So many panels of a bowl, in which every text is this one.
fn worded(panels: usize, text: &str, theme: &str) -> Experiment {
    let quoted = toml::Value::String(text.to_owned()).to_string();
    let mut file =
        format!("steepest = 1\ntitle = {quoted}\nabout = {quoted}\n[view]\ntheme = \"{theme}\"\n");
    file += &format!("[[caption]]\nstep = 0\nsteps = 50\ntext = {quoted}\n");
    for _ in 0..panels {
        file += &format!("[[panel]]\ntitle = {quoted}\nformula = \"x^2 + 2y^2 + 0.1x*y\"\n");
        file += &format!("domain = [[-3, 3], [-3, 3]]\nlabels = [{quoted}, {quoted}, {quoted}]\n");
        for (name, rate) in [("a", 9e-5), ("b", 0.1)] {
            let name = toml::Value::String(format!("{name} {text}")).to_string();
            file += &format!(
                "[[panel.descent]]\nname = {name}\nrule = \"gd\"\nrate = {rate}\nstart = [2, 2]\nsteps = 40\n"
            );
        }
    }
    Experiment::parse(&file, "worded.toml").expect("an experiment")
}

#[test]
fn words_of_any_length_keep_their_place() {
    for (panels, size, theme) in [
        (1, [1280, 720], "dark"),
        (1, [640, 360], "light"),
        (2, [1280, 720], "paper"),
        (6, [1280, 720], "dark"),
        (6, [640, 360], "paper"),
    ] {
        let plain = worded(panels, "f", theme);
        let Some(mut person) = Person::before("plain", plain, size, 1) else {
            return;
        };
        let viewports = person.read::<Viewports>().clone();
        let plain = faults(&mut person);
        assert!(
            plain.is_empty(),
            "{panels} panels at {size:?}:\n{}",
            plain.join("\n")
        );
        for text in texts() {
            let name = format!("{panels} panels at {size:?}, `{}…`", &text[..18]);
            let experiment = worded(panels, &text, theme);
            let mut person = Person::before("plain", experiment, size, 1).expect("as before");
            assert_eq!(*person.read::<Viewports>(), viewports, "{name}");
            let faults = faults(&mut person);
            assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
        }
    }
}

/// Descents with numbers of every size, their editors open.
#[test]
fn numbers_of_any_size_fit_their_fields_and_keep_the_panels_widths() {
    let file = |domain: &str, seed: u64, rates: &[f64]| {
        let mut file =
            format!("steepest = 1\n[[panel]]\nformula = \"x^2 + y^2\"\ndomain = {domain}\n");
        for rate in rates {
            file += &format!(
                "[[panel.descent]]\nrule = \"adam\"\nrate = {rate:e}\nstart = [-0.123456789, 1]\nsteps = 1000000\n\
                 seed = {seed}\n[panel.descent.stop]\nradius = 1.23456789e-7\n"
            );
        }
        Experiment::parse(&file, "numbers.toml").expect("an experiment")
    };
    let size = [1280, 1100];
    let Some(mut person) = Person::with("bowl", size, 1) else {
        return;
    };
    let usual = person.read::<Viewports>().clone();
    for (domain, seed, rates) in [
        ("[[-3, 3], [-3, 3]]", 7, [9e-5, 0.123_456_789]),
        (
            "[[-1e9, 1e9], [-999999999.5, 1e9]]",
            i64::MAX as u64,
            [1e-300, 1e300],
        ),
        (
            "[[-1.23456789e-5, 1e-9], [1e6, 1000000.001]]",
            1,
            [1.234_567_89e-7, 123_456.789],
        ),
    ] {
        let experiment = file(domain, seed, &rates);
        let mut person = Person::before("numbers", experiment, size, 1).expect("as before");
        for row in [1, 0] {
            let arrow = person.all(Role::Button, "⏵").remove(row);
            person.click_on(&arrow);
        }
        person.pause();
        assert_eq!(*person.read::<Viewports>(), usual, "{domain}");
        let side = usual.panels[0].min.x;
        for field in person
            .widgets()
            .iter()
            .filter(|widget| widget.role == Role::SpinButton)
        {
            assert!(field.rect.right() < side, "{field:?}");
        }
        let faults = faults(&mut person);
        assert!(faults.is_empty(), "{domain}:\n{}", faults.join("\n"));
    }
}

/// A descent that comes to the minimum from one side, and to each side in turn.
#[test]
fn the_name_of_a_minimum_covers_no_path() {
    let mut named = 0;
    for start in [[2, 0], [-2, 0], [0, 2], [0, -2], [2, -2], [2, 2]] {
        let file = format!(
            "steepest = 1\n[[panel]]\nformula = \"x^2 + y^2\"\ndomain = [[-3, 3], [-3, 3]]\n\
             [[panel.descent]]\nrule = \"momentum\"\nrate = 0.1\nstart = {start:?}\nsteps = 60\n\
             color = \"#ff00ff\"\n"
        );
        let experiment = Experiment::parse(&file, "named.toml").expect("an experiment");
        let Some(mut person) = Person::before("named", experiment, [1280, 720], 1) else {
            return;
        };
        person.press(&[(KeyCode::End, Key::End)]);
        let words = person.words();
        let name = words
            .iter()
            .find(|word| word.text.contains("minimum") || word.text.contains("lowest"));
        let Some(name) = name.map(|name| name.rect) else {
            continue;
        };
        named += 1;
        let picture = person.picture();
        for y in name.top() as u32..name.bottom() as u32 {
            for x in name.left() as u32..name.right() as u32 {
                let at = 4 * (y * picture.width + x) as usize;
                let [r, g, b] = [0, 1, 2].map(|k| picture.rgba[at + k]);
                assert!(
                    !(r > 150 && b > 150 && g < 90),
                    "from {start:?}: the path at {x}, {y} in {name:?}"
                );
            }
        }
        let labels = &person.read::<Overlay>().panels[0];
        let avoided = labels.iter().flat_map(|label| &label.avoid);
        for at in avoided.map(|at| pos2(at.x, at.y)) {
            assert!(!name.contains(at), "from {start:?}: {name:?} covers {at:?}");
        }
    }
    assert!(named >= 4, "{named} of six are named");
}

/// Letters that the built-in fonts lack are drawn with a font of this computer, or missed aloud; in either case nothing is
/// out of place.
#[test]
fn text_of_the_world_is_drawn_or_said_to_be_missing() {
    for (text, script) in [
        ("損失関数と勾配降下法", "Chinese"),
        ("경사 하강법", "Korean"),
        ("ירידה במדרון (12) ועוד", "Hebrew"),
        ("الانحدار التدرجي", "Arabic"),
        ("loss", ""),
    ] {
        let experiment = worded(2, text, "dark");
        let Some(mut person) = Person::before(text, experiment, [1280, 720], 1) else {
            return;
        };
        let faults = faults(&mut person);
        assert!(faults.is_empty(), "{text}:\n{}", faults.join("\n"));
        let missing = person.read::<MissingLetters>().clone();
        let title = person.words().iter().find(|word| text.contains(&word.text));
        let mut letters = title.map_or(Vec::new(), |title| title.letters.clone());
        letters.retain(|(letter, _)| !letter.is_whitespace());
        letters.sort_unstable();
        letters.dedup_by_key(|(letter, _)| *letter);
        let mut pictures: Vec<[u16; 2]> = letters.iter().map(|(_, picture)| *picture).collect();
        pictures.sort_unstable();
        pictures.dedup();
        if missing.advice().is_none() {
            assert_eq!(pictures.len(), letters.len(), "boxes in {text}");
        } else {
            let _ = writeln!(stderr(), "SKIPPED: no font for {text} here");
        }
        let said = missing
            .advice()
            .is_some_and(|advice| advice.contains(script));
        assert_eq!(said, missing.advice().is_some(), "{text}: {missing:?}");
    }
}

/// Large numbers at every axis and a million steps.
const LARGE: &str = r#"steepest = 1
[[panel]]
formula = "1e6 + x^2 + y^2"
domain = [[-1e9, 1e9], [-1e-9, 1e9]]
[[panel.descent]]
rule = "gd"
rate = 1e-300
start = [-999999999.5, 123456789.123]
steps = 1000000
"#;
const LARGE_CURVE: &str = r#"steepest = 1
[[panel]]
formula = "1e18*x^2 + 1e18"
domain = [[-3, 3]]
labels = ["a parameter of the model with a name of forty-five letters", "the mean loss over all samples"]
[[panel.descent]]
name = "one_word_without_any_space_that_is_longer_than_the_legend_could_ever_be_in_this_window"
rule = "gd"
rate = 1e-19
start = [2.5]
steps = 40
"#;

#[test]
fn large_numbers_stand_apart_at_every_axis() {
    for file in [LARGE, LARGE_CURVE] {
        for size in [[640, 360], [1280, 720], [1920, 1080]] {
            let experiment = Experiment::parse(file, "large.toml").expect("an experiment");
            let Some(mut person) = Person::before("large", experiment, size, 1) else {
                return;
            };
            let faults = faults(&mut person);
            assert!(faults.is_empty(), "{size:?}:\n{}", faults.join("\n"));
        }
    }
}

#[test]
fn the_colour_bar_and_the_axes_have_numbers_and_titles() {
    let Some(mut person) = Person::with("bowl", [1280, 720], 1) else {
        return;
    };
    let scene = person.read::<Viewports>().panels[0];
    let words = person.words().to_vec();
    let count = |left: f32, right: f32, text: Option<&str>| {
        let inside = words
            .iter()
            .filter(|word| word.rect.left() > left && word.rect.right() < right);
        let fits = |word: &&Word| match text {
            Some(text) => word.text == text,
            None => word.text.replace('−', "-").parse::<f64>().is_ok(),
        };
        inside.filter(fits).count()
    };
    let (left, right) = (scene.min.x, scene.max.x);
    assert!(
        count(right - 80.0, right, None) >= 3,
        "numbers at the bar: {words:?}"
    );
    assert!(
        count(left, right - 80.0, None) >= 9,
        "numbers at the axes: {words:?}"
    );
    for title in ["x", "y", "loss"] {
        assert!(count(left, right, Some(title)) >= 1, "{title} in {words:?}");
    }
}

//! Letters that the built-in fonts lack: those of a font on this computer, where there is one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::prelude::{DetectChanges, Local, Res, ResMut, Resource, Result};
use bevy_egui::{EguiContexts, egui};
use directories::UserDirs;
use egui::{FontData, FontDefinitions, FontFamily};
use skrifa::MetadataProvider;
use skrifa::raw::FileRef;

use super::bidi::is_right_to_left;
use crate::experiment::Experiment;
use crate::lab::CurrentExperiment;

/// More fonts than this are not asked for at once.
const MAX_FONTS: usize = 8;
/// Folders of fonts lie no deeper in each other.
const MAX_DEPTH: usize = 6;

/// Scripts of the experiment's text that no font here has, in words; empty if there are none.
#[derive(Resource, Debug, Default, Clone, PartialEq, Eq)]
pub struct MissingScripts(pub Vec<&'static str>);

impl MissingScripts {
    /// What to do about it.
    pub fn advice(&self) -> Option<String> {
        let scripts = self.0.join(", ");
        (!scripts.is_empty()).then(|| {
            format!(
                "No font here has these letters, which are drawn as boxes: {scripts}. Installing one helps, as with \
                 apt install fonts-noto-cjk (or fonts-noto-core for other scripts)"
            )
        })
    }
}

/// The proportional font has no ⁻, ∇ and ‖; the monospaced one does.
pub(crate) fn built_in() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let mono = fonts.families.get(&FontFamily::Monospace).cloned();
    let proportional = fonts.families.entry(FontFamily::Proportional).or_default();
    proportional.extend(mono.into_iter().flatten());
    fonts
}

/// Looks at the experiment's text when it is another, and for fonts only where letters are missing.
pub(crate) fn add_fonts(
    mut contexts: EguiContexts,
    current: Res<CurrentExperiment>,
    mut missing: ResMut<MissingScripts>,
    mut known: Local<BTreeSet<char>>,
    mut fonts: Local<Option<FontDefinitions>>,
) -> Result {
    if !current.is_changed() {
        return Ok(());
    }
    let letters = letters(&current.source.to_string(), &current.experiment);
    if letters.is_subset(&known) {
        return Ok(());
    }
    let mut lacked: BTreeSet<char> = letters.difference(&known).copied().collect();
    known.extend(lacked.iter().copied());
    for built_in in built_in().font_data.values() {
        if let Some((_, covered)) = covered(&built_in.font, &lacked) {
            lacked.retain(|letter| !covered.contains(letter));
        }
    }
    if !lacked.is_empty() {
        let fonts = fonts.get_or_insert_with(built_in);
        for (name, data) in on_this_computer(&mut lacked) {
            fonts.font_data.insert(name.clone(), Arc::new(data));
            for family in fonts.families.values_mut() {
                family.push(name.clone());
            }
        }
        contexts.ctx_mut()?.set_fonts(fonts.clone());
    }
    let scripts: BTreeSet<&str> = lacked.into_iter().map(script).collect();
    let scripts: Vec<&str> = scripts.into_iter().collect();
    if !scripts.is_empty() && missing.0 != scripts {
        missing.0 = scripts;
    }
    Ok(())
}

/// All letters beyond the Latin ones that an experiment shows.
fn letters(source: &str, experiment: &Experiment) -> BTreeSet<char> {
    let panels = experiment.panels.iter().flat_map(|panel| {
        let names = panel.descents.iter().map(|descent| &descent.name);
        panel.labels.iter().chain([&panel.title]).chain(names)
    });
    let captions = experiment.captions.iter().map(|caption| &caption.text);
    let texts = panels.chain(captions);
    let texts = texts.chain([&experiment.title, &experiment.about]);
    let letters = texts.flat_map(|text| text.chars()).chain(source.chars());
    letters
        .filter(|letter| *letter > '\u{24f}' && !letter.is_whitespace())
        .collect()
}

/// Fonts that have the letters, the plainest first. What they have is taken from `lacked`.
fn on_this_computer(lacked: &mut BTreeSet<char>) -> Vec<(String, FontData)> {
    let mut files = Vec::new();
    for folder in folders() {
        collect(&folder, 0, &mut files);
    }
    files.sort_by_cached_key(|path| (fanciness(path), path.clone()));
    let mut found = Vec::new();
    for path in files {
        if lacked.is_empty() || found.len() == MAX_FONTS {
            break;
        }
        let Ok(data) = std::fs::read(&path) else {
            continue;
        };
        let Some((index, covered)) = covered(&data, lacked) else {
            continue;
        };
        lacked.retain(|letter| !covered.contains(letter));
        let data = FontData {
            index,
            ..FontData::from_owned(data)
        };
        found.push((path.display().to_string(), data));
    }
    found
}

/// Where the platforms keep fonts.
fn folders() -> Vec<PathBuf> {
    let own = UserDirs::new();
    let own = own.iter().flat_map(|user| {
        let home = user.home_dir();
        let below = [
            "Library/Fonts",
            ".fonts",
            "AppData/Local/Microsoft/Windows/Fonts",
        ];
        let below = below.map(|folder| home.join(folder));
        user.font_dir().map(Path::to_owned).into_iter().chain(below)
    });
    let windows = std::env::var_os("WINDIR").map(|folder| Path::new(&folder).join("Fonts"));
    [
        "/usr/share/fonts",
        "/usr/local/share/fonts",
        "/System/Library/Fonts",
        "/Library/Fonts",
    ]
    .into_iter()
    .map(PathBuf::from)
    .chain(windows)
    .chain(own)
    .collect()
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() && depth < MAX_DEPTH {
            collect(&path, depth + 1, files);
        } else if fanciness(&path).is_some() {
            files.push(path);
        }
    }
}

/// How far a font is from an upright sans serif of usual weight, as its file is called; none if it is no use.
fn fanciness(path: &Path) -> Option<usize> {
    let name = path.file_name()?.to_str()?.to_lowercase();
    let is_font = [".ttf", ".otf", ".ttc", ".otc"]
        .iter()
        .any(|ending| name.ends_with(ending));
    let is_odd = [
        "bold",
        "italic",
        "oblique",
        "light",
        "thin",
        "black",
        "medium",
        "condensed",
        "color",
    ];
    if !is_font || is_odd.iter().any(|odd| name.contains(odd)) {
        return None;
    }
    let fancy = ["serif", "mono", "ming", "song", "kai"]
        .iter()
        .any(|fancy| name.contains(fancy));
    let plain = ["sans", "hei", "gothic", "pingfang"]
        .iter()
        .any(|plain| name.contains(plain));
    Some(usize::from(fancy) * 2 + usize::from(!plain))
}

/// Which of the letters a font file can draw, and with which of its faces.
fn covered(data: &[u8], letters: &BTreeSet<char>) -> Option<(u32, BTreeSet<char>)> {
    let file = FileRef::new(data).ok()?;
    let faces = (0..).zip(file.fonts()).filter_map(|(index, face)| {
        let face = face.ok()?;
        let (charmap, outlines) = (face.charmap(), face.outline_glyphs());
        // Pictures in colours have no outline, and are not drawn.
        let drawn = |letter: &&char| outlines.get(charmap.map(**letter)?).map(drop);
        let drawn = letters.iter().filter(|letter| drawn(letter).is_some());
        Some((index, drawn.copied().collect::<BTreeSet<char>>()))
    });
    // Among equals the first.
    let best = faces.collect::<Vec<_>>().into_iter().rev();
    let best = best.max_by_key(|(_, drawn)| drawn.len())?;
    (!best.1.is_empty()).then_some(best)
}

/// The script of a letter, for people.
fn script(letter: char) -> &'static str {
    match letter {
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => "Greek",
        '\u{400}'..='\u{52f}' => "Cyrillic",
        '\u{530}'..='\u{58f}' => "Armenian",
        '\u{590}'..='\u{5ff}' => "Hebrew",
        letter if is_right_to_left(letter) => "Arabic",
        '\u{900}'..='\u{dff}' => "Indic",
        '\u{e00}'..='\u{e7f}' => "Thai",
        '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7ff}' => "Korean",
        '\u{3040}'..='\u{30ff}' => "Japanese",
        '\u{2e80}'..='\u{303f}' | '\u{3100}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => "Chinese",
        '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}' => "Chinese",
        '\u{1f000}'..='\u{1faff}' => "emoji",
        _ => "other signs",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_by_its_script() {
        let scripts = ['損', 'し', '손', 'ש', 'س', 'λ', 'Ж', '🚀', 'ก'].map(script);
        let expected = [
            "Chinese", "Japanese", "Korean", "Hebrew", "Arabic", "Greek", "Cyrillic", "emoji",
            "Thai",
        ];
        assert_eq!(scripts, expected);
        assert_eq!(MissingScripts::default().advice(), None);
        let advice = MissingScripts(vec!["Chinese"])
            .advice()
            .expect("something to do");
        assert!(
            advice.contains("Chinese") && advice.contains("fonts-noto-cjk"),
            "{advice}"
        );
    }

    #[test]
    fn only_letters_that_might_be_missing_are_looked_for() {
        let experiment = Experiment::load("race").expect("a built-in");
        assert!(
            letters("race", &experiment)
                .iter()
                .all(|letter| *letter > '\u{24f}')
        );
        assert!(letters("損失.toml", &experiment).contains(&'損'));
    }
}

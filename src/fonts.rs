//! Fonts for letters that the program's own lack: those of this computer, where there are any.

pub mod bidi;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use directories::UserDirs;
use skrifa::MetadataProvider;
use skrifa::raw::FileRef;

use bidi::is_right_to_left;

/// More fonts than this are not asked for at once.
const MAX_FONTS: usize = 8;
/// Folders of fonts lie no deeper in each other.
const MAX_DEPTH: usize = 6;

/// A font's file.
#[derive(Debug, Clone)]
pub struct FontFile {
    pub path: PathBuf,
    pub data: Vec<u8>,
    /// Which of its faces.
    pub index: u32,
}

/// Whether it only says how its neighbours are drawn: joiners, and variation selectors.
pub fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// The scripts of letters, each once, for people.
pub fn scripts(letters: &BTreeSet<char>) -> Vec<&'static str> {
    let scripts: BTreeSet<&str> = letters.iter().copied().map(script).collect();
    scripts.into_iter().collect()
}

/// What to do about letters that no font here has, if there are any.
pub fn advice(lacked: &BTreeSet<char>) -> Option<String> {
    let scripts = scripts(lacked);
    (!scripts.is_empty()).then(|| {
        format!(
            "No font here has these letters, which are drawn as boxes: {}. Installing one helps, as with \
             apt install fonts-noto-cjk (or fonts-noto-core for other scripts)",
            scripts.join(", ")
        )
    })
}

/// Fonts that have the letters, the plainest first. What they have is taken from `lacked`. A font that is not `wanted` is passed over.
pub fn on_this_computer(
    lacked: &mut BTreeSet<char>,
    wanted: impl Fn(&FontFile) -> bool,
) -> Vec<FontFile> {
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
        let file = FontFile { path, data, index };
        if wanted(&file) {
            lacked.retain(|letter| !covered.contains(letter));
            found.push(file);
        }
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
pub fn covered(data: &[u8], letters: &BTreeSet<char>) -> Option<(u32, BTreeSet<char>)> {
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
        assert_eq!(advice(&BTreeSet::new()), None);
        let advice = advice(&BTreeSet::from(['損'])).expect("something to do");
        assert!(
            advice.contains("Chinese") && advice.contains("fonts-noto-cjk"),
            "{advice}"
        );
    }
}

//! The letters of figures: the program's own fonts and, for what these lack, fonts of this computer; how wide letters are, and in which
//! order they stand.

use std::collections::BTreeSet;
use std::sync::{LazyLock, PoisonError, RwLock};

use skrifa::instance::{LocationRef, Size};
use skrifa::raw::types::Tag;
use skrifa::{FontRef, MetadataProvider};
use subsetter::GlyphRemapper;

use crate::fonts::bidi::letters_as_seen;
use crate::fonts::{FontFile, arabic, on_this_computer};

/// A font's face.
pub(super) struct Font {
    /// Its name in documents.
    pub name: String,
    pub data: &'static [u8],
    pub index: u32,
    font: FontRef<'static>,
}

/// A glyph, and the letters that it is written with.
pub(super) struct Glyph {
    pub font: &'static Font,
    pub id: u16,
    pub letters: Vec<char>,
}

/// The program's own, in the order in which they are asked for a letter: the second has the signs that the first lacks.
static OWN: LazyLock<Vec<&'static Font>> = LazyLock::new(|| {
    use epaint_default_fonts::{HACK_REGULAR, UBUNTU_LIGHT};
    [
        ("Ubuntu-Light", UBUNTU_LIGHT),
        ("Hack-Regular", HACK_REGULAR),
    ]
    .into_iter()
    .filter_map(|(name, data)| Some(&*Box::leak(Box::new(Font::new(name.to_owned(), data, 0)?))))
    .collect()
});

/// What was found on this computer, and the letters that were looked for: each font is read once, and stays as the own ones do.
#[derive(Default)]
struct Found {
    fonts: Vec<&'static Font>,
    asked: BTreeSet<char>,
}

static FOUND: LazyLock<RwLock<Found>> = LazyLock::new(RwLock::default);

/// Looks for fonts with the letters that the program's own lack.
pub(super) fn load(letters: impl Iterator<Item = char>) {
    let lacked: BTreeSet<char> = letters
        .filter(|letter| !letter.is_whitespace() && own(*letter).is_none())
        .collect();
    let mut found = FOUND.write().unwrap_or_else(PoisonError::into_inner);
    let mut asked: BTreeSet<char> = lacked.difference(&found.asked).copied().collect();
    if asked.is_empty() {
        return;
    }
    found.asked.extend(asked.iter().copied());
    asked.retain(|letter| !found.fonts.iter().any(|font| font.glyph(*letter).is_some()));
    if asked.is_empty() {
        return;
    }
    // What no part can be taken of cannot be embedded.
    let is_fit =
        |file: &FontFile| subsetter::subset(&file.data, file.index, &GlyphRemapper::new()).is_ok();
    let files = on_this_computer(&mut asked, is_fit);
    found.fonts.extend(files.into_iter().filter_map(|file| {
        let name = file.path.file_stem()?.to_str()?;
        let name = name
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-');
        let name = format!("{}-{}", name.collect::<String>(), file.index);
        let data = Box::leak(file.data.into_boxed_slice());
        Some(&*Box::leak(Box::new(Font::new(name, data, file.index)?)))
    }));
}

impl Font {
    fn new(name: String, data: &'static [u8], index: u32) -> Option<Font> {
        let font = FontRef::from_index(data, index).ok()?;
        Some(Font {
            name,
            data,
            index,
            font,
        })
    }

    fn glyph(&self, letter: char) -> Option<u16> {
        let glyph = self.font.charmap().map(letter)?.to_u32();
        u16::try_from(glyph).ok().filter(|glyph| *glyph != 0)
    }

    /// A glyph's width, the letter's height being 1.
    pub fn advance(&self, glyph: u16) -> f64 {
        let metrics = self
            .font
            .glyph_metrics(Size::new(1.0), LocationRef::default());
        f64::from(metrics.advance_width(glyph.into()).unwrap_or(0.5))
    }

    /// Ascent, descent (below 0) and the height of capitals, the letter's height being 1.
    pub fn heights(&self) -> [f64; 3] {
        let metrics = self.font.metrics(Size::new(1.0), LocationRef::default());
        let capitals = metrics.cap_height.unwrap_or(0.7);
        [metrics.ascent, metrics.descent, capitals].map(f64::from)
    }

    /// Whether its outlines are PostScript's.
    pub fn is_postscript(&self) -> bool {
        self.font.table_data(Tag::new(b"CFF ")).is_some()
    }
}

fn own(letter: char) -> Option<(&'static Font, u16)> {
    let mut fonts = OWN.iter();
    fonts.find_map(|font| Some((*font, font.glyph(letter)?)))
}

/// Which font has a letter, and which glyph it is.
fn find(letter: char) -> Option<(&'static Font, u16)> {
    // Narrow and wide spaces are spaces: fixed fonts would make them wider still.
    let letter = if letter.is_whitespace() { ' ' } else { letter };
    own(letter).or_else(|| {
        let found = FOUND.read().unwrap_or_else(PoisonError::into_inner);
        let mut fonts = found.fonts.iter();
        fonts.find_map(|font| Some((*font, font.glyph(letter)?)))
    })
}

pub(super) fn has(letter: char) -> bool {
    letter.is_whitespace() || find(letter).is_some()
}

/// The glyphs of a line from left to right; the first font's empty box for what no font has.
pub(super) fn glyphs(line: &str) -> Vec<Glyph> {
    let glyph = |form: char, letters: Vec<char>| {
        let (font, id) = find(form).or_else(|| Some((*OWN.first()?, 0)))?;
        Some(Glyph { font, id, letters })
    };
    let forms = letters_as_seen(&arabic::joined(line)).into_iter();
    let glyphs = forms.flat_map(|form| {
        let letters = match form.is_whitespace() {
            true => vec![' '],
            false => arabic::written(form),
        };
        if has(form) {
            return vec![glyph(form, letters)];
        }
        // Without the form the letters themselves, from left to right.
        letters
            .into_iter()
            .rev()
            .map(|letter| glyph(letter, vec![letter]))
            .collect()
    });
    glyphs.flatten().collect()
}

/// How wide a text is at a size.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let widths = glyphs(text)
        .into_iter()
        .map(|glyph| glyph.font.advance(glyph.id));
    size * widths.sum::<f64>()
}

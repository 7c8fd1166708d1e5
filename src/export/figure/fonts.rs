//! The letters of figures: the program's own fonts and, for what these lack, fonts of this computer; which glyphs a line is made of.
//!
//! Lines are shaped (OpenType, by `harfrust`): letters join, ligate and stand over one another as their script asks for.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{LazyLock, PoisonError, RwLock};

use harfrust::{Direction, ShapeOptions, ShaperData, UnicodeBuffer};
use skrifa::instance::{LocationRef, Size};
use skrifa::raw::types::Tag;
use skrifa::{FontRef, MetadataProvider};
use subsetter::GlyphRemapper;

use crate::fonts::bidi::{is_mark, turned_round, visual_runs};
use crate::fonts::{FontFile, is_joiner, on_this_computer};

/// A font's face.
pub(super) struct Font {
    /// Its name in documents.
    pub name: String,
    pub data: &'static [u8],
    pub index: u32,
    font: FontRef<'static>,
    shaping: ShaperData,
    /// Units of its design in the letter's height.
    units: f64,
}

/// A glyph; lengths are in the letter's height.
pub(super) struct Glyph {
    pub font: &'static Font,
    pub id: u16,
    /// What of the line it is written with: nothing, where the glyph before it stands for both.
    pub letters: String,
    /// From its place to the next one's.
    pub advance: f64,
    /// To the right and upwards from its place.
    pub offset: [f64; 2],
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
        .filter(|letter| !is_blank(*letter) && own(*letter).is_none())
        .collect();
    let mut found = FOUND.write().unwrap_or_else(PoisonError::into_inner);
    let mut asked: BTreeSet<char> = lacked.difference(&found.asked).copied().collect();
    if asked.is_empty() {
        return;
    }
    found.asked.extend(asked.iter().copied());
    asked.retain(|letter| !found.fonts.iter().any(|font| font.has(*letter)));
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
        let units = font.metrics(Size::unscaled(), LocationRef::default());
        Some(Font {
            name,
            data,
            index,
            shaping: ShaperData::new(&font),
            units: f64::from(units.units_per_em.max(1)),
            font,
        })
    }

    fn has(&self, letter: char) -> bool {
        let glyph = self.font.charmap().map(letter);
        glyph.is_some_and(|glyph| glyph.to_u32() != 0)
    }

    /// A glyph's usual width, the letter's height being 1.
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

    /// The glyphs of letters that run in one direction, from left to right.
    fn shape(&'static self, text: &str, is_to_the_left: bool, glyphs: &mut Vec<Glyph>) {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(match is_to_the_left {
            true => Direction::RightToLeft,
            false => Direction::LeftToRight,
        });
        let shaper = self.shaping.shaper(&self.font).build();
        let shaped = shaper.shape(buffer, ShapeOptions::new());
        let infos = shaped.glyph_infos();
        let starts: BTreeSet<usize> = infos.iter().map(|info| info.cluster as usize).collect();
        let mut told = None;
        for (info, place) in infos.iter().zip(shaped.glyph_positions()) {
            let start = info.cluster as usize;
            let end = starts.range(start + 1..).next();
            // A glyph stands for all letters of its cluster; those after it in the same one for none.
            let letters = match told == Some(start) {
                true => "",
                false => text
                    .get(start..end.copied().unwrap_or(text.len()))
                    .unwrap_or_default(),
            };
            told = Some(start);
            let length = |units: i32| f64::from(units) / self.units;
            glyphs.push(Glyph {
                font: self,
                id: u16::try_from(info.glyph_id).unwrap_or_default(),
                letters: match is_to_the_left {
                    true => letters.chars().map(turned_round).collect(),
                    false => letters.to_owned(),
                },
                advance: length(place.x_advance),
                offset: [length(place.x_offset), length(place.y_offset)],
            });
        }
    }
}

fn own(letter: char) -> Option<&'static Font> {
    OWN.iter().find(|font| font.has(letter)).copied()
}

/// Which font has a letter.
fn find(letter: char) -> Option<&'static Font> {
    own(letter).or_else(|| {
        let found = FOUND.read().unwrap_or_else(PoisonError::into_inner);
        found.fonts.iter().find(|font| font.has(letter)).copied()
    })
}

/// Whether it needs no glyph of its own.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || is_joiner(letter)
}

pub(super) fn has(letter: char) -> bool {
    is_blank(letter) || find(letter).is_some()
}

/// The glyphs of a line from left to right; the first font's empty box for what no font has.
pub(super) fn glyphs(line: &str) -> Vec<Glyph> {
    // Narrow and wide spaces are spaces: fixed fonts would make them wider still.
    let space = |letter: char| if letter.is_whitespace() { ' ' } else { letter };
    let line: String = line.chars().map(space).collect();
    let mut glyphs = Vec::new();
    for (range, is_to_the_left) in visual_runs(&line) {
        let mut runs = font_runs(&line, range);
        if is_to_the_left {
            runs.reverse();
        }
        for (font, range) in runs {
            font.shape(&line[range], is_to_the_left, &mut glyphs);
        }
    }
    glyphs
}

/// Parts of a line with the fonts that have their letters, in the order in which they are read.
fn font_runs(line: &str, range: Range<usize>) -> Vec<(&'static Font, Range<usize>)> {
    let mut runs: Vec<(&'static Font, Range<usize>)> = Vec::new();
    for (start, letter) in line[range.clone()].char_indices() {
        let start = range.start + start;
        let end = start + letter.len_utf8();
        // Marks are drawn with the font of the letter that they stand on, if it has them.
        let goes_on = |font: &'static Font| match is_mark(letter) {
            true => font.has(letter),
            false => find(letter).is_some_and(|found| std::ptr::eq(found, font)),
        };
        match runs.last_mut() {
            Some((font, range)) if is_joiner(letter) || goes_on(font) => range.end = end,
            _ => {
                let font = find(letter).or_else(|| OWN.first().copied());
                runs.extend(font.map(|font| (font, start..end)));
            }
        }
    }
    runs
}

/// How wide a text is at a size.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let widths = glyphs(text).into_iter().map(|glyph| glyph.advance);
    size * widths.sum::<f64>()
}

/// An SVG is shown with another font where the program's own is not there; usual ones are wider by no more than this.
const SPARE: f64 = 1.08;

/// How much room is kept for it.
pub(super) fn room(text: &str, size: f64) -> f64 {
    SPARE * width(text, size)
}

//! The letters of figures: the program's own fonts, how wide they are, and which are there.

use std::sync::LazyLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::raw::FileRef;
use skrifa::{FontRef, MetadataProvider};

/// A font of the program's.
pub(super) struct Font {
    /// Its name in documents.
    pub name: &'static str,
    pub data: &'static [u8],
    font: FontRef<'static>,
}

/// In the order in which they are asked for a letter: the second has the signs that the first lacks.
pub(super) static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    use epaint_default_fonts::{HACK_REGULAR, UBUNTU_LIGHT};
    [
        ("Ubuntu-Light", UBUNTU_LIGHT),
        ("Hack-Regular", HACK_REGULAR),
    ]
    .into_iter()
    .filter_map(|(name, data)| match FileRef::new(data).ok()? {
        FileRef::Font(font) => Some(Font { name, data, font }),
        FileRef::Collection(_) => None,
    })
    .collect()
});

impl Font {
    pub fn glyph(&self, letter: char) -> Option<u16> {
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
}

/// Which font has a letter, and which glyph it is; the first font's empty box for what none has.
pub(super) fn find(letter: char) -> (usize, u16) {
    let found = FONTS.iter().enumerate();
    let mut found = found.filter_map(|(k, font)| Some((k, font.glyph(letter)?)));
    found.next().unwrap_or((0, 0))
}

pub(super) fn has(letter: char) -> bool {
    letter.is_whitespace() || find(letter).1 != 0
}

/// How wide a text is at a size.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let widths = text.chars().map(|letter| {
        let (font, glyph) = find(letter);
        FONTS.get(font).map_or(0.5, |font| font.advance(glyph))
    });
    size * widths.sum::<f64>()
}

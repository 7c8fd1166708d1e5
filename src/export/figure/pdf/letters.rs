//! A font in the file: those of its letters that are used, and what they stand for.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use skrifa::FontRef;
use skrifa::raw::types::Tag;
use subsetter::GlyphRemapper;

use super::super::fonts::{Font, Glyph};
use super::deflated;

const SYSTEM: SystemInfo<'static> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};

/// The letters of one font that are used.
pub(super) struct Letters {
    pub font: &'static Font,
    pub glyphs: GlyphRemapper,
    /// By their numbers in the file: the glyph, and the letters that it is written with.
    letters: BTreeMap<u16, (u16, String)>,
}

impl Letters {
    pub fn of(font: &'static Font) -> Letters {
        Letters {
            font,
            glyphs: GlyphRemapper::new(),
            letters: BTreeMap::new(),
        }
    }

    /// Takes a glyph into the font; whether it stands for the same letters wherever it occurs.
    pub fn tells(&mut self, glyph: &Glyph) -> bool {
        let number = self.glyphs.remap(glyph.id);
        let (_, letters) = self
            .letters
            .entry(number)
            .or_insert_with(|| (glyph.id, glyph.letters.clone()));
        *letters == glyph.letters && !letters.is_empty()
    }

    pub fn write(&self, pdf: &mut Pdf, place: Ref, [cid, descriptor, file, cmap]: [Ref; 4]) {
        let font = self.font;
        // A tag of six capitals says that it is a part of the font.
        let name = format!("STPEST+{}", font.name);
        let name = Name(name.as_bytes());
        let mut composite = pdf.type0_font(place);
        composite.base_font(name);
        composite.encoding_predefined(Name(b"Identity-H"));
        composite.descendant_font(cid).to_unicode(cmap);
        composite.finish();
        let mut part = pdf.cid_font(cid);
        let is_postscript = font.is_postscript();
        part.subtype(if is_postscript {
            CidFontType::Type0
        } else {
            CidFontType::Type2
        });
        part.base_font(name);
        part.system_info(SYSTEM).font_descriptor(descriptor);
        part.default_width(0.0);
        if !is_postscript {
            part.cid_to_gid_map_predefined(Name(b"Identity"));
        }
        let mut widths = part.widths();
        for (number, (glyph, _)) in &self.letters {
            widths.consecutive(*number, [1000.0 * font.advance(*glyph) as f32]);
        }
        widths.finish();
        part.finish();
        let [ascent, descent, capitals] = font.heights().map(|height| 1000.0 * height as f32);
        let mut about = pdf.font_descriptor(descriptor);
        about.name(name).flags(FontFlags::NON_SYMBOLIC);
        about.bbox(Rect::new(-500.0, descent, 2000.0, ascent));
        about.italic_angle(0.0).ascent(ascent).descent(descent);
        about.cap_height(capitals).stem_v(60.0);
        if is_postscript {
            about.font_file3(file);
        } else {
            about.font_file2(file);
        }
        about.finish();
        // What cannot be made smaller is embedded whole: numbers would be others then, so such fonts are passed over.
        let part = subsetter::subset(font.data, font.index, &self.glyphs);
        let part = part.unwrap_or_else(|_| font.data.to_vec());
        let outlines = FontRef::new(&part).ok().filter(|_| is_postscript);
        let outlines = outlines.and_then(|font| font.table_data(Tag::new(b"CFF ")));
        let part = outlines.map_or(&*part, |table| table.as_bytes());
        let data = deflated(part);
        let mut stream = pdf.stream(file, &data);
        stream.filter(Filter::FlateDecode);
        if is_postscript {
            stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        } else {
            stream.pair(Name(b"Length1"), part.len() as i32);
        }
        stream.finish();
        let mut words = UnicodeCmap::new(Name(b"Custom"), SYSTEM);
        let letters = self
            .letters
            .iter()
            .filter(|(_, (_, letters))| !letters.is_empty());
        for (number, (_, letters)) in letters {
            words.pair_with_multiple(*number, letters.chars());
        }
        pdf.cmap(cmap, &words.finish());
    }
}

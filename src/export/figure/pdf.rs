//! A figure as PDF: one page of its size, with the letters that it needs embedded and its text selectable.

mod letters;

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{LineCapStyle, LineJoinStyle, TextRenderingMode};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::fonts::{Font, Glyph};
use super::{Anchor, Figure, Item, Stroke, Text, fonts};
use crate::palette::Rgb;
use letters::Letters;

/// How circles are made of four cubic curves.
const ROUND: f64 = 0.552_284_75;
/// A shift of less is none, in thousandths of a letter's height.
const LEAST_SHIFT: f64 = 0.6;
/// Objects of the file that are always there.
const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
const FIRST_FREE: i32 = 6;

/// A page being drawn.
struct Page {
    content: Content,
    height: f64,
    fonts: Vec<Letters>,
    pictures: Vec<([usize; 2], Vec<u8>)>,
}

impl Figure {
    /// The bytes of a PDF file.
    pub fn to_pdf(&self) -> Vec<u8> {
        let [width, height] = self.size;
        let mut page = Page {
            content: Content::new(),
            height,
            fonts: Vec::new(),
            pictures: Vec::new(),
        };
        page.content.set_line_join(LineJoinStyle::RoundJoin);
        for item in &self.items {
            page.draw(item);
        }
        let mut pdf = Pdf::new();
        pdf.catalog(CATALOG).pages(PAGES);
        pdf.pages(PAGES).kids([PAGE]).count(1);
        let mut info = pdf.document_info(INFO);
        info.title(TextStr(&self.title));
        info.creator(TextStr("steepest"));
        info.finish();
        let mut next = FIRST_FREE;
        let mut free = || {
            next += 1;
            Ref::new(next - 1)
        };
        let used: Vec<(usize, Ref)> = (0..page.fonts.len()).map(|k| (k, free())).collect();
        let pictures: Vec<Ref> = page.pictures.iter().map(|_| free()).collect();
        let mut sheet = pdf.page(PAGE);
        sheet.media_box(Rect::new(0.0, 0.0, width as f32, height as f32));
        sheet.parent(PAGES).contents(CONTENT);
        let mut resources = sheet.resources();
        let mut names = resources.fonts();
        for (k, font) in &used {
            names.pair(Name(font_name(*k).as_bytes()), *font);
        }
        names.finish();
        let mut names = resources.x_objects();
        for (k, picture) in pictures.iter().enumerate() {
            names.pair(Name(format!("P{k}").as_bytes()), *picture);
        }
        names.finish();
        resources.finish();
        sheet.finish();
        let content = deflated(&page.content.finish());
        pdf.stream(CONTENT, &content).filter(Filter::FlateDecode);
        for (k, font) in used {
            page.fonts[k].write(&mut pdf, font, [(); 4].map(|()| free()));
        }
        for (place, (size, rgb)) in pictures.into_iter().zip(&page.pictures) {
            let data = deflated(rgb);
            let mut picture = pdf.image_xobject(place, &data);
            picture.filter(Filter::FlateDecode);
            picture.width(size[0] as i32).height(size[1] as i32);
            picture.color_space().device_rgb();
            picture.bits_per_component(8);
        }
        pdf.finish()
    }
}

impl Page {
    /// From the upper left corner, as figures count, to the lower left one.
    fn place(&self, [x, y]: [f64; 2]) -> [f32; 2] {
        [x as f32, (self.height - y) as f32]
    }

    fn draw(&mut self, item: &Item) {
        match item {
            Item::Path {
                lines,
                closed,
                stroke,
                fill,
            } => {
                self.colours(stroke, fill);
                for line in lines {
                    for (k, point) in line.iter().enumerate() {
                        let [x, y] = self.place(*point);
                        if k == 0 {
                            self.content.move_to(x, y);
                        } else {
                            self.content.line_to(x, y);
                        }
                    }
                    if *closed {
                        self.content.close_path();
                    }
                }
                self.paint(stroke, fill);
            }
            Item::Circle {
                center: [x, y],
                radius,
                stroke,
                fill,
            } => {
                self.colours(stroke, fill);
                let at = |p: f64, q: f64| self.place([x + radius * p, y + radius * q]);
                let corners = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]];
                let pieces = [0, 1, 2, 3].map(|k| {
                    let ([a, b], [c, d]) = (corners[k], corners[(k + 1) % 4]);
                    let near = at(a + ROUND * c, b + ROUND * d);
                    let far = at(c + ROUND * a, d + ROUND * b);
                    (near, far, at(c, d))
                });
                let [start_x, start_y] = at(1.0, 0.0);
                self.content.move_to(start_x, start_y);
                for (a, b, c) in pieces {
                    self.content.cubic_to(a[0], a[1], b[0], b[1], c[0], c[1]);
                }
                self.content.close_path();
                self.paint(stroke, fill);
            }
            Item::Text(text) => self.write(text),
            Item::Picture { area, size, rgb } => {
                let name = format!("P{}", self.pictures.len());
                self.pictures.push((*size, rgb.clone()));
                let [x, y] = self.place([area.left, area.bottom()]);
                self.content.save_state();
                let [width, height] = [area.width as f32, area.height as f32];
                self.content.transform([width, 0.0, 0.0, height, x, y]);
                self.content.x_object(Name(name.as_bytes()));
                self.content.restore_state();
            }
            Item::Clip(area) => {
                let [x, y] = self.place([area.left, area.bottom()]);
                self.content.save_state();
                self.content
                    .rect(x, y, area.width as f32, area.height as f32);
                self.content.clip_nonzero().end_path();
            }
            Item::ClipEnd => {
                self.content.restore_state();
            }
        }
    }

    fn colours(&mut self, stroke: &Option<Stroke>, fill: &Option<Rgb>) {
        if let Some(color) = fill {
            let [r, g, b] = unit(*color);
            self.content.set_fill_rgb(r, g, b);
        }
        if let Some(Stroke { color, width, dash }) = stroke {
            let [r, g, b] = unit(*color);
            self.content.set_stroke_rgb(r, g, b);
            self.content.set_line_width(*width as f32);
            let cap = match dash {
                Some(_) => LineCapStyle::ButtCap,
                None => LineCapStyle::RoundCap,
            };
            self.content.set_line_cap(cap);
            let dash = dash.iter().flatten().map(|length| *length as f32);
            self.content.set_dash_pattern(dash, 0.0);
        }
    }

    fn paint(&mut self, stroke: &Option<Stroke>, fill: &Option<Rgb>) {
        match (stroke, fill) {
            (Some(_), Some(_)) => self.content.fill_nonzero_and_stroke(),
            (None, Some(_)) => self.content.fill_nonzero(),
            (Some(_), None) => self.content.stroke(),
            (None, None) => self.content.end_path(),
        };
    }

    fn write(&mut self, text: &Text) {
        let width = fonts::width(&text.text, text.size);
        let back = match text.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => 0.5 * width,
            Anchor::End => width,
        };
        let (sin, cos) = text.turn.sin_cos();
        let start = [text.at[0] - back * cos, text.at[1] - back * sin];
        if let Some(halo) = text.halo {
            let stroke = Stroke {
                color: halo,
                width: 2.0,
                dash: None,
            };
            self.colours(&Some(stroke), &None);
            self.content
                .set_text_rendering_mode(TextRenderingMode::Stroke);
            self.show(text, start, [sin, cos]);
            self.content
                .set_text_rendering_mode(TextRenderingMode::Fill);
        }
        self.colours(&None, &Some(text.color));
        self.show(text, start, [sin, cos]);
    }

    /// The letters, font by font; y is turned round, and so are angles.
    fn show(&mut self, text: &Text, mut at: [f64; 2], [sin, cos]: [f64; 2]) {
        let glyphs = fonts::glyphs(&text.text);
        for run in glyphs.chunk_by(|a, b| std::ptr::eq(a.font, b.font)) {
            let font = self.font(run[0].font);
            let width: f64 = run.iter().map(|glyph| glyph.advance).sum();
            let [x, y] = self.place(at);
            let turned = [cos, -sin, sin, cos].map(|c| c as f32);
            self.content.begin_text();
            let name = font_name(font);
            self.content
                .set_font(Name(name.as_bytes()), text.size as f32);
            let [a, b, c, d] = turned;
            self.content.set_text_matrix([a, b, c, d, x, y]);
            self.show_run(font, text.size, run);
            self.content.end_text();
            at = [
                at[0] + text.size * width * cos,
                at[1] + text.size * width * sin,
            ];
        }
    }

    /// Glyphs of one font. Letters that cannot be read from their glyphs are told beside these, for whoever reads or copies them. They stand
    /// in the order in which they are seen, as programs expect that turn text round that runs to the left.
    fn show_run(&mut self, font: usize, size: f64, run: &[Glyph]) {
        let told: Vec<bool> = run
            .iter()
            .map(|glyph| self.fonts[font].tells(glyph))
            .collect();
        // What has no letters belongs to the glyph before it.
        let belongs = |k: usize| run.get(k).is_some_and(|glyph| glyph.letters.is_empty());
        let is_told = |k: usize| told[k] && !belongs(k + 1);
        let mut from = 0;
        while from < run.len() {
            let goes_on = |k: &usize| match is_told(from) {
                true => is_told(*k),
                false => belongs(*k),
            };
            let to = from + 1 + (from + 1..run.len()).take_while(goes_on).count();
            let part = &run[from..to];
            if !is_told(from) {
                let letters: String = part.iter().map(|glyph| &*glyph.letters).collect();
                let mut span = self
                    .content
                    .begin_marked_content_with_properties(Name(b"Span"));
                span.properties().actual_text(TextStr(&letters));
            }
            for level in part.chunk_by(|a, b| a.offset[1] == b.offset[1]) {
                self.content.set_rise((size * level[0].offset[1]) as f32);
                self.show_level(font, level);
            }
            if !is_told(from) {
                self.content.end_marked_content();
            }
            from = to;
        }
    }

    /// Glyphs at one height. Where one stands or leads elsewhere than the font says, that is told, in thousandths to the left.
    fn show_level(&mut self, font: usize, glyphs: &[Glyph]) {
        let used = &mut self.fonts[font];
        let mut shown = self.content.show_positioned();
        let mut items = shown.items();
        let mut string = Vec::new();
        // What the last glyph still has to go.
        let mut ahead = 0.0;
        for glyph in glyphs {
            let number = used.glyphs.remap(glyph.id);
            let before = -1000.0 * (ahead + glyph.offset[0]);
            if before.abs() > LEAST_SHIFT {
                if !string.is_empty() {
                    items.show(Str(&string));
                    string.clear();
                }
                items.adjust(before as f32);
                ahead = -glyph.offset[0];
            }
            string.extend(number.to_be_bytes());
            ahead += glyph.advance - used.font.advance(glyph.id);
        }
        if !string.is_empty() {
            items.show(Str(&string));
        }
        let after = -1000.0 * ahead;
        if after.abs() > LEAST_SHIFT {
            items.adjust(after as f32);
        }
    }

    /// The place of a font among those of the page.
    fn font(&mut self, font: &'static Font) -> usize {
        let known = self
            .fonts
            .iter()
            .position(|used| std::ptr::eq(used.font, font));
        known.unwrap_or_else(|| {
            self.fonts.push(Letters::of(font));
            self.fonts.len() - 1
        })
    }
}

fn font_name(k: usize) -> String {
    format!("F{k}")
}

fn unit(color: Rgb) -> [f32; 3] {
    color.map(|c| f32::from(c) / 255.0)
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(data).and_then(|()| encoder.finish());
    written.expect("memory takes all that is written")
}

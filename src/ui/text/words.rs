//! Words that fit: in one line or a few, elided where their room ends, and where nothing else stands.

use std::sync::Arc;

use bevy_egui::egui;
use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Pos2, Rect, Vec2, vec2};

use super::style::color32;
use super::tip;
use crate::fonts::bidi::{is_right_to_left, visual};
use crate::lab::theme::Theme;

/// A text of any kind in one line, in the order in which it is seen.
pub(crate) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    visual(&words.join(" ")).into_owned()
}

/// A label in a row, elided beyond a width.
pub(crate) fn label_within(ui: &mut egui::Ui, text: &str, width: f32) {
    let size = vec2(width, ui.spacing().interact_size.y);
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.add(egui::Label::new(one_line(text)).truncate());
    });
}

/// A text as it is laid out, and all of it.
#[derive(Clone)]
pub(crate) struct Laid {
    galley: Arc<Galley>,
    whole: String,
    color: Color32,
}

impl Laid {
    pub(crate) fn size(&self) -> Vec2 {
        self.galley.size()
    }

    pub(crate) fn is_elided(&self) -> bool {
        self.galley.elided
    }
}

/// The words in a part of the picture. Whatever is painted keeps its place: what comes after goes elsewhere, or is left
/// out.
pub(crate) struct Words<'a> {
    pub(crate) painter: Painter,
    pub(crate) theme: &'a Theme,
    pub(crate) area: Rect,
    taken: Vec<Rect>,
}

impl<'a> Words<'a> {
    /// What is taken beforehand is left alone.
    pub(crate) fn new(painter: Painter, theme: &'a Theme, area: Rect, taken: Vec<Rect>) -> Self {
        Words {
            painter,
            theme,
            area,
            taken,
        }
    }

    /// A text in one line of so much width.
    pub(crate) fn line(&self, text: &str, font: FontId, color: Color32, width: f32) -> Laid {
        self.rows(&one_line(text), font, color, width, 1)
    }

    /// A text in so many rows of so much width.
    pub(crate) fn rows(
        &self,
        text: &str,
        font: FontId,
        color: Color32,
        width: f32,
        rows: usize,
    ) -> Laid {
        let lines = match rows {
            1 => text.to_owned(),
            _ => self.lines(text, &font, width),
        };
        let mut job = LayoutJob::simple(lines, font, color, width);
        job.wrap = TextWrapping {
            max_width: width.max(1.0),
            max_rows: rows,
            break_anywhere: rows == 1,
            ..TextWrapping::default()
        };
        Laid {
            galley: self.painter.layout_job(job),
            whole: text.to_owned(),
            color,
        }
    }

    /// A text with a line's end where it is to be wrapped, if some of it runs to the left: what is wrapped later would
    /// be in the wrong order. Else as it is.
    fn lines(&self, text: &str, font: &FontId, width: f32) -> String {
        if !text.chars().any(is_right_to_left) {
            return text.to_owned();
        }
        let is_wider = |line: &str| {
            let line = self
                .painter
                .layout_no_wrap(line.to_owned(), font.clone(), Color32::WHITE);
            line.size().x > width
        };
        let mut lines: Vec<String> = Vec::new();
        for written in text.lines() {
            let mut line = String::new();
            for word in written.split_whitespace() {
                let longer = format!("{line} {word}");
                if !line.is_empty() && is_wider(&longer) {
                    lines.push(visual(&line).into_owned());
                    line = word.to_owned();
                } else {
                    line = longer.trim_start().to_owned();
                }
            }
            lines.push(visual(&line).into_owned());
        }
        lines.join("\n")
    }

    /// Whether a place lies within the area and nothing stands there or close beside it.
    pub(crate) fn is_free(&self, rect: Rect) -> bool {
        let around = rect.expand2(vec2(2.0, 0.0));
        self.area.contains_rect(rect) && !self.taken.iter().any(|taken| taken.intersects(around))
    }

    /// Keeps a place from what comes after.
    pub(crate) fn take(&mut self, rect: Rect) {
        self.taken.push(rect);
    }

    pub(crate) fn taken(self) -> Vec<Rect> {
        self.taken
    }

    /// Paints a text and takes its place. Over one that is elided, the pointer finds all of it.
    pub(crate) fn paint(&mut self, laid: Laid, at: Pos2, align: Align2) -> Rect {
        let rect = align.anchor_size(at, laid.size());
        self.take(rect);
        self.put(laid, rect);
        rect
    }

    /// The same where nothing stands, shifted sideways into the area where it would leave it; else nothing.
    pub(crate) fn paint_if_free(&mut self, laid: Laid, at: Pos2, align: Align2) -> Option<Rect> {
        let rect = self.shifted(align.anchor_size(at, laid.size()));
        let free = self.is_free(rect);
        free.then(|| self.paint(laid, rect.min, Align2::LEFT_TOP))
    }

    /// A place shifted sideways into the area.
    pub(crate) fn shifted(&self, rect: Rect) -> Rect {
        let over = (rect.right() - self.area.right()).max(0.0);
        let rect = rect.translate(vec2(-over, 0.0));
        rect.translate(vec2((self.area.left() - rect.left()).max(0.0), 0.0))
    }

    /// The same on a ground of its own.
    pub(crate) fn paint_boxed(&mut self, laid: Laid, at: Pos2, align: Align2, padding: f32) {
        let rect = align.anchor_size(at, laid.size() + Vec2::splat(2.0 * padding));
        self.take(rect);
        let ground = color32(self.theme.background);
        self.painter.rect_filled(rect, padding * 0.6, ground);
        self.put(laid, rect.shrink(padding));
    }

    fn put(&self, laid: Laid, rect: Rect) {
        let ctx = self.painter.ctx();
        if laid.galley.elided
            && let Some(pointer) = ctx.pointer_hover_pos()
            && rect.intersect(self.painter.clip_rect()).contains(pointer)
        {
            tip::show(ctx, self.theme, &laid.whole, pointer);
        }
        self.painter.galley(rect.min, laid.galley, laid.color);
    }
}

//! What a page is drawn with: words, lines, images and marks.

use bevy_egui::egui;
use egui::epaint::TextShape;
use egui::{
    Align2, Color32, ColorImage, Painter, Pos2, Rect, Stroke, StrokeKind, TextureHandle,
    TextureOptions, pos2, vec2,
};

use crate::lab::Theme;
use crate::lab::theme::{MARK, Rgb, SHADE};
use crate::ui::text::style::{color32, font};

pub(crate) struct Pen<'p> {
    pub(crate) painter: &'p Painter,
    pub(crate) theme: &'p Theme,
    /// Pixels to a point.
    pub(crate) scale: f32,
    /// Kept until the page is painted.
    pub(crate) images: &'p mut Vec<TextureHandle>,
}

impl Pen<'_> {
    pub(crate) fn words(&self, at: Pos2, align: Align2, text: &str, size: f32, color: Rgb) -> Rect {
        self.painter
            .text(at, align, text, font(size), color32(color))
    }

    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        let galley = self
            .painter
            .layout_no_wrap(text.to_owned(), font(size), Color32::WHITE);
        galley.size().x
    }

    /// Words that are read from below, their left edge's middle here.
    pub(crate) fn upright(&self, at: Pos2, text: &str, size: f32, color: Rgb) {
        let galley = self
            .painter
            .layout_no_wrap(text.to_owned(), font(size), color32(color));
        let at = pos2(at.x, at.y + galley.size().x / 2.0);
        let shape = TextShape::new(at, galley, color32(color));
        self.painter
            .add(shape.with_angle(-std::f32::consts::FRAC_PI_2));
    }

    pub(crate) fn line(&self, from: Pos2, to: Pos2, color: Rgb) {
        self.painter
            .line_segment([from, to], Stroke::new(1.0, color32(color)));
    }

    pub(crate) fn frame(&self, area: Rect, color: Rgb) {
        let stroke = Stroke::new(1.0, color32(color));
        self.painter
            .rect_stroke(area, 0.0, stroke, StrokeKind::Outside);
    }

    /// An image, pixel for pixel where the area has as many.
    pub(crate) fn image(&mut self, area: Rect, image: ColorImage) {
        let ctx = self.painter.ctx();
        let texture = ctx.load_texture("page", image, TextureOptions::NEAREST);
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        self.painter
            .image(texture.id(), area, whole, Color32::WHITE);
        self.images.push(texture);
    }

    /// An area whose pixels are computed from their places, as pixels and as a fraction from left to right; framed.
    pub(crate) fn swatch(&mut self, area: Rect, color: impl Fn(usize, usize, f32) -> Rgb) {
        let [width, height] =
            [area.width(), area.height()].map(|side| (side * self.scale) as usize);
        let mut image = ColorImage::filled([width.max(1), height.max(1)], Color32::BLACK);
        for y in 0..height {
            for x in 0..width {
                let part = x as f32 / (width - 1).max(1) as f32;
                image[(x, y)] = color32(color(x, y, part));
            }
        }
        self.image(area, image);
        self.frame(area, self.theme.line);
    }

    /// A number on a disc.
    pub(crate) fn badge(&self, at: Pos2, number: usize) {
        let text = number.to_string();
        let radius = (self.width(&text, 11.0) / 2.0 + 4.0).max(8.0);
        self.painter
            .circle(at, radius, color32(SHADE), Stroke::new(1.5, color32(MARK)));
        self.words(at, Align2::CENTER_CENTER, &text, 11.0, MARK);
    }

    /// A ring that is seen on any colour.
    pub(crate) fn ring(&self, at: Pos2) {
        for (width, color) in [(4.5, SHADE), (2.0, MARK)] {
            let stroke = Stroke::new(width, color32(color));
            self.painter.circle_stroke(at, 7.0, stroke);
            for [dx, dy] in [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]] {
                let ends = [7.0, 12.0].map(|length| at + vec2(dx * length, dy * length));
                self.painter.line_segment(ends, stroke);
            }
        }
    }
}

//! Words beside the pointer.

use bevy_egui::egui;
use egui::{Align2, Color32, Pos2, Rect, Stroke, pos2, vec2};

use super::style::{color32, font};
use crate::lab::theme::Theme;

/// Beside the pointer, within the window.
pub(crate) fn show(ctx: &egui::Context, theme: &Theme, words: &str, pointer: Pos2) {
    let layer = egui::LayerId::new(egui::Order::Tooltip, egui::Id::new("tip"));
    let painter = ctx.layer_painter(layer);
    let color = color32(theme.text);
    let galley = painter.layout(words.to_owned(), font(12.0), color, 320.0);
    let padding = vec2(7.0, 4.0);
    let size = galley.size() + 2.0 * padding;
    let window = ctx.viewport_rect().shrink(4.0);
    let above = Align2::LEFT_BOTTOM.anchor_size(pointer + vec2(12.0, -10.0), size);
    let left = above.left().min(window.right() - size.x).max(window.left());
    let top = if above.top() >= window.top() {
        above.top()
    } else {
        pointer.y + 18.0
    };
    let area = Rect::from_min_size(pos2(left, top), size);
    let line = Stroke::new(1.0, color32(theme.line));
    let ground: Color32 = color32(theme.panel);
    painter.rect(area, 4.0, ground, line, egui::StrokeKind::Inside);
    painter.galley(area.min + padding, galley, color);
}

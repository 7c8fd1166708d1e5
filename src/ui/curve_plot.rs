//! The classic plot of a curve: f over x, with the iterates on it.

use bevy_egui::egui;
use egui::{Align2, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::highlight::{marked_step, nearest_iterate, ring};
use super::map_path::thinned;
use super::style::{color32, font};
use super::words::Words;
use super::{LabReader, Shown};
use crate::lab::{Iterate, Scenery};
use crate::landscape::ticks;

/// The plot of f over x, with the iterates on it. Says which of them the pointer is on.
pub(crate) fn curve_ui(
    painter: &Painter,
    rect: Rect,
    lab: &LabReader,
    scenery: &Scenery,
    descents: &[Shown<'_>],
    pointer: Option<Pos2>,
) -> Option<Iterate> {
    let theme = &lab.theme;
    let position = lab.playback.position();
    let mut words = Words::new(painter.clone(), theme, rect, Vec::new());
    let [text, muted] = [theme.text, theme.muted].map(color32);
    let losses = scenery.scale.ticks(5);
    let loss_labels = ticks::labels(&losses);
    let number = |words: &Words, number: &str| words.line(number, font(10.5), muted, f32::INFINITY);
    let widths = loss_labels
        .texts
        .iter()
        .map(|loss| number(&words, loss).size().x);
    let left = (widths.fold(30.0, f32::max) + 8.0).min(0.4 * rect.width());
    let area = Rect::from_min_max(rect.min + vec2(left, 8.0), rect.max - vec2(10.0, 34.0));
    let [x0, x1] = scenery.panel.domain.x;
    let screen = |x: f64, loss: f64| {
        let s = (x - x0) / (x1 - x0);
        let h = scenery.scale.fraction(loss);
        pos2(
            area.left() + area.width() * s as f32,
            area.bottom() - area.height() * h as f32,
        )
    };
    let grid = Stroke::new(1.0, color32(theme.line));
    let x_ticks = ticks::round_ticks(x0, x1, 6);
    let x_labels = ticks::labels(&x_ticks);
    for (&x, text) in x_ticks.iter().zip(&x_labels.texts) {
        let at = pos2(screen(x, 0.0).x, area.bottom());
        painter.vline(at.x, area.y_range(), grid);
        let number = number(&words, text);
        words.paint_if_free(number, at + vec2(0.0, 4.0), Align2::CENTER_TOP);
    }
    for (&loss, text) in losses.iter().zip(&loss_labels.texts) {
        let at = pos2(area.left(), screen(x0, loss).y);
        painter.hline(area.x_range(), at.y, grid);
        let number = number(&words, text);
        words.paint_if_free(number, at - vec2(5.0, 0.0), Align2::RIGHT_CENTER);
    }
    let [x_title, _, loss_title] = &scenery.panel.labels;
    let title = words.line(&x_labels.title(x_title), font(11.5), text, rect.width());
    let below = pos2(area.center().x, rect.bottom());
    words.paint_if_free(title, below, Align2::CENTER_BOTTOM);
    let title = loss_labels.title(loss_title);
    let title = words.line(&title, font(11.5), text, area.width() - 8.0);
    let corner = area.left_top() + vec2(6.0, 2.0);
    words.paint_if_free(title, corner, Align2::LEFT_TOP);

    let inside = painter.with_clip_rect(area.expand(5.0));
    // The curve ends where it leaves the range, and does not come back from beyond a pole.
    let curve = painter.with_clip_rect(area.expand2(vec2(0.0, 1.0)));
    let line = Stroke::new(2.0, color32(theme.axis));
    let jumps = |a: f64, b: f64| {
        let [a, b] = [a, b].map(|loss| scenery.scale.fraction(loss));
        a.min(b) < -0.2 && a.max(b) > 1.2
    };
    for piece in scenery.field.grid.curve_pieces() {
        for part in piece.chunk_by(|a, b| !jumps(a[1], b[1])) {
            let points = part.iter().map(|[x, loss]| screen(*x, *loss));
            curve.add(Shape::line(thinned(points), line));
        }
    }
    let mut pointed = None;
    for descent in descents.iter().filter(|descent| descent.style.shown) {
        let history = descent.run.history();
        let Some(last) = history.len().checked_sub(1) else {
            continue;
        };
        let now = (position.floor() as usize).min(last);
        let color = color32(descent.style.color);
        if lab.path_ahead.0 {
            let rest = (now..=last).map(|k| screen(history.at(k)[0], history.losses()[k]));
            let faint = Stroke::new(1.0, color.gamma_multiply(0.4));
            inside.add(Shape::line(thinned(rest), faint));
        }
        let points = (0..=now).map(|k| screen(history.at(k)[0], history.losses()[k]));
        let points = thinned(points);
        let faint = Stroke::new(1.0, color.gamma_multiply(0.55));
        inside.add(Shape::line(points.clone(), faint));
        for &point in &points {
            inside.circle_filled(point, 2.3, color);
        }
        if let Some(&end) = points.last() {
            inside.circle(end, 4.5, color, Stroke::new(1.2, color32(theme.casing)));
        }
        let at = |step: usize| screen(history.at(step)[0], history.losses()[step]);
        if let Some(step) = marked_step(lab, descent) {
            ring(&inside, theme, at(step));
        }
        if let Some(pointer) = pointer.filter(|_| pointed.is_none()) {
            let of = descent.entity;
            let reached = 0..=if lab.path_ahead.0 { last } else { now };
            let iterates = reached
                .rev()
                .map(|step| (Iterate { descent: of, step }, at(step)));
            pointed = nearest_iterate(pointer, iterates);
        }
    }
    pointed
}

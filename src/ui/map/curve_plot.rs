//! The classic plot of a curve: f over x, with the iterates on it.

use bevy_egui::egui;
use egui::{Align2, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::flat_path::{FlatPaths, Frame, Sheet};
use super::inset::paint_glyphs;
use super::map_path::{line, thinned};
use crate::lab::{DescentRun, Iterate, PanelLandscape};
use crate::landscape::{HeightScale, Range, ticks};
use crate::ui::highlight::{marked_step, nearest_iterate, ring};
use crate::ui::reader::{LabReader, ShownDescent};
use crate::ui::text::style::{color32, font};
use crate::ui::text::words::Words;

/// The plot of f over x, with the iterates on it. Says which of them the pointer is on.
pub(crate) fn curve_ui(
    painter: &Painter,
    rect: Rect,
    lab: &LabReader,
    landscape: &PanelLandscape,
    descents: &[ShownDescent<'_>],
    (paths, panel): (&mut FlatPaths, usize),
    pointer: Option<Pos2>,
) -> Option<Iterate> {
    let theme = &lab.theme;
    let position = lab.playback.position();
    let mut words = Words::new(painter.clone(), theme, rect, Vec::new());
    let [text, muted] = [theme.text, theme.muted].map(color32);
    let losses = landscape.scale.ticks(5);
    let loss_labels = ticks::labels(&losses);
    let number = |words: &Words, number: &str| words.line(number, font(10.5), muted, f32::INFINITY);
    let widths = loss_labels
        .texts
        .iter()
        .map(|loss| number(&words, loss).size().x);
    let left = (widths.fold(30.0, f32::max) + 8.0).min(0.4 * rect.width());
    let area = Rect::from_min_max(rect.min + vec2(left, 8.0), rect.max - vec2(10.0, 34.0));
    let [x0, x1] = landscape.panel.domain.x;
    let screen = |x: f64, loss: f64| {
        let s = (x - x0) / (x1 - x0);
        let h = landscape.scale.fraction(loss);
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
    let [x_title, _, loss_title] = &landscape.panel.labels;
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
    let stroke = Stroke::new(2.0, color32(theme.axis));
    let jumps = |a: f64, b: f64| {
        let [a, b] = [a, b].map(|loss| landscape.scale.fraction(loss));
        a.min(b) < -0.2 && a.max(b) > 1.2
    };
    for piece in landscape.field.grid.curve_pieces() {
        for part in piece.chunk_by(|a, b| !jumps(a[1], b[1])) {
            let points = part.iter().map(|[x, loss]| screen(*x, *loss));
            curve.add(Shape::line(thinned(points), stroke));
        }
    }
    let sheet = CurveSheet {
        area,
        range: landscape.panel.domain.x,
        scale: landscape.scale,
    };
    // From iterate to iterate: what lies between two of them has no loss of its own here.
    let (position, all) = (position.floor(), lab.path_ahead.0);
    let mut pointed = None;
    for descent in descents.iter().filter(|descent| descent.style.shown) {
        let Some(path) = paths.path(panel, descent, position, &sheet) else {
            continue;
        };
        let color = color32(descent.style.color);
        if all {
            let faint = Stroke::new(1.0, color.gamma_multiply(0.4));
            for piece in paths.ahead(panel, descent, position, &sheet) {
                line(&inside, &piece, faint, false);
            }
        }
        let faint = Stroke::new(1.0, color.gamma_multiply(0.55));
        for piece in &path.pieces {
            line(&inside, piece, faint, false);
        }
        let passed = paths.iterates(panel, descent, (position, false), &sheet);
        let outline = theme.outline(descent.style.color).map(color32);
        let outline = outline.map_or(Stroke::NONE, |outline| Stroke::new(1.0, outline));
        for point in thinned(passed.map(|(_, at)| at)) {
            inside.circle(point, 2.3, color, outline);
        }
        if let Some(end) = path.end {
            inside.circle(end, 4.5, color, Stroke::new(1.2, color32(theme.casing)));
        }
        if let Some(step) = marked_step(lab, descent) {
            let place = sheet.place(descent.run, step);
            ring(&inside, theme, sheet.screen_from_fractions(place));
        }
        if let Some(pointer) = pointer.filter(|_| pointed.is_none()) {
            let iterates = paths.iterates(panel, descent, (position, all), &sheet);
            pointed = nearest_iterate(pointer, iterates);
        }
    }
    let [low, high] = landscape.panel.domain.x;
    paint_glyphs(&inside, descents, |[x, _, height]| {
        sheet.screen_from_fractions([(x - low) / (high - low), height])
    });
    pointed
}

/// The plot, on which a place is the variable and the height of the loss.
struct CurveSheet {
    area: Rect,
    range: Range,
    scale: HeightScale,
}

impl Sheet for CurveSheet {
    fn place(&self, run: &DescentRun, step: usize) -> [f64; 2] {
        let history = run.history();
        let [low, high] = self.range;
        let height = self.scale.fraction(history.losses()[step]);
        [(history.at(step)[0] - low) / (high - low), height]
    }

    fn screen_from_fractions(&self, [s, t]: [f64; 2]) -> Pos2 {
        pos2(
            self.area.left() + self.area.width() * s as f32,
            self.area.bottom() - self.area.height() * t as f32,
        )
    }

    fn frame(&self) -> Frame {
        Frame::Curve(self.range, self.scale)
    }
}

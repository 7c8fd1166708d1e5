//! The iterate under the pointer: its ring in scene, inset and plot, and its numbers beside the pointer.

use bevy::math::Vec2;
use bevy_egui::egui;
use egui::{Painter, Pos2, Rect, Stroke, pos2};

use crate::lab::showing::highlight::nearest;
use crate::lab::theme::Theme;
use crate::lab::{DescentRun, DescentStyle, Iterate, PanelLandscape};
use crate::landscape::ticks;
use crate::ui::reader::{LabReader, ShownDescent};
use crate::ui::text::style::color32;
use crate::ui::text::tip;

const RADIUS: f32 = 6.5;

/// The nearest of some iterates on the screen, if one is within reach of the pointer.
pub(crate) fn nearest_iterate(
    pointer: Pos2,
    iterates: impl Iterator<Item = (Iterate, Pos2)>,
) -> Option<Iterate> {
    let places = iterates.map(|(iterate, at)| (iterate, Vec2::new(at.x, at.y)));
    nearest(Vec2::new(pointer.x, pointer.y), places).map(|(iterate, _)| iterate)
}

/// Marks an iterate.
pub(crate) fn ring(painter: &Painter, theme: &Theme, at: Pos2) {
    painter.circle_stroke(at, RADIUS, Stroke::new(4.0, color32(theme.casing)));
    painter.circle_stroke(at, RADIUS, Stroke::new(1.8, color32(theme.text)));
}

/// The step of the iterate that is marked, if it is one of this descent's.
pub(crate) fn marked_step(lab: &LabReader, descent: &ShownDescent<'_>) -> Option<usize> {
    let Iterate { descent: of, step } = lab.highlighted.0?;
    (of == descent.entity && step < descent.run.history().len()).then_some(step)
}

/// The ring in the scene, and the words at the pointer: those of the iterate that is marked, else the note.
pub(crate) fn show(ctx: &egui::Context, lab: &LabReader, rects: &[Rect], note: Option<&str>) {
    if let Some((panel, at)) = lab.highlight_place.0
        && let Some(rect) = rects.get(panel)
    {
        let painter = ctx.layer_painter(egui::LayerId::background());
        ring(&painter.with_clip_rect(*rect), &lab.theme, pos2(at.x, at.y));
    }
    let marked = lab.highlighted.0.and_then(|iterate| {
        let (run, style, landscape) = lab.descent(iterate.descent)?;
        words(run, style, landscape, iterate.step)
    });
    let pointer = ctx.pointer_hover_pos();
    if let (Some(words), Some(pointer)) = (marked.as_deref().or(note), pointer) {
        tip::show(ctx, &lab.theme, words, pointer);
    }
}

/// Name, step, loss and learning rate, in one line.
fn words(
    run: &DescentRun,
    style: &DescentStyle,
    landscape: &PanelLandscape,
    step: usize,
) -> Option<String> {
    let history = run.history();
    let loss = landscape.loss_text(*history.losses().get(step)?);
    // The last iterate has no step of its own to come.
    let rate = history.rates().get(step).or(history.rates().last());
    let step = run.step_of(step);
    let rate = rate.map_or_else(String::new, |&rate| format!(" · η {}", ticks::label(rate)));
    Some(format!("{} · step {step} · loss {loss}{rate}", style.name))
}

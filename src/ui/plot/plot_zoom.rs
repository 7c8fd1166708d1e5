//! Mouse and range of the plot: drag, scroll, the box drawn with the right button, and the way back to everything.

use bevy_egui::egui;
use egui::{PointerButton, Pos2, Rect, Response, Stroke};
use egui_plot::PlotTransform;

use super::plot_range::{PlotLimits, PlotRange};
use super::quantity::Quantity;
use crate::experiment::Source;
use crate::lab::theme::Theme;
use crate::ui::text::style::{color32, with_alpha};

/// Change of the range's logarithm for a pixel of scrolling.
const SCROLL_ZOOM: f64 = 0.003;
/// A smaller box is a slip of the hand, in logical pixels.
const SMALLEST_BOX: f32 = 5.0;

/// Which plot: another one is seen whole at first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlotId {
    /// The experiment's, as [`CurrentExperiment`](crate::lab::CurrentExperiment) has it.
    pub(crate) source: Source,
    pub(crate) panel: usize,
    pub(crate) quantity: Quantity,
}

/// The part of the plot that a person looks at.
#[derive(Default)]
pub(crate) struct PlotZoom {
    /// The plot that it is a part of.
    of: Option<PlotId>,
    range: Option<PlotRange>,
    dragged_from: Option<PlotRange>,
    /// Two corners of the box being drawn.
    drawn: Option<[Pos2; 2]>,
}

impl PlotZoom {
    pub(crate) fn is_automatic(&self) -> bool {
        self.range.is_none()
    }

    pub(crate) fn reset(&mut self) {
        *self = PlotZoom::default();
    }

    /// The range to show: the automatic one until a person has changed it.
    pub(crate) fn range(
        &mut self,
        of: PlotId,
        automatic: PlotRange,
        limits: &PlotLimits,
    ) -> PlotRange {
        if self.of.as_ref() != Some(&of) {
            self.reset();
            self.of = Some(of);
        }
        self.range.map_or(automatic, |range| range.within(limits))
    }

    /// What the mouse makes of the range. A pass may run twice a frame: a drag counts from where it began, and a scroll in
    /// the first one only.
    pub(crate) fn interact(
        &mut self,
        ui: &egui::Ui,
        theme: &Theme,
        response: &Response,
        transform: &PlotTransform,
        limits: &PlotLimits,
    ) {
        let bounds = transform.bounds();
        let shown = PlotRange {
            x: [bounds.min()[0], bounds.max()[0]],
            y: [bounds.min()[1], bounds.max()[1]],
        };
        if response.double_clicked() {
            self.range = None;
            return;
        }
        let place = |at: Pos2| {
            let point = transform.value_from_position(at);
            [point.x, point.y]
        };
        if response.drag_started_by(PointerButton::Primary) {
            self.dragged_from = Some(shown);
        }
        if response.dragged_by(PointerButton::Primary)
            && let (Some(from), Some(delta)) = (self.dragged_from, response.total_drag_delta())
        {
            let [dx, dy] = transform.dpos_dvalue();
            let by = [-f64::from(delta.x) / dx, -f64::from(delta.y) / dy];
            self.range = Some(from.moved(by, limits));
        }
        if response.drag_stopped() {
            self.dragged_from = None;
        }
        let (origin, pointer) =
            ui.input(|input| (input.pointer.press_origin(), input.pointer.latest_pos()));
        if let (Some(origin), Some(pointer)) = (origin, pointer)
            && response.dragged_by(PointerButton::Secondary)
        {
            paint_box(ui, theme, transform.frame(), origin, pointer);
            self.drawn = Some([origin, pointer]);
        }
        if response.drag_stopped_by(PointerButton::Secondary)
            && let Some([a, b]) = self.drawn.take()
            && (a - b).abs().min_elem() > SMALLEST_BOX
        {
            let frame = transform.frame();
            let [a, b] = [a, b].map(|at| place(at.clamp(frame.min, frame.max)));
            self.range = Some(PlotRange::between(a, b, limits));
        }
        let Some(pointer) = response.hover_pos() else {
            return;
        };
        if ui.ctx().current_pass_index() > 0 || !transform.frame().contains(pointer) {
            return;
        }
        let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta, input.zoom_delta()));
        let factor = |scroll: f32| (-SCROLL_ZOOM * f64::from(scroll)).exp() / f64::from(pinch);
        // With shift the wheel scrolls sideways: then only steps are zoomed.
        let factors = [factor(scroll.x + scroll.y), factor(scroll.y)];
        if factors != [1.0, 1.0] {
            self.range = Some(shown.zoomed(factors, place(pointer), limits));
        }
    }
}

fn paint_box(ui: &egui::Ui, theme: &Theme, frame: &Rect, a: Pos2, b: Pos2) {
    ui.painter_at(*frame).rect(
        Rect::from_two_pos(a, b),
        0.0,
        with_alpha(theme.accent, 30),
        Stroke::new(1.0, color32(theme.accent)),
        egui::StrokeKind::Inside,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_experiment_is_seen_whole() {
        let range = |high: f64| PlotRange {
            x: [0.0, high],
            y: [0.0, high],
        };
        let limits = PlotLimits {
            widest: range(100.0),
            finest: [1.0, 1.0],
        };
        let id = |source: &str| PlotId {
            source: Source::named(source),
            panel: 0,
            quantity: Quantity::Loss,
        };
        let mut zoom = PlotZoom::default();
        assert_eq!(zoom.range(id("race"), range(50.0), &limits), range(50.0));
        zoom.range = Some(range(5.0));
        assert_eq!(zoom.range(id("race"), range(60.0), &limits), range(5.0));
        assert_eq!(zoom.range(id("saddle"), range(60.0), &limits), range(60.0));
    }
}

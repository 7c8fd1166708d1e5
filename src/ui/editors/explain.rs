//! How steps are explained, and what is drawn at every ball.

use bevy_egui::egui;

use crate::experiment::{MAX_STEPS, Overview};
use crate::lab::session::edit::ToggleExplain;
use crate::ui::reader::Edits;
use crate::ui::text::number::field;

/// What a switch draws, in plain words.
fn about(what: Overview) -> &'static str {
    match what {
        Overview::Gradient => "At every ball the gradient: uphill, longer where it is steeper",
        Overview::Momentum => "At every ball what the rule remembers of earlier gradients",
        Overview::Squares => {
            "At every ball the squared gradients that the rule divides by: a rectangle whose half-sides are their roots"
        }
        Overview::Update => "At every ball the step that the rule makes, as long as it is",
        Overview::Curvature => {
            "At every ball the quadratic model of the loss, and the directions of least and of greatest curvature"
        }
    }
}

/// `panel` is the one in focus.
pub(crate) fn explain_ui(ui: &mut egui::Ui, panel: usize, edits: &mut Edits) {
    let descents = edits.draft.panels.get(panel).map(|panel| &panel.descents);
    let mut explained =
        descents.is_some_and(|descents| descents.iter().any(|descent| descent.explained));
    let tip = "Takes every step apart: its phases one after the other, with this step's numbers. The selected descent's \
               steps, or all (X); , and . go back and on";
    if ui
        .checkbox(&mut explained, "explain the steps")
        .on_hover_text(tip)
        .changed()
    {
        edits.send(ToggleExplain { panel });
    }
    let settings = &mut edits.draft.explain;
    if explained {
        ui.horizontal(|ui| {
            ui.label("a phase takes");
            let seconds = field(&mut settings.seconds_per_phase)
                .range(0.1..=60.0)
                .speed(0.02)
                .suffix(" s");
            ui.add(seconds)
                .on_hover_text("At the pace 1×: the speeds below make it slower or faster");
        });
        ui.horizontal(|ui| {
            let mut some = settings.steps.is_some();
            let tip = "Else every step is explained; the others pass at the usual pace";
            if ui
                .checkbox(&mut some, "only steps")
                .on_hover_text(tip)
                .changed()
            {
                settings.steps = some.then_some([0, 3]);
            }
            if let Some([from, to]) = &mut settings.steps {
                ui.add(egui::DragValue::new(from).range(0..=MAX_STEPS - 1));
                ui.label("to");
                ui.add(egui::DragValue::new(to).range(1..=MAX_STEPS));
                *to = (*to).max(*from + 1);
            }
        });
    }
    ui.horizontal_wrapped(|ui| {
        ui.label("at the balls");
        for &what in Overview::ALL {
            let shown = &mut settings.overview[what as usize];
            if ui
                .selectable_label(*shown, what.name())
                .on_hover_text(about(what))
                .clicked()
            {
                *shown = !*shown;
            }
        }
    });
}

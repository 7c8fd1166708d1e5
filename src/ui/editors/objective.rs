//! The editor of a panel's objective: a named one, or a formula of the user's own with errors as one types.

use bevy_egui::egui;

use super::constants::{constants_ui, make_constant_ui};
use super::mnist::mnist_ui;
use super::network::network_ui;
use super::recorded::recorded_ui;
use super::{slice, zoom};
use crate::experiment::{FunctionSpec, ObjectiveSpec, Panel, RecordedSpec, entries};
use crate::lab::Sent;
use crate::lab::session::edit::ShowObjective;
use crate::objective::FormulaError;
use crate::ui::reader::LabReader;
use crate::ui::text::number::{self, field, in_full};
use crate::ui::text::words::label_within;

/// An end of a range that is typed is as far away at most: their distance is a number, too.
const FARTHEST: f64 = 8e307;

/// The text in the formula field, which may not be a formula yet.
#[derive(Default)]
pub(crate) struct FormulaDraft {
    panel: usize,
    text: String,
    /// The formula of the panel when the text was last in line with it.
    source: String,
    error: Option<FormulaError>,
}

impl FormulaDraft {
    /// Takes over the panel's formula if it changed elsewhere.
    fn follow(&mut self, index: usize, source: &str) {
        if self.panel != index || self.source != source {
            *self = FormulaDraft {
                panel: index,
                text: source.to_owned(),
                source: source.to_owned(),
                error: None,
            };
        }
    }

    /// Gives the panel the formula of the text, with its constants, if it is one.
    fn apply(&mut self, panel: &mut Panel) {
        let Some(function) = panel.objective.as_kind::<FunctionSpec>() else {
            return;
        };
        match function.reworded(&self.text) {
            Ok(function) => {
                self.error = None;
                self.source = self.text.clone();
                panel.show_function(function);
            }
            Err(error) => self.error = Some(error),
        }
    }
}

pub(crate) fn objective_ui(
    ui: &mut egui::Ui,
    lab: &LabReader,
    index: usize,
    panel: &mut Panel,
    draft: &mut FormulaDraft,
    commands: &mut Vec<Sent>,
) {
    choice_ui(ui, index, panel, commands);
    if let Some(function) = panel.objective.as_kind::<FunctionSpec>() {
        draft.follow(index, function.formula.source());
        formula_ui(ui, panel, draft);
        constants_of(ui, panel);
        curve_ui(ui, panel);
    }
    mnist_ui(ui, index, panel, commands);
    network_ui(ui, panel);
    recorded_ui(ui, panel);
    if panel.plane.is_some() && panel.objective.records().is_none() {
        slice::slice_ui(ui, lab, panel, commands);
    }
    zoom::surface_ui(ui, (lab, index), panel, commands, domain_ui);
}

fn choice_ui(ui: &mut egui::Ui, index: usize, panel: &mut Panel, commands: &mut Vec<Sent>) {
    let own = "your own formula";
    egui::ComboBox::from_id_salt("objective")
        .selected_text(panel.objective.name().unwrap_or(own))
        .width(ui.available_width() - 8.0)
        .height(420.0)
        .show_ui(ui, |ui| {
            // A recording has a file, which is opened.
            for named in entries().filter(|named| named.name != RecordedSpec::NAME) {
                let chosen = panel.objective.name() == Some(named.name);
                let response = ui.selectable_label(chosen, named.title);
                if response.on_hover_text(named.about).clicked()
                    && !chosen
                    && let Some(objective) = ObjectiveSpec::named(named.name)
                {
                    // Data may have to be read before.
                    let show = ShowObjective {
                        panel: index,
                        objective,
                        instead_of: panel.objective.clone(),
                    };
                    commands.push(show.into());
                }
            }
        });
}

fn formula_ui(ui: &mut egui::Ui, panel: &mut Panel, draft: &mut FormulaDraft) {
    let Some(function) = panel.objective.as_kind::<FunctionSpec>().cloned() else {
        return;
    };
    let field = egui::TextEdit::multiline(&mut draft.text)
        .code_editor()
        .desired_rows(2)
        .desired_width(f32::INFINITY)
        .hint_text("x^4 - 4x^2 + y^2");
    let tip = "The loss as a formula in x, or in x and y: + − * / ^, 2x, pi, e, sin cos exp ln sqrt abs min max …; \
               other names are constants with sliders";
    let response = ui.add(field).on_hover_text(tip);
    if response.changed() {
        draft.text = draft.text.replace(['\n', '\r'], " ");
        draft.apply(panel);
    }
    let Some(error) = &draft.error else {
        return;
    };
    let text = format!("{}\n{error}", error.pointer(&draft.text));
    let color = ui.visuals().error_fg_color;
    ui.label(
        egui::RichText::new(text)
            .monospace()
            .size(11.0)
            .color(color),
    );
    if let Some(name) = &error.unknown
        && make_constant_ui(ui, &function, name)
        && let Ok(function) = function.with_constant(name)
    {
        // The text may have further names that are not known: this one is kept meanwhile.
        panel.show_function(function);
        draft.apply(panel);
    }
}

fn constants_of(ui: &mut egui::Ui, panel: &mut Panel) {
    let Some(before) = panel.objective.as_kind::<FunctionSpec>() else {
        return;
    };
    let mut function = before.clone();
    constants_ui(ui, &mut function);
    if function != *before {
        panel.objective = ObjectiveSpec::new(function);
    }
}

/// A surface over a formula without y can be made a curve.
fn curve_ui(ui: &mut egui::Ui, panel: &mut Panel) {
    let Some(function) = panel.objective.as_kind::<FunctionSpec>() else {
        return;
    };
    let curve = function.formula.clone().with_dim(1);
    let (2, Ok(formula)) = (function.formula.dim(), curve) else {
        return;
    };
    let tip = "Without y in its formula, the panel can be a curve: loss over x, one lane a descent";
    if ui.button("make it a curve").on_hover_text(tip).clicked() {
        let spans = function.spans.clone();
        let curve = FunctionSpec {
            spans,
            ..FunctionSpec::own(formula)
        };
        panel.show_function(curve);
    }
}

fn domain_ui(ui: &mut egui::Ui, panel: &mut Panel) {
    let labels = panel.labels.clone();
    let mut ranges = vec![("x", panel.domain.x)];
    ranges.extend(panel.domain.y.map(|range| ("y", range)));
    for (k, (axis, range)) in ranges.into_iter().enumerate() {
        let [mut low, mut high] = range;
        ui.horizontal(|ui| {
            let label = labels.get(k).map_or(axis, String::as_str);
            let room = ui.available_width() - 2.0 * number::WIDTH - 72.0;
            label_within(ui, label, room.max(20.0));
            ui.label("from");
            let width = high - low;
            let (speed, least) = (width * 0.005, width * 1e-3);
            let tip = "The range that is drawn. Scrolling and dragging on the map change it, too; G brings the usual one back";
            let in_full = [low, high].map(|end| in_full(tip, end));
            ui.add(field(&mut low).speed(speed).range(-FARTHEST..=high - least))
                .on_hover_text(&in_full[0]);
            ui.label("to");
            ui.add(field(&mut high).speed(speed).range(low + least..=FARTHEST))
                .on_hover_text(&in_full[1]);
        });
        if [low, high] != range && low < high && (high - low).is_finite() {
            match k {
                0 => panel.domain.x = [low, high],
                _ => panel.domain.y = Some([low, high]),
            }
            panel.fits = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::experiment::Mnist;
    use crate::objective::Formula;
    use crate::optimizer::Sampling;

    #[test]
    fn a_data_set_takes_the_descents_over_and_gives_them_back() {
        let mut panel = panel();
        panel.show(ObjectiveSpec::new(Mnist));
        assert_eq!(panel.labels[0], "W[0,0]");
        let mut starts = panel.descents.iter().map(|spec| spec.plan.start.len());
        assert!(starts.all(|parameters| parameters == 20));
        panel.descents[0].plan.sampling = Sampling::Batch { size: 64 };
        let named = crate::experiment::find("rosenbrock").expect("a named objective");
        panel.show(ObjectiveSpec::named("rosenbrock").expect("a named objective"));
        assert_eq!(panel.labels[0], "x");
        assert!(panel.plane.is_none());
        assert_eq!(panel.descents[0].plan.sampling, Sampling::Exact);
        let mut starts = panel.descents.iter().map(|spec| &spec.plan.start);
        assert!(starts.all(|start| *start == named.start));
        assert_eq!(panel.domain, named.domain);
    }

    fn draft(text: &str) -> FormulaDraft {
        FormulaDraft {
            text: text.to_owned(),
            ..FormulaDraft::default()
        }
    }

    fn panel() -> Panel {
        let mut race = Experiment::load("race").expect("a built-in");
        race.panels.remove(0)
    }

    #[test]
    fn a_formula_in_one_variable_makes_a_curve_and_back() {
        let mut panel = panel();
        let function = |text| FunctionSpec::own(Formula::parse(text).expect("a formula"));
        panel.show_function(function("x^2"));
        assert!(panel.domain.y.is_none());
        assert!(panel.descents.iter().all(|spec| spec.plan.start.len() == 1));
        panel.show_function(function("x^2 + y"));
        assert_eq!(panel.domain.y, Some([-2.0, 2.0]));
        assert!(panel.descents.iter().all(|spec| spec.plan.start.len() == 2));
    }

    #[test]
    fn typing_a_formula_keeps_the_second_axis_and_the_starts() {
        let mut panel = panel();
        let before = panel.clone();
        for text in ["x", "x^2", "x^2 + y^2"] {
            draft(text).apply(&mut panel);
            assert_eq!(panel.domain, before.domain, "{text}");
            assert_eq!(panel.dim(), 2, "{text}");
            assert_eq!(panel.descents, before.descents, "{text}");
        }
    }
}

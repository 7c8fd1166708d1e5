//! The left-hand side: which experiment, its landscape, its descents, and how it is seen.

use std::path::Path;

use bevy_egui::egui;

use crate::experiment::{BUILTINS, MAX_DESCENTS, MapSpec, Panel, Source};
use crate::lab::model::repeats::REPEATS;
use crate::lab::model::repeats::SetRepeats;
use crate::lab::session::persistence::FileCommand;
use crate::lab::session::tune::{NONE_SHOWN, Tune};
use crate::lab::showing::start::Select;
use crate::ui::editors::descent::{self, Asked};
use crate::ui::editors::{explain, heights, look, map, objective};
use crate::ui::layout::contained;
use crate::ui::reader::{Edits, LabReader};
use crate::ui::session::files::{self, Files};
use crate::ui::text::style::panel_frame;
use crate::ui::text::words::one_line;
use crate::ui::window::UiState;

pub(crate) fn show(root: &mut egui::Ui, lab: &LabReader, state: &mut UiState, edits: &mut Edits) {
    egui::Panel::left("left")
        .frame(panel_frame())
        .resizable(true)
        .default_size(286.0)
        .size_range(220.0..=420.0)
        .show(root, |ui| {
            contained(ui, |ui| {
                egui::ScrollArea::vertical()
                    .auto_shrink([false, false])
                    .show(ui, |ui| sections_ui(ui, lab, state, edits));
            });
        });
}

fn sections_ui(ui: &mut egui::Ui, lab: &LabReader, state: &mut UiState, edits: &mut Edits) {
    experiment_ui(ui, lab, &mut state.files, edits);
    ui.separator();
    panel_choice_ui(ui, state, edits);
    descents_ui(ui, lab, state.focus, edits);
    ui.separator();
    section(ui, "Landscape", true, |ui| {
        landscape_ui(ui, lab, state, edits);
    });
    let panel = edits.draft.panels.get(state.focus);
    // What was taken elsewhere can be neither run again nor taken apart.
    if panel.is_none_or(|panel| panel.objective.records().is_none()) {
        section(ui, "Map", true, |ui| {
            map::map_ui(ui, lab, state.focus, edits);
        });
        section(ui, "Steps explained", true, |ui| {
            explain::explain_ui(ui, state.focus, edits);
        });
    }
    section(ui, "View", true, |ui| look::view_ui(ui, lab, edits));
}

fn section(ui: &mut egui::Ui, title: &str, open: bool, contents: impl FnOnce(&mut egui::Ui)) {
    egui::CollapsingHeader::new(egui::RichText::new(title).strong())
        .default_open(open)
        .show(ui, contents);
}

fn experiment_ui(ui: &mut egui::Ui, lab: &LabReader, files: &mut Files, edits: &mut Edits) {
    ui.add_space(4.0);
    let source = &lab.current.source;
    // Of a path the folders are read where there is room for them.
    let name = source.file().and_then(Path::file_name);
    let name = name.map_or_else(|| source.to_string(), |name| name.display().to_string());
    let mut chosen = one_line(&name);
    if lab.current.edited {
        chosen = format!("(edited) {chosen}");
    }
    egui::ComboBox::from_id_salt("experiment")
        .selected_text(chosen)
        .width(ui.available_width() - 8.0)
        .truncate()
        .height(420.0)
        .show_ui(ui, |ui| {
            for builtin in BUILTINS {
                if ui
                    .selectable_label(*source == Source::Builtin(*builtin), builtin.name)
                    .clicked()
                {
                    edits.send(FileCommand::Open(Source::Builtin(*builtin)));
                }
            }
            files::recent_ui(ui, lab, edits);
        })
        .response
        .on_hover_text(format!("{source}\nChoose one of the built-in experiments"));
    files::buttons_ui(ui, lab, files, edits);
    if let Some(advice) = lab.missing.advice() {
        let text = format!("no font for: {}", lab.missing.scripts().join(", "));
        let text = egui::RichText::new(text).color(ui.visuals().warn_fg_color);
        ui.label(text).on_hover_text(advice);
    }
    let about = &lab.current.experiment.about;
    if !about.is_empty() {
        egui::CollapsingHeader::new("About")
            .default_open(false)
            .show(ui, |ui| ui.label(about));
    }
}

/// With several panels: which one the editors below show.
fn panel_choice_ui(ui: &mut egui::Ui, state: &mut UiState, edits: &mut Edits) {
    if edits.draft.panels.len() < 2 {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        for (index, panel) in edits.draft.panels.iter().enumerate() {
            let chosen = egui::Button::selectable(state.focus == index, one_line(&panel.title));
            let tip = "Show this panel's descents and landscape below, and its contours and losses on the right";
            if ui.add(chosen.truncate()).on_hover_text(tip).clicked() {
                state.focus = index;
            }
        }
    });
}

fn descents_ui(ui: &mut egui::Ui, lab: &LabReader, focus: usize, edits: &mut Edits) {
    ui.strong("Descents");
    let Some(panel) = edits.draft.panels.get_mut(focus) else {
        return;
    };
    let shown = lab.descents(focus);
    let position = lab.playback.position();
    let (mut remove, mut rename) = (None, None);
    let Panel {
        objective,
        descents,
        ..
    } = panel;
    for (index, spec) in descents.iter_mut().enumerate() {
        let run = shown.iter().find(|shown| shown.style.index == index);
        let name = spec.name.clone();
        ui.push_id(index, |ui| {
            let selected = lab.selected.0 == Some(index);
            match descent::descent_ui(ui, index, objective, spec, run, selected, position) {
                Some(Asked::Remove) => remove = Some(index),
                Some(Asked::Select) => {
                    let select = (!selected).then_some(index);
                    edits.commands.push(Select(select).into());
                }
                None => {}
            }
        });
        // What means it by its name goes on meaning it.
        if spec.name != name {
            rename = Some((index, std::mem::replace(&mut spec.name, name)));
        }
    }
    if let Some((index, name)) = rename {
        panel.rename(index, &name);
    }
    if let Some(index) = remove {
        panel.remove(index);
    }
    if panel.objective.records().is_some() {
        return;
    }
    let room = panel.descents.len() < MAX_DESCENTS;
    ui.horizontal(|ui| {
        if ui
            .add_enabled(room, egui::Button::new("+ add"))
            .on_hover_text("Add another descent from the same start")
            .clicked()
        {
            descent::add(&mut edits.draft.panels[focus]);
        }
        tune_ui(ui, lab, focus, edits);
        noise_ui(ui, lab, focus, edits);
    });
}

/// All shown descents at their best.
fn tune_ui(ui: &mut egui::Ui, lab: &LabReader, focus: usize, edits: &mut Edits) {
    if lab.tuning.panel().is_some() {
        let tip = "Searching with as many runs for each descent; press to give up";
        if ui.button("tuning… stop").on_hover_text(tip).clicked() {
            edits.send(Tune::Stop);
        }
        return;
    }
    let panel = &edits.draft.panels[focus];
    let refused = panel.map_plan(&MapSpec::default()).err();
    let refused = refused.map(|refused| refused.to_string());
    let any = panel.descents.iter().any(|spec| spec.shown);
    let refused = refused.or((!any).then(|| NONE_SHOWN.to_owned()));
    let tip = "A fair race: finds for each shown descent the rate, and the first decay if its rule has one, with which it is at a \
               lowest minimum soonest, with as many runs each. It can be undone";
    let button = ui.add_enabled(refused.is_none(), egui::Button::new("tune all"));
    let button = button.on_hover_text(tip);
    if button.clicked() {
        edits.send(Tune::Panel(focus));
    }
    if let Some(refused) = refused {
        button.on_disabled_hover_text(refused);
    }
}

/// For descents with random gradients: other noise, and how much of what is seen is chance.
fn noise_ui(ui: &mut egui::Ui, lab: &LabReader, focus: usize, edits: &mut Edits) {
    let descents = edits.draft.panels[focus].descents.iter();
    if !descents
        .map(|spec| spec.plan.sampling)
        .any(|s| s.is_random())
    {
        return;
    }
    let tip = "Draws other seeds for all descents with noisy or mini-batch gradients: another path \
               of the same kind. It can be undone and is saved.";
    if ui.button("new noise").on_hover_text(tip).clicked() {
        edits.draft.draw_new_seeds();
    }
    let count = lab.repeat_count.0;
    let chosen = match count {
        0 => "run once".to_owned(),
        count => format!("+ {count} runs"),
    };
    let tip = "Runs every descent with random gradients this often again, each time with another seed, and shows \
               the median and the 10–90 % band in the plot. On a data set it takes a while.";
    let combo = egui::ComboBox::from_id_salt("repeats")
        .selected_text(chosen)
        .width(80.0)
        .show_ui(ui, |ui| {
            for other in REPEATS {
                let name = match other {
                    0 => "run once".to_owned(),
                    other => format!("{other} further runs"),
                };
                if ui.selectable_label(other == count, name).clicked() {
                    edits.send(SetRepeats(other));
                }
            }
        });
    combo.response.on_hover_text(tip);
}

fn landscape_ui(ui: &mut egui::Ui, lab: &LabReader, state: &mut UiState, edits: &mut Edits) {
    let focus = state.focus;
    let Some(panel) = edits.draft.panels.get_mut(focus) else {
        return;
    };
    let commands = &mut edits.commands;
    objective::objective_ui(ui, lab, focus, panel, &mut state.formula, commands);
    let landscape = lab.landscape(focus);
    heights::heights_ui(ui, landscape, panel);
    let scale = landscape.map(|landscape| landscape.scale);
    if panel.domain.y.is_some() {
        heights::map_ui(ui, panel);
        state.levels.isolines_ui(ui, focus, scale, panel);
    }
}

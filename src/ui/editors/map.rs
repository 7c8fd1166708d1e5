//! A panel's map: of which descent, what varies along its axes, how fine it is and what its colours say.

use bevy_egui::egui;

use super::zoom;
use crate::experiment::{MAX_STEPS, MapShow, MapSpec, Panel};
use crate::landscape::ticks::thousands;
use crate::maps::{Axis, Span};
use crate::ui::reader::{Edits, LabReader};
use crate::ui::text::number::{field, number};
use crate::ui::text::words::one_line;

/// Cells along a side that can be chosen; files may have others.
const SIDES: [usize; 5] = [64, 128, 256, 512, 1024];

fn about(show: MapShow) -> &'static str {
    match show {
        MapShow::Minimum => "The colour says where a run settles, the shade how soon",
        MapShow::Steps => "How many steps a run takes to settle",
        MapShow::Loss => "The loss at the end of a run",
        MapShow::Status => "How a run ends: all steps done, converged, stopped, diverged",
    }
}

/// `focus` is the panel in focus.
pub(crate) fn map_ui(ui: &mut egui::Ui, lab: &LabReader, focus: usize, edits: &mut Edits) {
    let (panels, commands) = (&mut edits.draft.panels, &mut edits.commands);
    let Some(panel) = panels.get_mut(focus) else {
        return;
    };
    let refused = panel.map_plan(&MapSpec::default()).err();
    let mut wanted = panel.map.is_some();
    let tip = "Runs one descent many times: from everywhere, or with many settings, and shows what comes of it. Over the starts \
               the map lies on the surface, else beside it";
    let can = wanted || refused.is_none();
    let toggle = ui.add_enabled(can, egui::Checkbox::new(&mut wanted, "map of runs"));
    let toggle = toggle.on_hover_text(tip);
    if let Some(refused) = refused {
        toggle.on_disabled_hover_text(refused.to_string());
    }
    if !wanted {
        panel.map = None;
        return;
    }
    let mut spec = panel.map.clone().unwrap_or_default();
    descent_ui(ui, panel, &mut spec);
    let axes = |ui: &mut egui::Ui, spec: &mut MapSpec| axes_ui(ui, panel, spec);
    zoom::map_ui(ui, (lab, focus), (panel, &mut spec), commands, axes);
    ui.horizontal(|ui| {
        let mut own = spec.steps.is_some();
        let usual = panel.mapped_descent(&spec).map_or(150, |d| d.plan.steps);
        let tip = "Else each run has as many steps as the descent";
        if ui.checkbox(&mut own, "steps").on_hover_text(tip).changed() {
            spec.steps = own.then_some(usual);
        }
        if let Some(steps) = &mut spec.steps {
            ui.add(field(steps).range(1..=MAX_STEPS));
        }
        ui.label("cells");
        let [cols, rows] = spec.size;
        let chosen = if cols == rows {
            cols.to_string()
        } else {
            format!("{cols}×{rows}")
        };
        let combo = egui::ComboBox::from_id_salt("cells").width(60.0);
        let combo = combo.selected_text(chosen).show_ui(ui, |ui| {
            for side in SIDES {
                ui.selectable_value(&mut spec.size, [side; 2], format!("{side} × {side}"));
            }
        });
        combo
            .response
            .on_hover_text("Along each side: each cell is a run");
    });
    ui.horizontal_wrapped(|ui| {
        ui.label("colours say");
        for &show in MapShow::ALL {
            ui.selectable_value(&mut spec.show, show, show.name())
                .on_hover_text(about(show));
        }
    });
    panel.map = Some(spec);
    if let Some(map) = lab.map(focus) {
        match (&map.map.problem, &map.map.shown) {
            (Some(problem), _) => {
                ui.colored_label(ui.visuals().warn_fg_color, problem);
            }
            (None, Some(shown)) if map.map.is_under_way() => {
                let all = thousands(shown.map.cells() as u64);
                ui.weak(format!("{} of {all} runs", thousands(shown.done as u64)));
            }
            (None, Some(shown)) => {
                ui.weak(format!("{} runs", thousands(shown.map.cells() as u64)));
                if let Some(note) = &shown.note {
                    ui.weak(note);
                }
            }
            (None, None) => {
                ui.weak("computing");
            }
        }
    }
}

fn descent_ui(ui: &mut egui::Ui, panel: &Panel, spec: &mut MapSpec) {
    let chosen = panel
        .mapped_descent(spec)
        .map(|descent| descent.name.clone());
    let chosen = chosen.unwrap_or_else(|_| spec.descent.clone().unwrap_or_default());
    ui.horizontal(|ui| {
        ui.label("of");
        let combo = egui::ComboBox::from_id_salt("mapped");
        let combo = combo
            .selected_text(one_line(&chosen))
            .width(150.0)
            .truncate();
        combo.show_ui(ui, |ui| {
            for descent in &panel.descents {
                let name = one_line(&descent.name);
                if ui.selectable_label(descent.name == chosen, name).clicked() {
                    spec.descent = Some(descent.name.clone());
                }
            }
        });
    });
}

/// What varies along x and y, and of what does not lie on the surface the ranges.
fn axes_ui(ui: &mut egui::Ui, panel: &Panel, spec: &mut MapSpec) {
    let Ok(descent) = panel.mapped_descent(spec) else {
        return;
    };
    let plan = &descent.plan;
    let spans = panel.map_plan(spec).map(|plan| plan.spans);
    let lies_on_it = panel.map_lies_on_surface(spec);
    for (k, title) in ["x", "y"].into_iter().enumerate() {
        let span = spans.as_ref().ok().map(|spans| spans[k]);
        let other = spans.as_ref().ok().map(|spans| spans[1 - k].axis);
        ui.horizontal(|ui| {
            ui.label(title);
            let combo = egui::ComboBox::from_id_salt(("axis", k))
                .width(76.0)
                .truncate();
            let name = span.map_or_else(
                || spec.axes[k].clone().unwrap_or_default(),
                |span| span.axis.name().to_owned(),
            );
            combo.selected_text(name).show_ui(ui, |ui| {
                for axis in Axis::all(plan) {
                    let chosen = span.is_some_and(|span| span.axis == axis);
                    if ui.selectable_label(chosen, axis.name()).clicked() && !chosen {
                        // What the other axis has they exchange.
                        if other == Some(axis) {
                            spec.axes.swap(0, 1);
                            if let Some(span) = span {
                                spec.axes[1 - k] = Some(span.axis.name().to_owned());
                            }
                        }
                        spec.axes[k] = Some(axis.name().to_owned());
                    }
                }
            });
        });
        let Some(span) = span.filter(|_| !lies_on_it) else {
            continue;
        };
        ui.horizontal(|ui| {
            let mut range = span.range;
            ui.label("from");
            ui.add(number(&mut range[0], -1e300, 1e300));
            ui.label("to");
            ui.add(number(&mut range[1], -1e300, 1e300));
            let is_sound = range[0] < range[1] && span.axis.check(range).is_ok();
            if range != span.range && is_sound {
                spec.axes[k] = Some(Span { range, ..span }.words());
            }
        });
    }
}

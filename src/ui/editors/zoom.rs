//! Ranges that change with time: whether they do, and what is to be edited while they do.

use bevy_egui::egui;

use crate::experiment::{MapSpec, Panel};
use crate::lab::Sent;
use crate::lab::model::zoom::FollowRange;
use crate::ui::reader::LabReader;

/// Edits the range of a panel's surface: that of the moment, where it goes along its keys.
pub(crate) fn surface_ui(
    ui: &mut egui::Ui,
    (lab, index): (&LabReader, usize),
    panel: &mut Panel,
    commands: &mut Vec<Sent>,
    domain_ui: impl FnOnce(&mut egui::Ui, &mut Panel),
) {
    let lies_on_it = |spec: &MapSpec| panel.map_lies_on_surface(spec);
    if panel.zoom.is_empty() || !panel.map.as_ref().is_none_or(lies_on_it) {
        return domain_ui(ui, panel);
    }
    let shown = lab.landscape(index).filter(|_| lab.ranges.leads(index));
    match shown.map(|landscape| landscape.panel.domain) {
        Some(now) => {
            let own = std::mem::replace(&mut panel.domain, now);
            domain_ui(ui, panel);
            if panel.domain == now {
                panel.domain = own;
            }
        }
        None => domain_ui(ui, panel),
    }
    keys_ui(ui, (lab, index), panel, commands);
}

/// The same of the axes of a map beside its surface.
pub(crate) fn map_ui(
    ui: &mut egui::Ui,
    (lab, index): (&LabReader, usize),
    (panel, spec): (&Panel, &mut MapSpec),
    commands: &mut Vec<Sent>,
    axes_ui: impl FnOnce(&mut egui::Ui, &mut MapSpec),
) {
    if panel.zoom.is_empty() || panel.map_lies_on_surface(spec) {
        return axes_ui(ui, spec);
    }
    let shown = lab.map(index).filter(|_| lab.ranges.leads(index));
    match shown.and_then(|map| map.panel.map.as_ref()) {
        Some(MapSpec { axes: now, .. }) => {
            let own = std::mem::replace(&mut spec.axes, now.clone());
            axes_ui(ui, spec);
            if spec.axes == *now {
                spec.axes = own;
            }
        }
        None => axes_ui(ui, spec),
    }
    keys_ui(ui, (lab, index), panel, commands);
}

fn keys_ui(
    ui: &mut egui::Ui,
    (lab, index): (&LabReader, usize),
    panel: &Panel,
    commands: &mut Vec<Sent>,
) {
    let mut follows = lab.ranges.leads(index);
    let count = panel.zoom.len();
    let plural = if count == 1 { "" } else { "s" };
    let tip = "The range goes along its keys while the steps are played. Zooming, moving or typing it lets go; playing from the \
               start (R) takes it up again";
    let toggle = ui.checkbox(
        &mut follows,
        format!("follow {count} key{plural} of the range"),
    );
    if toggle.on_hover_text(tip).changed() {
        commands.push(
            FollowRange {
                panel: index,
                follows,
            }
            .into(),
        );
    }
    if !follows {
        ui.weak("by hand until played from the start (R)");
    }
}

//! The whole window: its panels, the timeline and the keys, around scene, map and plot.

pub mod keys;
mod left;
mod model;
pub mod rest;
mod right;
mod timeline;

use std::sync::Arc;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, egui};

use crate::experiment::Experiment;
use crate::lab::Commander;
use crate::lab::session::edit::Edit;
use crate::lab::showing::map_cell::PointedOnMap;
use crate::lab::{HighlightedStep, Iterate, PointerFocus, Viewports};
use crate::ui::editors::{heights, objective};
use crate::ui::highlight;
use crate::ui::layout::{self, Enlarged, Layout};
use crate::ui::map::{contour_map, data_square, flat_path, units};
use crate::ui::plot::loss_plot;
use crate::ui::reader::{Edits, LabReader};
use crate::ui::scene::{map_panel, overlay, readout};
use crate::ui::session::{files, picture, recording};

/// What the interface remembers between frames and nobody else needs to know.
#[derive(Resource, Default)]
pub struct UiState {
    /// The panel that inset, plot and editors show: the last one under the pointer.
    pub(crate) focus: usize,
    pub(crate) show_keys: bool,
    /// What fills the middle instead of the scene.
    pub(crate) enlarged: Option<Enlarged>,
    passes_after_tab: u8,
    /// A copy of the experiment that nothing was changed in, and what it was copied from.
    draft: Option<(Arc<Experiment>, Experiment)>,
    pub(crate) formula: objective::FormulaDraft,
    pub(crate) levels: heights::LevelsDraft,
    pub(crate) maps: contour_map::ContourMaps,
    map_panels: map_panel::MapPanels,
    pub(crate) paths: flat_path::FlatPaths,
    pub(crate) data: data_square::DataSquare,
    pub(crate) units: units::Units,
    pub(crate) plot: loss_plot::LossPlot,
    pub(crate) files: files::Files,
    pub(crate) reading: readout::LastReading,
    /// The iterate under the pointer in inset or plot, and what else there is to say there.
    pub(crate) pointed: Option<Iterate>,
    pub(crate) note: Option<String>,
    pub(crate) pictures: picture::PictureMenu,
    pub(crate) recordings: recording::RecordMenu,
}

impl UiState {
    /// A copy of the experiment to be edited: that of the last pass, unless it was changed or the experiment is another since.
    fn draft_of(&mut self, current: &Arc<Experiment>) -> Experiment {
        match self.draft.take() {
            Some((of, draft)) if Arc::ptr_eq(&of, current) => draft,
            _ => (**current).clone(),
        }
    }

    /// Fills the middle with a part, or gives it back to the scene.
    pub(crate) fn enlarge(&mut self, part: Enlarged) {
        self.enlarged = (self.enlarged != Some(part)).then_some(part);
    }
}

/// Tab shows and hides the interface; egui would give the next control the keyboard, and space would press it.
fn give_tab_back(ctx: &egui::Context, state: &mut UiState) {
    let tab = ctx.input(|input| input.key_pressed(egui::Key::Tab));
    if ctx.text_edit_focused() {
        // Between text fields Tab is egui's.
        state.passes_after_tab = 0;
        return;
    }
    if tab {
        state.passes_after_tab = 3;
    }
    if state.passes_after_tab > 0 {
        state.passes_after_tab -= 1;
        if let Some(focused) = ctx.memory(|memory| memory.focused()) {
            ctx.memory_mut(|memory| memory.surrender_focus(focused));
        }
    }
}

pub(crate) fn draw_interface(
    mut contexts: EguiContexts,
    mut lab: LabReader,
    layout: Res<Layout>,
    mut state: ResMut<UiState>,
    mut viewports: ResMut<Viewports>,
    mut focus: ResMut<PointerFocus>,
    mut on_map: ResMut<PointedOnMap>,
    mut commands: Commander,
) -> Result {
    let ctx = contexts.ctx_mut()?.clone();
    let mut edits = Edits {
        draft: state.draft_of(&lab.current.experiment),
        commands: Vec::new(),
    };
    (state.pointed, state.note) = (None, None);
    state.focus = state.focus.min(edits.draft.panels.len().saturating_sub(1));

    let focus_panel = state.focus;
    let has_data = layout.data && model::is_seen(&lab, &mut state, focus_panel);
    let layout = Layout {
        data: has_data,
        ..*layout
    };
    let layout = layout.enlarging(state.enlarged);
    let mut root = egui::Ui::new(
        ctx.clone(),
        "root".into(),
        egui::UiBuilder::new()
            .layer_id(egui::LayerId::background())
            .max_rect(ctx.viewport_rect()),
    );
    let narrow = root.available_width() < 900.0;
    if layout.controls {
        timeline::show(&mut root, &lab, &mut state, &mut edits);
        if !narrow {
            left::show(&mut root, &lab, &mut state, &mut edits);
        }
    }
    if layout.inset || layout.data || layout.plot {
        right::show(&mut root, &lab, &layout, &mut state, &mut edits);
    }
    let scene = root.available_rect_before_wrap();
    let (rects, map_rects) = if layout.scene {
        let panels = edits.draft.panels.len();
        layout::grid_with_maps(scene, panels, &lab.maps_beside())
    } else {
        Default::default()
    };
    let mut pointed_on_map = None;
    for &(panel, rect) in &map_rects {
        let panels = &mut state.map_panels;
        let values = map_panel::show(&mut root, &lab, panel, rect, panels, &mut edits);
        pointed_on_map = pointed_on_map.or(values.map(|values| (panel, values)));
    }
    on_map.set_if_neq(PointedOnMap(pointed_on_map));
    if layout.words {
        overlay::show(&ctx, &lab, &layout, &rects, Some(&lab.notice));
    }
    if layout.controls {
        let painter = ctx.layer_painter(egui::LayerId::background());
        readout::show(&painter, &lab, &rects, &mut state.reading);
    }
    highlight::show(&ctx, &lab, &rects, state.note.as_deref());
    keys::help(&ctx, &mut state, &lab.theme);
    files::update(&ctx, &lab, &mut state.files, &mut edits);
    recording::folder_ui(&ctx, &lab, scene, &mut edits);

    viewports.set_if_neq(Viewports {
        panels: rects.iter().copied().map(layout::to_bevy).collect(),
        maps: map_rects
            .iter()
            .map(|(panel, rect)| (*panel, layout::to_bevy(*rect)))
            .collect(),
        scale_factor: ctx.pixels_per_point(),
    });
    // The scene is what the background's panels leave free, where no window or menu lies over it.
    let over_scene = ctx.pointer_hover_pos().is_some_and(|pointer| {
        let on_top = ctx.layer_id_at(pointer);
        let on_map = map_rects.iter().any(|(_, rect)| rect.contains(pointer));
        scene.contains(pointer)
            && !on_map
            && on_top.is_none_or(|layer| layer.order == egui::Order::Background)
    });
    // Over the scene it is for the view to say.
    if !over_scene {
        lab.highlighted.set_if_neq(HighlightedStep(state.pointed));
    }
    // A drag or a text that was begun for one panel must not end in another.
    let busy = ctx.egui_is_using_pointer() || ctx.text_edit_focused();
    if !busy && let Some(pointer) = ctx.pointer_hover_pos() {
        let on_scene = rects.iter().position(|rect| rect.contains(pointer));
        let on_map = map_rects.iter().find(|(_, rect)| rect.contains(pointer));
        let hovered = on_scene.filter(|_| over_scene);
        let hovered = hovered.or(on_map.map(|(panel, _)| *panel));
        state.focus = hovered.unwrap_or(state.focus);
    }
    focus.set_if_neq(PointerFocus {
        pointer_on_ui: ctx.egui_is_using_pointer() || !over_scene,
        keyboard_on_ui: ctx.text_edit_focused(),
        pressed: ctx.input(|input| input.pointer.any_down()),
        panel: state.focus,
    });
    give_tab_back(&ctx, &mut state);
    // Commands are about what is to be seen: a number that is being typed is taken in the very pass in which a button is pressed.
    if edits.draft == *lab.current.experiment {
        state.draft = Some((lab.current.experiment.clone(), edits.draft));
    } else {
        commands.send(Edit(Arc::new(edits.draft)));
    }
    commands.send_all(edits.commands);
    Ok(())
}

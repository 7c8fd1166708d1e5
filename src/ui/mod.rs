//! The interface: panels that edit a copy of the experiment, plots, the contour inset, and the words over the scene.
//! It reads `lab` and sends commands; nothing is computed here.

pub mod axis_words;
pub mod band;
pub mod bidi;
pub mod color_bar;
pub mod constants;
pub mod contour_map;
pub mod curve_plot;
pub mod curves;
pub mod descent;
pub mod files;
pub mod flat_path;
pub mod fonts;
pub mod heights;
pub mod highlight;
pub mod inset;
pub mod isoline_labels;
pub mod keys;
pub mod layout;
pub mod left;
pub mod legend;
pub mod look;
pub mod loss_plot;
pub mod map_path;
pub mod number;
pub mod objective;
pub mod overlay;
pub mod picture;
pub mod plan;
pub mod plot_range;
pub mod plot_zoom;
pub mod quantity;
pub mod readout;
pub mod recording;
pub mod rest;
pub mod right;
pub mod slice;
pub mod style;
pub mod timeline;
pub mod turned_map;
pub mod words;

use std::path::Path;

use bevy::asset::AssetEventSystems;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::{
    EguiContexts, EguiGlobalSettings, EguiPlugin, EguiPostUpdateSet, EguiPrimaryContextPass, egui,
};

use crate::experiment::Experiment;
use crate::lab::command::Notice;
use crate::lab::field::Field;
use crate::lab::landscapes::Landscapes;
use crate::lab::{
    CameraRig, CurrentExperiment, Data, DescentRun, DescentStyle, EditHistory, Errands, Excursions,
    HighlightPlace, HighlightedStep, InPanel, Iterate, Keeping, LabCommand, Motion, Overlay,
    PanelIndex, PathAhead, Playback, Pointed, PointerFocus, RecordingState, RepeatCount, Repeats,
    Scenery, SelectedDescent, Stage, Theme, Viewports,
};

pub use fonts::MissingScripts;
use layout::Enlarged;
pub use layout::Layout;

pub fn plugin(app: &mut App) {
    app.add_plugins((EguiPlugin::default(), rest::plugin));
    // Else the renderer hears of a new letter a frame after it is first to be drawn.
    app.configure_sets(
        PostUpdate,
        EguiPostUpdateSet::PostProcessOutput.before(AssetEventSystems),
    );
    // The overlay camera carries the only context.
    app.world_mut()
        .resource_mut::<EguiGlobalSettings>()
        .auto_create_primary_context = false;
    app.init_resource::<Layout>()
        .init_resource::<UiState>()
        .init_resource::<MissingScripts>()
        .add_systems(Update, keys::press_keys.in_set(Stage::Input))
        .add_systems(
            EguiPrimaryContextPass,
            (style::apply_theme, fonts::add_fonts, draw_interface).chain(),
        );
}

/// What the interface remembers between frames and nobody else needs to know.
#[derive(Resource, Default)]
pub struct UiState {
    /// The panel that inset, plot and editors show: the last one under the pointer.
    pub(crate) focus: usize,
    pub(crate) show_keys: bool,
    /// What fills the middle instead of the scene.
    pub(crate) enlarged: Option<Enlarged>,
    passes_after_tab: u8,
    pub(crate) formula: objective::FormulaDraft,
    pub(crate) levels: heights::LevelsDraft,
    pub(crate) maps: contour_map::ContourMaps,
    pub(crate) paths: flat_path::FlatPaths,
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
    /// Fills the middle with a part, or gives it back to the scene.
    pub(crate) fn enlarge(&mut self, part: Enlarged) {
        self.enlarged = (self.enlarged != Some(part)).then_some(part);
    }
}

/// What the interface reads of the lab.
#[derive(SystemParam)]
pub(crate) struct LabReader<'w, 's> {
    pub(crate) current: Res<'w, CurrentExperiment>,
    pub(crate) playback: Res<'w, Playback>,
    pub(crate) theme: Res<'w, Theme>,
    pub(crate) rig: Res<'w, CameraRig>,
    pub(crate) overlay: Res<'w, Overlay>,
    pub(crate) notice: Res<'w, Notice>,
    pub(crate) missing: Res<'w, MissingScripts>,
    pub(crate) pointed: Res<'w, Pointed>,
    pub(crate) selected: Res<'w, SelectedDescent>,
    pub(crate) history: Res<'w, EditHistory>,
    pub(crate) keeping: Option<Res<'w, Keeping>>,
    pub(crate) data: Res<'w, Data>,
    pub(crate) repeat_count: Res<'w, RepeatCount>,
    pub(crate) path_ahead: Res<'w, PathAhead>,
    pub(crate) errands: Res<'w, Errands>,
    pub(crate) landscapes: Res<'w, Landscapes>,
    pub(crate) recording: Res<'w, RecordingState>,
    pub(crate) motion: Res<'w, Motion>,
    /// The one thing here that the interface writes, at the end of a pass.
    pub(crate) highlighted: ResMut<'w, HighlightedStep>,
    pub(crate) highlight_place: Res<'w, HighlightPlace>,
    panels: Query<'w, 's, (Entity, &'static PanelIndex, &'static Scenery)>,
    descents: Query<
        'w,
        's,
        (
            Entity,
            &'static InPanel,
            &'static DescentRun,
            &'static DescentStyle,
            &'static Excursions,
            Option<&'static Repeats>,
        ),
    >,
}

/// A descent as the interface sees it.
pub(crate) struct Shown<'a> {
    pub(crate) entity: Entity,
    pub(crate) run: &'a DescentRun,
    pub(crate) style: &'a DescentStyle,
    /// When it is outside the box.
    pub(crate) excursions: &'a Excursions,
    /// Further runs of it that are done.
    pub(crate) repeats: Option<&'a Repeats>,
    /// What its panel shows, and what it descends on.
    pub(crate) scenery: &'a Scenery,
    pub(crate) field: &'a Field,
}

impl LabReader<'_, '_> {
    /// The file with what was not saved when the program last ended.
    pub(crate) fn left_over(&self) -> Option<&Path> {
        self.keeping
            .as_ref()
            .and_then(|keeping| keeping.left_over())
    }

    pub(crate) fn scenery(&self, panel: usize) -> Option<&Scenery> {
        self.panels
            .iter()
            .find(|(_, index, _)| index.0 == panel)
            .map(|(.., scenery)| scenery)
    }

    pub(crate) fn descent(&self, entity: Entity) -> Option<(&DescentRun, &DescentStyle, &Scenery)> {
        let (_, of, run, style, ..) = self.descents.get(entity).ok()?;
        let (.., scenery) = self.panels.get(of.0).ok()?;
        Some((run, style, scenery))
    }

    /// The descents of a panel in the experiment's order.
    pub(crate) fn descents(&self, panel: usize) -> Vec<Shown<'_>> {
        let found = self.panels.iter().find(|(_, index, _)| index.0 == panel);
        let Some((entity, _, scenery)) = found else {
            return Vec::new();
        };
        let mut descents: Vec<Shown<'_>> = self
            .descents
            .iter()
            .filter(|(_, of, ..)| of.0 == entity)
            .map(|(entity, _, run, style, excursions, repeats)| Shown {
                entity,
                run,
                style,
                excursions,
                repeats,
                scenery,
                field: &scenery.field,
            })
            .collect();
        descents.sort_by_key(|shown| shown.style.index);
        descents
    }
}

/// Changes asked for during one pass. The experiment is edited as a copy and sent whole at the end.
pub(crate) struct Edits {
    pub(crate) draft: Experiment,
    pub(crate) commands: Vec<LabCommand>,
}

impl Edits {
    pub(crate) fn send(&mut self, command: LabCommand) {
        self.commands.push(command);
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

fn draw_interface(
    mut contexts: EguiContexts,
    mut lab: LabReader,
    layout: Res<Layout>,
    mut state: ResMut<UiState>,
    mut viewports: ResMut<Viewports>,
    mut focus: ResMut<PointerFocus>,
    mut commands: MessageWriter<LabCommand>,
) -> Result {
    let ctx = contexts.ctx_mut()?.clone();
    let layout = layout.enlarging(state.enlarged);
    let mut edits = Edits {
        draft: lab.current.experiment.clone(),
        commands: Vec::new(),
    };
    (state.pointed, state.note) = (None, None);
    state.focus = state.focus.min(edits.draft.panels.len().saturating_sub(1));

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
    if layout.inset || layout.plot {
        right::show(&mut root, &lab, &layout, &mut state, &mut edits);
    }
    let scene = root.available_rect_before_wrap();
    let rects = if layout.scene {
        layout::grid(scene, edits.draft.panels.len())
    } else {
        Vec::new()
    };
    overlay::show(&root, &lab, &layout, &rects);
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
        scale_factor: ctx.pixels_per_point(),
    });
    // The scene is what the background's panels leave free, where no window or menu lies over it.
    let over_scene = ctx.pointer_hover_pos().is_some_and(|pointer| {
        let on_top = ctx.layer_id_at(pointer);
        scene.contains(pointer) && on_top.is_none_or(|layer| layer.order == egui::Order::Background)
    });
    // Over the scene it is for the view to say.
    if !over_scene {
        lab.highlighted.set_if_neq(HighlightedStep(state.pointed));
    }
    // A drag or a text that was begun for one panel must not end in another.
    let busy = ctx.egui_is_using_pointer() || ctx.text_edit_focused();
    if over_scene
        && !busy
        && let Some(pointer) = ctx.pointer_hover_pos()
        && let Some(hovered) = rects.iter().position(|rect| rect.contains(pointer))
    {
        state.focus = hovered;
    }
    focus.set_if_neq(PointerFocus {
        pointer_on_ui: ctx.egui_is_using_pointer() || !over_scene,
        keyboard_on_ui: ctx.text_edit_focused(),
        pressed: ctx.input(|input| input.pointer.any_down()),
        panel: state.focus,
    });
    give_tab_back(&ctx, &mut state);
    if edits.draft != lab.current.experiment {
        edits.commands.push(LabCommand::Edit(Box::new(edits.draft)));
    }
    commands.write_batch(edits.commands);
    Ok(())
}

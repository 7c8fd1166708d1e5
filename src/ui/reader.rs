//! What the interface reads of the lab, and what it asks of it.

use std::path::Path;
use std::sync::Arc;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use crate::experiment::{Experiment, Panel};
use crate::lab::Sent;
use crate::lab::command::Notice;
use crate::lab::model::PanelSettings;
use crate::lab::model::held_out::{HeldOut, WatchHeldOut};
use crate::lab::model::jobs::Patience;
use crate::lab::model::landscapes::Landscapes;
use crate::lab::model::maps::PanelMap;
use crate::lab::model::sharpness::{Sharpness, WatchSharpness};
use crate::lab::model::zoom::RangeLeads;
use crate::lab::session::export::Exporting;
use crate::lab::session::tune::Tuning;
use crate::lab::showing::explain::Explanation;
use crate::lab::showing::limits::RateLimit;
use crate::lab::showing::map_cell::PointedCell;
use crate::lab::showing::map_picture::{MapPicture, PanelMapPicture};
use crate::lab::showing::net::NetOfAll;
use crate::lab::showing::overlay::Glyphs;
use crate::lab::showing::units::UnitsShown;
use crate::lab::{
    CameraRig, CurrentExperiment, Data, DataTasks, DescentRun, DescentStyle, EditHistory,
    Excursions, HighlightPlace, HighlightedStep, InPanel, Motion, Overlay, PanelIndex,
    PanelLandscape, PathAhead, Persistence, Playback, Pointed, RecordingState, RepeatCount,
    Repeats, SelectedDescent, Theme,
};
use crate::ui::text::fonts::MissingLetters;

/// What the interface reads of the lab.
#[derive(SystemParam)]
pub(crate) struct LabReader<'w, 's> {
    pub(crate) current: Res<'w, CurrentExperiment>,
    pub(crate) playback: Res<'w, Playback>,
    pub(crate) theme: Res<'w, Theme>,
    pub(crate) rig: Res<'w, CameraRig>,
    pub(crate) overlay: Res<'w, Overlay>,
    pub(crate) glyphs: Res<'w, Glyphs>,
    pub(crate) notice: Res<'w, Notice>,
    pub(crate) missing: Res<'w, MissingLetters>,
    pub(crate) pointed: Res<'w, Pointed>,
    pub(crate) selected: Res<'w, SelectedDescent>,
    pub(crate) history: Res<'w, EditHistory>,
    pub(crate) persistence: Option<Res<'w, Persistence>>,
    pub(crate) data: Res<'w, Data>,
    pub(crate) repeat_count: Res<'w, RepeatCount>,
    pub(crate) watches_sharpness: Res<'w, WatchSharpness>,
    pub(crate) watches_held_out: Res<'w, WatchHeldOut>,
    pub(crate) path_ahead: Res<'w, PathAhead>,
    pub(crate) net_of_all: Res<'w, NetOfAll>,
    pub(crate) units_shown: Res<'w, UnitsShown>,
    pub(crate) data_tasks: Res<'w, DataTasks>,
    pub(crate) landscapes: Res<'w, Landscapes>,
    /// Until when a frame waits for what is made of all this beside it.
    pub(crate) patience: Res<'w, Patience>,
    pub(crate) ranges: Res<'w, RangeLeads>,
    pub(crate) recording: Res<'w, RecordingState>,
    pub(crate) motion: Res<'w, Motion>,
    /// The one thing here that the interface writes, at the end of a pass.
    pub(crate) exporting: Res<'w, Exporting>,
    pub(crate) highlighted: ResMut<'w, HighlightedStep>,
    pub(crate) highlight_place: Res<'w, HighlightPlace>,
    pub(crate) cell: Res<'w, PointedCell>,
    pub(crate) tuning: Res<'w, Tuning>,
    panels: Query<'w, 's, (Entity, &'static PanelIndex, &'static PanelLandscape)>,
    maps: Query<
        'w,
        's,
        (
            &'static PanelIndex,
            &'static PanelSettings,
            &'static PanelMap,
            &'static PanelMapPicture,
        ),
    >,
    descents: Query<
        'w,
        's,
        (
            Entity,
            &'static InPanel,
            &'static DescentRun,
            &'static DescentStyle,
            &'static Excursions,
            &'static Explanation,
            Option<&'static Repeats>,
            (&'static Sharpness, &'static HeldOut, &'static RateLimit),
        ),
    >,
}

/// A panel's map as the interface sees it.
#[derive(Clone, Copy)]
pub(crate) struct ShownPanelMap<'a> {
    /// The panel as it is at the moment, without its descents.
    pub(crate) panel: &'a Panel,
    pub(crate) map: &'a PanelMap,
    /// What there is to be seen.
    pub(crate) picture: Option<&'a Arc<MapPicture>>,
}

/// A descent as the interface sees it.
pub(crate) struct ShownDescent<'a> {
    pub(crate) entity: Entity,
    pub(crate) run: &'a DescentRun,
    pub(crate) style: &'a DescentStyle,
    /// When it is outside the box.
    pub(crate) excursions: &'a Excursions,
    /// What of it is explained, and where its ball is.
    pub(crate) explanation: &'a Explanation,
    /// Further runs of it that are done.
    pub(crate) repeats: Option<&'a Repeats>,
    /// How it curves at its iterates, as far as anybody has asked.
    pub(crate) sharpness: &'a Sharpness,
    /// How its model does on samples kept apart, as far as anybody has asked.
    pub(crate) held_out: &'a HeldOut,
    /// The greatest rate at which its rule is stable where it is.
    pub(crate) rate_limit: Option<f64>,
    /// What its panel shows.
    pub(crate) landscape: &'a PanelLandscape,
}

impl LabReader<'_, '_> {
    /// The file with what was not saved when the program last ended.
    pub(crate) fn left_over(&self) -> Option<&Path> {
        self.persistence
            .as_ref()
            .and_then(|persistence| persistence.left_over())
    }

    pub(crate) fn landscape(&self, panel: usize) -> Option<&PanelLandscape> {
        self.panels
            .iter()
            .find(|(_, index, _)| index.0 == panel)
            .map(|(.., landscape)| landscape)
    }

    /// The map of a panel, and how far it is.
    pub(crate) fn map(&self, panel: usize) -> Option<ShownPanelMap<'_>> {
        let found = self.maps.iter().find(|(index, ..)| index.0 == panel);
        let (_, settings, map, drawn) = found?;
        Some(ShownPanelMap {
            panel: &settings.0,
            map,
            picture: drawn.picture.as_ref(),
        })
    }

    /// The panels whose maps lie beside their surfaces.
    pub(crate) fn maps_beside(&self) -> Vec<usize> {
        let beside = self.maps.iter().filter(|(_, settings, ..)| {
            let lies_on_it = |spec| settings.0.map_lies_on_surface(spec);
            !settings.0.map.as_ref().is_some_and(lies_on_it)
        });
        let mut panels: Vec<usize> = beside.map(|(index, ..)| index.0).collect();
        panels.sort_unstable();
        panels
    }

    pub(crate) fn descent(
        &self,
        entity: Entity,
    ) -> Option<(&DescentRun, &DescentStyle, &PanelLandscape)> {
        let (_, of, run, style, ..) = self.descents.get(entity).ok()?;
        let (.., landscape) = self.panels.get(of.0).ok()?;
        Some((run, style, landscape))
    }

    /// The descents of a panel in the experiment's order.
    pub(crate) fn descents(&self, panel: usize) -> Vec<ShownDescent<'_>> {
        let found = self.panels.iter().find(|(_, index, _)| index.0 == panel);
        let Some((entity, _, landscape)) = found else {
            return Vec::new();
        };
        let mut descents: Vec<ShownDescent<'_>> = self
            .descents
            .iter()
            .filter(|(_, of, ..)| of.0 == entity)
            .map(
                |(entity, _, run, style, excursions, explanation, repeats, measured)| {
                    let (sharpness, held_out, limit) = measured;
                    ShownDescent {
                        entity,
                        run,
                        style,
                        excursions,
                        explanation,
                        repeats,
                        sharpness,
                        held_out,
                        rate_limit: limit.limit,
                        landscape,
                    }
                },
            )
            .collect();
        descents.sort_by_key(|shown| shown.style.index);
        descents
    }
}

/// Changes asked for during one pass. The experiment is edited as a copy and sent whole at the end, before the commands.
pub(crate) struct Edits {
    pub(crate) draft: Experiment,
    pub(crate) commands: Vec<Sent>,
}

impl Edits {
    pub(crate) fn send(&mut self, command: impl Into<Sent>) {
        self.commands.push(command.into());
    }
}

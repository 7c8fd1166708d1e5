//! Ranges that change with time: a panel's settings have the range of the moment.

use bevy::prelude::*;

use super::current::CurrentExperiment;
use super::entities::{PanelIndex, PanelSettings};
use super::landscapes;
use crate::lab::playback::{Playback, advance_playback};
use crate::lab::stage::Stage;

pub(super) fn plugin(app: &mut App) {
    let zoom = zoom
        .after(advance_playback)
        .before(landscapes::compute)
        .in_set(Stage::Playback);
    app.add_systems(Update, zoom.run_if(resource_exists::<CurrentExperiment>));
}

pub(super) fn zoom(
    current: Res<CurrentExperiment>,
    playback: Res<Playback>,
    mut panels: Query<(&PanelIndex, &mut PanelSettings)>,
) {
    for (index, mut settings) in &mut panels {
        let Some(panel) = current.experiment.panels.get(index.0) else {
            continue;
        };
        if panel.zoom.is_empty() {
            continue;
        }
        // Which descent a map is of decides what its axes are.
        let mut now = panel.clone();
        now.zoom_to(playback.seconds());
        now.descents.clear();
        settings.set_if_neq(PanelSettings(now));
    }
}

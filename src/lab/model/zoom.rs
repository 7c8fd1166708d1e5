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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::lab::model::maps::PanelMap;
    use crate::lab::{self, PanelLandscape};

    #[test]
    fn landscape_and_map_have_the_range_of_the_moment() {
        let text = "steepest = 1\n[[panel]]\nformula = 'x^2 + y^2'\ndomain = [[-4, 4], [-4, 4]]\nmap = { grid = [20, 20] }\n\
                    [[panel.zoom]]\ntime = 0\nx = [-4, 4]\ny = [-4, 4]\n\
                    [[panel.zoom]]\ntime = 1\nx = [1, 1.5]\ny = [-0.25, 0.25]\n\
                    [[panel.descent]]\nrule = 'gd'\nrate = 0.1\nstart = [1, 1]\nsteps = 100\n";
        let experiment = Experiment::parse(text, "test").expect("valid");
        let mut app = lab::alone(experiment.clone());
        app.world_mut().resource_mut::<Playback>().playing = false;
        app.update();
        let mut query = app.world_mut().query::<(&PanelLandscape, &PanelMap)>();
        let mut shown = |app: &mut App| {
            app.update();
            let (landscape, map) = query.single(app.world()).expect("one panel");
            let map = map.shown.clone().expect("a map");
            assert!(map.is_whole());
            let spans = map.map.spans.map(|span| span.range);
            let domain = landscape.field.key.domain;
            assert_eq!(spans, [domain.x, domain.y_or_zero()]);
            domain.x
        };
        assert_eq!(shown(&mut app), [-4.0, 4.0]);
        let last = f64::from(u16::try_from(experiment.last_step()).expect("few"));
        app.world_mut().resource_mut::<Playback>().seek(last);
        assert_eq!(shown(&mut app), [1.0, 1.5]);
        // The experiment itself is as it was.
        let current = app.world().resource::<CurrentExperiment>();
        assert_eq!(*current.experiment, experiment);
    }
}

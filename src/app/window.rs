//! The app in a window.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::camera::RenderTarget;
use bevy::prelude::*;
use bevy::window::{PresentMode, WindowEvent, WindowRef};
use bevy::winit::{UpdateMode, WinitSettings};

use super::failure::{DrawingFailure, end_window};
use super::{Verbosity, bevy_plugins, figure, quality, steepest_plugins, sweep_device};
use crate::descent::Status;
use crate::experiment::{Experiment, Source};
use crate::gpu::adapter::Adapter;
use crate::lab::Commander;
use crate::lab::model::landscapes::Landscapes;
use crate::lab::model::morph::Morph;
use crate::lab::model::{ComputeBudget, FRAME_BUDGET, put_frames_first};
use crate::lab::session::export::{Exporting, SceneDrawer};
use crate::lab::session::persistence::FileCommand;
use crate::lab::session::watch::{WatchedFiles, recordings};
use crate::lab::{
    CameraRig, CurrentExperiment, Data, DataTasks, DescentRun, Persistence, Playback, Repeats,
    Stage,
};
use crate::record::live::LiveRecording;
use crate::record::picture::Photographer;
use crate::record::{capture, live, picture};
use crate::view::camera::DrawTarget;

/// While nothing moves, the picture is looked after this often: soon after the last input, when unsaved work is kept and good
/// news is forgotten, and later, when a frame is only drawn in case.
const AWAKE: Duration = Duration::from_millis(500);
const ASLEEP: Duration = Duration::from_secs(60);
/// While repeats are computed beside the frames, what they add to the plot is drawn this often.
const GROWING: Duration = Duration::from_millis(100);
/// It falls asleep so long after the last input.
const AWAKE_FOR: Duration = Duration::from_secs(6);

/// Opens the window on an experiment and returns when it is closed.
///
/// # Errors
/// If it could not go on, in words.
pub fn run(
    source: Source,
    experiment: Experiment,
    data: Data,
    adapter: &Adapter,
    verbosity: Verbosity,
) -> Result<(), String> {
    let window = Window {
        title: "steepest".to_owned(),
        name: Some("steepest".to_owned()),
        resolution: (1280, 720).into(),
        present_mode: PresentMode::AutoVsync,
        ..default()
    };
    put_frames_first();
    let (density, msaa) = quality(adapter);
    let mut app = App::new();
    app.add_plugins(bevy_plugins(adapter, verbosity, Some(window)))
        .insert_resource(DrawTarget {
            target: RenderTarget::Window(WindowRef::Primary),
            msaa,
            transparent: false,
            captured: false,
        })
        .insert_resource(density)
        .insert_resource(data)
        .add_plugins((capture::plugin, live::plugin, picture::plugin))
        .insert_resource(Persistence::of_this_person())
        .insert_resource(sweep_device(adapter))
        .insert_resource(scene_drawer(adapter))
        .insert_resource(ComputeBudget(Some(FRAME_BUDGET)))
        .insert_resource(Playback::new(&experiment))
        .insert_resource(CameraRig::new(&experiment).with_idle_turn())
        .insert_resource(CurrentExperiment::new(source, experiment))
        .add_systems(
            Update,
            (
                open_what_is_dropped.in_set(Stage::Input),
                (rest_when_nothing_moves, name_window, end_window).in_set(Stage::View),
            ),
        );
    steepest_plugins(&mut app);
    let failure = DrawingFailure::default();
    app.insert_resource(failure.clone());
    let ended = failure.guard(|| app.run());
    match (failure.said(), ended) {
        (Some(said), Err(_) | Ok(AppExit::Error(_))) => Err(format!(
            "{said}; changes that were not saved are offered at the next start"
        )),
        (None, Ok(AppExit::Error(_))) => Err("the window ended with an error".to_owned()),
        (None, Err(said)) => Err(said),
        (_, Ok(AppExit::Success)) => Ok(()),
    }
}

/// Draws the scenes of figures off-screen, as the command does.
fn scene_drawer(adapter: &Adapter) -> SceneDrawer {
    let adapter = adapter.clone();
    SceneDrawer(Arc::new(move |wish| {
        figure::draw(wish, &adapter, Verbosity::Quiet).map_err(|error| error.to_string())
    }))
}

/// Draws every frame while something moves, and else only when there is input.
fn rest_when_nothing_moves(
    playback: Res<Playback>,
    rig: Res<CameraRig>,
    (runs, repeats): (Query<&DescentRun>, Query<&Repeats>),
    morphs: Query<&Morph>,
    (landscapes, data_tasks): (Res<Landscapes>, Res<DataTasks>),
    (current, watched): (Res<CurrentExperiment>, Res<WatchedFiles>),
    exporting: Res<Exporting>,
    (photographer, recording): (Res<Photographer>, Res<LiveRecording>),
    failure: Res<DrawingFailure>,
    mut input: MessageReader<WindowEvent>,
    mut awake_since: Local<Option<Instant>>,
    mut winit: ResMut<WinitSettings>,
) {
    let plays = playback.playing && playback.last_step() > 0;
    let computes = runs.iter().any(|run| run.status() == Status::Running);
    let computes = computes || landscapes.busy() || data_tasks.busy();
    let records = photographer.is_busy() || recording.is_busy();
    let morphs = morphs.iter().any(Morph::is_moving);
    let moves = plays || computes || records || morphs || rig.is_moving();
    let moves = moves || failure.said().is_some();
    let grows = repeats.iter().any(Repeats::is_under_way);
    let has_input = input.read().count() > 0;
    if moves || grows || has_input || awake_since.is_none() {
        *awake_since = Some(Instant::now());
    }
    let awake = awake_since.is_some_and(|since| since.elapsed() < AWAKE_FOR);
    let watches = recordings(&current.experiment).next().is_some();
    let wanted = match (
        moves || watched.busy() || exporting.busy(),
        grows || watches,
        awake,
    ) {
        (true, ..) => UpdateMode::Continuous,
        (_, true, _) => UpdateMode::reactive(GROWING),
        (.., true) => UpdateMode::reactive(AWAKE),
        _ => UpdateMode::reactive(ASLEEP),
    };
    if winit.focused_mode != wanted {
        winit.focused_mode = wanted;
        winit.unfocused_mode = wanted;
    }
}

fn open_what_is_dropped(mut drops: MessageReader<FileDragAndDrop>, mut commands: Commander) {
    for drop in drops.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = drop {
            commands.send(FileCommand::Open(Source::File(path_buf.clone())));
        }
    }
}

fn name_window(current: Res<CurrentExperiment>, mut windows: Query<&mut Window>) {
    if !current.is_changed() {
        return;
    }
    let mark = if current.edited { " (edited)" } else { "" };
    for mut window in &mut windows {
        window.title = format!("{}{mark} — steepest", current.experiment.title);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{self, RepeatCount};

    #[test]
    fn repeats_under_way_keep_the_window_awake() {
        let mut experiment = Experiment::load("noisy-quartic").expect("a built-in");
        for spec in &mut experiment.panels[0].descents {
            spec.plan.steps = 20_000;
        }
        let mut playback = Playback::new(&experiment);
        playback.playing = false;
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, lab::plugin))
            .insert_resource(ComputeBudget(Some(Duration::from_secs(3600))))
            .insert_resource(playback)
            .insert_resource(CameraRig::new(&experiment).at_rest())
            .insert_resource(CurrentExperiment::new(Source::named("test"), experiment))
            .insert_resource(RepeatCount(100))
            .init_resource::<Photographer>()
            .init_resource::<LiveRecording>()
            .init_resource::<DrawingFailure>()
            .init_resource::<WinitSettings>()
            .add_message::<WindowEvent>()
            .add_systems(Update, rest_when_nothing_moves.in_set(Stage::View));
        for _ in 0..3 {
            app.update();
        }
        let mode = |app: &App| app.world().resource::<WinitSettings>().focused_mode;
        assert_eq!(mode(&app), UpdateMode::reactive(GROWING));
        app.insert_resource(RepeatCount(0));
        app.update();
        app.update();
        assert_eq!(mode(&app), UpdateMode::reactive(AWAKE));
    }
}

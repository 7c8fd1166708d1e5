//! What a person or a program asks of the lab, as small messages that are applied in the order in which they were sent. Each is
//! defined beside what it changes; nothing is changed in any other way.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

use bevy::ecs::change_detection::Tick;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::stage::Stage;

/// Something asked for. To add one, implement this beside the resource that it changes, and send it.
pub trait LabCommand: Debug + Send + Sync + 'static {
    fn apply(&self, world: &mut World);

    /// Whether what was said last is still worth reading after it, as while the camera is dragged.
    fn keeps_notice(&self) -> bool {
        false
    }
}

/// A command that was sent.
#[derive(Message, Debug, Clone)]
pub struct Sent(Arc<dyn LabCommand>);

impl<C: LabCommand> From<C> for Sent {
    fn from(command: C) -> Sent {
        Sent(Arc::new(command))
    }
}

/// Sends commands.
#[derive(SystemParam)]
pub struct Commander<'w>(MessageWriter<'w, Sent>);

impl Commander<'_> {
    pub fn send(&mut self, command: impl Into<Sent>) {
        self.0.write(command.into());
    }

    pub fn send_all(&mut self, commands: impl IntoIterator<Item = Sent>) {
        self.0.write_batch(commands);
    }
}

/// Sends a command from outside of systems.
pub fn send(world: &mut World, command: impl Into<Sent>) {
    world.write_message(command.into());
}

/// Applies what a command asks for by a system of its own.
pub(in crate::lab) fn run<I, M, S>(world: &mut World, system: S, input: I)
where
    I: Send + 'static,
    S: IntoSystem<In<I>, (), M> + 'static,
{
    if let Err(error) = world.run_system_cached_with(system, input) {
        error!("a command was not applied: {error}");
    }
}

/// So long good news is shown.
const GOOD_NEWS_SECONDS: f32 = 5.0;

/// The last thing that went wrong, or was done beside the frames, for the interface to show until the next command.
#[derive(Resource, Debug, Default)]
pub struct Notice {
    pub text: Option<String>,
    pub is_good: bool,
    /// Where what was done lies.
    pub folder: Option<PathBuf>,
}

impl Notice {
    pub fn bad(error: impl ToString) -> Notice {
        Notice {
            text: Some(error.to_string()),
            is_good: false,
            folder: None,
        }
    }

    pub fn good(text: String) -> Notice {
        Notice {
            text: Some(text),
            is_good: true,
            folder: None,
        }
    }
}

/// Which notice has been shown, by when it was said.
#[derive(Resource, Default)]
struct Shown(Option<Tick>);

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Sent>()
        .init_resource::<Notice>()
        .init_resource::<Shown>()
        .add_systems(Update, forget_good_news.in_set(Stage::View))
        .add_systems(Update, apply_commands.in_set(Stage::Commands));
}

/// What went well need not be said for long; what went wrong stays.
fn forget_good_news(
    mut notice: ResMut<Notice>,
    mut shown: ResMut<Shown>,
    mut seconds: Local<f32>,
    // A window at rest draws less often than the other clock may tick.
    time: Res<Time<Real>>,
) {
    shown.0 = Some(notice.last_changed());
    if notice.is_changed() {
        // However long the frame took in which it was said, nobody has read it yet.
        *seconds = 0.0;
        return;
    }
    if notice.is_good {
        *seconds += time.delta_secs();
        if *seconds > GOOD_NEWS_SECONDS {
            *notice = Notice::default();
        }
    }
}

pub(in crate::lab) fn apply_commands(world: &mut World) {
    let sent: Vec<Sent> = world.resource_mut::<Messages<Sent>>().drain().collect();
    for Sent(command) in sent {
        // What has been seen may go; what was said in this very frame has not.
        let notice = world.resource_ref::<Notice>();
        let is_seen = world.resource::<Shown>().0 == Some(notice.last_changed());
        if is_seen && notice.text.is_some() && !command.keeps_notice() {
            world.insert_resource(Notice::default());
        }
        command.apply(world);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Experiment, ThemeKind};
    use crate::lab;
    use crate::lab::model::CurrentExperiment;
    use crate::lab::playback::{Playback, PlaybackCommand};
    use crate::lab::session::edit::{Edit, SetTheme};
    use crate::lab::session::history::HistoryCommand;
    use crate::lab::showing::camera::CameraCommand;

    #[test]
    fn commands_of_one_frame_are_applied_in_the_order_sent() {
        let experiment = Experiment::load("bowl").expect("a built-in");
        let mut app = lab::alone(experiment.clone());
        app.update();
        let world = app.world_mut();
        let mut edited = experiment.clone();
        edited.title = "Edited".to_owned();
        send(world, PlaybackCommand::Seek(3.0));
        send(world, Edit(Arc::new(edited)));
        send(world, SetTheme(ThemeKind::Paper));
        send(world, PlaybackCommand::StepBy(2));
        send(world, Edit(Arc::new(experiment.clone())));
        send(world, SetTheme(ThemeKind::Light));
        app.update();
        let shown = app.world().resource::<CurrentExperiment>();
        assert_eq!(shown.experiment.title, experiment.title);
        assert_eq!(shown.experiment.view.theme, ThemeKind::Light);
        assert_eq!(app.world().resource::<Playback>().step(), 5);
        // All of it was one change.
        send(app.world_mut(), HistoryCommand::Undo);
        app.update();
        let shown = app.world().resource::<CurrentExperiment>();
        assert_eq!(*shown.experiment, experiment);
    }

    #[test]
    fn a_notice_stays_until_something_else_is_asked_for_than_to_move_the_camera() {
        let mut app = lab::alone(Experiment::load("bowl").expect("a built-in"));
        app.update();
        app.insert_resource(Notice::bad("it failed"));
        send(app.world_mut(), CameraCommand::Zoom(0.9));
        app.update();
        assert!(app.world().resource::<Notice>().text.is_some());
        send(app.world_mut(), PlaybackCommand::Toggle);
        app.update();
        assert!(app.world().resource::<Notice>().text.is_none());
    }

    #[test]
    fn what_is_said_in_a_frame_is_not_taken_back_by_commands_of_that_frame() {
        fn fail(mut notice: ResMut<Notice>, mut frames: Local<u32>) {
            *frames += 1;
            if *frames == 2 {
                *notice = Notice::bad("it failed");
            }
        }
        let mut app = lab::alone(Experiment::load("bowl").expect("a built-in"));
        app.add_systems(Update, fail.in_set(Stage::Input));
        app.update();
        // As it is while a number is dragged.
        for is_there in [true, false] {
            let playback = [PlaybackCommand::StepBy(1), PlaybackCommand::StepBy(1)];
            for step in playback {
                send(app.world_mut(), step);
            }
            app.update();
            assert_eq!(app.world().resource::<Notice>().text.is_some(), is_there);
        }
    }
}

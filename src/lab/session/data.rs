//! The data set that experiments on MNIST see: read when one is first shown, downloaded when a person asks for it. Both
//! are done beside the frames.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, IoTaskPool, Task, futures::check_ready};

use crate::lab::command::{Commander, LabCommand, Notice, Sent};
use crate::lab::model::CurrentExperiment;
use crate::lab::model::data::Data;
use crate::lab::stage::Stage;
use crate::mnist::{self, DataError, DataSet, FetchPlan, Place, load_cached};

/// What is done beside the frames.
#[derive(Resource, Default)]
pub struct DataTasks {
    loading: Option<Loading>,
    fetching: Option<Fetching>,
}

/// The data set being read.
struct Loading {
    task: Task<Result<Arc<DataSet>, DataError>>,
    /// Asked for again once it is there.
    then: Vec<Sent>,
}

/// A download under way.
pub struct Fetching {
    task: Task<Result<Arc<DataSet>, String>>,
    progress: Arc<Mutex<DownloadProgress>>,
    cancelled: Arc<AtomicBool>,
}

/// How far a download has come, in bytes of all files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DownloadProgress {
    pub done: u64,
    pub total: u64,
}

impl Fetching {
    pub fn progress(&self) -> DownloadProgress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DataTasks {
    /// Whether something is under way.
    pub fn busy(&self) -> bool {
        self.loading.is_some() || self.fetching.is_some()
    }

    /// The download, if there is one.
    pub fn fetching(&self) -> Option<&Fetching> {
        self.fetching.as_ref()
    }

    /// Reads the data set, its images too if those are wanted; the command is sent again once it is there. It must say what is wished, not what all is to be:
    /// the experiment may be edited meanwhile.
    pub(super) fn load(world: &mut World, images: bool, then: Option<Sent>) {
        let wish = world.resource::<Data>().wish().clone();
        let mut data_tasks = world.resource_mut::<DataTasks>();
        let loading = data_tasks.loading.get_or_insert_with(|| {
            let task = AsyncComputeTaskPool::get().spawn(async move {
                let set = load_cached(&wish)?;
                set.held_out()?;
                if images {
                    set.images()?;
                }
                Ok(set)
            });
            Loading {
                task,
                then: Vec::new(),
            }
        });
        loading.then.extend(then);
    }

    /// Another experiment was opened: what waits for the data was meant for the one before.
    pub(super) fn forget_what_waits(&mut self) {
        if let Some(loading) = &mut self.loading {
            loading.then.clear();
        }
    }

    /// Downloads the data set into the folder that is meant.
    fn fetch(&mut self, data: &Data) {
        if self.fetching.is_some() {
            return;
        }
        let progress = Arc::new(Mutex::new(DownloadProgress::default()));
        let cancelled = Arc::new(AtomicBool::new(false));
        let (wish, tell, stop) = (data.wish().clone(), progress.clone(), cancelled.clone());
        let task = IoTaskPool::get().spawn(async move {
            let (Place::Named(folder) | Place::Cache(folder)) = wish.place() else {
                return Err("there is no folder to put MNIST into: name one with --data".to_owned());
            };
            mnist::fetch(&folder, &FetchPlan::default(), &mut |now| {
                *tell.lock().unwrap_or_else(PoisonError::into_inner) = DownloadProgress {
                    done: now.all_done,
                    total: now.all_total,
                };
                if stop.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
            .map_err(|error| error.to_string())?;
            load_cached(&wish).map_err(|error| error.to_string())
        });
        self.fetching = Some(Fetching {
            task,
            progress,
            cancelled,
        });
    }

    fn cancel_fetch(&mut self) {
        if let Some(fetching) = &self.fetching {
            fetching.cancelled.store(true, Ordering::Relaxed);
        }
    }
}

/// What is asked of the data set.
#[derive(Debug)]
pub enum DataCommand {
    /// Download it, in the background.
    Fetch,
    CancelFetch,
}

impl LabCommand for DataCommand {
    fn apply(&self, world: &mut World) {
        let data = world.resource::<Data>().clone();
        let mut data_tasks = world.resource_mut::<DataTasks>();
        match self {
            DataCommand::Fetch => data_tasks.fetch(&data),
            DataCommand::CancelFetch => data_tasks.cancel_fetch(),
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<DataTasks>().add_systems(
        Update,
        receive
            .in_set(Stage::Input)
            .run_if(|data_tasks: Res<DataTasks>| data_tasks.busy()),
    );
}

/// Takes in what the tasks have brought.
fn receive(
    mut data_tasks: ResMut<DataTasks>,
    mut data: ResMut<Data>,
    mut notice: ResMut<Notice>,
    mut commands: Commander,
    current: Res<CurrentExperiment>,
) {
    let loaded = data_tasks.loading.as_mut();
    if let Some(result) = loaded.and_then(|loading| check_ready(&mut loading.task)) {
        let loading = data_tasks.loading.take();
        match result {
            Ok(set) => {
                data.put(set);
                commands.send_all(loading.into_iter().flat_map(|loading| loading.then));
            }
            Err(error) => *notice = Notice::bad(error),
        }
    }
    let fetched = data_tasks.fetching.as_mut();
    if let Some(result) = fetched.and_then(|fetching| check_ready(&mut fetching.task)) {
        let fetching = data_tasks.fetching.take();
        let cancelled = fetching.is_some_and(|fetching| fetching.cancelled.load(Ordering::Relaxed));
        match result {
            Ok(set) if current.experiment.needs_data() || data.set().is_some() => data.put(set),
            Ok(_) => {}
            Err(_) if cancelled => {}
            Err(error) => *notice = Notice::bad(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::experiment::{Experiment, Mnist, ObjectiveSpec, Source};
    use crate::gpu::sweep::BackendWish;
    use crate::lab::model::ComputeBudget;
    use crate::lab::model::landscapes::SweepDevice;
    use crate::lab::session::edit::{Edit, ShowObjective};
    use crate::lab::session::persistence::FileCommand;
    use crate::lab::{self, CameraRig, Playback, command};
    use crate::mnist::DataWish;

    fn app() -> App {
        let experiment = Experiment::load("race").expect("a built-in");
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, lab::plugin))
            .insert_resource(Data::new(DataWish::Synthetic, None))
            .insert_resource(ComputeBudget(Some(Duration::ZERO)))
            .insert_resource(SweepDevice {
                backend: BackendWish::Cpu,
                ..default()
            })
            .insert_resource(Playback::new(&experiment))
            .insert_resource(CameraRig::new(&experiment).at_rest())
            .insert_resource(CurrentExperiment::new(Source::named("race"), experiment));
        app.update();
        app
    }

    fn shown(app: &App) -> &Experiment {
        &app.world().resource::<CurrentExperiment>().experiment
    }

    fn send(app: &mut App, command: impl LabCommand) {
        command::send(app.world_mut(), command);
        app.update();
    }

    fn show_mnist(app: &mut App) {
        let command = ShowObjective {
            panel: 0,
            objective: ObjectiveSpec::new(Mnist),
            instead_of: shown(app).panels[0].objective.clone(),
        };
        send(app, command);
        assert!(
            app.world().resource::<DataTasks>().busy(),
            "no longer to be read"
        );
    }

    fn wait_for_data(app: &mut App) {
        while app.world().resource::<DataTasks>().busy() {
            app.update();
        }
        app.update();
    }

    #[test]
    fn what_is_edited_while_the_data_are_read_stays() {
        let mut app = app();
        show_mnist(&mut app);
        let mut edited = shown(&app).clone();
        edited.title = "Edited meanwhile".to_owned();
        edited.panels[0].descents[0].name = "Renamed".to_owned();
        edited.panels[0].descents[0].plan.rate = 0.25;
        send(&mut app, Edit(Arc::new(edited)));
        wait_for_data(&mut app);
        let shown = shown(&app);
        assert!(shown.panels[0].objective.needs_data());
        assert_eq!(shown.title, "Edited meanwhile");
        let first = &shown.panels[0].descents[0];
        assert_eq!((first.name.as_str(), first.plan.rate), ("Renamed", 0.25));
    }

    #[test]
    fn a_later_choice_wins_over_data_that_arrive() {
        let mut app = app();
        show_mnist(&mut app);
        send(&mut app, FileCommand::Open(Source::named("saddle")));
        wait_for_data(&mut app);
        assert!(!shown(&app).needs_data());

        let mut app = self::app();
        show_mnist(&mut app);
        let mut edited = shown(&app).clone();
        let other = Experiment::load("bowl").expect("a built-in");
        edited.panels[0].objective = other.panels[0].objective.clone();
        send(&mut app, Edit(Arc::new(edited)));
        wait_for_data(&mut app);
        assert!(!shown(&app).needs_data());
    }
}

//! The data set that experiments on MNIST see: read when one is first shown, downloaded when a person asks for it. Both
//! are done beside the frames.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, IoTaskPool, Task, futures::check_ready};

use crate::lab::Stage;
use crate::lab::command::{LabCommand, Notice, apply_commands};
use crate::lab::model::CurrentExperiment;
use crate::mnist::{self, DataError, DataSet, DataWish, FetchPlan, Place, load_cached};

/// The data set, once it is read.
#[derive(Resource, Debug, Clone, Default)]
pub struct Data {
    wish: DataWish,
    set: Option<Arc<DataSet>>,
    arrival: u32,
}

impl Data {
    /// `set` is what `wish` means, if it has been read already.
    pub fn new(wish: DataWish, set: Option<Arc<DataSet>>) -> Data {
        Data {
            wish,
            set,
            arrival: 0,
        }
    }

    pub fn wish(&self) -> &DataWish {
        &self.wish
    }

    pub fn set(&self) -> Option<&DataSet> {
        self.set.as_deref()
    }

    /// Whether what is shown is the stand-in although nobody asked for it: a download would change that.
    pub fn is_makeshift(&self) -> bool {
        let set = self.set.as_ref();
        set.is_some_and(|set| set.is_synthetic() && set.note(&self.wish).is_some())
    }

    /// Data sets that have arrived before this one: it tells two of them apart.
    pub fn arrival(&self) -> u32 {
        self.arrival
    }

    fn put(&mut self, set: Arc<DataSet>) {
        self.set = Some(set);
        self.arrival += 1;
    }
}

/// What is done beside the frames.
#[derive(Resource, Default)]
pub struct Errands {
    loading: Option<Loading>,
    fetching: Option<Fetching>,
}

/// The data set being read.
struct Loading {
    task: Task<Result<Arc<DataSet>, DataError>>,
    /// Asked for again once it is there.
    then: Vec<LabCommand>,
}

/// A download under way.
pub struct Fetching {
    task: Task<Result<Arc<DataSet>, String>>,
    progress: Arc<Mutex<Progress>>,
    cancelled: Arc<AtomicBool>,
}

/// How far a download has come, in bytes of all files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

impl Fetching {
    pub fn progress(&self) -> Progress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Errands {
    /// Whether something is under way.
    pub fn busy(&self) -> bool {
        self.loading.is_some() || self.fetching.is_some()
    }

    /// The download, if there is one.
    pub fn fetching(&self) -> Option<&Fetching> {
        self.fetching.as_ref()
    }

    /// Reads the data set; the command is sent again once it is there. It must say what is wished, not what all is to be:
    /// the experiment may be edited meanwhile.
    pub(in crate::lab) fn load(&mut self, data: &Data, then: Option<LabCommand>) {
        let loading = self.loading.get_or_insert_with(|| {
            let wish = data.wish.clone();
            let task = AsyncComputeTaskPool::get().spawn(async move { load_cached(&wish) });
            Loading {
                task,
                then: Vec::new(),
            }
        });
        loading.then.extend(then);
    }

    /// Another experiment was opened: what waits for the data was meant for the one before.
    pub(in crate::lab) fn forget_what_waits(&mut self) {
        if let Some(loading) = &mut self.loading {
            loading.then.clear();
        }
    }

    /// Downloads the data set into the folder that is meant.
    pub(in crate::lab) fn fetch(&mut self, data: &Data) {
        if self.fetching.is_some() {
            return;
        }
        let progress = Arc::new(Mutex::new(Progress::default()));
        let cancelled = Arc::new(AtomicBool::new(false));
        let (wish, tell, stop) = (data.wish.clone(), progress.clone(), cancelled.clone());
        let task = IoTaskPool::get().spawn(async move {
            let (Place::Named(folder) | Place::Cache(folder)) = wish.place() else {
                return Err("there is no folder to put MNIST into: name one with --data".to_owned());
            };
            mnist::fetch(&folder, &FetchPlan::default(), &mut |now| {
                *tell.lock().unwrap_or_else(PoisonError::into_inner) = Progress {
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

    pub(in crate::lab) fn cancel_fetch(&mut self) {
        if let Some(fetching) = &self.fetching {
            fetching.cancelled.store(true, Ordering::Relaxed);
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Data>()
        .init_resource::<Errands>()
        .add_systems(
            Update,
            receive
                .before(apply_commands)
                .in_set(Stage::Model)
                .run_if(|errands: Res<Errands>| errands.busy()),
        );
}

/// Takes in what the errands have brought.
fn receive(
    mut errands: ResMut<Errands>,
    mut data: ResMut<Data>,
    mut notice: ResMut<Notice>,
    mut commands: MessageWriter<LabCommand>,
    current: Res<CurrentExperiment>,
) {
    let loaded = errands.loading.as_mut();
    if let Some(result) = loaded.and_then(|loading| check_ready(&mut loading.task)) {
        let loading = errands.loading.take();
        match result {
            Ok(set) => {
                data.put(set);
                commands.write_batch(loading.into_iter().flat_map(|loading| loading.then));
            }
            Err(error) => *notice = Notice::bad(error),
        }
    }
    let fetched = errands.fetching.as_mut();
    if let Some(result) = fetched.and_then(|fetching| check_ready(&mut fetching.task)) {
        let fetching = errands.fetching.take();
        let cancelled = fetching.is_some_and(|fetching| fetching.cancelled.load(Ordering::Relaxed));
        match result {
            Ok(set) if current.experiment.needs_data() || data.set.is_some() => data.put(set),
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
    use crate::experiment::{Experiment, Mnist, ObjectiveSpec};
    use crate::gpu::sweep::BackendWish;
    use crate::lab::model::ComputeBudget;
    use crate::lab::model::landscapes::SweepDevice;
    use crate::lab::{self, CameraRig, Playback};

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
            .insert_resource(CurrentExperiment::new("race".to_owned(), experiment));
        app.update();
        app
    }

    fn shown(app: &App) -> &Experiment {
        &app.world().resource::<CurrentExperiment>().experiment
    }

    fn send(app: &mut App, command: LabCommand) {
        app.world_mut().write_message(command);
        app.update();
    }

    fn show_mnist(app: &mut App) {
        let command = LabCommand::Show {
            panel: 0,
            objective: ObjectiveSpec::new(Mnist),
            instead_of: shown(app).panels[0].objective.clone(),
        };
        send(app, command);
        assert!(
            app.world().resource::<Errands>().busy(),
            "no longer to be read"
        );
    }

    fn wait_for_data(app: &mut App) {
        while app.world().resource::<Errands>().busy() {
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
        send(&mut app, LabCommand::Edit(Box::new(edited)));
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
        send(&mut app, LabCommand::Open("saddle".to_owned()));
        wait_for_data(&mut app);
        assert!(!shown(&app).needs_data());

        let mut app = self::app();
        show_mnist(&mut app);
        let mut edited = shown(&app).clone();
        let other = Experiment::load("bowl").expect("a built-in");
        edited.panels[0].objective = other.panels[0].objective.clone();
        send(&mut app, LabCommand::Edit(Box::new(edited)));
        wait_for_data(&mut app);
        assert!(!shown(&app).needs_data());
    }
}

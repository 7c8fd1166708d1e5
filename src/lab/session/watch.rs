//! Recordings that grow while they are looked at: their files are watched in the window, and what is shown follows.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::history::EditHistory;
use crate::experiment::{Experiment, RecordedSpec};
use crate::lab::command::Notice;
use crate::lab::model::jobs::Job;
use crate::lab::model::{ComputeBudget, CurrentExperiment};
use crate::lab::stage::Stage;
use crate::recording::Stamp;

/// Files are looked at so often.
pub const EVERY: Duration = Duration::from_millis(300);

/// The files being watched.
#[derive(Resource, Default)]
pub struct WatchedFiles {
    looked_at: Option<Instant>,
    reading: Vec<Job<PathBuf, Result<RecordedSpec, String>>>,
    /// What was found and cannot be read: it is not tried again.
    unreadable: HashMap<PathBuf, Stamp>,
}

impl WatchedFiles {
    /// Whether one is being read.
    pub fn busy(&self) -> bool {
        !self.reading.is_empty()
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<WatchedFiles>().add_systems(
        Update,
        watch
            .in_set(Stage::Input)
            .run_if(resource_exists::<CurrentExperiment>),
    );
}

/// The recordings that an experiment shows.
pub fn recordings(experiment: &Experiment) -> impl Iterator<Item = &RecordedSpec> {
    let panels = experiment.panels.iter();
    panels.filter_map(|panel| panel.objective.as_kind())
}

/// Looks for files that have changed, and takes in what was read of them. Pictures off-screen show what was there when they began.
fn watch(
    budget: Res<ComputeBudget>,
    mut watched: ResMut<WatchedFiles>,
    mut current: ResMut<CurrentExperiment>,
    mut history: ResMut<EditHistory>,
    mut notice: ResMut<Notice>,
) {
    if budget.0.is_none() || recordings(&current.experiment).next().is_none() {
        return;
    }
    let watched = &mut *watched;
    if watched.looked_at.is_none_or(|last| last.elapsed() >= EVERY) {
        watched.looked_at = Some(Instant::now());
        for spec in recordings(&current.experiment) {
            watched.look_at(spec);
        }
    }
    let mut news = Vec::new();
    watched.reading.retain(|job| {
        news.extend(job.take().into_iter().map(|read| (job.key.clone(), read)));
        !job.is_over()
    });
    for (path, read) in news {
        match read {
            Ok(spec) => {
                // Undone, an older state of it may be shown: then it is read again.
                watched.unreadable.remove(&path);
                let mut experiment = (*current.experiment).clone();
                if experiment.renew(&spec) {
                    // Nobody edited anything: there is nothing to undo, and nothing to save.
                    current.experiment = experiment.into();
                    history.take_for_granted(&current);
                }
            }
            Err(error) => {
                *notice = Notice::bad(format!(
                    "{}: {error}; what was read before stays",
                    path.display()
                ));
            }
        }
    }
}

impl WatchedFiles {
    /// Begins to read a file if it is another than the one that is shown. One that is gone may come back.
    fn look_at(&mut self, spec: &RecordedSpec) {
        let Ok(stamp) = Stamp::of(spec.path()) else {
            return;
        };
        let path = spec.path().to_owned();
        let is_known = spec.stamp() == Some(stamp)
            || self.unreadable.get(&path) == Some(&stamp)
            || self.reading.iter().any(|job| job.key == path);
        if is_known {
            return;
        }
        // Until it is read it counts as what cannot be: another that comes meanwhile is read next.
        self.unreadable.insert(path.clone(), stamp);
        let spec = spec.clone();
        self.reading.push(Job::begin(path, move |output| {
            output.put(spec.read_again().map_err(|error| error.to_string()));
        }));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::experiment::Source;
    use crate::lab;
    use crate::lab::command;
    use crate::lab::model::DescentRun;
    use crate::lab::session::edit::Edit;
    use crate::lab::session::history::HistoryCommand;
    use crate::recording::{RecordedPath, Recording};

    /// With a path of so many points.
    fn save(path: &Path, points: usize, loss: f64) {
        let numbers = |scale: f64| (0..points).map(|k| scale * k as f64).collect();
        let recording = Recording {
            u: vec![0.0, 1.0],
            v: vec![0.0, 1.0],
            loss: vec![loss, 1.0, 1.0, 2.0],
            paths: vec![RecordedPath {
                name: "Adam".to_owned(),
                step: (0..points as u64).map(|k| 50 * k).collect(),
                u: numbers(0.1),
                v: numbers(0.2),
                loss: numbers(1.0),
                residual: numbers(0.0),
                ..RecordedPath::default()
            }],
            ..Recording::default()
        };
        let part = path.with_extension("part");
        let mut bytes = Vec::new();
        recording.write(&mut bytes).expect("a run file");
        std::fs::write(&part, bytes).expect("a file");
        std::fs::rename(part, path).expect("replaced");
    }

    fn update_until(app: &mut App, holds: impl Fn(&mut App) -> bool) {
        let began = Instant::now();
        while !holds(app) {
            assert!(began.elapsed() < Duration::from_secs(60), "it never came");
            app.update();
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn points(app: &mut App) -> Vec<usize> {
        let mut runs = app.world_mut().query::<&DescentRun>();
        let runs = runs.iter(app.world());
        runs.map(|run| run.history().len()).collect()
    }

    fn title(app: &App) -> String {
        let current = app.world().resource::<CurrentExperiment>();
        current.experiment.panels[0].descents[0].name.clone()
    }

    #[test]
    fn what_is_shown_follows_its_file_and_keeps_what_was_edited() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.npz");
        save(&path, 3, 0.0);
        let source = Source::named(&path.display().to_string());
        let mut app = lab::alone(source.load().expect("an experiment"));
        app.insert_resource(ComputeBudget(Some(Duration::from_millis(8))));
        update_until(&mut app, |app| points(app) == [3]);
        let edit = Edit::of(app.world(), |experiment| {
            experiment.panels[0].descents[0].name = "Mine".to_owned();
        });
        command::send(app.world_mut(), edit);
        app.update();
        save(&path, 5, 0.0);
        update_until(&mut app, |app| points(app) == [5]);
        assert_eq!(title(&app), "Mine");
        // What cannot be read leaves what there was, and says so once.
        std::fs::write(&path, "no").expect("a file");
        update_until(&mut app, |app| {
            let notice = app.world().resource::<Notice>();
            notice
                .text
                .as_ref()
                .is_some_and(|text| text.contains("no whole NPZ"))
        });
        assert_eq!(points(&mut app), [5]);
        save(&path, 7, 0.0);
        update_until(&mut app, |app| points(app) == [7]);
        // Undone is what a person did, not what the file did.
        command::send(app.world_mut(), HistoryCommand::Undo);
        app.update();
        assert_eq!(title(&app), "Adam");
        update_until(&mut app, |app| points(app) == [7]);
        let world = app.world();
        assert!(!world.resource::<EditHistory>().can_undo());
    }
}

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
                let mut experiment = (*current.experiment).clone();
                if experiment.renew(&spec) {
                    // Nobody edited anything: there is nothing to undo, and nothing to save.
                    current.experiment = experiment.into();
                    history.absorb(&current);
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

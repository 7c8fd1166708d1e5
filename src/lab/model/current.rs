//! The experiment that is shown.

use bevy::prelude::*;

use crate::experiment::Experiment;

/// The experiment shown, where it came from, and whether it was edited since.
#[derive(Resource, Debug, Clone)]
pub struct CurrentExperiment {
    /// A built-in's name or a path.
    pub source: String,
    pub experiment: Experiment,
    pub edited: bool,
}

impl CurrentExperiment {
    pub fn new(source: String, experiment: Experiment) -> CurrentExperiment {
        CurrentExperiment {
            source,
            experiment,
            edited: false,
        }
    }
}

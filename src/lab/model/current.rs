//! The experiment that is shown.

use std::sync::Arc;

use bevy::prelude::*;

use crate::experiment::{Experiment, Source};

/// The experiment shown, where it came from, and whether it was edited since.
#[derive(Resource, Debug, Clone)]
pub struct CurrentExperiment {
    pub source: Source,
    /// Shared with whoever looks at it, and with the past; copied when it is changed.
    pub experiment: Arc<Experiment>,
    pub edited: bool,
}

impl CurrentExperiment {
    pub fn new(source: Source, experiment: Experiment) -> CurrentExperiment {
        CurrentExperiment {
            source,
            experiment: Arc::new(experiment),
            edited: false,
        }
    }

    /// The experiment, to be changed.
    pub fn edit(&mut self) -> &mut Experiment {
        self.edited = true;
        Arc::make_mut(&mut self.experiment)
    }
}

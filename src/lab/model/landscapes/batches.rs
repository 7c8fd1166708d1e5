//! The samples that a sampled descent takes at the step shown, where a panel's surface is the loss over these alone.

use std::sync::Arc;

use bevy::ecs::entity::EntityHashMap;
use bevy::prelude::*;

use super::Runs;
use crate::descent::replay::Cursor;
use crate::experiment::PlaneSpec;
use crate::lab::model::{PanelDescents, RunId};

/// The batches of the panels.
#[derive(Default)]
pub(super) struct Batches(EntityHashMap<Known>);

/// The batch at one step of a run.
struct Known {
    run: RunId,
    step: usize,
    batch: Option<Arc<[usize]>>,
    cursor: Cursor,
}

impl Batches {
    /// Forgets panels that are gone.
    pub fn retain(&mut self, is_there: impl Fn(Entity) -> bool) {
        self.0.retain(|&panel, _| is_there(panel));
    }

    /// The batch whose loss a panel shows at a step, of a descent that has ended before that its last one. `None` where all samples
    /// are meant, or it is not computed.
    pub fn of(
        &mut self,
        panel: Entity,
        spec: &PlaneSpec,
        descents: Option<&PanelDescents>,
        runs: &Runs,
        step: usize,
    ) -> Option<Arc<[usize]>> {
        let name = spec.batch.as_ref()?;
        let mut descents = descents?
            .iter()
            .filter_map(|descent| runs.get(descent).ok());
        let (run, _) = descents.find(|(_, style)| style.name == *name)?;
        // The last iterate has no step of its own to come.
        let step = step.min(run.history().len().checked_sub(2)?);
        let known = match self.0.remove(&panel) {
            Some(known) if (known.run, known.step) == (run.id(), step) => known,
            other => {
                let mut cursor = match other {
                    Some(known) if known.run == run.id() => known.cursor,
                    _ => Cursor::default(),
                };
                Known {
                    run: run.id(),
                    step,
                    batch: run.batch(step, &mut cursor).map(Arc::from),
                    cursor,
                }
            }
        };
        let batch = known.batch.clone();
        self.0.insert(panel, known);
        batch
    }
}

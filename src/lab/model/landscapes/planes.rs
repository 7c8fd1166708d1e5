//! The planes that panels are seen through, resolved again when what decides them changes.

use std::sync::Arc;
use std::time::Instant;

use bevy::ecs::entity::EntityHashMap;
use bevy::prelude::*;

use super::Runs;
use crate::descent::History;
use crate::experiment::{Found, ObjectiveSpec, PathSoFar, PlaneSpec, ResolvedPlane};
use crate::lab::model::field::PanelLandscape;
use crate::lab::model::jobs::Job;
use crate::lab::model::{PanelDescents, PanelObjective, PanelSettings, RunStamp};
use crate::plane::Plane;

/// The planes of the panels, and what decided them.
#[derive(Default)]
pub(super) struct Planes(pub EntityHashMap<Known>);

/// What is known of a panel's plane.
pub(super) struct Known {
    decides: Decides,
    finding: Finding,
    /// The plane at a step.
    placed: Option<(Option<usize>, Option<ResolvedPlane>)>,
}

/// What is found of a plane, or being found beside the frames.
enum Finding {
    UnderWay(Job<(), Option<Found>>),
    Over(Option<Found>),
}

/// All that decides where a panel's plane lies.
#[derive(PartialEq)]
struct Decides {
    spec: PlaneSpec,
    objective: ObjectiveSpec,
    descents: Vec<Seen>,
}

/// What planes see of a descent.
#[derive(PartialEq)]
struct Seen {
    run: RunStamp,
    is_complete: bool,
    name: String,
    is_shown: bool,
}

impl Planes {
    /// Whether a plane is being found.
    pub fn busy(&self) -> bool {
        let mut all = self.0.values();
        all.any(|known| matches!(known.finding, Finding::UnderWay(_)))
    }

    /// The plane of a panel at the step shown; `None` while it is not computed. The frame waits until `patience` for it.
    pub fn of(
        &mut self,
        panel: Entity,
        settings: &PanelSettings,
        objective: &PanelObjective,
        descents: Option<&PanelDescents>,
        runs: &Runs,
        (step, patience): (usize, Option<Instant>),
    ) -> Option<ResolvedPlane> {
        let Some(spec) = &settings.0.plane else {
            return Some(ResolvedPlane {
                plane: Plane::identity(settings.0.dim()),
                explained: None,
            });
        };
        let descents = descents.into_iter().flat_map(|descents| descents.iter());
        let descents: Vec<_> = descents
            .filter_map(|descent| runs.get(descent).ok())
            .collect();
        let seen = descents.iter().map(|(run, style)| Seen {
            run: run.stamp(),
            is_complete: run.status().is_over(),
            name: style.name.clone(),
            is_shown: style.shown,
        });
        let decides = Decides {
            spec: PlaneSpec {
                batch: None,
                ..spec.clone()
            },
            objective: objective.spec.clone(),
            descents: seen.collect(),
        };
        let is_known = |known: &Known| known.decides == decides;
        let mut is_new = false;
        if !self.0.get(&panel).is_some_and(is_known) {
            let owned = descents.iter().map(|(run, style)| OwnedPath {
                name: style.name.clone(),
                shown: style.shown,
                history: run.shared_history().clone(),
                is_complete: run.status().is_over(),
            });
            is_new = true;
            let known = Known {
                finding: Finding::begin(spec, objective, owned.collect()),
                decides,
                placed: None,
            };
            self.0.insert(panel, known);
        }
        let known = self.0.get_mut(&panel)?;
        let found = known.finding.found(is_new, patience)?;
        let step = spec.follows.then_some(step);
        if let Some((at, plane)) = &known.placed
            && *at == step
        {
            return plane.clone();
        }
        let paths: Vec<PathSoFar> = descents
            .iter()
            .map(|(run, style)| PathSoFar {
                name: &style.name,
                shown: style.shown,
                history: run.history(),
                is_complete: run.status().is_over(),
            })
            .collect();
        let plane = spec.place(&*objective.spec, found, &paths, step);
        known.placed = Some((step, plane.clone()));
        plane
    }
}

/// A path as work beside the frames has it.
struct OwnedPath {
    name: String,
    shown: bool,
    history: Arc<History>,
    is_complete: bool,
}

impl Finding {
    fn begin(spec: &PlaneSpec, objective: &PanelObjective, paths: Vec<OwnedPath>) -> Finding {
        // What is not decided yet is found out at once, too.
        let is_at_hand = spec.is_at_hand() || paths.iter().any(|path| !path.is_complete);
        let (spec, objective) = (spec.clone(), objective.clone());
        let find = move || {
            let paths: Vec<PathSoFar> = paths
                .iter()
                .map(|path| PathSoFar {
                    name: &path.name,
                    shown: path.shown,
                    history: &path.history,
                    is_complete: path.is_complete,
                })
                .collect();
            spec.find(&*objective.spec, &*objective.objective, &paths)
        };
        if is_at_hand {
            return Finding::Over(find());
        }
        Finding::UnderWay(Job::begin((), move |output| output.put(find())))
    }

    /// What was found, if it is.
    fn found(&mut self, is_new: bool, patience: Option<Instant>) -> Option<&Found> {
        if let Finding::UnderWay(job) = self {
            if is_new || patience.is_none() {
                job.wait(patience);
            }
            let found = job.take().pop();
            if found.is_some() || job.is_over() {
                *self = Finding::Over(found.flatten());
            }
        }
        match self {
            Finding::Over(found) => found.as_ref(),
            Finding::UnderWay(_) => None,
        }
    }
}

/// The plane of a panel's first picture, where its own is not computed yet. Later the last one stays.
pub(super) fn at_first(
    settings: &PanelSettings,
    objective: &PanelObjective,
    landscape: Option<&PanelLandscape>,
) -> Option<ResolvedPlane> {
    if landscape.is_some() {
        return None;
    }
    settings.0.plane.as_ref()?.at_origin(&*objective.spec)
}

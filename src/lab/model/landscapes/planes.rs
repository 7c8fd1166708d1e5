//! The planes that panels are seen through, resolved again when what decides them changes.

use bevy::ecs::entity::EntityHashMap;
use bevy::prelude::*;

use super::Runs;
use crate::experiment::{PathSoFar, PlaneSpec, ResolvedPlane};
use crate::lab::model::field::PanelLandscape;
use crate::lab::model::{PanelDescents, PanelObjective, PanelSettings, RunStamp};
use crate::plane::Plane;

/// The planes of the panels, and what decided them.
#[derive(Default)]
pub(super) struct Planes(pub EntityHashMap<(Decides, Option<ResolvedPlane>)>);

/// All that decides where a panel's plane lies.
#[derive(PartialEq)]
pub(super) struct Decides {
    spec: PlaneSpec,
    descents: Vec<Seen>,
    step: Option<usize>,
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
    /// The plane of a panel at the step shown; `None` while it is not computed.
    pub fn of(
        &mut self,
        panel: Entity,
        settings: &PanelSettings,
        objective: &PanelObjective,
        descents: Option<&PanelDescents>,
        runs: &Runs,
        step: usize,
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
            spec: spec.clone(),
            descents: seen.collect(),
            step: spec.follows.then_some(step),
        };
        if let Some((known, plane)) = self.0.get(&panel)
            && *known == decides
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
        let plane = spec.resolve(&*objective.spec, &paths, decides.step);
        self.0.insert(panel, (decides, plane.clone()));
        plane
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

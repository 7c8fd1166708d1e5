//! The moments of a surface that changes with the step: of a plane that follows it, or over its batch.

use std::sync::Arc;

use rayon::prelude::*;

use super::{MOST, Moment, Moments, Places, When, kept, seen};
use crate::descent::Descent;
use crate::descent::replay::Cursor;
use crate::experiment::{Directions, PathSoFar, PlaneSpec};
use crate::export::PanelScene;
use crate::export::scene::{Landscape, sweep};
use crate::landscape::{Grid, HeightScale};
use crate::objective::Objective;
use crate::plane::Plane;

/// Multiplications that the surfaces of one panel may take: about a minute.
const WORK: usize = 400_000_000_000;

pub(super) fn stepped(
    drawn: &PanelScene,
    spec: &PlaneSpec,
    last_step: usize,
    most: impl Fn(&Grid, &HeightScale) -> usize,
) -> Moments {
    let nodes = drawn.grid.cols * drawn.grid.rows;
    let affordable = WORK / drawn.objective.cost().saturating_mul(nodes).max(1);
    let most = most(&drawn.grid, &drawn.scale)
        .min(affordable)
        .clamp(2, 4 * MOST);
    let every = last_step.div_ceil(most - 1).max(1);
    let steps = (0..last_step).step_by(every).chain([last_step]);
    let steps: Vec<usize> = steps.collect();
    let planes = planes(drawn, spec, &steps);
    let batches = batches(drawn, spec, &steps);
    let all = steps.par_iter().zip(planes).zip(batches).enumerate();
    let all = all.map(|(k, ((&step, plane), batch))| {
        let panel = &drawn.panel;
        let over = batch.and_then(|batch| drawn.objective.over(&batch));
        let places = plane.as_ref().map(|plane| places(drawn, plane));
        let whole = match &plane {
            Some(plane) => Landscape::of(
                panel,
                &drawn.objective,
                plane,
                &seen(drawn, places.as_deref()),
            ),
            // The plane stays where it is: so does the loss over all samples.
            None => Landscape {
                grid: drawn.grid.clone(),
                scale: drawn.scale,
                goes_on: drawn.goes_on,
                critical: drawn.critical.clone(),
            },
        };
        let plane = plane.as_ref().unwrap_or(&drawn.plane);
        let Landscape {
            grid,
            scale,
            mut goes_on,
            critical,
        } = whole;
        let grid = match over {
            Some(over) => sweep(panel, &*over, plane, panel.domain),
            None => grid,
        };
        if let Some([low, high]) = grid.bounds() {
            goes_on[0] |= low < scale.low;
            goes_on[1] |= high > scale.high;
        }
        let moment = Moment {
            at: step as f64,
            panel: panel.clone(),
            scale,
            goes_on,
            critical,
            near: k as f64,
            spans: None,
            places: places.map(|places| match plane.is_parallel_to(&drawn.plane) {
                true => Places::Shifted(plane.coordinates(drawn.plane.origin())),
                false => Places::Anew(few(drawn, places)),
            }),
        };
        (moment, (grid, scale))
    });
    let (list, surfaces) = all.unzip();
    Moments {
        when: When::Steps(every),
        list,
        surfaces,
        maps: Vec::new(),
    }
}

/// Whether the plane turns where it follows the step: random directions are as long as the weights at their place.
pub(super) fn turns(drawn: &PanelScene) -> bool {
    let spec = drawn.panel.plane.as_ref().filter(|spec| spec.follows);
    let is_random = spec.is_some_and(|spec| matches!(spec.directions, Directions::Random { .. }));
    is_random && drawn.panel.zoom.is_empty()
}

/// Of all places those of the iterates that are kept.
fn few(drawn: &PanelScene, places: Vec<Vec<[f64; 2]>>) -> Vec<Vec<[f64; 2]>> {
    let all = drawn.descents.iter().zip(places);
    all.map(|(descent, places)| {
        let kept = kept(drawn, descent).into_iter();
        kept.map(|k| places[k]).collect()
    })
    .collect()
}

/// The plane at each of these steps, where it follows them.
fn planes(drawn: &PanelScene, spec: &PlaneSpec, steps: &[usize]) -> Vec<Option<Plane>> {
    let panel = &drawn.panel;
    let paths: Vec<PathSoFar> = drawn
        .descents
        .iter()
        .map(|descent| PathSoFar {
            name: &descent.spec.name,
            shown: descent.spec.shown,
            history: &descent.history,
            is_complete: true,
        })
        .collect();
    let found = spec
        .follows
        .then(|| spec.find(&*panel.objective, &*drawn.objective, &paths));
    let Some(found) = found.flatten() else {
        return vec![None; steps.len()];
    };
    let at = |step: &usize| spec.place(&*panel.objective, &found, &paths, Some(*step));
    steps
        .iter()
        .map(|step| at(step).map(|resolved| resolved.plane))
        .collect()
}

/// The batch of each of these steps, of a descent that has ended before that its last one; `None` where all samples are meant.
fn batches(drawn: &PanelScene, spec: &PlaneSpec, steps: &[usize]) -> Vec<Option<Vec<usize>>> {
    let none = || vec![None; steps.len()];
    let mut descents = drawn.descents.iter();
    let named = |name: &String| descents.find(|descent| descent.spec.name == *name);
    let Some(descent) = spec.batch.as_ref().and_then(named) else {
        return none();
    };
    let objective: Arc<dyn Objective> = drawn.objective.clone();
    let mut again = Descent::new(objective, descent.spec.plan.clone());
    again.run();
    let run = again.into_run();
    // The last iterate has no step of its own to come.
    let Some(last) = run.history().len().checked_sub(2) else {
        return none();
    };
    let mut cursor = Cursor::default();
    steps
        .iter()
        .map(|step| run.batch((*step).min(last), &mut cursor))
        .collect()
}

/// Where the iterates of all descents lie in a plane.
fn places(drawn: &PanelScene, plane: &Plane) -> Vec<Vec<[f64; 2]>> {
    let of = |w: &[f64]| plane.coordinates(w);
    drawn
        .descents
        .iter()
        .map(|descent| descent.history.iter().map(of).collect())
        .collect()
}

//! What a panel shows on the way, where its range changes with time or its surface with the step: a bounded number of landscapes.

mod steps;
mod way;
mod zoom;

use super::map::SceneMap;
use super::scene::Seen;
use super::{PanelScene, SceneDescent};
use crate::experiment::Panel;
use crate::landscape::{CriticalPoints, Grid, HeightScale};
use crate::maps::Span;
use crate::mnist::DataSet;

/// Surfaces of a panel along a zoom, at most.
const MOST: usize = 48;
/// Iterates of a descent that are kept, at most; and where all lie elsewhere at every moment.
const MOST_ITERATES: usize = 20_000;
const MOST_TURNED: usize = 1_000;

/// All moments of a panel, ascending.
#[derive(Debug)]
pub(super) struct Moments {
    pub when: When,
    pub list: Vec<Moment>,
    /// Each with the scale of its moment; all of one size.
    pub surfaces: Vec<(Grid, HeightScale)>,
    pub maps: Vec<SceneMap>,
}

/// What moments are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Seconds of playback.
    Seconds,
    /// Every so many steps.
    Steps(usize),
}

/// A moment, and what is shown then.
#[derive(Debug)]
pub(super) struct Moment {
    pub at: f64,
    /// With the range of the moment.
    pub panel: Panel,
    pub scale: HeightScale,
    pub goes_on: [bool; 2],
    pub critical: CriticalPoints,
    /// Which surface and which map; between two of them where there is a fraction.
    pub near: f64,
    /// The axes of a map of its own, and their ranges.
    pub spans: Option<[Span; 2]>,
    /// Where the iterates of the descents lie, if elsewhere than at the end.
    pub places: Option<Places>,
}

/// The iterates of all descents that are [`kept`], in a plane's coordinates.
#[derive(Debug)]
pub(super) enum Places {
    /// All as far from where they lie at the end: only the plane's place differs.
    Shifted([f64; 2]),
    Anew(Vec<Vec<[f64; 2]>>),
}

impl Moments {
    /// Those of a panel, if anything changes on the way. `most` surfaces fit where they are sought by the step.
    pub fn of(
        drawn: &PanelScene,
        last_step: usize,
        most: impl Fn(&Grid, &HeightScale) -> usize,
        data: Option<&DataSet>,
    ) -> Option<Moments> {
        if !drawn.panel.zoom.is_empty() {
            return Some(zoom::zoomed(drawn, data));
        }
        let spec = drawn.panel.plane.as_ref()?;
        let moves = spec.follows || spec.batch.is_some();
        moves.then(|| steps::stepped(drawn, spec, last_step, most))
    }
}

/// Which iterates of a descent a page has: all; of very many every second, third … and the last.
pub(super) fn kept(drawn: &PanelScene, descent: &SceneDescent) -> Vec<usize> {
    let most = match steps::turns(drawn) {
        true => MOST_TURNED,
        false => MOST_ITERATES,
    };
    let count = descent.history.len();
    let every = count.div_ceil(most).max(1);
    let is_kept = |k: &usize| k.is_multiple_of(every) || k + 1 == count;
    (0..count).filter(is_kept).collect()
}

/// The iterates that are written anew for every moment.
pub(super) fn turned(drawn: &PanelScene) -> usize {
    let descents = drawn.descents.iter().filter(|_| steps::turns(drawn));
    descents.map(|descent| kept(drawn, descent).len()).sum()
}

/// The descents that are shown, at these places or where they are at the end.
fn seen<'s>(drawn: &'s PanelScene, places: Option<&'s [Vec<[f64; 2]>]>) -> Vec<Seen<'s>> {
    let descents = drawn.descents.iter().enumerate();
    let shown = descents.filter(|(_, descent)| descent.spec.shown);
    shown
        .map(|(k, descent)| {
            let places = places.and_then(|places| places.get(k));
            (&descent.history, &places.unwrap_or(&descent.places)[..])
        })
        .collect()
}

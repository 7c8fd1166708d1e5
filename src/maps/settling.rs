//! At which minimum the runs of a block settle, and since when: looked at now and then, at all iterates since the last look.

use pulp::{Arch, Simd, WithSimd};

use super::lanes::Ends;
use super::{distance2, is_within};
use crate::objective::formula::lanes::{LANES, Row};

/// Steps between two looks.
pub(super) const WINDOW: usize = 8;

/// Where the runs of a block have been since when. No point is within the radius of two minima.
pub(super) struct Settling<'a> {
    minima: &'a [[f64; 2]],
    radius: f64,
    arch: Arch,
    /// The minimum that each run is at, and the first step from which on it is there.
    at: [Option<(usize, usize)>; LANES],
    /// Those minima's places; NaN for none.
    centers: Box<[Row; 2]>,
    /// Runs that were over at the last look.
    over: [bool; LANES],
}

impl Settling<'_> {
    pub(super) fn new(minima: &[[f64; 2]], radius: f64, arch: Arch) -> Settling<'_> {
        Settling {
            minima,
            radius,
            arch,
            at: [None; LANES],
            centers: Box::new([Row::all(f64::NAN); 2]),
            over: [false; LANES],
        }
    }

    /// Goes on with the entries that `path` holds, the first of which is the last of the look before.
    pub(super) fn follow(&mut self, path: &[[Row; 2]], first: usize, ends: &Ends) {
        if self.minima.is_empty() {
            return;
        }
        let mut outside = Row::all(0.0);
        let any = self.arch.dispatch(Glance {
            path,
            minima: self.minima,
            centers: &self.centers,
            radius2: self.radius * self.radius,
            is_any_at_one: self.at.iter().any(Option::is_some),
            outside: &mut outside,
        });
        if !any && !ends.any() {
            return;
        }
        let newest = path.len() - 1;
        for lane in 0..LANES {
            let end = ends.of(lane).filter(|_| !self.over[lane]);
            if self.over[lane] || (outside[lane] == 0.0 && end.is_none()) {
                continue;
            }
            self.over[lane] = end.is_some();
            match &mut self.at[lane] {
                // Of one that goes on what is outside is known.
                Some((_, since)) if end.is_none() && (outside[lane] as usize) < newest => {
                    *since = first + outside[lane] as usize + 1;
                }
                _ => {
                    let last = end.map_or(newest, |end| (end - first).min(newest));
                    self.look(lane, &path[..=last], first);
                }
            }
        }
    }

    /// Where one run is after these entries.
    fn look(&mut self, lane: usize, path: &[[Row; 2]], first: usize) {
        let is_in = |at: &[Row; 2], minimum| {
            let [x, y] = at;
            is_within([x[lane], y[lane]], minimum, self.radius)
        };
        let mut minima = self.minima.iter().enumerate();
        let near = minima.find(|(_, minimum)| path.last().is_some_and(|at| is_in(at, **minimum)));
        let before = self.at[lane].take();
        self.at[lane] = near.map(|(minimum, center)| {
            let since = match (path.iter().rposition(|at| !is_in(at, *center)), before) {
                (Some(left), _) => first + left + 1,
                (None, Some((known, since))) if known == minimum => since,
                (None, _) => first,
            };
            (minimum, since)
        });
        let center = near.map_or([f64::NAN; 2], |(_, center)| *center);
        (self.centers[0][lane], self.centers[1][lane]) = (center[0], center[1]);
    }

    /// Of a run: the minimum and the step, −1 twice for none.
    pub(super) fn of(&self, lane: usize) -> (i32, i32) {
        let settled = self.at[lane];
        settled.map_or((-1, -1), |(minimum, since)| (minimum as i32, since as i32))
    }
}

/// Of runs that are at a minimum the last entry, but for the first, that is outside of its circle; of others the newest, if it is
/// within any circle. 0 where there is none.
struct Glance<'a> {
    path: &'a [[Row; 2]],
    minima: &'a [[f64; 2]],
    centers: &'a [Row; 2],
    radius2: f64,
    is_any_at_one: bool,
    outside: &'a mut Row,
}

/// Lanes whose numbers stay in the processor's registers.
const GROUP: usize = 8;

#[inline(always)]
fn part(row: &Row, from: usize) -> [f64; GROUP] {
    std::array::from_fn(|k| row[from + k])
}

impl WithSimd for Glance<'_> {
    /// Whether there is any.
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let Glance {
            path,
            minima,
            centers: [center_x, center_y],
            radius2,
            is_any_at_one,
            outside,
        } = self;
        let newest = path.len() - 1;
        let [x, y] = &path[newest];
        for minimum in minima {
            for lane in 0..LANES {
                let is_inside = distance2([x[lane], y[lane]], *minimum) <= radius2;
                outside[lane] = if is_inside {
                    newest as f64
                } else {
                    outside[lane]
                };
            }
        }
        if is_any_at_one {
            for group in (0..LANES).step_by(GROUP) {
                let centers = [center_x, center_y].map(|row| part(row, group));
                let mut last = [0.0; GROUP];
                for (entry, [x, y]) in path.iter().enumerate().skip(1) {
                    let [x, y] = [x, y].map(|row| part(row, group));
                    for k in 0..GROUP {
                        let center = [centers[0][k], centers[1][k]];
                        let is_outside = distance2([x[k], y[k]], center) > radius2;
                        last[k] = if is_outside { entry as f64 } else { last[k] };
                    }
                }
                for k in 0..GROUP {
                    let is_at_one = !centers[0][k].is_nan();
                    let lane = group + k;
                    outside[lane] = if is_at_one { last[k] } else { outside[lane] };
                }
            }
        }
        let any: u64 = outside.iter().map(|entry| u64::from(*entry != 0.0)).sum();
        any > 0
    }
}

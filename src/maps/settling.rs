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
    /// How many are at one.
    settled: usize,
    /// Runs that were over at the last look.
    over: [bool; LANES],
    count_over: usize,
}

impl Settling<'_> {
    pub(super) fn new(minima: &[[f64; 2]], radius: f64, arch: Arch) -> Settling<'_> {
        Settling {
            minima,
            radius,
            arch,
            at: [None; LANES],
            centers: Box::new([Row::all(f64::NAN); 2]),
            settled: 0,
            over: [false; LANES],
            count_over: 0,
        }
    }

    /// Goes on with the entries that `path` holds, the first of which is the last of the look before.
    pub(super) fn follow(&mut self, path: &[[Row; 2]], first: usize, ends: &Ends) {
        if self.minima.is_empty() {
            return;
        }
        let (centers, radius2) = (&self.centers, self.radius * self.radius);
        let glance = Glance {
            path,
            minima: if self.settled < LANES {
                self.minima
            } else {
                &[]
            },
            centers: (self.settled > 0).then_some(&**centers),
            radius2,
        };
        if self.arch.dispatch(glance) && ends.count() == self.count_over {
            return;
        }
        let mut outside = Row::all(0.0);
        self.arch.dispatch(LastOutside {
            path,
            minima: self.minima,
            centers,
            radius2,
            outside: &mut outside,
        });
        self.count_over = ends.count();
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
        let settled = self.settled + usize::from(near.is_some());
        self.settled = settled - usize::from(before.is_some());
        let center = near.map_or([f64::NAN; 2], |(_, center)| *center);
        (self.centers[0][lane], self.centers[1][lane]) = (center[0], center[1]);
    }

    /// Of a run: the minimum and the step, −1 twice for none.
    pub(super) fn of(&self, lane: usize) -> (i32, i32) {
        let settled = self.at[lane];
        settled.map_or((-1, -1), |(minimum, since)| (minimum as i32, since as i32))
    }
}

/// Lanes whose numbers stay in the processor's registers.
const GROUP: usize = 8;

#[inline(always)]
fn part(row: &Row, from: usize) -> [f64; GROUP] {
    std::array::from_fn(|k| row[from + k])
}

/// Whether nothing happens: no run that is at a minimum leaves the circle, none that is at none ends within any of these. A box
/// around a run's entries is looked at, so some are said to leave that do not.
struct Glance<'a> {
    path: &'a [[Row; 2]],
    minima: &'a [[f64; 2]],
    /// None if no run is at a minimum.
    centers: Option<&'a [Row; 2]>,
    radius2: f64,
}

impl WithSimd for Glance<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let newest = &self.path[self.path.len() - 1];
        let mut events = 0;
        for group in (0..LANES).step_by(GROUP) {
            if let Some(centers) = self.centers {
                let mut squares = [0.0; GROUP];
                for axis in 0..2 {
                    let (mut low, mut high) = ([f64::INFINITY; GROUP], [-f64::INFINITY; GROUP]);
                    for at in &self.path[1..] {
                        let w = part(&at[axis], group);
                        for k in 0..GROUP {
                            low[k] = if w[k] < low[k] { w[k] } else { low[k] };
                            high[k] = if w[k] > high[k] { w[k] } else { high[k] };
                        }
                    }
                    let center = part(&centers[axis], group);
                    for k in 0..GROUP {
                        // No entry is further off, however it is rounded.
                        let (up, down) = (high[k] - center[k], center[k] - low[k]);
                        let far = if up > down { up } else { down };
                        squares[k] += far * far;
                    }
                }
                for square in squares {
                    events += u64::from(square > self.radius2);
                }
            }
            let [x, y] = [0, 1].map(|axis: usize| part(&newest[axis], group));
            for minimum in self.minima {
                for k in 0..GROUP {
                    let is_near = distance2([x[k], y[k]], *minimum) <= self.radius2;
                    let is_at_none = self.centers.is_none_or(|[x, _]| x[group + k].is_nan());
                    events += u64::from(is_near & is_at_none);
                }
            }
        }
        events == 0
    }
}

/// Of runs that are at a minimum the last entry, but for the first, that is outside of its circle; of others the newest, if it is
/// within any circle. 0 where there is none.
struct LastOutside<'a> {
    path: &'a [[Row; 2]],
    minima: &'a [[f64; 2]],
    centers: &'a [Row; 2],
    radius2: f64,
    outside: &'a mut Row,
}

impl WithSimd for LastOutside<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let LastOutside {
            path,
            minima,
            centers: [center_x, center_y],
            radius2,
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
        for lane in 0..LANES {
            let is_at_one = !center_x[lane].is_nan();
            outside[lane] = if is_at_one { 0.0 } else { outside[lane] };
        }
        for (entry, [x, y]) in path.iter().enumerate().skip(1) {
            for lane in 0..LANES {
                let center = [center_x[lane], center_y[lane]];
                let is_outside = distance2([x[lane], y[lane]], center) > radius2;
                outside[lane] = if is_outside {
                    entry as f64
                } else {
                    outside[lane]
                };
            }
        }
    }
}

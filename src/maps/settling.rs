//! At which minimum the runs of a block settle, and since when: looked at now and then, at all iterates since the last look.

use pulp::{Arch, Simd, WithSimd};

use super::{distance2, is_within};
use crate::objective::formula::lanes::{LANES, Row};

/// Steps between two looks.
pub(super) const WINDOW: usize = 16;

/// Where the runs of a block have been since when. No point is within the radius of two minima.
pub(super) struct Settling<'a> {
    minima: &'a [[f64; 2]],
    radius: f64,
    arch: Arch,
    /// The minimum that each run is at, and the first step from which on it is there.
    at: [Option<(usize, usize)>; LANES],
    /// Those minima's places; NaN for none.
    centers: [Row; 2],
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
            centers: [Row::all(f64::NAN); 2],
            over: [false; LANES],
        }
    }

    /// Goes on with the entries that `path` holds, the first of which is the last of the look before. `end` is the last entry of
    /// runs that are over.
    pub(super) fn follow(&mut self, path: &[[Row; 2]], first: usize, end: &[Option<usize>; LANES]) {
        if self.minima.is_empty() {
            return;
        }
        let mut outside = Row::all(0.0);
        if self.at.iter().any(Option::is_some) {
            self.arch.dispatch(LastOutside {
                path,
                centers: &self.centers,
                radius2: self.radius * self.radius,
                outside: &mut outside,
            });
        }
        let newest = path.len() - 1;
        for lane in 0..LANES {
            if self.over[lane] {
                continue;
            }
            let ends_here = end[lane].is_some();
            let last = end[lane].map_or(newest, |end| (end - first).min(newest));
            let place = |entry: usize| path[entry].map(|row| row[lane]);
            match &mut self.at[lane] {
                // Of one that goes on what is outside is known.
                Some((_, since)) if !ends_here && (outside[lane] as usize) < newest => {
                    if outside[lane] > 0.0 {
                        *since = first + outside[lane] as usize + 1;
                    }
                }
                at => {
                    let before = at.take();
                    let here = place(last);
                    let near =
                        |(_, minimum): &(usize, &[f64; 2])| is_within(here, **minimum, self.radius);
                    if let Some((minimum, center)) = self.minima.iter().enumerate().find(near) {
                        let mut entries = (0..=last).rev();
                        let left =
                            entries.find(|entry| !is_within(place(*entry), *center, self.radius));
                        let since = match (left, before) {
                            (Some(left), _) => first + left + 1,
                            (None, Some((known, since))) if known == minimum => since,
                            (None, _) => first,
                        };
                        *at = Some((minimum, since));
                    }
                    let center = at.map_or([f64::NAN; 2], |(minimum, _)| self.minima[minimum]);
                    (self.centers[0][lane], self.centers[1][lane]) = (center[0], center[1]);
                }
            }
            self.over[lane] = ends_here;
        }
    }

    /// Of a run: the minimum and the step, −1 twice for none.
    pub(super) fn of(&self, lane: usize) -> (i32, i32) {
        let settled = self.at[lane];
        settled.map_or((-1, -1), |(minimum, since)| (minimum as i32, since as i32))
    }
}

/// The last entry, but for the first, that is outside of its lane's circle; 0 where none is.
struct LastOutside<'a> {
    path: &'a [[Row; 2]],
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
            centers,
            radius2,
            outside,
        } = self;
        for (entry, [x, y]) in path.iter().enumerate().skip(1) {
            for lane in 0..LANES {
                let center = [centers[0][lane], centers[1][lane]];
                let is_inside = distance2([x[lane], y[lane]], center) <= radius2;
                outside[lane] = if is_inside {
                    outside[lane]
                } else {
                    entry as f64
                };
            }
        }
    }
}

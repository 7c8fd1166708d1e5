//! The search for the best settings of one descent.

use std::ops::RangeInclusive;

use super::{COUNTS, Course, Entrant, FACTOR, Reached, Tuned, seeds};
use crate::descent::Plan;
use crate::landscape::Range;
use crate::maps::{Axis, Cell, Map, Outcome, Span, cell_of};
use crate::objective::GoOn;
use crate::objective::formula::lanes::LANES;

/// How often rates beyond those searched are searched.
const SHIFTS: usize = 2;
/// Where the best rate is among the outermost of this part of those searched, those beyond are searched.
const OUTER: usize = 8;
/// Significant digits that settings are rounded to, if that makes them no worse.
const DIGITS: RangeInclusive<usize> = 2..=4;
/// Losses that differ by less than this share of what a run gains are as good.
const AS_GOOD: f64 = 1e-3;

/// A descent, with the settings that are searched first.
pub(super) struct Search {
    pub(super) map: Map,
    /// Of the settings of a grid each is run with all of these.
    seeds: Vec<u64>,
    /// How many axes are searched.
    axes: usize,
    is_open: bool,
}

/// Settings, and what came of them.
#[derive(Debug, Clone, Copy)]
struct Trial {
    cell: Cell,
    reached: Reached,
}

type Count<'a> = dyn FnMut(usize) + 'a;

impl Search {
    pub(super) fn new(course: &Course, entrant: &Entrant, grid: [usize; 2]) -> Search {
        let Entrant {
            plan,
            spans,
            is_open,
        } = entrant;
        let seeds = seeds(plan);
        let spans: Vec<Span> = spans.iter().flatten().copied().collect();
        let size = size_of(spans.len(), grid, seeds.len());
        Search {
            map: map(course, plan, &spans, size),
            seeds,
            axes: spans.len(),
            is_open: *is_open && spans.first().is_some_and(|span| span.axis == Axis::Rate),
        }
    }

    /// How many there are, unless others are searched, too.
    pub(super) fn runs(&self) -> usize {
        2 * self.map.cells() * self.seeds.len()
    }

    /// The best settings; `None` within if no loss is finite. `None` once `go_on` says no.
    pub(super) fn best(self, go_on: &GoOn, after: &mut Count) -> Option<Option<Tuned>> {
        let mut runs = Runs {
            search: &self,
            places: self.map.places(),
            done: 0,
            go_on,
            after,
        };
        let plan = &self.map.plan;
        let now = cell_of(plan);
        let before = runs.one(now)?;
        let mut best = Trial {
            cell: now,
            reached: before,
        };
        let mut coarse = self.map.clone();
        let begun = self.map.objective.value(&plan.start);
        let mut shifts = 0;
        let is_at_end = loop {
            let (index, found) = runs.best_of(&coarse)?;
            let mut is_here = found.reached.is_better(&best.reached);
            if is_here {
                best = found;
            }
            let finer = around(&coarse, index, self.is_open);
            let (_, found) = runs.best_of(&finer)?;
            if found.reached.is_better(&best.reached) {
                (best, is_here) = (found, true);
            }
            // A decay makes up for some of a rate: the best one need not be the outermost to lie beyond.
            let outer = (coarse.size()[0] / OUTER).max(1);
            let ends = Search::ends(&coarse, index, outer);
            let next = self.beyond(&coarse, ends, &best.reached, begun);
            let Some(next) = next.filter(|_| shifts < SHIFTS) else {
                break is_here && Search::ends(&coarse, index, 1) != [false; 2];
            };
            shifts += 1;
            coarse = with_rates(&coarse, next);
        };
        if best.reached.loss.is_nan() {
            return Some(None);
        }
        if best.cell != now {
            best = self.rounded(best, begun, &mut runs)?;
        }
        Some(Some(Tuned {
            cell: best.cell,
            after: best.reached,
            before,
            is_at_end,
        }))
    }

    /// Whether a cell's rate is among so many of the least and of the greatest that are searched.
    fn ends(searched: &Map, index: usize, most: usize) -> [bool; 2] {
        let count = searched.size()[0];
        let is_of_rates = searched.spans[0].axis == Axis::Rate && count > 1;
        let column = index % count;
        [column, count - 1 - column].map(|from_end| is_of_rates && from_end < most)
    }

    /// The rates to search next, if those searched are not where the best ones may be.
    fn beyond(
        &self,
        searched: &Map,
        [is_low, is_high]: [bool; 2],
        best: &Reached,
        begun: f64,
    ) -> Option<Range> {
        if !self.is_open {
            return None;
        }
        let [low, high] = searched.spans[0].range;
        let is_worse = best.is_lost || best.loss > begun || best.loss.is_nan();
        let next = if is_low || (is_worse && best.settles.is_none()) {
            [low / (FACTOR * FACTOR), low]
        } else if is_high && !searched.minima.is_empty() {
            // Without a minimum there is no end to it.
            [high, high * (FACTOR * FACTOR)]
        } else {
            return None;
        };
        (next[0] > 0.0 && next[1].is_finite()).then_some(next)
    }

    /// The same in fewer digits, if it is as good.
    fn rounded(&self, best: Trial, begun: f64, runs: &mut Runs) -> Option<Trial> {
        let gain = (begun - best.reached.loss).abs();
        let is_as_good = |reached: &Reached| match best.reached.settles {
            Some(steps) => reached.settles.is_some_and(|other| other <= steps),
            None => reached.loss <= best.reached.loss + AS_GOOD * gain,
        };
        for digits in DIGITS {
            let mut cell = best.cell;
            for span in &self.map.spans[..self.axes] {
                // Where it may be searched further, it may be beyond what was searched first.
                let is_open = self.is_open && span.axis == Axis::Rate;
                let [low, high] = span.range;
                let round = |value: &mut f64| {
                    let rounded = span.axis.spacing().rounded(*value, digits);
                    let is_allowed = match span.axis {
                        Axis::Param(_, param) => param.accepts(rounded),
                        _ => true,
                    };
                    if is_allowed && (is_open || (low..=high).contains(&rounded)) {
                        *value = rounded;
                    }
                };
                match span.axis {
                    Axis::Rate => round(&mut cell.rate),
                    Axis::Param(k, _) => round(&mut cell.params[k]),
                    Axis::Start(_) | Axis::Noise => {}
                }
            }
            let reached = runs.one(cell)?;
            if is_as_good(&reached) {
                return Some(Trial { cell, reached });
            }
        }
        Some(best)
    }
}

/// Without a second axis one along which nothing varies.
fn map(course: &Course, plan: &Plan, spans: &[Span], size: [usize; 2]) -> Map {
    let start = plan.start.first().copied().unwrap_or(0.0);
    let still = Span {
        axis: Axis::Start(0),
        range: [start; 2],
    };
    let spans = [0, 1].map(|k: usize| spans.get(k).copied().unwrap_or(still));
    Map::new(
        course.objective.clone(),
        plan.clone(),
        spans,
        size,
        course.radius,
    )
}

/// As many runs with so many seeds, and along one axis as along two.
fn size_of(axes: usize, [cols, rows]: [usize; 2], seeds: usize) -> [usize; 2] {
    match (axes, seeds) {
        (2, 1) => [cols, rows],
        // Half as many along each, with four seeds.
        (2, _) => [cols / 2, rows / 2],
        (_, seeds) => [cols * rows / seeds, 1],
    }
}

/// The same with other rates.
fn with_rates(searched: &Map, range: Range) -> Map {
    let rates = Span {
        axis: Axis::Rate,
        range,
    };
    again(searched, [rates, searched.spans[1]])
}

/// Around a cell, as far as its neighbours, and beyond the ends only of what may be searched further.
fn around(searched: &Map, index: usize, is_open: bool) -> Map {
    let spans = [0, 1].map(|k: usize| {
        let span = searched.spans[k];
        let count = searched.size()[k] as f64;
        if count == 1.0 {
            return span;
        }
        let at = span.fraction(searched.at(index)[k]);
        let part = span.part([at - 1.0 / count, at + 1.0 / count]);
        let mut part = part.unwrap_or(span);
        if !(is_open && span.axis == Axis::Rate) {
            let [low, high] = span.range;
            part.range = part.range.map(|end| end.clamp(low, high));
        }
        part
    });
    again(searched, spans)
}

fn again(searched: &Map, spans: [Span; 2]) -> Map {
    let mut map = Map::new(
        searched.objective.clone(),
        searched.plan.clone(),
        spans,
        searched.size(),
        searched.radius,
    );
    map.minima.clone_from(&searched.minima);
    map
}

/// Runs, and how many there were.
struct Runs<'r> {
    search: &'r Search,
    places: Vec<[f64; 2]>,
    done: usize,
    go_on: &'r GoOn<'r>,
    after: &'r mut Count<'r>,
}

impl Runs<'_> {
    fn one(&mut self, cell: Cell) -> Option<Reached> {
        self.of(&[cell])?.pop()
    }

    /// The best cell of a map: the first of those that are as good.
    fn best_of(&mut self, map: &Map) -> Option<(usize, Trial)> {
        let cells: Vec<Cell> = (0..map.cells()).map(|index| map.cell(index)).collect();
        let all = self.of(&cells)?;
        let mut best = 0;
        for (index, reached) in all.iter().enumerate() {
            if reached.is_better(&all[best]) {
                best = index;
            }
        }
        let (cell, reached) = (cells[best], all[best]);
        Some((best, Trial { cell, reached }))
    }

    /// What comes of each of these settings.
    fn of(&mut self, settings: &[Cell]) -> Option<Vec<Reached>> {
        let Search { map, seeds, .. } = self.search;
        let cells = settings
            .iter()
            .flat_map(|cell| seeds.iter().map(|&seed| Cell { seed, ..*cell }));
        let cells: Vec<Cell> = cells.collect();
        let mut outcomes = vec![Outcome::AWAITED; cells.len()];
        // So many at once that all processors have some to do, and one sees how far it is.
        let each = if map.is_in_lanes() { LANES } else { 4 };
        let portion = each * rayon::current_num_threads();
        let portions = cells.chunks(portion).zip(outcomes.chunks_mut(portion));
        for (cells, out) in portions {
            map.run(&self.places, cells, out, self.go_on);
            (self.go_on)().then_some(())?;
            self.done += cells.len();
            (self.after)(self.done);
        }
        let reached = outcomes.chunks(seeds.len()).map(|outcomes| {
            let mut each: Vec<Reached> = outcomes
                .iter()
                .map(|outcome| Reached::of(outcome, &map.minima, map.plan.steps))
                .collect();
            each.sort_by(|a, b| {
                let ((a_steps, a_loss), (b_steps, b_loss)) = (a.order(), b.order());
                a_steps.cmp(&b_steps).then(a_loss.total_cmp(&b_loss))
            });
            each[COUNTS.min(each.len() - 1)]
        });
        Some(reached.collect())
    }
}

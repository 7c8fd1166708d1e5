//! The minima that runs may end at: those of the landscape, and others that runs are seen to end at.
//!
//! A map's minima are known before it is computed and do not depend on the order in which it is. First come the minima that
//! [`CriticalPoints`] finds in the domain and wherever runs start. Then the cells of a coarse part of the grid are run, at most
//! 64 a side. Where one of them ends away from all known minima, and the loss is higher all around at the distance of the
//! radius, there is another minimum: it is found by a compass search from there. Of these the 16 lowest count that lie more
//! than the radius from each other and from those known. Minima that only cells between the coarse ones reach remain unknown.

use super::{Map, Outcome, is_within};
use crate::landscape::{CriticalPoints, Domain, Range, ToldMinima};
use crate::objective::{GoOn, Objective};

/// Cells along a side that are run beforehand.
const SURVEYED: usize = 64;
/// The most minima that are found by runs alone.
const MOST_FOUND: usize = 16;
/// Nodes along a side from which the typical size of losses is taken.
const TYPICAL: usize = 9;
/// Minima that differ by less than this share of the typical size lie equally low.
const EQUALLY_LOW: f64 = 1e-9;
/// A compass search ends at this share of the radius.
const FINEST: f64 = 1e-6;

/// A minimum that runs may end at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minimum {
    /// A curve's has no second coordinate, which is 0.
    pub at: [f64; 2],
    pub loss: f64,
    /// Whether it is as low as any of the others.
    pub is_lowest: bool,
}

impl Map {
    /// Finds the minima. `domain` is what is drawn of the landscape. `None` once `go_on` says no.
    pub fn find_minima(&mut self, domain: Domain, told: ToldMinima, go_on: &GoOn) -> Option<()> {
        let objective = self.objective.clone();
        let objective = &*objective;
        if objective.dim() > 2 {
            return Some(());
        }
        let whole = self.with_starts(domain);
        let critical = CriticalPoints::find_while(objective, whole, told, go_on)?;
        let mut places: Vec<[f64; 2]> = critical
            .iter()
            .filter(|point| point.kind.is_minimum())
            .map(|point| place(&point.at))
            .collect();
        let ends = self.surveyed(&places, go_on)?;
        self.add_found(&mut places, ends);
        let minima = places.iter().map(|at| Minimum {
            at: *at,
            loss: loss(objective, *at),
            is_lowest: false,
        });
        self.minima = in_order(minima.collect(), typical_size(objective, whole));
        Some(())
    }

    /// The places of the minima.
    pub fn places(&self) -> Vec<[f64; 2]> {
        self.minima.iter().map(|minimum| minimum.at).collect()
    }

    /// A domain with all starts.
    fn with_starts(&self, domain: Domain) -> Domain {
        let whole = |k: usize, range: Range| {
            let mut spans = self.spans.iter();
            let span = spans.find(|span| span.axis == super::Axis::Start(k));
            let start = self.plan.start.get(k).copied().filter(|x| x.is_finite());
            let [low, high] = match (span, start) {
                (Some(span), _) => span.range,
                (None, Some(start)) => [start, start],
                _ => range,
            };
            [range[0].min(low), range[1].max(high)]
        };
        Domain {
            x: whole(0, domain.x),
            y: domain.y.map(|range| whole(1, range)),
        }
    }

    /// Where the cells of a coarse part of the grid end.
    fn surveyed(&self, places: &[[f64; 2]], go_on: &GoOn) -> Option<Vec<Outcome>> {
        let [cols, rows] = self.size();
        let coarse = |count: usize| (0..count).step_by(count.div_ceil(SURVEYED));
        let indices = coarse(rows).flat_map(|row| coarse(cols).map(move |col| row * cols + col));
        let cells: Vec<_> = indices.map(|index| self.cell(index)).collect();
        let mut ends = vec![Outcome::AWAITED; cells.len()];
        self.run(places, &cells, &mut ends, go_on);
        go_on().then_some(ends)
    }

    /// Adds the minima that are none of the known ones.
    fn add_found(&self, places: &mut Vec<[f64; 2]>, ends: Vec<Outcome>) {
        let objective = &*self.objective;
        let mut ends: Vec<Outcome> = ends
            .into_iter()
            .filter(|end| end.minimum < 0 && end.loss.is_finite())
            .collect();
        ends.sort_by(|a, b| {
            let by_place = a.last.partial_cmp(&b.last);
            a.loss
                .total_cmp(&b.loss)
                .then(by_place.unwrap_or(std::cmp::Ordering::Equal))
        });
        let known = places.len();
        for end in ends {
            if places.len() == known + MOST_FOUND {
                break;
            }
            let is_new = |at: [f64; 2], places: &[[f64; 2]]| {
                let mut places = places.iter();
                !places.any(|place| is_within(at, *place, self.radius))
            };
            if !is_new(end.last, places) || !self.is_bottom(end.last) {
                continue;
            }
            let at = lowest_near(objective, end.last, self.radius);
            if is_new(at, places) {
                places.push(at);
            }
        }
    }

    /// Whether the loss is higher all around at the distance of the radius.
    fn is_bottom(&self, at: [f64; 2]) -> bool {
        let here = loss(&*self.objective, at);
        let dim = self.objective.dim();
        directions(dim).all(|[x, y]| {
            let there = [at[0] + self.radius * x, at[1] + self.radius * y];
            // Where there is no loss it ends.
            let there = loss(&*self.objective, there);
            there > here || there.is_nan()
        })
    }
}

impl Outcome {
    /// Before there is any.
    pub const AWAITED: Outcome = Outcome {
        minimum: -1,
        steps: -1,
        loss: f64::NAN,
        status: super::NOT_YET,
        last: [f64::NAN; 2],
    };
}

fn place(w: &[f64]) -> [f64; 2] {
    [w[0], w.get(1).copied().unwrap_or(0.0)]
}

fn loss(objective: &dyn Objective, at: [f64; 2]) -> f64 {
    objective.value(&at[..objective.dim()])
}

/// Eight of unit length; of a line both.
fn directions(dim: usize) -> impl Iterator<Item = [f64; 2]> {
    let all = (0..8).map(|k| {
        let (y, x) = (f64::from(k) * std::f64::consts::FRAC_PI_4).sin_cos();
        [x, y]
    });
    all.filter(move |[_, y]| dim == 2 || y.abs() < 1e-9)
        .map(move |[x, y]| [x, if dim == 2 { y } else { 0.0 }])
}

/// The lowest place near a point: steps downhill that are halved where none is left.
fn lowest_near(objective: &dyn Objective, from: [f64; 2], radius: f64) -> [f64; 2] {
    /// In a narrow valley there is no end to small steps.
    const MOST: usize = 10_000;
    let (mut at, mut lowest) = (from, loss(objective, from));
    let mut step = radius / 2.0;
    for _ in 0..MOST {
        let around = directions(objective.dim()).map(|[x, y]| [at[0] + step * x, at[1] + step * y]);
        let losses = around.map(|there| (loss(objective, there), there));
        let lower = losses.filter(|(there, _)| *there < lowest);
        match lower.min_by(|(a, _), (b, _)| a.total_cmp(b)) {
            Some((loss, there)) => (lowest, at) = (loss, there),
            None if step <= FINEST * radius => break,
            None => step *= 0.5,
        }
    }
    at
}

/// By how much losses typically lie above the lowest.
pub(super) fn typical_size(objective: &dyn Objective, domain: Domain) -> f64 {
    let part = |k: usize| k as f64 / (TYPICAL - 1) as f64;
    let places = (0..TYPICAL * TYPICAL).map(|k| [part(k % TYPICAL), part(k / TYPICAL)]);
    let losses = places.map(|fractions| loss(objective, domain.at(fractions)));
    let mut losses: Vec<f64> = losses.filter(|loss| loss.is_finite()).collect();
    losses.sort_by(f64::total_cmp);
    match losses[..] {
        [] => 0.0,
        [lowest, ..] => losses[losses.len() / 2] - lowest,
    }
}

/// Lowest first, those equally low in order of their places.
pub(super) fn in_order(mut minima: Vec<Minimum>, size: f64) -> Vec<Minimum> {
    minima.retain(|minimum| minimum.loss.is_finite());
    minima.sort_by(|a, b| a.loss.total_cmp(&b.loss));
    let mut rest = &mut minima[..];
    let mut is_lowest = true;
    while let Some(first) = rest.first() {
        let slack = EQUALLY_LOW * size.max(first.loss.abs());
        let count = rest.partition_point(|minimum| minimum.loss <= rest[0].loss + slack);
        let (equal, higher) = rest.split_at_mut(count);
        equal.sort_by(|a, b| a.at.partial_cmp(&b.at).unwrap_or(std::cmp::Ordering::Equal));
        equal
            .iter_mut()
            .for_each(|minimum| minimum.is_lowest = is_lowest);
        (rest, is_lowest) = (higher, false);
    }
    minima
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Axis, Span, distance2};
    use super::*;
    use crate::descent::Plan;
    use crate::objective::Formula;
    use crate::optimizer::Rule;

    fn minima(formula: &str, half: f64, starts: f64, told: &[Vec<f64>]) -> Vec<Minimum> {
        let objective = Arc::new(Formula::parse(formula).expect("a formula"));
        let dim = objective.dim();
        let plan = Plan {
            rate: 0.02,
            steps: 500,
            ..Plan::of(Rule::named("gd").expect("a rule"), vec![0.0; dim])
        };
        let over = |axis| Span {
            axis,
            range: [-starts, starts],
        };
        let second = if dim == 2 {
            over(Axis::Start(1))
        } else {
            Span {
                axis: Axis::Rate,
                range: [0.02, 0.03],
            }
        };
        let spans = [over(Axis::Start(0)), second];
        let mut map = Map::new(objective, plan, spans, [41, 41], 0.05);
        let domain = Domain {
            x: [-half, half],
            y: (dim == 2).then_some([-half, half]),
        };
        let told = ToldMinima {
            places: told,
            are_global: false,
        };
        map.find_minima(domain, told, &|| true).expect("wanted");
        map.minima
    }

    fn near(minimum: &Minimum, at: [f64; 2]) -> bool {
        distance2(minimum.at, at) < 1e-8
    }

    #[test]
    fn minima_are_in_order_and_the_lowest_are_known() {
        let found = minima("(x^2 - 1)^2 + y^2 + 0.2*x", 2.0, 2.0, &[]);
        assert_eq!(found.len(), 2);
        assert!(found[0].at[0] < -1.0 && found[1].at[0] > 0.9);
        assert_eq!(
            found.iter().map(|m| m.is_lowest).collect::<Vec<_>>(),
            [true, false]
        );
        let found = minima("(x^2 - 1)^2 + y^2", 2.0, 2.0, &[]);
        assert!(near(&found[0], [-1.0, 0.0]) && near(&found[1], [1.0, 0.0]));
        assert!(found.iter().all(|minimum| minimum.is_lowest));
        let curve = minima("(x^2 - 1)^2", 2.0, 2.0, &[]);
        assert!(near(&curve[0], [-1.0, 0.0]) && near(&curve[1], [1.0, 0.0]));
    }

    #[test]
    fn what_runs_end_at_outside_the_domain_is_found() {
        // All starts lie in the domain, the minimum does not.
        let found = minima("(x - 3)^2 + (y + 4)^2", 2.0, 1.0, &[]);
        assert_eq!(found.len(), 1);
        assert!(near(&found[0], [3.0, -4.0]), "{found:?}");
        let curve = minima("(x - 3)^2", 2.0, 1.0, &[]);
        assert!(near(&curve[0], [3.0, 0.0]), "{curve:?}");
    }

    #[test]
    fn a_saddle_a_plain_and_a_slope_have_none() {
        assert_eq!(minima("x^2 - y^2", 1.0, 1.0, &[]), []);
        assert_eq!(minima("0*x + 0*y + 3", 1.0, 1.0, &[]), []);
        assert_eq!(minima("x + y", 1.0, 1.0, &[]), []);
        // The middle column runs straight to the saddle between two minima.
        assert_eq!(minima("(x^2 - 1)^2 + y^2", 2.0, 2.0, &[]).len(), 2);
    }
}

//! Critical points: where the gradient vanishes, found numerically and classified by the Hessian.
//!
//! Newton's method on the gradient starts in every cell of a grid in which all components of the
//! gradient change sign, and wherever its length has a local minimum. All is measured in
//! fractions of the domain, so that what is steep or flat does not depend on units.

mod minimum;
mod newton;
mod survey;

use std::ops::Deref;

use rayon::prelude::*;

pub use self::minimum::{Doubt, doubts};
use self::minimum::{Surroundings, around};
use self::newton::{Chart, Hessian};
use self::survey::{CELLS, Survey};
use super::Domain;
use crate::objective::{GoOn, Objective};

/// Points nearer to each other than this, in fractions of the domain, are one. Degenerate points
/// are found less sharply.
const SAME: f64 = 1e-6;
const SAME_DEGENERATE: f64 = 1e-3;
/// Degenerate points tend to come in whole lines and areas: they are kept this far apart, and at
/// most so many.
const DEGENERATE_APART: f64 = 0.1;
const MAX_DEGENERATE: usize = 8;
/// The most points kept: a function that has more is noise at the scale of the domain.
const MAX_POINTS: usize = 1000;
/// Minima that differ by less than this share of what losses there are lie equally low.
const EQUALLY_LOW: f64 = 1e-9;
/// What lies lower by less than this share is rounding.
const ROUNDING: f64 = 1e-12;

/// What a critical point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CriticalKind {
    /// A minimum that is known to be as low as any, and nothing lower was found.
    GlobalMinimum,
    /// A minimum as low as the lowest loss found.
    LowestFound,
    /// Any other minimum.
    LocalMinimum,
    /// Told to be a minimum, and none.
    GivenMinimum,
    Maximum,
    Saddle,
    /// The Hessian is singular and does not decide.
    Degenerate,
}

impl CriticalKind {
    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            CriticalKind::GlobalMinimum => "global minimum",
            CriticalKind::LowestFound => "lowest found",
            CriticalKind::LocalMinimum => "local minimum",
            CriticalKind::GivenMinimum => "given minimum",
            CriticalKind::Maximum => "maximum",
            CriticalKind::Saddle => "saddle",
            CriticalKind::Degenerate => "degenerate",
        }
    }

    pub fn is_minimum(self) -> bool {
        self.is_lowest() || self == CriticalKind::LocalMinimum
    }

    /// Whether it is as low as anything found.
    pub fn is_lowest(self) -> bool {
        matches!(
            self,
            CriticalKind::GlobalMinimum | CriticalKind::LowestFound
        )
    }
}

/// A point where the gradient vanishes, or a minimum without a gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct CriticalPoint {
    pub at: Vec<f64>,
    /// The loss there.
    pub value: f64,
    pub kind: CriticalKind,
}

/// Minima told beforehand.
#[derive(Debug, Clone, Copy, Default)]
pub struct ToldMinima<'a> {
    pub places: &'a [Vec<f64>],
    /// Whether they are known to be the lowest of all, and not merely said to be minima.
    pub are_global: bool,
}

/// The critical points of a function of one or two variables inside a domain, lowest first, and what else is known of
/// how low it gets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CriticalPoints {
    points: Vec<CriticalPoint>,
    /// The lowest loss that is known to be the lowest of all.
    known: Option<f64>,
    /// The lowest loss of minima outside the domain.
    outside: Option<f64>,
    /// The lowest loss on a grid over the domain.
    surveyed: Option<f64>,
    /// What was learnt later.
    learnt: Option<f64>,
    /// The typical range of losses.
    range: f64,
}

impl Deref for CriticalPoints {
    type Target = [CriticalPoint];

    fn deref(&self) -> &[CriticalPoint] {
        &self.points
    }
}

impl CriticalPoints {
    /// Looks for all of them.
    ///
    /// Minima told beforehand are brought to full accuracy where there is a gradient; one that is none is kept where it
    /// is, and called so. Those outside the domain still decide which is the lowest. Flat pieces of a surface have no
    /// points. Lines of degenerate points are represented by a few.
    pub fn find(objective: &dyn Objective, domain: Domain, told: ToldMinima) -> CriticalPoints {
        let found = CriticalPoints::find_while(objective, domain, told, &|| true);
        found.expect("it is wanted to the end")
    }

    /// As [`find`](Self::find), but `None` once `go_on` says no; it is asked between any two places that are looked at.
    pub fn find_while(
        objective: &dyn Objective,
        domain: Domain,
        told: ToldMinima,
        go_on: &GoOn,
    ) -> Option<CriticalPoints> {
        if objective.dim() != domain.dim() {
            return Some(CriticalPoints::default());
        }
        let chart = Chart::new(objective, domain).while_wanted(go_on);
        let survey = Survey::new(&chart);
        let mut points = told_points(&chart, &survey, domain, told.places);
        let cell = 1.0 / CELLS[chart.dim() - 1] as f64;
        let found: Vec<CriticalPoint> = survey
            .starts
            .par_iter()
            .filter(|_| go_on())
            .filter_map(|start| chart.root(*start, 2.0 * cell))
            .filter_map(|root| survey.examine(&chart, root))
            .collect();
        if !go_on() {
            return None;
        }
        add_distinct(&chart, &mut points, found);
        let mut found = CriticalPoints {
            points,
            known: None,
            outside: lowest_outside(objective, &survey, domain, told.places),
            surveyed: Some(survey.lowest).filter(|loss| loss.is_finite()),
            learnt: None,
            range: survey.range,
        };
        if told.are_global {
            let losses = told.places.iter().map(|at| objective.value(at));
            found.known = losses.filter(|loss| loss.is_finite()).reduce(f64::min);
        }
        // Lower than all points: a rim, or a minimum without a gradient.
        let losses = found.points.iter().map(|point| point.value);
        if losses.fold(f64::INFINITY, f64::min) > survey.lowest + found.slack(survey.lowest) {
            let surroundings = Surroundings::new(&chart, &survey, false);
            let tip = surroundings.tip_near(survey.lowest_at, 2.0 * cell);
            found.points.extend(tip.map(|tip| minimum(&chart, tip)));
        }
        found.name_and_sort();
        Some(found)
    }

    /// Whether a loss is lower than all that is known.
    pub fn would_learn(&self, loss: f64) -> bool {
        let is_lower = self.lowest().is_none_or(|lowest| {
            let slack = (ROUNDING * self.range).max(8.0 * f64::EPSILON * lowest.abs());
            loss < lowest - slack
        });
        loss.is_finite() && is_lower
    }

    /// The loss that was learnt last.
    pub fn learnt(&self) -> Option<f64> {
        self.learnt
    }

    /// The same, and this loss at a place of the domain. The minimum that is near, if there is one, becomes one of the
    /// points.
    pub fn learn(
        &self,
        objective: &dyn Objective,
        domain: Domain,
        found: (f64, &[f64]),
    ) -> CriticalPoints {
        let learnt = self.learn_while(objective, domain, found, &|| true);
        learnt.unwrap_or_else(|| self.clone())
    }

    /// The same, as long as it is wanted; `None` once `go_on` says no.
    pub fn learn_while(
        &self,
        objective: &dyn Objective,
        domain: Domain,
        (loss, at): (f64, &[f64]),
        go_on: &GoOn,
    ) -> Option<CriticalPoints> {
        let chart = Chart::new(objective, domain).while_wanted(go_on);
        let survey = Survey::new(&chart);
        let surroundings = Surroundings::new(&chart, &survey, false);
        let near = surroundings.minimum_near(chart.fractions(at));
        let near = near.filter(|place| chart.is_inside(*place));
        let mut learnt = self.clone();
        learnt.learnt = Some(loss);
        learnt
            .points
            .extend(near.map(|place| minimum(&chart, place)));
        learnt.name_and_sort();
        go_on().then_some(learnt)
    }

    /// f*: the loss of the lowest minimum, if the lowest of what was found is one.
    pub fn minimum(&self) -> Option<f64> {
        let lowest = self.lowest()?;
        let points = self.points.iter().filter(|point| point.kind.is_lowest());
        let inside = points.map(|point| point.value).reduce(f64::min);
        let outside = self.outside;
        inside.or(outside.filter(|loss| *loss <= lowest + self.slack(lowest)))
    }

    /// The lowest loss of a point or a place that was learnt, in the domain.
    pub fn lowest_inside(&self) -> Option<f64> {
        let points = self.points.iter().map(|point| point.value);
        let losses = points.chain(self.learnt);
        losses.filter(|loss| loss.is_finite()).reduce(f64::min)
    }

    /// The lowest loss of all that was found or is known.
    fn lowest(&self) -> Option<f64> {
        let others = [self.known, self.outside, self.surveyed];
        let losses = others.into_iter().flatten().chain(self.lowest_inside());
        losses.reduce(f64::min)
    }

    fn slack(&self, lowest: f64) -> f64 {
        EQUALLY_LOW * lowest.abs().max(self.range)
    }

    /// Names minima by how low they lie.
    fn name_and_sort(&mut self) {
        let lowest = self.lowest().unwrap_or(f64::INFINITY);
        let slack = self.slack(lowest);
        let is_known = self.known.is_some_and(|known| known <= lowest + slack);
        for point in &mut self.points {
            if point.kind.is_minimum() {
                point.kind = match (point.value <= lowest + slack, is_known) {
                    (true, true) => CriticalKind::GlobalMinimum,
                    (true, false) => CriticalKind::LowestFound,
                    (false, _) => CriticalKind::LocalMinimum,
                };
            }
        }
        self.points.sort_by(|a, b| {
            let by_place = a.at.partial_cmp(&b.at).unwrap_or(std::cmp::Ordering::Equal);
            a.value.total_cmp(&b.value).then(by_place)
        });
        self.points.truncate(MAX_POINTS);
    }
}

/// A minimum, whose name is to be found.
fn minimum(chart: &Chart, place: [f64; 2]) -> CriticalPoint {
    let at = chart.point(place);
    CriticalPoint {
        value: chart.objective().value(&at),
        at,
        kind: CriticalKind::LocalMinimum,
    }
}

/// The kind by the signs of the Hessian's eigenvalues. Any minimum is local until the lowest is
/// known.
fn kind(hessian: &Hessian, range: f64) -> CriticalKind {
    let values = hessian.eigenvalues();
    let least = values
        .iter()
        .fold(f64::INFINITY, |least, v| least.min(v.abs()));
    let negative = values.iter().filter(|v| **v < 0.0).count();
    if least.is_nan() || least <= (1e-7 * hessian.greatest()).max(1e-9 * range) {
        CriticalKind::Degenerate
    } else if negative == 0 {
        CriticalKind::LocalMinimum
    } else if negative == values.len() {
        CriticalKind::Maximum
    } else {
        CriticalKind::Saddle
    }
}

/// The minima told beforehand that lie in the domain, as sharply as the gradient allows.
fn told_points(
    chart: &Chart,
    survey: &Survey,
    domain: Domain,
    told: &[Vec<f64>],
) -> Vec<CriticalPoint> {
    let surroundings = Surroundings::new(chart, survey, true);
    let mut points: Vec<CriticalPoint> = Vec::new();
    for at in told.iter().filter(|at| domain.contains(at)) {
        let given = chart.fractions(at);
        let point = match surroundings.minimum_near(given) {
            // Not moved for nothing: fractions round.
            Some(place) if distance(place, given) > 0.0 => minimum(chart, place),
            near => CriticalPoint {
                at: at.clone(),
                value: chart.objective().value(at),
                kind: match near {
                    Some(_) => CriticalKind::LocalMinimum,
                    None => CriticalKind::GivenMinimum,
                },
            },
        };
        let place = chart.fractions(&point.at);
        let is_new = |p: &CriticalPoint| distance(chart.fractions(&p.at), place) > SAME;
        if point.value.is_finite() && points.iter().all(is_new) {
            points.push(point);
        }
    }
    points
}

/// The lowest loss of the minima told beforehand that lie outside the domain.
fn lowest_outside(
    objective: &dyn Objective,
    survey: &Survey,
    domain: Domain,
    told: &[Vec<f64>],
) -> Option<f64> {
    let outside = told
        .iter()
        .filter(|at| at.len() == objective.dim() && !domain.contains(at));
    let losses = outside.filter_map(|at| {
        let chart = Chart::new(objective, around(domain, at));
        let surroundings = Surroundings::new(&chart, survey, false);
        let place = surroundings.minimum_near(chart.fractions(at))?;
        Some(objective.value(&chart.point(place)))
    });
    losses.filter(|loss| loss.is_finite()).reduce(f64::min)
}

/// Adds those points that are not there yet: the sharp ones first, then a few degenerate ones.
fn add_distinct(chart: &Chart, points: &mut Vec<CriticalPoint>, mut found: Vec<CriticalPoint>) {
    let is_degenerate = |point: &CriticalPoint| point.kind == CriticalKind::Degenerate;
    found.sort_by_key(is_degenerate);
    let mut places: Vec<[f64; 2]> = points.iter().map(|p| chart.fractions(&p.at)).collect();
    let mut degenerate: Vec<[f64; 2]> = Vec::new();
    for point in found {
        let place = chart.fractions(&point.at);
        let clear = |others: &[[f64; 2]], apart: f64| {
            others.iter().all(|other| distance(*other, place) > apart)
        };
        if is_degenerate(&point) {
            let wanted = degenerate.len() < MAX_DEGENERATE
                && clear(&degenerate, DEGENERATE_APART)
                && clear(&places, SAME_DEGENERATE);
            if wanted {
                degenerate.push(place);
                points.push(point);
            }
        } else if clear(&places, SAME) {
            places.push(place);
            points.push(point);
        }
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[cfg(test)]
mod tests;

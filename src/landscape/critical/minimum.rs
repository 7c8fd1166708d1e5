//! Whether a place is a minimum: a smooth one by its Hessian, any other by looking around.

use std::fmt;

use super::newton::{Chart, Hessian};
use super::{CriticalKind, Domain, Survey, distance, kind};
use crate::objective::Objective;

/// How far off a minimum may be given, in fractions of the domain.
pub(super) const INEXACT: f64 = 0.01;
/// How far one looks around a place, from near to far.
const AROUND: [f64; 5] = [1e-6, 1e-5, 1e-4, 1e-3, INEXACT];
/// In so many directions.
const DIRECTIONS: usize = 16;
/// A critical point so near is where it was said to be.
const THERE: f64 = 1e-4;
/// The most moves on the way down, and the shortest.
const MOST_MOVES: usize = 400;
const SHORTEST: f64 = 1e-13;
/// A slope below this share of the range of losses is none.
pub(super) const FLAT: f64 = 1e-7;
/// Around the tip of a cone the loss rises everywhere by this share of its greatest rise, or there is a whole line of
/// minima. Nearer to it the rise is less, or it is a pole.
const BLUNT: f64 = 1e-3;
const POLE: f64 = 0.9;

/// Why a place is no minimum. Its text is a sentence's end, as in "is no minimum: …".
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// The loss there.
    pub loss: f64,
    /// The gradient there; not finite where there is none.
    pub gradient: Vec<f64>,
    /// The Hessian's eigenvalues, ascending.
    pub eigenvalues: Vec<f64>,
    /// Whether the gradient vanishes there.
    pub is_critical: bool,
    /// A place nearby that lies lower, and its loss.
    pub lower: Option<(Vec<f64>, f64)>,
    /// Decimals that tell places from one another.
    decimals: usize,
}

/// For each of these places why it is no minimum; `None` where it is one, or where one lies within a hundredth of the
/// domain. A minimum may be a kink, or lie at the rim of the domain or of where the function is defined.
pub fn doubts(
    objective: &dyn Objective,
    domain: Domain,
    places: &[Vec<f64>],
) -> Vec<Option<Doubt>> {
    let survey = Survey::new(&Chart::new(objective, domain));
    let doubt = |place: &Vec<f64>| {
        let inside = domain.contains(place);
        let domain = if inside {
            domain
        } else {
            around(domain, place)
        };
        let chart = Chart::new(objective, domain);
        let surroundings = Surroundings::new(&chart, &survey, inside);
        let place = chart.fractions(place);
        match surroundings.minimum_near(place) {
            Some(_) => None,
            None => Some(surroundings.doubt(place)),
        }
    };
    places.iter().map(doubt).collect()
}

/// As large a domain with a place in its middle.
pub(super) fn around(domain: Domain, place: &[f64]) -> Domain {
    let [width, height] = domain.size();
    let range = |axis: usize, size: f64| {
        let at = place.get(axis).copied().unwrap_or_default();
        [at - 0.5 * size, at + 0.5 * size]
    };
    Domain {
        x: range(0, width),
        y: domain.y.map(|_| range(1, height)),
    }
}

/// A landscape as one looks around in it.
pub(super) struct Surroundings<'a> {
    chart: &'a Chart<'a>,
    /// The typical range of losses.
    range: f64,
    /// Nothing outside the domain counts.
    is_confined: bool,
}

impl<'a> Surroundings<'a> {
    pub(super) fn new(chart: &'a Chart, survey: &Survey, is_confined: bool) -> Surroundings<'a> {
        Surroundings {
            chart,
            range: if survey.range.is_finite() {
                survey.range
            } else {
                0.0
            },
            is_confined,
        }
    }

    /// Infinite where there is none that counts.
    fn loss(&self, place: [f64; 2]) -> f64 {
        if self.is_confined && !self.chart.is_inside(place) {
            return f64::INFINITY;
        }
        let loss = self.chart.loss(place);
        if loss.is_finite() {
            loss
        } else {
            f64::INFINITY
        }
    }

    /// Losses that differ by less may do so by rounding alone.
    fn slack(&self, loss: f64) -> f64 {
        1e-14 * self.range + 4.0 * f64::EPSILON * loss.abs()
    }

    /// The root of the gradient to which a place leads.
    fn root(&self, from: [f64; 2]) -> Option<[f64; 2]> {
        let root = self.chart.root(from, INEXACT)?;
        // Without curvature there is no step, whatever the slope.
        let (_, [a, b]) = self.chart.gradient(root);
        (a.hypot(b) <= FLAT * self.range).then_some(root)
    }

    /// The minimum at a place or near it.
    pub(super) fn minimum_near(&self, place: [f64; 2]) -> Option<[f64; 2]> {
        let here = self.loss(place);
        let smooth = |from: [f64; 2]| {
            let root = self.root(from)?;
            let is_near = distance(root, place) < INEXACT;
            (is_near && self.loss(root) <= here + self.slack(here)).then_some(root)
        };
        if !here.is_finite() {
            return None;
        }
        if let Some(root) = smooth(place) {
            match kind(&self.chart.hessian(root), 0.0) {
                CriticalKind::LocalMinimum => return Some(root),
                CriticalKind::Degenerate if self.is_minimum(root) => return Some(root),
                _ => {}
            }
        }
        if self.is_minimum(place) {
            return Some(place);
        }
        let settled = self.settled(place, INEXACT);
        if distance(settled, place) > 0.95 * INEXACT {
            return None;
        }
        let sharper = smooth(settled).filter(|root| {
            let kind = kind(&self.chart.hessian(*root), 0.0);
            kind == CriticalKind::LocalMinimum
        });
        sharper.or_else(|| self.is_minimum(settled).then_some(settled))
    }

    /// The tip of a cone, or the bottom of a kink, that a place is near to; `None` if it is at a rim, or one of many.
    pub(super) fn tip_near(&self, place: [f64; 2], reach: f64) -> Option<[f64; 2]> {
        const RADIUS: f64 = 1e-5;
        let tip = self.settled(place, reach);
        let here = self.loss(tip);
        let rise = |angle: f64| self.loss(towards(tip, angle, RADIUS)) - here;
        let turn = std::f64::consts::TAU;
        let count = if self.chart.dim() == 2 { 64 } else { 2 };
        let step = turn / count as f64;
        let rises: Vec<f64> = (0..count).map(|k| rise(step * k as f64)).collect();
        let most = rises.iter().copied().fold(0.0, f64::max);
        let nearer =
            (0..count).map(|k| self.loss(towards(tip, step * k as f64, 0.01 * RADIUS)) - here);
        let is_pole = nearer.fold(0.0, f64::max) > POLE * most;
        let (least_at, mut least) = rises
            .iter()
            .copied()
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(&b.1))?;
        if count > 2 {
            // A line of minima may lead between two directions.
            let (mut middle, mut half) = (step * least_at as f64, step);
            for _ in 0..24 {
                half *= 0.7;
                let sides = [middle - half, middle + half].map(|angle| (rise(angle), angle));
                let best = sides
                    .into_iter()
                    .min_by(|a, b| a.0.total_cmp(&b.0))
                    .unwrap_or((least, middle));
                if best.0 < least {
                    (least, middle) = best;
                }
            }
        }
        let is_tip = most.is_finite() && !is_pole && least > self.slack(here).max(BLUNT * most);
        (is_tip && self.chart.is_inside(tip)).then_some(tip)
    }

    /// Whether nothing around lies lower.
    fn is_minimum(&self, place: [f64; 2]) -> bool {
        let here = self.loss(place);
        let slack = self.slack(here);
        for radius in AROUND {
            let around = || self.directions(place, radius).map(|place| self.loss(place));
            if around().any(|loss| loss < here - slack) {
                return false;
            }
            if around().all(|loss| loss > here + slack) {
                return true;
            }
        }
        here.is_finite()
    }

    /// Where a ball comes to rest that does not go further than `reach`.
    fn settled(&self, from: [f64; 2], reach: f64) -> [f64; 2] {
        let (mut place, mut here) = (from, self.loss(from));
        let mut step = 0.5 * reach;
        for _ in 0..MOST_MOVES {
            if step < SHORTEST {
                break;
            }
            let within = |to: &[f64; 2]| distance(*to, from) <= reach;
            let ways = self.directions(place, step).filter(within);
            let lowest = ways
                .map(|to| (self.loss(to), to))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            match lowest {
                Some((loss, to)) if loss < here => (here, place) = (loss, to),
                _ => step *= 0.5,
            }
        }
        self.chart.rounded(place, |place| self.loss(place))
    }

    /// The places around another one, and the one down the gradient.
    fn directions(&self, place: [f64; 2], radius: f64) -> impl Iterator<Item = [f64; 2]> {
        let (_, [a, b]) = self.chart.gradient(place);
        let steepest = (a != 0.0 || b != 0.0).then(|| (-b).atan2(-a));
        let count = if self.chart.dim() == 2 { DIRECTIONS } else { 2 };
        let step = std::f64::consts::TAU / count as f64;
        let angles = (0..count).map(move |k| step * k as f64).chain(steepest);
        angles.map(move |angle| towards(place, angle, radius))
    }

    /// Why a place is no minimum, if it is none.
    pub(super) fn doubt(&self, place: [f64; 2]) -> Doubt {
        let w = self.chart.point(place);
        let (objective, dim) = (self.chart.objective(), w.len());
        let mut gradient = vec![0.0; dim];
        let loss = objective.gradient(&w, &mut gradient);
        let mut entries = [0.0; 4];
        objective.hessian(&w, &mut entries[..dim * dim]);
        let root = self.root(place);
        let lower = self.settled(place, INEXACT);
        let lower = Some((self.chart.point(lower), self.loss(lower)));
        Doubt {
            loss,
            gradient,
            eigenvalues: Hessian::new(dim, entries, [1.0, 1.0]).eigenvalues(),
            is_critical: root.is_some_and(|root| distance(root, place) < THERE),
            lower: lower.filter(|(_, lower)| *lower < loss),
            decimals: self.chart.decimals(),
        }
    }
}

fn towards([s, t]: [f64; 2], angle: f64, radius: f64) -> [f64; 2] {
    let (sin, cos) = angle.sin_cos();
    // Of a curve's second fraction all is 0.
    let sin = if sin.abs() < 1e-15 { 0.0 } else { sin };
    [s + radius * cos, t + radius * sin]
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.loss.is_finite() {
            return f.write_str("the loss there is not finite");
        }
        let finite = |numbers: &[f64]| numbers.iter().all(|number| number.is_finite());
        let mut parts = Vec::new();
        if self.is_critical && finite(&self.eigenvalues) {
            let values = self.eigenvalues.iter().map(|value| digits(*value, 3));
            let values = values.collect::<Vec<_>>().join(" and ");
            let are = if self.eigenvalues.len() == 1 {
                "the second derivative is"
            } else {
                "the Hessian's eigenvalues are"
            };
            parts.push(format!("{are} {values}"));
        } else if finite(&self.gradient) {
            let slopes = self.gradient.iter().map(|slope| digits(*slope, 3));
            let slopes = slopes.collect::<Vec<_>>().join(", ");
            parts.push(format!("the gradient is [{slopes}]"));
        }
        if let Some((at, lower)) = &self.lower {
            let at = at.iter().map(|c| decimal(*c, self.decimals));
            let at = at.collect::<Vec<_>>().join(", ");
            let [here, lower] = apart(self.loss, *lower);
            parts.push(format!("the loss falls from {here} to {lower} at [{at}]"));
        }
        f.write_str(&parts.join(", and "))
    }
}

/// A number with so many digits after the first.
fn digits(number: f64, after: usize) -> String {
    let rounded: f64 = format!("{number:.after$e}").parse().unwrap_or(number);
    let text = format!("{:?}", rounded + 0.0);
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// Two numbers with as many digits as it takes to tell them apart.
fn apart(a: f64, b: f64) -> [String; 2] {
    let mut texts = (3..=16).map(|after| [a, b].map(|number| digits(number, after)));
    let told_apart = texts.find(|[a, b]| a != b);
    told_apart.unwrap_or_else(|| [a, b].map(|number| digits(number, 3)))
}

/// So many decimals, but no zeros at the end.
fn decimal(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if text == "-0" { "0" } else { text }.to_owned()
}

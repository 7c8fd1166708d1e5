//! Newton's method on the gradient, in fractions of a domain.

use crate::landscape::Domain;
use crate::objective::{GoOn, Objective};

/// The most Newton steps. At a degenerate root they converge slowly, by a factor of ½ to ¾.
const MAX_STEPS: usize = 100;
/// A step so short, in fractions of the domain, does not move the point any more.
const STILL: f64 = 1e-14;
/// The longest last step of a search that is taken for converged when steps run out.
const CLOSE: f64 = 1e-8;
/// How far outside the domain a search may stray, and a root on the edge may lie.
const STRAY: f64 = 0.05;
const EDGE: f64 = 1e-9;

/// An objective of one or two variables over the unit interval or square. Of a curve's second
/// fraction all is 0.
pub(super) struct Chart<'a> {
    objective: &'a dyn Objective,
    /// Once it says no there are neither losses nor gradients, so that whatever looks for something soon ends.
    go_on: &'a GoOn<'a>,
    dim: usize,
    low: [f64; 2],
    size: [f64; 2],
}

impl<'a> Chart<'a> {
    pub(super) fn new(objective: &'a dyn Objective, domain: Domain) -> Chart<'a> {
        Chart {
            objective,
            go_on: &|| true,
            dim: domain.dim(),
            low: [domain.x[0], domain.y_or_zero()[0]],
            size: domain.size(),
        }
    }

    /// The same, as long as it is wanted.
    pub(super) fn while_wanted(self, go_on: &'a GoOn<'a>) -> Chart<'a> {
        Chart { go_on, ..self }
    }

    pub(super) fn dim(&self) -> usize {
        self.dim
    }

    pub(super) fn objective(&self) -> &dyn Objective {
        self.objective
    }

    /// The parameters at a place.
    pub(super) fn point(&self, place: [f64; 2]) -> Vec<f64> {
        let parameter = |k: usize| self.low[k] + place[k] * self.size[k];
        (0..self.dim).map(parameter).collect()
    }

    /// The place of parameters.
    pub(super) fn fractions(&self, w: &[f64]) -> [f64; 2] {
        let mut place = [0.0; 2];
        for (k, w) in w.iter().enumerate().take(self.dim) {
            place[k] = (w - self.low[k]) / self.size[k];
        }
        place
    }

    /// How many decimals of parameters tell places from one another.
    pub(super) fn decimals(&self) -> usize {
        let sizes = self.size.iter().take(self.dim);
        let smallest = sizes.fold(f64::INFINITY, |least, size| least.min(*size));
        (4.0 - smallest.log10().floor()).clamp(0.0, 15.0) as usize
    }

    /// Whether a place lies in the domain, with some tolerance at the edge.
    pub(super) fn is_inside(&self, place: [f64; 2]) -> bool {
        place.iter().all(|s| (-EDGE..=1.0 + EDGE).contains(s))
    }

    /// The loss.
    pub(super) fn loss(&self, place: [f64; 2]) -> f64 {
        if !(self.go_on)() {
            return f64::NAN;
        }
        self.objective.value(&self.point(place))
    }

    /// The loss and its gradient, per domain size.
    pub(super) fn gradient(&self, place: [f64; 2]) -> (f64, [f64; 2]) {
        if !(self.go_on)() {
            return (f64::NAN, [f64::NAN; 2]);
        }
        let mut out = [0.0; 2];
        let value = self
            .objective
            .gradient(&self.point(place), &mut out[..self.dim]);
        (value, [out[0] * self.size[0], out[1] * self.size[1]])
    }

    pub(super) fn hessian(&self, place: [f64; 2]) -> Hessian {
        let mut out = [0.0; 4];
        let entries = self.dim * self.dim;
        self.objective
            .hessian(&self.point(place), &mut out[..entries]);
        Hessian::new(self.dim, out, self.size)
    }

    /// The root of the gradient that Newton's method reaches from `start` in steps of at most
    /// `longest`; `None` if it reaches none or leaves the domain.
    pub(super) fn root(&self, start: [f64; 2], longest: f64) -> Option<[f64; 2]> {
        let mut place = start;
        let mut length = f64::INFINITY;
        for _ in 0..MAX_STEPS {
            let (_, gradient) = self.gradient(place);
            let step = self.hessian(place).solve(gradient);
            let full = step[0].hypot(step[1]);
            if !full.is_finite() {
                return None;
            }
            let shrink = if full > longest { longest / full } else { 1.0 };
            place = [place[0] - shrink * step[0], place[1] - shrink * step[1]];
            length = full * shrink;
            if place.iter().any(|s| !(-STRAY..=1.0 + STRAY).contains(s)) {
                return None;
            }
            if length <= STILL {
                break;
            }
        }
        let slope = |place| {
            let (_, [a, b]) = self.gradient(place);
            f64::hypot(a, b)
        };
        (length <= CLOSE).then(|| self.rounded(place, slope))
    }

    /// The nearest parameters with few decimals if what is to be least is no more there: −10⁻¹⁷ is 0.
    pub(super) fn rounded(&self, place: [f64; 2], least: impl Fn([f64; 2]) -> f64) -> [f64; 2] {
        let mut exact = self.point(place);
        for decimals in [6, 9, 12] {
            for (k, w) in exact.clone().into_iter().enumerate() {
                let unit = 10f64.powi(decimals - self.size[k].log10().round() as i32);
                let round = (w * unit).round() / unit;
                let mut candidate = exact.clone();
                candidate[k] = round + 0.0;
                if least(self.fractions(&candidate)) <= least(self.fractions(&exact)) {
                    exact = candidate;
                }
            }
        }
        self.fractions(&exact)
    }
}

/// A symmetric matrix of second derivatives, 1×1 or 2×2.
pub(super) struct Hessian {
    dim: usize,
    xx: f64,
    xy: f64,
    yy: f64,
}

impl Hessian {
    /// Of the entries of an n×n matrix, n = `dim`, row-major, in units of these sizes.
    pub(super) fn new(dim: usize, entries: [f64; 4], [sx, sy]: [f64; 2]) -> Hessian {
        let [xx, xy, _, yy] = entries;
        Hessian {
            dim,
            xx: xx * sx * sx,
            xy: xy * sx * sy,
            yy: yy * sy * sy,
        }
    }

    /// Its eigenvalues, as many as the dimension, the smaller first.
    pub(super) fn eigenvalues(&self) -> Vec<f64> {
        if self.dim == 1 {
            return vec![self.xx];
        }
        let (mean, spread) = self.mean_and_spread();
        vec![mean - spread, mean + spread]
    }

    /// The greatest absolute eigenvalue.
    pub(super) fn greatest(&self) -> f64 {
        self.eigenvalues()
            .iter()
            .fold(0.0, |max, v| max.max(v.abs()))
    }

    /// The shortest x with H x = `right`, as nearly as can be (the pseudo-inverse): directions
    /// without curvature are left alone.
    fn solve(&self, right: [f64; 2]) -> [f64; 2] {
        if self.dim == 1 {
            let curved = self.xx != 0.0;
            return [if curved { right[0] / self.xx } else { 0.0 }, 0.0];
        }
        let (mean, spread) = self.mean_and_spread();
        // The eigenvector of the greater eigenvalue, from the row that does not cancel.
        let half = 0.5 * (self.xx - self.yy);
        let (a, b) = if half >= 0.0 {
            (half + spread, self.xy)
        } else {
            (self.xy, spread - half)
        };
        let length = a.hypot(b);
        let (a, b) = if length > 0.0 {
            (a / length, b / length)
        } else {
            (1.0, 0.0)
        };
        let least = 1e-12 * (mean.abs() + spread);
        let along = |value: f64, [a, b]: [f64; 2]| {
            let part = a * right[0] + b * right[1];
            let scale = if value.abs() > least {
                part / value
            } else {
                0.0
            };
            [scale * a, scale * b]
        };
        let (p, q) = (along(mean + spread, [a, b]), along(mean - spread, [-b, a]));
        [p[0] + q[0], p[1] + q[1]]
    }

    /// The eigenvalues are mean ± spread.
    fn mean_and_spread(&self) -> (f64, f64) {
        let mean = 0.5 * (self.xx + self.yy);
        (mean, (0.5 * (self.xx - self.yy)).hypot(self.xy))
    }
}

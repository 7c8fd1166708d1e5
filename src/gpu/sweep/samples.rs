//! What each sample contributes to a slice, worked out in f64.
//!
//! Let u and v be weights of classes c and d, z a sample's logits, y its label. Then −ln(p_y + ε) is
//!
//! C + ln(1 + w) − ln(1 + κw), with C = −ln(k + ε) and κ = ε/(k + ε),
//!
//! where neither C nor κ depends on u and v, and w is a product or sum of a function of u and one of v:
//!
//! | classes | label | w | k |
//! | --- | --- | --- | --- |
//! | c = d | y = c | 1/r | 1 |
//! | | other | r = exp(z_c)/S | exp(z_y)/S |
//! | c ≠ d | y = c | (1/r_u)·(1 + r_v) | 1 |
//! | | y = d | (1 + r_u)·(1/r_v) | 1 |
//! | | other | r_u + r_v, with r_u = exp(z_c)/S, r_v = exp(z_d)/S | exp(z_y)/S |
//!
//! S is the sum of exp(z) over the classes that stay. All terms are positive, so that nothing cancels. For c = d the
//! exponent is linear in u and v together, and r is a product too.

use rayon::prelude::*;

use super::layout::{BATCH, MOST, ONE_PLUS_U, ONE_PLUS_V, SUM, Sample, fixed};
use crate::landscape::{Domain, Range};
use crate::objective::softmax::sweep::Slice;
use crate::objective::softmax::{CLASSES, EPSILON, FEATURES, Samples};

/// A binary logarithm that is linear in a weight: its value at 0 and its slope.
#[derive(Debug, Clone, Copy)]
struct Line {
    at_zero: f64,
    slope: f64,
}

impl Line {
    fn at(self, weight: f64) -> f64 {
        self.slope.mul_add(weight, self.at_zero)
    }

    fn is_within(self, range: Range) -> bool {
        range.iter().all(|&weight| self.at(weight).abs() < MOST)
    }

    /// Its value at the first node, and the step from node to node.
    fn nodes(self, [low, high]: Range, count: usize) -> [f64; 2] {
        [
            self.at(low),
            self.slope * ((high - low) / (count - 1) as f64),
        ]
    }
}

#[derive(Debug, Clone, Copy)]
struct Contribution {
    u: Line,
    v: Line,
    kappa: f32,
    form: u32,
}

/// All samples, seen along the two weights of a slice.
#[derive(Debug)]
pub(super) struct Contributions {
    all: Vec<Contribution>,
    /// The mean of C.
    pub constant: f64,
    /// The steepest slope along v.
    steepest_v: f64,
}

impl Contributions {
    pub(super) fn new(samples: &Samples, slice: &Slice) -> Contributions {
        let labelled = samples.features().par_iter().zip(samples.labels());
        let (constants, mut all): (Vec<f64>, Vec<Contribution>) = labelled
            .map(|(&x, &label)| contribution(slice, x, usize::from(label)))
            .unzip();
        // Alike samples beside one another: they saturate together.
        all.sort_by(|a, b| {
            let tilt = |c: &Contribution| c.u.slope + c.v.slope;
            a.form.cmp(&b.form).then(tilt(a).total_cmp(&tilt(b)))
        });
        Contributions {
            constant: constants.iter().sum::<f64>() / constants.len() as f64,
            steepest_v: all.iter().map(|c| c.v.slope.abs()).fold(0.0, f64::max),
            all,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The greatest step of the exponent from row to row.
    pub(super) fn step_v(&self, domain: Domain, rows: usize) -> f64 {
        let [low, high] = domain.y_or_zero();
        self.steepest_v * (high - low) / (rows - 1) as f64
    }

    /// For the GPU, a multiple of [`BATCH`]. `None` if an exponent is beyond its fixed-point numbers.
    pub(super) fn on_grid(&self, domain: Domain, [cols, rows]: [usize; 2]) -> Option<Vec<Sample>> {
        let y = domain.y_or_zero();
        let mut samples = self
            .all
            .par_iter()
            .map(|c| {
                let fits = c.u.is_within(domain.x) && c.v.is_within(y);
                let [first_u, step_u] = c.u.nodes(domain.x, cols).map(fixed);
                let [first_v, step_v] = c.v.nodes(y, rows).map(fixed);
                fits.then_some(Sample {
                    first_u,
                    step_u,
                    first_v,
                    step_v,
                    kappa: c.kappa,
                    form: c.form,
                })
            })
            .collect::<Option<Vec<Sample>>>()?;
        // Padding contributes w = 2^-100, which is nothing.
        let nothing = Sample {
            first_u: fixed(-100.0),
            step_u: fixed(0.0),
            first_v: fixed(0.0),
            step_v: fixed(0.0),
            kappa: EPSILON as f32,
            form: 0,
        };
        samples.resize(samples.len().next_multiple_of(BATCH), nothing);
        Some(samples)
    }
}

/// C, and the rest.
fn contribution(slice: &Slice, x: [f64; FEATURES], label: usize) -> (f64, Contribution) {
    let place = |weight: usize| (weight / CLASSES, weight % CLASSES);
    let ((f, c), (g, d)) = (place(slice.u), place(slice.v));
    let product = |feature: usize, class: usize| {
        let weight = feature * CLASSES + class;
        match weight == slice.u || weight == slice.v {
            true => 0.0,
            false => x[feature] * slice.weights[weight],
        }
    };
    // The logits as far as they do not vary.
    let z: [f64; CLASSES] = std::array::from_fn(|class| product(0, class) + product(1, class));
    let stays = |class: &usize| *class != c && *class != d;
    let greatest = (0..CLASSES)
        .filter(stays)
        .map(|i| z[i])
        .fold(f64::MIN, f64::max);
    let sum: f64 = (0..CLASSES)
        .filter(stays)
        .map(|i| (z[i] - greatest).exp())
        .sum();
    let log_s = greatest + sum.ln();

    let log2 = |at_zero: f64, slope: f64| Line {
        at_zero: at_zero * std::f64::consts::LOG2_E,
        slope: slope * std::f64::consts::LOG2_E,
    };
    let inverse = |line: Line| Line {
        at_zero: -line.at_zero,
        slope: -line.slope,
    };
    let u = log2(z[c] - log_s, x[f]);
    let v = match c == d {
        true => log2(0.0, x[g]),
        false => log2(z[d] - log_s, x[g]),
    };
    let (u, v, form) = match (label == c, label == d) {
        (true, true) => (inverse(u), inverse(v), 0),
        (true, false) => (inverse(u), v, ONE_PLUS_V),
        (false, true) => (u, inverse(v), ONE_PLUS_U),
        (false, false) if c == d => (u, v, 0),
        (false, false) => (u, v, SUM),
    };
    let k = match stays(&label) {
        true => (z[label] - log_s).exp(),
        false => 1.0,
    };
    let contribution = Contribution {
        u,
        v,
        kappa: (EPSILON / (k + EPSILON)) as f32,
        form,
    };
    (-(k + EPSILON).ln(), contribution)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::Objective;
    use crate::objective::softmax::{Softmax, WEIGHTS};
    use std::sync::Arc;

    /// The loss as the GPU takes it together, in f64.
    fn loss(contributions: &Contributions, a: f64, b: f64) -> f64 {
        let term = |c: &Contribution| {
            let factor = |line: Line, at, one_plus| {
                line.at(at).exp2() + f64::from(u8::from(c.form & one_plus != 0))
            };
            let (u, v) = (factor(c.u, a, ONE_PLUS_U), factor(c.v, b, ONE_PLUS_V));
            let w = if c.form & SUM != 0 { u + v } else { u * v };
            w.ln_1p() - (f64::from(c.kappa) * w).ln_1p()
        };
        let sum: f64 = contributions.all.iter().map(term).sum();
        contributions.constant + sum / contributions.len() as f64
    }

    #[test]
    fn contributions_add_up_to_the_loss() {
        let features = (0..40).map(|i| [f64::from(i % 7) * 0.4 - 1.0, f64::from(i % 5) - 1.7]);
        let labels = (0..40).map(|i| i % 10).collect();
        let samples = Arc::new(Samples::new(features.collect(), labels).expect("samples"));
        let mut weights: [f64; WEIGHTS] = std::array::from_fn(|i| (i as f64 * 1.3).sin());
        weights[7] = -40.0;
        for (u, v) in [(0, 10), (13, 3), (0, 1), (4, 17), (12, 9), (15, 16)] {
            let slice = Slice { weights, u, v };
            let contributions = Contributions::new(&samples, &slice);
            for (a, b) in [(0.0, 0.0), (3.0, -2.0), (-7.0, 5.0), (0.1, 9.0)] {
                (weights[u], weights[v]) = (a, b);
                let expected = Softmax::new(samples.clone()).value(&weights);
                let found = loss(&contributions, a, b);
                assert!(
                    (found - expected).abs() < 1e-8 * expected,
                    "{u}, {v} at ({a}, {b}): {found} instead of {expected}"
                );
            }
            weights[u] = slice.weights[u];
            weights[v] = slice.weights[v];
        }
    }

    #[test]
    fn exponents_beyond_the_fixed_point_numbers_are_refused() {
        let samples = Samples::new(vec![[1.0, 2.0]], vec![3]).expect("samples");
        let slice = Slice {
            weights: [0.0; WEIGHTS],
            u: 0,
            v: 10,
        };
        let contributions = Contributions::new(&samples, &slice);
        for (end, fits) in [(1e3, true), (1e5, true), (1e7, false), (1e300, false)] {
            let domain = Domain {
                x: [-1.0, 1.0],
                y: Some([0.0, end]),
            };
            assert_eq!(
                contributions.on_grid(domain, [2, 2]).is_some(),
                fits,
                "{end}"
            );
        }
    }
}

//! RAdam: Adam that trusts its mean of squares only once that has seen enough.
//!
//! Source: Liu et al., "On the variance of the adaptive learning rate and beyond" (2020), algorithm 2; ε beside √v before
//! the correction, as in PyTorch.

use super::adagrad::EPS;
use super::adam::{
    ADD_M, ADD_V, BETA1, BETA2, CORRECT_M, FADE_M, FADE_V, M, M_HAT, STEP, V, average, correct,
};
use super::elementwise::{Coordinate, Elementwise, MAX_SHARED, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb, When};
use super::{RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "radam",
    title: "RAdam",
    about: "Adam that sets out as plain momentum and divides by its mean of squares only once that has seen enough.",
    formula: "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\n\
              w ← w − η r m̂ √(1 − β₂^t) / (√v + ε),  or w − η m̂ as long as ρ ≤ 5\n\
              m̂ = m/(1 − β₁^t),  ρ = ρ∞ − 2t β₂^t/(1 − β₂^t),  ρ∞ = 2/(1 − β₂) − 1\n\
              r² = (ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ)",
    variants: &[],
    source: "Liu et al. 2020",
    usual_rate: 0.1,
    kin: Some("adam"),
    params: &[BETA1, BETA2, EPS],
    quantities: &[
        G,
        M,
        V,
        M_HAT,
        Quantity {
            key: "d",
            symbol: "d",
            unit: Unit::Direction,
            part: Part::Update,
            about: "the direction: the mean of gradients, divided by its usual size once that is known well enough",
        },
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        FADE_M,
        ADD_M,
        FADE_V,
        ADD_V,
        Phase {
            when: When::Always,
            ..CORRECT_M
        },
        Phase::new(
            Verb::Take,
            "d",
            &["m_hat", "v"],
            "r m̂ √(1 − β₂^t) / (√v + ε)",
            "As far as the mean of squares can be trusted, each component is divided by its root; in the first steps it is not: {d}.",
        ),
        STEP,
    ],
    stability: Stability::None,
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["m", "v"];

    /// Beside Adam's: t, the rectification r (0 while there is none) and √(1 − β₂ᵗ).
    #[inline(always)]
    fn prepare<S: Scalar>(params: &[S], _: S, shared: &mut [S; MAX_SHARED], first: bool) {
        correct(params, S::one(), shared, first);
        let number = S::from_f64;
        if first {
            shared[4] = number(0.0);
        }
        let t = shared[4] + S::one();
        let most = number(2.0) / (S::one() - params[1]) - S::one();
        let rho = most - number(2.0) * t * shared[1] / shared[3];
        let above = (rho - number(4.0)) * (rho - number(2.0)) * most;
        let below = (most - number(4.0)) * (most - number(2.0)) * rho;
        let known = (rho - number(5.0)).where_positive(S::one(), number(0.0));
        let r = known.where_positive((above / below).abs().sqrt(), number(0.0));
        (shared[4], shared[5], shared[6]) = (t, r, shared[3].sqrt());
    }

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let eps = c.params[2];
        average(c);
        let m_hat = c.put(c.state[0] / c.shared[2]);
        let scaled = (c.shared[5] * m_hat * c.shared[6]).over(c.state[1].sqrt() + eps);
        let d = c.put(c.shared[5].where_positive(scaled, m_hat));
        c.w + c.put(-(c.rate * d))
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::Rule;

    /// Numbers of PyTorch's recurrence, worked out apart: g = 2x from 1, rate 0.1.
    #[test]
    fn it_sets_out_as_momentum_and_is_rectified_from_the_sixth_step() {
        let mut optimizer = Rule::named("radam").expect("a rule").build(1);
        let mut w = [1.0];
        let mut path = vec![w[0]];
        let mut gradient = |w: &[f64], out: &mut [f64]| out[0] = 2.0 * w[0];
        for _ in 0..20 {
            optimizer.step(&mut w, 0.1, &mut gradient, None);
            path.push(w[0]);
        }
        for (step, value) in EXPECTED {
            assert!(
                (path[step] - value).abs() < 1e-12,
                "{} at {step}",
                path[step]
            );
        }
    }

    const EXPECTED: [(usize, f64); 3] = [
        (5, 0.20164796308087307),
        (6, 0.19951804056282021),
        (20, 0.14473623757217996),
    ];
}

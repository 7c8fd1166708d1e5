//! Quasi-hyperbolic Adam: Adam whose two means are mixed with the newest gradient and its square.
//!
//! Source: Ma and Yarats, "Quasi-hyperbolic momentum and Adam for deep learning" (2019); bias
//! correction and the place of ε as in the authors' code. The authors use β₁ 0.995 in trainings of many thousand steps; of the
//! hundred or so that are watched here 0.95 shows the same.

use super::adagrad::EPS;
use super::adam::{
    ADD_M, ADD_V, BETA1, BETA2, BIAS_CORRECTION, CORRECT_M, CORRECT_V, FADE_M, FADE_V, M, M_HAT,
    STEP, V, V_HAT, average, correct,
};
use super::elementwise::{Coordinate, Elementwise, MAX_SHARED, Scalar, build};
use super::lanes::LaneRule;
use super::qhm::{NU, limit};
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "qhadam",
    title: "QHAdam",
    about: "Adam that gives the newest gradient a weight of its own beside the long mean.",
    formula: "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\n\
              w ← w − η ((1 − ν₁) g + ν₁ m̂) / (√s + ε)\n\
              s = (1 − ν₂) g² + ν₂ v̂,  m̂ = m/(1 − β₁^t),  v̂ = v/(1 − β₂^t)",
    variants: &[(
        "bias_correction",
        "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\n\
         w ← w − η ((1 − ν₁) g + ν₁ m̂) / (√s + ε)\n\
         s = (1 − ν₂) g² + ν₂ v̂,  m̂ = m,  v̂ = v",
    )],
    source: "Ma & Yarats 2019",
    usual_rate: 0.1,
    kin: Some("adam"),
    params: &[
        Param {
            default: 0.95,
            ..BETA1
        },
        BETA2,
        EPS,
        Param {
            key: "nu1",
            symbol: "ν₁",
            ..NU
        },
        Param {
            key: "nu2",
            symbol: "ν₂",
            default: 1.0,
            about: "How much of the mean of squares the step is divided by; the rest is the newest square. 1 is Adam's; usual 1.",
            ..NU
        },
        BIAS_CORRECTION,
    ],
    quantities: &[
        G,
        M,
        V,
        M_HAT,
        V_HAT,
        Quantity {
            key: "n",
            symbol: "n",
            unit: Unit::Slope,
            part: Part::Momentum,
            about: "the mixture of the newest gradient and the mean",
        },
        Quantity {
            key: "s",
            symbol: "s",
            unit: Unit::Square,
            part: Part::Squares,
            about: "the mixture of the newest square and the mean of squares",
        },
        Quantity {
            key: "d",
            symbol: "d",
            unit: Unit::Direction,
            part: Part::Update,
            about: "the direction: what is left of the mixture when its usual size is divided out",
        },
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        FADE_M,
        ADD_M,
        FADE_V,
        ADD_V,
        CORRECT_M,
        CORRECT_V,
        Phase::new(
            Verb::Take,
            "n",
            &["g", "m_hat"],
            "(1 − ν₁) g + ν₁ m̂",
            "Gradient and mean are mixed, {nu1} of it the mean: {n}.",
        ),
        Phase::new(
            Verb::Take,
            "s",
            &["v_hat"],
            "(1 − ν₂) g² + ν₂ v̂",
            "So are their squares, {nu2} of it the mean: {s}.",
        ),
        Phase::new(
            Verb::Take,
            "d",
            &["n", "s"],
            "/ (√s + ε)",
            "Each component is divided by its half-side: {d}. Steep and flat directions move alike.",
        ),
        STEP,
    ],
    stability: Stability::Scaled {
        by: "s",
        eps: "eps",
        limit: |params| limit(params[0], params[3]),
    },
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["m", "v"];

    #[inline(always)]
    fn prepare<S: Scalar>(params: &[S], _: S, shared: &mut [S; MAX_SHARED], first: bool) {
        correct(params, params[5], shared, first);
    }

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let (eps, nu1, nu2) = (c.params[2], c.params[3], c.params[4]);
        average(c);
        let m_hat = c.put(c.state[0] / c.shared[2]);
        let v_hat = c.put(c.state[1] / c.shared[3]);
        let n = c.put((S::one() - nu1) * c.g + nu1 * m_hat);
        let s = c.put((S::one() - nu2) * c.g * c.g + nu2 * v_hat);
        let root = s.sqrt() + eps;
        c.put(n.over(root));
        c.w + c.put(-(c.rate * n).over(root))
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::Rule;
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // g = 2x, β 0.5, ε 0, ν₁ 0.5, ν₂ 1: at first all means are g: w = 0.9; then g = 1.8, m̂ = 1.4/0.75, v̂ = 2.62/0.75
        let n = 0.5 * 1.8 + 0.5 * 1.4 / 0.75;
        let path = [0.9, 0.9 - 0.1 * n / (2.62f64 / 0.75).sqrt()];
        let params = [0.5, 0.5, 0.0, 0.5, 1.0, 1.0];
        verify("qhadam", &params, 0.1, |x| 2.0 * x, 1.0, &path);
    }

    #[test]
    fn with_both_shares_1_it_is_adam() {
        let mut rules = ["qhadam", "adam"].map(|name| Rule::named(name).expect("a rule"));
        for (key, value) in [("nu1", 1.0), ("nu2", 1.0), ("beta1", 0.9)] {
            assert!(rules[0].set(key, value));
        }
        let mut gradient = |w: &[f64], out: &mut [f64]| out.copy_from_slice(&[3.0 * w[0], w[1]]);
        let ends = rules.map(|rule| {
            let mut optimizer = rule.build(2);
            let mut w = [1.0, -2.0];
            (0..50).for_each(|_| optimizer.step(&mut w, 0.05, &mut gradient, None));
            w
        });
        assert_eq!(ends[0], ends[1]);
    }
}

//! NAdam: Adam with Nesterov's look-ahead folded into the momentum.
//!
//! Source: Dozat, "Incorporating Nesterov momentum into Adam" (2016), with the warm-up of the
//! momentum `μ = β₁(1 − ½·0.96^(tψ)), μ' the next, Π their products` and PyTorch's default ψ = 0.004.

use super::adagrad::EPS;
use super::adam::{
    ADD_M, ADD_V, BETA1, BETA2, CORRECT_V, D, DIVIDE, FADE_M, FADE_V, M, M_HAT, STEP, V, V_HAT,
    average, correct, divide,
};
use super::elementwise::{Coordinate, Elementwise, MAX_SHARED, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Phase, Quantity, TAKE_G, UPDATE, Verb, When};
use super::{Param, ParamKind, RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "nadam",
    title: "NAdam",
    about: "Adam that counts the newest gradient twice, as if it looked one step ahead.",
    formula: "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\n\
              w ← w − η m̂ / (√v̂ + ε),  v̂ = v/(1 − β₂^t),  μ = β₁(1 − ½·0.96^(tψ)), μ' the next, Π their products\n\
              m̂ = μ' m/(1 − Π') + (1 − μ) g/(1 − Π)",
    variants: &[],
    source: "Dozat 2016",
    usual_rate: 0.1,
    kin: None,
    params: &[
        BETA1,
        BETA2,
        EPS,
        Param {
            key: "momentum_decay",
            symbol: "ψ",
            kind: ParamKind::Number,
            default: 0.004,
            min: 0.0,
            max: 1.0,
            max_excluded: false,
            about: "How fast the momentum warms up from half of β₁ to β₁. Larger is faster; \
                    usual 0.004.",
        },
    ],
    quantities: &[
        G,
        M,
        V,
        Quantity {
            about: "the mean of gradients a step ahead: with the newest one counted again",
            ..M_HAT
        },
        V_HAT,
        D,
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        FADE_M,
        ADD_M,
        FADE_V,
        ADD_V,
        Phase::new(
            Verb::Take,
            "m_hat",
            &["m", "g"],
            "m̂ = μ' m/(1 − Π') + (1 − μ) g/(1 − Π)",
            "The mean as it will be a step ahead, with the newest gradient counted again: {m_hat}.",
        ),
        Phase {
            when: When::Always,
            ..CORRECT_V
        },
        DIVIDE,
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

    /// Beside Adam's: t, ∏ μ so far, and the weights of m and g in m̂.
    #[inline(always)]
    fn prepare<S: Scalar>(params: &[S], _: S, shared: &mut [S; MAX_SHARED], first: bool) {
        correct(params, S::one(), shared, first);
        if first {
            (shared[4], shared[5]) = (S::from_f64(0.0), S::one());
        }
        let momentum = |t: S| {
            let warm = S::from_f64(0.96).pow(t * params[3]);
            params[0] * (S::one() - S::from_f64(0.5) * warm)
        };
        shared[4] = shared[4] + S::one();
        let (now, next) = (momentum(shared[4]), momentum(shared[4] + S::one()));
        shared[5] = shared[5] * now;
        shared[6] = next / (S::one() - shared[5] * next);
        shared[7] = (S::one() - now) / (S::one() - shared[5]);
    }

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        average(c);
        let m_hat = c.put(c.shared[6] * c.state[0] + c.shared[7] * c.g);
        let v_hat = c.put(c.state[1] / c.shared[3]);
        c.w + divide(c, m_hat, v_hat)
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // ψ 0 makes μ = β₁/2 = 0.25 throughout. Constant g = 1, β₂ 0.5, ε 0: √v̂ = 1.
        // t = 1: m = 0.5, m̂ = 0.25·0.5/(1 − 1/16) + 0.75/(1 − 1/4)
        // t = 2: m = 0.75, m̂ = 0.25·0.75/(1 − 1/64) + 0.75/(1 − 1/16)
        let first = -(0.125 / (15.0 / 16.0) + 1.0);
        let second = first - (0.1875 / (63.0 / 64.0) + 0.8);
        let params = [0.5, 0.5, 0.0, 0.0];
        verify("nadam", &params, 1.0, |_| 1.0, 0.0, &[first, second]);
    }

    #[test]
    fn the_momentum_warms_up() {
        // μ₁ = 0.9(1 − ½·0.96^0.5), μ₂ = 0.9(1 − ½·0.96); constant g = 1, β₂ any, ε 0
        let mu = |t: f64| 0.9 * (1.0 - 0.5 * 0.96f64.powf(t * 0.5));
        let first =
            -(mu(2.0) * 0.1 / (1.0 - mu(1.0) * mu(2.0)) + (1.0 - mu(1.0)) / (1.0 - mu(1.0)));
        let params = [0.9, 0.999, 0.0, 0.5];
        verify("nadam", &params, 1.0, |_| 1.0, 0.0, &[first]);
    }
}

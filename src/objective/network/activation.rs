//! Activations with their first two derivatives, over many samples at once.

use crate::objective::softmax::lanes::{Fused, exp, mul_add};

/// What follows each hidden layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Activation {
    #[default]
    Tanh,
    /// max(0, z), with slope 0 at 0.
    Relu,
    /// 1/(1 + e⁻ᶻ).
    Sigmoid,
    /// z·Φ(z) with the normal distribution's Φ (Hendrycks & Gimpel 2016): PyTorch's default, not its approximation by tanh.
    Gelu,
    /// z itself.
    Linear,
}

impl Activation {
    /// With their names in files.
    pub const NAMED: [(&'static str, Activation); 5] = [
        ("tanh", Activation::Tanh),
        ("relu", Activation::Relu),
        ("sigmoid", Activation::Sigmoid),
        ("gelu", Activation::Gelu),
        ("linear", Activation::Linear),
    ];

    /// The name in files.
    pub fn name(self) -> &'static str {
        let named = Activation::NAMED.iter().find(|(_, a)| *a == self);
        named.map_or("", |(name, _)| name)
    }

    /// About how many multiplications one value takes.
    pub(super) fn cost(self) -> usize {
        match self {
            Activation::Tanh | Activation::Sigmoid => 30,
            Activation::Gelu => 60,
            Activation::Relu | Activation::Linear => 1,
        }
    }
}

/// Replaces every z by its activation, and writes the first derivative into `slopes` and the second into `bends`, as far as
/// those are there.
#[inline(always)]
pub(super) fn activate<S: Fused>(
    activation: Activation,
    z: &mut [f64],
    slopes: Option<&mut [f64]>,
    bends: Option<&mut [f64]>,
) {
    match activation {
        Activation::Tanh => each(z, slopes, bends, |z| {
            let a = tanh::<S>(z);
            let slope = 1.0 - a * a;
            [a, slope, -2.0 * a * slope]
        }),
        Activation::Sigmoid => each(z, slopes, bends, |z| {
            let a = 1.0 / (1.0 + exp::<S>(-z));
            let slope = a * (1.0 - a);
            [a, slope, slope * (1.0 - 2.0 * a)]
        }),
        Activation::Relu => each(z, slopes, bends, |z| {
            // What is not a number stays none.
            let a = if z < 0.0 { 0.0 } else { z };
            [a, f64::from(u8::from(z > 0.0)), 0.0]
        }),
        Activation::Gelu => each(z, slopes, bends, |z| {
            use std::f64::consts::{FRAC_1_SQRT_2, TAU};
            let below = 0.5 * libm::erfc(-z * FRAC_1_SQRT_2);
            let density = (-0.5 * z * z).exp() / TAU.sqrt();
            [z * below, below + z * density, density * (2.0 - z * z)]
        }),
        Activation::Linear => each(z, slopes, bends, |z| [z, 1.0, 0.0]),
    }
}

#[inline(always)]
fn each(
    z: &mut [f64],
    slopes: Option<&mut [f64]>,
    bends: Option<&mut [f64]>,
    function: impl Fn(f64) -> [f64; 3],
) {
    match (slopes, bends) {
        (Some(slopes), Some(bends)) => {
            for ((z, slope), bend) in z.iter_mut().zip(slopes).zip(bends) {
                [*z, *slope, *bend] = function(*z);
            }
        }
        (Some(slopes), None) => {
            for (z, slope) in z.iter_mut().zip(slopes) {
                [*z, *slope, _] = function(*z);
            }
        }
        (None, _) => z.iter_mut().for_each(|z| [*z, ..] = function(*z)),
    }
}

/// The hyperbolic tangent to 2 ulp: near 0 a rational function (Cephes), further out 1 − 2/(e²ᶻ + 1), both at once, so
/// that lanes need not part.
#[inline(always)]
pub(super) fn tanh<S: Fused>(x: f64) -> f64 {
    const P: [f64; 3] = [
        -9.643_991_794_250_522e-1,
        -9.928_772_310_019_186e1,
        -1.614_687_684_417_084_5e3,
    ];
    const Q: [f64; 3] = [
        1.128_116_784_916_329_3e2,
        2.235_488_390_601_004_5e3,
        4.844_063_053_251_255e3,
    ];
    let size = x.abs();
    let is_small = size < 0.625;
    // From here on the tangent is 1.
    let bounded = if size > 20.0 { 20.0 } else { size };
    let e = exp::<S>(2.0 * bounded);
    let z = bounded * bounded;
    let p = mul_add::<S>(mul_add::<S>(P[0], z, P[1]), z, P[2]) * z;
    let q = mul_add::<S>(mul_add::<S>(z + Q[0], z, Q[1]), z, Q[2]);
    let above = if is_small { p } else { -2.0 };
    let below = if is_small { q } else { e + 1.0 };
    let (factor, base) = if is_small {
        (bounded, bounded)
    } else {
        (1.0, 1.0)
    };
    mul_add::<S>(above / below, factor, base).copysign(x)
}

#[cfg(test)]
mod tests {
    use pulp::{Simd, WithSimd};

    use super::*;
    use crate::objective::softmax::lanes::{available, dispatch, name};

    struct Run<'a> {
        activation: Activation,
        z: &'a mut [f64],
        slopes: &'a mut [f64],
        bends: &'a mut [f64],
    }

    impl WithSimd for Run<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            activate::<S>(self.activation, self.z, Some(self.slopes), Some(self.bends));
        }
    }

    fn run(activation: Activation, at: &[f64]) -> Vec<[Vec<f64>; 3]> {
        let of = |arch| {
            let mut out = [at.to_vec(), vec![0.0; at.len()], vec![0.0; at.len()]];
            let [z, slopes, bends] = &mut out;
            let run = Run {
                activation,
                z,
                slopes,
                bends,
            };
            dispatch(arch, run);
            out
        };
        available().into_iter().map(of).collect()
    }

    #[test]
    fn tanh_is_within_two_units_in_the_last_place() {
        let mut at: Vec<f64> = (-80_000..80_000)
            .map(|i| f64::from(i) * 0.000_313)
            .collect();
        at.extend([1e-300, -1e-9, 0.0, -0.0, 0.624_999, 0.625, 1e300]);
        for (found, arch) in run(Activation::Tanh, &at).iter().zip(available()) {
            let mut most: f64 = 0.0;
            for (x, found) in at.iter().zip(&found[0]) {
                let exact = libm::tanh(*x);
                let unit = (exact.abs() * f64::EPSILON).max(f64::MIN_POSITIVE);
                most = most.max((found - exact).abs() / unit);
            }
            assert!(most <= 2.0, "{}: {most} ulp", name(arch));
        }
    }

    #[test]
    fn extremes_stay_what_they_are() {
        let at = [
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            -0.0,
            1e300,
            -1e300,
        ];
        for found in run(Activation::Tanh, &at) {
            assert_eq!(found[0][..2], [1.0, -1.0]);
            assert!(found[0][2].is_nan() && found[0][3].is_sign_negative());
        }
        for (_, activation) in Activation::NAMED {
            for found in run(activation, &at) {
                assert!(found[0][2].is_nan(), "{activation:?} of NaN");
                assert!(found[0][4] > 0.9, "{activation:?} of much");
            }
        }
    }

    #[test]
    fn derivatives_are_those_of_the_values() {
        let h = 1e-5;
        for (_, activation) in Activation::NAMED {
            let at: Vec<f64> = (-37..37).map(|i| f64::from(i) * 0.17 + 0.03).collect();
            let beside = |h: f64| run(activation, &at.iter().map(|x| x + h).collect::<Vec<_>>());
            let (here, before, behind) = (run(activation, &at), beside(-h), beside(h));
            for order in 0..2 {
                for k in 0..at.len() {
                    let slope = (behind[0][order][k] - before[0][order][k]) / (2.0 * h);
                    let error = (here[0][order + 1][k] - slope).abs();
                    assert!(error < 1e-9, "{activation:?} at {}: {error}", at[k]);
                }
            }
        }
    }
}

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
        Activation::Tanh => each::<S, TanhCurve>(z, slopes, bends),
        Activation::Sigmoid => each::<S, SigmoidCurve>(z, slopes, bends),
        Activation::Relu => each::<S, ReluCurve>(z, slopes, bends),
        Activation::Gelu => each::<S, GeluCurve>(z, slopes, bends),
        Activation::Linear => each::<S, LinearCurve>(z, slopes, bends),
    }
}

/// One activation. It is no closure, since what is not worked into its caller has no vector instructions.
trait Curve {
    /// The value, and the first two derivatives.
    fn at<S: Fused>(z: f64) -> [f64; 3];
}

struct TanhCurve;
struct SigmoidCurve;
struct ReluCurve;
struct GeluCurve;
struct LinearCurve;

impl Curve for TanhCurve {
    #[inline(always)]
    fn at<S: Fused>(z: f64) -> [f64; 3] {
        let a = tanh::<S>(z);
        let slope = 1.0 - a * a;
        [a, slope, -2.0 * a * slope]
    }
}

impl Curve for SigmoidCurve {
    #[inline(always)]
    fn at<S: Fused>(z: f64) -> [f64; 3] {
        let a = 1.0 / (1.0 + exp::<S>(-z));
        let slope = a * (1.0 - a);
        [a, slope, slope * (1.0 - 2.0 * a)]
    }
}

impl Curve for ReluCurve {
    #[inline(always)]
    fn at<S: Fused>(z: f64) -> [f64; 3] {
        // What is not a number stays none.
        let a = if z < 0.0 { 0.0 } else { z };
        [a, f64::from(u8::from(z > 0.0)), 0.0]
    }
}

impl Curve for GeluCurve {
    #[inline(always)]
    fn at<S: Fused>(z: f64) -> [f64; 3] {
        let [below, density, near] = normal::<S>(z);
        [
            near * below,
            below + near * density,
            density * (2.0 - near * near),
        ]
    }
}

impl Curve for LinearCurve {
    #[inline(always)]
    fn at<S: Fused>(z: f64) -> [f64; 3] {
        [z, 1.0, 0.0]
    }
}

#[inline(always)]
fn each<S: Fused, C: Curve>(z: &mut [f64], slopes: Option<&mut [f64]>, bends: Option<&mut [f64]>) {
    match (slopes, bends) {
        (Some(slopes), Some(bends)) => {
            for ((z, slope), bend) in z.iter_mut().zip(slopes).zip(bends) {
                [*z, *slope, *bend] = C::at::<S>(*z);
            }
        }
        (Some(slopes), None) => {
            for (z, slope) in z.iter_mut().zip(slopes) {
                [*z, *slope, _] = C::at::<S>(*z);
            }
        }
        (None, _) => {
            for z in z {
                [*z, ..] = C::at::<S>(*z);
            }
        }
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

/// The normal distribution at z, Φ and its density, to 8 ulp relative each, and z itself, but no less than −40, where both are nothing.
///
/// Φ(−s) = e^(−s²/2)·Q(s), and Q(s)·(s + 5) is a smooth function of (s − 5)/(s + 5) for all s ≥ 0 (Shepherd & Laframboise 1981).
#[inline(always)]
fn normal<S: Fused>(z: f64) -> [f64; 3] {
    const FURTHEST: f64 = 40.0;
    // The square of what is left of a number has no more digits than a number.
    const HALF: u64 = !0 << 27;
    let near = if z < -FURTHEST { -FURTHEST } else { z };
    let size = near.abs();
    let size = if size > FURTHEST { FURTHEST } else { size };
    let rough = f64::from_bits(size.to_bits() & HALF);
    let rest = 0.5 * (size - rough) * (size + rough);
    // e^(−rest) of what is below 1e-4.
    let rest = mul_add::<S>(mul_add::<S>(rest, 0.5, -1.0), rest, 1.0);
    let bell = exp::<S>(-0.5 * rough * rough) * rest;
    let share = 1.0 / (size + 5.0);
    let y = mul_add::<S>(-10.0, share, 1.0);
    let mut sum = TAIL[0];
    for coefficient in &TAIL[1..] {
        sum = mul_add::<S>(sum, y, *coefficient);
    }
    let tail = bell * (sum * share);
    let below = if z > 0.0 { 1.0 - tail } else { tail };
    [below, bell * ROOT_TAU_RECIPROCAL, near]
}

/// 1/√(2π).
const ROOT_TAU_RECIPROCAL: f64 = 0.398_942_280_401_432_7;

/// The polynomial through Q(s)·(s + 5) at Chebyshev's nodes, the highest power first.
const TAIL: [f64; 23] = [
    -8.166_192_624_428_987e-10,
    5.037_302_126_379_857e-10,
    9.446_827_519_677_366e-09,
    -5.015_649_939_857_857e-09,
    -6.782_555_313_291_156e-08,
    3.581_840_051_543_223e-08,
    4.340_262_594_829_775e-07,
    -3.310_698_071_526_862e-07,
    -2.769_337_871_043_854e-06,
    3.977_912_640_593_242e-06,
    1.668_109_911_586_346_8e-05,
    -4.976_177_118_979_218e-05,
    -5.937_567_328_648_865_5e-05,
    0.000_544_898_830_900_93,
    -0.000_797_869_409_480_806_3,
    -0.002_993_376_738_223_22,
    0.020_795_066_800_941_616,
    -0.069_118_638_708_814_32,
    0.165_020_366_170_342_82,
    -0.313_533_156_671_213_8,
    0.495_305_615_969_976_8,
    -0.665_382_502_890_057_7,
    0.769_193_049_750_063,
];

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
    fn gelu_is_as_good_as_the_library_s_error_function() {
        let mut at: Vec<f64> = (-37_000..37_000)
            .map(|i| f64::from(i) * 0.001_013)
            .collect();
        at.extend([1e-300, -1e-9, 0.0, 5.0, -5.0]);
        for (found, arch) in run(Activation::Gelu, &at).iter().zip(available()) {
            let mut most = [0.0_f64; 2];
            for (k, x) in at.iter().enumerate() {
                let below = 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
                let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
                // The library is given a rounded argument, and its exponent is the square of that.
                let unit = f64::EPSILON * (1.0 + 0.5 * x * x);
                let error = |found: f64, exact: f64, size: f64| {
                    (found - exact).abs() / (unit * size + f64::MIN_POSITIVE)
                };
                let [value, slope] = [found[0][k], found[1][k]];
                most[0] = most[0].max(error(value, x * below, (x * below).abs()));
                let size = below + (x * density).abs();
                most[1] = most[1].max(error(slope, below + x * density, size));
            }
            assert!(most[0] <= 6.0 && most[1] <= 6.0, "{}: {most:?}", name(arch));
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

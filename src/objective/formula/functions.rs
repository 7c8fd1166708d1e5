//! Exponential, logarithm, sine and cosine, of one number or of one a lane, the same to the last bit.
//!
//! Platforms' libraries differ in their last bits and take one number at a time. These are within 1 ulp of the exact value
//! everywhere and nothing but sums, products and choices, so that compilers spread them over lanes, and round alike on every
//! machine: no product is fused with a sum. The methods are those of fdlibm (Sun Microsystems, 1993): an argument is reduced
//! in several parts (Cody and Waite, 1980), and a polynomial does the rest.

use std::f64::consts::{FRAC_2_PI, LOG2_E};

/// Adding it leaves a number's nearest whole number in the last bits.
const SHIFT: f64 = 6_755_399_441_055_744.0;
const ONE: u64 = 1023 << 52;

/// ln 2 in two parts, of which the first has so few bits that a whole number times it is exact.
const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];

/// (eʳ − 1 − r)/r² for |r| ≤ ln 2 / 2 to 2⁻⁶¹: interpolated where Chebyshev's polynomial is 0.
const EXP: [f64; 11] = [
    0.5,
    0.1666666666666667,
    0.04166666666666667,
    0.008333333333326141,
    0.0013888888888883752,
    0.00019841269874800683,
    2.4801587325533502e-5,
    2.75572554255029e-6,
    2.7557273661174726e-7,
    2.5105206475334834e-8,
    2.091467944897855e-9,
];

/// eˣ.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    // Beyond, it is 0 or infinite as well.
    let x = if x < -1000.0 { -1000.0 } else { x };
    let x = if x > 1000.0 { 1000.0 } else { x };
    let n = x * LOG2_E + SHIFT - SHIFT;
    let (high, low) = (x - n * LN_2[0], n * LN_2[1]);
    let r = high - low;
    let rest = (high - r) - low;
    let r2 = r * r;
    let r4 = r2 * r2;
    let c = |k: usize| EXP[k] + EXP[k + 1] * r;
    let p = c(0) + r2 * c(2) + r4 * (c(4) + r2 * c(6) + r4 * (c(8) + r2 * EXP[10]));
    let one = 1.0 + r;
    let y = one + ((r - (one - 1.0)) + (rest + r2 * p));
    // 2ⁿ in two factors, either of which is a number.
    let half = 0.5 * n + SHIFT;
    let other = n - (half - SHIFT) + SHIFT;
    let power = |shifted: f64| f64::from_bits((shifted.to_bits() << 52).wrapping_add(ONE));
    y * power(half) * power(other)
}

/// The logarithm's series in s² with s = f/(2 + f) (fdlibm, `e_log.c`).
const LN: [f64; 7] = [
    0.6666666666666735,
    0.3999999999940942,
    0.2857142874366239,
    0.22222198432149784,
    0.1818357216161805,
    0.15313837699209373,
    0.14798198605116586,
];

/// ln x.
#[inline(always)]
pub(super) fn ln(x: f64) -> f64 {
    /// The high bits of √½.
    const ROOT: u64 = 0x3fe6_a09e << 32;
    const TWO_52: u64 = 0x433 << 52;
    let is_small = x < f64::MIN_POSITIVE;
    let normal = if is_small {
        x * 18_014_398_509_481_984.0
    } else {
        x
    };
    // x = 2ᵏ (1 + f) with √½ ≤ 1 + f < √2; the sum is k + 1023.
    let bits = normal.to_bits().wrapping_add(ONE).wrapping_sub(ROOT);
    let sum = f64::from_bits(TWO_52 | (bits >> 52)) - f64::from_bits(TWO_52);
    let k = sum - if is_small { 1023.0 + 54.0 } else { 1023.0 };
    let f = f64::from_bits((bits & ((1 << 52) - 1)).wrapping_add(ROOT)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = w * (LN[1] + w * (LN[3] + w * LN[5]));
    let even = z * (LN[0] + w * (LN[2] + w * (LN[4] + w * LN[6])));
    let half = 0.5 * f * f;
    let y = s * (half + (even + odd)) + k * LN_2[1] - half + f + k * LN_2[0];
    let y = if x > f64::MAX { x } else { y };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    // NaN is not above either.
    if x >= 0.0 { y } else { f64::NAN }
}

/// Up to here [`sin_cos_near`] goes.
const NEAR: f64 = 1e6;

/// π/2 in four parts, the first three of which have 33 bits, so that whole numbers up to 2²⁰ times them are exact.
const FRAC_PI_2: [f64; 4] = [
    1.570_796_326_734_125_6,
    6.077_100_506_303_966e-11,
    2.022_266_248_711_166_5e-21,
    8.478_427_660_368_9e-32,
];

/// The polynomials of sine and cosine for |r| ≤ π/4 (fdlibm, `k_sin.c` and `k_cos.c`).
const SIN: [f64; 6] = [
    -0.16666666666666632,
    0.00833333333332249,
    -0.0001984126982985795,
    2.7557313707070068e-6,
    -2.5050760253406863e-8,
    1.58969099521155e-10,
];
const COS: [f64; 6] = [
    0.0416666666666666,
    -0.001388888888887411,
    2.480158728947673e-5,
    -2.7557314351390663e-7,
    2.087572321298175e-9,
    -1.1359647557788195e-11,
];

/// sin x and cos x.
pub(super) fn sin_cos(x: f64) -> (f64, f64) {
    if x.abs() <= NEAR {
        sin_cos_near(x)
    } else {
        (libm::sin(x), libm::cos(x))
    }
}

/// The same where |x| ≤ [`NEAR`].
#[inline(always)]
fn sin_cos_near(x: f64) -> (f64, f64) {
    let shifted = x * FRAC_2_PI + SHIFT;
    let (n, quadrant) = (shifted - SHIFT, shifted.to_bits());
    // x − n π/2, part by part, with what rounding has lost.
    let (a, lost_a) = difference(x - n * FRAC_PI_2[0], n * FRAC_PI_2[1]);
    let (b, lost_b) = difference(a, n * FRAC_PI_2[2]);
    let over = n * FRAC_PI_2[3] - lost_a - lost_b;
    let r = b - over;
    let rest = (b - r) - over;

    let z = r * r;
    let w = z * z;
    let v = z * r;
    let p = SIN[1] + z * (SIN[2] + z * SIN[3]) + z * w * (SIN[4] + z * SIN[5]);
    let sin = r - ((z * (0.5 * rest - v * p) - rest) - v * SIN[0]);
    let p = z * (COS[0] + z * (COS[1] + z * COS[2])) + w * w * (COS[3] + z * (COS[4] + z * COS[5]));
    let half = 0.5 * z;
    let one = 1.0 - half;
    let cos = one + (((1.0 - one) - half) + (z * p - r * rest));

    let is_odd = quadrant & 1 == 1;
    let (a, b) = if is_odd { (cos, sin) } else { (sin, cos) };
    let negated = |x: f64, quadrants: u64| f64::from_bits(x.to_bits() ^ ((quadrants & 2) << 62));
    (negated(a, quadrant), negated(b, quadrant.wrapping_add(1)))
}

/// a − b, and what rounding has lost of it (Knuth's TwoSum).
#[inline(always)]
fn difference(a: f64, b: f64) -> (f64, f64) {
    let d = a - b;
    let c = d - a;
    (d, (a - (d - c)) - (b + c))
}

/// sin x and cos x of many numbers.
#[inline(always)]
pub(super) fn sines<const N: usize>(x: &[f64; N], sin: &mut [f64; N], cos: &mut [f64; N]) {
    let mut far = 0;
    for lane in 0..N {
        (sin[lane], cos[lane]) = sin_cos_near(x[lane]);
        far += u64::from(x[lane].abs() > NEAR);
    }
    if far > 0 {
        sines_afar(x, sin, cos);
    }
}

#[cold]
fn sines_afar<const N: usize>(x: &[f64; N], sin: &mut [f64; N], cos: &mut [f64; N]) {
    for lane in (0..N).filter(|&lane| x[lane].abs() > NEAR) {
        (sin[lane], cos[lane]) = sin_cos(x[lane]);
    }
}

#[cfg(test)]
mod tests;

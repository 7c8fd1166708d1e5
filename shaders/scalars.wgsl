// Elementary functions of one number in single precision, to a few units in the last place.
//
// WGSL promises little of its own: 2^-11 absolute for sine and cosine, 4096 units for the arctangent. These reduce the range and
// take the polynomials of Cephes (S. Moshier, netlib.org/cephes, single precision). Whether a number is finite is read off its
// bits, because compilers may assume that there are no others.

const PI = 3.14159265f;
const HALF_PI = 1.57079633f;
const LN_2 = 0.693147181f;
// What the logarithm is taken of as 2^k m, m from √½ to √2.
const ROOT_HALF = 0.707106781f;
const LEAST_NORMAL = 1.17549435e-38f;

// A variable, since no constant expression may be infinite.
var<private> infinity_bits: u32 = 0x7f800000u;
// Whether something on the way had no number, or has to be worked out in double precision.
var<private> is_odd: bool = false;

fn infinity() -> f32 {
    return bitcast<f32>(infinity_bits);
}

fn is_finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

fn is_infinite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u;
}

// Notes that a result counts only where this holds.
fn expect(holds: bool) {
    is_odd = is_odd || !holds;
}

// 2^n for n from -126 to 127.
fn power_of_two(n: i32) -> f32 {
    return bitcast<f32>(u32(n + 127) << 23u);
}

fn exp_of(x: f32) -> f32 {
    if x > 88.72283f {
        return infinity();
    }
    if x < -87.33654f {
        return 0.0f;
    }
    let n = round(x * 1.44269504f);
    let r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    var p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    let y = p * r * r + r + 1.0f;
    // Twice, since 2^128 is no number.
    let half = i32(n) / 2;
    return y * power_of_two(half) * power_of_two(i32(n) - half);
}

// ln(1 + x) for x from -0.3 to 0.42.
fn ln_near_one(x: f32) -> f32 {
    let z = x * x;
    var p = 7.0376836292e-2f;
    p = p * x - 1.1514610310e-1f;
    p = p * x + 1.1676998740e-1f;
    p = p * x - 1.2420140846e-1f;
    p = p * x + 1.4249322787e-1f;
    p = p * x - 1.6668057665e-1f;
    p = p * x + 2.0000714765e-1f;
    p = p * x - 2.4999993993e-1f;
    p = p * x + 3.3333331174e-1f;
    return x + (p * x * z - 0.5f * z);
}

// The exponent and the mantissa less 1 of a normal number above 0.
fn exponent_and_rest(x: f32) -> vec2f {
    let bits = bitcast<u32>(x);
    let exponent = i32(bits >> 23u) - 126;
    let mantissa = bitcast<f32>((bits & 0x007fffffu) | 0x3f000000u);
    if mantissa < ROOT_HALF {
        return vec2f(f32(exponent - 1), 2.0f * mantissa - 1.0f);
    }
    return vec2f(f32(exponent), mantissa - 1.0f);
}

// Whether there is a logarithm; infinity has itself.
fn has_ln(x: f32) -> bool {
    return x >= LEAST_NORMAL;
}

fn ln_of(x: f32) -> f32 {
    if !has_ln(x) || !is_finite(x) {
        return infinity();
    }
    let parts = exponent_and_rest(x);
    return (ln_near_one(parts.y) - parts.x * 2.12194440e-4f) + parts.x * 0.693359375f;
}

// Exact at powers of two.
fn log2_of(x: f32) -> f32 {
    if !has_ln(x) || !is_finite(x) {
        return infinity();
    }
    let parts = exponent_and_rest(x);
    return parts.x + ln_near_one(parts.y) * 1.44269504f;
}

fn ln_1p_of(x: f32) -> f32 {
    if x > -0.29f && x < 0.41f {
        return ln_near_one(x);
    }
    return ln_of(1.0f + x);
}

// x^y for x above 0; 0^y is 0, and 0^0 is 1.
fn power_of(x: f32, y: f32) -> f32 {
    if x < LEAST_NORMAL {
        return select(0.0f, 1.0f, y == 0.0f);
    }
    return exp_of(y * ln_of(x));
}

// x^n by squaring.
fn whole_power_of(x: f32, n: i32) -> f32 {
    var result = 1.0f;
    var square = x;
    for (var k = abs(n); k > 0; k = k >> 1u) {
        if (k & 1) == 1 {
            result = result * square;
        }
        square = square * square;
    }
    return select(result, 1.0f / result, n < 0);
}

// Sine and cosine.
fn sin_cos_of(x: f32) -> vec2f {
    // Beyond this the quarters counted are too many for their parts of π/2.
    expect(abs(x) < 1.0e5f);
    let n = round(x * 0.636619772f);
    // π/2 in three parts, the first two with few digits.
    let r = ((x - n * 1.5703125f) - n * 4.837512969970703125e-4f) - n * 7.54978995489188216e-8f;
    let z = r * r;
    let s = r + r * z * ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f);
    let c = 1.0f - 0.5f * z + z * z * ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f);
    let quarter = i32(n) & 3;
    let turned = select(vec2f(s, c), vec2f(c, -s), (quarter & 1) == 1);
    return select(turned, -turned, quarter >= 2);
}

fn asin_of(x: f32) -> f32 {
    let a = abs(x);
    let is_large = a > 0.5f;
    let z = select(a * a, 0.5f * (1.0f - a), is_large);
    let r = select(a, sqrt(max(z, 0.0f)), is_large);
    var p = 4.2163199048e-2f;
    p = p * z + 2.4181311049e-2f;
    p = p * z + 4.5470025998e-2f;
    p = p * z + 7.4953002686e-2f;
    p = p * z + 1.6666752422e-1f;
    let y = p * z * r + r;
    let angle = select(y, HALF_PI - 2.0f * y, is_large);
    return select(angle, -angle, x < 0.0f);
}

fn acos_of(x: f32) -> f32 {
    if x > 0.5f {
        return 2.0f * asin_of(sqrt(max(0.5f * (1.0f - x), 0.0f)));
    }
    if x < -0.5f {
        return PI - 2.0f * asin_of(sqrt(max(0.5f * (1.0f + x), 0.0f)));
    }
    return HALF_PI - asin_of(x);
}

fn atan_of(x: f32) -> f32 {
    let a = abs(x);
    var base = 0.0f;
    var r = a;
    if a > 2.41421356f {
        base = HALF_PI;
        r = -1.0f / a;
    } else if a > 0.414213562f {
        base = 0.5f * HALF_PI;
        r = (a - 1.0f) / (a + 1.0f);
    }
    let z = r * r;
    let p = ((8.05374449538e-2f * z - 1.38776856032e-1f) * z + 1.99777106478e-1f) * z - 3.33329491539e-1f;
    let angle = base + (p * z * r + r);
    return select(angle, -angle, x < 0.0f);
}

fn sinh_of(x: f32) -> f32 {
    let a = abs(x);
    if a < 1.0f {
        let z = x * x;
        return ((2.03721912945e-4f * z + 8.33028376239e-3f) * z + 1.66667160211e-1f) * z * x + x;
    }
    // By halves, so that it is finite wherever it should be.
    let e = exp_of(0.5f * a);
    let value = 0.5f * e * e - 0.5f / e / e;
    return select(value, -value, x < 0.0f);
}

fn cosh_of(x: f32) -> f32 {
    let e = exp_of(0.5f * abs(x));
    return 0.5f * e * e + 0.5f / e / e;
}

fn tanh_of(x: f32) -> f32 {
    let a = abs(x);
    if a < 0.625f {
        let z = x * x;
        var p = -5.70498872745e-3f;
        p = p * z + 2.06390887954e-2f;
        p = p * z - 5.37397155531e-2f;
        p = p * z + 1.33314422036e-1f;
        p = p * z - 3.33332819422e-1f;
        return p * z * x + x;
    }
    let value = 1.0f - 2.0f / (exp_of(2.0f * min(a, 20.0f)) + 1.0f);
    return select(value, -value, x < 0.0f);
}

fn asinh_of(x: f32) -> f32 {
    let a = abs(x);
    var value = 0.0f;
    if a > 1.0e8f {
        value = ln_of(a) + LN_2;
    } else {
        value = ln_1p_of(a + a * a / (1.0f + sqrt(1.0f + a * a)));
    }
    return select(value, -value, x < 0.0f);
}

// Of x from 1.
fn acosh_of(x: f32) -> f32 {
    if x > 1.0e8f {
        return ln_of(x) + LN_2;
    }
    let above = max(x - 1.0f, 0.0f);
    return ln_1p_of(above + sqrt(above) * sqrt(above + 2.0f));
}

// Of x between -1 and 1.
fn atanh_of(x: f32) -> f32 {
    let a = abs(x);
    let value = 0.5f * ln_1p_of(2.0f * a / (1.0f - a));
    return select(value, -value, x < 0.0f);
}

fn cbrt_of(x: f32) -> f32 {
    let a = abs(x);
    if a < LEAST_NORMAL {
        return 0.0f;
    }
    let guess = exp_of(ln_of(a) / 3.0f);
    let root = guess - (guess - a / (guess * guess)) / 3.0f;
    return select(root, -root, x < 0.0f);
}

fn sign_of(x: f32) -> f32 {
    return select(select(0.0f, -1.0f, x < 0.0f), 1.0f, x > 0.0f);
}

// Halves away from 0.
fn round_of(x: f32) -> f32 {
    let whole = trunc(x);
    return whole + select(0.0f, sign_of(x), abs(x - whole) >= 0.5f);
}

// Beyond 1 by Abramowitz & Stegun 7.1.26, to 2e-7.
fn erf_of(x: f32) -> f32 {
    let a = abs(x);
    if a < 1.0f {
        let z = x * x;
        var p = 7.853861353153693e-5f;
        p = p * z - 8.010193625184903e-4f;
        p = p * z + 5.188327685732524e-3f;
        p = p * z - 2.685381193529856e-2f;
        p = p * z + 1.128358514861418e-1f;
        p = p * z - 3.761262582423300e-1f;
        p = p * z + 1.128379165726710f;
        return p * x;
    }
    let t = 1.0f / (1.0f + 0.3275911f * a);
    let p = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
    let value = 1.0f - p * exp_of(-min(a * a, 80.0f));
    return select(value, -value, x < 0.0f);
}

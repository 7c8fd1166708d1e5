#import steepest::scalars
// The functions of formulas over numbers with their slopes along x and y, as `objective/formula/number.rs` has them.
//
// What has grown beyond all numbers, other than at a pole, has settled: its slopes are 0. Where a function has no number or an
// infinite slope the result is odd, and somebody with double precision decides.

// The value and its slopes.
alias Dual = vec3f;

fn number(x: f32) -> Dual {
    return Dual(x, 0.0f, 0.0f);
}

fn is_settled(a: Dual) -> bool {
    return is_finite(a.x) || (a.y == 0.0f && a.z == 0.0f);
}

fn settled(result: Dual, holds: bool) -> Dual {
    if is_infinite(result.x) && holds {
        return number(result.x);
    }
    return result;
}

fn settled_after(result: Dual, a: Dual) -> Dual {
    return settled(result, is_settled(a));
}

fn settled_after_both(result: Dual, a: Dual, b: Dual) -> Dual {
    return settled(result, is_settled(a) && is_settled(b));
}

// f(a), given f and its derivative at the value of a.
fn chain(a: Dual, f0: f32, f1: f32) -> Dual {
    return Dual(f0, f1 * a.yz);
}

// The same for a function that has no slope only where it has come to rest, however steep a may be.
fn resting(a: Dual, f0: f32, f1: f32) -> Dual {
    if f1 == 0.0f && is_settled(a) {
        return number(f0);
    }
    return settled_after(chain(a, f0, f1), a);
}

fn whole_power(a: Dual, n: i32) -> Dual {
    expect(n > 0 || a.x != 0.0f);
    let value = whole_power_of(a.x, n);
    return settled_after(chain(a, value, f32(n) * whole_power_of(a.x, n - 1)), a);
}

fn square(a: Dual) -> Dual {
    return settled_after(Dual(a.x * a.x, 2.0f * a.x * a.yz), a);
}

fn constant_power(a: Dual, p: f32) -> Dual {
    expect(a.x >= LEAST_NORMAL || (a.x == 0.0f && p > 1.0f));
    return settled_after(chain(a, power_of(a.x, p), p * power_of(a.x, p - 1.0f)), a);
}

fn sine(a: Dual) -> Dual {
    let s = sin_cos_of(a.x);
    return chain(a, s.x, s.y);
}

fn cosine(a: Dual) -> Dual {
    let s = sin_cos_of(a.x);
    return chain(a, s.y, -s.x);
}

fn tangent(a: Dual) -> Dual {
    let s = sin_cos_of(a.x);
    let t = s.x / s.y;
    return chain(a, t, 1.0f + t * t);
}

fn arcsine(a: Dual) -> Dual {
    expect(abs(a.x) < 1.0f);
    return chain(a, asin_of(a.x), 1.0f / sqrt((1.0f - a.x) * (1.0f + a.x)));
}

fn arccosine(a: Dual) -> Dual {
    expect(abs(a.x) < 1.0f);
    return chain(a, acos_of(a.x), -1.0f / sqrt((1.0f - a.x) * (1.0f + a.x)));
}

fn arctangent(a: Dual) -> Dual {
    return resting(a, atan_of(a.x), 1.0f / (1.0f + a.x * a.x));
}

fn hyperbolic_sine(a: Dual) -> Dual {
    return settled_after(chain(a, sinh_of(a.x), cosh_of(a.x)), a);
}

fn hyperbolic_cosine(a: Dual) -> Dual {
    return settled_after(chain(a, cosh_of(a.x), sinh_of(a.x)), a);
}

fn hyperbolic_tangent(a: Dual) -> Dual {
    let e = exp_of(-2.0f * abs(a.x));
    return resting(a, tanh_of(a.x), 4.0f * e / ((1.0f + e) * (1.0f + e)));
}

// 1/√(x² + c) where x² may be too large.
fn one_over_root(x: f32, c: f32) -> f32 {
    if abs(x) > 1.0e8f {
        return 1.0f / abs(x);
    }
    return 1.0f / sqrt(x * x + c);
}

fn area_sine(a: Dual) -> Dual {
    return settled_after(chain(a, asinh_of(a.x), one_over_root(a.x, 1.0f)), a);
}

fn area_cosine(a: Dual) -> Dual {
    expect(a.x > 1.0f);
    let slope = 1.0f / (sqrt(a.x - 1.0f) * sqrt(a.x + 1.0f));
    return settled_after(chain(a, acosh_of(a.x), slope), a);
}

fn area_tangent(a: Dual) -> Dual {
    expect(abs(a.x) < 1.0f);
    return chain(a, atanh_of(a.x), 1.0f / ((1.0f - a.x) * (1.0f + a.x)));
}

fn exponential(a: Dual) -> Dual {
    let value = exp_of(a.x);
    return resting(a, value, value);
}

fn logarithm(a: Dual) -> Dual {
    expect(has_ln(a.x));
    return settled_after(chain(a, ln_of(a.x), 1.0f / a.x), a);
}

fn logarithm_2(a: Dual) -> Dual {
    expect(has_ln(a.x));
    return settled_after(chain(a, log2_of(a.x), 1.44269504f / a.x), a);
}

fn logarithm_10(a: Dual) -> Dual {
    expect(has_ln(a.x));
    return settled_after(chain(a, 0.434294482f * ln_of(a.x), 0.434294482f / a.x), a);
}

fn logarithm_1p(a: Dual) -> Dual {
    expect(a.x > -1.0f);
    return settled_after(chain(a, ln_1p_of(a.x), 1.0f / (1.0f + a.x)), a);
}

fn square_root(a: Dual) -> Dual {
    expect(a.x >= LEAST_NORMAL);
    let root = sqrt(a.x);
    return settled_after(chain(a, root, 0.5f / root), a);
}

fn cube_root(a: Dual) -> Dual {
    expect(abs(a.x) >= LEAST_NORMAL);
    let root = cbrt_of(a.x);
    return settled_after(chain(a, root, 1.0f / (3.0f * root * root)), a);
}

fn absolute(a: Dual) -> Dual {
    return a * sign_of(a.x);
}

fn sign_dual(a: Dual) -> Dual {
    return number(sign_of(a.x));
}

fn floor_dual(a: Dual) -> Dual {
    return number(floor(a.x));
}

fn ceil_dual(a: Dual) -> Dual {
    return number(ceil(a.x));
}

fn round_dual(a: Dual) -> Dual {
    return number(round_of(a.x));
}

fn sigmoid(a: Dual) -> Dual {
    let e = exp_of(-abs(a.x));
    let large = 1.0f / (1.0f + e);
    let small = e * large;
    return resting(a, select(large, small, a.x < 0.0f), small * large);
}

fn rectified(a: Dual) -> Dual {
    if a.x < 0.0f {
        return number(0.0f);
    }
    return select(a, 0.5f * a, a.x == 0.0f);
}

fn softplus(a: Dual) -> Dual {
    let e = exp_of(-abs(a.x));
    let large = 1.0f / (1.0f + e);
    return resting(a, max(a.x, 0.0f) + ln_1p_of(e), select(large, e * large, a.x < 0.0f));
}

fn error_function(a: Dual) -> Dual {
    return resting(a, erf_of(a.x), 1.12837917f * exp_of(-min(a.x * a.x, 1.0e3f)));
}

fn product(a: Dual, b: Dual) -> Dual {
    return Dual(a.x * b.x, a.x * b.yz + b.x * a.yz);
}

fn quotient(a: Dual, b: Dual) -> Dual {
    expect(b.x != 0.0f);
    let q = a.x / b.x;
    return settled_after_both(Dual(q, (a.yz - q * b.yz) / b.x), a, b);
}

fn lesser(a: Dual, b: Dual) -> Dual {
    if a.x < b.x {
        return a;
    }
    if b.x < a.x {
        return b;
    }
    return 0.5f * a + 0.5f * b;
}

fn greater(a: Dual, b: Dual) -> Dual {
    return -lesser(-a, -b);
}

// For positive bases; 0 stays 0 under a positive power.
fn power(a: Dual, b: Dual) -> Dual {
    if a.x == 0.0f && b.x >= 1.0f {
        return Dual(0.0f, select(vec2f(0.0f), a.yz, b.x == 1.0f));
    }
    expect(has_ln(a.x));
    let ln_a = ln_of(a.x);
    let value = exp_of(b.x * ln_a);
    if value == 0.0f && is_settled(a) && is_settled(b) {
        return number(0.0f);
    }
    return settled_after_both(Dual(value, value * (b.yz * ln_a + b.x * a.yz / a.x)), a, b);
}

fn remainder(a: Dual, b: Dual) -> Dual {
    var whole = floor(a.x / b.x);
    expect(b.x != 0.0f && abs(whole) < 8388608.0f);
    var rest = fma(-whole, b.x, a.x);
    // The quotient is rounded: it may have passed a whole number.
    if rest * b.x < 0.0f {
        whole = whole - 1.0f;
        rest = rest + b.x;
    } else if abs(rest) >= abs(b.x) {
        whole = whole + 1.0f;
        rest = rest - b.x;
    }
    return Dual(rest, a.yz - whole * b.yz);
}

fn hypotenuse(a: Dual, b: Dual) -> Dual {
    let scale = max(abs(a.x), abs(b.x));
    expect(scale >= LEAST_NORMAL && is_finite(scale));
    let u = a.x / scale;
    let v = b.x / scale;
    let root = sqrt(u * u + v * v);
    return Dual(root * scale, (u * a.yz + v * b.yz) / root);
}

// The angle of the point (x, y).
fn angle(y: Dual, x: Dual) -> Dual {
    if y.x == 0.0f && x.x == 0.0f {
        return number(0.0f);
    }
    let scale = max(abs(x.x), abs(y.x));
    expect(is_finite(scale));
    let u = x.x / scale;
    let v = y.x / scale;
    var value = 0.0f;
    if abs(u) >= abs(v) {
        value = atan_of(v / u);
        if u < 0.0f {
            value = value + select(PI, -PI, v < 0.0f);
        }
    } else {
        value = select(HALF_PI, -HALF_PI, v < 0.0f) - atan_of(u / v);
    }
    return Dual(value, (u * y.yz - v * x.yz) / (scale * (u * u + v * v)));
}

fn logarithm_to(a: Dual, b: Dual) -> Dual {
    return quotient(logarithm(a), logarithm(b));
}

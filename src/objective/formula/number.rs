//! The numbers a formula is evaluated over.

use num_dual::{DualNum, HyperDual64};

use super::functions;

/// A number type: plain, or dual with derivatives to second order.
///
/// `num-dual` provides the arithmetic and most functions. Those it takes by a route that fails
/// where the function is well-behaved (tanh as sinh/cosh, x^1.5 by powers that are infinite at 0,
/// x/y by y⁻²), or that has no number where a slope is infinite (roots at 0), are given here by their own derivatives. Where a function has a kink, its
/// derivative there is the middle of the two sides': 0 for abs.
///
/// What has grown beyond all numbers, other than at a pole, has settled: it does not change, so that 1/(1 + e^x) has the
/// slope 0 for a large x, and not 0·∞.
pub(super) trait Number: DualNum<Primitive = f64> + Copy {
    /// The value without derivatives.
    fn plain(self) -> f64;

    /// f(self), given f and its first two derivatives at the plain value of self.
    fn chain(self, f0: f64, f1: f64, f2: f64) -> Self;

    /// The same with another value.
    fn at(self, value: f64) -> Self;

    /// self / other, with the rounding of a plain division.
    fn quotient(self, other: Self) -> Self;

    /// Whether it is finite, or has settled.
    fn is_settled(self) -> bool;

    /// Without slopes if it is infinite and `holds`.
    fn settled(self, holds: impl FnOnce() -> bool) -> Self;

    /// The same as [`chain`](Number::chain) for a function that has no slope only where it has come to rest, however steep
    /// self may be.
    fn resting(self, f0: f64, f1: f64, f2: f64) -> Self {
        if f1 == 0.0 && self.is_settled() {
            Self::from(f0)
        } else {
            self.chain(f0, f1, f2)
        }
    }

    fn whole_power(self, n: i32) -> Self {
        let (x, p) = (self.plain(), f64::from(n));
        match n {
            0 => Self::one(),
            1 => self,
            2 => self * self,
            _ => {
                let f1 = p * x.powi(n - 1);
                self.chain(x.powi(n), f1, p * (p - 1.0) * x.powi(n - 2))
            }
        }
    }

    fn constant_power(self, p: f64) -> Self {
        let x = self.plain();
        let f1 = p * x.powf(p - 1.0);
        self.chain(x.powf(p), f1, p * (p - 1.0) * x.powf(p - 2.0))
    }

    /// exp(exponent · ln self); NaN for a negative base.
    fn power(self, exponent: Self) -> Self {
        if self.plain() == 0.0 && exponent.plain() > 0.0 {
            // Whatever the exponent does, 0 stays 0.
            let p = exponent.plain();
            return match p.fract() == 0.0 && p <= f64::from(i16::MAX) {
                true => self.whole_power(p as i32),
                false => self.constant_power(p),
            };
        }
        let value = if self.plain() < 0.0 {
            f64::NAN
        } else {
            self.plain().powf(exponent.plain())
        };
        if value == 0.0 && self.is_settled() && exponent.is_settled() {
            return Self::from(value);
        }
        (self.logarithm() * exponent).chain(value, value, value)
    }

    fn square_root(self) -> Self {
        // Of −0, which is 0, the root is no other.
        let x = self.plain() + 0.0;
        let root = x.sqrt();
        let f1 = 0.5 / root;
        self.chain(root, f1, -0.5 * f1 / x)
    }

    fn cube_root(self) -> Self {
        let root = self.plain().cbrt();
        let f1 = 1.0 / (3.0 * root * root);
        self.chain(root, f1, -2.0 / 3.0 * f1 / self.plain())
    }

    fn tangent(self) -> Self {
        let t = self.plain().tan();
        let slope = 1.0 + t * t;
        self.chain(t, slope, 2.0 * t * slope)
    }

    fn hyperbolic_tangent(self) -> Self {
        let t = self.plain().tanh();
        let slope = 1.0 - t * t;
        self.resting(t, slope, -2.0 * t * slope)
    }

    fn arctangent(self) -> Self {
        let x = self.plain();
        let slope = 1.0 / (1.0 + x * x);
        // x·slope is 0 for an infinite x.
        let share = if slope == 0.0 { 0.0 } else { x * slope };
        self.resting(x.atan(), slope, -2.0 * share * slope)
    }

    fn exponential(self) -> Self {
        let value = functions::exp(self.plain());
        self.resting(value, value, value)
    }

    fn logarithm(self) -> Self {
        let slope = 1.0 / self.plain();
        self.chain(functions::ln(self.plain()), slope, -slope * slope)
    }

    fn sine(self) -> Self {
        let (sin, cos) = functions::sin_cos(self.plain());
        self.chain(sin, cos, -sin)
    }

    fn cosine(self) -> Self {
        let (sin, cos) = functions::sin_cos(self.plain());
        self.chain(cos, -sin, -cos)
    }

    /// asinh.
    fn area_sine(self) -> Self {
        let x = self.plain();
        let slope = 1.0 / x.hypot(1.0);
        self.chain(libm::asinh(x), slope, -x * slope * slope * slope)
    }

    /// acosh.
    fn area_cosine(self) -> Self {
        let x = self.plain();
        let slope = 1.0 / ((x - 1.0).sqrt() * (x + 1.0).sqrt());
        self.chain(libm::acosh(x), slope, -x * slope * slope * slope)
    }

    /// atanh.
    fn area_tangent(self) -> Self {
        let x = self.plain();
        let slope = 1.0 / ((1.0 - x) * (1.0 + x));
        self.chain(libm::atanh(x), slope, 2.0 * x * slope * slope)
    }

    fn absolute(self) -> Self {
        if self.plain() == 0.0 {
            Self::zero()
        } else if self.plain() < 0.0 {
            -self
        } else {
            self
        }
    }

    fn sign(self) -> Self {
        let x = self.plain();
        Self::from(if x == 0.0 { 0.0 } else { x.signum() })
    }

    /// A function of steps, such as floor.
    fn flat(self, f: impl Fn(f64) -> f64) -> Self {
        Self::from(f(self.plain()))
    }

    fn sigmoid(self) -> Self {
        // Of −|x|, which never overflows.
        let e = functions::exp(-self.plain().abs());
        let (small, large) = (e / (1.0 + e), 1.0 / (1.0 + e));
        let slope = small * large;
        let value = if self.plain() < 0.0 { small } else { large };
        let bend = slope
            * if self.plain() < 0.0 {
                large - small
            } else {
                small - large
            };
        self.resting(value, slope, bend)
    }

    fn softplus(self) -> Self {
        let x = self.plain();
        let e = functions::exp(-x.abs());
        let value = x.max(0.0) + e.ln_1p();
        let slope = if x < 0.0 {
            e / (1.0 + e)
        } else {
            1.0 / (1.0 + e)
        };
        let bend = e / (1.0 + e) / (1.0 + e);
        // max forgets a NaN.
        self.resting(if x.is_nan() { x } else { value }, slope, bend)
    }

    fn rectified(self) -> Self {
        let x = self.plain();
        if x < 0.0 {
            Self::zero()
        } else if x == 0.0 {
            self * 0.5
        } else {
            self
        }
    }

    fn error_function(self) -> Self {
        let x = self.plain();
        let slope = std::f64::consts::FRAC_2_SQRT_PI * functions::exp(-x * x);
        // For large x the slope is 0, whatever x is.
        let bend = if slope == 0.0 { 0.0 } else { -2.0 * x * slope };
        self.resting(libm::erf(x), slope, bend)
    }

    /// The smaller of two; NaN if either is.
    fn lesser(self, other: Self) -> Self {
        let (a, b) = (self.plain(), other.plain());
        if a < b {
            self
        } else if b < a {
            other
        } else {
            self * 0.5 + other * 0.5
        }
    }

    /// self − other·⌊self/other⌋, to the last digit.
    fn remainder(self, other: Self) -> Self {
        let (a, b) = (self.plain(), other.plain());
        let rest = a % b;
        let rest = if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
            rest + b
        } else {
            rest
        };
        let whole = ((a - rest) / b).round();
        if whole.is_finite() {
            (self - other * whole).at(rest)
        } else {
            self.at(rest)
        }
    }

    /// √(self² + other²) without overflow on the way.
    fn hypotenuse(self, other: Self) -> Self {
        let scale = self.plain().abs().max(other.plain().abs());
        if scale == 0.0 || scale.is_infinite() {
            return (self * self + other * other).square_root();
        }
        let (a, b) = (self / scale, other / scale);
        (a * a + b * b).square_root() * scale
    }

    /// The angle of the point (x, self): atan(self / x) in the right quadrant.
    fn angle(self, x: Self) -> Self {
        // −0 is 0: no sign says from where it was come to.
        let angle = (self.plain() + 0.0).atan2(x.plain() + 0.0);
        if self.plain() == 0.0 && x.plain() == 0.0 {
            // No direction is better than another.
            return Self::from(angle);
        }
        // Either quotient's arctangent has the right derivatives: take the one that is finite.
        let branch = if x.plain().abs() >= self.plain().abs() {
            self.quotient(x).arctangent()
        } else {
            -x.quotient(self).arctangent()
        };
        branch.at(angle)
    }
}

impl Number for f64 {
    fn plain(self) -> f64 {
        self
    }

    fn chain(self, f0: f64, _f1: f64, _f2: f64) -> f64 {
        f0
    }

    fn at(self, value: f64) -> f64 {
        value
    }

    fn quotient(self, other: f64) -> f64 {
        self / other
    }

    fn is_settled(self) -> bool {
        true
    }

    fn settled(self, _holds: impl FnOnce() -> bool) -> f64 {
        self
    }
}

impl Number for HyperDual64 {
    fn plain(self) -> f64 {
        self.re
    }

    fn chain(self, f0: f64, f1: f64, f2: f64) -> Self {
        let mixed = self.eps1eps2 * f1 + self.eps1 * self.eps2 * f2;
        HyperDual64::new(f0, self.eps1 * f1, self.eps2 * f1, mixed)
    }

    fn at(self, value: f64) -> Self {
        HyperDual64 { re: value, ..self }
    }

    fn is_settled(self) -> bool {
        self.re.is_finite() || [self.eps1, self.eps2, self.eps1eps2] == [0.0; 3]
    }

    fn settled(self, holds: impl FnOnce() -> bool) -> Self {
        if self.re.is_infinite() && holds() {
            Self::from(self.re)
        } else {
            self
        }
    }

    // From q·b = a: q′b = a′ − q b′, and so on.
    fn quotient(self, other: Self) -> Self {
        let q = self.re / other.re;
        let q1 = (self.eps1 - q * other.eps1) / other.re;
        let q2 = (self.eps2 - q * other.eps2) / other.re;
        let rest = self.eps1eps2 - q1 * other.eps2 - q2 * other.eps1 - q * other.eps1eps2;
        HyperDual64::new(q, q1, q2, rest / other.re)
    }
}

//! Vector instructions: which there are, and arithmetic that compilers can spread over their lanes.

use pulp::{Arch, Scalar128b, Simd, WithSimd};

/// Runs `op` with the instructions of `arch`. Without any to choose from, vectors have 128 bits, as every x86-64 and
/// every 64-bit ARM has them.
pub(crate) fn dispatch<Op: WithSimd>(arch: Arch, op: Op) -> Op::Output {
    match arch {
        Arch::Scalar => op.with_simd(Scalar128b),
        arch => arch.dispatch(op),
    }
}

/// The name of the instructions that `arch` stands for.
pub(crate) fn name(arch: Arch) -> &'static str {
    match arch {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Arch::V4(_) => "AVX-512",
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Arch::V3(_) => "AVX2 and FMA",
        #[cfg(target_arch = "aarch64")]
        Arch::Neon(_) => "NEON",
        _ => "the processor's baseline",
    }
}

/// Every choice that this processor offers, the best first.
#[cfg(test)]
pub(crate) fn available() -> Vec<Arch> {
    let mut all = vec![Arch::new()];
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if let (Arch::V4(_), Some(v3)) = (all[0], pulp::x86::V3::try_new()) {
        all.push(Arch::V3(v3));
    }
    if !matches!(all[0], Arch::Scalar) {
        all.push(Arch::Scalar);
    }
    all
}

/// What the arithmetic below must know of an instruction set.
pub(crate) trait Fused: Simd {
    /// Whether a·b + c is one instruction; where it is not, `mul_add` would be a call.
    const FUSED: bool = size_of::<Self::f64s>() > 16 || cfg!(target_arch = "aarch64");
}

impl<S: Simd> Fused for S {}

/// a·b + c.
#[inline(always)]
pub(crate) fn mul_add<S: Fused>(a: f64, b: f64, c: f64) -> f64 {
    if S::FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// a·b + c in each lane.
#[inline(always)]
pub(crate) fn mul_add_f32s<S: Fused>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
    if S::FUSED {
        simd.mul_add_f32s(a, b, c)
    } else {
        simd.add_f32s(simd.mul_f32s(a, b), c)
    }
}

/// a·b + c in each lane.
#[inline(always)]
pub(crate) fn mul_add_f64s<S: Fused>(simd: S, a: S::f64s, b: S::f64s, c: S::f64s) -> S::f64s {
    if S::FUSED {
        simd.mul_add_f64s(a, b, c)
    } else {
        simd.add_f64s(simd.mul_f64s(a, b), c)
    }
}

/// The arguments beyond which [`exp`] does not go.
const EXP_RANGE: [f64; 2] = [-708.0, 709.0];

/// eˣ to 2⁻⁵² or so; x is first moved into [−708, 709], so that the result is a normal number. NaN gives NaN.
#[inline(always)]
pub(crate) fn exp<S: Fused>(x: f64) -> f64 {
    use std::f64::consts::LOG2_E;
    // ln 2 in two parts: n times the first is exact.
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    // Adding it leaves a number's integral part in the last bits.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    let x = if x < EXP_RANGE[0] { EXP_RANGE[0] } else { x };
    let x = if x > EXP_RANGE[1] { EXP_RANGE[1] } else { x };
    let shifted = mul_add::<S>(x, LOG2_E, SHIFT);
    let n = shifted - SHIFT;
    let r = mul_add::<S>(n, -LN_2_HIGH, x);
    let r = mul_add::<S>(n, -LN_2_LOW, r);
    // Taylor's series: |r| ≤ ln 2 / 2, so that the first term left out is below 2⁻⁵².
    let mut sum = 1.0 / FACTORIALS[12];
    for &factorial in FACTORIALS[..12].iter().rev() {
        sum = mul_add::<S>(sum, r, 1.0 / factorial);
    }
    f64::from_bits(sum.to_bits().wrapping_add(shifted.to_bits() << 52))
}

/// 0! to 12!.
const FACTORIALS: [f64; 13] = {
    let mut all = [1.0; 13];
    let mut k = 1;
    while k < all.len() {
        all[k] = all[k - 1] * k as f64;
        k += 1;
    }
    all
};

#[cfg(test)]
mod tests {
    use super::*;

    struct Exp<'a>(&'a mut [f64]);

    impl WithSimd for Exp<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            self.0.iter_mut().for_each(|x| *x = exp::<S>(*x));
        }
    }

    #[test]
    fn exp_is_as_good_as_the_library_s() {
        for arch in available() {
            let mut values: Vec<f64> = (-70_000..=70_000).map(|i| f64::from(i) * 0.010_1).collect();
            let exact: Vec<f64> = values.iter().map(|x| x.exp()).collect();
            dispatch(arch, Exp(&mut values));
            for (value, exact) in values.iter().zip(exact) {
                let error = (value / exact - 1.0).abs();
                assert!(error < 5e-16, "{}: {value:e}, {exact:e}", name(arch));
            }
        }
    }

    #[test]
    fn exp_stays_finite() {
        for arch in available() {
            let infinity = f64::INFINITY;
            let mut values = vec![0.0, -0.0, -infinity, infinity, -1e300, 1e300, f64::NAN];
            dispatch(arch, Exp(&mut values));
            assert_eq!(values[..2], [1.0, 1.0]);
            for (tiny, huge) in [(values[2], values[3]), (values[4], values[5])] {
                assert!(0.0 < tiny && tiny < 1e-300);
                assert!(1e300 < huge && huge < infinity);
            }
            assert!(values[6].is_nan());
        }
    }
}

//! Against the C library's functions in Rust (`libm`), which are within 1 ulp of the exact value themselves.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::*;

/// How many numbers lie between two, of which the one is expected.
fn steps_between(found: f64, expected: f64) -> u64 {
    if found.is_nan() || expected.is_nan() || found == expected {
        return if found == expected || (found.is_nan() && expected.is_nan()) {
            0
        } else {
            u64::MAX
        };
    }
    let place = |x: f64| {
        let bits = x.to_bits() as i64;
        if bits < 0 { i64::MIN - bits } else { bits }
    };
    place(found).abs_diff(place(expected))
}

/// Numbers of every size, near 0 and near multiples of π/4 and ln 2 / 2 among them.
fn numbers() -> Vec<f64> {
    let mut rng = Pcg64::seed_from_u64(3);
    let mut all = vec![0.0, 1.0, 0.5, 2.0, 5e-324, 1e-310, f64::MIN_POSITIVE, NEAR];
    all.extend([
        709.782712893384,
        709.7827128933841,
        745.1332191019411,
        745.1332191019412,
    ]);
    all.extend([
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
        1000.0,
        1e22,
        NEAR.next_up(),
    ]);
    for k in 1..40_000_u32 {
        let multiple = f64::from(k) * std::f64::consts::FRAC_PI_4;
        all.extend([multiple.next_down(), multiple, multiple.next_up()]);
        all.push(f64::from(rng.random_range(0..1_270_000)) * std::f64::consts::FRAC_PI_4);
        all.push(f64::from(k) * 0.5 * std::f64::consts::LN_2);
        all.push(rng.random_range(0.0..750.0));
        all.push(rng.random_range(0.0..2.0));
        all.push(rng.random_range(0.0..2e6));
        all.push(f64::from_bits(rng.random_range(0..f64::INFINITY.to_bits())));
    }
    let negative: Vec<f64> = all.iter().map(|x| -x).collect();
    all.extend(negative);
    all
}

#[test]
fn all_are_within_a_step_of_the_library_s() {
    let mut seen = 0;
    for x in numbers() {
        let (sin, cos) = sin_cos(x);
        let expected = [libm::exp(x), libm::log(x), libm::sin(x), libm::cos(x)];
        for (k, (found, expected)) in [exp(x), ln(x), sin, cos]
            .into_iter()
            .zip(expected)
            .enumerate()
        {
            let steps = steps_between(found, expected);
            assert!(
                steps <= 1,
                "function {k} of {x:e}: {found:e} instead of {expected:e}"
            );
            seen += u64::from(expected.is_finite() && steps == 0);
        }
    }
    assert!(seen > 1_000_000, "{seen}");
}

#[test]
fn special_values_are_exact() {
    assert_eq!([exp(0.0), exp(-0.0), ln(1.0)], [1.0, 1.0, 0.0]);
    assert_eq!(
        [exp(f64::NEG_INFINITY), exp(f64::INFINITY)],
        [0.0, f64::INFINITY]
    );
    assert_eq!(
        [ln(0.0), ln(-0.0), ln(f64::INFINITY)],
        [-f64::INFINITY, -f64::INFINITY, f64::INFINITY]
    );
    assert!(ln(-1.0).is_nan() && ln(-1e-320).is_nan() && ln(-f64::INFINITY).is_nan());
    assert!(ln(f64::NAN).is_nan() && exp(f64::NAN).is_nan());
    let signs = [0.0, -0.0].map(|x| sin_cos(x).0.to_bits());
    assert_eq!(signs, [0.0_f64, -0.0].map(f64::to_bits));
    assert_eq!(sin_cos(0.0).1, 1.0);
    for x in [f64::INFINITY, -f64::INFINITY, f64::NAN] {
        let (sin, cos) = sin_cos(x);
        assert!(sin.is_nan() && cos.is_nan());
    }
}

#[test]
fn many_sines_are_those_of_one_after_the_other() {
    for x in numbers().chunks_exact(16) {
        let x: &[f64; 16] = x.try_into().expect("as many");
        let (mut sin, mut cos) = ([0.0; 16], [0.0; 16]);
        sines(x, &mut sin, &mut cos);
        for lane in 0..16 {
            let (one_sin, one_cos) = sin_cos(x[lane]);
            let bits = [sin[lane], cos[lane], one_sin, one_cos]
                .map(|x| if x.is_nan() { 0 } else { x.to_bits() });
            assert_eq!(bits[..2], bits[2..], "{:e}", x[lane]);
        }
    }
}

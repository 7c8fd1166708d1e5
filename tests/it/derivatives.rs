//! Gradients and Hessians of the named objectives and of every function of formulas: against
//! `argmin_testfunctions` where it has them, and against differences everywhere.

use argmin_testfunctions as argmin;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use steepest::experiment::{NamedObjective, catalog, find};
use steepest::landscape::Grid;
use steepest::objective::{Formula, Objective};
use steepest::plane::Plane;

/// Value, gradient and Hessian (row by row) at a point.
#[derive(Debug, PartialEq)]
struct Derivatives {
    value: f64,
    gradient: Vec<f64>,
    hessian: Vec<f64>,
}

fn exact(objective: &dyn Objective, w: &[f64]) -> Derivatives {
    let n = objective.dim();
    let mut gradient = vec![f64::NAN; n];
    let mut hessian = vec![f64::NAN; n * n];
    let value = objective.gradient(w, &mut gradient);
    objective.hessian(w, &mut hessian);
    assert_eq!(value, objective.value(w), "value and gradient agree");
    Derivatives {
        value,
        gradient,
        hessian,
    }
}

/// Five-point differences: of the value for the gradient, of the gradient for the Hessian.
fn differences(objective: &dyn Objective, w: &[f64], step: f64) -> Derivatives {
    let n = objective.dim();
    let slope = |k: usize, f: &dyn Fn(&[f64]) -> f64| {
        let at = |offset: f64| {
            let mut w = w.to_vec();
            w[k] += offset * step;
            f(&w)
        };
        (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * step)
    };
    let partial = |j: usize| {
        move |w: &[f64]| {
            let mut out = vec![0.0; n];
            objective.gradient(w, &mut out);
            out[j]
        }
    };
    Derivatives {
        value: objective.value(w),
        gradient: (0..n).map(|k| slope(k, &|w| objective.value(w))).collect(),
        hessian: (0..n * n).map(|i| slope(i % n, &partial(i / n))).collect(),
    }
}

/// Whether two agree to `tolerance` times their own sizes or the given typical ones.
fn agree(a: &Derivatives, b: &Derivatives, tolerance: f64, typical: [f64; 3]) -> bool {
    let close = |a: &f64, b: &f64, typical: f64| {
        (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(typical)
    };
    let all = |a: &[f64], b: &[f64], typical: f64| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| close(a, b, typical))
    };
    close(&a.value, &b.value, typical[0])
        && all(&a.gradient, &b.gradient, typical[1])
        && all(&a.hessian, &b.hessian, typical[2])
}

/// The typical sizes of the value, the gradient and the Hessian over an objective's domain.
fn typical(named: &NamedObjective) -> [f64; 3] {
    let plane = Plane::identity(named.formula.dim());
    let grid = Grid::sample(&named.formula, &plane, named.domain, 101, 101);
    let [low, high] = grid.bounds().expect("a finite loss somewhere");
    let length = named.domain.size()[0].max(named.domain.size()[1]);
    let range = high - low;
    [range, range / length, range / (length * length)]
}

/// The same random points at every run.
fn runner() -> TestRunner {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Runs a check at random points of an objective's domain.
fn at_random_points(named: &NamedObjective, check: impl Fn(&[f64]) -> Result<(), String>) {
    let range = |[low, high]: [f64; 2]| low..high;
    let points = (
        range(named.domain.x),
        range(named.domain.y.unwrap_or([0.0, 1.0])),
    );
    let result = runner().run(&points, |(x, y)| {
        check(&[x, y][..named.formula.dim()]).map_err(TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{}: {error}", named.name);
    }
}

type Oracle = fn(&[f64; 2]) -> Derivatives;

/// What `argmin_testfunctions` has of the catalogue.
const ORACLES: &[(&str, Oracle)] = &[
    ("ackley", |p| Derivatives {
        value: argmin::ackley(p),
        gradient: argmin::ackley_derivative(p),
        hessian: argmin::ackley_hessian(p).concat(),
    }),
    ("beale", |p| Derivatives {
        value: argmin::beale(p),
        gradient: argmin::beale_derivative(p).to_vec(),
        hessian: argmin::beale_hessian(p).concat(),
    }),
    ("booth", |p| Derivatives {
        value: argmin::booth(p),
        gradient: argmin::booth_derivative(p).to_vec(),
        hessian: argmin::booth_hessian(p).concat(),
    }),
    ("easom", |p| Derivatives {
        value: argmin::easom(p),
        gradient: argmin::easom_derivative(p).to_vec(),
        hessian: argmin::easom_hessian(p).concat(),
    }),
    ("goldstein_price", |p| Derivatives {
        value: argmin::goldsteinprice(p),
        gradient: argmin::goldsteinprice_derivative(p).to_vec(),
        hessian: argmin::goldsteinprice_hessian(p).concat(),
    }),
    ("himmelblau", |p| Derivatives {
        value: argmin::himmelblau(p),
        gradient: argmin::himmelblau_derivative(p).to_vec(),
        hessian: argmin::himmelblau_hessian(p).concat(),
    }),
    ("levy13", |p| Derivatives {
        value: argmin::levy_n13(p),
        gradient: argmin::levy_n13_derivative(p).to_vec(),
        hessian: argmin::levy_n13_hessian(p).concat(),
    }),
    ("matyas", |p| Derivatives {
        value: argmin::matyas(p),
        gradient: argmin::matyas_derivative(p).to_vec(),
        hessian: argmin::matyas_hessian(p).concat(),
    }),
    ("mccormick", |p| Derivatives {
        value: argmin::mccormick(p),
        gradient: argmin::mccormick_derivative(p).to_vec(),
        hessian: argmin::mccormick_hessian(p).concat(),
    }),
    ("rastrigin", |p| Derivatives {
        value: argmin::rastrigin(p),
        gradient: argmin::rastrigin_derivative(p),
        hessian: argmin::rastrigin_hessian(p).concat(),
    }),
    ("rosenbrock", |p| Derivatives {
        value: argmin::rosenbrock(p),
        gradient: argmin::rosenbrock_derivative(p),
        hessian: argmin::rosenbrock_hessian(p).concat(),
    }),
    ("styblinski_tang", |p| Derivatives {
        value: argmin::styblinski_tang(p),
        gradient: argmin::styblinski_tang_derivative(p),
        hessian: argmin::styblinski_tang_hessian(p).concat(),
    }),
    ("three_hump_camel", |p| Derivatives {
        value: argmin::threehumpcamel(p),
        gradient: argmin::threehumpcamel_derivative(p).to_vec(),
        hessian: argmin::threehumpcamel_hessian(p).concat(),
    }),
];

#[test]
fn named_objectives_agree_with_argmin() {
    for (name, oracle) in ORACLES {
        let named = find(name).unwrap_or_else(|| panic!("{name} is in the catalogue"));
        let typical = typical(named);
        at_random_points(named, |w| {
            let (ours, theirs) = (exact(&named.formula, w), oracle(&[w[0], w[1]]));
            if agree(&ours, &theirs, 1e-11, typical) {
                Ok(())
            } else {
                Err(format!("at {w:?}: {ours:?}, but argmin has {theirs:?}"))
            }
        });
    }
}

#[test]
fn named_objectives_agree_with_differences() {
    assert!(catalog().len() >= 25, "{}", catalog().len());
    for named in catalog() {
        let typical = typical(named);
        let step = 1e-4 * named.domain.size()[0];
        at_random_points(named, |w| {
            let ours = exact(&named.formula, w);
            let theirs = differences(&named.formula, w, step);
            // Differences across a singular point (Ackley's middle) mean nothing.
            let near = |minimum: &Vec<f64>| {
                let apart = minimum.iter().zip(w).map(|(a, b)| (a - b).abs());
                apart.fold(0.0, f64::max) < 100.0 * step
            };
            let skip = named.name == "ackley" && named.minima.iter().any(near);
            if skip || agree(&ours, &theirs, 1e-6, typical) {
                Ok(())
            } else {
                Err(format!("at {w:?}: {ours:?}, but differences {theirs:?}"))
            }
        });
    }
}

#[test]
fn the_gradient_vanishes_at_the_known_minima() {
    for named in catalog() {
        let [range, slope, _] = typical(named);
        let plane = Plane::identity(named.formula.dim());
        let grid = Grid::sample(&named.formula, &plane, named.domain, 101, 101);
        let (_, _, lowest) = grid.lowest().expect("a finite loss somewhere");
        for minimum in &named.minima {
            let at = exact(&named.formula, minimum);
            let length = at.gradient.iter().fold(0.0, |max: f64, g| max.max(g.abs()));
            let has_none = at.gradient.iter().all(|g| g.is_nan());
            assert!(
                length <= 1e-7 * slope || has_none,
                "{}: {at:?} at {minimum:?}",
                named.name
            );
            assert!(
                at.value <= lowest + 1e-12 * range,
                "{}: {} at {minimum:?}, but {lowest} on the grid",
                named.name,
                at.value
            );
        }
    }
}

#[test]
fn every_function_agrees_with_differences() {
    let around_zero = [-1.3, -0.2, 0.4, 1.1];
    let positive = [0.3, 1.0, 2.7, 9.0];
    let within_one = [-0.8, -0.1, 0.3, 0.7];
    for (formula, points) in [
        ("sin(x)", around_zero),
        ("cos(x)", around_zero),
        ("tan(x)", around_zero),
        ("asin(x)", within_one),
        ("acos(x)", within_one),
        ("atan(x)", around_zero),
        ("sinh(x)", around_zero),
        ("cosh(x)", around_zero),
        ("tanh(x)", around_zero),
        ("asinh(x)", around_zero),
        ("acosh(x + 1)", positive),
        ("atanh(x)", within_one),
        ("mod(x^2, 3)", around_zero),
        ("mod(5, x^2 + 3)", within_one),
        ("exp(x)", around_zero),
        ("ln(x)", positive),
        ("log(x)", positive),
        ("log10(x)", positive),
        ("log2(x)", positive),
        ("log1p(x)", within_one),
        ("sqrt(x)", positive),
        ("cbrt(x)", [-8.0, -0.5, 0.6, 3.0]),
        ("abs(x^3)", around_zero),
        ("x sign(x)", around_zero),
        ("min(x^2, exp(x))", around_zero),
        ("max(x^2, exp(x))", around_zero),
        ("pow(x, 5)", around_zero),
        ("x^-3", [-2.0, -0.9, 0.8, 1.7]),
        ("x^2.5", positive),
        ("x^x", positive),
        ("2^(x^2)", around_zero),
        ("hypot(x, sin(x) + 2)", around_zero),
        ("atan2(x, x^2 - 0.5)", around_zero),
        ("atan2(sin(x) - 2, x)", around_zero),
        ("(x^2 + 1)/(x^3 - 5)", around_zero),
        ("-x^2*exp(-x)/(1 + x^2)", around_zero),
    ] {
        let objective = Formula::parse(formula).expect(formula);
        for x in points {
            let (ours, theirs) = (exact(&objective, &[x]), differences(&objective, &[x], 1e-3));
            assert!(
                agree(&ours, &theirs, 1e-8, [1e-2; 3]),
                "{formula} at {x}: {ours:?}, but differences {theirs:?}"
            );
        }
    }
}

#[test]
fn mixed_functions_agree_with_differences() {
    let points = (-2.0..2.0f64, -2.0..2.0f64);
    for formula in [
        "hypot(x, y) + hypot(x - 5, 1)",
        "atan2(y, x + 3) * atan2(x, y - 4)",
        "(x + 3)^(y/2)",
        "max(x y, -5) * min(x + y, 9)",
        "asinh(x y) * atanh(x/3) + acosh(2 + x^2 y^2)",
        "mod(x y + 50, 100 + x^2)",
        "tanh(3x) / cosh(y) + x^3 y^-2 * (y + 5)^2/((y + 5)^2 + 0.1*y^-2)",
    ] {
        let objective = Formula::parse(formula).expect(formula);
        let result = runner().run(&points, |(x, y)| {
            prop_assume!(y.abs() > 0.3 && x.hypot(y) > 0.3);
            let ours = exact(&objective, &[x, y]);
            let theirs = differences(&objective, &[x, y], 1e-4);
            prop_assert!(
                agree(&ours, &theirs, 1e-7, [1.0; 3]),
                "{ours:?}, but differences {theirs:?}"
            );
            Ok(())
        });
        if let Err(error) = result {
            panic!("{formula}: {error}");
        }
    }
}

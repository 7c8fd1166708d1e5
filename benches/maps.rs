//! How long maps of some hundred thousand runs take: `cargo bench --bench maps`.

use std::sync::Arc;
use std::time::Instant;

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use steepest::descent::Plan;
use steepest::maps::{Axis, Map, Minimum, Order, Outcomes, Span, compute};
use steepest::objective::Formula;
use steepest::optimizer::Rule;

const HIMMELBLAU: &str = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2";
const ROSENBROCK: &str = "(1 - x)^2 + 100 (y - x^2)^2";
const RASTRIGIN: &str = "20 + x^2 - 10 cos(2 pi x) + y^2 - 10 cos(2 pi y)";
const HILLS: &str = "3 - exp(-(x - 1)^2 - y^2) - exp(-(x + 1)^2 - y^2) - exp(-x^2 - (y - 1)^2) - exp(-x^2 - (y + 1)^2) \
                     - exp(-(x - 2)^2 - (y - 2)^2) - exp(-(x + 2)^2 - (y - 2)^2) - exp(-(x - 2)^2 - (y + 2)^2) \
                     - exp(-(x + 2)^2 - (y + 2)^2) - 2 exp(-x^2 - y^2)";

fn main() {
    println!("starts in [-6, 6]², 512 × 512 cells, 1000 steps, median of 3");
    for (name, formula, rule, rate) in [
        ("Himmelblau", HIMMELBLAU, "momentum", 0.002),
        ("Himmelblau", HIMMELBLAU, "adam", 0.01),
        ("Himmelblau", HIMMELBLAU, "gd", 0.005),
        ("Rosenbrock", ROSENBROCK, "momentum", 0.00001),
        ("Rastrigin", RASTRIGIN, "momentum", 0.001),
        ("nine hills", HILLS, "momentum", 0.05),
    ] {
        let rule = Rule::named(rule).expect("a rule");
        let objective = Arc::new(Formula::parse(formula).expect("a formula"));
        let plan = Plan {
            rate,
            steps: 1000,
            ..Plan::of(rule, vec![0.0, 0.0])
        };
        let span = |k| Span {
            axis: Axis::Start(k),
            range: [-6.0, 6.0],
        };
        let mut map = Map::new(objective, plan, [span(0), span(1)], [512, 512], 0.01);
        if name == "Himmelblau" {
            let places = [
                [3.0, 2.0],
                [-2.805118, 3.131313],
                [-3.779310, -3.283186],
                [3.584428, -1.848127],
            ];
            map.minima = places
                .map(|at| Minimum {
                    at,
                    loss: 0.0,
                    is_lowest: true,
                })
                .to_vec();
        }
        let mut seconds: Vec<f64> = (0..3)
            .map(|_| {
                let mut outcomes = Outcomes::awaited(map.cells()).expect("memory");
                let began = Instant::now();
                compute(&map, Order::Rows, &mut outcomes, &|| true, &mut |_, _| {});
                began.elapsed().as_secs_f64()
            })
            .collect();
        seconds.sort_by(f64::total_cmp);
        let runs = map.cells() as f64 * 1000.0;
        println!(
            "{name:12} {:10} {:7.3} s  {:5.2} ns a step",
            rule.info().name,
            seconds[1],
            seconds[1] / runs * 1e9
        );
    }
    println!(
        "Himmelblau by hand, for comparison: nothing but the arithmetic, all numbers in registers"
    );
    for rule in ["momentum", "adam"] {
        let mut seconds = [0.0; 3].map(|_: f64| {
            let began = Instant::now();
            by_hand(rule == "adam");
            began.elapsed().as_secs_f64()
        });
        seconds.sort_by(f64::total_cmp);
        println!("{:12} {rule:10} {:7.3} s", "", seconds[1]);
    }
}

/// Runs at a time.
const BLOCK: usize = 16;

/// All cells of the first map, or of the second.
fn by_hand(adam: bool) {
    let arch = Arch::new();
    let ends: Vec<[f64; BLOCK]> = (0..512 * 512 / BLOCK)
        .into_par_iter()
        .map(|block| {
            let node = |i: usize| -6.0 + 12.0 * i as f64 / 511.0;
            let cell = |k: usize| block * BLOCK + k;
            let x = std::array::from_fn(|k| node(cell(k) % 512));
            let y = std::array::from_fn(|k| node(cell(k) / 512));
            arch.dispatch(ByHand { adam, x, y })
        })
        .collect();
    std::hint::black_box(ends);
}

struct ByHand {
    adam: bool,
    x: [f64; BLOCK],
    y: [f64; BLOCK],
}

impl WithSimd for ByHand {
    type Output = [f64; BLOCK];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [f64; BLOCK] {
        let ByHand { adam, mut x, mut y } = self;
        let (mut m, mut v) = ([[0.0; BLOCK]; 2], [[0.0; BLOCK]; 2]);
        let (mut left_m, mut left_v) = (1.0, 1.0);
        for _ in 0..1000 {
            (left_m, left_v) = (left_m * 0.9, left_v * 0.999);
            for k in 0..BLOCK {
                let (a, b) = (x[k] * x[k] + y[k] - 11.0, x[k] + y[k] * y[k] - 7.0);
                let slopes = [
                    (x[k] + x[k]) * (a + a) + (b + b),
                    (a + a) + (y[k] + y[k]) * (b + b),
                ];
                for (axis, g) in slopes.into_iter().enumerate() {
                    let (m, v) = (&mut m[axis][k], &mut v[axis][k]);
                    let step = if adam {
                        *m = 0.9 * *m + 0.1 * g;
                        *v = 0.999 * *v + 0.001 * (g * g);
                        let divisor = (*v / (1.0 - left_v)).sqrt() + 1e-8;
                        0.01 * ((*m / (1.0 - left_m)) / divisor)
                    } else {
                        *m = 0.9 * *m + g;
                        0.002 * *m
                    };
                    let w = if axis == 0 { &mut x } else { &mut y };
                    w[k] -= step;
                }
            }
        }
        std::array::from_fn(|k| x[k] + y[k])
    }
}

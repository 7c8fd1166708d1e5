//! How long maps of some hundred thousand runs take: `cargo bench --bench maps`.

use std::sync::Arc;
use std::time::Instant;

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
}

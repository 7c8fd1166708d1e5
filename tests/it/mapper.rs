//! Maps on the GPU, on whatever adapter there is, against the CPU's.

use std::io::{self, Write};
use std::sync::Arc;

use steepest::descent::Plan;
use steepest::gpu::adapter::AdapterWish;
use steepest::gpu::backend::BackendWish;
use steepest::gpu::maps::{Mapper, MapperError};
use steepest::landscape::{Domain, ToldMinima};
use steepest::maps::{Axis, Map, Order, Outcomes, Span, compute};
use steepest::objective::Formula;
use steepest::optimizer::Rule;

const HIMMELBLAU: &str = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2";

/// A mapper on any adapter, or `None`, said aloud.
fn mapper() -> Option<Mapper> {
    match Mapper::new(BackendWish::Gpu, &AdapterWish::Best) {
        Ok(mapper) => Some(mapper),
        Err(MapperError::Adapter(error)) => {
            // Where nothing can be said, nobody listens.
            let _ = writeln!(io::stderr(), "SKIPPED: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn plan(rule: &str, rate: f64, steps: usize) -> Plan {
    Plan {
        rate,
        steps,
        ..Plan::of(Rule::named(rule).expect("a rule"), vec![-0.2, -0.5])
    }
}

/// Over a square of starts.
fn over_starts(formula: &str, plan: Plan, range: [f64; 2], side: usize, radius: f64) -> Map {
    let span = |k| Span {
        axis: Axis::Start(k),
        range,
    };
    with_spans(formula, plan, [span(0), span(1)], side, radius)
}

fn with_spans(formula: &str, plan: Plan, spans: [Span; 2], side: usize, radius: f64) -> Map {
    let formula = Formula::parse(formula).expect("a formula");
    let mut map = Map::new(Arc::new(formula), plan, spans, [side, side], radius);
    let domain = Domain {
        x: [-6.0, 6.0],
        y: Some([-6.0, 6.0]),
    };
    map.find_minima(domain, ToldMinima::default(), &|| true)
        .expect("it is wanted");
    map
}

fn on_cpu(map: &Map) -> Outcomes {
    let mut outcomes = Outcomes::awaited(map.cells()).expect("memory");
    assert!(compute(
        map,
        Order::Rows,
        &mut outcomes,
        &|| true,
        &mut |_, _| {}
    ));
    outcomes
}

fn on_gpu(mapper: &mut Mapper, map: &Map) -> Outcomes {
    let mut outcomes = Outcomes::awaited(map.cells()).expect("memory");
    let done = mapper.compute(map, Order::Rows, &mut outcomes, &|| true, &mut |_, _| {});
    assert!(done.expect("the device works"));
    outcomes
}

/// The shares of cells that agree: of all, and of those more than two cells from another class.
fn agreement(map: &Map, found: &Outcomes, expected: &Outcomes) -> (f64, f64) {
    let [cols, rows] = map.size();
    let class =
        |outcomes: &Outcomes, index: usize| (outcomes.minimum[index], outcomes.status[index]);
    let (mut all, mut inner, mut inner_cells) = (0, 0, 0);
    for index in 0..map.cells() {
        let [col, row] = [index % cols, index / cols];
        let agrees = class(found, index) == class(expected, index);
        all += usize::from(agrees);
        let near = |at: usize, most: usize| at.saturating_sub(2)..(at + 3).min(most);
        let mut around = near(row, rows).flat_map(|r| near(col, cols).map(move |c| r * cols + c));
        if around.all(|other| class(expected, other) == class(expected, index)) {
            inner_cells += 1;
            inner += usize::from(agrees);
        }
    }
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    (share(all, map.cells()), share(inner, inner_cells))
}

#[test]
fn himmelblaus_basins_are_those_of_the_cpu() {
    let Some(mut mapper) = mapper() else { return };
    let map = over_starts(
        HIMMELBLAU,
        plan("momentum", 0.002, 1000),
        [-6.0, 6.0],
        128,
        1e-2,
    );
    let (found, expected) = (on_gpu(&mut mapper, &map), on_cpu(&map));
    assert_eq!(mapper.note(), None);
    assert_eq!(mapper.given_back(), 0);
    let (all, inner) = agreement(&map, &found, &expected);
    assert!(all >= 0.97 && inner >= 0.999, "{all}, {inner}");
}

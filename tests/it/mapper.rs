//! Maps on the GPU, on whatever adapter there is, against the CPU's.

mod printed;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use steepest::descent::{Plan, Stop};
use steepest::gpu::adapter::AdapterWish;
use steepest::gpu::backend::BackendWish;
use steepest::gpu::context::Context;
use steepest::gpu::maps::{Mapper, MapperError};
use steepest::landscape::{Domain, ToldMinima};
use steepest::maps::{Axis, Map, Order, Outcomes, Span, compute};
use steepest::objective::Formula;
use steepest::optimizer::{RULES, Rule, Sampling, Schedule, ScheduleKind};

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

/// The greatest difference of a minimum's share.
fn share_difference(map: &Map, found: &Outcomes, expected: &Outcomes) -> f64 {
    let [found, expected] = [found, expected].map(|outcomes| outcomes.shares(map.minima.len()));
    let pairs = found.minima.iter().zip(&expected.minima);
    let most = pairs.map(|(a, b)| a.abs_diff(*b)).max();
    most.unwrap_or(0) as f64 / map.cells() as f64
}

/// Computed on the GPU it is what the CPU makes of it, but for what single precision changes near boundaries.
fn agrees(mapper: &mut Mapper, map: &Map) {
    let (found, expected) = (on_gpu(mapper, map), on_cpu(map));
    assert_eq!(mapper.note(), None);
    let (all, inner) = agreement(map, &found, &expected);
    let said = format!("{} {:?}", map.plan.rule.info().name, map.spans);
    assert!(all >= 0.97 && inner >= 0.999, "{said}: {all}, {inner}");
}

#[test]
fn himmelblaus_basins_are_those_of_the_cpu() {
    let Some(mut mapper) = mapper() else { return };
    let momentum = plan("momentum", 0.002, 1000);
    let map = over_starts(HIMMELBLAU, momentum, [-6.0, 6.0], 128, 1e-2);
    let (found, expected) = (on_gpu(&mut mapper, &map), on_cpu(&map));
    assert_eq!((mapper.note(), mapper.given_back()), (None, 0));
    let (all, inner) = agreement(&map, &found, &expected);
    assert!(all >= 0.97 && inner >= 0.999, "{all}, {inner}");
    let difference = share_difference(&map, &found, &expected);
    assert!(difference <= 5e-4, "{difference}");
    // When a run settles is off by what rounding does to the last digits of its place.
    let both = found.steps.iter().zip(&expected.steps);
    let near = both.filter(|(a, b)| a.abs_diff(**b) <= 2).count();
    assert!(near as f64 >= 0.97 * map.cells() as f64, "{near}");
    assert!(
        mapper
            .describe(&map)
            .is_some_and(|said| said.starts_with("GPU: "))
    );
}

#[test]
fn every_rule_does_the_same_in_single_precision() {
    let Some(mut mapper) = mapper() else { return };
    let rules = RULES.iter().filter(|info| info.lanes.is_some());
    let mut count = 0;
    for info in rules {
        count += 1;
        let plan = plan(info.name, 0.1 * info.usual_rate, 25);
        let map = over_starts(HIMMELBLAU, plan, [-5.0, 5.0], 24, 1e-2);
        let (found, expected) = (on_gpu(&mut mapper, &map), on_cpu(&map));
        assert_eq!(mapper.note(), None, "{}", info.name);
        let near = (0..map.cells()).filter(|&index| {
            let (a, b) = (found.loss[index], expected.loss[index]);
            found.status[index] == expected.status[index] && (a - b).abs() <= 1e-3 * (1.0 + b.abs())
        });
        // Signs of slopes near 0 are anybody's.
        let share = near.count() as f64 / map.cells() as f64;
        assert!(share >= 0.99, "{}: {share}", info.name);
    }
    assert!(count >= 16);
}

#[test]
fn hyperparameters_schedules_stops_and_curves_agree() {
    let Some(mut mapper) = mapper() else { return };
    let span = |axis, range| Span { axis, range };
    let x = span(Axis::Start(0), [-5.0, 5.0]);
    let rate = span(Axis::Rate, [1e-3, 3e-2]);
    // Those that diverge are the CPU's.
    let momentum = plan("momentum", 0.01, 200);
    let beta = Axis::named("momentum", &momentum).expect("an axis");
    let tuning = [rate, span(beta, [0.0, 0.99])];
    let map = with_spans("x^2 + 20 y^2 + 0.1 x y", momentum, tuning, 40, 1e-3);
    agrees(&mut mapper, &map);
    let fast = Span {
        range: [1e-2, 1.0],
        ..rate
    };
    let map = with_spans("x^2 + 20 y^2", plan("gd", 0.01, 300), [x, fast], 40, 1e-3);
    agrees(&mut mapper, &map);
    assert!(mapper.given_back() > 100);
    let scheduled = Plan {
        clip: Some(20.0),
        schedule: Schedule {
            kind: ScheduleKind::Cosine { last: 1e-4 },
            warmup: 5,
        },
        stop: Stop {
            radius: Some(5.5),
            gradient: Some(0.05),
        },
        ..plan("nesterov", 0.01, 150)
    };
    let map = with_spans(HIMMELBLAU, scheduled, [x, rate], 40, 1e-2);
    agrees(&mut mapper, &map);
    let statuses: BTreeSet<u8> = on_cpu(&map).status.into_iter().collect();
    assert!(
        statuses.contains(&1) && statuses.contains(&2),
        "{statuses:?}"
    );
    let curve = Plan {
        start: vec![1.5],
        ..plan("adam", 0.01, 300)
    };
    let map = with_spans("(x^2 - 1)^2 + 0.3 x", curve, [x, rate], 40, 1e-2);
    agrees(&mut mapper, &map);
}

#[test]
fn what_the_gpu_does_not_do_the_cpu_does_and_says_so() {
    let Some(mut mapper) = mapper() else { return };
    let gd = || plan("gd", 0.01, 10);
    let long = format!("x^2 + y^2{}", " + sin(x)*cos(y)".repeat(400));
    let noisy = Plan {
        sampling: Sampling::Noise { sigma: 1.0 },
        ..gd()
    };
    let kind = ScheduleKind::Plateau {
        factor: 0.5,
        patience: 1,
        threshold: 0.1,
    };
    let plateau = Plan {
        schedule: Schedule { kind, warmup: 0 },
        ..gd()
    };
    let flat = Plan {
        stop: Stop {
            radius: None,
            gradient: Some(1e-9),
        },
        ..gd()
    };
    let wide = [-6.0, 6.0];
    for (formula, plan, range, radius, said) in [
        (HIMMELBLAU, noisy, wide, 1e-2, "random gradients"),
        (HIMMELBLAU, plateau, wide, 1e-2, "plateau"),
        (HIMMELBLAU, plan("newton", 1.0, 5), wide, 1e-2, "Newton"),
        (HIMMELBLAU, flat, wide, 1e-2, "the gradient 1e-9 to stop at"),
        (HIMMELBLAU, gd(), [1.0, 1.00001], 1e-2, "too near"),
        (HIMMELBLAU, gd(), wide, 1e-9, "radius"),
        (
            HIMMELBLAU,
            gd(),
            wide,
            5.0,
            "within the radius of each other",
        ),
        (
            "1e-60*x^2 + y^2",
            gd(),
            wide,
            1e-2,
            "1e-60 is beyond single precision",
        ),
        (&long, gd(), wide, 1e-2, "operations, more than"),
    ] {
        let map = over_starts(formula, plan, range, 8, radius);
        let (found, expected) = (on_gpu(&mut mapper, &map), on_cpu(&map));
        let note = mapper.note().unwrap_or_default();
        assert!(
            note.contains(said) && note.ends_with("; the CPU computes this map"),
            "{said}: {note}"
        );
        assert_eq!(found.minimum, expected.minimum, "{said}");
        assert_eq!(mapper.describe(&map), None);
    }
    // Flat ground and lost steps are given back.
    let map = over_starts("exp(-(x^2 + y^2))", gd(), [-60.0, 60.0], 24, 1e-2);
    on_gpu(&mut mapper, &map);
    assert!(mapper.given_back() > 300, "{}", mapper.given_back());
}

#[test]
fn a_lost_device_is_an_error_or_the_cpu_s_turn() {
    let Some(mut strict) = mapper() else { return };
    let map = over_starts(HIMMELBLAU, plan("gd", 0.01, 50), [-6.0, 6.0], 16, 1e-2);
    let context = Context::open(&AdapterWish::Best).expect("an adapter");
    let mut lenient = Mapper::on(context.clone());
    on_gpu(&mut lenient, &map);
    assert_eq!(lenient.note(), None);
    context.device().destroy();
    assert_eq!(on_gpu(&mut lenient, &map), on_cpu(&map));
    let note = lenient.note().unwrap_or_default();
    assert!(
        note.contains("failed") && note.ends_with("the CPU computes instead"),
        "{note}"
    );
    strict.context().expect("a device").device().destroy();
    let mut outcomes = Outcomes::awaited(map.cells()).expect("memory");
    let mut run = || strict.compute(&map, Order::Rows, &mut outcomes, &|| true, &mut |_, _| {});
    assert!(matches!(run(), Err(MapperError::Device { .. })));
    // The next opens it anew.
    assert_eq!(run(), Ok(true));
}

#[test]
fn a_map_that_nobody_wants_ends() {
    let Some(mut mapper) = mapper() else { return };
    let mut map = over_starts(HIMMELBLAU, plan("gd", 0.01, 50), [-6.0, 6.0], 128, 1e-2);
    map.plan.steps = 1_000_000;
    let mut outcomes = Outcomes::awaited(map.cells()).expect("memory");
    let asked = AtomicUsize::new(0);
    let go_on = || asked.fetch_add(1, Ordering::Relaxed) < 20;
    let done = mapper.compute(&map, Order::Rows, &mut outcomes, &go_on, &mut |_, _| {});
    assert_eq!(done, Ok(false));
    // The device goes on.
    agrees(
        &mut mapper,
        &over_starts(HIMMELBLAU, plan("gd", 0.01, 200), [-6.0, 6.0], 32, 1e-2),
    );
}

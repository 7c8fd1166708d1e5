//! Maps: against theory, against ordinary runs, and as people make them.

mod command;

use std::error::Error;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use steepest::descent::{History, Status};
use steepest::experiment::{Experiment, MAX_DESCENTS, MapSpec};
use steepest::maps::{Axis, CONVERGED, Map, Order, Outcomes, STATUSES, compute};
use steepest::mnist::DataWish;
use steepest::optimizer::Sampling;
use steepest::report;

type Tested = Result<(), Box<dyn Error>>;

/// A panel with one descent; both in the words of a file.
fn experiment(panel: &str, descent: &str) -> Experiment {
    let text = format!("steepest = 1\n[[panel]]\n{panel}\n[[panel.descent]]\n{descent}\n");
    Experiment::parse(&text, "test").unwrap_or_else(|error| panic!("{error}"))
}

fn himmelblau(descent: &str) -> Experiment {
    let panel = "objective = \"himmelblau\"\ndomain = [[-6, 6], [-6, 6]]";
    experiment(panel, &format!("start = [-0.2, -0.5]\n{descent}"))
}

fn wish(axes: [&str; 2], size: [usize; 2]) -> MapSpec {
    let axes = axes.map(|axis| (!axis.is_empty()).then(|| axis.to_owned()));
    MapSpec {
        axes,
        size,
        ..MapSpec::default()
    }
}

fn computed(experiment: &Experiment, wish: &MapSpec) -> (Map, Outcomes) {
    let mut map = experiment.panels[0].map(wish, None).expect("a map");
    let panel = &experiment.panels[0];
    let told = panel.objective.told_minima();
    map.find_minima(panel.domain, told, &|| true)
        .expect("it is wanted");
    let mut outcomes = Outcomes::awaited(map.cells()).expect("memory");
    assert!(compute(
        &map,
        Order::CoarseToFine,
        &mut outcomes,
        &|| true,
        &mut |_, _| {}
    ));
    (map, outcomes)
}

#[test]
fn the_heavy_ball_is_stable_up_to_its_limit() {
    const LAMBDA: f64 = 3.0;
    let bowl = experiment(
        "formula = \"1.5*x^2\"\ndomain = [[-2, 2]]",
        "rule = \"momentum\"\nrate = 0.1\nstart = [1]\nsteps = 4000",
    );
    // Beyond 2(1 + β)/λ it grows; no boundary lies further from it than the next cell.
    let (map, outcomes) = computed(&bowl, &wish(["rate=0.3:3", "momentum=0:0.9"], [48, 48]));
    let start = 0.5 * LAMBDA;
    let mut boundary_cells = 0;
    for index in 0..map.cells() {
        let [rate, beta] = map.at(index);
        let limit = 2.0 * (1.0 + beta) / LAMBDA;
        let cells = map.spans[0].fraction(rate) - map.spans[0].fraction(limit);
        if cells.abs() * 47.0 <= 1.0 {
            boundary_cells += 1;
            continue;
        }
        let shrinks = outcomes.loss[index] < start && outcomes.status[index] < 3;
        assert_eq!(shrinks, cells < 0.0, "η {rate}, β {beta}");
    }
    assert!(boundary_cells > 40 && boundary_cells < 120);
}

#[test]
fn the_best_cell_is_where_theory_has_it() {
    let (least, greatest) = (1.0_f64, 10.0_f64);
    let ravine = experiment(
        "formula = \"0.5*x^2 + 5*y^2\"\ndomain = [[-2, 2], [-2, 2]]",
        "rule = \"momentum\"\nrate = 0.1\nstart = [-1.5, 1]\nsteps = 400",
    );
    let wish = MapSpec {
        radius: Some(1e-12),
        ..wish(["rate=0.02:1", "momentum=0:0.9"], [64, 64])
    };
    let (map, outcomes) = computed(&ravine, &wish);
    let best = map.at(outcomes.best(&map.minima).expect("a cell"));
    let (high, low) = (greatest.sqrt(), least.sqrt());
    let theory = [
        (2.0 / (high + low)).powi(2),
        ((high - low) / (high + low)).powi(2),
    ];
    for k in 0..2 {
        let span = &map.spans[k];
        let cells = 63.0 * (span.fraction(best[k]) - span.fraction(theory[k]));
        assert!(cells.abs() <= 2.0, "{best:?}, {theory:?}");
    }
}

#[test]
fn himmelblaus_basins_are_as_large_as_they_are() {
    let experiment = himmelblau("rule = \"momentum\"\nrate = 0.002\nsteps = 300");
    let wish = MapSpec {
        radius: Some(1e-2),
        ..wish(["", ""], [96, 96])
    };
    let (map, outcomes) = computed(&experiment, &wish);
    let shares = outcomes.shares(map.minima.len());
    assert_eq!(
        (map.minima.len(), shares.nowhere, shares.diverged),
        (4, 0, 0)
    );
    for (at, of_262144) in [
        ([3.0, 2.0], 74521),
        ([-2.81, 3.13], 66311),
        ([-3.78, -3.28], 63166),
        ([3.58, -1.85], 58146),
    ] {
        let near = |place: &[f64; 2]| (place[0] - at[0]).hypot(place[1] - at[1]) < 0.01;
        let index = map.places().iter().position(near).expect("a minimum");
        let share = shares.minima[index] as f64 / map.cells() as f64;
        let expected = f64::from(of_262144) / 262_144.0;
        assert!(
            (share - expected).abs() < 0.004,
            "{at:?}: {share}, {expected}"
        );
    }
}

/// What a history says of a cell, worked out without the engine.
fn told(history: &History, map: &Map) -> (i32, i32) {
    let place = |w: &[f64]| [w[0], w.get(1).copied().unwrap_or(0.0)];
    let distance = |w: &[f64], minimum: [f64; 2]| {
        let at = place(w);
        let [x, y] = [at[0] - minimum[0], at[1] - minimum[1]];
        x * x + y * y
    };
    let Some(last) = history.last() else {
        return (-1, -1);
    };
    let mut nearest = None;
    for (index, minimum) in map.places().into_iter().enumerate() {
        let here = distance(last, minimum);
        if here <= map.radius * map.radius && nearest.is_none_or(|(_, best)| here < best) {
            nearest = Some((index, here));
        }
    }
    let Some((index, _)) = nearest else {
        return (-1, -1);
    };
    let minimum = map.places()[index];
    let outside = history
        .iter()
        .rposition(|w| distance(w, minimum) > map.radius * map.radius);
    (index as i32, outside.map_or(0, |step| step as i32 + 1))
}

/// Any so many cells are what `run` gives for descents with their starts and hyperparameters, written to a file and read
/// again.
fn cells_are_runs(experiment: &Experiment, wish: &MapSpec, count: usize) -> Tested {
    let (map, outcomes) = computed(experiment, wish);
    let mut rng = Pcg64::seed_from_u64(1);
    let any: Vec<usize> = (0..count)
        .map(|_| rng.random_range(0..map.cells()))
        .collect();
    for some in any.chunks(MAX_DESCENTS) {
        let mut runs = experiment.clone();
        let of_cell = |index: &usize| {
            let mut descent = experiment.panels[0].descents[0].clone();
            let plan = &mut descent.plan;
            for (span, value) in map.spans.iter().zip(map.at(*index)) {
                match span.axis {
                    Axis::Start(k) => plan.start[k] = value,
                    Axis::Rate => plan.rate = value,
                    Axis::Noise => plan.sampling = Sampling::Noise { sigma: value },
                    Axis::Param(_, param) => assert!(plan.rule.set(param.key, value)),
                }
            }
            if plan.sampling.is_random() {
                plan.seed = map.cell(*index).seed;
            }
            descent
        };
        runs.panels[0].descents = some.iter().map(of_cell).collect();
        let runs = Experiment::parse(&runs.to_toml(), "some cells")?;
        let results = report::run(&runs, &DataWish::default())?;
        for (&index, run) in some.iter().zip(&results.panels[0].descents) {
            let said = format!("{}: {:?} {:?}", run.rule, map.spans, map.at(index));
            let status = STATUSES[usize::from(outcomes.status[index])];
            assert_eq!(status, run.status.name(), "{said}");
            let found = (outcomes.minimum[index], outcomes.steps[index]);
            assert_eq!(found, told(&run.history, &map), "{said}");
            let loss = run.history.losses().last().copied().unwrap_or(f64::NAN);
            assert_eq!(outcomes.loss[index].to_bits(), loss.to_bits(), "{said}");
        }
    }
    Ok(())
}

#[test]
fn every_cell_is_what_run_gives() -> Tested {
    for (descent, axes) in [
        ("rule = \"momentum\"\nrate = 0.01\nsteps = 60", ["", ""]),
        (
            "rule = \"adam\"\nrate = 0.1\nsteps = 60",
            ["rate", "beta1=0.1:0.99"],
        ),
        (
            "rule = \"gd\"\nrate = 0.01\nsteps = 60\nseed = 3\nsampling = { noise = 1 }",
            ["start.x", "noise=0.1:300"],
        ),
        (
            "rule = \"adamw\"\nrate = 0.1\nsteps = 40",
            ["weight_decay=0:9", "noise"],
        ),
        (
            "rule = \"nesterov\"\nrate = 0.01\nsteps = 60\nclip = 20\nstop = { radius = 5.5, gradient = 1e-3 }\n\
             schedule = { kind = \"cosine\", warmup = 5 }",
            ["start.y", "rate"],
        ),
        (
            "rule = \"newton\"\nrate = 1\nsteps = 20",
            ["start.y", "start.x"],
        ),
        (
            "rule = \"lbfgs\"\nrate = 1\nsteps = 20",
            ["start.x", "rate=0.1:2"],
        ),
        (
            "rule = \"sam\"\nrate = 0.01\nsteps = 40",
            ["rho=0:3", "start.y"],
        ),
    ] {
        cells_are_runs(&himmelblau(descent), &wish(axes, [40, 30]), 64)?;
    }
    // Where the loss ends, a long run in several portions, and a curve.
    let panel = "formula = \"log(x) + y^2 + 1/x\"\ndomain = [[-1, 3], [-1, 1]]";
    let edge = experiment(
        panel,
        "rule = \"gd\"\nrate = 0.2\nstart = [1, 1]\nsteps = 30",
    );
    cells_are_runs(&edge, &wish(["", ""], [24, 24]), 20)?;
    let panel = "formula = \"(x^2 - 1)^2\"\ndomain = [[-2, 2]]";
    let descent = "rule = \"momentum\"\nrate = 0.002\nmomentum = 0.99\nstart = [1.5]\nsteps = 2500";
    cells_are_runs(&experiment(panel, descent), &wish(["", ""], [20, 10]), 20)
}

#[test]
fn ten_thousand_cells_are_what_run_gives() -> Tested {
    let momentum = "rule = \"momentum\"\nrate = 0.002\nsteps = 200";
    cells_are_runs(&himmelblau(momentum), &wish(["", ""], [256, 256]), 5000)?;
    let adam = "rule = \"adam\"\nrate = 0.1\nsteps = 100";
    cells_are_runs(
        &himmelblau(adam),
        &wish(["rate=0.001:10", "beta1"], [256, 256]),
        5000,
    )
}

#[test]
fn noise_is_the_same_every_time_and_another_with_another_seed() {
    let noisy = |seed: u64| {
        let descent = format!(
            "rule = \"gd\"\nrate = 0.01\nsteps = 30\nseed = {seed}\nsampling = {{ noise = 20 }}"
        );
        computed(&himmelblau(&descent), &wish(["", ""], [12, 12])).1
    };
    let bits = |outcomes: &Outcomes| -> Vec<u64> {
        outcomes.loss.iter().map(|loss| loss.to_bits()).collect()
    };
    assert_eq!(bits(&noisy(1)), bits(&noisy(1)));
    assert_ne!(bits(&noisy(1)), bits(&noisy(2)));
}

#[test]
fn a_stop_is_a_status_and_stays_a_minimum() {
    let descent = "rule = \"gd\"\nrate = 0.01\nsteps = 500\nstop = { gradient = 1e-6 }";
    let (map, outcomes) = computed(&himmelblau(descent), &wish(["", ""], [8, 8]));
    let converged = outcomes
        .status
        .iter()
        .filter(|status| **status == CONVERGED);
    assert!(converged.count() > 32);
    for index in 0..map.cells() {
        let is_settled = outcomes.minimum[index] >= 0;
        assert_eq!(outcomes.steps[index] >= 0, is_settled);
        assert!(is_settled || outcomes.status[index] != CONVERGED);
    }
    assert_eq!(Status::Converged.name(), STATUSES[usize::from(CONVERGED)]);
}

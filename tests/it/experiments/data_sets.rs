//! Panels that show a data set's loss: their keys, what they mean, and what is said when they are wrong.

use std::error::Error;

use steepest::descent::Descent;
use steepest::experiment::{Directions, Experiment, Mnist, ObjectiveSpec, PlaneSpec, Through};
use steepest::mnist::DataWish;
use steepest::optimizer::Sampling;
use steepest::report;

type Tested = Result<(), Box<dyn Error>>;

const FILE: &str = r#"steepest = 1
[[panel]]
objective = "mnist"
plane = { u = "W[0,3]", v = "W[1,7]", through = "Second", follow = true }
grid = [5, 4]
domain = [[-1, 2], [0, 3]]
[[panel.descent]]
name = "First"
rule = "gd"
rate = 0.1
start = "zeros"
steps = 3
sampling = { batch = 64 }
[[panel.descent]]
name = "Second"
rule = "adam"
rate = 0.1
start = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
steps = 3
sampling = { noise = 0.5 }
"#;

#[test]
fn every_key_arrives_and_is_written_again() -> Tested {
    let experiment = Experiment::parse(FILE, "my.toml")?;
    let panel = &experiment.panels[0];
    let expected = PlaneSpec {
        directions: Directions::Parameters([3, 17]),
        through: Through::Descent("Second".to_owned()),
        follows: true,
        grid: [5, 4],
        batch: None,
    };
    assert_eq!(panel.plane.as_ref(), Some(&expected));
    assert_eq!(panel.objective, ObjectiveSpec::new(Mnist));
    assert_eq!(panel.labels, ["W[0,3]", "W[1,7]", "loss"]);
    assert_eq!(panel.descents[0].plan.start, [0.0; 20]);
    assert_eq!(
        panel.descents[0].plan.sampling,
        Sampling::Batch { size: 64 }
    );
    assert_eq!(panel.descents[1].plan.start[12], 3.0);
    let text = experiment.to_toml();
    assert!(text.contains("start = \"zeros\""), "{text}");
    assert_eq!(Experiment::parse(&text, "again.toml")?, experiment);
    Ok(())
}

#[test]
fn what_is_left_out_has_its_usual_value() -> Tested {
    let text = "steepest = 1\n[[panel]]\nobjective = \"mnist\"\n";
    let experiment = Experiment::parse(text, "my.toml")?;
    let panel = &experiment.panels[0];
    let usual = PlaneSpec::of(Directions::Parameters([0, 10]));
    assert_eq!(panel.plane, Some(usual));
    assert_eq!(panel.domain.x, [-5.0, 5.0]);
    assert_eq!(panel.domain.y, Some([-5.0, 5.0]));
    assert_eq!(panel.title, "Softmax regression on MNIST");
    assert_eq!(
        Experiment::parse(&experiment.to_toml(), "again.toml")?,
        experiment
    );
    Ok(())
}

#[test]
fn what_is_wrong_is_said() {
    for (from, to, expected) in [
        (
            "W[0,3]",
            "W[2,3]",
            "4: key `panel[0].plane.u`: found \"W[2,3]\", expected a weight: \"W[f,c]\" with f from 0 to 1 and c from 0 to 9",
        ),
        (
            "W[0,3]",
            "W[1,7]",
            "4: key `panel[0].plane.v`: found W[1,7] on both axes, expected two different weights",
        ),
        (
            "\"Second\", f",
            "\"Secnd\", f",
            "4: key `panel[0].plane.through`: found \"Secnd\", expected \"origin\" or the name of one of the panel's descents; \
             did you mean \"Second\"?",
        ),
        (
            "follow",
            "folow",
            "4: key `panel[0].plane.folow`: unknown key; did you mean `follow`?",
        ),
        (
            "[5, 4]",
            "[1, 4]",
            "5: key `panel[0].grid[0]`: found 1, expected a whole number from 2 to 2048",
        ),
        (
            "[5, 4]",
            "[5, 0]",
            "5: key `panel[0].grid[1]`: found 0, expected a whole number from 2 to 2048",
        ),
        (
            "[5, 4]",
            "[5, 4, 3]",
            "5: key `panel[0].grid`: found [5, 4, 3], expected [columns, rows], 2 to 2048 each",
        ),
        (
            "[[-1, 2], [0, 3]]",
            "[[-1, 2]]",
            "6: key `panel[0].domain`: found [[-1, 2]], expected [[x0, x1], [y0, y1]]",
        ),
        (
            "\"zeros\"",
            "\"ones\"",
            "11: key `panel[0].descent[0].start`: found \"ones\", expected \"zeros\", or a list of the 20 weights, row by row",
        ),
        (
            "\"zeros\"",
            "[1, 2]",
            "11: key `panel[0].descent[0].start`: found [1, 2], expected \"zeros\", or a list of the 20 weights, row by row",
        ),
        (
            "batch = 64",
            "batch = 0",
            "13: key `panel[0].descent[0].sampling.batch`: found 0, expected a whole number from 1 to 1000000",
        ),
        (
            "batch = 64",
            "batch = 64, noise = 1",
            "13: key `panel[0].descent[0].sampling.batch`: found `noise` beside it, expected one of the two",
        ),
        (
            "grid",
            "minima = [[0, 0]]\ngrid",
            "5: key `panel[0].minima`: only a formula of your own takes `minima`",
        ),
    ] {
        assert!(FILE.contains(from), "{from}");
        let found = match Experiment::parse(&FILE.replacen(from, to, 1), "my.toml") {
            Ok(_) => "no error".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, format!("my.toml:{expected}"));
    }
}

#[test]
fn what_all_steps_take_in_memory_is_limited() -> Tested {
    let three = FILE.replacen("steps = 3", "steps = 1000000", 2);
    let fits = Experiment::parse(&three, "my.toml")?;
    assert_eq!(fits.last_step(), 1_000_000);
    let descent = three.find("[[panel.descent]]").ok_or("a descent")?;
    let more = format!("{three}{}", &three[descent..]);
    let error = Experiment::parse(&more, "my.toml").expect_err("736 MB");
    assert_eq!(
        error.to_string(),
        "my.toml:2: key `panel`: all steps of all descents together take 702 MB with their parameters, expected at most 382 MB"
    );
    Ok(())
}

/// The path is in the plane's coordinates, which are the two weights themselves; the grid is the loss through the final
/// weights of the descent that is named.
#[test]
fn run_shows_the_plane_through_the_named_descent() -> Tested {
    let experiment = Experiment::parse(FILE, "my.toml")?;
    let data = experiment.data(&DataWish::Synthetic)?.ok_or("no data")?;
    let results = report::run(&experiment, &DataWish::Synthetic)?;
    let panel = &results.panels[0];
    let second = &panel.descents[1];
    let last = second.history.last().ok_or("an empty history")?;
    assert_eq!(panel.plane.coordinates(last), [last[3], last[17]]);
    assert!(panel.plane.distance(last) < 1e-12);
    assert!(panel.plane.distance(panel.descents[0].history.at(0)) > 1.0);

    let mut archive = Vec::new();
    results.write(report::Format::Npz, true, &mut archive)?;
    let mut archive = ndarray_npy::NpzReader::new(std::io::Cursor::new(archive))?;
    let x: ndarray::Array1<f64> = archive.by_name("panel0/x")?;
    let y: ndarray::Array1<f64> = archive.by_name("panel0/y")?;
    let loss: ndarray::Array2<f64> = archive.by_name("panel0/loss")?;
    assert_eq!(loss.dim(), (4, 5));
    let objective = experiment.panels[0]
        .objective(Some(&data))
        .ok_or("no objective")?;
    for ((row, col), loss) in loss.indexed_iter() {
        let mut w = last.to_vec();
        (w[3], w[17]) = (x[col], y[row]);
        let exact = objective.value(&w);
        assert!(
            (loss - exact).abs() <= 1e-6 * exact,
            "{loss} instead of {exact}"
        );
    }
    let params: ndarray::Array2<f64> = archive.by_name("panel0/descent1/params")?;
    assert_eq!(params.dim(), (4, 20));
    Ok(())
}

#[test]
fn mini_batches_are_noisy_and_repeatable() -> Tested {
    let experiment = Experiment::parse(FILE, "my.toml")?;
    let data = experiment.data(&DataWish::Synthetic)?.ok_or("no data")?;
    let objective = experiment.panels[0]
        .objective(Some(&data))
        .ok_or("no objective")?;
    let run = |seed| {
        let mut plan = experiment.panels[0].descents[0].plan.clone();
        plan.seed = seed;
        let mut descent = Descent::new(objective.clone(), plan);
        descent.run();
        descent.history().clone()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1).last(), run(2).last());
    Ok(())
}

//! Experiment files: the built-in ones, the promise of the format, the way there and back, and what
//! is said about bad input.

use std::error::Error;
use std::fs;

use steepest::descent::{Status, Stop};
use steepest::experiment::{
    BUILTINS, Caption, Easing, Experiment, PanelView, ThemeKind, ViewPreset,
};
use steepest::landscape::{Domain, HeightKind};
use steepest::optimizer::{RULES, Sampling, Schedule, ScheduleKind};
use steepest::report;

type Tested = Result<(), Box<dyn Error>>;

#[test]
fn every_built_in_experiment_loads_and_teaches() -> Tested {
    assert_eq!(BUILTINS[0].name, "race");
    for builtin in BUILTINS {
        let experiment = Experiment::load(builtin.name)?;
        assert!(
            experiment.about.len() > 200,
            "{}: says too little",
            builtin.name
        );
        assert!(
            !experiment.about.contains('\n'),
            "{}: about is one paragraph",
            builtin.name
        );
        assert_eq!(experiment.notes(), Vec::<String>::new(), "{}", builtin.name);
        assert!(experiment.last_step() > 0, "{}", builtin.name);
    }
    Ok(())
}

/// Rule, rate, start and steps of every descent, as the courses that they come from have them.
#[test]
fn the_built_in_experiments_keep_their_settings() -> Tested {
    type Setting = (&'static str, f64, &'static [f64], usize);
    let verify = |name: &str, expected: &[Setting]| -> Tested {
        let experiment = Experiment::load(name)?;
        let plans = experiment
            .panels
            .iter()
            .flat_map(|p| &p.descents)
            .map(|d| &d.plan);
        let actual: Vec<_> = plans
            .map(|plan| {
                (
                    plan.rule.info().name,
                    plan.rate,
                    plan.start.clone(),
                    plan.steps,
                )
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|&(rule, rate, start, steps)| (rule, rate, start.to_vec(), steps))
            .collect();
        assert_eq!(actual, expected, "{name}");
        Ok(())
    };
    let three = |start: &'static [f64]| {
        [
            ("gd", 0.05, start, 150),
            ("momentum", 0.05, start, 150),
            ("adam", 0.1, start, 150),
        ]
    };
    verify(
        "noisy-quartic",
        &[("gd", 0.01, &[2.5], 300), ("gd", 0.01, &[2.5], 300)],
    )?;
    verify("parabola-overshoot", &[("gd", 2.5, &[8.0], 100)])?;
    verify("tilted-double-well", &[("gd", 0.07, &[-2.5], 100)])?;
    verify(
        "two-hikers",
        &[("gd", 0.05, &[-1.8], 10), ("gd", 0.05, &[1.8], 10)],
    )?;
    verify("bowl", &[("gd", 0.12, &[-2.5, 2.0], 25)])?;
    verify(
        "learning-rate-stability",
        &[
            ("gd", 0.02, &[-2.5, 2.0], 40),
            ("gd", 0.12, &[-2.5, 2.0], 40),
            ("gd", 0.6, &[-2.5, 2.0], 15),
        ],
    )?;
    verify("quadratic", &three(&[2.5, 2.5]))?;
    verify("rosenbrock", &three(&[-1.0, 2.0]))?;
    verify("saddle", &three(&[1.5, 0.1]))?;
    let rates = [0.01, 0.05, 0.1, 0.18, 0.22, 0.25];
    let six = rates.map(|rate| ("gd", rate, &[2.5, 2.5] as &[f64], 100));
    verify("learning-rate-sensitivity", &six)?;
    assert_eq!(
        Experiment::load("learning-rate-sensitivity")?.panels.len(),
        6
    );
    verify(
        "nesterov-vs-momentum",
        &[
            ("momentum", 0.001, &[-1.0, 2.0], 300),
            ("nesterov", 0.001, &[-1.0, 2.0], 300),
        ],
    )?;
    verify(
        "cosine-annealing",
        &[("gd", 0.1, &[2.5, 2.5], 150), ("gd", 0.1, &[2.5, 2.5], 150)],
    )?;

    let stability = Experiment::load("learning-rate-stability")?;
    for descent in stability.panels.iter().flat_map(|panel| &panel.descents) {
        assert_eq!(
            descent.plan.stop,
            Stop {
                radius: Some(6.0),
                gradient: None
            }
        );
    }
    let noisy = &Experiment::load("noisy-quartic")?.panels[0].descents[1];
    assert_eq!(noisy.plan.sampling, Sampling::Noise { sigma: 0.5 });
    Ok(())
}

#[test]
fn in_the_race_every_rule_runs_and_the_valleys_differ() -> Tested {
    let race = Experiment::load("race")?;
    let results = report::run(&race);
    let outcomes = &results.panels[0].descents;
    let rules: Vec<_> = outcomes.iter().map(|outcome| outcome.rule).collect();
    assert_eq!(
        rules,
        RULES.iter().map(|info| info.name).collect::<Vec<_>>()
    );

    let mut valleys: Vec<&[f64]> = Vec::new();
    for outcome in outcomes {
        assert_eq!(outcome.status, Status::Finished, "{}", outcome.name);
        let (first, end) = (
            outcome.history.at(0),
            outcome.history.last().unwrap_or_default(),
        );
        for w in outcome.history.iter() {
            assert!(race.panels[0].domain.contains(w), "{}: {w:?}", outcome.name);
        }
        assert!(
            distance(first, end) > 1.0,
            "{} stays behind at {end:?}",
            outcome.name
        );
        if valleys.iter().all(|valley| distance(valley, end) > 0.5) {
            valleys.push(end);
        }
    }
    assert!(valleys.len() >= 3, "all end in {valleys:?}");
    Ok(())
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

/// The figures that the experiment's text gives: over seeds, the median of the last loss.
#[test]
fn cosine_annealing_lowers_the_median_loss() -> Tested {
    let experiment = Experiment::load("cosine-annealing")?;
    let mut last = [Vec::new(), Vec::new()];
    for seed in 0..1000 {
        let mut seeded = experiment.clone();
        seeded.reseed(seed);
        for (last, outcome) in last
            .iter_mut()
            .zip(&report::run(&seeded).panels[0].descents)
        {
            last.extend(outcome.history.losses().last());
        }
    }
    let [constant, cosine] = last.map(|mut losses| {
        losses.sort_by(f64::total_cmp);
        losses[losses.len() / 2]
    });
    assert!(
        (0.21..0.27).contains(&constant),
        "constant rate: {constant}"
    );
    assert!((0.012..0.016).contains(&cosine), "cosine: {cosine}");
    Ok(())
}

/// Every key that a file may have, as it is documented.
const EVERY_KEY: &str = r##"steepest = 1
title = "Rosenbrock valley"
about = "A paragraph that the app shows."

[[panel]]
title = "log height"
objective = "rosenbrock"
domain = [[-2, 2], [-0.5, 3.5]]
height = "log"
labels = ["w1", "w2", "loss"]
view = "surface"
contours = 30

[[panel.descent]]
name = "Adam"
rule = "adam"
rate = 0.1
beta1 = 0.8
eps = 1e-9
start = [-1, 2]
steps = 150
color = "#2ca02c"
sampling = { noise = 0.5 }
schedule = { kind = "cosine", final = 0.0, warmup = 10 }
stop = { radius = 6.0, gradient = 1e-8 }
seed = 7
hidden = true

[[panel]]
formula = "(1 - x)^2 + 100*(y - x^2)^2"
minima = [[1, 1]]
domain = [[-2, 2], [-0.5, 3.5]]
view = "contour"

[[panel.descent]]
rule = "gd"
rate = 1
start = [5, 5.5]
steps = 3
schedule = { kind = "step", every = 2 }

[[panel]]
formula = "x^2 - 1"
domain = [[-2, 2]]
labels = ["w", "loss"]

[[caption]]
step = 5
text = "Momentum overshoots the valley"
steps = 10
pause = 2.0

[view]
camera = "0.6,0.5"
colormap = "magma"
theme = "paper"
seconds_per_step = 0.1
turntable = 0.2

[[camera.key]]
time = 0.0
yaw = 0.6
pitch = 0.5
distance = 2.4
target = [0, 0, 0.5]
easing = "linear"

[[camera.key]]
time = 1
"##;

#[test]
fn every_key_of_the_format_is_read() -> Tested {
    let experiment = Experiment::parse(EVERY_KEY, "my.toml")?;
    assert_eq!(experiment.title, "Rosenbrock valley");
    assert_eq!(experiment.about, "A paragraph that the app shows.");
    let [first, own, curve] = &experiment.panels[..] else {
        panic!("three panels, found {}", experiment.panels.len())
    };
    assert_eq!(first.title, "log height");
    assert_eq!(first.objective.name.as_deref(), Some("rosenbrock"));
    assert_eq!(
        first.domain,
        Domain {
            x: [-2.0, 2.0],
            y: Some([-0.5, 3.5])
        }
    );
    assert_eq!(first.height, HeightKind::Log);
    assert_eq!(first.labels, ["w1", "w2", "loss"]);
    assert_eq!((first.view, first.contours), (PanelView::Surface, 30));
    assert_eq!(first.minima(), [[1.0, 1.0]]);

    let adam = &first.descents[0];
    assert_eq!((&*adam.name, adam.shown), ("Adam", false));
    assert_eq!(adam.color, Some([0x2c, 0xa0, 0x2c]));
    let plan = &adam.plan;
    assert_eq!(plan.rule.get("beta1"), Some(0.8));
    assert_eq!(plan.rule.get("beta2"), Some(0.999));
    assert_eq!(plan.rule.get("eps"), Some(1e-9));
    assert_eq!(
        (plan.rate, &*plan.start, plan.steps, plan.seed),
        (0.1, &[-1.0, 2.0][..], 150, 7)
    );
    assert_eq!(plan.sampling, Sampling::Noise { sigma: 0.5 });
    let cosine = ScheduleKind::Cosine { last: 0.0 };
    assert_eq!(
        plan.schedule,
        Schedule {
            kind: cosine,
            warmup: 10
        }
    );
    assert_eq!(
        plan.stop,
        Stop {
            radius: Some(6.0),
            gradient: Some(1e-8)
        }
    );

    // a formula's title is its text, a descent's name is its rule's, and the rest is as documented
    assert_eq!(own.title, "(1 - x)^2 + 100*(y - x^2)^2");
    assert_eq!(own.minima(), [[1.0, 1.0]]);
    assert_eq!(
        (own.view, own.height),
        (PanelView::Contour, HeightKind::Linear)
    );
    assert_eq!(own.labels, ["x", "y", "loss"]);
    let plan = &own.descents[0].plan;
    assert_eq!(own.descents[0].name, "Gradient descent");
    assert_eq!(
        plan.schedule.kind,
        ScheduleKind::Step {
            every: 2,
            factor: 0.1
        }
    );
    assert_eq!(
        (plan.sampling, plan.stop, plan.seed),
        (Sampling::Exact, Stop::default(), 0)
    );
    assert_eq!((curve.dim(), curve.labels[2].as_str()), (1, "loss"));

    let caption = Caption {
        step: 5,
        text: "Momentum overshoots the valley".to_owned(),
        steps: 10,
        pause: 2.0,
    };
    assert_eq!(experiment.captions, [caption]);
    let view = &experiment.view;
    assert_eq!(
        view.camera,
        ViewPreset::Angles {
            yaw: 0.6,
            pitch: 0.5
        }
    );
    assert_eq!(
        (view.colormap.name(), view.theme),
        ("magma", ThemeKind::Paper)
    );
    assert_eq!((view.seconds_per_step, view.turntable), (0.1, 0.2));
    let [key, next] = &experiment.camera_keys[..] else {
        panic!("two camera keys")
    };
    assert_eq!((key.target, key.easing), ([0.0, 0.0, 0.5], Easing::Linear));
    assert_eq!((next.time, next.easing), (1.0, Easing::Cubic));

    let notes = experiment.notes();
    assert_eq!(
        notes,
        ["panel 2, descent `Gradient descent`: start (5, 5.5) lies outside the domain"]
    );
    Ok(())
}

#[test]
fn a_saved_experiment_loads_to_the_same() -> Tested {
    let mut experiments = Vec::new();
    for builtin in BUILTINS {
        experiments.push(Experiment::load(builtin.name)?);
    }
    let mut odd = Experiment::parse(EVERY_KEY, "my.toml")?;
    experiments.push(odd.clone());
    odd.title = "\"Wörter\" \\ with 'quotes', # and = 勾配".to_owned();
    odd.about = "Two\nlines\n\nand a \t tab, \"\"\" and '''".to_owned();
    odd.captions[0].text = "=[{\u{7f}}]\u{1}".to_owned();
    let plan = &mut odd.panels[0].descents[0].plan;
    (plan.rate, plan.seed) = (1e-9, u64::MAX);
    plan.start = vec![1e300, -5e-324];
    plan.stop.radius = Some(0.1 + 0.2);
    plan.schedule.kind = ScheduleKind::Exponential {
        gamma: 0.999_999_999_999_999_9,
    };
    odd.panels[1].descents[0].plan.schedule.kind = ScheduleKind::Linear { last: 1e-3 };
    odd.panels[1].labels = ["", "y", "loss\n"].map(str::to_owned);
    odd.panels[2].labels = ["x", "lane", "loss"].map(str::to_owned);
    odd.panels[2].contours = 0;
    odd.camera_keys[0].pitch = -1.5;
    experiments.push(odd);
    // a surface whose formula has no y
    experiments.push(Experiment::parse(
        "steepest = 1\n[[panel]]\nformula = 'x^2'\ndomain = [[0, 1], [0, 1]]",
        "my.toml",
    )?);
    for experiment in experiments {
        let text = experiment.to_toml();
        let again = Experiment::parse(&text, "again.toml")?;
        assert_eq!(again, experiment, "{text}");
        assert_eq!(again.to_toml(), text);
    }
    Ok(())
}

/// A file that is fine, to be spoilt: line 4 is the domain, line 7 the rate.
const GOOD: &str = r#"steepest = 1
[[panel]]
formula = "x^2 + y^2"
domain = [[-2, 2], [-2, 2]]
[[panel.descent]]
rule = "adam"
rate = 0.1
start = [1, 1]
steps = 10
"#;

fn messages(text: &str) -> String {
    let parsed = Experiment::parse(text, "my.toml");
    parsed.map_or_else(|error| error.to_string(), |_| "no error".to_owned())
}

/// Checks the message for [`GOOD`] with `from` replaced by `to`: it is `expected` and no more.
fn check(from: &str, to: &str, expected: &str) {
    assert!(GOOD.contains(from), "{from}");
    let text = GOOD.replace(from, to);
    assert_eq!(messages(&text), expected, "in:\n{text}");
}

#[test]
fn the_version_is_checked_first() {
    check(
        "steepest = 1",
        "title = 1",
        "my.toml:1: key `steepest`: missing, expected steepest = 1, the version of the file format",
    );
    check(
        "steepest = 1",
        "steepest = 2\nfuture = []",
        "my.toml:1: key `steepest`: found 2, expected 1, the version of the file format that this \
         program reads",
    );
    let wrong_type = messages("steepest = '1'\n");
    assert!(wrong_type.starts_with("my.toml:1: key `steepest`: found '1', expected 1"));
    assert!(messages("").contains("key `steepest`: missing"));
}

#[test]
fn malformed_toml_is_reported_with_its_line() {
    check(
        "rate = 0.1",
        "rate = ",
        "my.toml:7: not valid TOML: string values must be quoted, expected literal string",
    );
    check(
        "rule = \"adam\"",
        "rule = \"adam",
        "my.toml:6: not valid TOML: invalid basic string, expected `\"`",
    );
    check(
        "rate = 0.1",
        "rate = 0.1\nrate = 0.2",
        "my.toml:8: not valid TOML: duplicate key",
    );
    check(
        "domain = [[-2, 2], [-2, 2]]",
        "domain = [[-2, 2]",
        "my.toml:5: not valid TOML: missing comma between array elements, expected `,`",
    );
    let deep = messages(&format!("steepest = 1\na = {}", "[".repeat(100_000)));
    assert!(deep.starts_with("my.toml:2: not valid TOML: "), "{deep}");
}

#[test]
fn unknown_keys_suggest_the_nearest() {
    check(
        "rate = 0.1",
        "rate = 0.1\nstep = 9",
        "my.toml:8: key `panel[0].descent[0].step`: unknown key; did you mean `steps`?",
    );
    check(
        "formula",
        "titel = 'a'\nformula",
        "my.toml:3: key `panel[0].titel`: unknown key; did you mean `title`?",
    );
    check(
        "[[panel]]\n",
        "colour = 1\n[[panel]]\n",
        "my.toml:2: key `colour`: unknown key, expected one of steepest, title, about, panel, caption, view, camera",
    );
    check(
        "formula",
        "grid = [100, 100]\nformula",
        "my.toml:3: key `panel[0].grid`: only a data set such as mnist takes this key",
    );
}

#[test]
fn names_are_checked() {
    check(
        "\"adam\"",
        "\"adm\"",
        "my.toml:6: key `panel[0].descent[0].rule`: found \"adm\", expected one of gd, momentum, \
         nesterov, adagrad, rmsprop, adadelta, adam, amsgrad, adamw, nadam, lion; did you mean \"adam\"?",
    );
    check(
        "formula = \"x^2 + y^2\"",
        "objective = \"rosenbrok\"",
        "my.toml:3: key `panel[0].objective`: found \"rosenbrok\", expected the name of an \
         objective; did you mean \"rosenbrock\"? (`steepest list` shows them; a function of your own \
         goes into `formula`)",
    );
    check(
        "formula = \"x^2 + y^2\"",
        "objective = \"mnist\"",
        "my.toml:3: key `panel[0].objective`: objective `mnist` is not available in this version",
    );
    check(
        "rate = 0.1",
        "rate = 0.1\ncolor = \"ornage\"",
        "my.toml:8: key `panel[0].descent[0].color`: found \"ornage\", expected a CSS colour such as \
         \"#2ca02c\" or \"orange\"; did you mean \"orange\"?",
    );
    check(
        "rate = 0.1",
        "rate = 0.1\ncolor = \"#12345\"",
        "my.toml:8: key `panel[0].descent[0].color`: found \"#12345\", expected a CSS colour such as \
         \"#2ca02c\" or \"orange\"",
    );
    check(
        "steps = 10",
        "steps = 10\n[view]\ncolormap = \"jet\"\ntheme = \"drak\"\ncamera = \"frnt\"",
        "my.toml:11: key `view.colormap`: found \"jet\", expected one of viridis, plasma, magma, \
         cividis, inferno, turbo, greys\n\
         my.toml:12: key `view.theme`: found \"drak\", expected one of dark, light, paper; did you \
         mean \"dark\"?\n\
         my.toml:13: key `view.camera`: found \"frnt\", expected one of iso, front, side, top; did you \
         mean \"front\"? (or \"yaw,pitch\" in radians)",
    );
    check(
        "steps = 10",
        "steps = 10\nschedule = { kind = \"cos\", final = 0 }",
        "my.toml:10: key `panel[0].descent[0].schedule.kind`: found \"cos\", expected one of \
         constant, cosine, linear, step, exponential",
    );
    check(
        "formula",
        "height = \"logarithmic\"\nview = \"contuor\"\nformula",
        "my.toml:3: key `panel[0].height`: found \"logarithmic\", expected one of linear, log\n\
         my.toml:4: key `panel[0].view`: found \"contuor\", expected one of surface, contour; did you \
         mean \"contour\"?",
    );
}

#[test]
fn hyperparameters_belong_to_their_rule() {
    check(
        "rule = \"adam\"",
        "rule = \"gd\"\nbeta1 = 0.9",
        "my.toml:7: key `panel[0].descent[0].beta1`: rule `gd` has no `beta1`; it has none besides `rate`",
    );
    check(
        "rate = 0.1",
        "rate = 0.1\nmomentum = 0.9",
        "my.toml:8: key `panel[0].descent[0].momentum`: rule `adam` has no `momentum`; it has beta1, beta2, eps",
    );
    check(
        "rate = 0.1",
        "rate = 0.1\nbeta1 = 1",
        "my.toml:8: key `panel[0].descent[0].beta1`: found 1, expected a number at least 0 and below 1",
    );
    check(
        "rate = 0.1",
        "rate = 0.1\nbeta_1 = 0.9",
        "my.toml:8: key `panel[0].descent[0].beta_1`: unknown key; did you mean `beta1`?",
    );
}

#[test]
fn rates_and_steps_are_positive_and_finite() {
    for rate in [
        "0", "0.0", "-0.1", "nan", "inf", "1e999", "\"0.1\"", "[0.1]", "true",
    ] {
        check(
            "rate = 0.1",
            &format!("rate = {rate}"),
            &format!(
                "my.toml:7: key `panel[0].descent[0].rate`: found {rate}, expected a finite number above 0"
            ),
        );
    }
    for steps in [
        "0",
        "-5",
        "1000000000",
        "10.0",
        "1000001",
        "99999999999999999999999",
    ] {
        check(
            "steps = 10",
            &format!("steps = {steps}"),
            &format!(
                "my.toml:9: key `panel[0].descent[0].steps`: found {steps}, expected a whole number from 1 to 1000000"
            ),
        );
    }
    let descent = GOOD
        .split_once("[[panel.descent]]")
        .map_or("", |(_, descent)| descent);
    let million = format!("[[panel.descent]]{descent}").replace("steps = 10", "steps = 1_000_000");
    let too_long = messages(&format!("{GOOD}{}", million.repeat(11)));
    assert_eq!(
        too_long,
        "my.toml:2: key `panel`: found 11000010 steps in all descents together, expected at most 10000000"
    );
    let too_many = messages(&format!("{GOOD}{}", million.repeat(64)));
    assert_eq!(
        too_many,
        "my.toml:5: key `panel[0].descent`: found 65, expected at most 64"
    );
}

#[test]
fn domains_are_ranges_of_the_right_number() {
    let range = "[low, high] with low < high";
    for (domain, expected) in [
        (
            "[[2, -2], [-2, 2]]",
            format!("[0]`: found [2, -2], which is reversed, expected {range}"),
        ),
        (
            "[[-2, 2], [1, 1]]",
            format!("[1]`: found [1, 1], which is empty, expected {range}"),
        ),
        (
            "[[-2, inf], [-2, 2]]",
            "[0][1]`: found inf, expected a finite number".to_owned(),
        ),
        (
            "[[nan, 2], [-2, 2]]",
            "[0][0]`: found nan, expected a finite number".to_owned(),
        ),
        (
            "[[-1e308, 1e308], [-2, 2]]",
            "[0]`: found [-1e308, 1e308], which is too wide".to_owned(),
        ),
        (
            "[[-2, 2]]",
            "`: found [[-2, 2]], expected [[x0, x1], [y0, y1]]".to_owned(),
        ),
        (
            "[-2, 2]",
            "[0]`: found -2, expected [low, high], two numbers".to_owned(),
        ),
        (
            "[]",
            "`: found [], expected [[x0, x1], [y0, y1]]".to_owned(),
        ),
        (
            "[[-2, 2], [-2, 0, 2]]",
            "[1]`: found [-2, 0, 2], expected [low, high], two numbers".to_owned(),
        ),
        ("3", "`: found 3, expected [[x0, x1], [y0, y1]]".to_owned()),
    ] {
        let text = messages(&GOOD.replace("[[-2, 2], [-2, 2]]", domain));
        let first = text.lines().next().unwrap_or_default();
        assert_eq!(first, format!("my.toml:4: key `panel[0].domain{expected}"));
    }
    check(
        "formula = \"x^2 + y^2\"\ndomain = [[-2, 2], [-2, 2]]",
        "objective = \"quartic\"\ndomain = [[-2, 2], [-2, 2]]",
        "my.toml:4: key `panel[0].domain`: found [[-2, 2], [-2, 2]], expected [[x0, x1]]",
    );
    check(
        "domain = [[-2, 2], [-2, 2]]\n",
        "",
        "my.toml:2: key `panel[0].domain`: missing, expected [[x0, x1], [y0, y1]]",
    );
}

#[test]
fn starts_are_finite_points_of_the_right_length() {
    for (start, expected) in [
        (
            "[1]",
            "start`: found [1], expected [x, y], a list of two numbers",
        ),
        (
            "[1, 2, 3]",
            "start`: found [1, 2, 3], expected [x, y], a list of two numbers",
        ),
        ("[1, nan]", "start[1]`: found nan, expected a finite number"),
        (
            "[-inf, 1]",
            "start[0]`: found -inf, expected a finite number",
        ),
        (
            "\"zeros\"",
            "start`: found \"zeros\", expected [x, y], a list of two numbers",
        ),
        (
            "1",
            "start`: found 1, expected [x, y], a list of two numbers",
        ),
    ] {
        let expected = format!("my.toml:8: key `panel[0].descent[0].{expected}");
        check("start = [1, 1]", &format!("start = {start}"), &expected);
    }
}

#[test]
fn the_objective_is_named_or_a_formula() {
    check(
        "formula = \"x^2 + y^2\"",
        "title = \"empty\"",
        "my.toml:2: key `panel[0].objective`: missing, expected a named objective, or `formula` instead",
    );
    check(
        "formula",
        "objective = \"bowl\"\nformula",
        "my.toml:3: key `panel[0].objective`: found \"bowl\" and `formula` beside it, expected one of the two",
    );
    check(
        "formula = \"x^2 + y^2\"",
        "objective = \"bowl\"\nminima = [[0, 0]]",
        "my.toml:4: key `panel[0].minima`: only a formula of your own takes `minima`; those of bowl are known",
    );
    check(
        "formula",
        "minima = [[1]]\nlabels = [\"a\", \"b\"]\nformula",
        "my.toml:3: key `panel[0].minima[0]`: found [1], expected [x, y], a list of two numbers\n\
         my.toml:4: key `panel[0].labels`: found [\"a\", \"b\"], expected three texts, as in [\"w1\", \"w2\", \"loss\"]",
    );
}

/// The words are the formula parser's own; here the place counts: line, key, and the caret.
#[test]
fn formula_errors_point_at_their_column() {
    for (formula, column) in [
        ("x^2 + z", 7),
        ("(x + y", 7),
        ("", 1),
        ("x + * y", 5),
        ("sine(x)", 1),
    ] {
        let text = messages(&GOOD.replace("x^2 + y^2", formula));
        let place = format!("my.toml:3: key `panel[0].formula`: column {column}: ");
        let mut lines = text.lines();
        assert!(
            lines.next().is_some_and(|line| line.starts_with(&place)),
            "{formula}: {text}"
        );
        assert_eq!(lines.next(), Some(&*format!("    {formula}")));
        assert_eq!(
            lines.next(),
            Some(&*format!("    {}^", " ".repeat(column - 1)))
        );
        assert_eq!(lines.next(), None, "{text}");
    }
    let deep = messages(&GOOD.replace("x^2 + y^2", &"(".repeat(100_000)));
    assert!(deep.contains("key `panel[0].formula`: column"));
}

#[test]
fn missing_keys_are_reported_all_at_once() {
    check(
        "rule = \"adam\"\nrate = 0.1\nstart = [1, 1]\nsteps = 10\n",
        "",
        "my.toml:5: key `panel[0].descent[0].rule`: missing, expected one of gd, momentum, nesterov, \
         adagrad, rmsprop, adadelta, adam, amsgrad, adamw, nadam, lion\n\
         my.toml:5: key `panel[0].descent[0].rate`: missing, expected the learning rate\n\
         my.toml:5: key `panel[0].descent[0].start`: missing, expected [x, y], a list of two numbers\n\
         my.toml:5: key `panel[0].descent[0].steps`: missing, expected the number of steps",
    );
    assert_eq!(
        messages("steepest = 1\n"),
        "my.toml:1: key `panel`: missing, expected one or more [[panel]] tables"
    );
    assert_eq!(
        messages("steepest = 1\npanel = []\n"),
        "my.toml:2: key `panel`: found [], expected one or more [[panel]] tables"
    );
}

#[test]
fn tables_and_lists_are_told_apart() {
    check(
        "[[panel.descent]]",
        "[panel.descent]",
        "my.toml:5: key `panel[0].descent`: found [panel.descent], expected [[panel.descent]], a list of tables",
    );
    check(
        "steps = 10",
        "steps = 10\n[[view]]",
        "my.toml:10: key `view`: found [[view]], expected a table",
    );
    check(
        "steps = 10",
        "steps = 10\nstop = 6",
        "my.toml:10: key `panel[0].descent[0].stop`: found 6, expected a table",
    );
    check(
        "formula = \"x^2 + y^2\"",
        "formula = 3",
        "my.toml:3: key `panel[0].formula`: found 3, expected a text in quotes",
    );
    check(
        "steps = 10",
        "steps = 10\nhidden = \"yes\"",
        "my.toml:10: key `panel[0].descent[0].hidden`: found \"yes\", expected true or false",
    );
    let many = "[[panel]]\nobjective = \"bowl\"\n".repeat(13);
    assert_eq!(
        messages(&format!("steepest = 1\n{many}")),
        "my.toml:2: key `panel`: found 13, expected at most 12"
    );
}

#[test]
fn schedules_samplings_and_stops_are_checked() {
    let place = "my.toml:10: key `panel[0].descent[0].";
    for (line, expected) in [
        (
            "schedule = { kind = 'step' }",
            "schedule.every`: missing, expected the number of steps at one rate",
        ),
        (
            "schedule = { kind = 'step', every = 0 }",
            "schedule.every`: found 0, expected a whole number from 1 to 1000000",
        ),
        (
            "schedule = { kind = 'cosine', gamma = 1 }",
            "schedule.gamma`: a schedule of kind `cosine` has no `gamma`; it has final, warmup",
        ),
        (
            "schedule = { kind = 'linear', final = -1 }",
            "schedule.final`: found -1, expected a finite number, 0 or more",
        ),
        (
            "schedule = { kind = 'exponential' }",
            "schedule.gamma`: missing, expected the factor from step to step, as in 0.99",
        ),
        (
            "schedule = { warmup = 10 }",
            "schedule.warmup`: found 10, expected a whole number below the 10 steps of the descent",
        ),
        (
            "schedule = { kind = 'cosine', fnal = 1 }",
            "schedule.fnal`: unknown key; did you mean `final`?",
        ),
        (
            "sampling = { noise = -1 }",
            "sampling.noise`: found -1, expected a finite number, 0 or more",
        ),
        (
            "sampling = { batch = 64 }",
            "sampling.batch`: a function has no samples to take a batch of, expected noise = σ instead",
        ),
        (
            "sampling = {}",
            "sampling.noise`: missing, expected the standard deviation σ of the noise",
        ),
        (
            "stop = { radius = 0 }",
            "stop.radius`: found 0, expected a finite number above 0",
        ),
        (
            "stop = { gradient = nan }",
            "stop.gradient`: found nan, expected a finite number, 0 or more",
        ),
        (
            "seed = -1",
            "seed`: found -1, expected a whole number, 0 or more",
        ),
    ] {
        check(
            "steps = 10",
            &format!("steps = 10\n{line}"),
            &format!("{place}{expected}"),
        );
    }
}

#[test]
fn captions_and_camera_keys_are_checked() {
    check(
        "steps = 10",
        "steps = 10\n[[caption]]\nstep = -1\npause = -2\n[view]\nseconds_per_step = 0\nturntable = inf",
        "my.toml:10: key `caption[0].text`: missing, expected the caption's text\n\
         my.toml:11: key `caption[0].step`: found -1, expected a whole number from 0 to 1000000\n\
         my.toml:12: key `caption[0].pause`: found -2, expected seconds from 0 to 3600\n\
         my.toml:14: key `view.seconds_per_step`: found 0, expected seconds above 0, at most 60\n\
         my.toml:15: key `view.turntable`: found inf, expected a finite number",
    );
    check(
        "steps = 10",
        "steps = 10\n[[camera.key]]\ntime = 2\npitch = 3\n[[camera.key]]\ntime = 1\ntarget = [0, 0]\neasing = 'cubik'",
        "my.toml:12: key `camera.key[0].pitch`: found 3, expected radians from -π/2 to π/2\n\
         my.toml:14: key `camera.key[1].time`: found 1, expected more than 2, the time before it\n\
         my.toml:15: key `camera.key[1].target`: found [0, 0], expected [x, y, z], three numbers\n\
         my.toml:16: key `camera.key[1].easing`: found 'cubik', expected one of linear, cubic; did \
         you mean \"cubic\"?",
    );
}

#[test]
fn what_may_be_meant_is_only_noted() -> Tested {
    let text = format!(
        "{GOOD}[[panel.descent]]\nrule = 'adam'\nrate = 1\nstart = [0, 3]\nsteps = 2\n[[caption]]\nstep = 11\ntext = 'late'\n"
    );
    let text = text.replace("x^2 + y^2", "log(x) + y^2");
    let notes = Experiment::parse(&text, "my.toml")?.notes();
    assert_eq!(
        notes,
        [
            "panel 1, descent `Adam`: start (0, 3) lies outside the domain",
            "panel 1, descent `Adam`: the loss at the start is not finite",
            "panel 1, descent `Adam`: an earlier descent has the same name",
            "caption `late`: appears at step 11, after the last step 10",
        ]
    );
    Ok(())
}

#[test]
fn files_that_cannot_be_read_are_named() -> Tested {
    let verify = |name: &str, expected: &str| {
        let loaded = Experiment::load(name);
        let message = loaded.map_or_else(|error| error.to_string(), |_| "no error".to_owned());
        assert_eq!(message, expected.replace("{}", name));
    };
    verify(
        "racee",
        "no built-in experiment or file is called `{}` (did you mean `race`?); `steepest list` shows the built-in ones",
    );
    verify(
        "nowhere/rosenbrok.toml",
        "no built-in experiment or file is called `{}` (did you mean `rosenbrock`?); `steepest list` shows the built-in ones",
    );
    verify(
        "zzz",
        "no built-in experiment or file is called `{}`; `steepest list` shows the built-in ones",
    );
    verify(
        "",
        "no built-in experiment or file is called `{}`; `steepest list` shows the built-in ones",
    );

    let folder = tempfile::tempdir()?;
    verify(
        &folder.path().to_string_lossy(),
        "{}: this is a folder, expected an experiment file",
    );
    let file = |name: &str, bytes: &[u8]| -> Result<String, Box<dyn Error>> {
        let path = folder.path().join(name);
        fs::write(&path, bytes)?;
        Ok(path.to_string_lossy().into_owned())
    };
    verify(
        &file("latin1.toml", b"steepest = 1\ntitle = \"M\xfcller\"\n")?,
        "{}:2: found the byte 0xfc, expected UTF-8 text",
    );
    verify(
        &file("huge.toml", &vec![b'\n'; 2 << 20])?,
        "{}: the file is too large for an experiment, expected at most 1048576 bytes",
    );
    let good = file("good.toml", GOOD.as_bytes())?;
    assert_eq!(Experiment::text(&good)?, GOOD);
    assert_eq!(Experiment::load(&good)?.panels.len(), 1);
    Ok(())
}

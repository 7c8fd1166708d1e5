//! The promise of the format: every key is read, and what is saved loads to the same.

use steepest::descent::Stop;
use steepest::experiment::{
    Aspect, BUILTINS, Caption, Contours, Easing, Experiment, PanelView, ThemeKind, ViewPreset,
};
use steepest::landscape::{Domain, HeightKind};
use steepest::objective::Objective;
use steepest::optimizer::{Sampling, Schedule, ScheduleKind};

use super::Tested;

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
aspect = "fit"
range = [0.5, 900]

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
clip = 2.5
schedule = { kind = "cosine", final = 0.0, warmup = 10 }
stop = { radius = 6.0, gradient = 1e-8 }
seed = 7
hidden = true

[[panel]]
formula = "(a - x)^2 + b*(y - x^2)^2"
constants = { b = { value = 100, max = 500 }, a = 1 }
minima = [[1, 1]]
domain = [[-2, 2], [-0.5, 3.5]]
view = "contour"
levels = [3, -1, 0.25, 3]

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
turn_contours = true

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
fn every_schedule_is_read_and_written_as_it_was() -> Tested {
    for schedule in [
        r#"{ kind = "restarts", every = 30, multiple = 2, final = 0.01 }"#,
        r#"{ kind = "cyclic", low = 0.02, every = 5, decay = 0.5 }"#,
        r#"{ kind = "one-cycle", warmup = 3 }"#,
        r#"{ kind = "plateau", factor = 0.5, patience = 0, threshold = 0.001, warmup = 2 }"#,
    ] {
        let line = format!("schedule = {schedule}\n");
        let text = EVERY_KEY.replace(
            "schedule = { kind = \"cosine\", final = 0.0, warmup = 10 }\n",
            &line,
        );
        let experiment = Experiment::parse(&text, "my.toml")?;
        let written = experiment.to_toml();
        assert!(written.contains(&line), "{written}");
        assert!(Experiment::parse(&written, "my.toml")? == experiment);
    }
    Ok(())
}

#[test]
fn every_key_of_the_format_is_read() -> Tested {
    let experiment = Experiment::parse(EVERY_KEY, "my.toml")?;
    assert_eq!(experiment.title, "Rosenbrock valley");
    assert_eq!(experiment.about, "A paragraph that the app shows.");
    let [first, own, curve] = &experiment.panels[..] else {
        panic!("three panels, found {}", experiment.panels.len())
    };
    assert_eq!(first.title, "log height");
    assert_eq!(first.objective.name(), Some("rosenbrock"));
    assert_eq!(
        first.domain,
        Domain {
            x: [-2.0, 2.0],
            y: Some([-0.5, 3.5])
        }
    );
    assert_eq!(first.height, HeightKind::Log);
    assert_eq!(first.labels, ["w1", "w2", "loss"]);
    assert_eq!(
        (first.view, &first.contours),
        (PanelView::Surface, &Contours::Bands(30))
    );
    assert_eq!(
        (first.aspect, first.range),
        (Aspect::Fit, Some([0.5, 900.0]))
    );
    assert_eq!(own.contours, Contours::Levels(vec![-1.0, 0.25, 3.0]));
    assert!(experiment.view.turn_contours);
    assert_eq!(first.objective.told_minima().places, [[1.0, 1.0]]);

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
    assert_eq!(own.title, "(a - x)^2 + b*(y - x^2)^2");
    let function = own
        .objective
        .as_kind::<steepest::experiment::FunctionSpec>()
        .ok_or("a function")?;
    let constants = function.formula.constants();
    let constants = constants.iter().map(|c| (&*c.name, c.value));
    assert_eq!(constants.collect::<Vec<_>>(), [("b", 100.0), ("a", 1.0)]);
    assert_eq!(function.spans, [[0.0, 500.0], [0.0, 2.0]]);
    assert_eq!(function.formula.value(&[-1.0, 2.0]), 104.0);
    assert_eq!(own.objective.told_minima().places, [[1.0, 1.0]]);
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
    odd.panels[2].contours = Contours::Bands(0);
    odd.panels[0].contours = Contours::Levels(vec![-1e300, 0.1, 1e6 + 1e-3]);
    odd.panels[1].contours = Contours::Levels(Vec::new());
    odd.panels[0].range = Some([-0.5, 1e9]);
    odd.panels[0].aspect = Aspect::Fit;
    odd.panels[1].aspect = Aspect::Equal;
    odd.view.turn_contours = true;
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

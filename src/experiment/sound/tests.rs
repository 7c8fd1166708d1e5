//! Whatever the editors make of an experiment, its file gives it back.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::experiment::{
    BUILTINS, FunctionSpec, MAX_BATCH, MAX_DESCENTS, NetworkData, NetworkSpec, ObjectiveSpec,
    RecordedSpec, entries,
};
use crate::landscape::Domain;
use crate::maps::Axis;
use crate::objective::network::{Activation, Toy};
use crate::optimizer::{RULES, Rule, ScheduleKind};

const RAVINE: &str = "steepest = 1\n[[panel]]\nformula = '(x^2 + 20*y^2)/2'\ndomain = [[-2.5, 2.5], [-2.5, 2.5]]\n\
    map = { descent = 'M', x = 'rate=0.003:0.08', y = 'momentum=0:0.99' }\n\
    [[panel.zoom]]\ntime = 0\nx = [0.004, 0.07]\ny = [0, 0.9]\n[[panel.zoom]]\ntime = 2\nx = [0.01, 0.02]\ny = [0.5, 0.75]\n\
    [[panel.descent]]\nname = 'M'\nrule = 'momentum'\nrate = 0.01\nstart = [-2, 1.5]\nsteps = 80\nschedule = { kind = 'cosine', warmup = 50 }\n\
    [[panel.descent]]\nname = 'A'\nrule = 'adam'\nrate = 0.01\nstart = [-2, 1.5]\nsteps = 80\n";

fn parse(text: &str) -> Experiment {
    Experiment::parse(text, "test.toml").unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn ravine() -> Experiment {
    parse(RAVINE)
}

/// Mended, it is what its file gives back. What was said.
fn mended(experiment: &mut Experiment) -> Vec<String> {
    let said = experiment.mend();
    let text = experiment.to_toml();
    let mut again = parse(&text);
    assert_eq!(again.to_toml(), text);
    let read = again.clone();
    assert_eq!(again.mend(), Vec::<String>::new(), "{text}");
    assert!(again == read, "{text}");
    said
}

#[test]
fn what_was_read_stays_as_it_is() {
    for builtin in BUILTINS {
        let read = Experiment::load(builtin.name).expect("a built-in");
        let mut experiment = read.clone();
        assert_eq!(experiment.mend(), Vec::<String>::new(), "{}", builtin.name);
        assert!(experiment == read, "{}", builtin.name);
    }
    let mut experiment = ravine();
    assert_eq!(mended(&mut experiment), Vec::<String>::new());
    assert!(experiment == ravine());
}

#[test]
fn a_map_of_what_its_rule_lacks_is_as_usual_again() {
    let mut experiment = ravine();
    experiment.panels[0].descents[0].plan.rule = Rule::new(RULES[0]);
    let said = mended(&mut experiment);
    assert!(said[0].contains("`momentum`"), "{said:?}");
    let panel = &experiment.panels[0];
    let axes = panel
        .map
        .as_ref()
        .map(|map| map.axes.each_ref().map(Option::is_some));
    assert_eq!(axes, Some([true, false]));
    // The keys were of momenta, but they are starts as well.
    assert_eq!(panel.zoom.len(), 2);
}

#[test]
fn a_surface_that_becomes_a_curve_keeps_what_a_curve_has() {
    let mut experiment = ravine();
    let panel = &mut experiment.panels[0];
    panel.map = None;
    let formula = crate::objective::Formula::parse("x^2").expect("a formula");
    panel.show_function(FunctionSpec::own(formula));
    mended(&mut experiment);
    let panel = &experiment.panels[0];
    assert_eq!((panel.dim(), panel.zoom.len()), (1, 2));
    assert!(panel.zoom.iter().all(|key| key.y.is_none()));
}

#[test]
fn a_warm_up_is_shorter_than_the_descent() {
    let mut experiment = ravine();
    experiment.panels[0].descents[0].plan.steps = 10;
    mended(&mut experiment);
    let plan = &experiment.panels[0].descents[0].plan;
    assert_eq!((plan.steps, plan.schedule.warmup), (10, 9));
}

#[test]
fn there_are_no_more_steps_than_can_be_kept() {
    let mut experiment = Experiment::load("moons").expect("a built-in");
    let usual: Vec<usize> = steps(&experiment);
    experiment.panels[0].descents[0].plan.steps = MAX_STEPS;
    let said = mended(&mut experiment);
    assert!(said[0].contains("no descent has more than"), "{said:?}");
    let now = steps(&experiment);
    assert!(now[0] > 10_000 && now[1..] == usual[1..], "{now:?}");
    let panel = &experiment.panels[0];
    let (all, each) = (panel.history_bytes(), panel.bytes_a_step());
    assert!((MAX_HISTORY_BYTES - each..=MAX_HISTORY_BYTES).contains(&all));
}

fn steps(experiment: &Experiment) -> Vec<usize> {
    let descents = experiment.panels.iter().flat_map(|p| &p.descents);
    descents.map(|spec| spec.plan.steps).collect()
}

#[test]
fn a_name_is_of_one_descent_and_what_means_it_follows() {
    let mut panel = ravine().panels.remove(0);
    let names = |panel: &Panel| -> Vec<String> {
        panel
            .descents
            .iter()
            .map(|spec| spec.name.clone())
            .collect()
    };
    let of = |panel: &Panel| panel.map.as_ref().and_then(|map| map.descent.clone());
    panel.rename(1, "M");
    assert_eq!(names(&panel), ["M", "M 2"]);
    assert_eq!(of(&panel).as_deref(), Some("M"));
    panel.rename(1, "Another");
    assert_eq!(names(&panel), ["M", "Another"]);
    assert_eq!(of(&panel).as_deref(), Some("M"));
    panel.rename(0, "Heavy ball");
    assert_eq!(of(&panel).as_deref(), Some("Heavy ball"));
    panel.rename(0, "Heavy ball");
    assert_eq!(names(&panel), ["Heavy ball", "Another"]);
    // Files may have a name twice: the first is meant.
    panel.descents[1].name = "Heavy ball".to_owned();
    panel.rename(1, "A");
    assert_eq!(of(&panel).as_deref(), Some("Heavy ball"));
    panel.descents[1].name = "Heavy ball".to_owned();
    panel.remove(1);
    assert_eq!(of(&panel).as_deref(), Some("Heavy ball"));
    panel.remove(0);
    assert_eq!(of(&panel), None);
}

/// What editors do, by a number, with what is chosen by two others.
fn edit(experiment: &mut Experiment, (what, choice, amount): (u8, usize, usize)) {
    let panel = &mut experiment.panels[0];
    let count = panel.descents.len();
    let index = choice % count.max(1);
    let name = panel.descents.get(index).map(|spec| spec.name.clone());
    let first = panel.map_plan(&MapSpec::default()).map(|map| map.plan);
    let axis = first.ok().and_then(|plan| {
        let axes = Axis::all(&plan);
        axes.get(amount % axes.len())
            .map(|axis| axis.name().to_owned())
    });
    match (what, panel.descents.get_mut(index)) {
        (0, Some(spec)) => spec.plan.rule = Rule::new(RULES[amount % RULES.len()]),
        (1, Some(spec)) => spec.plan.steps = 1 + amount % MAX_STEPS,
        (2, Some(spec)) => spec.plan.steps = 1 + amount % 30,
        (3, Some(spec)) => spec.plan.schedule.warmup = amount % spec.plan.steps,
        (4, Some(spec)) => spec.shown = !spec.shown,
        (5, _) => panel.rename(
            index,
            ["M", "A", "M 2", "", "origin", "β\t\"'\\"][amount % 6],
        ),
        (6, _) => panel.remove(index),
        (7, Some(spec)) if count < MAX_DESCENTS => {
            let mut spec = spec.clone();
            spec.name = panel.free_name(&spec.name);
            panel.descents.push(spec);
        }
        (8, _) => {
            let others = entries().filter(|entry| entry.name != RecordedSpec::NAME);
            let names: Vec<&str> = others.map(|entry| entry.name).collect();
            let objective = ObjectiveSpec::named(names[amount % names.len()]);
            panel.show(objective.expect("a name"));
        }
        (9, _) => {
            let text = ["x^2", "x^2 + y^2", "x", "1/x - y", "a*x"][amount % 5];
            let function = panel.objective.as_kind::<FunctionSpec>();
            if let Some(Ok(function)) = function.map(|function| function.reworded(text)) {
                panel.show_function(function);
            }
        }
        (10, _) => {
            let function = panel.objective.as_kind::<FunctionSpec>();
            let curve = function.map(|function| function.formula.clone().with_dim(1));
            if let Some(Ok(curve)) = curve {
                panel.show_function(FunctionSpec::own(curve));
            }
        }
        (11, _) => panel.map = panel.map.is_none().then(MapSpec::default),
        (12 | 13, _) => {
            if let (Some(map), Some(axis)) = (&mut panel.map, axis) {
                let k = usize::from(what == 13);
                if map.axes[1 - k].as_deref() != Some(&axis) {
                    map.axes[k] = Some(axis);
                }
            }
        }
        (14, _) => {
            if let Some(map) = &mut panel.map {
                (map.descent, map.steps) = (name, Some(1 + amount % 200));
            }
        }
        (15, Some(_)) => {
            if let (Some(plane), Some(name)) = (&mut panel.plane, name) {
                (plane.through, plane.follows) = (Through::Descent(name.clone()), amount % 2 == 0);
                plane.batch = (amount % 3 == 0).then_some(name);
            }
        }
        (16, _) => {
            let mut names = panel.descents.iter().map(|spec| spec.name.clone());
            let ends = [names.next(), names.next(), names.next()];
            if let (Some(plane), [Some(a), Some(b), Some(c)]) = (&mut panel.plane, ends) {
                (plane.directions, panel.fits) = (Directions::Between([a, b, c]), true);
            }
        }
        (17, Some(spec)) => {
            spec.plan.schedule.kind = match amount % 3 {
                0 => ScheduleKind::Constant,
                1 => ScheduleKind::Cosine { last: 0.0 },
                _ => ScheduleKind::Step {
                    every: (spec.plan.steps / 3).max(1),
                    factor: 0.1,
                },
            };
        }
        (18, Some(spec)) if panel.objective.has_samples() => {
            spec.plan.sampling = Sampling::Batch {
                size: 1 + amount % MAX_BATCH,
            };
        }
        (19, _) if panel.objective.as_kind::<NetworkSpec>().is_some() => {
            let data = NetworkData::Toy {
                toy: Toy::NAMED[amount % Toy::NAMED.len()].1,
                samples: 40,
                noise: 0.1,
                seed: u64::MAX - amount as u64,
                test: 0,
            };
            let network = NetworkSpec::drawn(data, &[1 + amount % 9], Activation::Tanh, false);
            panel.exchange(ObjectiveSpec::new(network.expect("a network")));
        }
        (20, _) => {
            let far = 10f64.powi((amount % 300) as i32);
            panel.domain = Domain {
                x: [-far, far],
                y: panel.domain.y.map(|_| [far, 2.0 * far]),
            };
            panel.fits = false;
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_editors_make_is_what_the_file_gives_back(
        begin in 0_usize..3,
        edits in vec((0_u8..21, 0_usize..5, 0_usize..3_000_000), 1..14),
    ) {
        let mut experiment = match begin {
            0 => ravine(),
            1 => Experiment::load("race").expect("a built-in"),
            _ => Experiment::load("moons").expect("a built-in"),
        };
        for step in edits {
            edit(&mut experiment, step);
            mended(&mut experiment);
        }
    }
}

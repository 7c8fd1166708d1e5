use super::*;

const TEXT: &str = "steepest = 1
[[panel]]
formula = 'x^2 + 20*y^2'
domain = [[-2, 2], [-2, 2]]
descent = [
  { name = 'SGD', rule = 'gd', rate = 0.01, start = [1, 1], steps = 50 },
  { name = 'Ball', rule = 'momentum', rate = 0.01, start = [1, 1], steps = 50 },
  { name = 'Hidden', rule = 'adam', rate = 0.01, start = [1, 1], steps = 50, hidden = true },
]
[[panel]]
formula = '(x - 1)^2'
domain = [[-4, 4]]
[[panel.descent]]
name = 'SGD'
rule = 'gd'
rate = 0.1
start = [3]
steps = 40
schedule = { kind = 'constant', warmup = 10 }
[[panel]]
objective = 'bowl'
";

fn experiment() -> Experiment {
    Experiment::parse(TEXT, "test").expect("valid")
}

fn plans(spec: &TuneSpec) -> Result<TunePlans, String> {
    experiment()
        .tune_plans(spec)
        .map_err(|error| match error.key {
            Some(key) => format!("{key}: {error}"),
            None => error.to_string(),
        })
}

fn only(words: &[&str]) -> TuneSpec {
    TuneSpec {
        only: words.iter().map(|&word| word.to_owned()).collect(),
        ..TuneSpec::default()
    }
}

/// The places of the descents with the names of what is searched.
fn searches(spec: &TuneSpec) -> Vec<(usize, usize, Vec<&'static str>)> {
    let plans = plans(spec).expect("sound");
    let each = plans.panels.iter().flat_map(|panel| {
        panel.entrants.iter().map(|(place, entrant)| {
            let axes = entrant.spans.iter().flatten();
            (
                panel.panel,
                *place,
                axes.map(|span| span.axis.name()).collect(),
            )
        })
    });
    each.collect()
}

#[test]
fn all_that_are_shown_are_tuned_or_those_that_are_named() {
    let usual = TuneSpec::default();
    let both = vec!["rate", "momentum"];
    assert_eq!(
        searches(&usual),
        [
            (0, 0, vec!["rate"]),
            (0, 1, both.clone()),
            (1, 0, vec!["rate"])
        ]
    );
    let named = TuneSpec {
        descents: vec!["Hidden".to_owned(), "SGD".to_owned()],
        ..usual.clone()
    };
    assert_eq!(
        searches(&named),
        [
            (0, 0, vec!["rate"]),
            (0, 2, vec!["rate", "beta1"]),
            (1, 0, vec!["rate"])
        ]
    );
    let panel = TuneSpec {
        panel: Some(1),
        ..named
    };
    let error = plans(&panel).expect_err("it is in another panel");
    assert_eq!(error, "descent: found \"Hidden\", expected one of \"SGD\"");
}

#[test]
fn what_is_searched_may_be_said_with_its_range() {
    let found = plans(&only(&["momentum=0.2:0.9", "rate"])).expect("sound");
    let (_, ball) = &found.panels[0].entrants[1];
    let [Some(rate), Some(momentum)] = ball.spans else {
        panic!("{ball:?}");
    };
    assert_eq!((rate.axis, momentum.range), (Axis::Rate, [0.2, 0.9]));
    assert!(ball.is_open && rate.range[0] < 1e-4 && rate.range[1] > 10.0);
    let found = plans(&only(&["momentum"])).expect("sound");
    assert_eq!(found.panels.len(), 1);
    assert_eq!(
        found.notes,
        ["SGD: its rule has no momentum, it stays as it is"; 2]
    );
    let steps = TuneSpec {
        steps: Some(12),
        radius: Some(0.5),
        ..TuneSpec::default()
    };
    let found = plans(&steps).expect("sound");
    assert_eq!(found.panels[1].radius, 0.5);
    assert_eq!(found.panels[1].entrants[0].1.plan.steps, 12);
}

#[test]
fn what_is_wrong_is_said_with_what_there_is() {
    let steps = |steps| TuneSpec {
        steps: Some(steps),
        ..TuneSpec::default()
    };
    for (spec, said) in [
        (
            only(&["momentun"]),
            "only: found \"momentun\", expected one or two of rate, weight_decay, momentum",
        ),
        (only(&["momentun"]), "did you mean \"momentum\"?"),
        (
            only(&["start.x"]),
            "only: found \"start.x\", expected one or two of rate",
        ),
        (only(&["beta1"]), "only: found \"beta1\""),
        (
            only(&["rate=1:0.1"]),
            "only: found `rate=1:0.1`, expected rate=A:B",
        ),
        (
            only(&["momentum=0:1"]),
            "only: found momentum=0:1, expected numbers",
        ),
        (only(&["rate", "rate=1:2"]), "only: found rate twice"),
        (only(&["rate", "momentum", "x"]), "expected one or two"),
        (steps(0), "steps: found 0, expected 1 to"),
        (
            steps(10),
            "steps: found 10, expected more than the 10 steps",
        ),
        (
            TuneSpec {
                panel: Some(3),
                ..TuneSpec::default()
            },
            "panel: found 4, expected 1 to 3",
        ),
        (
            TuneSpec {
                panel: Some(2),
                ..TuneSpec::default()
            },
            "nothing to tune: no descents",
        ),
        (
            TuneSpec {
                radius: Some(-1.0),
                ..TuneSpec::default()
            },
            "radius: found -1",
        ),
    ] {
        let error = plans(&spec).expect_err(said);
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn what_was_found_is_that_of_the_file_too() {
    let mut experiment = experiment();
    let plan = Plan {
        steps: 30,
        ..experiment.panels[0].descents[1].plan.clone()
    };
    let mut cell = crate::maps::cell_of(&plan);
    (cell.rate, cell.params[0]) = (0.04, 0.5);
    experiment.settle_on(0, 1, &plan, &cell);
    let text = experiment.to_toml();
    let again = Experiment::parse(&text, "test").expect("valid");
    let plan = &again.panels[0].descents[1].plan;
    assert_eq!(
        (plan.rate, plan.rule.get("momentum"), plan.steps),
        (0.04, Some(0.5), 30)
    );
    assert_eq!(
        again.panels[0].descents[0],
        experiment.panels[0].descents[0]
    );
}

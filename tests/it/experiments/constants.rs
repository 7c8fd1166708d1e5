//! Named constants in files and back.

use proptest::prelude::*;
use steepest::experiment::{Experiment, FunctionSpec, ObjectiveSpec};
use steepest::mnist::DataWish;
use steepest::objective::Objective;
use steepest::report;

fn experiment(formula: &str, constants: &str) -> Experiment {
    let text = format!(
        "steepest = 1\n[[panel]]\nformula = '{formula}'\nconstants = {constants}\ndomain = [[-2, 2], [-2, 2]]\n\
         [[panel.descent]]\nrule = 'adam'\nrate = 0.1\nstart = [1, 1.5]\nsteps = 40\n"
    );
    Experiment::parse(&text, "constants.toml").unwrap_or_else(|error| panic!("{error}"))
}

fn function(experiment: &Experiment) -> FunctionSpec {
    let function = experiment.panels[0].objective.as_kind::<FunctionSpec>();
    function.expect("a function").clone()
}

#[test]
fn the_usual_span_goes_from_zero_to_twice_the_value() {
    for (value, span) in [
        ("1", [0.0, 2.0]),
        ("-5", [-10.0, 0.0]),
        ("0", [-1.0, 1.0]),
        ("-0.0", [-1.0, 1.0]),
        ("1e-9", [0.0, 2e-9]),
        ("1e300", [0.0, 2e300]),
        ("-1.7e308", [f64::MIN, 0.0]),
        ("5e-324", [0.0, 1e-323]),
        ("{ value = 3 }", [0.0, 6.0]),
        ("{ value = 3, min = -1 }", [-1.0, 6.0]),
        ("{ value = 3, max = 3 }", [0.0, 3.0]),
        ("{ value = 0, min = 0 }", [0.0, 1.0]),
        ("{ value = 3, min = 3, max = 4 }", [3.0, 4.0]),
    ] {
        let read = experiment("a*x + y", &format!("{{ a = {value} }}"));
        assert_eq!(function(&read).spans, [span], "{value}");
    }
}

/// The descents are those on the formula with numbers in it.
#[test]
fn descents_run_as_on_the_numbers_themselves() {
    let runs = |experiment: &Experiment| {
        let results = report::run(experiment, &DataWish::Synthetic).expect("results");
        let history = &results.panels[0].descents[0].history;
        (
            history.losses().to_vec(),
            history.iter().flatten().copied().collect::<Vec<_>>(),
        )
    };
    let plain = experiment("(1 - x)^2 + 100*(y - x^2)^2", "{}");
    let named = experiment("(a - x)^2 + b*(y - x^2)^n", "{ a = 1, b = 100, n = 2 }");
    assert_eq!(runs(&named), runs(&plain));
    let other = experiment("(a - x)^2 + b*(y - x^2)^n", "{ a = 1, b = 101, n = 2 }");
    assert_ne!(runs(&other), runs(&plain));
}

#[test]
fn constants_are_added_moved_and_taken_away() {
    let mut function = function(&experiment("a*x^2 + y^2", "{ a = 1 }"));
    function.minima = vec![vec![0.0, 0.0]];
    function.set_constant(0, 1.5);
    assert_eq!(function.spans, [[0.0, 2.0]], "the slider keeps its ends");
    assert!(function.minima.is_empty(), "they were the other function's");
    function.set_constant(0, -3.0);
    assert_eq!(function.spans, [[-3.0, 2.0]]);
    let more = function.with_constant("b").expect("b is free");
    assert_eq!(more.formula.value(&[1.0, 2.0]), 1.0);
    assert_eq!(more.formula.constants()[1].value, 1.0);
    let used = more.reworded("a*x^2 + b*y").expect("a formula");
    assert_eq!(used.formula.value(&[1.0, 2.0]), -1.0);
    assert_eq!(used.spans, [[-3.0, 2.0], [0.0, 2.0]]);
    assert!(used.without_constant(1).is_err(), "it is needed");
    assert!(used.reworded("a*x + c").is_err());
    assert_eq!(more.without_constant(1).expect("b is idle"), function);
    let curve = used.reworded("a*x^2").expect("a formula");
    assert_eq!(curve.formula.dim(), 2, "a surface stays one");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_constants_load_to_the_same(
        values in proptest::collection::vec(proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO, 3),
        moved in proptest::num::f64::NORMAL,
        greek in "[a-zαβλω_][a-z0-9_αβλω]{0,9}",
    ) {
        let name = format!("k{greek}");
        let mut before = experiment("x + y + q", "{ q = 1 }");
        let function = function(&before);
        let function = function.with_constant(&name).expect("a name");
        let mut function = function.with_constant("r").expect("a name");
        for (index, value) in values.iter().enumerate() {
            let half = value / 2.0;
            function.set_constant(index, half);
        }
        let wide = function.spans[0];
        function.set_constant(0, moved / 4.0);
        prop_assume!((function.spans[0][1] - function.spans[0][0]).is_finite());
        prop_assume!(wide.iter().all(|end| end.is_finite()));
        before.panels[0].objective = ObjectiveSpec::new(function);
        let text = before.to_toml();
        let after = Experiment::parse(&text, "again.toml");
        let after = after.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(&after, &before, "{}", text);
        prop_assert_eq!(after.to_toml(), text);
    }
}

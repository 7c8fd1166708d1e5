//! Minima told beforehand or learnt later, and those without a gradient.

use super::*;

#[test]
fn what_is_declared_and_none_is_only_given() {
    let square = [-2.0, 2.0];
    let points = find_with("x^2 + 2y^2", square, Some(square), &[vec![1.0, 1.0]]);
    at(&points, GivenMinimum, &[1.0, 1.0], 0.0);
    at(&points, LowestFound, &[0.0, 0.0], 0.0);
    assert_eq!((points.len(), points.minimum()), (2, Some(0.0)));
    // Where there is no loss there is no place for a mark.
    let nowhere = find_with("ln(x) + x^2", [-1.0, 2.0], None, &[vec![-0.5]]);
    assert!(nowhere.is_empty(), "{nowhere:?}");
}

#[test]
fn only_what_is_known_is_called_global_and_only_while_nothing_is_lower() {
    for named in crate::experiment::catalog() {
        let told = ToldMinima {
            places: &named.minima,
            are_global: true,
        };
        let points = CriticalPoints::find(&named.formula, named.domain, told);
        let global = points.iter().filter(|point| point.kind == GlobalMinimum);
        assert!(global.count() >= named.minima.len(), "{}", named.name);
        let other = |point: &&CriticalPoint| matches!(point.kind, LowestFound | GivenMinimum);
        assert_eq!(points.iter().find(other), None, "{}", named.name);
    }
    let formula = parse("x^4 - 2x^2 + 0.2x", 1);
    let domain = Domain {
        x: [-2.0, 2.0],
        y: None,
    };
    let wrong = ToldMinima {
        places: &[vec![0.9741]],
        are_global: true,
    };
    let points = CriticalPoints::find(&formula, domain, wrong);
    assert_eq!(census(&points), [1, 1, 0, 1, 0], "{points:?}");
    assert!(points.minimum() < Some(-1.2));
}

/// What is said of a place that is declared a minimum.
fn doubt(formula: &str, domain: &[[f64; 2]], place: &[f64]) -> Option<String> {
    let domain = Domain {
        x: domain[0],
        y: domain.get(1).copied(),
    };
    let formula = parse(formula, domain.dim());
    let doubt = doubts(&formula, domain, &[place.to_vec()]).remove(0);
    doubt.map(|doubt| doubt.to_string())
}

#[test]
fn minima_are_believed_smooth_or_not_exact_or_nearly() {
    let line: &[[f64; 2]] = &[[-2.0, 2.0]];
    let square: &[[f64; 2]] = &[[-2.0, 2.0], [-2.0, 2.0]];
    for (formula, domain, place) in [
        ("x^2 + 2y^2", square, &[0.0, 0.0][..]),
        ("x^2 + 2y^2", square, &[0.03, 0.01]),
        ("abs(x) + 3abs(y)", square, &[0.0, 0.0]),
        ("abs(x) + 3abs(y)", square, &[0.02, -0.01]),
        ("sqrt(abs(x))", line, &[0.0]),
        ("max(x^2 + y^2, 1)", square, &[0.3, 0.2]),
        ("x^4 + y^4", square, &[0.0, 0.0]),
        // at the rim of the domain, of where the function is defined, and outside
        ("x + y", square, &[-2.0, -2.0]),
        ("sqrt(x)", line, &[0.0]),
        ("sqrt(1 - x^2 - y^2)", square, &[1.0, 0.0]),
        ("(x - 9)^2 + y^2", square, &[9.0, 0.0]),
        ("3", line, &[1.0]),
        (
            "20 + x^2 - 10cos(2pi*x) + y^2 - 10cos(2pi*y)",
            square,
            &[1.0, 1.0],
        ),
        ("1e9 + 1e-3x^2", line, &[0.0]),
        ("x^2 - 1e-3exp(-1e8(x - 0.7)^2)", line, &[0.7]),
    ] {
        assert_eq!(
            doubt(formula, domain, place),
            None,
            "{formula} at {place:?}"
        );
    }
}

#[test]
fn what_is_no_minimum_is_said_with_what_was_found() {
    let line: &[[f64; 2]] = &[[-2.0, 2.0]];
    let square: &[[f64; 2]] = &[[-2.0, 2.0], [-2.0, 2.0]];
    for (formula, domain, place, said) in [
        (
            "x^2 + 2y^2",
            square,
            &[1.0, 1.0][..],
            "the gradient is [2, 4], and the loss falls from 3 to 2.8",
        ),
        (
            "x^2 - y^2",
            square,
            &[0.0, 0.0],
            "the Hessian's eigenvalues are -2 and 2, and the loss falls from 0 to -0.0016 at [0, ",
        ),
        ("-x^2", line, &[0.0], "the second derivative is -2"),
        ("x^3", line, &[0.0], "the loss falls from 0 to "),
        (
            "x^3 - 3x y^2",
            square,
            &[0.0, 0.0],
            "the loss falls from 0 to ",
        ),
        (
            "abs(x)",
            line,
            &[0.5],
            "the gradient is [1], and the loss falls from 0.5 to 0.46 at [0.46]",
        ),
        (
            "(1 - x)^2 + 100(y - x^2)^2",
            square,
            &[0.5, 0.25],
            "the gradient is [-1, 0]",
        ),
        ("ln(x)", line, &[-1.0], "the loss there is not finite"),
        ("1/x", line, &[0.0], "the loss there is not finite"),
        (
            "(x - 9)^2 + y^2",
            square,
            &[8.0, 0.0],
            "the gradient is [-2, 0]",
        ),
        ("x + y", square, &[0.0, 0.0], "the gradient is [1, 1]"),
    ] {
        let found = doubt(formula, domain, place);
        let text = found.clone().unwrap_or_default();
        assert!(text.contains(said), "{formula} at {place:?}: {found:?}");
    }
    let far = doubt("1e300x", &[[0.0, 1.0]], &[0.5]).expect("a doubt");
    assert!(far.contains("5e299"), "{far}");
}

#[test]
fn the_lowest_is_found_without_a_gradient_but_not_at_a_rim() {
    let square = [-2.0, 2.0];
    for (formula, expected) in [
        ("abs(x - 0.3) + 2abs(y + 0.7)", vec![[0.3, -0.7]]),
        ("sqrt(abs(x - 0.3)) + abs(y)", vec![[0.3, 0.0]]),
        ("hypot(x - 1.234, y)", vec![[1.234, 0.0]]),
        // a plane, a dome, lines and a circle of lowest places, a corner
        ("x + y", vec![]),
        ("sqrt(1 - x^2 - y^2)", vec![]),
        ("abs(x - 0.3) + 0y", vec![]),
        ("abs(x + 0.37y)", vec![]),
        ("abs(x^2 + y^2 - 1)", vec![]),
        ("sqrt(abs(x + 2)) + abs(y + 2) - x", vec![]),
    ] {
        let points = find(formula, square, Some(square));
        let lowest = points.iter().filter(|point| point.kind.is_lowest());
        let lowest: Vec<_> = lowest.collect();
        assert_eq!(lowest.len(), expected.len(), "{formula}: {lowest:?}");
        for (point, expected) in lowest.iter().zip(expected) {
            let off = (point.at[0] - expected[0]).hypot(point.at[1] - expected[1]);
            assert!(off < 1e-9, "{formula}: {point:?}");
        }
    }
    let kink = find("abs(x - 0.3) + x/2", square, None);
    assert!(kink.len() == 1 && (kink[0].at[0] - 0.3).abs() < 1e-12);
    let rim = find("exp(x)", square, None);
    assert_eq!((rim.len(), rim.minimum()), (0, None));
}

#[test]
fn what_is_found_lower_takes_the_claim() {
    let formula = "x^2 + y^2 - 5exp(-((x - 0.507)^2 + (y - 0.493)^2)*2e6)";
    let square = [-2.0, 2.0];
    let objective = parse(formula, 2);
    let domain = Domain {
        x: square,
        y: Some(square),
    };
    let alone = find(formula, square, Some(square));
    assert_eq!(alone.minimum(), Some(0.0));
    at(&alone, LowestFound, &[0.0, 0.0], 1e-9);
    assert!(!alone.would_learn(0.0) && !alone.would_learn(-1e-13) && !alone.would_learn(f64::NAN));
    // Half way down the dip.
    let place = [0.5073, 0.4931];
    let loss = objective.value(&place);
    assert!(alone.would_learn(loss), "{loss}");
    let learnt = alone.learn(&objective, domain, (loss, &place));
    assert_eq!(learnt.learnt(), Some(loss));
    at(&learnt, LowestFound, &[0.507, 0.493], 1e-4);
    at(&learnt, LocalMinimum, &[0.0, 0.0], 1e-9);
    assert_eq!(learnt.minimum(), Some(learnt[0].value));
    assert!(learnt[0].value < -4.49, "{learnt:?}");
    assert!(!learnt.would_learn(learnt[0].value));
    // A slope has no minimum, but its lowest place is known.
    let slope = find("x", square, None);
    let lower = slope.learn(
        &parse("x", 1),
        Domain { x: square, y: None },
        (-3.0, &[-1.0]),
    );
    assert_eq!(
        (lower.len(), lower.minimum(), lower.lowest_inside()),
        (0, None, Some(-3.0))
    );
}

//! Constants with names: where they may stand, what they may be called, other values.

use super::*;

fn constants(named: &[(&str, f64)]) -> Vec<Constant> {
    let constant = |(name, value): &(&str, f64)| Constant {
        name: (*name).to_owned(),
        value: *value,
    };
    named.iter().map(constant).collect()
}

fn with(text: &str, named: &[(&str, f64)]) -> Formula {
    Formula::with_constants(text, constants(named)).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn a_constant_stands_wherever_a_number_may() {
    let named = [
        ("a", 2.0),
        ("beta_1", 10.0),
        ("α", -0.5),
        ("ab", 7.0),
        ("e_", 1.0),
    ];
    for (text, expected) in [
        ("a", 2.0),
        ("2a", 4.0),
        ("a x", 6.0),
        ("a(x + 1)", 8.0),
        ("|a - y|", 3.0),
        ("x^a", 9.0),
        ("xa^a", f64::NAN),
        ("a^x", 8.0),
        ("a²", 4.0),
        ("√a²", f64::NAN),
        ("√(8a)", 4.0),
        ("-a^2", -4.0),
        ("y/a", 2.5),
        ("y/a x", f64::NAN),
        ("log(1000, beta_1)", 3.0),
        ("α x", -1.5),
        ("ab", 7.0),
        ("a b", f64::NAN),
        ("e_ + e - e", 1.0),
        ("min(a, x) + hypot(a + 1, 4)", 7.0),
    ] {
        let read = Formula::with_constants(text, constants(&named));
        match read {
            Ok(formula) => assert_eq!(formula.value(&[3.0, 5.0]), expected, "{text}"),
            Err(error) => assert!(expected.is_nan(), "{text}: {error}"),
        }
    }
}

#[test]
fn a_constant_is_its_number_to_the_last_bit() {
    for text in [
        "(A - x)^2 + B*(y - x^2)^2",
        "x^A + y^B",
        "(x - 1)^A",
        "log(x^2 + 1, A) - log(y^2 + 1, B)",
        "sin(A*x)/A + exp(-B*y^2/100)",
        "max(A, x) + |B - y|^A",
        "sqrt(A)*x + erf(B*y)",
    ] {
        let mut bound = with(
            &text.replace('A', "a").replace('B', "b"),
            &[("a", 9.0), ("b", -9.0), ("idle", 0.0)],
        );
        for (a, b) in [(1.0, 100.0), (2.0, 10.0), (0.3, 7.5), (-2.0, 0.0)] {
            let number = |number: f64| format!("({number:?})");
            let text = text.replace('A', &number(a)).replace('B', &number(b));
            let literal = Formula::parse(&text).expect("a formula");
            bound.set_constant(0, a);
            bound.set_constant(1, b);
            for w in [[-1.5, 2.0], [0.0, 0.0], [1.0, 1.0], [0.7, -3.0]] {
                assert_eq!(all(&bound, w), all(&literal, w), "{text} at {w:?}");
                assert_eq!(
                    bound.is_outside(&w),
                    literal.is_outside(&w),
                    "{text} at {w:?}"
                );
            }
        }
    }
}

/// The bits of the loss and its derivatives; all numbers that are none are alike.
fn all(formula: &Formula, w: [f64; 2]) -> Vec<u64> {
    let (mut gradient, mut hessian) = ([0.0; 2], [0.0; 4]);
    let formula = formula.clone().with_dim(2).expect("a surface");
    let loss = formula.gradient(&w, &mut gradient);
    formula.hessian(&w, &mut hessian);
    let numbers = [loss, formula.value(&w)].into_iter();
    let numbers = numbers.chain(gradient).chain(hessian);
    numbers
        .map(|x| if x.is_nan() { f64::NAN } else { x }.to_bits())
        .collect()
}

#[test]
fn formulas_with_other_constants_are_different() {
    let one = with("a*x", &[("a", 1.0), ("b", 1.0)]);
    let mut other = one.clone();
    assert_eq!(one, other);
    other.set_constant(0, 2.0);
    assert_ne!(one, other);
    assert_eq!(other.constants()[0].value, 2.0);
    other.set_constant(0, 1.0);
    other.set_constant(7, 3.0);
    assert_eq!(one, other);
    assert!(one.uses(0) && !one.uses(1) && !one.uses(2));
    assert_eq!(one.dim(), 1);
}

#[test]
fn names_that_mean_something_else_are_no_constants() {
    for (name, reason) in [
        ("x", "variable"),
        ("y", "variable"),
        ("pi", "known number"),
        ("τ", "known number"),
        ("e", "known number"),
        ("sin", "function"),
        ("erf", "function"),
        ("", "begins with no digit"),
        ("2a", "begins with no digit"),
        ("a b", "letters, digits"),
        ("a-b", "letters, digits"),
        ("a.b", "letters, digits"),
        ("a²", "letters, digits"),
        ("₁", "begins with no digit"),
        ("απ", "stand for themselves"),
        ("e3", "power of ten"),
        ("E10", "power of ten"),
        (&"a".repeat(41), "at most 40"),
    ] {
        let objection = Constant::objection(name).unwrap_or_default();
        assert!(objection.contains(reason), "{name}: {objection}");
    }
    for name in [
        "a",
        "A",
        "X",
        "alpha",
        "α",
        "σ₁",
        "β_2",
        "_",
        "learning_rate",
        "e3a",
        "é",
        "PI",
    ] {
        assert_eq!(Constant::objection(name), None, "{name}");
    }
    // What is declared nevertheless takes nothing from what is known.
    let formula = with("x + pi - pi + 2e3", &[("x", 9.0), ("pi", 9.0), ("e3", 9.0)]);
    assert_eq!(formula.value(&[1.0]), 2001.0);
}

#[test]
fn what_may_become_a_constant_is_said() {
    let unknown = |text: &str| {
        let error = Formula::with_constants(text, constants(&[("a", 1.0), ("rate", 1.0)]));
        error.map_or_else(|error| error, |f| panic!("{text} was read as {f:?}"))
    };
    for (text, name) in [
        ("x^2 + z", Some("z")),
        ("b*x", Some("b")),
        ("λ(x^2 + y^2)", Some("λ")),
        ("x1 + x2", Some("x1")),
        ("x + sine", Some("sine")),
        ("gamma(x + 1)", Some("gamma")),
        ("sine(x)", None),
        ("np.sin(x)", None),
        ("a.x", Some("")),
        ("x + e5", None),
        ("ax", None),
        ("sinx", None),
    ] {
        let error = unknown(text);
        let expected = name.filter(|name| !name.is_empty());
        assert_eq!(error.unknown.as_deref(), expected, "{text}: {error}");
    }
    for (text, hint) in [
        ("ax", "write a*x to multiply"),
        ("ratex", "write rate*x to multiply"),
        ("xrate", "write x*rate to multiply"),
        ("aexp(x)", "write a*exp(…) to multiply"),
        ("axsinx", "write a*x*sin(x) to multiply"),
        ("sina", "write sin(a)"),
        ("rte", "did you mean `rate`?"),
        ("exy", "write e*x*y to multiply"),
    ] {
        let error = unknown(text);
        assert!(error.message.contains(hint), "{text}: {error}");
    }
    let long = unknown(&"xy".repeat(4000));
    assert!(long.unknown.is_none());
}

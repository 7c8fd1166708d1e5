//! What is said about experiment files that are wrong.

use std::error::Error;
use std::fs;

use steepest::experiment::Experiment;

type Tested = Result<(), Box<dyn Error>>;

const CASES: &str = include_str!("bad_input.txt");

/// The file that the cases spoil.
fn good() -> &'static str {
    CASES.split("\n\n").nth(1).unwrap_or_default()
}

fn messages(text: &str) -> String {
    let parsed = Experiment::parse(text, "my.toml");
    parsed.map_or_else(|error| error.to_string(), |_| "no error".to_owned())
}

/// Checks everything that is said about [`good`] with `from` replaced by `to`.
fn check(from: &str, to: &str, expected: &str) {
    assert!(good().contains(from), "{from}");
    let text = good().replacen(from, to, 1);
    assert_eq!(messages(&text), expected, "in:\n{text}");
}

#[test]
fn every_case_is_reported_with_line_key_found_and_expected() {
    let cases = CASES
        .split("\n\n")
        .skip(2)
        .filter(|case| !case.starts_with('#'));
    let mut count = 0;
    for case in cases {
        let marked = |mark: &str, before: &str| {
            let lines = case.lines().filter_map(|line| line.strip_prefix(mark));
            let lines =
                lines.map(|line| format!("{before}{}", line.strip_prefix(' ').unwrap_or(line)));
            lines.collect::<Vec<_>>().join("\n")
        };
        check(&marked("-", ""), &marked("+", ""), &marked("=", "my.toml:"));
        count += 1;
    }
    assert!(count > 60, "{count} cases found");
    assert_eq!(messages(good()), "no error");
}

#[test]
fn rates_and_steps_are_positive_and_finite() {
    for rate in [
        "0", "0.0", "-0.1", "nan", "inf", "1e999", "\"0.1\"", "[0.1]", "true",
    ] {
        let expected = format!(
            "my.toml:7: key `panel[0].descent[0].rate`: found {rate}, expected a finite number above 0"
        );
        check("rate = 0.1", &format!("rate = {rate}"), &expected);
    }
    for steps in [
        "0",
        "-5",
        "1000000000",
        "10.0",
        "1000001",
        "99999999999999999999999",
    ] {
        let expected = format!(
            "my.toml:9: key `panel[0].descent[0].steps`: found {steps}, \
             expected a whole number from 1 to 1000000"
        );
        check("steps = 10", &format!("steps = {steps}"), &expected);
    }
}

#[test]
fn absurd_sizes_are_refused() {
    let descent = &good()[good().find("[[panel.descent]]").unwrap_or_default()..];
    let million = format!("\n{}", descent.replace("10", "1_000_000"));
    for (count, expected) in [
        (
            11,
            "2: key `panel`: found 11000010 steps in all descents together, expected at most 10000000",
        ),
        (
            64,
            "5: key `panel[0].descent`: found 65, expected at most 64",
        ),
    ] {
        let text = format!("{}{}", good(), million.repeat(count));
        assert_eq!(messages(&text), format!("my.toml:{expected}"));
    }
    let panels = "[[panel]]\nobjective = \"bowl\"\n".repeat(13);
    assert_eq!(
        messages(&format!("steepest = 1\n{panels}")),
        "my.toml:2: key `panel`: found 13, expected at most 12"
    );
    check(
        "formula",
        "contours = 1000\nformula",
        "my.toml:3: key `panel[0].contours`: found 1000, expected a whole number from 0 to 200",
    );
    let deep = messages(&format!("steepest = 1\na = {}", "[".repeat(100_000)));
    assert!(deep.starts_with("my.toml:2: not valid TOML: "), "{deep}");
    let deep = messages(&good().replace("x^2 + y^2", &"(".repeat(100_000)));
    assert!(deep.contains("key `panel[0].formula`: column"), "{deep}");
}

#[test]
fn a_file_without_panels_is_no_experiment() {
    let expected = "expected one or more [[panel]] tables";
    for (text, found) in [
        ("steepest = 1\n", "1: key `panel`: missing"),
        ("steepest = 1\npanel = []\n", "2: key `panel`: found []"),
    ] {
        assert_eq!(messages(text), format!("my.toml:{found}, {expected}"));
    }
    assert!(messages("").starts_with("my.toml:1: key `steepest`: missing"));
}

/// The words are the formula parser's own; here the place counts: line, key, and the caret.
#[test]
fn formula_errors_point_at_their_column() {
    for (formula, column) in [
        ("x^2 + z", 7),
        ("(x + y", 1),
        ("", 1),
        ("x + * y", 5),
        ("sine(x)", 1),
    ] {
        let text = messages(&good().replace("x^2 + y^2", formula));
        let lines: Vec<&str> = text.lines().collect();
        let place = format!("my.toml:3: key `panel[0].formula`: column {column}: ");
        assert!(lines[0].starts_with(&place), "{formula}: {text}");
        let pointer = [
            format!("    {formula}"),
            format!("    {}^", " ".repeat(column - 1)),
        ];
        assert_eq!(lines[1..], pointer, "{text}");
    }
}

/// A name that nothing has may be a constant's.
#[test]
fn a_constant_that_is_not_declared_is_offered() {
    for (name, key) in [("a", "a"), ("λ", "\"λ\"")] {
        let text = messages(&good().replace("x^2", &format!("{name}*x^2")));
        let hint = format!("; `constants = {{ {key} = 1 }}` makes it a constant\n");
        assert!(text.contains(&hint), "{text}");
    }
    for formula in ["xy", "sine(x)", "x +"] {
        let text = messages(&good().replace("x^2 + y^2", formula));
        assert!(!text.contains("constants"), "{text}");
    }
}

#[test]
fn what_may_be_meant_is_only_noted() -> Tested {
    let text = format!(
        "{}\n[[panel.descent]]\nrule = 'adam'\nrate = 1\nstart = [0, 3]\nsteps = 2\n[[caption]]\nstep = 11\ntext = 'late'\n",
        good()
    );
    let text = text.replace(
        "\"x^2 + y^2\"",
        "\"log(x) + y^2 + a\"\nconstants = { b = 1, a = 1 }",
    );
    let notes = Experiment::parse(&text, "my.toml")?.notes();
    assert_eq!(
        notes,
        [
            "panel 1: the constant `b` does not occur in the formula",
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
    let fine = file("good.toml", good().as_bytes())?;
    assert_eq!(Experiment::text(&fine)?, good());
    assert_eq!(Experiment::load(&fine)?.panels.len(), 1);
    Ok(())
}

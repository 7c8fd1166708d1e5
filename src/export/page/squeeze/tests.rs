//! Tests of what is left of a script.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::{SCRIPTS, data};
use super::{OWN, is_word, squeezed};
use crate::experiment::Experiment;
use crate::export::Scene;

/// The names of all that the data hold.
fn keys(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(pairs) => pairs.iter().for_each(|(key, value)| {
            into.insert(key.clone());
            keys(value, into);
        }),
        Value::Array(values) => values.iter().for_each(|value| keys(value, into)),
        _ => {}
    }
}

#[test]
fn what_is_the_viewer_s_own_is_nobody_else_s() {
    let mut known = BTreeSet::new();
    for name in ["moons", "basins", "adam-step-by-step"] {
        let experiment = Experiment::load(name).expect("a built-in");
        let scene = Scene::of(experiment, &Default::default()).expect("no data are needed");
        let mut data = data::of(&scene);
        // Colours are never asked for by their names.
        data["themes"] = Value::Null;
        keys(&data, &mut known);
    }
    let script = SCRIPTS.concat();
    let inputs = script.lines().map(str::trim);
    let inputs = inputs.filter(|line| line.starts_with("uniform ") || line.starts_with("in "));
    known.extend(inputs.flat_map(|line| line.split(|c| !is_word(c)).map(str::to_owned)));
    assert!(known.contains("levels") && known.contains("aAt"));
    let (_, offered) = script
        .split_once("window.steepest =")
        .expect("it is offered");
    for own in OWN {
        let is_offered = [
            format!("\n  {own}:"),
            format!(" {own}() {{"),
            format!("\n  {own},"),
        ];
        let is_offered = is_offered.iter().any(|form| offered.contains(form));
        // The theme's name is read by the style alone.
        let is_known = known.contains(own) && own != "theme";
        assert!(!is_known && !is_offered, "{own}");
    }
}

#[test]
fn no_sign_of_the_viewer_meets_its_like() {
    for script in SCRIPTS {
        assert!(!script.contains("- -") && !script.contains("+ +"));
    }
}

#[test]
fn what_means_something_stays() {
    for (long, short) in [
        ("  const a = b + 1;\n", "const a=b+1;"),
        ("// gone\n\nreturn -a - b + c;\n", "return-a-b+c;"),
        ("f(\" a  b \", 'c // d');\n", "f(\" a  b \",'c // d');"),
        ("g(`x ${ a + b } y`);\n", "g(`x ${ a + b } y`);"),
        (
            "s = `#version 300 es\n  // c\n  { a = b * c; } // d\n`; d = `a  b`;\n",
            "s=`#version 300 es\n{a=b*c;}`;d=`a  b`;",
        ),
        ("if (a) {\n  b;\n}\nc();\n", "if(a){b}c();"),
        ("\"a\\\" b\" in c;\n", "\"a\\\" b\"in c;"),
        ("/a \\/ b/i.test(c);", "/a \\/ b/i.test(c);"),
    ] {
        assert_eq!(squeezed(long), short);
    }
}

#[test]
fn names_are_shortened_but_for_those_of_properties() {
    for (long, short) in [
        (
            "const long = 1; function twice(x) { return long + x; } twice(long);",
            "const a=1;function b(x){return a+x}b(a);",
        ),
        ("let width = a.width;", "let width=a.width;"),
        ("let width = f({ width });", "let width=f({width});"),
        (
            "let { width } = a; const width = 1;",
            "let{width}=a;const width=1;",
        ),
        (
            "let word = 1; f(`${word} word`);",
            "let word=1;f(`${word} word`);",
        ),
        ("let word = 1; f(`${word + 1}`);", "let a=1;f(`${a + 1}`);"),
        (
            "let one = 1; f(`${one ? \"one\" : b.one}`);",
            "let one=1;f(`${one ? \"one\" : b.one}`);",
        ),
        (
            "a.timeline = { timeline }; f(`timeline ${b.timeline}`);",
            "a.c={c};f(`timeline ${b.c}`);",
        ),
        ("const a = 1; const next = a + a;", "const a=1;const c=a+a;"),
        ("const one = [a, one, b];", "const c=[a,c,b];"),
    ] {
        assert_eq!(squeezed(long), short);
    }
}

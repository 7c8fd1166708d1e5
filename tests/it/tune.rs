//! `steepest tune` as people run it.

use serde_json::Value;

use crate::cli::Desk;

const VALLEYS: &str = r#"steepest = 1
title = "Valleys"
[[panel]]
title = "A ravine"
formula = "0.5*(x^2 + 20*y^2)"
domain = [[-2, 2], [-1, 1]]
[[panel.descent]]
name = "SGD"
rule = "gd"
rate = 0.003
start = [1.5, 0.7]
steps = 120
[[panel.descent]]
name = "Ball"
rule = "momentum"
rate = 30
start = [1.5, 0.7]
steps = 120
[[panel.descent]]
name = "Hidden"
rule = "adam"
rate = 0.001
start = [1.5, 0.7]
steps = 120
hidden = true
[[panel]]
title = "A curve"
formula = "(x - 1)^2"
domain = [[-4, 4]]
[[panel.descent]]
rule = "newton"
rate = 1
start = [3]
steps = 20
[[panel]]
objective = "bowl"
"#;

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("valleys.toml", VALLEYS);
    desk
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

#[test]
fn what_is_written_does_what_was_printed() {
    let desk = desk();
    let ended = desk.run("tune valleys.toml --format json -o tuned.toml");
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let found = json(&ended.stdout);
    assert_eq!(found["panels"].as_array().map(Vec::len), Some(2));
    let descents = found["panels"][0]["descents"].as_array().expect("descents");
    let names: Vec<&str> = descents.iter().flat_map(|it| it["name"].as_str()).collect();
    assert_eq!(names, ["SGD", "Ball"]);
    let [gd, ball] = [&descents[0], &descents[1]];
    assert_eq!(
        gd["before"]["settings"],
        serde_json::json!({ "rate": 0.003 })
    );
    assert!(gd["before"]["settles"].is_null() && ball["before"]["diverged"] == true);
    let rate = gd["after"]["settings"]["rate"].as_f64().expect("a rate");
    assert!((rate / (2.0 / 21.0) - 1.0).abs() < 0.03, "{rate}");
    let settles = |descent: &Value| descent["after"]["settles"].as_u64().expect("it settles");
    assert!(settles(ball) < settles(gd), "{found}");
    // Nothing is better than a whole step of Newton's method.
    let newton = &found["panels"][1]["descents"][0];
    assert_eq!(newton["before"], newton["after"]);
    assert_eq!(newton["after"]["settles"], 1);

    let radius = found["panels"][0]["radius"].as_f64().expect("a radius");
    let run = json(&desk.succeed("run tuned.toml"));
    for (k, descent) in descents.iter().enumerate() {
        let path = run["panels"][0]["descents"][k]["path"]
            .as_array()
            .expect("a path");
        let is_away = |point: &Value| {
            let [x, y] = [0, 1].map(|k| point[k].as_f64().expect("a number"));
            x.hypot(y) > radius
        };
        let last_away = path.iter().rposition(is_away).expect("it begins away");
        assert_eq!(settles(descent), last_away as u64 + 1);
    }
    let text = String::from_utf8(desk.read("tuned.toml")).expect("UTF-8");
    let hidden = text
        .split("[[panel.descent]]")
        .nth(3)
        .expect("all are there");
    assert!(
        hidden.contains("rate = 0.001\n") && hidden.contains("hidden"),
        "{text}"
    );
    // What is tuned already stays as it is.
    let again = json(&desk.succeed("tune tuned.toml --format json"));
    for (k, descent) in descents.iter().enumerate() {
        let again = &again["panels"][0]["descents"][k];
        assert_eq!(again["before"], descent["after"]);
        assert!(again["after"]["settles"].as_u64() <= Some(settles(descent)));
    }
}

#[test]
fn a_table_is_for_people_and_csv_for_spreadsheets() {
    let desk = desk();
    let table = desk.text("tune valleys.toml --panel 1 --descent Ball --descent Hidden --steps 60");
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "A ravine");
    assert!(
        lines[1].starts_with("descent  rate") && lines[1].contains("steps"),
        "{table}"
    );
    assert!(lines[2].starts_with("Ball     30 → 0."), "{table}");
    assert!(
        lines[2].contains("momentum 0.9 → 0.") && lines[2].contains("never → "),
        "{table}"
    );
    assert!(lines[2].contains("diverges → "), "{table}");
    assert!(lines[3].starts_with("Hidden   0.001 → "), "{table}");
    assert!(lines[3].contains("beta1 0.9"), "{table}");
    assert_eq!(
        lines[4],
        "steps: until it stays within 8.94×10⁻³ of a lowest minimum"
    );
    assert_eq!(lines.len(), 5);

    let csv = desk.text("tune valleys.toml --panel 1 --only momentum=0.5:0.9 --format csv -q");
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "panel,descent,rule,setting,before,after,settles_before,settles_after,loss_before,loss_after"
    );
    assert!(
        lines[1].starts_with("A ravine,Ball,momentum,momentum,0.9,"),
        "{csv}"
    );
    assert_eq!((lines.len(), lines[1].split(',').count()), (2, 10));
}

#[test]
fn the_experiment_may_go_to_the_standard_output() {
    let desk = desk();
    let ended = desk.run("tune valleys.toml --descent SGD --steps 70 -o -");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let text = String::from_utf8(ended.stdout).expect("UTF-8");
    desk.put("tuned.toml", &text);
    assert!(
        desk.text("check tuned.toml")
            .contains("ok, 3 panels, 4 descents")
    );
    assert!(
        text.contains("steps = 70") && text.contains("steps = 120"),
        "{text}"
    );
    assert!(
        ended.stderr.contains("SGD      0.003 → 0.0"),
        "{}",
        ended.stderr
    );
}

/// A network has no known minimum: the lowest loss at the end is the best. It is little work.
#[test]
fn networks_and_random_gradients_are_tuned_too() {
    let desk = desk();
    desk.put(
        "net.toml",
        r#"steepest = 1
[[panel]]
objective = "network"
network = { data = "moons", samples = 16, layers = [3] }
[[panel.descent]]
name = "Batches"
rule = "adam"
rate = 0.0001
start = { init = "xavier", seed = 3 }
steps = 30
sampling = { batch = 4 }
"#,
    );
    let ended = desk.run("tune net.toml --only rate");
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let table = String::from_utf8(ended.stdout).expect("UTF-8");
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines[0].starts_with("descent") && !lines[0].contains("steps"),
        "{table}"
    );
    assert!(lines[1].starts_with("Batches  0.0001 → "), "{table}");
    assert_eq!(lines[2], "random gradients: what three of four runs reach");
    let found = json(&desk.succeed("tune net.toml --only rate --format json"));
    let descent = &found["panels"][0]["descents"][0];
    let loss = |when: &str| descent[when]["loss"].as_f64().expect("a loss");
    assert!(loss("after") < 0.8 * loss("before"), "{found}");
    assert!(descent["after"]["settles"].is_null());
}

#[test]
fn where_nothing_can_be_found_that_is_said() {
    let desk = Desk::new();
    let with = |formula: &str| VALLEYS.replace("0.5*(x^2 + 20*y^2)", formula);
    desk.put("nowhere.toml", &with("ln(x - 100) + y"));
    let ended = desk.run("tune nowhere.toml --panel 1 --descent SGD -o tuned.toml");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let table = String::from_utf8(ended.stdout).expect("UTF-8");
    assert!(
        table.contains("SGD      0.003  no run has a finite loss"),
        "{table}"
    );
    let text = String::from_utf8(desk.read("tuned.toml")).expect("UTF-8");
    assert!(text.contains("rate = 0.003\n"));
    desk.put("slope.toml", &with("x + y"));
    let ended = desk.run("tune slope.toml --panel 1 --descent SGD");
    let said =
        "note: SGD: its best rate is at the end of those searched; --only rate=A:B searches others";
    assert!(
        ended.code == 0 && ended.stderr.contains(said),
        "{}",
        ended.stderr
    );
}

#[test]
fn bad_usage_is_refused_before_any_work() {
    let desk = desk();
    desk.put("tuned.toml", "mine");
    let recorded = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/gallery/xor.npz");
    for (arguments, code, said) in [
        (
            "valleys.toml --panel 4",
            2,
            "--panel: found 4, expected 1 to 3",
        ),
        (
            "valleys.toml --panel 3",
            2,
            "valleys.toml: nothing to tune: no descents",
        ),
        ("valleys.toml --descent Bal", 2, "did you mean \"Ball\"?"),
        (
            "valleys.toml --only momentun",
            2,
            "--only: found \"momentun\", expected one or two of rate, ",
        ),
        (
            "valleys.toml --only rate=1:0.1",
            2,
            "--only: found `rate=1:0.1`, expected rate=A:B",
        ),
        (
            "valleys.toml --only rate,momentum,beta1",
            2,
            "--only: found rate, momentum, beta1, expected one or two",
        ),
        (
            "valleys.toml --steps 0",
            2,
            "--steps: found 0, expected 1 to 1000000",
        ),
        ("valleys.toml --radius -1", 2, "--radius: found -1"),
        (
            "valleys.toml --format npz",
            2,
            "found \"npz\", expected one of table, json, csv",
        ),
        (
            "valleys.toml --format json -o -",
            2,
            "--format: the experiment goes to the standard output",
        ),
        (
            "valleys.toml -o tuned.toml",
            1,
            "tuned.toml is there already; --force overwrites it",
        ),
        (
            "valleys.toml -o nowhere/a.toml",
            1,
            "the folder `nowhere` does not exist",
        ),
        (
            "race --steps 1000000 -o long.toml",
            2,
            "--steps: found 11000000 steps in all descents together, expected at most 10000000",
        ),
        (
            recorded,
            2,
            "nothing to tune: recorded runs have no rule to run at other rates",
        ),
    ] {
        let ended = desk.run(&format!("tune {arguments}"));
        assert_eq!(ended.code, code, "{arguments}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{arguments}: {}", ended.stderr);
        assert!(ended.stdout.is_empty(), "{arguments}");
        assert_eq!(desk.names(), ["tuned.toml", "valleys.toml"]);
    }
    desk.succeed("tune valleys.toml --descent SGD -o tuned.toml --force -q");
    assert!(desk.read("tuned.toml").starts_with(b"steepest = 1"));
}

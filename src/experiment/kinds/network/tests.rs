//! Tests of what a file says of a network.

use std::path::Path;

use super::*;
use crate::experiment::Experiment;
use crate::objective::network::Init;

const FILE: &str = r#"steepest = 1
[[panel]]
objective = "network"
network = { data = "blobs", samples = 40, noise = 0.1, layers = [4, 4], activation = "gelu", residual = true }
plane = { directions = "hessian", through = "Down" }
domain = [[-1, 1], [-1, 1]]
grid = [5, 5]
[[panel.descent]]
name = "Down"
rule = "gd"
rate = 0.05
start = { init = "normal", scale = 0.3, seed = 2 }
steps = 20
sampling = { batch = 8 }
"#;

#[test]
fn it_is_read_and_written() {
    let experiment = Experiment::parse(FILE, "test").expect("a sound file");
    let panel = &experiment.panels[0];
    let spec = panel.objective.as_kind::<NetworkSpec>().expect("a network");
    assert_eq!(spec.shape().widths(), [2, 4, 4, 3]);
    let start = &panel.descents[0].plan.start;
    assert_eq!(*start, Init::Normal { scale: 0.3 }.draw(spec.shape(), 2));
    let text = experiment.to_toml();
    assert!(text.contains("start = { init = \"normal\", scale = 0.3, seed = 2 }"));
    assert_eq!(
        Experiment::parse(&text, "again").expect("sound"),
        experiment
    );
    // A start that was moved is written number by number.
    let mut moved = experiment.clone();
    moved.panels[0].descents[0].plan.start[3] += 1.0;
    let again = Experiment::parse(&moved.to_toml(), "again").expect("sound");
    let start = &again.panels[0].descents[0].plan.start;
    assert_eq!(*start, moved.panels[0].descents[0].plan.start);
    let zeros = FILE.replace("{ init = \"normal\", scale = 0.3, seed = 2 }", "\"zeros\"");
    let zeros = Experiment::parse(&zeros, "zeros").expect("sound");
    assert!(zeros.to_toml().contains("start = \"zeros\""));
    let layers = spec
        .with_layers(&[7], Activation::Relu, false)
        .expect("small");
    let mut exchanged = experiment.panels[0].clone();
    exchanged.exchange(ObjectiveSpec::new(layers));
    assert_eq!(
        exchanged.descents[0].plan.start.len(),
        2 * 7 + 7 + 7 * 3 + 3
    );
}

#[test]
fn what_is_wrong_is_said() {
    for (from, to, said) in [
        (
            "\"blobs\"",
            "\"blob\"",
            "did you mean \"blobs\"?, or the path of a CSV file",
        ),
        (
            "\"blobs\"",
            "\"none.csv\"",
            "the samples of a file are as they are",
        ),
        (
            "samples = 40",
            "samples = 2",
            "expected a whole number from 3 to 10000",
        ),
        (
            "samples = 40",
            "samples = 10001",
            "expected a whole number from 3 to 10000",
        ),
        (
            "noise = 0.1",
            "noise = -1",
            "expected a finite number, 0 or more",
        ),
        (
            "noise = 0.1",
            "noise = 1e308",
            "with which samples are too far out",
        ),
        (
            "[4, 4]",
            "[4, 0]",
            "expected a whole number from 1 to 20000",
        ),
        (
            "[4, 4]",
            "[200, 200]",
            "found 41403 weights and biases in all, expected at most 20000",
        ),
        (
            "\"gelu\"",
            "\"selu\"",
            "expected one of tanh, relu, sigmoid, gelu, linear",
        ),
        ("residual = true", "residual = 1", "expected true or false"),
        ("residual", "residuals", "did you mean `residual`?"),
        (
            "\"normal\"",
            "\"norm\"",
            "expected one of xavier, he, normal, zeros",
        ),
        (
            "\"normal\"",
            "\"he\"",
            "only init = \"normal\" takes `scale`",
        ),
        (
            "init = \"normal\", ",
            "",
            "missing, expected one of xavier, he, normal, zeros",
        ),
        (
            "{ init = \"normal\", scale = 0.3, seed = 2 }",
            "[1, 2]",
            "or a list of the 47 weights and biases",
        ),
        (
            "\"hessian\"",
            "\"hesse\"",
            "expected one of pca, random, hessian",
        ),
        (
            "\"hessian\", through",
            "\"hessian\", seed = 1, through",
            "takes `seed`",
        ),
        (
            "directions = \"hessian\", through = \"Down\"",
            "u = \"layer9.bias[0]\"",
            "up to \"layer3.bias[2]\"",
        ),
        (
            "directions = \"hessian\", through = \"Down\"",
            "between = [\"Down\", \"Up\", \"Down\"]",
            "expected the name of one of",
        ),
        (
            "directions = \"hessian\", through = \"Down\"",
            "between = [\"Down\", \"Down\", \"Down\"]",
            "expected three different",
        ),
        (
            "directions = \"hessian\", through = \"Down\"",
            "between = [\"Down\"]",
            "expected three of the panel's",
        ),
        (
            "directions = \"hessian\"",
            "between = [\"Down\", \"Down\", \"Down\"]",
            "beside it, which is the whole plane",
        ),
        ("batch = 8", "batch = 0", "expected a whole number"),
    ] {
        assert!(FILE.contains(from), "{from}");
        let wrong = Experiment::parse(&FILE.replacen(from, to, 1), "test");
        let error = wrong.expect_err(to).to_string();
        assert!(error.contains(said), "{to}: {error}");
    }
}

#[test]
fn tables_are_found_from_the_experiment_s_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("data")).expect("a folder");
    let rows = "x,y,label\n0,0,0\n1,1,1\n0.5,1,0\n";
    std::fs::write(folder.path().join("data/points.csv"), rows).expect("a file");
    let own = FILE.replace(
        "\"blobs\", samples = 40, noise = 0.1",
        "\"data/points.csv\"",
    );
    let file = folder.path().join("own.toml");
    let name = file.display().to_string();
    let experiment = Experiment::parse(&own, &name).expect("a sound file");
    let samples = experiment.panels[0].objective.samples().expect("samples");
    assert_eq!((samples.len(), samples.outputs()), (3, 2));
    // Saved beside, the name stays; elsewhere, and where nobody knows, it is the whole path.
    assert!(
        experiment
            .to_toml_in(folder.path())
            .contains("\"data/points.csv\"")
    );
    for text in [experiment.to_toml(), experiment.to_toml_in(Path::new("/"))] {
        assert_eq!(
            Experiment::parse(&text, "other").expect("sound").panels[0].plane,
            experiment.panels[0].plane
        );
    }
    std::fs::write(folder.path().join("data/points.csv"), "x,label\n1,NaN\n").expect("a file");
    let error = Experiment::parse(&own, &name)
        .expect_err("no class")
        .to_string();
    let said = "points.csv: line 2, column 2 (`label`), found `NaN`, expected a class";
    assert!(
        error.contains(&format!("{name}:4: key `panel[0].network.data`")) && error.contains(said),
        "{error}"
    );
}

#[test]
fn samples_kept_apart_are_drawn_like_the_others_and_change_nothing() {
    let with = |keys: &str| {
        let text = FILE.replace("samples = 40", &format!("samples = 40, {keys}"));
        Experiment::parse(&text, "test")
    };
    let network = |experiment: &Experiment| {
        let objective = experiment.panels[0].objective.build(None);
        objective.expect("it needs no data")
    };
    let plain = Experiment::parse(FILE, "test").expect("sound");
    let tested = with("test = 30, data_seed = 5").expect("sound");
    let seeded = with("data_seed = 5").expect("sound");
    let w = &plain.panels[0].descents[0].plan.start;
    assert!(network(&plain).held_out().is_none());
    let objective = network(&tested);
    assert_eq!(objective.value(w), network(&seeded).value(w));
    assert_eq!(objective.samples(), Some(40));
    let held_out = objective.held_out().expect("kept apart");
    assert_eq!(held_out.samples(), Some(30));
    let text = tested.to_toml();
    assert!(text.contains("test = 30, data_seed = 5"), "{text}");
    assert_eq!(Experiment::parse(&text, "again").expect("sound"), tested);
    let none = with("test = 0").expect("none").to_toml();
    assert!(!none.contains("test"), "{none}");
    for (keys, said) in [
        ("test = 2", "expected 0, or a whole number from 3 to 10000"),
        ("test = 10001", "expected 0, or a whole number from 3"),
        ("test = 0.2", "expected 0, or a whole number from 3"),
        ("test = -1", "expected 0, or a whole number from 3"),
    ] {
        let error = with(keys).expect_err(keys).to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn some_rows_of_a_table_are_kept_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows: String = (0..20).map(|k| format!("{k},{},{}\n", -k, k % 2)).collect();
    std::fs::write(
        folder.path().join("points.csv"),
        format!("a,b,label\n{rows}"),
    )
    .expect("a file");
    let path = folder.path().join("points.toml");
    let load = |keys: &str| {
        let data = format!("data = \"points.csv\"{keys}");
        let text = FILE.replace("data = \"blobs\", samples = 40, noise = 0.1", &data);
        std::fs::write(&path, text).expect("a file");
        Experiment::load(path.to_str().expect("text"))
    };
    let counts = |keys: &str| {
        let experiment = load(keys).expect("sound");
        let objective = experiment.panels[0].objective.build(None).expect("built");
        let held_out = objective.held_out().and_then(|held_out| held_out.samples());
        (objective.samples(), held_out)
    };
    assert_eq!(counts(""), (Some(20), None));
    assert_eq!(counts(", test = 0"), (Some(20), None));
    assert_eq!(counts(", test = 5, data_seed = 3"), (Some(15), Some(5)));
    for (keys, said) in [
        (", test = 20", "expected 0, or a whole number from 1 to 19"),
        (", data_seed = 3", "expected `test` beside it"),
        (
            ", samples = 5, test = 3",
            "the samples of a file are as they are",
        ),
    ] {
        let error = load(keys).expect_err(keys).to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn whose_batch_the_surface_is_of_is_read_renamed_and_forgotten() {
    let with = |key: &str| {
        let text = FILE.replace("grid = [5, 5]", &format!("grid = [5, 5]\n{key}"));
        Experiment::parse(&text, "test")
    };
    let experiment = with("surface = { batch = \"Down\" }").expect("sound");
    let mut plane = experiment.panels[0].plane.clone().expect("a plane");
    assert_eq!(plane.batch.as_deref(), Some("Down"));
    let text = experiment.to_toml();
    assert!(text.contains("surface = { batch = \"Down\" }"), "{text}");
    let again = Experiment::parse(&text, "again").expect("sound");
    assert_eq!(again, experiment);
    plane.rename("Down", "Up");
    assert_eq!(plane.batch.as_deref(), Some("Up"));
    plane.forget("Up");
    assert_eq!(plane.batch, None);
    for (key, said) in [
        ("surface = { batch = \"Dwon\" }", "did you mean \"Down\"?"),
        ("surface = { bath = \"Down\" }", "did you mean `batch`?"),
        ("surface = {}", "as in { batch = \"SGD\" }"),
        ("surface = \"batch\"", "as in { batch = \"SGD\" }"),
    ] {
        let error = with(key).expect_err(key).to_string();
        assert!(error.contains(said), "{error}");
    }
    let function =
        "steepest = 1\n[[panel]]\nformula = 'x^2'\ndomain = [[-1, 1]]\nsurface = { batch = 'A' }";
    let error = Experiment::parse(function, "test")
        .expect_err("no samples")
        .to_string();
    assert!(
        error.contains("only an objective of more parameters"),
        "{error}"
    );
}

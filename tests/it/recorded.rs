//! Recorded runs as experiments: read, written, shown, and what is wrong with them said.

use std::fs;
use std::path::PathBuf;

use std::process::Command;
use steepest::descent::Status;
use steepest::experiment::{Experiment, RecordedQuantity, RecordedSpec, Source};
use steepest::recording::{RecordedPath, Recording};
use tempfile::TempDir;

use crate::cli::PROGRAM;

/// A bowl, and two paths: one recorded every 50 steps, one still to be evaluated at its end.
fn recording() -> Recording {
    let axis = |count: usize| -> Vec<f64> {
        let last = (count - 1) as f64;
        (0..count).map(|k| 2.0 * k as f64 / last - 1.0).collect()
    };
    let (u, v) = (axis(21), axis(11));
    let loss = v
        .iter()
        .flat_map(|v| u.iter().map(move |u| u * u + 3.0 * v * v));
    let loss: Vec<f64> = loss.collect();
    let path = |name: &str, every: u64, ends: [f64; 2]| RecordedPath {
        name: name.to_owned(),
        step: vec![0, every, 2 * every, 2 * every + 7],
        u: vec![0.9, 0.5, 0.2, 0.1],
        v: vec![-0.8, -0.4, -0.1, 0.0],
        loss: [vec![3.0, 1.5], ends.to_vec()].concat(),
        residual: vec![0.3, 0.2, 0.1, 0.0],
        rate: Some(vec![0.1; 4]),
        ..RecordedPath::default()
    };
    Recording {
        title: "A bowl".to_owned(),
        labels: ["PC 1", "PC 2"].map(str::to_owned),
        accuracy: Some(loss.iter().map(|loss| 1.0 / (1.0 + loss)).collect()),
        explained: vec![0.8, 0.15, 0.05],
        paths: vec![
            path("Adam", 50, [0.6, 0.4]),
            path("lr=0.1, seed 2", 100, [0.7, f64::NAN]),
        ],
        u,
        v,
        loss,
        ..Recording::default()
    }
}

fn saved(recording: &Recording) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.npz");
    let mut bytes = Vec::new();
    recording.write(&mut bytes).expect("a run file");
    fs::write(&path, bytes).expect("a file");
    (folder, path)
}

#[test]
fn a_run_file_is_an_experiment() {
    let (_folder, path) = saved(&recording());
    let source = Source::named(&path.display().to_string());
    let experiment = source.load().expect("an experiment");
    let panel = &experiment.panels[0];
    assert_eq!((&*experiment.title, &*panel.labels[0]), ("A bowl", "PC 1"));
    assert_eq!(panel.domain.x, [-1.0, 1.0]);
    let plane = panel.plane.as_ref().expect("a plane");
    assert_eq!(plane.grid, [21, 11]);
    let records: Vec<_> = panel
        .descents
        .iter()
        .map(|d| d.plan.record.as_ref().expect("a record"))
        .collect();
    assert_eq!(records[0].steps(), [0, 50, 100, 107]);
    assert_eq!(records[1].steps(), [0, 100, 200], "one has no loss yet");
    assert_eq!(records[0].history().losses(), [3.0, 1.5, 0.6, 0.4]);
    assert_eq!(records[0].history().at(1), [0.5, -0.4, 0.2]);
    assert_eq!(records[0].status(), Status::Finished);
    assert_eq!(experiment.last_step(), 200);
    assert_eq!(source.experiment_file(), None, "nobody saves over it");
}

/// Whatever there is, and is not, in a file.
#[test]
fn the_ends_of_what_a_file_may_hold_are_drawn_as_experiments() {
    let path = |name: &str, losses: &[f64]| RecordedPath {
        name: name.to_owned(),
        step: (0..losses.len() as u64).collect(),
        u: vec![0.5; losses.len()],
        v: vec![0.5; losses.len()],
        loss: losses.to_vec(),
        residual: vec![0.0; losses.len()],
        ..RecordedPath::default()
    };
    let with = |paths: Vec<RecordedPath>, loss: f64| {
        let recording = Recording {
            u: vec![0.0, 1e-9],
            v: vec![-1e9, 1e9],
            loss: vec![loss; 4],
            paths,
            ..Recording::default()
        };
        let (_folder, path) = saved(&recording);
        let experiment = Source::named(&path.display().to_string())
            .load()
            .expect("valid");
        let results = steepest::report::run(&experiment, &steepest::mnist::DataWish::Synthetic);
        let results = results.expect("no data are needed");
        let notes = experiment.notes().join("; ");
        let statuses = results.panels[0]
            .descents
            .iter()
            .map(|d| (d.history.len(), d.status));
        (statuses.collect::<Vec<_>>(), notes)
    };
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let paths = vec![
        path("none", &[]),
        path("nan", &[nan; 2]),
        path("one", &[1.0]),
        path("away", &[1.0, 2.0, inf]),
    ];
    let (statuses, notes) = with(paths, 3.0);
    let expected = [
        (0, Status::Finished),
        (0, Status::Finished),
        (1, Status::Finished),
        (2, Status::Diverged { step: 2 }),
    ];
    assert_eq!(statuses, expected);
    assert!(
        notes.contains("path `away`: 1 of 3 points have no finite loss"),
        "{notes}"
    );
    assert!(with(Vec::new(), nan).1.contains("0.0 % of the nodes"));
}

#[test]
fn what_is_said_of_its_paths_is_saved_and_loaded() {
    let (folder, path) = saved(&recording());
    let text = "steepest = 1\n[[panel]]\nobjective = 'recorded'\nfile = 'run.npz'\nquantity = 'accuracy'\n\
                domain = [[-0.5, 0.5], [-1, 1]]\n\
                [[panel.descent]]\npath = 'lr=0.1, seed 2'\nname = 'SGD'\ncolor = 'red'\nhidden = true\n";
    let file = folder.path().join("mine.toml");
    fs::write(&file, text).expect("a file");
    let load = |file: &PathBuf| Source::named(&file.display().to_string()).load();
    let experiment = load(&file).expect("an experiment");
    let panel = &experiment.panels[0];
    let names: Vec<&str> = panel.descents.iter().map(|d| &*d.name).collect();
    assert_eq!(names, ["Adam", "SGD"]);
    assert_eq!(
        (panel.descents[1].shown, panel.descents[1].color),
        (false, Some([255, 0, 0]))
    );
    assert_eq!(panel.labels[2], "accuracy");
    // Where the landscape is not the loss, a path lies on it.
    let record = panel.descents[0].plan.record.as_ref().expect("a record");
    let [u, v, off] = *record.history().at(1) else {
        panic!("three parameters")
    };
    let there = record.history().losses()[1];
    assert!((there - 1.0 / (1.0 + u * u + 3.0 * v * v)).abs() < 0.02 && off == 0.0);
    let again = folder.path().join("again.toml");
    fs::write(&again, experiment.to_toml_in(folder.path())).expect("a file");
    assert_eq!(load(&again).expect("an experiment"), experiment);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let again = elsewhere.path().join("again.toml");
    fs::write(&again, experiment.to_toml_in(elsewhere.path())).expect("a file");
    let loaded = load(&again).expect("an experiment");
    let spec = |experiment: &Experiment| {
        experiment.panels[0]
            .objective
            .as_kind::<RecordedSpec>()
            .cloned()
    };
    assert_eq!(spec(&loaded).expect("a recording").path(), path);
}

#[test]
fn another_grid_of_the_same_file_is_shown_and_back() {
    let (_folder, path) = saved(&recording());
    let mut panel = Source::named(&path.display().to_string())
        .load()
        .expect("valid")
        .panels
        .remove(0);
    panel.descents[0].name = "Mine".to_owned();
    let before = panel.clone();
    let showing = |panel: &steepest::experiment::Panel, quantity| {
        let spec = panel
            .objective
            .as_kind::<RecordedSpec>()
            .expect("a recording");
        spec.showing(quantity)
    };
    assert!(showing(&panel, RecordedQuantity::ValidationLoss).is_none());
    panel.show_recording(showing(&panel, RecordedQuantity::Accuracy).expect("a grid"));
    assert_eq!(
        (&*panel.labels[2], &*panel.descents[0].name),
        ("accuracy", "Mine")
    );
    panel.show_recording(showing(&panel, RecordedQuantity::Loss).expect("a grid"));
    assert_eq!(panel, before);
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    let (folder, _path) = saved(&recording());
    let of = |keys: &str, descents: &str| {
        let text = format!("steepest = 1\n[[panel]]\nobjective = 'recorded'\n{keys}\n{descents}");
        let file = folder.path().join("mine.toml");
        let parsed = Experiment::parse(&text, &file.display().to_string());
        parsed.map_or_else(|error| error.to_string(), |_| "valid".to_owned())
    };
    let file = "file = 'run.npz'";
    for (keys, descents, message) in [
        (file, "", "valid"),
        ("", "", "missing, expected the path of a run file"),
        ("file = 'gone.npz'", "", "there is no such file"),
        ("file = 'mine'", "", "there is no such file"),
        ("file = '.'", "", "this is a folder"),
        ("file = 3", "", "panel[0].file"),
        (
            "file = 'run.npz'\nquantity = 'val_loss'",
            "",
            "the array `val_loss` is missing",
        ),
        (
            "file = 'run.npz'\nquantity = 'los'",
            "",
            "did you mean \"loss\"",
        ),
        ("file = 'run.npz'\ngrid = [3, 3]", "", "grid"),
        (
            file,
            "[[panel.descent]]\npath = 'Adm'",
            "did you mean \"Adam\"",
        ),
        (
            file,
            "[[panel.descent]]\nname = 'Adam'",
            "panel[0].descent[0]",
        ),
        (
            file,
            "[[panel.descent]]\npath = 'Adam'\nrate = 0.1",
            "takes only path, name, color, hidden",
        ),
    ] {
        let found = of(keys, descents);
        assert!(found.contains(message), "{keys} {descents}: {found}");
    }
    let elsewhere = "steepest = 1\n[[panel]]\nobjective = 'bowl'\nfile = 'run.npz'\n";
    let error = Experiment::parse(elsewhere, "test")
        .expect_err("no recording")
        .to_string();
    assert!(
        error.contains("only a recorded run takes `file`"),
        "{error}"
    );
}

fn steepest() -> Command {
    Command::new(PROGRAM)
}

#[test]
fn every_command_takes_a_run_file() {
    let (folder, path) = saved(&recording());
    let out = |mut command: Command| {
        let output = command.output().expect("it runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let run = |args: &[&str]| {
        let mut command = steepest();
        command.args(args).arg(&path);
        out(command)
    };
    assert!(run(&["check"]).1.contains("ok, 1 panel, 2 descents"));
    assert!(run(&["show"]).1.contains("objective = \"recorded\""));
    let (code, json, _) = run(&["run"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let descent = &json["panels"][0]["descents"][0];
    assert_eq!(
        (code, &descent["step"][3]),
        (Some(0), &serde_json::json!(107))
    );
    assert_eq!(descent["path"][1], serde_json::json!([0.5, -0.4]));
    assert_eq!(descent["rate"].as_array().expect("rates").len(), 3);
    let csv = run(&["run", "--format", "csv"]).1;
    assert!(csv.contains("A bowl,Adam,107,0.1,0.0,0.4,"), "{csv}");
    let map = folder.path().join("map.csv");
    let (code, _, error) = run(&["map", "-o", &map.display().to_string()]);
    assert!(
        code == Some(2) && error.contains("recorded runs"),
        "{error}"
    );
    fs::write(&path, b"PK\x03\x04 and no more").expect("a file");
    let (code, _, error) = run(&["check"]);
    assert!(
        code == Some(2) && error.contains("run.npz: it is no whole NPZ"),
        "{error}"
    );
}

#[test]
fn grids_are_imported_and_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let (csv, npz) = (
        folder.path().join("grid.csv"),
        folder.path().join("run.npz"),
    );
    fs::write(&csv, "u,v,loss\n0,0,1\n1,0,2\n0,1,3\n1,1,4\n").expect("a file");
    let import = || {
        let mut command = steepest();
        command.arg("import").arg(&csv).arg("-o").arg(&npz);
        command
    };
    let said = |mut command: Command| {
        let output = command.output().expect("it runs");
        let said = String::from_utf8(output.stderr).expect("text");
        (output.status.code(), said)
    };
    assert_eq!(said(import()).0, Some(0));
    let (code, error) = said(import());
    assert!(
        code == Some(1) && error.contains("--force overwrites it"),
        "{error}"
    );
    let again = || {
        let mut command = import();
        command.arg("--force");
        command
    };
    assert_eq!(said(again()).0, Some(0));
    let (read, _) = Recording::read(&npz).expect("a run file");
    assert_eq!(
        (read.title.as_str(), read.loss),
        ("grid", vec![1.0, 2.0, 3.0, 4.0])
    );
    fs::write(&csv, "u,v,loss\n0,0,x\n").expect("a file");
    let (code, error) = said(again());
    let expected = "grid.csv: line 2: column 3: found `x`, expected a number";
    assert!(code == Some(2) && error.contains(expected), "{error}");
    assert!(Recording::read(&npz).is_ok(), "what there was stays");
}

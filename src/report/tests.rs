//! Results as they are written, read back.

use std::io::Cursor;

use ndarray::{Array1, Array2};
use ndarray_npy::NpzReader;
use serde_json::Value;

use super::*;

/// A surface with a comma in its title and a descent that diverges, and a curve.
const EXPERIMENT: &str = r#"steepest = 1
title = "Two \"panels\""

[[panel]]
title = "log(x), and more"
formula = "log(x) + y^2"
domain = [[-1, 3], [-2, 2]]

[[panel.descent]]
name = "Adam"
rule = "adam"
rate = 0.1
start = [2, 1]
steps = 3

[[panel.descent]]
rule = "gd"
rate = 2
start = [1, 0.3]
steps = 5

[[panel.descent]]
name = "nowhere"
rule = "gd"
rate = 2
start = [-1, 1]
steps = 5

[[panel]]
formula = "x^2"
domain = [[-1, 1]]

[[panel.descent]]
rule = "gd"
rate = 0.1
start = [0.7]
steps = 2
"#;

fn results() -> Results {
    let experiment = Experiment::parse(EXPERIMENT, "test").expect("a valid experiment");
    run(&experiment, &DataWish::Synthetic).expect("no data are needed")
}

fn written(format: Format, params: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    results()
        .write(format, params, &mut bytes)
        .expect("memory to write to");
    bytes
}

fn text(format: Format, params: bool) -> String {
    String::from_utf8(written(format, params)).expect("text")
}

#[test]
fn json_has_the_documented_shape() {
    let json: Value = serde_json::from_str(&text(Format::Json, false)).expect("JSON");
    assert_eq!(json["steepest"], 1);
    assert_eq!(json["experiment"], "Two \"panels\"");
    assert_eq!(json["panels"][0]["title"], "log(x), and more");
    let adam = &json["panels"][0]["descents"][0];
    let keys: Vec<_> = adam.as_object().expect("an object").keys().collect();
    let documented = [
        "loss",
        "name",
        "path",
        "rate",
        "rule",
        "status",
        "status_step",
    ];
    assert_eq!(keys, documented);
    assert_eq!(
        (&adam["name"], &adam["rule"]),
        (&"Adam".into(), &"adam".into())
    );
    assert_eq!(
        (&adam["status"], &adam["status_step"]),
        (&"finished".into(), &3.into())
    );
    let length = |value: &Value| value.as_array().map(Vec::len);
    assert_eq!(length(&adam["path"]), Some(4));
    assert_eq!(length(&adam["loss"]), Some(4));
    assert_eq!(length(&adam["rate"]), Some(3));
    assert_eq!(adam["path"][0], serde_json::json!([2.0, 1.0]));

    // w = 1 − 2·1/1 = −1: the logarithm is not defined there
    let outside = &json["panels"][0]["descents"][1];
    assert_eq!(
        (&outside["status"], &outside["status_step"]),
        (&"undefined".into(), &1.into())
    );
    assert_eq!(outside["path"], serde_json::json!([[1.0, 0.3]]));
    assert_eq!(length(&outside["rate"]), Some(0));
    let nowhere = &json["panels"][0]["descents"][2];
    assert_eq!(
        (&nowhere["status"], &nowhere["status_step"]),
        (&"undefined".into(), &0.into())
    );
    assert_eq!(length(&nowhere["path"]), Some(0));

    let curve = &json["panels"][1]["descents"][0];
    assert_eq!(curve["path"][0], serde_json::json!([0.7]));
    assert!(curve.get("params").is_none());
    let json: Value = serde_json::from_str(&text(Format::Json, true)).expect("JSON");
    let curve = &json["panels"][1]["descents"][0];
    assert_eq!(curve["params"], curve["path"]);
}

#[test]
fn csv_has_a_line_for_each_point() {
    let csv = text(Format::Csv, false);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "panel,descent,step,x,y,loss,rate,rule,status,status_step"
    );
    assert_eq!(lines.len(), 1 + 4 + 1 + 3);
    let start = 2f64.ln() + 1.0;
    assert_eq!(
        lines[1],
        format!("\"log(x), and more\",Adam,0,2.0,1.0,{start:?},0.1,adam,finished,3")
    );
    assert!(lines[4].ends_with(",,adam,finished,3"), "{}", lines[4]);
    assert_eq!(
        lines[5],
        format!(
            "\"log(x), and more\",Gradient descent,0,1.0,0.3,0.09,,gd,{},1",
            results().panels[0].descents[1].status.name()
        )
    );
    // 0.7 − 0.1·1.4 and so on, in full precision
    let (x1, x2) = (0.7 - 0.1 * 1.4, (0.7 - 0.1 * 1.4) * 0.8);
    assert_eq!(
        lines[6],
        format!(
            "x^2,Gradient descent,0,0.7,,{:?},0.1,gd,finished,2",
            0.7f64.powi(2)
        )
    );
    let cell = |line: usize, column: usize| lines[line].split(',').nth(column);
    assert_eq!(cell(7, 3).and_then(|cell| cell.parse().ok()), Some(x1));
    let second: Option<f64> = cell(8, 3).and_then(|cell| cell.parse().ok());
    assert!(second.is_some_and(|x| (x - x2).abs() < 1e-15), "{second:?}");

    let csv = text(Format::Csv, true);
    let lines: Vec<&str> = csv.lines().collect();
    let columns = "panel,descent,step,x,y,loss,rate,w0,w1,rule,status,status_step";
    assert_eq!(lines[0], columns);
    assert!(
        lines[1].ends_with(",2.0,1.0,adam,finished,3"),
        "{}",
        lines[1]
    );
    assert!(lines[6].ends_with(",0.7,,gd,finished,2"), "{}", lines[6]);
}

#[test]
fn npz_holds_grids_and_paths() -> Result<(), ndarray_npy::ReadNpzError> {
    let mut npz = NpzReader::new(Cursor::new(written(Format::Npz, true)))?;
    let x: Array1<f64> = npz.by_name("panel0/x.npy")?;
    let y: Array1<f64> = npz.by_name("panel0/y.npy")?;
    let loss: Array2<f64> = npz.by_name("panel0/loss.npy")?;
    assert_eq!(loss.dim(), (y.len(), x.len()));
    assert_eq!((x[0], x[x.len() - 1], y[0], y[100]), (-1.0, 3.0, -2.0, 0.0));
    assert_eq!(loss[[7, 130]], x[130].ln() + y[7] * y[7]);
    assert!(loss[[7, 0]].is_nan());

    let path: Array2<f64> = npz.by_name("panel0/descent0/traj.npy")?;
    let losses: Array1<f64> = npz.by_name("panel0/descent0/traj_loss.npy")?;
    let params: Array2<f64> = npz.by_name("panel0/descent0/params.npy")?;
    assert_eq!((path.dim(), losses.len()), ((4, 2), 4));
    assert_eq!(params, path);
    let nowhere: Array2<f64> = npz.by_name("panel0/descent2/traj.npy")?;
    assert_eq!(nowhere.dim(), (0, 2));

    let curve: Array1<f64> = npz.by_name("panel1/loss.npy")?;
    let path: Array2<f64> = npz.by_name("panel1/descent0/traj.npy")?;
    assert_eq!((curve.len(), path.dim()), (1001, (3, 1)));
    assert!(
        npz.by_name::<ndarray::OwnedRepr<f64>, ndarray::Ix1>("panel1/y.npy")
            .is_err()
    );
    Ok(())
}

#[test]
fn npz_says_what_its_numbers_are_of() -> Result<(), Box<dyn std::error::Error>> {
    let mut npz = NpzReader::new(Cursor::new(written(Format::Npz, false)))?;
    let meta: Array1<u8> = npz.by_name("meta.npy")?;
    let meta: Value = serde_json::from_slice(&meta.to_vec())?;
    let mut whole: Value = serde_json::from_str(&text(Format::Json, false))?;
    let panels = whole["panels"].as_array_mut().expect("panels");
    for descent in panels
        .iter_mut()
        .flat_map(|p| p["descents"].as_array_mut().expect("descents"))
    {
        let entries = descent.as_object_mut().expect("an object");
        for numbers in ["path", "loss", "rate"] {
            assert!(entries.remove(numbers).is_some(), "{numbers}");
        }
    }
    assert_eq!(meta, whole);
    Ok(())
}

#[test]
fn the_same_experiment_gives_the_same_bytes() {
    for format in Format::ALL {
        assert_eq!(
            written(format, true),
            written(format, true),
            "{}",
            format.name()
        );
        assert_eq!(format.name().parse(), Ok(format));
    }
    assert!("xml".parse::<Format>().is_err());
}

#[test]
fn a_writer_that_fails_is_reported() {
    struct Broken;
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for format in Format::ALL {
        let kind = results()
            .write(format, false, &mut Broken)
            .map_err(|e| e.kind());
        assert_eq!(kind, Err(io::ErrorKind::BrokenPipe), "{}", format.name());
    }
}

#[test]
fn a_range_that_is_not_given_is_that_of_the_paths() {
    let text = "steepest = 1\n[[panel]]\nobjective = 'network'\nnetwork = { samples = 20, layers = [3] }\ngrid = [5, 5]\n\
                descent = [{ rule = 'adam', rate = 0.1, start = { init = 'xavier' }, steps = 20 }]";
    let experiment = Experiment::parse(text, "test").expect("an experiment");
    let results = PanelResults::of(&experiment.panels[0], None, false);
    let grid = results.grid();
    let points = results.descents[0].history.iter();
    let points: Vec<[f64; 2]> = points.map(|w| results.coordinates(w)).collect();
    assert_eq!(Some(grid.domain), Domain::around(points.iter().copied()));
    assert_ne!(grid.domain, experiment.panels[0].domain);
    let given = text.replace("grid", "domain = [[-1, 1], [-1, 1]]\ngrid");
    let experiment = Experiment::parse(&given, "test").expect("an experiment");
    let results = PanelResults::of(&experiment.panels[0], None, false);
    assert_eq!(results.grid().domain, experiment.panels[0].domain);
}

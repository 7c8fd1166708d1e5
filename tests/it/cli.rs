//! The program as people run it: what the commands print and write, and how they end.
//!
//! What experiment files may get wrong and what the results hold is tested in the library; here the exit code, the
//! stream and the file count.

mod bad_input;
mod ended;
mod surroundings;

use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;
use ndarray_npy::NpzReader;
use serde_json::Value;
use steepest::experiment::{BUILTINS, ColorMap, Experiment, catalog};
use steepest::mnist::DataWish;
use steepest::optimizer::{RULES, Sampling, ScheduleKind};
use steepest::report::{self, Format};
use tempfile::TempDir;

type Tested = Result<(), Box<dyn Error>>;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_steepest");

/// What would change how the program behaves; a display too, or the tests would open windows.
pub(crate) const CLEARED: [&str; 7] = [
    "XDG_RUNTIME_DIR",
    "NODEVICE_SELECT",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "WAYLAND_SOCKET",
    "RUST_LOG",
    "STEEPEST_DATA",
];

/// A descent that starts outside the domain.
const OUTSIDE: &str = r#"steepest = 1
[[panel]]
formula = "x^2 + y^2"
domain = [[-2, 2], [-2, 2]]
[[panel.descent]]
name = "Far"
rule = "adam"
rate = 0.1
start = [5, 5]
steps = 10
"#;

/// A folder of its own in which commands run.
pub(crate) struct Desk(TempDir);

/// How a command ended.
pub(crate) struct Ended {
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Desk {
    pub fn new() -> Desk {
        Desk(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file.
    pub fn put(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).expect("the temporary folder can be written to");
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names of all that lies here, in order.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("the temporary folder is there");
        let mut names: Vec<String> = entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Runs the program with arguments separated by spaces.
    pub fn run(&self, arguments: &str) -> Ended {
        self.run_with(&[], arguments)
    }

    /// The same, with variables of the environment. However it ends, it neither panics nor leaves a temporary file.
    pub fn run_with(&self, environment: &[(&str, &str)], arguments: &str) -> Ended {
        let mut command = Command::new(PROGRAM);
        for name in CLEARED {
            command.env_remove(name);
        }
        let output = command
            .args(arguments.split_whitespace())
            // Mesa complains of its absence.
            .env("XDG_RUNTIME_DIR", std::env::temp_dir())
            .envs(environment.iter().copied())
            .current_dir(self.0.path())
            .timeout(Duration::from_secs(120))
            .output()
            .expect("the program starts");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let said = format!("steepest {arguments}: {}\n{stderr}", output.status);
        assert!(!stderr.contains("panicked"), "{said}");
        let hidden = self.names().iter().any(|name| name.starts_with('.'));
        assert!(!hidden, "{:?} is left by {said}", self.names());
        Ended {
            code: output.status.code().unwrap_or_else(|| panic!("{said}")),
            stdout: output.stdout,
            stderr,
        }
    }

    /// Runs the program, which succeeds, and returns its standard output.
    pub fn succeed(&self, arguments: &str) -> Vec<u8> {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 0, "steepest {arguments}: {}", ended.stderr);
        ended.stdout
    }

    pub fn text(&self, arguments: &str) -> String {
        String::from_utf8(self.succeed(arguments)).expect("the output is UTF-8")
    }

    fn json(&self, arguments: &str) -> Value {
        serde_json::from_slice(&self.succeed(arguments)).expect("the output is JSON")
    }
}

/// Everything that `list` shows: the key in its JSON, the heading in its text, and the names.
fn everything_listed() -> [(&'static str, &'static str, Vec<&'static str>); 5] {
    [
        (
            "experiments",
            "Experiments",
            BUILTINS.iter().map(|builtin| builtin.name).collect(),
        ),
        (
            "objectives",
            "Objectives",
            // Losses on data and recorded ones have no formula, but a name.
            catalog()
                .iter()
                .map(|named| &*named.name)
                .chain(["mnist", "network", "recorded"])
                .collect(),
        ),
        (
            "rules",
            "Rules",
            RULES.iter().map(|info| info.name).collect(),
        ),
        ("schedules", "Schedules", ScheduleKind::NAMES.to_vec()),
        (
            "colormaps",
            "Colour maps",
            ColorMap::ALL.iter().map(|map| map.name()).collect(),
        ),
    ]
}

#[test]
fn list_names_everything_under_its_heading() {
    let text = Desk::new().text("list");
    let sections: Vec<&str> = text.split("\n\n").collect();
    assert_eq!(sections.len(), everything_listed().len(), "{text}");
    for (section, (_, heading, names)) in sections.into_iter().zip(everything_listed()) {
        let mut lines = section.lines();
        assert_eq!(lines.next(), Some(heading));
        let listed: Vec<_> = lines
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert_eq!(listed, names, "{heading}");
    }
}

#[test]
fn list_as_json_names_the_same() {
    let json = Desk::new().json("list --json");
    for (key, _, names) in everything_listed() {
        let entries = json[key].as_array().expect(key);
        // Rules and the like are objects with a name, schedules and colour maps are names.
        let listed: Vec<_> = entries
            .iter()
            .filter_map(|entry| entry["name"].as_str().or(entry.as_str()))
            .collect();
        assert_eq!(listed, names, "{key}");
    }
    let adam = &json["rules"][6];
    assert_eq!(adam["name"], "adam");
    assert_eq!(adam["parameters"][1]["key"], "beta2");
    assert_eq!(adam["parameters"][1]["default"], 0.999);
}

#[test]
fn show_prints_a_file_that_check_accepts() {
    let desk = Desk::new();
    for builtin in BUILTINS {
        let shown = desk.text(&format!("show {}", builtin.name));
        assert_eq!(shown, builtin.text, "{}", builtin.name);
        desk.put("mine.toml", &shown);
        let verdict = desk.text("check mine.toml");
        assert!(verdict.starts_with("mine.toml: ok, "), "{verdict}");
    }
    assert_eq!(
        desk.text("check learning-rate-sensitivity"),
        "learning-rate-sensitivity: ok, 6 panels, 6 descents\n"
    );
    assert_eq!(desk.text("check race"), "race: ok, 1 panel, 11 descents\n");
    // A file is shown as it is, were it no valid experiment.
    desk.put("mine.toml", "steepest = \n");
    assert_eq!(desk.text("show mine.toml"), "steepest = \n");
}

#[test]
fn run_writes_the_same_to_stdout_and_to_a_file() -> Tested {
    let desk = Desk::new();
    let results = report::run(&Experiment::load("saddle")?, &DataWish::Synthetic)?;
    for (format, name) in [
        (Format::Json, "json"),
        (Format::Csv, "csv"),
        (Format::Npz, "npz"),
    ] {
        let mut expected = Vec::new();
        results.write(format, false, &mut expected)?;
        let stdout = desk.succeed(&format!("run saddle --format {name}"));
        assert!(stdout == expected, "{name} on stdout");
        let dash = desk.succeed(&format!("run saddle --format {name} -o -"));
        assert!(dash == expected, "{name} with -o -");
        let nothing = desk.succeed(&format!("run saddle --format {name} -o out"));
        assert!(nothing.is_empty(), "{name}: both to a file and to stdout");
        assert!(desk.read("out") == expected, "{name} in a file");
        // What is there is replaced.
        desk.put("out", "old");
    }
    assert_eq!(desk.names(), ["out"]);
    Ok(())
}

#[test]
fn each_format_can_be_read_back() -> Tested {
    let desk = Desk::new();
    let json = desk.json("run saddle");
    assert_eq!(json["steepest"], 1);
    let descents = json["panels"][0]["descents"].as_array().expect("descents");
    let points = |descent: &Value| descent["path"].as_array().map_or(0, Vec::len);
    assert_eq!(descents.len(), 3);

    let csv = desk.text("run saddle --format csv");
    assert_eq!(
        csv.lines().next(),
        Some("panel,descent,step,x,y,loss,rate,rule,status,status_step")
    );
    assert_eq!(
        csv.lines().count(),
        1 + descents.iter().map(points).sum::<usize>()
    );

    let mut npz = NpzReader::new(Cursor::new(desk.succeed("run saddle --format npz")))?;
    for (i, descent) in descents.iter().enumerate() {
        let path: ndarray::Array2<f64> = npz.by_name(&format!("panel0/descent{i}/traj"))?;
        assert_eq!(path.dim(), (points(descent), 2));
    }
    Ok(())
}

#[test]
fn the_format_follows_the_ending_of_the_output() {
    let desk = Desk::new();
    for (arguments, name, begins) in [
        ("-o a.json", "a.json", "{\"steepest\""),
        ("-o a.csv", "a.csv", "panel,descent,"),
        ("-o a.NPZ", "a.NPZ", "PK"),
        ("-o a.txt", "a.txt", "{\"steepest\""),
        ("-o b.csv --format json", "b.csv", "{\"steepest\""),
    ] {
        desk.succeed(&format!("run bowl {arguments}"));
        let written = desk.read(name);
        assert!(written.starts_with(begins.as_bytes()), "{arguments}");
    }
}

#[test]
fn params_adds_the_full_weights() {
    let desk = Desk::new();
    let json = desk.json("run bowl --params");
    let descent = &json["panels"][0]["descents"][0];
    assert_eq!(
        descent["params"], descent["path"],
        "of a function, they are the path"
    );
    let without = desk.json("run bowl");
    assert!(without["panels"][0]["descents"][0].get("params").is_none());
    let csv = desk.text("run bowl --params --format csv");
    assert!(csv.starts_with("panel,descent,step,x,y,loss,rate,w0,w1,rule,"));
}

#[test]
fn another_seed_changes_noisy_paths_and_nothing_else() -> Tested {
    let desk = Desk::new();
    let experiment = Experiment::load("noisy-quartic")?;
    let noisy = experiment.panels[0]
        .descents
        .iter()
        .map(|descent| descent.plan.sampling != Sampling::Exact);
    let noisy: Vec<bool> = noisy.collect();
    assert_eq!(noisy, [false, true]);

    let first = desk.json("run noisy-quartic");
    let mut other = desk.json("run noisy-quartic --seed 1");
    for (i, noisy) in noisy.into_iter().enumerate() {
        for key in ["path", "loss"] {
            let (a, b) = (
                &first["panels"][0]["descents"][i][key],
                &mut other["panels"][0]["descents"][i][key],
            );
            assert_eq!(a[0], b[0], "the start");
            assert_eq!(a != b, noisy, "descent {i}, {key}");
            *b = a.clone();
        }
    }
    assert_eq!(first, other, "beside paths and losses");
    Ok(())
}

#[test]
fn the_same_seed_repeats_byte_for_byte() {
    let desk = Desk::new();
    for format in ["json", "csv", "npz"] {
        let arguments = format!("run cosine-annealing --seed 7 --format {format}");
        assert!(
            desk.succeed(&arguments) == desk.succeed(&arguments),
            "{format}"
        );
    }
    assert!(desk.succeed("run cosine-annealing --seed 0") == desk.succeed("run cosine-annealing"));
}

#[test]
fn a_start_outside_the_domain_is_allowed_and_said() {
    let desk = Desk::new();
    desk.put("far.toml", OUTSIDE);
    for command in ["check", "run"] {
        let ended = desk.run(&format!("{command} far.toml"));
        assert_eq!(ended.code, 0);
        assert_eq!(
            ended.stderr,
            "note: far.toml: panel 1, descent `Far`: start (5, 5) lies outside the domain\n"
        );
        let quiet = desk.run(&format!("{command} far.toml --quiet"));
        assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
        assert!(quiet.stdout == ended.stdout);
    }
}

#[test]
fn a_declared_minimum_that_is_none_is_said() {
    let desk = Desk::new();
    let file = r#"steepest = 1
[[panel]]
objective = "bowl"
[[panel]]
formula = "x^2 + 2y^2"
domain = [[-2, 2], [-2, 2]]
minima = [
    [0, 0.001],
    [1, 1],
]
"#;
    desk.put("wrong.toml", file);
    let ended = desk.run("check wrong.toml");
    assert_eq!(ended.code, 0);
    let warning = "warning: wrong.toml:9: key `panel[1].minima[1]`: found [1, 1], which is no minimum: \
                   the gradient is [2, 4], and the loss falls from 3 to 2.8";
    assert!(ended.stderr.starts_with(warning), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert_eq!(desk.run("check wrong.toml --quiet").stderr, "");
    desk.put("right.toml", &file.replace("[1, 1]", "[0, 0]"));
    assert_eq!(desk.run("check right.toml").stderr, "");
    for builtin in BUILTINS {
        let said = desk.run(&format!("check {}", builtin.name)).stderr;
        assert!(!said.contains("warning"), "{said}");
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    let desk = Desk::new();
    for command in ["", "list", "show", "check", "run", "shot", "tune"] {
        let help = desk.text(&format!("{command} --help"));
        let example = help.split_once("Example").map(|(_, example)| example);
        let shown = format!("  steepest {command}");
        assert!(example.is_some_and(|e| e.contains(&shown)), "{help}");
    }
    let version = format!("steepest {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(desk.text("--version"), version);
}

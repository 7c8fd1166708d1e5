//! Bad usage, bad files and bad surroundings: said on stderr in words that help, with the right exit code, and nothing
//! half-written is left.

use super::{Desk, Ended};
use crate::pictures::adapter;

/// The experiment that the files below spoil.
const GOOD: &str = r#"steepest = 1
[[panel]]
formula = "x^2 + y^2"
domain = [[-2, 2], [-2, 2]]
[[panel.descent]]
rule = "adam"
rate = 0.1
start = [1, 1]
steps = 10
"#;

/// What is taken out of the file, what is put there instead, and what is said: the first begins with the line.
const BAD_FILES: &[(&str, &str, &[&str])] = &[
    // names
    (
        "adam",
        "adm",
        &[
            "6: key `panel[0].descent[0].rule`: found \"adm\"",
            "did you mean \"adam\"?",
        ],
    ),
    (
        "steps",
        "sead = 1\nsteps",
        &[
            "9: key `panel[0].descent[0].sead`: unknown key",
            "did you mean `seed`?",
        ],
    ),
    (
        "steps",
        "color = \"ornage\"\nsteps",
        &[
            "9: key `panel[0].descent[0].color`: found \"ornage\"",
            "did you mean \"orange\"?",
        ],
    ),
    (
        "formula = \"x^2 + y^2\"",
        "objective = \"rosenbrok\"",
        &[
            "3: key `panel[0].objective`: found \"rosenbrok\"",
            "did you mean \"rosenbrock\"?",
        ],
    ),
    // malformed TOML
    ("\"adam\"", "\"adam", &["6: not valid TOML: "]),
    ("[[panel]]", "[[panel]", &["2: not valid TOML: "]),
    (GOOD, "", &["1: key `steepest`: missing"]),
    // formulas
    (
        "x^2 + y^2",
        "x^2 + z",
        &[
            "3: key `panel[0].formula`: column 7: ",
            "`z`",
            "\n    x^2 + z\n          ^\n",
        ],
    ),
    (
        "x^2 + y^2",
        "(x + y",
        &[
            "3: key `panel[0].formula`: column 1: ",
            "\n    (x + y\n    ^\n",
        ],
    ),
    (
        "x^2 + y^2",
        "sine(x)",
        &["3: key `panel[0].formula`: column 1: ", "sine"],
    ),
    ("x^2 + y^2", "", &["3: key `panel[0].formula`: column 1: "]),
    // domains
    (
        "[-2, 2]",
        "[2, -2]",
        &[
            "4: key `panel[0].domain[0]`: found [2, -2], which is reversed",
            "expected [low, high]",
        ],
    ),
    (
        "[-2, 2]]",
        "[1, 1]]",
        &[
            "4: key `panel[0].domain[1]`: found [1, 1], which is empty",
            "expected [low, high]",
        ],
    ),
    (
        "[-2, 2]",
        "[nan, 2]",
        &["4: key `panel[0].domain[0][0]`: found nan, expected a finite number"],
    ),
    (
        "[-2, 2]]",
        "[-2, inf]]",
        &["4: key `panel[0].domain[1][1]`: found inf, expected a finite number"],
    ),
    // rates and steps
    (
        "0.1",
        "0",
        &["7: key `panel[0].descent[0].rate`: found 0, expected a finite number above 0"],
    ),
    (
        "0.1",
        "-0.1",
        &["7: key `panel[0].descent[0].rate`: found -0.1, expected a finite number above 0"],
    ),
    (
        "0.1",
        "nan",
        &["7: key `panel[0].descent[0].rate`: found nan, expected a finite number above 0"],
    ),
    (
        "10",
        "0",
        &["9: key `panel[0].descent[0].steps`: found 0, expected a whole number from 1 to 1000000"],
    ),
    (
        "10",
        "1_000_000_000",
        &["9: key `panel[0].descent[0].steps`: found 1_000_000_000, expected a whole number"],
    ),
];

/// Arguments that are no good, and what is said of them.
const BAD_USAGE: &[(&str, &[&str])] = &[
    (
        "run rce",
        &["`rce`", "did you mean `race`?", "steepest list"],
    ),
    (
        "show nothing-like-it",
        &["`nothing-like-it`", "steepest list"],
    ),
    ("frobnicate", &["`frobnicate`", "steepest list"]),
    ("check missing.toml", &["`missing.toml`"]),
    ("check .", &[".: this is a folder"]),
    ("run", &["<EXPERIMENT>"]),
    ("list race", &["unexpected argument 'race'"]),
    ("run race --colour", &["unexpected argument '--colour'"]),
    (
        "run race --format xml",
        &["--format", "found \"xml\"", "json, csv, npz"],
    ),
    ("run race --seed -1", &["'-1'"]),
    ("run race --seed one", &["--seed", "'one'"]),
    (
        "run race --seed 1e9",
        &["--seed", "found `1e9`, expected a whole number, 0 to "],
    ),
    ("run race --quiet --verbose", &["--quiet", "--verbose"]),
    ("shot race", &["--output <FILE.png>"]),
    (
        "shot race -o a.png --size 640",
        &["--size", "found `640`", "1280x720"],
    ),
    (
        "shot race -o a.png --size 0x480",
        &["--size", "found 0 pixels", "64 to 8192"],
    ),
    (
        "shot race -o a.png --size 640x9999",
        &["--size", "found 9999 pixels", "64 to 8192"],
    ),
    ("shot race -o a.png --size -640x480", &["'-6'"]),
    (
        "shot race -o a.png --size 8192x64 --samples 2",
        &["--size", "--samples 2", "at most 4096"],
    ),
    ("shot race -o a.png --samples 0", &["--samples", "1..=4"]),
    ("shot race -o a.png --samples 5", &["--samples", "1..=4"]),
    (
        "shot race -o a.png --layout scene+map",
        &["--layout", "found `map`", "scene, inset, data, plot"],
    ),
    (
        "shot race -o a.png --layout scene --no-ui",
        &["--layout", "--no-ui"],
    ),
    (
        "shot race -o a.png --view behind",
        &["--view", "found \"behind\"", "iso, front, side, top"],
    ),
    (
        "shot race -o a.png --view 0.5,nan",
        &["--view", "found \"0.5,nan\"", "radians"],
    ),
    (
        "shot race -o a.png --view 0.5,9",
        &["--view", "found \"0.5,9\"", "radians"],
    ),
    (
        "shot race -o a.png --theme pink",
        &["--theme", "found \"pink\"", "dark, light, paper"],
    ),
    ("shot race -o a.png --step -1", &["'-1'"]),
    ("shot race -o a.png --step end", &["--step", "'end'"]),
];

impl Ended {
    /// That it ended with this code, after an error that holds these words, and nothing on stdout.
    pub(crate) fn refused(&self, code: i32, words: &[&str], what: &str) {
        assert_eq!(self.code, code, "{what}: {}", self.stderr);
        // Drivers may talk too.
        let explained = self.stderr.lines().any(|line| line.starts_with("error: "));
        assert!(explained, "{what}: {}", self.stderr);
        for word in words {
            assert!(
                self.stderr.contains(word),
                "{what}: {word} is not in: {}",
                self.stderr
            );
        }
        assert!(self.stdout.is_empty(), "{what}: something is on stdout");
    }
}

#[test]
fn a_bad_file_is_refused_with_file_line_key_found_and_expected() {
    let desk = Desk::new();
    desk.put("bad.toml", GOOD);
    desk.succeed("check bad.toml");
    for (from, to, words) in BAD_FILES {
        assert!(GOOD.contains(from), "{from}");
        desk.put("bad.toml", &GOOD.replacen(from, to, 1));
        let place = format!("error: bad.toml:{}", words[0]);
        let words = [&[&*place], &words[1..]].concat();
        desk.run("check bad.toml")
            .refused(2, &words, &format!("{from} -> {to}"));
    }
}

#[test]
fn every_command_refuses_a_bad_file_in_the_same_words() {
    let desk = Desk::new();
    desk.put("bad.toml", &GOOD.replace("adam", "adm"));
    let said = desk.run("check bad.toml").stderr;
    for arguments in [
        "run bad.toml -o out.json",
        "shot bad.toml -o out.png",
        "bad.toml",
    ] {
        let ended = desk.run(arguments);
        ended.refused(2, &[], arguments);
        assert_eq!(ended.stderr, said, "{arguments}");
    }
    assert_eq!(desk.names(), ["bad.toml"]);
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    let desk = Desk::new();
    std::fs::write(desk.0.path().join("bad.toml"), b"steepest = 1\n# \xff").expect("writable");
    desk.run("check bad.toml")
        .refused(2, &["bad.toml:2: ", "0xff", "UTF-8"], "0xff");
}

#[test]
fn bad_usage_is_refused_in_words_that_help() {
    let desk = Desk::new();
    for (arguments, words) in BAD_USAGE {
        desk.run(arguments).refused(2, words, arguments);
        assert_eq!(desk.names(), [""; 0], "{arguments}");
    }
}

#[test]
fn an_output_that_cannot_be_written_fails_and_leaves_nothing() {
    let desk = Desk::new();
    std::fs::create_dir(desk.0.path().join("folder")).expect("writable");
    let mut commands = vec!["run bowl"];
    commands.extend(adapter().map(|_| "shot bowl --size 64x64 --samples 1 --force"));
    for command in commands {
        for (output, words) in [
            (
                "nowhere/out",
                "cannot write nowhere/out: the folder `nowhere` does not exist",
            ),
            ("folder", "cannot write folder: this is a folder"),
            #[cfg(target_os = "linux")]
            ("/dev/full", "cannot write /dev/full: No space left"),
        ] {
            let arguments = format!("{command} -o {output}");
            desk.run(&arguments).refused(1, &[words], &arguments);
        }
        assert_eq!(desk.names(), ["folder"], "{command}");
        let inside = std::fs::read_dir(desk.0.path().join("folder"));
        assert_eq!(inside.map_or(1, Iterator::count), 0, "{command}");
    }
}

#[test]
fn a_picture_replaces_a_file_only_by_force() {
    let desk = Desk::new();
    desk.put("a.png", "precious");
    let shot = "shot bowl -o a.png --size 64x64 --samples 1";
    desk.run(shot)
        .refused(1, &["a.png is there already", "--force"], shot);
    assert_eq!(desk.read("a.png"), b"precious");
    if adapter().is_some() {
        desk.succeed(&format!("{shot} --force"));
        assert!(desk.read("a.png").starts_with(b"\x89PNG"));
    }
    assert_eq!(desk.names(), ["a.png"]);
}

#[test]
fn an_adapter_that_is_not_there_is_refused_with_those_that_are() {
    let Some(adapter) = adapter() else { return };
    let desk = Desk::new();
    let shot = "shot bowl -o a.png --adapter nothing-like-it";
    let words = ["--adapter", "`nothing-like-it`", &adapter.name];
    desk.run(shot).refused(2, &words, shot);
    if adapter.is_cpu {
        // The best there is, so there is no GPU.
        let shot = "shot bowl -o a.png --adapter gpu";
        desk.run(shot)
            .refused(2, &["--adapter", "a GPU", &adapter.name], shot);
    }
    assert_eq!(desk.names(), [""; 0]);
}

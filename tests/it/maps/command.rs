//! `steepest map` as people run it.

use std::io::{self, Cursor, Write};

use ndarray::{Array1, Array2};
use ndarray_npy::{NpzReader, ReadableElement};

use crate::cli::Desk;

const TWO_VALLEYS: &str = r#"steepest = 1
title = "Two valleys"
[[panel]]
formula = "(x^2 - 1)^2 + y^2"
domain = [[-2, 2], [-1, 1]]
[[panel.descent]]
name = "Hidden"
rule = "adam"
rate = 0.1
start = [0.5, 0.5]
steps = 50
hidden = true
[[panel.descent]]
name = "Ball"
rule = "momentum"
rate = 0.02
start = [0.5, 0.5]
steps = 200
[[panel]]
formula = "(x - 1)^2"
domain = [[-4, 4]]
[[panel.descent]]
rule = "gd"
rate = 0.1
start = [3]
steps = 50
[[panel]]
objective = "bowl"
"#;

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("two.toml", TWO_VALLEYS);
    desk
}

type Archive = NpzReader<Cursor<Vec<u8>>>;

fn matrix<T: ReadableElement>(archive: &mut Archive, name: &str) -> Array2<T> {
    archive
        .by_name(name)
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn an_archive_has_the_outcomes_and_a_table_the_same() {
    let desk = desk();
    let both = "map two.toml -q --grid 7x5 --steps 150";
    for output in ["map.npz", "map.csv"] {
        let ended = desk.run(&format!("{both} -o {output}"));
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    }
    let mut archive = NpzReader::new(Cursor::new(desk.read("map.npz"))).expect("an archive");
    let x: Array1<f64> = archive.by_name("x").expect("x");
    let y: Array1<f64> = archive.by_name("y").expect("y");
    assert_eq!((x.len(), x[0], x[3], x[6]), (7, -2.0, 0.0, 2.0));
    assert_eq!(y.to_vec(), [-1.0, -0.5, 0.0, 0.5, 1.0]);
    let minima: Array2<f64> = matrix(&mut archive, "minima");
    assert_eq!(minima.dim(), (2, 2));
    assert!((minima[[0, 0]] + 1.0).abs() < 1e-9 && (minima[[1, 0]] - 1.0).abs() < 1e-9);
    let losses: Array1<f64> = archive.by_name("minima_loss").expect("losses");
    assert!(losses.iter().all(|loss| loss.abs() < 1e-12) && losses.len() == 2);
    let minimum: Array2<i32> = matrix(&mut archive, "minimum");
    let steps: Array2<i32> = matrix(&mut archive, "steps");
    let loss: Array2<f64> = matrix(&mut archive, "loss");
    let status: Array2<u8> = matrix(&mut archive, "status");
    assert_eq!(minimum.dim(), (5, 7));
    // The middle column runs along the ridge to the saddle.
    for row in 0..5 {
        assert_eq!((minimum[[row, 3]], steps[[row, 3]]), (-1, -1));
        assert_eq!(status[[row, 3]], 0);
    }
    let settled = minimum.iter().filter(|minimum| **minimum >= 0).count();
    assert_eq!(settled, 30);

    let table = String::from_utf8(desk.read("map.csv")).expect("UTF-8");
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("x,y,minimum,steps,loss,status"));
    for (index, line) in lines.enumerate() {
        let (row, col) = (index / 7, index % 7);
        let expected = format!(
            "{:?},{:?},{},{},{:?},{}",
            x[col],
            y[row],
            minimum[[row, col]],
            steps[[row, col]],
            loss[[row, col]],
            status[[row, col]]
        );
        assert_eq!(line, expected);
    }
    let meta: Array1<u8> = archive.by_name("meta").expect("meta");
    let meta: serde_json::Value = serde_json::from_slice(&meta.to_vec()).expect("JSON");
    assert_eq!(
        (&meta["descent"], &meta["rule"]),
        (&"Ball".into(), &"momentum".into())
    );
    assert_eq!(
        (&meta["x"]["axis"], &meta["steps"]),
        (&"start.x".into(), &150.into())
    );
    assert!(meta["best"]["steps"].as_u64().is_some());
}

#[test]
fn a_graphics_adapter_computes_maps_when_it_is_asked_to() {
    let desk = desk();
    let ended = desk.run("map two.toml --descent Ball --grid 24x16 --backend gpu -o gpu.csv");
    if ended.stderr.contains("no graphics adapter") {
        // Where nothing can be said, nobody listens.
        let _ = writeln!(io::stderr(), "SKIPPED: {}", ended.stderr);
        return;
    }
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let said = |start: &str| ended.stderr.lines().any(|line| line.starts_with(start));
    assert!(said("backend GPU: ") && !said("note: "), "{}", ended.stderr);
    desk.succeed("map two.toml --descent Ball --grid 24x16 --backend cpu -q -o cpu.csv");
    let minima = |name: &str| -> Vec<String> {
        let text = String::from_utf8(desk.read(name)).expect("UTF-8");
        let column = |line: &str| line.split(',').nth(2).unwrap_or_default().to_owned();
        text.lines().map(column).collect()
    };
    let (found, expected) = (minima("gpu.csv"), minima("cpu.csv"));
    let equal = found.iter().zip(&expected).filter(|(a, b)| a == b).count();
    assert!(found.len() == expected.len() && equal >= 380, "{equal}");
    // What it does not do is said, and done.
    desk.put(
        "noisy.toml",
        &TWO_VALLEYS.replace("steps = 200", "steps = 20\nsampling = { noise = 1 }"),
    );
    let ended = desk.run("map noisy.toml --descent Ball --grid 3x2 --backend gpu -o -");
    let note = "note: the GPU does not do random gradients; the CPU computes this map";
    assert!(ended.stderr.contains(note), "{}", ended.stderr);
    assert!(
        ended.stderr.starts_with("backend CPU: "),
        "{}",
        ended.stderr
    );
}

#[test]
fn figures_go_to_stderr_and_a_table_to_stdout() {
    let desk = desk();
    let ended =
        desk.run("map two.toml --grid 4x3 --x rate=0.001:0.1 --y momentum=0:0.99 --repeat 2 -o -");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let table = String::from_utf8(ended.stdout).expect("UTF-8");
    assert_eq!(table.lines().count(), 13);
    assert!(
        table
            .lines()
            .nth(1)
            .is_some_and(|line| line.starts_with("0.001,0.0,"))
    );
    assert!(
        table
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("0.1,0.99,"))
    );
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert!(lines[0].starts_with("backend CPU: "), "{}", ended.stderr);
    assert_eq!(lines[1], "cells 12 (4x3)");
    assert_eq!(lines[2], "runs·steps 2,400 (200 each)");
    assert!(lines[3].starts_with("median ") && lines[3].ends_with(" ms over 2 repeats"));
    assert!(lines[4].ends_with(" runs·steps/s"), "{}", lines[4]);
    assert!(
        lines[5].starts_with("minimum 0 at (−1.00000, 0), loss "),
        "{}",
        lines[5]
    );
    assert!(
        lines
            .last()
            .is_some_and(|line| line.starts_with("best rate "))
    );
    assert!(desk.names() == ["two.toml"]);
}

#[test]
fn a_curve_is_mapped_over_start_and_rate() {
    let desk = desk();
    let ended = desk.run("map two.toml --panel 2 --grid 5x5 -o -");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let table = String::from_utf8(ended.stdout).expect("UTF-8");
    // From 1/100 to 10 times its rate.
    assert!(
        table
            .lines()
            .nth(1)
            .is_some_and(|line| line.starts_with("-4.0,0.001,"))
    );
    assert!(
        table
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("4.0,1.0,"))
    );
    assert!(
        ended.stderr.contains("minimum 0 at 1.0000, loss"),
        "{}",
        ended.stderr
    );
}

#[test]
fn places_have_the_digits_that_tell_however_small_the_domain() {
    let desk = desk();
    let text = TWO_VALLEYS
        .replace("(x^2 - 1)^2 + y^2", "(x/1e-8 - 0.5)^2 + (y/1e-8)^2")
        .replace("[[-2, 2], [-1, 1]]", "[[-1e-8, 1e-8], [-1e-8, 1e-8]]");
    desk.put("small.toml", &text);
    let ended = desk.run("map small.toml --grid 2x2 --steps 1 -o -");
    let line = "minimum 0 at (5×10⁻⁹, 0), loss ";
    assert!(ended.stderr.contains(line), "{}", ended.stderr);
}

#[test]
fn bad_usage_is_refused_before_any_work() {
    let desk = desk();
    desk.put("two.csv", TWO_VALLEYS);
    for (arguments, said) in [
        ("two.toml --panel 4", "--panel: found 4, expected 1 to 3"),
        ("two.toml --panel 0", "expected a panel's number, 1 or more"),
        ("two.toml --panel 3", "panel 3: no descents"),
        (
            "two.toml --descent Bal",
            "expected one of \"Hidden\", \"Ball\"; did you mean \"Ball\"?",
        ),
        (
            "two.toml --x beta1",
            "--x: rule `momentum` has no `beta1`, expected one of start.x, start.y, rate, noise, momentum",
        ),
        ("two.toml --y momemtum", "did you mean `momentum`?"),
        (
            "two.toml --x rate --y rate=1:2",
            "--y: found rate, which is along x already",
        ),
        (
            "two.toml --x rate=1:0.5",
            "--x: found `rate=1:0.5`, expected rate=A:B with A less than B",
        ),
        ("two.toml --x start.x=0:inf", "both finite"),
        ("two.toml --x rate=-1:1", "numbers above 0"),
        (
            "two.toml --y momentum=0.5:1",
            "--y: found momentum=0.5:1, expected numbers at least 0 and below 1",
        ),
        (
            "two.toml --panel 2 --x start.y",
            "--x: a curve has no `start.y`, expected one of start.x, rate, noise",
        ),
        ("two.toml --grid 1x9", "found 1 nodes, expected 2 to 4096"),
        ("two.toml --grid 9x4097", "found 4097 nodes"),
        ("two.toml --grid 9", "expected COLSxROWS"),
        (
            "two.toml --radius 0",
            "--radius: found 0, expected a number above 0",
        ),
        ("two.toml --radius -1", "--radius: found -1"),
        ("two.toml --radius nan", "--radius: found NaN"),
        (
            "two.toml --steps 0",
            "--steps: found 0, expected 1 to 1000000",
        ),
        ("two.toml --backend abacus", "expected auto, gpu or cpu"),
        (
            "two.toml --show shares",
            "found \"shares\", expected one of minimum, steps, loss, status",
        ),
        ("two.toml --repeat 0", "--repeat"),
        (
            "two.toml -o map.txt",
            "map.txt, expected a name that ends in .npz, .csv or .png",
        ),
        (
            "mnist --data synthetic --descent Adam --x start.x",
            "--x: found `start.x`, expected one of rate, noise, beta1, beta2, eps",
        ),
        ("nowhere.toml", "nowhere.toml"),
        (
            "two.csv -o two.csv",
            "two.csv, which is the experiment itself",
        ),
    ] {
        let ended = desk.run(&format!("map {arguments}"));
        assert_eq!(ended.code, 2, "{arguments}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{arguments}: {}", ended.stderr);
        assert!(!ended.stderr.contains("median"), "{arguments}");
        assert!(ended.stdout.is_empty() && desk.names() == ["two.csv", "two.toml"]);
    }
}

#[test]
fn a_picture_shows_the_hues_and_is_not_replaced_unasked() {
    let desk = desk();
    let picture = "map two.toml -q --grid 40x30 --theme paper -o map.png";
    let ended = desk.run(picture);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let pixels = image::load_from_memory(&desk.read("map.png"))
        .expect("a picture")
        .to_rgb8();
    assert!(pixels.width() > 1200 && pixels.height() > 1000);
    let white = pixels.pixels().filter(|pixel| pixel.0 == [255; 3]).count();
    assert!(white > 100_000, "the ground");
    // The map is most of the page, and each of the two valleys has half of it.
    let count = |is: fn([u8; 3]) -> bool| pixels.pixels().filter(|pixel| is(pixel.0)).count();
    let orange = count(|[r, _, b]| r > b.saturating_add(60));
    let blue = count(|[r, _, b]| b > r.saturating_add(20));
    let all = (pixels.width() * pixels.height()) as usize;
    assert!(
        orange > all / 5 && blue > all / 5,
        "{orange} and {blue} of {all}"
    );
    assert!(orange.abs_diff(blue) < all / 50, "{orange} and {blue}");

    let again = desk.run(picture);
    assert_eq!(again.code, 1);
    assert!(
        again
            .stderr
            .contains("map.png is there already; --force overwrites it")
    );
    for show in ["minimum", "steps", "loss", "status"] {
        let ended = desk.run(&format!("{picture} --force --show {show}"));
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{show}");
    }
}

#[test]
fn an_output_that_cannot_be_written_is_a_failure() {
    let desk = desk();
    let ended = desk.run("map two.toml -q --grid 2x2 -o nowhere/map.npz");
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("the folder `nowhere` does not exist"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_map_leaves_no_file() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let desk = desk();
    let mut child = Command::new(crate::cli::PROGRAM)
        .args(["map", "two.toml", "--steps", "1000000", "-o", "map.npz"])
        .current_dir(desk.path())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    std::thread::sleep(Duration::from_millis(700));
    let kill = format!("kill -INT {}", child.id());
    let sent = Command::new("sh").args(["-c", &kill]).status();
    assert!(sent.is_ok_and(|sent| sent.success()));
    let began = Instant::now();
    while child.try_wait().expect("a process").is_none() {
        if began.elapsed() > Duration::from_secs(30) {
            let _ = child.kill();
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().expect("a process");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted: nothing was written"), "{said}");
    assert_eq!(desk.names(), ["two.toml"]);
}

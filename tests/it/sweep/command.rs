//! `steepest sweep` as people run it.

use std::io::Cursor;

use ndarray::Array2;
use ndarray_npy::ReadNpyExt;

use crate::cli::Desk;

#[test]
fn a_table_goes_to_stdout_and_the_figures_to_stderr() {
    let desk = Desk::new();
    let ended = desk.run(
        "sweep --data synthetic --grid 3x2 --u -1:2 --v=-0.5:0.25 --backend cpu --repeat 2 -o -",
    );
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let table = String::from_utf8(ended.stdout).expect("UTF-8");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!(rows[0], ["u", "v", "loss"]);
    let nodes: Vec<_> = rows[1..].iter().map(|row| (row[0], row[1])).collect();
    let expected = [
        ("-1", "-0.5"),
        ("0.5", "-0.5"),
        ("2", "-0.5"),
        ("-1", "0.25"),
        ("0.5", "0.25"),
        ("2", "0.25"),
    ];
    assert_eq!(nodes, expected);
    for row in &rows[1..] {
        let loss: f64 = row[2].parse().expect("a number");
        assert!(loss > 1.5 && loss < 18.5, "{loss}");
    }
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(lines.len(), 5, "{}", ended.stderr);
    assert!(lines[0].starts_with("backend CPU: "), "{}", lines[0]);
    assert_eq!(lines[1], "cells 6 (3x2)");
    assert_eq!(
        lines[2],
        "samples 60,000 (synthetic stand-in, 60,000 samples)"
    );
    assert!(lines[3].starts_with("median ") && lines[3].contains(" ms over 2 repeats"));
    let rate = lines[4].strip_suffix(" cell·samples/s").expect("a rate");
    assert!(rate.parse::<f64>().is_ok_and(|rate| rate > 0.0), "{rate}");
}

#[test]
fn an_array_has_rows_and_columns_and_the_tables_numbers() {
    let desk = Desk::new();
    let both = "sweep -q --data synthetic --grid 3x2 --backend cpu";
    for output in ["loss.npy", "loss.csv"] {
        let ended = desk.run(&format!("{both} -o {output}"));
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    }
    let array = Array2::<f64>::read_npy(Cursor::new(desk.read("loss.npy"))).expect("an array");
    assert_eq!(array.dim(), (2, 3));
    let table = String::from_utf8(desk.read("loss.csv")).expect("UTF-8");
    let losses: Vec<f64> = table
        .lines()
        .skip(1)
        .map(|line| {
            line.rsplit(',')
                .next()
                .expect("a loss")
                .parse()
                .expect("a number")
        })
        .collect();
    assert_eq!(array.iter().copied().collect::<Vec<f64>>(), losses);
}

#[test]
fn without_an_output_only_figures_are_given() {
    let desk = Desk::new();
    let ended = desk.run("sweep --data synthetic --grid 2x2 --backend cpu");
    assert_eq!((ended.code, ended.stdout.len()), (0, 0), "{}", ended.stderr);
    assert!(ended.stderr.contains("over 1 repeat\n"), "{}", ended.stderr);
    assert!(desk.names().is_empty());
}

#[test]
fn bad_usage_is_refused_before_any_work() {
    let desk = Desk::new();
    for (arguments, said) in [
        ("--grid 0x5", "found 0 nodes, expected 2 to 2048"),
        ("--grid 5x1", "found 1 nodes"),
        ("--grid 2049x5", "found 2049 nodes"),
        ("--grid 5x", "found `5x`, expected COLSxROWS"),
        ("--grid 100", "expected COLSxROWS"),
        ("--u 5:5", "found `5:5`, expected A:B with A less than B"),
        ("--u 5:-5", "found `5:-5`"),
        ("--v a:b", "found `a:b`"),
        ("--v -inf:3", "found `-inf:3`"),
        (
            "--backend abacus",
            "found `abacus`, expected auto, gpu or cpu",
        ),
        ("--repeat 0", "--repeat"),
        (
            "-o loss.txt",
            "loss.txt, expected a name that ends in .npy or .csv",
        ),
        ("--data nowhere", "nowhere"),
    ] {
        let ended = desk.run(&format!("sweep {arguments}"));
        assert_eq!(ended.code, 2, "{arguments}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{arguments}: {}", ended.stderr);
        assert!(ended.stdout.is_empty() && desk.names().is_empty());
    }
}

#[test]
fn an_output_that_cannot_be_written_is_a_failure() {
    let desk = Desk::new();
    let ended = desk.run("sweep -q --data synthetic --grid 2x2 --backend cpu -o nowhere/loss.csv");
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("cannot write nowhere/loss.csv"),
        "{}",
        ended.stderr
    );
}

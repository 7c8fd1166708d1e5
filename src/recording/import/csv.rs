//! Grids in text: a table of nodes with a header, `u,v,loss`, or the bare rows of a matrix.

use super::super::npy::Array;
use super::super::{MAX_NODES, Recording, RecordingError};
use super::matrix;

/// What the columns of nodes may be called.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("u", &["u", "x", "alpha", "a"]),
    ("v", &["v", "y", "beta", "b"]),
    ("loss", &["loss", "train_loss", "z", "value"]),
    ("val_loss", &["val_loss", "test_loss"]),
    ("accuracy", &["accuracy", "acc"]),
];

/// The grid in a text.
pub(super) fn grid(bytes: &[u8]) -> Result<Recording, RecordingError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        wrong(line, "expected UTF-8 text")
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let lines = text
        .lines()
        .enumerate()
        .map(|(k, line)| (k + 1, line.trim()));
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let Some((number, first)) = lines.next() else {
        return Err(RecordingError::new("the file is empty"));
    };
    let separator = separator(first);
    let cells = cells(first, separator);
    match cells.iter().all(|cell| parse(cell).is_some()) {
        true => rows(std::iter::once((number, first)).chain(lines), separator),
        false => nodes((number, &cells), lines, separator),
    }
}

fn wrong(line: usize, message: impl std::fmt::Display) -> RecordingError {
    RecordingError::new(format!("line {line}: {message}"))
}

/// A comma, a semicolon, a tab, or blanks.
fn separator(line: &str) -> Option<char> {
    [',', ';', '\t'].into_iter().find(|c| line.contains(*c))
}

fn cells(line: &str, separator: Option<char>) -> Vec<&str> {
    match separator {
        Some(separator) => line.split(separator).map(str::trim).collect(),
        None => line.split_whitespace().collect(),
    }
}

/// A number; an empty cell and `nan` are what is not there yet.
fn parse(cell: &str) -> Option<f64> {
    match cell {
        "" => Some(f64::NAN),
        cell => cell.parse().ok(),
    }
}

fn number(line: usize, column: usize, cell: &str) -> Result<f64, RecordingError> {
    parse(cell).ok_or_else(|| {
        let column = column + 1;
        wrong(
            line,
            format!("column {column}: found `{cell}`, expected a number"),
        )
    })
}

fn rows<'t>(
    lines: impl Iterator<Item = (usize, &'t str)>,
    separator: Option<char>,
) -> Result<Recording, RecordingError> {
    let (mut numbers, mut rows, mut cols) = (Vec::new(), 0, None);
    for (line, text) in lines {
        let cells = cells(text, separator);
        let expected = *cols.get_or_insert(cells.len());
        if cells.len() != expected {
            let found = cells.len();
            return Err(wrong(
                line,
                format!("found {found} numbers, expected {expected}, as many as in the first row"),
            ));
        }
        for (column, cell) in cells.iter().enumerate() {
            numbers.push(number(line, column, cell)?);
        }
        rows += 1;
        if rows > MAX_NODES {
            return Err(wrong(line, format!("expected at most {MAX_NODES} rows")));
        }
    }
    matrix(Array {
        shape: vec![rows, cols.unwrap_or(0)],
        numbers,
    })
}

/// One node a line, in any order.
fn nodes<'t>(
    (header_line, header): (usize, &[&str]),
    lines: impl Iterator<Item = (usize, &'t str)>,
    separator: Option<char>,
) -> Result<Recording, RecordingError> {
    let place = |names: &[&str]| {
        let is_named = |cell: &&str| names.contains(&cell.to_lowercase().as_str());
        header.iter().position(is_named)
    };
    let found = COLUMNS.map(|(_, names)| place(names));
    for (k, (name, _)) in COLUMNS.iter().enumerate().take(3) {
        if found[k].is_none() {
            let header = header.join(", ");
            return Err(wrong(
                header_line,
                format!("found the columns {header}, expected `{name}` among them: u, v, loss"),
            ));
        }
    }
    let mut all: Vec<[f64; 5]> = Vec::new();
    for (line, text) in lines {
        let cells = cells(text, separator);
        if cells.len() != header.len() {
            let (found, expected) = (cells.len(), header.len());
            return Err(wrong(
                line,
                format!("found {found} cells, expected {expected}"),
            ));
        }
        let mut node = [f64::NAN; 5];
        for (value, column) in node.iter_mut().zip(found) {
            if let Some(column) = column {
                *value = number(line, column, cells[column])?;
            }
        }
        if !(node[0].is_finite() && node[1].is_finite()) {
            return Err(wrong(line, "expected finite coordinates"));
        }
        if all.len() >= MAX_NODES * MAX_NODES {
            return Err(wrong(
                line,
                format!("expected at most {MAX_NODES}×{MAX_NODES} nodes"),
            ));
        }
        all.push(node);
    }
    let axis = |k: usize| {
        let mut places: Vec<f64> = all.iter().map(|node| node[k]).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        places
    };
    let (u, v) = (axis(0), axis(1));
    if u.len() > MAX_NODES || v.len() > MAX_NODES {
        let (cols, rows) = (u.len(), v.len());
        return Err(RecordingError::new(format!(
            "found {cols} different u and {rows} different v, expected the nodes of a grid, at most {MAX_NODES} along each side"
        )));
    }
    let column = |k: usize| {
        let mut grid = vec![f64::NAN; u.len() * v.len()];
        for node in &all {
            let at = |axis: &[f64], place: f64| axis.partition_point(|other| *other < place);
            grid[at(&v, node[1]) * u.len() + at(&u, node[0])] = node[k];
        }
        grid
    };
    Ok(Recording {
        loss: column(2),
        val_loss: found[3].map(|_| column(3)),
        accuracy: found[4].map(|_| column(4)),
        labels: [0, 1].map(|k| found[k].map_or_else(String::new, |at| header[at].to_owned())),
        u,
        v,
        ..Recording::default()
    })
}

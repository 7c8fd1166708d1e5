//! A data set of the user's own: a table in a CSV file, features first, the last column what is to be learnt.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::objective::network::{MAX_SAMPLES, Samples, Targets};

/// The longest file that is read.
const MAX_BYTES: u64 = 64 << 20;
/// Columns that a table may have.
const MAX_COLUMNS: usize = 1000;
/// The header of the last column where it holds classes, and where it holds numbers.
const LABEL: &str = "label";
const TARGET: &str = "target";

/// What is wrong with a table, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableError {
    /// From 1; `None` for the file as a whole.
    line: Option<usize>,
    /// Number, from 1, and header.
    column: Option<(usize, String)>,
    message: String,
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}, ")?;
        }
        if let Some((number, header)) = &self.column {
            write!(f, "column {number} (`{header}`), ")?;
        }
        f.write_str(&self.message)
    }
}

fn whole(message: impl Into<String>) -> TableError {
    TableError {
        line: None,
        column: None,
        message: message.into(),
    }
}

fn in_line(line: usize, message: impl Into<String>) -> TableError {
    TableError {
        line: Some(line),
        ..whole(message)
    }
}

/// The samples in a file.
///
/// # Errors
/// An unreadable or too long file, or what is wrong with the table in it.
pub(super) fn load(path: &Path) -> Result<Samples, TableError> {
    if path.is_dir() {
        return Err(whole("this is a folder, expected a CSV file"));
    }
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        // One byte more than there may be: an endless file ends here, too.
        File::open(path)?
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => whole("there is no such file"),
        _ => whole(error.to_string()),
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(whole("the file is too long, expected at most 64 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..at];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        in_line(line, "expected UTF-8 text")
    })?;
    parse(&text)
}

/// The samples of a table: a header, then a line for each.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn parse(text: &str) -> Result<Samples, TableError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.trim().is_empty());
    let expected = format!(
        "expected a header such as x1,x2,{LABEL}: the features, then `{LABEL}` (0, 1, …) or `{TARGET}` (a number)"
    );
    let Some((number, line)) = lines.next() else {
        return Err(whole(format!("the file is empty, {expected}")));
    };
    let headers: Vec<&str> = cells(line).collect();
    let last = headers.last().copied().unwrap_or_default();
    if headers.len() == 1 && line.contains([';', '\t']) {
        return Err(in_line(
            number,
            "found no comma, expected columns parted by commas",
        ));
    }
    if ![LABEL, TARGET].contains(&last) {
        let found = format!("found `{}` as the last column, {expected}", short(last));
        return Err(in_line(number, found));
    }
    if !(2..=MAX_COLUMNS).contains(&headers.len()) {
        let columns = headers.len();
        let most = MAX_COLUMNS - 1;
        return Err(in_line(
            number,
            format!("found {columns} columns, expected 1 to {most} features before `{last}`"),
        ));
    }
    let (width, is_label) = (headers.len() - 1, last == LABEL);
    let (mut features, mut labels, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    for (count, (line, text)) in lines.enumerate() {
        if count == MAX_SAMPLES {
            return Err(in_line(
                line,
                format!("expected at most {MAX_SAMPLES} samples"),
            ));
        }
        let found = cells(text).count();
        if found != headers.len() {
            let columns = headers.len();
            let s = if found == 1 { "" } else { "s" };
            return Err(in_line(
                line,
                format!("found {found} value{s}, expected {columns} as in the header"),
            ));
        }
        for (column, cell) in cells(text).enumerate() {
            let wrong = |expected: &str| TableError {
                column: Some((column + 1, short(headers[column]))),
                ..in_line(
                    line,
                    format!("found `{}`, expected {expected}", short(cell)),
                )
            };
            if column == width && is_label {
                let most = MAX_SAMPLES - 1;
                let label = label(cell).filter(|&label| label <= most);
                labels.push(label.ok_or_else(|| wrong("a class: 0, 1, 2, …"))?);
                continue;
            }
            let value = cell.parse().ok().filter(|x: &f64| x.is_finite());
            let value = value.ok_or_else(|| wrong("a finite number"))?;
            let into = if column == width {
                &mut numbers
            } else {
                &mut features
            };
            into.push(value);
        }
    }
    if is_label {
        classes(&labels)?;
    }
    let targets = match is_label {
        true => Targets::Labels(labels),
        false => Targets::Numbers(numbers),
    };
    let samples = Samples::new(width, features, targets);
    samples.ok_or_else(|| whole("found a header only, expected a line for each sample"))
}

/// The values of a line, without the blanks and the quotes around them.
fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.split(',').map(|cell| {
        let cell = cell.trim();
        let inner = cell.strip_prefix('"').and_then(|c| c.strip_suffix('"'));
        inner.unwrap_or(cell)
    })
}

/// A class, written as 2 or as 2.0.
fn label(cell: &str) -> Option<usize> {
    let whole = cell.split_once('.').map_or(cell, |(whole, rest)| {
        if rest.bytes().all(|digit| digit == b'0') {
            whole
        } else {
            ""
        }
    });
    whole.parse().ok()
}

/// Two classes at least, and none left out.
fn classes(labels: &[usize]) -> Result<(), TableError> {
    let mut known = labels.to_vec();
    known.sort_unstable();
    known.dedup();
    match known[..] {
        [] => Ok(()),
        [only] => Err(whole(format!(
            "found samples of one class only, {only}, expected two classes or more"
        ))),
        _ => match known.iter().enumerate().find(|(k, label)| k != *label) {
            Some((missing, _)) => Err(whole(format!(
                "found no sample of class {missing}, expected classes from 0 on without a gap"
            ))),
            None => Ok(()),
        },
    }
}

/// What stands in the file, shortened where it is long.
fn short(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read() {
        let samples =
            parse("\u{feff}x1, x2,label\r\n0.5,-1e3,1\r\n\r\n \"2\",3,0.0\r\n").expect("sound");
        assert_eq!(samples.features(), [0.5, -1e3, 2.0, 3.0]);
        assert_eq!(*samples.targets(), Targets::Labels(vec![1, 0]));
        let samples = parse("x,target\n1,2.5").expect("one row will do for a number");
        assert_eq!((samples.width(), samples.outputs()), (1, 1));
        assert_eq!(*samples.targets(), Targets::Numbers(vec![2.5]));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let many = format!("x,target\n{}", "1,2\n".repeat(MAX_SAMPLES + 1));
        let wide = format!("{}label\n1", "x,".repeat(MAX_COLUMNS));
        for (text, said) in [
            ("", "the file is empty, expected a header"),
            ("\n\n", "the file is empty"),
            (
                "x,y\n1,2",
                "line 1, found `y` as the last column, expected a header such as",
            ),
            (
                "label\n1",
                "line 1, found 1 columns, expected 1 to 999 features before `label`",
            ),
            (
                "x;label\n1;2",
                "line 1, found no comma, expected columns parted by commas",
            ),
            ("x,label", "found a header only"),
            ("x,label\n1,0\n2", "line 3, found 1 value, expected 2"),
            ("x,label\n1,0,3", "line 2, found 3 values, expected 2"),
            (
                "x,label\n1,0\n\nNaN,1",
                "line 4, column 1 (`x`), found `NaN`, expected a finite number",
            ),
            ("x,label\ninf,1", "line 2, column 1 (`x`), found `inf`"),
            (
                "x,label\n1e999,1",
                "found `1e999`, expected a finite number",
            ),
            ("x,label\nabc,1", "found `abc`, expected a finite number"),
            ("x,label\n,1", "found ``, expected a finite number"),
            (
                "x,label\n1,0.5",
                "line 2, column 2 (`label`), found `0.5`, expected a class",
            ),
            ("x,label\n1,-1", "found `-1`, expected a class"),
            ("x,label\n1,cat", "found `cat`, expected a class"),
            ("x,label\n1,99999999999999999999", "expected a class"),
            ("x,label\n1,10000", "expected a class"),
            ("x,label\n1,3", "found samples of one class only, 3"),
            ("x,label\n1,1\n2,2", "found no sample of class 0"),
            ("x,label\n1,0\n2,2", "found no sample of class 1"),
            (&many, "line 10002, expected at most 10000 samples"),
            (&wide, "line 1, found 1001 columns"),
        ] {
            let error = parse(text).expect_err(said).to_string();
            assert!(
                error.starts_with(said) || error.contains(said),
                "{error}\n{said}"
            );
        }
    }

    #[test]
    fn files_are_read_or_said_to_be_unreadable() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("points.csv");
        let error = |path: &Path| load(path).expect_err("none").to_string();
        assert_eq!(error(&path), "there is no such file");
        assert!(error(folder.path()).contains("this is a folder"));
        std::fs::write(&path, b"x,label\n1,\xff").expect("a file");
        assert_eq!(error(&path), "line 2, expected UTF-8 text");
        std::fs::write(&path, "x,target\n1,2\n").expect("a file");
        assert_eq!(load(&path).expect("sound").len(), 1);
        let long = File::create(&path).expect("a file");
        long.set_len(MAX_BYTES + 1).expect("a long file");
        assert!(error(&path).contains("at most 64 MiB"));
    }
}

//! What can be wrong with an experiment, in words for the person who wrote it.

use std::fmt;

/// Why an experiment could not be loaded. Its text is complete: file, line, key, what was found
/// and what was expected.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// Neither a built-in experiment nor a file.
    #[error(
        "no built-in experiment or file is called `{name}`{}; `steepest list` shows the built-in ones",
        nearest.map_or_else(String::new, |n| format!(" (did you mean `{n}`?)"))
    )]
    Unknown {
        name: String,
        nearest: Option<&'static str>,
    },
    /// The file is there but cannot be read as text.
    #[error("{file}: {reason}")]
    Unreadable { file: String, reason: String },
    /// The file can be read, but is no valid experiment.
    #[error("{}", lines(file, problems))]
    Invalid {
        file: String,
        problems: Vec<Problem>,
    },
}

/// One thing that is wrong in an experiment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line in the file, from 1.
    pub line: usize,
    /// The key with its place, as in `panel[0].descent[1].rule`; empty for the file as a whole.
    pub key: String,
    /// What was found and what was expected.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            write!(f, "key `{}`: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

fn lines(file: &str, problems: &[Problem]) -> String {
    let lines = problems.iter().map(|p| format!("{file}:{}: {p}", p.line));
    lines.collect::<Vec<_>>().join("\n")
}

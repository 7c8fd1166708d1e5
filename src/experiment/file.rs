//! Where an experiment comes from: the program itself, or a file.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::writer::quoted;
use super::{
    BUILTINS, Builtin, Experiment, ExperimentError, MAX_FILE_BYTES, Problem, RecordedSpec, VERSION,
    builtin,
};
use crate::recording::{Recording, is_run_file};
use crate::spelling::nearest;

/// Where an experiment comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Builtin(Builtin),
    File(PathBuf),
}

impl Source {
    /// What a word means: a built-in's name, else a path. A file that is called as a built-in is meant by `./race`.
    pub fn named(word: &str) -> Source {
        match builtin(word) {
            Some(builtin) => Source::Builtin(*builtin),
            None => Source::File(word.into()),
        }
    }

    /// The file, unless it is a built-in.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Source::Builtin(_) => None,
            Source::File(path) => Some(path),
        }
    }

    /// Its name without folders and ending.
    pub fn stem(&self) -> Cow<'_, str> {
        match self {
            Source::Builtin(builtin) => builtin.name.into(),
            Source::File(path) => match path.file_stem() {
                Some(stem) => stem.to_string_lossy(),
                None => path.to_string_lossy(),
            },
        }
    }

    /// Its text, unchecked; of a run file that of an experiment that shows it.
    ///
    /// # Errors
    /// No such file (with the nearest built-in's name) or an unreadable one.
    pub fn text(&self) -> Result<String, ExperimentError> {
        match self {
            Source::Builtin(builtin) => Ok(builtin.text.to_owned()),
            Source::File(path) if is_run_file(path) => check(path).map(|()| text_about(path)),
            Source::File(path) => text(path),
        }
    }

    /// Whether it is a run file, which was recorded elsewhere and is shown by an experiment that nobody wrote.
    pub fn is_recording(&self) -> bool {
        self.file().is_some_and(is_run_file)
    }

    /// The file that the experiment may be saved to: its own, unless that is a recording.
    pub fn experiment_file(&self) -> Option<&Path> {
        self.file().filter(|_| !self.is_recording())
    }

    /// The experiment.
    ///
    /// # Errors
    /// Those of [`text`](Source::text), or an invalid file.
    pub fn load(&self) -> Result<Experiment, ExperimentError> {
        let name = self.to_string();
        match self.file().filter(|path| is_run_file(path)) {
            None => Experiment::parse(&self.text()?, &name),
            // It is read while that is parsed, and looked at by itself only where something is wrong with it.
            Some(path) => Experiment::parse(&text_about(path), &name).or_else(|error| {
                check(path)?;
                Err(error)
            }),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Builtin(builtin) => f.write_str(builtin.name),
            Source::File(path) => path.display().fmt(f),
        }
    }
}

/// What is wrong with a run file is said of it, not of a text that nobody wrote.
fn check(path: &Path) -> Result<(), ExperimentError> {
    let read = Recording::read(path);
    read.map(drop).map_err(|error| ExperimentError::Unreadable {
        file: path.display().to_string(),
        reason: error.to_string(),
    })
}

/// An experiment that shows a run file in the same folder.
fn text_about(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = quoted(&name.to_string_lossy());
    let kind = RecordedSpec::NAME;
    format!("steepest = {VERSION}\n\n[[panel]]\nobjective = \"{kind}\"\nfile = {name}\n")
}

fn text(path: &Path) -> Result<String, ExperimentError> {
    let unreadable = |reason: String| ExperimentError::Unreadable {
        file: path.display().to_string(),
        reason,
    };
    if path.is_dir() {
        return Err(unreadable(
            "this is a folder, expected an experiment file".to_owned(),
        ));
    }
    let bytes = match read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(unknown(path)),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    if bytes.len() > MAX_FILE_BYTES {
        return Err(unreadable(format!(
            "the file is too large for an experiment, expected at most {MAX_FILE_BYTES} bytes"
        )));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count();
        let message = format!(
            "found the byte 0x{:02x}, expected UTF-8 text",
            error.as_bytes()[at]
        );
        let problem = Problem {
            line,
            key: String::new(),
            message,
        };
        ExperimentError::Invalid {
            file: path.display().to_string(),
            problems: vec![problem],
        }
    })
}

/// At most one byte more than a file may have: an endless one ends here too.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unknown(path: &Path) -> ExperimentError {
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy())
        .unwrap_or_default();
    ExperimentError::Unknown {
        name: path.display().to_string(),
        nearest: nearest(&stem, BUILTINS.iter().map(|builtin| builtin.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_called_as_a_built_in_is_found_by_its_path() {
        assert!(Source::named("race").file().is_none());
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("race");
        std::fs::write(&path, "found").expect("a file");
        let file = Source::named(&path.display().to_string());
        assert_eq!(file.text().expect("a text"), "found");
        assert_eq!(Source::File("race".into()).file(), Some(Path::new("race")));
        assert_eq!(Source::named("./race").stem(), "race");
        assert_eq!(Source::named("a/b.c.toml").stem(), "b.c");
        assert_eq!(Source::named("race").to_string(), "race");
    }
}

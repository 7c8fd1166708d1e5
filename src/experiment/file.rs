//! Where an experiment's text comes from: the program itself, or a file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{BUILTINS, ExperimentError, MAX_FILE_BYTES, Problem, builtin};
use crate::spelling::nearest;

/// See [`Experiment::text`](super::Experiment::text).
pub(super) fn text(name_or_path: &str) -> Result<String, ExperimentError> {
    if let Some(builtin) = builtin(name_or_path) {
        return Ok(builtin.text.to_owned());
    }
    let unreadable = |reason: String| ExperimentError::Unreadable {
        file: name_or_path.to_owned(),
        reason,
    };
    let path = Path::new(name_or_path);
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
            file: name_or_path.to_owned(),
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

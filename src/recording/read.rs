//! Run files: an archive of arrays, read with limits on all that it claims.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

use zip::ZipArchive;

use super::npy::{Array, array};
use super::{MAX_NODES, MAX_PATHS, RecordedPath, Recording, RecordingError};

/// Bytes of one array: a grid of the largest size.
const MAX_ARRAY_BYTES: u64 = (MAX_NODES * MAX_NODES * size_of::<f64>()) as u64 + (1 << 16);
/// Arrays in an archive: those of as many paths as there may be, and some that nobody here knows.
const MAX_ARRAYS: usize = 12 * MAX_PATHS + 1000;
/// Bytes of all arrays that are read.
const MAX_BYTES: u64 = 1 << 30;
/// The form that this program reads.
const VERSION: u64 = 1;
const VERSION_KEY: &str = "steepest-run";
const PATH: &str = "path.";

/// Tells one state of a file from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Of the file behind the name, where the system numbers files: one that is replaced has another.
    number: u64,
}

impl Stamp {
    /// That of a file as it is now.
    ///
    /// # Errors
    /// If there is none.
    pub fn of(path: &Path) -> io::Result<Stamp> {
        Ok(Stamp::from(&std::fs::metadata(path)?))
    }
}

impl From<&Metadata> for Stamp {
    fn from(about: &Metadata) -> Stamp {
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(about);
        #[cfg(not(unix))]
        let number = 0;
        Stamp {
            bytes: about.len(),
            modified: about.modified().ok(),
            number,
        }
    }
}

/// Whether a file begins as an archive does, which a text never does.
pub fn is_run_file(path: &Path) -> bool {
    let mut first = [0; 4];
    // A pipe can be read but once, and is none: an archive is read from its end.
    if !path.is_file() {
        return false;
    }
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut first));
    // The second is an archive without anything in it.
    read.is_ok() && (first == *b"PK\x03\x04" || first == *b"PK\x05\x06")
}

/// See [`Recording::read`].
pub(super) fn read(path: &Path) -> Result<(Recording, Stamp), RecordingError> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => RecordingError::new("there is no such file"),
        _ => RecordingError::new(error.to_string()),
    };
    if path.is_dir() {
        return Err(RecordingError::new(
            "this is a folder, expected a run file (NPZ)",
        ));
    }
    let file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if !about.is_file() {
        return Err(RecordingError::new("it is no regular file"));
    }
    let stamp = Stamp::from(&about);
    let arrays = arrays(file)?;
    Ok((recording(arrays)?.checked()?, stamp))
}

/// The arrays of a run file, in their order, by their names without ending.
struct Arrays {
    order: Vec<String>,
    by_name: HashMap<String, Vec<u8>>,
}

/// Whether an array of this name says anything here.
fn is_known(name: &str) -> bool {
    let of_grid = [
        "meta",
        "u",
        "v",
        "loss",
        "val_loss",
        "accuracy",
        "explained",
    ];
    of_grid.contains(&name) || name.starts_with(PATH)
}

fn arrays(file: File) -> Result<Arrays, RecordingError> {
    let broken = |error| RecordingError::new(format!("it is no whole NPZ archive: {error}"));
    let mut archive = ZipArchive::new(io::BufReader::new(file)).map_err(broken)?;
    if archive.len() > MAX_ARRAYS {
        return Err(RecordingError::new(format!(
            "found {} arrays, expected at most {MAX_ARRAYS}",
            archive.len()
        )));
    }
    let mut arrays = Arrays {
        order: Vec::new(),
        by_name: HashMap::new(),
    };
    let mut left = MAX_BYTES;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(broken)?;
        let Some(name) = entry.name().strip_suffix(".npy").map(str::to_owned) else {
            continue;
        };
        if !is_known(&name) {
            continue;
        }
        let most = MAX_ARRAY_BYTES.min(left);
        let mut bytes = Vec::new();
        (&mut entry)
            .take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| RecordingError::of(&name, format!("it cannot be read: {error}")))?;
        if bytes.len() as u64 > most {
            let most = most >> 20;
            return Err(RecordingError::of(
                &name,
                format!("it is too large, expected at most {most} MiB"),
            ));
        }
        left -= bytes.len() as u64;
        arrays.order.push(name.clone());
        arrays.by_name.insert(name, bytes);
    }
    Ok(arrays)
}

impl Arrays {
    /// The array of that name, if there is one.
    fn get(&mut self, name: &str) -> Result<Option<Array>, RecordingError> {
        let Some(bytes) = self.by_name.remove(name) else {
            return Ok(None);
        };
        let found = array(&bytes);
        found
            .map(Some)
            .map_err(|error| RecordingError::of(name, error))
    }

    fn require(&mut self, name: &str) -> Result<Array, RecordingError> {
        self.get(name)?
            .ok_or_else(|| RecordingError::new(format!("the array `{name}` is missing")))
    }

    /// A list of numbers.
    fn list(&mut self, name: &str) -> Result<Option<Vec<f64>>, RecordingError> {
        let Some(Array { shape, numbers }) = self.get(name)? else {
            return Ok(None);
        };
        match shape.len() {
            1 => Ok(Some(numbers)),
            _ => Err(RecordingError::of(
                name,
                format!("found the shape {}, expected one axis", shape_text(&shape)),
            )),
        }
    }

    fn require_list(&mut self, name: &str) -> Result<Vec<f64>, RecordingError> {
        self.list(name)?
            .ok_or_else(|| RecordingError::new(format!("the array `{name}` is missing")))
    }

    /// A grid of so many rows and columns.
    fn grid(&mut self, name: &str, size: [usize; 2]) -> Result<Option<Vec<f64>>, RecordingError> {
        let Some(Array { shape, numbers }) = self.get(name)? else {
            return Ok(None);
        };
        if shape == size {
            return Ok(Some(numbers));
        }
        let [rows, cols] = size;
        Err(RecordingError::of(
            name,
            format!(
                "found the shape {}, expected ({rows}, {cols}): rows as `v` has numbers, columns as `u` has",
                shape_text(&shape)
            ),
        ))
    }
}

fn shape_text(shape: &[usize]) -> String {
    let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("({})", lengths.join(", "))
}

fn recording(mut arrays: Arrays) -> Result<Recording, RecordingError> {
    let meta = meta(&mut arrays)?;
    let text = |key: &str| match meta.get(key) {
        Some(serde_json::Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    let (u, v) = (arrays.require_list("u")?, arrays.require_list("v")?);
    let size = [v.len(), u.len()];
    let loss = arrays.grid("loss", size)?;
    let loss = loss.ok_or_else(|| RecordingError::new("the array `loss` is missing"))?;
    let names: Vec<String> = arrays
        .order
        .iter()
        .filter_map(|key| Some(key.strip_prefix(PATH)?.strip_suffix(".step")?.to_owned()))
        .collect();
    if names.len() > MAX_PATHS {
        return Err(RecordingError::new(format!(
            "found {} paths, expected at most {MAX_PATHS}",
            names.len()
        )));
    }
    Ok(Recording {
        title: text("title"),
        about: text("about"),
        labels: ["u", "v"].map(text),
        val_loss: arrays.grid("val_loss", size)?,
        accuracy: arrays.grid("accuracy", size)?,
        explained: arrays.list("explained")?.unwrap_or_default(),
        paths: names
            .iter()
            .map(|name| path(&mut arrays, name))
            .collect::<Result<_, _>>()?,
        u,
        v,
        loss,
    })
}

fn meta(arrays: &mut Arrays) -> Result<serde_json::Value, RecordingError> {
    let found = arrays.require("meta")?;
    let bytes: Vec<u8> = found.numbers.iter().map(|&byte| byte as u8).collect();
    let meta: serde_json::Value = serde_json::from_slice(&bytes)
        .map_err(|error| RecordingError::of("meta", format!("expected JSON: {error}")))?;
    match meta.get(VERSION_KEY) {
        Some(version) if version.as_u64() == Some(VERSION) => Ok(meta),
        Some(version) => Err(RecordingError::of(
            "meta",
            format!("found \"{VERSION_KEY}\": {version}, expected {VERSION}"),
        )),
        None => Err(RecordingError::of(
            "meta",
            format!("expected \"{VERSION_KEY}\": {VERSION}"),
        )),
    }
}

fn path(arrays: &mut Arrays, name: &str) -> Result<RecordedPath, RecordingError> {
    let key = |column: &str| format!("{PATH}{name}.{column}");
    let step = arrays.require_list(&key("step"))?;
    let length = step.len();
    let fits = |column: &str, numbers: &[f64]| match numbers.len() {
        found if found == length => Ok(()),
        found => Err(RecordingError::of(
            &key(column),
            format!("found {found} numbers, expected {length}, as many as steps"),
        )),
    };
    let mut required = |column: &str| {
        let numbers = arrays.require_list(&key(column))?;
        fits(column, &numbers).map(|()| numbers)
    };
    let [u, v, loss, residual] = [
        required("u")?,
        required("v")?,
        required("loss")?,
        required("residual")?,
    ];
    let mut optional = |column: &str| match arrays.list(&key(column))? {
        Some(numbers) => fits(column, &numbers).map(|()| Some(numbers)),
        None => Ok(None),
    };
    let (rate, grad_norm, sharpness) = (
        optional("rate")?,
        optional("grad_norm")?,
        optional("sharpness")?,
    );
    let whole = |&step: &f64| step >= 0.0 && step <= super::MAX_STEP as f64 && step.fract() == 0.0;
    if let Some(place) = step.iter().position(|step| !whole(step)) {
        return Err(RecordingError::of(
            &key("step"),
            format!("found {}, expected whole numbers, 0 or more", step[place]),
        ));
    }
    Ok(RecordedPath {
        name: name.to_owned(),
        step: step.iter().map(|&step| step as u64).collect(),
        u,
        v,
        loss,
        residual,
        rate,
        grad_norm,
        sharpness,
    })
}

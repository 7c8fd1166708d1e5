//! Grids that other tools wrote, as recordings: NumPy arrays, CSV, and the HDF5 files of the loss-landscape tools.

mod csv;
mod hdf5;

use std::path::Path;

use super::npy::array;
use super::{MAX_NODES, Recording, RecordingError};

pub use hdf5::Projection;

/// Bytes of a file that is read whole: a long table of as many nodes as there may be takes some fifty a node.
const MAX_BYTES: u64 = 1 << 28;

/// What a file does not say.
#[derive(Debug, Clone, Default)]
pub struct ImportWish {
    pub title: Option<String>,
    /// The ranges of its columns and of its rows, where the file has no coordinates: else they are counted from 0.
    pub ranges: [Option<[f64; 2]>; 2],
    /// HDF5 projections of trainings onto the plane.
    pub projections: Vec<Projection>,
    /// The HDF5 file with the plane's directions.
    pub directions: Option<std::path::PathBuf>,
}

/// A recording of the grid in a file, and what should be known of it.
///
/// # Errors
/// An unknown kind of file, one that cannot be read, or what is wrong with it.
pub fn import(path: &Path, wish: &ImportWish) -> Result<(Recording, Vec<String>), RecordingError> {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    let kind = ending.as_deref().and_then(|ending| ending.to_str());
    let is_hdf5 = matches!(kind, Some("h5" | "hdf5"));
    if !is_hdf5 && !(wish.projections.is_empty() && wish.directions.is_none()) {
        return Err(RecordingError::new(
            "projections and directions go with an HDF5 surface",
        ));
    }
    let (mut recording, notes) = match kind {
        Some("npy") => (matrix(array(&bytes(path)?)?)?, Vec::new()),
        Some("csv" | "tsv" | "txt") => (csv::grid(&bytes(path)?)?, Vec::new()),
        _ if is_hdf5 => hdf5::surface(path, wish)?,
        _ => {
            return Err(RecordingError::new(
                "expected a file that ends in .npy, .csv, .h5 or .hdf5",
            ));
        }
    };
    if is_hdf5 && wish.ranges != [None, None] {
        return Err(RecordingError::new(
            "the file has coordinates, expected no other ranges",
        ));
    }
    for (axis, range) in [&mut recording.u, &mut recording.v]
        .into_iter()
        .zip(wish.ranges)
    {
        if let Some([low, high]) = range {
            let last = axis.len().saturating_sub(1).max(1) as f64;
            let places = (0..axis.len()).map(|k| low + (high - low) * (k as f64 / last));
            *axis = places.collect();
        }
    }
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    recording.title = wish.title.clone().or(stem).unwrap_or_default();
    Ok((recording.checked()?, notes))
}

fn bytes(path: &Path) -> Result<Vec<u8>, RecordingError> {
    use std::io::Read;
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => RecordingError::new("there is no such file"),
        _ => RecordingError::new(error.to_string()),
    };
    if path.is_dir() {
        return Err(RecordingError::new("this is a folder, expected a file"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        let most = MAX_BYTES >> 20;
        return Err(RecordingError::new(format!(
            "the file is too large, expected at most {most} MiB"
        )));
    }
    Ok(bytes)
}

/// A grid whose coordinates are the numbers of its columns and rows.
fn matrix(array: super::npy::Array) -> Result<Recording, RecordingError> {
    let [rows, cols] = array.shape[..] else {
        let axes = array.shape.len();
        return Err(RecordingError::new(format!(
            "found an array of {axes} axes, expected 2: rows and columns"
        )));
    };
    if rows > MAX_NODES || cols > MAX_NODES {
        return Err(RecordingError::new(format!(
            "found {rows}×{cols} nodes, expected at most {MAX_NODES} along each side"
        )));
    }
    let counted = |count: usize| (0..count).map(|k| k as f64).collect();
    Ok(Recording {
        u: counted(cols),
        v: counted(rows),
        loss: array.numbers,
        ..Recording::default()
    })
}

#[cfg(test)]
mod tests;

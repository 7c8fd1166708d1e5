//! The HDF5 files of the tools around "Visualizing the loss landscape of neural nets" (Li et al. 2018): surfaces, projections of
//! trainings onto them, and directions.
//!
//! A surface's array is declared (columns, rows), but it is filled by the flat index of a mesh grid, in which columns run
//! fastest: read as it lies it is rows × columns. What is not computed is −1. Accuracies are in per cent.

use std::path::{Path, PathBuf};

use hdf5_reader::{Dataset, Hdf5File, OpenOptions};

use super::super::{MAX_NODES, MAX_POINTS, RecordedPath, Recording, RecordingError};
use super::ImportWish;
use crate::objective::Recorded;

/// Bytes of one array in a file of directions: a layer's weights.
const MAX_READ: usize = 1 << 31;
/// What stands for a node that is not computed.
const NOT_YET: f64 = -1.0;

/// A file with the projection of a training onto the plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    /// What the path is called.
    pub name: String,
    pub path: PathBuf,
}

fn open(path: &Path) -> Result<Hdf5File, RecordingError> {
    if !path.is_file() {
        return Err(RecordingError::new(format!(
            "{}: there is no such file",
            path.display()
        )));
    }
    let options = OpenOptions::default()
        .with_max_read_bytes(MAX_READ)
        .with_max_chunk_bytes(1 << 28);
    Hdf5File::open_with_options(path, options).map_err(|error| {
        RecordingError::new(format!("{}: it is no HDF5 file: {error}", path.display()))
    })
}

/// The numbers of a data set, as they lie; single precision is widened.
fn numbers(dataset: &Dataset) -> Result<Vec<f64>, RecordingError> {
    let wide = dataset
        .read_array::<f64>()
        .map(|array| array.into_iter().collect());
    wide.or_else(|error| {
        let narrow = dataset.read_array::<f32>();
        let narrow = narrow.map(|array| array.into_iter().map(f64::from).collect());
        narrow.map_err(|_| RecordingError::of(dataset.name(), error))
    })
}

/// A list of at most so many numbers.
fn list(file: &Hdf5File, name: &str, most: usize) -> Result<Option<Vec<f64>>, RecordingError> {
    let Ok(dataset) = file.dataset(name) else {
        return Ok(None);
    };
    match dataset.shape() {
        [length] if *length <= most as u64 => numbers(&dataset).map(Some),
        shape => Err(RecordingError::of(
            name,
            format!("found the shape {shape:?}, expected a list of at most {most} numbers"),
        )),
    }
}

fn required(file: &Hdf5File, name: &str, most: usize) -> Result<Vec<f64>, RecordingError> {
    list(file, name, most)?
        .ok_or_else(|| RecordingError::new(format!("the data set `{name}` is missing")))
}

/// See [`import`](super::import).
pub(super) fn surface(
    path: &Path,
    wish: &ImportWish,
) -> Result<(Recording, Vec<String>), RecordingError> {
    let file = open(path)?;
    let u = required(&file, "xcoordinates", MAX_NODES)?;
    let v = list(&file, "ycoordinates", MAX_NODES)?.ok_or_else(|| {
        RecordingError::new(
            "the data set `ycoordinates` is missing: it is a line, expected a plane",
        )
    })?;
    let grid = |name: &str, scale: f64| -> Result<Option<Vec<f64>>, RecordingError> {
        let Ok(dataset) = file.dataset(name) else {
            return Ok(None);
        };
        let nodes = (u.len() * v.len()) as u64;
        if dataset
            .shape()
            .iter()
            .try_fold(1u64, |n, side| n.checked_mul(*side))
            != Some(nodes)
        {
            let shape = dataset.shape();
            return Err(RecordingError::of(
                name,
                format!(
                    "found the shape {shape:?}, expected {} by {} nodes",
                    u.len(),
                    v.len()
                ),
            ));
        }
        let mut losses = numbers(&dataset)?;
        for loss in &mut losses {
            *loss = if *loss == NOT_YET {
                f64::NAN
            } else {
                *loss * scale
            };
        }
        Ok(Some(losses))
    };
    let loss = grid("train_loss", 1.0)?;
    let loss = loss.ok_or_else(|| RecordingError::new("the data set `train_loss` is missing"))?;
    let (held_out, training) = (grid("test_acc", 0.01)?, grid("train_acc", 0.01)?);
    let mut recording = Recording {
        val_loss: grid("test_loss", 1.0)?,
        accuracy: held_out.or(training),
        labels: ["direction 1", "direction 2"].map(str::to_owned),
        loss,
        u,
        v,
        ..Recording::default()
    };
    let mut notes = Vec::new();
    let lengths = wish.directions.as_deref().map(lengths).transpose()?;
    for projection in &wish.projections {
        recording
            .paths
            .push(path_of(projection, &recording, lengths)?);
    }
    if !recording.paths.is_empty() {
        notes.push(
            "projections have no losses of their own: their points lie on the surface, and how far off the plane they are is not \
             known"
                .to_owned(),
        );
        if lengths.is_none() {
            notes.push(
                "projections by the method `cos` have the right scale only if the directions have length 1; --directions FILE puts it \
                 right"
                    .to_owned(),
            );
        }
    }
    Ok((recording, notes))
}

/// A training's projection. Where the directions' lengths are given, coordinates are divided by them: the method `cos` divides the
/// products with them by their lengths once, where twice is meant.
fn path_of(
    projection: &Projection,
    on: &Recording,
    lengths: Option<[f64; 2]>,
) -> Result<RecordedPath, RecordingError> {
    let file = open(&projection.path)?;
    let at = |error: RecordingError| {
        RecordingError::new(format!("{}: {error}", projection.path.display()))
    };
    let mut u = required(&file, "proj_xcoord", MAX_POINTS).map_err(at)?;
    let mut v = required(&file, "proj_ycoord", MAX_POINTS).map_err(at)?;
    if u.len() != v.len() {
        let found = format!("found {} and {} coordinates", u.len(), v.len());
        return Err(at(RecordingError::new(found)));
    }
    if let Some(lengths) = lengths {
        u.iter_mut().for_each(|x| *x /= lengths[0]);
        v.iter_mut().for_each(|x| *x /= lengths[1]);
    }
    // Axes that descend are turned round only later.
    let ascending = |axis: &[f64]| axis.first() <= axis.last();
    let surface = (ascending(&on.u) && ascending(&on.v))
        .then(|| Recorded::new(on.u.clone(), on.v.clone(), &on.loss))
        .flatten();
    let surface = surface.ok_or_else(|| RecordingError::new("its axes do not ascend"))?;
    Ok(RecordedPath {
        name: projection.name.clone(),
        step: (0..u.len() as u64).collect(),
        loss: u.iter().zip(&v).map(|(u, v)| surface.at(*u, *v)).collect(),
        residual: vec![0.0; u.len()],
        u,
        v,
        ..RecordedPath::default()
    })
}

/// The lengths of the two directions in a file.
fn lengths(path: &Path) -> Result<[f64; 2], RecordingError> {
    let file = open(path)?;
    let length = |name: &str| -> Result<f64, RecordingError> {
        let missing =
            |_| RecordingError::new(format!("{}: the group `{name}` is missing", path.display()));
        let group = file.group(name).map_err(missing)?;
        let mut squares = 0.0;
        for dataset in group
            .datasets()
            .map_err(|error| RecordingError::of(name, error))?
        {
            squares += numbers(&dataset)?.iter().map(|x| x * x).sum::<f64>();
        }
        match squares.sqrt() {
            length if length > 0.0 && length.is_finite() => Ok(length),
            length => Err(RecordingError::of(
                name,
                format!("found a direction of length {length}"),
            )),
        }
    };
    Ok([length("xdirection")?, length("ydirection")?])
}

//! Results as NumPy's archive of arrays.

use std::io::{self, Cursor, Write};

use ndarray::{Array1, ArrayView1, ArrayView2};
use ndarray_npy::{NpzWriter, WriteNpzError};

use super::{DescentResult, PanelResults, Results};
use crate::objective::network::{Samples, Targets};
use crate::plane::Plane;

type Archive = NpzWriter<Cursor<Vec<u8>>>;

pub(super) fn write(results: &Results, params: bool, out: &mut dyn Write) -> io::Result<()> {
    // An archive is written with seeks, which a pipe does not have.
    let meta = super::json::meta(results)?;
    let bytes = archive(results, meta, params).map_err(|error| match error {
        WriteNpzError::Zip(error) => io::Error::from(error),
        error => io::Error::other(error),
    })?;
    out.write_all(&bytes)
}

fn archive(results: &Results, meta: Vec<u8>, params: bool) -> Result<Vec<u8>, WriteNpzError> {
    let mut archive = NpzWriter::new_compressed(Cursor::new(Vec::new()));
    archive.add_array("meta", &Array1::from(meta))?;
    for (i, panel) in results.panels.iter().enumerate() {
        let place = format!("panel{i}");
        grid(&mut archive, &place, panel)?;
        if params && !panel.plane.is_everything() {
            plane(&mut archive, &place, &panel.plane)?;
        }
        if params && let Some(samples) = panel.samples() {
            data(&mut archive, &place, samples)?;
        }
        for (k, outcome) in panel.descents.iter().enumerate() {
            descent(
                &mut archive,
                &format!("{place}/descent{k}"),
                panel,
                outcome,
                params,
            )?;
        }
    }
    Ok(archive.finish()?.into_inner())
}

fn grid(archive: &mut Archive, place: &str, panel: &PanelResults) -> Result<(), WriteNpzError> {
    let grid = panel.grid();
    let loss: Vec<f64> = grid
        .values
        .iter()
        .map(|&v| if v.is_finite() { v } else { f64::NAN })
        .collect();
    archive.add_array(
        format!("{place}/x"),
        &Array1::from_iter((0..grid.cols).map(|i| grid.x(i))),
    )?;
    if panel.dim() == 1 {
        return archive.add_array(format!("{place}/loss"), &Array1::from(loss));
    }
    archive.add_array(
        format!("{place}/y"),
        &Array1::from_iter((0..grid.rows).map(|i| grid.y(i))),
    )?;
    archive.add_array(format!("{place}/loss"), &matrix(&loss, grid.cols))
}

fn data(archive: &mut Archive, place: &str, samples: &Samples) -> Result<(), WriteNpzError> {
    let x = matrix(samples.features(), samples.width());
    archive.add_array(format!("{place}/data_x"), &x)?;
    let name = format!("{place}/data_y");
    match samples.targets() {
        Targets::Numbers(numbers) => archive.add_array(name, &ArrayView1::from(numbers)),
        Targets::Labels(labels) => {
            let labels = labels.iter().map(|&label| label as i64);
            archive.add_array(name, &Array1::from_iter(labels))
        }
    }
}

fn plane(archive: &mut Archive, place: &str, plane: &Plane) -> Result<(), WriteNpzError> {
    let mut vector = |name, numbers: &[f64]| {
        archive.add_array(format!("{place}/plane_{name}"), &ArrayView1::from(numbers))
    };
    vector("origin", plane.origin())?;
    vector("u", plane.u())?;
    plane.v().map_or(Ok(()), |v| vector("v", v))
}

fn descent(
    archive: &mut Archive,
    place: &str,
    panel: &PanelResults,
    outcome: &DescentResult,
    params: bool,
) -> Result<(), WriteNpzError> {
    let history = &outcome.history;
    let mut path = Vec::with_capacity(history.len() * panel.dim());
    for w in history.iter() {
        path.extend_from_slice(&panel.coordinates(w)[..panel.dim()]);
    }
    archive.add_array(format!("{place}/traj"), &matrix(&path, panel.dim()))?;
    archive.add_array(
        format!("{place}/traj_loss"),
        &ArrayView1::from(history.losses()),
    )?;
    if params {
        let weights: Vec<f64> = history.iter().flatten().copied().collect();
        archive.add_array(format!("{place}/params"), &matrix(&weights, history.dim()))?;
    }
    Ok(())
}

/// Row-major numbers as rows of so many columns.
fn matrix(numbers: &[f64], cols: usize) -> ArrayView2<'_, f64> {
    let rows = numbers.len() / cols;
    ArrayView2::from_shape((rows, cols), &numbers[..rows * cols])
        .expect("so many rows and columns hold as many numbers")
}

//! Recordings as run files.

use std::io::{self, Cursor, Write};

use ndarray::{ArrayView1, ArrayView2};
use ndarray_npy::{NpzWriter, WriteNpzError};
use serde_json::json;

use super::Recording;

type Archive = NpzWriter<Cursor<Vec<u8>>>;

impl Recording {
    /// Writes it as a run file, which [`Recording::read`] reads back as it is.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let bytes = self.archive().map_err(|error| match error {
            WriteNpzError::Zip(error) => io::Error::from(error),
            error => io::Error::other(error),
        })?;
        out.write_all(&bytes)
    }

    fn archive(&self) -> Result<Vec<u8>, WriteNpzError> {
        let mut archive = NpzWriter::new(Cursor::new(Vec::new()));
        let [u, v] = &self.labels;
        let meta =
            json!({ "steepest-run": 1, "title": self.title, "about": self.about, "u": u, "v": v });
        let meta = meta.to_string().into_bytes();
        archive.add_array("meta", &ArrayView1::from(&meta))?;
        list(&mut archive, "u", &self.u)?;
        list(&mut archive, "v", &self.v)?;
        let grids = [
            ("loss", Some(&self.loss)),
            ("val_loss", self.val_loss.as_ref()),
            ("accuracy", self.accuracy.as_ref()),
        ];
        for (name, grid) in grids {
            let size = (self.v.len(), self.u.len());
            if let Some(grid) = grid.and_then(|grid| ArrayView2::from_shape(size, grid).ok()) {
                archive.add_array(name, &grid)?;
            }
        }
        if !self.explained.is_empty() {
            list(&mut archive, "explained", &self.explained)?;
        }
        for path in &self.paths {
            let key = |column: &str| format!("path.{}.{column}", path.name);
            let step: Vec<i64> = path.step.iter().map(|&step| step as i64).collect();
            archive.add_array(key("step"), &ArrayView1::from(&step))?;
            let columns = [
                ("u", Some(&path.u)),
                ("v", Some(&path.v)),
                ("loss", Some(&path.loss)),
                ("residual", Some(&path.residual)),
                ("rate", path.rate.as_ref()),
                ("grad_norm", path.grad_norm.as_ref()),
                ("sharpness", path.sharpness.as_ref()),
            ];
            for (column, numbers) in columns {
                if let Some(numbers) = numbers {
                    list(&mut archive, &key(column), numbers)?;
                }
            }
        }
        Ok(archive.finish()?.into_inner())
    }
}

fn list(archive: &mut Archive, name: &str, numbers: &[f64]) -> Result<(), WriteNpzError> {
    archive.add_array(name, &ArrayView1::from(numbers))
}

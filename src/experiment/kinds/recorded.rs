//! Runs that were recorded elsewhere: a grid of losses over a plane, and paths in it, from a run file.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::keys::{Form, key, names};
use super::super::reader::{Field, Table};
use super::super::writer::{Writer, quoted};
use super::super::{Directions, PlaneSpec};
use super::{Entry, KindInfo, ObjectiveKind, ObjectiveSpec, same};
use crate::descent::{History, Record, Status};
use crate::landscape::Domain;
use crate::mnist::DataSet;
use crate::objective::{Objective, Recorded};
use crate::recording::{RecordedPath, Recording, RecordingError, Stamp};

/// What of a run file is drawn, and where it is.
#[derive(Debug, Clone)]
pub struct RecordedSpec {
    /// As the experiment names it.
    name: String,
    path: PathBuf,
    quantity: RecordedQuantity,
    read: Option<ReadFile>,
}

/// What was in the file when it was read.
#[derive(Debug, Clone)]
struct ReadFile {
    stamp: Stamp,
    recording: Arc<Recording>,
    loss: Arc<Recorded>,
    records: Arc<[(String, Record)]>,
    /// How much of the grid is there, in words, unless all is.
    progress: Option<String>,
}

impl PartialEq for RecordedSpec {
    fn eq(&self, other: &RecordedSpec) -> bool {
        let stamp = |spec: &RecordedSpec| spec.read.as_ref().map(|read| read.stamp);
        (&self.path, self.quantity, stamp(self)) == (&other.path, other.quantity, stamp(other))
    }
}

/// Which of a run file's grids is the landscape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RecordedQuantity {
    #[default]
    Loss,
    ValidationLoss,
    Accuracy,
}

impl RecordedQuantity {
    /// The words in files, and what they mean.
    pub const NAMED: [(&'static str, RecordedQuantity); 3] = [
        ("loss", RecordedQuantity::Loss),
        ("val_loss", RecordedQuantity::ValidationLoss),
        ("accuracy", RecordedQuantity::Accuracy),
    ];

    pub fn name(self) -> &'static str {
        let named = RecordedQuantity::NAMED.iter();
        named
            .clone()
            .find(|(_, quantity)| *quantity == self)
            .map_or("loss", |(name, _)| name)
    }

    /// What the axis of heights is called.
    pub fn title(self) -> &'static str {
        match self {
            RecordedQuantity::Loss => "loss",
            RecordedQuantity::ValidationLoss => "validation loss",
            RecordedQuantity::Accuracy => "accuracy",
        }
    }

    fn grid(self, recording: &Recording) -> Option<&[f64]> {
        match self {
            RecordedQuantity::Loss => Some(&recording.loss),
            RecordedQuantity::ValidationLoss => recording.val_loss.as_deref(),
            RecordedQuantity::Accuracy => recording.accuracy.as_deref(),
        }
    }
}

const TITLE: &str = "A recorded run";

pub(super) const KIND: KindInfo = KindInfo {
    named: |name| (name == RecordedSpec::NAME).then(|| ObjectiveSpec::new(RecordedSpec::nothing())),
    entries: || {
        vec![Entry {
            name: RecordedSpec::NAME,
            title: TITLE,
            about: "The losses and paths in a run file, which the package for Python writes: file = \"run.npz\"",
            formula: None,
        }]
    },
    keys: &[
        key("file", Form::Text, "", "the path of a run file (NPZ)"),
        key(
            "quantity",
            Form::Words(|| names(&RecordedQuantity::NAMED)),
            "`\"loss\"`",
            "of `objective = \"recorded\"`: which grid of the file is the height",
        ),
    ],
    taker: "a recorded run",
};

impl RecordedSpec {
    /// The name in files.
    pub const NAME: &'static str = "recorded";

    /// Before a file is read.
    fn nothing() -> RecordedSpec {
        RecordedSpec {
            name: String::new(),
            path: PathBuf::new(),
            quantity: RecordedQuantity::default(),
            read: None,
        }
    }

    /// What is in a file, which an experiment calls `name`.
    ///
    /// # Errors
    /// If it is no run file, or has no such quantity.
    pub fn load(
        name: &str,
        path: &Path,
        quantity: RecordedQuantity,
    ) -> Result<RecordedSpec, RecordingError> {
        let (recording, stamp) = Recording::read(path)?;
        let spec = RecordedSpec {
            name: name.to_owned(),
            path: path.to_owned(),
            quantity,
            read: None,
        };
        spec.with(Arc::new(recording), stamp)
    }

    /// The same with the file as it is now.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn read_again(&self) -> Result<RecordedSpec, RecordingError> {
        RecordedSpec::load(&self.name, &self.path, self.quantity)
    }

    /// Whether its file has this grid.
    pub fn has(&self, quantity: RecordedQuantity) -> bool {
        let grid = self
            .recording()
            .and_then(|recording| quantity.grid(recording));
        grid.is_some()
    }

    /// The same file's other grid; `None` if it has none of that.
    pub fn showing(&self, quantity: RecordedQuantity) -> Option<RecordedSpec> {
        if quantity == self.quantity {
            return Some(self.clone());
        }
        let read = self.read.as_ref()?;
        let spec = RecordedSpec {
            quantity,
            ..self.clone()
        };
        spec.with(read.recording.clone(), read.stamp).ok()
    }

    /// What the same file is now; `None` if it no longer has this grid.
    pub fn renewed(&self, read: &RecordedSpec) -> Option<RecordedSpec> {
        let name = self.name.clone();
        let now = read.showing(self.quantity)?;
        Some(RecordedSpec { name, ..now })
    }

    fn with(self, recording: Arc<Recording>, stamp: Stamp) -> Result<RecordedSpec, RecordingError> {
        let quantity = self.quantity;
        let grid = quantity
            .grid(&recording)
            .ok_or_else(|| RecordingError(format!("the array `{}` is missing", quantity.name())))?;
        let (u, v) = (recording.u.clone(), recording.v.clone());
        let loss = Recorded::new(u, v, grid)
            .ok_or_else(|| RecordingError("its grid does not fit its axes".to_owned()))?;
        let records = recording.paths.iter().map(|path| {
            let mut id = DefaultHasher::new();
            (&self.path, stamp, quantity, &path.name).hash(&mut id);
            let on_surface = (quantity != RecordedQuantity::Loss).then_some(&loss);
            let record = record(id.finish(), path, on_surface);
            (path.name.clone(), record)
        });
        let records = records.collect();
        let share = recording.share_there();
        let progress = (share < 1.0).then(|| {
            // Never all of them before they are.
            let percent = (100.0 * share).min(99.9);
            format!(
                "{percent:.1} % of the nodes are computed, the rest is interpolated between them"
            )
        });
        let read = Some(ReadFile {
            stamp,
            progress,
            loss: Arc::new(loss),
            records,
            recording,
        });
        Ok(RecordedSpec { read, ..self })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn quantity(&self) -> RecordedQuantity {
        self.quantity
    }

    /// Which state of the file this is.
    pub fn stamp(&self) -> Option<Stamp> {
        Some(self.read.as_ref()?.stamp)
    }

    pub fn recording(&self) -> Option<&Recording> {
        Some(&self.read.as_ref()?.recording)
    }
}

/// A path as a descent of three parameters: two coordinates, and the distance from the plane. Points without a finite loss are
/// left out. Where the landscape is not the loss, the path lies on it.
fn record(id: u64, path: &RecordedPath, on_surface: Option<&Recorded>) -> Record {
    let loss = |k: usize| match on_surface {
        Some(surface) => surface.at(path.u[k], path.v[k]),
        None => path.loss[k],
    };
    let is_there = |&k: &usize| {
        let numbers = [path.u[k], path.v[k], path.residual[k], loss(k)];
        numbers.iter().all(|number| number.is_finite())
    };
    let kept: Vec<usize> = (0..path.step.len()).filter(is_there).collect();
    let at = |k: &usize| match on_surface {
        Some(_) => [path.u[*k], path.v[*k], 0.0],
        None => [path.u[*k], path.v[*k], path.residual[*k]],
    };
    let known = |column: &Option<Vec<f64>>, places: &[usize]| -> Option<Vec<f64>> {
        let numbers: Vec<f64> = places
            .iter()
            .map(|&k| column.as_ref().map_or(f64::NAN, |c| c[k]))
            .collect();
        numbers
            .iter()
            .all(|number| number.is_finite())
            .then_some(numbers)
    };
    // A rate stands at the point that it led to.
    let rates = known(&path.rate, kept.get(1..).unwrap_or_default()).unwrap_or_default();
    let norms = known(&path.grad_norm, &kept).unwrap_or_default();
    let sharpness = known(&path.sharpness, &kept);
    let losses: Vec<f64> = kept.iter().map(|&k| loss(k)).collect();
    let points = kept.iter().flat_map(at).collect();
    // The last point may have no loss because there is none: a training that ran away.
    let ran_away = path.loss.last().is_some_and(|loss| loss.is_infinite());
    let status = match ran_away {
        true => Status::Diverged { step: kept.len() },
        false => Status::Finished,
    };
    let steps = kept.iter().map(|&k| path.step[k] as usize).collect();
    let history = History::from_parts(3, points, losses, rates, norms);
    let history = history.expect("as many numbers as points that are kept, all finite");
    Record::new(id, history, steps, status, sharpness).expect("one step an entry")
}

impl ObjectiveKind for RecordedSpec {
    fn name(&self) -> Option<&str> {
        Some(RecordedSpec::NAME)
    }

    fn title(&self) -> String {
        let recorded = self.recording().map(|recording| &*recording.title);
        match recorded.filter(|title| !title.trim().is_empty()) {
            Some(title) => title.to_owned(),
            None => TITLE.to_owned(),
        }
    }

    fn parameters(&self) -> usize {
        3
    }

    fn usual_domain(&self) -> Option<Domain> {
        let recording = self.recording();
        let range = |axis: &[f64]| [axis[0], axis[axis.len() - 1]];
        Some(Domain {
            x: recording.map_or([-1.0, 1.0], |recording| range(&recording.u)),
            y: Some(recording.map_or([-1.0, 1.0], |recording| range(&recording.v))),
        })
    }

    fn usual_plane(&self) -> Option<PlaneSpec> {
        let plane = PlaneSpec::of(Directions::Parameters([0, 1]));
        Some(match self.recording() {
            Some(recording) => PlaneSpec {
                grid: [recording.u.len(), recording.v.len()],
                ..plane
            },
            None => plane,
        })
    }

    fn parameter_name(&self, index: usize) -> String {
        let labels = self.recording().map(|recording| &recording.labels);
        let label = labels.and_then(|labels| labels.get(index));
        match (label.filter(|label| !label.trim().is_empty()), index) {
            (Some(label), _) => label.clone(),
            (None, 0) => "u".to_owned(),
            (None, 1) => "v".to_owned(),
            (None, _) => "residual".to_owned(),
        }
    }

    fn height_name(&self) -> &str {
        self.quantity.title()
    }

    fn records(&self) -> Option<&[(String, Record)]> {
        Some(self.read.as_ref().map_or(&[], |read| &read.records))
    }

    fn explained(&self) -> Option<[f64; 2]> {
        self.recording()?.explained.first_chunk::<2>().copied()
    }

    fn progress(&self) -> Option<&str> {
        self.read.as_ref()?.progress.as_deref()
    }

    fn notes(&self) -> Vec<String> {
        let Some(recording) = self.recording() else {
            return Vec::new();
        };
        let mut notes = Vec::new();
        notes.extend(self.progress().map(str::to_owned));
        for (path, (name, record)) in recording
            .paths
            .iter()
            .zip(self.records().unwrap_or_default())
        {
            let left_out = path.step.len() - record.steps().len();
            if left_out > 0 {
                let of = path.step.len();
                notes.push(format!(
                    "path `{name}`: {left_out} of {of} points have no finite loss, and are left out"
                ));
            }
        }
        notes
    }

    fn build(&self, _: Option<&DataSet>) -> Option<Arc<dyn Objective>> {
        let read = self.read.as_ref()?;
        Some(read.loss.clone())
    }

    fn read(&self, table: &Table, _: usize) -> Option<ObjectiveSpec> {
        let file = table.require("file");
        let quantity = match table.get("quantity") {
            Some(field) => field.choice(&RecordedQuantity::NAMED),
            None => Some(RecordedQuantity::default()),
        };
        let file: Field = file?;
        let name = file.text()?;
        let path = table.folder().join(name);
        // Where it is stays known wherever the experiment is saved.
        let path = std::path::absolute(&path).unwrap_or(path);
        match RecordedSpec::load(name, &path, quantity?) {
            Ok(spec) => Some(ObjectiveSpec::new(spec)),
            Err(error) => {
                file.report(format!("{}: {error}", path.display()));
                None
            }
        }
    }

    fn write(&self, out: &mut Writer) {
        out.key("file", quoted(&out.file_name(&self.name, &self.path)));
        let usual = RecordedQuantity::default();
        let name = quoted(self.quantity.name());
        out.key_unless(&usual, "quantity", &self.quantity, name);
    }

    fn equals(&self, other: &dyn ObjectiveKind) -> bool {
        same(self, other)
    }
}

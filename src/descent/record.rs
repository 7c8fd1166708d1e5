//! Descents that were taken elsewhere: what is known of them, and nothing is left to compute.

use std::sync::Arc;

use super::{History, Status};

/// A descent that was taken elsewhere. Two are equal if they are from the same place.
#[derive(Debug, Clone)]
pub struct Record {
    id: u64,
    history: Arc<History>,
    steps: Arc<[usize]>,
    status: Status,
    sharpness: Option<Arc<[f64]>>,
}

impl PartialEq for Record {
    fn eq(&self, other: &Record) -> bool {
        self.id == other.id
    }
}

impl Record {
    /// `id` tells it from others; `steps` is the number of updates before each entry, ascending, `sharpness` the Hessian's
    /// greatest eigenvalue there. `None` unless there is one of them for each entry.
    pub fn new(
        id: u64,
        history: History,
        steps: Vec<usize>,
        status: Status,
        sharpness: Option<Vec<f64>>,
    ) -> Option<Record> {
        let fits = steps.len() == history.len()
            && sharpness
                .as_ref()
                .is_none_or(|all| all.len() == steps.len());
        fits.then(|| Record {
            id,
            history: Arc::new(history),
            steps: steps.into(),
            status,
            sharpness: sharpness.map(Into::into),
        })
    }

    pub fn history(&self) -> &Arc<History> {
        &self.history
    }

    /// The number of updates before each entry.
    pub fn steps(&self) -> &[usize] {
        &self.steps
    }

    pub fn status(&self) -> Status {
        self.status
    }

    /// The Hessian's greatest eigenvalue at each entry, if it was recorded.
    pub fn sharpness(&self) -> Option<&[f64]> {
        self.sharpness.as_deref()
    }

    /// Where among the entries a number of steps lies, counted from 0: between two of them a fraction.
    pub fn entry_at(&self, step: f64) -> f64 {
        let after = self.steps.partition_point(|known| *known as f64 <= step);
        let Some(before) = after.checked_sub(1) else {
            return 0.0;
        };
        let Some(next) = self.steps.get(after) else {
            return before as f64;
        };
        let (from, to) = (self.steps[before] as f64, *next as f64);
        before as f64 + (step - from) / (to - from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_to_entries_and_fractions_between_them() {
        let history = History::from_parts(1, vec![0.0; 3], vec![0.0; 3], vec![], vec![]);
        let history = history.expect("a history");
        let new = |steps| Record::new(1, history.clone(), steps, Status::Finished, None);
        assert!(new(vec![0, 50]).is_none());
        let record = new(vec![10, 60, 70]).expect("a record");
        for (step, entry) in [
            (0.0, 0.0),
            (10.0, 0.0),
            (35.0, 0.5),
            (60.0, 1.0),
            (65.0, 1.5),
            (70.0, 2.0),
            (1e9, 2.0),
        ] {
            assert_eq!(record.entry_at(step), entry, "at {step}");
        }
    }
}

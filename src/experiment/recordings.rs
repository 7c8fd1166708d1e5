//! Run files in an experiment: another state of one, or another of its grids, in place of what is shown.

use super::{DescentSpec, Experiment, ObjectiveKind, ObjectiveSpec, Panel, RecordedSpec};
use crate::descent::{Plan, Record};

impl Experiment {
    /// Shows a run file as it is now wherever it is shown. Whether it is.
    pub fn renew(&mut self, read: &RecordedSpec) -> bool {
        let panels = self.panels.iter_mut();
        panels.fold(false, |any, panel| panel.renew(read) || any)
    }
}

impl Panel {
    /// Shows the same run file as it is now, if it shows it. What a person has said of its paths stays.
    pub(super) fn renew(&mut self, read: &RecordedSpec) -> bool {
        let shown = self.objective.as_kind::<RecordedSpec>();
        let shown = shown.filter(|shown| shown.path() == read.path());
        // A grid that is no longer there leaves what was read before.
        let Some(now) = shown.and_then(|shown| shown.renewed(read)) else {
            return false;
        };
        self.show_recording(now);
        true
    }

    /// Shows another grid or another state of the same run file.
    pub fn show_recording(&mut self, spec: RecordedSpec) {
        let before = self.objective.clone();
        let had_usual_labels = self.labels == self.usual_labels();
        if self.title == before.title() {
            self.title = spec.title();
        }
        if before.usual_domain() == Some(self.domain) {
            self.domain = spec.usual_domain().unwrap_or(self.domain);
        }
        self.plane = spec.usual_plane();
        let old = before.records().unwrap_or_default();
        let path_of = |descent: &DescentSpec| {
            let record = descent.plan.record.as_ref()?;
            let (path, _) = old.iter().find(|(_, known)| known == record)?;
            Some(path)
        };
        let descents = spec.records().unwrap_or_default().iter();
        let descents = descents.map(|(path, record)| {
            let known = self
                .descents
                .iter()
                .find(|descent| path_of(descent) == Some(path));
            let known = known.cloned();
            let descent = known.unwrap_or_else(|| DescentSpec::of_record(path, record));
            DescentSpec {
                plan: Plan::recorded(record.clone()),
                ..descent
            }
        });
        self.descents = descents.collect();
        self.objective = ObjectiveSpec::new(spec);
        if had_usual_labels {
            self.labels = self.usual_labels();
        }
    }
}

impl DescentSpec {
    /// A path of a run file as it is before anything is said of it.
    pub(super) fn of_record(path: &str, record: &Record) -> DescentSpec {
        DescentSpec {
            name: path.to_owned(),
            plan: Plan::recorded(record.clone()),
            drawn: None,
            color: None,
            shown: true,
            explained: false,
        }
    }
}

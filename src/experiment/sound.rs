//! Experiments that are edited: what no longer goes with what else there is, is left out or brought within its limits, so that what is
//! shown is what its file would give back.

use super::{
    DescentSpec, Directions, Experiment, MAX_CAPTIONS, MAX_HISTORY_BYTES, MAX_STEPS,
    MAX_TOTAL_STEPS, MapSpec, Panel, PlaneSpec, Through,
};
use crate::landscape::ticks::thousands;
use crate::optimizer::Sampling;

impl Experiment {
    /// Makes of an edited experiment one that its file gives back. What was read from a file stays as it is. Gives what a person may
    /// not have noticed otherwise, a line each.
    pub fn mend(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        said.extend(self.shorten());
        for panel in &mut self.panels {
            panel.mend(&mut said);
        }
        self.camera_keys.truncate(MAX_CAPTIONS);
        said
    }

    /// Where all steps are more than can be kept, the longest descents have fewer. What is said of it.
    fn shorten(&mut self) -> Option<String> {
        if self.fits_with(MAX_STEPS) {
            return None;
        }
        let (mut fits, mut exceeds) = (1, MAX_STEPS);
        while exceeds - fits > 1 {
            let middle = fits.midpoint(exceeds);
            if self.fits_with(middle) {
                fits = middle;
            } else {
                exceeds = middle;
            }
        }
        let descents = self.panels.iter_mut().flat_map(|p| &mut p.descents);
        for spec in descents.filter(|spec| spec.plan.record.is_none()) {
            spec.plan.steps = spec.plan.steps.min(fits);
        }
        let [steps, fits] = [MAX_TOTAL_STEPS, fits].map(|count| thousands(count as u64));
        Some(format!(
            "no descent has more than {fits} steps: all together may have {steps}, and take {} MB with their parameters",
            MAX_HISTORY_BYTES.div_ceil(1 << 20)
        ))
    }

    /// Whether all steps can be kept if no descent has more than so many.
    fn fits_with(&self, most: usize) -> bool {
        let steps = |spec: &DescentSpec| match spec.plan.record {
            Some(_) => spec.plan.updates(),
            None => spec.plan.steps.min(most),
        };
        let (mut total, mut bytes) = (0_usize, 0_usize);
        for panel in &self.panels {
            let count: usize = panel.descents.iter().map(steps).sum();
            total += count;
            bytes = bytes.saturating_add(count.saturating_mul(panel.bytes_a_step()));
        }
        total <= MAX_TOTAL_STEPS && bytes <= MAX_HISTORY_BYTES
    }
}

impl Panel {
    fn mend(&mut self, said: &mut Vec<String>) {
        if self.objective.records().is_none() {
            let has_samples = self.objective.has_samples();
            for spec in &mut self.descents {
                let plan = &mut spec.plan;
                let warmup = &mut plan.schedule.warmup;
                *warmup = (*warmup).min(plan.steps.saturating_sub(1));
                if matches!(plan.sampling, Sampling::Batch { .. }) && !has_samples {
                    plan.sampling = Sampling::Exact;
                }
            }
            self.keeping_usual_labels(Panel::mend_plane);
        }
        self.mend_map(said);
        self.mend_zoom(said);
        let is_of_paths = self.plane.as_ref().is_some_and(PlaneSpec::is_of_paths);
        self.fits &= is_of_paths && self.zoom.is_empty();
    }

    /// A plane passes through descents that are there.
    fn mend_plane(&mut self) {
        let Some(plane) = &mut self.plane else {
            return;
        };
        let is_there = |name: &String| self.descents.iter().any(|spec| spec.name == *name);
        let gone: Vec<String> = plane
            .names()
            .filter(|name| !is_there(name))
            .cloned()
            .collect();
        gone.iter().for_each(|name| plane.forget(name));
        if let Directions::Between([a, b, c]) = &plane.directions {
            if a == b || b == c || a == c {
                plane.directions = Directions::Pca;
            }
            // It is the whole plane.
            (plane.through, plane.follows) = (Through::Origin, false);
        }
    }

    /// A map has what its descent has; else what is wrong of it is as usual.
    fn mend_map(&mut self, said: &mut Vec<String>) {
        let Some(mut spec) = self.map.take() else {
            return;
        };
        let usual = MapSpec::default();
        while let Err(error) = self.map_plan(&spec) {
            let before = spec.clone();
            match error.key {
                Some("descent") => spec.descent = None,
                Some("x") => spec.axes[0] = None,
                Some("y") => spec.axes[1] = None,
                Some("grid") => spec.size = usual.size,
                Some("steps") => spec.steps = None,
                Some("radius") => spec.radius = None,
                _ => {}
            }
            match error.key {
                Some(key) if spec != before => {
                    let why = error.message;
                    said.push(format!("the map's {key} is as usual again: {why}"));
                }
                // There can be none.
                _ => return said.push(format!("no map: {error}")),
            }
        }
        self.map = Some(spec);
    }

    fn mend_zoom(&mut self, said: &mut Vec<String>) {
        if !self.takes_zoom() && self.dim() == 1 {
            // A surface has become a curve.
            self.zoom.iter_mut().for_each(|key| key.y = None);
        }
        if !self.takes_zoom() {
            self.zoom.clear();
            said.push(
                "the keys of the range are left out: they are not for what it is the range of now"
                    .to_owned(),
            );
        }
    }

    /// Changes what the usual titles of the axes follow from: those that are usual go on being so.
    fn keeping_usual_labels(&mut self, change: impl FnOnce(&mut Panel)) {
        let had_usual_labels = self.labels == self.usual_labels();
        change(self);
        if had_usual_labels {
            self.labels = self.usual_labels();
        }
    }

    /// Gives a descent another name, numbered if another descent has it. What means the descent goes on meaning it.
    pub fn rename(&mut self, index: usize, name: &str) {
        let is_meant = self.is_meant(index);
        let Some(spec) = self.descents.get_mut(index) else {
            return;
        };
        let before = std::mem::take(&mut spec.name);
        // Its own name is free while it has none.
        let name = self.free_name(name);
        self.keeping_usual_labels(|panel| {
            panel.descents[index].name.clone_from(&name);
            if !is_meant {
                return;
            }
            if let Some(plane) = &mut panel.plane {
                plane.rename(&before, &name);
            }
            if let Some(map) = &mut panel.map
                && map.descent.as_ref() == Some(&before)
            {
                map.descent = Some(name);
            }
        });
    }

    /// Takes a descent out. What means it, and nothing else of its name, is as usual again.
    pub fn remove(&mut self, index: usize) {
        if index >= self.descents.len() {
            return;
        }
        self.keeping_usual_labels(|panel| {
            let gone = panel.descents.remove(index).name;
            if panel.descents.iter().any(|spec| spec.name == gone) {
                return;
            }
            if let Some(plane) = &mut panel.plane {
                plane.forget(&gone);
            }
            if let Some(map) = &mut panel.map
                && map.descent.as_ref() == Some(&gone)
            {
                map.descent = None;
            }
        });
    }

    /// Whether a descent is the one that its name means: the first that has it.
    fn is_meant(&self, index: usize) -> bool {
        let name = self.descents.get(index).map(|spec| &spec.name);
        let mut names = self.descents.iter().map(|spec| &spec.name);
        name.is_some_and(|name| names.position(|other| other == name) == Some(index))
    }

    /// The name, numbered if a descent has it already, or the origin.
    pub fn free_name(&self, name: &str) -> String {
        let taken = |name: &str| {
            name == Through::ORIGIN || self.descents.iter().any(|spec| spec.name == name)
        };
        if !taken(name) {
            return name.to_owned();
        }
        // One of as many numbers as there are descents, plus one, is free.
        (2..)
            .map(|number| format!("{name} {number}"))
            .find(|name| !taken(name))
            .unwrap_or_default()
    }
}

impl PlaneSpec {
    /// The descents that it means.
    fn names(&self) -> impl Iterator<Item = &String> {
        let through = match &self.through {
            Through::Descent(name) => Some(name),
            Through::Origin => None,
        };
        let ends = match &self.directions {
            Directions::Between(ends) => &ends[..],
            _ => &[],
        };
        through.into_iter().chain(&self.batch).chain(ends)
    }
}

#[cfg(test)]
mod tests;

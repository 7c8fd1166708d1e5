//! Experiments: what a person writes in a file or picks from the built-in ones.
//!
//! An [`Experiment`] is a list of panels, each one objective on one domain with its descents, and
//! the settings of the view. It is validated once, by [`Experiment::parse`]; nothing downstream
//! checks it again. [`Experiment::to_toml`] is the inverse.

mod builtin;
mod catalog;
mod constants;
mod doubts;
mod error;
mod explain;
mod file;
mod heights;
mod keys;
mod kinds;
mod map;
mod names;
mod panel;
mod parse;
mod plane;
mod plotted;
mod reader;
mod recordings;
mod shape;
mod sound;
mod start;
mod table;
mod tune;
mod view;
mod write;
mod writer;
mod zoom;

use std::path::Path;
use std::sync::Arc;

use crate::descent::Plan;
use crate::mnist::{DataError, DataSet, DataWish, load_cached};
use crate::optimizer::sampling::derived_seed;

pub use builtin::{BUILTINS, Builtin, builtin};
pub use catalog::{NamedObjective, catalog, find};
pub use constants::MAX_CONSTANTS;
pub use error::{ExperimentError, Problem};
pub use explain::{ExplainSettings, Overview};
pub use file::Source;
pub use keys::{Form, Key, Keys};
pub use kinds::{
    Entry, FunctionSpec, Mnist, MnistPixels, NetworkData, NetworkError, NetworkSpec, ObjectiveKind,
    ObjectiveSpec, RecordedQuantity, RecordedSpec, entries,
};
pub use map::{MapError, MapPlan, MapSpec};
pub use names::UnknownName;
pub use panel::{Contours, Panel};
pub use parse::KEYS;
pub use plane::{Directions, Found, PathSoFar, PlaneSpec, ResolvedPlane, Through};
pub use plotted::PlotQuantity;
pub use shape::{THINNEST_SIDE, columns};
pub use start::StartDraw;
pub use tune::{TunePlan, TunePlans, TuneSpec};
pub use view::{
    Aspect, CameraKey, ColorMap, EXAGGERATIONS, Easing, HEIGHT_NAMES, MapShow, OPACITIES,
    PanelView, ThemeKind, ViewPreset, ViewSettings,
};
pub use zoom::ZoomKey;

/// The version of the file format that this program reads and writes.
pub const VERSION: u64 = 1;
/// Steps of one descent.
pub const MAX_STEPS: usize = 1_000_000;
/// Steps of all descents of an experiment together: they are all kept in memory.
pub const MAX_TOTAL_STEPS: usize = 10_000_000;
/// Bytes that all steps of an experiment may take: as many as ten million steps of a function of two variables.
pub const MAX_HISTORY_BYTES: usize = 400_000_000;
/// Panels of an experiment.
pub const MAX_PANELS: usize = 12;
/// Descents of a panel.
pub const MAX_DESCENTS: usize = 64;
/// Known minima of a formula.
pub const MAX_MINIMA: usize = 100;
/// Samples of a mini-batch; more than there are means all.
pub const MAX_BATCH: usize = 1_000_000;
/// Nodes along each side of a data set's grid.
pub const MAX_GRID: usize = 2048;
/// Bands between the isolines of a panel, and isolines at losses of its own.
pub const MAX_CONTOURS: usize = 200;
pub const MAX_LEVELS: usize = 64;
/// Captions of an experiment, and keys of its camera path.
pub const MAX_CAPTIONS: usize = 1000;
/// New seeds lie below this: they are read and typed by people.
const NEW_SEEDS: u64 = 1_000_000;
/// The word for a start at which all weights are zero.
pub const ZEROS: &str = "zeros";
/// Bytes of an experiment file.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// Bands between the isolines of a panel whose file does not say.
pub const DEFAULT_CONTOURS: usize = 20;
/// Steps that a caption stays when its file does not say.
pub const DEFAULT_CAPTION_STEPS: usize = 20;
/// Axis titles of a panel whose file does not say.
pub const DEFAULT_LABELS: [&str; 3] = ["x", "y", "loss"];

/// Panels, captions and view: all of an experiment file.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    pub title: String,
    /// A paragraph for the person who looks at it; may be empty.
    pub about: String,
    pub panels: Vec<Panel>,
    pub captions: Vec<Caption>,
    pub view: ViewSettings,
    pub explain: ExplainSettings,
    /// A camera path, in ascending time; empty for none.
    pub camera_keys: Vec<CameraKey>,
}

/// One optimizer from one start.
#[derive(Debug, Clone, PartialEq)]
pub struct DescentSpec {
    pub name: String,
    pub plan: Plan,
    /// How its start was drawn, if it was. The start may have been moved since.
    pub drawn: Option<StartDraw>,
    /// sRGB; `None` leaves the choice to the theme.
    pub color: Option<[u8; 3]>,
    /// Drawn or not; a hidden descent is still computed.
    pub shown: bool,
    /// Its steps are explained phase by phase.
    pub explained: bool,
}

/// Text over the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Caption {
    /// The step at which it appears.
    pub step: usize,
    pub text: String,
    /// How many steps it stays.
    pub steps: usize,
    /// How long playback is held when it appears, in seconds.
    pub pause: f64,
}

impl Experiment {
    /// The experiment in a file's text. `file` names it in messages.
    ///
    /// # Errors
    /// Everything that is wrong with it, each problem with its line and key.
    pub fn parse(text: &str, file: &str) -> Result<Experiment, ExperimentError> {
        parse::experiment(text, file)
    }

    /// A built-in experiment by its name, else the file at that path.
    ///
    /// # Errors
    /// An unknown name (with the nearest built-in one), an unreadable file, or an invalid one.
    pub fn load(name_or_path: &str) -> Result<Experiment, ExperimentError> {
        Source::named(name_or_path).load()
    }

    /// The text of a built-in experiment, else of the file at that path, unchecked.
    ///
    /// # Errors
    /// An unknown name (with the nearest built-in one) or an unreadable file.
    pub fn text(name_or_path: &str) -> Result<String, ExperimentError> {
        Source::named(name_or_path).text()
    }

    /// The experiment as a file that parses to the same experiment. Defaults are left out.
    pub fn to_toml(&self) -> String {
        write::experiment(self, None)
    }

    /// The same for a file in this folder: the names of data files in it are relative.
    pub fn to_toml_in(&self, folder: &Path) -> String {
        write::experiment(self, Some(folder))
    }

    /// What a person should know but may well have meant: a start outside the domain, say.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (index, panel) in self.panels.iter().enumerate() {
            panel.notes(&format!("panel {}", index + 1), &mut notes);
        }
        let last = self.last_step();
        for caption in self.captions.iter().filter(|c| c.step > last) {
            notes.push(format!(
                "caption `{}`: appears at step {}, after the last step {last}",
                caption.text, caption.step
            ));
        }
        notes
    }

    /// What the file says that is not true, each with its line: declared minima that are none. `text` is the file's.
    pub fn doubts(&self, text: &str) -> Vec<Problem> {
        doubts::minima(self, text)
    }

    /// Adds `seed` (wrapping) to the seed of every descent, so that they stay apart from each other.
    pub fn reseed(&mut self, seed: u64) {
        for descent in self.panels.iter_mut().flat_map(|p| &mut p.descents) {
            descent.plan.seed = descent.plan.seed.wrapping_add(seed);
        }
    }

    /// Has the camera stand there, and stay.
    pub fn see_from(&mut self, view: ViewPreset) {
        self.view.camera = view;
        self.camera_keys.clear();
    }

    /// Gives every descent with random gradients another seed. Those that had the same seed have the same one again.
    pub fn draw_new_seeds(&mut self) {
        let descents = self.panels.iter_mut().flat_map(|p| &mut p.descents);
        for descent in descents.filter(|d| d.plan.sampling.is_random()) {
            descent.plan.seed = derived_seed(descent.plan.seed, 0) % NEW_SEEDS;
        }
    }

    /// Whether a panel shows what needs a data set.
    pub fn needs_data(&self) -> bool {
        self.panels.iter().any(|p| p.objective.needs_data())
    }

    /// The data set that the experiment needs, if it needs one.
    ///
    /// # Errors
    /// When it needs one that is not there or cannot be used.
    pub fn data(&self, wish: &DataWish) -> Result<Option<Arc<DataSet>>, DataError> {
        if !self.needs_data() {
            return Ok(None);
        }
        let data = load_cached(wish)?;
        let is_of_features = |p: &Panel| p.objective.needs_data() && !p.objective.needs_images();
        if self.panels.iter().any(is_of_features) {
            data.held_out()?;
        }
        if self.needs_images() {
            data.images()?;
        }
        Ok(Some(data))
    }

    /// Whether a panel shows what needs the images of a data set.
    pub fn needs_images(&self) -> bool {
        self.panels.iter().any(|p| p.objective.needs_images())
    }

    /// Whether a panel needs more than there is.
    pub fn lacks(&self, data: Option<&DataSet>) -> bool {
        self.panels.iter().any(|p| p.objective.lacks(data))
    }

    /// The longest descent's number of steps; 0 without descents.
    pub fn last_step(&self) -> usize {
        let descents = self.panels.iter().flat_map(|p| &p.descents);
        descents.map(|d| d.plan.steps).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_seeds_are_drawn_for_random_gradients_only() {
        let mut experiment = Experiment::load("noisy-quartic").expect("a built-in");
        let seeds = |experiment: &Experiment| -> Vec<u64> {
            let descents = experiment.panels.iter().flat_map(|p| &p.descents);
            descents.map(|d| d.plan.seed).collect()
        };
        let before = seeds(&experiment);
        experiment.draw_new_seeds();
        let once = seeds(&experiment);
        assert_eq!(once[0], before[0], "its gradient is exact");
        assert_ne!(once[1], before[1]);
        assert!(once[1] < NEW_SEEDS);
        experiment.draw_new_seeds();
        assert_ne!(seeds(&experiment)[1], once[1]);
        let again = Experiment::parse(&experiment.to_toml(), "test").expect("valid");
        assert_eq!(again, experiment);
    }
}

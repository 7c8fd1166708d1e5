//! The kinds of objectives that a panel may show the loss of. Each is one file: what it is called, which keys of a panel
//! it reads and writes, what its parameters are, and the objective it builds. [`KINDS`] lists them.

mod function;
mod mnist;
mod network;
mod pixels;
#[cfg(test)]
mod quadratic;
mod recorded;

use std::any::Any;
use std::fmt::Debug;
use std::ops::{Deref, RangeInclusive};
use std::sync::Arc;

use super::keys::Key;
use super::reader::Table;
use super::writer::Writer;
use super::{DEFAULT_LABELS, PlaneSpec, StartDraw};
use crate::descent::Record;
use crate::landscape::{Domain, HeightKind, ToldMinima};
use crate::mnist::DataSet;
use crate::objective::Objective;
use crate::objective::network::Samples;

pub use function::FunctionSpec;
pub(super) use function::own_formula;
pub use mnist::Mnist;
pub use network::{NetworkData, NetworkError, NetworkSpec};
pub use pixels::MnistPixels;
pub use recorded::{RecordedQuantity, RecordedSpec};

/// A kind of objective, with all that a panel's keys say of it. What is common to all objectives is asked here; an editor
/// for one kind alone finds it with [`ObjectiveSpec::as_kind`].
pub trait ObjectiveKind: Any + Debug + Send + Sync {
    /// What `objective = …` is in files; `None` for a formula of the user's own.
    fn name(&self) -> Option<&str>;

    /// The title of a panel that has none of its own.
    fn title(&self) -> String;

    /// The number of parameters that a descent moves.
    fn parameters(&self) -> usize;

    /// How many axes a panel of it may have: 1 for a curve, 2 for a surface.
    fn axes(&self) -> RangeInclusive<usize> {
        2..=2
    }

    /// What is usually drawn of it. `None` where nobody can know.
    fn usual_domain(&self) -> Option<Domain>;

    /// The plane it is usually seen through; `None` where all parameters are axes.
    fn usual_plane(&self) -> Option<PlaneSpec> {
        None
    }

    /// A start for a new descent on it.
    fn usual_start(&self) -> Option<Vec<f64>> {
        None
    }

    /// How that start is drawn, if it is.
    fn usual_draw(&self) -> Option<StartDraw> {
        None
    }

    /// The start that is drawn so; `None` where starts are not drawn.
    fn draw_start(&self, draw: StartDraw) -> Option<Vec<f64>> {
        let _ = draw;
        None
    }

    /// The scale of height on which it reads best.
    fn usual_height(&self) -> HeightKind {
        HeightKind::default()
    }

    /// Where the known minima are; may be empty.
    fn told_minima(&self) -> ToldMinima<'_> {
        ToldMinima {
            places: &[],
            are_global: false,
        }
    }

    /// Whether it differs from the other at most in numbers that are moved by sliders.
    fn is_variant_of(&self, other: &dyn ObjectiveKind) -> bool {
        self.equals(other)
    }

    /// The same without what makes no difference to its landscape; `None` if that is nothing.
    fn landscape(&self) -> Option<ObjectiveSpec> {
        None
    }

    /// What is suspicious but may well be meant.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// What a parameter is called on an axis and in files.
    fn parameter_name(&self, index: usize) -> String {
        format!("w[{index}]")
    }

    /// The form of such a name, for messages.
    fn parameter_form(&self) -> String {
        format!("\"w[i]\" with i from 0 to {}", self.parameters() - 1)
    }

    /// Which parameters belong together, as a neuron's weights do: those of the same number.
    fn filter_of(&self, index: usize) -> usize {
        index
    }

    /// What the axis of heights is called.
    fn height_name(&self) -> &str {
        DEFAULT_LABELS[2]
    }

    /// The descents on it, each with its name, where these were taken elsewhere; then there are no others.
    fn records(&self) -> Option<&[(String, Record)]> {
        None
    }

    /// Which shares of the paths' squared distances from the plane's origin lie along its directions, where the objective comes
    /// with a plane of its own.
    fn explained(&self) -> Option<[f64; 2]> {
        None
    }

    /// How much of it is there, in words, where more is to come.
    fn progress(&self) -> Option<&str> {
        None
    }

    /// Whether it needs a data set.
    fn needs_data(&self) -> bool {
        false
    }

    /// Whether it needs the images of a data set, too.
    fn needs_images(&self) -> bool {
        false
    }

    /// Whether it needs more than there is.
    fn lacks(&self, data: Option<&DataSet>) -> bool {
        self.needs_data() && data.is_none_or(|data| self.needs_images() && !data.has_images())
    }

    /// Whether there are samples to take batches of.
    fn has_samples(&self) -> bool {
        false
    }

    /// Those samples, where they come with the experiment.
    fn samples(&self) -> Option<&Samples> {
        None
    }

    /// What people should know of its landscape, in a sentence or two.
    fn note(&self) -> Option<&'static str> {
        None
    }

    /// The objective itself; `None` if it needs data and there are none.
    fn build(&self, data: Option<&DataSet>) -> Option<Arc<dyn Objective>>;

    /// Whether the loss at `w` is known not to be finite, before any data are there.
    fn is_hopeless_at(&self, w: &[f64]) -> bool {
        let _ = w;
        false
    }

    /// The same with what its own keys in the panel's table say; `axes` is the number of the panel's. `None`: reported.
    fn read(&self, table: &Table, axes: usize) -> Option<ObjectiveSpec>;

    /// Writes the keys that [`read`](Self::read) reads, after `objective`.
    fn write(&self, out: &mut Writer);

    fn equals(&self, other: &dyn ObjectiveKind) -> bool;
}

/// A panel's objective: one of some kind, shared.
#[derive(Debug, Clone)]
pub struct ObjectiveSpec(Arc<dyn ObjectiveKind>);

impl ObjectiveSpec {
    pub fn new(kind: impl ObjectiveKind) -> ObjectiveSpec {
        ObjectiveSpec(Arc::new(kind))
    }

    /// What `objective = "name"` stands for, before its other keys are read.
    pub fn named(name: &str) -> Option<ObjectiveSpec> {
        KINDS.iter().find_map(|kind| (kind.named)(name))
    }

    /// For what is about one kind alone.
    pub fn as_kind<K: ObjectiveKind>(&self) -> Option<&K> {
        (&*self.0 as &dyn Any).downcast_ref()
    }
}

impl Deref for ObjectiveSpec {
    type Target = dyn ObjectiveKind;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl PartialEq for ObjectiveSpec {
    fn eq(&self, other: &ObjectiveSpec) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.equals(&*other.0)
    }
}

/// Whether both are the same of kind `K`.
fn same<K: ObjectiveKind + PartialEq>(kind: &K, other: &dyn ObjectiveKind) -> bool {
    (other as &dyn Any).downcast_ref() == Some(kind)
}

/// The keys of a panel that only one kind takes.
pub(super) const KEYS: &[&[Key]] = &[
    function::KIND.keys,
    mnist::KIND.keys,
    network::KIND.keys,
    recorded::KIND.keys,
    #[cfg(test)]
    quadratic::KIND.keys,
];

/// How a kind is found.
struct KindInfo {
    /// What a word in `objective` stands for.
    named: fn(&str) -> Option<ObjectiveSpec>,
    entries: fn() -> Vec<Entry>,
    /// The keys of a panel that only this kind takes, and what it is called in messages.
    keys: &'static [Key],
    taker: &'static str,
}

/// An objective with a name, for lists.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The name in files.
    pub name: &'static str,
    pub title: &'static str,
    /// What is special about it, in a sentence.
    pub about: &'static str,
    /// Where it is one.
    pub formula: Option<&'static str>,
}

const KINDS: &[&KindInfo] = &[
    &function::KIND,
    &mnist::KIND,
    &network::KIND,
    &recorded::KIND,
    #[cfg(test)]
    &quadratic::KIND,
];

/// All objectives that have names.
pub fn entries() -> impl Iterator<Item = Entry> {
    KINDS.iter().flat_map(|kind| (kind.entries)())
}

/// The keys of a panel that not all kinds take.
pub(super) fn keys_of_kinds() -> impl Iterator<Item = &'static str> {
    let own = KINDS.iter().flat_map(|kind| kind.keys);
    own.map(|key| key.name).chain(["plane", "grid", "surface"])
}

/// Why a panel does not take a key that others do.
pub(super) fn taker_of(key: &str) -> Option<String> {
    let kind = KINDS
        .iter()
        .find(|kind| kind.keys.iter().any(|own| own.name == key))?;
    Some(format!("only {} takes `{key}`", kind.taker))
}

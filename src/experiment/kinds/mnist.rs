//! Softmax regression on MNIST's two features. What else `model` may name is a kind of its own.

use std::sync::Arc;

use super::super::keys::{Form, key, names};
use super::super::reader::Table;
use super::super::writer::Writer;
use super::super::{Directions, PlaneSpec};
use super::{Entry, KindInfo, MnistPixels, ObjectiveKind, ObjectiveSpec, same};
use crate::landscape::Domain;
use crate::mnist::DataSet;
use crate::objective::softmax::{CLASSES, FEATURES, WEIGHTS};
use crate::objective::{Objective, Softmax};

/// The loss of a model with 20 weights W of shape 2×10 on the data set: W\[f, c\] is the weight of feature f (0 the
/// pixels' mean, 1 their standard deviation) for the digit c.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mnist;

const TITLE: &str = "Softmax regression on MNIST";

pub(super) const KIND: KindInfo = KindInfo {
    named: |name| (name == Mnist::NAME).then(|| ObjectiveSpec::new(Mnist)),
    entries: || {
        vec![Entry {
            name: Mnist::NAME,
            title: TITLE,
            about: "The loss of a model with 20 weights on a data set, over a plane of two of them; with model = \"pixels\", of one with 7,850",
            formula: None,
        }]
    },
    keys: &[key(
        "model",
        Form::Words(|| names(&MODELS)),
        "`\"features\"`",
        "of `objective = \"mnist\"`: two features of an image, or all its pixels",
    )],
    taker: "mnist",
};

/// What `model` may be.
pub(super) const MODELS: [(&str, Model); 2] =
    [("features", Model::Features), ("pixels", Model::Pixels)];

#[derive(Clone, Copy)]
pub(super) enum Model {
    Features,
    Pixels,
}

impl Mnist {
    /// The name in files.
    pub const NAME: &'static str = "mnist";
    /// The range of the lesson that this experiment is after, on both axes.
    const WIDE: [f64; 2] = [-5.0, 5.0];
}

impl ObjectiveKind for Mnist {
    fn name(&self) -> Option<&str> {
        Some(Mnist::NAME)
    }

    fn title(&self) -> String {
        TITLE.to_owned()
    }

    fn parameters(&self) -> usize {
        WEIGHTS
    }

    fn usual_domain(&self) -> Option<Domain> {
        Some(Domain {
            x: Mnist::WIDE,
            y: Some(Mnist::WIDE),
        })
    }

    fn usual_plane(&self) -> Option<PlaneSpec> {
        Some(PlaneSpec::of(Directions::Parameters([0, CLASSES])))
    }

    fn usual_start(&self) -> Option<Vec<f64>> {
        Some(vec![0.0; WEIGHTS])
    }

    fn parameter_name(&self, index: usize) -> String {
        format!("W[{},{}]", index / CLASSES, index % CLASSES)
    }

    fn parameter_form(&self) -> String {
        let (feature, class) = (FEATURES - 1, CLASSES - 1);
        format!("\"W[f,c]\" with f from 0 to {feature} and c from 0 to {class}")
    }

    fn filter_of(&self, index: usize) -> usize {
        index % CLASSES
    }

    fn needs_data(&self) -> bool {
        true
    }

    fn has_samples(&self) -> bool {
        true
    }

    fn note(&self) -> Option<&'static str> {
        Some(
            "Softmax regression is convex (but for the 1e-8 in the logarithm): every slice \
             near the paths is a bowl that flattens far out.",
        )
    }

    fn build(&self, data: Option<&DataSet>) -> Option<Arc<dyn Objective>> {
        let data = data?;
        let objective = Softmax::new(data.samples.clone());
        // What is wrong with files was said when they were loaded.
        Some(Arc::new(match data.held_out() {
            Ok(Some(held_out)) => objective.with_held_out(held_out.clone()),
            _ => objective,
        }))
    }

    fn read(&self, table: &Table, _: usize) -> Option<ObjectiveSpec> {
        let model = table.get("model");
        match model.map_or(Some(Model::Features), |field| field.choice(&MODELS))? {
            Model::Features => Some(ObjectiveSpec::new(*self)),
            Model::Pixels => Some(ObjectiveSpec::new(MnistPixels)),
        }
    }

    fn write(&self, _: &mut Writer) {}

    fn equals(&self, other: &dyn ObjectiveKind) -> bool {
        same(self, other)
    }
}

//! Softmax regression on MNIST's images themselves.

use std::sync::Arc;

use super::super::reader::Table;
use super::super::writer::{Writer, quoted};
use super::super::{Directions, PlaneSpec, StartDraw};
use super::mnist::{MODELS, Mnist};
use super::{ObjectiveKind, ObjectiveSpec, same};
use crate::landscape::Domain;
use crate::mnist::DataSet;
use crate::objective::network::{Activation, Init, Shape};
use crate::objective::pixels::{PARAMETERS, PIXELS};
use crate::objective::softmax::CLASSES;
use crate::objective::{Objective, PixelSoftmax};

/// The loss of a model with a weight for each digit and pixel and a bias for each digit on the data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MnistPixels;

impl MnistPixels {
    /// The range that is usually seen around a path's end, on both axes.
    const WIDE: [f64; 2] = [-3.0, 3.0];
}

impl ObjectiveKind for MnistPixels {
    fn name(&self) -> Option<&str> {
        Some(Mnist::NAME)
    }

    fn title(&self) -> String {
        "Softmax regression on MNIST's pixels".to_owned()
    }

    fn parameters(&self) -> usize {
        PARAMETERS
    }

    fn usual_domain(&self) -> Option<Domain> {
        Some(Domain {
            x: MnistPixels::WIDE,
            y: Some(MnistPixels::WIDE),
        })
    }

    fn usual_plane(&self) -> Option<PlaneSpec> {
        Some(PlaneSpec::of(Directions::Pca))
    }

    fn usual_start(&self) -> Option<Vec<f64>> {
        Some(vec![0.0; PARAMETERS])
    }

    fn usual_draw(&self) -> Option<StartDraw> {
        Some(StartDraw {
            init: Init::Zeros,
            seed: 0,
        })
    }

    fn draw_start(&self, draw: StartDraw) -> Option<Vec<f64>> {
        let shape = Shape::new(PIXELS, &[], CLASSES, Activation::Linear, false)?;
        Some(draw.init.draw(&shape, draw.seed))
    }

    fn parameter_name(&self, index: usize) -> String {
        match index.checked_sub(CLASSES * PIXELS) {
            Some(digit) => format!("bias[{digit}]"),
            None => format!("weight[{},{}]", index / PIXELS, index % PIXELS),
        }
    }

    fn parameter_form(&self) -> String {
        let (digit, pixel) = (CLASSES - 1, PIXELS - 1);
        format!(
            "\"weight[digit,pixel]\" with a digit from 0 to {digit} and a pixel from 0 to {pixel}, row by row, or \"bias[digit]\""
        )
    }

    fn filter_of(&self, index: usize) -> usize {
        match index.checked_sub(CLASSES * PIXELS) {
            Some(digit) => digit,
            None => index / PIXELS,
        }
    }

    fn needs_data(&self) -> bool {
        true
    }

    fn needs_images(&self) -> bool {
        true
    }

    fn has_samples(&self) -> bool {
        true
    }

    fn note(&self) -> Option<&'static str> {
        Some("Softmax regression is convex: every slice is a bowl, in all 7,850 dimensions.")
    }

    fn build(&self, data: Option<&DataSet>) -> Option<Arc<dyn Objective>> {
        let images = data?.images().ok()?;
        let objective = PixelSoftmax::new(images.training.clone());
        Some(Arc::new(match &images.held_out {
            Some(held_out) => objective.with_held_out(held_out.clone()),
            None => objective,
        }))
    }

    fn read(&self, table: &Table, axes: usize) -> Option<ObjectiveSpec> {
        Mnist.read(table, axes)
    }

    fn write(&self, out: &mut Writer) {
        let [_, (name, _)] = MODELS;
        out.key("model", quoted(name));
    }

    fn equals(&self, other: &dyn ObjectiveKind) -> bool {
        same(self, other)
    }
}

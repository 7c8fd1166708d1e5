//! Fully connected networks on small data sets, or on the user's own.

mod read;

use std::path::PathBuf;
use std::sync::Arc;

use super::super::keys::{Form, key};
use super::super::reader::Table;
use super::super::writer::{Writer, inline, list, number, quoted};
use super::super::{Directions, PlaneSpec, StartDraw};
use super::{Entry, KindInfo, ObjectiveKind, ObjectiveSpec, same};
use crate::landscape::Domain;
use crate::mnist::DataSet;
use crate::objective::Objective;
use crate::objective::network::{Activation, MAX_PARAMETERS, Network, Samples, Shape, Toy};
use crate::optimizer::sampling::derived_seed;

/// A network and what it learns from.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkSpec {
    data: NetworkData,
    shape: Shape,
    drawn: Drawn,
}

/// The samples that a network learns from, and those that are kept apart from them.
#[derive(Debug, Clone, PartialEq)]
struct Drawn {
    samples: Arc<Samples>,
    held_out: Option<Arc<Samples>>,
}

/// Where a network's samples come from.
#[derive(Debug, Clone, PartialEq)]
pub enum NetworkData {
    /// So many are drawn.
    Toy {
        toy: Toy,
        samples: usize,
        /// The standard deviation on every coordinate.
        noise: f64,
        seed: u64,
        /// So many more are drawn and kept apart.
        test: usize,
    },
    /// They are read from a CSV file, as the experiment names it and where it is.
    File {
        name: String,
        path: PathBuf,
        /// So many of them are kept apart, drawn with a seed.
        test: usize,
        seed: u64,
    },
}

impl Default for NetworkData {
    fn default() -> NetworkData {
        NetworkData::Toy {
            toy: Toy::default(),
            samples: SAMPLES,
            noise: NOISE,
            seed: 0,
            test: 0,
        }
    }
}

/// Index of the seed, derived from the samples' own, that those kept apart are drawn with.
const TEST_SEED: u64 = 0;

/// What a file need not say.
const SAMPLES: usize = 300;
const NOISE: f64 = 0.15;
const LAYERS: [usize; 2] = [16, 16];
const TITLE: &str = "A neural network";

pub(super) const KIND: KindInfo = KindInfo {
    named: |name| {
        (name == NetworkSpec::NAME).then(|| NetworkSpec::usual().map(ObjectiveSpec::new))?
    },
    entries: || {
        vec![Entry {
            name: NetworkSpec::NAME,
            title: TITLE,
            about: "The loss of a fully connected network, over a plane through its training",
            formula: None,
        }]
    },
    keys: &[key(
        "network",
        Form::Table(&read::KEYS),
        "as below",
        "of `objective = \"network\"`: the network and its data",
    )],
    taker: "a network",
};

/// Why there is no such network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkError {
    /// So many parameters are too many.
    Parameters(usize),
    /// The samples that were drawn are not finite, or not enough for one of each class.
    Samples,
}

impl NetworkSpec {
    /// The name in files.
    pub const NAME: &'static str = "network";

    fn usual() -> Option<NetworkSpec> {
        NetworkSpec::drawn(
            NetworkData::default(),
            &LAYERS,
            Activation::default(),
            false,
        )
        .ok()
    }

    /// A network of these hidden layers on samples that are drawn.
    ///
    /// # Errors
    /// If it is too large, or the samples are not to be had.
    pub fn drawn(
        data: NetworkData,
        layers: &[usize],
        activation: Activation,
        residual: bool,
    ) -> Result<NetworkSpec, NetworkError> {
        let NetworkData::Toy {
            toy,
            samples,
            noise,
            seed,
            test,
        } = data
        else {
            return Err(NetworkError::Samples);
        };
        let drawn = drawn(toy, [samples, test], noise, seed).ok_or(NetworkError::Samples)?;
        NetworkSpec::on(data, drawn, layers, activation, residual)
    }

    fn on(
        data: NetworkData,
        drawn: Drawn,
        layers: &[usize],
        activation: Activation,
        residual: bool,
    ) -> Result<NetworkSpec, NetworkError> {
        let outputs = |samples: &Samples| samples.outputs();
        let held_out = drawn.held_out.as_deref().map_or(0, outputs);
        let inputs = drawn.samples.width();
        let outputs = outputs(&drawn.samples).max(held_out);
        let shape = Shape::new(inputs, layers, outputs, activation, residual);
        let shape = shape.ok_or(NetworkError::Parameters(0))?;
        match shape.parameters() {
            count if count > MAX_PARAMETERS => Err(NetworkError::Parameters(count)),
            _ => Ok(NetworkSpec { data, shape, drawn }),
        }
    }

    /// The same on the same samples, with other layers.
    ///
    /// # Errors
    /// If it is too large.
    pub fn with_layers(
        &self,
        layers: &[usize],
        activation: Activation,
        residual: bool,
    ) -> Result<NetworkSpec, NetworkError> {
        let drawn = self.drawn.clone();
        NetworkSpec::on(self.data.clone(), drawn, layers, activation, residual)
    }

    pub fn data(&self) -> &NetworkData {
        &self.data
    }

    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Widths of its hidden layers.
    pub fn layers(&self) -> &[usize] {
        let widths = self.shape.widths();
        &widths[1..widths.len() - 1]
    }
}

impl ObjectiveKind for NetworkSpec {
    fn name(&self) -> Option<&str> {
        Some(NetworkSpec::NAME)
    }

    fn title(&self) -> String {
        TITLE.to_owned()
    }

    fn parameters(&self) -> usize {
        self.shape.parameters()
    }

    fn usual_domain(&self) -> Option<Domain> {
        const WIDE: [f64; 2] = [-5.0, 5.0];
        Some(Domain {
            x: WIDE,
            y: Some(WIDE),
        })
    }

    fn usual_plane(&self) -> Option<PlaneSpec> {
        Some(PlaneSpec::of(Directions::Pca))
    }

    fn usual_start(&self) -> Option<Vec<f64>> {
        self.draw_start(StartDraw::default())
    }

    fn usual_draw(&self) -> Option<StartDraw> {
        Some(StartDraw::default())
    }

    fn draw_start(&self, draw: StartDraw) -> Option<Vec<f64>> {
        Some(draw.init.draw(&self.shape, draw.seed))
    }

    fn parameter_name(&self, index: usize) -> String {
        self.shape.name(index)
    }

    fn parameter_form(&self) -> String {
        let last = self.shape.name(self.parameters().saturating_sub(1));
        format!("\"layer1.weight[to,from]\", \"layer1.bias[to]\" … up to \"{last}\"")
    }

    fn filter_of(&self, index: usize) -> usize {
        self.shape.unit_of(index)
    }

    fn has_samples(&self) -> bool {
        true
    }

    fn samples(&self) -> Option<&Samples> {
        Some(&self.drawn.samples)
    }

    fn note(&self) -> Option<&'static str> {
        Some(
            "A network's loss is not convex. A plane shows two directions of very many: nobody should take the slice for \
             the whole.",
        )
    }

    fn build(&self, _: Option<&DataSet>) -> Option<Arc<dyn Objective>> {
        let Drawn { samples, held_out } = self.drawn.clone();
        let network = Network::new(self.shape.clone(), samples)?;
        Some(Arc::new(match held_out {
            Some(held_out) => network.with_held_out(held_out)?,
            None => network,
        }))
    }

    fn read(&self, table: &Table, _: usize) -> Option<ObjectiveSpec> {
        let spec = match table.get("network") {
            Some(field) => read::network(&field)?,
            None => self.clone(),
        };
        Some(ObjectiveSpec::new(spec))
    }

    fn write(&self, out: &mut Writer) {
        let mut entries = Vec::new();
        match &self.data {
            NetworkData::File { name, path, .. } => {
                entries.push(("data", quoted(&out.file_name(name, path))));
            }
            NetworkData::Toy {
                toy,
                samples,
                noise,
                ..
            } => {
                entries.push(("data", quoted(toy.name())));
                entries.push(("samples", samples.to_string()));
                entries.push(("noise", number(*noise)));
            }
        }
        let (NetworkData::Toy { seed, test, .. } | NetworkData::File { seed, test, .. }) =
            &self.data;
        for (key, value) in [("test", *test as u64), ("data_seed", *seed)] {
            if value != 0 {
                entries.push((key, value.to_string()));
            }
        }
        entries.push(("layers", list(self.layers().iter().map(usize::to_string))));
        entries.push(("activation", quoted(self.shape.activation.name())));
        if self.shape.residual {
            entries.push(("residual", true.to_string()));
        }
        out.key("network", inline(entries));
    }

    fn equals(&self, other: &dyn ObjectiveKind) -> bool {
        same(self, other)
    }
}

/// So many samples to learn from, and so many more that are kept apart.
fn drawn(toy: Toy, [samples, test]: [usize; 2], noise: f64, seed: u64) -> Option<Drawn> {
    let held_out = match test {
        0 => None,
        _ => Some(Arc::new(toy.draw(
            test,
            noise,
            derived_seed(seed, TEST_SEED),
        )?)),
    };
    Some(Drawn {
        samples: Arc::new(toy.draw(samples, noise, seed)?),
        held_out,
    })
}

#[cfg(test)]
mod tests;

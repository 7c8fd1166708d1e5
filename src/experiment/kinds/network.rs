//! Fully connected networks on small data sets, or on the user's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::reader::{Field, Table};
use super::super::write::{Writer, inline, list, number, quoted};
use super::super::{Directions, PlaneSpec, StartDraw, names, table};
use super::{Entry, KindInfo, ObjectiveKind, ObjectiveSpec, same};
use crate::landscape::Domain;
use crate::mnist::DataSet;
use crate::objective::Objective;
use crate::objective::network::{
    Activation, MAX_PARAMETERS, MAX_SAMPLES, Network, Samples, Shape, Toy,
};

/// A network and what it learns from.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkSpec {
    data: NetworkData,
    shape: Shape,
    samples: Arc<Samples>,
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
    },
    /// They are read from a CSV file, as the experiment names it and where it is.
    File { name: String, path: PathBuf },
}

impl Default for NetworkData {
    fn default() -> NetworkData {
        NetworkData::Toy {
            toy: Toy::default(),
            samples: SAMPLES,
            noise: NOISE,
            seed: 0,
        }
    }
}

/// What a file need not say.
const SAMPLES: usize = 300;
const NOISE: f64 = 0.15;
const LAYERS: [usize; 2] = [16, 16];
/// Hidden layers that a network may have.
const MAX_LAYERS: usize = 100;
const TITLE: &str = "A neural network";
const FORM: &str = "a table, as in { data = \"moons\", layers = [16, 16], activation = \"tanh\" }";

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
    keys: &["network"],
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
        } = data
        else {
            return Err(NetworkError::Samples);
        };
        let samples = toy
            .draw(samples, noise, seed)
            .ok_or(NetworkError::Samples)?;
        NetworkSpec::on(data, Arc::new(samples), layers, activation, residual)
    }

    fn on(
        data: NetworkData,
        samples: Arc<Samples>,
        layers: &[usize],
        activation: Activation,
        residual: bool,
    ) -> Result<NetworkSpec, NetworkError> {
        let (inputs, outputs) = (samples.width(), samples.outputs());
        let shape = Shape::new(inputs, layers, outputs, activation, residual);
        let shape = shape.ok_or(NetworkError::Parameters(0))?;
        match shape.parameters() {
            count if count > MAX_PARAMETERS => Err(NetworkError::Parameters(count)),
            _ => Ok(NetworkSpec {
                data,
                shape,
                samples,
            }),
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
        let samples = self.samples.clone();
        NetworkSpec::on(self.data.clone(), samples, layers, activation, residual)
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
        Some(&self.samples)
    }

    fn note(&self) -> Option<&'static str> {
        Some(
            "A network's loss is not convex. A plane shows two directions of very many: nobody should take the slice for \
             the whole.",
        )
    }

    fn build(&self, _: Option<&DataSet>) -> Option<Arc<dyn Objective>> {
        let network = Network::new(self.shape.clone(), self.samples.clone())?;
        Some(Arc::new(network))
    }

    fn read(&self, table: &Table, _: usize) -> Option<ObjectiveSpec> {
        let spec = match table.get("network") {
            Some(field) => read(&field)?,
            None => self.clone(),
        };
        Some(ObjectiveSpec::new(spec))
    }

    fn write(&self, out: &mut Writer) {
        let mut entries = Vec::new();
        match &self.data {
            NetworkData::File { name, path } => {
                entries.push(("data", quoted(&out.file_name(name, path))));
            }
            NetworkData::Toy {
                toy,
                samples,
                noise,
                seed,
            } => {
                entries.push(("data", quoted(toy.name())));
                entries.push(("samples", samples.to_string()));
                entries.push(("noise", number(*noise)));
                if *seed != 0 {
                    entries.push(("data_seed", seed.to_string()));
                }
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

/// What stands under `network`.
fn read(field: &Field) -> Option<NetworkSpec> {
    let table = field.table_like(FORM)?;
    let data = table.get("data");
    let drawn = ["samples", "noise", "data_seed"].map(|key| table.get(key));
    let source = source(data.as_ref(), &drawn, &table);
    let layers = match table.get("layers") {
        Some(field) => layers(&field),
        None => Some(LAYERS.to_vec()),
    };
    let activation = table
        .get("activation")
        .map_or(Some(Activation::default()), |f| {
            f.choice(&Activation::NAMED)
        });
    let residual = table.get("residual").map_or(Some(false), |f| f.boolean());
    let place = table.get("layers").unwrap_or_else(|| field.clone());
    table.finish();
    let (source, samples) = source?;
    match NetworkSpec::on(source, Arc::new(samples), &layers?, activation?, residual?) {
        Ok(spec) => Some(spec),
        Err(NetworkError::Parameters(count)) => {
            place.report(format!(
                "found {count} weights and biases in all, expected at most {MAX_PARAMETERS}"
            ));
            None
        }
        Err(NetworkError::Samples) => field.fail("expected samples"),
    }
}

/// Where the samples come from, and the samples.
fn source(
    data: Option<&Field>,
    drawn: &[Option<Field>; 3],
    table: &Table,
) -> Option<(NetworkData, Samples)> {
    let word = match data {
        Some(field) => field.text()?,
        None => Toy::default().name(),
    };
    let known = Toy::NAMED.iter().find(|(name, _)| *name == word);
    if let (None, Some(field)) = (known, data) {
        return from_file(field, word, drawn, &table.folder());
    }
    let toy = known.map_or_else(Toy::default, |(_, toy)| *toy);
    let fewest = toy.classes().unwrap_or(1);
    let [samples, noise, seed] = drawn;
    let samples = samples
        .as_ref()
        .map_or(Some(SAMPLES), |f| f.count(fewest, MAX_SAMPLES));
    let spread = noise.as_ref().map_or(Some(NOISE), |f| f.not_negative());
    let seed = seed.as_ref().map_or(Some(0), |f| {
        f.whole_where("a whole number, 0 or more", |_| true)
    });
    let (samples, spread, seed) = (samples?, spread?, seed?);
    let Some(made) = toy.draw(samples, spread, seed) else {
        return noise.as_ref()?.fail("with which samples are too far out");
    };
    let data = NetworkData::Toy {
        toy,
        samples,
        noise: spread,
        seed,
    };
    Some((data, made))
}

fn from_file(
    field: &Field,
    word: &str,
    drawn: &[Option<Field>; 3],
    folder: &Path,
) -> Option<(NetworkData, Samples)> {
    let toys = Toy::NAMED.iter().map(|(name, _)| *name);
    let is_file = word.contains(['.', '/', '\\']);
    if !is_file {
        let expected = names::expected(word, toys);
        return field.fail(&format!("{expected}, or the path of a CSV file"));
    }
    if let Some(other) = drawn.iter().flatten().next() {
        other.report("the samples of a file are as they are, expected no such key".to_owned());
        return None;
    }
    let path = folder.join(word);
    // Where it is stays known wherever the experiment is saved.
    let path = std::path::absolute(&path).unwrap_or(path);
    match table::load(&path) {
        Ok(samples) => {
            let name = word.to_owned();
            Some((NetworkData::File { name, path }, samples))
        }
        Err(error) => {
            field.report(format!("{}: {error}", path.display()));
            None
        }
    }
}

fn layers(field: &Field) -> Option<Vec<usize>> {
    let items = field.list("a list of the hidden layers' units, as in [16, 16]")?;
    if items.len() > MAX_LAYERS {
        return field.fail(&format!("expected at most {MAX_LAYERS} hidden layers"));
    }
    items.iter().map(|f| f.count(1, MAX_PARAMETERS)).collect()
}

#[cfg(test)]
mod tests;

//! What a file says of a network.

use std::path::Path;
use std::sync::Arc;

use super::super::super::keys::{Form, Keys, key, names as words};
use super::super::super::reader::{Field, Table};
use super::super::super::{names, table};
use super::{Drawn, LAYERS, NOISE, NetworkData, NetworkError, NetworkSpec, SAMPLES, drawn};
use crate::objective::network::{Activation, MAX_PARAMETERS, MAX_SAMPLES, Toy};

/// Hidden layers that a network may have.
const MAX_LAYERS: usize = 100;

pub(super) const KEYS: Keys = Keys {
    header: "panel.network",
    example: "{ data = \"moons\", layers = [16, 16], activation = \"tanh\" }",
    about: "A fully connected network and the samples that it learns.",
    groups: &[&[
        key(
            "data",
            Form::Text,
            "`\"moons\"`",
            "a set that is drawn, `moons`, `circles`, `spirals`, `xor`, `blobs` or `sine`, or the path of a CSV file: features \
             first, the last column `label` or `target`",
        ),
        key(
            "samples",
            Form::Whole(1, MAX_SAMPLES as u64),
            "`300`",
            "so many are drawn, one of each class at least",
        ),
        key(
            "noise",
            Form::NOT_NEGATIVE,
            "`0.15`",
            "the standard deviation of each coordinate of what is drawn",
        ),
        key(
            "test",
            Form::Whole(0, MAX_SAMPLES as u64),
            "`0`",
            "so many samples are kept apart",
        ),
        key(
            "data_seed",
            Form::SEED,
            "`0`",
            "of the draw, or of which samples of a file are kept apart",
        ),
        key(
            "layers",
            Form::As("a list of the hidden layers' units, as in [16, 16]"),
            "`[16, 16]`",
            "the widths of the hidden layers",
        ),
        key(
            "activation",
            Form::Words(|| words(&Activation::NAMED)),
            "`\"tanh\"`",
            "of the hidden layers",
        ),
        key(
            "residual",
            Form::Flag,
            "`false`",
            "a hidden layer as wide as its input adds the input to its output",
        ),
    ]],
};

/// What stands under `network`.
pub(super) fn network(field: &Field) -> Option<NetworkSpec> {
    let table = field.table()?;
    let data = table.get("data");
    let keys = OfSamples {
        drawn: ["samples", "noise"].map(|key| table.get(key)),
        test: table.get("test"),
        seed: table.get("data_seed"),
    };
    let source = source(data.as_ref(), &keys, &table);
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
    let (source, drawn) = source?;
    match NetworkSpec::on(source, drawn, &layers?, activation?, residual?) {
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

/// What a file says of the samples but for their source.
struct OfSamples<'s> {
    /// What is said of those that are drawn alone.
    drawn: [Option<Field<'s>>; 2],
    test: Option<Field<'s>>,
    seed: Option<Field<'s>>,
}

impl OfSamples<'_> {
    fn seed(&self) -> Option<u64> {
        self.seed.as_ref().map_or(Some(0), |field| field.whole())
    }

    /// How many samples are kept apart: none, or from `fewest` to `most`.
    fn test(&self, fewest: usize, most: usize) -> Option<usize> {
        self.test.as_ref().map_or(Some(0), |field| {
            let form = match most < fewest {
                true => "0: there are too few samples to keep some apart".to_owned(),
                false => format!("0, or a whole number from {fewest} to {most}"),
            };
            let known = |count: &u64| *count == 0 || (fewest as u64..=most as u64).contains(count);
            let count = field.whole_where(&form, |count| known(&count));
            count.map(|count| count as usize)
        })
    }
}

/// Where the samples come from, and the samples.
fn source(data: Option<&Field>, keys: &OfSamples, table: &Table) -> Option<(NetworkData, Drawn)> {
    let word = match data {
        Some(field) => field.text()?,
        None => Toy::default().name(),
    };
    let known = Toy::NAMED.iter().find(|(name, _)| *name == word);
    if let (None, Some(field)) = (known, data) {
        return from_file(field, word, keys, &table.folder());
    }
    let toy = known.map_or_else(Toy::default, |(_, toy)| *toy);
    let fewest = toy.classes().unwrap_or(1);
    let [samples, noise] = &keys.drawn;
    let samples = samples
        .as_ref()
        .map_or(Some(SAMPLES), |f| f.count_from(fewest, MAX_SAMPLES));
    let spread = noise.as_ref().map_or(Some(NOISE), |f| f.number());
    let (test, seed) = (keys.test(fewest, MAX_SAMPLES), keys.seed());
    let (samples, spread, test, seed) = (samples?, spread?, test?, seed?);
    let Some(made) = drawn(toy, [samples, test], spread, seed) else {
        return noise.as_ref()?.fail("with which samples are too far out");
    };
    let data = NetworkData::Toy {
        toy,
        samples,
        noise: spread,
        seed,
        test,
    };
    Some((data, made))
}

fn from_file(
    field: &Field,
    word: &str,
    keys: &OfSamples,
    folder: &Path,
) -> Option<(NetworkData, Drawn)> {
    let toys = Toy::NAMED.iter().map(|(name, _)| *name);
    let is_file = word.contains(['.', '/', '\\']);
    if !is_file {
        let expected = names::expected(word, toys);
        return field.fail(&format!("{expected}, or the path of a CSV file"));
    }
    if let Some(other) = keys.drawn.iter().flatten().next() {
        other.report("the samples of a file are as they are, expected no such key".to_owned());
        return None;
    }
    if let (None, Some(seed)) = (&keys.test, &keys.seed) {
        return seed.fail(
            "expected `test` beside it: it decides which of a file's samples are kept apart",
        );
    }
    let path = folder.join(word);
    // Where it is stays known wherever the experiment is saved.
    let path = std::path::absolute(&path).unwrap_or(path);
    let samples = match table::load(&path) {
        Ok(samples) => samples,
        Err(error) => {
            field.report(format!("{}: {error}", path.display()));
            return None;
        }
    };
    let (test, seed) = (keys.test(1, samples.len() - 1)?, keys.seed()?);
    let drawn = match samples.parted(test, seed) {
        Some((samples, held_out)) => Drawn {
            samples: Arc::new(samples),
            held_out: Some(Arc::new(held_out)),
        },
        None => Drawn {
            samples: Arc::new(samples),
            held_out: None,
        },
    };
    let name = word.to_owned();
    let data = NetworkData::File {
        name,
        path,
        test,
        seed,
    };
    Some((data, drawn))
}

fn layers(field: &Field) -> Option<Vec<usize>> {
    let items = field.items()?;
    if items.len() > MAX_LAYERS {
        return field.fail(&format!("expected at most {MAX_LAYERS} hidden layers"));
    }
    items
        .iter()
        .map(|f| f.count_from(1, MAX_PARAMETERS))
        .collect()
}

//! Numbers that nobody here computed: the reference files, and the real MNIST files beside the checkout.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One of the files of `tests/reference/`, by its name without ending.
pub(crate) fn reference(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/reference/{name}.json"));
    let text = std::fs::read_to_string(&path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("the reference is JSON")
}

/// The folder of the real MNIST files, or `None`, said aloud, where it is missing.
pub(crate) fn mnist_folder() -> Option<PathBuf> {
    beside("data/mnist")
}

/// A path in `shared/` beside the checkout, or `None`, said past the test harness, which keeps what passing tests print.
pub(crate) fn beside(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(path);
    if !path.exists() {
        // Where nothing can be said, nobody listens.
        let _ = writeln!(io::stderr(), "SKIPPED: {} is missing", path.display());
        return None;
    }
    Some(path)
}

/// A list of numbers.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().expect("a list");
    values.iter().map(number).collect()
}

/// A list of lists, one after the other.
pub(crate) fn flat(value: &Value) -> Vec<f64> {
    let lists = value.as_array().expect("a list of lists");
    lists.iter().flat_map(numbers).collect()
}

/// A number, or the string that stands for one that is not finite.
pub(crate) fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().expect("inf, -inf or nan"),
        _ => value.as_f64().expect("a number"),
    }
}

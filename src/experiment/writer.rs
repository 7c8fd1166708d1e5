//! Lines of a file under the headers of their tables, and values as TOML has them.

use std::fmt::Display;
use std::path::{Path, PathBuf};

/// Lines of `key = value` under table headers.
#[derive(Default)]
pub struct Writer {
    text: String,
    /// A header that is written once a key follows.
    header: Option<&'static str>,
    /// Where the file will be, if that is known.
    folder: Option<PathBuf>,
}

impl Writer {
    /// Of a file in this folder.
    pub(super) fn new(folder: Option<&Path>) -> Writer {
        Writer {
            folder: folder.map(Path::to_owned),
            ..Writer::default()
        }
    }

    /// All that was written.
    pub(super) fn text(self) -> String {
        self.text
    }

    /// A table whose header is written once a key follows.
    pub(super) fn begin(&mut self, header: &'static str) {
        self.header = Some(header);
    }

    /// How a data file is named: as it was where that still leads to it, else by its whole path.
    pub(super) fn file_name(&self, name: &str, path: &Path) -> String {
        let named = self.folder.as_ref().map(|folder| folder.join(name));
        let named = named.and_then(|named| std::path::absolute(named).ok());
        match named.is_some_and(|named| named == path) {
            true => name.to_owned(),
            false => path.display().to_string(),
        }
    }

    pub(super) fn end(&mut self) {
        self.header = None;
    }

    pub(super) fn header(&mut self, header: &'static str) {
        self.text.push_str(&format!("\n{header}\n"));
    }

    pub(super) fn key(&mut self, key: &str, value: impl Display) {
        if let Some(header) = self.header.take() {
            self.header(header);
        }
        self.text.push_str(&format!("{key} = {value}\n"));
    }

    /// Leaves out what a reader would assume anyway.
    pub(super) fn key_unless<T: PartialEq>(
        &mut self,
        default: &T,
        key: &str,
        value: &T,
        text: impl Display,
    ) {
        if value != default {
            self.key(key, text);
        }
    }
}

pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// The shortest text that reads back as the same number.
pub(super) fn number(x: f64) -> String {
    let text = format!("{x:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

pub(super) fn numbers(numbers: &[f64]) -> String {
    list(numbers.iter().map(|&x| number(x)))
}

pub(super) fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(", "))
}

pub(super) fn inline<'k>(entries: impl IntoIterator<Item = (&'k str, String)>) -> String {
    let entries = entries
        .into_iter()
        .map(|(key, value)| format!("{key} = {value}"));
    format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
}

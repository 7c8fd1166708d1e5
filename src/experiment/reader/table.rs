//! A table of a file, read key by key.

use std::cell::RefCell;
use std::path::PathBuf;

use toml::de::DeTable;

use super::super::keys::{Form, Keys};
use super::{Document, Field};
use crate::spelling::nearest;

/// A table whose keys are asked for one by one; [`Table::finish`] reports those that were not. What is not declared cannot be
/// asked for.
pub struct Table<'s> {
    document: &'s Document<'s>,
    entries: &'s DeTable<'s>,
    key: String,
    offset: usize,
    keys: &'static Keys,
    known: RefCell<Vec<&'static str>>,
}

impl<'s> Table<'s> {
    pub(in super::super) fn new(
        document: &'s Document<'s>,
        entries: &'s DeTable<'s>,
        key: String,
        offset: usize,
        keys: &'static Keys,
    ) -> Table<'s> {
        Table {
            document,
            entries,
            key,
            offset,
            keys,
            known: RefCell::default(),
        }
    }

    fn place(&self, name: &str) -> String {
        if self.key.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.key)
        }
    }

    /// The folder of the document.
    pub(in super::super) fn folder(&self) -> PathBuf {
        self.document.folder.clone()
    }

    /// The value at a key, if it is there.
    pub(in super::super) fn get(&self, name: &str) -> Option<Field<'s>> {
        let key = self.keys.find(name)?;
        self.value(key.name, &key.form)
    }

    /// The value at a key that the table's rule declares, if it is there.
    pub(in super::super) fn parameter(&self, key: &'static str) -> Option<Field<'s>> {
        self.value(key, &Form::FINITE)
    }

    fn value(&self, name: &'static str, form: &'static Form) -> Option<Field<'s>> {
        self.known.borrow_mut().push(name);
        let value = self.entries.get(name)?;
        Some(Field {
            document: self.document,
            value,
            form,
            key: self.place(name),
        })
    }

    /// The value at a key that has to be there.
    pub(in super::super) fn require(&self, name: &str) -> Option<Field<'s>> {
        let key = self.keys.find(name)?;
        self.get(name).or_else(|| match &key.form {
            form @ Form::Words(_) => self.missing(name, &form.to_string()),
            _ => self.missing(name, key.about),
        })
    }

    /// The same, where it depends on other keys what is expected.
    pub(in super::super) fn require_as(&self, name: &str, expected: &str) -> Option<Field<'s>> {
        self.get(name).or_else(|| self.missing(name, expected))
    }

    /// The tables at a key, none if it is not there. See [`Field::tables`].
    pub(in super::super) fn tables(&self, name: &str) -> Vec<Table<'s>> {
        self.get(name)
            .and_then(|field| field.tables())
            .unwrap_or_default()
    }

    /// Notes that a key is missing.
    pub(in super::super) fn missing<T>(&self, name: &str, expected: &str) -> Option<T> {
        self.report(name, format!("missing, expected {expected}"));
        None
    }

    /// Notes a problem with a key of this table, at the table itself.
    pub(in super::super) fn report(&self, name: &str, message: String) {
        self.document
            .report(self.offset, &self.place(name), message);
    }

    /// Reports every key that was never asked for.
    pub(in super::super) fn finish(&self) {
        self.finish_with(|_| None);
    }

    /// Reports every key that was never asked for, in the words of `explain` where it has any.
    pub(in super::super) fn finish_with(&self, explain: impl Fn(&str) -> Option<String>) {
        let known = self.known.borrow();
        for (name, _) in self.entries.iter() {
            let (word, offset) = (name.get_ref().as_ref(), name.span().start);
            if known.contains(&word) {
                continue;
            }
            let message = explain(word).unwrap_or_else(|| {
                let list = known.join(", ");
                match nearest(word, known.iter().copied()) {
                    Some(near) => format!("unknown key; did you mean `{near}`?"),
                    None => format!("unknown key, expected one of {list}"),
                }
            });
            self.document.report(offset, &self.place(word), message);
        }
    }
}

//! Reads values out of a TOML document, and collects every problem with its line and key.
//!
//! A method that returns `None` has reported why. So a caller may go on with any stand-in to find
//! further problems: a document with a problem never becomes an experiment.

mod table;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeString, DeValue};

pub use table::Table;

use super::error::Problem;
use super::keys::{Form, Keys};
use super::names;
use crate::landscape::Range;

/// A document's text, and the problems found in it so far.
pub(super) struct Document<'s> {
    text: &'s str,
    /// Where the document is: what its paths are relative to.
    folder: PathBuf,
    problems: RefCell<Vec<Problem>>,
}

impl<'s> Document<'s> {
    /// `file` is its path, or any name if it is no file.
    pub(super) fn new(text: &'s str, file: &str) -> Document<'s> {
        let folder = Path::new(file).parent().map(Path::to_owned);
        Document {
            text,
            folder: folder.unwrap_or_default(),
            problems: RefCell::default(),
        }
    }

    /// Notes a problem at a byte offset.
    pub(super) fn report(&self, offset: usize, key: &str, message: String) {
        self.problems.borrow_mut().push(Problem {
            line: line(self.text, offset),
            key: key.to_owned(),
            message,
        });
    }

    /// Every problem, in the order of the file.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.line);
        problems
    }
}

/// The line of a byte offset, from 1.
pub(super) fn line(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset.min(text.len())];
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

/// A value and the key it stands at.
#[derive(Clone)]
pub struct Field<'s> {
    document: &'s Document<'s>,
    value: &'s Spanned<DeValue<'s>>,
    /// What may stand here; of what is within a value any finite number.
    form: &'static Form,
    /// With its place: `panel[0].descent[1].rule`.
    key: String,
}

impl<'s> Field<'s> {
    /// Notes a problem with this value.
    pub(super) fn report(&self, message: String) {
        self.document
            .report(self.value.span().start, &self.key, message);
    }

    /// Notes that what was declared was expected here.
    pub(super) fn fail_form<T>(&self) -> Option<T> {
        self.fail(&format!("expected {}", self.form))
    }

    /// Notes that something else was expected here.
    pub(super) fn fail<T>(&self, expected: &str) -> Option<T> {
        self.report(format!("found {}, {expected}", self.found()));
        None
    }

    /// The value as the file has it, shortened where it is long.
    pub(super) fn found(&self) -> String {
        const LONGEST: usize = 40;
        let text = self
            .document
            .text
            .get(self.value.span())
            .unwrap_or_default();
        if self.value.get_ref().is_table() && !text.starts_with(['{', '[']) {
            return "a table".to_owned();
        }
        let line = text.lines().next().unwrap_or_default();
        let start: String = line.chars().take(LONGEST).collect();
        if start.len() < text.len() {
            format!("{start}…")
        } else {
            start
        }
    }

    pub(super) fn text(&self) -> Option<&'s str> {
        self.value
            .get_ref()
            .as_str()
            .or_else(|| self.fail("expected a text in quotes"))
    }

    pub(super) fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        self.value
            .get_ref()
            .as_bool()
            .or_else(|| self.fail("expected true or false"))
    }

    /// One of the named values.
    pub(super) fn choice<T: Copy>(&self, choices: &[(&'static str, T)]) -> Option<T> {
        names::choose(self.text()?, choices).map_or_else(|u| self.fail(&u.expected), Some)
    }

    /// A number as it was declared.
    pub(super) fn number(&self) -> Option<f64> {
        self.number_as(self.form)
    }

    /// A number of another form, where it depends on other keys what may stand here.
    pub(super) fn number_as(&self, form: &Form) -> Option<f64> {
        match form {
            Form::Number(words, holds) => self.number_where(words, holds),
            _ => self.number_where("a finite number", |_| true),
        }
    }

    /// A finite number of which `holds` is true; `expected` says so in words.
    pub(super) fn number_where(&self, expected: &str, holds: impl Fn(f64) -> bool) -> Option<f64> {
        let number = match self.value.get_ref() {
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            DeValue::Integer(digits) if digits.radix() == 10 => digits.as_str().parse().ok(),
            DeValue::Integer(digits) => u64::from_str_radix(digits.as_str(), digits.radix())
                .ok()
                .map(|n| n as f64),
            _ => None,
        };
        number
            .filter(|&x| x.is_finite() && holds(x))
            .or_else(|| self.fail(&format!("expected {expected}")))
    }

    /// A whole number as it was declared.
    pub(super) fn whole(&self) -> Option<u64> {
        let (low, high) = match self.form {
            Form::Whole(low, high) => (*low, *high),
            _ => (0, u64::MAX),
        };
        self.whole_where(&Form::Whole(low, high).to_string(), |n| {
            (low..=high).contains(&n)
        })
    }

    /// The same, of things that are counted.
    pub(super) fn count(&self) -> Option<usize> {
        usize::try_from(self.whole()?)
            .ok()
            .or_else(|| self.fail_form())
    }

    /// A whole number from `low` to `high`.
    pub(super) fn count_from(&self, low: usize, high: usize) -> Option<usize> {
        let expected = format!("a whole number from {low} to {high}");
        // A whole number between two counts is a count.
        let whole = self.whole_where(&expected, |n| (low as u64..=high as u64).contains(&n));
        whole.map(|n| n as usize)
    }

    /// Columns and rows as they were declared.
    pub(super) fn sides(&self) -> Option<[usize; 2]> {
        let Form::Sides(low, high) = *self.form else {
            return self.fail_form();
        };
        let sides = self.items()?;
        let [cols, rows] = &sides[..] else {
            return self.fail_form();
        };
        Some([cols.count_from(low, high)?, rows.count_from(low, high)?])
    }

    /// A whole number, 0 or more, of which `holds` is true; `expected` says so in words.
    pub(super) fn whole_where(&self, expected: &str, holds: impl Fn(u64) -> bool) -> Option<u64> {
        let whole = match self.value.get_ref() {
            DeValue::Integer(digits) => u64::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        whole
            .filter(|&n| holds(n))
            .or_else(|| self.fail(&format!("expected {expected}")))
    }

    /// The items of a list, each with its place as key.
    pub(super) fn list(&self, expected: &str) -> Option<Vec<Field<'s>>> {
        let Some(array) = self.value.get_ref().as_array() else {
            return self.fail(&format!("expected {expected}"));
        };
        let item = |(index, value)| Field {
            document: self.document,
            value,
            form: &Form::FINITE,
            key: format!("{}[{index}]", self.key),
        };
        Some(array.iter().enumerate().map(item).collect())
    }

    /// The items of the list that was declared.
    pub(super) fn items(&self) -> Option<Vec<Field<'s>>> {
        self.list(&self.form.to_string())
    }

    /// A list of so many finite numbers; `expected` is its form, as in `[x, y]`.
    pub(super) fn numbers<const N: usize>(&self, expected: &str) -> Option<[f64; N]> {
        self.numbers_of(N, expected)?.try_into().ok()
    }

    /// A range that is not empty.
    pub(super) fn range(&self) -> Option<Range> {
        let [low, high] = self.numbers("[low, high], two numbers")?;
        if low == high {
            return self.fail("which is empty, expected [low, high] with low < high");
        }
        if low > high {
            return self.fail("which is reversed, expected [low, high] with low < high");
        }
        if !(high - low).is_finite() {
            return self.fail("which is too wide");
        }
        Some([low, high])
    }

    /// Seconds: of the first key of several 0 or more, of each other one more than the time of the one before.
    pub(super) fn time_after(&self, before: Option<f64>) -> Option<f64> {
        let Some(before) = before else {
            return self.number();
        };
        let expected = format!("more than {before}, the time before it");
        self.number_where(&expected, |time| time > before)
    }

    /// As many finite numbers as `count`; `expected` is their form.
    pub(super) fn numbers_of(&self, count: usize, expected: &str) -> Option<Vec<f64>> {
        let items = self.list(expected)?;
        if items.len() != count {
            return self.fail(&format!("expected {expected}"));
        }
        let numbers: Vec<f64> = items.iter().filter_map(Field::number).collect();
        (numbers.len() == count).then_some(numbers)
    }

    pub(super) fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    /// The entries of a table whose keys are names of the writer's own, in the order of the file.
    pub(super) fn entries(&self, expected: &str) -> Option<Vec<(&'s str, Field<'s>)>> {
        let Some(entries) = self.value.get_ref().as_table() else {
            return self.fail(&format!("expected {expected}"));
        };
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        let field = |(name, value): (&'s Spanned<DeString<'s>>, &'s Spanned<DeValue<'s>>)| {
            let name = name.get_ref().as_ref();
            let field = Field {
                document: self.document,
                value,
                form: &Form::FINITE,
                key: format!("{}.{name}", self.key),
            };
            (name, field)
        };
        Some(entries.into_iter().map(field).collect())
    }

    /// The table that was declared.
    pub(super) fn table(&self) -> Option<Table<'s>> {
        match self.form {
            Form::Table(keys) | Form::Tables(keys, _) => self.table_of(keys),
            _ => self.fail_form(),
        }
    }

    /// The same; `expected` is the form that suits what stands here.
    pub(super) fn table_like(&self, expected: &str) -> Option<Table<'s>> {
        if self.is_table() {
            self.table()
        } else {
            self.fail(&format!("expected {expected}"))
        }
    }

    /// A table of these keys.
    pub(super) fn table_of(&self, keys: &'static Keys) -> Option<Table<'s>> {
        let Some(entries) = self.value.get_ref().as_table() else {
            return self.fail(&format!("expected {}", Form::Table(keys)));
        };
        let offset = self.value.span().start;
        let key = self.key.clone();
        Some(Table::new(self.document, entries, key, offset, keys))
    }

    /// The tables of a list such as `[[panel]]` makes, at most as many as were declared.
    pub(super) fn tables(&self) -> Option<Vec<Table<'s>>> {
        let Form::Tables(keys, most) = *self.form else {
            return self.fail_form();
        };
        let items = self.items()?;
        if items.len() > most {
            self.report(format!("found {}, expected at most {most}", items.len()));
            return None;
        }
        Some(
            items
                .iter()
                .filter_map(|item| item.table_of(keys))
                .collect(),
        )
    }
}

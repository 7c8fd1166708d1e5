//! The keys of an experiment file as data: what may stand at each, what holds without it, what it means. The parser knows no
//! others and makes its messages of these, and the reference is printed from them.

use std::fmt;

use super::view::Easing;

/// The keys of one table of a file.
pub struct Keys {
    /// As a file has it: `[[panel.descent]]`, or `panel.map` where it stands in braces.
    pub header: &'static str,
    /// One that could stand there, in braces; may be empty.
    pub example: &'static str,
    /// What the table is for, in Markdown.
    pub about: &'static str,
    /// In groups, because some keys are declared elsewhere.
    pub groups: &'static [&'static [Key]],
}

/// One key of a table.
pub struct Key {
    pub name: &'static str,
    pub form: Form,
    /// What holds without it: a value in backticks as a file has it, or words. Empty: nothing does.
    pub usual: &'static str,
    /// What it means, in Markdown. Of a key that has to be there it completes "missing, expected …".
    pub about: &'static str,
}

/// In place of [`Key::usual`]: the key has to be there.
pub const REQUIRED: &str = "has to be there";

pub(super) const fn key(
    name: &'static str,
    form: Form,
    usual: &'static str,
    about: &'static str,
) -> Key {
    Key {
        name,
        form,
        usual,
        about,
    }
}

/// When a key of what changes with playback is reached; they follow one another.
pub(super) const TIME: Key = key(
    "time",
    Form::NOT_NEGATIVE,
    REQUIRED,
    "seconds of playback from the first step, ascending",
);

/// How it goes on from such a key.
pub(super) const EASING: Key = key(
    "easing",
    Form::Words(|| names(Easing::NAMED)),
    "`\"cubic\"`",
    "how it goes on from here",
);

/// What may stand at a key.
pub enum Form {
    Text,
    Flag,
    /// A finite number, in words, of which something holds.
    Number(&'static str, fn(f64) -> bool),
    /// A whole number from one to another.
    Whole(u64, u64),
    /// Two whole numbers from one to another.
    Sides(usize, usize),
    /// One of these words.
    Words(fn() -> Vec<&'static str>),
    /// What is said in words, as in `[low, high]`.
    As(&'static str),
    /// The same, where a table of these keys may be a part of it.
    With(&'static str, &'static Keys),
    Table(&'static Keys),
    /// A list of tables, at most so many.
    Tables(&'static Keys, usize),
}

impl Form {
    pub(super) const FINITE: Form = Form::Number("a finite number", |_| true);
    pub(super) const POSITIVE: Form = Form::Number("a finite number above 0", |x| x > 0.0);
    pub(super) const NOT_NEGATIVE: Form = Form::Number("a finite number, 0 or more", |x| x >= 0.0);
    /// A factor that lessens, or 1.
    pub(super) const PART: Form =
        Form::Number("a number above 0, at most 1", |x| x > 0.0 && x <= 1.0);
    pub(super) const RANGE: Form = Form::As("[low, high], two numbers");
    pub(super) const SEED: Form = Form::Whole(0, u64::MAX);
}

impl fmt::Display for Form {
    /// What is expected, for messages: "a whole number from 1 to 100".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Form::Text => f.write_str("a text in quotes"),
            Form::Flag => f.write_str("true or false"),
            Form::Number(words, _) | Form::As(words) | Form::With(words, _) => f.write_str(words),
            Form::Whole(low, u64::MAX) => write!(f, "a whole number, {low} or more"),
            Form::Whole(low, high) => write!(f, "a whole number from {low} to {high}"),
            Form::Sides(low, high) => write!(f, "[columns, rows], {low} to {high} each"),
            Form::Words(words) => write!(f, "one of {}", words().join(", ")),
            Form::Table(Keys { example: "", .. }) => f.write_str("a table"),
            Form::Table(keys) => write!(f, "a table, as in {}", keys.example),
            Form::Tables(keys, _) => write!(f, "{}, a list of tables", keys.header),
        }
    }
}

/// The names of named values.
pub(super) fn names<T>(named: &[(&'static str, T)]) -> Vec<&'static str> {
    named.iter().map(|(name, _)| *name).collect()
}

impl Keys {
    pub fn iter(&self) -> impl Iterator<Item = &'static Key> {
        self.groups.iter().copied().flatten()
    }

    pub(super) fn find(&self, name: &str) -> Option<&'static Key> {
        self.iter().find(|key| key.name == name)
    }

    /// These and all tables within, each after the one that it stands in.
    pub fn all(&'static self) -> Vec<&'static Keys> {
        let within = self.iter().filter_map(|key| match key.form {
            Form::Table(keys) | Form::Tables(keys, _) | Form::With(_, keys) => Some(keys.all()),
            _ => None,
        });
        std::iter::once(self).chain(within.flatten()).collect()
    }
}

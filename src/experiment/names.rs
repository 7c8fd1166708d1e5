//! Choosing by name, and messages that list the names.

use crate::spelling::nearest;

/// A word that is none of the known names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found \"{found}\", {expected}")]
pub struct UnknownName {
    pub found: String,
    /// "expected one of …; did you mean …?"
    pub expected: String,
}

/// The value whose name is `word`.
pub(super) fn choose<T: Copy>(word: &str, choices: &[(&'static str, T)]) -> Result<T, UnknownName> {
    let known = choices.iter().find(|(name, _)| *name == word);
    known.map(|&(_, value)| value).ok_or_else(|| UnknownName {
        found: word.to_owned(),
        expected: expected(word, choices.iter().map(|(name, _)| *name)),
    })
}

/// "expected one of a, b, c; did you mean "b"?"
pub(super) fn expected<'n>(word: &str, names: impl Iterator<Item = &'n str> + Clone) -> String {
    let list = names.clone().collect::<Vec<_>>().join(", ");
    format!("expected one of {list}{}", did_you_mean(word, names))
}

/// "; did you mean "b"?", or nothing where no name is near.
pub(super) fn did_you_mean<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> String {
    nearest(word, names).map_or_else(String::new, |name| format!("; did you mean \"{name}\"?"))
}

/// A key as TOML has it: in quotes where there are other letters than those of ASCII.
pub(super) fn bare(key: &str) -> String {
    if key.is_ascii() {
        key.to_owned()
    } else {
        format!("\"{key}\"")
    }
}

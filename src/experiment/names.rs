//! Choosing by name: the nearest known name to a misspelt one, and messages that list them.

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

/// The known name that `word` was most likely meant to be.
pub(super) fn nearest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let word = plain(word);
    let misspelt = |name: &str| strsim::osa_distance(&word, &plain(name));
    let near = names
        .map(|name| (misspelt(name), name))
        .min_by_key(|&(edits, _)| edits);
    near.filter(|&(edits, name)| edits <= 1 + name.chars().count().min(word.chars().count()) / 4)
        .map(|(_, name)| name)
}

/// A key as TOML has it: in quotes where there are other letters than those of ASCII.
pub(super) fn bare(key: &str) -> String {
    if key.is_ascii() {
        key.to_owned()
    } else {
        format!("\"{key}\"")
    }
}

/// Case and the kind of dash make no difference to what was meant.
fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', ' '], "_")
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let names = ["gd", "momentum", "nesterov", "adam", "adamw", "two_hikers"];
        let near = |word| nearest(word, names.into_iter());
        assert_eq!(near("adm"), Some("adam"));
        assert_eq!(near("ADAM"), Some("adam"));
        assert_eq!(near("adamW"), Some("adamw"));
        assert_eq!(near("momemtum"), Some("momentum"));
        assert_eq!(near("two-hiker"), Some("two_hikers"));
        assert_eq!(near("sophia"), None);
        assert_eq!(near(""), None);
    }
}

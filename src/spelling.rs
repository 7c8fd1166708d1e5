//! What a misspelt name was meant to be.

/// The name that `word` was most likely meant to be: the nearest by letters left out, added, mistaken or swapped with their neighbour
/// (optimal string alignment), if at most a third of the longer of the two is wrong. Case and the kind of dash count for
/// nothing.
pub fn nearest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let word = plain(word);
    let near = names
        .map(|name| (strsim::osa_distance(&word, &plain(name)), name))
        .min_by_key(|&(edits, _)| edits)?;
    let (edits, name) = near;
    let longer = name.chars().count().max(word.chars().count());
    (3 * edits <= longer).then_some(name)
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', ' '], "_")
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let names = [
            "gd",
            "momentum",
            "nesterov",
            "adam",
            "adamw",
            "two_hikers",
            "x",
        ];
        let near = |word| nearest(word, names.into_iter());
        for (word, name) in [
            ("adm", "adam"),
            ("ADAM", "adam"),
            ("adamW", "adamw"),
            ("momemtum", "momentum"),
            ("two-hiker", "two_hikers"),
            ("Two Hikers ", "two_hikers"),
            ("nestreov", "nesterov"),
            ("sgd", "gd"),
            ("X", "x"),
        ] {
            assert_eq!(near(word), Some(name), "{word}");
        }
        for word in ["sophia", "", "q", "xy", "ad", "mom"] {
            assert_eq!(near(word), None, "{word}");
        }
        assert_eq!(nearest("x", [].into_iter()), None);
    }
}

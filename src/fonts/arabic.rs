//! Arabic letters joined to their neighbours: the forms that Unicode keeps for whoever does not shape text (blocks FB50 and FE70).
//!
//! A font that has them is written right with one glyph for each letter; the joining classes are those of the Unicode Standard, 9.2.

/// Letters in the order of their forms from U+FE80 on, with how many each has: alone; or alone and at the end; or those and at the
/// beginning and in the middle.
const LETTERS: [(char, u32); 36] = [
    ('\u{621}', 1),
    ('\u{622}', 2),
    ('\u{623}', 2),
    ('\u{624}', 2),
    ('\u{625}', 2),
    ('\u{626}', 4),
    ('\u{627}', 2),
    ('\u{628}', 4),
    ('\u{629}', 2),
    ('\u{62a}', 4),
    ('\u{62b}', 4),
    ('\u{62c}', 4),
    ('\u{62d}', 4),
    ('\u{62e}', 4),
    ('\u{62f}', 2),
    ('\u{630}', 2),
    ('\u{631}', 2),
    ('\u{632}', 2),
    ('\u{633}', 4),
    ('\u{634}', 4),
    ('\u{635}', 4),
    ('\u{636}', 4),
    ('\u{637}', 4),
    ('\u{638}', 4),
    ('\u{639}', 4),
    ('\u{63a}', 4),
    ('\u{641}', 4),
    ('\u{642}', 4),
    ('\u{643}', 4),
    ('\u{644}', 4),
    ('\u{645}', 4),
    ('\u{646}', 4),
    ('\u{647}', 4),
    ('\u{648}', 2),
    ('\u{649}', 2),
    ('\u{64a}', 4),
];
/// Persian letters: the first of their forms.
const FURTHER: [(char, u32, u32); 6] = [
    ('\u{67e}', 0xFB56, 4),
    ('\u{686}', 0xFB7A, 4),
    ('\u{698}', 0xFB8A, 2),
    ('\u{6a9}', 0xFB8E, 4),
    ('\u{6af}', 0xFB92, 4),
    ('\u{6cc}', 0xFBFC, 4),
];
const FIRST: u32 = 0xFE80;
const LAM: char = '\u{644}';
/// What lam becomes with an alef after it: alone; the next joins what comes before.
const LIGATURES: [(char, u32); 4] = [
    ('\u{622}', 0xFEF5),
    ('\u{623}', 0xFEF7),
    ('\u{625}', 0xFEF9),
    ('\u{627}', 0xFEFB),
];

/// A letter's first form and how many there are.
fn forms(letter: char) -> Option<(u32, u32)> {
    let mut first = FIRST;
    for (known, count) in LETTERS {
        if known == letter {
            return Some((first, count));
        }
        first += count;
    }
    let further = FURTHER.iter().find(|(known, ..)| *known == letter);
    further.map(|(_, first, count)| (*first, *count))
}

/// Marks above and below letters, which join nothing and part nothing.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{64b}'..='\u{65f}' | '\u{670}')
}

fn joins_next(letter: char) -> bool {
    letter == '\u{640}' || forms(letter).is_some_and(|(_, count)| count == 4)
}

fn joins_previous(letter: char) -> bool {
    letter == '\u{640}' || forms(letter).is_some_and(|(_, count)| count > 1)
}

/// A line whose letters have the forms that they have among their neighbours, in the order in which they are read; lam and alef are
/// one. Other letters are as they are.
pub fn joined(line: &str) -> String {
    let letters: Vec<char> = line.chars().collect();
    let mut out = String::with_capacity(line.len());
    let mut is_taken = false;
    for (k, &letter) in letters.iter().enumerate() {
        if std::mem::take(&mut is_taken) {
            continue;
        }
        let Some((first, count)) = forms(letter) else {
            out.push(letter);
            continue;
        };
        let before = letters[..k].iter().rev().find(|c| !is_mark(**c)).copied();
        let before = count > 1 && before.is_some_and(joins_next);
        let after = letters[k + 1..].iter().find(|c| !is_mark(**c)).copied();
        let after = count == 4 && after.is_some_and(joins_previous);
        let next = letters.get(k + 1).copied();
        let ligature = LIGATURES
            .iter()
            .find(|(alef, _)| letter == LAM && next == Some(*alef));
        let form = match ligature {
            Some((_, first)) => first + u32::from(before),
            None => first + u32::from(before) + 2 * u32::from(after),
        };
        is_taken = ligature.is_some();
        out.push(char::from_u32(form).unwrap_or(letter));
    }
    out
}

/// The letters that a form is written with: itself, where it is none.
pub fn written(form: char) -> Vec<char> {
    let number = u32::from(form);
    if let Some((alef, _)) = LIGATURES
        .iter()
        .find(|(_, first)| (*first..first + 2).contains(&number))
    {
        return vec![LAM, *alef];
    }
    let known = LETTERS.iter().map(|(letter, _)| *letter);
    let mut all = known.chain(FURTHER.iter().map(|(letter, ..)| *letter));
    let is_of = |letter: &char| {
        forms(*letter).is_some_and(|(first, count)| (first..first + count).contains(&number))
    };
    vec![all.find(is_of).unwrap_or(form)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_join_their_neighbours() {
        assert_eq!(forms('\u{64a}'), Some((0xFEF1, 4)));
        for (word, expected) in [
            // Waw and zay join only what comes before them.
            ("وزن", "\u{feed}\u{feaf}\u{fee5}"),
            ("بيت", "\u{fe91}\u{fef4}\u{fe96}"),
            ("الان", "\u{fe8d}\u{fefb}\u{fee5}"),
            ("loss ب", "loss \u{fe8f}"),
            ("", ""),
        ] {
            assert_eq!(joined(word), expected, "{word}");
            let back: String = joined(word).chars().flat_map(written).collect();
            assert_eq!(back, word);
        }
    }
}

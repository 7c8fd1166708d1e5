//! Text that runs from right to left.
//!
//! egui draws the pieces of a line that have one font from left to right, each in its
//! own direction: they are brought into the order in which they are seen.

use std::borrow::Cow;

use unicode_bidi::{BidiClass, BidiInfo, bidi_class};

pub fn is_right_to_left(letter: char) -> bool {
    matches!(bidi_class(letter), BidiClass::R | BidiClass::AL)
}

/// One line in the order in which it is seen from left to right; words that run to the left keep their letters' order,
/// because egui turns these itself.
pub fn visual(line: &str) -> Cow<'_, str> {
    if !line.chars().any(is_right_to_left) {
        return Cow::Borrowed(line);
    }
    let bidi = BidiInfo::new(line, None);
    let mut seen = String::with_capacity(line.len());
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let text = &line[run.clone()];
            if levels[run.start].is_rtl() {
                turned(text, &mut seen);
            } else {
                seen.push_str(text);
            }
        }
    }
    Cow::Owned(seen)
}

/// The letters of one line in the order in which they are seen from left to right, brackets turned round where it runs to the left.
pub fn letters_as_seen(line: &str) -> Vec<char> {
    if !line.chars().any(is_right_to_left) {
        return line.chars().collect();
    }
    let bidi = BidiInfo::new(line, None);
    let mut seen = Vec::new();
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let letters = line[run.clone()].chars();
            if levels[run.start].is_rtl() {
                seen.extend(letters.rev().map(turned_round));
            } else {
                seen.extend(letters);
            }
        }
    }
    seen
}

fn turned_round(bracket: char) -> char {
    match bracket {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        other => other,
    }
}

/// The pieces of a text that runs to the left, the last first.
fn turned(text: &str, seen: &mut String) {
    let is_letter =
        |letter: char| is_right_to_left(letter) || matches!(bidi_class(letter), BidiClass::NSM);
    let mut end = text.len();
    while let Some(last) = text[..end].chars().next_back() {
        let start = if is_letter(last) {
            text[..end].trim_end_matches(is_letter).len()
        } else {
            end - last.len_utf8()
        };
        if is_letter(last) {
            seen.push_str(&text[start..end]);
        } else {
            seen.push(turned_round(last));
        }
        end = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_the_order_in_which_they_are_seen() {
        for (written, seen) in [
            ("loss", "loss"),
            ("שלום עולם", "עולם שלום"),
            ("loss שלום עולם end", "loss עולם שלום end"),
            ("שלום (עולם) 12", "12 (עולם) שלום"),
        ] {
            assert_eq!(visual(written), seen);
        }
        let seen: String = letters_as_seen("שלום (a)").iter().collect();
        assert_eq!(seen, "(a) םולש");
    }
}

//! Text that runs from right to left.
//!
//! egui draws the pieces of a line that have one font from left to right, each in its
//! own direction: they are brought into the order in which they are seen.

use std::borrow::Cow;
use std::ops::Range;

use unicode_bidi::{BidiClass, BidiInfo, bidi_class};

pub fn is_right_to_left(letter: char) -> bool {
    matches!(bidi_class(letter), BidiClass::R | BidiClass::AL)
}

/// Whether a letter stands on the one before it.
pub fn is_mark(letter: char) -> bool {
    matches!(bidi_class(letter), BidiClass::NSM)
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

/// The parts of one line in the order in which they are seen from left to right, and whether each runs to the left.
pub fn visual_runs(line: &str) -> Vec<(Range<usize>, bool)> {
    if !line.chars().any(is_right_to_left) {
        return vec![(0..line.len(), false)];
    }
    let bidi = BidiInfo::new(line, None);
    let runs = bidi.paragraphs.iter().flat_map(|paragraph| {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        let runs = runs.into_iter();
        runs.map(move |run| (run.clone(), levels[run.start].is_rtl()))
    });
    runs.collect()
}

/// The bracket that is seen where this one is read, in text that runs to the left.
pub fn turned_round(bracket: char) -> char {
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
    let is_letter = |letter: char| is_right_to_left(letter) || is_mark(letter);
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
        let line = "loss שלום 12";
        let seen = visual_runs(line).into_iter();
        let seen: Vec<(&str, bool)> = seen.map(|(run, way)| (&line[run], way)).collect();
        assert_eq!(seen, [("loss ", false), ("12", false), ("שלום ", true)]);
        assert_eq!(visual_runs("loss"), [(0..4, false)]);
    }
}

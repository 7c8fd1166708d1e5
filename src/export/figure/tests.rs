use super::*;

#[test]
fn what_is_too_long_for_a_row_goes_on_in_the_next() {
    let sheet = Sheet {
        items: Vec::new(),
        theme: ThemeColors::new(crate::experiment::ThemeKind::Paper),
        star: MARK,
    };
    let name = "a rate that was found by a search over three hundred settings";
    let rows = sheet.wrapped(name, 8.0, 100.0, 9);
    assert!(rows.len() > 2 && rows.join(" ") == name, "{rows:?}");
    let is_narrow = |row: &String| fonts::width(row, 8.0) <= 100.0;
    assert!(rows.iter().all(is_narrow));
    let cut = sheet.wrapped(name, 8.0, 100.0, 2);
    assert!(cut.len() == 2 && cut[1].ends_with('…') && is_narrow(&cut[1]));
    let word = "W".repeat(80);
    let rows = sheet.wrapped(&word, 8.0, 100.0, 99);
    assert!(rows.iter().all(is_narrow) && rows.concat() == word);
    assert_eq!(sheet.wrapped(" ", 8.0, 100.0, 3), [""; 0]);
    // However long it is.
    let cut = sheet.fitting(&"W".repeat(100_000), 8.0, 100.0);
    assert!(
        cut.ends_with('…') && is_narrow(&cut) && cut.chars().count() > 5,
        "{cut}"
    );
    // No width at all is no reason to go on for ever.
    assert_eq!(sheet.wrapped("ab", 8.0, 0.0, 3), ["ab"]);
}

#[test]
fn text_that_runs_to_the_left_stands_as_it_is_seen() {
    let letters = |text| {
        let glyphs = fonts::glyphs(text).into_iter();
        glyphs.map(|glyph| glyph.letters).collect::<String>()
    };
    assert_eq!(letters("loss 10\u{2009}000"), "loss 10 000");
    // Joined or alone, every letter is told once.
    let seen = letters("(ab) שלום");
    assert!(
        seen.starts_with("(ab) ") && seen.chars().count() == 9,
        "{seen}"
    );
}

/// Where a font of this computer has the script.
#[test]
fn letters_have_the_forms_that_their_script_asks_for() {
    let glyphs = |text: &str| -> Vec<(u16, String)> {
        fonts::load(text.chars());
        let glyphs = fonts::glyphs(text).into_iter();
        glyphs.map(|glyph| (glyph.id, glyph.letters)).collect()
    };
    let word = glyphs("بيت");
    if fonts::has('ب') {
        let read: String = word.iter().rev().map(|(_, letters)| &**letters).collect();
        assert_eq!(read, "بيت");
        let alone = glyphs("ب")[0].0;
        assert!(
            word.iter().all(|(id, _)| *id != alone),
            "the letters are not joined"
        );
    }
    fonts::load("क्षि".chars());
    if fonts::has('क') {
        // The vowel stands before the consonants that it is read after.
        let cluster = glyphs("क्षि");
        assert!(cluster.len() < 4, "{cluster:?}");
        assert_eq!(cluster[0].1, "क्षि");
        assert!(cluster[1..].iter().all(|(_, letters)| letters.is_empty()));
    }
}

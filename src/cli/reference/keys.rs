//! The page of the book with every key of an experiment file.

use std::fmt::Write;

use super::{code, limits, list, row, table};
use crate::experiment::{Form, KEYS, Key, Keys};

const HEAD: &str = "\
# Every key

Printed by `steepest list --markdown keys` from the tables that the parser reads files with. Do not edit it: print it anew.
[The file format](file.md) begins with an example.
";

/// The whole page.
pub(in super::super) fn markdown() -> String {
    let mut page = HEAD.to_owned();
    KEYS.all().iter().for_each(|keys| section(&mut page, keys));
    limits(&mut page);
    page
}

fn section(page: &mut String, keys: &Keys) {
    let title = match keys.header {
        header if header.starts_with(['[', 'p']) => code(header),
        header => header.to_owned(),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(page, "\n## {title}\n");
    let example = match keys.example {
        "" => String::new(),
        example => format!("As in {}.", in_code(example)),
    };
    let about = [keys.about, &example].map(str::trim).join(" ");
    if !about.trim().is_empty() {
        let _ = writeln!(page, "{}\n", about.trim());
    }
    table(page, ["key", "what may stand there", "usual", "meaning"]);
    for Key {
        name,
        form,
        usual,
        about,
    } in keys.iter()
    {
        row(page, [&code(name), &form_of(form), usual, about]);
    }
}

/// What may stand at a key, with links to the tables.
fn form_of(form: &Form) -> String {
    match form {
        Form::Text => "a text".to_owned(),
        Form::Flag => "`true` or `false`".to_owned(),
        Form::Words(words) => {
            let quoted: Vec<String> = words().iter().map(|word| format!("\"{word}\"")).collect();
            list(quoted.iter().map(String::as_str))
        }
        Form::Number(..) | Form::Whole(..) | Form::Sides(..) | Form::As(_) => {
            in_code(&form.to_string())
        }
        Form::With(words, keys) => format!("{}: {}", in_code(words), link(keys, "its keys")),
        Form::Table(keys) => link(keys, "a table"),
        Form::Tables(keys, most) => format!("{}, at most {most}", link(keys, "tables")),
    }
}

/// The same words with what stands in brackets or braces as code.
fn in_code(words: &str) -> String {
    let (mut text, mut depth) = (String::new(), 0);
    for c in words.chars() {
        if "[{".contains(c) {
            depth += 1;
            text.push_str(if depth == 1 { "`" } else { "" });
        }
        text.push(c);
        if "]}".contains(c) {
            depth -= 1;
            text.push_str(if depth == 0 { "`" } else { "" });
        }
    }
    text
}

/// A link to the section of a table, whose anchor is its header without what is no letter.
fn link(keys: &Keys, words: &str) -> String {
    let anchor = keys.header.to_lowercase();
    let anchor = anchor.replace(|c: char| !c.is_alphanumeric() && c != '_', "");
    format!("[{words}](#{anchor})")
}

//! As much of Markdown as the pages of this project use: headings, links and blocks of code.

use std::path::{Path, PathBuf};

/// A page, taken apart.
pub struct Page {
    pub path: PathBuf,
    pub links: Vec<Link>,
    pub blocks: Vec<Block>,
    /// What links call its headings.
    pub anchors: Vec<String>,
}

/// A link or a picture that stays within the project.
pub struct Link {
    pub line: usize,
    pub target: String,
    /// Its text becomes part of the page.
    pub is_included: bool,
}

/// A fenced block of code.
pub struct Block {
    /// Of its fence, from 1.
    pub line: usize,
    pub language: String,
    pub lines: Vec<String>,
}

impl Block {
    /// Whether it holds what one types into a terminal.
    pub fn is_shell(&self) -> bool {
        ["", "sh", "bash", "console"].contains(&&*self.language)
    }
}

impl Page {
    pub fn new(path: &Path, text: &str) -> Page {
        let mut page = Page {
            path: path.to_owned(),
            links: Vec::new(),
            blocks: Vec::new(),
            anchors: Vec::new(),
        };
        let mut is_code = false;
        for (index, line) in text.lines().enumerate() {
            if let Some(language) = line.trim_start().strip_prefix("```") {
                is_code = !is_code;
                if is_code {
                    page.blocks.push(Block {
                        line: index + 1,
                        language: language.trim().to_owned(),
                        lines: Vec::new(),
                    });
                }
            } else if let Some(block) = page.blocks.last_mut().filter(|_| is_code) {
                block.lines.push(line.to_owned());
            } else {
                page.prose(index + 1, line);
            }
        }
        page
    }

    fn prose(&mut self, line: usize, text: &str) {
        if text.starts_with('#') {
            let slug = slug(text.trim_start_matches('#').trim());
            let before = self.anchors.iter().filter(|known| **known == slug).count();
            self.anchors.push(match before {
                0 => slug,
                times => format!("{slug}-{times}"),
            });
        }
        if let Some((_, rest)) = text.split_once("{{#include ") {
            let target = rest.split("}}").next().unwrap_or_default().to_owned();
            self.links.push(Link {
                line,
                target,
                is_included: true,
            });
        }
        // What stands in code is no link.
        let words: String = text.split('`').step_by(2).collect();
        for rest in words.split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or_default();
            if !target.contains("://") && !target.starts_with("mailto:") {
                self.links.push(Link {
                    line,
                    target: target.to_owned(),
                    is_included: false,
                });
            }
        }
    }
}

/// What links call a heading: its letters, digits, `-` and `_` in lower case, with a `-` for every blank.
fn slug(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    let kept: String = kept.collect();
    kept.to_lowercase().replace(' ', "-")
}

/// The program's command lines in a block, word by word, with the line of the page that each begins in.
pub fn commands(block: &Block) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut lines = block.lines.iter().enumerate();
    while let Some((index, line)) = lines.next() {
        let mut whole = line.trim_start_matches("$ ").to_owned();
        while let Some(begun) = whole.trim_end().strip_suffix('\\') {
            let next = lines.next().map_or("", |(_, next)| next);
            whole = format!("{begun} {next}");
        }
        if whole != "steepest" && !whole.starts_with("steepest ") {
            continue;
        }
        let words = words(&whole);
        for command in words.split(|word| ["&&", "|", ";"].contains(&&**word)) {
            let end = command.iter().position(|word| word.starts_with('>'));
            let command = &command[..end.unwrap_or(command.len())];
            if command.first().is_some_and(|word| word == "steepest") {
                found.push((block.line + 1 + index, command.to_vec()));
            }
        }
    }
    found
}

/// The words of a line as a shell has them: quotes keep blanks, and what follows a `#` is a comment.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

//! The viewer's script and shaders in fewer bytes. The `minifier` crate leaves out comments and spaces; here variables get short
//! names, which it does not give, and shaders, which are strings to it, lose theirs, too.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use minifier::js::{Keyword, ReservedChar, Token, Tokens, clean_tokens, tokenize};

use ReservedChar::{
    CloseBracket, CloseCurlyBrace, CloseParenthese, Comma, Dot, OpenBracket, OpenCurlyBrace,
    OpenParenthese, SemiColon,
};

/// Properties and methods of the viewer's own objects, which get short names wherever they are met. None is a word of the browser's,
/// of the data's, of a shader's, or of what a page offers to whoever embeds it.
const OWN: [&str; 108] = [
    "across",
    "activate",
    "active",
    "advance",
    "along",
    "ballAt",
    "before",
    "camera",
    "canBeLog",
    "canvas",
    "classAt",
    "common",
    "count",
    "curve",
    "descent",
    "dirty",
    "drawDrops",
    "drawLine",
    "drawMarks",
    "drawSurface",
    "drawTrails",
    "drawnAt",
    "drops",
    "edges",
    "endShape",
    "event",
    "fieldOf",
    "figure",
    "follows",
    "foot",
    "fractions",
    "frame",
    "fromPath",
    "held",
    "hover",
    "index",
    "indexAt",
    "inks",
    "isCurve",
    "isEmpty",
    "isEven",
    "isFlat",
    "isMoving",
    "isOver",
    "isSeen",
    "isSlow",
    "isVisible",
    "isWrong",
    "layers",
    "listen",
    "lossAt",
    "makeTexture",
    "mesh",
    "middle",
    "movedAt",
    "moving",
    "onready",
    "overlay",
    "pace",
    "panel",
    "parameters",
    "params",
    "pauses",
    "pick",
    "pictures",
    "placeAmong",
    "placeOf",
    "playing",
    "plot",
    "pointed",
    "pointers",
    "position",
    "positionAt",
    "program",
    "project",
    "quality",
    "reached",
    "refresh",
    "ribbonPlaces",
    "rise",
    "scene",
    "secondsAt",
    "sheet",
    "sides",
    "slow",
    "speed",
    "spread",
    "stage",
    "state",
    "stateAt",
    "stepOf",
    "subject",
    "surface",
    "surfaceMap",
    "theme",
    "timeline",
    "towards",
    "trail",
    "trails",
    "turning",
    "upright",
    "usualHigh",
    "wallS",
    "wallT",
    "whole",
    "words",
    "world",
    "wrongAt",
];

/// Words that are nobody's name, and so short that they might be made.
const RESERVED: [&str; 7] = ["as", "do", "for", "if", "in", "new", "of"];

/// The same program in fewer bytes. Its statements end with semicolons, and no sign `+` or `-` follows another.
pub(super) fn squeezed(script: &str) -> String {
    let Ok(tokens) = tokenize(script) else {
        return script.to_owned();
    };
    let mut tokens = clean_tokens(tokens).0;
    // A statement's semicolon means nothing before the end of its block.
    let is_last = |pair: &[Token]| pair[0].eq_char(SemiColon) && pair[1].eq_char(CloseCurlyBrace);
    let mut needless = tokens
        .windows(2)
        .map(is_last)
        .chain([false])
        .collect::<Vec<bool>>()
        .into_iter();
    tokens.retain(|_| needless.next() != Some(true));
    let short = short_names(&tokens);
    for token in &mut tokens {
        match token {
            Token::Other(name) => *name = short.get(*name).map_or(name, String::as_str),
            Token::String(text) if text.starts_with("`#version") => {
                *token = Token::CreatedVar(shader(text));
            }
            Token::String(text) if text.starts_with('`') => {
                *token = Token::CreatedVar(template(text, &short));
            }
            _ => {}
        }
    }
    Tokens(tokens).to_string()
}

/// Short names for what `const`, `let`, `function` and `class` declare. Everything of one name gets the same other name, which is
/// nowhere else, so it does not matter in which scope it is; what is a property somewhere, or in a string, keeps its name.
fn short_names<'a>(tokens: &[Token<'a>]) -> BTreeMap<&'a str, String> {
    let mut counts = BTreeMap::<&str, usize>::new();
    let mut declared = BTreeSet::new();
    let mut kept = BTreeSet::from(RESERVED);
    let mut open = Vec::new();
    for (k, token) in tokens.iter().enumerate() {
        let before = k.checked_sub(1).map(|k| &tokens[k]);
        match token {
            Token::Other(name) => {
                *counts.entry(name).or_default() += 1;
                let sign = before.and_then(Token::get_char);
                // In braces between commas: a property, or as good as one.
                let is_listed = open.last() == Some(&OpenCurlyBrace)
                    && matches!(sign, Some(OpenCurlyBrace | Comma));
                if is_listed || sign == Some(Dot) {
                    kept.insert(name);
                }
                let word = before.and_then(Token::get_keyword);
                if matches!(
                    word,
                    Some(Keyword::Const | Keyword::Let | Keyword::Function)
                ) || before == Some(&Token::Other("class"))
                {
                    declared.insert(*name);
                }
            }
            Token::String(text) => {
                for (piece, is_code) in pieces(text) {
                    for word in piece.split(|letter| !is_word(letter)) {
                        if !is_code || is_property(piece, word) {
                            kept.insert(word);
                        } else {
                            *counts.entry(word).or_default() += 1;
                        }
                    }
                }
            }
            Token::Char(sign @ (OpenCurlyBrace | OpenBracket | OpenParenthese)) => open.push(*sign),
            Token::Char(CloseCurlyBrace | CloseBracket | CloseParenthese) => drop(open.pop()),
            _ => {}
        }
    }
    let made = names().filter(|name| {
        let name = name.as_str();
        !kept.contains(name) && !counts.contains_key(name)
    });
    let own = OWN.into_iter().filter_map(|own| counts.get_key_value(own));
    let own: BTreeSet<&str> = own.map(|(name, _)| *name).collect();
    let mut free: Vec<&str> = declared.difference(&kept).copied().collect();
    free.retain(|name| !own.contains(name));
    free.extend(own);
    free.sort_by_key(|name| Reverse(counts[name]));
    let pairs = free.into_iter().zip(made);
    pairs
        .filter(|(name, made)| made.len() < name.len())
        .collect()
}

/// a, b, … z, A, … Z, aa, ba …
fn names() -> impl Iterator<Item = String> {
    let letters = || ('a'..='z').chain('A'..='Z');
    let pairs = letters()
        .flat_map(move |second| letters().map(move |first| String::from_iter([first, second])));
    letters().map(String::from).chain(pairs)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$' | '#')
}

/// What of a string is text and what, in a template, is code: `true` for an expression, without its braces.
fn pieces(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let is_template = text.starts_with('`') && !text.starts_with("`#version");
    let (first, rest) = match text.split_once("${") {
        Some((first, rest)) if is_template => (first, Some(rest)),
        _ => (text, None),
    };
    let parts = rest.into_iter().flat_map(|rest| rest.split("${"));
    let parts = parts.flat_map(|part| {
        let (code, text) = part.split_once('}').unwrap_or((part, ""));
        // What is quoted there stays as it is.
        [(code, !code.contains(['"', '`'])), (text, false)]
    });
    [(first, false)].into_iter().chain(parts)
}

/// Whether a word follows a full stop somewhere in code.
fn is_property(code: &str, word: &str) -> bool {
    let mut places = code.match_indices(word);
    places.any(|(at, _)| code[..at].ends_with('.'))
}

/// A template whose expressions have the new names; those in which something is quoted have them of properties, too.
fn template(text: &str, short: &BTreeMap<&str, String>) -> String {
    let mut out = String::with_capacity(text.len());
    for (k, part) in text.split("${").enumerate() {
        let (code, text) = match k {
            0 => ("", part),
            _ => part.split_once('}').unwrap_or((part, "")),
        };
        if k > 0 {
            out.push_str("${");
        }
        let mut word = String::new();
        let mut quoted = false;
        for letter in code.chars().chain((k > 0).then_some('}')) {
            if is_word(letter) {
                word.push(letter);
                continue;
            }
            let new = short.get(word.as_str()).filter(|_| !quoted);
            out.push_str(new.unwrap_or(&word));
            word.clear();
            quoted ^= letter == '"';
            out.push(letter);
        }
        out.push_str(text);
    }
    out
}

/// A shader without comments and spaces; the line of its version has an end.
fn shader(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let code = line.split("//").next().unwrap_or_default().trim();
        let mut letters = code.chars().peekable();
        while let Some(letter) = letters.next() {
            let around = [out.chars().next_back(), letters.peek().copied()];
            let keeps_apart = around.into_iter().all(|end| end.is_some_and(is_word));
            if letter != ' ' || keeps_apart {
                out.push(letter);
            }
        }
        if code.contains('#') || code.ends_with(is_word) {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests;

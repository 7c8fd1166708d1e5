//! The viewer's script and shaders in fewer bytes. The `minifier` crate leaves out comments and spaces; here variables get short
//! names, which it does not give, and shaders, which are strings to it, lose theirs, too.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use minifier::js::{Keyword, ReservedChar, Token, Tokens, clean_tokens, tokenize};

use ReservedChar::{
    CloseBracket, CloseCurlyBrace, CloseParenthese, Comma, Dot, OpenBracket, OpenCurlyBrace,
    OpenParenthese, SemiColon,
};

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
            Token::String(text) => kept.extend(text.split(|letter| !is_word(letter))),
            Token::Char(sign @ (OpenCurlyBrace | OpenBracket | OpenParenthese)) => open.push(*sign),
            Token::Char(CloseCurlyBrace | CloseBracket | CloseParenthese) => drop(open.pop()),
            _ => {}
        }
    }
    let made = names().filter(|name| {
        let name = name.as_str();
        !kept.contains(name) && !counts.contains_key(name)
    });
    let mut free: Vec<&str> = declared.difference(&kept).copied().collect();
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
mod tests {
    use super::super::SCRIPTS;
    use super::squeezed;

    #[test]
    fn no_sign_of_the_viewer_meets_its_like() {
        for script in SCRIPTS {
            assert!(!script.contains("- -") && !script.contains("+ +"));
        }
    }

    #[test]
    fn what_means_something_stays() {
        for (long, short) in [
            ("  const a = b + 1;\n", "const a=b+1;"),
            ("// gone\n\nreturn -a - b + c;\n", "return-a-b+c;"),
            ("f(\" a  b \", 'c // d');\n", "f(\" a  b \",'c // d');"),
            ("g(`x ${ a + b } y`);\n", "g(`x ${ a + b } y`);"),
            (
                "s = `#version 300 es\n  // c\n  { a = b * c; } // d\n`; d = `a  b`;\n",
                "s=`#version 300 es\n{a=b*c;}`;d=`a  b`;",
            ),
            ("if (a) {\n  b;\n}\nc();\n", "if(a){b}c();"),
            ("\"a\\\" b\" in c;\n", "\"a\\\" b\"in c;"),
            ("/a \\/ b/i.test(c);", "/a \\/ b/i.test(c);"),
        ] {
            assert_eq!(squeezed(long), short);
        }
    }

    #[test]
    fn names_are_shortened_but_for_those_of_properties() {
        for (long, short) in [
            (
                "const long = 1; function twice(x) { return long + x; } twice(long);",
                "const a=1;function b(x){return a+x}b(a);",
            ),
            ("let width = a.width;", "let width=a.width;"),
            ("let width = f({ width });", "let width=f({width});"),
            (
                "let { width } = a; const width = 1;",
                "let{width}=a;const width=1;",
            ),
            ("let word = 1; f(`${word}`);", "let word=1;f(`${word}`);"),
            ("const a = 1; const next = a + a;", "const a=1;const c=a+a;"),
            ("const one = [a, one, b];", "const c=[a,c,b];"),
        ] {
            assert_eq!(squeezed(long), short);
        }
    }
}

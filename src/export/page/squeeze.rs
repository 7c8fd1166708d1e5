//! The viewer's script and shaders in fewer bytes. The `minifier` crate reads words and leaves out comments and spaces; here variables
//! get short names, which it does not give, and shaders, which are strings to it, lose spaces, too.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use minifier::js::{Condition, Keyword, Operation, ReservedChar, Token, clean_tokens, tokenize};

use ReservedChar::{
    CloseBracket, CloseCurlyBrace, CloseParenthese, Colon, Comma, Dot, OpenBracket, OpenCurlyBrace,
    OpenParenthese, QuestionMark, SemiColon,
};

/// Words that are nobody's name, and so short that they might be made.
const RESERVED: [&str; 7] = ["as", "do", "for", "if", "in", "new", "of"];

/// The same program in fewer bytes. Its statements end with semicolons, no sign `+` or `-` follows another, arrows have their
/// parameters in parentheses, defaults are literals, and templates have no braces but those of `${}`.
pub(super) fn squeezed(script: &str) -> String {
    let Ok(tokens) = tokenize(script) else {
        return script.to_owned();
    };
    let mut tokens = clean_tokens(tokens).0;
    // A statement's semicolon means nothing before the end of its block, nor does a comma before that of a list.
    let is_last = |pair: &[Token]| {
        let ends = |sign| pair[1].eq_char(sign);
        (pair[0].eq_char(SemiColon) && ends(CloseCurlyBrace))
            || (pair[0].eq_char(Comma) && (ends(CloseCurlyBrace) || ends(CloseBracket)))
    };
    let needless: Vec<bool> = tokens.windows(2).map(is_last).chain([false]).collect();
    let mut needless = needless.into_iter();
    tokens.retain(|_| needless.next() != Some(true));
    let short = short_names(&tokens);
    renamed(&tokens, &short)
}

/// The program with short names.
fn renamed(tokens: &[Token], short: &BTreeMap<&str, String>) -> String {
    let mut out = String::new();
    for (k, (token, role)) in tokens.iter().zip(roles(tokens)).enumerate() {
        // A single parameter needs no parentheses.
        if is_lone(tokens, Some(k)) || is_lone(tokens, k.checked_sub(2)) {
            continue;
        }
        let text = match (token, role) {
            (Token::Other(name), Role::Variable { is_short, .. }) => match short.get(name) {
                Some(made) if is_short => format!("{name}:{made}"),
                Some(made) => made.clone(),
                None => (*name).to_owned(),
            },
            (Token::String(text), _) if text.starts_with("`#version") => shader(text),
            (Token::String(text), _) if text.starts_with('`') => template(text, short),
            // What holds while it is written need not be said again.
            (Token::Keyword(Keyword::Const), _) => "let".to_owned(),
            (Token::Keyword(Keyword::True), _) => "!0".to_owned(),
            (Token::Keyword(Keyword::False), _) => "!1".to_owned(),
            _ => token.to_string(),
        };
        let ends = [out.chars().next_back(), text.chars().next()];
        // Words apart that would be one.
        if ends.into_iter().all(|end| end.is_some_and(is_word)) {
            out.push(' ');
        }
        out += &text;
    }
    out
}

/// Whether here begin the parentheses of an arrow with a single parameter.
fn is_lone(tokens: &[Token], from: Option<usize>) -> bool {
    let piece = from.and_then(|from| tokens.get(from..from + 5));
    matches!(
        piece,
        Some([
            Token::Char(OpenParenthese),
            Token::Other(_),
            Token::Char(CloseParenthese),
            Token::Operation(Operation::Equal),
            Token::Condition(Condition::SuperiorThan),
        ])
    )
}

/// A template, with short names where it holds expressions.
fn template(text: &str, short: &BTreeMap<&str, String>) -> String {
    let mut pieces = text.split("${");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (hole, rest) = piece.rsplit_once('}').unwrap_or((piece, ""));
        let tokens = tokenize(hole).map(|tokens| clean_tokens(tokens).0);
        let hole = tokens.map_or(hole.to_owned(), |tokens| renamed(&tokens, short));
        out += &format!("${{{hole}}}{rest}");
    }
    out
}

/// What a word is: a variable, perhaps where it is declared, perhaps at the same time the key that it is kept under in an object; or
/// none, as properties are.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Variable { is_declared: bool, is_short: bool },
    Other,
}

/// What a bracket holds.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Block,
    Class,
    Object,
    List,
}

/// What each word of a program is.
fn roles(tokens: &[Token]) -> Vec<Role> {
    let sign = |k: Option<usize>| k.and_then(|k| tokens.get(k)).and_then(Token::get_char);
    let mut roles = vec![Role::Other; tokens.len()];
    // Open brackets: what they hold, and where they begin.
    let mut open: Vec<(Inside, usize)> = Vec::new();
    for (k, token) in tokens.iter().enumerate() {
        let before = k.checked_sub(1);
        match token {
            Token::Other(_) => {
                let inside = open.last().map_or(Inside::Block, |(inside, _)| *inside);
                let is_first = matches!(sign(before), Some(OpenCurlyBrace | Comma));
                let is_method = inside != Inside::Block
                    && inside != Inside::List
                    && sign(Some(k + 1)) == Some(OpenParenthese)
                    && (is_first
                        || inside == Inside::Class && sign(before) != Some(Dot)
                        || matches!(
                            before.map(|k| &tokens[k]),
                            Some(Token::Other("get" | "set"))
                        ));
                let is_listed = inside == Inside::Object && is_first;
                let is_key = is_listed && sign(Some(k + 1)) == Some(Colon);
                let is_property = sign(before) == Some(Dot)
                    && sign(before.and_then(|k| k.checked_sub(1))) != Some(Dot);
                if !(is_method || is_key || is_property) {
                    roles[k] = Role::Variable {
                        is_declared: is_declared(tokens, before),
                        is_short: is_listed,
                    };
                }
            }
            Token::Char(OpenCurlyBrace) => open.push((braces(tokens, before), k)),
            Token::Char(OpenBracket | OpenParenthese) => open.push((Inside::List, k)),
            Token::Char(CloseCurlyBrace | CloseBracket | CloseParenthese) => {
                if let Some((_, from)) = open.pop()
                    && binds(tokens, from, k)
                {
                    declare(tokens, &mut roles, from, k);
                }
            }
            _ => {}
        }
    }
    roles
}

/// Whether what stands before a name declares it.
fn is_declared(tokens: &[Token], before: Option<usize>) -> bool {
    match before.map(|k| &tokens[k]) {
        Some(Token::Keyword(word)) => {
            matches!(word, Keyword::Const | Keyword::Let | Keyword::Function)
        }
        Some(Token::Other(word)) => *word == "class",
        _ => false,
    }
}

/// What braces hold, by what stands before them.
fn braces(tokens: &[Token], before: Option<usize>) -> Inside {
    match before.map(|k| &tokens[k]) {
        Some(Token::Char(OpenParenthese | OpenBracket | Comma | Colon | QuestionMark | Dot)) => {
            Inside::Object
        }
        Some(Token::Operation(Operation::Equal)) => Inside::Object,
        Some(Token::Keyword(Keyword::Return | Keyword::Const | Keyword::Let)) => Inside::Object,
        Some(Token::Condition(Condition::And | Condition::Or)) => Inside::Object,
        Some(Token::Other(_)) => Inside::Class,
        _ => Inside::Block,
    }
}

/// Whether a bracket declares what it holds: a pattern, or parameters.
fn binds(tokens: &[Token], from: usize, to: usize) -> bool {
    let before = from.checked_sub(1).map(|k| &tokens[k]);
    let is_pattern = matches!(
        before,
        Some(Token::Keyword(
            Keyword::Const | Keyword::Let | Keyword::Catch
        ))
    );
    let is_list = tokens[from].eq_char(OpenParenthese);
    let after = |k: usize| tokens.get(to + k);
    let is_arrow = after(1).is_some_and(|token| token.eq_operation(Operation::Equal))
        && after(2).is_some_and(|token| token.eq_condition(Condition::SuperiorThan));
    let is_method = matches!(before, Some(Token::Other(_)))
        && after(1).is_some_and(|token| token.eq_char(OpenCurlyBrace));
    is_pattern || (is_list && (is_arrow || is_method))
}

/// What stands between two brackets is declared, but for literals that are defaults.
fn declare(tokens: &[Token], roles: &mut [Role], from: usize, to: usize) {
    for k in from..to {
        let is_default = k > 0 && tokens[k - 1].eq_operation(Operation::Equal);
        if let Role::Variable { is_declared, .. } = &mut roles[k]
            && !is_default
        {
            *is_declared = true;
        }
    }
}

/// Short names for all variables that are declared somewhere, the shortest for the most frequent. Everything of one name gets the
/// same other name, so it does not matter in which scope it is.
fn short_names<'a>(tokens: &[Token<'a>]) -> BTreeMap<&'a str, String> {
    let mut counts = BTreeMap::<&str, usize>::new();
    let mut declared = BTreeSet::new();
    for (token, role) in tokens.iter().zip(roles(tokens)) {
        if let (Token::Other(name), Role::Variable { is_declared, .. }) = (token, role) {
            *counts.entry(name).or_default() += 1;
            if is_declared {
                declared.insert(*name);
            }
        }
    }
    let others = counts.keys().filter(|name| !declared.contains(*name));
    let kept: BTreeSet<&str> = others.copied().chain(RESERVED).collect();
    let mut free: Vec<&str> = declared.iter().copied().collect();
    free.sort_by_key(|name| Reverse(counts[name]));
    let made = names().filter(|name| !kept.contains(name.as_str()));
    free.into_iter().zip(made).collect()
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
    fn the_viewer_is_written_as_it_must_be() {
        for script in SCRIPTS {
            // Signs would meet their like; after `return` an expression would be taken for divisions.
            let forbidden = ["- -", "+ +", "return /"];
            assert!(!forbidden.iter().any(|text| script.contains(text)));
        }
    }

    #[test]
    fn what_means_something_stays() {
        for (long, short) in [
            ("  const a = b + 1;\n", "let a=b+1;"),
            ("// gone\n\nreturn -a - b + c;\n", "return-a-b+c;"),
            ("f(\" a  b \", 'c // d');\n", "f(\" a  b \",'c // d');"),
            ("g(`x ${ a + b } y`);\n", "g(`x ${a+b} y`);"),
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
    fn variables_are_renamed_and_properties_keep_their_names() {
        for (long, short) in [
            (
                "const long = 1; function twice(x) { return long + x; } twice(long);",
                "let a=1;function b(c){return a+c}b(a);",
            ),
            ("let width = a.width;", "let b=a.width;"),
            ("f((x) => true, (x, y) => x);", "f(a=>!0,(a,b)=>a);"),
            (
                "let width = f({ width, height: width });",
                "let a=f({width:a,height:a});",
            ),
            (
                "const { width, b: [c] } = d; f(width, c);",
                "let{width:b,b:[a]}=d;f(b,a);",
            ),
            (
                "f((width, { up = 2 }) => up * width);",
                "f((b,{up:a=2})=>a*b);",
            ),
            (
                "class Box { turn(by) { turn(by, { by }); } }",
                "class b{turn(a){turn(a,{by:a})}}",
            ),
            (
                "let word = 1, or = 2; f(`word ${word}`);",
                "let a=1,or=2;f(`word ${a}`);",
            ),
            (
                "try { f(); } catch (error) { g(error); }",
                "try{f()}catch(a){g(a)}",
            ),
            (
                "for (const [k, v] of w) { k(...v, { ...v }); }",
                "for(let[b,a]of w){b(...a,{...a})}",
            ),
        ] {
            assert_eq!(squeezed(long), short);
        }
    }
}

//! Reading Rust, as far as paths go.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct NamedPath {
    pub(super) line: usize,
    pub(super) names: Vec<String>,
}

/// The tokens of a source. It compiled, or this test would not run.
pub(super) fn tokens(source: &str) -> TokenStream {
    source.parse().expect("a source that compiles has tokens")
}

pub(super) fn is_punctuation(tree: Option<&TokenTree>, c: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(p)) if p.as_char() == c)
}

/// Leaves out each item that stands under `#[cfg(test)]`: up to its `;` or its braces.
pub(super) fn without_tests(code: TokenStream) -> Vec<TokenTree> {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut trees = code.into_iter();
    while let Some(tree) = trees.next() {
        let is_test = matches!(&tree, TokenTree::Group(g)
            if g.delimiter() == Delimiter::Bracket && g.to_string().replace(' ', "") == "[cfg(test)]");
        if is_test && is_punctuation(kept.last(), '#') {
            kept.pop();
            trees.find(|tree| match tree {
                TokenTree::Group(g) => g.delimiter() == Delimiter::Brace,
                other => is_punctuation(Some(other), ';'),
            });
        } else {
            kept.push(tree);
        }
    }
    kept
}

/// Adds every path that the code names, members after a dot left out: `a::{b, c::d}` is `a::b` and `a::c::d`.
pub(super) fn find_paths(code: TokenStream, found: &mut Vec<NamedPath>) {
    let trees = without_tests(code);
    let mut i = 0;
    while i < trees.len() {
        let dots = trees[..i]
            .iter()
            .rev()
            .take_while(|tree| is_punctuation(Some(tree), '.'))
            .count();
        match &trees[i] {
            TokenTree::Ident(_) if dots != 1 => i = after_path(&trees, i, &[], found),
            TokenTree::Group(group) => {
                find_paths(group.stream(), found);
                i += 1;
            }
            _ => i += 1,
        }
    }
}

/// Adds the paths of the use tree that begins at `i`, under `prefix`; returns where it ends.
pub(super) fn after_path(
    trees: &[TokenTree],
    mut i: usize,
    prefix: &[String],
    found: &mut Vec<NamedPath>,
) -> usize {
    let mut names = prefix.to_vec();
    let line = trees[i].span().start().line;
    loop {
        match trees.get(i) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let branches: Vec<TokenTree> = group.stream().into_iter().collect();
                for branch in branches.split(|tree| is_punctuation(Some(tree), ',')) {
                    if !branch.is_empty() {
                        after_path(branch, 0, &names, found);
                    }
                }
                return i + 1;
            }
            Some(TokenTree::Ident(name)) => names.push(name.to_string()),
            star if is_punctuation(star, '*') => names.push("*".into()),
            _ => break,
        }
        i += 1;
        if !(is_punctuation(trees.get(i), ':') && is_punctuation(trees.get(i + 1), ':')) {
            break;
        }
        i += 2;
    }
    found.push(NamedPath { line, names });
    i
}

/// The modules that a source opens or declares.
pub(super) fn declared_modules(code: TokenStream) -> Vec<String> {
    let trees: Vec<TokenTree> = code.into_iter().collect();
    trees
        .windows(2)
        .filter(|pair| pair[0].to_string() == "mod")
        .map(|pair| pair[1].to_string())
        .collect()
}

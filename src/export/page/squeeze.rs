//! The viewer's script without what only its authors need: comments, indentation, spaces between signs.

/// The same program in fewer bytes. Lines stay apart, and so do words; strings and templates stay as they are, but for the
/// indentation of their lines, and but for shaders, which are programs, too. What it is given has no regular expression with spaces or quotes, and no `/* … */`.
pub(super) fn squeezed(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut quote = None;
    let mut is_shader = false;
    for line in script.lines() {
        let line = line.trim();
        if line.starts_with("//") || (line.is_empty() && quote.is_none()) {
            continue;
        }
        let mut before = ' ';
        for (k, letter) in line.char_indices() {
            let after = line[k + letter.len_utf8()..].chars().next();
            let escaped = before == '\\';
            match quote {
                Some(open) if letter == open && !escaped => quote = None,
                // A shader's last sign ends it as well as its first begins it: neither is a quote.
                None if letter == '`' && (is_shader || line[k..].starts_with("`#version")) => {
                    is_shader = !is_shader;
                }
                None if matches!(letter, '"' | '\'' | '`') => quote = Some(letter),
                _ => {}
            }
            let is_needed =
                letter != ' ' || quote.is_some() || keeps_apart(out.chars().next_back(), after);
            if is_needed {
                out.push(letter);
            }
            before = letter;
        }
        out.push('\n');
    }
    out
}

/// Whether two letters mean something else without the space between them.
fn keeps_apart(before: Option<char>, after: Option<char>) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '#');
    match (before, after) {
        (Some(before), Some(after)) => {
            (is_word(before) && is_word(after)) || (before == after && matches!(after, '+' | '-'))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::squeezed;

    #[test]
    fn what_means_something_stays() {
        for (long, short) in [
            ("  const a = b + 1; // c\n", "const a=b+1;// c\n"),
            ("// gone\n\nreturn -a - -b + +c;\n", "return-a- -b+ +c;\n"),
            ("f(\" a  b \", 'c // d');\n", "f(\" a  b \",'c // d');\n"),
            ("g(`x ${ a + b } y`);\n", "g(`x ${ a + b } y`);\n"),
            ("`one\n  two  three\n\n`;\n", "`one\ntwo  three\n\n`;\n"),
            (
                "s = `#version 300 es\n  // c\n  a = b * c;\n`; d = `a  b`;\n",
                "s=`#version 300 es\na=b*c;\n`;d=`a  b`;\n",
            ),
            ("\"a\\\" b\" in c;\n", "\"a\\\" b\"in c;\n"),
        ] {
            assert_eq!(squeezed(long), short);
        }
    }
}

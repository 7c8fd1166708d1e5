//! The viewer's script without what only its authors need: comments, indentation, spaces between signs.

/// The same program in fewer bytes. Words stay apart, and so do statements, which end with a semicolon or a brace; strings and
/// templates stay as they are, but for the indentation of their lines, and but for shaders, which are programs, too. What it is
/// given has comments on lines of their own, and no regular expression with spaces or quotes.
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
            // A statement's semicolon means nothing before the end of its block, but in a shader.
            if letter == '}' && quote.is_none() && !is_shader && out.ends_with(';') {
                out.pop();
            }
            if is_needed {
                out.push(letter);
            }
            before = letter;
        }
        // A line that ends so goes on, or is over: none here needs its end but those of a template, and of a shader's version.
        let is_over = out.ends_with([';', '{', ',', '}', '(', '[']) || out.ends_with("=>");
        if quote.is_some() || !is_over {
            out.push('\n');
        }
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
            ("  const a = b + 1;\n", "const a=b+1;"),
            ("// gone\n\nreturn -a - -b + +c;\n", "return-a- -b+ +c;"),
            ("f(\" a  b \", 'c // d');\n", "f(\" a  b \",'c // d');"),
            ("g(`x ${ a + b } y`);\n", "g(`x ${ a + b } y`);"),
            ("`one\n  two  three\n\n`;\n", "`one\ntwo  three\n\n`;"),
            (
                "s = `#version 300 es\n  // c\n  a = b * c;\n`; d = `a  b`;\n",
                "s=`#version 300 es\na=b*c;`;d=`a  b`;",
            ),
            ("if (a) {\n  b;\n}\nc();\n", "if(a){b}c();"),
            ("\"a\\\" b\" in c;\n", "\"a\\\" b\"in c;"),
        ] {
            assert_eq!(squeezed(long), short);
        }
    }
}

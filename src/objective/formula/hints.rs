//! What may have been meant by a name that no formula knows, or a sign in the wrong place.

use super::Constant;
use super::constants::MAX_NAME;
use super::vocabulary::{FUNCTIONS, KNOWN, VARIABLES, is_function, is_in_name};
use crate::spelling::nearest;

/// What formulas call otherwise, or can do without a name for it.
const OTHERWISE: &[(&str, &str)] = &[
    ("tg", "tan(x)"),
    ("ctg", "1/tan(x)"),
    ("cot", "1/tan(x)"),
    ("cotg", "1/tan(x)"),
    ("sec", "1/cos(x)"),
    ("csc", "1/sin(x)"),
    ("cosec", "1/sin(x)"),
    ("arctg", "atan(x)"),
    ("sh", "sinh(x)"),
    ("ch", "cosh(x)"),
    ("th", "tanh(x)"),
    ("lg", "log10(x)"),
    ("lb", "log2(x)"),
    ("ld", "log2(x)"),
    ("expm1", "exp(x) - 1"),
    ("exp2", "2^x"),
    ("erfc", "1 - erf(x)"),
    ("sinc", "sin(x)/x"),
    ("sgn", "sign(x)"),
    ("signum", "sign(x)"),
    ("fabs", "abs(x)"),
    ("sqr", "x^2"),
    ("square", "x^2"),
    ("power", "pow(x, y)"),
    ("fmod", "mod(x, y)"),
    ("rem", "mod(x, y)"),
    ("ceiling", "ceil(x)"),
    ("trunc", "sign(x)*floor(abs(x))"),
    ("frac", "mod(x, 1)"),
    ("step", "(1 + sign(x))/2"),
    ("heaviside", "(1 + sign(x))/2"),
    ("logistic", "sigmoid(x)"),
    ("expit", "sigmoid(x)"),
    ("silu", "x*sigmoid(x)"),
    ("swish", "x*sigmoid(x)"),
    ("gelu", "x*(1 + erf(x/sqrt(2)))/2"),
];

/// What is said about a name that is not known.
pub(super) struct Unknown {
    pub(super) message: String,
    /// Whether it may well be a constant that is not declared.
    pub(super) may_be_constant: bool,
}

/// What a name that is not known may mean, among these constants and with this character behind it.
pub(super) fn unknown(name: &str, constants: &[Constant], next: Option<char>) -> Unknown {
    let known = Known { constants };
    let certainly = |meant: String| Unknown {
        message: format!("unknown name `{name}`: {meant}"),
        may_be_constant: false,
    };
    if next == Some('.') {
        return certainly("functions stand alone, as in sin(x)".to_owned());
    }
    if next == Some('(')
        && let Some((_, meant)) = OTHERWISE.iter().find(|(other, _)| *other == name)
    {
        return certainly(format!("write {meant}"));
    }
    if let Some(meant) = known.apart(name) {
        return certainly(meant);
    }
    let near = known.nearest(name);
    let message = match near {
        Some(near) => format!("unknown name `{name}`: did you mean `{near}`?"),
        None if is_like_a_variable(name) => {
            format!("unknown variable `{name}`: a formula has only x and y")
        }
        None => format!("unknown name `{name}`: a formula has x, y, pi, e, tau and functions"),
    };
    let is_call = next == Some('(') && near.is_some_and(is_function);
    Unknown {
        message,
        may_be_constant: !is_call && Constant::objection(name).is_none(),
    }
}

/// One letter, perhaps with a number behind it.
fn is_like_a_variable(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c == '_' || (is_in_name(c) && c.is_numeric()));
    stem.chars().count() == 1
}

/// What may stand in a formula.
struct Known<'a> {
    constants: &'a [Constant],
}

impl<'a> Known<'a> {
    /// Names that a person gives a meaning to.
    fn own(&self) -> impl Iterator<Item = &'a str> {
        let constants = self.constants.iter().map(|constant| &*constant.name);
        VARIABLES.iter().copied().chain(constants)
    }

    /// Names that stand for a number.
    fn operands(&self) -> impl Iterator<Item = &'a str> {
        self.own().chain(KNOWN.iter().map(|(name, _)| *name))
    }

    /// A name that is several put together, each as long as it may be, taken apart: `ax` is a*x, `xln` x*ln(…), `sinx`
    /// sin(x).
    fn apart(&self, name: &str) -> Option<String> {
        let mut rest = name;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            if is_function(rest) {
                parts.push(format!("{rest}(…)"));
                break;
            }
            // `sine` is no sin(e).
            let call = self.own().find_map(|operand| {
                let function = rest.strip_suffix(operand)?;
                is_function(function).then(|| format!("{function}({operand})"))
            });
            if let Some(call) = call {
                parts.push(call);
                break;
            }
            let starts = self.operands().filter(|known| rest.starts_with(known));
            let longest = starts.max_by_key(|start| start.len())?;
            parts.push(longest.to_owned());
            rest = &rest[longest.len()..];
        }
        match &parts[..] {
            [call] => Some(format!("write {call}")),
            _ if name.len() > MAX_NAME => None,
            _ => Some(format!("write {} to multiply", parts.join("*"))),
        }
    }

    /// What it may be misspelt for.
    fn nearest(&self, name: &str) -> Option<&'a str> {
        let functions = FUNCTIONS.iter().map(|(name, _)| *name);
        nearest(name, functions.chain(self.operands()))
    }
}

/// Where `=` first stands, in bytes, unless it is part of a comparison.
pub(super) fn equals_sign(text: &str) -> Option<usize> {
    let at = text.find('=')?;
    (!text[..at].ends_with(['<', '>', '!']) && !text[at + 1..].starts_with('=')).then_some(at)
}

/// Why `next` cannot stand where an operand is due, behind `before`.
pub(super) fn no_operand(before: &str, next: Option<char>) -> String {
    let Some(c) = next else {
        return "the formula breaks off".to_owned();
    };
    if "^/*".contains(c) && before.ends_with(c) {
        return format!("found `{c}{c}`: write `{c}` once");
    }
    let meant = sign_meant(c);
    format!("found `{c}` where a number, x, y, a function or a bracket should stand{meant}")
}

/// Why `next`, with which `rest` begins, cannot follow an operand, with which `before` ends.
pub(super) fn no_operator(before: &str, rest: &str, next: Option<char>) -> String {
    match next {
        None => "the formula breaks off".to_owned(),
        Some(')') => "this bracket was never opened".to_owned(),
        Some(',') => {
            let around: String = before
                .chars()
                .rev()
                .take(1)
                .chain(rest.chars().take(2))
                .collect();
            let hint = decimal_comma(&around);
            format!("a comma belongs between the arguments of a function{hint}")
        }
        Some(c) if c.is_ascii_digit() || c == '.' => {
            "a number right after another operand: write * between them".to_owned()
        }
        Some(c) => format!(
            "found `{c}` where an operator should stand{}",
            sign_meant(c)
        ),
    }
}

/// More about a sign that formulas do not know.
fn sign_meant(c: char) -> &'static str {
    match c {
        '[' | ']' | '{' | '}' => "; brackets are ( and )",
        '%' => "; the remainder of a division is mod(x, y)",
        '<' | '>' | '≤' | '≥' | '=' => "; cases are made by min, max, relu, abs and sign",
        '⌊' | '⌋' => "; to round down is floor(x)",
        '⌈' | '⌉' => "; to round up is ceil(x)",
        '‖' => "; a length is hypot(x, y)",
        '°' => "; angles are in radians: 180° is pi",
        '₀'..='₉' => "; lowered digits belong to names",
        _ => "",
    }
}

/// More about a text where a comma stands between two digits.
pub(super) fn decimal_comma(text: &str) -> &'static str {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut commas = text.match_indices(',');
    let is_decimal = commas.any(|(at, _)| {
        digit(text[..at].chars().next_back()) && digit(text[at + 1..].chars().next())
    });
    if is_decimal {
        "; a number has a decimal point: 0.5"
    } else {
        ""
    }
}

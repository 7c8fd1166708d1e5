//! What a name that no formula knows may have been meant for.

use super::Constant;
use super::constants::MAX_NAME;
use super::parse::{KNOWN, VARIABLES};
use super::program::FUNCTIONS;

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
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    stem.chars().count() == 1
}

fn is_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|(function, _)| *function == name)
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
        let lower = name.to_lowercase();
        functions
            .chain(self.operands())
            .map(|known| (strsim::damerau_levenshtein(&lower, known), known))
            .min_by_key(|(distance, _)| *distance)
            .filter(|(distance, _)| 3 * distance <= name.chars().count())
            .map(|(_, near)| near)
    }
}

//! What a name that no formula knows may have been meant for.

use super::parse::{CONSTANTS, VARIABLES};
use super::program::FUNCTIONS;

/// What a name that is not known may mean. `is_module`: a point follows, as in `np.sin`.
pub(super) fn unknown(name: &str, is_module: bool) -> String {
    if is_module {
        return format!("unknown name `{name}`: functions stand alone, as in sin(x)");
    }
    let is_function = |name: &str| FUNCTIONS.iter().any(|(function, _)| *function == name);
    for variable in VARIABLES {
        if name.strip_prefix(variable).is_some_and(is_function) {
            let function = &name[variable.len()..];
            return format!("unknown name `{name}`: write {variable}*{function}(…) to multiply");
        }
        if name.strip_suffix(variable).is_some_and(is_function) {
            let function = &name[..name.len() - variable.len()];
            return format!("unknown name `{name}`: write {function}({variable})");
        }
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    if stem.len() < name.len() && stem.chars().count() == 1 {
        return format!("unknown variable `{name}`: a formula has only x and y");
    }
    if name.chars().all(|c| VARIABLES.contains(&&*c.to_string())) {
        let product: Vec<String> = name.chars().map(String::from).collect();
        return format!(
            "unknown name `{name}`: write {} to multiply",
            product.join("*")
        );
    }
    let known = FUNCTIONS.iter().map(|(name, _)| *name);
    let known = known.chain(CONSTANTS.iter().map(|(name, _)| *name));
    let lower = name.to_lowercase();
    let near = known
        .chain(VARIABLES.iter().copied())
        .map(|candidate| (strsim::damerau_levenshtein(&lower, candidate), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| 3 * distance <= name.chars().count());
    match near {
        Some((_, near)) => format!("unknown name `{name}`: did you mean `{near}`?"),
        None if name.chars().count() == 1 => {
            format!("unknown variable `{name}`: a formula has only x and y")
        }
        None => format!("unknown name `{name}`: a formula has x, y, pi, e, tau and functions"),
    }
}

//! Numbers that a formula calls by a name of their own, such as a in (a − x)².

use super::vocabulary::{KNOWN, VARIABLES, is_function, is_in_name, is_letter};

/// The longest name, in characters.
pub(super) const MAX_NAME: usize = 40;

/// A number with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    pub name: String,
    /// Finite.
    pub value: f64,
}

impl Constant {
    /// Why a constant cannot have this name; `None` if it can. Names are made of letters of any alphabet, digits and `_`.
    pub fn objection(name: &str) -> Option<String> {
        let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        if VARIABLES.contains(&name) {
            Some(format!("`{name}` is a variable"))
        } else if KNOWN.iter().any(|(known, _)| *known == name) {
            Some(format!("`{name}` is a known number"))
        } else if is_function(name) {
            Some(format!("`{name}` is a function"))
        } else if !name.starts_with(is_letter) || !name.chars().all(is_in_name) {
            Some("a name is made of letters, digits and `_`, and begins with no digit".to_owned())
        } else if name.contains(['π', 'τ']) {
            Some("π and τ stand for themselves, and for nothing else in a name".to_owned())
        } else if name.strip_prefix(['e', 'E']).is_some_and(is_number) {
            Some(format!("2{name} is a number, two times a power of ten"))
        } else if name.chars().count() > MAX_NAME {
            Some(format!("a name has at most {MAX_NAME} characters"))
        } else {
            None
        }
    }
}

//! The names that every formula knows, and the signs in all the shapes that keyboards and word processors give them.

use std::f64::consts::{E, PI, TAU};

use super::program::{Binary, Unary};

pub(super) const VARIABLES: &[&str] = &["x", "y"];

/// Numbers that have a name in every formula.
pub(super) const KNOWN: &[(&str, f64)] =
    &[("pi", PI), ("e", E), ("tau", TAU), ("π", PI), ("τ", TAU)];

/// A function as it is called by name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Function {
    Unary(Unary),
    Binary(Binary),
    /// With one argument or with two.
    Either(Unary, Binary),
}

/// Every function by name.
pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("sin", Function::Unary(Unary::Sin)),
    ("cos", Function::Unary(Unary::Cos)),
    ("tan", Function::Unary(Unary::Tan)),
    ("asin", Function::Unary(Unary::Asin)),
    ("acos", Function::Unary(Unary::Acos)),
    ("atan", Function::Unary(Unary::Atan)),
    ("arcsin", Function::Unary(Unary::Asin)),
    ("arccos", Function::Unary(Unary::Acos)),
    ("arctan", Function::Unary(Unary::Atan)),
    ("sinh", Function::Unary(Unary::Sinh)),
    ("cosh", Function::Unary(Unary::Cosh)),
    ("tanh", Function::Unary(Unary::Tanh)),
    ("asinh", Function::Unary(Unary::Asinh)),
    ("acosh", Function::Unary(Unary::Acosh)),
    ("atanh", Function::Unary(Unary::Atanh)),
    ("arsinh", Function::Unary(Unary::Asinh)),
    ("arcosh", Function::Unary(Unary::Acosh)),
    ("artanh", Function::Unary(Unary::Atanh)),
    ("arcsinh", Function::Unary(Unary::Asinh)),
    ("arccosh", Function::Unary(Unary::Acosh)),
    ("arctanh", Function::Unary(Unary::Atanh)),
    ("exp", Function::Unary(Unary::Exp)),
    ("ln", Function::Unary(Unary::Ln)),
    ("log", Function::Either(Unary::Ln, Binary::Log)),
    ("log10", Function::Unary(Unary::Log10)),
    ("log2", Function::Unary(Unary::Log2)),
    ("log1p", Function::Unary(Unary::Ln1p)),
    ("sqrt", Function::Unary(Unary::Sqrt)),
    ("cbrt", Function::Unary(Unary::Cbrt)),
    ("abs", Function::Unary(Unary::Abs)),
    ("sign", Function::Unary(Unary::Sign)),
    ("floor", Function::Unary(Unary::Floor)),
    ("ceil", Function::Unary(Unary::Ceil)),
    ("round", Function::Unary(Unary::Round)),
    ("sigmoid", Function::Unary(Unary::Sigmoid)),
    ("relu", Function::Unary(Unary::Relu)),
    ("softplus", Function::Unary(Unary::Softplus)),
    ("erf", Function::Unary(Unary::Erf)),
    ("min", Function::Binary(Binary::Min)),
    ("max", Function::Binary(Binary::Max)),
    ("mod", Function::Binary(Binary::Mod)),
    ("pow", Function::Binary(Binary::Power)),
    ("hypot", Function::Binary(Binary::Hypot)),
    ("atan2", Function::Binary(Binary::Atan2)),
];

/// Fractions that are one character.
const FRACTIONS: &[(char, f64)] = &[
    ('½', 1.0 / 2.0),
    ('⅓', 1.0 / 3.0),
    ('⅔', 2.0 / 3.0),
    ('¼', 1.0 / 4.0),
    ('¾', 3.0 / 4.0),
    ('⅕', 1.0 / 5.0),
    ('⅙', 1.0 / 6.0),
    ('⅛', 1.0 / 8.0),
    ('⅒', 1.0 / 10.0),
];

/// The number that a character is a fraction for.
pub(super) fn fraction(c: char) -> Option<f64> {
    FRACTIONS
        .iter()
        .find(|(written, _)| *written == c)
        .map(|(_, value)| *value)
}

pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|(function, _)| *function == name)
}

pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Whether a name may go on with it: a letter or a digit, lowered ones too.
pub(super) fn is_in_name(c: char) -> bool {
    is_letter(c) || c.is_ascii_digit() || ('₀'..='₉').contains(&c)
}

/// Minus signs, hyphens and dashes: all stand for a minus.
pub fn is_minus(c: char) -> bool {
    "-−‐‑‒–—﹣－".contains(c)
}

pub(super) fn is_times(c: char) -> bool {
    "*×·⋅∙•∗".contains(c)
}

pub(super) fn is_division(c: char) -> bool {
    "/÷∕⁄".contains(c)
}

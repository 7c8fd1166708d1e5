//! Words: fonts, their order, sizes and colours; numbers to be typed.

pub mod fonts;
pub mod hats;
pub mod number;
pub mod style;
pub mod tip;
pub mod words;

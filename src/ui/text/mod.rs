//! Words: fonts, their order, sizes and colours; numbers and lines to be typed.

pub mod fonts;
pub mod hats;
pub mod line;
pub mod number;
pub mod style;
pub mod tip;
pub mod words;

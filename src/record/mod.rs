//! From frames to files.

pub mod picture;
pub mod still;

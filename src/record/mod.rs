//! From frames to files.

pub mod still;

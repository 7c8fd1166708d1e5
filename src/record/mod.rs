//! From frames to files.

pub mod capture;
pub mod live;
pub mod picture;
pub mod plan;
pub mod still;

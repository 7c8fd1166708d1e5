//! Files, pictures and recordings.

pub mod files;
pub mod picture;
pub mod recording;

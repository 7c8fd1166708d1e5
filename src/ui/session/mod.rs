//! Files, pictures and recordings.

pub mod export;
pub mod files;
pub mod picture;
pub mod recording;

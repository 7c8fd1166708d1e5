//! Files, pictures and recordings.

pub mod export;
pub mod files;
mod menu;
pub mod picture;
pub mod recording;

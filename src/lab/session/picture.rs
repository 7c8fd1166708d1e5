//! What picture a person asks for.

use std::path::PathBuf;

/// A picture of what is shown now.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureWish {
    pub kind: PictureKind,
    /// A PNG file; `None` is the clipboard.
    pub file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PictureKind {
    /// The window as it is.
    Window,
    /// The scene alone, drawn anew in finer pixels.
    Scene {
        /// Pixels for each of the window's logical pixels, along a side.
        scale: u32,
        /// Without the background.
        transparent: bool,
    },
}

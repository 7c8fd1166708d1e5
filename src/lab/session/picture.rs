//! What picture a person asks for.

use std::path::PathBuf;

use bevy::prelude::*;

use crate::lab::command::LabCommand;

/// A picture of what is shown now.
#[derive(Message, Debug, Clone, PartialEq)]
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

/// `record` takes it.
impl LabCommand for PictureWish {
    fn apply(&self, world: &mut World) {
        world.write_message(self.clone());
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_message::<PictureWish>();
}

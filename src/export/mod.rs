//! What leaves the program to be looked at elsewhere: pages with a viewer of their own, 3-D models, and figures as vectors.
//!
//! All of them are made of a [`Scene`], which is what an experiment shows at its end, computed without any graphics.

mod figure;
mod file;
mod map;
mod model;
mod moments;
pub mod page;
mod png;
mod scene;

pub use figure::{DrawnScene, Figure, FigureParts, FigureWish, SceneSheet, USUAL_WIDTH, WIDTHS};
pub use file::{ExportedFile, FileKind};
pub use map::SceneMap;
pub use scene::{PanelScene, Scene, SceneDescent};

//! Pictures of flat things, painted with egui on the processor: they need no window and no graphics adapter.

mod legend;
pub mod map;
mod pen;
pub mod raster;

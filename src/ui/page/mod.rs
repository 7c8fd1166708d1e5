//! Pictures of flat things, painted with egui on the processor: they need no window and no graphics adapter.

pub(crate) mod chart;
mod legend;
pub mod map;
pub(crate) mod pen;
pub mod raster;

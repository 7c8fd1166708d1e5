//! Words over the scene: titles, numbers at the axes, legend, colour bar, what is under the pointer.

pub mod axis_words;
pub mod color_bar;
pub mod explained;
pub mod legend;
mod map_legend;
pub mod map_panel;
pub mod overlay;
pub mod picture;
pub mod readout;

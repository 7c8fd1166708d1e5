//! The loss against the step.

pub mod band;
pub mod curves;
pub mod loss_plot;
pub mod plot_range;
pub mod plot_zoom;
pub mod quantity;
mod series;

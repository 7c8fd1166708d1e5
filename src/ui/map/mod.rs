//! The contour map and, for a curve, the plot of f: the inset.

pub mod contour_map;
pub mod curve_plot;
pub mod data_square;
pub mod flat_path;
pub mod inset;
pub mod isoline_labels;
pub mod map_path;
pub mod strip;
pub mod turned_map;
pub mod units;

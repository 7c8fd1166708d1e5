//! Grids of other tools as recordings.

//! What edits the experiment: objective, plane, descents, heights, look.

pub mod constants;
pub mod descent;
pub mod explain;
pub mod heights;
pub mod look;
pub mod map;
mod mnist;
mod network;
pub mod objective;
pub mod plan;
mod quadratic;
mod recorded;
mod rule;
pub mod slice;
pub mod zoom;

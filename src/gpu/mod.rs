//! The GPU without a window or an app: plain wgpu, in the version that bevy uses.

pub mod adapter;
pub mod sweep;

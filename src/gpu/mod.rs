//! The GPU without a window or an app: plain wgpu, in the version that bevy uses.
//!
//! A [`context::Context`] is a device, opened here or adopted from the app. [`kernel`] is the kit for compute shaders on
//! it; [`sweep`] and [`maps`] are its clients.

pub mod adapter;
pub mod backend;
pub mod context;
pub mod kernel;
pub mod maps;
pub mod sweep;

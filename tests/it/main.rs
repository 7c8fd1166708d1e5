//! Integration tests: one binary, so that bevy is linked once.

mod derivatives;
mod experiments;
mod layers;
mod reference;
mod sources;

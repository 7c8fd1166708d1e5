//! Integration tests: one binary, so that bevy is linked once.

mod layers;
mod reference;
mod sources;

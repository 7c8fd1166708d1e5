//! Integration tests: one binary, so that bevy is linked once.

mod cli;
mod derivatives;
mod experiments;
mod layers;
mod pictures;
mod reference;
mod sources;
mod window;

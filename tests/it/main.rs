//! Integration tests: one binary, so that bevy is linked once.

mod cli;
mod derivatives;
mod docs;
mod experiments;
mod export;
mod interface;
mod kernels;
mod layers;
mod mapper;
mod maps;
mod mnist;
mod networks;
mod oracle;
mod pictures;
mod record;
mod recorded;
mod reference;
mod rules;
mod slice;
mod softmax;
mod sources;
mod sweep;
mod tune;
mod window;

//! How optimizers move on loss surfaces: the mathematics, the experiment files, and the app that shows them.
//!
//! The layers, each using only those before it: `spelling`, mathematics ([`objective`], [`optimizer`], [`descent`], [`plane`],
//! [`landscape`], [`maps`]), data ([`mnist`], [`experiment`], [`palette`], [`fonts`], [`report`], [`export`]), the GPU ([`gpu`]), and the app ([`lab`], then [`view`], [`ui`] and
//! [`record`], then [`app`]), under the command line ([`cli`]). ARCHITECTURE.md is the map.
//!
//! ```
//! use steepest::experiment::Experiment;
//!
//! let bowl = Experiment::load("bowl")?;
//! let results = steepest::report::run(&bowl, &Default::default())?;
//! let losses = results.panels[0].descents[0].history.losses();
//! assert!(losses.last() < losses.first());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod app;
pub mod cli;
pub mod descent;
pub mod experiment;
pub mod export;
pub mod fonts;
pub mod gpu;
pub mod lab;
pub mod landscape;
pub mod maps;
pub mod mnist;
pub mod objective;
pub mod optimizer;
pub mod palette;
pub mod plane;
pub mod record;
pub mod recording;
pub mod report;
mod spelling;
pub mod ui;
pub mod video;
pub mod view;

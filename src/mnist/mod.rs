//! The MNIST data set as samples for softmax regression: its files, its two features, and a stand-in without files.
//!
//! For the one model a sample is an image's pixel mean and the population standard deviation of its pixels, both standardised over the
//! training set, with the image's digit as label; for the other it is the image itself.

mod features;
mod fetch;
mod files;
mod idx;
mod images;
mod load;
mod place;
mod synthetic;

pub use features::{Standardised, raw_features, standardise};
pub use fetch::{
    FetchError, FetchPlan, FetchProgress, Fetched, How, MIRRORS, MirrorFailure, Refusal, fetch,
};
pub use files::{FILES, FileState, PublishedFile, TRAINING_IMAGES, TRAINING_LABELS};
pub use idx::{Defect, Images, Kind, read_images, read_labels};
pub use images::ImageSet;
pub use load::{DataError, DataSet, DataSource, load, load_cached, load_folder, synthetic};
pub use place::{DataWish, EmptyWish, Place, VARIABLE};

use std::path::Path;

/// The command that gets the files into `folder`, as one would type it.
fn fetch_command(folder: &Path) -> String {
    let folder = folder.display().to_string();
    match folder.contains(char::is_whitespace) {
        true => format!("steepest mnist fetch --data \"{folder}\""),
        false => format!("steepest mnist fetch --data {folder}"),
    }
}

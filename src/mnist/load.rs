//! From files, or without them, to samples.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use super::features::{Standardised, raw_features, scale, standardise};
use super::files::{PublishedFile, TEST_IMAGES, TEST_LABELS, TRAINING_IMAGES, TRAINING_LABELS};
use super::idx::{Defect, read_images, read_labels};
use super::images::{self, ImageSet, find};
use super::place::{DataWish, Place};
use super::{fetch_command, synthetic as model};
use crate::landscape::ticks::thousands;
use crate::objective::softmax::{CLASSES, FEATURES, Samples};

/// Where samples come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DataSource {
    /// The files in this folder.
    Files(PathBuf),
    /// The stand-in: no files were read.
    Synthetic,
}

/// Standardised samples, and what is to be said about them.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSet {
    pub samples: Arc<Samples>,
    pub source: DataSource,
    /// Rows and columns of the images; `None` for the stand-in.
    pub image_size: Option<[usize; 2]>,
    /// The mean of each raw feature (pixel mean, pixel standard deviation; pixels are 0 to 255).
    pub mean: [f64; FEATURES],
    /// The population standard deviation of each raw feature; 0 for one that is constant, whose samples are all 0.
    pub std: [f64; FEATURES],
    /// Once somebody wants them.
    images: OnceLock<ImageSet>,
    held_out: OnceLock<Option<Arc<Samples>>>,
}

/// Why there is no data set. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The folder, or one of the training files in it, is not there.
    #[error("{}: {what}; `{}` gets the files", folder.display(), fetch_command(folder))]
    Missing { folder: PathBuf, what: String },
    /// A file or folder is there but cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// A file's content is not what it should be.
    #[error("{}: {defect}; `{}` gets MNIST's files anew", path.display(), fetch_command(folder_of(path)))]
    Unsound { path: PathBuf, defect: Defect },
    /// Images and labels do not belong together.
    #[error(
        "{}: found {labels} labels, expected one for each of the {images} images in {}; `{}` gets MNIST's files anew",
        labels_path.display(), images_path.display(), fetch_command(folder_of(labels_path))
    )]
    CountsDiffer {
        images_path: PathBuf,
        images: usize,
        labels_path: PathBuf,
        labels: usize,
    },
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

impl DataSet {
    fn new(raw: Vec<[f64; FEATURES]>, labels: Vec<u8>, source: DataSource) -> DataSet {
        let Standardised {
            features,
            mean,
            std,
        } = standardise(raw);
        let samples = Samples::new(features, labels);
        DataSet {
            samples: Arc::new(samples.expect(
                "there are samples, as many labels, all below ten, and features are finite",
            )),
            source,
            image_size: None,
            mean,
            std,
            images: OnceLock::new(),
            held_out: OnceLock::new(),
        }
    }

    /// The images themselves. They are read, or drawn for the stand-in, when they are first asked for, which takes some
    /// tenths of a second, and kept: 3 bytes for each pixel that is not black, 27 MB for MNIST's training set.
    ///
    /// # Errors
    /// When the files are gone or cannot be used, or the images are not of 28×28 pixels.
    pub fn images(&self) -> Result<&ImageSet, DataError> {
        if let Some(images) = self.images.get() {
            return Ok(images);
        }
        let read = images::read(&self.source, self.samples.labels())?;
        Ok(self.images.get_or_init(|| read))
    }

    /// Samples that a model is not trained on, scaled as the others are: MNIST's test set, where its files are there, or others of
    /// the stand-in. They are read when they are first asked for, which takes some hundredths of a second.
    ///
    /// # Errors
    /// When files that are there cannot be used.
    pub fn held_out(&self) -> Result<Option<&Arc<Samples>>, DataError> {
        if let Some(known) = self.held_out.get() {
            return Ok(known.as_ref());
        }
        let drawn = match &self.source {
            DataSource::Synthetic => Some(model::held_out()),
            DataSource::Files(folder) => {
                let [images, labels] = [TEST_IMAGES, TEST_LABELS].map(|file| find(file, folder));
                let paths = images?.zip(labels?);
                let read = paths.map(|(images, labels)| measured(&images, &labels));
                read.transpose()?.map(|(_, raw, labels)| (raw, labels))
            }
        };
        let samples = drawn.and_then(|(mut features, labels)| {
            scale(&mut features, self.mean, self.std);
            Samples::new(features, labels).map(Arc::new)
        });
        Ok(self.held_out.get_or_init(|| samples).as_ref())
    }

    /// Whether nobody need wait for them.
    pub fn has_images(&self) -> bool {
        self.images.get().is_some()
    }

    pub fn is_synthetic(&self) -> bool {
        self.source == DataSource::Synthetic
    }

    /// What it is, for people, as in `MNIST training set, 60,000 images`.
    pub fn name(&self) -> String {
        let count = thousands(self.samples.len() as u64);
        match self.source {
            DataSource::Files(_) => format!("MNIST training set, {count} images"),
            DataSource::Synthetic => format!("synthetic stand-in, {count} samples"),
        }
    }

    /// How many samples there are of each digit.
    pub fn class_counts(&self) -> [usize; CLASSES] {
        let mut counts = [0; CLASSES];
        for &label in self.samples.labels() {
            counts[usize::from(label)] += 1;
        }
        counts
    }

    /// What to say where `wish` led to the stand-in although nobody asked for it.
    pub fn note(&self, wish: &DataWish) -> Option<String> {
        let place = match wish.place() {
            Place::Cache(folder) => format!("is not in {}", folder.display()),
            Place::Nowhere => "is not there".to_owned(),
            Place::Named(_) | Place::Synthetic => return None,
        };
        self.is_synthetic().then(|| {
            format!(
                "MNIST {place}: a synthetic stand-in is used; `steepest mnist fetch` gets MNIST"
            )
        })
    }
}

/// The data set that is wished for. Only the default falls back to the stand-in, and only where a training file is not
/// there. Takes a good tenth of a second for the gzipped files; see [`load_cached`].
///
/// # Errors
/// When files that were asked for are not there, or any that are there cannot be used.
pub fn load(wish: &DataWish) -> Result<DataSet, DataError> {
    Origin::of(wish.place())?.read()
}

/// As [`load`], but reads the same files once a process, as long as they do not change. Errors are not kept, and neither
/// is the want of files: once they are there, the default leads to them.
///
/// # Errors
/// Those of [`load`].
pub fn load_cached(wish: &DataWish) -> Result<Arc<DataSet>, DataError> {
    cached(wish.place())
}

fn cached(place: Place) -> Result<Arc<DataSet>, DataError> {
    static LOADED: LazyLock<Mutex<HashMap<Origin, Arc<DataSet>>>> = LazyLock::new(Mutex::default);
    // Not held while a set is read: that waits for other threads, which may want a set too.
    let loaded = || LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let origin = Origin::of(place)?;
    if let Some(set) = loaded().get(&origin) {
        return Ok(set.clone());
    }
    let set = Arc::new(origin.read()?);
    Ok(loaded().entry(origin).or_insert(set).clone())
}

/// The training set in `folder`. The test set's files are not needed.
///
/// # Errors
/// When the files are not there or cannot be used.
pub fn load_folder(folder: &Path) -> Result<DataSet, DataError> {
    load(&DataWish::Folder(folder.to_owned()))
}

/// The stand-in: 60,000 samples from a model of the training set, always the same.
pub fn synthetic() -> DataSet {
    let (features, labels) = model::samples();
    DataSet::new(features, labels, DataSource::Synthetic)
}

/// What a data set is made from: two that are equal give the same set.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Origin {
    Synthetic,
    Files {
        folder: PathBuf,
        images: Stamp,
        labels: Stamp,
    },
}

/// A file as it is now.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Stamp {
    path: PathBuf,
    bytes: u64,
    /// Where the platform knows.
    modified: Option<SystemTime>,
}

impl Origin {
    fn of(place: Place) -> Result<Origin, DataError> {
        match place {
            Place::Synthetic | Place::Nowhere => Ok(Origin::Synthetic),
            Place::Named(folder) => Origin::files(folder),
            Place::Cache(folder) => match Origin::files(folder) {
                Err(DataError::Missing { .. }) => Ok(Origin::Synthetic),
                result => result,
            },
        }
    }

    fn files(folder: PathBuf) -> Result<Origin, DataError> {
        let stamp = |file: PublishedFile| match stamp(&folder, file) {
            Ok(Some(stamp)) => Ok(stamp),
            Ok(None) => Err(DataError::Missing {
                what: match folder.exists() {
                    true => format!("found no {}, zipped or not", file.name),
                    false => "this folder does not exist".to_owned(),
                },
                folder: folder.clone(),
            }),
            Err(source) => Err(DataError::Unreadable {
                path: folder.clone(),
                source,
            }),
        };
        Ok(Origin::Files {
            images: stamp(TRAINING_IMAGES)?,
            labels: stamp(TRAINING_LABELS)?,
            folder,
        })
    }

    fn read(&self) -> Result<DataSet, DataError> {
        let Origin::Files {
            folder,
            images: Stamp {
                path: images_path, ..
            },
            labels: Stamp {
                path: labels_path, ..
            },
        } = self
        else {
            return Ok(synthetic());
        };
        let (size, raw, labels) = measured(images_path, labels_path)?;
        Ok(DataSet {
            image_size: Some(size),
            ..DataSet::new(raw, labels, DataSource::Files(folder.clone()))
        })
    }
}

/// Rows and columns of the images in a file, and their raw features and labels.
fn measured(
    images_path: &Path,
    labels_path: &Path,
) -> Result<([usize; 2], Vec<[f64; FEATURES]>, Vec<u8>), DataError> {
    let labels = read_labels(labels_path)?;
    let images = read_images(images_path)?;
    if images.len() != labels.len() {
        return Err(DataError::CountsDiffer {
            images: images.len(),
            images_path: images_path.to_owned(),
            labels: labels.len(),
            labels_path: labels_path.to_owned(),
        });
    }
    let raw = raw_features(&images.pixels, images.rows * images.cols);
    Ok(([images.rows, images.cols], raw, labels))
}

fn stamp(folder: &Path, file: PublishedFile) -> io::Result<Option<Stamp>> {
    let Some(path) = file.find(folder)? else {
        return Ok(None);
    };
    let metadata = fs::metadata(&path)?;
    Ok(Some(Stamp {
        path,
        bytes: metadata.len(),
        modified: metadata.modified().ok(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    /// Images of one pixel, and their labels, as files.
    const IMAGES: &[u8] = &[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 10, 20];
    const LABELS: &[u8] = &[0, 0, 8, 1, 0, 0, 0, 2, 3, 4];

    #[test]
    fn the_default_is_the_stand_in_until_both_files_are_there() -> Tested {
        let folder = tempfile::tempdir()?;
        let place = || Place::Cache(folder.path().to_owned());
        let nowhere = cached(Place::Nowhere)?;
        let before = cached(place())?;
        assert!(before.is_synthetic() && Arc::ptr_eq(&before, &nowhere));
        fs::write(folder.path().join("train-images-idx3-ubyte"), IMAGES)?;
        assert!(cached(place())?.is_synthetic());

        fs::write(folder.path().join("train-labels-idx1-ubyte"), LABELS)?;
        let after = cached(place())?;
        assert_eq!(after.source, DataSource::Files(folder.path().to_owned()));
        assert_eq!(after.samples.labels(), [3, 4]);
        assert!(Arc::ptr_eq(&after, &cached(place())?));

        let damaged = &LABELS[..9];
        fs::write(folder.path().join("train-labels-idx1-ubyte"), damaged)?;
        assert!(matches!(cached(place()), Err(DataError::Unsound { .. })));
        fs::write(folder.path().join("train-labels-idx1-ubyte"), LABELS)?;
        assert!(cached(place()).is_ok());
        let file = folder.path().join("train-labels-idx1-ubyte");
        if cfg!(unix) {
            let unreadable = cached(Place::Cache(file));
            assert!(matches!(unreadable, Err(DataError::Unreadable { .. })));
        }
        Ok(())
    }

    #[test]
    fn a_named_folder_has_no_stand_in() -> Tested {
        let folder = tempfile::tempdir()?;
        let place = || Place::Named(folder.path().to_owned());
        assert!(matches!(cached(place()), Err(DataError::Missing { .. })));
        fs::write(folder.path().join("train-images-idx3-ubyte"), IMAGES)?;
        fs::write(folder.path().join("train-labels-idx1-ubyte"), LABELS)?;
        assert!(!cached(place())?.is_synthetic());
        Ok(())
    }
}

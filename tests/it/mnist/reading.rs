//! Files that are sound in any usual form, and all that can be wrong with them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use steepest::mnist::{
    DataError, DataSet, DataSource, DataWish, Defect, Images, Kind, load, load_cached, load_folder,
    read_images, read_labels,
};

use super::{Tested, gzip, idx, small_set};

const PIXELS: [u8; 6] = [1, 2, 3, 4, 5, 6];

/// Two images of 1×3 pixels.
fn images() -> Vec<u8> {
    idx(2051, &[2, 1, 3], &PIXELS)
}

fn labels() -> Vec<u8> {
    idx(2049, &[4], &[0, 9, 5, 5])
}

/// A file for one test.
struct Written {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn written(name: &str, bytes: &[u8]) -> Written {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("writable");
    Written {
        _folder: folder,
        path,
    }
}

/// What is wrong with these images. The message names the file and what to do.
#[track_caller]
fn defect_of_images(bytes: &[u8]) -> Defect {
    let file = written("images.gz", bytes);
    defect(read_images(&file.path).map(|_| ()), &file.path)
}

#[track_caller]
fn defect_of_labels(bytes: &[u8]) -> Defect {
    let file = written("labels", bytes);
    defect(read_labels(&file.path).map(|_| ()), &file.path)
}

#[track_caller]
fn defect(result: Result<(), DataError>, path: &Path) -> Defect {
    let error = result.expect_err("a defect");
    let message = error.to_string();
    assert!(
        message.starts_with(&path.display().to_string()),
        "{message}"
    );
    assert!(
        message.contains("`steepest mnist fetch --data "),
        "{message}"
    );
    match error {
        DataError::Unsound { defect, .. } => defect,
        other => panic!("{other}"),
    }
}

#[test]
fn content_tells_whether_a_file_is_zipped() -> Tested {
    let expected = Images {
        rows: 1,
        cols: 3,
        pixels: PIXELS.to_vec(),
    };
    for name in ["images.gz", "images"] {
        for bytes in [images(), gzip(&images())] {
            assert_eq!(read_images(&written(name, &bytes).path)?, expected);
        }
        for bytes in [labels(), gzip(&labels())] {
            assert_eq!(read_labels(&written(name, &bytes).path)?, [0, 9, 5, 5]);
        }
    }
    assert_eq!(expected.len(), 2);
    // Gzip data may come in several pieces.
    let (start, rest) = (gzip(&images()[..9]), gzip(&images()[9..]));
    let pieces = written("images.gz", &[start, rest].concat());
    assert_eq!(read_images(&pieces.path)?, expected);
    Ok(())
}

#[test]
fn a_file_of_another_kind_is_told_apart() {
    let magic = |found: [u8; 4], expected: Kind| Defect::Magic { found, expected };
    for zip in [|bytes: &[u8]| bytes.to_vec(), gzip] {
        let found = defect_of_images(&zip(&labels()));
        assert_eq!(found, magic([0, 0, 8, 1], Kind::Images));
        let expected = "found labels (magic number 2049), expected images (magic number 2051)";
        assert_eq!(found.to_string(), expected);
        let found = defect_of_labels(&zip(&images()));
        assert_eq!(found, magic([0, 0, 8, 3], Kind::Labels));
        let found = defect_of_images(&zip(b"<!DOCTYPE html>"));
        assert_eq!(found, magic(*b"<!DO", Kind::Images));
        assert!(
            found.to_string().contains("which start no IDX file"),
            "{found}"
        );
        let found = defect_of_images(&zip(&idx(0x0d03, &[2, 1, 3], &PIXELS)));
        assert!(
            found
                .to_string()
                .contains("another type (magic number 3331)"),
            "{found}"
        );
    }
}

#[test]
fn truncated_and_over_long_files_are_refused() {
    let truncated = |found, expected| Defect::Truncated { found, expected };
    for zip in [|bytes: &[u8]| bytes.to_vec(), gzip] {
        assert_eq!(defect_of_images(&zip(&images()[..21])), truncated(21, 22));
        assert_eq!(defect_of_images(&zip(&images()[..15])), truncated(15, 16));
        assert_eq!(defect_of_images(&zip(&images()[..3])), truncated(3, 16));
        assert_eq!(defect_of_labels(&zip(&labels()[..11])), truncated(11, 12));
        assert_eq!(defect_of_labels(&zip(b"")), truncated(0, 8));
        let longer = [images(), vec![0]].concat();
        assert_eq!(
            defect_of_images(&zip(&longer)),
            Defect::OverLong { expected: 22 }
        );
        let longer = [labels(), vec![0; 100_000]].concat();
        assert_eq!(
            defect_of_labels(&zip(&longer)),
            Defect::OverLong { expected: 12 }
        );
    }
}

#[test]
fn a_zipped_file_that_breaks_off_or_is_damaged_is_never_taken() {
    let noise: Vec<u8> = (0..300_u32).map(|i| ((i * i * 31) >> 7) as u8).collect();
    let whole = gzip(&idx(2051, &[1, 3, 100], &noise));
    let file = written("images.gz", &whole);
    assert!(read_images(&file.path).is_ok());
    for end in 0..whole.len() {
        fs::write(&file.path, &whole[..end]).expect("writable");
        match read_images(&file.path) {
            Err(DataError::Unsound { .. }) => {}
            other => panic!("{end} bytes: {other:?}"),
        }
    }
    // Bytes 3 to 9 of the gzip header (flags, time, level, system) say nothing of the content.
    for place in (0..3).chain(10..whole.len()) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x55;
        fs::write(&file.path, &damaged).expect("writable");
        match read_images(&file.path) {
            Err(DataError::Unsound { .. }) => {}
            other => panic!("byte {place}: {other:?}"),
        }
    }
    let mut damaged = whole.clone();
    damaged[whole.len() - 8] ^= 1;
    assert!(matches!(defect_of_images(&damaged), Defect::Gzip(_)));
    assert!(matches!(
        defect_of_images(&whole[..whole.len() - 1]),
        Defect::Gzip(_)
    ));
}

#[test]
fn a_header_that_promises_too_much_sets_nothing_aside() {
    let most = u32::MAX;
    for zip in [|bytes: &[u8]| bytes.to_vec(), gzip] {
        let found = defect_of_images(&zip(&idx(2051, &[most, most, most], &PIXELS)));
        let promised = u128::from(most).pow(3) + 16;
        assert_eq!(found, Defect::TooLarge { promised });
        let found = defect_of_images(&zip(&idx(2051, &[60_000, 280, 280], &PIXELS)));
        assert!(matches!(found, Defect::TooLarge { .. }), "{found}");
        let found = defect_of_images(&zip(&idx(2051, &[1 << 15, 1 << 10, 32], &PIXELS)));
        let expected = (1 << 30) + 16;
        assert_eq!(
            found,
            Defect::Truncated {
                found: 22,
                expected
            }
        );
    }
}

#[test]
fn a_zipped_file_that_swells_is_read_no_further_than_promised() {
    let mut bomb = images();
    bomb.resize(20 << 20, 0);
    // Whoever went on to the end would come upon the damage.
    let mut bomb = gzip(&bomb);
    let end = bomb.len() - 8;
    bomb[end] ^= 1;
    let found = defect_of_images(&bomb);
    assert_eq!(found, Defect::OverLong { expected: 22 });
}

#[test]
fn empty_sets_and_impossible_labels_are_refused() {
    let found = defect_of_images(&idx(2051, &[0, 28, 28], &[]));
    assert_eq!(found, Defect::Empty(Kind::Images));
    assert_eq!(
        defect_of_labels(&idx(2049, &[0], &[])),
        Defect::Empty(Kind::Labels)
    );
    let found = defect_of_images(&idx(2051, &[5, 0, 28], &[]));
    assert_eq!(found, Defect::NoPixels { rows: 0, cols: 28 });
    let found = defect_of_labels(&idx(2049, &[3], &[9, 10, 11]));
    assert_eq!(
        found,
        Defect::Label {
            index: 1,
            label: 10
        }
    );
}

#[test]
fn a_set_of_another_size_is_allowed() -> Tested {
    let folder = small_set();
    let set = load_folder(folder.path())?;
    assert_eq!(set.name(), "MNIST training set, 3 images");
    assert_eq!(set.image_size, Some([2, 2]));
    assert_eq!(set.source, DataSource::Files(folder.path().to_owned()));
    assert_eq!(set.samples.labels(), [7, 0, 9]);
    assert_eq!(set.class_counts(), [1, 0, 0, 0, 0, 0, 0, 1, 0, 1]);
    // By hand: (0 0 0 255), (10 20 30 40), (200 200 0 0).
    let raw = [
        [63.75, 63.75 * 3_f64.sqrt()],
        [25.0, 125_f64.sqrt()],
        [100.0, 100.0],
    ];
    for f in 0..2 {
        let mean = (raw[0][f] + raw[1][f] + raw[2][f]) / 3.0;
        let variance = raw
            .iter()
            .map(|sample| (sample[f] - mean).powi(2))
            .sum::<f64>()
            / 3.0;
        for (sample, raw) in set.samples.features().iter().zip(&raw) {
            let expected = (raw[f] - mean) / variance.sqrt();
            assert!(
                (sample[f] - expected).abs() < 1e-14,
                "{} {expected}",
                sample[f]
            );
        }
    }
    Ok(())
}

#[test]
fn a_constant_feature_is_zero_and_not_nan() -> Tested {
    let folder = small_set();
    // The same pixels in another order: neither feature differs.
    let pixels = idx(2051, &[3, 2, 2], &[1, 2, 3, 4, 4, 3, 2, 1, 2, 1, 4, 3]);
    fs::write(folder.path().join("train-images-idx3-ubyte.gz"), pixels)?;
    let set = load_folder(folder.path())?;
    assert_eq!(set.samples.features(), [[0.0, 0.0]; 3]);
    assert_eq!((set.mean[0], set.std), (2.5, [0.0, 0.0]));
    Ok(())
}

#[test]
fn images_and_labels_must_be_as_many() -> Tested {
    let folder = small_set();
    let labels = idx(2049, &[2], &[7, 0]);
    fs::write(folder.path().join("train-labels-idx1-ubyte.gz"), labels)?;
    let error = load_folder(folder.path()).expect_err("a label is missing");
    let message = error.to_string();
    assert!(matches!(
        error,
        DataError::CountsDiffer {
            images: 3,
            labels: 2,
            ..
        }
    ));
    assert!(message.contains("found 2 labels"), "{message}");
    assert!(message.contains("the 3 images"), "{message}");
    Ok(())
}

#[test]
fn other_usual_names_are_found() -> Tested {
    let zipped = small_set();
    let expected = load_folder(zipped.path())?;
    for (ending, dotted) in [(".gz", true), ("", true), ("", false)] {
        let folder = tempfile::tempdir()?;
        for name in ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] {
            let from = zipped.path().join(format!("{name}.gz"));
            let name = if dotted {
                name.replace("-idx", ".idx")
            } else {
                name.to_owned()
            };
            fs::copy(from, folder.path().join(format!("{name}{ending}")))?;
        }
        assert_eq!(load_folder(folder.path())?.samples, expected.samples);
    }
    Ok(())
}

fn message(result: Result<DataSet, DataError>) -> String {
    result.map_or_else(|error| error.to_string(), |_| "no error".to_owned())
}

#[test]
fn what_is_missing_is_named_with_the_remedy() -> Tested {
    let folder = small_set();
    let name = folder.path().display();
    fs::remove_file(folder.path().join("train-labels-idx1-ubyte.gz"))?;
    let expected = format!(
        "{name}: found no train-labels-idx1-ubyte.gz, zipped or not; `steepest mnist fetch --data {name}` gets the files"
    );
    assert_eq!(message(load_folder(folder.path())), expected);
    let nowhere = folder.path().join("no where");
    let expected = format!("fetch --data \"{}\"`", nowhere.display());
    let found = message(load(&DataWish::Folder(nowhere)));
    assert!(
        found.contains("this folder does not exist") && found.contains(&expected),
        "{found}"
    );
    Ok(())
}

#[test]
fn what_cannot_be_read_is_named() -> Tested {
    let folder = small_set();
    let images = folder.path().join("train-images-idx3-ubyte.gz");
    // A file where a folder is expected, and a folder where a file is.
    let found = message(load_folder(&images));
    assert!(found.starts_with(&images.display().to_string()), "{found}");
    fs::remove_file(&images)?;
    fs::create_dir(&images)?;
    let found = message(load_folder(folder.path()));
    assert!(found.contains("found a folder or a device"), "{found}");
    Ok(())
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_named() -> Tested {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = small_set();
    let round = folder.path().join("round");
    symlink(&round, &round)?;
    let found = message(load_folder(&round));
    let expected = format!("{}: cannot be read: ", round.display());
    assert!(found.starts_with(&expected), "{found}");

    let images = folder.path().join("train-images-idx3-ubyte.gz");
    fs::set_permissions(&images, fs::Permissions::from_mode(0o000))?;
    if File::open(&images).is_ok() {
        eprintln!("SKIPPED: permissions do not hold for root");
        return Ok(());
    }
    let found = message(load_folder(folder.path()));
    assert!(found.contains("ubyte.gz: cannot be read: "), "{found}");
    Ok(())
}

#[test]
fn a_set_is_read_once_until_its_files_change() -> Tested {
    let folder = small_set();
    let wish = DataWish::Folder(folder.path().to_owned());
    let first = load_cached(&wish)?;
    assert!(std::sync::Arc::ptr_eq(&first, &load_cached(&wish)?));
    let labels = folder.path().join("train-labels-idx1-ubyte.gz");
    fs::write(&labels, "damaged")?;
    assert!(load_cached(&wish).is_err());
    fs::write(&labels, idx(2049, &[3], &[1, 2, 3]))?;
    assert_eq!(load_cached(&wish)?.samples.labels(), [1, 2, 3]);
    fs::write(&labels, idx(2049, &[3], &[4, 5, 6]))?;
    let later = SystemTime::now() + Duration::from_secs(10);
    File::options()
        .write(true)
        .open(&labels)?
        .set_modified(later)?;
    assert_eq!(load_cached(&wish)?.samples.labels(), [4, 5, 6]);
    let synthetic = load_cached(&DataWish::Synthetic)?;
    assert!(std::sync::Arc::ptr_eq(
        &synthetic,
        &load_cached(&DataWish::Synthetic)?
    ));
    Ok(())
}

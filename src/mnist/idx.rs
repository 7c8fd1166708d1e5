//! The IDX files of MNIST: a big-endian header and bytes, plain or gzipped.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::DataError;
use crate::objective::softmax::CLASSES;

/// The most bytes of pixels or labels that are read: a thousand training sets fit.
const MAX_BYTES: u64 = 1 << 30;
/// Deflate makes nothing smaller than by this factor.
const MAX_DEFLATION: u64 = 1032;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What an IDX file of unsigned bytes holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Count, rows, columns; then the pixels, row by row, 0 to 255.
    Images,
    /// Count; then one label a byte.
    Labels,
}

impl Kind {
    /// The first four bytes: two zeros, the type of the elements, the number of dimensions.
    const fn magic(self) -> u32 {
        match self {
            Kind::Images => 2051,
            Kind::Labels => 2049,
        }
    }

    const fn dimensions(self) -> usize {
        match self {
            Kind::Images => 3,
            Kind::Labels => 1,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Images => "images",
            Kind::Labels => "labels",
        })
    }
}

/// Grey images of one size. There is at least one, of at least one pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    pub rows: usize,
    pub cols: usize,
    /// Image after image, row after row, 0 to 255: a whole number of images.
    pub pixels: Vec<u8>,
}

impl Images {
    /// The number of images, at least one.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.pixels.len() / (self.rows * self.cols)
    }
}

/// What is wrong with the contents of an IDX file. Sizes are in bytes, after decompression, with the header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    #[error("found a folder or a device, expected a file of {0}")]
    NotAFile(Kind),
    #[error("found {}, expected {expected} (magic number {})", describe(*found), expected.magic())]
    Magic { found: [u8; 4], expected: Kind },
    #[error("the file is truncated: found {found} bytes, expected {expected}")]
    Truncated { found: u64, expected: u64 },
    #[error("the file is too long: found more than the {expected} bytes that its header promises")]
    OverLong { expected: u64 },
    #[error(
        "the header promises {promised} bytes, expected at most {MAX_BYTES} and no more than the memory has room for"
    )]
    TooLarge { promised: u128 },
    #[error("found damaged gzip data ({0})")]
    Gzip(String),
    #[error("found no {0}, expected at least one")]
    Empty(Kind),
    #[error("found images of {rows}×{cols} pixels, expected at least one pixel")]
    NoPixels { rows: u32, cols: u32 },
    #[error("found images of {rows}×{cols} pixels, expected 28×28 for a model of the pixels")]
    Size { rows: usize, cols: usize },
    #[error("found the label {label} at sample {index}, expected 0 to {}", CLASSES - 1)]
    Label { index: usize, label: u8 },
}

/// The first four bytes of a file, for a person.
fn describe(magic: [u8; 4]) -> String {
    let number = u32::from_be_bytes(magic);
    for kind in [Kind::Images, Kind::Labels] {
        if number == kind.magic() {
            return format!("{kind} (magic number {number})");
        }
    }
    if magic[..2] == [0, 0] {
        return format!("IDX data of another type (magic number {number})");
    }
    let [a, b, c, d] = magic;
    format!("the bytes {a:02x} {b:02x} {c:02x} {d:02x}, which start no IDX file")
}

/// Reads a file of images of any one size. Whether it is gzipped is told by its content, not by its name.
///
/// # Errors
/// When the file cannot be read, or its content is not what its header says.
pub fn read_images(path: &Path) -> Result<Images, DataError> {
    let (dimensions, pixels) = read(path, Kind::Images)?;
    let [_, rows, cols] = dimensions;
    Ok(Images {
        rows: rows as usize,
        cols: cols as usize,
        pixels,
    })
}

/// Reads a file of labels below [`CLASSES`]; at least one.
///
/// # Errors
/// As [`read_images`], and when a label is too great.
pub fn read_labels(path: &Path) -> Result<Vec<u8>, DataError> {
    let (_, labels) = read(path, Kind::Labels)?;
    let great = |label: &u8| usize::from(*label) >= CLASSES;
    match labels.iter().position(great) {
        None => Ok(labels),
        Some(index) => Err(DataError::Unsound {
            path: path.to_owned(),
            defect: Defect::Label {
                index,
                label: labels[index],
            },
        }),
    }
}

/// Why reading stopped: the file could not be read, or is not sound.
enum Trouble {
    Io(io::Error),
    Defect(Defect),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Io(error)
    }
}

impl From<Defect> for Trouble {
    fn from(defect: Defect) -> Trouble {
        Trouble::Defect(defect)
    }
}

/// The dimensions, with ones for those that labels lack, and the bytes behind the header.
fn read(path: &Path, kind: Kind) -> Result<([u32; 3], Vec<u8>), DataError> {
    open_and_parse(path, kind).map_err(|trouble| match trouble {
        Trouble::Io(source) => DataError::Unreadable {
            path: path.to_owned(),
            source,
        },
        Trouble::Defect(defect) => DataError::Unsound {
            path: path.to_owned(),
            defect,
        },
    })
}

fn open_and_parse(path: &Path, kind: Kind) -> Result<([u32; 3], Vec<u8>), Trouble> {
    // Asked before opening, which would wait at a named pipe.
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(Defect::NotAFile(kind).into());
    }
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    file.by_ref().take(2).read_to_end(&mut start)?;
    file.rewind()?;
    if start != GZIP {
        return parse(file, metadata.len(), kind);
    }
    let most = metadata.len().saturating_mul(MAX_DEFLATION);
    let unzipped = MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file));
    parse(unzipped, most, kind).map_err(|trouble| match trouble {
        // The operating system's errors carry a number, the decoder's do not.
        Trouble::Io(error) if error.raw_os_error().is_none() => {
            Defect::Gzip(error.to_string()).into()
        }
        trouble => trouble,
    })
}

/// `most` is how many bytes the content can have: nothing is set aside for a header that promises more.
fn parse(mut content: impl Read, most: u64, kind: Kind) -> Result<([u32; 3], Vec<u8>), Trouble> {
    let header_bytes = 4 * (1 + kind.dimensions()) as u64;
    let mut header = Vec::new();
    read_all(content.by_ref().take(header_bytes), &mut header)?;
    let mut words = header.chunks_exact(4).map(|b| [b[0], b[1], b[2], b[3]]);
    let expected = kind.magic().to_be_bytes();
    if let Some(found) = words.next().filter(|found| *found != expected) {
        return Err(Defect::Magic {
            found,
            expected: kind,
        }
        .into());
    }
    if (header.len() as u64) < header_bytes {
        return Err(Defect::Truncated {
            found: header.len() as u64,
            expected: header_bytes,
        }
        .into());
    }
    let mut dimensions = [1_u32; 3];
    for (dimension, word) in dimensions.iter_mut().zip(words) {
        *dimension = u32::from_be_bytes(word);
    }
    let [count, rows, cols] = dimensions;
    if count == 0 {
        return Err(Defect::Empty(kind).into());
    }
    if rows == 0 || cols == 0 {
        return Err(Defect::NoPixels { rows, cols }.into());
    }
    let size = dimensions.iter().map(|&d| u128::from(d)).product::<u128>();
    let promised = size + u128::from(header_bytes);
    let Some(size) = u64::try_from(size).ok().filter(|size| *size <= MAX_BYTES) else {
        return Err(Defect::TooLarge { promised }.into());
    };
    let expected = size + header_bytes;
    let mut bytes = Vec::new();
    // What is promised in vain is read as far as it goes, and then found truncated.
    if expected <= most && bytes.try_reserve_exact(size as usize + 1).is_err() {
        return Err(Defect::TooLarge { promised }.into());
    }
    // One byte more than expected, which there should not be; it also lets the decoder see its checksum.
    let complete = read_all(content.take(size + 1), &mut bytes)?;
    let found = bytes.len() as u64;
    if found > size {
        return Err(Defect::OverLong { expected }.into());
    }
    if found < size {
        let found = found + header_bytes;
        return Err(Defect::Truncated { found, expected }.into());
    }
    if !complete {
        return Err(Defect::Gzip("its end is missing".to_owned()).into());
    }
    Ok((dimensions, bytes))
}

/// Reads what there is. `false` when the gzip data broke off.
fn read_all(mut content: impl Read, into: &mut Vec<u8>) -> io::Result<bool> {
    match content.read_to_end(into) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

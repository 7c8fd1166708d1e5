//! Arrays of numbers as NumPy keeps them, from files that nobody vouches for: nothing is allocated that the bytes do not hold.

use ndarray::{ArrayViewD, IxDyn};
use ndarray_npy::{ViewElement, ViewNpyError, ViewNpyExt};

use super::RecordingError;

/// Letters of a header: its three entries take about a hundred.
const MAX_HEADER: usize = 4096;
/// Brackets in it: one pair for the entries, one for the shape.
const MAX_BRACKETS: usize = 4;

/// An array of numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Array {
    pub shape: Vec<usize>,
    /// Row by row, whatever the order in the file.
    pub numbers: Vec<f64>,
}

/// The array in an NPY file's bytes. Its numbers may be floats, whole numbers or truth values of any size.
pub(super) fn array(bytes: &[u8]) -> Result<Array, RecordingError> {
    header(bytes)?;
    // Views want their numbers where the processor does.
    let mut aligned = vec![0u64; bytes.len().div_ceil(8)];
    let room: &mut [u8] = bytemuck::cast_slice_mut(&mut aligned);
    room[..bytes.len()].copy_from_slice(bytes);
    let bytes = &room[..bytes.len()];
    let mut error = None;
    let found = of::<f64>(bytes, &mut error, |x| x)
        .or_else(|| of::<f32>(bytes, &mut error, f64::from))
        .or_else(|| of::<i64>(bytes, &mut error, |x| x as f64))
        .or_else(|| of::<i32>(bytes, &mut error, f64::from))
        .or_else(|| of::<u8>(bytes, &mut error, f64::from))
        .or_else(|| of::<u64>(bytes, &mut error, |x| x as f64))
        .or_else(|| of::<u32>(bytes, &mut error, f64::from))
        .or_else(|| of::<i16>(bytes, &mut error, f64::from))
        .or_else(|| of::<u16>(bytes, &mut error, f64::from))
        .or_else(|| of::<i8>(bytes, &mut error, f64::from))
        .or_else(|| of::<bool>(bytes, &mut error, |x| f64::from(u8::from(x))));
    found.ok_or_else(|| match error {
        Some(error) => complaint(&error),
        None => RecordingError::new("it is no array of numbers"),
    })
}

/// The array if its elements are of this type. An error other than that is kept.
fn of<T: ViewElement + Copy>(
    bytes: &[u8],
    kept: &mut Option<ViewNpyError>,
    number: impl Fn(T) -> f64,
) -> Option<Array> {
    match ArrayViewD::<T>::view_npy(bytes) {
        Ok(view) => {
            let view: ArrayViewD<T> = view;
            let shape: &IxDyn = &view.raw_dim();
            Some(Array {
                shape: ndarray::Dimension::slice(shape).to_vec(),
                numbers: view.iter().map(|&x| number(x)).collect(),
            })
        }
        Err(error) => {
            let is_type = matches!(error, ViewNpyError::WrongDescriptor(_));
            if kept.is_none() || !is_type {
                *kept = Some(error);
            }
            None
        }
    }
}

fn complaint(error: &ViewNpyError) -> RecordingError {
    RecordingError::new(match error {
        ViewNpyError::WrongDescriptor(found) => {
            let pickled = found.to_string().contains('O');
            let hint = if pickled {
                " (pickled objects are never read)"
            } else {
                ""
            };
            format!("found elements of type {found}, expected numbers{hint}")
        }
        ViewNpyError::NonNativeEndian => {
            "its numbers have the bytes of another kind of processor, expected little-endian ones"
                .to_owned()
        }
        ViewNpyError::MissingBytes(count) => format!("it ends {count} bytes too early"),
        ViewNpyError::ExtraBytes(count) => format!("there are {count} bytes after its end"),
        error => error.to_string(),
    })
}

/// Looks at the header before a parser that takes everything at its word does.
fn header(bytes: &[u8]) -> Result<(), RecordingError> {
    let unfit = |message: &str| Err(RecordingError::new(message));
    let Some([version, _]) = bytes
        .strip_prefix(b"\x93NUMPY")
        .and_then(|rest| rest.first_chunk::<2>())
    else {
        return unfit("it is no NumPy array");
    };
    let (from, length): (usize, usize) = match (version, bytes.get(8..12)) {
        (1, Some(&[a, b, ..])) => (10, usize::from(u16::from_le_bytes([a, b]))),
        (2 | 3, Some(&[a, b, c, d])) => (12, u32::from_le_bytes([a, b, c, d]) as usize),
        _ => return unfit("it is of an unknown version of NumPy's format"),
    };
    let text = match bytes.get(from..from.saturating_add(length)) {
        Some(text) if length <= MAX_HEADER => text,
        Some(_) => return unfit("its header is too long"),
        None => return unfit("its header is cut off"),
    };
    let brackets = text.iter().filter(|byte| b"([{".contains(byte)).count();
    if brackets > MAX_BRACKETS {
        return unfit("it is no plain array: structured ones are not read");
    }
    Ok(())
}

//! Heights in few bytes: whole numbers as differences to their neighbours, byte by byte, compressed.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::data::base64;
use crate::landscape::{Grid, HeightScale};

/// The height of the box in whole numbers: finer than the eye tells slopes apart, in boxes of a tenth of the range, too.
const WHOLE: f64 = (1 << 18) as f64;
/// Nothing is written further out.
const FARTHEST: f64 = (1 << 30) as f64;
/// Where there is no loss.
const HOLE: i32 = i32::MIN;

/// Every so many nodes of a grid, the first and the last among them.
pub(super) fn of(grid: &Grid, scale: &HeightScale, stride: usize) -> String {
    let cols = nodes(grid.cols, stride);
    let rows = grid.values.chunks(grid.cols).step_by(stride);
    let heights: Vec<i32> = rows
        .flat_map(|row| row.iter().step_by(stride))
        .map(|loss| match loss.is_finite() {
            true => (scale.fraction(*loss) * WHOLE)
                .round()
                .clamp(-FARTHEST, FARTHEST) as i32,
            false => HOLE,
        })
        .collect();
    let at = |k: Option<usize>| k.map_or(0, |k| heights[k]);
    // What is smooth differs little from the plane through its neighbours.
    let differences: Vec<[u8; 4]> = (0..heights.len())
        .map(|k| {
            let (left, below) = ((k % cols > 0).then(|| k - 1), k.checked_sub(cols));
            let corner = left.and(below).map(|k| k - 1);
            let guess = at(left).wrapping_add(at(below)).wrapping_sub(at(corner));
            heights[k].wrapping_sub(guess).to_le_bytes()
        })
        .collect();
    let bytes: Vec<u8> = (0..4)
        .flat_map(|byte| differences.iter().map(move |all| all[byte]))
        .collect();
    base64(deflated(&bytes).into_iter())
}

/// Nodes along a side of which every so many are kept.
pub(super) fn nodes(count: usize, stride: usize) -> usize {
    (count - 1) / stride + 1
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("memory takes all bytes")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use flate2::read::DeflateDecoder;

    use super::*;
    use crate::landscape::{Domain, HeightKind};

    /// As the viewer reads them.
    fn unpacked(text: &str, cols: usize) -> Vec<f64> {
        let packed = BASE64_STANDARD.decode(text).expect("base64");
        let mut bytes = Vec::new();
        let read = DeflateDecoder::new(&packed[..]).read_to_end(&mut bytes);
        assert_eq!(read.expect("deflated") % 4, 0);
        let count = bytes.len() / 4;
        let mut whole = vec![0i32; count];
        for k in 0..count {
            let byte = |i: usize| bytes[k + i * count];
            let at = |there: bool, back: usize| if there { whole[k - back] } else { 0 };
            let (left, below) = (k % cols > 0, k >= cols);
            let guess = at(left, 1).wrapping_add(at(below, cols));
            let guess = guess.wrapping_sub(at(left && below, cols + 1));
            whole[k] = guess.wrapping_add(i32::from_le_bytes([0, 1, 2, 3].map(byte)));
        }
        let height = |whole: i32| match whole {
            HOLE => f64::NAN,
            whole => f64::from(whole) / WHOLE,
        };
        whole.into_iter().map(height).collect()
    }

    #[test]
    fn heights_come_back_with_holes_and_poles() {
        let domain = Domain {
            x: [0.0, 1.0],
            y: Some([0.0, 1.0]),
        };
        let mut grid = Grid::empty(domain, 9, 5);
        grid.values = (0..45)
            .map(|k| f64::from(k).sin() - 0.01 * f64::from(k))
            .collect();
        (grid.values[7], grid.values[20], grid.values[44]) = (f64::NAN, 1e300, f64::NEG_INFINITY);
        let scale = HeightScale::new(HeightKind::Linear, 0.0, -1.0, 1.0);
        for stride in [1, 2, 4] {
            let cols = nodes(9, stride);
            let found = unpacked(&of(&grid, &scale, stride), cols);
            assert_eq!(found.len(), cols * nodes(5, stride));
            for (k, found) in found.into_iter().enumerate() {
                let loss = grid.values[k / cols * stride * 9 + k % cols * stride];
                let meant = match loss.is_finite() {
                    true => scale
                        .fraction(loss)
                        .clamp(-FARTHEST / WHOLE, FARTHEST / WHOLE),
                    false => f64::NAN,
                };
                let same = found.is_nan() && meant.is_nan();
                assert!(
                    same || (found - meant).abs() < 1e-5,
                    "{stride}, {k}: {found}, {meant}"
                );
            }
        }
    }
}

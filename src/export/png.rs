//! Pictures of few colours as PNG: a palette and a byte a pixel (PNG specification, ISO/IEC 15948).

use std::collections::BTreeMap;
use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use crate::palette::Rgb;

/// The picture of these pixels, row by row from the top. Of more than `most` colours, 256 or fewer, those that differ least become one.
pub(super) fn indexed([width, height]: [usize; 2], pixels: &[Rgb], most: usize) -> Vec<u8> {
    let (palette, indices) = palette(pixels, most);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let size = [width, height].map(|side| (side as u32).to_be_bytes());
    // Eight bits, a palette, and the only ways of compressing, filtering and interlacing.
    chunk(
        &mut png,
        b"IHDR",
        &[&size.concat()[..], &[8, 3, 0, 0, 0]].concat(),
    );
    chunk(&mut png, b"PLTE", palette.as_flattened());
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    // Each row begins with its filter: none.
    let written = indices.chunks(width.max(1)).try_for_each(|row| {
        encoder.write_all(&[0])?;
        encoder.write_all(row)
    });
    let data = written.and_then(|()| encoder.finish());
    chunk(&mut png, b"IDAT", &data.expect("memory takes all bytes"));
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    let mut check = Crc::new();
    check.update(name);
    check.update(data);
    png.extend((data.len() as u32).to_be_bytes());
    png.extend(name);
    png.extend(data);
    png.extend(check.sum().to_be_bytes());
}

/// The colours, and which of them each pixel has.
fn palette(pixels: &[Rgb], most: usize) -> (Vec<Rgb>, Vec<u8>) {
    let mut bits = 8;
    loop {
        // Colours are alike whose first bits are; the mean stands for them.
        let key = |color: &Rgb| color.map(|c| c >> (8 - bits));
        let mut known = BTreeMap::<Rgb, (usize, [usize; 3])>::new();
        for color in pixels {
            let (count, sum) = known.entry(key(color)).or_default();
            *count += 1;
            sum.iter_mut()
                .zip(color)
                .for_each(|(sum, c)| *sum += usize::from(*c));
        }
        if known.len() > most && bits > 2 {
            bits -= 1;
            continue;
        }
        let mean =
            |(count, sum): &(usize, [usize; 3])| sum.map(|sum| ((sum + count / 2) / count) as u8);
        let place: BTreeMap<Rgb, u8> = known.keys().copied().zip(0..=255).collect();
        return (
            known.values().map(mean).collect(),
            pixels.iter().map(|color| place[&key(color)]).collect(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(png: &[u8]) -> Vec<Rgb> {
        let picture = image::load_from_memory(png).expect("a PNG").to_rgb8();
        picture.pixels().map(|pixel| pixel.0).collect()
    }

    #[test]
    fn few_colours_are_kept_and_many_nearly_so() {
        let few: Vec<Rgb> = (0..96u8).map(|k| [k, 255 - k, 7 * (k % 3)]).collect();
        assert_eq!(read(&indexed([12, 8], &few, 256)), few);
        let many: Vec<Rgb> = (0..=255u8)
            .flat_map(|k| [[k, k / 2, 0], [k, 0, k / 2]])
            .collect();
        for (found, meant) in read(&indexed([32, 16], &many, 256)).iter().zip(&many) {
            let apart = found.iter().zip(meant).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(
                apart.is_some_and(|apart| apart <= 8),
                "{found:?} for {meant:?}"
            );
        }
        assert_eq!(read(&indexed([1, 1], &[[1, 2, 3]], 256)), [[1, 2, 3]]);
    }
}

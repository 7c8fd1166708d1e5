//! Pictures as PNG: those of few colours as a palette and a byte a pixel, others as three bytes.

use std::collections::BTreeSet;

use png::{BitDepth, ColorType, Compression, Encoder, Filter};
use quantette::PaletteSize;
use quantette::color_map::IndexedColorMap;
use quantette::deps::palette::{Srgb, cast};
use quantette::wu::{BinnerU8x3, WuU8x3};

use crate::palette::Rgb;

/// The picture of these pixels, three bytes each, row by row from the top.
pub(super) fn rgb([width, height]: [usize; 2], pixels: &[u8]) -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, width as u32, height as u32);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::High);
    encoder.set_filter(Filter::Adaptive);
    write(encoder, pixels);
    png
}

/// Writes a picture that has what its header says.
fn write(encoder: Encoder<&mut Vec<u8>>, data: &[u8]) {
    encoder
        .write_header()
        .and_then(|mut writer| {
            writer.write_image_data(data)?;
            writer.finish()
        })
        .expect("bytes for each pixel, in memory, which takes all of them");
}

/// The picture of these pixels, row by row from the top. Of more than `most` colours, 256 or fewer, those that differ least become one.
pub(super) fn indexed([width, height]: [usize; 2], pixels: &[Rgb], most: usize) -> Vec<u8> {
    let (palette, indices) = few(pixels, most).unwrap_or_else(|| fewer(pixels, most));
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, width as u32, height as u32);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(palette.into_flattened());
    encoder.set_compression(Compression::High);
    // Neighbouring numbers of a palette are not neighbouring colours.
    encoder.set_filter(Filter::NoFilter);
    write(encoder, &indices);
    png
}

/// The colours, where there are not too many, and which of them each pixel has.
fn few(pixels: &[Rgb], most: usize) -> Option<(Vec<Rgb>, Vec<u8>)> {
    let mut known = BTreeSet::new();
    for color in pixels {
        if known.insert(*color) && known.len() > most {
            return None;
        }
    }
    let palette: Vec<Rgb> = known.into_iter().collect();
    let place = |color| palette.binary_search(color).unwrap_or_default() as u8;
    let indices = pixels.iter().map(place).collect();
    Some((palette, indices))
}

/// As many colours as there may be, by Wu's method, and which of them each pixel gets.
fn fewer(pixels: &[Rgb], most: usize) -> (Vec<Rgb>, Vec<u8>) {
    let colors: &[Srgb<u8>] = cast::from_array_slice(pixels);
    let most = PaletteSize::try_from(most).unwrap_or(PaletteSize::MAX);
    match WuU8x3::run_slice(colors, BinnerU8x3::<32, 64, 32>::new()) {
        Ok(wu) => {
            let map = wu.color_map(most);
            let indices = map.map_to_indices(colors);
            let palette = map.into_palette();
            let rgb = palette.iter().map(|color| (*color).into());
            (rgb.collect(), indices)
        }
        // There are no pixels.
        Err(_) => (vec![[0; 3]], Vec::new()),
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
        assert_eq!(read(&rgb([32, 16], many.as_flattened())), many);
    }
}

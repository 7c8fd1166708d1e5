//! One picture: averaged down from its supersampled frame, and encoded as PNG.

use std::io::{self, Write};

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

/// 8-bit sRGB with alpha, row by row from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgba: Vec<u8>,
}

impl Picture {
    /// The colour at a pixel.
    pub fn at(&self, x: u32, y: u32) -> [u8; 4] {
        let i = ((y * self.width + x) * 4) as usize;
        std::array::from_fn(|k| self.rgba.get(i + k).copied().unwrap_or_default())
    }

    /// Averages blocks of `samples` × `samples` pixels in linear light. The frame's colours are premultiplied by its
    /// alpha, as blending leaves them; the picture's are not, as PNG wants them.
    pub fn downsampled(&self, samples: u32, transparent: bool) -> Picture {
        let samples = samples.max(1);
        let (width, height) = (self.width / samples, self.height / samples);
        let linear: [f32; 256] = std::array::from_fn(|v| to_linear(v as f32 / 255.0));
        let count = (samples * samples) as f32;
        let mut rgba = Vec::with_capacity((width * height * 4) as usize);
        for y in 0..height {
            for x in 0..width {
                let mut sum = [0.0_f32; 4];
                for dy in 0..samples {
                    for dx in 0..samples {
                        let [r, g, b, a] = self.at(x * samples + dx, y * samples + dy);
                        for (sum, value) in sum.iter_mut().zip([r, g, b]) {
                            *sum += linear[usize::from(value)];
                        }
                        sum[3] += f32::from(a) / 255.0;
                    }
                }
                let alpha = if transparent { sum[3] / count } else { 1.0 };
                let weight = if alpha > 0.0 {
                    1.0 / (count * alpha)
                } else {
                    0.0
                };
                for &channel in &sum[..3] {
                    rgba.push((to_srgb(channel * weight) * 255.0 + 0.5) as u8);
                }
                rgba.push((alpha * 255.0 + 0.5) as u8);
            }
        }
        Picture {
            width,
            height,
            rgba,
        }
    }

    /// Writes the picture as PNG.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_png(&self, out: &mut dyn Write) -> io::Result<()> {
        PngEncoder::new(out)
            .write_image(
                &self.rgba,
                self.width,
                self.height,
                ExtendedColorType::Rgba8,
            )
            .map_err(|error| match error {
                image::ImageError::IoError(error) => error,
                other => io::Error::other(other),
            })
    }
}

/// IEC 61966-2-1.
fn to_linear(c: f32) -> f32 {
    if c <= 0.04045 {
        c / 12.92
    } else {
        ((c + 0.055) / 1.055).powf(2.4)
    }
}

fn to_srgb(c: f32) -> f32 {
    let c = c.clamp(0.0, 1.0);
    if c <= 0.003_130_8 {
        c * 12.92
    } else {
        1.055 * c.powf(1.0 / 2.4) - 0.055
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(pixels: &[[u8; 4]], width: u32) -> Picture {
        Picture {
            width,
            height: pixels.len() as u32 / width,
            rgba: pixels.concat(),
        }
    }

    #[test]
    fn one_sample_changes_nothing() {
        let pixels: Vec<[u8; 4]> = (0..=255).map(|v| [v, 255 - v, v / 2, 255]).collect();
        let picture = picture(&pixels, 16);
        assert_eq!(picture.downsampled(1, false), picture);
    }

    #[test]
    fn black_and_white_average_in_linear_light() {
        let (black, white) = ([0, 0, 0, 255], [255, 255, 255, 255]);
        let small = picture(&[black, white, white, black], 2).downsampled(2, false);
        assert_eq!(small.rgba, [188, 188, 188, 255]);
    }

    #[test]
    fn half_covered_pixels_keep_their_colour_and_half_their_alpha() {
        let (red, nothing) = ([255, 0, 0, 255], [0, 0, 0, 0]);
        let small = picture(&[red, nothing, red, nothing], 2).downsampled(2, true);
        assert_eq!(small.rgba, [255, 0, 0, 128]);
    }
}

//! One picture: averaged down from its supersampled frame, and encoded as PNG.

use std::io::{self, Write};

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

/// Textures are no larger than this on any adapter.
pub const MAX_PIXELS: u32 = 8192;

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
    /// alpha, as blending leaves them; the picture's are not, as PNG wants them (see [`straight`]).
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
                let [r, g, b, alpha] = sum.map(|sum| sum / count);
                let pixel = if transparent {
                    straight([r, g, b], alpha.min(1.0))
                } else {
                    let [r, g, b] = [r, g, b].map(to_srgb);
                    [r, g, b, 1.0]
                };
                rgba.extend(pixel.map(|value| (value * 255.0 + 0.5) as u8));
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

/// A pixel of linear light, premultiplied, as straight sRGB for whoever lays it over a ground without going through linear light,
/// as browsers and editors do: over black and over white it looks as if it had been drawn there (exactly so where it
/// is grey; colours come as near as one alpha for three channels allows).
fn straight(premultiplied: [f32; 3], alpha: f32) -> [f32; 4] {
    let over = |ground: f32| premultiplied.map(|c| to_srgb(c + (1.0 - alpha) * ground));
    let (black, white) = (over(0.0), over(1.0));
    let clear = (0..3).map(|k| white[k] - black[k]).sum::<f32>() / 3.0;
    let alpha = (1.0 - clear).clamp(0.0, 1.0);
    let color = |k: usize| {
        // Between what either ground asks for.
        let wanted = 0.5 * (black[k] + white[k] - clear);
        if alpha > 0.0 {
            (wanted / alpha).clamp(0.0, 1.0)
        } else {
            0.0
        }
    };
    [color(0), color(1), color(2), alpha]
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

    /// Half of every pixel is covered by a grey, and laid over black and white as browsers do.
    #[test]
    fn edges_look_over_black_and_white_as_if_drawn_there() {
        for grey in [0, 40, 128, 255] {
            for ground in [0, 255] {
                let (shape, nothing) = ([grey, grey, grey, 255], [0, 0, 0, 0]);
                let below = [ground, ground, ground, 255];
                let opaque = picture(&[shape, below, shape, below], 2);
                let expected = opaque.downsampled(2, false).rgba[0];
                let clear = picture(&[shape, nothing, shape, nothing], 2).downsampled(2, true);
                let [value, alpha] = [clear.rgba[0], clear.rgba[3]].map(f32::from);
                let alpha = alpha / 255.0;
                let found = value * alpha + f32::from(ground) * (1.0 - alpha);
                assert!(
                    (found - f32::from(expected)).abs() < 1.5,
                    "{grey} over {ground}: {found}, {expected}"
                );
            }
        }
        let opaque = picture(&[[255, 0, 0, 255]], 1).downsampled(1, true);
        assert_eq!(opaque.rgba, [255, 0, 0, 255]);
        let nothing = picture(&[[0, 0, 0, 0]], 1).downsampled(1, true);
        assert_eq!(nothing.rgba, [0, 0, 0, 0]);
    }
}

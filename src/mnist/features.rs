//! The two features of an image, and their standardisation.

use rayon::prelude::*;

use crate::objective::softmax::FEATURES;

/// Images that one task measures.
const IMAGES_PER_TASK: usize = 256;
/// Sums of squares of so many pixels fit 32 bits.
const PIXELS_PER_SUM: usize = 1 << 15;
/// Terms that are added up before their sums are: rounding errors stay near the last digit.
const TERMS_PER_SUM: usize = 256;

/// The mean and the population standard deviation of each image's pixels, 0 to 255, on all processors.
///
/// `pixels` holds images of `image_len` pixels each. Sums are exact integers, so that the only rounding is that of the
/// last division and root.
pub fn raw_features(pixels: &[u8], image_len: usize) -> Vec<[f64; FEATURES]> {
    let image_len = image_len.max(1);
    pixels
        .par_chunks(image_len * IMAGES_PER_TASK)
        .flat_map_iter(|images| images.chunks_exact(image_len).map(mean_and_std))
        .collect()
}

fn mean_and_std(pixels: &[u8]) -> [f64; FEATURES] {
    let (mut sum, mut squares) = (0_u64, 0_u64);
    for pixels in pixels.chunks(PIXELS_PER_SUM) {
        let (mut s, mut q) = (0_u32, 0_u32);
        for &p in pixels {
            s += u32::from(p);
            q += u32::from(p) * u32::from(p);
        }
        sum += u64::from(s);
        squares += u64::from(q);
    }
    let count = pixels.len() as f64;
    // n²·variance; as 128 bits because images may be large.
    let spread = pixels.len() as u128 * u128::from(squares) - u128::from(sum) * u128::from(sum);
    [sum as f64 / count, (spread as f64).sqrt() / count]
}

/// Features of mean 0 and population standard deviation 1, and what the raw ones had.
#[derive(Debug, Clone, PartialEq)]
pub struct Standardised {
    pub features: Vec<[f64; FEATURES]>,
    /// The mean of each raw feature over the samples.
    pub mean: [f64; FEATURES],
    /// The population standard deviation of each raw feature over the samples; 0 for a constant one.
    pub std: [f64; FEATURES],
}

/// (f − mean) / std of each feature over all samples. A feature that is the same in every sample says nothing and becomes
/// 0, as if its deviation were 1.
///
/// Finite for finite features of usual size; without samples the means are 0.
pub fn standardise(mut features: Vec<[f64; FEATURES]>) -> Standardised {
    let count = features.len().max(1) as f64;
    let mean_of = |term: &dyn Fn(&[f64; FEATURES]) -> f64| {
        let sums = features.chunks(TERMS_PER_SUM);
        sums.map(|some| some.iter().map(term).sum::<f64>())
            .sum::<f64>()
            / count
    };
    let mut mean = [0.0; FEATURES];
    let mut std = [0.0; FEATURES];
    for f in 0..FEATURES {
        // Asked of the values: the rounded mean of equal numbers may differ from them.
        if features.windows(2).all(|pair| pair[0][f] == pair[1][f]) {
            mean[f] = features.first().map_or(0.0, |sample| sample[f]);
            continue;
        }
        mean[f] = mean_of(&|sample| sample[f]);
        std[f] = mean_of(&|sample| (sample[f] - mean[f]).powi(2)).sqrt();
    }
    scale(&mut features, mean, std);
    Standardised {
        features,
        mean,
        std,
    }
}

/// (f − mean) / std of each feature, as other samples had them.
pub(super) fn scale(features: &mut [[f64; FEATURES]], mean: [f64; FEATURES], std: [f64; FEATURES]) {
    for sample in features {
        for f in 0..FEATURES {
            let unit = if std[f] == 0.0 { 1.0 } else { std[f] };
            sample[f] = (sample[f] - mean[f]) / unit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_and_the_deviation_are_those_of_the_pixels() {
        assert_eq!(raw_features(&[7, 7, 7, 0, 255, 0], 3)[0], [7.0, 0.0]);
        assert_eq!(raw_features(&[0, 255], 2), [[127.5, 127.5]]);
        assert_eq!(raw_features(&[0, 1, 2, 3], 1).len(), 4);
        // Larger than one sum of 32 bits.
        let pixels = [0, 255].repeat(3 * PIXELS_PER_SUM);
        assert_eq!(raw_features(&pixels, pixels.len()), [[127.5, 127.5]]);
        let white = vec![255; 3 * PIXELS_PER_SUM + 1];
        assert_eq!(raw_features(&white, white.len()), [[255.0, 0.0]]);
    }

    #[test]
    fn images_keep_their_order() {
        let pixels: Vec<u8> = (0..250).flat_map(|p| [p; 7]).collect();
        let pixels = pixels.repeat(5);
        let features = raw_features(&pixels, 7);
        assert_eq!(features.len(), 1250);
        for (i, feature) in features.iter().enumerate() {
            assert_eq!(*feature, [(i % 250) as f64, 0.0]);
        }
    }

    #[test]
    fn a_constant_feature_becomes_zero() {
        // The mean of many 0.1 is not 0.1.
        let raw: Vec<_> = (0..1000).map(|i| [0.1, f64::from(i)]).collect();
        let set = standardise(raw);
        assert!(set.features.iter().all(|sample| sample[0] == 0.0));
        assert_eq!((set.mean[0], set.std[0]), (0.1, 0.0));
        assert!((set.mean[1] - 499.5).abs() < 1e-12);
        let variance = (1000.0 * 1000.0 - 1.0) / 12.0;
        assert!((set.std[1] - f64::sqrt(variance)).abs() < 1e-10);
        assert!((set.features[0][1] + 499.5 / set.std[1]).abs() < 1e-12);
        assert_eq!(standardise(vec![[3.0, 4.0]]).features, [[0.0, 0.0]]);
        assert!(standardise(Vec::new()).features.is_empty());
    }
}

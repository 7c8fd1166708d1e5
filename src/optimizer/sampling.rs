//! Where a rule's gradient comes from: exact, exact with noise, or over some of the samples.

use std::sync::Arc;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

use crate::objective::Objective;

/// The source of the gradients that a rule sees.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Sampling {
    /// The exact gradient.
    #[default]
    Exact,
    /// The exact gradient plus N(0, sigma²), drawn anew for every component.
    Noise { sigma: f64 },
    /// The gradient over `size` samples of the data set. A function has no samples and gives its
    /// exact gradient.
    Batch { size: usize },
}

impl Sampling {
    /// Whether another seed gives other gradients.
    pub fn is_random(&self) -> bool {
        match self {
            Sampling::Exact => false,
            Sampling::Noise { sigma } => *sigma > 0.0,
            Sampling::Batch { .. } => true,
        }
    }
}

/// Seed number `index` of those that belong to a seed: SplitMix64's stream, kept short enough to be read and typed.
pub fn derived_seed(seed: u64, index: u64) -> u64 {
    let step = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut z = seed.wrapping_add(step);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) >> 24
}

/// A seeded stream of sampled gradients: the same seed gives the same draws everywhere.
#[derive(Debug, Clone)]
pub struct Sampler {
    sampling: Sampling,
    rng: Pcg64,
    /// The generator as it was before the last noise.
    drawn: Option<Pcg64>,
    /// The epoch's order of the samples, and how many of them are used up.
    order: Arc<Vec<usize>>,
    used: usize,
}

impl Sampler {
    /// A stream from its start.
    pub fn new(sampling: Sampling, seed: u64) -> Sampler {
        Sampler {
            sampling,
            rng: Pcg64::seed_from_u64(seed),
            drawn: None,
            order: Arc::default(),
            used: 0,
        }
    }

    /// Whether the gradients are exact, so that a known one may be used again.
    pub fn is_exact(&self) -> bool {
        self.sampling == Sampling::Exact
    }

    /// Writes a sampled gradient at `w` into `out`: a new draw, or `again` the one before. `exact` writes the exact one.
    pub fn gradient(
        &mut self,
        objective: &dyn Objective,
        w: &[f64],
        again: bool,
        exact: impl FnOnce(&mut [f64]),
        out: &mut [f64],
    ) {
        match (self.sampling, objective.samples()) {
            (Sampling::Batch { size }, Some(samples)) => {
                let batch = self.batch(size, samples, again);
                objective.batch_gradient(w, batch, out);
            }
            (Sampling::Noise { sigma }, _) => {
                exact(out);
                if let Some(drawn) = self.drawn.take().filter(|_| again) {
                    self.rng = drawn;
                }
                self.drawn = Some(self.rng.clone());
                for g in out {
                    *g += sigma * self.rng.sample::<f64, _>(StandardNormal);
                }
            }
            _ => exact(out),
        }
    }

    /// The samples of the last batch that was drawn, in its order; `None` before the first one, and where there are no batches.
    pub fn drawn(&self) -> Option<&[usize]> {
        let Sampling::Batch { size } = self.sampling else {
            return None;
        };
        let samples = self.order.len();
        let taken = size.clamp(1, samples.max(1)).min(samples);
        let is_drawn = taken > 0 && self.used >= taken;
        is_drawn.then(|| &self.order[self.used - taken..self.used])
    }

    fn batch(&mut self, size: usize, samples: usize, again: bool) -> &[usize] {
        let taken = size.clamp(1, samples.max(1)).min(samples);
        if again && self.order.len() == samples && self.used >= taken {
            return &self.order[self.used - taken..self.used];
        }
        self.next_batch(size, samples)
    }

    /// The next `size` distinct indices below `samples`: an epoch's shuffled order in pieces,
    /// shuffled anew when fewer than `size` are left.
    fn next_batch(&mut self, size: usize, samples: usize) -> &[usize] {
        let size = size.clamp(1, samples.max(1)).min(samples);
        if self.order.len() != samples || self.used + size > samples {
            if self.order.len() != samples {
                self.order = Arc::new((0..samples).collect());
            }
            Arc::make_mut(&mut self.order).shuffle(&mut self.rng);
            self.used = 0;
        }
        self.used += size;
        &self.order[self.used - size..self.used]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sees which samples it is asked for: their indices are written to the gradient.
    #[derive(Debug)]
    struct Spy;

    impl Objective for Spy {
        fn dim(&self) -> usize {
            10
        }
        fn value(&self, _: &[f64]) -> f64 {
            0.0
        }
        fn gradient(&self, _: &[f64], _: &mut [f64]) -> f64 {
            0.0
        }
        fn cost(&self) -> usize {
            1
        }
        fn samples(&self) -> Option<usize> {
            Some(10)
        }
        fn batch_gradient(&self, _: &[f64], batch: &[usize], out: &mut [f64]) {
            out.fill(0.0);
            for i in batch {
                out[*i] += 1.0;
            }
        }
    }

    /// How often each sample occurs in each of `count` batches.
    fn batches(size: usize, seed: u64, count: usize) -> Vec<Vec<f64>> {
        let mut sampler = Sampler::new(Sampling::Batch { size }, seed);
        (0..count)
            .map(|_| {
                let mut out = vec![0.0; 10];
                sampler.gradient(&Spy, &[], false, |_| panic!("no exact gradient"), &mut out);
                out
            })
            .collect()
    }

    #[test]
    fn an_epoch_takes_every_sample_once() {
        for epoch in batches(5, 3, 20).chunks(2) {
            let seen: Vec<f64> = epoch[0].iter().zip(&epoch[1]).map(|(a, b)| a + b).collect();
            assert_eq!(seen, [1.0; 10]);
        }
    }

    #[test]
    fn batches_are_distinct_samples_even_across_epochs() {
        for (size, expected) in [
            (1, 1.0),
            (3, 3.0),
            (7, 7.0),
            (10, 10.0),
            (99, 10.0),
            (0, 1.0),
        ] {
            for batch in batches(size, 1, 30) {
                assert!(batch.iter().all(|count| *count <= 1.0));
                assert_eq!(batch.iter().sum::<f64>(), expected, "{size}");
            }
        }
    }

    #[test]
    fn derived_seeds_are_different_and_always_the_same() {
        // SplitMix64 from 0, its first output without the lowest 24 bits.
        assert_eq!(derived_seed(0, 0), 0xe220_a839_7b1d_cdaf >> 24);
        let mut seeds: Vec<u64> = (0..50)
            .flat_map(|seed| (0..100).map(move |index| derived_seed(seed, index)))
            .collect();
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), 5000);
        assert!(seeds.iter().all(|seed| *seed < 1 << 40));
    }

    #[test]
    fn seeds_decide_the_order() {
        assert_eq!(batches(3, 5, 9), batches(3, 5, 9));
        assert_ne!(batches(3, 5, 9), batches(3, 6, 9));
    }
}

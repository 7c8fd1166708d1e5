//! Where a network's training begins.

use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

use super::Shape;

/// A way to draw the first parameters. Biases are 0 but with `Normal`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// Uniform within ±√(6/(inputs + outputs)) of each layer (Glorot & Bengio 2010).
    Xavier,
    /// Normal with variance 2/inputs of each layer (He et al. 2015).
    He,
    /// Every parameter normal with this standard deviation.
    Normal {
        scale: f64,
    },
    Zeros,
}

impl Init {
    /// The names in files.
    pub const NAMES: [&'static str; 4] = ["xavier", "he", "normal", "zeros"];
    /// The usual standard deviation of the normal one.
    pub const SCALE: f64 = 0.1;

    pub fn name(self) -> &'static str {
        match self {
            Init::Xavier => "xavier",
            Init::He => "he",
            Init::Normal { .. } => "normal",
            Init::Zeros => "zeros",
        }
    }

    /// The one of a name, the normal one with its usual scale.
    pub fn named(name: &str) -> Option<Init> {
        let normal = Init::Normal { scale: Init::SCALE };
        let all = [Init::Xavier, Init::He, normal, Init::Zeros];
        all.into_iter().find(|init| init.name() == name)
    }

    /// All parameters of a network: the same for the same seed everywhere.
    pub fn draw(self, shape: &Shape, seed: u64) -> Vec<f64> {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut w = Vec::with_capacity(shape.parameters());
        for layer in shape.layers() {
            let inputs = layer.inputs as f64;
            let weights = layer.inputs * layer.outputs;
            let (scale, is_uniform) = match self {
                Init::Xavier => ((6.0 / (inputs + layer.outputs as f64)).sqrt(), true),
                Init::He => ((2.0 / inputs).sqrt(), false),
                Init::Normal { scale } => (scale, false),
                Init::Zeros => (0.0, true),
            };
            w.extend((0..weights).map(|_| match is_uniform {
                true => scale * (2.0 * rng.random::<f64>() - 1.0),
                false => scale * rng.sample::<f64, _>(StandardNormal),
            }));
            w.extend((0..layer.outputs).map(|_| match self {
                Init::Normal { scale } => scale * rng.sample::<f64, _>(StandardNormal),
                _ => 0.0,
            }));
        }
        // No −0 from 0·x.
        w.iter_mut().for_each(|w| *w += 0.0);
        w
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::network::Activation;

    #[test]
    fn weights_have_the_spread_that_their_papers_ask_for() {
        let shape = Shape::new(60, &[80, 40], 2, Activation::Relu, false).expect("units");
        for (init, variance) in [
            (Init::Xavier, 2.0 / 140.0),
            (Init::He, 2.0 / 60.0),
            (Init::Normal { scale: 0.3 }, 0.09),
            (Init::Zeros, 0.0),
        ] {
            let w = init.draw(&shape, 4);
            assert_eq!(w.len(), shape.parameters());
            assert_eq!(w, init.draw(&shape, 4));
            let weights = &w[..4800];
            let found = weights.iter().map(|w| w * w).sum::<f64>() / 4800.0;
            assert!(
                (found - variance).abs() <= 0.1 * variance,
                "{init:?}: {found}"
            );
            let biases_are_zero = w[4800..4880].iter().all(|b| *b == 0.0);
            assert_eq!(biases_are_zero, !matches!(init, Init::Normal { .. }));
            assert_eq!(init == Init::Zeros, w == init.draw(&shape, 5));
            assert_eq!(Init::named(init.name()).map(Init::name), Some(init.name()));
        }
    }
}

//! Small data sets in the plane that need more than a straight line, and a curve.

use std::f64::consts::{PI, TAU};

use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

use super::{Samples, Targets};

/// A data set that is drawn, not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Toy {
    /// Two half circles that reach into one another, as scikit-learn's `make_moons` has them.
    #[default]
    Moons,
    /// A circle of radius 1 around one of radius 1/2.
    Circles,
    /// Two spirals wound around one another (Lang & Witbrock 1988), of 1¼ turns, out to radius 1.
    Spirals,
    /// The square [−1, 1]² with one class where x and y have the same sign.
    Xor,
    /// Three clouds around the corners of a triangle of radius 1.
    Blobs,
    /// For a network with a number as its output: sin x over [−π, π].
    Sine,
}

impl Toy {
    /// With their names in files.
    pub const NAMED: [(&'static str, Toy); 6] = [
        ("moons", Toy::Moons),
        ("circles", Toy::Circles),
        ("spirals", Toy::Spirals),
        ("xor", Toy::Xor),
        ("blobs", Toy::Blobs),
        ("sine", Toy::Sine),
    ];

    /// The name in files.
    pub fn name(self) -> &'static str {
        let named = Toy::NAMED.iter().find(|(_, toy)| *toy == self);
        named.map_or("", |(name, _)| name)
    }

    /// The number of classes, and so the fewest samples; `None` for numbers.
    pub fn classes(self) -> Option<usize> {
        match self {
            Toy::Sine => None,
            Toy::Blobs => Some(3),
            _ => Some(2),
        }
    }

    /// So many samples, the classes in turn, with normal noise of this standard deviation on every coordinate (of the sine: on
    /// its value): the same for the same seed everywhere. `None` where there is not one of each class, or a number is too large.
    pub fn draw(self, count: usize, noise: f64, seed: u64) -> Option<Samples> {
        let mut rng = Pcg64::seed_from_u64(seed);
        let classes = self.classes().unwrap_or(1);
        if count < classes {
            return None;
        }
        let mut features = Vec::with_capacity(2 * count);
        let (mut labels, mut numbers) = (Vec::new(), Vec::new());
        for k in 0..count {
            let (class, within) = (k % classes, k / classes);
            // How many there are of this class, and the share of them before this one, both ends included.
            let size = (count - class).div_ceil(classes);
            let share = within as f64 / (size - 1).max(1) as f64;
            let sign = if class == 0 { 1.0 } else { -1.0 };
            let point = match self {
                Toy::Moons => {
                    let [x, y] = on_circle(PI * share);
                    if class == 0 {
                        [x, y]
                    } else {
                        [1.0 - x, 0.5 - y]
                    }
                }
                Toy::Circles => {
                    let radius = if class == 0 { 1.0 } else { 0.5 };
                    on_circle(TAU * within as f64 / size as f64).map(|x| radius * x)
                }
                Toy::Spirals => {
                    // Evenly along the angle, and away from the middle, where they meet.
                    let radius = 0.1 + 0.9 * share;
                    on_circle(2.5 * PI * share).map(|x| sign * radius * x)
                }
                Toy::Xor => {
                    let mut side = || rng.random::<f64>();
                    let (x, y) = (side(), side());
                    let flip = if side() < 0.5 { 1.0 } else { -1.0 };
                    [flip * x, flip * sign * y]
                }
                Toy::Blobs => on_circle(PI / 2.0 + TAU * class as f64 / 3.0),
                Toy::Sine => {
                    let x = PI * (2.0 * rng.random::<f64>() - 1.0);
                    numbers.push(libm::sin(x) + noise * rng.sample::<f64, _>(StandardNormal));
                    features.push(x);
                    continue;
                }
            };
            features.extend(point.map(|x| x + noise * rng.sample::<f64, _>(StandardNormal)));
            labels.push(class);
        }
        match self {
            Toy::Sine => Samples::new(1, features, Targets::Numbers(numbers)),
            _ => Samples::new(2, features, Targets::Labels(labels)),
        }
    }
}

/// A point of the unit circle; libm's functions give the same on every machine.
fn on_circle(angle: f64) -> [f64; 2] {
    [libm::cos(angle), libm::sin(angle)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_what_they_are_called() {
        for (name, toy) in Toy::NAMED {
            assert_eq!(toy.name(), name);
            let samples = toy.draw(301, 0.0, 7).expect("enough");
            assert_eq!(samples, toy.draw(301, 0.0, 7).expect("enough"));
            assert_ne!(samples, toy.draw(301, 0.1, 7).expect("enough"));
            assert_eq!(samples.len(), 301);
            assert_eq!(samples.outputs(), toy.classes().unwrap_or(1));
            let points = samples.features().chunks(samples.width());
            let Targets::Labels(labels) = samples.targets() else {
                assert_eq!(toy, Toy::Sine);
                continue;
            };
            for (point, label) in points.zip(labels) {
                let radius = point[0].hypot(point[1]);
                match toy {
                    Toy::Moons => {
                        let centre = [0.0, 1.0][*label];
                        let height = [0.0, 0.5][*label];
                        let radius = (point[0] - centre).hypot(point[1] - height);
                        assert!((radius - 1.0).abs() < 1e-12);
                    }
                    Toy::Circles => assert!((radius - [1.0, 0.5][*label]).abs() < 1e-12),
                    Toy::Xor => assert_eq!(point[0] * point[1] < 0.0, *label == 1),
                    Toy::Spirals => assert!((0.09..1.01).contains(&radius)),
                    _ => assert!((radius - 1.0).abs() < 1e-12),
                }
            }
        }
    }

    #[test]
    fn too_few_samples_and_too_much_noise_make_none() {
        for (_, toy) in Toy::NAMED {
            let fewest = toy.classes().unwrap_or(1);
            assert!(toy.draw(fewest, 0.1, 0).is_some(), "{toy:?}");
            assert!(toy.draw(fewest - 1, 0.1, 0).is_none(), "{toy:?}");
            assert!(toy.draw(10, f64::MAX, 0).is_none(), "{toy:?}");
        }
    }
}

//! Through which plane of its parameters an objective is seen, and how a panel's words for it become one.

use std::sync::Arc;

use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;

use super::{DEFAULT_LABELS, ObjectiveKind};
use crate::descent::History;
use crate::plane::{Plane, principal};

/// The plane of a panel that shows more parameters than it has axes.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaneSpec {
    pub directions: Directions,
    pub through: Through,
    /// Whether the plane passes through the parameters at the step shown, instead of the final ones.
    pub follows: bool,
    /// Nodes along its axes, 2 to [`MAX_GRID`](super::MAX_GRID) each.
    pub grid: [usize; 2],
}

/// The two directions of a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directions {
    /// Those of two parameters: different ones.
    Parameters([usize; 2]),
    /// The first two principal components of the shown paths, seen from where the plane passes through (Lorch 2016; Li et
    /// al. 2018, section 7).
    Pca,
    /// Two random ones, each neuron's part as long as its weights are where the plane passes through ("filter
    /// normalisation", Li et al. 2018, section 4).
    Random { seed: u64 },
}

/// Where the plane lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Through {
    /// All parameters zero.
    Origin,
    /// The parameters of the panel's descent of this name.
    Descent(String),
}

impl Through {
    /// The word in files for the origin.
    pub const ORIGIN: &'static str = "origin";
}

impl Directions {
    /// The words in files; two parameters are named instead.
    pub const PCA: &'static str = "pca";
    pub const RANDOM: &'static str = "random";
}

/// One of a panel's descents, as far as it is computed.
#[derive(Debug, Clone, Copy)]
pub struct PathSoFar<'a> {
    pub name: &'a str,
    pub shown: bool,
    pub history: &'a History,
    /// Whether no step is to come.
    pub is_complete: bool,
}

/// A plane, and what it leaves out.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedPlane {
    pub plane: Plane,
    /// Which shares of the paths' squared distances from its point lie along its directions, for principal components.
    pub explained: Option<[f64; 2]>,
}

impl PlaneSpec {
    pub const DEFAULT_GRID: [usize; 2] = [100, 100];

    /// Through the origin, with the usual grid.
    pub fn of(directions: Directions) -> PlaneSpec {
        PlaneSpec {
            directions,
            through: Through::Origin,
            follows: false,
            grid: PlaneSpec::DEFAULT_GRID,
        }
    }

    /// Through the end of the first descent where its directions are those of paths: there is nothing to see around the origin.
    pub fn through_first(self, descent: Option<&str>) -> PlaneSpec {
        match (self.directions, descent) {
            (Directions::Pca, Some(name)) => PlaneSpec {
                through: Through::Descent(name.to_owned()),
                ..self
            },
            _ => self,
        }
    }

    /// The titles of the axes that follow from it.
    pub fn labels(&self, kind: &dyn ObjectiveKind) -> [String; 3] {
        let [u, v] = match self.directions {
            Directions::Parameters(axes) => axes.map(|axis| kind.parameter_name(axis)),
            Directions::Pca => ["PC 1", "PC 2"].map(str::to_owned),
            Directions::Random { .. } => ["direction 1", "direction 2"].map(str::to_owned),
        };
        [u, v, DEFAULT_LABELS[2].to_owned()]
    }

    /// The plane at the step shown, or at the ends of the descents. `None` while what decides it is not computed.
    pub fn resolve(
        &self,
        kind: &dyn ObjectiveKind,
        descents: &[PathSoFar],
        step: Option<usize>,
    ) -> Option<ResolvedPlane> {
        let through = self.point(kind, descents, step)?;
        Some(match self.directions {
            Directions::Parameters(axes) => ResolvedPlane {
                plane: Plane::of_parameters(&through, axes),
                explained: None,
            },
            Directions::Random { seed } => ResolvedPlane {
                plane: random(kind, through, seed),
                explained: None,
            },
            Directions::Pca => {
                let shown = descents.iter().filter(|path| path.shown);
                if !shown.clone().all(|path| path.is_complete) {
                    return None;
                }
                // The directions are those of the whole paths, wherever the plane is on its way along one.
                let from = self.point(kind, descents, None)?;
                let paths: Vec<&[f64]> = shown.map(|path| path.history.points()).collect();
                let found = principal(&from, &paths)?;
                let [u, v] = found.directions;
                ResolvedPlane {
                    plane: Plane::new(through.into(), u, Some(v)),
                    explained: Some(found.explained),
                }
            }
        })
    }

    /// The plane that there is before anything is computed, if there is one.
    pub fn at_origin(&self, kind: &dyn ObjectiveKind) -> Option<ResolvedPlane> {
        let spec = PlaneSpec {
            through: Through::Origin,
            ..self.clone()
        };
        spec.resolve(kind, &[], None)
            .filter(|_| self.directions != Directions::Pca)
    }

    /// The parameters that the plane passes through; `None` while they are not computed.
    fn point(
        &self,
        kind: &dyn ObjectiveKind,
        descents: &[PathSoFar],
        step: Option<usize>,
    ) -> Option<Vec<f64>> {
        let descent = match &self.through {
            Through::Origin => None,
            Through::Descent(name) => descents.iter().find(|path| path.name == *name),
        };
        // A descent that was renamed or removed, or has not even a start, leaves the plane at the origin.
        let Some(path) = descent.filter(|path| !(path.is_complete && path.history.is_empty()))
        else {
            return Some(vec![0.0; kind.parameters()]);
        };
        let last = path.history.len().checked_sub(1)?;
        let at = match step.filter(|_| self.follows) {
            Some(step) if path.is_complete || step <= last => step.min(last),
            None if path.is_complete => last,
            _ => return None,
        };
        Some(path.history.at(at).to_vec())
    }
}

/// The plane through a point along two random directions, filter by filter as long as the point's own weights; where
/// those are all zero, of length one each.
fn random(kind: &dyn ObjectiveKind, through: Vec<f64>, seed: u64) -> Plane {
    let mut rng = Pcg64::seed_from_u64(seed);
    let filters: Vec<usize> = (0..through.len()).map(|i| kind.filter_of(i)).collect();
    let count = filters.iter().max().map_or(0, |most| most + 1);
    let lengths = |w: &[f64]| {
        let mut squares = vec![0.0; count];
        for (w, &filter) in w.iter().zip(&filters) {
            squares[filter] += w * w;
        }
        squares
    };
    let own = lengths(&through);
    let is_zero = own.iter().all(|square| *square == 0.0);
    let mut direction = || -> Arc<[f64]> {
        let mut numbers: Vec<f64> = (0..through.len())
            .map(|_| StandardNormal.sample(&mut rng))
            .collect();
        let theirs = lengths(&numbers);
        let whole: f64 = theirs.iter().sum();
        for (number, &filter) in numbers.iter_mut().zip(&filters) {
            let square = if is_zero {
                1.0 / whole
            } else {
                own[filter] / theirs[filter]
            };
            *number *= square.sqrt();
        }
        numbers.into()
    };
    let (u, v) = (direction(), direction());
    Plane::new(through.into(), u, Some(v))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descent::Descent;
    use crate::experiment::{Experiment, Mnist, ObjectiveSpec};

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn random_directions_are_as_long_as_the_weights_filter_by_filter() {
        let kind = Mnist;
        let through: Vec<f64> = (0..20).map(|k| f64::from(k % 7) - 2.0).collect();
        let plane = random(&kind, through.clone(), 1);
        let length = |w: &[f64], class: usize| w[class].hypot(w[10 + class]);
        for class in 0..10 {
            for direction in [plane.u(), plane.v().expect("a plane")] {
                let difference = length(direction, class) - length(&through, class);
                assert!(difference.abs() < 1e-12, "class {class}");
            }
        }
        assert_eq!(plane, random(&kind, through.clone(), 1));
        assert!(!plane.is_parallel_to(&random(&kind, through, 2)));
        let at_zero = random(&kind, vec![0.0; 20], 1);
        assert!((dot(at_zero.u(), at_zero.u()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_plane_waits_for_what_it_passes_through() {
        let panel = Experiment::load("bowl")
            .expect("a built-in")
            .panels
            .remove(0);
        let mut plan = panel.descents[0].plan.clone();
        plan.steps = 10;
        let objective = panel.objective(None).expect("a function");
        let mut descent = Descent::new(objective, plan);
        let kind = ObjectiveSpec::named("rosenbrock").expect("a named objective");
        let at = |descent: &Descent, spec: &PlaneSpec, step| {
            let path = PathSoFar {
                name: "Down",
                shown: true,
                history: descent.history(),
                is_complete: descent.status().is_over(),
            };
            let resolved = spec.resolve(&*kind, &[path], step);
            resolved.map(|resolved| resolved.plane.origin().to_vec())
        };
        let spec = PlaneSpec {
            through: Through::Descent("Down".to_owned()),
            follows: true,
            ..PlaneSpec::of(Directions::Random { seed: 0 })
        };
        descent.advance(4);
        assert_eq!(at(&descent, &spec, None), None);
        assert_eq!(at(&descent, &spec, Some(5)), None);
        let third = descent.history().at(3).to_vec();
        assert_eq!(at(&descent, &spec, Some(3)), Some(third));
        descent.run();
        let last = descent.history().last().expect("iterates").to_vec();
        for step in [None, Some(10), Some(99)] {
            assert_eq!(at(&descent, &spec, step), Some(last.clone()));
        }
        let gone = PlaneSpec {
            through: Through::Descent("gone".to_owned()),
            ..spec
        };
        assert_eq!(at(&descent, &gone, None), Some(vec![0.0; 2]));
    }
}

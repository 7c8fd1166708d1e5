//! Through which plane of its parameters an objective is seen, and how a panel's words for it become one.

use std::sync::Arc;

use super::ObjectiveKind;
use crate::descent::History;
use crate::objective::Objective;
use crate::plane::lanczos::greatest;
use crate::plane::{Plane, principal, random, two_directions};

/// The plane of a panel that shows more parameters than it has axes.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaneSpec {
    pub directions: Directions,
    pub through: Through,
    /// Whether the plane passes through the parameters at the step shown, instead of the final ones.
    pub follows: bool,
    /// Nodes along its axes, 2 to [`MAX_GRID`](super::MAX_GRID) each.
    pub grid: [usize; 2],
    /// The descent whose batch at the step shown the surface is the loss over; `None`: the loss over all samples.
    pub batch: Option<String>,
}

/// The two directions of a plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directions {
    /// Those of two parameters: different ones.
    Parameters([usize; 2]),
    /// The first two principal components of the shown paths, seen from where the plane passes through (Lorch 2016; Li et
    /// al. 2018, section 7).
    Pca,
    /// Two random ones, each neuron's part as long as its weights are where the plane passes through ("filter
    /// normalisation", Li et al. 2018, section 4).
    Random { seed: u64 },
    /// The two along which the loss curves upwards most where the plane passes through: the Hessian's greatest eigenvalues'.
    Hessian,
    /// From the first of three descents' ends to the second, and at right angles to that towards the third (Garipov et al.
    /// 2018); the plane passes through all three.
    Between([String; 3]),
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
    pub const HESSIAN: &'static str = "hessian";
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

/// What decides a plane but for where along a path it lies.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// Of length one and at right angles, where they do not depend on the place.
    directions: Option<[Arc<[f64]>; 2]>,
    /// See [`ResolvedPlane::explained`].
    explained: Option<[f64; 2]>,
    /// The plane's own, where it does not pass through any one descent.
    origin: Option<Arc<[f64]>>,
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
            batch: None,
        }
    }

    /// Through the end of the first descent where its directions are those of paths: there is nothing to see around the origin.
    pub fn through_first(self, descent: Option<&str>) -> PlaneSpec {
        match (&self.directions, descent) {
            (Directions::Pca, Some(name)) => PlaneSpec {
                through: Through::Descent(name.to_owned()),
                ..self
            },
            _ => self,
        }
    }

    /// A descent that it passes through, or whose batches it shows, has another name.
    pub fn rename(&mut self, from: &str, to: &str) {
        if let Through::Descent(name) = &mut self.through
            && name == from
        {
            *name = to.to_owned();
        }
        if self.batch.as_deref() == Some(from) {
            self.batch = Some(to.to_owned());
        }
        if let Directions::Between(names) = &mut self.directions {
            let renamed = names.iter_mut().filter(|name| *name == from);
            renamed.for_each(|name| *name = to.to_owned());
        }
    }

    /// A descent that it passes through, or whose batches it shows, is gone.
    pub fn forget(&mut self, name: &str) {
        if self.through == Through::Descent(name.to_owned()) {
            self.through = Through::Origin;
        }
        if self.batch.as_deref() == Some(name) {
            self.batch = None;
        }
        if let Directions::Between(names) = &self.directions
            && names.iter().any(|known| known == name)
        {
            self.directions = Directions::Pca;
        }
    }

    /// Whether its axes are those of the paths, whose extent nobody knows beforehand.
    pub fn is_of_paths(&self) -> bool {
        matches!(self.directions, Directions::Pca | Directions::Between(_))
    }

    /// The titles of the axes that follow from it.
    pub fn labels(&self, kind: &dyn ObjectiveKind) -> [String; 3] {
        let [u, v] = match &self.directions {
            Directions::Parameters(axes) => axes.map(|axis| kind.parameter_name(axis)),
            Directions::Pca => ["PC 1", "PC 2"].map(str::to_owned),
            Directions::Random { .. } => ["direction 1", "direction 2"].map(str::to_owned),
            Directions::Hessian => ["eigenvector 1", "eigenvector 2"].map(str::to_owned),
            Directions::Between([a, b, c]) => [format!("{a} → {b}"), format!("towards {c}")],
        };
        [u, v, kind.height_name().to_owned()]
    }

    /// The plane at the step shown, or at the ends of the descents. `None` while what decides it is not computed.
    pub fn resolve(
        &self,
        kind: &dyn ObjectiveKind,
        objective: &dyn Objective,
        descents: &[PathSoFar],
        step: Option<usize>,
    ) -> Option<ResolvedPlane> {
        let found = self.find(kind, objective, descents)?;
        self.place(kind, &found, descents, step)
    }

    /// What of the plane stays wherever along a path it lies. It may take long where it is not
    /// [at hand](Self::is_at_hand). `None` while what decides it is not computed.
    pub fn find(
        &self,
        kind: &dyn ObjectiveKind,
        objective: &dyn Objective,
        descents: &[PathSoFar],
    ) -> Option<Found> {
        if !self.is_decided(descents) {
            return None;
        }
        match &self.directions {
            Directions::Parameters(_) | Directions::Random { .. } => Some(Found::default()),
            Directions::Pca => {
                let from = self.point(kind, descents, None)?;
                let shown = descents.iter().filter(|path| path.shown);
                let paths: Vec<&[f64]> = shown.map(|path| path.history.points()).collect();
                let found = principal(&from, &paths)?;
                Some(Found {
                    directions: Some(found.directions),
                    explained: Some(found.explained),
                    origin: None,
                })
            }
            Directions::Hessian => {
                let at = self.point(kind, descents, None)?;
                let product = |along: &[f64], out: &mut [f64]| {
                    objective.hessian_product(&at, along, out);
                };
                // Where nothing curves, or nothing is finite, any directions are as good.
                let pairs = greatest(at.len(), 2, product).unwrap_or_default();
                let vectors: Vec<Vec<f64>> = pairs.into_iter().map(|(_, vector)| vector).collect();
                Some(Found {
                    directions: Some(two_directions(&vectors, at.len())?),
                    ..Found::default()
                })
            }
            Directions::Between(names) => {
                let ends: Option<Vec<Vec<f64>>> = names
                    .iter()
                    .map(|name| end(kind, descents, name, None))
                    .collect();
                let ends = ends?;
                let (first, others) = ends.split_first()?;
                let away = |end: &Vec<f64>| end.iter().zip(first).map(|(w, a)| w - a).collect();
                let away: Vec<Vec<f64>> = others.iter().map(away).collect();
                let mut directions = two_directions(&away, first.len())?;
                // Towards the second end and the third, whatever the signs of the entries.
                for (direction, away) in directions.iter_mut().zip(&away) {
                    let along: f64 = direction.iter().zip(away).map(|(d, w)| d * w).sum();
                    if along < 0.0 {
                        *direction = direction.iter().map(|d| -d).collect();
                    }
                }
                Some(Found {
                    directions: Some(directions),
                    origin: Some(first.clone().into()),
                    explained: None,
                })
            }
        }
    }

    /// Whether [`find`](Self::find) has nothing to do.
    pub fn is_at_hand(&self) -> bool {
        matches!(
            self.directions,
            Directions::Parameters(_) | Directions::Random { .. }
        )
    }

    /// Whether all is computed that [`find`](Self::find) needs.
    pub fn is_decided(&self, descents: &[PathSoFar]) -> bool {
        self.is_at_hand() || descents.iter().all(|path| path.is_complete)
    }

    /// The plane with what was found, at the step shown, or at the ends of the descents. `None` while that is not computed.
    pub fn place(
        &self,
        kind: &dyn ObjectiveKind,
        found: &Found,
        descents: &[PathSoFar],
        step: Option<usize>,
    ) -> Option<ResolvedPlane> {
        let origin = match &found.origin {
            Some(origin) => origin.clone(),
            None => self.point(kind, descents, step)?.into(),
        };
        let plane = match (&self.directions, &found.directions) {
            (Directions::Parameters(axes), _) => Plane::of_parameters(&origin, *axes),
            (Directions::Random { seed }, _) => {
                let filters: Vec<usize> = (0..origin.len()).map(|i| kind.filter_of(i)).collect();
                random(origin.to_vec(), &filters, *seed)
            }
            (_, Some([u, v])) => Plane::new(origin, u.clone(), Some(v.clone())),
            (_, None) => return None,
        };
        Some(ResolvedPlane {
            plane,
            explained: found.explained.or_else(|| kind.explained()),
        })
    }

    /// The plane that there is before anything is computed, if there is one.
    pub fn at_origin(&self, kind: &dyn ObjectiveKind) -> Option<ResolvedPlane> {
        let spec = PlaneSpec {
            through: Through::Origin,
            ..self.clone()
        };
        let is_at_hand = spec.is_at_hand();
        is_at_hand.then(|| spec.place(kind, &Found::default(), &[], None))?
    }

    /// The parameters that the plane passes through; `None` while they are not computed.
    fn point(
        &self,
        kind: &dyn ObjectiveKind,
        descents: &[PathSoFar],
        step: Option<usize>,
    ) -> Option<Vec<f64>> {
        match &self.through {
            Through::Origin => Some(vec![0.0; kind.parameters()]),
            Through::Descent(name) => end(kind, descents, name, step.filter(|_| self.follows)),
        }
    }
}

/// The parameters at a step of a descent, or at its end; `None` while they are not computed.
fn end(
    kind: &dyn ObjectiveKind,
    descents: &[PathSoFar],
    name: &str,
    step: Option<usize>,
) -> Option<Vec<f64>> {
    let descent = descents.iter().find(|path| path.name == name);
    // A descent that was renamed or removed, or has not even a start, leaves the plane at the origin.
    let Some(path) = descent.filter(|path| !(path.is_complete && path.history.is_empty())) else {
        return Some(vec![0.0; kind.parameters()]);
    };
    let last = path.history.len().checked_sub(1)?;
    let at = match step {
        Some(step) if path.is_complete || step <= last => step.min(last),
        None if path.is_complete => last,
        _ => return None,
    };
    Some(path.history.at(at).to_vec())
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
        let filters: Vec<usize> = (0..20).map(|i| kind.filter_of(i)).collect();
        let random = |through: Vec<f64>, seed| random(through, &filters, seed);
        let plane = random(through.clone(), 1);
        let length = |w: &[f64], class: usize| w[class].hypot(w[10 + class]);
        for class in 0..10 {
            for direction in [plane.u(), plane.v().expect("a plane")] {
                let difference = length(direction, class) - length(&through, class);
                assert!(difference.abs() < 1e-12, "class {class}");
            }
        }
        assert_eq!(plane, random(through.clone(), 1));
        assert!(!plane.is_parallel_to(&random(through, 2)));
        let at_zero = random(vec![0.0; 20], 1);
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
            let resolved = spec.resolve(&*kind, &**descent.objective(), &[path], step);
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

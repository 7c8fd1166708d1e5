//! Affine slices of ℝⁿ: the plane through which an objective is seen.

pub mod eigen;
pub mod lanczos;
mod principal;
mod random;

use std::sync::Arc;

pub use principal::{Principal, principal, two_directions};
pub use random::random;

/// The points origin + a·u + b·v; without v, the line origin + a·u.
///
/// For a function of one or two variables it is the identity: (a, b) are the variables themselves. Directions are shared,
/// not copied: there may be many thousand numbers in them.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    origin: Arc<[f64]>,
    u: Arc<[f64]>,
    v: Option<Arc<[f64]>>,
    /// u·u, u·v, v·v.
    products: [f64; 3],
    /// Which two parameters the coordinates are, if they are.
    axes: Option<[usize; 2]>,
}

/// A plane's first and second direction; without the second it is a line.
pub type Directions = (Arc<[f64]>, Option<Arc<[f64]>>);

impl Plane {
    /// The plane through `origin` along `u` and `v`, which must be independent and as long as `origin`. Without `v` it
    /// is a line.
    pub fn new(origin: Arc<[f64]>, u: Arc<[f64]>, v: Option<Arc<[f64]>>) -> Plane {
        let across = v.as_deref().unwrap_or(&[]);
        Plane {
            products: [dot(&u, &u), dot(&u, across), dot(across, across)],
            axes: None,
            origin,
            u,
            v,
        }
    }

    /// The plane whose coordinates are the variables of a function of `dim` (1 or 2) variables.
    pub fn identity(dim: usize) -> Plane {
        match dim {
            2 => Plane::of_parameters(&[0.0; 2], [0, 1]),
            _ => Plane::new(Arc::new([0.0]), Arc::new([1.0]), None),
        }
    }

    /// The plane through `weights` whose coordinates are two of the parameters: different ones, below the number of
    /// `weights`.
    pub fn of_parameters(weights: &[f64], axes: [usize; 2]) -> Plane {
        let axis = |k: usize| (0..weights.len()).map(move |i| f64::from(u8::from(i == k)));
        let mut origin = weights.to_vec();
        axes.iter().for_each(|&axis| origin[axis] = 0.0);
        Plane {
            origin: origin.into(),
            u: axis(axes[0]).collect(),
            v: Some(axis(axes[1]).collect()),
            products: [1.0, 0.0, 1.0],
            axes: Some(axes),
        }
    }

    /// The point with coordinates (0, 0).
    pub fn origin(&self) -> &[f64] {
        &self.origin
    }

    /// The direction of the first coordinate.
    pub fn u(&self) -> &[f64] {
        &self.u
    }

    /// The direction of the second; `None` for a line.
    pub fn v(&self) -> Option<&[f64]> {
        self.v.as_deref()
    }

    /// Which two parameters the coordinates are, if they are.
    pub fn axes(&self) -> Option<[usize; 2]> {
        self.axes
    }

    /// Whether every point of ℝⁿ lies on it.
    pub fn is_everything(&self) -> bool {
        self.origin.len() == 1 + usize::from(self.v.is_some())
    }

    /// Whether the other is this very plane, or a copy of it: it shares its numbers. Equal ones that were made apart are not.
    pub fn is(&self, other: &Plane) -> bool {
        let across = match (&self.v, &other.v) {
            (Some(v), Some(other)) => Arc::ptr_eq(v, other),
            (None, None) => true,
            _ => false,
        };
        across && Arc::ptr_eq(&self.origin, &other.origin) && Arc::ptr_eq(&self.u, &other.u)
    }

    /// Whether the other plane has the same directions, wherever it lies.
    pub fn is_parallel_to(&self, other: &Plane) -> bool {
        (&self.u, &self.v) == (&other.u, &other.v)
    }

    /// Both directions, shared.
    pub fn directions(&self) -> Directions {
        (self.u.clone(), self.v.clone())
    }

    /// The point of ℝⁿ with coordinates (a, b); `b` is ignored for a line.
    pub fn point(&self, a: f64, b: f64) -> Vec<f64> {
        let mut out = vec![0.0; self.origin.len()];
        self.point_into(a, b, &mut out);
        out
    }

    /// Writes the point of ℝⁿ with coordinates (a, b) into `out`.
    pub fn point_into(&self, a: f64, b: f64, out: &mut [f64]) {
        if let Some([i, j]) = self.axes {
            out.copy_from_slice(&self.origin);
            (out[i], out[j]) = (a, b);
            return;
        }
        for (i, out) in out.iter_mut().enumerate() {
            *out = self.origin[i] + a * self.u[i];
            if let Some(v) = &self.v {
                *out += b * v[i];
            }
        }
    }

    /// The coordinates of the plane's point nearest to `w` (least squares); b is 0 for a line.
    pub fn coordinates(&self, w: &[f64]) -> [f64; 2] {
        if let Some([i, j]) = self.axes {
            return [w[i], w[j]];
        }
        // Asked for every iterate: without room of its own for the difference.
        let along = |axis: &[f64]| {
            let offsets = w.iter().zip(&*self.origin).map(|(w, o)| w - o);
            offsets.zip(axis).map(|(d, a)| d * a).sum::<f64>()
        };
        let [uu, uv, vv] = self.products;
        let du = along(&self.u);
        let Some(v) = &self.v else {
            return [du / uu, 0.0];
        };
        let dv = along(v);
        let determinant = uu * vv - uv * uv;
        [
            (du * vv - dv * uv) / determinant,
            (dv * uu - du * uv) / determinant,
        ]
    }

    /// How far `w` lies off the plane, in the parameters' units.
    pub fn distance(&self, w: &[f64]) -> f64 {
        let [a, b] = self.coordinates(w);
        let foot = self.point(a, b);
        let squares = w.iter().zip(&foot).map(|(w, foot)| (w - foot).powi(2));
        squares.sum::<f64>().sqrt()
    }

    /// Moves `w` along the plane until its coordinates are (a, b). How far it lies off the plane stays.
    pub fn move_to(&self, w: &mut [f64], [a, b]: [f64; 2]) {
        if let Some([i, j]) = self.axes {
            (w[i], w[j]) = (a, b);
            return;
        }
        if self.is_everything() {
            self.point_into(a, b, w);
            return;
        }
        let [from_a, from_b] = self.coordinates(w);
        for (i, w) in w.iter_mut().enumerate() {
            *w += (a - from_a) * self.u[i];
            *w += self.v.as_ref().map_or(0.0, |v| (b - from_b) * v[i]);
        }
    }

    /// A vector of ℝⁿ along u and along v: the slopes on the plane that belong to a gradient. 0 along v for a line.
    pub fn along(&self, vector: &[f64]) -> [f64; 2] {
        match (self.axes, &self.v) {
            (Some(axes), _) => axes.map(|axis| vector[axis]),
            (None, Some(v)) => [dot(vector, &self.u), dot(vector, v)],
            (None, None) => [dot(vector, &self.u), 0.0],
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn the_identity_leaves_numbers_as_they_are() {
        let plane = Plane::identity(2);
        assert_eq!(plane.point(0.1, -0.7), [0.1, -0.7]);
        assert_eq!(plane.coordinates(&[0.1, -0.7]), [0.1, -0.7]);
        assert_eq!(plane.distance(&[0.1, -0.7]), 0.0);
        let line = Plane::identity(1);
        assert_eq!(line.point(0.3, 9.0), [0.3]);
        assert_eq!(line.coordinates(&[0.3]), [0.3, 0.0]);
        assert_eq!(line.along(&[2.0]), [2.0, 0.0]);
        assert!(plane.is_everything() && line.is_everything());
    }

    #[test]
    fn a_skewed_plane_gives_the_foot_of_the_perpendicular() {
        let (u, v): ([f64; 3], [f64; 3]) = ([1.0, 1.0, 0.0], [0.0, 2.0, 0.0]);
        let plane = Plane::new(Arc::new([1.0, 0.0, 2.0]), Arc::new(u), Some(Arc::new(v)));
        // the plane is z = 2; the point lies 3 above it
        let mut w = plane.point(0.5, -1.5);
        w[2] += 3.0;
        let [a, b] = plane.coordinates(&w);
        assert_relative_eq!(a, 0.5);
        assert_relative_eq!(b, -1.5);
        assert_relative_eq!(plane.distance(&w), 3.0);
        assert_eq!(plane.along(&[1.0, 10.0, 100.0]), [11.0, 20.0]);
        plane.move_to(&mut w, [-2.0, 3.0]);
        assert_relative_eq!(plane.coordinates(&w)[..], [-2.0, 3.0]);
        assert_relative_eq!(plane.distance(&w), 3.0);
        assert!(!plane.is_everything());
    }

    #[test]
    fn two_parameters_are_coordinates_themselves() {
        let weights = [5.0, 6.0, 7.0, 8.0];
        let plane = Plane::of_parameters(&weights, [3, 1]);
        assert_eq!(plane.point(0.5, -1.5), [5.0, -1.5, 7.0, 0.5]);
        assert_eq!(plane.coordinates(&weights), [8.0, 6.0]);
        // As the general case has it.
        let shared = |axis: &[f64]| Arc::from(axis);
        let v = plane.v().map(shared);
        let general = Plane::new(shared(plane.origin()), shared(plane.u()), v);
        assert_eq!(general.point(0.5, -1.5), plane.point(0.5, -1.5));
        assert_eq!(general.coordinates(&weights), [8.0, 6.0]);
        assert_eq!(general.along(&weights), plane.along(&weights));
        assert!(general.is_parallel_to(&Plane::of_parameters(&[0.0; 4], [3, 1])));
        assert!(!general.is_parallel_to(&Plane::of_parameters(&weights, [1, 3])));
    }
}

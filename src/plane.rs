//! Affine slices of ℝⁿ: the plane through which an objective is seen.

/// The points origin + a·u + b·v; without v, the line origin + a·u.
///
/// For a function of one or two variables it is the identity: (a, b) are the variables themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// The point with coordinates (0, 0).
    pub origin: Vec<f64>,
    /// The direction of the first coordinate.
    pub u: Vec<f64>,
    /// The direction of the second, independent of u; `None` for a curve.
    pub v: Option<Vec<f64>>,
}

impl Plane {
    /// The plane whose coordinates are the variables of a function of `dim` (1 or 2) variables.
    pub fn identity(dim: usize) -> Plane {
        let axis = |k: usize| (0..dim).map(|i| f64::from(i == k)).collect();
        Plane {
            origin: vec![0.0; dim],
            u: axis(0),
            v: (dim > 1).then(|| axis(1)),
        }
    }

    /// The point of ℝⁿ with coordinates (a, b); `b` is ignored for a curve.
    pub fn point(&self, a: f64, b: f64) -> Vec<f64> {
        let mut out = vec![0.0; self.origin.len()];
        self.point_into(a, b, &mut out);
        out
    }

    /// Writes the point of ℝⁿ with coordinates (a, b) into `out`.
    pub fn point_into(&self, a: f64, b: f64, out: &mut [f64]) {
        for (i, out) in out.iter_mut().enumerate() {
            *out = self.origin[i] + a * self.u[i];
            if let Some(v) = &self.v {
                *out += b * v[i];
            }
        }
    }

    /// The coordinates of the plane's point nearest to `w` (least squares); b is 0 for a curve.
    pub fn coordinates(&self, w: &[f64]) -> [f64; 2] {
        // Asked for every iterate of every frame: without room of its own for the difference.
        let along = |axis: &[f64]| {
            let offsets = w.iter().zip(&self.origin).map(|(w, o)| w - o);
            offsets.zip(axis).map(|(d, a)| d * a).sum::<f64>()
        };
        let (uu, du) = (dot(&self.u, &self.u), along(&self.u));
        let Some(v) = &self.v else {
            return [du / uu, 0.0];
        };
        let (uv, vv, dv) = (dot(&self.u, v), dot(v, v), along(v));
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
    }

    #[test]
    fn a_skewed_plane_gives_the_foot_of_the_perpendicular() {
        let plane = Plane {
            origin: vec![1.0, 0.0, 2.0],
            u: vec![1.0, 1.0, 0.0],
            v: Some(vec![0.0, 2.0, 0.0]),
        };
        // the plane is z = 2; the point lies 3 above it
        let mut w = plane.point(0.5, -1.5);
        w[2] += 3.0;
        let [a, b] = plane.coordinates(&w);
        assert_relative_eq!(a, 0.5);
        assert_relative_eq!(b, -1.5);
        assert_relative_eq!(plane.distance(&w), 3.0);
    }
}

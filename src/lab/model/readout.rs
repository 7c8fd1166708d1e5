//! What a landscape is like at a point: loss, slopes and curvatures.

use super::field::Field;

/// Loss, gradient and the Hessian's eigenvalues along the axes that are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Readout {
    pub loss: f64,
    /// Along x and y; the second is 0 for a curve.
    pub gradient: [f64; 2],
    /// Ascending; for a curve both are the second derivative.
    pub curvatures: [f64; 2],
}

impl Readout {
    /// 2/λ of the greatest curvature: above this rate plain gradient descent moves away from a minimum of this shape.
    /// `None` where nothing curves upwards.
    pub fn rate_limit(&self) -> Option<f64> {
        let most = self.curvatures[1];
        (most > 0.0).then_some(2.0 / most)
    }
}

impl Field {
    /// `None` where the loss or a derivative is not finite.
    pub fn readout(&self, x: f64, y: f64) -> Option<Readout> {
        let curve = self.grid.domain.y.is_none();
        let w = self.plane.point(x, y);
        let mut full = vec![0.0; w.len()];
        let loss = self.objective.gradient(&w, &mut full);
        let gradient = self.plane.along(&full);
        let curvatures = principal(self.curvature(&w)?).map(|(value, _)| value);
        let readout = Readout {
            loss,
            gradient: if curve { [gradient[0], 0.0] } else { gradient },
            curvatures,
        };
        let numbers = [[loss, 0.0], gradient, curvatures];
        let finite = numbers.iter().flatten().all(|number| number.is_finite());
        finite.then_some(readout)
    }

    /// The second derivatives [xx, xy, yy] of the loss along the axes that are drawn, at parameters `w`; of a curve the second
    /// derivative twice. `None` where they are not finite.
    pub fn curvature(&self, w: &[f64]) -> Option<[f64; 3]> {
        let curvature = if w.len() <= 2 {
            let mut hessian = vec![0.0; w.len() * w.len()];
            self.objective.hessian(w, &mut hessian);
            match hessian[..] {
                [xx] => [xx, 0.0, xx],
                [xx, xy, _, yy] => [xx, xy, yy],
                _ => return None,
            }
        } else {
            let mut product = vec![0.0; w.len()];
            let mut along = |direction: &[f64]| {
                self.objective.hessian_product(w, direction, &mut product);
                self.plane.along(&product)
            };
            let [xx, xy] = along(self.plane.u());
            let [_, yy] = along(self.plane.v()?);
            [xx, xy, yy]
        };
        curvature.iter().all(|c| c.is_finite()).then_some(curvature)
    }
}

/// The eigenvalues of a symmetric matrix [xx, xy, yy], ascending, each with its direction of length 1.
pub fn principal([xx, xy, yy]: [f64; 3]) -> [(f64, [f64; 2]); 2] {
    let middle = 0.5 * (xx + yy);
    let half = 0.5 * (xx - yy);
    let apart = half.hypot(xy);
    // The greater one's direction, by the half angle, from the side on which nothing cancels.
    let (c, s) = if apart == 0.0 {
        (1.0, 0.0)
    } else if half >= 0.0 {
        (half + apart, xy)
    } else {
        (xy, apart - half)
    };
    let length = c.hypot(s);
    let [c, s] = [c / length, s / length];
    [(middle - apart, [-s, c]), (middle + apart, [c, s])]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::experiment::Experiment;
    use crate::lab::PanelLandscape;

    fn field(formula: &str, domain: &str) -> Arc<Field> {
        let text = format!("steepest = 1\n[[panel]]\nformula = '{formula}'\ndomain = {domain}");
        let experiment = Experiment::parse(&text, "test").expect("an experiment");
        PanelLandscape::of_function(experiment.panels[0].clone()).field
    }

    #[test]
    fn a_bowl_is_read_as_it_is() {
        let field = field("3x^2 + y^2 + x*y", "[[-1, 1], [-1, 1]]");
        let readout = field.readout(0.5, -0.25).expect("finite");
        assert!((readout.loss - (0.75 + 0.0625 - 0.125)).abs() < 1e-12);
        assert!((readout.gradient[0] - 2.75).abs() < 1e-12);
        assert!(readout.gradient[1].abs() < 1e-12);
        // Of [[6, 1], [1, 2]].
        let root = 5f64.sqrt();
        assert!((readout.curvatures[0] - (4.0 - root)).abs() < 1e-12);
        assert!((readout.curvatures[1] - (4.0 + root)).abs() < 1e-12);
        let limit = readout.rate_limit().expect("it curves upwards");
        assert!((limit - 2.0 / (4.0 + root)).abs() < 1e-12);
    }

    #[test]
    fn a_curve_has_one_slope_and_a_hole_has_none() {
        let curve = field("-x^2", "[[-1, 1]]")
            .readout(0.5, 0.0)
            .expect("finite");
        assert_eq!(
            (curve.gradient, curve.curvatures),
            ([-1.0, 0.0], [-2.0, -2.0])
        );
        assert_eq!(curve.rate_limit(), None);
        assert_eq!(field("ln(x)", "[[-1, 1]]").readout(-0.5, 0.0), None);
    }

    #[test]
    fn directions_belong_to_their_values() {
        for [xx, xy, yy] in [
            [6.0, 1.0, 2.0],
            [2.0, 1.0, 6.0],
            [2.0, -1.0, 6.0],
            [-3.0, 0.0, 5.0],
            [5.0, 0.0, -3.0],
            [4.0, 0.0, 4.0],
            [1.0, 1e-9, 1.0],
            [1e300, 3e299, -1e300],
            [0.0, 0.0, 0.0],
        ] {
            for (value, [x, y]) in principal([xx, xy, yy]) {
                let size = xx.abs().max(yy.abs()).max(xy.abs()).max(1e-300);
                let missed = [xx * x + xy * y - value * x, xy * x + yy * y - value * y];
                assert!(missed.iter().all(|m| m.abs() <= 1e-12 * size), "{missed:?}");
                assert!((x.hypot(y) - 1.0).abs() < 1e-15);
            }
        }
    }
}

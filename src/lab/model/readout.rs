//! What a landscape is like at a point: loss, slopes and curvatures.

use super::field::Field;

/// Step of differences, as a share of the range.
const STEP: f64 = 1e-4;

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
        let mut w = self.plane.point(x, y);
        let mut full = vec![0.0; w.len()];
        let loss = self.objective.gradient(&w, &mut full);
        let gradient = self.plane.along(&full);
        let hessian = if w.len() <= 2 {
            let mut hessian = vec![0.0; w.len() * w.len()];
            self.objective.hessian(&w, &mut hessian);
            match hessian[..] {
                [xx] => [xx, 0.0, xx],
                [xx, xy, _, yy] => [xx, xy, yy],
                _ => return None,
            }
        } else {
            // Two axes of many parameters: differences of the gradient.
            let [[x0, x1], [y0, y1]] = [self.grid.domain.x, self.grid.domain.y_or_zero()];
            let mut slopes_at = |x: f64, y: f64| {
                self.plane.point_into(x, y, &mut w);
                self.objective.gradient(&w, &mut full);
                self.plane.along(&full)
            };
            let (dx, dy) = ((x1 - x0) * STEP, (y1 - y0) * STEP);
            let [left, right] = [slopes_at(x - dx, y), slopes_at(x + dx, y)];
            let [near, far] = [slopes_at(x, y - dy), slopes_at(x, y + dy)];
            let across = |a: f64, b: f64, d: f64| (b - a) / (2.0 * d);
            [
                across(left[0], right[0], dx),
                0.5 * (across(left[1], right[1], dx) + across(near[0], far[0], dy)),
                across(near[1], far[1], dy),
            ]
        };
        let curvatures = eigenvalues(hessian);
        let readout = Readout {
            loss,
            gradient: if curve { [gradient[0], 0.0] } else { gradient },
            curvatures,
        };
        let numbers = [[loss, 0.0], gradient, curvatures];
        let finite = numbers.iter().flatten().all(|number| number.is_finite());
        finite.then_some(readout)
    }
}

/// Of a symmetric matrix [xx, xy, yy], ascending.
fn eigenvalues([xx, xy, yy]: [f64; 3]) -> [f64; 2] {
    let middle = 0.5 * (xx + yy);
    let apart = (0.5 * (xx - yy)).hypot(xy);
    [middle - apart, middle + apart]
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
}

//! The quadratic model of the loss at a point, as a patch that touches the surface and ends where it no longer fits, and the
//! point to which Newton's step leads.

use bevy::prelude::*;

use super::glyphs::{Form, Glyph};
use super::overlay::Pointed;
use crate::experiment::Overview;
use crate::lab::model::field::PanelLandscape;
use crate::lab::model::readout::principal;
use crate::lab::model::{CurrentExperiment, PanelIndex};
use crate::lab::stage::Stage;
use crate::lab::theme::Role;
use crate::landscape::ticks;

/// Half of the patch has so many cells along each axis.
const CELLS: i32 = 6;
/// How far the patch reaches at most, as a share of the range.
const REACH: f64 = 0.22;
/// It ends where model and loss differ by this share of the box's height.
const MISFIT: f64 = 0.05;
const NET: f32 = 0.55;
const FILL: f32 = 0.5;

/// The glyphs of the point under the pointer, and its panel.
#[derive(Resource, Debug, Clone, Default, PartialEq)]
pub struct PointedGlyphs(pub Option<(usize, Vec<Glyph>)>);

/// What takes more multiplications is not looked at at every move of the pointer.
pub(super) const DEAR: usize = 100_000;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<PointedGlyphs>()
        .add_systems(Update, at_pointer.in_set(Stage::Explain));
}

fn at_pointer(
    pointed: Res<Pointed>,
    current: Res<CurrentExperiment>,
    panels: Query<(&PanelIndex, Ref<PanelLandscape>)>,
    mut glyphs: ResMut<PointedGlyphs>,
) {
    let changed = panels.iter().any(|(_, landscape)| landscape.is_changed());
    if !(changed || pointed.is_changed() || current.is_changed()) {
        return;
    }
    let shown = current.experiment.explain.shows(Overview::Curvature);
    let found = pointed.0.filter(|_| shown).and_then(|at| {
        let (_, landscape) = panels.iter().find(|(index, _)| index.0 == at.panel)?;
        if landscape.field.objective.cost() > DEAR {
            return None;
        }
        Some((at.panel, Model::new(&landscape, at.at)?.glyphs(&landscape)))
    });
    glyphs.set_if_neq(PointedGlyphs(found));
}

/// The quadratic model m(d) = loss + g·d + ½ dᵀHd at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    /// In the panel's coordinates.
    pub at: [f64; 2],
    pub loss: f64,
    pub gradient: [f64; 2],
    /// [xx, xy, yy].
    pub hessian: [f64; 3],
    is_curve: bool,
}

impl Model {
    /// The model at a point of what is drawn; `None` where the loss or a derivative is not finite.
    pub fn new(landscape: &PanelLandscape, at: [f64; 2]) -> Option<Model> {
        let field = &landscape.field;
        let w = field.plane.point(at[0], at[1]);
        let mut full = vec![0.0; w.len()];
        let loss = field.objective.gradient(&w, &mut full);
        let gradient = field.plane.along(&full);
        let hessian = field.curvature(&w)?;
        let finite = loss.is_finite() && gradient.iter().all(|g| g.is_finite());
        finite.then_some(Model {
            at,
            loss,
            gradient,
            hessian,
            is_curve: landscape.is_curve(),
        })
    }

    /// The model's loss so far from the point.
    pub fn loss_at(&self, [dx, dy]: [f64; 2]) -> f64 {
        let [xx, xy, yy] = self.hessian;
        let [gx, gy] = self.gradient;
        self.loss + gx * dx + gy * dy + 0.5 * (xx * dx * dx + yy * dy * dy) + xy * dx * dy
    }

    /// The way −H⁻¹g to the model's critical point; `None` where the curvature is singular.
    pub fn newton(&self) -> Option<[f64; 2]> {
        let [xx, xy, yy] = self.hessian;
        let [gx, gy] = self.gradient;
        let way = if self.is_curve {
            [-gx / xx, 0.0]
        } else {
            let size = xx.abs().max(yy.abs());
            let determinant = xx * yy - xy * xy;
            if determinant.abs() <= 1e-12 * size * size {
                return None;
            }
            [
                (xy * gy - yy * gx) / determinant,
                (xy * gx - xx * gy) / determinant,
            ]
        };
        way.iter().all(|c| c.is_finite()).then_some(way)
    }

    /// The patch with its axes, and the point that Newton's step leads to.
    pub fn glyphs(&self, landscape: &PanelLandscape) -> Vec<Glyph> {
        let domain = landscape.panel.domain;
        let [x, y] = [domain.x, domain.y_or_zero()].map(|[low, high]| high - low);
        let mut glyphs = Vec::new();
        if self.is_curve {
            let way = [REACH * x, 0.0];
            glyphs.extend(self.line(landscape, [0.0; 2], way, 1.0, self.hessian[0]));
        } else {
            let [(least, v), (greatest, u)] = principal(self.hessian);
            // As far as the range allows in this direction.
            let reach = |[a, b]: [f64; 2]| REACH / (a / x).hypot(b / y);
            let [u, v] = [u, v].map(|way| way.map(|c| c * reach(way)));
            glyphs.extend(self.net(landscape, [u, v]));
            glyphs.extend(self.line(landscape, [0.0; 2], v, 1.0, least));
            glyphs.extend(self.line(landscape, [0.0; 2], u, 1.0, greatest));
        }
        if let Some(way) = self.newton() {
            let to = [self.at[0] + way[0], self.at[1] + way[1]];
            let (s, t) = (
                (to[0] - domain.x[0]) / x,
                (to[1] - domain.y_or_zero()[0]) / y,
            );
            if domain.contains(&to[..domain.dim()]) {
                let t = if self.is_curve { 0.0 } else { t };
                let height = landscape.scale.fraction(landscape.field.loss_at([s, t]));
                glyphs.push(Glyph {
                    role: Role::Curvature,
                    form: Form::Ghost,
                    places: vec![[to[0], to[1], height]],
                    strength: 1.0,
                    symbol: "Newton".to_owned(),
                });
            }
        }
        glyphs.retain(Glyph::is_finite);
        glyphs
    }

    /// The place of the model's surface so far from the point, if the model fits the loss there and the place is in the box.
    fn place(&self, landscape: &PanelLandscape, way: [f64; 2]) -> Option<[f64; 3]> {
        let domain = landscape.panel.domain;
        let at = [self.at[0] + way[0], self.at[1] + way[1]];
        if !domain.contains(&at[..domain.dim()]) {
            return None;
        }
        let fraction = |value: f64, [low, high]: [f64; 2]| (value - low) / (high - low);
        let t = domain.y.map_or(0.0, |range| fraction(at[1], range));
        let there = landscape.field.loss_at([fraction(at[0], domain.x), t]);
        let [model, there] = [self.loss_at(way), there].map(|loss| landscape.scale.fraction(loss));
        let fits = (model - there).abs() <= MISFIT && (-MISFIT..=1.0 + MISFIT).contains(&model);
        fits.then_some([at[0], at[1], model])
    }

    /// A line through the point, as far as the model fits, with its curvature at its end.
    fn line(
        &self,
        landscape: &PanelLandscape,
        from: [f64; 2],
        way: [f64; 2],
        strength: f32,
        curvature: f64,
    ) -> Option<Glyph> {
        let place = |k: i32| {
            let share = f64::from(k) / f64::from(2 * CELLS);
            self.place(landscape, [0, 1].map(|c| from[c] + share * way[c]))
        };
        let mut places: Vec<[f64; 3]> = (-2 * CELLS..=0).rev().map_while(place).collect();
        places.reverse();
        places.extend((1..=2 * CELLS).map_while(place));
        (places.len() > 1).then(|| Glyph {
            role: Role::Curvature,
            form: Form::Line,
            places,
            strength,
            symbol: format!("λ {}", ticks::label(curvature)),
        })
    }

    /// The cells of the patch that fit.
    fn net(&self, landscape: &PanelLandscape, [u, v]: [[f64; 2]; 2]) -> Vec<Glyph> {
        let place = |i: i32, j: i32| {
            let [a, b] = [i, j].map(|k| f64::from(k) / f64::from(CELLS));
            // Round, so that no corner sticks out.
            if a.hypot(b) > 1.0 + 1e-9 {
                return None;
            }
            self.place(landscape, [0, 1].map(|c| a * u[c] + b * v[c]))
        };
        let mut cells = Vec::new();
        for i in -CELLS..CELLS {
            for j in -CELLS..CELLS {
                let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)];
                let corners: Option<Vec<_>> = corners.iter().map(|&(i, j)| place(i, j)).collect();
                cells.extend(corners.map(|places| Glyph {
                    role: Role::Curvature,
                    form: Form::Cell,
                    places,
                    strength: if (i + j) % 2 == 0 { FILL } else { NET },
                    symbol: String::new(),
                }));
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;

    fn landscape(formula: &str) -> PanelLandscape {
        let text =
            format!("steepest = 1\n[[panel]]\nformula = '{formula}'\ndomain = [[-2, 2], [-2, 2]]");
        let experiment = Experiment::parse(&text, "test").expect("an experiment");
        PanelLandscape::of_function(experiment.panels[0].clone())
    }

    #[test]
    fn the_patch_touches_the_surface_in_value_slope_and_curvature() {
        let landscape = landscape("(1 - x)^2 + 10*(y - x^2)^2 + sin(3x y)");
        let model = Model::new(&landscape, [0.4, -0.3]).expect("finite");
        let objective = &landscape.field.objective;
        let f = |dx: f64, dy: f64| objective.value(&[0.4 + dx, -0.3 + dy]);
        assert!((model.loss_at([0.0; 2]) - f(0.0, 0.0)).abs() < 1e-12);
        // What is left is of third order.
        for [dx, dy] in [[1.0, 0.0], [0.0, 1.0], [0.6, -0.8]] {
            let missed = |h: f64| (model.loss_at([h * dx, h * dy]) - f(h * dx, h * dy)).abs();
            assert!(
                missed(1e-3) < 1e-6 && missed(1e-2) < 1e-3,
                "{}",
                missed(1e-3)
            );
            assert!(missed(1e-3) < missed(1e-2) / 500.0);
        }
    }

    #[test]
    fn newtons_step_ends_at_a_quadratics_minimum() {
        let landscape = landscape("3(x - 0.5)^2 + (y + 1)^2 + x y");
        let model = Model::new(&landscape, [-1.0, 1.5]).expect("finite");
        let way = model.newton().expect("regular");
        let mut gradient = [0.0; 2];
        let end = [way[0] - 1.0, way[1] + 1.5];
        landscape.field.objective.gradient(&end, &mut gradient);
        assert!(gradient.iter().all(|g| g.abs() < 1e-12), "{gradient:?}");
        let glyphs = model.glyphs(&landscape);
        assert!(glyphs.iter().any(|glyph| glyph.symbol == "Newton"));
        // A quadratic fits everywhere.
        assert!(glyphs.len() > 50, "{}", glyphs.len());
    }

    #[test]
    fn where_there_is_no_curvature_nothing_is_drawn() {
        assert_eq!(Model::new(&landscape("ln(x)"), [-1.0, 0.0]), None);
        let flat = landscape("x + y");
        let model = Model::new(&flat, [0.0, 0.0]).expect("finite");
        assert_eq!(model.newton(), None);
        let ridge = landscape("x^2");
        assert_eq!(
            Model::new(&ridge, [1.0, 0.0]).expect("finite").newton(),
            None
        );
    }
}

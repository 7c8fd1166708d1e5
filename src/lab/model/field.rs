//! What a panel shows apart from its descents: the landscape, sampled, and how its losses become heights.

use std::sync::Arc;

use bevy::prelude::*;

use crate::experiment::{ObjectiveSpec, Panel};
use crate::landscape::scale::HeightScale;
use crate::landscape::{CriticalPoints, Domain, Grid, Lines, NarrowPlace, ticks};
use crate::objective::{GoOn, Objective};
use crate::plane::Plane;

/// What decides a [`Field`].
#[derive(Debug, Clone, PartialEq)]
pub struct LandscapeKey {
    pub objective: ObjectiveSpec,
    /// The data by the number of their arrival; 0 for what needs none.
    pub data: u32,
    pub plane: Plane,
    pub domain: Domain,
    /// Columns and rows.
    pub size: [usize; 2],
    /// The samples that the loss is over; `None` for all.
    pub batch: Option<Arc<[usize]>>,
}

impl LandscapeKey {
    /// Whether two are the same but for the size, for where the plane lies, and for the samples.
    pub(super) fn is_of(&self, other: &LandscapeKey) -> bool {
        (self.data, self.domain) == (other.data, other.domain)
            && self.objective == other.objective
            && self.plane.is_parallel_to(&other.plane)
    }

    /// Whether two landscapes differ at most in where the plane lies, and in the samples.
    pub(super) fn differs_at_most_in_place(&self, other: &LandscapeKey) -> bool {
        self.size == other.size && self.is_of(other)
    }

    /// The same over all samples.
    pub(super) fn over_all(&self) -> LandscapeKey {
        LandscapeKey {
            batch: None,
            ..self.clone()
        }
    }
}

/// An objective on a panel's domain, sampled. Panels of the same landscape share it.
#[derive(Debug)]
pub struct Field {
    pub key: LandscapeKey,
    pub objective: Arc<dyn Objective>,
    pub plane: Plane,
    pub grid: Grid,
    /// What is narrower than its evenly spaced lines, and has some of its own.
    pub narrow: Vec<NarrowPlace>,
    /// The least and the greatest loss on evenly spaced lines; `None` if there is none.
    pub(super) even_bounds: Option<[f64; 2]>,
    /// What is known of the function alone, before any descent.
    pub critical: CriticalPoints,
    /// See [`ResolvedPlane`](crate::experiment::ResolvedPlane).
    pub explained: Option<[f64; 2]>,
    /// The same over all samples, where it is over some of them: it says how high the box is.
    pub whole: Option<Arc<Field>>,
    /// What it is on its way to, while one passes into another.
    pub(super) towards: Option<Arc<Field>>,
}

impl Field {
    /// An objective whose parameters are the axes. `None` once `go_on` says no.
    pub(super) fn of_function(
        key: LandscapeKey,
        objective: Arc<dyn Objective>,
        go_on: &GoOn,
    ) -> Option<Field> {
        let grid = objective.sweep(&key.plane, key.domain, key.size, go_on)?;
        let told = key.objective.told_minima();
        let critical = CriticalPoints::find_while(&*objective, key.domain, told, go_on)?;
        Some(Field {
            plane: key.plane.clone(),
            explained: None,
            whole: None,
            towards: None,
            even_bounds: grid.bounds(),
            grid,
            narrow: Vec::new(),
            critical,
            objective,
            key,
        })
    }

    /// The same without what takes longest: its critical points.
    pub(super) fn outline(
        key: LandscapeKey,
        objective: Arc<dyn Objective>,
        go_on: &GoOn,
    ) -> Option<Field> {
        let grid = objective.sweep(&key.plane, key.domain, key.size, go_on)?;
        Some(Field::of_slice(key, objective, grid, None))
    }

    /// A plane of more parameters than there are axes, swept already.
    pub(super) fn of_slice(
        key: LandscapeKey,
        objective: Arc<dyn Objective>,
        grid: Grid,
        explained: Option<[f64; 2]>,
    ) -> Field {
        Field {
            plane: key.plane.clone(),
            critical: CriticalPoints::default(),
            explained,
            whole: None,
            towards: None,
            even_bounds: grid.bounds(),
            grid,
            narrow: Vec::new(),
            objective,
            key,
        }
    }

    /// The same on other lines, those of what is narrow among them. `None` once `go_on` says no.
    pub(super) fn on_lines(
        &self,
        lines: [Lines; 2],
        narrow: Vec<NarrowPlace>,
        go_on: &GoOn,
    ) -> Option<Field> {
        let (objective, domain) = (&*self.objective, self.grid.domain);
        let grid = Grid::sample_on_while(objective, &self.plane, domain, lines, go_on)?;
        Some(Field {
            key: self.key.clone(),
            objective: self.objective.clone(),
            plane: self.plane.clone(),
            grid,
            narrow,
            even_bounds: self.even_bounds,
            critical: self.critical.clone(),
            explained: self.explained,
            whole: self.whole.clone(),
            towards: None,
        })
    }

    /// A part, from 0 to 1, of the way from one to another that [passes](Self::passes_into).
    pub(super) fn between(from: &Field, to: &Arc<Field>, part: f64) -> Field {
        let mut grid = to.grid.clone();
        for (value, from) in grid.values.iter_mut().zip(&from.grid.values) {
            let mixed = from + (*value - from) * part;
            *value = if mixed.is_finite() { mixed } else { *value };
        }
        Field {
            key: to.key.clone(),
            objective: to.objective.clone(),
            plane: to.plane.clone(),
            grid,
            narrow: Vec::new(),
            even_bounds: to.even_bounds,
            critical: to.critical.clone(),
            explained: to.explained,
            whole: to.whole.clone(),
            towards: Some(to.clone()),
        }
    }

    /// Whether another one lies elsewhere, node for node, so that it is seen to pass into that: over a plane of other directions, or
    /// over some of the samples instead of all. What is swept again for another step lies where it lay, or nearly so.
    pub(super) fn passes_into(&self, other: &Field) -> bool {
        let (old, new) = (&self.key, &other.key);
        let nodes = |field: &Field| (field.grid.cols, field.grid.rows, field.key.domain);
        let are_slices = self.is_slice() && other.is_slice();
        let lies_elsewhere =
            !old.plane.is_parallel_to(&new.plane) || old.batch.is_some() != new.batch.is_some();
        are_slices && nodes(self) == nodes(other) && lies_elsewhere
    }

    /// Whether it is on its way to another.
    pub(in crate::lab) fn is_passing(&self) -> bool {
        self.towards.is_some()
    }

    /// What it is on its way to, or itself.
    pub(in crate::lab) fn settled(self: &Arc<Field>) -> &Arc<Field> {
        self.towards.as_ref().unwrap_or(self)
    }

    /// The loss at fractions of the domain.
    pub fn loss_at(&self, place: [f64; 2]) -> f64 {
        let [x, y] = self.grid.domain.at(place);
        self.objective.value(&self.plane.point(x, y))
    }

    /// The loss's slopes along the two axes; of a slice, those between the grid's nodes. `None` where there are none.
    pub fn slopes(&self, x: f64, y: f64) -> Option<[f64; 2]> {
        if self.is_slice() {
            return self.grid.slopes(x, y);
        }
        let mut gradient = [0.0; 2];
        self.objective.gradient(&[x, y], &mut gradient);
        gradient.iter().all(|g| g.is_finite()).then_some(gradient)
    }

    /// Whether iterates may lie off the plane that is drawn: then they have a height of their own.
    pub fn is_slice(&self) -> bool {
        !self.plane.is_everything()
    }
}

/// What a panel shows apart from its descents.
#[derive(Component, Debug, Clone)]
pub struct PanelLandscape {
    /// The panel's settings without its descents.
    pub panel: Panel,
    pub field: Arc<Field>,
    /// Those of the field, and what descents found lower.
    pub critical: CriticalPoints,
    pub scale: HeightScale,
    /// Whether the landscape goes on below and above the box.
    pub goes_on: [bool; 2],
    /// The range without room for descents.
    landscape: [f64; 2],
}

impl PanelLandscape {
    pub fn is_curve(&self) -> bool {
        self.panel.domain.y.is_none()
    }

    /// What its descents descend on: the loss over all samples.
    pub fn objective(&self) -> &Arc<dyn Objective> {
        &self.field.whole.as_ref().unwrap_or(&self.field).objective
    }

    /// f*: the lowest loss, where it is a minimum that is known or was found.
    pub fn known_minimum(&self) -> Option<f64> {
        self.critical.minimum()
    }

    /// The losses of the isolines, ascending, those within the box.
    pub fn levels(&self) -> Vec<f64> {
        self.panel.isoline_levels(&self.scale)
    }

    /// Whether a descent with this loss is below or above the box. On the landscape itself it is only where that goes on.
    pub fn is_beyond(&self, loss: f64) -> bool {
        let height = self.scale.fraction(loss);
        let may_be = self.field.is_slice() || self.goes_on.contains(&true);
        may_be && !(-1e-3..=1.001).contains(&height)
    }

    /// A loss of this landscape for reading: with the digits that the range in view needs.
    pub fn loss_text(&self, loss: f64) -> String {
        ticks::label_within(loss, self.scale.high - self.scale.low)
    }

    /// The box has the landscape's heights, or those of the panel's own range.
    pub(crate) fn new(panel: Panel, field: Arc<Field>) -> PanelLandscape {
        let critical = field.critical.clone();
        PanelLandscape::knowing(panel, field, critical)
    }

    /// The same, where more is known than the field alone says.
    pub(super) fn knowing(
        panel: Panel,
        field: Arc<Field>,
        critical: CriticalPoints,
    ) -> PanelLandscape {
        // Batches are seen on one scale.
        let whole = field.whole.as_ref().unwrap_or(&field);
        let (scale, [lowest, highest]) = panel.heights(&critical, whole.grid.bounds());
        let [least, most] = field.grid.bounds().unwrap_or([lowest, highest]);
        let bounds = [lowest.min(least), highest.max(most)];
        PanelLandscape {
            landscape: [scale.low, scale.high],
            goes_on: [bounds[0] < scale.low, bounds[1] > scale.high],
            scale,
            panel,
            field,
            critical,
        }
    }

    /// More is known than before, or less, or it is sampled on other lines.
    pub(super) fn renew(&mut self, field: Arc<Field>, critical: CriticalPoints) {
        *self = PanelLandscape::knowing(self.panel.clone(), field, critical);
    }

    /// The heights as they would be on evenly spaced lines.
    pub(super) fn even_scale(&self) -> HeightScale {
        self.panel.heights(&self.critical, self.field.even_bounds).0
    }

    /// The losses from floor to ceiling with some room for these, of descents that lie off the plane, as far as they are
    /// not far away. A range of the panel's own stays as it is.
    pub(super) fn range_with(&self, losses: impl Iterator<Item = f64>) -> [f64; 2] {
        let [low, high] = self.landscape;
        self.panel.range_with([low, high], self.scale, losses)
    }

    pub(super) fn set_range(&mut self, [low, high]: [f64; 2]) {
        self.scale = HeightScale {
            low,
            high,
            ..self.scale
        };
    }
}

#[cfg(test)]
impl PanelLandscape {
    /// A panel of a function.
    pub(crate) fn of_function(panel: Panel) -> PanelLandscape {
        let objective = panel.objective(None).expect("a function");
        let nodes = if panel.dim() == 1 {
            [1025, 1]
        } else {
            [257, 257]
        };
        let key = LandscapeKey {
            objective: panel.objective.clone(),
            data: 0,
            plane: Plane::identity(panel.dim()),
            domain: panel.domain,
            size: nodes,
            batch: None,
        };
        let field = Field::of_function(key, objective, &|| true).expect("it is wanted");
        PanelLandscape::new(panel, Arc::new(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;

    fn landscape(keys: &str) -> PanelLandscape {
        let text = format!("steepest = 1\n[[panel]]\n{keys}");
        let experiment = Experiment::parse(&text, "test").expect("an experiment");
        let panel = experiment.panels[0].clone();
        PanelLandscape::of_function(panel)
    }

    #[test]
    fn a_descent_that_runs_away_does_not_flatten_the_surface() {
        let bowl = landscape("formula = 'x^2 + y^2'\ndomain = [[-1, 1], [-1, 1]]");
        let range = |losses: &[f64]| bowl.range_with(losses.iter().copied());
        assert_eq!(range(&[]), [0.0, 2.0]);
        assert_eq!(
            range(&[1.0, 2.2, -0.1]),
            [-0.1, 2.2],
            "what is near has room"
        );
        assert_eq!(range(&[1e9, 17.0, f64::MAX]), [0.0, 2.0]);
    }

    #[test]
    fn a_range_of_ones_own_is_kept_and_says_what_lies_beyond() {
        let keys = "formula = '1/(x^2 + y^2)'\ndomain = [[-2, 2], [-2, 2]]";
        let pole = landscape(&format!(
            "{keys}\nrange = [0.5, 3]\nlevels = [0.1, 1, 2, 9]"
        ));
        assert_eq!([pole.scale.low, pole.scale.high], [0.5, 3.0]);
        assert_eq!(pole.goes_on, [true, true]);
        assert_eq!(pole.range_with([4.0].into_iter()), [0.5, 3.0]);
        assert_eq!(pole.levels(), [1.0, 2.0], "those in the box");
        assert!(pole.is_beyond(3.1) && !pole.is_beyond(3.0));
        assert_eq!(landscape(keys).goes_on, [false, false]);
    }

    #[test]
    fn maps_are_true_to_units_unless_they_would_be_a_line() {
        let space = [300.0, 150.0];
        for (domain, aspect, shape) in [
            ("[[0, 4], [0, 1]]", "auto", [1.0, 0.25]),
            ("[[0, 1000], [0, 1]]", "auto", [1.0, 0.5]),
            ("[[0, 1], [0, 1000]]", "auto", [1.0, 0.5]),
            ("[[0, 1000], [0, 1]]", "equal", [1.0, 1e-3]),
            ("[[0, 1], [0, 1]]", "fit", [1.0, 0.5]),
        ] {
            let keys = format!("formula = 'x + y'\ndomain = {domain}\naspect = '{aspect}'");
            let landscape = landscape(&keys);
            assert_eq!(landscape.panel.map_shape(space), shape, "{domain} {aspect}");
            assert_eq!(landscape.panel.is_to_scale(), shape != [1.0, 0.5]);
        }
    }

    #[test]
    fn losses_have_the_digits_that_the_range_in_view_needs() {
        let high = landscape("formula = '100 + x^2 + y^2'\ndomain = [[-0.5, 0.5], [-0.5, 0.5]]");
        assert_eq!(high.loss_text(100.1234), "100.123");
        let bowl = landscape("formula = 'x^2 + y^2'\ndomain = [[-9, 9], [-9, 9]]");
        assert_eq!(bowl.loss_text(100.1234), "100");
    }
}

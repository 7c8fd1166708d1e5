//! What a panel shows apart from its descents: the landscape, sampled, and how its losses become heights.

use std::sync::Arc;

use bevy::prelude::*;

use crate::experiment::{FunctionSpec, Panel};
use crate::landscape::critical::{CriticalKind, CriticalPoint, critical_points};
use crate::landscape::scale::HeightScale;
use crate::landscape::sweep::Slice;
use crate::landscape::{Domain, Grid};
use crate::objective::Objective;
use crate::plane::Plane;

/// Nodes along each side of a surface's height grid, and along a curve. Odd, so that the centre is a node.
const SURFACE_NODES: usize = 257;
const CURVE_NODES: usize = 1025;

/// What decides a [`Field`].
#[derive(Debug, Clone, PartialEq)]
pub enum FieldKey {
    Function(FunctionSpec, Domain),
    Slice(SliceKey),
}

/// What decides a slice of a data set's loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SliceKey {
    /// The data by the number of their arrival.
    pub data: u32,
    pub slice: Slice,
    pub domain: Domain,
    pub grid: [usize; 2],
}

impl SliceKey {
    /// Whether two slices differ at most in where the plane lies.
    pub(super) fn same_frame(&self, other: &SliceKey) -> bool {
        let slice = Slice {
            weights: other.slice.weights,
            ..self.slice
        };
        SliceKey { slice, ..*self } == *other
    }
}

/// An objective on a panel's domain, sampled. Panels of the same landscape share it.
#[derive(Debug)]
pub struct Field {
    pub key: FieldKey,
    pub objective: Arc<dyn Objective>,
    pub plane: Plane,
    pub grid: Grid,
    pub critical: Vec<CriticalPoint>,
}

impl Field {
    /// A function of one or two variables over the panel's domain.
    pub(crate) fn sample(function: &FunctionSpec, panel: &Panel) -> Field {
        let objective = Arc::new(function.formula.clone());
        let plane = Plane::identity(panel.dim());
        let (cols, rows) = match panel.domain.y {
            Some(_) => (SURFACE_NODES, SURFACE_NODES),
            None => (CURVE_NODES, 1),
        };
        Field {
            key: FieldKey::Function(function.clone(), panel.domain),
            grid: Grid::sample(&*objective, &plane, panel.domain, cols, rows),
            critical: critical_points(&*objective, panel.domain, &function.minima),
            objective,
            plane,
        }
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
        matches!(self.key, FieldKey::Slice(_))
    }
}

/// What a panel shows apart from its descents.
#[derive(Component, Debug, Clone)]
pub struct Scenery {
    /// The panel's settings without its descents.
    pub panel: Panel,
    pub field: Arc<Field>,
    pub scale: HeightScale,
    /// The losses off the grid that the scale makes room for.
    pub(super) losses: Option<[f64; 2]>,
}

impl Scenery {
    pub fn is_curve(&self) -> bool {
        self.panel.domain.y.is_none()
    }

    /// The lowest loss, where minima are known or the landscape's own was found.
    pub fn known_minimum(&self) -> Option<f64> {
        let declared = self.panel.minima().iter();
        let declared = declared.map(|place| self.field.objective.value(place));
        let found = self.field.critical.iter();
        let found = found.filter(|point| point.kind == CriticalKind::GlobalMinimum);
        let losses = declared.chain(found.map(|point| point.value));
        losses.filter(|loss| loss.is_finite()).reduce(f64::min)
    }

    /// `losses` are shown too, beside those of the grid.
    pub(crate) fn new(panel: Panel, field: Arc<Field>, losses: Option<[f64; 2]>) -> Scenery {
        let [low, high] = field.grid.bounds().unwrap_or([0.0, 1.0]);
        let [low, high] = match losses {
            Some([least, greatest]) => [low.min(least), high.max(greatest)],
            None => [low, high],
        };
        // A known minimum may lie between the grid's nodes, or below all of them.
        let lowest = field
            .critical
            .iter()
            .map(|point| point.value)
            .fold(low, f64::min);
        let scale = HeightScale::new(panel.height, lowest, lowest, high);
        Scenery {
            panel,
            field,
            scale,
            losses,
        }
    }
}

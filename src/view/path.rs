//! A descent's path in the coordinates of its panel's box.

use bevy::prelude::*;

use super::space::BoxSpace;
use crate::lab::DescentRun;
use crate::landscape::path::{DrawnPath, Iterates, PathSurface};
use crate::plane::Plane;

/// What the paths of a panel lie on, and the plane through which they are seen.
pub(crate) struct Ground<'a> {
    pub(crate) plane: &'a Plane,
    pub(crate) surface: PathSurface<'a>,
}

impl Ground<'_> {
    /// Where a descent is at a position between two iterates; `None` outside the box.
    pub(crate) fn at(&self, run: &DescentRun, position: f64) -> Option<Vec3> {
        let at = self.seen(run, |iterates| self.surface.at(iterates, position));
        at.map(in_box)
    }

    /// The point of the surface under (or over) a descent; `None` outside the box.
    pub(crate) fn foot(&self, run: &DescentRun, position: f64) -> Option<Vec3> {
        let foot = self.seen(run, |iterates| self.surface.foot(iterates, position));
        foot.map(in_box)
    }

    pub(crate) fn path(&self, run: &DescentRun) -> DrawnPath {
        self.seen(run, |iterates| self.surface.path(iterates))
    }

    fn seen<T>(&self, run: &DescentRun, what: impl FnOnce(Iterates) -> T) -> T {
        what(Iterates {
            place: &|step| run.place(step, self.plane),
            losses: run.history().losses(),
        })
    }
}

/// From fractions of the rectangle and of the height.
pub(crate) fn in_box([s, t, height]: [f64; 3]) -> Vec3 {
    BoxSpace::box_from_fractions(s, t, height)
}

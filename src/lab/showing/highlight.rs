//! The iterate under the pointer, wherever it is pointed at: it is marked in the scene, the inset and the plot.

use bevy::prelude::*;

use crate::lab::command::LabCommand;

/// An iterate of a descent. The run may have become shorter since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Iterate {
    pub descent: Entity,
    pub step: usize,
}

/// What is marked. Written by `view` while the pointer is over the scene, else by `ui`.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HighlightedStep(pub Option<Iterate>);

/// Where in the scene it is, in logical pixels of the target, and in which panel. Written by `view`.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq)]
pub struct HighlightPlace(pub Option<(usize, Vec2)>);

/// Whether paths are drawn on, faintly, beyond the step shown.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PathAhead(pub bool);

/// Sets [`PathAhead`].
#[derive(Debug)]
pub struct SetPathAhead(pub bool);

impl LabCommand for SetPathAhead {
    fn apply(&self, world: &mut World) {
        world.insert_resource(PathAhead(self.0));
    }
}

/// The nearest of some places to a pointer, if one is within reach. The first one wins unless another is clearly nearer, so that
/// of places that coincide it is the one that is named first.
pub fn nearest<T>(pointer: Vec2, places: impl Iterator<Item = (T, Vec2)>) -> Option<(T, f32)> {
    const REACH: f32 = 10.0;
    const CLEARLY: f32 = 0.5;
    places.fold(None, |best: Option<(T, f32)>, (name, place)| {
        let distance = place.distance(pointer);
        let limit = best.as_ref().map_or(REACH, |(_, least)| least - CLEARLY);
        if distance < limit {
            Some((name, distance))
        } else {
            best
        }
    })
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<HighlightedStep>()
        .init_resource::<HighlightPlace>()
        .init_resource::<PathAhead>();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_within_reach_is_found() {
        let at = |x: f32| Vec2::new(x, 0.0);
        let find = |places: &[f32]| {
            let places = places.iter().map(|&x| at(x)).enumerate();
            nearest(at(0.0), places).map(|(index, _)| index)
        };
        assert_eq!(find(&[8.0, -3.0, 5.0]), Some(1));
        assert_eq!(find(&[3.0, 2.9, 3.1]), Some(0));
        assert_eq!(find(&[11.0, -30.0]), None);
        assert_eq!(find(&[f32::NAN, 1.0]), Some(1));
    }
}

//! A run in the coordinates of the plane through which it is seen: worked out once, for all who draw it.

use bevy::prelude::*;

use super::field::PanelLandscape;
use super::landscapes;
use super::{DescentRun, InPanel};
use crate::descent::History;
use crate::lab::stage::Stage;
use crate::plane::Plane;

/// Where the iterates of one run lie in one plane.
#[derive(Debug, Default)]
pub(super) struct Track {
    plane: Option<Plane>,
    places: Vec<[f64; 2]>,
}

impl Track {
    /// Works out what is new of a history, and all of it where the plane is another. Coordinates that are two of the
    /// parameters are read where they stand.
    pub(super) fn follow(&mut self, history: &History, plane: &Plane) {
        if plane.axes().is_some() || plane.is_everything() {
            *self = Track::default();
            return;
        }
        if !self.plane.as_ref().is_some_and(|known| known.is(plane)) {
            self.plane = Some(plane.clone());
            self.places.clear();
        }
        let new = history.iter().skip(self.places.len());
        self.places.extend(new.map(|w| plane.coordinates(w)));
    }

    /// The coordinates of an iterate, from what is known or worked out now.
    pub(super) fn at(&self, history: &History, step: usize, plane: &Plane) -> [f64; 2] {
        let known = self.plane.as_ref().filter(|known| known.is(plane));
        match known.and_then(|_| self.places.get(step)) {
            Some(place) => *place,
            None => plane.coordinates(history.at(step)),
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    let system = follow.after(landscapes::compute).in_set(Stage::Playback);
    app.add_systems(Update, system);
}

fn follow(mut runs: Query<(&mut DescentRun, &InPanel)>, panels: Query<&PanelLandscape>) {
    for (mut run, panel) in &mut runs {
        if let Ok(landscape) = panels.get(panel.0) {
            // What a run says does not change by it.
            run.bypass_change_detection()
                .look_through(&landscape.field.plane);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_plane_is_not_said_of_another() {
        let parts = (vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], vec![0.0; 2]);
        let history = History::from_parts(3, parts.0, parts.1.clone(), vec![0.1], parts.1);
        let history = history.expect("a history");
        let plane =
            |u: [f64; 3]| Plane::new([0.0; 3].into(), u.into(), Some([0.0, 0.0, 1.0].into()));
        let [first, other] = [plane([1.0, 0.0, 0.0]), plane([0.0, 1.0, 0.0])];
        let mut track = Track::default();
        track.follow(&history, &first);
        assert_eq!(track.places, [[1.0, 3.0], [4.0, 6.0]]);
        assert_eq!(track.at(&history, 1, &first), [4.0, 6.0]);
        assert_eq!(track.at(&history, 1, &other), [5.0, 6.0]);
        track.places[0] = [7.0, 7.0];
        track.follow(&history, &first);
        assert_eq!(track.places[0], [7.0, 7.0], "worked out twice");
        track.follow(&history, &other);
        assert_eq!(track.places, [[2.0, 3.0], [5.0, 6.0]]);
        track.follow(&history, &Plane::of_parameters(&[0.0; 3], [0, 2]));
        assert!(track.places.is_empty());
    }
}

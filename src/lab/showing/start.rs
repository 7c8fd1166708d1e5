//! Where descents begin: moved to a point of the landscape, for the descent that is selected, or for all of a panel.

use bevy::prelude::*;

use crate::experiment::Panel;
use crate::lab::command::{self, LabCommand};
use crate::lab::model::field::PanelLandscape;
use crate::lab::model::{CurrentExperiment, PanelIndex};
use crate::lab::playback::Playback;
use crate::plane::Plane;

/// The descent of the panel in focus that a person has picked; `None` stands for all.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SelectedDescent(pub Option<usize>);

/// Selects a descent of the panel in focus, or all.
#[derive(Debug)]
pub struct Select(pub Option<usize>);

impl LabCommand for Select {
    fn apply(&self, world: &mut World) {
        world.insert_resource(SelectedDescent(self.0));
    }
}

/// Descents begin at this point of a panel's landscape: the selected one, or all.
#[derive(Debug, Clone)]
pub struct SetStart {
    pub panel: usize,
    pub at: [f64; 2],
}

impl LabCommand for SetStart {
    fn apply(&self, world: &mut World) {
        command::run(world, set_start, self.clone());
    }
}

fn set_start(
    In(SetStart { panel, at }): In<SetStart>,
    mut current: ResMut<CurrentExperiment>,
    mut playback: ResMut<Playback>,
    selected: Res<SelectedDescent>,
    panel_landscapes: Query<(&PanelIndex, &PanelLandscape)>,
) {
    let landscape = panel_landscapes.iter().find(|(index, _)| index.0 == panel);
    let (Some(shown), Some((_, landscape))) = (current.experiment.panels.get(panel), landscape)
    else {
        return;
    };
    let mut moved = shown.clone();
    move_starts(&mut moved, &landscape.field.plane, at, selected.0);
    if moved != *shown {
        current.edit().panels[panel] = moved;
    }
    playback.restart();
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<SelectedDescent>();
}

/// Moves one descent's start, or all, along the plane to a place on it. How far it lies off the plane stays.
fn move_starts(panel: &mut Panel, plane: &Plane, at: [f64; 2], only: Option<usize>) {
    let only = only.filter(|&index| index < panel.descents.len());
    for (index, spec) in panel.descents.iter_mut().enumerate() {
        if only.is_some_and(|only| only != index) || spec.plan.record.is_some() {
            continue;
        }
        let start = &mut spec.plan.start;
        // The landscape in view may still be that of another objective.
        if start.len() == plane.origin().len() {
            plane.move_to(start, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;

    fn panel(name: &str) -> Panel {
        let mut experiment = Experiment::load(name).expect("a built-in");
        experiment.panels.remove(0)
    }

    fn move_starts(panel: &mut Panel, at: [f64; 2], only: Option<usize>) {
        let plane = match panel.dim() {
            _ if panel.plane.is_some() => Plane::of_parameters(&[7.0; 20], [0, 10]),
            dim => Plane::identity(dim),
        };
        super::move_starts(panel, &plane, at, only);
    }

    #[test]
    fn all_start_there_or_only_the_selected_one() {
        let mut race = panel("race");
        let before = race.descents[0].plan.start.clone();
        move_starts(&mut race, [1.0, -0.5], Some(2));
        assert_eq!(race.descents[0].plan.start, before);
        assert_eq!(race.descents[2].plan.start, [1.0, -0.5]);
        move_starts(&mut race, [0.25, 2.0], None);
        assert!(
            race.descents
                .iter()
                .all(|spec| spec.plan.start == [0.25, 2.0])
        );
        // A selection from a panel that had more descents stands for all.
        move_starts(&mut race, [1.0, 1.0], Some(99));
        assert!(
            race.descents
                .iter()
                .all(|spec| spec.plan.start == [1.0, 1.0])
        );
    }

    #[test]
    fn a_curve_takes_x_and_a_model_its_two_weights() {
        let mut curve = panel("noisy-quartic");
        move_starts(&mut curve, [0.5, 9.0], None);
        assert!(curve.descents.iter().all(|spec| spec.plan.start == [0.5]));
        let mut mnist = panel("mnist");
        move_starts(&mut mnist, [0.5, -1.0], Some(0));
        let start = &mnist.descents[0].plan.start;
        assert_eq!((start[0], start[10]), (0.5, -1.0));
        assert_eq!(start.iter().filter(|w| **w != 0.0).count(), 2);
        assert!(mnist.descents[1].plan.start.iter().all(|w| *w == 0.0));
    }
}

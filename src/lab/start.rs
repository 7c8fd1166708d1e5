//! Where descents begin: moved to a point of the landscape, for the descent that is selected, or for all of a panel.

use bevy::prelude::*;

use super::model::CurrentExperiment;
use super::{LabCommand, Playback};
use crate::experiment::{ObjectiveSpec, Panel};

/// The descent of the panel in focus that a person has picked; `None` stands for all.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SelectedDescent(pub Option<usize>);

pub(super) fn set_starts(
    mut commands: MessageReader<LabCommand>,
    mut current: ResMut<CurrentExperiment>,
    mut playback: ResMut<Playback>,
    selected: Res<SelectedDescent>,
) {
    for command in commands.read() {
        let LabCommand::SetStart { panel, at } = command else {
            continue;
        };
        let Some(shown) = current.experiment.panels.get(*panel) else {
            continue;
        };
        let mut moved = shown.clone();
        move_starts(&mut moved, *at, selected.0);
        if moved != *shown {
            current.experiment.panels[*panel] = moved;
            current.edited = true;
        }
        playback.restart();
    }
}

/// Moves one descent's start, or all, to a place on the axes. A model's other weights stay.
fn move_starts(panel: &mut Panel, at: [f64; 2], only: Option<usize>) {
    let only = only.filter(|&index| index < panel.descents.len());
    let dim = panel.dim();
    for (index, spec) in panel.descents.iter_mut().enumerate() {
        if only.is_some_and(|only| only != index) {
            continue;
        }
        let start = &mut spec.plan.start;
        match &panel.objective {
            ObjectiveSpec::Function(_) => start.copy_from_slice(&at[..dim]),
            ObjectiveSpec::Mnist(mnist) => {
                (start[mnist.u.index()], start[mnist.v.index()]) = (at[0], at[1]);
            }
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

//! Whether it is shown what the parts of a model have learnt: the hidden units of a network, the weights of a softmax on pixels.

use bevy::prelude::*;

use crate::lab::command::LabCommand;

/// Whether it is.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnitsShown(pub bool);

/// Sets [`UnitsShown`].
#[derive(Debug)]
pub struct ShowUnits(pub bool);

impl LabCommand for ShowUnits {
    fn apply(&self, world: &mut World) {
        world.insert_resource(UnitsShown(self.0));
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<UnitsShown>();
}

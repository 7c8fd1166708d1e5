//! Whether the surface of all samples lies as a thin net over the one that is drawn, where that is the loss over a batch.

use bevy::prelude::*;

use crate::lab::command::LabCommand;

/// Whether it does.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetOfAll(pub bool);

impl Default for NetOfAll {
    fn default() -> NetOfAll {
        NetOfAll(true)
    }
}

/// Sets [`NetOfAll`].
#[derive(Debug)]
pub struct SetNetOfAll(pub bool);

impl LabCommand for SetNetOfAll {
    fn apply(&self, world: &mut World) {
        world.insert_resource(NetOfAll(self.0));
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<NetOfAll>();
}

//! Lets egui rest. bevy_egui says every frame which modifier keys are held, and egui asks for another frame whenever it is
//! told anything: between them they would draw at full pace for ever.

use bevy::prelude::*;
use bevy_egui::{EguiContext, EguiInput, EguiInputSet, EguiPreUpdateSet, egui};
use egui::Event;

pub(crate) fn plugin(app: &mut App) {
    app.add_systems(
        PreUpdate,
        leave_out_what_is_known
            .in_set(EguiPreUpdateSet::ProcessInput)
            .after(EguiInputSet::WriteEguiEvents),
    );
}

fn leave_out_what_is_known(mut contexts: Query<(&mut EguiContext, &mut EguiInput)>) {
    for (mut context, mut input) in &mut contexts {
        let held = context.get_mut().input(|input| input.modifiers);
        let known = |event: &Event| matches!(event, Event::ModifiersChanged(now) if *now == held);
        if input.events.iter().all(known) {
            input.events.clear();
        }
    }
}

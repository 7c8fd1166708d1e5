//! How a panel's landscape passes from what it was to what it is: the height from linear to logarithmic or back, and
//! another objective by rising from the floor.

use bevy::prelude::*;

use super::field::PanelLandscape;
use crate::experiment::ObjectiveSpec;
use crate::lab::stage::Stage;
use crate::landscape::HeightKind;

/// As long as a move of the camera, in seconds.
const SECONDS: f64 = 0.3;

/// Whether things may move by themselves: a morphing surface, a gliding or slowly turning camera.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Motion {
    pub reduced: bool,
}

/// What a panel showed last, and how far it has come from there.
#[derive(Component, Debug, Clone)]
pub struct Morph {
    objective: ObjectiveSpec,
    kind: HeightKind,
    change: Option<Change>,
    seconds: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Height,
    Landscape,
}

impl Morph {
    fn settled(landscape: &PanelLandscape) -> Morph {
        Morph {
            objective: landscape.field.key.objective.clone(),
            kind: landscape.panel.height,
            change: None,
            seconds: 0.0,
        }
    }

    /// What has to be passed through on the way to another landscape.
    fn change_to(&self, landscape: &PanelLandscape) -> Option<Change> {
        // Another value of a constant, while its slider moves, shows at once; a slice that is swept again lies where it lay,
        // or nearly so.
        if !self
            .objective
            .is_variant_of(&*landscape.field.key.objective)
        {
            Some(Change::Landscape)
        } else if self.kind != landscape.panel.height {
            Some(Change::Height)
        } else {
            None
        }
    }

    pub fn is_moving(&self) -> bool {
        self.change.is_some()
    }

    /// From 0 at the beginning to 1 at the end, slowly at both.
    fn progress(&self) -> f64 {
        let t = (self.seconds / SECONDS).min(1.0);
        t * t * (3.0 - 2.0 * t)
    }

    /// How much of its height the landscape has reached.
    pub fn rise(&self) -> f64 {
        match self.change {
            // Never quite flat, or there would be nothing to see the shape by.
            Some(Change::Landscape) => 0.02 + 0.98 * self.progress(),
            _ => 1.0,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Motion>()
        .add_systems(Update, morph.in_set(Stage::Playback));
}

pub(super) fn morph(
    mut commands: Commands,
    mut panels: Query<(Entity, &mut PanelLandscape, Option<&mut Morph>)>,
    motion: Res<Motion>,
    time: Res<Time>,
) {
    for (entity, mut landscape, morph) in &mut panels {
        let Some(mut morph) = morph else {
            commands.entity(entity).insert(Morph::settled(&landscape));
            continue;
        };
        if landscape.is_changed()
            && let Some(change) = morph.change_to(&landscape)
        {
            *morph = Morph {
                change: (!motion.reduced).then_some(change),
                ..Morph::settled(&landscape)
            };
        }
        if !morph.is_moving() {
            continue;
        }
        morph.seconds += time.delta_secs_f64();
        if morph.change == Some(Change::Height) {
            landscape.scale.other_kind = 1.0 - morph.progress();
        }
        if morph.seconds >= SECONDS {
            morph.change = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use std::time::Duration;

    fn landscape(name: &str, height: HeightKind) -> PanelLandscape {
        let experiment = Experiment::load(name).expect("a built-in");
        let mut panel = experiment.panels[0].clone();
        panel.height = height;
        PanelLandscape::of_function(panel)
    }

    fn app() -> (App, Entity) {
        let mut app = App::new();
        app.init_resource::<Time>()
            .init_resource::<Motion>()
            .add_systems(Update, morph);
        let first = landscape("rosenbrock", HeightKind::Linear);
        let panel = app.world_mut().spawn(first).id();
        app.update();
        app.update();
        (app, panel)
    }

    fn update(app: &mut App, seconds: f64) {
        let mut time = app.world_mut().resource_mut::<Time>();
        time.advance_by(Duration::from_secs_f64(seconds));
        app.update();
    }

    #[test]
    fn another_scale_is_passed_to_and_the_first_landscape_is_simply_there() {
        let (mut app, panel) = app();
        let world = app.world();
        assert!(!world.get::<Morph>(panel).expect("a morph").is_moving());
        let log = landscape("rosenbrock", HeightKind::Log);
        app.world_mut().entity_mut(panel).insert(log);
        update(&mut app, 0.15);
        let half = app
            .world()
            .get::<PanelLandscape>(panel)
            .expect("a landscape")
            .scale;
        assert!((half.other_kind - 0.5).abs() < 1e-9);
        update(&mut app, 1.0);
        let whole = app
            .world()
            .get::<PanelLandscape>(panel)
            .expect("a landscape")
            .scale;
        assert_eq!(whole.other_kind, 0.0);
        assert!(
            !app.world()
                .get::<Morph>(panel)
                .expect("a morph")
                .is_moving()
        );
    }

    #[test]
    fn another_landscape_rises_and_reduced_motion_leaves_all_that_out() {
        let (mut app, panel) = app();
        let other = landscape("saddle", HeightKind::Linear);
        app.world_mut().entity_mut(panel).insert(other);
        update(&mut app, 0.15);
        let rise = app.world().get::<Morph>(panel).expect("a morph").rise();
        assert!(rise > 0.3 && rise < 0.7);
        update(&mut app, 1.0);
        assert_eq!(
            app.world().get::<Morph>(panel).expect("a morph").rise(),
            1.0
        );
        app.insert_resource(Motion { reduced: true });
        let first = landscape("rosenbrock", HeightKind::Linear);
        app.world_mut().entity_mut(panel).insert(first);
        update(&mut app, 0.1);
        assert_eq!(
            app.world().get::<Morph>(panel).expect("a morph").rise(),
            1.0
        );
    }
}

//! How a panel's landscape passes from what it was to what it is: the height from linear to logarithmic or back, a slice into
//! another one, and another objective by rising from the floor.

use std::sync::Arc;

use bevy::prelude::*;

use super::field::{Field, PanelLandscape};
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
    /// What was drawn last, and where a slice begins and ends that passes into another.
    drawn: Arc<Field>,
    ends: Option<[Arc<Field>; 2]>,
    change: Option<Change>,
    seconds: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Height,
    Slice,
    Landscape,
}

impl Morph {
    fn settled(landscape: &PanelLandscape) -> Morph {
        Morph {
            objective: landscape.field.key.objective.clone(),
            kind: landscape.panel.height,
            drawn: landscape.field.clone(),
            ends: None,
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
        } else if !landscape.field.is_passing()
            && !Arc::ptr_eq(&self.drawn, &landscape.field)
            && self.drawn.passes_into(&landscape.field)
        {
            Some(Change::Slice)
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
        if landscape.is_changed() {
            if let Some(change) = morph.change_to(&landscape) {
                let ends = [morph.drawn.clone(), landscape.field.clone()];
                *morph = Morph {
                    change: (!motion.reduced).then_some(change),
                    ends: (change == Change::Slice).then_some(ends),
                    ..Morph::settled(&landscape)
                };
            } else {
                morph.drawn = landscape.field.clone();
            }
        }
        if !morph.is_moving() {
            continue;
        }
        morph.seconds += time.delta_secs_f64();
        if morph.change == Some(Change::Height) {
            landscape.scale.other_kind = 1.0 - morph.progress();
        }
        if morph.change == Some(Change::Slice)
            && let Some([from, to]) = &morph.ends
        {
            // Another one may have come by then.
            let is_still_meant = Arc::ptr_eq(landscape.field.settled(), to);
            if is_still_meant {
                landscape.field = match morph.seconds < SECONDS {
                    true => Arc::new(Field::between(from, to, morph.progress())),
                    false => to.clone(),
                };
            }
            morph.drawn = landscape.field.clone();
            if !is_still_meant {
                morph.seconds = SECONDS;
            }
        }
        if morph.seconds >= SECONDS {
            (morph.change, morph.ends) = (None, None);
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

    /// Two planes of a network, the second of other directions.
    fn slice(app: &mut App, panel: Entity, seed: u64) -> Arc<Field> {
        let text = format!(
            "steepest = 1\n[[panel]]\nobjective = 'network'\nnetwork = {{ samples = 20, layers = [3] }}\ngrid = [7, 7]\n\
             plane = {{ directions = 'random', seed = {seed}, through = 'origin' }}"
        );
        let experiment = Experiment::parse(&text, "test").expect("an experiment");
        let mut lab = crate::lab::alone(experiment);
        lab.update();
        let mut query = lab.world_mut().query::<&PanelLandscape>();
        let landscape = query.single(lab.world()).expect("one panel").clone();
        let field = landscape.field.clone();
        app.world_mut().entity_mut(panel).insert(landscape);
        field
    }

    #[test]
    fn a_slice_passes_into_one_of_other_directions() {
        let (mut app, panel) = app();
        let first = slice(&mut app, panel, 1);
        update(&mut app, 1.0);
        update(&mut app, 1.0);
        let field = |app: &App| {
            let landscape = app.world().get::<PanelLandscape>(panel);
            landscape.expect("a landscape").field.clone()
        };
        assert!(Arc::ptr_eq(&field(&app), &first));
        let second = slice(&mut app, panel, 2);
        update(&mut app, 0.15);
        let half = field(&app);
        assert_eq!(half.key, second.key);
        assert!(half.is_passing() && Arc::ptr_eq(half.settled(), &second));
        let all = half.grid.values.iter().zip(&first.grid.values);
        for ((half, from), to) in all.zip(&second.grid.values) {
            assert!(
                (half - 0.5 * (from + to)).abs() < 1e-9,
                "{half} {from} {to}"
            );
        }
        update(&mut app, 1.0);
        assert!(Arc::ptr_eq(&field(&app), &second));
        // What comes meanwhile is not held up.
        let third = slice(&mut app, panel, 3);
        update(&mut app, 0.1);
        let fourth = slice(&mut app, panel, 4);
        update(&mut app, 0.1);
        assert!(Arc::ptr_eq(field(&app).settled(), &fourth));
        assert!(!Arc::ptr_eq(&third, &fourth));
        update(&mut app, 1.0);
        assert!(Arc::ptr_eq(&field(&app), &fourth));
        app.insert_resource(Motion { reduced: true });
        let fifth = slice(&mut app, panel, 5);
        update(&mut app, 0.1);
        assert!(Arc::ptr_eq(&field(&app), &fifth));
    }
}

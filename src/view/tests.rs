//! What is drawn stays: playback, the camera, the theme and the height change what there is, and make nothing anew.

use std::any::type_name;

use bevy::prelude::*;
use bevy::render::storage::ShaderBuffer;

use super::DrawnFor;
use super::markers::MarkerMaterial;
use super::ribbon::RibbonMaterial;
use super::surface::SurfaceMaterial;
use crate::app::Verbosity;
use crate::app::offscreen::{Offscreen, Scene};
use crate::experiment::{Experiment, Source, ThemeKind};
use crate::gpu::adapter::{self, AdapterWish};
use crate::lab::Sent;
use crate::lab::session::edit::Edit;
use crate::lab::{CameraRig, Data};
use crate::landscape::HeightKind;
use crate::mnist::DataWish;
use crate::ui::Layout;

/// The assets of the scene that were made anew, or changed in place, since it was looked at last.
#[derive(Resource, Default)]
struct Happened {
    made: Vec<&'static str>,
    changed: Vec<&'static str>,
}

fn note<A: Asset>(mut events: MessageReader<AssetEvent<A>>, mut happened: ResMut<Happened>) {
    for event in events.read() {
        match event {
            AssetEvent::Added { .. } => happened.made.push(type_name::<A>()),
            AssetEvent::Modified { .. } => happened.changed.push(type_name::<A>()),
            _ => {}
        }
    }
}

struct Watched(Offscreen);

/// Of a built-in, as short as it may be.
fn built_in(name: &str) -> Experiment {
    let mut experiment = Experiment::load(name).expect("a built-in");
    for panel in &mut experiment.panels {
        if let Some(plane) = &mut panel.plane {
            // Where the code is not optimized all of it takes minutes.
            plane.grid = [17; 2];
            for descent in &mut panel.descents {
                descent.plan.steps = 20;
            }
        }
    }
    experiment
}

impl Watched {
    /// `None` where nothing can be drawn.
    fn new(experiment: Experiment) -> Option<Watched> {
        let adapter = adapter::find(&AdapterWish::default()).ok()?;
        let wish = DataWish::Synthetic;
        let data = experiment.data(&wish).expect("the stand-in");
        let scene = Scene {
            source: Source::named("test"),
            experiment,
            data: Data::new(wish, data),
            size: [480, 270],
            scale: 1,
            samples: 1,
            layout: Layout {
                controls: false,
                inset: false,
                plot: false,
                ..Layout::FULL
            },
            transparent: false,
            captured: false,
        };
        let mut app = Offscreen::new(scene, &adapter, Verbosity::Quiet);
        let world = app.world();
        world.init_resource::<Happened>();
        world.resource_mut::<Schedules>().add_systems(
            Last,
            (
                note::<Mesh>,
                note::<Image>,
                note::<ShaderBuffer>,
                note::<RibbonMaterial>,
                note::<MarkerMaterial>,
                note::<SurfaceMaterial>,
            ),
        );
        app.settle().expect("a picture");
        let mut watched = Watched(app);
        watched.happened();
        Some(watched)
    }

    fn happened(&mut self) -> Happened {
        std::mem::take(&mut *self.0.world().resource_mut::<Happened>())
    }

    fn drawn(&mut self) -> Vec<Entity> {
        let world = self.0.world();
        let mut drawn = world.query_filtered::<Entity, With<DrawnFor>>();
        let mut drawn: Vec<Entity> = drawn.iter(world).collect();
        drawn.sort();
        drawn
    }

    /// What a change of the experiment brings about.
    fn edit(&mut self, change: impl FnOnce(&mut Experiment)) -> Happened {
        let world = self.0.world();
        let edit = Edit::of(world, change);
        world.write_message(Sent::from(edit));
        for _ in 0..4 {
            self.0.update();
        }
        self.happened()
    }
}

#[test]
fn playback_makes_nothing_anew() {
    for (name, written_a_frame) in [("mnist", 1), ("moons", 1), ("learning-rate-sensitivity", 0)] {
        let Some(mut watched) = Watched::new(built_in(name)) else {
            return;
        };
        let drawn = watched.drawn();
        assert!(drawn.len() > 20, "{name}: {} drawings", drawn.len());
        watched.0.time_frames(20);
        assert_eq!(watched.drawn(), drawn, "{name}");
        let Happened { made, mut changed } = watched.happened();
        assert!(made.is_empty(), "{name}: {made:?}");
        // New letters.
        changed.retain(|of| *of != type_name::<Image>());
        // The ends of the lines from the balls to the surface.
        let buffers = type_name::<ShaderBuffer>();
        assert!(
            changed.iter().all(|of| *of == buffers) && changed.len() <= 20 * written_a_frame,
            "{name}: {changed:?}"
        );
    }
}

#[test]
fn a_change_of_looks_keeps_what_is_drawn() {
    let Some(mut watched) = Watched::new(built_in("race")) else {
        return;
    };
    let drawn = watched.drawn();
    let Happened { made, changed } = watched.edit(|file| file.view.exaggeration = 2.0);
    assert!(
        made.is_empty() && changed.is_empty(),
        "{made:?} {changed:?}"
    );

    let pose = &mut watched.0.world().resource_mut::<CameraRig>().pose;
    (pose.yaw, pose.pitch) = (3.0, -0.5);
    watched.0.update();
    let Happened { made, changed } = watched.happened();
    assert!(
        made.is_empty() && changed.len() <= 4,
        "{made:?} {changed:?}"
    );

    let Happened { mut made, .. } = watched.edit(|file| file.view.theme = ThemeKind::Paper);
    // Letters of other colours.
    made.retain(|of| *of != type_name::<Image>());
    assert!(made.is_empty(), "{made:?}");

    watched.edit(|file| file.panels[0].height = HeightKind::Log);
    watched.edit(|file| file.view.opacity = 0.5);
    watched.edit(|file| file.view.opacity = 1.0);
    // A clear surface is drawn twice.
    let now = watched.drawn();
    assert!(drawn.iter().all(|entity| now.contains(entity)));
    assert_eq!(now.len(), drawn.len() + 1);
}

/// Whatever was drawn before with the same entities, the picture is that of one who begins with it.
#[test]
fn what_stays_leaves_no_trace() {
    let panel = |keys: &str| format!("[[panel]]\n{keys}\n");
    let descent = "[[panel.descent]]\nrule = 'gd'\nrate = 0.2\nstart = [0.9, 0.4]\nsteps = 9";
    let square = format!("formula = 'x^2 + 3y^2'\ndomain = [[-1, 1], [-1, 1]]\n{descent}");
    let files = [
        panel(&square),
        panel("formula = 'sqrt(1 - x^2 - y^2)'\ndomain = [[-2, 2], [-2, 2]]"),
        panel("formula = '1/x + y'\ndomain = [[-1, 1], [-1, 1]]\nrange = [-4, 4]"),
        panel("formula = 'x^2'\ndomain = [[-1, 1]]"),
        panel(&format!("view = 'contour'\n{square}")),
        panel(&format!(
            "height = 'log'\n{square}\nhidden = true\n{descent}"
        )) + "[view]\ntheme = 'paper'\nopacity = 0.5\nexaggeration = 2",
        panel(&square) + &panel(&square),
        panel(&square),
    ];
    let mut stays: Option<Watched> = None;
    for (k, file) in files.iter().enumerate() {
        let text = format!("steepest = 1\n{file}");
        let experiment = Experiment::parse(&text, "test").expect("an experiment");
        let Some(mut fresh) = Watched::new(experiment.clone()) else {
            return;
        };
        let pose = fresh.0.world().resource::<CameraRig>().pose;
        let fresh = fresh.0.capture().expect("a picture");
        let stays = match &mut stays {
            Some(stays) => {
                stays.edit(|file| *file = experiment);
                stays
            }
            none => none.insert(Watched::new(experiment).expect("the same again")),
        };
        // A camera is not moved by an edit.
        stays.0.world().resource_mut::<CameraRig>().pose = pose;
        stays.0.settle().expect("a picture");
        let stayed = stays.0.capture().expect("a picture");
        // Letters come from other places in their texture.
        let apart = stayed.rgba.iter().zip(&fresh.rgba);
        let most = apart.map(|(a, b)| a.abs_diff(*b)).max();
        assert!(most <= Some(2), "{most:?} in {k}: {file}");
    }
}

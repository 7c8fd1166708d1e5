//! From where the panels are seen: one pose for all of them, so that their cameras stay linked.
//!
//! Yaw 0 looks from the front (along the second axis, the first axis to the right), a positive yaw walks to the right
//! around the box; pitch is the angle above the floor. Distances and targets are in box sizes; a target is an offset from
//! the box's centre: right, up, and towards the front.

use bevy::prelude::*;
use std::f64::consts::{FRAC_PI_2, TAU};

use super::camera_path::{CameraPath, add_key};
use crate::experiment::{CameraKey, Experiment, ViewPreset};
use crate::lab::command::LabCommand;
use crate::lab::model::CurrentExperiment;
use crate::lab::model::morph::Motion;
use crate::lab::playback::{Playback, advance_playback};
use crate::lab::stage::Stage;

/// A camera move takes this long, in seconds.
const GLIDE_SECONDS: f64 = 0.3;
/// The slow turn of a window that nobody has touched yet, in radians per second.
const IDLE_TURN: f64 = 0.08;
/// Straight down is approached, never reached: "up" must stay defined.
const MAX_PITCH: f64 = FRAC_PI_2 - 1e-3;
pub const DEFAULT_DISTANCE: f64 = 2.4;
const DISTANCES: [f64; 2] = [0.3, 12.0];

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraPose {
    /// Radians around the box.
    pub yaw: f64,
    /// Radians above the floor.
    pub pitch: f64,
    /// Box sizes from the target.
    pub distance: f64,
    /// Added to the box's centre: right, up, towards the front.
    pub target: [f64; 3],
    pub orthographic: bool,
}

impl CameraPose {
    pub fn from_preset(preset: ViewPreset) -> CameraPose {
        let (yaw, pitch) = preset.angles();
        CameraPose {
            yaw,
            pitch: pitch.clamp(-MAX_PITCH, MAX_PITCH),
            distance: DEFAULT_DISTANCE,
            target: [0.0; 3],
            // From the top it is a map, and maps are true to their units.
            orthographic: preset == ViewPreset::Top,
        }
    }

    pub(super) fn from_key(key: &CameraKey) -> CameraPose {
        CameraPose {
            yaw: key.yaw,
            pitch: key.pitch.clamp(-MAX_PITCH, MAX_PITCH),
            distance: key.distance,
            target: key.target,
            orthographic: false,
        }
    }

    /// Straight between two poses, the short way round.
    pub(super) fn between(self, to: CameraPose, t: f64) -> CameraPose {
        let turn = (to.yaw - self.yaw + TAU / 2.0).rem_euclid(TAU) - TAU / 2.0;
        let lerp = |a: f64, b: f64| a + (b - a) * t;
        CameraPose {
            yaw: self.yaw + turn * t,
            pitch: lerp(self.pitch, to.pitch),
            distance: lerp(self.distance, to.distance),
            target: std::array::from_fn(|i| lerp(self.target[i], to.target[i])),
            orthographic: if t < 1.0 {
                self.orthographic
            } else {
                to.orthographic
            },
        }
    }
}

/// The pose shown, and what moves it.
#[derive(Resource, Debug, Clone)]
pub struct CameraRig {
    pub pose: CameraPose,
    glide: Option<Glide>,
    /// Radians per second.
    turntable: f64,
    idle_turn: bool,
    /// What the person chose for views other than from the top.
    parallel: bool,
    path: CameraPath,
    /// The pose is the path's at the time of playback, until a person takes over.
    follows: bool,
}

#[derive(Debug, Clone, Copy)]
struct Glide {
    from: CameraPose,
    to: CameraPose,
    seconds: f64,
}

impl CameraRig {
    pub fn new(experiment: &Experiment) -> CameraRig {
        let path = CameraPath::of(experiment);
        CameraRig {
            pose: path.pose_at(0.0),
            glide: None,
            turntable: experiment.view.turntable,
            idle_turn: false,
            follows: path.is_moving(),
            parallel: experiment.view.parallel,
            path,
        }
    }

    /// For a picture: nothing turns by itself.
    pub fn at_rest(mut self) -> CameraRig {
        self.turntable = 0.0;
        self.follows = false;
        self
    }

    /// A window turns slowly until the first touch.
    pub fn with_idle_turn(mut self) -> CameraRig {
        self.idle_turn = self.turntable == 0.0 && !self.follows;
        self
    }

    pub fn open(&mut self, experiment: &Experiment) {
        let next = CameraRig::new(experiment);
        self.parallel |= next.parallel;
        self.glide_to_pose(CameraPose {
            orthographic: self.parallel || next.pose.orthographic,
            ..next.pose
        });
        self.turntable = next.turntable;
        self.path = next.path;
        self.follows = next.follows;
    }

    /// After an edit of the path's keys. Following is as it was, unless there is nothing to follow.
    pub fn set_path(&mut self, experiment: &Experiment) {
        self.path = CameraPath::of(experiment);
        self.follows &= self.path.is_moving();
    }

    pub fn path(&self) -> &CameraPath {
        &self.path
    }

    /// Lets the path lead, or lets go of it.
    pub fn follow(&mut self, follows: bool) {
        self.touch();
        self.follows = follows && self.path.is_moving();
    }

    pub fn follows(&self) -> bool {
        self.follows
    }

    pub fn glide_to(&mut self, preset: ViewPreset) {
        let pose = CameraPose {
            orthographic: self.parallel || preset == ViewPreset::Top,
            ..CameraPose::from_preset(preset)
        };
        self.glide_to_pose(pose);
    }

    fn glide_to_pose(&mut self, to: CameraPose) {
        self.touch();
        self.glide = Some(Glide {
            from: self.pose,
            to,
            seconds: 0.0,
        });
    }

    pub fn toggle_orthographic(&mut self) {
        self.pose.orthographic = !self.pose.orthographic;
        self.parallel = self.pose.orthographic;
        if let Some(glide) = &mut self.glide {
            glide.to.orthographic = self.pose.orthographic;
        }
    }

    pub fn toggle_turntable(&mut self) {
        self.idle_turn = false;
        self.turntable = if self.turntable == 0.0 { 0.3 } else { 0.0 };
    }

    pub fn is_moving(&self) -> bool {
        self.glide.is_some() || self.turntable != 0.0 || self.idle_turn
    }

    pub fn is_untouched(&self) -> bool {
        self.idle_turn
    }

    /// A person takes over: the idle turn and any glide end. A turntable goes on under the hand.
    pub fn touch(&mut self) {
        self.idle_turn = false;
        self.follows = false;
        self.glide = None;
    }

    /// Turns by angles in radians.
    pub fn orbit(&mut self, yaw: f64, pitch: f64) {
        self.touch();
        self.pose.yaw = (self.pose.yaw + yaw).rem_euclid(TAU);
        self.pose.pitch = (self.pose.pitch + pitch).clamp(-MAX_PITCH, MAX_PITCH);
    }

    /// Factor below 1 comes closer.
    pub fn zoom(&mut self, factor: f64) {
        self.touch();
        self.pose.distance = (self.pose.distance * factor).clamp(DISTANCES[0], DISTANCES[1]);
    }

    /// Shifts the target along the picture's right and up, in box sizes.
    pub fn pan(&mut self, right: f64, up: f64) {
        self.touch();
        let (sin, cos) = self.pose.yaw.sin_cos();
        let (sin_pitch, cos_pitch) = self.pose.pitch.sin_cos();
        let shift = [
            right * cos - up * sin_pitch * sin,
            up * cos_pitch,
            -right * sin - up * sin_pitch * cos,
        ];
        for (target, shift) in self.pose.target.iter_mut().zip(shift) {
            *target = (*target + shift).clamp(-2.0, 2.0);
        }
    }

    fn advance(&mut self, seconds: f64) {
        if self.idle_turn {
            self.pose.yaw = (self.pose.yaw + IDLE_TURN * seconds).rem_euclid(TAU);
        }
        if let Some(glide) = &mut self.glide {
            glide.seconds += seconds;
            let t = (glide.seconds / GLIDE_SECONDS).min(1.0);
            self.pose = glide.from.between(glide.to, t * t * (3.0 - 2.0 * t));
            if t >= 1.0 {
                self.glide = None;
            }
        } else {
            self.pose.yaw = (self.pose.yaw + self.turntable * seconds).rem_euclid(TAU);
        }
    }
}

/// Whether things may move by themselves.
#[derive(Debug)]
pub struct ReduceMotion(pub bool);

impl LabCommand for ReduceMotion {
    fn apply(&self, world: &mut World) {
        world.resource_mut::<Motion>().reduced = self.0;
        if self.0 {
            world.resource_mut::<CameraRig>().touch();
        }
    }
}

/// What is asked of the camera.
#[derive(Debug, Clone)]
pub enum CameraCommand {
    /// Glide to a named view.
    LookFrom(ViewPreset),
    ToggleOrthographic,
    ToggleTurntable,
    /// Turn by yaw and pitch, in radians.
    Orbit(f64, f64),
    /// Shift the target along the picture's right and up, in box sizes.
    Pan(f64, f64),
    /// A factor on the distance.
    Zoom(f64),
    /// Whether the camera goes along its path.
    Follow(bool),
    /// The pose as a key of the path, at the time of playback.
    AddKey,
    ClearKeys,
}

impl LabCommand for CameraCommand {
    fn apply(&self, world: &mut World) {
        match self {
            CameraCommand::AddKey => {
                let pose = world.resource::<CameraRig>().pose;
                let seconds = world.resource::<Playback>().seconds();
                set_keys(world, |keys| add_key(keys, seconds, &pose));
            }
            CameraCommand::ClearKeys => set_keys(world, Vec::clear),
            command => world.resource_mut::<CameraRig>().obey(command),
        }
    }

    fn keeps_notice(&self) -> bool {
        use CameraCommand::{Orbit, Pan, Zoom};
        matches!(self, Orbit(..) | Pan(..) | Zoom(_))
    }
}

fn set_keys(world: &mut World, change: impl FnOnce(&mut Vec<CameraKey>)) {
    let mut current = world.resource_mut::<CurrentExperiment>();
    change(&mut current.edit().camera_keys);
    let experiment = current.experiment.clone();
    world.resource_mut::<CameraRig>().set_path(&experiment);
}

impl CameraRig {
    fn obey(&mut self, command: &CameraCommand) {
        match *command {
            CameraCommand::LookFrom(preset) => self.glide_to(preset),
            CameraCommand::ToggleOrthographic => self.toggle_orthographic(),
            CameraCommand::ToggleTurntable => self.toggle_turntable(),
            CameraCommand::Orbit(yaw, pitch) => self.orbit(yaw, pitch),
            CameraCommand::Pan(right, up) => self.pan(right, up),
            CameraCommand::Zoom(factor) => self.zoom(factor),
            CameraCommand::Follow(follows) => self.follow(follows),
            CameraCommand::AddKey | CameraCommand::ClearKeys => {}
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        advance_camera
            .after(advance_playback)
            .in_set(Stage::Playback),
    );
}

fn advance_camera(
    mut rig: ResMut<CameraRig>,
    playback: Res<Playback>,
    motion: Res<Motion>,
    time: Res<Time>,
) {
    if rig.is_moving() {
        // A glide that may not be seen is over at once.
        let jumps = motion.reduced && rig.glide.is_some();
        rig.advance(if jumps {
            GLIDE_SECONDS
        } else {
            time.delta_secs_f64()
        });
    }
    if rig.follows && rig.glide.is_none() {
        let pose = rig.path.pose_at(playback.seconds());
        if rig.pose != pose {
            rig.pose = pose;
        }
    }
}

#[cfg(test)]
mod tests;

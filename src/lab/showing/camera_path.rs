//! The way of the camera through an experiment's keys.

use std::f64::consts::TAU;

use crate::experiment::{CameraKey, Experiment, ViewPreset};
use crate::lab::showing::camera::CameraPose;

/// Keys nearer in time than this are one, in seconds.
const SAME_TIME: f64 = 0.02;

/// Where the camera is at a time of playback, in seconds from the first step. Recordings and the window share it.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraPath {
    keys: Vec<CameraKey>,
    start: CameraPose,
    parallel: bool,
}

impl Default for CameraPath {
    fn default() -> CameraPath {
        CameraPath {
            keys: Vec::new(),
            start: CameraPose::from_preset(ViewPreset::Iso),
            parallel: false,
        }
    }
}

impl CameraPath {
    pub fn of(experiment: &Experiment) -> CameraPath {
        CameraPath {
            keys: experiment.camera_keys.clone(),
            start: CameraPose {
                orthographic: experiment.view.parallel || experiment.view.camera == ViewPreset::Top,
                ..CameraPose::from_preset(experiment.view.camera)
            },
            parallel: experiment.view.parallel,
        }
    }

    /// Whether the camera is led anywhere.
    pub fn is_moving(&self) -> bool {
        self.keys.len() > 1
    }

    /// Between keys yaw goes the way its numbers say, so that a path may go round more than once; before the first and
    /// after the last key the camera rests.
    pub fn pose_at(&self, seconds: f64) -> CameraPose {
        let next = self.keys.partition_point(|key| key.time <= seconds);
        let pose = |key: &CameraKey| CameraPose {
            orthographic: self.parallel,
            ..CameraPose::from_key(key)
        };
        let before = next.checked_sub(1).and_then(|i| self.keys.get(i));
        match (before, self.keys.get(next)) {
            (None, None) => self.start,
            (Some(key), None) | (None, Some(key)) => pose(key),
            (Some(from), Some(to)) => {
                let t = (seconds - from.time) / (to.time - from.time);
                let t = from.easing.at(t);
                let (a, b) = (pose(from), pose(to));
                CameraPose {
                    yaw: a.yaw + (b.yaw - a.yaw) * t,
                    ..a.between(b, t)
                }
            }
        }
    }
}

/// Puts a pose among the keys, in place of one at the same time. Its yaw is the one, of all that look the same, that is
/// nearest to where the path was: so the path winds as it did.
pub fn add_key(keys: &mut Vec<CameraKey>, seconds: f64, pose: &CameraPose) {
    let path = CameraPath {
        keys: std::mem::take(keys),
        ..CameraPath::default()
    };
    let from = if path.keys.is_empty() {
        pose.yaw
    } else {
        path.pose_at(seconds).yaw
    };
    let turn = (pose.yaw - from + TAU / 2.0).rem_euclid(TAU) - TAU / 2.0;
    *keys = path.keys;
    keys.retain(|key| (key.time - seconds).abs() > SAME_TIME);
    let place = keys.partition_point(|key| key.time < seconds);
    let key = CameraKey {
        time: seconds,
        yaw: from + turn,
        pitch: pose.pitch,
        distance: pose.distance,
        target: pose.target,
        easing: Default::default(),
    };
    keys.insert(place, key);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(keys: &[(f64, f64)]) -> CameraPath {
        let keys = keys.iter().map(|&(time, yaw)| CameraKey {
            time,
            yaw,
            ..CameraKey::default()
        });
        CameraPath {
            keys: keys.collect(),
            ..CameraPath::default()
        }
    }

    #[test]
    fn a_path_passes_its_keys_and_rests_beyond_them() {
        let path = path(&[(1.0, 0.5), (3.0, 2.5), (4.0, 1.0)]);
        for (seconds, yaw) in [
            (0.0, 0.5),
            (1.0, 0.5),
            (2.0, 1.5),
            (3.0, 2.5),
            (4.0, 1.0),
            (9.0, 1.0),
        ] {
            let there = path.pose_at(seconds).yaw;
            assert!((there - yaw).abs() < 1e-12, "{there} after {seconds} s");
        }
        // Slow at the keys.
        assert!(path.pose_at(1.2).yaw - 0.5 < 0.1 * 2.0);
    }

    #[test]
    fn a_path_may_go_round() {
        let round = path(&[(0.0, 0.0), (4.0, 2.0 * TAU)]);
        assert!((round.pose_at(2.0).yaw - TAU).abs() < 1e-12);
    }

    #[test]
    fn keys_stay_in_order_and_one_at_a_time() {
        let mut keys = Vec::new();
        let pose = |yaw| CameraPose {
            yaw,
            ..CameraPose::from_preset(ViewPreset::Iso)
        };
        add_key(&mut keys, 2.0, &pose(6.0));
        add_key(&mut keys, 0.0, &pose(0.5));
        add_key(&mut keys, 4.0, &pose(0.2));
        add_key(&mut keys, 2.01, &pose(6.1));
        let found: Vec<(f64, f64)> = keys.iter().map(|key| (key.time, key.yaw)).collect();
        assert_eq!(
            found.iter().map(|k| k.0).collect::<Vec<_>>(),
            [0.0, 2.01, 4.0]
        );
        for ((_, yaw), asked) in found.iter().zip([0.5, 6.1, 0.2]) {
            let turns = (yaw - asked) / TAU;
            assert!((turns - turns.round()).abs() < 1e-12, "{yaw} for {asked}");
        }
        let short = |pair: &[(f64, f64)]| (pair[1].1 - pair[0].1).abs() < TAU / 2.0;
        assert!(found.windows(2).all(short), "{found:?}");
    }
}

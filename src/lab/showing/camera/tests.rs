use super::*;

fn rig() -> CameraRig {
    CameraRig {
        pose: CameraPose::from_preset(ViewPreset::Front),
        glide: None,
        turntable: 0.0,
        idle_turn: true,
        parallel: false,
        path: CameraPath::default(),
        follows: false,
    }
}

#[test]
fn a_glide_arrives_and_ends() {
    let mut rig = rig();
    rig.glide_to(ViewPreset::Top);
    for _ in 0..40 {
        rig.advance(0.01);
    }
    assert_eq!(rig.pose, CameraPose::from_preset(ViewPreset::Top));
    assert!(!rig.is_moving());
}

#[test]
fn a_touch_ends_the_idle_turn_and_a_glide() {
    let mut rig = rig();
    rig.advance(1.0);
    assert!(rig.pose.yaw > 0.0);
    rig.glide_to(ViewPreset::Top);
    rig.orbit(0.1, 0.0);
    let pose = rig.pose;
    rig.advance(1.0);
    assert_eq!(rig.pose, pose);
}

#[test]
fn the_short_way_round_is_taken() {
    let a = CameraPose {
        yaw: 0.1,
        ..CameraPose::from_preset(ViewPreset::Front)
    };
    let b = CameraPose {
        yaw: TAU - 0.1,
        ..a
    };
    assert!(a.between(b, 0.5).yaw.abs() < 1e-12);
}

#[test]
fn pitch_and_distance_stay_in_range() {
    let mut rig = rig();
    rig.orbit(0.0, 99.0);
    assert_eq!(rig.pose.pitch, MAX_PITCH);
    rig.zoom(0.0);
    assert_eq!(rig.pose.distance, DISTANCES[0]);
}

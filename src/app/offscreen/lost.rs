//! What becomes of pictures and recordings when the graphics device is lost.

use std::ops::ControlFlow;

use bevy::render::renderer::RenderDevice;

use super::*;
use crate::gpu::adapter::{self, AdapterWish};
use crate::record::plan::{RecordingPlan, RecordingTimes};
use crate::video::{Codec, VideoSpec, VideoWriter};

/// The app at rest, where there is something to draw with.
fn drawn(name: &str, captured: bool) -> Option<(Offscreen, Experiment)> {
    let adapter = adapter::find(&AdapterWish::default()).ok()?;
    let experiment = Experiment::load(name).expect("a built-in");
    let scene = Scene {
        source: Source::named("test"),
        experiment: experiment.clone(),
        data: Data::default(),
        size: [320, 180],
        scale: 1,
        samples: 1,
        layout: Layout::default(),
        transparent: false,
        captured,
    };
    let mut offscreen = Offscreen::new(scene, &adapter, Verbosity::Quiet);
    offscreen.settle().expect("a picture");
    Some((offscreen, experiment))
}

/// The device gone, as when a driver starts anew.
fn lose_the_device(offscreen: &mut Offscreen) {
    let device = offscreen.world().resource::<RenderDevice>().clone();
    device.wgpu_device().destroy();
}

#[test]
fn a_lost_device_ends_a_picture_in_words() {
    let Some((mut offscreen, _)) = drawn("bowl", false) else {
        return;
    };
    lose_the_device(&mut offscreen);
    let error = offscreen
        .capture()
        .expect_err("nothing is drawn")
        .to_string();
    assert!(error.starts_with("the graphics device was lost"), "{error}");
    // Whoever goes on is told again.
    let error = offscreen
        .settle()
        .expect_err("nothing is drawn")
        .to_string();
    assert!(error.starts_with("the graphics device was lost"), "{error}");
}

#[test]
fn a_device_lost_while_a_picture_is_drawn_ends_it_in_words() {
    let Some((mut offscreen, _)) = drawn("race", false) else {
        return;
    };
    let device = offscreen.world().resource::<RenderDevice>().clone();
    let loss = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(150));
        device.wgpu_device().destroy();
    });
    let began = Instant::now();
    let error = loop {
        offscreen.seek(3.0);
        if let Err(error) = offscreen.capture() {
            break error.to_string();
        }
        assert!(began.elapsed() < Duration::from_secs(60), "it goes on");
    };
    loss.join().expect("it is lost");
    assert!(error.starts_with("the graphics device was lost"), "{error}");
}

#[test]
fn a_recording_on_a_lost_device_ends_in_words_and_keeps_what_it_has() {
    let Some((mut offscreen, experiment)) = drawn("bowl", true) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lost.mp4");
    let codec = Codec::for_path(&file).expect("a codec");
    let spec = VideoSpec::new([320, 180], 30, codec);
    let fps = spec.fps;
    let mut writer = VideoWriter::create(&file, spec, false).expect("a file");
    let times = RecordingTimes::default();
    let plan = RecordingPlan::new(&experiment, offscreen.timeline(), fps, times).expect("a plan");
    let device = offscreen.world().resource::<RenderDevice>().clone();
    let mut frames = 0;
    let ended = offscreen.record(&plan, &mut writer, |_| {
        frames += 1;
        if frames == 40 {
            device.wgpu_device().destroy();
        }
        ControlFlow::Continue(())
    });
    let error = ended.expect_err("nothing is drawn").to_string();
    assert!(error.contains("the graphics device"), "{error}");
    writer.finish().expect("what it has");
    let bytes = std::fs::read(&file).expect("a video");
    assert_eq!(&bytes[4..8], b"ftyp");
}

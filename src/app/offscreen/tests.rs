//! The scene's picture beside what is drawn anyway.

use super::*;
use crate::app::Verbosity;
use crate::gpu::adapter::{self, AdapterWish};
use crate::lab::command::{Notice, send};
use crate::lab::session::picture::{PictureKind, PictureWish};
use crate::lab::{Data, Viewports};
use crate::record::picture::{self, Photographer};

fn drawn(experiment: &Experiment, samples: u32, layout: Layout) -> Option<Offscreen> {
    let adapter = adapter::find(&AdapterWish::default()).ok()?;
    let scene = Scene {
        source: Source::named("test"),
        experiment: experiment.clone(),
        data: Data::default(),
        size: [900, 400],
        scale: samples,
        samples,
        layout,
        transparent: false,
        captured: false,
    };
    let mut offscreen = Offscreen::new(scene, &adapter, Verbosity::Quiet);
    offscreen.settle().expect("a picture");
    offscreen.seek(12.5);
    offscreen.settle().expect("a picture");
    Some(offscreen)
}

/// The picture of the scene that a person gets.
fn taken(offscreen: &mut Offscreen, scale: u32, transparent: bool) -> Picture {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("scene.png");
    let wish = PictureWish {
        kind: PictureKind::Scene { scale, transparent },
        file: Some(file.clone()),
    };
    send(offscreen.world(), wish);
    wait_for_pictures(offscreen);
    let said = offscreen.world().resource::<Notice>().text.clone();
    let image = image::open(&file).unwrap_or_else(|error| panic!("{said:?}: {error}"));
    let image = image.to_rgba8();
    Picture {
        width: image.width(),
        height: image.height(),
        rgba: image.into_raw(),
    }
}

fn wait_for_pictures(offscreen: &mut Offscreen) {
    let began = Instant::now();
    offscreen.update();
    while offscreen.world().resource::<Photographer>().is_busy() {
        assert!(began.elapsed() < Duration::from_secs(120), "no picture");
        offscreen.update();
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The mean difference of colours, from 0 to 255, of a picture and the part of another that begins there.
fn difference(picture: &Picture, other: &Picture, [left, top]: [u32; 2]) -> f64 {
    let mut sum = 0.0;
    for y in 0..picture.height {
        for x in 0..picture.width {
            let pair = [picture.at(x, y), other.at(left + x, top + y)];
            sum += (0..3)
                .map(|k| f64::from(pair[0][k].abs_diff(pair[1][k])))
                .sum::<f64>();
        }
    }
    sum / f64::from(3 * picture.width * picture.height)
}

#[test]
fn a_picture_of_the_scene_is_the_scene_as_it_is_shown_in_finer_pixels() {
    let experiment = Experiment::load("convex-vs-nonconvex").expect("a built-in");
    let layout = Layout {
        controls: false,
        ..Layout::FULL
    };
    // Drawn at twice the size with two samples a pixel, which is what a picture at twice the size is.
    let Some(mut offscreen) = drawn(&experiment, 2, layout) else {
        return;
    };
    picture::plugin(&mut offscreen.app);
    let before = offscreen.capture().expect("a picture");
    let viewports = offscreen.world().resource::<Viewports>().clone();
    let area = viewports.whole().expect("a scene");
    assert_eq!(viewports.panels.len(), 2);
    let picture = taken(&mut offscreen, 2, false);
    let size = [area.width() * 2.0, area.height() * 2.0].map(|side| side.ceil() as u32);
    assert_eq!([picture.width, picture.height], size);
    let corner = [area.min.x, area.min.y].map(|at| (at * 2.0).round() as u32);
    let found = difference(&picture, &before, corner);
    assert!(found < 1.5, "they differ by {found}");
    // What is shown goes on as it was, once what was said is gone.
    offscreen.world().insert_resource(Notice::default());
    offscreen.settle().expect("a picture");
    let after = offscreen.capture().expect("a picture");
    assert!(difference(&before, &after, [0, 0]) < 0.01);

    let clear = taken(&mut offscreen, 1, true);
    assert_eq!([clear.width * 2, clear.height * 2], size);
    let corners = [[1, 1], [1, clear.height - 2]].map(|[x, y]| clear.at(x, y));
    assert!(corners.iter().all(|pixel| pixel[3] == 0), "{corners:?}");
    assert!((0..clear.width).any(|x| clear.at(x, clear.height / 2)[3] == 255));
}

#[test]
fn several_pictures_come_one_after_another_also_while_the_scene_is_laid_out_anew() {
    let experiment = Experiment::load("bowl").expect("a built-in");
    let Some(mut offscreen) = drawn(&experiment, 1, Layout::FULL) else {
        return;
    };
    picture::plugin(&mut offscreen.app);
    let folder = tempfile::tempdir().expect("a folder");
    let files = [("a", 1), ("b", 2), ("c", 1)];
    let files = files.map(|(name, scale)| (scale, folder.path().join(name)));
    for (scale, file) in &files {
        let kind = PictureKind::Scene {
            scale: *scale,
            transparent: false,
        };
        let file = Some(file.clone());
        send(offscreen.world(), PictureWish { kind, file });
    }
    offscreen.update();
    offscreen.update();
    // The first is under way: now the scene has all of the window.
    *offscreen.world().resource_mut::<Layout>() = Layout::SCENE;
    wait_for_pictures(&mut offscreen);
    for (scale, file) in files {
        let bytes = std::fs::read(&file).expect("a picture");
        let image = image::load_from_memory(&bytes).expect("a PNG").to_rgb8();
        assert_eq!(
            [image.width(), image.height()],
            [900, 400].map(|side| side * scale)
        );
        let first = image.get_pixel(0, 0);
        assert!(image.pixels().any(|pixel| pixel != first), "{scale}: blank");
    }
}

#[test]
fn where_there_is_no_scene_a_person_is_told_so() {
    let experiment = Experiment::load("bowl").expect("a built-in");
    let layout = Layout {
        scene: false,
        ..Layout::FULL
    };
    let Some(mut offscreen) = drawn(&experiment, 1, layout) else {
        return;
    };
    picture::plugin(&mut offscreen.app);
    let kind = PictureKind::Scene {
        scale: 1,
        transparent: false,
    };
    send(offscreen.world(), PictureWish { kind, file: None });
    offscreen.update();
    offscreen.update();
    let said = offscreen.world().resource::<Notice>().text.clone();
    assert!(said.expect("a notice").contains("no scene"));
}

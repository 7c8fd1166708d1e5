//! The scenes of a figure, drawn off-screen without a word, and the places where words belong.

use bevy::prelude::*;

use super::Verbosity;
use super::offscreen::{MAX_PIXELS, Offscreen, OffscreenError, Scene};
use crate::experiment::{PanelView, Source};
use crate::export::DrawnScene;
use crate::gpu::adapter::Adapter;
use crate::lab::session::export::SceneWish;
use crate::lab::{CameraRig, Label, Overlay, Viewports};
use crate::record::still::Picture;
use crate::ui::Layout;
use crate::ui::scene::axis_words;

/// Pixels for a logical pixel, and samples along a pixel's side: the first for which an adapter's textures have room. Two pixels are 300
/// an inch.
const FINENESS: [[u32; 2]; 3] = [[2, 2], [2, 1], [1, 1]];

/// Draws the scenes of all panels, in their order.
///
/// # Errors
/// If the figure is too large, or cannot be drawn.
pub fn draw(
    wish: SceneWish,
    adapter: &Adapter,
    verbosity: Verbosity,
) -> Result<Vec<DrawnScene>, OffscreenError> {
    let mut experiment = wish.experiment;
    experiment.view.theme = wish.figure.theme;
    for panel in &mut experiment.panels {
        // A map beside its surface is none of the scene.
        let spec = panel.map.take();
        panel.map = spec.filter(|spec| {
            let is_on_surface = panel.map_lies_on_surface(spec);
            if !is_on_surface {
                // Then the keys are its, too.
                panel.zoom.clear();
            }
            is_on_surface
        });
    }
    let is_flat: Vec<bool> = experiment
        .panels
        .iter()
        .map(|panel| panel.view == PanelView::Contour && panel.domain.y.is_some())
        .collect();
    let sheet = wish.figure.scene_sheet(experiment.panels.len());
    let size = [
        sheet.each[0] * sheet.columns as u32,
        sheet.each[1] * sheet.rows as u32,
    ];
    let longest = size[0].max(size[1]);
    let fits = |[scale, samples]: &[u32; 2]| longest * scale * samples <= MAX_PIXELS;
    let [scale, samples] = FINENESS
        .into_iter()
        .find(fits)
        .ok_or(OffscreenError::TooLarge)?;
    let scene = Scene {
        source: Source::named("figure"),
        experiment,
        data: wish.data,
        size,
        scale,
        samples,
        layout: Layout::WORDLESS,
        transparent: false,
        captured: false,
    };
    let mut offscreen = Offscreen::new(scene, adapter, verbosity);
    // The first frames find out how long the descents are.
    offscreen.settle()?;
    offscreen.seek(wish.step.unwrap_or(f64::MAX));
    if let Some(pose) = wish.pose {
        offscreen.world().resource_mut::<CameraRig>().pose = pose;
    }
    offscreen.settle()?;
    let picture = offscreen.capture()?;
    let world = offscreen.world();
    let viewports = world.resource::<Viewports>().panels.clone();
    let overlay = world.resource::<Overlay>();
    let labels = overlay.panels.iter();
    let scenes = viewports.iter().zip(labels).zip(is_flat);
    Ok(scenes
        .map(|((viewport, labels), is_flat)| DrawnScene {
            is_flat,
            ..drawn(&picture, scale, *viewport, labels)
        })
        .collect())
}

/// What of a picture lies in a viewport, with its words.
fn drawn(picture: &Picture, scale: u32, viewport: Rect, labels: &[Label]) -> DrawnScene {
    let scale = scale as f32;
    let all = UVec2::new(picture.width, picture.height);
    let [from, to] =
        [viewport.min, viewport.max].map(|corner| (corner * scale).round().as_uvec2().min(all));
    let corner = from.as_vec2() / scale;
    let place = |at: Vec2| (at - corner).to_array().map(f64::from);
    let rows = from.y..to.y;
    let rgb = rows.flat_map(|y| {
        let row = (from.x..to.x).map(move |x| picture.at(x, y));
        row.flat_map(|[r, g, b, _]| [r, g, b])
    });
    let (axes, names) = axis_words::parts(labels, place);
    DrawnScene {
        size: ((to - from).as_vec2() / scale).to_array().map(f64::from),
        pixels: (to - from).to_array().map(|side| side as usize),
        rgb: rgb.collect(),
        is_flat: false,
        axes,
        names,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::export::FigureWish;
    use crate::gpu::adapter::{self, AdapterWish};
    use crate::lab::Data;

    /// As the window has it done: beside its own frames, on a thread of its own.
    #[test]
    fn scenes_are_drawn_on_another_thread_with_places_for_their_words() {
        let Ok(adapter) = adapter::find(&AdapterWish::default()) else {
            return;
        };
        let experiment = Experiment::load("convex-vs-nonconvex").expect("a built-in");
        let wish = SceneWish {
            experiment,
            data: Data::default(),
            figure: FigureWish::default(),
            pose: None,
            step: None,
        };
        let drawing = std::thread::spawn(move || draw(wish, &adapter, Verbosity::Quiet));
        let scenes = drawing.join().expect("no panic").expect("drawn");
        assert_eq!(scenes.len(), 2);
        for scene in &scenes {
            assert_eq!(scene.pixels, scene.size.map(|side| 2 * side as usize));
            assert_eq!(scene.rgb.len(), 3 * scene.pixels[0] * scene.pixels[1]);
            // A curve has two axes.
            let titles: Vec<&str> = scene.axes.iter().map(|axis| &*axis.title).collect();
            assert_eq!(titles, ["x", "loss"]);
            let is_inside = |at: &[f64; 2]| (0..2).all(|k| at[k] > 0.0 && at[k] < scene.size[k]);
            for axis in &scene.axes {
                assert!(axis.ticks.len() > 2 && axis.ticks.iter().all(|(at, _)| is_inside(at)));
            }
        }
        assert_ne!(scenes[0].rgb, scenes[1].rgb);
    }
}

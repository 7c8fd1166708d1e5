//! Paths that leave the view and come back fade at its edge: in the scene, on the map and on a curve's plot.

use image::RgbaImage;

use super::{adapter, count, part, shot};
use crate::cli::Desk;

const MAGENTA: [u8; 3] = [255, 0, 255];

/// A path along y = 0 from `start`, on which every step takes x to −0.9x, for `steps` steps.
fn path(domain: &str, start: f64, steps: usize, options: &str) -> RgbaImage {
    let desk = Desk::new();
    let file = format!(
        "steepest = 1\n[[panel]]\nformula = 'x^2 + 0*y'\ndomain = {domain}\nview = 'contour'\n\
         [[panel.descent]]\nrule = 'gd'\nrate = 0.95\nstart = [{start}, 0]\nsteps = {steps}\n\
         color = '#ff00ff'\n[view]\ncolormap = 'greys'\n"
    );
    desk.put("path.toml", &file);
    shot(&desk, &format!("path.toml --size 600x600 {options}"))
}

const CUT: &str = "[[-1, 0.5], [-0.75, 0.75]]";
const WHOLE: &str = "[[-1, 1], [-1, 1]]";

#[test]
fn in_the_scene_only_what_goes_on_out_of_sight_fades() {
    if adapter().is_none() {
        return;
    }
    // Of the box's 600 / 1.3 pixels some near the edge, short of the mark there, and some in the middle.
    let magenta = |domain: &str, start: f64, steps: usize, from: f64, to: f64| {
        let picture = path(domain, start, steps, "--layout scene");
        let across = |s: f64| 0.5 + (s - 0.5) / 1.3;
        let pixels = part(&picture, [across(from), 0.4], [across(to), 0.6]);
        count(pixels, MAGENTA)
    };
    let at_edge = |domain, start, steps| magenta(domain, start, steps, 0.9, 0.97);
    let in_middle = |domain, start, steps| magenta(domain, start, steps, 0.4, 0.6);
    for (start, steps, what) in [(0.9, 1, "comes in"), (-0.9, 2, "leaves and comes back")] {
        assert_eq!(at_edge(CUT, start, steps), 0, "{what}");
        assert!(in_middle(CUT, start, steps) > 50, "{what}");
    }
    assert!(
        at_edge(CUT, -0.9, 1) > 30,
        "the way to the mark where it leaves for good"
    );
    assert!(at_edge(WHOLE, 0.99, 1) > 30, "what does not leave");
}

/// From which column to which there is any colour, and all of it.
fn columns(picture: &RgbaImage) -> [[u32; 2]; 2] {
    let mut found = [[u32::MAX, 0]; 2];
    for (x, _, pixel) in picture.enumerate_pixels() {
        let [r, g, b, _] = pixel.0;
        let is_tinted = r.min(b).saturating_sub(g) > 24;
        let is_full = r.min(b).saturating_sub(g) > 180;
        for (range, counts) in found.iter_mut().zip([is_tinted, is_full]) {
            if counts {
                *range = [range[0].min(x), range[1].max(x)];
            }
        }
    }
    found
}

#[test]
fn on_the_map_a_path_fades_in_and_out() {
    if adapter().is_none() {
        return;
    }
    let [tinted, full] = columns(&path(CUT, 0.9, 1, "--layout inset"));
    assert!(tinted[1] > full[1] + 25, "{tinted:?}, {full:?}");
    assert!(full[0] < 200 && full[1] > 250, "{full:?}");
    let [tinted, full] = columns(&path(WHOLE, 0.9, 1, "--layout inset"));
    assert!(tinted[1] <= full[1] + 4, "{tinted:?}, {full:?}");
}

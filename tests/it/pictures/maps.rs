//! Maps on the surface, on the contours and beside the surface.

use image::RgbaImage;

use super::{adapter, part, shot};
use crate::cli::Desk;

fn drawn(map: &str, hidden: bool, options: &str) -> RgbaImage {
    let desk = Desk::new();
    let file = format!(
        "steepest = 1\n[[panel]]\nformula = '(x^2 - 1)^2 + y^2'\ndomain = [[-2, 2], [-2, 2]]\ncontours = 0\n{map}\n\
         [[panel.descent]]\nrule = 'gd'\nrate = 0.05\nstart = [0.2, 1]\nsteps = 200\nhidden = {hidden}\n[view]\ncolormap = 'greys'\n"
    );
    desk.put("wells.toml", &file);
    shot(&desk, &format!("wells.toml --size 600x600 {options}"))
}

/// Of the hues of the first two minima, orange and blue, how many pixels.
fn hues(pixels: impl IntoIterator<Item = [u8; 4]>) -> [usize; 2] {
    let mut counts = [0; 2];
    for [r, _, b, _] in pixels {
        counts[0] += usize::from(r > b.saturating_add(40));
        counts[1] += usize::from(b > r.saturating_add(40));
    }
    counts
}

#[test]
fn a_map_over_the_starts_lies_on_surface_and_contours() {
    if adapter().is_none() {
        return;
    }
    let map = "map = { descent = 'Gradient descent', grid = [64, 64] }";
    for options in ["--layout scene --view front", "--layout inset"] {
        let picture = drawn(map, true, options);
        let [left, right] = [[0.2, 0.45], [0.55, 0.8]]
            .map(|[from, to]| hues(part(&picture, [from, 0.4], [to, 0.7])));
        assert!(left[0] > 2000 && left[1] < 50, "{options}: {left:?}");
        assert!(right[1] > 2000 && right[0] < 50, "{options}: {right:?}");
        let without = drawn("", true, options);
        let grey = hues(part(&without, [0.2, 0.4], [0.8, 0.7]));
        assert!(grey[0] + grey[1] < 50, "{options}: {grey:?}");
    }
}

#[test]
fn a_map_goes_from_coarse_to_fine_and_its_axes_may_be_others() {
    if adapter().is_none() {
        return;
    }
    let map = "map = { descent = 'Gradient descent', grid = [256, 256], x = 'rate', y = 'start.x', refine = 2 }";
    let at = |step: u32| drawn(map, false, &format!("--layout scene --step {step}"));
    let (coarse, fine) = (at(0), at(100));
    let beside = |picture: &RgbaImage| part(picture, [0.0, 0.72], [1.0, 1.0]);
    let pairs = beside(&coarse).into_iter().zip(beside(&fine));
    let differ = pairs.filter(|(coarse, fine)| coarse != fine).count();
    assert!(differ > 3000, "{differ}");
    let [orange, blue] = hues(beside(&fine));
    assert!(orange > 2000 && blue > 2000, "{orange}, {blue}");
}

//! What is narrower than the mesh, and narrower than a pixel.

use image::RgbaImage;

use super::{adapter, panel, part};

/// Pixels that stand out from the dark ground below a plane, above the mark at the bottom of a hole and the
/// edges of the floor.
fn bright(picture: &RgbaImage, at: f64) -> usize {
    let below = part(picture, [at - 0.03, 0.45], [at + 0.03, 0.56]);
    let is_bright = |[r, g, b, _]: &[u8; 4]| *r.max(g).max(b) > 75;
    below.iter().filter(|pixel| is_bright(pixel)).count()
}

#[test]
fn a_hole_is_seen_from_afar() {
    if adapter().is_none() {
        return;
    }
    // The hole is a hundredth of the plane wide, then a ten-thousandth.
    for range in [100, 10_000] {
        let keys =
            format!("objective = 'easom'\ndomain = [[-{range}, {range}], [-{range}, {range}]]");
        let picture = panel(&keys, "--view 0.6,0.1");
        let hole = bright(&picture, 0.5);
        assert!(hole > 30, "{hole} pixels at {range}");
        let beside = bright(&picture, 0.4);
        assert_eq!(beside, 0, "at {range}");
    }
}

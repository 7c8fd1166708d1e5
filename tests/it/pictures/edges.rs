//! Where a landscape ends: clean edges, however coarse the mesh.

use super::{adapter, shot};
use crate::cli::Desk;

#[test]
fn a_landscape_ends_where_the_function_does() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    desk.put(
        "dome.toml",
        r#"steepest = 1
[[panel]]
formula = "sqrt(1 - x^2 - y^2)"
domain = [[-2, 2], [-2, 2]]
view = "contour"
contours = 0
"#,
    );
    let picture = shot(&desk, "dome.toml --no-ui --size 500x500");
    // The box behind it is grey.
    let is_colored = |[r, g, b, _]: [u8; 4]| r.max(g).max(b) - r.min(g).min(b) > 24;
    let inner = 100..400;
    let disc: Vec<(f64, f64)> = picture
        .enumerate_pixels()
        .filter(|(x, y, pixel)| inner.contains(x) && inner.contains(y) && is_colored(pixel.0))
        .map(|(x, y, _)| (f64::from(x), f64::from(y)))
        .collect();
    let mean =
        |axis: fn(&(f64, f64)) -> f64| disc.iter().map(axis).sum::<f64>() / disc.len() as f64;
    let (x, y) = (mean(|place| place.0), mean(|place| place.1));
    let radius = (disc.len() as f64 / std::f64::consts::PI).sqrt();
    assert!(radius > 60.0, "{radius}");
    let furthest = disc
        .iter()
        .map(|(a, b)| (a - x).hypot(b - y))
        .fold(0.0, f64::max);
    assert!(
        furthest < radius + 1.5,
        "{furthest} of {radius}: the edge is ragged"
    );
}

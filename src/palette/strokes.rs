//! How lines and marks are drawn, in the window and on pages alike. Widths and radii are in logical pixels, lifts in sizes of the box,
//! towards the eye.

/// A trail, and its casing on each side.
pub const TRAIL: f32 = 2.6;
pub const CASING: f32 = 0.9;
/// From a ball off the surface down to it.
pub const DROP: f32 = 1.2;
/// Iterates; the moving ball; where a descent ended; where it began, and where it left the box.
pub const DOT: f32 = 2.6;
pub const BALL: f32 = 6.5;
pub const END: f32 = 7.0;
pub const START: f32 = 5.0;
/// Minima that are the lowest or given, others, and saddles.
pub const LOWEST: f32 = 7.5;
pub const MINIMUM: f32 = 5.0;
pub const SADDLE: f32 = 3.5;
/// With more critical points than this only the lowest minima are marked, and those given: marks everywhere say nothing.
pub const MOST_MARKS: usize = 40;
/// A trail fades over so many steps, to so much of its strength (as in `ribbon.wgsl`).
pub const FADE_STEPS: f32 = 150.0;
pub const FADED: f32 = 0.6;
/// Of dashed lines: from one dash to the next, and which share of it is drawn (as in `ribbon.wgsl`).
pub const DASH: f32 = 9.0;
pub const DASH_SHARE: f32 = 0.62;
/// The same of what the surface hides, and how much of that is seen: of lines, and of balls (as in `ribbon.wgsl` and `marker.wgsl`).
pub const GHOST_DASH: f32 = 7.0;
pub const GHOST_SHARE: f32 = 0.55;
pub const GHOST: f32 = 0.32;
pub const HIDDEN_BALL: f32 = 0.4;
/// Lines and marks lie this far from the surface; a mark by a ball's radius, so that it never sinks in.
pub const LINE_LIFT: f32 = 0.012;
pub const MARK_LIFT: f32 = 0.03;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shaders_of_the_window_have_these_numbers() {
        let [ribbon, marker] = [
            include_str!("../../shaders/ribbon.wgsl"),
            include_str!("../../shaders/marker.wgsl"),
        ];
        for (shader, line) in [
            (ribbon, format!("mix(1.0, {FADED}, clamp(in.age_strength.x")),
            (
                ribbon,
                format!("{GHOST} * step(fract(screen / {GHOST_DASH:.1}), {GHOST_SHARE})"),
            ),
            (ribbon, format!("/ ribbon.kind.w), {DASH_SHARE})")),
            (marker, format!("in.color.a * {HIDDEN_BALL})")),
        ] {
            assert!(shader.contains(&line), "{line}");
        }
    }
}

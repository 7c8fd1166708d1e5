//! The constants and structures of `shaders/loss_sweep.wgsl`, with the same names.

use bytemuck::{Pod, Zeroable};

/// Threads of a workgroup of `sweep`.
pub(super) const THREADS: u32 = 128;
/// Samples that are staged together: buffers hold a multiple of it.
pub(super) const BATCH: usize = 8;
/// Threads of a tile along columns, at most.
pub(super) const MOST_ACROSS: u32 = 16;
/// Threads of a tile along rows, at most.
pub(super) const MOST_DOWN: u32 = 16;
/// Columns of a thread.
pub(super) const COLUMNS: u32 = 8;
/// Rows of a thread.
pub(super) const ROWS: u32 = 4;
/// Nodes of a workgroup of `reduce`.
pub(super) const REDUCED: u32 = 32;
/// What the factor along rows may vary from a tile's middle unless exponents are kept apart, as a power of two.
pub(super) const NARROW: f64 = 28.0;
/// The bits of a fixed-point number behind the point.
pub(super) const FRACTION_BITS: i32 = 40;
/// What a fixed-point number may hold with room for one step beyond the grid.
pub(super) const MOST: f64 = (1 << 21) as f64;

pub(super) const ONE_PLUS_U: u32 = 1;
pub(super) const ONE_PLUS_V: u32 = 2;
pub(super) const SUM: u32 = 4;

/// A fixed-point number: its low word, then its high one.
pub(super) type Fixed = [u32; 2];

#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Sample {
    pub first_u: Fixed,
    pub step_u: Fixed,
    pub first_v: Fixed,
    pub step_v: Fixed,
    pub kappa: f32,
    pub form: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Sweep {
    pub nodes: [u32; 2],
    pub threads: [u32; 2],
    pub first_row: u32,
    pub rows: u32,
    pub batches: u32,
    pub chunks: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Sum {
    pub exponent: i32,
    pub rest: f32,
}

impl Sum {
    pub(super) fn value(self) -> f64 {
        f64::from(self.exponent) * std::f64::consts::LN_2 + f64::from(self.rest)
    }
}

pub(super) fn fixed(value: f64) -> Fixed {
    let bits = (value * 2f64.powi(FRACTION_BITS)).round() as i64;
    [bits as u32, (bits >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_point_numbers_are_in_twos_complement() {
        for (value, words) in [
            (0.0, [0, 0]),
            (1.0, [0, 1 << 8]),
            (-1.0, [0, !0 << 8]),
            (1.5 + 2f64.powi(-40), [1, 0x180]),
            (-(2f64.powi(-40)), [!0, !0]),
            (-MOST, [0, (-(1i32 << 29)) as u32]),
        ] {
            assert_eq!(fixed(value), words, "{value}");
        }
    }

    /// The shader's structures and constants, read from its text.
    #[test]
    fn the_shader_has_the_same_layout() {
        let source = include_str!("../../../shaders/loss_sweep.wgsl");
        for (name, value) in [
            ("THREADS", THREADS),
            ("BATCH", BATCH as u32),
            ("MOST_ACROSS", MOST_ACROSS),
            ("MOST_DOWN", MOST_DOWN),
            ("ONE_PLUS_U", ONE_PLUS_U),
            ("ONE_PLUS_V", ONE_PLUS_V),
            ("SUM", SUM),
        ] {
            let line = format!("const {name}: u32 = {value}u;");
            assert!(source.contains(&line), "no `{line}`");
        }
        let fields = |name: &str| -> Vec<&str> {
            let start = source.find(&format!("struct {name} {{")).expect(name);
            let body = source[start..].split(['{', '}']).nth(1).expect("a body");
            let lines = body.lines().map(|line| line.trim());
            lines
                .filter(|line| !line.is_empty() && !line.starts_with("//"))
                .collect()
        };
        assert_eq!(
            fields("Sample"),
            [
                "first_u: vec2<u32>,",
                "step_u: vec2<u32>,",
                "first_v: vec2<u32>,",
                "step_v: vec2<u32>,",
                "kappa: f32,",
                "form: u32,"
            ]
        );
        assert_eq!(
            fields("Sweep"),
            [
                "nodes: vec2<u32>,",
                "threads: vec2<u32>,",
                "first_row: u32,",
                "rows: u32,",
                "batches: u32,",
                "chunks: u32,"
            ]
        );
        assert_eq!(fields("Sum"), ["exponent: i32,", "rest: f32,"]);
        assert_eq!(size_of::<Sample>(), 40);
        assert_eq!(size_of::<Sweep>(), 32);
        assert_eq!(size_of::<Sum>(), 8);
    }
}

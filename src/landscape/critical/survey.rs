//! What a grid over the domain shows: where to look for critical points, and how large losses are.

use rayon::prelude::*;

use super::minimum::FLAT;
use super::newton::Chart;
use super::{CriticalPoint, kind};

/// Cells along each axis that are searched, for a curve and for a surface.
pub(super) const CELLS: [usize; 2] = [1024, 80];

/// What a grid over the domain shows.
pub(super) struct Survey {
    /// Where to start Newton's method, in fractions of the domain.
    pub(super) starts: Vec<[f64; 2]>,
    /// The lowest loss on the grid, and where it is; infinite without any.
    pub(super) lowest: f64,
    pub(super) lowest_at: [f64; 2],
    /// The typical range of losses: up to the third quartile, for poles and walls have no say.
    pub(super) range: f64,
}

impl Survey {
    pub(super) fn new(chart: &Chart) -> Survey {
        let nodes = Nodes::new(chart);
        let mut losses: Vec<f64> = nodes.all.iter().map(|node| node.0).collect();
        losses.retain(|loss| loss.is_finite());
        losses.sort_by(f64::total_cmp);
        let lowest = losses.first().copied().unwrap_or(f64::INFINITY);
        let highest = losses.last().copied().unwrap_or(lowest);
        let quartile = losses.get(losses.len() * 3 / 4).copied().unwrap_or(lowest);
        let lowest_at = nodes.all.iter().position(|node| node.0 == lowest);
        let lowest_at = lowest_at.unwrap_or_default();
        let mut starts = Vec::new();
        for row in 0..nodes.rows {
            for col in 0..nodes.cols {
                if nodes.turn_in_cell(col, row) {
                    starts.push(nodes.place(col as f64 + 0.5, row as f64 + 0.5));
                }
                if nodes.flattest(col, row) {
                    starts.push(nodes.place(col as f64, row as f64));
                }
            }
        }
        Survey {
            starts,
            lowest,
            lowest_at: nodes.place(
                (lowest_at % nodes.cols) as f64,
                (lowest_at / nodes.cols) as f64,
            ),
            range: if quartile > lowest { quartile } else { highest } - lowest,
        }
    }

    /// Classifies a root of the gradient; `None` in the middle of a flat piece.
    pub(super) fn examine(&self, chart: &Chart, root: [f64; 2]) -> Option<CriticalPoint> {
        let (value, slope) = chart.gradient(root);
        let slope = slope[0].hypot(slope[1]);
        // Newton's method also comes to rest where the gradient is merely small.
        if slope > FLAT * self.range || !chart.is_inside(root) {
            return None;
        }
        let hessian = chart.hessian(root);
        if hessian.greatest() <= 1e-6 * self.range && self.is_flat(chart, root) {
            return None;
        }
        Some(CriticalPoint {
            at: chart.point(root),
            value,
            kind: kind(&hessian, self.range),
        })
    }

    /// Whether the gradient all but vanishes all around.
    fn is_flat(&self, chart: &Chart, [s, t]: [f64; 2]) -> bool {
        const RADIUS: f64 = 0.02;
        (0..8).all(|k| {
            let (sin, cos) = (f64::from(k) * std::f64::consts::FRAC_PI_4).sin_cos();
            let (_, [a, b]) = chart.gradient([s + RADIUS * cos, t + RADIUS * sin]);
            a.hypot(b) <= 1e-6 * self.range
        })
    }
}

/// The loss and its gradient at the nodes of a grid, row by row; a curve has one row.
struct Nodes {
    cols: usize,
    rows: usize,
    all: Vec<(f64, [f64; 2])>,
}

impl Nodes {
    fn new(chart: &Chart) -> Nodes {
        let cols = CELLS[chart.dim() - 1] + 1;
        let rows = if chart.dim() == 2 { cols } else { 1 };
        let mut nodes = Nodes {
            cols,
            rows,
            all: Vec::new(),
        };
        let gradient = |i| chart.gradient(nodes.place((i % cols) as f64, (i / cols) as f64));
        nodes.all = (0..cols * rows).into_par_iter().map(gradient).collect();
        nodes
    }

    /// Fractions of the domain from a position counted in nodes.
    fn place(&self, col: f64, row: f64) -> [f64; 2] {
        let cells = (self.cols - 1) as f64;
        [col / cells, if self.rows > 1 { row / cells } else { 0.0 }]
    }

    /// The gradients in a block of nodes, as far as there are any.
    fn gradients(&self, cols: Span, rows: Span) -> impl Iterator<Item = [f64; 2]> {
        let cols = cols.start..cols.end.min(self.cols);
        (rows.start..rows.end.min(self.rows)).flat_map(move |row| {
            cols.clone()
                .map(move |col| self.all[row * self.cols + col].1)
        })
    }

    /// Whether every component of the gradient changes sign over the cell beyond a node.
    fn turn_in_cell(&self, col: usize, row: usize) -> bool {
        if col + 1 == self.cols || (self.rows > 1 && row + 1 == self.rows) {
            return false;
        }
        let axes = if self.rows > 1 { 2 } else { 1 };
        (0..axes).all(|axis| {
            let corners = self.gradients(col..col + 2, row..row + 2);
            let (low, high) = corners.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), g| {
                (low.min(g[axis]), high.max(g[axis]))
            });
            (low < 0.0 && high >= 0.0) || (low <= 0.0 && high > 0.0)
        })
    }

    /// Whether the gradient is shorter at a node than at all others around it.
    fn flattest(&self, col: usize, row: usize) -> bool {
        let length = |g: [f64; 2]| g[0].hypot(g[1]);
        let here = length(self.all[row * self.cols + col].1);
        let around = |i: usize| i.saturating_sub(1)..i + 2;
        let block = self.gradients(around(col), around(row));
        // The node itself is in the block: it alone may be as short.
        here.is_finite() && block.filter(|g| length(*g) <= here).count() == 1
    }
}

type Span = std::ops::Range<usize>;

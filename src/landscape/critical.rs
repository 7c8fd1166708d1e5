//! Critical points: where the gradient vanishes, found numerically and classified by the Hessian.
//!
//! Newton's method on the gradient starts in every cell of a grid in which all components of the
//! gradient change sign, and wherever its length has a local minimum. All is measured in
//! fractions of the domain, so that what is steep or flat does not depend on units.

mod newton;

use rayon::prelude::*;

use self::newton::{Chart, Hessian};
use super::Domain;
use crate::objective::Objective;

/// Cells along each axis that are searched, for a curve and for a surface.
const CELLS: [usize; 2] = [1024, 80];
/// Points nearer to each other than this, in fractions of the domain, are one. Degenerate points
/// are found less sharply.
const SAME: f64 = 1e-6;
const SAME_DEGENERATE: f64 = 1e-3;
/// How far off a known minimum may be given, in fractions of the domain.
const INEXACT: f64 = 0.01;
/// Degenerate points tend to come in whole lines and areas: they are kept this far apart, and at
/// most so many.
const DEGENERATE_APART: f64 = 0.1;
const MAX_DEGENERATE: usize = 8;
/// The most points returned: a function that has more is noise at the scale of the domain.
const MAX_POINTS: usize = 1000;

/// What a critical point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CriticalKind {
    /// A minimum as low as the lowest loss found or known.
    GlobalMinimum,
    /// Any other minimum.
    LocalMinimum,
    Maximum,
    Saddle,
    /// The Hessian is singular and does not decide.
    Degenerate,
}

impl CriticalKind {
    /// Its name for people.
    pub fn title(&self) -> &'static str {
        match self {
            CriticalKind::GlobalMinimum => "global minimum",
            CriticalKind::LocalMinimum => "local minimum",
            CriticalKind::Maximum => "maximum",
            CriticalKind::Saddle => "saddle",
            CriticalKind::Degenerate => "degenerate",
        }
    }
}

/// A point where the gradient vanishes, or a minimum known beforehand.
#[derive(Debug, Clone, PartialEq)]
pub struct CriticalPoint {
    pub at: Vec<f64>,
    /// The loss there.
    pub value: f64,
    pub kind: CriticalKind,
}

/// The critical points of a function of one or two variables inside `domain`, lowest first.
///
/// Known minima are brought to full accuracy where there is a gradient and are always part of the
/// result if they lie in the domain; those outside still decide which minimum is global. Flat
/// pieces of a surface have no points. Lines of degenerate points are represented by a few.
pub fn critical_points(
    objective: &dyn Objective,
    domain: Domain,
    known_minima: &[Vec<f64>],
) -> Vec<CriticalPoint> {
    if objective.dim() != domain.dim() {
        return Vec::new();
    }
    let chart = Chart::new(objective, domain);
    let survey = Survey::new(&chart);
    let mut points = known_points(&chart, domain, known_minima);
    let found: Vec<CriticalPoint> = survey
        .starts
        .par_iter()
        .filter_map(|start| chart.root(*start, 2.0 / CELLS[chart.dim() - 1] as f64))
        .filter_map(|root| survey.examine(&chart, root))
        .collect();
    add_distinct(&chart, &mut points, found);
    name_global(&mut points, &survey, objective, known_minima);
    points.sort_by(|a, b| {
        let by_place = a.at.partial_cmp(&b.at).unwrap_or(std::cmp::Ordering::Equal);
        a.value.total_cmp(&b.value).then(by_place)
    });
    points.truncate(MAX_POINTS);
    points
}

/// What a grid over the domain shows.
struct Survey {
    /// Where to start Newton's method, in fractions of the domain.
    starts: Vec<[f64; 2]>,
    /// The lowest loss on the grid.
    lowest: f64,
    /// The typical range of losses: up to the third quartile, for poles and walls have no say.
    range: f64,
}

impl Survey {
    fn new(chart: &Chart) -> Survey {
        let nodes = Nodes::new(chart);
        let mut losses: Vec<f64> = nodes.all.iter().map(|node| node.0).collect();
        losses.retain(|loss| loss.is_finite());
        losses.sort_by(f64::total_cmp);
        let lowest = losses.first().copied().unwrap_or(f64::INFINITY);
        let highest = losses.last().copied().unwrap_or(lowest);
        let quartile = losses.get(losses.len() * 3 / 4).copied().unwrap_or(lowest);
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
            range: if quartile > lowest { quartile } else { highest } - lowest,
        }
    }

    /// Classifies a root of the gradient; `None` in the middle of a flat piece.
    fn examine(&self, chart: &Chart, root: [f64; 2]) -> Option<CriticalPoint> {
        let (value, slope) = chart.gradient(root);
        let slope = slope[0].hypot(slope[1]);
        // Newton's method also comes to rest where the gradient is merely small.
        if slope > 1e-7 * self.range || !chart.is_inside(root) {
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

/// The kind by the signs of the Hessian's eigenvalues. Any minimum is local until the lowest is
/// known.
fn kind(hessian: &Hessian, range: f64) -> CriticalKind {
    let values = hessian.eigenvalues();
    let least = values
        .iter()
        .fold(f64::INFINITY, |least, v| least.min(v.abs()));
    let negative = values.iter().filter(|v| **v < 0.0).count();
    if least.is_nan() || least <= (1e-7 * hessian.greatest()).max(1e-9 * range) {
        CriticalKind::Degenerate
    } else if negative == 0 {
        CriticalKind::LocalMinimum
    } else if negative == values.len() {
        CriticalKind::Maximum
    } else {
        CriticalKind::Saddle
    }
}

/// The known minima inside the domain, as sharply as the gradient allows.
fn known_points(chart: &Chart, domain: Domain, known: &[Vec<f64>]) -> Vec<CriticalPoint> {
    let mut points: Vec<CriticalPoint> = Vec::new();
    for at in known.iter().filter(|at| domain.contains(at)) {
        let given = chart.fractions(at);
        let near = |root: &[f64; 2]| distance(*root, given) < INEXACT && chart.is_inside(*root);
        let root = chart.root(given, INEXACT).filter(near);
        let at = root.map_or_else(|| at.clone(), |root| chart.point(root));
        let value = chart.objective().value(&at);
        // Whoever knows it to be a minimum is believed unless the Hessian says otherwise.
        let kind = match root.map(|root| kind(&chart.hessian(root), 0.0)) {
            Some(kind @ (CriticalKind::Maximum | CriticalKind::Saddle)) => kind,
            _ => CriticalKind::LocalMinimum,
        };
        let place = chart.fractions(&at);
        let is_new = |p: &CriticalPoint| distance(chart.fractions(&p.at), place) > SAME;
        if value.is_finite() && points.iter().all(is_new) {
            points.push(CriticalPoint { at, value, kind });
        }
    }
    points
}

/// Adds those points that are not there yet: the sharp ones first, then a few degenerate ones.
fn add_distinct(chart: &Chart, points: &mut Vec<CriticalPoint>, mut found: Vec<CriticalPoint>) {
    let is_degenerate = |point: &CriticalPoint| point.kind == CriticalKind::Degenerate;
    found.sort_by_key(is_degenerate);
    let mut places: Vec<[f64; 2]> = points.iter().map(|p| chart.fractions(&p.at)).collect();
    let mut degenerate: Vec<[f64; 2]> = Vec::new();
    for point in found {
        let place = chart.fractions(&point.at);
        let clear = |others: &[[f64; 2]], apart: f64| {
            others.iter().all(|other| distance(*other, place) > apart)
        };
        if is_degenerate(&point) {
            let wanted = degenerate.len() < MAX_DEGENERATE
                && clear(&degenerate, DEGENERATE_APART)
                && clear(&places, SAME_DEGENERATE);
            if wanted {
                degenerate.push(place);
                points.push(point);
            }
        } else if clear(&places, SAME) {
            places.push(place);
            points.push(point);
        }
    }
}

/// Calls those minima global that are as low as anything found or known.
fn name_global(
    points: &mut [CriticalPoint],
    survey: &Survey,
    objective: &dyn Objective,
    known: &[Vec<f64>],
) {
    let found = points.iter().map(|point| point.value);
    let fits = |at: &&Vec<f64>| at.len() == objective.dim();
    let known = known.iter().filter(fits).map(|at| objective.value(at));
    let lowest = found
        .chain(known)
        .filter(|value| value.is_finite())
        .fold(survey.lowest, f64::min);
    let tolerance = 1e-9 * lowest.abs().max(survey.range);
    for point in points {
        if point.kind == CriticalKind::LocalMinimum && point.value <= lowest + tolerance {
            point.kind = CriticalKind::GlobalMinimum;
        }
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[cfg(test)]
mod tests;

//! Triangles: the surface of a panel, tubes along lines, a ball.

use std::f32::consts::{PI, TAU};

use super::in_world;
use crate::export::PanelScene;
use crate::landscape::Grid;

/// Sides of a tube, and rings and sides of a ball.
const SIDES: usize = 8;
const BALL: [usize; 2] = [12, 20];
/// Cells along a side of a whole surface, at most, if its nodes can be left out evenly.
const MOST_CELLS: usize = 160;
/// Points nearer than this are one.
const NEAR: f32 = 1e-5;

#[derive(Default, PartialEq)]
pub(super) struct Mesh {
    pub points: Vec<[f32; 3]>,
    pub normals: Vec<[f32; 3]>,
    /// Where on its picture each point lies, from 0 to 1; or none at all.
    pub spots: Vec<[f32; 2]>,
    pub indices: Vec<u32>,
}

impl Mesh {
    fn point(&mut self, point: [f32; 3], normal: [f32; 3]) -> u32 {
        self.points.push(point);
        self.normals.push(normal);
        self.points.len() as u32 - 1
    }
}

/// A place on the surface: fractions of the rectangle and of the height.
pub(super) type Place = [f64; 3];

/// The surface between floor and ceiling; cells where the function breaks off are cut there. `spot` says where on its picture
/// a place lies.
pub(super) fn surface(panel: &PanelScene, spot: impl Fn(Place) -> [f32; 2]) -> Mesh {
    let grid = &panel.grid;
    let (cols, rows) = (grid.cols, grid.rows.max(2));
    let is_curve = panel.is_curve();
    let stride = stride(grid);
    let node = |col: usize, row: usize| -> Option<Place> {
        let index = if is_curve { col } else { row * grid.cols + col };
        let height = panel.scale.fraction(*grid.values.get(index)?);
        let [s, t] = grid.fractions(index);
        let t = if is_curve { row as f64 } else { t };
        height.is_finite().then_some([s, t, height])
    };
    let normal = |[s, t, _]: Place| slope_normal(panel, s, t);
    let mut mesh = Mesh::default();
    let mut vertex = |mesh: &mut Mesh, place: Place| {
        mesh.spots.push(spot(place));
        mesh.point(in_world(panel, place), normal(place))
    };
    // Whole nodes are shared by their cells.
    let mut known: Vec<Option<u32>> = vec![None; cols * rows];
    for row in (0..rows - 1).step_by(stride) {
        for col in (0..cols - 1).step_by(stride) {
            let corners = [
                (col, row),
                (col + stride, row),
                (col + stride, row + stride),
                (col, row + stride),
            ];
            let is_torn = grid.tears().is_torn(row * grid.cols + col);
            let places = corners.map(|(col, row)| node(col, row));
            if let ([Some(_), Some(_), Some(_), Some(_)], false) = (places, is_torn) {
                let places = places.map(Option::unwrap_or_default);
                if places.iter().all(|place| (0.0..=1.0).contains(&place[2])) {
                    let [a, b, c, d] = [0, 1, 2, 3].map(|k| {
                        let (col, row) = corners[k];
                        *known[row * cols + col].get_or_insert_with(|| vertex(&mut mesh, places[k]))
                    });
                    mesh.indices.extend([a, b, c, a, c, d]);
                } else {
                    for triangle in [
                        [places[0], places[1], places[2]],
                        [places[0], places[2], places[3]],
                    ] {
                        fan(&mut mesh, &within(&triangle), &mut vertex);
                    }
                }
            } else if is_torn {
                for triangle in grid.triangles(col, row) {
                    let [across, along] = grid.lines();
                    let deep = |row: usize| match is_curve {
                        true => row as f64,
                        false => along.fraction(row),
                    };
                    let low = [across.fraction(col), deep(row)];
                    let high = [across.fraction(col + 1), deep(row + 1)];
                    let triangle = triangle.map(|[p, q, loss]| {
                        let along = |k: usize, part: f64| low[k] + (high[k] - low[k]) * part;
                        [along(0, p), along(1, q), panel.scale.fraction(loss)]
                    });
                    fan(&mut mesh, &within(&triangle), &mut vertex);
                }
            }
        }
    }
    mesh
}

/// Every so many nodes have a vertex, so that slides stay light; where there are holes or breaks, or on a curve, all.
fn stride(grid: &Grid) -> usize {
    let whole = grid.tears().is_empty() && grid.values.iter().all(|value| value.is_finite());
    let [cols, rows] = [grid.cols, grid.rows].map(|nodes| nodes.saturating_sub(1));
    let mut stride = 1;
    while whole
        && rows > 0
        && cols.max(rows) / stride > MOST_CELLS
        && cols % (2 * stride) == 0
        && rows % (2 * stride) == 0
    {
        stride *= 2;
    }
    stride
}

fn fan(mesh: &mut Mesh, corners: &[Place], vertex: &mut impl FnMut(&mut Mesh, Place) -> u32) {
    let points: Vec<u32> = corners.iter().map(|place| vertex(mesh, *place)).collect();
    for pair in points.windows(2).skip(1) {
        mesh.indices.extend([points[0], pair[0], pair[1]]);
    }
}

/// The part of a triangle between floor and ceiling (Sutherland and Hodgman 1974).
fn within(triangle: &[Place; 3]) -> Vec<Place> {
    let mut corners = triangle.to_vec();
    for (limit, sign) in [(0.0, 1.0), (1.0, -1.0)] {
        let inside = |place: &Place| sign * (place[2] - limit) >= 0.0;
        let mut kept = Vec::new();
        for k in 0..corners.len() {
            let (a, b) = (corners[k], corners[(k + 1) % corners.len()]);
            if inside(&a) {
                kept.push(a);
            }
            if inside(&a) != inside(&b) {
                let part = (limit - a[2]) / (b[2] - a[2]);
                let along = |k: usize| a[k] + (b[k] - a[k]) * part;
                kept.push([along(0), along(1), limit]);
            }
        }
        corners = kept;
    }
    corners
}

/// Upwards from the surface, by differences over a cell.
fn slope_normal(panel: &PanelScene, s: f64, t: f64) -> [f32; 3] {
    let (grid, domain) = (&panel.grid, panel.grid.domain);
    let height = |s: f64, t: f64| {
        let [x, y] = domain.at([s.clamp(0.0, 1.0), t.clamp(0.0, 1.0)]);
        Some(panel.scale.fraction(grid.interpolate(x, y)?))
    };
    let slope = |nodes: usize, at: &dyn Fn(f64) -> Option<f64>, here: f64| {
        let half = 0.5 / (nodes.max(2) - 1) as f64;
        let (low, high) = ((here - half).max(0.0), (here + half).min(1.0));
        let rise = at(high).zip(at(low)).map(|(high, low)| high - low);
        rise.map_or(0.0, |rise| rise / (high - low)) as f32
    };
    let across = slope(grid.cols, &|s| height(s, t), s);
    let along = if panel.is_curve() {
        0.0
    } else {
        slope(grid.rows, &|t| height(s, t), t)
    };
    let [width, tall, depth] = panel.size;
    unit([-across * tall / width, 1.0, along * tall / depth])
}

/// Tubes around lines, with closed ends.
pub(super) fn tube(lines: &[Vec<[f32; 3]>], radius: f32) -> Mesh {
    let mut mesh = Mesh::default();
    for line in lines {
        let mut points = line.clone();
        points.dedup_by(|a, b| length(minus(*a, *b)) < NEAR);
        if points.len() > 1 {
            one_tube(&mut mesh, &points, radius);
        }
    }
    mesh
}

fn one_tube(mesh: &mut Mesh, points: &[[f32; 3]], radius: f32) {
    let last = points.len() - 1;
    let along = |k: usize| {
        let direction = unit(minus(
            points[(k + 1).min(last)],
            points[k.saturating_sub(1)],
        ));
        // Where a path turns right round there is no mean direction.
        if length(direction) > 0.5 {
            direction
        } else {
            unit(minus(points[k], points[k.saturating_sub(1)]))
        }
    };
    // The ring's first direction is carried along the line, so that the tube does not twist.
    let mut side = [0.0; 3];
    let mut rings: Vec<u32> = Vec::new();
    for (k, point) in points.iter().enumerate() {
        let forward = along(k);
        let carried = minus(side, scaled(forward, dot(side, forward)));
        side = if length(carried) > 1e-3 {
            unit(carried)
        } else {
            let other = if forward[1].abs() < 0.9 {
                [0.0, 1.0, 0.0]
            } else {
                [1.0, 0.0, 0.0]
            };
            unit(cross(forward, other))
        };
        let up = cross(forward, side);
        rings.push(mesh.points.len() as u32);
        for i in 0..SIDES {
            let (sin, cos) = (TAU * i as f32 / SIDES as f32).sin_cos();
            let normal = unit(plus(scaled(side, cos), scaled(up, sin)));
            mesh.point(plus(*point, scaled(normal, radius)), normal);
        }
    }
    let sides = SIDES as u32;
    for pair in rings.windows(2) {
        for i in 0..sides {
            let (a, b) = (pair[0] + i, pair[0] + (i + 1) % sides);
            let (c, d) = (pair[1] + i, pair[1] + (i + 1) % sides);
            mesh.indices.extend([a, b, d, a, d, c]);
        }
    }
    for (k, sign) in [(0, -1.0), (last, 1.0)] {
        let normal = scaled(along(k), sign);
        let hub = mesh.point(points[k], normal);
        for i in 0..sides {
            let (a, b) = (rings[k] + i, rings[k] + (i + 1) % sides);
            mesh.indices
                .extend(if sign > 0.0 { [hub, a, b] } else { [hub, b, a] });
        }
    }
}

pub(super) fn ball(radius: f32) -> Mesh {
    let mut mesh = Mesh::default();
    let [rings, sides] = BALL;
    for ring in 0..=rings {
        let (sin, cos) = (PI * ring as f32 / rings as f32).sin_cos();
        for side in 0..=sides {
            let (east, north) = (TAU * side as f32 / sides as f32).sin_cos();
            let normal = unit([sin * north, cos, -sin * east]);
            mesh.point(scaled(normal, radius), normal);
        }
    }
    let row = sides as u32 + 1;
    for ring in 0..rings as u32 {
        for side in 0..sides as u32 {
            let a = ring * row + side;
            if ring > 0 {
                mesh.indices.extend([a, a + row, a + 1]);
            }
            if ring + 1 < rings as u32 {
                mesh.indices.extend([a + 1, a + row, a + row + 1]);
            }
        }
    }
    mesh
}

fn plus(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

fn minus(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn scaled(a: [f32; 3], by: f32) -> [f32; 3] {
    a.map(|c| c * by)
}

fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn length(a: [f32; 3]) -> f32 {
    dot(a, a).sqrt()
}

/// Of length one; nothing stays nothing.
fn unit(a: [f32; 3]) -> [f32; 3] {
    let length = length(a);
    if length > 0.0 {
        scaled(a, 1.0 / length)
    } else {
        a
    }
}

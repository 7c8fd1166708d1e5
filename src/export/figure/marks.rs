//! Balls, rings, stars: what marks a place.

use std::f64::consts::{PI, TAU};

use super::{Item, Sheet, Stroke};
use crate::descent::Status;
use crate::landscape::CriticalKind;
use crate::palette::Rgb;

impl Sheet {
    fn shape(&mut self, lines: Vec<Vec<[f64; 2]>>, closed: bool, color: Rgb, width: f64) {
        let edge = if closed {
            self.edge(color)
        } else {
            self.casing(color)
        };
        let casing = Stroke {
            color: edge,
            width: if closed { 0.8 } else { width + 1.2 },
            dash: None,
        };
        let path = |stroke, fill| Item::Path {
            lines: lines.clone(),
            closed,
            stroke,
            fill,
        };
        self.items.push(path(Some(casing), closed.then_some(color)));
        if !closed {
            let stroke = Stroke {
                color,
                width,
                dash: None,
            };
            self.items.push(path(Some(stroke), None));
        }
    }

    pub(super) fn circle(
        &mut self,
        center: [f64; 2],
        radius: f64,
        stroke: Option<Stroke>,
        fill: Option<Rgb>,
    ) {
        self.items.push(Item::Circle {
            center,
            radius,
            stroke,
            fill,
        });
    }

    /// What sets a line of this colour off from what lies below: the ground's colour, or another one where they are too much alike.
    pub(super) fn casing(&self, color: Rgb) -> Rgb {
        self.theme.outline(color).unwrap_or(self.theme.background)
    }

    /// What goes around an area of this colour: the casing, unless both are like the ground.
    pub(super) fn edge(&self, color: Rgb) -> Rgb {
        let theme = self.theme;
        let is_seen = theme.outline(theme.casing).is_none();
        let outline = theme.outline(color).filter(|_| !is_seen);
        outline.unwrap_or(theme.casing)
    }

    /// An iterate.
    pub(super) fn dot(&mut self, at: [f64; 2], radius: f64, color: Rgb) {
        let outline = self.theme.outline(color).map(|color| Stroke {
            color,
            width: 0.5,
            dash: None,
        });
        self.circle(at, radius, outline, Some(color));
    }

    /// A cross, its arms reaching so far to each side.
    pub(super) fn cross(&mut self, at: [f64; 2], reach: f64, color: Rgb) {
        let arm = |sign: f64| {
            let off = [reach, sign * reach];
            vec![
                [at[0] - off[0], at[1] - off[1]],
                [at[0] + off[0], at[1] + off[1]],
            ]
        };
        self.shape(vec![arm(1.0), arm(-1.0)], false, color, 0.5 * reach);
    }

    /// Where a descent starts.
    pub(super) fn ring(&mut self, at: [f64; 2], radius: f64, color: Rgb) {
        for (width, color) in [(2.4, self.casing(color)), (1.1, color)] {
            let stroke = Stroke {
                color,
                width,
                dash: None,
            };
            self.circle(at, radius, Some(stroke), None);
        }
    }

    /// Where it is at its end, and how that came.
    pub(super) fn end(&mut self, at: [f64; 2], status: Status, color: Rgb) {
        let radius = 2.6;
        let [x, y] = at;
        match status {
            Status::Diverged { .. } | Status::Undefined { .. } => {
                self.cross(at, radius, color);
            }
            Status::Stopped => {
                let corners = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]];
                let square = corners.map(|[p, q]| [x + 0.85 * radius * p, y + 0.85 * radius * q]);
                self.shape(vec![square.to_vec()], true, color, 0.0);
            }
            Status::Converged => {
                self.ring(at, radius, color);
                let check = [[-0.5, 0.0], [-0.1, 0.4], [0.5, -0.45]];
                let check = check.map(|[p, q]| [x + radius * p, y + radius * q]);
                self.traced(vec![check.to_vec()], color, 0.9, None);
            }
            Status::Finished | Status::Running => {
                let stroke = Stroke {
                    color: self.edge(color),
                    width: 0.6,
                    dash: None,
                };
                self.circle(at, radius, Some(stroke), Some(color));
            }
        }
    }

    /// What is known of the landscape there.
    pub(super) fn critical(&mut self, at: [f64; 2], kind: CriticalKind) {
        let star = |radius: f64| -> Vec<[f64; 2]> {
            let points = (0..10).map(|k| {
                let reach = if k % 2 == 1 { 0.42 * radius } else { radius };
                let angle = TAU * f64::from(k) / 10.0 - PI / 2.0;
                [at[0] + reach * angle.cos(), at[1] + reach * angle.sin()]
            });
            points.collect()
        };
        match kind {
            CriticalKind::GlobalMinimum | CriticalKind::LowestFound => {
                self.shape(vec![star(4.4)], true, self.star, 0.0);
            }
            CriticalKind::LocalMinimum | CriticalKind::GivenMinimum => {
                self.shape(vec![star(3.2)], true, self.theme.background, 0.0);
            }
            CriticalKind::Saddle => {
                self.cross(at, 1.7, self.theme.muted);
            }
            CriticalKind::Maximum | CriticalKind::Degenerate => {}
        }
    }
}

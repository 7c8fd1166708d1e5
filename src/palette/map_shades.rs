//! The colours of a map: which minimum, how soon, and what did not settle.

use super::{Rgb, ThemeColors, color_map, descent_color, mixed};
use crate::experiment::{ColorMap, MapShow};
use crate::maps::{DIVERGED, Map, Outcomes, STATUSES, UNDEFINED};

/// What tells areas apart besides their colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    Plain,
    Dotted,
    /// Lines that rise to the right.
    Hatched,
    Crossed,
}

/// How an area of a map looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub color: Rgb,
    pub pattern: Pattern,
}

/// Pixels from one line or dot of a pattern to the next, where two are a logical one. As in `surface.wgsl`.
const PITCH: usize = 12;
/// Codes of patterns, from the densest on: parts of 255.
const CODE: u8 = 64;

impl Look {
    fn plain(color: Rgb) -> Look {
        let pattern = Pattern::Plain;
        Look { color, pattern }
    }

    /// Colour and pattern in four bytes; all are 0 where there is nothing.
    pub fn code(&self) -> [u8; 4] {
        let [r, g, b] = self.color;
        let pattern = match self.pattern {
            Pattern::Plain => 255,
            Pattern::Dotted => 3 * CODE,
            Pattern::Hatched => 2 * CODE,
            Pattern::Crossed => CODE,
        };
        [r, g, b, pattern]
    }

    /// The look of a [code](Self::code).
    pub fn of_code([r, g, b, pattern]: [u8; 4]) -> Option<Look> {
        let pattern = match pattern {
            0 => return None,
            255 => Pattern::Plain,
            code if code == 3 * CODE => Pattern::Dotted,
            code if code == 2 * CODE => Pattern::Hatched,
            _ => Pattern::Crossed,
        };
        let color = [r, g, b];
        Some(Look { color, pattern })
    }

    /// The colour of a pixel.
    pub fn at(&self, x: usize, y: usize) -> Rgb {
        let rising = (x + y) % PITCH < 2;
        let falling = (x + PITCH * y - y) % PITCH < 2;
        let is_ink = match self.pattern {
            Pattern::Plain => false,
            Pattern::Dotted => {
                let shift = (y / PITCH % 2) * (PITCH / 2);
                (x + shift) % PITCH < 2 && y % PITCH < 2
            }
            Pattern::Hatched => rising,
            Pattern::Crossed => rising || falling,
        };
        if is_ink { self.ink() } else { self.color }
    }

    /// What its pattern is drawn in.
    pub fn ink(&self) -> Rgb {
        let [r, g, b] = self.color.map(f32::from);
        let is_light = 0.299 * r + 0.587 * g + 0.114 * b > 127.0;
        mixed(self.color, if is_light { [0; 3] } else { [255; 3] }, 0.55)
    }
}

/// The colours of one map.
#[derive(Debug, Clone)]
pub struct Shades {
    show: MapShow,
    theme: ThemeColors,
    colors: Vec<Rgb>,
    /// Between which steps shades go from light to dark, and losses (above the lowest) through the colour map.
    steps: [f64; 2],
    losses: [f64; 2],
    lowest: f64,
}

impl Shades {
    pub fn new(
        map: &Map,
        outcomes: &Outcomes,
        show: MapShow,
        theme: ThemeColors,
        colors: ColorMap,
    ) -> Shades {
        let settled = outcomes.steps.iter().filter(|steps| **steps >= 0);
        let steps = usual(settled.map(|steps| f64::from(*steps)).collect());
        let finite = || {
            outcomes
                .loss
                .iter()
                .copied()
                .filter(|loss| loss.is_finite())
        };
        let minima = map.minima.iter().map(|minimum| minimum.loss);
        let lowest = minima.chain(finite()).fold(f64::INFINITY, f64::min);
        let above = finite()
            .map(|loss| loss - lowest)
            .filter(|loss| *loss > 0.0);
        let losses = usual(above.collect()).map(|[low, high]| {
            // What grows beyond where runs start, and what is but rounding, is told apart by nobody.
            let high = high.min(highest_start(map) - lowest).max(f64::MIN_POSITIVE);
            [low.clamp(1e-16 * high, high), high]
        });
        Shades {
            show,
            theme,
            colors: color_map(colors, 256),
            steps: steps.unwrap_or([0.0, 1.0]),
            losses: losses.unwrap_or([1.0, 1.0]),
            lowest,
        }
    }

    /// Between which steps runs usually settle: where the shades begin and end.
    pub fn steps(&self) -> [f64; 2] {
        self.steps
    }

    /// Between which losses, above the lowest, the colours begin and end; and the lowest.
    pub fn losses(&self) -> ([f64; 2], f64) {
        (self.losses, self.lowest)
    }

    /// How a cell looks.
    pub fn look(&self, outcomes: &Outcomes, index: usize) -> Look {
        let steps = outcomes.steps[index];
        let minimum = usize::try_from(outcomes.minimum[index]).ok();
        let loss = outcomes.loss[index];
        match (self.show, minimum) {
            (MapShow::Status, _) => self.status(outcomes.status[index]),
            _ if outcomes.is_diverged(index) => self.diverged(),
            (MapShow::Loss, _) => self.loss(loss),
            (_, None) => self.nowhere(),
            (MapShow::Steps, Some(_)) => self.soon(self.lateness(f64::from(steps))),
            (MapShow::Minimum, Some(minimum)) => {
                self.minimum(minimum, self.lateness(f64::from(steps)))
            }
        }
    }

    /// From 0, soon, to 1, late.
    fn lateness(&self, steps: f64) -> f32 {
        let [first, last] = self.steps.map(|steps| (steps + 1.0).ln());
        let late = ((steps + 1.0).ln() - first) / (last - first).max(f64::MIN_POSITIVE);
        late.clamp(0.0, 1.0) as f32
    }

    /// At a minimum, from 0, soon, to 1, late.
    pub fn minimum(&self, minimum: usize, late: f32) -> Look {
        let (hue, is_repeated) = descent_color(minimum);
        let color = if late < 0.5 {
            mixed(hue, [255; 3], 0.62 * (1.0 - 2.0 * late))
        } else {
            mixed(hue, [0; 3], 0.6 * (2.0 * late - 1.0))
        };
        Look {
            color,
            pattern: if is_repeated {
                Pattern::Dotted
            } else {
                Pattern::Plain
            },
        }
    }

    /// Settled somewhere, from 0, soon, to 1, late.
    pub fn soon(&self, late: f32) -> Look {
        let last = self.colors.len() - 1;
        Look::plain(self.colors[((1.0 - late) * last as f32).round() as usize])
    }

    /// A loss.
    pub fn loss(&self, loss: f64) -> Look {
        let above = (loss - self.lowest).max(f64::MIN_POSITIVE);
        let [low, high] = self.losses.map(f64::ln);
        let part = ((above.ln() - low) / (high - low).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        let last = self.colors.len() - 1;
        Look::plain(self.colors[(part * last as f64).round() as usize])
    }

    /// With finite numbers, at no minimum.
    pub fn nowhere(&self) -> Look {
        Look::plain(self.theme.nowhere())
    }

    /// Beyond all numbers, or where there is no loss.
    pub fn diverged(&self) -> Look {
        let ground = mixed(self.theme.nowhere(), self.theme.background, 0.6);
        Look {
            color: ground,
            pattern: Pattern::Hatched,
        }
    }

    /// How a run ended, by its code.
    pub fn status(&self, status: u8) -> Look {
        let diverged = self.diverged();
        match status {
            DIVERGED => diverged,
            UNDEFINED => Look {
                pattern: Pattern::Crossed,
                ..diverged
            },
            status if usize::from(status) < STATUSES.len() => {
                // Finished, converged, stopped: blue, green, orange.
                let hue = [1, 2, 0][usize::from(status)];
                Look {
                    pattern: if status == 2 {
                        Pattern::Dotted
                    } else {
                        Pattern::Plain
                    },
                    ..self.minimum(hue, 0.4)
                }
            }
            _ => self.nowhere(),
        }
    }
}

/// The highest loss at a start, as far as some of the cells tell.
fn highest_start(map: &Map) -> f64 {
    let dim = map.objective.dim();
    if dim > 2 {
        // All runs start at the same place.
        let loss = map.objective.value(&map.plan.start);
        return if loss.is_finite() {
            loss
        } else {
            f64::INFINITY
        };
    }
    let some = (0..map.cells()).step_by((map.cells() / 1000).max(1) | 1);
    let losses = some.map(|index| {
        let start = map.cell(index).start;
        map.objective.value(&start[..dim])
    });
    let losses = losses.filter(|loss| loss.is_finite());
    losses.reduce(f64::max).unwrap_or(f64::INFINITY)
}

/// Between what most of these lie.
fn usual(mut numbers: Vec<f64>) -> Option<[f64; 2]> {
    let few = numbers.len() / 50;
    let last = numbers.len().checked_sub(1)?;
    let mut in_order = |k: usize| *numbers.select_nth_unstable_by(k, f64::total_cmp).1;
    Some([in_order(few), in_order(last - few)])
}

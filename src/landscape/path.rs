//! A descent's path as it is drawn: straight in parameters between iterates, on the surface or at losses of its own,
//! inside the box, and in fractions of it.

use super::coverage::{Coverage, are_near};
use super::{Grid, HeightScale, clip_to_unit, strength};

/// A trail keeps at most this many points; longer ones are drawn simplified, the history stays exact.
const MAX_POINTS: usize = 4000;
/// Beyond so many steps a path may scribble, and what it draws over and over is left out.
const LONG: usize = 2000;
/// Longest piece of a straight move that is drawn as a chord, as a fraction of the rectangle.
const CHORD: f64 = 1.0 / 96.0;
/// Iterates closer than this are not told apart, as a fraction of the rectangle: about a third of a pixel.
const FINEST: f64 = 1.0 / 2500.0;
/// How much coarser than usual a very long trail may become, and its chords, which must not cut through hills.
const COARSEST: f64 = 128.0;
const COARSEST_CHORD: f64 = 3.0;
/// Iterates are far out beyond so many lengths of the box.
const FAR: f64 = 1e6;
/// Dots nearer than this would run into one another.
const DOT_SPACING: f64 = 0.016;
/// Dots mark iterates while they are sparse: the first ones of a long path.
const MAX_DOTS: usize = 600;

/// A point of a drawn path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PathPoint {
    /// Fractions of the rectangle and of the height.
    pub place: [f64; 3],
    /// Where between two iterates, in steps.
    pub step: f64,
    /// The pen was up on the way here.
    pub pen_up: bool,
    /// From 1 down to 0 where the path leaves what is seen, and where it returns.
    pub strength: f32,
}

/// A descent's path within the box.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DrawnPath {
    pub points: Vec<PathPoint>,
    /// Iterates to mark with a dot.
    pub dots: Vec<([f64; 3], f64)>,
    /// Where and when the path first leaves the box.
    pub exit: Option<([f64; 3], f64)>,
}

/// A descent's iterates, as far as they are drawn.
#[derive(Clone, Copy)]
pub struct Iterates<'a> {
    /// Where they are in the plane's coordinates, by step.
    pub place: &'a dyn Fn(usize) -> [f64; 2],
    pub losses: &'a [f64],
}

/// What a path lies on.
#[derive(Clone, Copy)]
pub struct PathSurface<'a> {
    pub grid: &'a Grid,
    pub scale: &'a HeightScale,
    /// The place across a curve's depth; `None` on a surface.
    pub lane: Option<f64>,
    /// Iterates lie off the plane that is drawn: they have their own loss for a height.
    pub own_losses: bool,
}

impl PathSurface<'_> {
    /// Fractions of the rectangle of an iterate. Beyond f32 on purpose: iterates may be anywhere.
    fn fractions(&self, run: Iterates, step: usize) -> [f64; 2] {
        let [s, t] = self.grid.domain.fractions(&(run.place)(step));
        [s, self.lane.unwrap_or(t)]
    }

    /// Where an iterate of this loss is drawn; `None` over a hole and outside the box.
    fn in_box(&self, place: [f64; 2], loss: f64) -> Option<[f64; 3]> {
        let [s, t] = clamp(place);
        if self.own_losses {
            let height = self.scale.in_box(loss)?;
            return Some([s, t, height]);
        }
        self.on_surface([s, t])
    }

    /// The place of an iterate for [`Coverage`]: on the surface the height follows from the rest.
    fn covered(&self, [s, t]: [f64; 2], loss: f64) -> [f64; 3] {
        let height = if self.own_losses {
            self.scale.fraction(loss)
        } else {
            0.0
        };
        [s, t, height]
    }

    /// The point of the surface over fractions of the rectangle; `None` over a hole, and where the surface is cut off.
    fn on_surface(&self, [s, t]: [f64; 2]) -> Option<[f64; 3]> {
        let along = |[low, high]: [f64; 2], t: f64| low + t * (high - low);
        let domain = self.grid.domain;
        let (x, y) = (along(domain.x, s), along(domain.y_or_zero(), t));
        let loss = self.grid.interpolate(x, y)?;
        let height = self.scale.in_box(loss)?;
        Some([s, t, height])
    }

    /// Where a descent is at a position between two iterates; `None` outside the box.
    pub fn at(&self, run: Iterates, position: f64) -> Option<[f64; 3]> {
        let (place, loss) = self.place(run, position)?;
        if inside(place) {
            self.in_box(place, loss)
        } else {
            None
        }
    }

    /// The point of the surface under (or over) a descent; `None` outside the box.
    pub fn foot(&self, run: Iterates, position: f64) -> Option<[f64; 3]> {
        let (place, _) = self.place(run, position)?;
        if inside(place) {
            self.on_surface(clamp(place))
        } else {
            None
        }
    }

    /// Fractions of the rectangle, and the loss, at a position between two iterates.
    fn place(&self, run: Iterates, position: f64) -> Option<([f64; 2], f64)> {
        let losses = run.losses;
        let last = losses.len().checked_sub(1)?;
        let position = position.min(last as f64);
        let before = (position.floor() as usize).min(last);
        let after = (before + 1).min(last);
        let (a, b) = (self.fractions(run, before), self.fractions(run, after));
        let t = position - before as f64;
        let loss = losses[before] + (losses[after] - losses[before]) * t;
        Some((mix(a, b, t), loss))
    }

    pub fn path(&self, run: Iterates) -> DrawnPath {
        let mut coarseness = 1.0;
        loop {
            // What crosses the whole box again and again cannot be simplified, only cut short.
            let last_try = coarseness >= COARSEST;
            let most = if last_try { 4 * MAX_POINTS } else { MAX_POINTS };
            let path = self.path_with(run, coarseness, most);
            if last_try || path.points.len() <= most {
                return path;
            }
            coarseness *= 2.0;
        }
    }

    /// Gives up beyond `most` points.
    fn path_with(&self, run: Iterates, coarseness: f64, most: usize) -> DrawnPath {
        let finest = FINEST * coarseness;
        let losses = run.losses;
        let last = losses.len().checked_sub(1);
        let mut pen = Pen {
            ground: self,
            losses,
            chord: CHORD * coarseness.min(COARSEST_CHORD),
            path: DrawnPath::default(),
            up: true,
            marks_exit: last.is_some_and(|last| !inside(self.fractions(run, last))),
        };
        let mut from: Option<([f64; 2], usize)> = None;
        let mut last_dot: Option<[f64; 2]> = None;
        let mut coverage = (losses.len() > LONG).then(Coverage::default);
        for step in 0..losses.len() {
            if pen.path.points.len() > most {
                break;
            }
            let place = self.fractions(run, step);
            if pen.path.dots.len() < MAX_DOTS
                && inside(place)
                && last_dot.is_none_or(|dot| distance(dot, place) > DOT_SPACING)
            {
                if let Some(point) = self.in_box(place, losses[step]) {
                    pen.path.dots.push((point, step as f64));
                }
                last_dot = Some(place);
            }
            let Some((start, from_step)) = from else {
                from = Some((place, step));
                if inside(place)
                    && let Some(point) = self.in_box(place, losses[step])
                {
                    pen.draw_to(point, step as f64, 1.0);
                }
                continue;
            };
            if step + 1 < losses.len() && inside(place) && distance(start, place) < finest {
                continue;
            }
            let (a, b) = ((start, from_step), (place, step));
            let is_left_out = coverage
                .as_mut()
                .is_some_and(|coverage| step + 1 < losses.len() && !pen.adds(coverage, a, b));
            if is_left_out && are_near(start, place) {
                continue;
            }
            from = Some((place, step));
            if is_left_out {
                pen.up = true;
            } else {
                pen.draw(a, b);
            }
        }
        pen.path
    }
}

/// Draws straight moves.
struct Pen<'a> {
    ground: &'a PathSurface<'a>,
    losses: &'a [f64],
    /// Longest piece that is drawn as a chord.
    chord: f64,
    path: DrawnPath,
    /// The next point has no line towards it.
    up: bool,
    /// Where the path first leaves the box there is a mark, and the line is drawn up to it.
    marks_exit: bool,
}

impl Pen<'_> {
    /// Whether what is seen of a move is not there already. The first way out always counts: it has a mark.
    fn adds(
        &self,
        coverage: &mut Coverage,
        (a, a_step): ([f64; 2], usize),
        (b, b_step): ([f64; 2], usize),
    ) -> bool {
        let Some((enter, leave)) = clip_to_unit(a, b) else {
            return true;
        };
        let [from, to] = [enter, leave].map(|t| {
            let loss = self.losses[a_step] + (self.losses[b_step] - self.losses[a_step]) * t;
            self.ground.covered(mix(a, b, t), loss)
        });
        coverage.adds(from, to) || (leave < 1.0 && self.path.exit.is_none())
    }

    /// Draws one straight move, cut at the box's edge and subdivided so that it follows the surface.
    fn draw(&mut self, (a, a_step): ([f64; 2], usize), (b, b_step): ([f64; 2], usize)) {
        // Between two places so far out that differences have no digits left there is nothing to see.
        let far = |place: [f64; 2]| place.iter().any(|c| c.abs() > FAR);
        let too_far = !inside(a) && !inside(b) && (far(a) || far(b));
        let Some((enter, leave)) = clip_to_unit(a, b).filter(|_| !too_far) else {
            self.up = true;
            return;
        };
        let length = distance(mix(a, b, enter), mix(a, b, leave));
        let pieces = (length / self.chord).ceil().clamp(1.0, 400.0) as usize;
        let along = |piece: usize| enter + (leave - enter) * piece as f64 / pieces as f64;
        let (a_loss, b_loss) = (self.losses[a_step], self.losses[b_step]);
        let seen: Vec<Option<[f64; 3]>> = (0..=pieces)
            .map(along)
            .map(|t| {
                self.ground
                    .in_box(mix(a, b, t), a_loss + (b_loss - a_loss) * t)
            })
            .collect();
        let exits = leave < 1.0;
        let marked = exits && self.marks_exit && self.path.exit.is_none();
        let mut first = 0;
        // Over holes, and above and below the box, there is nothing of it either.
        for run in seen.chunk_by(|a, b| a.is_some() == b.is_some()) {
            let last = first + run.len() - 1;
            let goes_on = [
                first > 0 || enter > 0.0,
                last < pieces || (exits && !marked),
            ];
            let share = |piece: usize| (piece - first) as f64 / (last - first).max(1) as f64;
            let length = length * (last - first) as f64 / pieces as f64;
            for (piece, point) in (first..).zip(run) {
                match point {
                    // Where the last move ended here, its end is this one's beginning.
                    Some(_) if piece == 0 && enter == 0.0 && !self.up => {}
                    Some(point) => {
                        self.up |= piece == 0 && enter > 0.0;
                        let step = a_step as f64 + (b_step - a_step) as f64 * along(piece);
                        let strength = strength(share(piece), length, goes_on);
                        self.draw_to(*point, step, strength as f32);
                    }
                    None => self.up = true,
                }
            }
            first = last + 1;
        }
        if exits {
            self.up = true;
            if self.path.exit.is_none()
                && let Some(last) = self.path.points.last()
            {
                self.path.exit = Some((last.place, b_step as f64));
            }
        }
    }

    fn draw_to(&mut self, point: [f64; 3], step: f64, strength: f32) {
        self.path.points.push(PathPoint {
            place: point,
            step,
            pen_up: self.up,
            strength,
        });
        self.up = false;
    }
}

fn inside([s, t]: [f64; 2]) -> bool {
    let range = -1e-9..=1.0 + 1e-9;
    range.contains(&s) && range.contains(&t)
}

fn clamp(place: [f64; 2]) -> [f64; 2] {
    place.map(|c| c.clamp(0.0, 1.0))
}

fn mix(a: [f64; 2], b: [f64; 2], t: f64) -> [f64; 2] {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plane::Plane;

    /// The path of gd on a bowl.
    fn path(rate: f64) -> DrawnPath {
        let domain = crate::landscape::Domain {
            x: [-1.0, 1.0],
            y: Some([-1.0, 1.0]),
        };
        let objective = std::sync::Arc::new(
            crate::objective::formula::Formula::parse("x^2 + y^2").expect("a formula"),
        );
        let plane = Plane::identity(2);
        let grid = Grid::sample(&*objective, &plane, domain, 9, 9);
        let scale = crate::landscape::HeightScale::new(Default::default(), 0.0, 0.0, 2.0);
        let plan = crate::descent::Plan {
            rule: crate::optimizer::Rule::named("gd").expect("a rule"),
            rate,
            schedule: Default::default(),
            sampling: Default::default(),
            clip: None,
            start: vec![0.9, 0.5],
            steps: 20_000,
            stop: Default::default(),
            seed: 0,
            record: None,
        };
        let mut descent = crate::descent::Descent::new(objective, plan);
        descent.run();
        let ground = PathSurface {
            grid: &grid,
            scale: &scale,
            lane: None,
            own_losses: false,
        };
        let history = descent.history();
        ground.path(Iterates {
            place: &|step| plane.coordinates(history.at(step)),
            losses: history.losses(),
        })
    }

    /// The bowl is far too steep for its rate: it crosses the box at every step.
    #[test]
    fn a_path_that_crosses_the_box_again_and_again_is_drawn_with_few_points() {
        let path = path(1.0);
        assert!(
            path.points.len() <= 4 * MAX_POINTS + 400,
            "{}",
            path.points.len()
        );
        assert!(path.points.len() > 100);
        assert!(
            path.points
                .iter()
                .all(|point| point.place.iter().all(|c| c.is_finite()))
        );
    }

    #[test]
    fn a_path_of_many_small_steps_is_one_line() {
        let path = path(1e-4);
        assert!(path.points.len() < 1000, "{}", path.points.len());
        assert!(path.points.iter().skip(1).all(|point| !point.pen_up));
        let pairs = path.points.windows(2);
        let gaps = pairs.map(|pair| {
            distance(
                [0, 1].map(|k| pair[0].place[k]),
                [0, 1].map(|k| pair[1].place[k]),
            )
        });
        assert!(gaps.fold(0.0, f64::max) < 0.02);
    }
}

//! What a network makes of its data at the step shown: the regions of its classes with the samples in them, or its curve through
//! them.

use std::sync::Arc;

use bevy_egui::egui;
use egui::{
    Align2, Color32, ColorImage, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, TextureHandle,
    TextureOptions, pos2, vec2,
};

use crate::descent::History;
use crate::experiment::{ThemeKind, Through};
use crate::lab::theme::Theme;
use crate::lab::{PanelLandscape, RunId};
use crate::landscape::Range;
use crate::landscape::ticks::thousands;
use crate::objective::Objective;
use crate::objective::network::{Network, Region, Sight, SightKind, Targets};
use crate::ui::highlight::marked_step;
use crate::ui::reader::{LabReader, ShownDescent};
use crate::ui::text::style::{color32, font};
use crate::ui::text::words::Words;

/// Cells along a side of the regions, and multiplications that they may take in all: about a millisecond.
const SIDES: [usize; 2] = [36, 96];
const WORK: usize = 8_000_000;
/// Points of a curve.
const POINTS: usize = 240;
/// Less room than this beside the square has no words.
const BESIDE: f32 = 92.0;
/// What words beside it take where there is as much room as one likes.
const LEGEND: f32 = 150.0;
/// What words under it take, where there are none beside it.
const BELOW: f32 = 40.0;
/// A curve's width against its height, at most.
const WIDEST: f32 = 1.7;

/// What is kept of it between frames. The texture stays; its pixels are exchanged.
#[derive(Default)]
pub(crate) struct DataSquare {
    sight: Option<(Arc<dyn Objective>, Option<Sight>)>,
    made: Option<Made>,
    texture: Option<TextureHandle>,
}

/// What a network says with the parameters of a moment.
struct Made {
    run: RunId,
    position: f64,
    theme: ThemeKind,
    /// Of every sample shown.
    right: Vec<bool>,
    curve: Vec<[f64; 2]>,
}

/// Whose network is shown, and when.
pub(crate) struct Subject<'a> {
    pub(crate) descent: &'a ShownDescent<'a>,
    /// In steps.
    pub(crate) position: f64,
}

/// The descent that a person points at, or has picked; else the one that the plane passes through, or the first one.
pub(crate) fn subject<'a>(
    lab: &LabReader,
    landscape: &PanelLandscape,
    descents: &'a [ShownDescent<'a>],
) -> Option<Subject<'a>> {
    let all = || descents.iter().filter(|descent| descent.style.shown);
    let pointed = all().find_map(|descent| {
        let position = marked_step(lab, descent)? as f64;
        Some(Subject { descent, position })
    });
    let picked = || all().find(|descent| lab.selected.0 == Some(descent.style.index));
    let passed = || {
        let plane = landscape.panel.plane.as_ref()?;
        let is_it = |descent: &&ShownDescent| match &plane.through {
            Through::Descent(name) => *name == descent.style.name,
            Through::Origin => false,
        };
        all().find(is_it)
    };
    pointed.or_else(|| {
        let descent = picked().or_else(passed).or_else(|| all().next())?;
        let position = descent.explanation.position;
        Some(Subject { descent, position })
    })
}

/// The parameters at a position in steps: between two iterates as far from one to the other as that. `None` before the first is known.
pub(super) fn parameters(history: &History, position: f64) -> Option<Vec<f64>> {
    let last = history.len().checked_sub(1)?;
    let position = position.clamp(0.0, last as f64);
    let (before, behind) = (position.floor() as usize, position.ceil() as usize);
    let both = history.at(before).iter().zip(history.at(behind));
    let part = position.fract();
    Some(both.map(|(a, b)| a + (b - a) * part).collect())
}

impl DataSquare {
    /// What there is to see of an objective, if there is anything.
    fn sight(&mut self, objective: &Arc<dyn Objective>) -> Option<&Sight> {
        let is_it = |(of, _): &(Arc<dyn Objective>, _)| Arc::ptr_eq(of, objective);
        if !self.sight.as_ref().is_some_and(is_it) {
            let sight = objective.as_network().and_then(Sight::of);
            self.sight = Some((objective.clone(), sight));
            self.made = None;
        }
        self.sight.as_ref()?.1.as_ref()
    }

    /// Whether there is anything to show of an objective.
    pub(crate) fn shows(&mut self, objective: &Arc<dyn Objective>) -> bool {
        self.sight(objective).is_some()
    }

    /// Brings what is kept up to a moment.
    fn refresh(&mut self, ctx: &egui::Context, subject: &Subject, theme: &Theme) -> Option<()> {
        let run = subject.descent.run;
        let history = run.history();
        let last = history.len().checked_sub(1)?;
        let position = subject.position.clamp(0.0, last as f64);
        let objective = run.objective();
        self.sight(objective)?;
        let is_it = |made: &Made| {
            (made.run, made.theme) == (run.id(), theme.kind) && made.position == position
        };
        if self.made.as_ref().is_some_and(is_it) {
            return Some(());
        }
        let network = objective.as_network()?;
        let sight = self.sight.as_ref()?.1.as_ref()?;
        let w = parameters(history, position)?;
        let mut curve = Vec::new();
        match sight.kind {
            SightKind::Curve => curve = sight.curve(network, &w, POINTS),
            SightKind::Regions { .. } => {
                let side = side(network);
                let regions = sight.regions(network, &w, side);
                let pixels = regions.into_iter().map(|region| color(region, theme));
                let image = ColorImage::new([side; 2], pixels.collect());
                match &mut self.texture {
                    Some(texture) if texture.size() == [side; 2] => {
                        texture.set_partial([0, 0], image, TextureOptions::LINEAR);
                    }
                    texture => {
                        let made = ctx.load_texture("regions", image, TextureOptions::LINEAR);
                        *texture = Some(made);
                    }
                }
            }
        }
        self.made = Some(Made {
            run: run.id(),
            position,
            theme: theme.kind,
            right: sight.right(network, &w),
            curve,
        });
        Some(())
    }

    /// Paints it into a place.
    pub(crate) fn paint(
        &mut self,
        painter: &Painter,
        lab: &LabReader,
        subject: &Subject,
        place: Rect,
    ) -> Option<()> {
        let theme = &lab.theme;
        self.refresh(painter.ctx(), subject, theme)?;
        let objective = subject.descent.run.objective();
        let network = objective.as_network()?;
        let (sight, made) = (self.sight.as_ref()?.1.as_ref()?, self.made.as_ref()?);
        let (area, words) = rooms(place, sight.kind);
        match (sight.kind, &self.texture) {
            (SightKind::Regions { .. }, Some(texture)) => {
                let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                painter.image(texture.id(), area, whole, Color32::WHITE);
            }
            _ => {
                painter.rect_filled(area, 0.0, color32(theme.background));
            }
        }
        let sheet = Sheet { area, sight };
        let inside = painter.with_clip_rect(area.intersect(painter.clip_rect()));
        sheet.samples(&inside, network, made, theme);
        if sight.kind == SightKind::Curve {
            let color = color32(subject.descent.style.color);
            let points: Vec<Pos2> = made.curve.iter().map(|at| sheet.screen(*at)).collect();
            let casing = Stroke::new(4.2, color32(theme.casing));
            inside.add(Shape::line(points.clone(), casing));
            inside.add(Shape::line(points, Stroke::new(2.4, color)));
        }
        let frame = Stroke::new(1.0, color32(theme.axis));
        painter.rect_stroke(area, 0.0, frame, StrokeKind::Inside);
        let mut words = Words::new(painter.clone(), theme, words, Vec::new());
        legend(&mut words, network, (sight, made), subject);
        Some(())
    }
}

/// As many cells along a side as a moment allows.
fn side(network: &Network) -> usize {
    let a_point =
        network.shape().parameters() + 20 * network.shape().widths()[1..].iter().sum::<usize>();
    let side = ((WORK / a_point.max(1)) as f64).sqrt() as usize;
    side.clamp(SIDES[0], SIDES[1])
}

/// The ground's colour, the more of the class's the surer the network is.
fn color(region: Region, theme: &Theme) -> Color32 {
    color32(theme.region(region.class, region.margin as f32))
}

/// Where the picture lies in a place, and where its words.
fn rooms(place: Rect, kind: SightKind) -> (Rect, Rect) {
    let widest = match kind {
        SightKind::Regions { .. } => 1.0,
        SightKind::Curve => WIDEST,
    };
    let height = place.height();
    let width = (widest * height).min(place.width() - BESIDE);
    if width >= 0.6 * height {
        let height = height.min(width);
        // In the middle, words and all, where there is much room.
        let spare = 0.5 * (place.width() - width - LEGEND);
        let place = Rect::from_min_max(place.min + vec2(spare.max(0.0), 0.0), place.max);
        let area = Rect::from_min_size(place.min, vec2(width, height));
        let words = Rect::from_min_max(pos2(area.right() + 10.0, place.top()), place.max);
        return (area, words);
    }
    let height = (height - BELOW).max(1.0);
    let width = place.width().min(widest * height);
    let area = Rect::from_min_size(place.min, vec2(width, height.min(width)));
    let words = Rect::from_min_max(pos2(place.left(), area.bottom() + 4.0), place.max);
    (area, words)
}

/// The picture's place, and what is shown in it.
struct Sheet<'a> {
    area: Rect,
    sight: &'a Sight,
}

impl Sheet<'_> {
    fn screen(&self, [x, y]: [f64; 2]) -> Pos2 {
        let part = |value: f64, [low, high]: Range| ((value - low) / (high - low)) as f32;
        let [across, up] = self.sight.ranges;
        // Far beyond the picture there is no need to know how far.
        let [s, t] = [part(x, across), part(y, up)].map(|part| part.clamp(-4.0, 5.0));
        let t = if t.is_finite() { t } else { -4.0 };
        pos2(
            self.area.left() + self.area.width() * s,
            self.area.bottom() - self.area.height() * t,
        )
    }

    fn samples(&self, painter: &Painter, network: &Network, made: &Made, theme: &Theme) {
        let samples = network.data();
        let count = self.sight.shown.len().max(1) as f32;
        let crowd = (300.0 / count).sqrt().clamp(0.62, 1.2);
        let radius = (self.area.height() / 88.0 * crowd).clamp(1.3, 5.0);
        for (place, &k) in self.sight.shown.iter().enumerate() {
            let row = samples.row(k);
            match samples.targets() {
                Targets::Labels(labels) => {
                    let at = self.screen([row[0], row[1]]);
                    let is_right = made.right.get(place).copied().unwrap_or(true);
                    mark(painter, theme, at, labels[k], radius, is_right);
                }
                Targets::Numbers(numbers) => {
                    let at = self.screen([row[0], numbers[k]]);
                    painter.circle_filled(at, radius, color32(theme.muted));
                }
            }
        }
    }
}

/// A sample: a disc, a square or a triangle in its class's colour, a cross where the network names another class.
fn mark(painter: &Painter, theme: &Theme, at: Pos2, class: usize, radius: f32, is_right: bool) {
    let (ink, casing) = (color32(theme.sample(class)), color32(theme.casing));
    let edge = Stroke::new((0.3 * radius).clamp(0.5, 1.0), casing);
    if !is_right {
        let reach = 1.9 * radius;
        let arms = [[-1.0, -1.0], [-1.0, 1.0]].map(|[x, y]| {
            let arm = vec2(x * reach, y * reach);
            [at + arm, at - arm]
        });
        for (width, color) in [(2.2 * radius, casing), (1.1 * radius, ink)] {
            for arm in arms {
                painter.line_segment(arm, Stroke::new(width, color));
            }
        }
        return;
    }
    match class % 3 {
        0 => {
            painter.circle(at, radius, ink, edge);
        }
        1 => {
            let square = Rect::from_center_size(at, vec2(1.8 * radius, 1.8 * radius));
            painter.rect(square, 0.0, ink, edge, StrokeKind::Middle);
        }
        _ => {
            let corner = |x: f32, y: f32| at + vec2(x, y) * radius;
            let corners = vec![corner(0.0, -1.35), corner(1.2, 0.75), corner(-1.2, 0.75)];
            painter.add(Shape::convex_polygon(corners, ink, edge));
        }
    }
}

/// What the marks mean, and how many samples are not told right.
fn legend(words: &mut Words, network: &Network, (sight, made): (&Sight, &Made), subject: &Subject) {
    const RADIUS: f32 = 3.4;
    const ROW: f32 = 17.0;
    const SIGN: f32 = 14.0;
    let theme = words.theme;
    let [text, muted] = [theme.text, theme.muted].map(color32);
    let room = words.area;
    let is_beside = room.height() > 2.5 * ROW;
    let mut at = pos2(room.left(), room.top() + 0.5 * ROW);
    let mut row = |words: &mut Words, sign: &dyn Fn(&Painter, Pos2), said: &str, strong: bool| {
        let color = if strong { text } else { muted };
        let laid = words.line(said, font(11.5), color, room.right() - at.x - SIGN);
        let size = laid.size();
        if at.y + 0.5 * ROW > room.bottom() + 1.0 {
            return;
        }
        sign(&words.painter, at + vec2(0.5 * SIGN - 2.0, 0.0));
        words.paint(laid, at + vec2(SIGN, 0.0), Align2::LEFT_CENTER);
        if is_beside {
            at.y += ROW;
        } else if at.x + SIGN + size.x + 90.0 < room.right() {
            at.x += SIGN + size.x + 12.0;
        } else {
            at = pos2(room.left(), at.y + ROW);
        }
    };
    let (all, shown) = (network.data().len(), sight.shown.len());
    match sight.kind {
        SightKind::Regions { classes } => {
            let wrong = made.right.iter().filter(|is_right| !**is_right).count();
            let most = (((room.height() / ROW) as usize).saturating_sub(2)).max(2);
            for class in 0..classes.min(most) {
                let sign = |painter: &Painter, at: Pos2| {
                    mark(painter, theme, at, class, RADIUS, true);
                };
                let more = if class + 1 == most && classes > most {
                    " …"
                } else {
                    ""
                };
                row(words, &sign, &format!("class {class}{more}"), false);
            }
            let sign = |painter: &Painter, at: Pos2| {
                let reach = 1.3 * RADIUS;
                for [x, y] in [[1.0, 1.0], [1.0, -1.0]] {
                    let arm = vec2(x, y) * reach;
                    painter.line_segment([at - arm, at + arm], Stroke::new(1.8, text));
                }
            };
            row(words, &sign, &format!("{wrong} of {shown} wrong"), true);
        }
        SightKind::Curve => {
            let sign = |painter: &Painter, at: Pos2| {
                painter.circle_filled(at, RADIUS, muted);
            };
            row(words, &sign, "samples", false);
            let color = color32(subject.descent.style.color);
            let sign = |painter: &Painter, at: Pos2| {
                let ends = [at - vec2(6.0, 0.0), at + vec2(6.0, 0.0)];
                painter.line_segment(ends, Stroke::new(2.4, color));
            };
            row(words, &sign, "the network", true);
        }
    }
    if shown < all {
        let none = |_: &Painter, _: Pos2| {};
        let all = thousands(all as u64);
        row(words, &none, &format!("of {all} samples"), false);
    }
}

#[cfg(test)]
mod tests;

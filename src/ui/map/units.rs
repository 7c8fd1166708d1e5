//! Small pictures of what the parts of a model have learnt by the step shown: of a network's hidden units what each says over the ground
//! of its data, of a softmax on images the weights of each class.

use std::any::Any;
use std::sync::Arc;

use bevy_egui::egui;
use egui::{
    Align2, Color32, ColorImage, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, TextureHandle,
    TextureOptions, pos2, vec2,
};

use super::data_square::{Subject, parameters};
use super::strip::{Room, Strip};
use crate::experiment::ThemeKind;
use crate::lab::RunId;
use crate::lab::theme::{Theme, class_color, mixed};
use crate::objective::network::{Activation, Network, Sight, SightKind};
use crate::objective::pixels::{PIXELS, SIDE};
use crate::objective::softmax::CLASSES;
use crate::objective::{Objective, PixelSoftmax};
use crate::ui::text::style::{color32, font};
use crate::ui::text::words::Words;

/// Cells along a side of a unit's picture, and multiplications that all of them may take: less than a millisecond.
const CELLS: [usize; 2] = [8, 24];
const WORK: usize = 4_000_000;
/// Points of a unit's curve.
const POINTS: usize = 40;
/// How strongly the greatest numbers are coloured.
const STRENGTH: f32 = 0.9;

/// What is kept of it between frames. The texture stays while the pictures are as many as they were.
#[derive(Default)]
pub(crate) struct Units {
    sight: Option<(Arc<dyn Objective>, Option<Parts>)>,
    made: Option<Made>,
    texture: Option<TextureHandle>,
}

/// What a model is made of.
#[derive(Debug, Clone, PartialEq)]
enum Parts {
    /// The hidden units of a network, so many a layer.
    Hidden(Vec<usize>, Sight),
    /// The weights of each class.
    Weights,
}

struct Made {
    run: RunId,
    theme: ThemeKind,
    position: f64,
    /// Of a curve's network: each unit's, from −1 to 1.
    curves: Vec<Vec<f64>>,
}

impl Parts {
    fn of(objective: &dyn Objective) -> Option<Parts> {
        if (objective as &dyn Any).is::<PixelSoftmax>() {
            return Some(Parts::Weights);
        }
        let network = objective.as_network()?;
        let widths = network.shape().widths();
        let hidden = widths[1..widths.len() - 1].to_vec();
        let sight = Sight::of(network).filter(|_| !hidden.is_empty())?;
        Some(Parts::Hidden(hidden, sight))
    }

    fn layers(&self) -> Vec<usize> {
        match self {
            Parts::Hidden(layers, _) => layers.clone(),
            Parts::Weights => vec![CLASSES],
        }
    }
}

impl Units {
    fn parts(&mut self, objective: &Arc<dyn Objective>) -> Option<&Parts> {
        let is_it = |(of, _): &(Arc<dyn Objective>, _)| Arc::ptr_eq(of, objective);
        if !self.sight.as_ref().is_some_and(is_it) {
            self.sight = Some((objective.clone(), Parts::of(&**objective)));
            self.made = None;
        }
        self.sight.as_ref()?.1.as_ref()
    }

    /// Whether a model has parts that can be shown.
    pub(crate) fn shows(&mut self, objective: &Arc<dyn Objective>) -> bool {
        self.parts(objective).is_some()
    }

    /// The pictures of a model, if there are any, in so much room.
    pub(crate) fn strip(&mut self, of: &Arc<dyn Objective>, room: Room) -> Option<Strip> {
        let parts = self.parts(of)?;
        Strip::new(&parts.layers(), *parts == Parts::Weights, room)
    }

    /// Brings the pictures up to a moment.
    fn refresh(&mut self, ctx: &egui::Context, subject: &Subject, theme: &Theme) -> Option<()> {
        let run = subject.descent.run;
        let last = run.history().len().checked_sub(1)?;
        let position = subject.position.clamp(0.0, last as f64);
        let is_it = |made: &Made| {
            (made.run, made.theme) == (run.id(), theme.kind) && made.position == position
        };
        if self.made.as_ref().is_some_and(is_it) {
            return Some(());
        }
        let w = parameters(run.history(), position)?;
        let objective = run.objective().clone();
        let parts = self.parts(&objective)?.clone();
        let mut curves = Vec::new();
        let pictures = match (&parts, objective.as_network()) {
            (Parts::Hidden(layers, sight), Some(network)) => {
                let (side, units) = units(network, sight, &w);
                let each = units.into_iter().zip(layers).flat_map(|(layer, count)| {
                    let size = layer.len() / count;
                    let unit = move |k: usize| layer[k * size..(k + 1) * size].to_vec();
                    (0..*count).map(unit)
                });
                let each: Vec<Vec<f64>> = each.collect();
                match sight.kind {
                    SightKind::Curve => {
                        curves = each;
                        Vec::new()
                    }
                    SightKind::Regions { .. } => vec![(side, each)],
                }
            }
            _ => {
                let weights = scaled(w.get(..CLASSES * PIXELS)?.to_vec(), 0.0, None);
                let each = weights.chunks_exact(PIXELS).map(<[f64]>::to_vec);
                vec![(SIDE, each.collect())]
            }
        };
        if let Some((side, each)) = pictures.first() {
            self.paint_texture(ctx, theme, *side, each);
        }
        self.made = Some(Made {
            run: run.id(),
            theme: theme.kind,
            position,
            curves,
        });
        Some(())
    }

    /// All pictures one under the other.
    fn paint_texture(
        &mut self,
        ctx: &egui::Context,
        theme: &Theme,
        side: usize,
        each: &[Vec<f64>],
    ) {
        let pixels = each.iter().flatten().map(|number| color(*number, theme));
        let size = [side, side * each.len()];
        let image = ColorImage::new(size, pixels.collect());
        match &mut self.texture {
            Some(texture) if texture.size() == size => {
                texture.set_partial([0, 0], image, TextureOptions::LINEAR);
            }
            texture => {
                *texture = Some(ctx.load_texture("units", image, TextureOptions::LINEAR));
            }
        }
    }

    /// Paints them from a corner on.
    pub(crate) fn paint(
        &mut self,
        painter: &Painter,
        theme: &Theme,
        subject: &Subject,
        (strip, corner): (&Strip, Pos2),
    ) -> Option<()> {
        self.refresh(painter.ctx(), subject, theme)?;
        let (_, parts) = self.sight.as_ref()?;
        let made = self.made.as_ref()?;
        let muted = color32(theme.muted);
        let mut words = Words::new(painter.clone(), theme, painter.clip_rect(), Vec::new());
        let heading = match parts.as_ref()? {
            Parts::Weights => "weights of each digit",
            Parts::Hidden(layers, _) if layers.len() == 1 => "hidden units",
            Parts::Hidden(..) => "hidden units, layer by layer",
        };
        let heading = words.line(heading, font(11.5), muted, f32::INFINITY);
        words.paint(heading, corner, Align2::LEFT_TOP);
        let frame = Stroke::new(1.0, color32(theme.axis));
        let count = strip.count() as f32;
        for (k, at) in strip.corners().into_iter().enumerate() {
            let place = Rect::from_min_size(corner + at.to_vec2(), vec2(1.0, 1.0) * strip.side);
            match (made.curves.get(k), &self.texture) {
                (Some(curve), _) => {
                    painter.rect_filled(place, 0.0, color32(theme.background));
                    paint_curve(painter, place, curve, color32(subject.descent.style.color));
                }
                (None, Some(texture)) => {
                    // To the middles of the outermost cells, so that no neighbour shines through.
                    let cells = texture.size()[0] as f32;
                    let [half, rows] = [0.5 / cells, 1.0 / count];
                    let top = (k as f32 + half) * rows;
                    let uv = Rect::from_min_max(
                        pos2(half, top),
                        pos2(1.0 - half, top + rows * (1.0 - 2.0 * half)),
                    );
                    painter.image(texture.id(), place, uv, Color32::WHITE);
                }
                _ => {}
            }
            painter.rect_stroke(place, 0.0, frame, StrokeKind::Inside);
            if strip.has_names() {
                let name = words.line(&k.to_string(), font(9.5), muted, f32::INFINITY);
                words.paint(name, place.center_bottom(), Align2::CENTER_TOP);
            }
        }
        Some(())
    }
}

/// What a network's units say over the ground of its data, from −1 to 1, layer by layer, and the cells along a side of a picture.
fn units(network: &Network, sight: &Sight, w: &[f64]) -> (usize, Vec<Vec<f64>>) {
    let side = ((WORK / network.shape().parameters().max(1)) as f64).sqrt() as usize;
    let side = side.clamp(CELLS[0], CELLS[1]);
    let points = match sight.kind {
        SightKind::Regions { .. } => sight.cells(side),
        SightKind::Curve => sight.across(POINTS),
    };
    // As it is about the middle: what saturates has a scale of its own.
    let (middle, most) = match network.shape().activation {
        Activation::Tanh => (0.0, Some(1.0)),
        Activation::Sigmoid => (0.5, Some(0.5)),
        _ => (0.0, None),
    };
    let most = most.filter(|_| !network.shape().residual);
    let layers = network.hidden(w, &points).into_iter();
    let layers = layers.map(|layer| scaled(layer, middle, most));
    (side, layers.collect())
}

/// Numbers about a middle as shares of the most, else of the furthest of them; what is no number lies in the middle.
fn scaled(mut numbers: Vec<f64>, middle: f64, most: Option<f64>) -> Vec<f64> {
    let away = |number: f64| {
        let away = number - middle;
        if away.is_finite() { away } else { 0.0 }
    };
    let furthest = || {
        numbers
            .iter()
            .fold(0.0, |most: f64, n| most.max(away(*n).abs()))
    };
    let most = most.unwrap_or_else(furthest).max(f64::MIN_POSITIVE);
    for number in &mut numbers {
        *number = (away(*number) / most).clamp(-1.0, 1.0);
    }
    numbers
}

/// The hue of the one class for numbers below 0, of the other for those above, and the ground's for 0.
fn color(number: f64, theme: &Theme) -> Color32 {
    let hue = class_color(usize::from(number > 0.0));
    let strength = STRENGTH * number.abs() as f32;
    color32(mixed(theme.background, hue, strength))
}

fn paint_curve(painter: &Painter, place: Rect, curve: &[f64], color: Color32) {
    let last = curve.len().saturating_sub(1).max(1) as f32;
    let inner = place.shrink(1.5);
    let points = curve.iter().enumerate().map(|(k, number)| {
        let x = inner.left() + inner.width() * k as f32 / last;
        pos2(x, inner.center().y - 0.5 * inner.height() * *number as f32)
    });
    painter.add(Shape::line(points.collect(), Stroke::new(1.2, color)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;

    fn parts(name: &str) -> Option<Parts> {
        let experiment = Experiment::load(name).expect("a built-in");
        let objective = experiment.panels[0].objective(None).expect("a function");
        Parts::of(&*objective)
    }

    #[test]
    fn networks_have_hidden_units_and_functions_none() {
        let layers = |name| parts(name).map(|parts| parts.layers());
        assert_eq!(layers("moons"), Some(vec![16, 16]));
        assert_eq!(layers("race"), None);
    }

    #[test]
    fn numbers_are_shares_and_what_is_none_says_nothing() {
        assert_eq!(scaled(vec![1.0, -4.0], 0.0, None), [0.25, -1.0]);
        assert_eq!(
            scaled(vec![0.0, 1.0, 0.75], 0.5, Some(0.5)),
            [-1.0, 1.0, 0.5]
        );
        let odd = vec![f64::NAN, f64::INFINITY, 0.0];
        assert_eq!(scaled(odd, 0.0, None), [0.0; 3]);
        assert_eq!(scaled(vec![7.0], 0.0, Some(1.0)), [1.0]);
        for &kind in ThemeKind::ALL {
            let theme = Theme::new(kind);
            assert_eq!(color(0.0, &theme), color32(theme.background));
            assert_ne!(color(1.0, &theme), color(-1.0, &theme));
        }
    }
}

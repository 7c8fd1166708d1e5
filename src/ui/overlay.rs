//! The words over the scene: titles, ticks, the legend, the colour bar, captions, and the first hint.

use bevy_egui::egui;
use egui::{Align2, Color32, FontId, Painter, Rect, Shape, Stroke, pos2, vec2};

use super::inset::NOT_TO_SCALE;
use super::style::{color32, font, with_alpha};
use super::{LabReader, Layout, Shown};
use crate::descent::Status;
use crate::experiment::{Caption, PanelView, Through};
use crate::lab::theme::{self, Theme};
use crate::lab::{Anchor, Label, LabelKind, Playback, Scenery};
use crate::landscape::ticks;

const MARGIN: f32 = 14.0;
/// The points of a colour bar whose losses go on beyond it.
const END: f32 = 9.0;
const BAR: egui::Vec2 = vec2(12.0, 150.0);
/// Smaller viewports have neither legend nor colour bar.
const MIN_FOR_LEGEND: egui::Vec2 = vec2(260.0, 200.0);
/// In scenes narrower than this the legend's letters are the smallest.
const TIGHT: f32 = 520.0;
const MIN_FOR_BAR: egui::Vec2 = vec2(420.0, 320.0);

pub(crate) fn show(root: &egui::Ui, lab: &LabReader, layout: &Layout, rects: &[Rect]) {
    let painter = root.ctx().layer_painter(egui::LayerId::background());
    let experiment = &lab.current.experiment;
    for (index, &rect) in rects.iter().enumerate() {
        let Some(scenery) = lab.scenery(index) else {
            continue;
        };
        let painter = painter.with_clip_rect(rect);
        let words = Words {
            painter: &painter,
            theme: &lab.theme,
            rect,
        };
        if let Some(labels) = lab.overlay.panels.get(index) {
            for label in labels {
                words.label(label);
            }
        }
        let several = rects.len() > 1;
        let title = if several {
            &scenery.panel.title
        } else {
            &experiment.title
        };
        let title = words.title(title, several);
        let title = words.provenance(scenery, lab, title);
        let title = words.shape_note(scenery, title);
        let descents = lab.descents(index);
        if rect.width() > MIN_FOR_LEGEND.x && rect.height() > MIN_FOR_LEGEND.y {
            let position = lab.playback.position();
            words.legend(scenery, &descents, position, several, title);
        }
        if rect.width() > MIN_FOR_BAR.x && rect.height() > MIN_FOR_BAR.y {
            words.color_bar(scenery, lab);
        }
    }
    let Some(whole) = rects.iter().copied().reduce(Rect::union) else {
        return;
    };
    if rects.len() > 1 {
        for rect in rects {
            let line = Stroke::new(1.0, color32(lab.theme.line));
            if rect.right() < whole.right() - 1.0 {
                painter.vline(rect.right() + 1.0, rect.y_range(), line);
            }
            if rect.bottom() < whole.bottom() - 1.0 {
                painter.hline(rect.x_range(), rect.bottom() + 1.0, line);
            }
        }
    }
    let words = Words {
        painter: &painter,
        theme: &lab.theme,
        rect: whole,
    };
    words.captions(&experiment.captions, lab.playback.step());
    if layout.counter {
        words.counter(&lab.playback);
    }
    if let Some(notice) = &lab.notice.text {
        let theme = &lab.theme;
        let color = if lab.notice.is_good {
            theme.text
        } else {
            theme.warning
        };
        words.boxed(
            notice,
            whole.center(),
            Align2::CENTER_CENTER,
            color32(color),
        );
    } else if layout.controls && lab.rig.is_untouched() && lab.pointed.0.is_none() {
        words.hint();
    }
}

struct Words<'a> {
    painter: &'a Painter,
    theme: &'a Theme,
    rect: Rect,
}

impl Words<'_> {
    fn text(
        &self,
        at: egui::Pos2,
        align: Align2,
        text: &str,
        font: FontId,
        color: Color32,
    ) -> Rect {
        let galley = self.painter.layout_no_wrap(text.to_owned(), font, color);
        let rect = align.anchor_size(at, galley.size());
        self.painter.galley(rect.min, galley, color);
        rect
    }

    fn label(&self, label: &Label) {
        let at = pos2(label.position.x, label.position.y);
        let (font, color) = match label.kind {
            LabelKind::Tick => (font(11.5), self.theme.muted),
            LabelKind::AxisTitle => (font(13.5), self.theme.text),
            LabelKind::Critical => (font(11.5), self.theme.text),
        };
        let align = align(label.anchor);
        if label.kind == LabelKind::Critical {
            self.boxed_with(&label.text, at, align, color32(color), font, 3.0);
        } else {
            self.text(at, align, &label.text, font, color32(color));
        }
    }

    fn title(&self, title: &str, small: bool) -> Rect {
        let size = if small { 13.5 } else { 17.0 };
        let at = self.rect.min + vec2(MARGIN, MARGIN * 0.8);
        self.text(
            at,
            Align2::LEFT_TOP,
            title,
            font(size),
            color32(self.theme.text),
        )
    }

    /// Under the title of a data set's slice: which data, which plane, and what the thin lines mean.
    fn provenance(&self, scenery: &Scenery, lab: &LabReader, title: Rect) -> Rect {
        let (Some(mnist), Some(set)) = (scenery.panel.objective.mnist(), lab.data.set()) else {
            return title;
        };
        let plane = match &mnist.through {
            Through::Origin => "plane through the origin".to_owned(),
            Through::Descent(name) if mnist.follows => {
                format!("plane through {name} at the step shown")
            }
            Through::Descent(name) => format!("plane through {name}'s final weights"),
        };
        let lines = [
            set.name(),
            plane,
            "balls and trails: true loss; thin lines: to the plane drawn".to_owned(),
        ];
        lines.iter().fold(title, |above, line| {
            let at = above.left_bottom() + vec2(0.0, 2.0);
            let color = color32(self.theme.muted);
            above.union(self.text(at, Align2::LEFT_TOP, line, font(11.5), color))
        })
    }

    /// Beside the title of a flat map: that its axes are not true to units, if they are not.
    fn shape_note(&self, scenery: &Scenery, title: Rect) -> Rect {
        let flat = scenery.panel.view == PanelView::Contour && !scenery.is_curve();
        if !flat || scenery.is_to_scale() {
            return title;
        }
        let at = title.right_bottom() + vec2(10.0, -1.0);
        let color = color32(self.theme.muted);
        title.union(self.text(at, Align2::LEFT_BOTTOM, NOT_TO_SCALE, font(11.5), color))
    }

    /// Colour, name and how each descent fares, at the upper right.
    fn legend(
        &self,
        scenery: &Scenery,
        descents: &[Shown<'_>],
        position: f64,
        small: bool,
        title: Rect,
    ) {
        let shown: Vec<&Shown<'_>> = descents.iter().filter(|d| d.style.shown).collect();
        if shown.is_empty() {
            return;
        }
        let (size, row) = match (small, self.rect.width() < TIGHT) {
            (_, true) => (9.5, 12.5),
            (true, false) => (11.0, 15.0),
            (false, false) => (12.5, 18.0),
        };
        let galleys: Vec<_> = shown
            .iter()
            .map(|descent| {
                let text = legend_text(scenery, descent, position);
                self.painter
                    .layout_no_wrap(text, font(size), color32(self.theme.text))
            })
            .collect();
        let width = galleys.iter().map(|g| g.size().x).fold(0.0, f32::max) + 36.0;
        let height = row * galleys.len() as f32 + 8.0;
        if width > self.rect.width() * 0.8 || height > self.rect.height() * 0.6 {
            return;
        }
        // Beside the title if there is room, else below it.
        let left = self.rect.right() - MARGIN * 0.7 - width;
        let top = if left > title.right() + MARGIN {
            self.rect.top() + MARGIN * 0.6
        } else {
            title.bottom() + 2.0
        };
        let area = Rect::from_min_size(pos2(left, top), vec2(width, height));
        self.painter
            .rect_filled(area, 5.0, color32(self.theme.background));
        for (i, (descent, galley)) in shown.iter().zip(galleys).enumerate() {
            let y = area.top() + 4.0 + row * (i as f32 + 0.5);
            let from = pos2(area.left() + 6.0, y);
            self.sample(from, from + vec2(17.0, 0.0), descent);
            let at = pos2(from.x + 23.0, y - galley.size().y / 2.0);
            self.painter.galley(at, galley, color32(self.theme.text));
        }
    }

    /// A piece of the descent's line.
    fn sample(&self, from: egui::Pos2, to: egui::Pos2, descent: &Shown<'_>) {
        let color = color32(descent.style.color);
        let casing = Stroke::new(5.0, with_alpha(self.theme.casing, 200));
        let line = Stroke::new(3.0, color);
        if descent.style.dashed {
            self.painter
                .extend(Shape::dashed_line(&[from, to], line, 4.0, 2.5));
        } else {
            self.painter.line_segment([from, to], casing);
            self.painter.line_segment([from, to], line);
        }
    }

    /// The colour map with real losses at round values, at the lower right.
    fn color_bar(&self, scenery: &Scenery, lab: &LabReader) {
        const STRIPES: usize = 64;
        let bar = Rect::from_min_size(
            pos2(
                self.rect.right() - MARGIN - BAR.x,
                self.rect.bottom() - MARGIN - BAR.y,
            ),
            BAR,
        );
        let colors = theme::color_map(lab.current.experiment.view.colormap, STRIPES);
        let mut mesh = egui::Mesh::default();
        for (i, color) in colors.iter().enumerate() {
            let y = |k: usize| bar.bottom() - bar.height() * k as f32 / STRIPES as f32;
            let stripe = Rect::from_min_max(pos2(bar.left(), y(i + 1)), pos2(bar.right(), y(i)));
            mesh.add_colored_rect(stripe, color32(*color));
        }
        self.painter.add(mesh);
        let outline = Stroke::new(1.0, color32(self.theme.axis));
        let middle = egui::StrokeKind::Outside;
        self.painter.rect_stroke(bar, 0.0, outline, middle);
        // Where losses go on beyond the range, so does the bar.
        let [below, above] = scenery.goes_on;
        let ends = [
            (below, bar.bottom(), colors.first(), 1.0),
            (above, bar.top(), colors.last(), -1.0),
        ];
        for (_, y, color, way) in ends.into_iter().filter(|(goes_on, ..)| *goes_on) {
            let tip = pos2(bar.center().x, y + way * END);
            let foot = [pos2(bar.left(), y), tip, pos2(bar.right(), y)];
            let color = color.map_or(Color32::TRANSPARENT, |color| color32(*color));
            self.painter
                .add(Shape::convex_polygon(foot.to_vec(), color, outline));
        }
        let mut last = f32::INFINITY;
        let losses = scenery.scale.ticks(6);
        let labels = ticks::labels(&losses);
        for (&loss, text) in losses.iter().zip(&labels.texts) {
            let y = bar.bottom() - bar.height() * scenery.scale.fraction(loss) as f32;
            if last - y < 13.0 {
                continue;
            }
            last = y;
            let tick = Stroke::new(1.0, color32(self.theme.muted));
            self.painter.hline(bar.left() - 3.0..=bar.left(), y, tick);
            self.text(
                pos2(bar.left() - 6.0, y),
                Align2::RIGHT_CENTER,
                text,
                font(11.0),
                color32(self.theme.muted),
            );
        }
        self.text(
            pos2(bar.right(), bar.top() - 5.0 - if above { END } else { 0.0 }),
            Align2::RIGHT_BOTTOM,
            &labels.title(&scenery.panel.labels[2]),
            font(11.5),
            color32(self.theme.text),
        );
    }

    fn captions(&self, captions: &[Caption], step: usize) {
        let showing = captions
            .iter()
            .filter(|caption| (caption.step..caption.step + caption.steps.max(1)).contains(&step));
        for (i, caption) in showing.enumerate() {
            let at = pos2(
                self.rect.center().x,
                self.rect.bottom() - 26.0 - 34.0 * i as f32,
            );
            let text = color32(self.theme.text);
            self.boxed_with(
                &caption.text,
                at,
                Align2::CENTER_BOTTOM,
                text,
                font(16.0),
                9.0,
            );
        }
    }

    /// The step, where no timeline says it.
    fn counter(&self, playback: &Playback) {
        let last = playback.last_step();
        let digits = last.to_string().len();
        let at = self.rect.left_bottom() + vec2(14.0, -12.0);
        self.text(
            at,
            Align2::LEFT_BOTTOM,
            &format!("step {:>digits$} / {last}", playback.step()),
            FontId::monospace(13.0),
            color32(self.theme.muted),
        );
    }

    fn hint(&self) {
        let text = "drag to orbit · scroll to zoom · click the surface to drop everyone there · space pauses · H shows all keys";
        let at = pos2(self.rect.center().x, self.rect.bottom() - 12.0);
        self.text(
            at,
            Align2::CENTER_BOTTOM,
            text,
            font(12.5),
            color32(self.theme.muted),
        );
    }

    fn boxed(&self, text: &str, at: egui::Pos2, align: Align2, color: Color32) {
        self.boxed_with(text, at, align, color, font(13.5), 10.0);
    }

    fn boxed_with(
        &self,
        text: &str,
        at: egui::Pos2,
        align: Align2,
        color: Color32,
        font: FontId,
        padding: f32,
    ) {
        // Captions leave the colour bar's corner free.
        let wrap = (self.rect.width() - 240.0).max(120.0);
        let galley = self.painter.layout(text.to_owned(), font, color, wrap);
        let rect = align.anchor_size(at, galley.size() + egui::Vec2::splat(2.0 * padding));
        self.painter
            .rect_filled(rect, padding * 0.6, color32(self.theme.background));
        self.painter
            .galley(rect.min + egui::Vec2::splat(padding), galley, color);
    }
}

fn align(Anchor(anchor): Anchor) -> Align2 {
    let side = |c: f32| {
        if c < 0.0 {
            egui::Align::Min
        } else if c > 0.0 {
            egui::Align::Max
        } else {
            egui::Align::Center
        }
    };
    Align2([side(anchor.x), side(anchor.y)])
}

/// The name, and in words how the descent ended, once it has: colour and shape alone must not say it.
fn legend_text(scenery: &Scenery, descent: &Shown<'_>, position: f64) -> String {
    let name = &descent.style.name;
    let run = &descent.run;
    let last = run.last_step();
    if run.is_over_at(position) {
        match run.status() {
            Status::Converged => return format!("{name} · converged at step {last}"),
            Status::Stopped => return format!("{name} · stopped at step {last}"),
            Status::Diverged { step } => return format!("{name} · diverged at step {step}"),
            Status::Undefined { step } => {
                return format!("{name} · gradient undefined at step {step}");
            }
            Status::Finished | Status::Running => {}
        }
    }
    match left_view_at(scenery, descent, position) {
        Some(0) => format!("{name} · outside the view"),
        Some(step) => format!("{name} · left the view at step {step}"),
        None => name.clone(),
    }
}

/// If the descent is outside the box that is drawn: the step at which it last left it, 0 if it began there.
fn left_view_at(scenery: &Scenery, descent: &Shown<'_>, position: f64) -> Option<usize> {
    let history = descent.run.history();
    let now = (position.floor() as usize).min(history.len().checked_sub(1)?);
    let outside = |step: usize| {
        let [x, y] = scenery.field.plane.coordinates(history.at(step));
        let domain = scenery.panel.domain;
        !domain.contains(&[x, y][..domain.dim()]) || scenery.is_beyond(history.losses()[step])
    };
    if !outside(now) {
        return None;
    }
    (0..=now).rev().take_while(|&step| outside(step)).last()
}

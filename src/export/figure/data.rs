//! What a network makes of its data at the end of a run: the areas of its classes with the samples in them, or its curve through
//! them.

use super::axes::{Frame, Shape};
use super::contours::{axis, simplified};
use super::legend::{self, Entry, Sample};
use super::{Area, Item, Sheet, Stroke};
use crate::experiment::Through;
use crate::export::{PanelScene, SceneDescent};
use crate::landscape::contour::isolines;
use crate::landscape::ticks::{round_ticks, thousands};
use crate::landscape::{Domain, Grid, Range};
use crate::objective::network::{Network, Region, Sight, SightKind, Targets};

/// Cells along a side of the areas.
const SIDE: usize = 280;
/// Points of a curve.
const POINTS: usize = 400;
const TICKS: usize = 5;
/// A curve's height in its width.
const USUAL: f64 = 0.72;
/// A sample's radius.
const RADII: [f64; 2] = [0.75, 1.9];
/// As many samples have the greatest.
const FEW: f64 = 120.0;

/// A network with the samples that are shown, and the run whose network it is.
struct Subject<'a> {
    network: &'a Network,
    sight: Sight,
    descent: &'a SceneDescent,
    /// Its parameters at the end.
    w: &'a [f64],
}

impl Subject<'_> {
    /// Of the descent that the plane passes through, else of the first one that is shown.
    fn of(drawn: &PanelScene) -> Option<Subject<'_>> {
        let network = drawn.network()?;
        let sight = Sight::of(network)?;
        let shown = || drawn.descents.iter().filter(|descent| descent.spec.shown);
        let through = drawn.panel.plane.as_ref().map(|plane| &plane.through);
        let passed = shown().find(
            |descent| matches!(through, Some(Through::Descent(name)) if *name == descent.spec.name),
        );
        let descent = passed.or_else(|| shown().next())?;
        let last = descent.history.len().checked_sub(1)?;
        Some(Subject {
            network,
            sight,
            descent,
            w: descent.history.at(last),
        })
    }
}

/// Whether there is anything to draw.
pub(super) fn is_seen(drawn: &PanelScene) -> bool {
    Subject::of(drawn).is_some()
}

/// Draws it from the area's upper edge on; the result is where it ends.
pub(super) fn draw(sheet: &mut Sheet, drawn: &PanelScene, area: Area) -> f64 {
    let Some(subject) = Subject::of(drawn) else {
        return area.top;
    };
    let [x, y] = subject.sight.ranges;
    let titles = match subject.sight.kind {
        SightKind::Regions { .. } => ["first feature", "second feature"],
        SightKind::Curve => ["feature", "target"],
    };
    let along = |[low, high]: Range, title: &str| {
        axis(&round_ticks(low, high, TICKS), title, |value| {
            (value - low) / (high - low)
        })
    };
    let (across, upright) = (along(x, titles[0]), along(y, titles[1]));
    let lengths = [x, y].map(|[low, high]| high - low);
    let is_to_scale = (lengths[0] - lengths[1]).abs() < 1e-6 * lengths[0];
    let shape = match subject.sight.kind {
        SightKind::Regions { .. } if is_to_scale => Shape::True(1.0),
        _ => Shape::Usual(USUAL),
    };
    let around = Frame::new(sheet, area, [&across, &upright], shape);
    let frame = around.area;
    let place = |[px, py]: [f64; 2]| {
        let part = |value: f64, [low, high]: Range| {
            let part = (value - low) / (high - low);
            // Far beyond the picture there is no need to know how far.
            if part.is_finite() {
                part.clamp(-4.0, 5.0)
            } else {
                -4.0
            }
        };
        frame.at(part(px, x), part(py, y))
    };
    sheet.items.push(Item::Clip(frame));
    if let SightKind::Regions { classes } = subject.sight.kind {
        regions(sheet, &subject, classes, frame, &place);
    }
    let right = subject.sight.right(subject.network, subject.w);
    samples(sheet, &subject, &right, frame, &place);
    if subject.sight.kind == SightKind::Curve {
        let curve = subject.sight.curve(subject.network, subject.w, POINTS);
        let points: Vec<[f64; 2]> = curve.into_iter().map(&place).collect();
        let (line, color) = (simplified(&points), subject.descent.color);
        let casing = sheet.casing(color);
        sheet.line(line.clone(), casing, 2.4, None);
        sheet.line(line, color, 1.4, None);
    }
    sheet.items.push(Item::ClipEnd);
    let end = around.draw(sheet);
    key(sheet, &subject, &right, area, end + 2.0)
}

/// The areas as a picture, and between them their borders.
fn regions(
    sheet: &mut Sheet,
    subject: &Subject,
    classes: usize,
    frame: Area,
    place: &dyn Fn([f64; 2]) -> [f64; 2],
) {
    let regions = subject.sight.regions(subject.network, subject.w, SIDE);
    let theme = sheet.theme;
    let rgb = regions
        .iter()
        .flat_map(|region| theme.region(region.class, region.margin as f32))
        .collect();
    sheet.items.push(Item::Picture {
        area: frame,
        size: [SIDE; 2],
        rgb,
    });
    // Its nodes are the middles of the cells.
    let within = |[low, high]: Range| {
        let half = 0.5 * (high - low) / SIDE as f64;
        [low + half, high - half]
    };
    let [x, y] = subject.sight.ranges.map(within);
    let mut grid = Grid::empty(Domain { x, y: Some(y) }, SIDE, SIDE);
    let last = classes.saturating_sub(1);
    let lines = (0..if classes == 2 { 1 } else { last + 1 }).flat_map(|class| {
        // A class leads by so much, or is behind.
        let lead = |region: &Region| match region.class == class {
            true => region.margin,
            false => -region.margin,
        };
        // The uppermost cells come first, of a grid the lowest ones.
        let rows = regions.chunks_exact(SIDE).rev();
        grid.values = rows.flat_map(|row| row.iter().map(lead)).collect();
        isolines(&grid, &[0.0])
    });
    let lines = lines.flat_map(|isoline| isoline.lines);
    let lines = lines.map(|line| simplified(&line.into_iter().map(place).collect::<Vec<_>>()));
    sheet.lines(lines.collect(), theme.muted, 0.6, None);
}

fn samples(
    sheet: &mut Sheet,
    subject: &Subject,
    right: &[bool],
    frame: Area,
    place: &dyn Fn([f64; 2]) -> [f64; 2],
) {
    let samples = subject.network.data();
    let shown = &subject.sight.shown;
    let crowd = (FEW / shown.len().max(1) as f64).sqrt().min(1.0);
    let size = (frame.width.min(frame.height) / 200.0).min(1.0);
    let radius = (RADII[1] * crowd * size).max(RADII[0]);
    for (k, &sample) in shown.iter().enumerate() {
        let row = samples.row(sample);
        match samples.targets() {
            Targets::Labels(labels) => {
                let at = place([row[0], row[1]]);
                if right.get(k).copied().unwrap_or(true) {
                    sheet.sample(at, labels[sample], radius);
                } else {
                    let color = sheet.theme.sample(labels[sample]);
                    sheet.cross(at, 1.5 * radius, color);
                }
            }
            Targets::Numbers(numbers) => {
                let color = sheet.theme.muted;
                sheet.circle(place([row[0], numbers[sample]]), radius, None, Some(color));
            }
        }
    }
}

/// Whose network it is, what the marks mean, and how many samples are not told right.
fn key(sheet: &mut Sheet, subject: &Subject, right: &[bool], area: Area, mut top: f64) -> f64 {
    let descent = subject.descent;
    let step = descent.last_step();
    let entry = |sample, name: String| Entry {
        sample,
        name,
        about: None,
    };
    let s = if step == 1 { "" } else { "s" };
    let steps = format!("after {} step{s}", thousands(step as u64));
    let name = &descent.spec.name;
    let (all, shown) = (subject.network.data().len(), subject.sight.shown.len());
    let of_all = match shown < all {
        true => format!(
            "{} of {} samples",
            thousands(shown as u64),
            thousands(all as u64)
        ),
        false => format!("{} samples", thousands(all as u64)),
    };
    let mut entries = Vec::new();
    match subject.sight.kind {
        SightKind::Regions { classes } => {
            top = legend::heading(sheet, &format!("{name} {steps}, {of_all}"), area, top);
            let classes = 0..classes;
            entries
                .extend(classes.map(|class| entry(Sample::Class(class), format!("class {class}"))));
            let wrong = right.iter().filter(|is_right| !**is_right).count();
            entries.push(entry(Sample::Cross, format!("{wrong} of {shown} wrong")));
        }
        SightKind::Curve => {
            entries.push(entry(Sample::Curve(descent), format!("{name} {steps}")));
            entries.push(entry(Sample::Dot, of_all));
        }
    }
    legend::list(sheet, entries, area, top)
}

impl Sheet {
    /// A sample: a disc, a square or a triangle in its class's colour.
    pub(super) fn sample(&mut self, at: [f64; 2], class: usize, radius: f64) {
        let color = self.theme.sample(class);
        let edge = Stroke {
            color: self.edge(color),
            width: (0.2 * radius).clamp(0.12, 0.4),
            dash: None,
        };
        let corners: &[[f64; 2]] = match class % 3 {
            0 => return self.circle(at, radius, Some(edge), Some(color)),
            1 => &[[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
            _ => &[[0.0, -1.35], [1.2, 0.75], [-1.2, 0.75]],
        };
        let corners = corners.iter();
        let outline = corners.map(|[x, y]| [at[0] + radius * x, at[1] + radius * y]);
        self.filled(outline.collect(), color, Some(edge));
    }
}

//! How a panel's losses are drawn: height, range, the shape of its map, isolines.

use bevy_egui::egui;

use crate::experiment::{
    Aspect, Contours, DEFAULT_CONTOURS, MAX_CONTOURS, MAX_LEVELS, Panel, PanelView,
};
use crate::lab::PanelLandscape;
use crate::landscape::{HeightKind, HeightScale};
use crate::objective::formula::is_minus;
use crate::ui::text::number::field;

pub(crate) fn heights_ui(ui: &mut egui::Ui, landscape: Option<&PanelLandscape>, panel: &mut Panel) {
    ui.horizontal(|ui| {
        ui.label("height");
        let log = "sign(d)·ln(1 + |d|) with d = loss − lowest: shows the floor of a deep valley";
        ui.selectable_value(&mut panel.height, HeightKind::Linear, "linear")
            .on_hover_text("Height in proportion to the loss");
        ui.selectable_value(&mut panel.height, HeightKind::Log, "log")
            .on_hover_text(log);
    });
    range_ui(ui, landscape, panel);
}

/// The losses at the floor and at the ceiling of the box.
fn range_ui(ui: &mut egui::Ui, landscape: Option<&PanelLandscape>, panel: &mut Panel) {
    ui.horizontal(|ui| {
        ui.label("losses");
        let mut automatic = panel.range.is_none();
        let tip = "Height and colours span the losses of the landscape in view. Without it they span a range of your \
                   own, and the surface ends where it leaves it: for poles and cliffs";
        if ui.checkbox(&mut automatic, "all").on_hover_text(tip).changed() {
            let usual = landscape.and_then(|landscape| landscape.field.grid.usual_bounds());
            panel.range = usual.filter(|_| !automatic).map(rounded);
        }
        let Some([mut low, mut high]) = panel.range else {
            return;
        };
        let speed = (high - low) * 0.005;
        let tip = "What lies below or above is cut off; the colour bar then ends in a point";
        let end = |ui: &mut egui::Ui, value: &mut f64| {
            ui.add(field(value).speed(speed))
                .on_hover_text(tip);
        };
        end(ui, &mut low);
        ui.label("to");
        end(ui, &mut high);
        if low < high && (high - low).is_finite() {
            panel.range = Some([low, high]);
        }
    });
}

/// With as many digits as its width needs: the exact ends are seldom round. Never empty.
fn rounded([low, high]: [f64; 2]) -> [f64; 2] {
    let unit = 10f64.powf((0.5 * high - 0.5 * low).log10().floor() - 1.0);
    let range = [(low / unit).floor() * unit, (high / unit).ceil() * unit];
    if range[0] < range[1] && (range[1] - range[0]).is_finite() {
        range
    } else {
        let middle = (0.5 * low + 0.5 * high).clamp(-1e300, 1e300);
        let half = middle.abs().max(1.0);
        [middle - half, middle + half]
    }
}

/// What a surface's map is like.
pub(crate) fn map_ui(ui: &mut egui::Ui, panel: &mut Panel) {
    ui.horizontal(|ui| {
        ui.label("shown as");
        ui.selectable_value(&mut panel.view, PanelView::Surface, "surface")
            .on_hover_text("In space");
        ui.selectable_value(&mut panel.view, PanelView::Contour, "contours")
            .on_hover_text("Flat, from above");
    });
    ui.horizontal(|ui| {
        ui.label("axes");
        for (aspect, tip) in [
            (
                Aspect::Auto,
                "Equal units equally long on maps, unless one axis would be more than four times as long as the other",
            ),
            (Aspect::Equal, "Equal units equally long, however narrow that is"),
            (Aspect::Fit, "As long as there is room, whatever their units"),
        ] {
            ui.selectable_value(&mut panel.aspect, aspect, aspect.name())
                .on_hover_text(tip);
        }
    });
}

/// The losses in the isolines' field, which may not be numbers yet.
#[derive(Default)]
pub(crate) struct LevelsDraft {
    panel: usize,
    text: String,
    /// The panel's losses when the text was last in line with them.
    levels: Vec<f64>,
    error: bool,
}

impl LevelsDraft {
    pub(crate) fn isolines_ui(
        &mut self,
        ui: &mut egui::Ui,
        index: usize,
        scale: Option<HeightScale>,
        panel: &mut Panel,
    ) {
        ui.horizontal(|ui| {
            ui.label("isolines");
            if let Contours::Bands(count) = &mut panel.contours {
                let tip = "Bands between the lines of equal loss, evenly spaced in the drawn height; usual: 20";
                let count = field(count);
                ui.add(count.range(0..=MAX_CONTOURS)).on_hover_text(tip);
            }
            let mut own = matches!(panel.contours, Contours::Levels(_));
            let tip = "Lines at these losses instead of evenly spaced ones";
            if ui.checkbox(&mut own, "at losses").on_hover_text(tip).changed() {
                panel.contours = match scale {
                    Some(scale) if own => Contours::Levels(scale.ticks(5)),
                    _ => Contours::Bands(DEFAULT_CONTOURS),
                };
            }
        });
        if let Contours::Levels(levels) = &mut panel.contours {
            self.levels_ui(ui, index, levels);
        }
    }

    fn levels_ui(&mut self, ui: &mut egui::Ui, index: usize, levels: &mut Vec<f64>) {
        if self.panel != index || self.levels != *levels {
            *self = LevelsDraft {
                panel: index,
                text: written(levels),
                levels: levels.clone(),
                error: false,
            };
        }
        let edit = egui::TextEdit::singleline(&mut self.text)
            .desired_width(f32::INFINITY)
            .hint_text("0.1, 1, 10");
        let tip = format!("Losses with commas between them, at most {MAX_LEVELS}");
        if ui.add(edit).on_hover_text(tip).changed() {
            let read = read(&self.text);
            self.error = read.is_none();
            if let Some(read) = read {
                self.levels.clone_from(&read);
                *levels = read;
            }
        }
        if self.error {
            let color = ui.visuals().error_fg_color;
            let text = format!("expected at most {MAX_LEVELS} numbers, as in 0.1, 1, 10");
            ui.label(egui::RichText::new(text).size(11.0).color(color));
        }
    }
}

fn written(levels: &[f64]) -> String {
    let texts: Vec<String> = levels.iter().map(f64::to_string).collect();
    texts.join(", ")
}

fn read(text: &str) -> Option<Vec<f64>> {
    let parts = text.split([',', ';', ' ']).map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    let numbers = parts.map(|part| part.replace(is_minus, "-").parse::<f64>().ok());
    let mut levels: Vec<f64> = numbers.collect::<Option<_>>()?;
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let fits = levels.len() <= MAX_LEVELS && levels.iter().all(|level| level.is_finite());
    fits.then_some(levels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_begins_round_and_is_never_empty() {
        assert_eq!(rounded([0.123, 9.876]), [0.1, 9.9]);
        for range in [
            [3.0, 3.0],
            [0.0, 0.0],
            [-1.7e308, 1.7e308],
            [1e6, 1e6 + 1e-3],
        ] {
            let [low, high] = rounded(range);
            assert!(low < high && (high - low).is_finite(), "{range:?}");
        }
    }

    #[test]
    fn losses_are_read_as_people_write_them() {
        assert_eq!(read("10, 0.1;1 −2e3"), Some(vec![-2000.0, 0.1, 1.0, 10.0]));
        assert_eq!(read(""), Some(Vec::new()));
        assert_eq!(read("1, x"), None);
        assert_eq!(read("inf"), None);
        let levels = vec![-1e300, 0.1 + 0.2, 7.0];
        assert_eq!(read(&written(&levels)), Some(levels));
    }
}

//! Which parts of the interface are shown, and where the viewports lie.

use std::str::FromStr;

use bevy::prelude::*;
use bevy_egui::egui;

use crate::experiment::columns;

/// Gap between viewports, in logical pixels.
const GAP: f32 = 2.0;

/// The parts that are shown.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The panel on the left and the timeline.
    pub controls: bool,
    /// The 3-D viewports, with their labels.
    pub scene: bool,
    /// The contour inset (for a curve the plot of f).
    pub inset: bool,
    /// What a network makes of its data.
    pub data: bool,
    /// The loss against the step.
    pub plot: bool,
    /// The step in a corner of the scene, where the timeline does not say it.
    pub counter: bool,
    /// Titles, legends, numbers and all that is written over the scene.
    pub words: bool,
}

impl Layout {
    pub const FULL: Layout = Layout {
        controls: true,
        scene: true,
        inset: true,
        data: true,
        plot: true,
        counter: false,
        words: true,
    };
    /// What a video shows.
    pub const VIDEO: Layout = Layout {
        controls: false,
        scene: true,
        inset: true,
        data: true,
        plot: true,
        counter: true,
        words: true,
    };
    pub const SCENE: Layout = Layout {
        controls: false,
        scene: true,
        inset: false,
        data: false,
        plot: false,
        counter: false,
        words: true,
    };
    /// The scene without a word, for those who write them themselves.
    pub const WORDLESS: Layout = Layout {
        words: false,
        ..Layout::SCENE
    };
}

/// A part that fills the middle instead of the scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enlarged {
    Inset,
    Data,
    Plot,
}

impl Layout {
    /// With one part in the middle, if it is shown at all.
    pub(crate) fn enlarging(self, part: Option<Enlarged>) -> Layout {
        match part {
            Some(Enlarged::Inset) if self.inset && self.scene => Layout {
                scene: false,
                data: false,
                plot: false,
                ..self
            },
            Some(Enlarged::Data) if self.data && self.scene => Layout {
                scene: false,
                inset: false,
                plot: false,
                ..self
            },
            Some(Enlarged::Plot) if self.plot && self.scene => Layout {
                scene: false,
                inset: false,
                data: false,
                ..self
            },
            _ => self,
        }
    }
}

impl Default for Layout {
    fn default() -> Layout {
        Layout::FULL
    }
}

impl FromStr for Layout {
    type Err = String;

    /// `full`, or parts joined by `+`: `scene`, `inset`, `data`, `plot`.
    fn from_str(text: &str) -> Result<Layout, String> {
        if text == "full" {
            return Ok(Layout::FULL);
        }
        let mut layout = Layout {
            scene: false,
            ..Layout::SCENE
        };
        for part in text.split('+') {
            match part.trim() {
                "scene" => layout.scene = true,
                "inset" => layout.inset = true,
                "data" => layout.data = true,
                "plot" => layout.plot = true,
                other => {
                    return Err(format!(
                        "found `{other}`, expected `full`, or parts joined by +: scene, inset, data, plot"
                    ));
                }
            }
        }
        Ok(layout)
    }
}

/// The contents of a panel at a side. However wide they are, it is as wide as it was made.
pub(crate) fn contained(ui: &mut egui::Ui, contents: impl FnOnce(&mut egui::Ui)) {
    let rect = ui.available_rect_before_wrap();
    contents(&mut ui.new_child(egui::UiBuilder::new().max_rect(rect)));
    ui.allocate_rect(rect, egui::Sense::hover());
}

/// A grid of viewports that fills the area, with as many columns as make them least elongated.
pub(crate) fn grid(area: egui::Rect, count: usize) -> Vec<egui::Rect> {
    if count == 0 || area.width() < 1.0 || area.height() < 1.0 {
        return Vec::new();
    }
    let columns = columns([area.width(), area.height()], count);
    let rows = count.div_ceil(columns);
    let size = egui::vec2(
        (area.width() - GAP * (columns - 1) as f32) / columns as f32,
        (area.height() - GAP * (rows - 1) as f32) / rows as f32,
    );
    (0..count)
        .map(|i| {
            let offset = egui::vec2(
                (i % columns) as f32 * (size.x + GAP),
                (i / columns) as f32 * (size.y + GAP),
            );
            egui::Rect::from_min_size(area.min + offset, size)
        })
        .collect()
}

/// Viewports for so many panels, and behind each of some a further one for its map.
pub(crate) fn grid_with_maps(
    area: egui::Rect,
    panels: usize,
    with_maps: &[usize],
) -> (Vec<egui::Rect>, Vec<(usize, egui::Rect)>) {
    let mut all = grid(area, panels + with_maps.len()).into_iter();
    let (mut rects, mut maps) = (Vec::new(), Vec::new());
    for panel in 0..panels {
        rects.extend(all.next());
        if with_maps.contains(&panel) {
            maps.extend(all.next().map(|rect| (panel, rect)));
        }
    }
    (rects, maps)
}

pub(crate) fn to_bevy(rect: egui::Rect) -> Rect {
    Rect::new(rect.min.x, rect.min.y, rect.max.x, rect.max.y)
}

pub(crate) fn to_egui(rect: Rect) -> egui::Rect {
    egui::Rect::from_min_max(
        egui::pos2(rect.min.x, rect.min.y),
        egui::pos2(rect.max.x, rect.max.y),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_full_or_joined_parts() {
        assert_eq!("full".parse(), Ok(Layout::FULL));
        assert_eq!("scene".parse(), Ok(Layout::SCENE));
        let two: Layout = "scene+inset".parse().expect("two parts");
        assert!(two.scene && two.inset && !two.plot && !two.controls);
        let error = "scene+contour".parse::<Layout>().expect_err("no such part");
        assert!(
            error.contains("contour") && error.contains("inset"),
            "{error}"
        );
    }

    #[test]
    fn six_panels_make_three_columns_of_two_in_a_wide_area() {
        let area = egui::Rect::from_min_size(egui::pos2(10.0, 20.0), egui::vec2(900.0, 560.0));
        let rects = grid(area, 6);
        assert_eq!(rects.len(), 6);
        assert_eq!(rects.iter().filter(|r| r.min.y == 20.0).count(), 3);
        assert!(rects.iter().all(|r| area.contains_rect(*r)));
    }

    #[test]
    fn no_area_has_no_viewports() {
        assert!(grid(egui::Rect::NOTHING, 2).is_empty());
        assert!(
            grid(
                egui::Rect::from_min_size(egui::Pos2::ZERO, egui::Vec2::ZERO),
                2
            )
            .is_empty()
        );
    }
}

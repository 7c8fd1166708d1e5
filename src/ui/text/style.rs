//! The theme, as egui wants it, and the few text styles of the interface.

use bevy::prelude::{DetectChanges, Local, Res, Result};
use bevy_egui::{EguiContexts, egui};
use egui::{Color32, CornerRadius, FontFamily, FontId, Stroke, TextStyle};

use super::fonts;
use super::number;
use crate::lab::theme::{Rgb, Theme, mixed};

pub(crate) fn color32([r, g, b]: Rgb) -> Color32 {
    Color32::from_rgb(r, g, b)
}

pub(crate) fn with_alpha([r, g, b]: Rgb, alpha: u8) -> Color32 {
    Color32::from_rgba_unmultiplied(r, g, b, alpha)
}

/// The frame of the panels around the scene. They have the scene's own ground: to fill half of the picture with blended
/// quads is what a software renderer would spend most of a frame on.
pub(crate) fn panel_frame() -> egui::Frame {
    egui::Frame::NONE.inner_margin(egui::Margin::symmetric(8, 4))
}

pub(crate) fn font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

pub(crate) fn apply_theme(
    mut contexts: EguiContexts,
    theme: Res<Theme>,
    mut applied: Local<bool>,
) -> Result {
    if *applied && !theme.is_changed() {
        return Ok(());
    }
    let ctx = contexts.ctx_mut()?;
    if !*applied {
        ctx.set_fonts(fonts::built_in());
    }
    let mut style = egui::Style {
        visuals: visuals(&theme),
        ..Default::default()
    };
    style.text_styles = [
        (TextStyle::Small, font(11.0)),
        (TextStyle::Body, font(13.0)),
        (TextStyle::Button, font(13.0)),
        (TextStyle::Heading, font(17.0)),
        (
            TextStyle::Monospace,
            FontId::new(12.5, FontFamily::Monospace),
        ),
    ]
    .into();
    style.spacing.item_spacing = egui::vec2(6.0, 5.0);
    style.spacing.slider_width = 110.0;
    style.spacing.interact_size = egui::vec2(number::WIDTH, 20.0);
    style.spacing.tooltip_width = 320.0;
    ctx.set_global_style(style);
    *applied = true;
    Ok(())
}

fn visuals(theme: &Theme) -> egui::Visuals {
    let mut visuals = if theme.is_dark() {
        egui::Visuals::dark()
    } else {
        egui::Visuals::light()
    };
    let (text, muted, accent) = (
        color32(theme.text),
        color32(theme.muted),
        color32(theme.accent),
    );
    if !theme.is_dark() {
        // Blending happens in linear light, in which dark text on a light ground comes out too thin.
        visuals.text_options.color_transfer_function =
            egui::epaint::FontColorTransferFunction::Gamma(0.42);
    }
    visuals.override_text_color = Some(text);
    visuals.weak_text_color = Some(muted);
    visuals.hyperlink_color = accent;
    visuals.panel_fill = color32(theme.panel);
    visuals.window_fill = color32(theme.panel);
    visuals.window_stroke = Stroke::new(1.0, color32(theme.line));
    visuals.extreme_bg_color = color32(theme.background);
    visuals.text_edit_bg_color = Some(color32(theme.panel));
    visuals.widgets.inactive.bg_stroke = Stroke::new(1.0, color32(theme.line));
    visuals.faint_bg_color = color32(theme.background);
    visuals.warn_fg_color = color32(theme.warning);
    visuals.error_fg_color = color32(theme.warning);
    // Opaque, because blending happens in linear light and would shift the themes' colours.
    visuals.selection.bg_fill = color32(mixed(theme.panel, theme.accent, 0.35));
    visuals.selection.stroke = Stroke::new(1.0, text);
    visuals.slider_trailing_fill = true;
    // It would be drawn at full pace for as long as a text field has the keyboard.
    visuals.text_cursor.blink = false;
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, color32(theme.line));
    visuals.widgets.noninteractive.fg_stroke = Stroke::new(1.0, text);
    for widget in [
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
        &mut visuals.widgets.open,
    ] {
        widget.corner_radius = CornerRadius::same(4);
        widget.expansion = 0.0;
        widget.fg_stroke.color = text;
    }
    visuals.widgets.inactive.weak_bg_fill = color32(theme.line);
    visuals.widgets.inactive.bg_fill = color32(theme.line);
    visuals.widgets.hovered.weak_bg_fill = color32(theme.line);
    visuals.widgets.hovered.bg_stroke = Stroke::new(1.0, muted);
    visuals.widgets.active.bg_stroke = Stroke::new(1.0, accent);
    visuals
}

//! Ranges, levels and axes that an experiment says itself.

use image::RgbaImage;
use steepest::experiment::ThemeKind;
use steepest::palette::ThemeColors;

use super::{adapter, all, count, panel, part, variety};

#[test]
fn a_surface_ends_where_it_leaves_its_range() {
    if adapter().is_none() {
        return;
    }
    let keys = "formula = 'x^2 + 0*y'\ndomain = [[-1, 1], [-1, 1]]";
    let beside = |picture: &RgbaImage| part(picture, [0.25, 0.4], [0.34, 0.6]);
    let ground = ThemeColors::new(ThemeKind::Dark).background;
    let whole = panel(keys, "--view top");
    assert_eq!(count(beside(&whole), ground), 0);
    // |x| ≤ 0.5
    let cut = panel(&format!("{keys}\nrange = [0, 0.25]"), "--view top");
    let strip = beside(&cut);
    assert!(count(strip.iter().copied(), ground) * 10 > strip.len() * 8);
    assert_eq!(count(part(&cut, [0.4, 0.4], [0.6, 0.6]), ground), 0);
    // A pole is no wall: nothing of the surface stands over x = 0.
    let pole = "formula = '1/x + 0*y'\ndomain = [[-2, 2], [-1, 1]]\nrange = [-2, 2]";
    let between = part(&panel(pole, "--view top"), [0.45, 0.45], [0.55, 0.55]);
    assert!(count(between.iter().copied(), ground) * 10 > between.len() * 8);
}

#[test]
fn isolines_at_losses_of_ones_own_are_light_on_dark_ground() {
    if adapter().is_none() {
        return;
    }
    let keys =
        "formula = 'x^2 + y^2'\ndomain = [[-2, 2], [-2, 2]]\nview = 'contour'\nrange = [0, 60]";
    let [with, without] =
        ["[1, 2, 4]", "[]"].map(|levels| panel(&format!("{keys}\nlevels = {levels}"), ""));
    let brighter = all(&with).zip(all(&without));
    let brighter = brighter.filter(|(a, b)| (0..3).any(|k| a[k] > b[k].saturating_add(25)));
    assert!(brighter.count() > 600);
}

#[test]
fn a_thousand_to_one_fills_its_space_unless_it_is_to_be_true_to_units() {
    if adapter().is_none() {
        return;
    }
    let keys = "formula = 'x/1000 + y'\ndomain = [[0, 1000], [0, 1]]\nview = 'contour'";
    let upper = |picture: &RgbaImage| variety(part(picture, [0.3, 0.25], [0.7, 0.4]));
    assert!(upper(&panel(keys, "")) > 5);
    assert!(upper(&panel(&format!("{keys}\naspect = 'equal'"), "")) < 3);
}

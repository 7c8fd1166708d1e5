use super::*;

#[test]
fn the_picture_and_its_words_have_a_place_each() {
    for (width, height) in [
        (284.0, 170.0),
        (284.0, 400.0),
        (900.0, 500.0),
        (120.0, 96.0),
        (60.0, 20.0),
    ] {
        let place = Rect::from_min_size(pos2(3.0, 5.0), vec2(width, height));
        for kind in [SightKind::Regions { classes: 2 }, SightKind::Curve] {
            let (area, words) = rooms(place, kind);
            let said = format!("{place:?} {kind:?}: {area:?} {words:?}");
            assert!(place.expand(0.1).contains_rect(area), "{said}");
            assert!(area.width() > 0.0 && area.height() > 0.0, "{said}");
            assert!(!words.shrink(0.1).intersects(area), "{said}");
            if matches!(kind, SightKind::Regions { .. }) {
                assert!((area.width() - area.height()).abs() < 0.1, "{said}");
            }
        }
    }
}

#[test]
fn what_is_undecided_has_the_colour_of_the_ground() {
    for &kind in ThemeKind::ALL {
        let theme = Theme::new(kind);
        let ground = color32(theme.background);
        let of = |class: usize, margin: f64| color(Region { class, margin }, &theme);
        assert_eq!(of(0, 0.0), ground);
        assert_ne!(of(0, 1.0), ground);
        assert_ne!(of(0, 1.0), of(1, 1.0));
    }
}

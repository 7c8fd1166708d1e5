//! What a network makes of its data, beside the landscape.

use image::RgbaImage;

use super::{adapter, part, shot};
use crate::cli::Desk;

fn drawn(network: &str, options: &str) -> RgbaImage {
    let desk = Desk::new();
    let file = format!(
        "steepest = 1\n[[panel]]\nobjective = 'network'\nnetwork = {{ {network} }}\ngrid = [9, 9]\n\
         [[panel.descent]]\nrule = 'adam'\nrate = 0.05\nstart = {{ init = 'xavier' }}\nsteps = 120\ncolor = '#ff00ff'\n[view]\ntheme = 'light'\n"
    );
    desk.put("network.toml", &file);
    shot(&desk, &format!("network.toml {options}"))
}

/// How many pixels are rather red, green, blue.
fn hues(pixels: impl IntoIterator<Item = [u8; 4]>) -> [usize; 3] {
    let mut counts = [0; 3];
    for [r, g, b, _] in pixels {
        let all = [r, g, b];
        let most = (0..3).max_by_key(|&k| all[k]).unwrap_or(0);
        let clear = all.iter().filter(|c| c.saturating_add(25) <= all[most]);
        counts[most] += usize::from(clear.count() > 0 && all[most] > 60);
    }
    counts
}

/// Three clouds at the corners of a triangle: above the first class, below on the left the second, on the right the third.
#[test]
fn regions_lie_around_their_samples_once_the_network_has_learnt_them() {
    if adapter().is_none() {
        return;
    }
    let network = "data = 'blobs', samples = 90, noise = 0.1, layers = [8]";
    let learnt = drawn(network, "--size 500x400 --layout data --step 120");
    let [above, left, right] = [
        ([0.3, 0.12], [0.45, 0.25]),
        ([0.03, 0.75], [0.25, 0.95]),
        ([0.5, 0.75], [0.7, 0.95]),
    ]
    .map(|(from, to)| hues(part(&learnt, from, to)));
    assert!(above[0] > 5 * (above[1] + above[2]), "{above:?}");
    assert!(left[2] > 5 * (left[0] + left[1]), "{left:?}");
    assert!(right[1] > 5 * (right[0] + right[2]), "{right:?}");
    let before = drawn(network, "--size 500x400 --layout data --step 0");
    assert_ne!(learnt, before, "it moves with the step");
    // Between two iterates it is between.
    let between = drawn(network, "--size 500x400 --layout data --step 0.5");
    assert!(between != before);
}

#[test]
fn a_curve_is_drawn_through_numbers_in_the_descent_s_colour() {
    if adapter().is_none() {
        return;
    }
    let picture = drawn(
        "data = 'sine', samples = 60, noise = 0.05, layers = [8]",
        "--size 500x400 --layout data",
    );
    let is_magenta = |pixel: &&[u8; 4]| pixel[0] > 180 && pixel[1] < 90 && pixel[2] > 180;
    for columns in [[0.1, 0.3], [0.3, 0.5], [0.5, 0.7]] {
        let part = part(&picture, [columns[0], 0.05], [columns[1], 0.95]);
        let drawn = part.iter().filter(is_magenta).count();
        assert!(drawn > 100, "{columns:?}: {drawn}");
    }
}

#[test]
fn where_there_is_nothing_to_see_of_data_it_takes_no_room() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    let scene = shot(&desk, "bowl --size 700x400 --layout scene");
    assert_eq!(
        shot(&desk, "bowl --size 700x400 --layout scene+data"),
        scene
    );
    let network = "data = 'moons', samples = 60, layers = [3]";
    let with = drawn(network, "--layout scene+data --size 700x400");
    let without = drawn(network, "--layout scene --size 700x400");
    assert_ne!(with, without);
}

//! What is drawn over what.

use super::{adapter, all, count, panel, shot};
use crate::cli::Desk;

#[test]
fn no_trail_however_long_covers_a_ball() {
    if adapter().is_none() {
        return;
    }
    // One descent goes to and fro over the place where the other rests.
    let draw = |more: &str| {
        let keys = format!(
            "formula = 'x^2 + 25y^2'\ndomain = [[-1, 1], [-1, 1]]\n\
             [[panel.descent]]\nrule = 'gd'\nrate = 0.0399\nstart = [0.9, 0.9]\nsteps = 900\n\
             color = '#ff00ff'\n{more}\n\
             [[panel.descent]]\nrule = 'gd'\nrate = 0.01\nstart = [0, 0]\nsteps = 1\ncolor = '#00ffff'"
        );
        let picture = panel(&keys, "--step 450 --view 0.7,1.0");
        [[255, 0, 255], [0, 255, 255]].map(|color| count(all(&picture), color))
    };
    let [trail, ball] = draw("");
    let [no_trail, alone] = draw("hidden = true");
    assert!(trail > 500 && no_trail == 0, "{trail}, {no_trail}");
    assert!(alone > 20 && ball == alone, "{ball} of {alone}");
}

#[test]
fn a_long_trail_is_seen_from_every_side() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    // To and fro through the whole box, in pieces by the thousand.
    let file = "steepest = 1\n[[panel]]\nformula = 'x^2 + 5y^2'\ndomain = [[-2, 2], [-2, 2]]\n\
         [[panel.descent]]\nrule = 'gd'\nrate = 0.199\nstart = [1.9, 1.9]\nsteps = 60\n\
         color = '#ff00ff'\n[view]\ncolormap = 'greys'\n";
    desk.put("long.toml", file);
    let magenta = ["-2.4,0.7", "-0.9,0.7", "0.9,0.7", "2.4,0.7"].map(|view| {
        let options = format!("long.toml --no-ui --size 300x300 --view={view}");
        count(all(&shot(&desk, &options)), [255, 0, 255])
    });
    let (least, most) = (magenta.iter().min(), magenta.iter().max());
    // A part is behind the walls of the valley from wherever it is seen.
    let alike = least
        .zip(most)
        .is_some_and(|(least, most)| 10 * most < 14 * least);
    assert!(least > Some(&200) && alike, "{magenta:?}");
}

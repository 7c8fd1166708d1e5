//! What is drawn over what.

use super::{adapter, all, count, panel};

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

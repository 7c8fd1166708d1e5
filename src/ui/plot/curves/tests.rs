//! What is thinned out, and where zeros lie.

use super::*;
use crate::descent::Descent;
use crate::experiment::Experiment;
use crate::lab::{DescentRun, DescentStyle};

fn loss_axis() -> PlotAxis {
    let experiment = Experiment::load("bowl").expect("a built-in");
    let panel = experiment.panels[0].clone();
    let landscape = PanelLandscape::of_function(panel);
    PlotAxis::new(Quantity::Loss, &landscape, 0.0)
}

fn every(numbers: &[f64]) -> Series<'_> {
    Series {
        steps: None,
        numbers,
    }
}

#[test]
fn thinning_keeps_the_extremes() {
    let axis = loss_axis();
    let mut losses = vec![1.0; 100_000];
    losses[54_321] = 99.0;
    losses[54_400] = -3.0;
    let points = thinned(&every(&losses), WHOLE, MAX_POINTS, &axis);
    assert!(points.len() <= MAX_POINTS + 2);
    assert!(points.iter().any(|p| p.y == 99.0 && p.x == 54_321.0));
    assert!(points.iter().any(|p| p.y == -3.0));
    assert!(points.windows(2).all(|w| w[0].x < w[1].x));
    let part = thinned(&every(&losses), [54_000, 54_500], MAX_POINTS, &axis);
    assert_eq!((part.len(), part[0].x), (500, 54_000.0));
    assert_eq!(part[321].y, 99.0);
    assert!(thinned(&every(&losses), [200_000, 300_000], MAX_POINTS, &axis).is_empty());
}

#[test]
fn zeros_lie_below_a_break_and_do_not_set_the_range() {
    let text = "steepest = 1\n[[panel]]\nformula = 'x^2 + y^2'\ndomain = [[-2, 2], [-2, 2]]\n\
                [[panel.descent]]\nrule = 'gd'\nrate = 0.5\nstart = [1, 1]\nsteps = 9\n";
    let panel = Experiment::parse(text, "test")
        .expect("an experiment")
        .panels
        .remove(0);
    let field = PanelLandscape::of_function(panel.clone()).field;
    let plan = panel.descents[0].plan.clone();
    let mut descent = Descent::new(field.objective.clone(), plan);
    descent.run();
    assert_eq!(descent.history().losses()[..2], [2.0, 0.0]);
    let run = DescentRun::new(descent);
    let style = DescentStyle {
        index: 0,
        count: 1,
        name: "gd".to_owned(),
        color: [0; 3],
        dashed: false,
        shown: true,
        explained: false,
    };
    let landscape = PanelLandscape::new(panel, field);
    let shown = [ShownDescent {
        entity: bevy::prelude::Entity::PLACEHOLDER,
        run: &run,
        style: &style,
        excursions: &Default::default(),
        explanation: &Default::default(),
        repeats: None,
        sharpness: &Default::default(),
        held_out: &Default::default(),
        rate_limit: None,
        landscape: &landscape,
    }];
    for quantity in [Quantity::LogLoss, Quantity::LogGap, Quantity::GradientNorm] {
        let mut curves = Curves::default();
        curves.refresh(0, &landscape, &shown, quantity);
        let [axis_break, zero] = curves.zeros().expect("zeros");
        let (range, _) = curves.ranges(9);
        let curve = &curves.for_steps(&shown, range.x).curves[0];
        assert!(range.y[0] < zero && zero < axis_break, "{quantity:?}");
        assert!(
            axis_break < curve[0].y && curve[0].y < range.y[1],
            "{quantity:?}"
        );
        assert!(
            curve[1..].iter().all(|point| point.y == zero),
            "{quantity:?}"
        );
        assert!(range.y[1] - range.y[0] < 2.0, "{range:?}");
    }
}

#[test]
fn pieces_are_what_can_be_seen() {
    let range = PlotRange {
        x: [0.0, 10.0],
        y: [0.0, 10.0],
    };
    let curve: Vec<PlotPoint> = [
        [-100.0, 5.0],
        [5.0, 5.0],
        [6.0, 1e6],
        [7.0, 5.0],
        [8.0, 5.0],
    ]
    .map(|[x, y]| PlotPoint::new(x, y))
    .to_vec();
    let pieces = pieces(&curve, range);
    assert_eq!(pieces.len(), 2, "{pieces:?}");
    let ends = |piece: &[PlotPoint]| {
        let (first, last) = (piece[0], piece[piece.len() - 1]);
        [[first.x, first.y], [last.x, last.y]]
    };
    let [[enters, _], [_, leaves]] = ends(&pieces[0]);
    assert!((enters + 1.0).abs() < 1e-9 && (leaves - 11.0).abs() < 1e-6);
    assert_eq!(ends(&pieces[1])[1], [8.0, 5.0]);
}

#[test]
fn a_level_curve_has_room_around_it() {
    assert_eq!(padded([2.0, 2.0], Quantity::Loss), [1.8, 2.2]);
    assert_eq!(padded([2.0, 2.0], Quantity::LogLoss), [1.5, 2.5]);
    let [low, high] = padded([0.1, 0.1], Quantity::Rate);
    assert!(low < 0.0 && high > 0.1 && high < 0.11);
}

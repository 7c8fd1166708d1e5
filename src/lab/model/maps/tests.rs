use super::*;
use crate::experiment::Experiment;
use crate::lab;
use crate::lab::command::Notice;
use crate::lab::model::ComputeBudget;
use crate::maps::Axis;

fn app(map: &str) -> App {
    let text = format!(
        "steepest = 1\n[[panel]]\nobjective = 'himmelblau'\nmap = {map}\n\
         [[panel.descent]]\nname = 'M'\nrule = 'momentum'\nrate = 0.002\nmomentum = 0.9\nstart = [0, 0]\nsteps = 300\n"
    );
    lab::alone(Experiment::parse(&text, "test").expect("valid"))
}

fn map(app: &mut App) -> PanelMap {
    let mut maps = app.world_mut().query::<&mut PanelMap>();
    let mut map = maps.single_mut(app.world_mut()).expect("one panel");
    std::mem::take(&mut *map)
}

fn edit(app: &mut App, change: impl FnOnce(&mut Panel)) {
    let mut current = app.world_mut().resource_mut::<CurrentExperiment>();
    change(&mut current.edit().panels[0]);
    app.update();
}

#[test]
fn a_map_is_whole_where_nothing_limits_the_time() {
    let mut app = app("{ grid = [100, 90] }");
    app.update();
    let shown = map(&mut app).shown.expect("a map");
    assert!(shown.is_whole() && shown.map.minima.len() == 4);
    assert_eq!(shown.outcomes.shares(4).all, 9000);
    let domain = shown.map.spans.map(|span| span.range);
    let corner = |end: usize| domain.map(|range| range[end]);
    assert_eq!(shown.cell_at(corner(0)), Some(0));
    assert_eq!(shown.cell_at(corner(1)), Some(8999));
    assert_eq!(shown.cell_at([domain[0][1] + 0.2, 0.0]), None);
}

#[test]
fn a_change_of_what_decides_it_makes_another_and_nothing_else_does() {
    let mut app = app("{ grid = [20, 20], x = 'rate=0.001:0.01', y = 'momentum' }");
    app.update();
    let mut query = app.world_mut().query::<&PanelMap>();
    let mut shown = |app: &mut App| query.single(app.world()).expect("one").shown.clone();
    let first = shown(&mut app).expect("a map");
    edit(&mut app, |panel| panel.title = "Another title".to_owned());
    let same = shown(&mut app).expect("a map");
    assert!(Arc::ptr_eq(&first, &same));
    edit(&mut app, |panel| panel.descents[0].plan.steps = 30);
    let other = shown(&mut app).expect("a map");
    assert_eq!(other.map.plan.steps, 30);
    // Another rule lacks what is along y.
    edit(&mut app, |panel| {
        panel.descents[0].plan.rule = crate::optimizer::Rule::named("gd").expect("a rule");
    });
    let usual = shown(&mut app).expect("a map");
    let axes = usual.map.spans.map(|span| span.axis);
    assert_eq!(axes, [Axis::Rate, Axis::Start(1)]);
    let said = app.world().resource::<Notice>().text.clone();
    let said = said.expect("a notice");
    let why = "the map's y is as usual again: rule `gd` has no `momentum`";
    assert!(said.starts_with(why), "{said}");
}

#[test]
fn a_map_is_handed_over_coarse_first_and_whole_at_last() {
    let mut app = app("{ grid = [130, 130], steps = 40 }");
    app.update();
    let PanelMap { shown, wanted, .. } = map(&mut app);
    let (key, map) = (wanted.expect("a key"), shown.expect("a map").map.clone());
    let work = Work { key, map }.begin(SweepDevice::default(), MapDevice::default());
    work.job.wait(None);
    let parts = work.job.take().into_iter();
    let done: Vec<usize> = parts.map(|part| part.expect("memory").done).collect();
    assert!(done.len() > 1 && done.is_sorted(), "{done:?}");
    assert_eq!(done.last(), Some(&16_900));
}

#[test]
fn a_window_never_shows_what_is_superseded_as_the_last() {
    let mut app = app("{ grid = [130, 130], steps = 40 }");
    app.insert_resource(ComputeBudget(Some(Duration::ZERO)));
    let mut query = app.world_mut().query::<&PanelMap>();
    let (mut rate, mut edits) = (0.002, 0);
    let began = Instant::now();
    loop {
        app.update();
        if edits < 20 {
            // As while a slider is dragged.
            edits += 1;
            rate *= 0.999;
            edit(&mut app, |panel| panel.descents[0].plan.rate = rate);
        }
        let map = query.single(app.world()).expect("one");
        if let Some(shown) = &map.shown
            && shown.is_whole()
            && !map.is_under_way()
        {
            assert_eq!(shown.map.plan.rate, rate);
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(120));
        std::thread::sleep(Duration::from_millis(2));
    }
}

//! Tests of what is computed beside the frames, and when it is seen.

use bevy::ecs::schedule::SingleThreadedExecutor;

use super::*;
use crate::experiment::Experiment;
use crate::gpu::adapter::AdapterWish;
use crate::gpu::sweep::BackendWish;
use crate::lab::command;
use crate::lab::model::{ComputeBudget, FRAME_BUDGET};
use crate::lab::session::edit::Edit;
use crate::lab::{self, PanelIndex};

fn app(panels: &[&str]) -> App {
    let panel = |keys: &&str| format!("[[panel]]\ndomain = [[-1, 1], [-1, 1]]\n{keys}\n");
    let panels: String = panels.iter().map(panel).collect();
    let text = format!("steepest = 1\n{panels}");
    let experiment = Experiment::parse(&text, "test").expect("an experiment");
    lab::alone(experiment)
}

fn fields(app: &mut App) -> Vec<Arc<Field>> {
    let world = app.world_mut();
    let mut panels = world.query::<(&PanelIndex, &PanelLandscape)>();
    let mut all: Vec<_> = panels.iter(world).collect();
    all.sort_by_key(|(index, _)| index.0);
    all.into_iter()
        .map(|(_, landscape)| landscape.field.clone())
        .collect()
}

#[test]
fn panels_share_a_landscape_down_to_the_values_of_its_constants() {
    let mut app = app(&[
        "formula = 'a*x^2'\nconstants = { a = 1 }",
        "formula = 'a*x^2'\nconstants = { a = { value = 1, max = 9 } }",
        "formula = 'a*x^2'\nconstants = { a = 2 }",
    ]);
    app.update();
    let [one, wide, two] = &fields(&mut app)[..] else {
        panic!("three panels");
    };
    assert!(Arc::ptr_eq(one, wide), "the slider's ends are none of it");
    assert!(!Arc::ptr_eq(one, two));
    assert_eq!(two.objective.value(&[1.0, 0.0]), 2.0);
}

/// What cannot be computed within a frame comes later; until then there is what there was, or something coarse.
#[test]
fn a_costly_landscape_is_computed_beside_the_frames() {
    let costly = vec!["sin(x)"; 300].join(" + ");
    let mut app = app(&[&format!("formula = '{costly}'")]);
    app.insert_resource(ComputeBudget(Some(Duration::from_millis(4))));
    app.update();
    let first = fields(&mut app)[0].clone();
    assert!(first.grid.cols < SURFACE_NODES, "{}", first.grid.cols);
    let wait_for = |app: &mut App, is_there: &dyn Fn(&Field) -> bool| {
        for _ in 0..2000 {
            app.update();
            let field = fields(app)[0].clone();
            if is_there(&field) {
                return field;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("it never came");
    };
    let whole = wait_for(&mut app, &|field| field.grid.cols == SURFACE_NODES);
    let edit = Edit::of(app.world(), |e| e.panels[0].domain.x = [-2.0, 2.0]);
    command::send(app.world_mut(), edit);
    app.update();
    assert!(
        Arc::ptr_eq(&whole, &fields(&mut app)[0]),
        "the old one stays"
    );
    assert!(app.world().resource::<Landscapes>().busy());
    wait_for(&mut app, &|field| field.grid.domain.x == [-2.0, 2.0]);
    let mut waited = 0..2000;
    while app.world().resource::<Landscapes>().busy() && waited.next().is_some() {
        std::thread::sleep(Duration::from_millis(5));
        app.update();
    }
    assert!(!app.world().resource::<Landscapes>().busy());
}

/// A legal formula of nearly as many characters as one may have.
fn long_formula() -> String {
    let terms = (1..).map(|k| format!("0.1*sin({k}*x)*cos(y - {k})"));
    let mut formula = "x^2 + y^2".to_owned();
    for term in terms {
        if formula.len() + term.len() > 9_800 {
            break;
        }
        formula = format!("{formula} + {term}");
    }
    formula
}

/// Each frame asks for another formula of 9,800 characters, start or range, as while somebody types, clicks and zooms.
#[test]
fn no_formula_holds_a_frame_up() {
    let long = long_formula();
    let mut app = app(&["formula = 'x^2 + y^2'\n\
         descent = [{ rule = 'adam', rate = 0.1, start = [1, 1], steps = 500 }]"]);
    // Other tests' systems, which may wait, share the threads of the usual executor.
    for (_, schedule) in app.world_mut().resource_mut::<Schedules>().iter_mut() {
        schedule.set_executor(SingleThreadedExecutor::new());
    }
    app.update();
    app.insert_resource(ComputeBudget(Some(FRAME_BUDGET)));
    let mut longest = Duration::ZERO;
    for k in 0..30 {
        let text = format!(
            "steepest = 1\n[[panel]]\nformula = '{long} + {k}*x'\ndomain = [[-1, 1], [-1, 1]]"
        );
        let mut typed = Experiment::parse(&text, "typed").expect("it is legal");
        let objective = typed.panels.remove(0).objective;
        let edit = Edit::of(app.world(), |e| {
            let panel = &mut e.panels[0];
            match k % 3 {
                0 => panel.objective = objective,
                1 => panel.descents[0].plan.start[0] = 0.01 * f64::from(k),
                _ => panel.domain.x[0] -= 0.01,
            }
        });
        command::send(app.world_mut(), edit);
        for _ in 0..5 {
            let began = Instant::now();
            app.update();
            longest = longest.max(began.elapsed());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    // Many times what it takes: other tests are busy, too. It once took seconds.
    assert!(longest < Duration::from_millis(250), "{longest:?}");
}

/// What differs from the newest wish is not shown, however fast wishes follow one another.
#[test]
fn the_newest_landscape_wins() {
    let costly = vec!["sin(x)"; 100].join(" + ");
    let mut app = app(&[&format!("formula = '{costly}'")]);
    app.update();
    app.insert_resource(ComputeBudget(Some(Duration::ZERO)));
    for k in 1..=20 {
        let edit = Edit::of(app.world(), |e| e.panels[0].domain.x[1] = f64::from(k));
        command::send(app.world_mut(), edit);
        app.update();
    }
    for _ in 0..2000 {
        app.update();
        if !app.world().resource::<Landscapes>().busy() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(fields(&mut app)[0].grid.domain.x, [-1.0, 20.0]);
}

#[test]
fn what_cannot_be_swept_is_tried_once_and_said_once() {
    let mut app =
        app(&["objective = 'three-quadratic'\nplane = { u = 'w[0]', v = 'w[1]' }\ngrid = [9, 9]"]);
    app.insert_resource(SweepDevice {
        backend: BackendWish::Gpu,
        adapter: AdapterWish::Named("of no such name".to_owned()),
        context: None,
    });
    let said = |app: &mut App| app.world_mut().resource_mut::<Notice>().text.take();
    app.update();
    let error = said(&mut app).expect("it failed");
    assert!(error.contains("of no such name"), "{error}");
    app.update();
    app.update();
    assert_eq!(said(&mut app), None);
    let edit = Edit::of(app.world(), |e| e.panels[0].domain.x[1] = 2.0);
    command::send(app.world_mut(), edit);
    app.update();
    assert_eq!(said(&mut app), Some(error), "another one is tried");
}

/// A sampled descent on a small network.
const SAMPLED: &str = "steepest = 1\n[[panel]]\nobjective = 'network'\nnetwork = { samples = 40, layers = [3] }\n\
    grid = [9, 9]\nplane = { directions = 'random', through = 'SGD' }\nsurface = { batch = 'SGD' }\n\
    descent = [{ name = 'SGD', rule = 'gd', rate = 0.1, sampling = { batch = 5 }, start = { init = 'xavier', seed = 2 }, steps = 12 }]";

#[test]
fn the_surface_of_a_batch_is_the_loss_over_the_samples_of_the_step_shown() {
    let experiment = Experiment::parse(SAMPLED, "test").expect("an experiment");
    let mut app = lab::alone(experiment);
    app.insert_resource(lab::Motion { reduced: true });
    let mut seen = Vec::new();
    for step in [0, 4, 11, 12] {
        command::send(
            app.world_mut(),
            crate::lab::playback::PlaybackCommand::Seek(step as f64),
        );
        app.update();
        app.update();
        let field = fields(&mut app)[0].clone();
        let world = app.world_mut();
        let mut runs = world.query::<(&DescentRun, &DescentStyle)>();
        let (run, _) = runs
            .iter(world)
            .find(|(_, style)| style.name == "SGD")
            .expect("the sampled one");
        let mut cursor = crate::descent::replay::Cursor::default();
        let batch = run.batch(step.min(11), &mut cursor).expect("a batch");
        assert_eq!(field.key.batch.as_deref(), Some(&batch[..]), "{step}");
        let whole = field.whole.clone().expect("over all samples");
        assert_eq!(whole.key.batch, None);
        let over = run.objective().over(&batch).expect("samples");
        let mut apart = 0.0f64;
        for (k, loss) in field.grid.values.iter().enumerate() {
            let (x, y) = (field.grid.x(k % 9), field.grid.y(k / 9));
            let w = field.plane.point(x, y);
            assert!((over.value(&w) - loss).abs() < 1e-9, "{step}: {k}");
            let all = run.objective().value(&w);
            assert!((all - whole.grid.values[k]).abs() < 1e-9, "{step}: {k}");
            apart = apart.max((all - loss).abs());
        }
        assert!(apart > 1e-3, "{apart}");
        let mut panels = world.query::<&PanelLandscape>();
        let scale = panels.single(world).expect("one panel").scale;
        seen.push((batch, whole, scale));
    }
    assert_ne!(seen[0].0, seen[1].0);
    assert_eq!(seen[2].0, seen[3].0, "after the last step");
    for one in &seen[1..] {
        assert!(Arc::ptr_eq(&one.1, &seen[0].1), "swept over all only once");
        assert_eq!(one.2, seen[0].2, "on one scale");
    }
    let all = Edit::of(app.world(), |experiment| {
        let plane = experiment.panels[0].plane.as_mut().expect("a plane");
        plane.batch = None;
    });
    command::send(app.world_mut(), all);
    app.update();
    let field = fields(&mut app)[0].clone();
    assert!(field.key.batch.is_none() && field.whole.is_none());
    assert_eq!(field.grid.values, seen[0].1.grid.values);
}

/// It cannot be swept, by a fault of the program.
#[derive(Debug, Default)]
struct Fails(std::sync::atomic::AtomicUsize);

impl crate::objective::Objective for Fails {
    fn dim(&self) -> usize {
        2
    }

    fn value(&self, _: &[f64]) -> f64 {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        panic!("on purpose")
    }

    fn gradient(&self, w: &[f64], _: &mut [f64]) -> f64 {
        self.value(w)
    }

    fn cost(&self) -> usize {
        1
    }

    fn sweep(
        &self,
        _: &crate::plane::Plane,
        _: crate::landscape::Domain,
        _: [usize; 2],
        _: &crate::objective::GoOn,
    ) -> Option<crate::landscape::Grid> {
        self.value(&[]);
        None
    }
}

#[test]
fn a_landscape_that_fails_is_said_and_tried_once() {
    let mut app = app(&["formula = 'x^2 + y^2'"]);
    app.update();
    let first = fields(&mut app)[0].clone();
    let fails = Arc::new(Fails::default());
    let mut objectives = app.world_mut().query::<&mut PanelObjective>();
    let mut objective = objectives.single_mut(app.world_mut()).expect("one panel");
    (objective.objective, objective.data) = (fails.clone(), 1);
    for _ in 0..5 {
        app.update();
    }
    assert_eq!(fails.0.load(std::sync::atomic::Ordering::Relaxed), 1);
    assert!(Arc::ptr_eq(&fields(&mut app)[0], &first), "what there was");
    let notice = app.world().resource::<Notice>();
    let text = notice.text.as_deref();
    assert_eq!(text, Some("computing the landscape failed"));
    assert!(!app.world().resource::<Landscapes>().busy());
}

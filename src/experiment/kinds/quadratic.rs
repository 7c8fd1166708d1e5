//! For tests: that a kind of objective is one file. A quadratic of three parameters, w₀² + 2·w₁² + s·w₂².

use std::sync::Arc;

use super::super::keys::{Form, key};
use super::super::reader::Table;
use super::super::writer::Writer;
use super::super::{Directions, PlaneSpec};
use super::{Entry, KindInfo, ObjectiveKind, ObjectiveSpec, same};
use crate::landscape::Domain;
use crate::mnist::DataSet;
use crate::objective::Objective;

#[derive(Debug, Clone, PartialEq)]
struct Quadratic {
    steepness: f64,
}

const NAME: &str = "three-quadratic";
const USUAL: f64 = 3.0;

pub(super) const KIND: KindInfo = KindInfo {
    named: |name| (name == NAME).then(|| ObjectiveSpec::new(Quadratic { steepness: USUAL })),
    entries: || {
        vec![Entry {
            name: NAME,
            title: "Quadratic",
            about: "Of three parameters",
            formula: None,
        }]
    },
    keys: &[key("steepness", Form::POSITIVE, "", "")],
    taker: "a quadratic",
};

impl ObjectiveKind for Quadratic {
    fn name(&self) -> Option<&str> {
        Some(NAME)
    }

    fn title(&self) -> String {
        "Quadratic".to_owned()
    }

    fn parameters(&self) -> usize {
        3
    }

    fn usual_domain(&self) -> Option<Domain> {
        Some(Domain {
            x: [-2.0, 2.0],
            y: Some([-2.0, 2.0]),
        })
    }

    fn usual_plane(&self) -> Option<PlaneSpec> {
        Some(PlaneSpec::of(Directions::Parameters([0, 1])))
    }

    fn usual_start(&self) -> Option<Vec<f64>> {
        Some(vec![1.0; 3])
    }

    fn build(&self, _: Option<&DataSet>) -> Option<Arc<dyn Objective>> {
        Some(Arc::new(Bowl(self.steepness)))
    }

    fn read(&self, table: &Table, _: usize) -> Option<ObjectiveSpec> {
        let steepness = match table.get("steepness") {
            Some(field) => field.number()?,
            None => self.steepness,
        };
        Some(ObjectiveSpec::new(Quadratic { steepness }))
    }

    fn write(&self, out: &mut Writer) {
        out.key_unless(&USUAL, "steepness", &self.steepness, self.steepness);
    }

    fn equals(&self, other: &dyn ObjectiveKind) -> bool {
        same(self, other)
    }
}

#[derive(Debug)]
struct Bowl(f64);

impl Objective for Bowl {
    fn dim(&self) -> usize {
        3
    }

    fn cost(&self) -> usize {
        3
    }

    fn value(&self, w: &[f64]) -> f64 {
        w[0] * w[0] + 2.0 * w[1] * w[1] + self.0 * w[2] * w[2]
    }

    fn gradient(&self, w: &[f64], out: &mut [f64]) -> f64 {
        let slopes = [2.0 * w[0], 4.0 * w[1], 2.0 * self.0 * w[2]];
        out.copy_from_slice(&slopes);
        self.value(w)
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::Sent;
    use crate::lab::session::edit::Edit;
    use std::time::Duration;

    use bevy::prelude::*;

    use super::*;
    use crate::experiment::{Experiment, Through};
    use crate::lab::{self, PanelLandscape};
    use crate::mnist::DataWish;
    use crate::report::{self, Format};

    const FILE: &str = r#"steepest = 1
[[panel]]
objective = "three-quadratic"
steepness = 5
plane = { u = "w[2]", v = "w[0]", through = "Down" }
grid = [9, 5]
[[panel.descent]]
name = "Down"
rule = "gd"
rate = 0.05
start = [1, -1, 0.5]
steps = 20
"#;

    fn experiment() -> Experiment {
        Experiment::parse(FILE, "test").expect("a sound file")
    }

    #[test]
    fn it_is_read_and_written() {
        let experiment = experiment();
        let panel = &experiment.panels[0];
        assert_eq!(
            panel.objective,
            ObjectiveSpec::new(Quadratic { steepness: 5.0 })
        );
        assert_eq!(panel.labels, ["w[2]", "w[0]", "loss"]);
        let again = Experiment::parse(&experiment.to_toml(), "again").expect("a sound file");
        assert_eq!(again, experiment);
        for (from, to, said) in [
            (
                "w[2]",
                "w[3]",
                "expected a weight: \"w[i]\" with i from 0 to 2",
            ),
            (
                "three-quadratic",
                "himmelblau",
                "only a quadratic takes `steepness`",
            ),
            ("1, -1, 0.5", "1, 2", "or a list of the 3 weights"),
            ("= 5", "= 0", "expected a finite number above 0"),
        ] {
            let wrong = Experiment::parse(&FILE.replace(from, to), "test");
            let error = wrong.expect_err(to).to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn it_runs_and_is_swept() {
        let results = report::run(&experiment(), &DataWish::Synthetic).expect("no data needed");
        let panel = &results.panels[0];
        let end = panel.descents[0].history.last().expect("iterates");
        assert!(end.iter().all(|w| w.abs() < 0.3));
        assert_eq!(panel.plane.axes(), Some([2, 0]));
        let mut archive = Vec::new();
        results
            .write(Format::Npz, true, &mut archive)
            .expect("written");
        let mut archive =
            ndarray_npy::NpzReader::new(std::io::Cursor::new(archive)).expect("an archive");
        let loss: ndarray::Array2<f64> = archive.by_name("panel0/loss").expect("losses");
        assert_eq!(loss.dim(), (5, 9));
        let corner = 5.0 * 4.0 + 2.0 * end[1] * end[1] + 4.0;
        assert!((loss[(0, 0)] - corner).abs() < 1e-12);
        let v: ndarray::Array1<f64> = archive.by_name("panel0/plane_v").expect("a direction");
        assert_eq!(v.to_vec(), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn it_is_shown() {
        let mut experiment = experiment();
        experiment.panels[0]
            .plane
            .as_mut()
            .expect("a plane")
            .directions = Directions::Pca;
        let mut app = lab::alone(experiment.clone());
        app.update();
        let mut panel_landscapes = app.world_mut().query::<&PanelLandscape>();
        let landscape = panel_landscapes
            .single(app.world())
            .expect("one panel")
            .clone();
        assert!(landscape.field.is_slice());
        let [first, second] = landscape.field.explained.expect("of the path");
        assert!(first > second && first + second > 0.99, "{first}, {second}");
        // Another plane is computed beside the frames, and the old one stays until it is there.
        app.insert_resource(lab::model::ComputeBudget(Some(Duration::from_millis(4))));
        let mut edited = experiment;
        edited.panels[0].plane.as_mut().expect("a plane").through = Through::Origin;
        app.world_mut()
            .write_message(Sent::from(Edit(std::sync::Arc::new(edited))));
        for _ in 0..1000 {
            app.update();
            let now = panel_landscapes.single(app.world()).expect("one panel");
            if now.field.plane.origin() == [0.0; 3] {
                return;
            }
            assert_eq!(now.field.plane, landscape.field.plane);
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the plane did not move");
    }
}

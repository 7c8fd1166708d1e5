//! The editor of the plane that a panel of many parameters shows: its directions, what it passes through, the grid, and
//! which data the loss is of.

use bevy_egui::egui;

use crate::experiment::{
    DescentSpec, Directions, MAX_GRID, ObjectiveKind, Panel, PlaneSpec, Through,
};
use crate::lab::Sent;
use crate::lab::session::data::DataCommand;
use crate::lab::showing::net::SetNetOfAll;
use crate::optimizer::sampling::Sampling;
use crate::ui::reader::LabReader;
use crate::ui::text::number::field;
use crate::ui::text::words::one_line;

const OFF_PLANE: &str =
    "Balls are at their own true loss; thin lines lead to the plane that is drawn.";
const PCA: &str = "The two directions along which the paths that are shown lie furthest from where the plane passes through";
const RANDOM: &str = "Two directions drawn at random, as long as the weights are where the plane passes through, neuron by neuron (Li et al. 2018)";
const HESSIAN: &str = "The two directions along which the loss curves upwards most where the plane passes through: eigenvectors of the Hessian";
const BETWEEN: &str = "The plane through the ends of three descents (Garipov et al. 2018): what lies between the minima that they found";
const BATCH: &str = "The loss over the samples alone whose gradient a descent follows at the step shown, swept again at every step: the ground \
                     as it looks to that step. Balls stay at the loss over all samples";
const NET: &str = "The loss over all samples as thin lines: above the surface where the batch's loss is lower, hidden below it where it is higher";
const TWO_WEIGHTS: &str = "Two of the parameters are the axes; the others stay";

/// Edits the panel's plane in place.
pub(crate) fn slice_ui(
    ui: &mut egui::Ui,
    lab: &LabReader,
    panel: &mut Panel,
    commands: &mut Vec<Sent>,
) {
    if panel.objective.needs_data() {
        data_ui(ui, lab, commands);
    }
    let had_usual_labels = panel.labels == panel.usual_labels();
    let Panel {
        objective,
        plane: Some(plane),
        descents,
        fits,
        ..
    } = panel
    else {
        return;
    };
    let names: Vec<&str> = descents.iter().map(|spec| spec.name.as_str()).collect();
    let were_of_paths = plane.is_of_paths();
    directions_ui(ui, &**objective, &names, plane);
    if plane.is_of_paths() != were_of_paths {
        *fits = plane.is_of_paths();
    }
    if !matches!(plane.directions, Directions::Between(_)) {
        through_ui(ui, &names, plane);
    }
    grid_ui(ui, plane);
    batch_ui(ui, lab, descents, plane, commands);
    ui.add_space(2.0);
    if let Some(note) = objective.note() {
        ui.weak(note);
    }
    ui.weak(OFF_PLANE);
    if had_usual_labels {
        panel.labels = panel.usual_labels();
    }
}

/// Whether the surface is that of a batch, and whose; only where some descent takes any.
fn batch_ui(
    ui: &mut egui::Ui,
    lab: &LabReader,
    descents: &[DescentSpec],
    plane: &mut PlaneSpec,
    commands: &mut Vec<Sent>,
) {
    let takes_batches = |spec: &&DescentSpec| matches!(spec.plan.sampling, Sampling::Batch { .. });
    let sampled: Vec<&DescentSpec> = descents.iter().filter(takes_batches).collect();
    let known = |name: &String| sampled.iter().any(|spec| spec.name == *name);
    let Some(first) = sampled.first() else {
        return;
    };
    let mut is_batch = plane.batch.as_ref().is_some_and(known);
    ui.horizontal(|ui| {
        if ui
            .checkbox(&mut is_batch, "surface of the batch")
            .on_hover_text(BATCH)
            .changed()
        {
            plane.batch = is_batch.then(|| first.name.clone());
        }
        let Some(chosen) = plane
            .batch
            .as_mut()
            .filter(|_| is_batch && sampled.len() > 1)
        else {
            return;
        };
        egui::ComboBox::from_id_salt("whose batch")
            .selected_text(one_line(chosen))
            .width(100.0)
            .truncate()
            .show_ui(ui, |ui| {
                for spec in sampled {
                    let is_it = *chosen == spec.name;
                    if ui.selectable_label(is_it, one_line(&spec.name)).clicked() {
                        chosen.clone_from(&spec.name);
                    }
                }
            });
    });
    let mut has_net = lab.net_of_all.0;
    if is_batch
        && ui
            .checkbox(&mut has_net, "all samples as a net")
            .on_hover_text(NET)
            .changed()
    {
        commands.push(SetNetOfAll(has_net).into());
    }
}

/// What the data are, and a download where they are the stand-in.
fn data_ui(ui: &mut egui::Ui, lab: &LabReader, commands: &mut Vec<Sent>) {
    if let Some(set) = lab.data.set() {
        ui.label(set.name());
    }
    if let Some(fetching) = lab.data_tasks.fetching() {
        let progress = fetching.progress();
        let share = progress.done as f32 / progress.total.max(1) as f32;
        ui.horizontal(|ui| {
            let bar = egui::ProgressBar::new(share).desired_width(150.0);
            ui.add(bar.text(format!("{:.1} MB", progress.done as f64 / 1e6)));
            let tip = "Stop the download; what is there already is kept";
            if ui.button("cancel").on_hover_text(tip).clicked() {
                commands.push(DataCommand::CancelFetch.into());
            }
        });
    } else if lab.landscapes.busy() {
        ui.horizontal(|ui| {
            ui.spinner();
            ui.weak("sweeping the grid…");
        });
    } else if lab.data.is_makeshift() {
        let tip = "Downloads the data set (11.6 MB) into the cache folder; the experiment then runs on it";
        if ui.button("download MNIST").on_hover_text(tip).clicked() {
            commands.push(DataCommand::Fetch.into());
        }
    }
}

fn directions_ui(
    ui: &mut egui::Ui,
    kind: &dyn ObjectiveKind,
    names: &[&str],
    plane: &mut PlaneSpec,
) {
    let usual = kind.usual_plane().map(|usual| usual.directions);
    let weights = match (&plane.directions, &usual) {
        (Directions::Parameters(axes), _) | (_, Some(Directions::Parameters(axes))) => *axes,
        _ => [0, 1],
    };
    let mut choices = vec![
        ("two weights", TWO_WEIGHTS, Directions::Parameters(weights)),
        ("principal components", PCA, Directions::Pca),
        ("random", RANDOM, Directions::Random { seed: 0 }),
        ("the Hessian's top two", HESSIAN, Directions::Hessian),
    ];
    if let [a, b, c, ..] = names {
        let names = [a, b, c].map(|name| (*name).to_owned());
        choices.push(("between three ends", BETWEEN, Directions::Between(names)));
    }
    let is_like =
        |a: &Directions, b: &Directions| std::mem::discriminant(a) == std::mem::discriminant(b);
    let chosen = choices
        .iter()
        .find(|choice| is_like(&choice.2, &plane.directions))
        .map_or("", |choice| choice.0);
    ui.horizontal(|ui| {
        ui.label("directions");
        egui::ComboBox::from_id_salt("directions")
            .selected_text(chosen)
            .width(ui.available_width() - 8.0)
            .show_ui(ui, |ui| {
                for (words, tip, directions) in choices {
                    let is_chosen = is_like(&directions, &plane.directions);
                    let response = ui.selectable_label(is_chosen, words);
                    if response.on_hover_text(tip).clicked() && !is_chosen {
                        let passed = !matches!(plane.directions, Directions::Between(_));
                        plane.directions = directions;
                        if !passed {
                            *plane = plane.clone().through_first(names.first().copied());
                        }
                    }
                }
            });
    });
    match &mut plane.directions {
        Directions::Parameters([u, v]) => {
            let tip = "The two weights that vary; where rows are features and columns classes, W[feature, class]";
            let row = ui.horizontal(|ui| {
                ui.label("axes");
                weight_ui(ui, "u", kind, u, *v);
                weight_ui(ui, "v", kind, v, *u);
            });
            row.response.on_hover_text(tip);
        }
        Directions::Random { seed } => {
            ui.horizontal(|ui| {
                ui.label("seed");
                ui.add(field(seed))
                    .on_hover_text("Another number, other directions");
            });
        }
        Directions::Between(ends) => {
            ui.horizontal(|ui| {
                ui.label("ends");
                let taken = ends.clone();
                for (k, end) in ends.iter_mut().enumerate() {
                    egui::ComboBox::from_id_salt(("end", k))
                        .selected_text(one_line(end))
                        .width(60.0)
                        .truncate()
                        .show_ui(ui, |ui| {
                            let free = |name: &&&str| {
                                taken.iter().all(|known| *known != **name) || taken[k] == ***name
                            };
                            for name in names.iter().filter(free) {
                                ui.selectable_value(end, (*name).to_owned(), one_line(name));
                            }
                        });
                }
            });
        }
        Directions::Pca | Directions::Hessian => {}
    }
}

/// A letter of a weight's name is about as wide.
const LETTER: f32 = 7.5;

fn weight_ui(
    ui: &mut egui::Ui,
    axis: &str,
    kind: &dyn ObjectiveKind,
    weight: &mut usize,
    other: usize,
) {
    egui::ComboBox::from_id_salt(axis)
        .selected_text(kind.parameter_name(*weight))
        .width(74.0)
        .height(420.0)
        .show_ui(ui, |ui| {
            // Of thousands only those in view are named and laid out.
            let count = kind.parameters().saturating_sub(1);
            let pitch = ui.spacing().interact_size.y;
            let letters = kind.parameter_name(count).len();
            let size = egui::vec2(ui.available_width().max(LETTER * letters as f32), pitch);
            let whole = egui::vec2(size.x, pitch * count as f32);
            let (all, _) = ui.allocate_exact_size(whole, egui::Sense::hover());
            let row = |y: f32| ((y - all.top()) / pitch).max(0.0) as usize;
            let seen = ui.clip_rect();
            for k in row(seen.top())..(row(seen.bottom()) + 1).min(count) {
                let choice = if k < other { k } else { k + 1 };
                let corner = all.min + egui::vec2(0.0, pitch * k as f32);
                let place = egui::Rect::from_min_size(corner, size);
                ui.scope_builder(egui::UiBuilder::new().max_rect(place), |ui| {
                    ui.selectable_value(weight, choice, kind.parameter_name(choice));
                });
            }
        });
}

fn through_ui(ui: &mut egui::Ui, names: &[&str], plane: &mut PlaneSpec) {
    ui.horizontal(|ui| {
        ui.label("plane through");
        let chosen = match &plane.through {
            Through::Origin => "the origin",
            Through::Descent(name) => name,
        };
        egui::ComboBox::from_id_salt("through")
            .selected_text(one_line(chosen))
            .width(ui.available_width() - 8.0)
            .truncate()
            .show_ui(ui, |ui| {
                ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
                ui.selectable_value(&mut plane.through, Through::Origin, "the origin");
                for name in names {
                    let through = Through::Descent((*name).to_owned());
                    ui.selectable_value(&mut plane.through, through, one_line(name));
                }
            })
            .response
            .on_hover_text("Where the weights that are not on the axes come from");
    });
    let descent = plane.through != Through::Origin;
    ui.add_enabled(
        descent,
        egui::Checkbox::new(&mut plane.follows, "follows the step shown"),
    )
    .on_hover_text("The plane passes through the weights at the step shown, not the final ones: the surface changes as they do");
}

fn grid_ui(ui: &mut egui::Ui, plane: &mut PlaneSpec) {
    ui.horizontal(|ui| {
        ui.label("grid");
        for (k, nodes) in plane.grid.iter_mut().enumerate() {
            if k > 0 {
                ui.label("×");
            }
            ui.add(field(nodes).range(2..=MAX_GRID));
        }
    })
    .response
    .on_hover_text("Nodes along the two axes; the loss is exact at every one");
}

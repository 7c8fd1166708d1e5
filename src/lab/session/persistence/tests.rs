//! What is kept, and when.

use bevy::time::TimeUpdateStrategy;

use super::*;
use crate::experiment::Experiment;
use crate::lab;
use crate::lab::command::send;
use crate::lab::session::edit::Edit;
use crate::lab::session::history::HistoryCommand;

#[test]
fn the_files_used_last_come_first_and_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let mut persistence = Persistence::in_folder(Some(path("kept")));
    for name in ["a.toml", "b.toml", "a.toml"] {
        persistence.used(&path(name));
    }
    assert_eq!(persistence.recent(), [path("a.toml"), path("b.toml")]);
    for number in 0..20 {
        persistence.used(&path(&number.to_string()));
    }
    let again = Persistence::in_folder(Some(path("kept")));
    assert_eq!(again.recent(), persistence.recent());
    assert_eq!(again.recent().len(), RECENT);
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).expect("a readable file")
}

/// An app whose unsaved work is kept in a folder, and a clock that goes on by this much a frame.
fn app(folder: &Path, frame: Duration) -> App {
    let mut app = lab::alone(Experiment::load("bowl").expect("a built-in"));
    app.insert_resource(Persistence::in_folder(Some(folder.to_owned())))
        .insert_resource(TimeUpdateStrategy::ManualDuration(frame));
    app.update();
    app
}

fn edit(app: &mut App, rate: f64) {
    let edit = Edit::of(app.world(), |e| e.panels[0].descents[0].plan.rate = rate);
    send(app.world_mut(), edit);
    app.update();
}

fn kept(app: &App) -> Option<String> {
    let persistence = app.world().resource::<Persistence>();
    let unsaved = persistence.unsaved.as_ref().map(Unsaved::file);
    unsaved.and_then(|file| fs::read_to_string(file).ok())
}

#[test]
fn what_was_changed_just_before_the_window_is_closed_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = app(folder.path(), Duration::from_millis(10));
    edit(&mut app, 0.0625);
    assert_eq!(kept(&app), None, "nobody has paused");
    app.world_mut().write_message(AppExit::Success);
    app.update();
    assert!(kept(&app).is_some_and(|text| text.contains("rate = 0.0625")));
}

#[test]
fn what_changes_all_the_time_is_kept_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = app(folder.path(), Duration::from_secs(1));
    for k in 1..=8 {
        edit(&mut app, f64::from(k) / 64.0);
    }
    assert!(kept(&app).is_some());
}

#[test]
fn undo_after_save_as_leaves_the_old_file_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let [old, new] = ["old.toml", "new.toml"].map(|name| folder.path().join(name));
    let mut app = app(folder.path(), Duration::from_secs(1));
    let save = |app: &mut App, path: &Path| {
        send(app.world_mut(), FileCommand::Save(path.to_owned()));
        app.update();
    };
    save(&mut app, &old);
    let before = text(&old);
    edit(&mut app, 0.0625);
    save(&mut app, &new);
    send(app.world_mut(), HistoryCommand::Undo);
    app.update();
    let current = app.world().resource::<CurrentExperiment>();
    assert_eq!(current.source, Source::File(new.clone()));
    assert!(current.edited && text(&new).contains("rate = 0.0625"));
    edit(&mut app, 0.25);
    let source = app.world().resource::<CurrentExperiment>().source.clone();
    save(&mut app, source.experiment_file().expect("a file"));
    assert_eq!(text(&old), before);
    assert!(text(&new).contains("rate = 0.25"));
}

#[test]
fn no_experiment_is_saved_over_a_run_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.npz");
    let run = "PK\u{3}\u{4}, as run files begin";
    fs::write(&path, run).expect("a file");
    let mut app = app(folder.path(), Duration::from_secs(1));
    send(app.world_mut(), FileCommand::Save(path.clone()));
    app.update();
    assert_eq!(text(&path), run);
    let said = app.world().resource::<Notice>().text.clone();
    assert!(said.is_some_and(|said| said.contains("run file")));
}

#[test]
fn what_was_unsaved_is_offered_by_the_next_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = || Persistence::in_folder(Some(folder.path().to_owned()));
    let first = kept();
    assert_eq!(first.left_over(), None);
    first.keep_unsaved("steepest = 1\n");
    drop(first);
    let second = kept();
    let left_over = second.left_over().expect("what was unsaved");
    assert_eq!(text(left_over), "steepest = 1\n");
    drop(second);
    // Until something else is left unsaved, it stays.
    assert!(kept().left_over().is_some());
}

#[test]
fn programs_that_run_side_by_side_leave_each_others_work_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = || Persistence::in_folder(Some(folder.path().to_owned()));
    let first = kept();
    first.keep_unsaved("first");
    let second = kept();
    assert_eq!(second.left_over(), None, "the first still runs");
    second.keep_unsaved("second");
    let own = |persistence: &Persistence| persistence.unsaved.as_ref().map(|own| text(own.file()));
    assert_eq!(own(&first).as_deref(), Some("first"));
    first.forget_unsaved();
    first.keep_unsaved("first again");
    assert_eq!(own(&second).as_deref(), Some("second"));
    drop(second);
    let third = kept();
    let left_over = third.left_over().expect("of the second, which ended");
    assert_eq!(text(left_over), "second");
    assert_eq!(own(&first).as_deref(), Some("first again"));
    // Of two that ended both are offered, one a start.
    third.keep_unsaved("third");
    drop((first, third));
    let mut texts = [0, 1].map(|_| text(kept().left_over().expect("one a start")));
    texts.sort();
    assert_eq!(texts, ["first again", "third"]);
}

#[test]
fn the_files_used_last_are_those_of_all_programs() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = || Persistence::in_folder(Some(folder.path().to_owned()));
    let (mut first, mut second) = (kept(), kept());
    first.used(Path::new("/a.toml"));
    second.used(Path::new("/b.toml"));
    assert_eq!(kept().recent(), ["/b.toml", "/a.toml"].map(PathBuf::from));
}

//! Opening and saving experiments: buttons, the files used last, and the file dialog.

use std::path::{Path, PathBuf};

use bevy_egui::egui;
use egui_file_dialog::FileDialog;

use crate::experiment::Source;
use crate::export::{FigureWish, FileKind};
use crate::lab::Sent;
use crate::lab::session::export::ExportTo;
use crate::lab::session::history::HistoryCommand;
use crate::lab::session::persistence::FileCommand;
use crate::lab::session::picture::{PictureKind, PictureWish};
use crate::lab::session::recording::RecordingCommand;
use crate::lab::session::recording::RecordingWish;
use crate::ui::reader::{Edits, LabReader};

/// The dialog, and what becomes of the file that is picked.
#[derive(Default)]
pub(crate) struct Files {
    dialog: Option<(FileDialog, Purpose)>,
    /// A file that is there already, and that nobody has been asked about.
    taken: Option<(PathBuf, Purpose)>,
    /// Pressed since the last frame.
    pub(crate) pressed: Option<FileKey>,
}

/// A key that has to do with files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKey {
    Open,
    Save,
    SaveAs,
}

#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    Open,
    Save,
    Picture(PictureKind),
    /// What a figure would show.
    Export(FigureWish),
    /// The window is brought to this size, if any.
    Recording(Option<[u32; 2]>),
}

impl Files {
    /// Asks where a picture goes.
    pub(crate) fn ask_for_picture(&mut self, lab: &LabReader, kind: PictureKind) {
        let dialog = FileDialog::new()
            .title("Save a picture")
            .add_save_extension("PNG picture", "png")
            .default_save_extension("PNG picture");
        self.ask(dialog, lab, "png", Purpose::Picture(kind));
    }

    /// Asks where a page, a model or a figure goes.
    pub(crate) fn ask_to_export(&mut self, lab: &LabReader, figure: FigureWish) {
        let mut dialog = FileDialog::new().title("Export");
        for (ending, _, name) in FileKind::ALL {
            dialog = dialog.add_save_extension(name, ending);
        }
        let (ending, _, usual) = FileKind::ALL[0];
        let dialog = dialog.default_save_extension(usual);
        self.ask(dialog, lab, ending, Purpose::Export(figure));
    }

    /// Asks where a video goes.
    pub(crate) fn ask_for_recording(&mut self, lab: &LabReader, size: Option<[u32; 2]>) {
        let dialog = FileDialog::new()
            .title("Record a video")
            .add_save_extension("MP4 video", "mp4")
            .add_save_extension("GIF", "gif")
            .default_save_extension("MP4 video");
        self.ask(dialog, lab, "mp4", Purpose::Recording(size));
    }

    /// The experiment's name is suggested.
    fn ask(&mut self, dialog: FileDialog, lab: &LabReader, ending: &str, purpose: Purpose) {
        let stem = lab.current.source.stem();
        let mut dialog = dialog
            .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
            .default_file_name(&format!("{stem}.{ending}"));
        dialog.save_file();
        self.dialog = Some((dialog, purpose));
    }

    pub(crate) fn ask_to_open(&mut self) {
        let mut dialog = dialog("Open an experiment");
        dialog.pick_file();
        self.dialog = Some((dialog, Purpose::Open));
    }

    /// `name` is suggested.
    pub(crate) fn ask_to_save(&mut self, name: &str) {
        let mut dialog = dialog("Save the experiment").default_file_name(name);
        dialog.save_file();
        self.dialog = Some((dialog, Purpose::Save));
    }

    /// Saves to the file the experiment is from, or asks for one.
    pub(crate) fn save(&mut self, lab: &LabReader, commands: &mut Vec<Sent>) {
        let source = &lab.current.source;
        match source.experiment_file() {
            Some(path) if lab.left_over() != Some(path) => {
                commands.push(FileCommand::Save(path.to_owned()).into());
            }
            _ => self.ask_to_save(&format!("{}.toml", source.stem())),
        }
    }
}

fn dialog(title: &str) -> FileDialog {
    FileDialog::new()
        .title(title)
        .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .add_file_filter_extensions("Experiments", vec!["toml", "npz"])
        .default_file_filter("Experiments")
        .add_save_extension("Experiment", "toml")
        .default_save_extension("Experiment")
}

/// Buttons beside the list of experiments.
pub(crate) fn buttons_ui(ui: &mut egui::Ui, lab: &LabReader, files: &mut Files, edits: &mut Edits) {
    ui.horizontal(|ui| {
        let open = ui.small_button("open…");
        if open
            .on_hover_text(
                "Open an experiment's file (Ctrl+O); you can also drop one on the window",
            )
            .clicked()
        {
            files.ask_to_open();
        }
        let save = ui.small_button("save");
        if save
            .on_hover_text("Save to a file (Ctrl+S); with shift, under another name")
            .clicked()
        {
            files.save(lab, &mut edits.commands);
        }
        for (text, tip, can, command) in [
            (
                "undo",
                "Undo the last change (Ctrl+Z)",
                lab.history.can_undo(),
                HistoryCommand::Undo,
            ),
            (
                "redo",
                "Redo (Ctrl+Shift+Z)",
                lab.history.can_redo(),
                HistoryCommand::Redo,
            ),
        ] {
            let button = ui.add_enabled(can, egui::Button::new(text).small());
            if button.on_hover_text(tip).clicked() {
                edits.send(command);
            }
        }
    });
}

/// What can be opened again: what was left unsaved, and the files used last.
pub(crate) fn recent_ui(ui: &mut egui::Ui, lab: &LabReader, edits: &mut Edits) {
    let mut entries: Vec<(String, &Path)> = Vec::new();
    if let Some(path) = lab.left_over() {
        entries.push(("unsaved work of the last session".to_owned(), path));
    }
    for path in lab
        .persistence
        .iter()
        .flat_map(|persistence| persistence.recent())
    {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        entries.push((name.unwrap_or_else(|| path.display().to_string()), path));
    }
    if entries.is_empty() {
        return;
    }
    ui.separator();
    for (name, path) in entries {
        let source = Source::File(path.to_owned());
        let entry = ui.selectable_label(lab.current.source == source, name);
        if entry.on_hover_text(source.to_string()).clicked() {
            edits.send(FileCommand::Open(source));
        }
    }
}

/// The keys, and the dialog.
pub(crate) fn update(ctx: &egui::Context, lab: &LabReader, files: &mut Files, edits: &mut Edits) {
    match files.pressed.take() {
        Some(FileKey::Open) => files.ask_to_open(),
        Some(FileKey::Save) => files.save(lab, &mut edits.commands),
        Some(FileKey::SaveAs) => files.ask_to_save("experiment.toml"),
        None => {}
    }
    overwrite_ui(ctx, files, edits);
    let Some((dialog, purpose)) = &mut files.dialog else {
        return;
    };
    let purpose = *purpose;
    dialog.update(ctx);
    if let Some(path) = dialog.take_picked() {
        files.dialog = None;
        let whole = purpose.with_ending(path.clone());
        // The dialog has asked about the name as it was typed.
        if whole != path && whole.exists() {
            files.taken = Some((whole, purpose));
        } else {
            edits.commands.push(purpose.command(whole));
        }
    } else if !matches!(dialog.state(), egui_file_dialog::DialogState::Open) {
        files.dialog = None;
    }
}

/// Whether a file that is there already is to be overwritten.
fn overwrite_ui(ctx: &egui::Context, files: &mut Files, edits: &mut Edits) {
    let Some((path, purpose)) = files.taken.take() else {
        return;
    };
    let mut is_answered = false;
    let modal = egui::Modal::new("overwrite".into()).show(ctx, |ui| {
        ui.set_max_width(420.0);
        ui.label(format!("{} is there already.", path.display()));
        ui.horizontal(|ui| {
            if ui.button("overwrite it").clicked() {
                edits.commands.push(purpose.command(path.clone()));
                is_answered = true;
            }
            is_answered |= ui.button("keep it").clicked();
        });
    });
    if !is_answered && !modal.should_close() {
        files.taken = Some((path, purpose));
    }
}

impl Purpose {
    /// A name without an ending gets the usual one of what is written.
    fn with_ending(self, path: PathBuf) -> PathBuf {
        let ending = match self {
            Purpose::Open => return path,
            Purpose::Save => "toml",
            Purpose::Picture(_) => "png",
            Purpose::Export(_) => "html",
            Purpose::Recording(_) => "mp4",
        };
        match path.extension() {
            Some(_) => path,
            None => path.with_extension(ending),
        }
    }

    /// What is asked for of this file.
    fn command(self, file: PathBuf) -> Sent {
        match self {
            Purpose::Open => FileCommand::Open(Source::File(file)).into(),
            Purpose::Save => FileCommand::Save(file).into(),
            Purpose::Picture(kind) => PictureWish {
                kind,
                file: Some(file),
            }
            .into(),
            Purpose::Export(figure) => ExportTo { file, figure }.into(),
            Purpose::Recording(size) => {
                RecordingCommand::Begin(RecordingWish { file, size }).into()
            }
        }
    }
}

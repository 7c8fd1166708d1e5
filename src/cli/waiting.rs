//! Work that takes a while: how far it is, and how a person ends it.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Failure;
use super::record::INTERRUPTED;

/// Whether a person has asked for the end, with Ctrl-C.
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on it is not the program's end at once. Where signals cannot be caught they end the program, which has written
    /// nothing yet.
    pub(super) fn caught() -> Interrupt {
        let interrupted = Arc::new(AtomicBool::new(false));
        let seen = interrupted.clone();
        let _ = ctrlc::set_handler(move || seen.store(true, Ordering::SeqCst));
        Interrupt(interrupted)
    }

    pub(super) fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// How a command ends that was interrupted.
pub(super) fn stopped() -> Failure {
    Failure {
        message: "interrupted: nothing was written".to_owned(),
        code: INTERRUPTED,
    }
}

/// On a terminal: how much of it is done, and the time that is left.
pub(super) fn progress(all: u64, of: &str, quiet: bool) -> ProgressBar {
    let target = if quiet || !io::stderr().is_terminal() {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let template = format!("{{bar:30}} {{percent}} % of the {of}, {{eta}} left");
    let style = ProgressStyle::with_template(&template);
    ProgressBar::with_draw_target(Some(all), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

//! Work that takes a while: how far it is, and how a person ends it.

use std::process;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Failure;

/// The exit code of what was interrupted, as shells have it.
pub(super) const INTERRUPTED: u8 = 130;

/// Whether a person has asked for the end, and whether there is nothing to be brought to one.
static ASKED: AtomicBool = AtomicBool::new(false);
static AT_ONCE: AtomicBool = AtomicBool::new(false);

/// Whether a person has asked for the end, with Ctrl-C or another signal that means it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interrupt(());

impl Interrupt {
    /// From now on the first signal only asks for the end; another is the program's end at once. Where signals cannot be caught
    /// the first is, too.
    pub(super) fn caught() -> Interrupt {
        static CAUGHT: Once = Once::new();
        CAUGHT.call_once(|| {
            let _ = ctrlc::set_handler(|| {
                if ASKED.swap(true, Ordering::SeqCst) || AT_ONCE.load(Ordering::SeqCst) {
                    process::exit(INTERRUPTED.into());
                }
            });
        });
        Interrupt(())
    }

    /// From now on the first signal is the program's end: what it does may wait for others for ever.
    ///
    /// # Errors
    /// If a person has asked for it already.
    pub(super) fn at_once() -> Result<(), Failure> {
        AT_ONCE.store(true, Ordering::SeqCst);
        match ASKED.load(Ordering::SeqCst) {
            true => Err(stopped()),
            false => Ok(()),
        }
    }

    pub(super) fn is_asked(self) -> bool {
        ASKED.load(Ordering::SeqCst)
    }
}

/// How a command ends that was interrupted.
pub(super) fn stopped() -> Failure {
    Failure {
        message: "interrupted: nothing was written".to_owned(),
        code: INTERRUPTED,
    }
}

/// On a terminal: how much of it is done, in the words of indicatif's templates.
pub(super) fn progress(all: u64, words: &str, quiet: bool) -> ProgressBar {
    let target = if quiet {
        ProgressDrawTarget::hidden()
    } else {
        // Which hides what is no terminal.
        ProgressDrawTarget::stderr()
    };
    let style = ProgressStyle::with_template(words);
    ProgressBar::with_draw_target(Some(all), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The words for a share of something.
pub(super) fn share_of(what: &str) -> String {
    format!("{{bar:30}} {{percent}} % of the {what}, {{eta}} left")
}

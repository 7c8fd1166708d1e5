//! What commands write: checked before they compute, whole or not there.

use std::io::{self, Write};
use std::path::Path;

use super::Failure;
use super::waiting::{Interrupt, stopped};
use crate::experiment::Source;
use crate::report::file::{check_folder, is_stdout, write_to};

/// Says why a file cannot be written, or may not be, before anything is computed for it.
pub(super) fn check_output(output: &Path, force: bool) -> Result<(), Failure> {
    check_folder(output)?;
    // What is written into a pipe or a device replaces nothing.
    let is_there = output.metadata().is_ok_and(|found| found.is_file());
    if is_there && !is_stdout(output) && !force {
        return Err(Failure::failed(format!(
            "{} is there already; --force overwrites it",
            output.display()
        )));
    }
    Ok(())
}

/// Says that results would take the place of the file that they are computed from.
pub(super) fn check_source(output: &Path, experiment: &str) -> Result<(), Failure> {
    let source = Source::named(experiment);
    let there = |path: &Path| path.canonicalize().ok();
    let is_source = !is_stdout(output)
        && source
            .file()
            .and_then(there)
            .is_some_and(|file| there(output) == Some(file));
    if !is_source {
        return Ok(());
    }
    Err(Failure::bad_input(format!(
        "--output: found {}, which is the experiment itself; expected another file",
        output.display()
    )))
}

/// Writes what was computed, to a file or the standard output. A person who asks for the end meanwhile gets it, and no file.
pub(super) fn write_out(
    target: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    if is_stdout(target) || target.metadata().is_ok_and(|found| !found.is_file()) {
        // Of a pipe or a device nothing can be taken back.
        Interrupt::at_once()?;
        return Ok(write_to(target, write)?);
    }
    let interrupt = Interrupt::caught();
    let written = write_to(target, |out| write(&mut Stopping { out, interrupt }));
    if written.is_err() && interrupt.is_asked() {
        return Err(stopped());
    }
    Ok(written?)
}

/// Prints on the standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    write_out(Path::new("-"), |out| out.write_all(text.as_bytes()))
}

/// Fails once a person asks for the end.
struct Stopping<'o> {
    out: &'o mut dyn Write,
    interrupt: Interrupt,
}

impl Write for Stopping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.interrupt.is_asked() {
            // `Interrupted` would be tried again.
            return Err(io::Error::other("interrupted"));
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

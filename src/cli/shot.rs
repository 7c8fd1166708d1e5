//! One picture, off-screen.

use std::path::Path;

use super::output::{check_output, write_out};
use super::{Common, Failure, ShotArgs};
use crate::app::offscreen::Offscreen;
use crate::gpu::adapter;
use crate::report::file::is_stdout;
use crate::ui::Layout;

pub(super) fn shot(args: &ShotArgs, common: &Common) -> Result<(), Failure> {
    let experiment = common.load(&args.experiment)?;
    check_picture(&args.output, args.force)?;
    let scene = args.looks.scene(
        &args.experiment,
        experiment,
        Layout::FULL,
        args.samples,
        common,
    )?;
    let adapter = adapter::find(&common.adapter.clone().unwrap_or_default())?;
    let mut offscreen = Offscreen::new(scene, &adapter, common.verbosity());
    // The first frames find out how long the descents are.
    offscreen.settle().map_err(Failure::failed)?;
    common.say_missing(&mut offscreen);
    offscreen.seek(args.step.unwrap_or(f64::MAX));
    offscreen.settle().map_err(Failure::failed)?;
    let picture = offscreen.capture().map_err(Failure::failed)?;
    write_out(&args.output, |out| picture.write_png(out))
}

/// Says what is wrong with the output before anything is drawn.
fn check_picture(output: &Path, force: bool) -> Result<(), Failure> {
    if is_stdout(output) {
        return Ok(());
    }
    let name = output.display();
    let ending = output.extension().and_then(|ending| ending.to_str());
    if ending.is_some_and(|ending| !ending.eq_ignore_ascii_case("png")) {
        return Err(Failure::bad_input(format!(
            "--output: found `{name}`, expected a name that ends in .png"
        )));
    }
    check_output(output, force)
}

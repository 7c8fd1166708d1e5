//! Videos, off-screen.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::looks::PictureOptions;
use super::waiting::{INTERRUPTED, Interrupt, progress};
use super::{Common, Failure};
use crate::app::offscreen::Offscreen;
use crate::app::recording::RecordingError;
use crate::gpu::adapter;
use crate::record::plan::{RecordingPlan, RecordingTimes};
use crate::report::file::is_stdout;
use crate::ui::Layout;
use crate::video::{Codec, Rate, SpecPart, VideoError, VideoSpec, VideoWriter};

#[derive(Args, Debug)]
#[command(
    after_help = "Ctrl-C ends a recording with the frames until then; before the first, and pressed again, it ends the program at once. Then, and whatever else ends it, NAME.part.mp4 is left, which plays.\n\nExamples:\n  steepest record race -o race.mp4\n  steepest record mnist -o mnist.gif --size 640x360 --seconds 8\n  steepest record saddle -o frames --no-ui --transparent   a folder of PNG for editors"
)]
pub(super) struct RecordArgs {
    /// A built-in's name, or the path of an experiment or a run file
    experiment: String,
    /// The file to write: .mp4, .gif, .mov, .mkv, .webm, or a folder for a sequence of PNG
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Frames per second, 1 to 240: 30, 23.976, 24000/1001 [default: 30, of a GIF 25]
    #[arg(long, value_name = "N")]
    fps: Option<Rate>,
    /// The video's length: the run is played faster or slower to fit
    #[arg(long, value_name = "S", value_parser = positive)]
    seconds: Option<f64>,
    /// Steps a second, whatever the frame rate [default: the experiment's own pace]
    #[arg(long, value_name = "R", value_parser = positive, conflicts_with = "seconds")]
    steps_per_second: Option<f64>,
    /// How long the first step stays, in seconds [default: 0.5]
    #[arg(long, value_name = "S", value_parser = not_negative)]
    hold_start: Option<f64>,
    /// How long the last step stays, in seconds [default: 1.5]
    #[arg(long, value_name = "S", value_parser = not_negative)]
    hold_end: Option<f64>,
    /// How fast the camera turns, in radians per second [default: as the experiment says]
    #[arg(long, value_name = "R", allow_hyphen_values = true, value_parser = finite)]
    turntable: Option<f64>,
    /// h264, gif, png; with ffmpeg on the PATH also x264, prores4444, av1 [default: by the output's ending]
    #[arg(long, value_name = "NAME")]
    codec: Option<Codec>,
    /// From 0 (small) to 100 (best)
    #[arg(long, value_name = "Q", default_value_t = VideoSpec::QUALITY, value_parser = clap::value_parser!(u8).range(0..=100))]
    quality: u8,
    #[command(flatten)]
    looks: PictureOptions,
    /// Samples along each side of a pixel, for smooth edges; 2 takes four times as long
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4))]
    samples: u32,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

fn number(text: &str, expected: &str, holds: impl Fn(f64) -> bool) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(x) if x.is_finite() && holds(x) => Ok(x),
        _ => Err(format!("found `{text}`, expected {expected}")),
    }
}

fn positive(text: &str) -> Result<f64, String> {
    number(text, "a number above 0", |x| x > 0.0)
}

fn not_negative(text: &str) -> Result<f64, String> {
    number(text, "a number, 0 or more", |x| x >= 0.0)
}

fn finite(text: &str) -> Result<f64, String> {
    number(text, "a number", |_| true)
}

/// Says of what is no name of a video that it is none.
fn check_name(output: &Path) -> Result<(), Failure> {
    let name = output.file_name().and_then(|name| name.to_str());
    let is_ending = |name: &str| Codec::for_path(&Path::new("a").with_extension(name)).is_ok();
    let is_only_ending = name
        .and_then(|name| name.strip_prefix('.'))
        .is_some_and(is_ending);
    let why = match (is_stdout(output), is_only_ending) {
        (true, _) => "a video is not written in one go",
        (_, true) => "this is an ending without a name",
        _ => return Ok(()),
    };
    Err(Failure::bad_input(format!(
        "--output: found `{}`, expected the name of a file or a folder: {why}",
        output.display()
    )))
}

impl RecordArgs {
    /// With the option that asks for what cannot be.
    fn refused(&self, error: VideoError) -> Failure {
        let option = match &error {
            VideoError::Spec { part, .. } => match part {
                SpecPart::Size if self.looks.scale > 1 => "--size with --scale: ",
                SpecPart::Size => "--size: ",
                SpecPart::Fps => "--fps: ",
                SpecPart::Quality => "--quality: ",
                SpecPart::Alpha => "--transparent: ",
            },
            _ => "",
        };
        Failure::bad_input(format!("{option}{error}"))
    }
}

pub(super) fn record(args: &RecordArgs, common: &Common) -> Result<(), Failure> {
    check_name(&args.output)?;
    let mut experiment = common.load(&args.experiment)?;
    if let Some(turntable) = args.turntable {
        experiment.view.turntable = turntable;
    }
    let codec = match args.codec {
        Some(codec) => codec,
        None => Codec::for_path(&args.output).map_err(Failure::bad_input)?,
    };
    let mut scene = args.looks.scene(
        &args.experiment,
        experiment.clone(),
        Layout::VIDEO,
        args.samples,
        common,
    )?;
    scene.captured = true;
    // As the looks have changed it: another view leaves the camera's path out.
    experiment = scene.experiment.clone();
    let spec = VideoSpec {
        quality: args.quality,
        alpha: args.looks.transparent,
        ..VideoSpec::new(
            scene.size.map(|side| side * scene.scale),
            args.fps.unwrap_or(codec.usual_fps().into()),
            codec,
        )
    };
    spec.check().map_err(|error| args.refused(error))?;
    codec.check_path(&args.output).map_err(Failure::bad_input)?;
    let adapter = adapter::find(&common.adapter.clone().unwrap_or_default())?;
    VideoWriter::check(&args.output, &spec, args.force).map_err(Failure::failed)?;

    let mut offscreen = Offscreen::new(scene, &adapter, common.verbosity());
    let wish = RecordingTimes {
        seconds: args.seconds,
        steps_per_second: args.steps_per_second,
        hold_start: args.hold_start,
        hold_end: args.hold_end,
    };
    offscreen.settle().map_err(Failure::failed)?;
    let plan = RecordingPlan::new(&experiment, offscreen.timeline(), spec.fps, wish)
        .map_err(Failure::bad_input)?;
    common.say_missing(&mut offscreen);
    offscreen.seek(0.0);
    offscreen.settle().map_err(Failure::failed)?;
    // Until here a signal ends the program, and nothing is there yet.
    let interrupt = Interrupt::caught();
    let mut writer =
        VideoWriter::create(&args.output, spec, args.force).map_err(Failure::failed)?;
    let words = "{bar:30} frame {pos} of {len}, {per_sec}, {eta} left";
    let bar = progress(plan.frames, words, common.quiet);
    let began = Instant::now();
    let recorded = offscreen.record(&plan, &mut writer, |writer| {
        bar.set_position(writer.frames_written());
        if interrupt.is_asked() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    bar.finish_and_clear();
    let most_queued = writer.most_queued();
    match recorded {
        Ok(frames) => {
            let finished = writer.finish().map_err(Failure::failed)?;
            let seconds = began.elapsed().as_secs_f64();
            if !common.quiet {
                common.say(&format!(
                    "{}: {} frames, {:.2} s, {:.1} MB; recorded at {:.1} frames/s, at most {most_queued} frames waiting",
                    finished.path.display(),
                    finished.frames,
                    finished.seconds,
                    finished.bytes as f64 / 1e6,
                    finished.frames as f64 / seconds,
                ));
            }
            if frames < plan.frames {
                return Err(Failure {
                    message: format!(
                        "interrupted: {} holds the first {frames} of {} frames",
                        finished.path.display(),
                        plan.frames
                    ),
                    code: INTERRUPTED,
                });
            }
            Ok(())
        }
        Err(RecordingError::Video(error)) => Err(Failure::failed(error)),
        Err(error) => {
            // What was drawn until then is kept.
            let kept = match writer.finish() {
                Ok(finished) => format!(
                    "; {} holds the {} frames until then",
                    finished.path.display(),
                    finished.frames
                ),
                Err(_) => String::new(),
            };
            Err(Failure::failed(format!("{error}{kept}")))
        }
    }
}

//! Videos, off-screen.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::looks::PictureOptions;
use super::{Common, Failure};
use crate::app::offscreen::Offscreen;
use crate::app::recording::RecordingError;
use crate::gpu::adapter;
use crate::record::plan::{RecordingPlan, RecordingTimes};
use crate::ui::Layout;
use crate::video::{Codec, Rate, VideoSpec, VideoWriter};

/// GIFs count hundredths of a second.
const GIF_FPS: u32 = 25;
const FPS: u32 = 30;
/// The exit code of what was interrupted, as shells have it.
pub(super) const INTERRUPTED: u8 = 130;

#[derive(Args, Debug)]
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

pub(super) fn record(args: &RecordArgs, common: &Common) -> Result<(), Failure> {
    let mut experiment = common.load(&args.experiment)?;
    if let Some(turntable) = args.turntable {
        experiment.view.turntable = turntable;
    }
    let codec = match args.codec {
        Some(codec) => codec,
        None => Codec::for_path(&args.output).map_err(Failure::bad_input)?,
    };
    let usual = if codec == Codec::Gif { GIF_FPS } else { FPS };
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
            args.fps.unwrap_or(usual.into()),
            codec,
        )
    };
    spec.check().map_err(Failure::bad_input)?;
    codec.check_path(&args.output).map_err(Failure::bad_input)?;
    let adapter = adapter::find(&common.adapter.clone().unwrap_or_default())?;
    let interrupted = Arc::new(AtomicBool::new(false));
    let seen = interrupted.clone();
    // Where signals cannot be caught they end the program, and the part file plays all the same.
    let _ = ctrlc::set_handler(move || seen.store(true, Ordering::SeqCst));
    // Refuses what cannot be written before anything is drawn.
    let mut writer =
        VideoWriter::create(&args.output, spec, args.force).map_err(Failure::failed)?;

    let mut offscreen = Offscreen::new(scene, &adapter, common.verbosity());
    let wish = RecordingTimes {
        seconds: args.seconds,
        steps_per_second: args.steps_per_second,
        hold_start: args.hold_start,
        hold_end: args.hold_end,
    };
    let prepared = offscreen.settle().map_err(Failure::failed).and_then(|()| {
        RecordingPlan::new(&experiment, offscreen.timeline(), spec.fps, wish)
            .map_err(Failure::bad_input)
    });
    let at_start = prepared.and_then(|plan| {
        common.say_missing(&mut offscreen);
        offscreen.seek(0.0);
        offscreen.settle().map_err(Failure::failed)?;
        Ok(plan)
    });
    let plan = match at_start {
        Ok(plan) => plan,
        Err(failure) => {
            writer.cancel();
            return Err(failure);
        }
    };
    let bar = progress(plan.frames, common.quiet);
    let began = Instant::now();
    let recorded = offscreen.record(&plan, &mut writer, |writer| {
        bar.set_position(writer.frames_written());
        if interrupted.load(Ordering::SeqCst) {
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

/// On a terminal: frames, their rate, and the time that is left.
fn progress(frames: u64, quiet: bool) -> ProgressBar {
    let target = if quiet {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let style =
        ProgressStyle::with_template("{bar:30} frame {pos} of {len}, {per_sec}, {eta} left");
    ProgressBar::with_draw_target(Some(frames), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

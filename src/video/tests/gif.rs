//! GIF.

use super::*;

/// Delay, and the whole picture after it, of every frame.
fn shown(path: &Path) -> (Vec<(u16, Vec<u8>)>, ::gif::Repeat) {
    let mut options = ::gif::DecodeOptions::new();
    options.set_color_output(::gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(fs::File::open(path).expect("the file")).expect("a GIF");
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let mut canvas = vec![0; width * height * 3];
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame().expect("a frame") {
        let (left, top, wide) = (usize::from(frame.left), usize::from(frame.top), usize::from(frame.width));
        for (place, pixel) in frame.buffer.as_chunks::<4>().0.iter().enumerate().filter(|(_, pixel)| pixel[3] != 0) {
            let at = ((top + place / wide) * width + left + place % wide) * 3;
            canvas[at..at + 3].copy_from_slice(&pixel[..3]);
        }
        frames.push((frame.delay, canvas.clone()));
    }
    (frames, decoder.repeat())
}

#[test]
fn a_gif_loops_with_exact_length_and_true_colors() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.gif");
    let done = record(&path, spec(Codec::Gif, 30), 40);
    assert_eq!((done.frames, done.bytes), (40, fs::metadata(&path).expect("the file").len()));
    let (frames, repeat) = shown(&path);
    assert!(matches!(repeat, ::gif::Repeat::Infinite));
    assert_eq!(frames.len(), 40);
    let delays: Vec<u16> = frames.iter().map(|(delay, _)| *delay).collect();
    assert_eq!(delays[..6], [3, 3, 4, 3, 3, 4]);
    assert_eq!(delays.iter().sum::<u16>(), 133, "40 frames at 30 fps");
    for (step, (_, shown)) in frames.iter().enumerate() {
        let ratio = psnr(shown, &rgb(&frame(SIZE, step)));
        assert!(ratio >= 38.0, "frame {step}: {ratio:.2} dB");
    }
    // 40 whole pictures would be far larger.
    assert!(done.bytes < 120_000, "{} bytes", done.bytes);
    if installed("ffprobe") {
        let found = probe(&path);
        assert_eq!((found["nb_read_frames"].as_str(), found["r_frame_rate"].as_str()), ("40", "30/1"));
    }
    assert_eq!(names(folder.path()), ["a.gif"]);
}

#[test]
fn few_colors_are_exact_and_equal_frames_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.gif");
    let mut spec = spec(Codec::Gif, 50);
    spec.size = [15, 17];
    let picture = |count: usize| -> Vec<u8> {
        (0..15 * 17).flat_map(|place| [(place % count) as u8, 7, 200 - (place % count) as u8 / 2, 255]).collect()
    };
    let pictures = [255, 255, 200, 3, 3].map(picture);
    let mut writer = VideoWriter::create(&path, spec, false).expect("the video starts");
    for picture in &pictures {
        writer.push(picture.clone()).expect("the frame is taken");
    }
    writer.finish().expect("the video ends");
    let (frames, _) = shown(&path);
    assert_eq!(frames.len(), pictures.len());
    for (step, ((delay, shown), picture)) in frames.iter().zip(&pictures).enumerate() {
        assert_eq!(*delay, 2);
        assert!(*shown == rgb(picture), "frame {step}");
    }
}

#[test]
fn gifs_are_no_faster_than_players() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = refused(&folder.path().join("a.gif"), spec(Codec::Gif, 60), false);
    assert_eq!(error.to_string(), "gif cannot write 60 frames per second: expected 1 to 50");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_dropped_gif_has_all_its_frames() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut writer = VideoWriter::create(&folder.path().join("a.gif"), spec(Codec::Gif, 10), false).expect("a start");
    for step in 0..4 {
        writer.push(frame(SIZE, step)).expect("the frame is taken");
    }
    drop(writer);
    assert_eq!(shown(&folder.path().join("a.part.gif")).0.len(), 4);
}

#[test]
#[ignore = "a measurement: run it in release with --nocapture"]
fn time_per_frame() {
    use crate::video::palette::Quantizer;
    let mut quantizer = Quantizer::new(255);
    let size = [1280, 720];
    let (mut quantizing, mut compressing) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    for step in 0..10 {
        let picture: Vec<[u8; 3]> = frame(size, step).as_chunks::<4>().0.iter().zip(0..)
            .map(|(&[r, g, b, _], place): (_, usize)| [r, g, b.wrapping_add((place / 1280 / 3) as u8)]).collect();
        let keep: Vec<bool> = Vec::new();
        let start = std::time::Instant::now();
        let (palette, indices) = quantizer.run(&picture, &keep, 1280, 255);
        quantizing += start.elapsed();
        let frame = ::gif::Frame { palette: Some(palette), buffer: indices.into(), width: 1280, height: 720, ..Default::default() };
        let start = std::time::Instant::now();
        let mut file = ::gif::Encoder::new(Vec::new(), 1280, 720, &[]).expect("a GIF");
        file.write_frame(&frame).expect("a frame");
        compressing += start.elapsed();
    }
    println!("quantizing {:?}, compressing {:?} a whole picture", quantizing / 10, compressing / 10);
}

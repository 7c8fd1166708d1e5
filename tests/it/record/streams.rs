//! What the files are: codec, size, rate, length, colours, order of their parts.

use super::*;

/// That a stream has these properties.
fn check(path: &Path, expected: &[(&str, &str)]) -> HashMap<String, String> {
    let told = probe(path);
    for (key, expected) in expected {
        let found = told.get(*key).map(String::as_str);
        assert_eq!(found, Some(*expected), "{key} of {}", path.display());
    }
    told
}

/// The outermost boxes of an MP4 file, in order.
fn boxes(bytes: &[u8]) -> Vec<String> {
    let (mut at, mut names) = (0, Vec::new());
    while let Some(&[a, b, c, d, ref name @ ..]) = bytes.get(at..at + 8) {
        names.push(String::from_utf8_lossy(name).into_owned());
        at += u32::from_be_bytes([a, b, c, d]) as usize;
    }
    assert_eq!(at, bytes.len(), "the last box ends with the file");
    names
}

#[test]
fn an_mp4_has_the_codec_size_length_rate_and_colours_asked_for() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    for (options, size, fps, frames) in [
        ("--size 320x180 --seconds 1", ["320", "180"], 30, 30),
        // Odd sides are padded.
        (
            "--size 321x181 --fps 24 --seconds 1.5",
            ["322", "182"],
            24,
            36,
        ),
        (
            "--size 160x90 --scale 2 --fps 60 --seconds 0.5 --samples 2",
            ["320", "180"],
            60,
            30,
        ),
    ] {
        desk.succeed(&format!("record bowl -o a.mp4 --force {options}"));
        assert_eq!(desk.names(), ["a.mp4"]);
        let path = desk.path().join("a.mp4");
        let (rate, frames_) = (format!("{fps}/1"), frames.to_string());
        let told = check(
            &path,
            &[
                ("format.nb_streams", "1"),
                ("codec_name", "h264"),
                ("pix_fmt", "yuv420p"),
                ("width", size[0]),
                ("height", size[1]),
                ("sample_aspect_ratio", "1:1"),
                ("nb_frames", &frames_),
                ("nb_read_frames", &frames_),
                ("r_frame_rate", &rate),
                ("avg_frame_rate", &rate),
                ("color_range", "tv"),
                ("color_space", "bt709"),
                ("color_transfer", "bt709"),
                ("color_primaries", "bt709"),
            ],
        );
        let exact = f64::from(frames) / f64::from(fps);
        for key in ["duration", "format.duration"] {
            let found: f64 = told[key].parse().expect("seconds");
            assert!(
                (found - exact).abs() < 1.0 / f64::from(fps),
                "{key}: {found}"
            );
        }
        // Every frame lasts as long as every other.
        let pts = ["-show_entries", "frame=pts", "-of", "csv=p=0"];
        let pts = String::from_utf8(said("ffprobe", &path, &pts, &[])).expect("numbers");
        let pts: Vec<u32> = pts
            .lines()
            .map(|line| line.trim_end_matches(',').parse().expect("a number"))
            .collect();
        assert_eq!(pts.len(), frames as usize);
        assert!(
            pts.windows(2).all(|pair| pair[1] - pair[0] == pts[1]),
            "{pts:?}"
        );
        // It starts to play before it is there as a whole.
        assert_eq!(boxes(&desk.read("a.mp4")), ["ftyp", "moov", "mdat"]);
    }
}

#[test]
fn a_gif_loops_and_looks_like_its_pictures() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    desk.put("held.toml", HELD);
    for (options, frames) in [("", 25), ("--fps 30", 30)] {
        let record = |output: &str| {
            desk.succeed(&format!(
                "record held.toml -o {output} --force --size 160x90 --no-ui --seconds 1 {options}"
            ));
        };
        record("a.gif");
        let path = desk.path().join("a.gif");
        let count = frames.to_string();
        let expected = [
            ("codec_name", "gif"),
            ("width", "160"),
            ("height", "90"),
            ("nb_read_frames", &count),
        ];
        let told = check(&path, &expected);
        let seconds: f64 = told["format.duration"].parse().expect("seconds");
        assert!((seconds - 1.0).abs() < 0.02, "{seconds}");
        let bytes = desk.read("a.gif");
        // The extension that browsers know, with 0 rounds: for ever.
        let loops = b"NETSCAPE2.0\x03\x01\0\0\0";
        assert!(bytes.windows(loops.len()).any(|window| window == loops));
        assert_eq!(bytes.last(), Some(&0x3b), "the end mark");
        if options.is_empty() {
            record("frames --fps 25");
            let pictures = sequence(&desk.path().join("frames"));
            let decoded = decode(&path, "rgb24");
            assert_eq!(decoded.len(), pictures.len() * 160 * 90 * 3);
            for (i, (found, picture)) in decoded
                .chunks_exact(160 * 90 * 3)
                .zip(&pictures)
                .enumerate()
            {
                let psnr = psnr(found, &rgb(picture));
                assert!(psnr >= 38.0, "frame {i}: {psnr:.2} dB");
            }
        }
    }
}

#[test]
fn a_sequence_is_a_folder_of_numbered_pictures_with_alpha_where_asked_for() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    desk.put("held.toml", HELD);
    let record = "record held.toml -o frames --size 161x91 --no-ui --seconds 0.5 --fps 20";
    for (options, color) in [
        ("", image::ColorType::Rgb8),
        (" --transparent --force", image::ColorType::Rgba8),
    ] {
        desk.succeed(&format!("{record}{options}"));
        let folder = desk.path().join("frames");
        let first = image::open(folder.join("frame_00000.png")).expect("a picture");
        assert_eq!(first.color(), color);
        let pictures = sequence(&folder);
        assert_eq!(pictures.len(), 10);
        assert!(
            pictures
                .iter()
                .all(|picture| picture.dimensions() == (161, 91))
        );
        let clear = |picture: &RgbaImage| picture.pixels().filter(|pixel| pixel[3] == 0).count();
        if options.is_empty() {
            continue;
        }
        for picture in &pictures {
            assert!(
                clear(picture) > 161 * 91 / 4,
                "{} clear pixels",
                clear(picture)
            );
            assert_eq!(picture.get_pixel(80, 50)[3], 255, "the surface");
        }
        let last = shot(&desk, "held.toml --size 161x91 --no-ui --transparent");
        assert!(apart(&pictures[9], &last) <= 1);
    }
}

#[test]
fn ffmpegs_codecs_are_used_where_it_is() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    let encoders = Command::new("ffmpeg")
        .args(["-hide_banner", "-encoders"])
        .output();
    let encoders = encoders.map_or(String::new(), |output| {
        String::from_utf8_lossy(&output.stdout).into_owned()
    });
    for (codec, encoder, name, stream, format) in [
        ("x264", "libx264", "a.mp4", "h264", "yuv420p"),
        (
            "prores4444 --transparent --no-ui",
            "prores_ks",
            "a.mov",
            "prores",
            "yuva444p12le",
        ),
    ] {
        if !encoders.contains(encoder) {
            let _ = writeln!(io::stderr(), "SKIPPED: ffmpeg has no {encoder}");
            continue;
        }
        let record = format!("record bowl -o {name} --size 160x90 --seconds 1 --fps 10");
        desk.succeed(&format!("{record} --codec {codec}"));
        let told = check(
            &desk.path().join(name),
            &[
                ("codec_name", stream),
                ("nb_read_frames", "10"),
                ("r_frame_rate", "10/1"),
                ("width", "160"),
                ("height", "90"),
                ("color_space", "bt709"),
            ],
        );
        // Versions of ffmpeg differ in the depth that they decode to.
        assert_eq!(told["pix_fmt"][..7], format[..7], "{codec}");
    }
}

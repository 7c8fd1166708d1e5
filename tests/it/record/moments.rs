//! What the frames show: picture n is step n, from where the camera is then, in every run the same.

use super::*;

/// 0.2 s + 1.8 s + 0.3 s at 30 frames a second.
const HOLDS: &str = "--hold-start 0.2 --hold-end 0.3";
const FRAMES: usize = 69;

/// What `HELD` shows then: step 0 until frame 6, three frames a step, and step 5 from frame 21 to frame 39.
fn step_of(frame: usize) -> f64 {
    let moving = match frame {
        0..=6 => 0,
        7..=20 => frame - 6,
        21..=39 => 15,
        40..=60 => frame - 24,
        _ => 36,
    };
    moving as f64 / 3.0
}

#[test]
fn picture_n_is_step_n_in_pictures_and_in_the_video() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    desk.put("held.toml", HELD);
    let looks = "--no-ui --size 320x180";
    desk.succeed(&format!("record held.toml -o frames {looks} {HOLDS}"));
    let pictures = sequence(&desk.path().join("frames"));
    assert_eq!(pictures.len(), FRAMES);
    for picture in &pictures {
        let colorful = |[r, g, b, _]: [u8; 4]| r.max(g).max(b) - r.min(g).min(b) > 40;
        let surface = picture.pixels().filter(|pixel| colorful(pixel.0)).count();
        assert!(surface > 320 * 180 / 10, "{surface} pixels of a surface");
    }
    for frame in 1..FRAMES {
        let still = step_of(frame) == step_of(frame - 1);
        let same = pictures[frame] == pictures[frame - 1];
        assert_eq!(same, still, "frames {} and {frame}", frame - 1);
    }
    for frame in [0, 8, 9, 21, 22, 39, 45, 61, 68] {
        let step = step_of(frame);
        let expected = shot(&desk, &format!("held.toml {looks} --step {step}"));
        let apart = apart(&pictures[frame], &expected);
        assert!(apart <= 1, "frame {frame}, step {step}: off by {apart}");
    }

    desk.succeed(&format!("record held.toml -o a.mp4 {looks} {HOLDS}"));
    let path = desk.path().join("a.mp4");
    let [luma, planes] = [320 * 180, 320 * 180 * 3 / 2];
    let stored = decode(&path, "yuv420p");
    let shown = decode(&path, "rgb24");
    assert_eq!(stored.len(), FRAMES * planes);
    assert_eq!(shown.len(), FRAMES * luma * 3);
    let expected: Vec<Vec<u8>> = pictures.iter().map(yuv420).collect();
    let mut least = [f64::INFINITY; 3];
    for (frame, picture) in pictures.iter().enumerate() {
        let stored = &stored[frame * planes..][..planes];
        let shown = &shown[frame * luma * 3..][..luma * 3];
        let found = [
            psnr(&stored[..luma], &expected[frame][..luma]),
            psnr(&stored[luma..], &expected[frame][luma..]),
            psnr(shown, &rgb(picture)),
        ];
        for (least, found) in least.iter_mut().zip(found) {
            *least = least.min(found);
        }
        // A moving frame is more like its own picture than like its neighbours'.
        for other in [frame.wrapping_sub(1), frame + 1] {
            if pictures.get(other).is_some_and(|other| other != picture) {
                let others = psnr(&stored[..luma], &expected[other][..luma]);
                assert!(found[0] > others, "frame {frame} looks like {other}");
            }
        }
    }
    println!("at least {least:.2?} dB in luma, chroma, RGB");
    // Of thin coloured lines 4:2:0 itself leaves 37 to 43 dB in RGB, whoever encodes them.
    let enough = least[0] >= 42.0 && least[1] >= 42.0 && least[2] >= 36.0;
    assert!(enough, "{least:.2?} dB");
}

#[test]
fn a_video_adds_nothing_to_its_pictures_but_the_counter() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    desk.put("held.toml", HELD);
    let size = "--size 640x360";
    desk.succeed(&format!(
        "record held.toml -o frames {size} --seconds 0.6 --fps 10"
    ));
    let pictures = sequence(&desk.path().join("frames"));
    assert_eq!(pictures.len(), 6);
    for (frame, step) in [(0, "0"), (5, "12")] {
        let layout = "--layout scene+inset+plot";
        let expected = shot(&desk, &format!("held.toml {size} {layout} --step {step}"));
        let pairs = pictures[frame].enumerate_pixels().zip(expected.pixels());
        let other: Vec<[u32; 2]> = pairs
            .filter(|((_, _, a), b)| (0..3).any(|c| a[c].abs_diff(b[c]) > 1))
            .map(|((x, y, _), _)| [x, y])
            .collect();
        assert!(other.len() > 100, "{} pixels of a counter", other.len());
        let corner = |&[x, y]: &[u32; 2]| x < 160 && y >= 320;
        assert!(other.iter().all(corner), "frame {frame}: {other:?}");
    }
}

#[test]
fn every_layout_can_be_recorded_alone() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    desk.put("held.toml", HELD);
    let mut seen: Vec<RgbaImage> = Vec::new();
    for layout in ["scene", "inset", "plot", "scene+inset+plot"] {
        // A smaller picture has no room for all of them.
        let looks = format!("--size 640x360 --layout {layout}");
        desk.succeed(&format!(
            "record held.toml -o {layout} {looks} --seconds 0.5 --fps 6 --hold-end 0.2"
        ));
        let pictures = sequence(&desk.path().join(layout));
        assert_eq!(pictures.len(), 3);
        assert!(pictures[0] != pictures[2], "{layout}: nothing moves");
        let last = pictures[2].clone();
        if !layout.contains("scene") {
            let expected = shot(&desk, &format!("held.toml {looks}"));
            assert!(apart(&last, &expected) <= 1, "{layout}");
        }
        assert!(!seen.contains(&last), "{layout} looks like another");
        seen.push(last);
    }
}

#[test]
fn two_runs_write_the_same_bytes() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    for name in ["a.mp4", "a.gif"] {
        let record = || {
            desk.succeed(&format!(
                "record race -o {name} --force --size 320x180 --seconds 1"
            ));
            desk.read(name)
        };
        assert!(record() == record(), "{name}: two runs differ");
    }
}

#[test]
fn the_camera_stands_turns_or_follows_its_keys() {
    if !ready() {
        return;
    }
    let keys = "[[camera.key]]\ntime = 0\nyaw = 0.2\npitch = 0.3\ndistance = 2.4\n\
                [[camera.key]]\ntime = 1.0\nyaw = 1.2\npitch = 0.9\ndistance = 2.4\n";
    let desk = Desk::new();
    desk.put("held.toml", HELD);
    desk.put("keys.toml", &format!("{HELD}{keys}"));
    let looks = "--no-ui --size 320x180";
    let record = |file: &str, options: &str, frames: usize| {
        desk.succeed(&format!(
            "record {file} -o frames --force {looks} --fps 20 {options}"
        ));
        let pictures = sequence(&desk.path().join("frames"));
        assert_eq!(pictures.len(), frames);
        pictures
    };
    // The first step stays for the first half, the last one for the second, but for the run between them.
    let halves = "--seconds 1 --hold-start 0.45 --hold-end 0.45";
    let like = |picture: &RgbaImage, options: &str| {
        let expected = shot(&desk, &format!("held.toml {looks} {options}"));
        let psnr = psnr(&rgb(picture), &rgb(&expected));
        assert!(psnr > 50.0, "{options}: {psnr:.2} dB");
    };
    let all_differ = |pictures: &[RgbaImage]| pictures.windows(2).all(|pair| pair[0] != pair[1]);
    let all_equal = |pictures: &[RgbaImage]| pictures.windows(2).all(|pair| pair[0] == pair[1]);

    let still = record("held.toml", halves, 20);
    assert!(all_equal(&still[..10]) && all_equal(&still[11..]));

    // From the usual view, 0.65 and 0.52 radians, for 0.95 s.
    let turning = record("held.toml", &format!("{halves} --turntable=-1.5"), 20);
    assert!(all_differ(&turning));
    like(&turning[0], "--step 0");
    like(&turning[19], &format!("--view {},0.52", 0.65 - 1.5 * 0.95));

    // Half a second of rest, 1.8 s at the experiment's own pace, and rest again: keys count seconds of playback.
    let moving = record("keys.toml", "--hold-start 0.5 --hold-end 0.5", 56);
    assert!(all_equal(&moving[..11]) && all_differ(&moving[10..31]) && all_equal(&moving[46..]));
    like(&moving[0], "--view 0.2,0.3 --step 0");
    like(&moving[55], "--view 1.2,0.9");

    // A view leaves the keys out.
    let chosen = record("keys.toml", &format!("{halves} --view top"), 20);
    assert!(all_equal(&chosen[..10]));
    like(&chosen[0], "--view top --step 0");
}

#[test]
fn lengths_paces_and_holds_give_exact_numbers_of_frames() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    desk.put("held.toml", HELD);
    // 12 steps of 0.1 s and a pause of 0.6 s, between 0.5 s and 1.5 s.
    for (options, frames) in [
        ("--fps 10", 38),
        ("--fps 10 --hold-start 0 --hold-end 0", 18),
        ("--fps 10 --hold-start 1 --hold-end 0.2", 30),
        ("--fps 10 --steps-per-second 20", 32),
        ("--fps 12 --seconds 2.5", 30),
        ("--fps 7 --seconds 0.01", 1),
        ("--fps 3 --seconds 4 --hold-start 0 --hold-end 1", 12),
    ] {
        desk.succeed(&format!(
            "record held.toml -o frames --force --size 64x64 --layout plot {options}"
        ));
        let pictures = sequence(&desk.path().join("frames"));
        assert_eq!(pictures.len(), frames, "{options}");
    }
}

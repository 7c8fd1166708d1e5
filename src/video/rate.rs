//! Frame rates, exact: television's are fractions.

use std::fmt;
use std::str::FromStr;

/// Frames per second as a fraction in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    frames: u32,
    seconds: u32,
}

/// Ticks of the clock for a frame at whole rates.
const TICKS: u32 = 512;
/// Denominators that are read; rates beyond them are mistakes.
const LARGEST: u32 = 100_000;
/// Decimals stand for thousandths at most.
const THOUSANDTHS: f64 = 1000.0;

impl Rate {
    /// So many frames in so many seconds, neither of them 0.
    fn new(frames: u32, seconds: u32) -> Rate {
        let divisor = greatest_common_divisor(frames, seconds).max(1);
        Rate {
            frames: frames / divisor,
            seconds: seconds / divisor,
        }
    }

    /// Frames per second.
    pub fn per_second(self) -> f64 {
        f64::from(self.frames) / f64::from(self.seconds)
    }

    /// So many whole frames in so many seconds, at least 1.
    pub(super) fn frames_in(self, seconds: f64) -> u32 {
        (self.per_second() * seconds).round().max(1.0) as u32
    }

    /// Ticks a second of a clock that counts frames exactly, and its ticks for a frame.
    pub(super) fn clock(self) -> (u32, u32) {
        let times = if self.seconds == 1 { TICKS } else { 1 };
        (self.frames * times, self.seconds * times)
    }

    /// When a frame begins, in whole hundredths of a second.
    pub(super) fn hundredths(self, frame: u64) -> u64 {
        frame * 100 * u64::from(self.seconds) / u64::from(self.frames).max(1)
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

impl From<u32> for Rate {
    fn from(frames: u32) -> Rate {
        Rate { frames, seconds: 1 }
    }
}

impl fmt::Display for Rate {
    /// As ffmpeg has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds {
            1 => write!(f, "{}", self.frames),
            seconds => write!(f, "{}/{seconds}", self.frames),
        }
    }
}

impl FromStr for Rate {
    type Err = String;

    /// A number such as 30 or 12.5, or a fraction such as 24000/1001, from 1 to 240 a second. 23.976, 29.97 and their like are what
    /// they stand for: 24000/1001, 30000/1001 …
    fn from_str(text: &str) -> Result<Rate, String> {
        let rate = match text.split_once('/') {
            Some((frames, seconds)) => fraction(frames, seconds),
            None => text.trim().parse().ok().and_then(decimal),
        };
        rate.filter(|rate| (1.0..=240.0).contains(&rate.per_second()))
            .ok_or_else(|| {
                format!(
                    "found `{text}`, expected frames per second, 1 to 240, such as 30, 23.976 or 24000/1001"
                )
            })
    }
}

fn fraction(frames: &str, seconds: &str) -> Option<Rate> {
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0);
    let (frames, seconds) = (number(frames)?, number(seconds)?);
    let rate = Rate::new(frames, seconds);
    (rate.seconds <= LARGEST && rate.frames <= 240 * LARGEST).then_some(rate)
}

fn decimal(number: f64) -> Option<Rate> {
    if !(number > 0.0 && number <= 1000.0) {
        return None;
    }
    // Television's rates are whole ones times 1000/1001, written with two or three decimals.
    let whole = number.round();
    let television = whole * 1000.0 / 1001.0;
    let digits = |scale: f64| ((television * scale).round() / scale - number).abs() < 1e-9;
    if whole != number && (digits(100.0) || digits(THOUSANDTHS)) {
        return Some(Rate::new(whole as u32 * 1000, 1001));
    }
    let thousandths = number * THOUSANDTHS;
    let is_exact = (thousandths - thousandths.round()).abs() < 1e-6;
    is_exact.then(|| Rate::new(thousandths.round() as u32, THOUSANDTHS as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_what_they_stand_for() {
        for (text, rate) in [
            ("30", "30"),
            ("1", "1"),
            ("240", "240"),
            ("23.976", "24000/1001"),
            ("23.98", "24000/1001"),
            ("29.97", "30000/1001"),
            ("59.94", "60000/1001"),
            ("59.940", "60000/1001"),
            ("119.88", "120000/1001"),
            ("24000/1001", "24000/1001"),
            ("12.5", "25/2"),
            ("50/2", "25"),
            ("24.0", "24"),
        ] {
            let read = text.parse::<Rate>().map(|rate| rate.to_string());
            assert_eq!(read.as_deref(), Ok(rate), "{text}");
        }
        for text in [
            "0",
            "-1",
            "0.5",
            "241",
            "1e9",
            "NaN",
            "inf",
            "",
            "1/0",
            "0/1",
            "24000/",
            "23.9764",
            "99999999/99999998",
        ] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_clock_counts_frames_exactly() {
        assert_eq!(Rate::from(30).clock(), (15_360, 512));
        let film: Rate = "23.976".parse().expect("a rate");
        assert_eq!(film.clock(), (24_000, 1001));
        // A thousand and one seconds' frames, in hundredths.
        assert_eq!(film.hundredths(24_000), 100_100);
    }
}

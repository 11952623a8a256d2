//! Durations that were measured for one thing, and what is said of them.

use std::time::Duration;

/// At least one duration.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    sorted: Vec<Duration>,
}

impl Sample {
    /// What was measured so often, unless it never was.
    pub(crate) fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort();
        (!times.is_empty()).then_some(Self { sorted: times })
    }

    /// The smallest that so many of a hundred do not exceed.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        self.sorted[(self.sorted.len() * percent).div_ceil(100).max(1) - 1]
    }

    /// The one in the middle.
    pub(crate) fn median(&self) -> Duration {
        self.percentile(50)
    }

    /// The longest.
    pub(crate) fn worst(&self) -> Duration {
        self.percentile(100)
    }

    /// `0.64 / 0.91 / 1.2 / 3.1 ms`: median, 95 %, 99 %, worst.
    pub(crate) fn spread(&self) -> String {
        [50, 95, 99, 100].map(|percent| time(self.percentile(percent))).join(" / ")
    }

    /// `233 ms (worst 241 ms)`.
    pub(crate) fn median_and_worst(&self) -> String {
        format!("{} (worst {})", time(self.median()), time(self.worst()))
    }
}

/// A time in three digits or so.
pub(crate) fn time(time: Duration) -> String {
    let (seconds, millis) = (time.as_secs_f64(), time.as_secs_f64() * 1e3);
    match time.as_micros() {
        0..1_000 => format!("{millis:.3} ms"),
        1_000..10_000 => format!("{millis:.2} ms"),
        10_000..1_000_000 => format!("{millis:.0} ms"),
        _ => format!("{seconds:.2} s"),
    }
}

/// How many times as long one takes as the other.
pub(crate) fn times_as_long(one: Duration, other: Duration) -> String {
    times(one.as_secs_f64(), other.as_secs_f64())
}

/// How many times as much one is as the other.
pub(crate) fn times(one: f64, other: f64) -> String {
    match one / other {
        ratio if !ratio.is_finite() => "–".to_owned(),
        ratio if ratio < 1.0 => format!("{ratio:.2}"),
        ratio if ratio < 10.0 => format!("{ratio:.1}"),
        ratio => format!("{ratio:.0}"),
    }
}

/// `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group));
    groups.collect::<Vec<_>>().join(",")
}

//! The only place where the time is looked up.
#![allow(clippy::disallowed_methods)]

use core::time::Duration;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::std;
use crate::time::{Time, UnixMillis};

/// A run's clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    /// A clock that begins to run now.
    pub fn start() -> Self {
        Self { began: Instant::now() }
    }

    /// How long it has been running. While the machine sleeps, it stands still on most systems.
    pub fn now(&self) -> Time {
        Time::ZERO + self.began.elapsed()
    }

    /// What the wall clock says; it may jump.
    pub fn unix(&self) -> UnixMillis {
        UnixMillis(u64::try_from(self.since_1970().as_millis()).unwrap_or(u64::MAX))
    }

    /// The same as finely as it is known.
    pub(super) fn since_1970(&self) -> Duration {
        // Before 1970 a clock is so wrong that 1970 is no worse.
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO)
    }
}

/// Notices when the machine has slept or its clock was set: then the wall clock has gone another way than the run's.
#[derive(Debug)]
pub(super) struct JumpDetector {
    last: (Time, UnixMillis),
}

impl JumpDetector {
    /// Corrections of a clock that is kept by NTP stay below this.
    const TOLERANCE: Duration = Duration::from_secs(2);

    pub(super) fn new(clock: &Clock) -> Self {
        Self { last: (clock.now(), clock.unix()) }
    }

    /// Whether the clock has jumped since the last time this was asked.
    pub(super) fn has_jumped(&mut self, now: Time, unix: UnixMillis) -> bool {
        let (last_now, last_unix) = core::mem::replace(&mut self.last, (now, unix));
        let by_wall = Duration::from_millis(unix.0.saturating_sub(last_unix.0));
        by_wall.abs_diff(now.since(last_now)) > Self::TOLERANCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_sleep_is_a_jump_and_a_second_of_ntp_is_none() {
        let at = |seconds: u64, unix: u64| (Time::from_micros(seconds * 1_000_000), UnixMillis(unix * 1000));
        let mut detector = JumpDetector { last: at(0, 1000) };
        let mut jumped = |(now, unix)| detector.has_jumped(now, unix);
        assert!(!jumped(at(3, 1003)));
        assert!(!jumped(at(6, 1007)));
        assert!(jumped(at(9, 4610)));
        assert!(!jumped(at(12, 4613)));
        assert!(jumped(at(15, 2000)), "set back");
    }
}

//! How much may go out at once, and how much in the long run.

use core::time::Duration;

use crate::time::Time;

/// How many tokens a bucket holds when it is full, and how fast it fills.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    burst: u32,
    /// The time between two tokens, in microseconds; an hour is the most.
    refill_micros: u32,
}

/// What is in a bucket of which the flow is kept elsewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    /// When the bucket will be, or was, full.
    full_at: Time,
}

/// A token bucket: whatever goes takes a token, of which there are at most `burst`, and a new one comes each
/// `refill`.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenBucket {
    flow: Flow,
    level: Level,
}

impl Flow {
    pub(super) const fn new(burst: u32, refill: Duration) -> Self {
        let micros = refill.as_micros();
        assert!(micros <= 3_600_000_000);
        Self { burst, refill_micros: micros as u32 }
    }

    /// How long so many tokens take to come.
    const fn time_for(self, tokens: u32) -> u64 {
        self.refill_micros as u64 * tokens as u64
    }
}

impl Level {
    pub(super) const FULL: Self = Self { full_at: Time::ZERO };

    fn ready_at(self, flow: Flow) -> Time {
        // A token less than full is enough: all but one of the burst may be missing.
        let missing_at_most = flow.time_for(flow.burst - 1);
        Time::from_micros(self.full_at.as_micros().saturating_sub(missing_at_most))
    }

    /// Puts a token back that was taken.
    pub(super) fn give_back(&mut self, flow: Flow) {
        self.full_at = Time::from_micros(self.full_at.as_micros().saturating_sub(flow.time_for(1)));
    }

    /// Takes a token if there is one.
    pub(super) fn take(&mut self, flow: Flow, now: Time) -> bool {
        let there = self.ready_at(flow) <= now;
        if there {
            self.full_at = self.full_at.max(now) + Duration::from_micros(flow.time_for(1));
        }
        there
    }
}

impl TokenBucket {
    /// A full bucket.
    pub(super) const fn new(burst: u32, refill: Duration) -> Self {
        Self { flow: Flow::new(burst, refill), level: Level::FULL }
    }

    /// Holds so many tokens from now on, and gets them so fast; what it lacks, it lacks still.
    pub(super) const fn change(&mut self, burst: u32, refill: Duration) {
        self.flow = Flow::new(burst, refill);
    }

    /// When the next token is to be had; `now` or earlier when there is one.
    pub(super) fn ready_at(&self) -> Time {
        self.level.ready_at(self.flow)
    }

    /// Takes a token if there is one.
    pub(super) fn take(&mut self, now: Time) -> bool {
        self.level.take(self.flow, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_then_one_each_refill() {
        let mut bucket = TokenBucket::new(3, Duration::from_micros(10));
        let now = Time::from_micros(100);
        assert!((0..3).all(|_| bucket.take(now)));
        assert!(!bucket.take(now));
        assert_eq!(bucket.ready_at(), Time::from_micros(110));
        assert!(!bucket.take(Time::from_micros(109)));
        assert!(bucket.take(Time::from_micros(110)));
        assert!(!bucket.take(Time::from_micros(119)));
        let later = Time::from_micros(10_000);
        assert_eq!((0..10).filter(|_| bucket.take(later)).count(), 3);
    }
}

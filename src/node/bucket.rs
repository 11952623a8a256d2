//! How much may go out at once, and how much in the long run.

use core::time::Duration;

use crate::time::Time;

/// A token bucket: whatever goes takes a token, of which there are at most `burst`, and a new one comes each
/// `refill`.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenBucket {
    burst: u32,
    refill: Duration,
    /// When the bucket will be, or was, full.
    full_at: Time,
}

impl TokenBucket {
    /// A full bucket.
    pub(super) const fn new(burst: u32, refill: Duration) -> Self {
        Self { burst, refill, full_at: Time::ZERO }
    }

    /// Holds so many tokens from now on, and gets them so fast; what it lacks, it lacks still.
    pub(super) const fn change(&mut self, burst: u32, refill: Duration) {
        (self.burst, self.refill) = (burst, refill);
    }

    /// When the next token is to be had; `now` or earlier when there is one.
    pub(super) fn ready_at(&self) -> Time {
        // A token less than full is enough: all but one of the burst may be missing.
        let missing_at_most = self.refill * (self.burst - 1);
        Time::from_micros(self.full_at.as_micros().saturating_sub(missing_at_most.as_micros() as u64))
    }

    /// Puts a token back that was taken.
    pub(super) fn give_back(&mut self) {
        self.full_at = Time::from_micros(self.full_at.as_micros().saturating_sub(self.refill.as_micros() as u64));
    }

    /// Takes a token if there is one.
    pub(super) fn take(&mut self, now: Time) -> bool {
        let there = self.ready_at() <= now;
        if there {
            self.full_at = self.full_at.max(now) + self.refill;
        }
        there
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

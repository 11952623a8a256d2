//! Runs that others tell of and that this one does not hear: it calls them, a few times.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use super::super::bucket::TokenBucket;
use crate::time::Time;
use crate::wire::{Run, RunAddress};

/// A run that was told of is called at once, and so long after that again: who does not answer then cannot be reached.
const CALL_AFTER: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_millis(1000),
    Duration::from_millis(3000),
    Duration::from_millis(8000),
];

/// Then it is forgotten. As others go on telling of it, this is how often it is tried.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(30);

/// The runs that are called. Others can name any address, so it is few to whom this run says hello unasked: each
/// [`CALL_AFTER`] in half a minute, and all together what the bucket gives.
#[derive(Debug)]
pub(super) struct Learned {
    /// At most [`COUNT_MAX`](Self::COUNT_MAX); those that were called in vain make room, then nobody.
    runs: BTreeMap<Run, Called>,
    calls: TokenBucket,
}

#[derive(Clone, Copy, Debug)]
struct Called {
    address: SocketAddr,
    since: Time,
    /// How often.
    calls: usize,
}

impl Called {
    fn next_at(&self) -> Option<Time> {
        CALL_AFTER.get(self.calls).map(|wait| self.since + *wait)
    }
}

impl Learned {
    pub(super) const COUNT_MAX: usize = 64;

    pub(super) const fn new() -> Self {
        Self { runs: BTreeMap::new(), calls: TokenBucket::new(64, Duration::from_millis(62)) }
    }

    /// Somebody tells of a run that is not heard.
    pub(super) fn learn(&mut self, now: Time, told: RunAddress) {
        self.runs.retain(|_, called| now.since(called.since) < FORGOTTEN_AFTER);
        if self.runs.contains_key(&told.run) {
            return;
        }
        if self.runs.len() >= Self::COUNT_MAX {
            let in_vain = self.runs.iter().filter(|(_, called)| called.next_at().is_none());
            let Some(oldest) = in_vain.min_by_key(|(_, called)| called.since).map(|(run, _)| *run) else { return };
            self.runs.remove(&oldest);
        }
        self.runs.insert(told.run, Called { address: told.address, since: now, calls: 0 });
    }

    /// A run is heard.
    pub(super) fn handle_heard(&mut self, run: Run) {
        self.runs.remove(&run);
    }

    /// Whether this run was told of, and is called.
    pub(super) fn contains(&self, run: Run) -> bool {
        self.runs.contains_key(&run)
    }

    /// When somebody is to be called.
    pub(super) fn next_at(&self) -> Option<Time> {
        let first = self.runs.values().filter_map(Called::next_at).min()?;
        Some(first.max(self.calls.ready_at()))
    }

    /// Who is to be called now.
    pub(super) fn take_due(&mut self, now: Time) -> Vec<SocketAddr> {
        let mut due = Vec::new();
        for called in self.runs.values_mut().filter(|called| called.next_at().is_some_and(|at| at <= now)) {
            if !self.calls.take(now) {
                break;
            }
            called.calls += 1;
            due.push(called.address);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId};

    fn told(number: u16) -> RunAddress {
        let run = Run { peer: PeerId(number.into()), epoch: Epoch(1) };
        RunAddress { run, address: SocketAddr::from(([192, 0, 2, 7], number)) }
    }

    fn millis(millis: u64) -> Time {
        Time::from_micros(millis * 1000)
    }

    fn calls(learned: &mut Learned, until: Time) -> Vec<u64> {
        let mut calls = Vec::new();
        while let Some(at) = learned.next_at().filter(|at| *at < until) {
            let due = learned.take_due(at);
            assert!(!due.is_empty(), "nothing comes of it");
            calls.extend(due.iter().map(|_| at.as_micros() / 1000));
        }
        calls
    }

    #[test]
    fn who_is_told_of_is_called_six_times_in_half_a_minute_until_heard() {
        let mut learned = Learned::new();
        for second in 0..29 {
            learned.learn(millis(second * 1000), told(1));
        }
        assert_eq!(calls(&mut learned, millis(30_000)), [0, 100, 400, 1000, 3000, 8000]);
        learned.learn(millis(30_000), told(1));
        assert_eq!(calls(&mut learned, millis(30_050)), [30_000]);
        learned.handle_heard(told(1).run);
        assert_eq!(learned.next_at(), None);
    }

    #[test]
    fn however_many_are_told_of_few_are_called() {
        let mut learned = Learned::new();
        let mut called = 0;
        for number in 1..60_000 {
            let now = millis(u64::from(number));
            learned.learn(now, told(number));
            called += learned.take_due(now).len();
            assert!(learned.runs.len() <= Learned::COUNT_MAX);
        }
        assert!((900..=64 + 60_000 / 62).contains(&called), "{called} in a minute");
    }
}

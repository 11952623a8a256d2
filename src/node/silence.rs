//! A bounded table of runs that knows who has been silent for longest.

use alloc::collections::{BTreeMap, BTreeSet};
use core::time::Duration;

use crate::time::Time;
use crate::wire::Run;

/// What is known of runs, by run. When it is full, whoever was silent for longest makes room.
#[derive(Debug)]
pub(super) struct BySilence<V> {
    capacity: usize,
    entries: BTreeMap<Run, (Time, V)>,
    order: BTreeSet<(Time, Run)>,
}

impl<V> BySilence<V> {
    pub(super) const fn new(capacity: usize) -> Self {
        Self { capacity, entries: BTreeMap::new(), order: BTreeSet::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, run: Run) -> Option<&V> {
        self.entries.get(&run).map(|(_, value)| value)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut().map(|(_, value)| value)
    }

    /// When the run was last heard.
    pub(super) fn time(&self, run: Run) -> Option<Time> {
        self.entries.get(&run).map(|(heard, _)| *heard)
    }

    pub(super) fn get_mut(&mut self, run: Run) -> Option<&mut V> {
        self.entries.get_mut(&run).map(|(_, value)| value)
    }

    /// The entries, by run.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (Run, Time, &V)> {
        self.entries.iter().map(|(run, (heard, value))| (*run, *heard, value))
    }

    /// The entries, whoever was heard last first.
    pub(super) fn latest_first(&self) -> impl Iterator<Item = (Run, &V)> {
        self.order.iter().rev().filter_map(|(_, run)| Some((*run, self.get(*run)?)))
    }

    /// Notes that the run was heard just now, if it is in the table.
    pub(super) fn heard(&mut self, run: Run, now: Time) -> Option<&mut V> {
        self.note(run, now, Duration::ZERO)
    }

    /// Notes roughly that the run was heard just now, if it is in the table: to the minute, which is near enough to know
    /// whom to forget, and mostly changes nothing.
    pub(super) fn heard_roughly(&mut self, run: Run, now: Time) -> Option<&mut V> {
        self.note(run, now, Duration::from_secs(60))
    }

    fn note(&mut self, run: Run, now: Time, precision: Duration) -> Option<&mut V> {
        let (heard, value) = self.entries.get_mut(&run)?;
        if now.since(*heard) >= precision {
            self.order.remove(&(*heard, run));
            self.order.insert((now, run));
            *heard = now;
        }
        Some(value)
    }

    /// Enters a run, heard just now, in place of what was known of it; gives who had to make room.
    pub(super) fn insert(&mut self, run: Run, now: Time, value: V) -> Option<(Run, V)> {
        self.remove(run);
        let displaced = if self.entries.len() >= self.capacity { self.pop_longest_silent() } else { None };
        self.entries.insert(run, (now, value));
        self.order.insert((now, run));
        displaced
    }

    pub(super) fn remove(&mut self, run: Run) -> Option<V> {
        let (heard, value) = self.entries.remove(&run)?;
        self.order.remove(&(heard, run));
        Some(value)
    }

    fn pop_longest_silent(&mut self) -> Option<(Run, V)> {
        let (_, run) = self.order.pop_first()?;
        self.entries.remove(&run).map(|(_, value)| (run, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId};

    #[test]
    fn the_longest_silent_makes_room() {
        let run = |number| Run { peer: PeerId(number), epoch: Epoch(0) };
        let mut table = BySilence::new(2);
        assert_eq!(table.insert(run(1), Time::from_micros(1), 'a'), None);
        assert_eq!(table.insert(run(2), Time::from_micros(2), 'b'), None);
        assert_eq!(table.heard(run(1), Time::from_micros(3)), Some(&mut 'a'));
        assert_eq!(table.insert(run(3), Time::from_micros(4), 'c'), Some((run(2), 'b')));
        assert_eq!(table.insert(run(3), Time::from_micros(5), 'd'), None);
        assert_eq!(table.remove(run(1)), Some('a'));
        assert_eq!(table.iter().collect::<std::vec::Vec<_>>(), [(run(3), Time::from_micros(5), &'d')]);
        assert_eq!((table.len(), table.order.len()), (1, 1));
        for (at, noted) in [(6, 5), (60_000_006, 60_000_006)] {
            assert_eq!(table.heard_roughly(run(3), Time::from_micros(at)), Some(&mut 'd'));
            assert_eq!((table.time(run(3)), table.order.len()), (Some(Time::from_micros(noted)), 1));
        }
        assert_eq!(table.heard_roughly(run(4), Time::ZERO), None);
    }
}

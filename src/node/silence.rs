//! A bounded table that knows who has been silent for longest.

use alloc::collections::{BTreeMap, BTreeSet};
use core::time::Duration;

use crate::time::Time;
use crate::wire::Run;

/// What is known of runs, or of others that are heard, by run. When it is full, whoever was silent for longest makes
/// room; of those who are spared, only when there is nobody else.
#[derive(Debug)]
pub(super) struct BySilence<V, K = Run> {
    capacity: usize,
    entries: BTreeMap<K, Entry<V>>,
    order: BTreeSet<(Time, K)>,
    /// Of these, those who are not spared.
    first_to_go: BTreeSet<(Time, K)>,
}

#[derive(Debug)]
struct Entry<V> {
    heard: Time,
    value: V,
}

impl<V, K: Copy + Ord> BySilence<V, K> {
    pub(super) const fn new(capacity: usize) -> Self {
        Self { capacity, entries: BTreeMap::new(), order: BTreeSet::new(), first_to_go: BTreeSet::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, key: K) -> Option<&V> {
        self.entries.get(&key).map(|entry| &entry.value)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut().map(|entry| &mut entry.value)
    }

    /// When the run was last heard.
    pub(super) fn time(&self, key: K) -> Option<Time> {
        self.entries.get(&key).map(|entry| entry.heard)
    }

    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.entries.get_mut(&key).map(|entry| &mut entry.value)
    }

    /// The entries, by run.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (K, Time, &V)> {
        self.entries.iter().map(|(key, entry)| (*key, entry.heard, &entry.value))
    }

    /// The entries, whoever was heard last first.
    pub(super) fn latest_first(&self) -> impl Iterator<Item = (K, &V)> {
        self.order.iter().rev().filter_map(|(_, key)| Some((*key, self.get(*key)?)))
    }

    /// Notes that the run was heard just now, if it is in the table.
    pub(super) fn heard(&mut self, key: K, now: Time) -> Option<&mut V> {
        self.note(key, now, Duration::ZERO)
    }

    /// Notes roughly that the run was heard just now, if it is in the table: to the minute, which is near enough to know
    /// whom to forget, and mostly changes nothing.
    pub(super) fn heard_roughly(&mut self, key: K, now: Time) -> Option<&mut V> {
        self.note(key, now, Duration::from_secs(60))
    }

    fn note(&mut self, key: K, now: Time, precision: Duration) -> Option<&mut V> {
        let entry = self.entries.get_mut(&key)?;
        if now.since(entry.heard) >= precision {
            self.order.remove(&(entry.heard, key));
            self.order.insert((now, key));
            if self.first_to_go.remove(&(entry.heard, key)) {
                self.first_to_go.insert((now, key));
            }
            entry.heard = now;
        }
        Some(&mut entry.value)
    }

    /// Spares the run, if it is in the table.
    pub(super) fn spare(&mut self, key: K) {
        if let Some(entry) = self.entries.get(&key) {
            self.first_to_go.remove(&(entry.heard, key));
        }
    }

    /// Enters a run, heard just now and not spared, in place of what was known of it; gives who had to make room.
    pub(super) fn insert(&mut self, key: K, now: Time, value: V) -> Option<(K, V)> {
        self.remove(key);
        let displaced = if self.entries.len() >= self.capacity { self.pop_longest_silent() } else { None };
        self.entries.insert(key, Entry { heard: now, value });
        self.order.insert((now, key));
        self.first_to_go.insert((now, key));
        displaced
    }

    pub(super) fn remove(&mut self, key: K) -> Option<V> {
        let entry = self.entries.remove(&key)?;
        self.order.remove(&(entry.heard, key));
        self.first_to_go.remove(&(entry.heard, key));
        Some(entry.value)
    }

    fn pop_longest_silent(&mut self) -> Option<(K, V)> {
        let (_, key) = *self.first_to_go.first().or_else(|| self.order.first())?;
        self.remove(key).map(|value| (key, value))
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

    #[test]
    fn whoever_is_spared_goes_last() {
        let at = Time::from_micros;
        let mut table = BySilence::<char, u8>::new(3);
        assert!(
            [(1, 'a'), (2, 'b'), (3, 'c')].into_iter().all(|(key, c)| table.insert(key, at(key.into()), c).is_none())
        );
        table.spare(1);
        table.spare(9);
        assert_eq!(table.heard(2, at(4)), Some(&mut 'b'));
        assert_eq!(table.insert(4, at(5), 'd'), Some((3, 'c')));
        assert_eq!(table.heard(1, at(6)), Some(&mut 'a'));
        [2, 4].into_iter().for_each(|key| table.spare(key));
        assert_eq!(table.insert(5, at(7), 'e'), Some((2, 'b')), "there was nobody else");
        assert_eq!(table.insert(6, at(8), 'f'), Some((5, 'e')));
        assert_eq!((table.order.len(), table.first_to_go.len()), (3, 1));
    }
}

//! A bounded table that knows who has been silent for longest.

use core::hash::Hash;
use core::time::Duration;

use super::table::{Place, Removed, Table};
use crate::time::Time;
use crate::wire::Run;

/// What is known of runs, or of others that are heard, by run. When it is full, whoever was silent for longest makes
/// room; of those who are spared, only when there is nobody else.
///
/// They stand in two queues, linked by their places in the table, as to hear somebody is what happens most.
#[derive(Debug)]
pub(super) struct BySilence<V, K = Run> {
    capacity: usize,
    rows: Table<K, Row<V>>,
    spared: Queue,
    /// Those who are not spared.
    first_to_go: Queue,
}

#[derive(Debug)]
struct Row<V> {
    heard: Time,
    /// Its neighbours in its queue.
    longer_silent: Place,
    heard_later: Place,
    is_spared: bool,
    value: V,
}

/// Its two ends; both are nowhere when nobody stands in it.
#[derive(Debug)]
struct Queue {
    longest_silent: Place,
    heard_last: Place,
}

impl Queue {
    const EMPTY: Self = Self { longest_silent: Place::NOWHERE, heard_last: Place::NOWHERE };
}

impl<V, K: Copy + Ord + Hash> BySilence<V, K> {
    pub(super) const fn new(capacity: usize) -> Self {
        assert!(capacity <= Table::<K, Row<V>>::COUNT_MAX);
        Self { capacity, rows: Table::new(), spared: Queue::EMPTY, first_to_go: Queue::EMPTY }
    }

    #[cfg(test)]
    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn get(&self, key: K) -> Option<&V> {
        self.rows.get(key).map(|row| &row.value)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.rows.values_mut().map(|row| &mut row.value)
    }

    /// When the run was last heard.
    pub(super) fn time(&self, key: K) -> Option<Time> {
        self.rows.get(key).map(|row| row.heard)
    }

    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.rows.get_mut(key).map(|row| &mut row.value)
    }

    /// The entries, by run. To put them in order takes a while.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (K, Time, &V)> {
        self.rows.iter().map(|(key, row)| (key, row.heard, &row.value))
    }

    /// The entries, whoever was heard last first.
    pub(super) fn latest_first(&self) -> impl Iterator<Item = (K, &V)> {
        let (mut spared, mut others) = (self.spared.heard_last, self.first_to_go.heard_last);
        core::iter::from_fn(move || {
            let heard = |place| if place == Place::NOWHERE { None } else { Some(self.rows.at(place).heard) };
            let next = if heard(spared) > heard(others) { &mut spared } else { &mut others };
            let place = *next;
            heard(place)?;
            let row = self.rows.at(place);
            *next = row.longer_silent;
            Some((self.rows.key(place), &row.value))
        })
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
        let place = self.rows.place(key)?;
        if now.since(self.rows.at(place).heard) >= precision {
            self.step_out(place);
            self.rows.at_mut(place).heard = now;
            self.queue_up(place);
        }
        Some(&mut self.rows.at_mut(place).value)
    }

    /// Spares the run, if it is in the table.
    pub(super) fn spare(&mut self, key: K) {
        if let Some(place) = self.rows.place(key).filter(|place| !self.rows.at(*place).is_spared) {
            self.step_out(place);
            self.rows.at_mut(place).is_spared = true;
            self.queue_up(place);
        }
    }

    /// Enters a run, heard just now and not spared, in place of what was known of it; gives who had to make room.
    pub(super) fn insert(&mut self, key: K, now: Time, value: V) -> Option<(K, V)> {
        self.remove(key);
        let displaced = if self.rows.len() >= self.capacity { self.pop_longest_silent() } else { None };
        let (longer_silent, heard_later) = (Place::NOWHERE, Place::NOWHERE);
        let place = self.rows.insert(key, Row { heard: now, longer_silent, heard_later, is_spared: false, value });
        self.queue_up(place);
        displaced
    }

    pub(super) fn remove(&mut self, key: K) -> Option<V> {
        let place = self.rows.place(key)?;
        self.step_out(place);
        let Removed { value, moved_from } = self.rows.remove(key)?;
        if moved_from.is_some() {
            // Its neighbours have yet to learn where it is now.
            let Row { longer_silent, heard_later, is_spared, .. } = *self.rows.at(place);
            self.link(is_spared, longer_silent, place);
            self.link(is_spared, place, heard_later);
        }
        Some(value.value)
    }

    fn pop_longest_silent(&mut self) -> Option<(K, V)> {
        let queues = [&self.first_to_go, &self.spared];
        let place = queues.map(|queue| queue.longest_silent).into_iter().find(|place| *place != Place::NOWHERE)?;
        let key = self.rows.key(place);
        self.remove(key).map(|value| (key, value))
    }

    fn queue(&mut self, is_spared: bool) -> &mut Queue {
        if is_spared { &mut self.spared } else { &mut self.first_to_go }
    }

    /// Puts a row that stands in no queue into its own, where its time puts it: mostly that is the end.
    fn queue_up(&mut self, place: Place) {
        let Row { heard, is_spared, .. } = *self.rows.at(place);
        let (mut before, mut behind) = (self.queue(is_spared).heard_last, Place::NOWHERE);
        while before != Place::NOWHERE && self.rows.at(before).heard > heard {
            (before, behind) = (self.rows.at(before).longer_silent, before);
        }
        let row = self.rows.at_mut(place);
        (row.longer_silent, row.heard_later) = (before, behind);
        self.link(is_spared, before, place);
        self.link(is_spared, place, behind);
    }

    fn step_out(&mut self, place: Place) {
        let Row { longer_silent, heard_later, is_spared, .. } = *self.rows.at(place);
        self.link(is_spared, longer_silent, heard_later);
    }

    /// Makes neighbours of two rows of a queue; one that is nowhere is what lies beyond its end.
    fn link(&mut self, is_spared: bool, longer_silent: Place, heard_later: Place) {
        match longer_silent {
            Place::NOWHERE => self.queue(is_spared).longest_silent = heard_later,
            place => self.rows.at_mut(place).heard_later = heard_later,
        }
        match heard_later {
            Place::NOWHERE => self.queue(is_spared).heard_last = longer_silent,
            place => self.rows.at_mut(place).longer_silent = longer_silent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId};

    /// How many stand in the queue of those who are spared, and in that of the others. Each is seen from both sides.
    fn queued<V, K: Copy + Ord + Hash>(table: &BySilence<V, K>) -> [usize; 2] {
        [&table.spared, &table.first_to_go].map(|queue| {
            let (mut place, mut before, mut count) = (queue.longest_silent, Place::NOWHERE, 0);
            while place != Place::NOWHERE {
                let row = table.rows.at(place);
                assert_eq!(row.longer_silent, before);
                assert!(before == Place::NOWHERE || table.rows.at(before).heard <= row.heard);
                (place, before, count) = (row.heard_later, place, count + 1);
            }
            assert_eq!(queue.heard_last, before);
            count
        })
    }

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
        assert_eq!((table.len(), queued(&table)), (1, [0, 1]));
        for (at, noted) in [(6, 5), (60_000_006, 60_000_006)] {
            assert_eq!(table.heard_roughly(run(3), Time::from_micros(at)), Some(&mut 'd'));
            assert_eq!((table.time(run(3)), queued(&table)), (Some(Time::from_micros(noted)), [0, 1]));
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
        assert_eq!(queued(&table), [2, 1]);
    }

    #[test]
    fn it_agrees_with_a_list_of_all_that_was_heard() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut table = BySilence::<u32, u8>::new(40);
        // By time: who, and whether he is spared.
        let mut list: std::vec::Vec<(u8, bool)> = std::vec::Vec::new();
        for step in 0..20_000 {
            let (key, now) = (rng.u8(..60), Time::from_micros(step.into()));
            let known = list.iter().position(|(known, _)| *known == key);
            match rng.u8(..4) {
                0 => {
                    known.map(|position| list.remove(position));
                    let displaced = (list.len() == 40).then(|| {
                        let longest = list.iter().position(|(_, is_spared)| !is_spared).unwrap_or(0);
                        list.remove(longest).0
                    });
                    assert_eq!(table.insert(key, now, step).map(|(key, _)| key), displaced);
                    list.push((key, false));
                }
                1 => {
                    assert_eq!(table.heard(key, now).is_some(), known.is_some());
                    if let Some(position) = known {
                        let row = list.remove(position);
                        list.push(row);
                    }
                }
                2 if rng.u8(..3) == 0 => {
                    table.spare(key);
                    known.into_iter().for_each(|position| list[position].1 = true);
                }
                2 => {}
                _ => assert_eq!(table.remove(key).is_some(), known.map(|position| list.remove(position)).is_some()),
            }
            let spared = list.iter().filter(|(_, is_spared)| *is_spared).count();
            assert_eq!(queued(&table), [spared, list.len() - spared]);
            assert!(table.latest_first().map(|(key, _)| key).eq(list.iter().rev().map(|(key, _)| *key)));
        }
    }
}

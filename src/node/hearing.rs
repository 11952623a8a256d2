//! Which lines were heard already.

use alloc::vec::Vec;

use super::silence::BySilence;
use crate::time::Time;
use crate::wire::{Digest, Run, Seq};

/// The lines heard, by author. Bounded to [`AUTHORS_MAX`](Self::AUTHORS_MAX) authors; whoever was silent for longest
/// is forgotten, and a line of his that came again would be shown again.
#[derive(Debug)]
pub(super) struct Hearing {
    authors: BySilence<SeqSet>,
}

impl Hearing {
    const AUTHORS_MAX: usize = 1024;

    pub(super) const fn new() -> Self {
        Self { authors: BySilence::new(Self::AUTHORS_MAX) }
    }

    /// Notes a line; tells whether it was heard for the first time.
    pub(super) fn hear(&mut self, now: Time, author: Run, seq: Seq) -> bool {
        if let Some(heard) = self.authors.heard(author, now) {
            return heard.insert(seq);
        }
        let mut heard = SeqSet::default();
        heard.insert(seq);
        self.authors.insert(author, now, heard);
        true
    }

    /// What this run holds, its own lines included.
    pub(super) fn digest(&self, own: Option<(Run, Seq)>) -> Digest {
        let others = self.authors.iter().filter_map(|(run, _, heard)| Some((run, heard.highest()?)));
        Digest::of(others.chain(own))
    }
}

/// A set of line numbers, as ranges: lines come nearly in order, so it is nearly always one.
///
/// Bounded to [`RANGES_MAX`](Self::RANGES_MAX) ranges. When there are more, the lowest gap counts as heard: whoever
/// invents numbers loses the oldest of the lines that are missing, and none to come.
#[derive(Debug, Default)]
struct SeqSet {
    /// First and last number, both included; in order, and never touching one another.
    ranges: Vec<(u32, u32)>,
}

impl SeqSet {
    const RANGES_MAX: usize = 64;

    /// Whether the number was not yet in it.
    fn insert(&mut self, seq: Seq) -> bool {
        let seq = seq.number();
        let above = self.ranges.partition_point(|&(_, last)| last < seq);
        if self.ranges.get(above).is_some_and(|&(first, _)| first <= seq) {
            return false;
        }
        let follows = above > 0 && self.ranges[above - 1].1 == seq - 1;
        let precedes = self.ranges.get(above).is_some_and(|&(first, _)| first - 1 == seq);
        match (follows, precedes) {
            (true, true) => self.join(above - 1),
            (true, false) => self.ranges[above - 1].1 = seq,
            (false, true) => self.ranges[above].0 = seq,
            (false, false) => self.ranges.insert(above, (seq, seq)),
        }
        if self.ranges.len() > Self::RANGES_MAX {
            self.join(0);
        }
        true
    }

    fn highest(&self) -> Option<Seq> {
        self.ranges.last().and_then(|&(_, last)| Seq::new(last))
    }

    /// Makes one of a range and the next one.
    fn join(&mut self, lower: usize) {
        let (_, last) = self.ranges.remove(lower + 1);
        self.ranges[lower].1 = last;
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::wire::{Epoch, PeerId};

    const AUTHOR: Run = Run { peer: PeerId(1), epoch: Epoch(1) };

    fn seq(number: u32) -> Seq {
        Seq::new(number).unwrap()
    }

    #[test]
    fn a_claimed_number_of_4_billion_costs_no_honest_line() {
        let mut hearing = Hearing::new();
        assert!(hearing.hear(Time::ZERO, AUTHOR, seq(u32::MAX)));
        assert!((1..1000).all(|number| hearing.hear(Time::ZERO, AUTHOR, seq(number))));
        assert!((1..1000).all(|number| !hearing.hear(Time::ZERO, AUTHOR, seq(number))));
    }

    #[test]
    fn a_thousand_gaps_cost_no_memory() {
        let mut set = SeqSet::default();
        assert!((1..=1000).all(|number| set.insert(seq(number * 10))));
        assert_eq!(set.ranges.len(), SeqSet::RANGES_MAX);
        assert!(!set.insert(seq(15)), "the oldest gap is given up");
        assert!(set.insert(seq(9995)), "the newest is not");
    }

    #[test]
    fn the_digest_tells_of_the_highest_lines() {
        let mut hearing = Hearing::new();
        assert_eq!(hearing.digest(None), Digest(0));
        hearing.hear(Time::ZERO, AUTHOR, seq(3));
        hearing.hear(Time::ZERO, AUTHOR, seq(2));
        assert_eq!(hearing.digest(None), Digest::of([(AUTHOR, seq(3))].into_iter()));
    }

    proptest! {
        #[test]
        fn it_is_a_set(numbers in prop::collection::vec(1..60_u32, 0..80)) {
            let (mut set, mut model) = (SeqSet::default(), BTreeSet::new());
            for number in numbers {
                prop_assert_eq!(set.insert(seq(number)), model.insert(number));
                prop_assert_eq!(set.highest(), model.last().copied().map(seq));
                prop_assert!(set.ranges.is_sorted() && set.ranges.windows(2).all(|two| two[0].1 + 1 < two[1].0));
            }
        }
    }
}

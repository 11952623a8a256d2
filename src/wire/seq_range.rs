//! Lines of one author, by their numbers.

use super::Seq;

/// The lines from one number to another, both included; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeqRange {
    first: Seq,
    last: Seq,
}

impl SeqRange {
    /// `None` where the last comes before the first.
    pub fn new(first: Seq, last: Seq) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// A single line.
    pub const fn one(seq: Seq) -> Self {
        Self { first: seq, last: seq }
    }

    /// A line and all that follow it.
    pub const fn from(first: Seq) -> Self {
        Self { first, last: Seq::LAST }
    }

    /// The lowest number.
    pub const fn first(self) -> Seq {
        self.first
    }

    /// The highest number.
    pub const fn last(self) -> Seq {
        self.last
    }

    /// How many lines these are.
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub const fn len(self) -> u32 {
        // From 1 to the last number there is, 2^32 - 1 of them: it fits.
        self.last.number() - self.first.number() + 1
    }

    /// Whether a line is among them.
    pub fn contains(self, seq: Seq) -> bool {
        (self.first..=self.last).contains(&seq)
    }

    /// The lines that are in both.
    pub fn and(self, other: Self) -> Option<Self> {
        Self::new(self.first.max(other.first), self.last.min(other.last))
    }

    /// The lines before and behind `other`.
    pub fn without(self, other: Self) -> impl Iterator<Item = Self> {
        let before = other.first.before().and_then(|last| Self::new(self.first, last.min(self.last)));
        let behind = other.last.after(1).and_then(|first| Self::new(first.max(self.first), self.last));
        before.into_iter().chain(behind)
    }

    /// The same lines in at most `most` ranges of about one length, none shorter than `least` unless it is the last.
    pub fn split(self, most: u32, least: u32) -> impl Iterator<Item = Self> {
        let len = self.len().div_ceil(most.max(1)).max(least).max(1);
        let mut next = Some(self.first);
        core::iter::from_fn(move || {
            let first = next.filter(|first| *first <= self.last)?;
            let last = first.after(len - 1).unwrap_or(self.last).min(self.last);
            next = last.after(1);
            Some(Self { first, last })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn range(first: u32, last: u32) -> SeqRange {
        SeqRange::new(Seq::new(first).unwrap(), Seq::new(last).unwrap()).unwrap()
    }

    #[test]
    fn ranges_meet_and_part() {
        assert_eq!(SeqRange::new(Seq::new(2).unwrap(), Seq::FIRST), None);
        assert_eq!(range(3, 7).and(range(5, 9)), Some(range(5, 7)));
        assert_eq!(range(3, 7).and(range(8, 9)), None);
        let without = |other| range(3, 7).without(other).collect::<Vec<_>>();
        assert_eq!(without(range(4, 5)), [range(3, 3), range(6, 7)]);
        assert_eq!(without(range(1, 5)), [range(6, 7)]);
        assert_eq!(without(range(1, 9)), []);
        assert_eq!(without(range(8, 9)), [range(3, 7)]);
        assert_eq!(range(1, u32::MAX).without(range(1, u32::MAX)).count(), 0);
    }

    #[test]
    fn a_range_is_split_into_a_few() {
        let split = |range: SeqRange, most, least| range.split(most, least).collect::<Vec<_>>();
        assert_eq!(split(range(1, 10), 3, 1), [range(1, 4), range(5, 8), range(9, 10)]);
        assert_eq!(split(range(1, 10), 8, 6), [range(1, 6), range(7, 10)]);
        assert_eq!(split(range(5, 5), 8, 1), [range(5, 5)]);
        let whole = split(range(1, u32::MAX), 8, 1);
        assert_eq!((whole.len(), whole[7].last().number()), (8, u32::MAX));
    }
}

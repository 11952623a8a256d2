//! Whom a run hears, told in few bytes.

use alloc::borrow::Cow;
use alloc::vec;

use super::hash::hash;
use super::{Counter, Error, Run};

/// A Bloom filter of the runs that a beacon's sender hears.
///
/// Whoever is not in it knows for certain that the sender does not hear it; whoever is in it is heard, but for one
/// case in some thirty. Hence the salt: who is wrongly in it now is not likely to be in the next one. Multicast DNS
/// suppresses the answers that the asker knows already in the same spirit (RFC 6762, section 7.1).
///
/// An empty filter, which is what a small program sends, holds nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard<'a>(Cow<'a, [u8]>);

impl<'a> Heard<'a> {
    /// Most bytes of a filter. With it the largest beacon just fits into a datagram; for a thousand runs it leaves
    /// 5 bits a run, and one run in eleven is wrongly taken as heard.
    pub const MAX: usize = 624;

    /// Bits set for a run. Three are the best choice at 5 bits a run, and within a percent of it at 8.
    const HASHES: u32 = 3;

    /// A filter that holds nobody.
    pub const NOBODY: Self = Self(Cow::Borrowed(&[]));

    /// A filter that holds `runs`, at 8 bits a run as far as there is room. The salt is the counter of the datagram
    /// in which it goes.
    pub fn of(runs: impl ExactSizeIterator<Item = Run>, salt: Counter) -> Self {
        let mut bits = vec![0; runs.len().min(Self::MAX)];
        for run in runs {
            for (byte, mask) in places(run, salt, bits.len()) {
                bits[byte] |= mask;
            }
        }
        Self(Cow::Owned(bits))
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the sender hears `run`: "no" is certain, "yes" is likely.
    pub fn contains(&self, run: Run, salt: Counter) -> bool {
        !self.is_empty() && places(run, salt, self.0.len()).all(|(byte, mask)| self.0[byte] & mask != 0)
    }

    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        if bytes.len() > Self::MAX {
            return Err(Error::Heard);
        }
        Ok(Self(Cow::Borrowed(bytes)))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The bits that stand for a run in a filter of `len` bytes: which byte, and a mask of one bit, the lowest first.
fn places(run: Run, salt: Counter, len: usize) -> impl Iterator<Item = (usize, u8)> {
    let hash = hash(run, salt.0);
    // 21 bits of the hash for each place: four hundred times what the largest filter has, so all bits are about
    // equally likely.
    (0..Heard::HASHES).map(move |turn| {
        let slice = (hash >> (21 * turn)) as usize & 0x1f_ffff;
        let bit = slice % (len * 8);
        (bit / 8, 1 << (bit % 8))
    })
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::wire::{Epoch, PeerId};

    fn runs(from: u64, count: u64) -> Vec<Run> {
        (from..from + count).map(|peer| Run { peer: PeerId(peer), epoch: Epoch(7) }).collect()
    }

    #[test]
    fn who_is_heard_is_always_in_it_and_strangers_seldom() {
        for (count, most_wrong) in [(1, 100), (10, 60), (100, 60), (640, 60), (1000, 110)] {
            let salt = Counter(3);
            let heard = Heard::of(runs(0, count).into_iter(), salt);
            assert!(runs(0, count).into_iter().all(|run| heard.contains(run, salt)));
            let wrong = runs(1_000_000, 1000).into_iter().filter(|run| heard.contains(*run, salt)).count();
            assert!(wrong <= most_wrong, "of 1,000 strangers {wrong} are in a filter of {count}");
        }
    }

    #[test]
    fn nobody_is_in_an_empty_one() {
        assert!(!Heard::NOBODY.contains(runs(0, 1)[0], Counter(0)));
        assert_eq!(Heard::of(runs(0, 0).into_iter(), Counter(0)), Heard::NOBODY);
    }

    #[test]
    fn another_salt_takes_others_for_heard() {
        let wrongly_in = |salt| {
            let heard = Heard::of(runs(0, 1000).into_iter(), salt);
            runs(1_000_000, 1000).into_iter().filter(move |run| heard.contains(*run, salt)).collect::<Vec<_>>()
        };
        let (first, second) = (wrongly_in(Counter(1)), wrongly_in(Counter(2)));
        let both = first.iter().filter(|run| second.contains(run)).count();
        assert!(both * 4 < first.len(), "{both} of {} were in both", first.len());
    }
}

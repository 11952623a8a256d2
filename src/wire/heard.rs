//! Whom a run hears, told in few bytes.

use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

use super::hash::hash;
use super::{Counter, Error, Run};

/// Whom a beacon's sender hears.
///
/// Who is not heard knows that he should answer; multicast DNS suppresses the answers that the asker knows already in
/// the same spirit (RFC 6762, section 7.1). And who is named knows that the beacon was not recorded before he began:
/// the sender has heard of him, and his epoch is drawn anew at each start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// A name of 4 bytes for each of them.
    All(Names<'a>),
    /// A name of 4 bytes for each of some of them: of the others, nothing is told.
    Some(Names<'a>),
    /// A Bloom filter: who is not in it is not heard, and who is in it is heard, but for one case in some thirty; or
    /// one in eleven, in a filter of a thousand. Hence the salt: who is wrongly in it now is not likely to be in the
    /// next one. An empty one holds nobody.
    Filter(Cow<'a, [u8]>),
}

/// What a beacon tells of whether its sender hears somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hears {
    /// It does, and only somebody who has can tell: one case in 2^32 aside.
    Surely,
    /// It does, as far as a filter can tell.
    Probably,
    /// It does not.
    No,
    /// The beacon does not tell.
    Untold,
}

/// Names of runs, 4 bytes each: the first of the salted hash of each, in no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names<'a>(Cow<'a, [u8]>);

impl Names<'_> {
    const LEN: usize = 4;

    fn of(runs: impl Iterator<Item = Run>, salt: Counter) -> Names<'static> {
        let names: Vec<u8> = runs.take(Heard::NAMES_MAX).flat_map(|run| name(run, salt)).collect();
        Names(Cow::Owned(names))
    }

    fn contain(&self, run: Run, salt: Counter) -> bool {
        self.0.as_chunks::<{ Names::LEN }>().0.contains(&name(run, salt))
    }
}

fn name(run: Run, salt: Counter) -> [u8; Names::LEN] {
    let [a, b, c, d, ..] = hash(run, salt.0).to_be_bytes();
    [a, b, c, d]
}

impl<'a> Heard<'a> {
    /// Most bytes of it. With it the largest beacon just fits into a datagram; for a thousand runs it leaves 5 bits a
    /// run.
    pub const MAX: usize = 624;

    /// Most runs that can be named.
    pub const NAMES_MAX: usize = Self::MAX / Names::LEN;

    /// Bits set for a run in a filter. Three are the best choice at 5 bits a run, and within a percent of it at 8.
    const HASHES: u32 = 3;

    /// The sender hears nobody.
    pub const NOBODY: Self = Self::All(Names(Cow::Borrowed(&[])));

    /// All of these; each by his name, as long as there is room for that. The salt is the counter of the datagram in
    /// which it goes.
    pub fn all(runs: impl ExactSizeIterator<Item = Run>, salt: Counter) -> Self {
        if runs.len() <= Self::NAMES_MAX {
            return Self::All(Names::of(runs, salt));
        }
        let mut bits = vec![0; runs.len().min(Self::MAX)];
        for run in runs {
            for (byte, mask) in places(run, salt, bits.len()) {
                bits[byte] |= mask;
            }
        }
        Self::Filter(Cow::Owned(bits))
    }

    /// The first of these, as many as can be named, among others that are not told.
    pub fn some(runs: impl Iterator<Item = Run>, salt: Counter) -> Self {
        Self::Some(Names::of(runs, salt))
    }

    /// Whether the sender hears `run`.
    pub fn tells_of(&self, run: Run, salt: Counter) -> Hears {
        match self {
            Self::All(names) | Self::Some(names) if names.contain(run, salt) => Hears::Surely,
            Self::All(_) => Hears::No,
            Self::Some(_) => Hears::Untold,
            Self::Filter(bits) if bits.is_empty() => Hears::No,
            Self::Filter(bits) => {
                let is_in = places(run, salt, bits.len()).all(|(byte, mask)| bits[byte] & mask != 0);
                if is_in { Hears::Probably } else { Hears::No }
            }
        }
    }

    pub(super) fn parse(bytes: &'a [u8], form: Form) -> Result<Self, Error> {
        if bytes.len() > Self::MAX || (form != Form::Filter && !bytes.len().is_multiple_of(Names::LEN)) {
            return Err(Error::Heard);
        }
        let bytes = Cow::Borrowed(bytes);
        Ok(match form {
            Form::All => Self::All(Names(bytes)),
            Form::Some => Self::Some(Names(bytes)),
            Form::Filter => Self::Filter(bytes),
        })
    }

    pub(super) const fn form(&self) -> Form {
        match self {
            Self::All(_) => Form::All,
            Self::Some(_) => Form::Some,
            Self::Filter(_) => Form::Filter,
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::All(names) | Self::Some(names) => &names.0,
            Self::Filter(bits) => bits,
        }
    }
}

/// How whom a run hears is told; the beacon's flags say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    All,
    Some,
    Filter,
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
    use super::*;
    use crate::wire::{Epoch, PeerId};

    fn runs(from: u64, count: u64) -> Vec<Run> {
        (from..from + count).map(|peer| Run { peer: PeerId(peer), epoch: Epoch(7) }).collect()
    }

    #[test]
    fn who_is_heard_is_always_in_a_filter_and_strangers_seldom() {
        for (count, most_wrong) in [(157, 60), (640, 60), (1000, 110)] {
            let salt = Counter(3);
            let heard = Heard::all(runs(0, count).into_iter(), salt);
            assert!(runs(0, count).into_iter().all(|run| heard.tells_of(run, salt) == Hears::Probably));
            let wrong = runs(1_000_000, 1000).into_iter().filter(|run| heard.tells_of(*run, salt) != Hears::No).count();
            assert!(wrong <= most_wrong, "of 1,000 strangers {wrong} are in a filter of {count}");
        }
    }

    #[test]
    fn who_is_named_is_surely_heard_and_nobody_else() {
        let salt = Counter(3);
        let (all, some) = (Heard::all(runs(0, 156).into_iter(), salt), Heard::some(runs(0, 1000).into_iter(), salt));
        assert_eq!((all.as_bytes().len(), some.as_bytes().len()), (Heard::MAX, Heard::MAX));
        for run in runs(0, 156) {
            assert_eq!((all.tells_of(run, salt), some.tells_of(run, salt)), (Hears::Surely, Hears::Surely));
        }
        for run in runs(156, 100_000) {
            assert_eq!((all.tells_of(run, salt), some.tells_of(run, salt)), (Hears::No, Hears::Untold));
        }
        assert_eq!(all.tells_of(runs(0, 1)[0], Counter(4)), Hears::No, "by another salt");
    }

    #[test]
    fn nobody_is_in_an_empty_one() {
        let somebody = runs(0, 1)[0];
        assert_eq!(Heard::NOBODY.tells_of(somebody, Counter(0)), Hears::No);
        assert_eq!(Heard::parse(&[], Form::Filter).unwrap().tells_of(somebody, Counter(0)), Hears::No);
        assert_eq!(Heard::all(runs(0, 0).into_iter(), Counter(0)), Heard::NOBODY);
    }

    #[test]
    fn names_that_end_too_early_are_refused() {
        for (len, form) in [(3, Form::All), (625, Form::Filter), (628, Form::Some), (5, Form::Some)] {
            assert_eq!(Heard::parse(&vec![0; len], form), Err(Error::Heard));
        }
        assert!(Heard::parse(&[0; 3], Form::Filter).is_ok());
    }

    #[test]
    fn another_salt_takes_others_for_heard() {
        let wrongly_in = |salt| {
            let heard = Heard::all(runs(0, 1000).into_iter(), salt);
            let is_in = move |run: &Run| heard.tells_of(*run, salt) == Hears::Probably;
            runs(1_000_000, 1000).into_iter().filter(is_in).collect::<Vec<_>>()
        };
        let (first, second) = (wrongly_in(Counter(1)), wrongly_in(Counter(2)));
        let both = first.iter().filter(|run| second.contains(run)).count();
        assert!(both * 4 < first.len(), "{both} of {} were in both", first.len());
    }
}

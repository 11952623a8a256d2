//! What is held in the log, by whom it came: so that whoever fills it fills only his own share.

use alloc::collections::BTreeMap;
use core::net::IpAddr;

/// By whom a datagram of lines came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// From this address, and its author is there.
    Present(IpAddr),
    /// Its author may have left long ago, or never have been; many can be made up, and all of them share one share.
    Absent,
}

/// How much is held by each source.
#[derive(Debug, Default)]
pub(super) struct Shares(BTreeMap<Source, Share>);

/// What is held by one source.
#[derive(Debug, Default)]
struct Share {
    /// By when it came; how many lines and bytes each has.
    entries: BTreeMap<u64, Size>,
    total: Size,
}

/// How large something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) lines: usize,
    pub(super) bytes: usize,
}

impl Size {
    pub(super) fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.bytes += other.bytes;
    }

    pub(super) fn subtract(&mut self, other: Self) {
        self.lines -= other.lines;
        self.bytes -= other.bytes;
    }
}

impl Shares {
    pub(super) fn insert(&mut self, source: Source, number: u64, size: Size) {
        let share = self.0.entry(source).or_default();
        share.entries.insert(number, size);
        share.total.add(size);
    }

    pub(super) fn remove(&mut self, source: Source, number: u64) {
        let Some(share) = self.0.get_mut(&source) else { return };
        if let Some(size) = share.entries.remove(&number) {
            share.total.subtract(size);
        }
        if share.entries.is_empty() {
            self.0.remove(&source);
        }
    }

    /// What has to go first: the oldest of the largest share, as `measure` measures it.
    pub(super) fn first_to_go(&self, measure: impl Fn(Size) -> usize) -> Option<u64> {
        let largest = self.0.values().max_by_key(|share| measure(share.total))?;
        largest.entries.keys().next().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_the_largest_share_goes_first() {
        let (alice, bob) = (Source::Present([192, 0, 2, 1].into()), Source::Present([192, 0, 2, 2].into()));
        let mut shares = Shares::default();
        shares.insert(alice, 1, Size { lines: 1, bytes: 1000 });
        shares.insert(bob, 2, Size { lines: 2, bytes: 300 });
        shares.insert(Source::Absent, 3, Size { lines: 1, bytes: 200 });
        shares.insert(Source::Absent, 4, Size { lines: 2, bytes: 300 });
        let first = |shares: &Shares| (shares.first_to_go(|size| size.lines), shares.first_to_go(|size| size.bytes));
        assert_eq!(first(&shares), (Some(3), Some(1)));
        shares.remove(alice, 1);
        shares.remove(bob, 3);
        assert_eq!(first(&shares), (Some(3), Some(3)));
        [(bob, 2), (Source::Absent, 3), (Source::Absent, 4)]
            .into_iter()
            .for_each(|(source, number)| shares.remove(source, number));
        assert!(first(&shares) == (None, None) && shares.0.is_empty());
    }
}

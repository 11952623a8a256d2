//! The ways by which one run is heard, and which of them is the best.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use super::compact_way::CompactWay;
use super::link::{LinkId, Way};
use crate::time::Time;

/// A way by which a run was heard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    pub(super) link: LinkId,
    /// Where its unicast goes.
    pub(super) address: SocketAddr,
    /// When it was last heard by it.
    pub(super) heard: Time,
}

/// By which links a run was heard lately, those by IPv4 first and else in the order in which they were found: at most
/// [`COUNT_MAX`](Self::COUNT_MAX); further ones are not told apart. Nearly always it is one, which takes 24 bytes.
#[derive(Debug)]
pub(super) enum Paths {
    One(Known),
    /// Two at least.
    Several(Box<[Known]>),
    /// The links have gone by which it was heard. It is still best reached where it was last.
    Gone(Box<CompactWay>),
}

/// A path as it is kept.
#[derive(Clone, Debug)]
pub(super) struct Known {
    way: CompactWay,
    heard: Time,
}

impl Paths {
    /// Four cards on one LAN, and on each of them both families of addresses.
    const COUNT_MAX: usize = 8;
    /// Two datagrams that come so close together may be the same one by two cards.
    const SAME_BEACON: Duration = Duration::from_secs(1);

    pub(super) fn of(path: Path) -> Self {
        Self::One(path.into())
    }

    /// Notes that the run was heard by this path. Those by which it was not heard for so long, while it was by others,
    /// are forgotten.
    pub(super) fn note(&mut self, path: Path, forgotten_after: Duration) {
        let is_fresh = |known: &Known| path.heard.since(known.heard) < forgotten_after;
        let is_same_link = |known: &Known| known.way.link() == path.link;
        if let Some(known) = self.known_mut().iter_mut().find(|known| known.is(path)) {
            known.heard = path.heard;
            if self.known().iter().all(is_fresh) {
                return;
            }
        }
        let mut paths: Vec<Known> = self.known().iter().filter(|known| is_fresh(known)).cloned().collect();
        if let Some(known) = paths.iter_mut().find(|known| is_same_link(known)) {
            *known = path.into();
        } else if paths.len() < Self::COUNT_MAX {
            // By IPv4 first, whichever came first: so a run that is heard by both has one address for all.
            let before = |known: &Known| known.way.address().is_ipv4() || path.address.is_ipv6();
            paths.insert(paths.partition_point(before), path.into());
        }
        self.keep(paths);
    }

    /// Whether the run is heard by the same link from another address.
    pub(super) fn contradict(&self, path: Path) -> bool {
        self.known().iter().any(|known| known.way.link() == path.link && known.way.address() != path.address)
    }

    /// Forgets the paths by links that are no longer there.
    pub(super) fn retain(&mut self, is_there: impl Fn(LinkId) -> bool) {
        let left = self.known().iter().filter(|known| is_there(known.way.link()));
        let left: Vec<Known> = left.cloned().collect();
        self.keep(left);
    }

    /// The best way.
    pub(super) fn best(&self) -> Way {
        match self {
            Self::One(known) => known.way.way(),
            Self::Several(paths) => paths[best(paths)].way.way(),
            Self::Gone(way) => way.way(),
        }
    }

    /// All ways, the best one first.
    pub(super) fn ways(&self) -> Vec<Way> {
        let known = self.known();
        if known.is_empty() {
            return Vec::from([self.best()]);
        }
        let mut ways: Vec<Way> = known.iter().map(|known| known.way.way()).collect();
        ways[..=best(known)].rotate_right(1);
        ways
    }

    fn known(&self) -> &[Known] {
        match self {
            Self::One(known) => core::slice::from_ref(known),
            Self::Several(paths) => paths,
            Self::Gone(_) => &[],
        }
    }

    fn known_mut(&mut self) -> &mut [Known] {
        match self {
            Self::One(known) => core::slice::from_mut(known),
            Self::Several(paths) => paths,
            Self::Gone(_) => &mut [],
        }
    }

    /// There are only these now.
    fn keep(&mut self, mut paths: Vec<Known>) {
        *self = match paths.pop() {
            None => Self::Gone(Box::new(self.best().into())),
            Some(known) if paths.is_empty() => Self::One(known),
            Some(known) => {
                paths.push(known);
                Self::Several(paths.into_boxed_slice())
            }
        }
    }
}

impl Known {
    fn is(&self, path: Path) -> bool {
        (self.way.link(), self.way.address()) == (path.link, path.address)
    }
}

impl From<Path> for Known {
    fn from(path: Path) -> Self {
        Self { way: Way { link: path.link, address: path.address }.into(), heard: path.heard }
    }
}

/// Which of some paths is the best: the first one that is as fresh as the freshest. So a run that is heard by two cards
/// does not hop between them, and one whose cable was pulled is reached by the other.
fn best(paths: &[Known]) -> usize {
    let freshest = paths.iter().map(|known| known.heard).max().unwrap_or(Time::ZERO);
    paths.iter().position(|known| freshest.since(known.heard) < Paths::SAME_BEACON).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;

    fn path(link: u32, host: u8, seconds: u64) -> Path {
        let heard = Time::from_micros(seconds * 1_000_000);
        Path { link: LinkId(link), address: SocketAddr::from(([192, 0, 2, host], 26634)), heard }
    }

    fn links(paths: &Paths) -> Vec<u32> {
        paths.ways().iter().map(|way| way.link.0).collect()
    }

    const LONG: Duration = Duration::from_secs(17);

    #[test]
    fn the_best_comes_first_and_who_falls_silent_is_forgotten() {
        let mut paths = Paths::of(path(1, 1, 0));
        (2..=9).for_each(|link| paths.note(path(link, 1, 0), LONG));
        assert_eq!(links(&paths), [1, 2, 3, 4, 5, 6, 7, 8], "eight at most");
        paths.note(path(3, 1, 5), LONG);
        assert_eq!(links(&paths), [3, 1, 2, 4, 5, 6, 7, 8], "the others are late");
        paths.note(path(2, 1, 5), LONG);
        assert_eq!(links(&paths), [2, 1, 3, 4, 5, 6, 7, 8]);
        paths.note(path(3, 1, 17), LONG);
        assert_eq!(links(&paths), [3, 2], "the others were not heard for long");
        paths.retain(|link| link != LinkId(3));
        assert_eq!(links(&paths), [2]);
    }

    #[test]
    fn another_address_by_the_same_link_contradicts() {
        let paths = Paths::of(path(1, 1, 0));
        let contradict = [path(1, 2, 0), path(1, 1, 0), path(2, 2, 0)].map(|path| paths.contradict(path));
        assert_eq!(contradict, [true, false, false]);
    }

    #[test]
    fn where_the_only_link_goes_it_is_still_best_reached_where_it_was() {
        assert_eq!(size_of::<Paths>(), 24);
        let mut paths = Paths::of(path(1, 1, 0));
        paths.retain(|_| false);
        assert_eq!((links(&paths), paths.best().link, paths.contradict(path(1, 2, 0))), (vec![1], LinkId(1), false));
        paths.note(path(2, 1, 5), LONG);
        assert_eq!(links(&paths), [2]);
        paths.note(path(3, 1, 5), LONG);
        paths.retain(|_| false);
        assert_eq!(links(&paths), [2], "the best of them");
    }
}

//! The ways by which one run is heard, and which of them is the best.

use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

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
/// [`COUNT_MAX`](Self::COUNT_MAX); further ones are not told apart.
#[derive(Debug)]
pub(super) struct Paths(Vec<Path>);

impl Paths {
    /// Four cards on one LAN, and on each of them both families of addresses.
    const COUNT_MAX: usize = 8;
    /// Two datagrams that come so close together may be the same one by two cards.
    const SAME_BEACON: Duration = Duration::from_secs(1);

    pub(super) fn of(path: Path) -> Self {
        Self(Vec::from([path]))
    }

    /// Notes that the run was heard by this path. Those by which it was not heard for so long, while it was by others,
    /// are forgotten.
    pub(super) fn note(&mut self, path: Path, forgotten_after: Duration) {
        self.0.retain(|known| path.heard.since(known.heard) < forgotten_after);
        if let Some(known) = self.by(path.link) {
            *known = path;
        } else if self.0.len() < Self::COUNT_MAX {
            // By IPv4 first, whichever came first: so a run that is heard by both has one address for all.
            let before = |known: &Path| known.address.is_ipv4() || path.address.is_ipv6();
            self.0.insert(self.0.partition_point(before), path);
        }
    }

    /// Whether the run is heard by the same link from another address.
    pub(super) fn contradict(&self, path: Path) -> bool {
        self.0.iter().any(|known| known.link == path.link && known.address != path.address)
    }

    pub(super) fn retain(&mut self, is_there: impl Fn(LinkId) -> bool) {
        self.0.retain(|path| is_there(path.link));
    }

    /// All of them, the best one first. That is the first one that is as fresh as the freshest: so a run that is heard by
    /// two cards does not hop between them, and one whose cable was pulled is reached by the other.
    pub(super) fn ways(&self) -> Vec<Way> {
        let freshest = self.0.iter().map(|path| path.heard).max().unwrap_or(Time::ZERO);
        let is_best = |path: &Path| freshest.since(path.heard) < Self::SAME_BEACON;
        let mut ways: Vec<Way> = self.0.iter().map(|path| Way { link: path.link, address: path.address }).collect();
        if let Some(best) = self.0.iter().position(is_best) {
            ways[..=best].rotate_right(1);
        }
        ways
    }

    fn by(&mut self, link: LinkId) -> Option<&mut Path> {
        self.0.iter_mut().find(|known| known.link == link)
    }
}

#[cfg(test)]
mod tests {
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
}

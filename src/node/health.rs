//! What shows whether the links work, and who is there that cannot be understood.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::IpAddr;
use core::time::Duration;

use super::Node;
use super::link::{Datagram, Link, LinkId};
use crate::time::Time;
use crate::wire::{Envelope, Error, version};

/// What has come by a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkHealth {
    /// Which link.
    pub link: LinkId,
    /// When a broadcast of this run last came back by it; `None` when none has.
    pub echoed: Option<Time>,
    /// When another run was last heard by it, in whatever room; one on the same machine counts too.
    pub heard: Option<Time>,
}

/// Somebody who speaks another version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherVersion {
    /// Which one.
    pub version: u8,
    /// Where he is.
    pub from: IpAddr,
}

/// What has come by each link in use, and of whom nothing could be read.
#[derive(Debug, Default)]
pub(super) struct Health {
    links: Vec<LinkHealth>,
    /// At most [`OTHERS_MAX`](Self::OTHERS_MAX), whoever was heard last at the end; the longest silent makes room.
    others: VecDeque<(Time, OtherVersion)>,
}

impl Health {
    const OTHERS_MAX: usize = 8;
    /// Two beacons of the longest interval that is usual, and some.
    const OTHERS_FORGOTTEN_AFTER: Duration = Duration::from_secs(150);

    /// Of links that are still there, what came by them is kept.
    pub(super) fn handle_links(&mut self, links: &[Link]) {
        let known = |id| self.links.iter().find(|known| known.link == id).copied();
        self.links = links
            .iter()
            .map(|link| known(link.id).unwrap_or(LinkHealth { link: link.id, echoed: None, heard: None }))
            .collect();
    }

    fn by(&mut self, id: LinkId) -> Option<&mut LinkHealth> {
        self.links.iter_mut().find(|known| known.link == id)
    }

    fn handle_other_version(&mut self, now: Time, other: OtherVersion) {
        self.others.retain(|(_, known)| known.from != other.from);
        if self.others.len() >= Self::OTHERS_MAX {
            self.others.pop_front();
        }
        self.others.push_back((now, other));
    }
}

impl Node {
    /// What has come by each link in use.
    pub fn link_health(&self) -> &[LinkHealth] {
        &self.health.links
    }

    /// Who was heard within the last minutes and speaks another version of the protocol: eight at most.
    pub fn other_versions(&self, now: Time) -> impl Iterator<Item = OtherVersion> {
        let is_fresh = move |heard: Time| now < heard + Health::OTHERS_FORGOTTEN_AFTER;
        self.health.others.iter().filter(move |(heard, _)| is_fresh(*heard)).map(|(_, other)| *other)
    }

    /// Notes what a datagram shows, whatever becomes of it.
    pub(super) fn note_health(&mut self, read: &Result<Envelope<'_>, Error>, datagram: &Datagram<'_>) {
        let (now, from) = (self.now, datagram.from.ip());
        match read {
            Ok(envelope) if [self.me, self.asks_as.run()].contains(&envelope.author()) => {
                // Its name alone anybody can borrow; from its addresses, the system takes in only what it sent itself.
                let is_own = self.links.iter().any(|link| link.address == from);
                if let Some(health) = self.health.by(datagram.link).filter(|_| is_own) {
                    health.echoed = Some(now);
                }
            }
            Ok(_) => {
                if let Some(health) = self.health.by(datagram.link) {
                    health.heard = Some(now);
                }
            }
            Err(Error::Version) => {
                if let Some(version) = version(datagram.bytes) {
                    self.health.handle_other_version(now, OtherVersion { version, from });
                }
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::CardId;

    #[test]
    fn what_came_by_a_link_is_kept_as_long_as_the_link_is_there() {
        let link = |number| Link { id: LinkId(number), card: CardId(number), address: [192, 0, 2, 1].into() };
        let mut health = Health::default();
        health.handle_links(&[link(1), link(2)]);
        health.by(LinkId(1)).unwrap().heard = Some(Time::ZERO);
        assert!(health.by(LinkId(3)).is_none());
        health.handle_links(&[link(1), link(3)]);
        let heard: Vec<_> = health.links.iter().map(|health| (health.link, health.heard)).collect();
        assert_eq!(heard, [(LinkId(1), Some(Time::ZERO)), (LinkId(3), None)]);
    }

    #[test]
    fn eight_of_other_versions_are_kept_each_address_once() {
        let mut health = Health::default();
        let other = |host| OtherVersion { version: 2, from: [192, 0, 2, host].into() };
        [1, 2, 1].into_iter().for_each(|host| health.handle_other_version(Time::ZERO, other(host)));
        assert_eq!(
            health.others.iter().map(|(_, other)| other.from).collect::<Vec<_>>(),
            [2, 1].map(|h| other(h).from)
        );
        (3..100).for_each(|host| health.handle_other_version(Time::ZERO, other(host)));
        assert_eq!(health.others.len(), Health::OTHERS_MAX);
        assert_eq!(health.others.back(), Some(&(Time::ZERO, other(99))));
    }
}

//! Beyond the subnet: whom no broadcast reaches, and how all is said to him by unicast.
//!
//! Whoever starts a run gives it addresses. It calls them, with the *remote* flag in its beacons, and whoever answers
//! says everything to it by unicast from then on, tells it where others are, and is told everything likewise. Of the
//! two, only the one who asks needs to be told anything by a person.
//!
//! Everybody can ask, from any address that he makes up. So nothing is said to anybody before a pong has come from
//! there, but for what a stranger may draw anyway: an answer, and a ping that is smaller than the beacon that drew it.

mod copies;
mod learned;
mod members;
mod places;

use alloc::collections::{BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use self::copies::Copies;
use self::learned::Learned;
use self::members::{Admission, Member, Members};
use super::bucket::TokenBucket;
use super::calling::Call;
use super::leaving::Leaving;
use super::link::{Datagram, Link, LinkId, Transmit};
use super::paths::Path;
use super::timer::{Deadline, Timer};
use super::{Node, Role};
use crate::time::Time;
use crate::trust::PublicKey;
use crate::wire::{Addresses, Beacon, Message, Ping, PingToken, PingWay, Pong, Run, RunAddress};

/// Whoever asks is told anew where others are when that has changed, but not more often than this.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// To each so many datagrams of addresses go at once: more runs than these, nobody takes up.
const TOLD_AT_ONCE: usize = Learned::COUNT_MAX / Addresses::COUNT_MAX;

/// Whom this run asks, and who asks it.
#[derive(Debug)]
pub(super) struct Remote {
    /// What it was given: at most [`ADDRESSES_MAX`](Node::REMOTE_ADDRESSES_MAX).
    given: BTreeSet<SocketAddr>,
    members: Members,
    learned: Learned,
    /// Who waits to be told that he is heard: at most [`GREETINGS_MAX`](Self::GREETINGS_MAX). A stranger can draw no
    /// more of these than of other answers.
    greetings: VecDeque<(Run, Transmit)>,
    greets: TokenBucket,
    copies: Copies,
    /// A beacon for all as it is for those whom this run asks.
    flagged: Option<Arc<[u8]>>,
    tell_at: Option<Time>,
    /// When those who ask were last told where others are.
    told: Option<Time>,
    /// From whom on they are told the next time, where there are more than can be told at once.
    tell_from: Option<Run>,
}

impl Remote {
    const GREETINGS_MAX: usize = 64;

    pub(super) const fn new() -> Self {
        Self {
            given: BTreeSet::new(),
            members: Members::new(),
            learned: Learned::new(),
            greetings: VecDeque::new(),
            greets: TokenBucket::new(32, Duration::from_millis(125)),
            copies: Copies::new(),
            flagged: None,
            tell_at: None,
            told: None,
            tell_from: None,
        }
    }

    /// Whether this run asks anybody.
    pub(super) fn asks_any(&self) -> bool {
        !self.given.is_empty()
    }

    /// Whether whoever is reached by this way is asked to say everything by unicast.
    pub(super) fn asks(&self, way: Transmit) -> bool {
        match way {
            Transmit::Everywhere => false,
            Transmit::Link(link) => self.asks_any() && link == LinkId::REMOTE,
            Transmit::Unicast { link, to } => self.asks_any() && (link == LinkId::REMOTE || self.is_given(to.ip())),
        }
    }

    fn is_given(&self, ip: IpAddr) -> bool {
        self.given.iter().any(|given| given.ip() == ip)
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let at = self.learned.next_at().into_iter().chain(self.tell_at).min()?;
        Some(Deadline { at, timer: Timer::Remote })
    }

    /// Says nothing more of its own: neither calls nor greetings, nor where others are.
    pub(super) fn end(&mut self) {
        self.greetings.clear();
        self.learned = Learned::new();
        self.tell_at = None;
    }

    /// Somebody who hears no broadcast shall be told that he is heard.
    pub(super) fn greet(&mut self, now: Time, run: Run, way: Transmit) {
        let is_waiting = self.greetings.iter().any(|(waiting, _)| *waiting == run);
        if !is_waiting && self.greetings.len() < Self::GREETINGS_MAX && self.greets.take(now) {
            self.greetings.push_back((run, way));
        }
    }

    pub(super) fn take_greeting(&mut self) -> Option<(Run, Transmit)> {
        self.greetings.pop_front()
    }

    /// Writes the next copy of what went to all, if there is one left.
    pub(super) fn take_copy(&mut self, out: &mut Vec<u8>) -> Option<Transmit> {
        self.copies.take(out)
    }

    /// How a beacon for all that goes out next is for those whom this run asks.
    pub(super) fn set_flagged(&mut self, beacon: Vec<u8>) {
        self.flagged = Some(beacon.into());
    }

    pub(super) fn handle_gone(&mut self, run: Run) {
        self.members.handle_gone(run);
    }

    /// Somebody has come or gone: those who ask are told, if there are any.
    pub(super) fn tell_soon(&mut self, now: Time) {
        if self.members.iter().any(|(_, member)| member.asks) {
            let at = self.told.map_or(now, |told| now.max(told + TELL_EVERY));
            self.tell_at.get_or_insert(at);
        }
    }

    /// Makes the copies of a datagram that has just gone to all, or to all by one link. A beacon goes to every address that
    /// was given, so that whoever starts there is found; whatever else, to those from which nobody has answered.
    fn copy(&mut self, now: Time, datagram: &[u8], by: Option<LinkId>, own: &[Link]) {
        self.members.forget(now);
        let flagged = self.flagged.take();
        if !self.asks_any() && self.members.iter().next().is_none() {
            return;
        }
        let plain: Arc<[u8]> = datagram.into();
        let is_own = |ip: IpAddr| !ip.is_loopback() && own.iter().any(|link| link.address == ip);
        let goes_by = |link| by.is_none_or(|by| by == link);
        let given = self.given.iter().filter(|given| goes_by(LinkId::REMOTE) && !is_own(given.ip()));
        for given in given.filter(|given| flagged.is_some() || !self.members.is_any_at(given.ip())) {
            let way = Transmit::Unicast { link: LinkId::REMOTE, to: *given };
            self.copies.add(way, flagged.as_ref().unwrap_or(&plain));
        }
        let members = self.members.iter().map(|(_, member)| member);
        for member in members.filter(|member| goes_by(member.link) && !self.given.contains(&member.address)) {
            let is_asked = self.asks(member.way());
            self.copies.add(member.way(), flagged.as_ref().filter(|_| is_asked).unwrap_or(&plain));
        }
    }
}

impl Node {
    /// Most addresses beyond the subnet that a node calls.
    pub const REMOTE_ADDRESSES_MAX: usize = 64;

    /// Learns whom to call beyond the subnet: at most [`REMOTE_ADDRESSES_MAX`](Self::REMOTE_ADDRESSES_MAX) addresses
    /// with their ports; later ones are left out, and so are those at which nobody can be. When one is new, the node
    /// calls anew.
    pub fn handle_remote_addresses(&mut self, now: Time, addresses: &[SocketAddr]) {
        self.advance(now);
        let good = addresses.iter().copied().filter(|address| places::is_one_host(*address));
        let given: BTreeSet<SocketAddr> = good.take(Self::REMOTE_ADDRESSES_MAX).collect();
        let is_any_new = !given.is_subset(&self.remote.given);
        self.remote.given = given;
        if is_any_new {
            self.begin_calling();
        }
    }

    /// Whether anybody could be reached by what goes to all.
    pub(super) fn has_ways(&self) -> bool {
        !self.links.is_empty() || self.remote.asks_any()
    }

    /// Makes the copies of what has just been written for all, or for all by one link.
    pub(super) fn copy_for_remote(&mut self, datagram: &[u8], by: Option<LinkId>) {
        self.remote.copy(self.now, datagram, by, &self.links);
    }

    /// Whether somebody has to be answered by unicast, as what goes to all does not reach him.
    pub(super) fn is_remote(&self, beacon: &Beacon<'_>, way: Transmit) -> bool {
        beacon.remote || self.remote.asks(way)
    }

    /// A beacon has come of a run that is there; or a copy of one, which may have the flag where the other had not. If
    /// all is to be said to that run by unicast, it is asked to show that it is where its beacon says.
    pub(super) fn handle_remote_beacon(
        &mut self,
        (run, signer): (Run, Option<PublicKey>),
        beacon: &Beacon<'_>,
        path: Path,
    ) {
        let way = Transmit::Unicast { link: path.link, to: path.address };
        let was_called = self.remote.learned.contains(run);
        self.remote.learned.handle_heard(run);
        let asks = beacon.remote && self.config.role == Role::Member;
        let is_asked = self.remote.asks(way);
        if !(asks || is_asked) || self.leaving != Leaving::No {
            return;
        }
        let until = Members::until(self.now, beacon.interval);
        let member = Member { link: path.link, address: path.address, signs: signer.is_some(), asks, until };
        let token = PingToken(self.random.number());
        match self.remote.members.handle_beacon(self.now, run, member, token) {
            Admission::Ping(token) => {
                let ping = Ping { reader: run, way: PingWay::Unicast, token };
                let counter = self.next_counter();
                self.outbox.send(way, Message::Ping(counter, ping));
                // Whoever was called and answers waits for his proof; he can be told without a pong, as he was called.
                if was_called || self.remote.is_given(path.address.ip()) {
                    self.remote.greet(self.now, run, way);
                }
            }
            Admission::Asks => self.tell_addresses(run, way),
            Admission::Member | Admission::Waits => {}
        }
    }

    /// Whether a pong is one that shows where a run is that wants everything by unicast.
    pub(super) fn handle_remote_pong(&mut self, sender: Run, pong: Pong) -> bool {
        let member = self.remote.members.handle_pong(self.now, sender, pong.token);
        if let Some(member) = member.filter(|member| member.asks) {
            self.tell_addresses(sender, member.way());
        }
        member.is_some()
    }

    /// Somebody tells where others are. Those that are not heard are called, if he is one who was asked.
    pub(super) fn handle_addresses(
        &mut self,
        (sender, signer): (Run, Option<PublicKey>),
        addresses: &Addresses<'_>,
        datagram: &Datagram<'_>,
    ) {
        let Some(way @ Transmit::Unicast { to, .. }) = self.peers.way(sender) else { return };
        let is_asked = self.remote.asks(way) && to.ip() == datagram.from.ip();
        let is_there = signer.is_some() || self.remote.members.contains(sender);
        if addresses.reader != self.me || !is_asked || !is_there || self.leaving != Leaving::No {
            return;
        }
        for told in addresses.iter() {
            let is_own = told.run == self.me || self.links.iter().any(|link| link.address == told.address.ip());
            let is_known = self.peers.way(told.run).is_some() || self.remote.given.contains(&told.address);
            if !is_own && !is_known && places::is_routable(told.address) && !self.remote.members.is_full() {
                self.remote.learned.learn(self.now, told);
            }
        }
    }

    /// Calls those who were told of, and tells those who ask.
    pub(super) fn handle_remote_timeout(&mut self) {
        for address in self.remote.learned.take_due(self.now) {
            if self.leaving == Leaving::No {
                let way = Transmit::Unicast { link: LinkId::REMOTE, to: address };
                self.outbox.call(way, Call::Hello);
            }
        }
        if self.remote.tell_at.take_if(|at| *at <= self.now).is_none() || self.leaving != Leaving::No {
            return;
        }
        self.remote.told = Some(self.now);
        self.remote.members.forget(self.now);
        let asking = self.remote.members.iter().filter(|(_, member)| member.asks);
        let asking: Vec<(Run, Transmit)> = asking.map(|(run, member)| (run, member.way())).collect();
        let all = self.addresses();
        for (reader, way) in asking {
            self.send_addresses(reader, way, &all);
        }
        self.remote.tell_from = all.get(TOLD_AT_ONCE * Addresses::COUNT_MAX).map(|told| told.run);
    }

    fn tell_addresses(&mut self, reader: Run, way: Transmit) {
        let all = self.addresses();
        self.send_addresses(reader, way, &all);
    }

    fn send_addresses(&mut self, reader: Run, way: Transmit, all: &[RunAddress]) {
        let others: Vec<RunAddress> = all.iter().copied().filter(|told| told.run != reader).collect();
        for told in others.chunks(Addresses::COUNT_MAX).take(TOLD_AT_ONCE) {
            let counter = self.next_counter();
            self.outbox.send(way, Message::Addresses(counter, Addresses::of(reader, told.iter().copied())));
        }
    }

    /// Where others are, from the one on whose turn it is.
    fn addresses(&self) -> Vec<RunAddress> {
        let mut all = self.peers.addresses(places::is_routable);
        let first = self.remote.tell_from.and_then(|from| all.iter().position(|told| told.run >= from));
        all.rotate_left(first.unwrap_or(0));
        all
    }
}

#[cfg(test)]
mod tests;

//! The runs to whom everything is said by unicast too: nobody is one before a pong has shown where he is.

use alloc::collections::BTreeMap;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use super::super::bucket::TokenBucket;
use super::super::link::{LinkId, Transmit};
use crate::time::Time;
use crate::wire::{BeaconInterval, PingToken, Run};

/// Where a run is, and what it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) link: LinkId,
    pub(super) address: SocketAddr,
    /// It signs what it says.
    pub(super) signs: bool,
    /// It asks for everything by unicast, and so for the addresses of others.
    pub(super) asks: bool,
    /// Unless a beacon says so again, it is none after this.
    pub(super) until: Time,
}

impl Member {
    pub(super) const fn way(&self) -> Transmit {
        Transmit::Unicast { link: self.link, to: self.address }
    }
}

/// After a ping, the next one to the same run waits so long: its pong may be on its way.
const PING_EVERY: Duration = Duration::from_millis(100);
/// A pong that comes later than this is none.
const PONG_WITHIN: Duration = Duration::from_secs(5);
/// A member is one for three and a half of its intervals after its last beacon, as a peer is.
const LOST_PERCENT: u32 = 350;

/// Members, and those who may become some.
///
/// A source address can be made up, by whoever wants another one flooded. So whoever asks is sent a ping first, which is
/// smaller than the beacon by which he asked. Its token is known only to whoever reads what comes to that address; by
/// which way the pong comes back proves no more (RFC 9000, section 8.2.3).
#[derive(Debug)]
pub(super) struct Members {
    /// At most [`COUNT_MAX`](Self::COUNT_MAX). Those who do not sign make room for those who do, then nobody.
    members: BTreeMap<Run, Member>,
    /// At most [`COUNT_MAX`](Self::COUNT_MAX); whoever was pinged first makes room.
    candidates: BTreeMap<Run, Candidate>,
    pings: TokenBucket,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    member: Member,
    token: PingToken,
    pinged: Time,
}

/// What is to be done about a run that wants to be a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// Nothing: it is one.
    Member,
    /// It begins to ask for the addresses of others.
    Asks,
    /// It is to be sent a ping with this token.
    Ping(PingToken),
    /// Nothing: it has its ping, or too many want one.
    Waits,
}

impl Members {
    pub(super) const COUNT_MAX: usize = 64;

    pub(super) const fn new() -> Self {
        Self {
            members: BTreeMap::new(),
            candidates: BTreeMap::new(),
            pings: TokenBucket::new(64, Duration::from_millis(31)),
        }
    }

    /// How long a beacon counts by which a run becomes or stays a member.
    pub(super) fn until(now: Time, interval: BeaconInterval) -> Time {
        now + interval.duration() * LOST_PERCENT / 100
    }

    /// A beacon shows that a run is to be a member. The token is drawn for a ping, if one is to be sent.
    pub(super) fn handle_beacon(&mut self, now: Time, run: Run, member: Member, token: PingToken) -> Admission {
        self.forget(now);
        if let Some(known) = self.members.get_mut(&run)
            && known.address == member.address
        {
            let asks = !known.asks && member.asks;
            *known = Member { asks: known.asks || member.asks, ..member };
            return if asks { Admission::Asks } else { Admission::Member };
        }
        let has_ping =
            |known: &Candidate| known.member.address == member.address && now.since(known.pinged) < PING_EVERY;
        if let Some(known) = self.candidates.get_mut(&run).filter(|known| has_ping(known)) {
            known.member.asks |= member.asks;
            return Admission::Waits;
        }
        if !self.has_room_for(run, &member) || !self.pings.take(now) {
            return Admission::Waits;
        }
        if self.candidates.len() >= Self::COUNT_MAX && !self.candidates.contains_key(&run) {
            let first = self.candidates.iter().min_by_key(|(_, known)| known.pinged).map(|(run, _)| *run);
            first.and_then(|run| self.candidates.remove(&run));
        }
        self.candidates.insert(run, Candidate { member, token, pinged: now });
        Admission::Ping(token)
    }

    /// A pong has come: the run is a member now, if it is the pong that is waited for.
    pub(super) fn handle_pong(&mut self, now: Time, run: Run, token: PingToken) -> Option<Member> {
        self.forget(now);
        let Candidate { member, .. } = *self.candidates.get(&run).filter(|known| known.token == token)?;
        self.candidates.remove(&run);
        if !self.has_room_for(run, &member) {
            return None;
        }
        if self.members.len() >= Self::COUNT_MAX && !self.members.contains_key(&run) {
            let unsigned = self.members.iter().find(|(_, member)| !member.signs).map(|(run, _)| *run);
            unsigned.and_then(|run| self.members.remove(&run));
        }
        self.members.insert(run, member);
        Some(member)
    }

    pub(super) fn handle_gone(&mut self, run: Run) {
        self.members.remove(&run);
        self.candidates.remove(&run);
    }

    pub(super) fn contains(&self, run: Run) -> bool {
        self.members.contains_key(&run)
    }

    pub(super) fn is_full(&self) -> bool {
        self.members.len() >= Self::COUNT_MAX
    }

    /// Whether one of them is at this address.
    pub(super) fn is_any_at(&self, ip: IpAddr) -> bool {
        self.members.values().any(|member| member.address.ip() == ip)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Run, &Member)> {
        self.members.iter().map(|(run, member)| (*run, member))
    }

    /// Those whose time is over are members no longer.
    pub(super) fn forget(&mut self, now: Time) {
        self.members.retain(|_, member| now < member.until);
        self.candidates.retain(|_, candidate| now.since(candidate.pinged) < PONG_WITHIN);
    }

    fn has_room_for(&self, run: Run, member: &Member) -> bool {
        let makes_room = |known: &Member| member.signs && !known.signs;
        !self.is_full() || self.members.contains_key(&run) || self.members.values().any(makes_room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId};

    fn run(number: u64) -> Run {
        Run { peer: PeerId(number), epoch: Epoch(1) }
    }

    fn member(port: u16, signs: bool) -> Member {
        let address = SocketAddr::from(([192, 0, 2, 7], port));
        Member { link: LinkId(0), address, signs, asks: true, until: Time::from_micros(u64::MAX) }
    }

    fn millis(millis: u64) -> Time {
        Time::from_micros(millis * 1000)
    }

    /// One who asks and gives the right pong; tells whether he is in.
    fn enter(members: &mut Members, now: Time, number: u64, signs: bool) -> bool {
        let admission = members.handle_beacon(now, run(number), member(9, signs), PingToken(number));
        admission == Admission::Ping(PingToken(number))
            && members.handle_pong(now, run(number), PingToken(number)).is_some()
    }

    #[test]
    fn nobody_is_in_without_the_pong_that_he_was_asked_for() {
        let mut members = Members::new();
        let ask = |members: &mut Members, at, token| {
            members.handle_beacon(millis(at), run(1), member(9, true), PingToken(token))
        };
        assert_eq!(ask(&mut members, 0, 7), Admission::Ping(PingToken(7)));
        assert_eq!(ask(&mut members, 99, 8), Admission::Waits);
        assert_eq!(members.handle_pong(millis(99), run(1), PingToken(8)), None, "made up");
        assert_eq!(members.handle_pong(millis(99), run(2), PingToken(7)), None, "of somebody else");
        assert_eq!(ask(&mut members, 100, 9), Admission::Ping(PingToken(9)));
        assert_eq!(members.handle_pong(millis(101), run(1), PingToken(9)), Some(member(9, true)));
        assert_eq!(ask(&mut members, 102, 10), Admission::Member);
        let moved = members.handle_beacon(millis(103), run(1), member(10, true), PingToken(11));
        assert_eq!(moved, Admission::Ping(PingToken(11)));
        assert_eq!(members.iter().next().unwrap().1.address.port(), 9, "until he has shown that he is there");
        assert!(members.handle_pong(millis(104), run(1), PingToken(11)).is_some());
        assert_eq!(members.iter().map(|(_, member)| member.address.port()).collect::<std::vec::Vec<_>>(), [10]);
    }

    #[test]
    fn a_pong_that_comes_late_and_a_beacon_that_is_old_count_no_more() {
        let mut members = Members::new();
        members.handle_beacon(millis(0), run(1), member(9, true), PingToken(7));
        assert_eq!(members.handle_pong(millis(5000), run(1), PingToken(7)), None);
        let short = Member { until: millis(9000), ..member(9, true) };
        members.handle_beacon(millis(6000), run(1), short, PingToken(8));
        assert!(members.handle_pong(millis(6001), run(1), PingToken(8)).is_some());
        members.forget(millis(9000));
        assert!(!members.contains(run(1)));
    }

    #[test]
    fn they_are_bounded_and_who_signs_goes_first() {
        let mut members = Members::new();
        let entered = (0..200).filter(|number| enter(&mut members, millis(number * 50), *number, false)).count();
        assert_eq!((entered, members.members.len()), (64, 64));
        let entered = (200..400).filter(|number| enter(&mut members, millis(number * 50), *number, true)).count();
        assert_eq!((entered, members.members.len()), (64, 64));
        assert!(members.members.values().all(|member| member.signs));
        assert!(members.candidates.len() <= Members::COUNT_MAX);
    }

    #[test]
    fn whoever_makes_up_addresses_draws_few_pings() {
        let mut members = Members::new();
        let pings = (0..10_000).filter(|number| {
            let asked = members.handle_beacon(millis(*number), run(*number), member(9, false), PingToken(0));
            assert!(members.candidates.len() <= Members::COUNT_MAX);
            matches!(asked, Admission::Ping(_))
        });
        let pings = pings.count();
        assert!((300..=64 + 10_000 / 31).contains(&pings), "{pings} in 10 s");
    }
}

//! The repairs that this run gives: which datagrams are sent again, when, and to whom.

use alloc::collections::{BTreeMap, VecDeque};
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use super::bucket::TokenBucket;
use super::link::Transmit;
use super::timer::{Deadline, Timer};
use crate::time::Time;
use crate::wire::{Run, Seq};

/// Whose lines, and which datagram of them, by its first line.
pub(super) type DatagramId = (Run, Seq);

/// A repair that was asked for by unicast waits so long whether somebody else asks for the same: then it goes to all.
const GATHER: Duration = Duration::from_millis(1);
/// What all were asked for, the author sends at once; everybody else waits a random while, so that the first one who
/// answers can spare the others theirs (RFC 5401, section 3.2.2). It grows with the number of peers, up to a limit.
const OTHERS_FIRST: Duration = Duration::from_millis(4);
const SPREAD_PER_PEER: Duration = Duration::from_millis(2);
const SPREAD_MAX: Duration = Duration::from_millis(120);
/// Who asks again within this after a repair was sent cannot have got it yet.
const ON_ITS_WAY: Duration = Duration::from_millis(15);

/// The repairs that are to be given. However much is asked for, one address draws no more than 64 datagrams at once
/// and 200 a second in the long run, and all together five times as many.
#[derive(Debug)]
pub(super) struct Repairs {
    /// At most [`PENDING_MAX`](Self::PENDING_MAX); what finds them full is asked for again.
    pending: BTreeMap<DatagramId, Pending>,
    /// What was sent lately. Bounded; the oldest goes first.
    sent: VecDeque<(DatagramId, To, Time)>,
    due: VecDeque<(DatagramId, Transmit)>,
    /// What each address may still draw. Bounded; whoever has drawn nothing for longest goes first.
    askers: BTreeMap<IpAddr, TokenBucket>,
    all: TokenBucket,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    at: Time,
    to: To,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    One(Transmit),
    All,
}

/// A question for a datagram that is held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) datagram: DatagramId,
    /// Where it came from, and by which link.
    pub(super) from: SocketAddr,
    pub(super) way: Transmit,
    pub(super) to_all: bool,
    /// It is about a line of this run's own.
    pub(super) own: bool,
}

impl Repairs {
    const PENDING_MAX: usize = 512;
    const SENT_MAX: usize = 256;
    const ASKERS_MAX: usize = 64;

    pub(super) const fn new() -> Self {
        Self {
            pending: BTreeMap::new(),
            sent: VecDeque::new(),
            due: VecDeque::new(),
            askers: BTreeMap::new(),
            all: TokenBucket::new(320, Duration::from_millis(1)),
        }
    }

    /// Somebody asks; tells whether he will be answered.
    pub(super) fn ask(&mut self, now: Time, question: Question, peers: usize, rng: &mut fastrand::Rng) -> bool {
        let Question { datagram, from, way, to_all, own } = question;
        if self.is_on_its_way(now, datagram, way) || !self.may_draw(now, from.ip()) {
            return false;
        }
        if let Some(pending) = self.pending.get_mut(&datagram) {
            if to_all || pending.to != To::One(way) {
                pending.to = To::All;
            }
            return true;
        }
        if self.pending.len() >= Self::PENDING_MAX {
            return false;
        }
        let (to, wait) = match (to_all, own) {
            (false, _) => (To::One(way), GATHER),
            (true, true) => (To::All, GATHER),
            (true, false) => (To::All, OTHERS_FIRST + random_wait(peers, rng)),
        };
        self.pending.insert(datagram, Pending { at: now + wait, to });
        true
    }

    /// Somebody else has sent the datagram: those whom it went to need it no more.
    pub(super) fn handle_heard(&mut self, datagram: DatagramId) {
        if self.pending.get(&datagram).is_some_and(|pending| pending.to == To::All) {
            self.pending.remove(&datagram);
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let first = self.pending.values().map(|pending| pending.at).min()?;
        Some(Deadline { at: first.max(self.all.ready_at()), timer: Timer::Repair })
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        while let Some((&datagram, &Pending { at, to })) = self.pending.iter().min_by_key(|(_, pending)| pending.at) {
            if at > now || !self.all.take(now) {
                break;
            }
            self.pending.remove(&datagram);
            if self.sent.len() >= Self::SENT_MAX {
                self.sent.pop_front();
            }
            self.sent.push_back((datagram, to, now));
            self.due.push_back(match to {
                To::One(way) => (datagram, way),
                To::All => (datagram, Transmit::Everywhere),
            });
        }
    }

    /// The next datagram that goes out once more, and where.
    pub(super) fn take(&mut self) -> Option<(DatagramId, Transmit)> {
        self.due.pop_front()
    }

    fn is_on_its_way(&self, now: Time, datagram: DatagramId, asker: Transmit) -> bool {
        let lately = self.sent.iter().rev().take_while(|(.., at)| now.since(*at) < ON_ITS_WAY);
        lately.into_iter().any(|(sent, to, _)| *sent == datagram && (*to == To::All || *to == To::One(asker)))
    }

    fn may_draw(&mut self, now: Time, asker: IpAddr) -> bool {
        if self.askers.len() >= Self::ASKERS_MAX && !self.askers.contains_key(&asker) {
            let idle = self.askers.iter().min_by_key(|(_, bucket)| bucket.ready_at()).map(|(ip, _)| *ip);
            idle.map(|ip| self.askers.remove(&ip));
        }
        self.askers.entry(asker).or_insert(TokenBucket::new(64, Duration::from_millis(5))).take(now)
    }
}

fn random_wait(peers: usize, rng: &mut fastrand::Rng) -> Duration {
    let peers = u32::try_from(peers).unwrap_or(u32::MAX);
    SPREAD_PER_PEER.saturating_mul(peers).min(SPREAD_MAX).mul_f64(rng.f64())
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::node::LinkId;
    use crate::wire::{Epoch, PeerId};

    fn datagram(number: u32) -> DatagramId {
        (Run { peer: PeerId(1), epoch: Epoch(1) }, Seq::new(number).unwrap())
    }

    fn question(number: u32, asker: u8) -> Question {
        let from = ([192, 0, 2, asker], 26634).into();
        let way = Transmit::Unicast { link: LinkId(1), to: from };
        Question { datagram: datagram(number), from, way, to_all: false, own: true }
    }

    fn ask(repairs: &mut Repairs, at: u64, question: Question) -> bool {
        repairs.ask(Time::from_micros(at), question, 10, &mut fastrand::Rng::with_seed(at))
    }

    fn sent(repairs: &mut Repairs, at: u64) -> Vec<(DatagramId, Transmit)> {
        repairs.handle_timeout(Time::from_micros(at));
        core::iter::from_fn(|| repairs.take()).collect()
    }

    #[test]
    fn one_who_asks_is_answered_alone_and_several_together() {
        let mut repairs = Repairs::new();
        ask(&mut repairs, 0, question(1, 1));
        ask(&mut repairs, 0, question(1, 1));
        ask(&mut repairs, 0, question(2, 1));
        ask(&mut repairs, 0, question(2, 2));
        let expected = [(datagram(1), question(1, 1).way), (datagram(2), Transmit::Everywhere)];
        assert_eq!(sent(&mut repairs, 1000), expected);
        assert!(!ask(&mut repairs, 2000, question(1, 1)) && !ask(&mut repairs, 2000, question(2, 3)), "on their way");
        assert!(ask(&mut repairs, 2000, question(1, 2)), "to him it is not");
        assert!(ask(&mut repairs, 20_000, question(1, 1)), "it got lost");
    }

    #[test]
    fn what_another_has_sent_is_not_sent_again() {
        let mut repairs = Repairs::new();
        let all = Question { to_all: true, own: false, ..question(1, 1) };
        ask(&mut repairs, 0, all);
        assert_eq!(sent(&mut repairs, 4000), [], "the author goes first");
        repairs.handle_heard(datagram(1));
        assert_eq!(repairs.deadline(), None);
        ask(&mut repairs, 0, question(2, 1));
        repairs.handle_heard(datagram(2));
        assert_eq!(sent(&mut repairs, 1000), [(datagram(2), question(2, 1).way)], "he who asked alone may not hear it");
        ask(&mut repairs, 0, all);
        assert_eq!(sent(&mut repairs, 24_000), [(datagram(1), Transmit::Everywhere)]);
    }

    #[test]
    fn a_thousand_nacks_draw_no_flood_and_starve_nobody() {
        let mut repairs = Repairs::new();
        let mut given = 0;
        for at in 0..10_000 {
            for turn in 0..5 {
                ask(&mut repairs, at * 1000, question(at as u32 * 5 + turn + 1, 1));
            }
            given += sent(&mut repairs, at * 1000 + 999).len();
            assert!(repairs.pending.len() <= Repairs::PENDING_MAX && repairs.sent.len() <= Repairs::SENT_MAX);
        }
        assert!((2000..=2070).contains(&given), "{given} repairs in 10 s");
        assert!(ask(&mut repairs, 10_000_000, question(1, 2)), "another address is served");
        for asker in 0..=255 {
            ask(&mut repairs, 10_000_000, question(9, asker));
        }
        assert!(repairs.askers.len() <= Repairs::ASKERS_MAX);
    }
}

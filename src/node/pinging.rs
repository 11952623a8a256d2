//! Round trips: which pings are under way, and how many are answered.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::IpAddr;
use core::time::Duration;

use super::bucket::TokenBucket;
use super::silence::BySilence;
use super::timer::{Deadline, Timer};
use crate::time::Time;
use crate::wire::{Ping, Pong, Run};

/// A pong that has not come by then is lost: on a LAN it takes some milliseconds, and on a busy radio channel some
/// hundreds.
const LOST_AFTER: Duration = Duration::from_secs(1);

/// The pings of this run, and those of others that it may answer.
#[derive(Debug)]
pub(super) struct Pinging {
    /// To be sent; together with those that are, at most [`PENDING_MAX`](Self::PENDING_MAX).
    due: VecDeque<Ping>,
    /// Sent and not answered, in this order.
    sent: VecDeque<(Time, Ping)>,
    /// What each address may ask for: some at once, and four a second. At most [`SOURCES_MAX`](Self::SOURCES_MAX)
    /// addresses; the longest silent makes room.
    sources: BySilence<TokenBucket, IpAddr>,
    /// What all together may: addresses are made up easily.
    all: TokenBucket,
}

impl Pinging {
    const PENDING_MAX: usize = 256;
    const SOURCES_MAX: usize = 1024;

    pub(super) const fn new() -> Self {
        Self {
            due: VecDeque::new(),
            sent: VecDeque::new(),
            sources: BySilence::new(Self::SOURCES_MAX),
            all: TokenBucket::new(64, Duration::from_millis(31)),
        }
    }

    /// Takes a ping that is to be sent; false when too many are under way.
    pub(super) fn ping(&mut self, ping: Ping) -> bool {
        let has_room = self.due.len() + self.sent.len() < Self::PENDING_MAX;
        if has_room {
            self.due.push_back(ping);
        }
        has_room
    }

    /// The next ping that goes out.
    pub(super) fn take(&mut self, now: Time) -> Option<Ping> {
        let ping = self.due.pop_front()?;
        self.sent.push_back((now, ping));
        Some(ping)
    }

    /// A pong has come: how long that took, if it was waited for.
    pub(super) fn handle_pong(&mut self, now: Time, sender: Run, pong: Pong) -> Option<Duration> {
        let is_answered = |ping: &Ping| (ping.reader, ping.way, ping.token) == (sender, pong.way, pong.token);
        let at = self.sent.iter().position(|(_, ping)| is_answered(ping))?;
        self.sent.remove(at).map(|(sent, _)| now.since(sent))
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.sent.front().map(|(sent, _)| Deadline { at: *sent + LOST_AFTER, timer: Timer::Pong })
    }

    /// The pings that are not answered by now.
    pub(super) fn handle_timeout(&mut self, now: Time) -> Vec<Ping> {
        let lost = self.sent.iter().take_while(|(sent, _)| *sent + LOST_AFTER <= now).count();
        self.sent.drain(..lost).map(|(_, ping)| ping).collect()
    }

    /// Whether a ping that came from this address is answered.
    pub(super) fn may_answer(&mut self, now: Time, from: IpAddr) -> bool {
        if self.sources.heard_roughly(from, now).is_none() {
            self.sources.insert(from, now, TokenBucket::new(8, Duration::from_millis(250)));
        }
        self.sources.get_mut(from).is_some_and(|bucket| bucket.take(now)) && self.all.take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId, PingToken, PingWay};

    const BOB: Run = Run { peer: PeerId(1), epoch: Epoch(1) };

    fn ping(token: u64) -> Ping {
        Ping { reader: BOB, way: PingWay::Unicast, token: PingToken(token) }
    }

    fn millis(millis: u64) -> Time {
        Time::from_micros(millis * 1000)
    }

    #[test]
    fn a_pong_counts_once_and_only_if_it_is_the_one_that_was_asked_for() {
        let mut pinging = Pinging::new();
        assert!(
            pinging.ping(ping(7)) && pinging.take(millis(10)) == Some(ping(7)) && pinging.take(millis(10)).is_none()
        );
        let pong = ping(7).pong(BOB);
        let carol = Run { peer: PeerId(2), ..BOB };
        assert_eq!(pinging.handle_pong(millis(11), carol, pong), None, "of somebody else");
        assert_eq!(pinging.handle_pong(millis(11), BOB, ping(8).pong(BOB)), None, "of another ping");
        assert_eq!(pinging.handle_pong(millis(11), BOB, Pong { way: PingWay::Broadcast, ..pong }), None, "another way");
        assert_eq!(pinging.handle_pong(millis(13), BOB, pong), Some(Duration::from_millis(3)));
        assert_eq!((pinging.handle_pong(millis(13), BOB, pong), pinging.deadline()), (None, None));
    }

    #[test]
    fn what_is_not_answered_within_a_second_is_lost() {
        let mut pinging = Pinging::new();
        for at in [0, 400] {
            assert!(pinging.ping(ping(at)) && pinging.take(millis(at)).is_some());
        }
        assert_eq!(pinging.deadline().unwrap().at, millis(1000));
        assert_eq!(pinging.handle_timeout(millis(999)), []);
        assert_eq!(pinging.handle_timeout(millis(1000)), [ping(0)]);
        assert_eq!(pinging.handle_pong(millis(1001), BOB, ping(0).pong(BOB)), None, "too late");
        assert_eq!(pinging.deadline().unwrap().at, millis(1400));
    }

    #[test]
    fn what_is_under_way_is_bounded() {
        let mut pinging = Pinging::new();
        let taken = (0..1000)
            .filter(|token| pinging.ping(ping(*token)) && (token % 2 == 0 || pinging.take(millis(0)).is_some()));
        assert_eq!(taken.count(), Pinging::PENDING_MAX);
    }

    #[test]
    fn nobody_is_answered_more_than_a_few_times_a_second() {
        let answered = |from: fn(u64) -> u32| {
            let mut pinging = Pinging::new();
            let may_answer = |at: &u64| pinging.may_answer(millis(*at), IpAddr::V4(from(*at).into()));
            let answered = (0..10_000).filter(may_answer).count();
            assert!(pinging.sources.len() <= Pinging::SOURCES_MAX);
            answered
        };
        let (one, all) = (answered(|_| 1), answered(|at| at as u32));
        assert!((47..=48).contains(&one), "{one} pongs to one address in 10 s");
        assert!((380..=390).contains(&all), "{all} pongs in 10 s");
    }
}

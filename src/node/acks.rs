//! The acks that this run owes authors: batched, so that a file of lines does not draw one each.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::mem;
use core::time::Duration;

use super::silence::BySilence;
use super::timer::{Deadline, Timer};
use crate::time::Time;
use crate::wire::Run;

/// In a room of more peers than this nobody acks: so many answers to each line would cost more than they tell.
pub(super) const ROOM_MAX: usize = 64;

/// An ack waits at least so long, as the next line may be on its way already,
const WAIT: Duration = Duration::from_millis(2);
/// and at random up to so much longer for each peer, so that all do not fall into one moment.
const SPREAD_PER_PEER: Duration = Duration::from_millis(1);
/// An author who speaks without a pause is acked this often,
const BETWEEN: Duration = Duration::from_millis(50);
/// or once for so many datagrams: he says no more than four times as much ahead of whoever acks.
const DATAGRAMS: u32 = 16;

/// A goodbye may overtake an ack that was sent by unicast so shortly before.
const MAY_BE_OVERTAKEN: Duration = Duration::from_millis(100);
/// So many authors are acked once more at the end.
const LAST_MAX: usize = 16;

/// An ack that is needed again goes by unicast so often: mostly it is somebody else for whom a line is repeated.
const UNICAST_ACKS: u32 = 2;

/// The acks that are to be sent, one for an author at most, and when each was last acked.
#[derive(Debug)]
pub(super) struct Acks {
    due: BTreeMap<Run, Due>,
    sent: BySilence<Sent>,
}

#[derive(Clone, Copy, Debug)]
struct Due {
    at: Time,
    /// How many of the author's datagrams it is for.
    datagrams: u32,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    up_to: u32,
    /// How often he was acked up to there: if that is needed again, unicast does not reach him.
    times: u32,
}

impl Acks {
    const AUTHORS_MAX: usize = 1024;

    pub(super) const fn new() -> Self {
        Self { due: BTreeMap::new(), sent: BySilence::new(Self::AUTHORS_MAX) }
    }

    /// An author is to be acked: lines of his were told, or one came once more, as if he did not know that it came.
    pub(super) fn want(&mut self, now: Time, author: Run, peers: usize, rng: &mut fastrand::Rng) {
        if self.due.len() >= Self::AUTHORS_MAX {
            return;
        }
        let spread = SPREAD_PER_PEER * u32::try_from(peers.min(ROOM_MAX)).unwrap_or(0);
        let last = self.sent.time(author).map_or(Time::ZERO, |sent| sent + BETWEEN);
        let at = (now + WAIT + spread.mul_f64(rng.f64())).max(last);
        let due = self.due.entry(author).or_insert(Due { at, datagrams: 0 });
        due.datagrams += 1;
        if due.datagrams >= DATAGRAMS {
            due.at = now;
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.due.values().map(|due| due.at).min().map(|at| Deadline { at, timer: Timer::Ack })
    }

    /// An author who is to be acked now.
    pub(super) fn take_due(&mut self, now: Time) -> Option<Run> {
        let author = *self.due.iter().find(|(_, due)| due.at <= now)?.0;
        self.due.remove(&author);
        Some(author)
    }

    /// Who is to be acked before this run leaves: who is owed an ack, and who got one a moment ago. That may have gone by
    /// unicast, which waits in another socket than the goodbye; and to whom somebody has said goodbye, he has not heard
    /// what he acks later.
    pub(super) fn take_last(&mut self, now: Time) -> Vec<Run> {
        let mut authors: Vec<Run> = mem::take(&mut self.due).into_keys().collect();
        let is_late = |sent: Time| now.since(sent) < MAY_BE_OVERTAKEN;
        let acked = self.sent.iter().filter(|(_, sent, _)| is_late(*sent)).map(|(author, ..)| author);
        authors.extend(acked.take(LAST_MAX));
        authors.sort_unstable();
        authors.dedup();
        authors
    }

    /// Notes that an author is acked; tells whether that should go to all, because twice by unicast it was in vain.
    pub(super) fn handle_sent(&mut self, now: Time, author: Run, up_to: u32) -> bool {
        let before = self.sent.get(author).filter(|sent| sent.up_to == up_to).map_or(0, |sent| sent.times);
        self.sent.insert(author, now, Sent { up_to, times: before.saturating_add(1) });
        before >= UNICAST_ACKS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId};

    const AUTHOR: Run = Run { peer: PeerId(1), epoch: Epoch(1) };

    #[test]
    fn lines_that_come_fast_are_acked_together() {
        let (mut acks, mut rng) = (Acks::new(), fastrand::Rng::with_seed(1));
        let mut sent = 0;
        for millis in (0..1000).step_by(5) {
            let now = Time::from_micros(millis * 1000);
            acks.want(now, AUTHOR, 4, &mut rng);
            while acks.take_due(now).is_some() {
                assert!(!acks.handle_sent(now, AUTHOR, millis as u32));
                sent += 1;
            }
        }
        assert!((18..=21).contains(&sent), "{sent} acks in a second");
    }

    #[test]
    fn whoever_speaks_very_fast_is_acked_by_number() {
        let (mut acks, mut rng) = (Acks::new(), fastrand::Rng::with_seed(1));
        let mut sent = Vec::new();
        for micros in 0..10 * u64::from(DATAGRAMS) {
            let now = Time::from_micros(micros);
            acks.want(now, AUTHOR, 4, &mut rng);
            while acks.take_due(now).is_some() {
                acks.handle_sent(now, AUTHOR, micros as u32);
                sent.push(micros + 1);
            }
        }
        assert_eq!(sent, (1..=10).map(|count| count * u64::from(DATAGRAMS)).collect::<Vec<_>>());
    }

    #[test]
    fn who_leaves_acks_once_more_who_was_acked_a_moment_ago() {
        let (mut acks, mut rng) = (Acks::new(), fastrand::Rng::with_seed(1));
        let author = |peer| Run { peer: PeerId(peer), epoch: Epoch(1) };
        let at = |millis: u64| Time::from_micros(millis * 1000);
        acks.handle_sent(at(0), author(1), 1);
        acks.handle_sent(at(150), author(2), 1);
        acks.handle_sent(at(180), author(3), 1);
        acks.want(at(190), author(3), 4, &mut rng);
        acks.want(at(190), author(4), 4, &mut rng);
        assert_eq!(acks.take_last(at(200)), [author(2), author(3), author(4)]);
        (10..100).for_each(|peer| assert!(!acks.handle_sent(at(200), author(peer), 1)));
        assert_eq!(acks.take_last(at(201)).len(), LAST_MAX);
    }

    #[test]
    fn an_ack_that_is_needed_again_goes_to_all() {
        let mut acks = Acks::new();
        assert!(!acks.handle_sent(Time::ZERO, AUTHOR, 1));
        assert!(!acks.handle_sent(Time::ZERO, AUTHOR, 1));
        assert!(acks.handle_sent(Time::ZERO, AUTHOR, 1));
        assert!(!acks.handle_sent(Time::ZERO, AUTHOR, 2));
    }
}

//! Peers who fell silent are called for a while: when a cut heals, it shows within a second and not with the next
//! beacon.

use alloc::collections::VecDeque;
use core::time::Duration;

use super::link::Transmit;
use super::timer::{Deadline, Timer};
use crate::time::Time;
use crate::wire::Run;

/// One of them is called in this time, by unicast,
const CALL_EVERY: Duration = Duration::from_secs(1);
/// and so many a second by all peers together, however many they are: each call for somebody who is dead draws a
/// broadcast, by which the system asks for his hardware address.
const CALLS_PER_SECOND: u32 = 16;
/// Who has been lost for longer will be heard by his beacons, if he comes back.
const SEARCHED_FOR: Duration = Duration::from_secs(120);

/// The peers who were lost lately: at most [`COUNT_MAX`](Self::COUNT_MAX); the first to be lost makes room.
#[derive(Debug, Default)]
pub(super) struct Search {
    lost: VecDeque<Lost>,
    call_at: Option<Time>,
}

#[derive(Clone, Copy, Debug)]
struct Lost {
    run: Run,
    way: Transmit,
    until: Time,
}

impl Search {
    const COUNT_MAX: usize = 64;

    /// A peer is lost.
    pub(super) fn handle_lost(&mut self, now: Time, run: Run, way: Transmit, peers: usize, rng: &mut fastrand::Rng) {
        if self.lost.len() >= Self::COUNT_MAX {
            self.lost.pop_front();
        }
        self.lost.push_back(Lost { run, way, until: now + SEARCHED_FOR });
        // All who lost him did at one moment, and shall not call him at one.
        self.call_at.get_or_insert_with(|| now + call_every(peers).mul_f64(rng.f64()));
    }

    /// A run is heard; tells whether it was lost.
    pub(super) fn handle_heard(&mut self, run: Run) -> bool {
        let before = self.lost.len();
        self.lost.retain(|lost| lost.run != run);
        self.lost.len() < before
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.call_at.map(|at| Deadline { at, timer: Timer::Search })
    }

    /// Whom to call now.
    pub(super) fn take_call(&mut self, now: Time, peers: usize, rng: &mut fastrand::Rng) -> Option<Transmit> {
        self.call_at.filter(|at| *at <= now)?;
        self.lost.retain(|lost| now < lost.until);
        let wait = call_every(peers).mul_f64(0.75 + 0.5 * rng.f64());
        self.call_at = (!self.lost.is_empty()).then_some(now + wait);
        self.lost.rotate_left(1.min(self.lost.len()));
        self.lost.back().map(|lost| lost.way)
    }
}

fn call_every(peers: usize) -> Duration {
    let peers = u32::try_from(peers).unwrap_or(u32::MAX);
    CALL_EVERY.max(Duration::from_secs(peers.into()) / CALLS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::LinkId;
    use crate::wire::{Epoch, PeerId};

    fn run(number: u64) -> Run {
        Run { peer: PeerId(number), epoch: Epoch(1) }
    }

    fn way(number: u64) -> Transmit {
        Transmit::Unicast { link: LinkId(1), to: ([192, 0, 2, number as u8], 26634).into() }
    }

    #[test]
    fn each_is_called_in_turn_until_heard_and_not_for_ever() {
        let (mut search, mut rng) = (Search::default(), fastrand::Rng::with_seed(1));
        (1..=2).for_each(|number| search.handle_lost(Time::ZERO, run(number), way(number), 1, &mut rng));
        let mut call = || search.take_call(search.deadline()?.at, 1, &mut rng);
        assert_eq!([call(), call(), call()], [Some(way(1)), Some(way(2)), Some(way(1))]);
        assert!(search.handle_heard(run(1)) && !search.handle_heard(run(1)));
        let calls = core::iter::from_fn(|| search.take_call(search.deadline()?.at, 1, &mut rng)).count();
        assert!((105..130).contains(&calls) && search.deadline().is_none(), "{calls} calls");
        assert_eq!(call_every(1000), Duration::from_millis(62_500));
    }

    #[test]
    fn they_are_bounded() {
        let (mut search, mut rng) = (Search::default(), fastrand::Rng::with_seed(1));
        (1..=1000).for_each(|number| search.handle_lost(Time::ZERO, run(number), way(number), 1, &mut rng));
        assert_eq!((search.lost.len(), search.lost[0].run), (Search::COUNT_MAX, run(937)));
    }
}

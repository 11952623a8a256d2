//! Who comes and goes, and who does not hear us and then does again, as it is told: many at once in one line, so that a crowd does not push the talk away.

use std::mem::discriminant;
use std::time::Duration;

use cooee::node::{Departure, Peer};
use cooee::time::Time;
use cooee::wire::Run;

use crate::ui::safe::Safe;

/// Comings and goings that are not told yet.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// What has happened since the last was told.
    waiting: Vec<Move>,
    /// Until then, who comes or goes is kept to be told together.
    quiet_until: Option<Time>,
}

/// Somebody came or went, or does not hear us, or does again.
#[derive(Clone, Debug)]
pub(super) struct Move {
    pub(super) peer: Peer,
    /// How he is called.
    pub(super) name: Safe,
    pub(super) way: Way,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out(Departure),
    /// He is heard, and does not hear us.
    Deaf,
    /// He hears us again.
    Cured,
}

impl Way {
    /// Whether two who move so are told of in one line.
    pub(super) fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::In, Self::In) | (Self::Deaf, Self::Deaf) | (Self::Cured, Self::Cured) => true,
            (Self::Out(one), Self::Out(other)) => discriminant(&one) == discriminant(&other),
            _ => false,
        }
    }
}

impl Arrivals {
    /// What comes within this is told together.
    const TOGETHER: Duration = Duration::from_secs(2);
    /// So many wait at most; then they are told at once.
    const COUNT_MAX: usize = 4096;

    /// Somebody came or went. The first is told at once; who follows soon after waits a little for the rest.
    pub(super) fn note(&mut self, moved: Move, now: Time) -> Vec<Move> {
        // A neighbour's program that starts and ends all the time is told in the order in which it does.
        let mut told = if self.waits(moved.peer.run) { self.take(now) } else { Vec::new() };
        if self.quiet_until.is_none_or(|until| now >= until) {
            told.extend(self.take(now));
            told.push(moved);
        } else {
            self.waiting.push(moved);
            if self.waiting.len() >= Self::COUNT_MAX {
                told.extend(self.take(now));
            }
        }
        told
    }

    /// Whether something of this run is not told yet.
    pub(super) fn waits(&self, run: Run) -> bool {
        self.waiting.iter().any(|moved| moved.peer.run == run)
    }

    /// When those who wait are to be told.
    pub(super) fn deadline(&self) -> Option<Time> {
        self.quiet_until.filter(|_| !self.waiting.is_empty())
    }

    /// Those who wait and are to be told by now.
    pub(super) fn due(&mut self, now: Time) -> Vec<Move> {
        if self.deadline().is_some_and(|deadline| now >= deadline) { self.take(now) } else { Vec::new() }
    }

    /// All who wait: something else is to be told, and not before them.
    pub(super) fn take(&mut self, now: Time) -> Vec<Move> {
        self.quiet_until = Some(now + Self::TOGETHER);
        std::mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample;

    fn moved(number: u64, way: Way) -> Move {
        Move { peer: sample::peer(number, "x"), name: Safe::literal("x"), way }
    }

    fn at(millis: u64) -> Time {
        Time::from_micros(millis * 1000)
    }

    fn runs(told: &[Move]) -> Vec<u64> {
        told.iter().map(|moved| moved.peer.run.peer.0).collect()
    }

    #[test]
    fn the_first_is_told_at_once_and_a_crowd_together() {
        let mut arrivals = Arrivals::default();
        assert_eq!(runs(&arrivals.note(moved(1, Way::In), at(0))), [1]);
        assert!((2..40).all(|number| arrivals.note(moved(number, Way::In), at(number)).is_empty()));
        assert_eq!(arrivals.deadline(), Some(at(2000)));
        assert!(arrivals.due(at(1999)).is_empty());
        assert_eq!(runs(&arrivals.due(at(2000))), (2..40).collect::<Vec<_>>());
        assert_eq!(arrivals.deadline(), None);
        assert!(arrivals.note(moved(50, Way::In), at(3000)).is_empty(), "a trickle is one line in two seconds");
        assert_eq!(runs(&arrivals.due(at(4000))), [50]);
        assert_eq!(runs(&arrivals.note(moved(51, Way::In), at(9000))), [51]);
    }

    #[test]
    fn who_comes_and_goes_is_told_in_that_order() {
        let mut arrivals = Arrivals::default();
        arrivals.note(moved(1, Way::In), at(0));
        arrivals.note(moved(2, Way::In), at(1));
        assert!(arrivals.waits(sample::run(2)));
        let gone = Way::Out(Departure::Goodbye);
        assert_eq!(runs(&arrivals.note(moved(2, gone), at(2))), [2]);
        assert_eq!(arrivals.due(at(3000)).iter().map(|moved| moved.way).collect::<Vec<_>>(), [gone]);
    }

    #[test]
    fn no_more_wait_than_may() {
        let mut arrivals = Arrivals::default();
        arrivals.note(moved(0, Way::In), at(0));
        let told: usize = (1..10_000).map(|number| arrivals.note(moved(number, Way::In), at(1)).len()).sum();
        assert!(told >= 10_000 - 1 - Arrivals::COUNT_MAX && arrivals.waiting.len() < Arrivals::COUNT_MAX);
    }
}

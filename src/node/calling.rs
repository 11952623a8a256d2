//! When this run announces itself: the hellos of a start, and the beacons from then on.

use core::time::Duration;

use super::config::Role;
use super::timer::{Deadline, Timer};
use crate::time::Time;
use crate::wire::BeaconInterval;

/// A series of hellos goes out at a start and when the links change: the first at once, the others this long after
/// it. Close together first, so that a newcomer is known within a blink; farther apart then, so that they do not
/// all fall into one burst of losses.
pub(super) const HELLOS_AFTER: [Duration; 9] = [
    Duration::from_millis(20),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(350),
    Duration::from_millis(750),
    Duration::from_millis(1550),
    Duration::from_millis(3150),
    Duration::from_millis(6350),
];
/// So many of them go in any case: to stop when the table has stopped growing would leave somebody out for seconds in
/// one start of fifty, at a loss of one in five. The last ones go only where somebody is lacking whom others hear: in
/// a crowd, some of a thousand answers get lost.
pub(super) const HELLOS_IN_ANY_CASE: usize = 6;

/// However few there are, one beacon in this time is enough; with more, many would be lost at once.
const INTERVAL_MIN: Duration = Duration::from_secs(5);

/// Beacons a second that a LAN carries, however many peers there are: each takes its interval from their number
/// (the rule of RFC 3550, section 6.2).
const BEACONS_PER_SECOND: u32 = 16;

/// How many are there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crowd {
    /// Peers in the table.
    pub(super) known: usize,
    /// The largest number of peers that one of them says it hears.
    pub(super) most_heard_by_one: u32,
}

impl Crowd {
    /// Nobody but this run.
    pub(super) const ALONE: Self = Self { known: 0, most_heard_by_one: 0 };

    /// The mean time between two beacons of each: `max(5 s, peers / 16 s)`.
    pub(super) fn interval(self) -> BeaconInterval {
        let everybody = u32::try_from(self.known).unwrap_or(u32::MAX).saturating_add(1);
        BeaconInterval::clamped(INTERVAL_MIN.max(Duration::from_secs(everybody.into()) / BEACONS_PER_SECOND))
    }
}

/// Decides when the next hello or beacon goes out.
#[derive(Debug)]
pub(super) struct Calling {
    role: Role,
    hellos: Option<Hellos>,
    next_beacon: Option<Time>,
    due: Option<Call>,
}

/// A call that is to go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Hello,
    Beacon,
}

/// A series of hellos that is under way.
#[derive(Debug)]
struct Hellos {
    begun: Time,
    /// How many have gone, the first not counted.
    gone: usize,
}

impl Hellos {
    fn next_at(&self) -> Option<Time> {
        HELLOS_AFTER.get(self.gone).map(|wait| self.begun + *wait)
    }
}

impl Calling {
    pub(super) const fn new(role: Role) -> Self {
        Self { role, hellos: None, next_beacon: None, due: None }
    }

    /// Says hello at once, and begins the series anew.
    pub(super) fn begin(&mut self, now: Time, crowd: Crowd, rng: &mut fastrand::Rng) {
        self.hellos = Some(Hellos { begun: now, gone: 0 });
        self.call(Call::Hello, now, crowd, rng);
    }

    /// Whether a series of hellos is under way.
    pub(super) const fn is_under_way(&self) -> bool {
        self.hellos.is_some()
    }

    /// Says nothing more.
    pub(super) fn end(&mut self) {
        *self = Self::new(self.role);
    }

    /// A beacon for all went out on another occasion: the next one can wait.
    pub(super) fn postpone(&mut self, now: Time, crowd: Crowd, rng: &mut fastrand::Rng) {
        if self.role == Role::Member {
            let mean = crowd.interval().duration();
            self.next_beacon = Some(now + mean.mul_f64(0.75 + 0.5 * rng.f64()));
        }
    }

    pub(super) fn deadlines(&self) -> impl Iterator<Item = Deadline> {
        let hello = self.hellos.as_ref().and_then(Hellos::next_at).map(|at| Deadline { at, timer: Timer::Hello });
        let beacon = self.next_beacon.map(|at| Deadline { at, timer: Timer::Beacon });
        hello.into_iter().chain(beacon)
    }

    /// Whether [`handle_timeout`](Self::handle_timeout) has anything to do; to count the crowd takes a while.
    pub(super) fn is_due(&self, now: Time) -> bool {
        self.deadlines().any(|deadline| deadline.at <= now)
    }

    pub(super) fn handle_timeout(&mut self, now: Time, crowd: Crowd, rng: &mut fastrand::Rng) {
        if let Some(hellos) = &mut self.hellos
            && hellos.next_at().is_none_or(|at| at <= now)
        {
            let lacks_some = crowd.most_heard_by_one as usize > crowd.known;
            let worthwhile = hellos.next_at().is_some() && (lacks_some || hellos.gone < HELLOS_IN_ANY_CASE);
            hellos.gone += 1;
            if worthwhile {
                self.call(Call::Hello, now, crowd, rng);
            } else {
                self.hellos = None;
            }
        }
        if self.next_beacon.is_some_and(|at| at <= now) {
            self.call(Call::Beacon, now, crowd, rng);
        }
    }

    /// The call that is to go out now, if any.
    pub(super) fn take(&mut self) -> Option<Call> {
        self.due.take()
    }

    fn call(&mut self, call: Call, now: Time, crowd: Crowd, rng: &mut fastrand::Rng) {
        // A hello says all that a beacon says, so one that is due anyway stays.
        if self.due != Some(Call::Hello) {
            self.due = Some(call);
        }
        self.postpone(now, crowd, rng);
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    const ALONE: Crowd = Crowd::ALONE;

    /// The calls of the first `end` and their milliseconds, with a table that grows as `crowd_at` says.
    fn calls(role: Role, end: Duration, crowd_at: impl Fn(Time) -> Crowd) -> Vec<(u64, Call)> {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut calling = Calling::new(role);
        let mut calls = Vec::new();
        calling.begin(Time::ZERO, crowd_at(Time::ZERO), &mut rng);
        let mut now = Time::ZERO;
        while now < Time::ZERO + end {
            calls.extend(calling.take().map(|call| (now.as_micros() / 1000, call)));
            let Some(next) = calling.deadlines().min() else { break };
            assert!(next.at > now, "{:?} does not move", next.timer);
            now = next.at;
            calling.handle_timeout(now, crowd_at(now), &mut rng);
        }
        calls
    }

    fn hellos(calls: &[(u64, Call)]) -> Vec<u64> {
        calls.iter().filter(|(_, call)| *call == Call::Hello).map(|(at, _)| *at).collect()
    }

    #[test]
    fn hello_is_said_seven_times() {
        let full = Crowd { known: 9, most_heard_by_one: 9 };
        for crowd in [ALONE, full] {
            let calls = calls(Role::Member, Duration::from_secs(4), |_| crowd);
            assert_eq!(hellos(&calls), [0, 20, 50, 100, 200, 350, 750]);
        }
    }

    #[test]
    fn hellos_go_on_while_somebody_hears_more() {
        let calls = calls(Role::Member, Duration::from_secs(4), |_| Crowd { known: 3, most_heard_by_one: 4 });
        assert_eq!(hellos(&calls), [0, 20, 50, 100, 200, 350, 750, 1550, 3150]);
    }

    #[test]
    fn few_peers_send_a_beacon_each_5_s_on_average() {
        let calls = calls(Role::Member, Duration::from_secs(5000), |_| Crowd { known: 4, most_heard_by_one: 4 });
        assert!((950..1050).contains(&calls.len()), "{}", calls.len());
        let waits = calls.windows(2).skip(7).map(|two| two[1].0 - two[0].0);
        assert!(waits.clone().all(|wait| (3749..=6251).contains(&wait)), "{:?}", waits.collect::<Vec<_>>());
    }

    #[test]
    fn a_thousand_peers_send_16_beacons_a_second_between_them() {
        let crowd = Crowd { known: 999, most_heard_by_one: 999 };
        assert_eq!(crowd.interval().duration(), Duration::from_millis(62_500));
        let calls = calls(Role::Member, Duration::from_secs(62_500), |_| crowd);
        assert!((960..1040).contains(&calls.len()), "{}", calls.len());
    }

    #[test]
    fn a_visitor_says_hello_and_sends_no_beacons() {
        let calls = calls(Role::Visitor, Duration::from_secs(60), |_| ALONE);
        assert_eq!((hellos(&calls).len(), calls.len()), (7, 7));
    }
}

//! How much is let in that has to be checked: a signature costs as much as a thousand other things.

use core::net::IpAddr;
use core::time::Duration;

use super::bucket::{Flow, Level, TokenBucket};
use super::silence::BySilence;
use crate::time::Time;

/// Which datagrams that are signed or sealed are looked into. Each address has a bucket of its own, so that whoever
/// floods takes nothing from others. But addresses are made up easily: those from which nothing that was signed and
/// right has come yet have small buckets, and share one besides.
///
/// A check takes some 50 µs, so all strangers together take a twentieth of one core at most, and each known address a
/// tenth. New lines do not count, up to half a core for each known address: pipes are fast, and only whoever has a key can
/// make some. What is not let in is like what got lost on its way: it is asked for or sent again.
#[derive(Debug)]
pub(super) struct Admission {
    /// At most [`KNOWN_MAX`](Self::KNOWN_MAX); the address that was silent for longest is a stranger's again.
    known: BySilence<Known, IpAddr>,
    /// At most [`STRANGERS_MAX`](Self::STRANGERS_MAX).
    strangers: BySilence<Level, IpAddr>,
    all_strangers: TokenBucket,
}

/// An address from which something right has come.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// Of [`KNOWN`].
    level: Level,
    /// Lines that do not count; of [`NEW_LINES`].
    new_lines: Level,
}

const KNOWN: Flow = Flow::new(2048, Duration::from_micros(500));
const NEW_LINES: Flow = Flow::new(2048, Duration::from_micros(100));
const STRANGER: Flow = Flow::new(64, Duration::from_millis(20));

impl Admission {
    /// As many as there can be peers.
    const KNOWN_MAX: usize = 8192;
    const STRANGERS_MAX: usize = 1024;

    pub(super) const fn new() -> Self {
        Self {
            known: BySilence::new(Self::KNOWN_MAX),
            strangers: BySilence::new(Self::STRANGERS_MAX),
            all_strangers: TokenBucket::new(2048, Duration::from_millis(1)),
        }
    }

    /// Whether a datagram from this address is to be looked into.
    pub(super) fn admits(&mut self, now: Time, from: IpAddr) -> bool {
        if let Some(known) = self.known.heard_roughly(from, now) {
            return known.level.take(KNOWN, now);
        }
        if self.strangers.heard_roughly(from, now).is_none() {
            self.strangers.insert(from, now, Level::FULL);
        }
        self.strangers.get_mut(from).is_some_and(|level| level.take(STRANGER, now)) && self.all_strangers.take(now)
    }

    /// What came from this address was signed, and right.
    pub(super) fn handle_right(&mut self, now: Time, from: IpAddr) {
        if self.known.get(from).is_none() {
            self.strangers.remove(from);
            self.known.insert(from, now, Known { level: Level::FULL, new_lines: Level::FULL });
        }
    }

    /// What came from this address was signed, right, and of lines that are new.
    pub(super) fn handle_new_lines(&mut self, now: Time, from: IpAddr) {
        if let Some(known) = self.known.get_mut(from)
            && known.new_lines.take(NEW_LINES, now)
        {
            known.level.give_back(KNOWN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> IpAddr {
        IpAddr::V4(number.into())
    }

    /// How many of so many a second for ten seconds are let in, each from the address that `from` gives.
    fn admitted(admission: &mut Admission, a_second: u64, from: impl Fn(u64) -> u32) -> u64 {
        let came = (0..10 * a_second).filter(|number| {
            admission.admits(Time::from_micros(number * 1_000_000 / a_second), address(from(*number)))
        });
        came.count() as u64
    }

    #[test]
    fn one_who_floods_takes_nothing_from_others() {
        let mut admission = Admission::new();
        admission.handle_right(Time::ZERO, address(1));
        let flood = admitted(&mut admission, 50_000, |_| 2);
        assert!((560..=566).contains(&flood), "{flood}");
        let end = Time::from_micros(10_000_000);
        assert!((0..2000).all(|_| admission.admits(end, address(1))), "somebody known");
        assert!((0..60).all(|_| admission.admits(end, address(3))), "another stranger");
    }

    #[test]
    fn made_up_addresses_share_what_strangers_get() {
        let mut admission = Admission::new();
        admission.handle_right(Time::ZERO, address(1));
        let flood = admitted(&mut admission, 50_000, |number| number as u32 + 2);
        assert!((12_000..=12_060).contains(&flood), "{flood}");
        assert!(admission.strangers.len() <= Admission::STRANGERS_MAX);
        assert!((0..2000).all(|_| admission.admits(Time::from_micros(10_000_000), address(1))));
    }

    #[test]
    fn new_lines_do_not_count_but_are_bounded_too() {
        let mut admission = Admission::new();
        admission.handle_right(Time::ZERO, address(1));
        let came = (0..500_000).filter(|number| {
            let now = Time::from_micros(number * 20);
            let admitted = admission.admits(now, address(1));
            if admitted {
                admission.handle_new_lines(now, address(1));
            }
            admitted
        });
        let came = came.count();
        assert!((120_000..=125_000).contains(&came), "{came} in ten seconds");
    }

    #[test]
    fn also_who_is_known_is_bounded() {
        let mut admission = Admission::new();
        admission.handle_right(Time::ZERO, address(1));
        let flood = admitted(&mut admission, 50_000, |_| 1);
        assert!((22_000..=22_060).contains(&flood), "{flood}");
        (0..10_000).for_each(|number| admission.handle_right(Time::ZERO, address(number)));
        assert_eq!(admission.known.len(), Admission::KNOWN_MAX);
    }
}

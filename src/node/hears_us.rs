//! Whether somebody who is heard hears this run, as far as its beacons tell.

use alloc::boxed::Box;
use core::time::Duration;

use crate::time::Time;
use crate::wire::{Beacon, Counter, Hears, Run};

/// Whether a run that is heard hears this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HearsUs {
    /// Its beacons tell so.
    Yes,
    /// It has told for a while that it does not, though it was answered each time.
    No,
    /// It has not told.
    #[default]
    Unknown,
}

/// So many beacons in a row have to tell that this run is not heard,
const DENIALS: u8 = 3;
/// over so long a time. Whoever tells it is answered alone each time, and is called as all others are besides: so he had
/// a dozen datagrams to hear, and even where two of five get lost, they do not all.
const DENIED_FOR: Duration = Duration::from_secs(5);
/// What comes within this counts once: it may be one call by two links, or the answers to several.
const SAME_BREATH: Duration = Duration::from_millis(500);

/// What a run's beacons have told lately of whether it hears this one.
#[derive(Clone, Debug, Default)]
pub(super) struct Testimony {
    stands: HearsUs,
    /// It was told to whoever asks for events that this run is not heard.
    is_told: bool,
    /// That the last beacons have told that this run is not heard, which few do.
    denial: Option<Box<Denial>>,
}

/// Beacons in a row that have told that this run is not heard.
#[derive(Clone, Copy, Debug)]
struct Denial {
    /// How many; more than enough are not counted.
    count: u8,
    /// When they came.
    first: Time,
    last: Time,
}

impl Testimony {
    pub(super) const fn stands(&self) -> HearsUs {
        self.stands
    }

    /// A beacon has come that is newer than those before.
    pub(super) fn handle_beacon(&mut self, now: Time, tells: Hears) {
        match tells {
            Hears::Untold => {}
            Hears::No => self.deny(now),
            // A filter takes one in some for heard who is not: one alone does not outweigh those that told otherwise.
            Hears::Probably if self.stands == HearsUs::No && self.denial.is_some() => self.begin_anew(),
            Hears::Surely | Hears::Probably => {
                self.begin_anew();
                self.stands = HearsUs::Yes;
            }
        }
    }

    /// This run has called anew, or could not before: what was told until now is of the time before.
    pub(super) fn begin_anew(&mut self) {
        self.denial = None;
    }

    /// Whether the last beacons told that this run is not heard, and may have been wrong.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.denial.is_some() && self.stands != HearsUs::No
    }

    /// Whether what stands is to be told: that this run is not heard, or that it is again.
    pub(super) fn is_news(&self) -> bool {
        (self.stands == HearsUs::No) != self.is_told
    }

    pub(super) fn handle_told(&mut self) {
        self.is_told = self.stands == HearsUs::No;
    }

    fn deny(&mut self, now: Time) {
        let Some(denial) = &mut self.denial else {
            self.denial = Some(Box::new(Denial { count: 1, first: now, last: now }));
            return;
        };
        if now.since(denial.last) < SAME_BREATH {
            return;
        }
        denial.last = now;
        denial.count = denial.count.saturating_add(1);
        if denial.count >= DENIALS && now.since(denial.first) >= DENIED_FOR {
            self.stands = HearsUs::No;
        }
    }
}

/// What a beacon tells of whether its sender hears `me`. A hello leaves out those who have shown nothing yet, so that they
/// answer: that one is not in it tells nothing.
pub(super) fn tells_of(beacon: &Beacon<'_>, counter: Counter, me: Run) -> Hears {
    match beacon.heard.tells_of(me, counter) {
        Hears::No if beacon.hello => Hears::Untold,
        told => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hearsay(told: &[(u64, Hears)]) -> Testimony {
        let mut hearsay = Testimony::default();
        told.iter().for_each(|(millis, tells)| hearsay.handle_beacon(Time::from_micros(millis * 1000), *tells));
        hearsay
    }

    #[test]
    fn three_denials_in_a_row_over_some_seconds_stand() {
        let no = |millis| (millis, Hears::No);
        let stands = |told: &[(u64, Hears)]| hearsay(told).stands();
        assert_eq!(stands(&[no(0), no(5000)]), HearsUs::Unknown);
        assert_eq!(stands(&[no(0), no(1000), no(4999)]), HearsUs::Unknown, "too soon");
        assert_eq!(stands(&[no(0), no(100), no(5000)]), HearsUs::Unknown, "two in one breath");
        assert_eq!(stands(&[no(0), no(1000), no(5000)]), HearsUs::No);
        assert_eq!(stands(&[no(0), (500, Hears::Untold), no(1000), no(5000)]), HearsUs::No, "that tells nothing");
        for tells in [Hears::Surely, Hears::Probably] {
            assert_eq!(stands(&[no(0), no(1000), (2000, tells), no(5000), no(9000)]), HearsUs::Yes);
        }
    }

    #[test]
    fn what_was_denied_is_taken_back_and_told_once_each_time() {
        let denied = [0, 3000, 6000].map(|millis| (millis, Hears::No));
        let mut heard = hearsay(&denied);
        assert!(heard.is_news());
        heard.handle_told();
        assert!(!heard.is_news());
        heard.handle_beacon(Time::from_micros(7_000_000), Hears::Probably);
        assert_eq!(heard.stands(), HearsUs::No, "a filter may be wrong once");
        heard.handle_beacon(Time::from_micros(8_000_000), Hears::Probably);
        assert_eq!((heard.stands(), heard.is_news()), (HearsUs::Yes, true));
    }

    #[test]
    fn a_call_begins_the_count_anew() {
        let mut hearsay = hearsay(&[(0, Hears::No), (3000, Hears::No)]);
        assert!(hearsay.is_in_doubt());
        hearsay.begin_anew();
        hearsay.handle_beacon(Time::from_micros(6_000_000), Hears::No);
        assert_eq!(hearsay.stands(), HearsUs::Unknown);
    }
}

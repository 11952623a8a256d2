//! How fast this run's lines go out: so many datagrams a second, fewer while many get lost, and no more ahead of whoever
//! is slowest than he can take in.

use alloc::collections::VecDeque;
use core::num::NonZeroU32;
use core::time::Duration;

use super::bucket::TokenBucket;
use crate::time::Time;
use crate::wire::{Seq, SeqRange};

/// How many datagrams of lines a run sends a second at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// So many.
    PerSecond(NonZeroU32),
    /// As many as those who ack take in: for LANs without radio. Where nobody acks, [`DEFAULT`](Self::DEFAULT).
    Max,
}

impl Rate {
    /// 500 datagrams a second, 5 Mbit/s at most: Wi-Fi carries broadcast at its slowest rate.
    pub const DEFAULT: Self = Self::PerSecond(Self::DEFAULT_PER_SECOND);
    const DEFAULT_PER_SECOND: NonZeroU32 = NonZeroU32::new(500).unwrap();

    const fn per_second(self) -> NonZeroU32 {
        match self {
            Self::PerSecond(rate) => rate,
            Self::Max => Self::DEFAULT_PER_SECOND,
        }
    }
}

/// So many datagrams go out at once in any case: what a person types does not wait.
const BURST: u32 = 8;
/// The burst is as much as goes out in this time, if that is more: nobody wakes more often.
const BURST_OF: Duration = Duration::from_millis(5);
/// So often it is looked how many were lost.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Of so many datagrams one lost to each who hears is what Wi-Fi loses on a good day. More than that, and this run goes
/// slower by a quarter, with fewer on their way, each time that it is looked; less, and it goes faster again by a sixteenth
/// of the whole rate, with more on their way. That a few get lost does not show that anybody is overrun.
const MUCH_LOST: u32 = 10;
/// Slower than this share of the rate it never goes.
const SLOWEST: u32 = 8;

/// Datagrams that may be on their way: the system keeps some 180 for a reader who is busy, and others speak as well.
const IN_FLIGHT: Span = Span { least: 16, first: 64, most: 128 };
/// Lines that may be on their way: well below what a log holds, so that what is lost can be repaired.
const LINES_IN_FLIGHT: u32 = 4000;
/// Whoever has not come one line further in this time is not waited for until he has caught up.
const PATIENCE: Duration = Duration::from_secs(1);

struct Span {
    least: usize,
    first: usize,
    most: usize,
}

/// How fast lines go out.
#[derive(Debug)]
pub(super) struct Pace {
    rate: Rate,
    bucket: TokenBucket,
    /// Datagrams a second at present.
    at_present: u32,
    losses: Losses,
    /// How many may be on their way.
    window: usize,
    /// The lines of each datagram that somebody who is waited for has not acked; as many as the widest window has.
    in_flight: VecDeque<SeqRange>,
    /// When the first of them was the first, as far as is known.
    since: Time,
}

/// What was sent and lost since it was last looked.
#[derive(Debug, Default)]
struct Losses {
    since: Time,
    sent: u32,
    nacked: u32,
}

impl Pace {
    pub(super) fn new(rate: Rate) -> Self {
        let mut pace = Self {
            rate,
            bucket: TokenBucket::new(BURST, Duration::ZERO),
            at_present: rate.per_second().get(),
            losses: Losses::default(),
            window: IN_FLIGHT.first,
            in_flight: VecDeque::new(),
            since: Time::ZERO,
        };
        pace.set(rate);
        pace
    }

    /// Goes at this rate from now on.
    pub(super) fn set(&mut self, rate: Rate) {
        self.rate = rate;
        self.go_at(rate.per_second().get());
    }

    fn go_at(&mut self, per_second: u32) {
        self.at_present = per_second;
        let in_a_burst = u128::from(per_second) * BURST_OF.as_micros() / 1_000_000;
        let burst = u32::try_from(in_a_burst).unwrap_or(u32::MAX).max(BURST);
        self.bucket.change(burst, Duration::from_secs(1) / per_second.max(1));
    }

    /// When the next datagram may go; `now` or earlier if it may go now. `hearers` ack.
    pub(super) fn ready_at(&self, hearers: usize) -> Time {
        if self.is_full() {
            return self.since + PATIENCE;
        }
        if self.is_unbounded(hearers) { Time::ZERO } else { self.bucket.ready_at() }
    }

    /// Whether a datagram may go now; then it is to go.
    pub(super) fn take(&mut self, now: Time, hearers: usize) -> bool {
        !self.is_full() && (self.is_unbounded(hearers) || self.bucket.take(now))
    }

    /// Those on their way have been waited for long enough: who has not got them is to be waited for no more. Tells up to
    /// which line.
    pub(super) fn take_stalled(&mut self, now: Time) -> Option<Seq> {
        let first = self.in_flight.front().filter(|_| self.is_full() && now >= self.since + PATIENCE)?;
        Some(first.last())
    }

    /// These lines have gone out for the first time.
    pub(super) fn handle_sent(&mut self, now: Time, range: SeqRange, hearers: usize) {
        if self.in_flight.is_empty() {
            self.since = now;
        }
        if self.in_flight.len() < IN_FLIGHT.most {
            self.in_flight.push_back(range);
        }
        if self.losses.sent == 0 {
            self.losses.since = now;
        }
        self.losses.sent += 1;
        if now.since(self.losses.since) >= LOOK_EVERY {
            self.look(hearers);
        }
    }

    /// All who are waited for have heard up to this line.
    pub(super) fn handle_heard(&mut self, now: Time, up_to: u32) {
        while self.in_flight.front().is_some_and(|range| range.last().number() <= up_to) {
            self.in_flight.pop_front();
            self.since = now;
        }
    }

    /// Somebody asks for a datagram of this run's lines, or it could not be sent.
    pub(super) fn handle_loss(&mut self) {
        self.losses.nacked = self.losses.nacked.saturating_add(1);
    }

    fn look(&mut self, hearers: usize) {
        let Losses { sent, nacked, .. } = core::mem::take(&mut self.losses);
        let heard_by = u32::try_from(hearers.max(1)).unwrap_or(u32::MAX);
        let whole = self.rate.per_second().get();
        if u64::from(nacked) * u64::from(MUCH_LOST) > u64::from(sent) * u64::from(heard_by) {
            self.go_at((self.at_present / 4 * 3).max(whole / SLOWEST).max(1));
            self.window = (self.window / 4 * 3).max(IN_FLIGHT.least);
        } else {
            self.go_at((self.at_present + whole.div_ceil(16)).min(whole));
            self.window = (self.window + self.window / 8).min(IN_FLIGHT.most);
        }
    }

    fn is_full(&self) -> bool {
        let lines = || {
            self.in_flight
                .back()
                .zip(self.in_flight.front())
                .map_or(0, |(last, first)| last.last().number() - first.first().number())
        };
        self.in_flight.len() >= self.window || lines() >= LINES_IN_FLIGHT
    }

    /// Whether nothing but what is on its way bounds it.
    fn is_unbounded(&self, hearers: usize) -> bool {
        self.rate == Rate::Max && hearers > 0
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn at(millis: u64) -> Time {
        Time::from_micros(millis * 1000)
    }

    fn lines(number: u32) -> SeqRange {
        let seq = |number| Seq::new(number).unwrap();
        SeqRange::new(seq(number * 10 + 1), seq(number * 10 + 10)).unwrap()
    }

    fn per_second(rate: u32) -> Rate {
        Rate::PerSecond(NonZeroU32::new(rate).unwrap())
    }

    /// Sends whatever may go in so many milliseconds to so many hearers, of whom the slowest has always all if he hears;
    /// a nack comes for one in `lost_in` datagrams. Gives how many went.
    fn sent(pace: &mut Pace, millis: core::ops::Range<u64>, hearers: usize, lost_in: Option<u32>) -> u32 {
        let mut count = 0;
        for now in millis.map(at) {
            while pace.take(now, hearers) {
                pace.handle_sent(now, lines(count), hearers);
                pace.handle_heard(now, lines(count).last().number());
                count += 1;
                if lost_in.is_some_and(|lost_in| count.is_multiple_of(lost_in)) {
                    pace.handle_loss();
                }
                // Those who take in all at once take it in for ever.
                if count >= 10_000 {
                    return count;
                }
            }
        }
        count
    }

    #[test]
    fn what_a_person_types_goes_at_once_and_a_pipe_at_its_rate() {
        let mut pace = Pace::new(Rate::DEFAULT);
        assert!((0..BURST).all(|_| pace.take(at(0), 1)));
        assert!(!pace.take(at(0), 1));
        assert_eq!(pace.ready_at(1), at(2));
        for (rate, least, most) in [(Rate::DEFAULT, 500, 508), (per_second(1), 8, 9), (per_second(5000), 5000, 5025)] {
            let went = sent(&mut Pace::new(rate), 0..1000, 4, None);
            assert!((least..=most).contains(&went), "{went} at {rate:?}");
        }
    }

    #[test]
    fn where_much_is_lost_it_goes_slower_and_fast_again_when_that_is_over() {
        let mut pace = Pace::new(Rate::DEFAULT);
        let went = [
            sent(&mut pace, 0..5000, 1, Some(20)),
            sent(&mut pace, 5000..10_000, 1, Some(5)),
            sent(&mut pace, 10_000..15_000, 1, Some(5)),
            sent(&mut pace, 15_000..20_000, 1, None),
            sent(&mut pace, 20_000..25_000, 1, None),
        ];
        assert!((2500..=2510).contains(&went[0]), "one in twenty is no more than Wi-Fi loses: {went:?}");
        assert!((300..=330).contains(&went[2]) && went[1] < 1000, "no slower than an eighth: {went:?}");
        assert!(went[3] > 1500 && (2499..=2510).contains(&went[4]), "{went:?}");
        let one_in_five_of_ten = sent(&mut Pace::new(Rate::DEFAULT), 0..5000, 10, Some(2));
        assert!(one_in_five_of_ten > 2400, "each of ten has lost one in twenty: {one_in_five_of_ten}");
    }

    #[test]
    fn without_a_rate_it_goes_as_fast_as_the_slowest_hears() {
        let mut pace = Pace::new(Rate::Max);
        assert_eq!(sent(&mut pace, 0..1, 1, None), 10_000);
        let mut ranges = (20_000..).map(lines);
        let mut take_all = |pace: &mut Pace| {
            let mut took: Vec<SeqRange> = Vec::new();
            while pace.take(at(5), 1) {
                took.extend(ranges.next());
                pace.handle_sent(at(5), took[took.len() - 1], 1);
            }
            took
        };
        let first = take_all(&mut pace);
        assert_eq!((first.len(), pace.ready_at(1)), (IN_FLIGHT.first, at(1005)));
        pace.handle_heard(at(10), first[9].last().number());
        assert_eq!(take_all(&mut pace).len(), 10);
        assert_eq!(pace.take_stalled(at(1009)), None);
        assert!(pace.take_stalled(at(1010)).is_some(), "somebody takes in nothing any more");
    }

    #[test]
    fn fewer_are_on_their_way_while_much_is_lost_and_more_again_when_that_is_over() {
        let mut pace = Pace::new(Rate::Max);
        let mut numbers = 0..;
        let mut windows = |begun: u64, lost: usize| {
            let mut windows = Vec::new();
            for look in 0..50 {
                // One goes out, and when the time has come to look, another one.
                for now in [begun + look * 200, begun + (look + 1) * 200 - 1] {
                    let sent = lines(numbers.next().unwrap());
                    pace.handle_sent(at(now), sent, 1);
                    pace.handle_heard(at(now), sent.last().number());
                    (0..lost).for_each(|_| pace.handle_loss());
                }
                windows.push(pace.window);
            }
            windows
        };
        let (fair, foul) = (windows(0, 0), windows(20_000, 1));
        assert!(fair.is_sorted() && fair.last() == Some(&IN_FLIGHT.most), "{fair:?}");
        assert!(foul.is_sorted_by(|a, b| a >= b) && foul.last() == Some(&IN_FLIGHT.least), "{foul:?}");
        assert_eq!(windows(40_000, 0).last(), Some(&IN_FLIGHT.most));
    }

    #[test]
    fn short_lines_do_not_outrun_the_log() {
        let mut pace = Pace::new(Rate::Max);
        let range = |number: u32| {
            let seq = |number| Seq::new(number).unwrap();
            SeqRange::new(seq(number * 300 + 1), seq(number * 300 + 300)).unwrap()
        };
        let took = (0..).take_while(|number| {
            pace.take(at(0), 1) && {
                pace.handle_sent(at(0), range(*number), 1);
                true
            }
        });
        assert_eq!(took.count(), 14);
    }

    #[test]
    fn where_nobody_acks_there_is_a_rate_all_the_same() {
        let mut pace = Pace::new(Rate::Max);
        let mut went = 0;
        for now in 0..1000 {
            while pace.take(at(now), 0) {
                went += 1;
            }
        }
        assert!((500..=508).contains(&went), "{went}");
    }
}

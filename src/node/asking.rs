//! When missing lines are asked for, whom, and when they are given up.

use alloc::collections::BTreeMap;
use core::time::Duration;

use super::bucket::TokenBucket;
use super::timer::{Deadline, Timer};
use crate::time::Time;
use crate::wire::{Run, Seq, SeqRange};

/// A missing line may just have been overtaken: it is asked for after a wait that mere reordering does not outlast.
/// The wait is random, so that those who lack the same line do not all ask at once and the first answer can spare the
/// others their question (RFC 5401, section 3.2.1).
const REORDERING: Duration = Duration::from_millis(10);
/// Nacks go to one run so often, and then to all: perhaps unicast does not get through, or the author does not hold
/// the line any more.
const UNICAST_ROUNDS: u32 = 2;
/// Where so many more questions were answered only when they went to all than were by unicast, it seems not to get through
/// at all: a firewall lets the shared port through and no other. At a loss of one in five that comes about by chance
/// once in some thousand questions.
const IN_VAIN: u8 = 6;
/// Then all are asked from the first round on, for so long; or each gap would wait for nothing before it is closed.
const NO_UNICAST_FOR: Duration = Duration::from_secs(10);
/// The wait for an answer: first for one by unicast, which comes within a blink, then ever longer.
const ANSWER_WITHIN: [Duration; 6] = [
    Duration::from_millis(25),
    Duration::from_millis(40),
    Duration::from_millis(80),
    Duration::from_millis(150),
    Duration::from_millis(300),
    Duration::from_millis(500),
];
/// A line is given up that nobody has answered for in this time: at a loss of two in five, with some twenty questions
/// asked by then, that is one of many millions.
const PATIENCE: Duration = Duration::from_secs(8);
/// What was said before this run knew of its author, or what only somebody else claims to hold, is let go sooner, as it
/// holds back what is said now.
const EARLIER_PATIENCE: Duration = Duration::from_secs(3);

/// The gaps that are being asked for, one series of nacks for each author, of whom no more are known than
/// [`Hearing`](super::hearing::Hearing) bounds.
#[derive(Debug)]
pub(super) struct Asking {
    series: BTreeMap<Run, Series>,
    bucket: TokenBucket,
    unicast: Unicast,
}

/// Whether unicast gets through, as far as it shows by what is answered.
#[derive(Debug)]
struct Unicast {
    in_vain: u8,
    /// It is not tried before.
    not_before: Time,
}

impl Unicast {
    fn handle_answer(&mut self, now: Time, whom: Whom) {
        match whom {
            Whom::Holder => self.in_vain = self.in_vain.saturating_sub(1),
            // Who has not tried it does not know.
            Whom::Everybody if now < self.not_before => {}
            Whom::Everybody => {
                self.in_vain = IN_VAIN.min(self.in_vain + 1);
                if self.in_vain == IN_VAIN {
                    self.not_before = now + NO_UNICAST_FOR;
                }
            }
        }
    }
}

#[derive(Debug)]
struct Series {
    /// The line that everything waits for.
    head: Seq,
    /// Since when it has been known to be missing.
    since: Time,
    /// After so long it is given up.
    patience: Duration,
    /// When to ask next; `None` when there is nothing to ask for.
    ask_at: Option<Time>,
    rounds: u32,
    /// Nacks of this round that are not answered yet.
    open: u32,
    /// Whom this round asks, until the first answer.
    asked: Option<Whom>,
}

/// What an author's gap calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Ask(Run),
    GiveUp(Run),
}

/// Whom a nack goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    /// The author, or whoever is known to hold the lines.
    Holder,
    Everybody,
}

/// What is known of a line that is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lack {
    pub(super) head: Seq,
    /// Since when; in a series of gaps, each has its own time.
    pub(super) since: Time,
    /// It was said since this run knows of its author.
    pub(super) is_owed: bool,
    /// It can be asked for: it is not that its author has not said it yet.
    pub(super) is_said: bool,
}

impl Series {
    fn answer_within(&self) -> Duration {
        ANSWER_WITHIN[(self.rounds as usize).min(ANSWER_WITHIN.len() - 1)]
    }
}

impl Asking {
    /// Most nacks in one round for one author.
    pub(super) const NACKS_MAX: u32 = 8;
    const BURST: u32 = 64;
    /// 500 a second in the long run.
    const REFILL: Duration = Duration::from_millis(2);

    pub(super) const fn new() -> Self {
        let bucket = TokenBucket::new(Self::BURST, Self::REFILL);
        Self { series: BTreeMap::new(), bucket, unicast: Unicast { in_vain: 0, not_before: Time::ZERO } }
    }

    /// An author's lines wait for one that is missing.
    pub(super) fn want(&mut self, now: Time, author: Run, lack: Lack, rng: &mut fastrand::Rng) {
        let wait = REORDERING.mul_f64(0.8 + 0.4 * rng.f64());
        let patience = if lack.is_owed { PATIENCE } else { EARLIER_PATIENCE };
        let series = self.series.entry(author).or_insert(Series {
            head: lack.head,
            since: lack.since,
            patience,
            ask_at: None,
            rounds: 0,
            open: 0,
            asked: None,
        });
        if series.head != lack.head {
            // What has not been asked for yet may just have been overtaken as well.
            let ask_at = series.ask_at.filter(|_| series.rounds > 0);
            *series = Series { head: lack.head, since: lack.since, patience, ask_at, ..*series };
        }
        if !lack.is_said {
            series.ask_at = None;
        } else if series.ask_at.is_none() {
            series.ask_at = Some(now + wait);
        }
    }

    /// An author's lines wait for nothing.
    pub(super) fn end(&mut self, author: Run) {
        self.series.remove(&author);
    }

    /// Lines that may have been asked for have come; when these were all, the next are asked for at once.
    pub(super) fn handle_answer(&mut self, now: Time, author: Run) {
        let Some(series) = self.series.get_mut(&author).filter(|series| series.open > 0) else { return };
        series.open -= 1;
        if let Some(whom) = series.asked.take() {
            self.unicast.handle_answer(now, whom);
        }
        if series.open == 0 && series.ask_at.is_some() {
            series.rounds = 0;
            series.ask_at = Some(now);
        }
    }

    /// Somebody else asks everybody for a line: whoever waits for the same need not ask as well (RFC 5401, section
    /// 3.2.2).
    pub(super) fn handle_nack_of_other(&mut self, now: Time, author: Run, missing: SeqRange, rng: &mut fastrand::Rng) {
        let waits = |series: &&mut Series| missing.contains(series.head);
        let Some(series) = self.series.get_mut(&author).filter(waits) else { return };
        let asks_all = self.unicast.not_before > now || series.rounds >= UNICAST_ROUNDS;
        // An answer from now on may be one to him; to who asks all as well, it tells the same as one to himself.
        series.asked = asks_all.then_some(Whom::Everybody);
        if asks_all && series.ask_at.is_some() {
            series.ask_at = Some(now + series.answer_within().mul_f64(0.8 + 0.4 * rng.f64()));
            series.rounds += 1;
        }
    }

    pub(super) fn deadlines(&self) -> impl Iterator<Item = Deadline> {
        let ready = self.bucket.ready_at();
        let ask = self.series.values().filter_map(|series| series.ask_at).min();
        let give_up = self.series.values().map(|series| series.since + series.patience).min();
        let ask = ask.map(|at| Deadline { at: at.max(ready), timer: Timer::Ask });
        ask.into_iter().chain(give_up.map(|at| Deadline { at, timer: Timer::GiveUp }))
    }

    /// What is due by now, one after the other.
    pub(super) fn due(&self, now: Time) -> Option<Due> {
        let given_up = self.series.iter().find(|(_, series)| series.since + series.patience <= now);
        if let Some((author, _)) = given_up {
            return Some(Due::GiveUp(*author));
        }
        let may_ask = self.bucket.ready_at() <= now;
        // Whoever has waited for longest, so that one who is said to have said much starves nobody.
        let waiting = self.series.iter().filter_map(|(author, series)| Some((series.ask_at?, *author)));
        let (_, author) = waiting.filter(|(at, _)| may_ask && *at <= now).min()?;
        Some(Due::Ask(author))
    }

    /// Begins a round for an author; tells whom to ask. It is followed by [`handle_asked`](Self::handle_asked) for
    /// each piece.
    pub(super) fn begin_round(&mut self, now: Time, author: Run, rng: &mut fastrand::Rng) -> Whom {
        let Some(series) = self.series.get_mut(&author) else { return Whom::Everybody };
        series.ask_at = Some(now + series.answer_within().mul_f64(0.8 + 0.4 * rng.f64()));
        series.open = 0;
        let holder_first = self.unicast.not_before <= now;
        let whom = if holder_first && series.rounds < UNICAST_ROUNDS { Whom::Holder } else { Whom::Everybody };
        series.asked = Some(whom);
        series.rounds += 1;
        whom
    }

    /// Counts a nack; false when there have been too many for now.
    pub(super) fn handle_asked(&mut self, now: Time, author: Run) -> bool {
        let may = self.bucket.take(now);
        if let Some(series) = self.series.get_mut(&author).filter(|_| may) {
            series.open += 1;
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::wire::{Epoch, PeerId};

    const AUTHOR: Run = Run { peer: PeerId(1), epoch: Epoch(1) };

    fn lack(since: Time) -> Lack {
        Lack { head: Seq::FIRST, since, is_owed: true, is_said: true }
    }

    /// The times, in milliseconds, at which it asks, and whom, until it gives up.
    fn rounds(lack: Lack) -> (Vec<(u64, Whom)>, u64) {
        let (mut asking, mut rng) = (Asking::new(), fastrand::Rng::with_seed(1));
        asking.want(Time::ZERO, AUTHOR, lack, &mut rng);
        let mut asked = Vec::new();
        loop {
            let now = asking.deadlines().min().unwrap().at;
            match asking.due(now).expect("a deadline leads to something") {
                Due::Ask(author) => {
                    asked.push((now.as_micros() / 1000, asking.begin_round(now, author, &mut rng)));
                    assert!(asking.handle_asked(now, author));
                }
                Due::GiveUp(..) => return (asked, now.as_micros() / 1000),
            }
        }
    }

    #[test]
    fn first_the_holder_is_asked_then_all_and_then_it_is_given_up() {
        let (asked, given_up) = rounds(lack(Time::ZERO));
        assert!((8..=12).contains(&asked[0].0), "{asked:?}");
        assert!(asked[..2].iter().all(|(_, whom)| *whom == Whom::Holder));
        assert!(asked[2..].iter().all(|(_, whom)| *whom == Whom::Everybody) && (18..30).contains(&asked.len()));
        assert_eq!(given_up, 8000);
        assert_eq!(rounds(Lack { is_owed: false, ..lack(Time::ZERO) }).1, 3000);
        let (asked, given_up) = rounds(Lack { is_said: false, ..lack(Time::ZERO) });
        assert_eq!((asked.len(), given_up), (0, 8000), "what is not said yet is waited for, not asked for");
    }

    #[test]
    fn who_is_answered_goes_on_at_once() {
        let (mut asking, mut rng) = (Asking::new(), fastrand::Rng::with_seed(1));
        asking.want(Time::ZERO, AUTHOR, lack(Time::ZERO), &mut rng);
        let now = asking.deadlines().min().unwrap().at;
        asking.begin_round(now, AUTHOR, &mut rng);
        (0..3).for_each(|_| assert!(asking.handle_asked(now, AUTHOR)));
        (0..2).for_each(|_| asking.handle_answer(now, AUTHOR));
        assert_eq!(asking.due(now), None);
        asking.handle_answer(now, AUTHOR);
        assert_eq!(asking.due(now), Some(Due::Ask(AUTHOR)));
        asking.end(AUTHOR);
        assert_eq!(asking.deadlines().next(), None);
    }

    /// Whom it asks at `now` for a line that it lacks, when the answer to the question of that number has come.
    fn asked_until_answered(asking: &mut Asking, now: Time, questions: usize) -> Vec<Whom> {
        let mut rng = fastrand::Rng::with_seed(1);
        asking.want(now, AUTHOR, lack(now), &mut rng);
        let mut asked = Vec::new();
        let mut last = now;
        for _ in 0..questions {
            last = asking.deadlines().map(|deadline| deadline.at).min().unwrap();
            asked.push(asking.begin_round(last, AUTHOR, &mut rng));
            assert!(asking.handle_asked(last, AUTHOR));
        }
        asking.handle_answer(last, AUTHOR);
        asking.end(AUTHOR);
        asked
    }

    #[test]
    fn where_unicast_is_in_vain_all_are_asked_at_once_until_it_is_tried_again() {
        let mut asking = Asking::new();
        let at = |seconds| Time::from_micros(seconds * 1_000_000);
        let (holder, all) = (Whom::Holder, Whom::Everybody);
        for gap in 0..u64::from(IN_VAIN) {
            assert_eq!(asked_until_answered(&mut asking, at(gap), 3), [holder, holder, all]);
        }
        assert_eq!(asked_until_answered(&mut asking, at(10), 3), [all; 3]);
        assert_eq!(asked_until_answered(&mut asking, at(20), 3), [holder, holder, all], "it is tried again");
        assert_eq!(asked_until_answered(&mut asking, at(21), 1), [all], "in vain");
        assert_eq!(asked_until_answered(&mut asking, at(31), 1), [holder], "and once more, and not");
        assert_eq!(asked_until_answered(&mut asking, at(32), 3), [holder, holder, all]);
    }

    #[test]
    fn what_others_have_asked_all_for_does_not_tell_that_unicast_gets_through() {
        let (mut asking, mut rng) = (Asking::new(), fastrand::Rng::with_seed(1));
        for gap in 0..IN_VAIN {
            let now = Time::from_micros(u64::from(gap) * 1_000_000);
            asking.want(now, AUTHOR, lack(now), &mut rng);
            for _ in 0..UNICAST_ROUNDS {
                let at = asking.deadlines().map(|deadline| deadline.at).min().unwrap();
                assert_eq!(asking.begin_round(at, AUTHOR, &mut rng), Whom::Holder);
                assert!(asking.handle_asked(at, AUTHOR));
            }
            asking.handle_nack_of_other(now, AUTHOR, SeqRange::one(Seq::FIRST), &mut rng);
            asking.handle_answer(now, AUTHOR);
            asking.end(AUTHOR);
        }
        let now = Time::from_micros(u64::from(IN_VAIN) * 1_000_000);
        assert_eq!(asked_until_answered(&mut asking, now, 1), [Whom::Everybody]);
    }

    #[test]
    fn now_and_then_a_question_in_vain_changes_nothing() {
        let mut asking = Asking::new();
        for gap in 0..100 {
            let questions = if gap % 3 == 0 { 3 } else { 1 };
            let asked = asked_until_answered(&mut asking, Time::from_micros(gap * 1_000_000), questions);
            assert_eq!(asked[0], Whom::Holder);
        }
    }

    #[test]
    fn nacks_are_bounded() {
        let mut asking = Asking::new();
        let mut sent = 0;
        for millis in 0..10_000_u64 {
            let now = Time::from_micros(millis * 1000);
            sent += (0..100).filter(|_| asking.handle_asked(now, AUTHOR)).count();
        }
        assert!((5000..=5064).contains(&sent), "{sent} nacks in 10 s");
    }

    #[test]
    fn a_gap_behind_one_that_was_only_overtaken_has_its_own_wait() {
        let (mut asking, mut rng) = (Asking::new(), fastrand::Rng::with_seed(1));
        asking.want(Time::ZERO, AUTHOR, lack(Time::ZERO), &mut rng);
        let now = Time::from_micros(7000);
        asking.want(now, AUTHOR, Lack { head: Seq::new(2).unwrap(), ..lack(now) }, &mut rng);
        assert!(asking.deadlines().min().unwrap().at >= Time::from_micros(15_000));
    }

    #[test]
    fn what_is_not_said_yet_is_not_asked_for_after_a_gap_was() {
        let (mut asking, mut rng) = (Asking::new(), fastrand::Rng::with_seed(1));
        asking.want(Time::ZERO, AUTHOR, lack(Time::ZERO), &mut rng);
        let now = asking.deadlines().min().unwrap().at;
        asking.begin_round(now, AUTHOR, &mut rng);
        asking.want(now, AUTHOR, Lack { head: Seq::new(2).unwrap(), is_said: false, ..lack(now) }, &mut rng);
        assert!(asking.deadlines().all(|deadline| deadline.timer == Timer::GiveUp));
    }

    #[test]
    fn whoever_hears_others_ask_all_for_the_same_waits_for_their_answer() {
        let (mut asking, mut rng) = (Asking::new(), fastrand::Rng::with_seed(1));
        asking.want(Time::ZERO, AUTHOR, lack(Time::ZERO), &mut rng);
        let same = SeqRange::one(Seq::FIRST);
        for _ in 0..UNICAST_ROUNDS {
            let now = asking.deadlines().min().unwrap().at;
            asking.handle_nack_of_other(now, AUTHOR, same, &mut rng);
            assert_eq!(asking.due(now), Some(Due::Ask(AUTHOR)), "the holder may answer sooner");
            asking.begin_round(now, AUTHOR, &mut rng);
        }
        let now = asking.deadlines().min().unwrap().at;
        asking.handle_nack_of_other(now, AUTHOR, SeqRange::one(Seq::new(2).unwrap()), &mut rng);
        assert_eq!(asking.due(now), Some(Due::Ask(AUTHOR)), "they ask for another line");
        asking.handle_nack_of_other(now, AUTHOR, same, &mut rng);
        assert_eq!(asking.due(now), None);
    }
}

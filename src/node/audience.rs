//! Who has heard what this run said, and when it repeats itself.

use alloc::vec::Vec;
use core::time::Duration;

use super::table::Table;
use super::timer::{Deadline, Timer};
use crate::time::Time;
use crate::wire::{Run, Seq};

/// As long as somebody has not acked it, the newest datagram of lines is sent again, this long after it was first
/// sent: so also a *last* line that got lost is noticed, by which nobody sees a gap. Acks are there within a few
/// milliseconds, so that mostly nothing is repeated.
const REPEATS_AFTER: [Duration; 5] = [
    Duration::from_millis(20),
    Duration::from_millis(60),
    Duration::from_millis(150),
    Duration::from_millis(400),
    Duration::from_millis(1000),
];
/// The acks of more peers take longer to come.
const LATER_PER_PEER: Duration = Duration::from_micros(1500);
/// From then on it is sent once in this time, up to so many times.
const REPEAT_EVERY: Duration = Duration::from_secs(1);
const REPEATS_MAX: usize = 15;
/// Whoever is there and has not acked it by then may be behind walls that only broadcasts pass, and where much is lost
/// his acks were: it goes to all, once in this time, so many times more.
const LATE_REPEAT_EVERY: Duration = Duration::from_secs(5);
const LATE_REPEATS_MAX: usize = 12;
/// Where nobody acks, it is sent again so often in any case.
const REPEATS_UNACKED: usize = 4;
/// It goes to those alone who have not acked, if these are few. Only each third time it goes to all, as unicast may not
/// get through to them: more often would draw acks of everybody for the sake of one who has died.
const TO_ALL_EVERY: usize = 3;
/// One in so many is few, and so are two.
const FEW_IN: usize = 4;
/// Whoever was left behind is waited for again when he lacks no more lines than this.
const CAUGHT_UP: u32 = 1000;
/// A line that somebody has not heard after this is told of.
const UNHEARD_AFTER: Duration = Duration::from_secs(1);

/// The peers who are to hear this run: as many as ack.
#[derive(Debug, Default)]
pub(super) struct Audience {
    hearers: Table<Run, Hearer>,
    newest: Option<Newest>,
    /// The line after which it is next looked whether all have heard it, and when.
    watched: Option<(Seq, Time)>,
    /// All have heard up to here, and that was told.
    told_heard: u32,
}

/// How far somebody has heard this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hearer {
    /// The last line that was said before he came.
    before: u32,
    up_to: u32,
    /// Of the lines up to there, so many are lost to him.
    lost: u32,
    /// He takes in nothing, or far less than the others: they do not wait for him.
    is_left_behind: bool,
}

/// The newest datagram of lines that went out.
#[derive(Debug)]
struct Newest {
    last: Seq,
    sent: Time,
    repeats: usize,
    next_repeat: Option<Time>,
}

/// Who lacks lines of this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// Who.
    pub run: Run,
    /// How many lines.
    pub lines: u32,
}

/// Whom the newest lines are to be sent to once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    To(Vec<Run>),
    ToAll,
}

impl Hearer {
    /// How many lines up to `last` he has not.
    fn lacks(&self, last: u32) -> u32 {
        last.saturating_sub(self.heard()).saturating_add(self.lost)
    }

    /// Up to which line he has heard all that he can hear.
    fn heard(&self) -> u32 {
        self.up_to.max(self.before)
    }
}

impl Audience {
    /// A peer that acks is there.
    pub(super) fn handle_joined(&mut self, run: Run, last: Option<Seq>) {
        let before = last.map_or(0, Seq::number);
        if self.hearers.get(run).is_none() {
            self.hearers.insert(run, Hearer { before, up_to: 0, lost: 0, is_left_behind: false });
        }
    }

    /// A peer has gone, or acks no more.
    pub(super) fn handle_left(&mut self, run: Run) {
        self.hearers.remove(run);
    }

    /// Takes in how far somebody says he has heard this run. What he cannot have heard, because it was not said, is
    /// passed over.
    pub(super) fn handle_ack(&mut self, run: Run, up_to: Seq, lost: u32) {
        let said = self.last().map_or(0, Seq::number);
        if let Some(hearer) = self.hearers.get_mut(run).filter(|_| up_to.number() <= said)
            && up_to.number() >= hearer.up_to
        {
            // More than he was ever sent cannot be lost to him.
            let lost = lost.min(up_to.number().saturating_sub(hearer.before));
            let is_left_behind = hearer.is_left_behind && said - up_to.number() > CAUGHT_UP;
            *hearer = Hearer { up_to: up_to.number(), lost, is_left_behind, ..*hearer };
        }
    }

    /// Lines have gone out for the first time.
    pub(super) fn handle_sent(&mut self, now: Time, last: Seq) {
        self.newest = Some(Newest { last, sent: now, repeats: 0, next_repeat: None });
        self.schedule();
        self.watched.get_or_insert((last, now + UNHEARD_AFTER));
    }

    /// The last line that has gone out.
    pub(super) fn last(&self) -> Option<Seq> {
        self.newest.as_ref().map(|newest| newest.last)
    }

    /// Who lacks lines up to `last`.
    pub(super) fn lacking(&self, last: Seq) -> impl Iterator<Item = Lacking> {
        let lacks = move |(run, hearer): (Run, &Hearer)| Lacking { run, lines: hearer.lacks(last.number()) };
        self.hearers.iter().map(lacks).filter(|lacking| lacking.lines > 0)
    }

    /// Whether anybody lacks lines up to `last`.
    fn lacks_any(&self, last: Seq) -> bool {
        self.hearers.values().any(|hearer| hearer.lacks(last.number()) > 0)
    }

    /// Up to which line all have heard who are not left behind; where there is nobody, all that there will be.
    pub(super) fn slowest(&self) -> u32 {
        let waited_for = self.hearers.values().filter(|hearer| !hearer.is_left_behind);
        waited_for.map(Hearer::heard).min().unwrap_or(u32::MAX)
    }

    /// Leaves those behind who have not heard up to this line.
    pub(super) fn leave_behind(&mut self, up_to: Seq) {
        let slow = self.hearers.values_mut().filter(|hearer| hearer.heard() < up_to.number());
        slow.for_each(|hearer| hearer.is_left_behind = true);
    }

    /// How many are to hear this run.
    pub(super) fn len(&self) -> usize {
        self.hearers.len()
    }

    /// Whether somebody may still come to have a line that he lacks.
    pub(super) fn is_behind(&self) -> bool {
        let Some(last) = self.last() else { return false };
        self.hearers.values().any(|hearer| last.number() > hearer.heard())
    }

    /// Up to which line all have heard this run, when that is the last one and was not told yet. Where nobody acks,
    /// that is at once.
    pub(super) fn take_all_heard(&mut self) -> Option<Seq> {
        let last = self.last().filter(|last| last.number() > self.told_heard)?;
        if self.lacks_any(last) {
            return None;
        }
        self.told_heard = last.number();
        Some(last)
    }

    pub(super) fn deadlines(&self) -> impl Iterator<Item = Deadline> {
        let repeat = self.newest.as_ref().and_then(|newest| newest.next_repeat);
        let repeat = repeat.map(|at| Deadline { at, timer: Timer::Repeat });
        let watched = self.watched.map(|(_, at)| Deadline { at, timer: Timer::Unheard });
        repeat.into_iter().chain(watched)
    }

    /// Whom the newest lines go to once more, when that is due. `others` tells how many peers there are besides.
    pub(super) fn take_repeat(&mut self, now: Time, others: usize) -> Option<Repeat> {
        let is_due = |newest: &&mut Newest| newest.next_repeat.is_some_and(|at| at <= now);
        self.newest.as_mut().filter(is_due)?;
        let behind = self.behind();
        let newest = self.newest.as_mut()?;
        newest.repeats += 1;
        let repeats = newest.repeats;
        let nobody_acks = self.hearers.len() == 0 && others > 0 && repeats <= REPEATS_UNACKED;
        if behind.is_empty() && !nobody_acks {
            newest.next_repeat = None;
            return None;
        }
        self.schedule();
        let are_few = behind.len() <= 2.max(self.hearers.len() / FEW_IN);
        let is_late = repeats > REPEATS_MAX;
        let to_all = behind.is_empty() || !are_few || is_late || repeats.is_multiple_of(TO_ALL_EVERY);
        Some(if to_all { Repeat::ToAll } else { Repeat::To(behind) })
    }

    /// A line that was not heard by all in time: up to which one.
    pub(super) fn take_unheard(&mut self, now: Time) -> Option<Seq> {
        let (mut watched, _) = self.watched.filter(|(_, at)| *at <= now)?;
        self.watched = None;
        if let Some(newest) = &self.newest {
            let at = newest.sent + UNHEARD_AFTER;
            if at <= now {
                watched = newest.last;
            } else {
                self.watched = Some((newest.last, at));
            }
        }
        self.lacks_any(watched).then_some(watched)
    }

    fn behind(&self) -> Vec<Run> {
        let last = self.last().map_or(0, Seq::number);
        let behind = |(_, hearer): &(Run, &Hearer)| last > hearer.heard();
        self.hearers.iter().filter(behind).map(|(run, _)| run).collect()
    }

    fn schedule(&mut self) {
        let later = LATER_PER_PEER * u32::try_from(self.hearers.len()).unwrap_or(0);
        if let Some(newest) = &mut self.newest {
            newest.next_repeat = repeat_after(newest.repeats).map(|after| newest.sent + after + later);
        }
    }
}

/// How long after it was sent the newest datagram goes out again that was repeated so often.
fn repeat_after(repeats: usize) -> Option<Duration> {
    let first = REPEATS_AFTER.len();
    let last = REPEATS_AFTER[first - 1];
    let times = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    match repeats {
        _ if repeats < first => Some(REPEATS_AFTER[repeats]),
        _ if repeats < REPEATS_MAX => Some(last + REPEAT_EVERY * times(repeats + 1 - first)),
        _ if repeats < REPEATS_MAX + LATE_REPEATS_MAX => {
            let before = last + REPEAT_EVERY * times(REPEATS_MAX - first);
            Some(before + LATE_REPEAT_EVERY * times(repeats + 1 - REPEATS_MAX))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId};

    fn run(number: u64) -> Run {
        Run { peer: PeerId(number), epoch: Epoch(1) }
    }

    fn seq(number: u32) -> Seq {
        Seq::new(number).unwrap()
    }

    /// An audience of so many to whom lines up to `last` were just said.
    fn audience(hearers: u64, last: u32) -> Audience {
        let mut audience = Audience::default();
        (1..=hearers).for_each(|number| audience.handle_joined(run(number), None));
        audience.handle_sent(Time::ZERO, seq(last));
        audience
    }

    /// What is repeated in the first two seconds, and after how many milliseconds.
    fn repeats(audience: &mut Audience, others: usize) -> Vec<(u64, Repeat)> {
        let mut repeats = Vec::new();
        while let Some(at) = audience.newest.as_ref().and_then(|newest| newest.next_repeat) {
            if at > Time::from_micros(2_500_000) {
                break;
            }
            repeats.extend(audience.take_repeat(at, others).map(|repeat| (at.as_micros() / 1000, repeat)));
        }
        repeats
    }

    #[test]
    fn what_all_have_heard_is_not_repeated() {
        let mut audience = audience(2, 3);
        assert_eq!(audience.take_all_heard(), None);
        audience.handle_ack(run(1), seq(3), 0);
        assert_eq!(audience.lacking(seq(3)).collect::<Vec<_>>(), [Lacking { run: run(2), lines: 3 }]);
        audience.handle_ack(run(2), seq(3), 0);
        assert_eq!((audience.take_all_heard(), audience.take_all_heard()), (Some(seq(3)), None));
        assert_eq!(repeats(&mut audience, 2), []);
        assert_eq!(audience.take_unheard(Time::from_micros(1_000_000)), None);
    }

    #[test]
    fn one_who_does_not_ack_is_told_again_alone_and_now_and_then_with_all() {
        let mut audience = audience(3, 1);
        audience.handle_ack(run(1), seq(1), 0);
        audience.handle_ack(run(3), seq(1), 0);
        let one = || Repeat::To(Vec::from([run(2)]));
        let repeats = repeats(&mut audience, 3);
        assert_eq!(repeats[..4], [(24, one()), (64, one()), (154, Repeat::ToAll), (404, one())]);
        assert_eq!(audience.take_unheard(Time::from_micros(1_000_000)), Some(seq(1)));
        assert_eq!(audience.take_unheard(Time::from_micros(10_000_000)), None, "it is told once");
    }

    #[test]
    fn one_who_is_there_and_does_not_ack_is_told_with_all_in_the_end() {
        let mut audience = audience(3, 1);
        audience.handle_ack(run(1), seq(1), 0);
        audience.handle_ack(run(3), seq(1), 0);
        let mut repeats = Vec::new();
        while let Some(at) = audience.newest.as_ref().and_then(|newest| newest.next_repeat) {
            repeats.push((at.as_micros() / 1_000_000, audience.take_repeat(at, 3) == Some(Repeat::ToAll)));
        }
        assert_eq!(repeats.len(), REPEATS_MAX + LATE_REPEATS_MAX);
        assert_eq!(repeats[12..17], [(9, false), (10, false), (11, true), (16, true), (21, true)]);
        assert_eq!(repeats.last(), Some(&(71, true)));
    }

    #[test]
    fn where_nobody_acks_a_few_repeats_go_to_all_and_alone_there_are_none() {
        let mut nobody_acks = audience(0, 1);
        assert_eq!(repeats(&mut nobody_acks, 100).len(), REPEATS_UNACKED);
        assert_eq!(repeats(&mut audience(0, 1), 0), []);
    }

    #[test]
    fn acks_of_the_future_and_the_past_change_nothing() {
        let mut audience = audience(1, 5);
        audience.handle_ack(run(1), seq(6), 0);
        audience.handle_ack(run(1), seq(u32::MAX), 0);
        audience.handle_ack(run(9), seq(5), 0);
        assert_eq!(audience.lacking(seq(5)).next().unwrap().lines, 5);
        audience.handle_ack(run(1), seq(4), u32::MAX);
        audience.handle_ack(run(1), seq(3), 0);
        assert_eq!(audience.lacking(seq(5)).next().unwrap().lines, 5, "four lost, one not there");
        assert_eq!(audience.len(), 1);
    }

    #[test]
    fn who_comes_later_need_not_have_heard_what_was_said_before() {
        let mut audience = audience(0, 5);
        audience.handle_joined(run(1), Some(seq(5)));
        assert_eq!(audience.lacking(seq(5)).next(), None);
        assert!(!audience.is_behind());
        audience.handle_sent(Time::ZERO, seq(6));
        assert_eq!(audience.lacking(seq(6)).next().unwrap().lines, 1);
        audience.handle_left(run(1));
        assert_eq!(audience.lacking(seq(6)).next(), None);
    }

    #[test]
    fn each_line_has_a_second_to_be_heard_whatever_follows_it() {
        let mut audience = audience(1, 1);
        audience.handle_sent(Time::from_micros(500_000), seq(2));
        assert_eq!(audience.take_unheard(Time::from_micros(1_000_000)), Some(seq(1)));
        assert_eq!(audience.take_unheard(Time::from_micros(1_499_999)), None);
        assert_eq!(audience.take_unheard(Time::from_micros(1_500_000)), Some(seq(2)));
    }

    #[test]
    fn whoever_takes_in_nothing_is_left_behind_until_he_has_caught_up() {
        let mut audience = audience(2, 5000);
        assert_eq!(audience.slowest(), 0);
        audience.handle_ack(run(1), seq(100), 0);
        audience.leave_behind(seq(50));
        assert_eq!(audience.slowest(), 100);
        audience.handle_ack(run(2), seq(3999), 0);
        assert_eq!(audience.slowest(), 100);
        audience.handle_ack(run(2), seq(4000), 0);
        audience.handle_ack(run(1), seq(5000), 0);
        assert_eq!(audience.slowest(), 4000);
        audience.handle_left(run(2));
        audience.handle_left(run(1));
        assert_eq!(audience.slowest(), u32::MAX);
    }

    #[test]
    fn what_was_lost_to_somebody_and_found_again_he_lacks_no_more() {
        let mut audience = audience(1, 5);
        audience.handle_ack(run(1), seq(5), 2);
        assert_eq!(audience.lacking(seq(5)).next().unwrap().lines, 2);
        assert!(!audience.is_behind(), "it is not repeated for him");
        audience.handle_ack(run(1), seq(5), 0);
        assert_eq!(audience.take_all_heard(), Some(seq(5)));
    }
}

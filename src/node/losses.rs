//! Lines that were given up: should somebody come who holds them, they are told after all.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

use super::timer::{Deadline, Timer};
use crate::time::Time;
use crate::wire::{Run, SeqRange};

/// Each lost range is asked for so often more, and so often again when a peer has come or a part of it was found:
const QUESTIONS: u8 = SOON + 60;
/// so often with one question, for one range, in this time,
const SOON: u8 = 4;
const ASK_SOON: Duration = Duration::from_millis(500);
/// and then one in this, as nobody tells when a cut has healed that was too short to lose anybody by.
const ASK_LATER: Duration = Duration::from_secs(10);

/// The lines that were given up: at most [`COUNT_MAX`](Self::COUNT_MAX) ranges; of whoever has the most, the
/// oldest is forgotten.
#[derive(Debug, Default)]
pub(super) struct Losses {
    ranges: VecDeque<Loss>,
    ask_at: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Loss {
    author: Run,
    range: SeqRange,
    kind: Kind,
    questions: u8,
}

/// Whether lost lines are missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It was told that they are lost.
    Missed,
    /// They were said before this run knew of their author.
    Earlier,
}

impl Losses {
    const COUNT_MAX: usize = 256;

    /// Lines were given up.
    pub(super) fn handle_lost(&mut self, now: Time, author: Run, range: SeqRange, kind: Kind) {
        let is_same = |loss: &Loss| loss.author == author && loss.kind == kind;
        let before = |loss: &Loss| is_same(loss) && loss.range.last().after(1) == Some(range.first());
        let adjoining = self.ranges.iter().position(before).and_then(|at| self.ranges.remove(at));
        let first = adjoining.map_or(range.first(), |loss| loss.range.first());
        let range = SeqRange::new(first, range.last()).unwrap_or(range);
        if self.ranges.len() >= Self::COUNT_MAX {
            self.forget_one();
        }
        self.ranges.push_back(Loss { author, range, kind, questions: QUESTIONS });
        self.ask_soon(now);
    }

    /// Somebody has come, who may hold what nobody had.
    pub(super) fn handle_joined(&mut self, now: Time) {
        self.ranges.iter_mut().for_each(|loss| loss.questions = QUESTIONS);
        if !self.ranges.is_empty() {
            self.ask_soon(now);
        }
    }

    /// Lines have come. Whoever held these may hold those around them too, which are asked for at once.
    pub(super) fn handle_progress(&mut self, now: Time, author: Run, lines: SeqRange) {
        for loss in self.ranges.iter_mut().filter(|loss| loss.author == author && loss.range.and(lines).is_some()) {
            loss.questions = QUESTIONS;
            self.ask_at = Some(now);
        }
    }

    /// Lines are lost no more: they were told.
    pub(super) fn handle_found(&mut self, author: Run, found: SeqRange) {
        let mut left = VecDeque::new();
        for loss in core::mem::take(&mut self.ranges) {
            if loss.author == author && loss.range.and(found).is_some() {
                let rest = loss.range.without(found).map(|range| Loss { range, ..loss });
                rest.for_each(|loss| left.push_front(loss));
            } else {
                left.push_back(loss);
            }
        }
        self.ranges = left;
        while self.ranges.len() > Self::COUNT_MAX {
            self.forget_one();
        }
    }

    /// The lost ranges that some of these lines belong to.
    pub(super) fn around(&self, author: Run, lines: SeqRange) -> Vec<(SeqRange, Kind)> {
        let touched = |loss: &&Loss| loss.author == author && loss.range.and(lines).is_some();
        self.ranges.iter().filter(touched).map(|loss| (loss.range, loss.kind)).collect()
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.ask_at.map(|at| Deadline { at, timer: Timer::Lost })
    }

    /// The lines that all are to be asked for now.
    pub(super) fn take_question(&mut self, now: Time) -> Option<(Run, SeqRange)> {
        self.ask_at.filter(|at| *at <= now)?;
        // Whichever was asked for least, and of these the first in the queue: so all have their turn.
        let most = self.ranges.iter().map(|loss| loss.questions).max().filter(|questions| *questions > 0);
        let wait = if most > Some(QUESTIONS - SOON + 1) { ASK_SOON } else { ASK_LATER };
        self.ask_at = most.map(|_| now + wait);
        let next = self.ranges.iter_mut().find(|loss| Some(loss.questions) == most)?;
        next.questions = next.questions.checked_sub(1)?;
        Some((next.author, next.range))
    }

    /// Forgets the oldest range of whoever has the most, so that he who leaves a thousand gaps harms himself alone.
    fn forget_one(&mut self) {
        let mut counts: BTreeMap<Run, usize> = BTreeMap::new();
        self.ranges.iter().for_each(|loss| *counts.entry(loss.author).or_default() += 1);
        let most = counts.into_iter().max_by_key(|(_, count)| *count).map(|(author, _)| author);
        let oldest = self.ranges.iter().position(|loss| Some(loss.author) == most);
        oldest.and_then(|at| self.ranges.remove(at));
    }

    fn ask_soon(&mut self, now: Time) {
        self.ask_at = Some(self.ask_at.map_or(now + ASK_SOON, |at| at.min(now + ASK_SOON)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId, Seq};

    const AUTHOR: Run = Run { peer: PeerId(1), epoch: Epoch(1) };

    fn range(first: u32, last: u32) -> SeqRange {
        SeqRange::new(Seq::new(first).unwrap(), Seq::new(last).unwrap()).unwrap()
    }

    /// How many questions are asked before it is silent.
    fn questions(losses: &mut Losses) -> usize {
        let mut asked = 0;
        while let Some(deadline) = losses.deadline() {
            asked += usize::from(losses.take_question(deadline.at).is_some());
        }
        asked
    }

    #[test]
    fn what_is_lost_is_asked_for_a_few_times_and_again_when_somebody_comes() {
        let mut losses = Losses::default();
        losses.handle_joined(Time::ZERO);
        assert_eq!(losses.deadline(), None);
        losses.handle_lost(Time::ZERO, AUTHOR, range(3, 7), Kind::Missed);
        losses.handle_lost(Time::ZERO, AUTHOR, range(9, 9), Kind::Missed);
        assert_eq!(questions(&mut losses), 128);
        losses.handle_joined(Time::ZERO);
        assert_eq!(questions(&mut losses), 128);
    }

    #[test]
    fn what_is_found_is_lost_no_more() {
        let mut losses = Losses::default();
        losses.handle_lost(Time::ZERO, AUTHOR, range(3, 7), Kind::Missed);
        assert_eq!(losses.around(Run { epoch: Epoch(2), ..AUTHOR }, range(1, 9)), []);
        assert_eq!(losses.around(AUTHOR, range(7, 9)), [(range(3, 7), Kind::Missed)]);
        losses.handle_found(AUTHOR, range(5, 5));
        assert_eq!(losses.around(AUTHOR, range(5, 5)), []);
        assert_eq!(losses.around(AUTHOR, range(1, 9)).len(), 2);
        losses.handle_found(AUTHOR, range(1, 9));
        assert_eq!(questions(&mut losses), 0);
    }

    #[test]
    fn they_are_bounded() {
        let mut losses = Losses::default();
        (1..=1000).for_each(|seq| losses.handle_lost(Time::ZERO, AUTHOR, range(seq * 10, seq * 10 + 5), Kind::Missed));
        assert_eq!(losses.ranges.len(), Losses::COUNT_MAX);
        (1..=1000).for_each(|seq| losses.handle_found(AUTHOR, range(seq * 10 + 2, seq * 10 + 2)));
        assert_eq!(losses.ranges.len(), Losses::COUNT_MAX);
    }

    #[test]
    fn what_is_lost_in_a_row_is_one_loss_but_for_what_nobody_misses() {
        let mut losses = Losses::default();
        losses.handle_lost(Time::ZERO, AUTHOR, range(1, 2), Kind::Earlier);
        losses.handle_lost(Time::ZERO, AUTHOR, range(3, 4), Kind::Missed);
        losses.handle_lost(Time::ZERO, AUTHOR, range(5, 6), Kind::Missed);
        let around = losses.around(AUTHOR, range(1, 9));
        assert_eq!(around, [(range(1, 2), Kind::Earlier), (range(3, 6), Kind::Missed)]);
    }

    #[test]
    fn around_what_has_come_it_asks_at_once_and_as_often_as_at_first() {
        let mut losses = Losses::default();
        losses.handle_lost(Time::ZERO, AUTHOR, range(3, 7), Kind::Missed);
        assert_eq!((questions(&mut losses), losses.deadline()), (64, None));
        losses.handle_progress(Time::from_micros(5), AUTHOR, range(8, 9));
        assert_eq!(losses.deadline(), None, "that is not near it");
        losses.handle_progress(Time::from_micros(5), AUTHOR, range(5, 5));
        assert_eq!(losses.deadline().unwrap().at, Time::from_micros(5));
        assert_eq!(questions(&mut losses), 64);
    }
}

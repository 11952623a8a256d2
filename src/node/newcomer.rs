//! The first moments of a run that wants to know what was said before it came.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use super::timer::{Deadline, Timer};
use crate::time::Time;
use crate::wire::{Digest, Held, HistoryRequest, Notes, Run, SeqRange, Wanted};

/// Somebody who holds lines is waited for so long; who is there answers within a few milliseconds.
const PEERS_WITHIN: Duration = Duration::from_millis(300);
/// Notes come within this, or the next peer is asked.
const NOTES_WITHIN: Duration = Duration::from_millis(50);
/// So often one is asked by unicast; then the answer shall go to all.
const UNICAST_TRIES: usize = 2;
const TRIES: usize = 8;
/// The lines come within this, or those that are there are told.
const LINES_WITHIN: Duration = Duration::from_millis(500);

/// Until its history is there, a newcomer tells no line: what was said before is told before what is said now.
#[derive(Debug)]
pub(super) struct Newcomer {
    /// How many lines are wanted.
    lines: u32,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// It has not called yet.
    Silent,
    /// It looks for somebody who holds lines.
    Asking { until: Time, ask_at: Option<Time>, tries: usize, holders: VecDeque<Run> },
    /// It knows which lines these are, and fetches them.
    Fetching { until: Time, history: Vec<(Run, SeqRange)> },
    /// It has its history, or there is none.
    Settled,
}

impl Newcomer {
    const HOLDERS_MAX: usize = 8;

    /// One who wants so many lines of history.
    pub(super) const fn new(lines: u32) -> Self {
        Self { lines, stage: if lines == 0 { Stage::Settled } else { Stage::Silent } }
    }

    /// It calls for the first time.
    pub(super) fn handle_call(&mut self, now: Time) {
        if matches!(self.stage, Stage::Silent) {
            let until = now + PEERS_WITHIN;
            self.stage = Stage::Asking { until, ask_at: None, tries: 0, holders: VecDeque::new() };
        }
    }

    /// The machine has slept: who was a newcomer then is none any more, as what was said meanwhile is no history.
    pub(super) fn handle_wake(&mut self) {
        self.stage = Stage::Settled;
    }

    /// Whether lines have to wait to be told.
    pub(super) const fn holds_back(&self) -> bool {
        !matches!(self.stage, Stage::Settled)
    }

    /// How many lines of history are wanted.
    pub(super) const fn lines(&self) -> u32 {
        self.lines
    }

    /// A peer tells what it holds by its digest.
    pub(super) fn handle_digest(&mut self, now: Time, peer: Run, digest: Digest) {
        let Stage::Asking { ask_at, holders, tries, .. } = &mut self.stage else { return };
        if digest != Digest::default() && !holders.contains(&peer) && holders.len() < Self::HOLDERS_MAX {
            holders.push_back(peer);
            if *tries == 0 {
                ask_at.get_or_insert(now);
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let at = match &self.stage {
            Stage::Asking { until, ask_at, .. } => ask_at.unwrap_or(*until),
            Stage::Fetching { until, .. } => *until,
            Stage::Silent | Stage::Settled => return None,
        };
        Some(Deadline { at, timer: Timer::History })
    }

    /// The request that is to go out now.
    pub(super) fn take_request(&mut self, now: Time) -> Option<HistoryRequest> {
        let Stage::Asking { ask_at, tries, holders, .. } = &mut self.stage else { return None };
        ask_at.filter(|at| *at <= now && *tries < TRIES)?;
        *tries += 1;
        *ask_at = Some(now + NOTES_WITHIN);
        holders.rotate_left(1.min(holders.len()));
        let asked = *holders.back()?;
        Some(HistoryRequest { to_all: *tries > UNICAST_TRIES, asked, wanted: Wanted::LastLines(self.lines) })
    }

    /// Takes in notes that were asked for; gives what is to be fetched.
    pub(super) fn handle_notes(&mut self, now: Time, me: Run, from: Run, notes: &Notes<'_>) -> Vec<(Run, SeqRange)> {
        let Stage::Asking { tries: 1.., holders, .. } = &self.stage else { return Vec::new() };
        if notes.answers() != Wanted::LastLines(self.lines) || !holders.contains(&from) {
            return Vec::new();
        }
        let range = |held: Held| Some((held.author, held.range()?));
        let others = notes.iter().filter(|held| held.author != me);
        let history: Vec<(Run, SeqRange)> = others.filter_map(range).collect();
        self.stage = Stage::Fetching { until: now + LINES_WITHIN, history: history.clone() };
        history
    }

    /// The history, when it is there or has been waited for long enough; with it, or without any, the run is no
    /// newcomer any more.
    pub(super) fn take_history(
        &mut self,
        now: Time,
        is_there: impl Fn(Run, SeqRange) -> bool,
    ) -> Option<Vec<(Run, SeqRange)>> {
        let is_over = match &self.stage {
            Stage::Asking { until, ask_at: None, .. } => *until <= now,
            Stage::Asking { ask_at: Some(at), tries, .. } => *tries >= TRIES && *at <= now,
            Stage::Fetching { until, history } => {
                *until <= now || history.iter().all(|(author, range)| is_there(*author, *range))
            }
            Stage::Silent | Stage::Settled => false,
        };
        if !is_over {
            return None;
        }
        match core::mem::replace(&mut self.stage, Stage::Settled) {
            Stage::Fetching { history, .. } => Some(history),
            _ => Some(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId, Seq};

    fn run(number: u64) -> Run {
        Run { peer: PeerId(number), epoch: Epoch(1) }
    }

    fn called() -> Newcomer {
        let mut newcomer = Newcomer::new(50);
        newcomer.handle_call(Time::ZERO);
        newcomer
    }

    #[test]
    fn one_peer_is_asked_and_its_lines_are_waited_for() {
        let mut newcomer = called();
        newcomer.handle_digest(Time::ZERO, run(1), Digest(0));
        assert_eq!(newcomer.take_request(Time::ZERO), None, "who holds nothing is not asked");
        newcomer.handle_digest(Time::ZERO, run(2), Digest(7));
        assert_eq!(newcomer.take_request(Time::ZERO).unwrap().asked, run(2));
        let held = Held { author: run(9), last: Seq::FIRST, from: Some(Seq::FIRST) };
        let notes = Notes::of(Wanted::LastLines(50), [held].into_iter());
        assert_eq!(newcomer.handle_notes(Time::ZERO, run(0), run(1), &notes), []);
        assert_eq!(newcomer.handle_notes(Time::ZERO, run(0), run(2), &notes), [(run(9), SeqRange::one(Seq::FIRST))]);
        assert_eq!(newcomer.take_history(Time::ZERO, |_, _| false), None);
        assert!(newcomer.holds_back());
        assert_eq!(newcomer.take_history(Time::ZERO, |_, _| true).unwrap().len(), 1);
        assert!(!newcomer.holds_back());
    }

    #[test]
    fn nobody_and_nothing_are_waited_for_in_vain_but_a_moment() {
        let mut newcomer = called();
        assert_eq!(newcomer.take_history(newcomer.deadline().unwrap().at, |_, _| false), Some(Vec::new()));
        assert_eq!(newcomer.deadline(), None);

        let mut newcomer = called();
        (1..=3).for_each(|number| newcomer.handle_digest(Time::ZERO, run(number), Digest(7)));
        let mut asked = Vec::new();
        let end = loop {
            let now = newcomer.deadline().unwrap().at;
            asked.extend(newcomer.take_request(now).map(|request| (request.asked.peer.0, request.to_all)));
            if newcomer.take_history(now, |_, _| false).is_some() {
                break now;
            }
        };
        assert_eq!(asked[..4], [(1, false), (2, false), (3, true), (1, true)]);
        assert_eq!((asked.len(), end), (8, Time::from_micros(400_000)));
        assert!(!Newcomer::new(0).holds_back());
    }

    #[test]
    fn who_falls_asleep_as_a_newcomer_wakes_as_none() {
        let mut newcomer = called();
        newcomer.handle_wake();
        assert!(!newcomer.holds_back() && newcomer.deadline().is_none());
    }
}

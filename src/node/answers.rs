//! Answers to those who do not hear us yet: whom, when and by which way.

use alloc::collections::{BTreeMap, VecDeque};
use core::time::Duration;

use super::bucket::TokenBucket;
use super::link::Transmit;
use super::timer::{Deadline, Timer};
use crate::time::Time;
use crate::wire::Run;

/// Each answer waits a random while, up to this much for each peer that is known: a thousand that hear one hello
/// shall not answer it in one millisecond.
const SPREAD_PER_PEER: Duration = Duration::from_micros(500);
/// But not longer: the newcomer waits.
const SPREAD_MAX: Duration = Duration::from_millis(500);
/// From so many on, those who wait for an answer get one together, by broadcast.
const TOGETHER: usize = 4;
/// Who asks again within this after he was answered can not have got the answer yet; later, he did not get it.
const UNANSWERED_AFTER: Duration = Duration::from_millis(20);
/// After this, the answer is forgotten, and the next one goes by unicast again.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(5);

/// An answer that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// To one who asked.
    To(Run, Transmit),
    /// To all who wait for one.
    ToAll,
}

/// The answers that are to be given. A stranger can draw no more than [`BURST`](Self::BURST) of them at once and
/// eight a second in the long run, of some hundred bytes each: whom this run hears is left out.
#[derive(Debug)]
pub(super) struct Answers {
    /// When each is due. At most [`TOGETHER`]: from then on all are answered together.
    waiting: BTreeMap<Run, (Time, Transmit)>,
    everybody_at: Option<Time>,
    /// Who was lately answered by unicast. Bounded; the oldest goes first.
    answered: VecDeque<(Run, Time)>,
    /// At most as many as were waiting.
    due: VecDeque<Answer>,
    bucket: TokenBucket,
}

impl Answers {
    const ANSWERED_MAX: usize = 64;
    const BURST: u32 = 32;
    const REFILL: Duration = Duration::from_millis(125);

    pub(super) const fn new() -> Self {
        Self {
            waiting: BTreeMap::new(),
            everybody_at: None,
            answered: VecDeque::new(),
            due: VecDeque::new(),
            bucket: TokenBucket::new(Self::BURST, Self::REFILL),
        }
    }

    /// A run does not hear us. One that said hello and was answered already can perhaps not be reached by unicast
    /// (a firewall that lets only the shared port through), so it is answered by broadcast then.
    pub(super) fn ask(
        &mut self,
        now: Time,
        run: Run,
        way: Transmit,
        hello: bool,
        peers: usize,
        rng: &mut fastrand::Rng,
    ) {
        if self.waiting.contains_key(&run) {
            return;
        }
        let at = now + random_wait(peers, rng);
        let last = self.answered.iter().rfind(|(answered, _)| *answered == run).map(|(_, when)| now.since(*when));
        match last {
            Some(since) if since < UNANSWERED_AFTER => {}
            Some(since) if since < FORGOTTEN_AFTER && hello => self.answer_everybody(at),
            _ => {
                self.waiting.insert(run, (at, way));
                if self.waiting.len() >= TOGETHER {
                    // Not when the first of them was due: with a hundred newcomers a second that would always be
                    // at once.
                    self.answer_everybody(at);
                }
            }
        }
    }

    /// A beacon went to everybody: that is the answer to all who wait.
    pub(super) fn handle_broadcast(&mut self) {
        self.waiting.clear();
        self.everybody_at = None;
        self.due.clear();
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let first = self.waiting.values().map(|(at, _)| *at).chain(self.everybody_at).min()?;
        Some(Deadline { at: first.max(self.bucket.ready_at()), timer: Timer::Answer })
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        if self.everybody_at.is_some_and(|at| at <= now) && self.bucket.take(now) {
            self.everybody_at = None;
            self.due.push_back(Answer::ToAll);
        }
        while let Some((&run, &(_, way))) = self.waiting.iter().find(|(_, (at, _))| *at <= now) {
            if !self.bucket.take(now) {
                break;
            }
            self.waiting.remove(&run);
            if self.answered.len() >= Self::ANSWERED_MAX {
                self.answered.pop_front();
            }
            self.answered.push_back((run, now));
            self.due.push_back(Answer::To(run, way));
        }
    }

    /// The answer that is to be given now, if one is due.
    pub(super) fn take(&mut self) -> Option<Answer> {
        self.due.pop_front()
    }

    fn answer_everybody(&mut self, at: Time) {
        self.waiting.clear();
        self.everybody_at = Some(self.everybody_at.map_or(at, |other| other.min(at)));
    }
}

fn random_wait(peers: usize, rng: &mut fastrand::Rng) -> Duration {
    let peers = u32::try_from(peers).unwrap_or(u32::MAX);
    SPREAD_PER_PEER.saturating_mul(peers).min(SPREAD_MAX).mul_f64(rng.f64())
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

    fn to(number: u64) -> Answer {
        Answer::To(run(number), way(number))
    }

    fn ask(answers: &mut Answers, now: Time, number: u64) {
        answers.ask(now, run(number), way(number), true, 10, &mut fastrand::Rng::with_seed(number));
    }

    fn fetch(answers: &mut Answers, now: Time) -> std::vec::Vec<Answer> {
        answers.handle_timeout(now);
        core::iter::from_fn(|| answers.take()).collect()
    }

    fn after(millis: u64) -> Time {
        Time::from_micros(millis * 1000)
    }

    #[test]
    fn one_who_asks_is_answered_once_by_unicast_within_the_spread() {
        let mut answers = Answers::new();
        ask(&mut answers, Time::ZERO, 1);
        ask(&mut answers, Time::ZERO, 1);
        assert!(answers.deadline().unwrap().at <= after(5));
        assert_eq!(fetch(&mut answers, after(5)), [to(1)]);
        assert_eq!(answers.deadline(), None);
    }

    #[test]
    fn one_whom_unicast_does_not_reach_is_answered_by_broadcast() {
        let mut answers = Answers::new();
        ask(&mut answers, Time::ZERO, 1);
        assert_eq!(fetch(&mut answers, after(5)), [to(1)]);
        ask(&mut answers, after(10), 1);
        assert_eq!(answers.deadline(), None, "the answer is still on its way");
        ask(&mut answers, after(50), 1);
        assert_eq!(fetch(&mut answers, after(55)), [Answer::ToAll]);
        ask(&mut answers, after(6000), 1);
        assert_eq!(fetch(&mut answers, after(6005)), [to(1)], "that is another story");
    }

    #[test]
    fn many_are_answered_together() {
        let mut answers = Answers::new();
        for number in 0..50 {
            ask(&mut answers, Time::ZERO, number);
        }
        assert_eq!(fetch(&mut answers, after(5))[0], Answer::ToAll);
        answers.handle_broadcast();
        assert_eq!(answers.deadline(), None);
    }

    #[test]
    fn strangers_draw_few_answers() {
        let mut answers = Answers::new();
        let mut given = 0;
        for millis in 0..10_000 {
            ask(&mut answers, after(millis), 1000 + millis);
            given += fetch(&mut answers, after(millis)).len();
            assert!(answers.waiting.len() <= TOGETHER && answers.answered.len() <= Answers::ANSWERED_MAX);
        }
        assert!(given <= 32 + 80, "{given} answers in 10 s");
    }
}

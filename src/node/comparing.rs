//! Whom this run compares notes with: whose digest differs, and stays different.

use alloc::collections::VecDeque;
use core::time::Duration;

use super::link::LinkId;
use super::silence::BySilence;
use super::timer::{Deadline, Timer};
use crate::time::Time;
use crate::wire::{Digest, HistoryRequest, Notes, Run, Wanted};

/// A digest that differs is looked into after this: mostly a line is just on its way. It varies by a half, so that
/// all do not ask the same peer at once.
const PATIENCE: Duration = Duration::from_millis(200);
/// Notes come within this, or are asked for again,
const ANSWER_WITHIN: Duration = Duration::from_millis(60);
/// so often by unicast,
const UNICAST_TRIES: u8 = 2;
/// and so often in all; the last ones are to be answered to all.
const TRIES: u8 = 4;
/// A comparison after the one before, at the soonest.
const PAUSE: Duration = Duration::from_millis(400);

/// Who has called for so long without learning what there is has come to a LAN where nothing was said.
const ACQUAINTED_AFTER: Duration = Duration::from_secs(5);

/// The comparison that is under way, and those that were made.
#[derive(Debug)]
pub(super) struct Comparing {
    current: Option<Comparison>,
    waiting: VecDeque<(Counterpart, Digest)>,
    /// With whom nothing new came of it, by both digests: as long as both stay, it need not be tried again.
    /// Bounded; whoever was compared with longest ago goes first.
    compared: BySilence<(Digest, Digest), Counterpart>,
    not_before: Time,
    /// This run knows what was said before it came, or that nothing was: whatever it does not know is wanted.
    acquainted: bool,
    /// When it first called.
    begun: Option<Time>,
}

/// With whom notes are compared, and by which link: by each, both tell only of those who are heard by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Counterpart {
    pub(super) run: Run,
    pub(super) link: LinkId,
}

#[derive(Clone, Copy, Debug)]
struct Comparison {
    with: Counterpart,
    theirs: Digest,
    /// Our digest when it was asked.
    ours: Digest,
    at: Time,
    tries: u8,
    but_for: u32,
}

impl Comparing {
    const WAITING_MAX: usize = 8;
    const COMPARED_MAX: usize = 1024;

    pub(super) const fn new() -> Self {
        Self {
            current: None,
            waiting: VecDeque::new(),
            compared: BySilence::new(Self::COMPARED_MAX),
            not_before: Time::ZERO,
            acquainted: false,
            begun: None,
        }
    }

    /// It calls.
    pub(super) fn handle_call(&mut self, now: Time) {
        self.begun.get_or_insert(now);
    }

    /// The machine has slept: whatever is new may have been said meanwhile.
    pub(super) const fn handle_wake(&mut self) {
        self.acquainted = true;
    }

    /// Whether this run knows what there was when it came. Where nobody has told it by now, there was nothing.
    pub(super) fn is_acquainted(&self, now: Time) -> bool {
        self.acquainted || self.begun.is_some_and(|begun| now.since(begun) > ACQUAINTED_AFTER)
    }

    /// A peer tells its digest by a link, by which this run would tell `ours`.
    pub(super) fn handle_digest(
        &mut self,
        now: Time,
        peer: Counterpart,
        theirs: Digest,
        ours: Digest,
        rng: &mut fastrand::Rng,
    ) {
        if theirs == ours {
            self.acquainted = true;
            return self.end_where(|with, _| with == peer, now);
        }
        if theirs == Digest::default() || self.compared.get(peer) == Some(&(theirs, ours)) {
            return;
        }
        self.waiting.retain(|(waiting, _)| *waiting != peer);
        if self.waiting.len() >= Self::WAITING_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back((peer, theirs));
        if self.current.is_none() {
            self.begin_next(now, rng.f64());
        }
    }

    /// Whether a peer that tells this digest by a link, by which this run would tell `ours`, tells nothing new by it.
    pub(super) fn has_agreed(&self, peer: Counterpart, theirs: Digest, ours: Digest) -> bool {
        let is_open = self.current.as_ref().is_some_and(|current| current.with == peer)
            || self.waiting.iter().any(|(waiting, _)| *waiting == peer);
        self.acquainted && theirs == ours && !is_open
    }

    /// Who knows of no more than this run needs no comparison: he sees himself by the digests of others what he lacks.
    pub(super) fn handle_behind(&mut self, now: Time, peer: Counterpart) {
        self.end_where(|with, _| with == peer, now);
    }

    /// Whom to ask now, and what his digest was.
    pub(super) fn due(&self, now: Time) -> Option<(Counterpart, Digest)> {
        self.current.filter(|current| current.at <= now).map(|current| (current.with, current.theirs))
    }

    /// Our own digests are others now: whoever has the same by his link needs no comparison.
    pub(super) fn handle_own_digests(&mut self, now: Time, ours: impl Fn(LinkId) -> Digest) {
        self.end_where(|with, theirs| theirs == ours(with.link), now);
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.current.map(|current| Deadline { at: current.at, timer: Timer::Compare })
    }

    /// The request that is to go out now, to whom and by which link; to all where he is not reached by unicast. `ours` is
    /// the digest that this run tells by a link.
    pub(super) fn take_request(
        &mut self,
        now: Time,
        ours: impl FnOnce(LinkId) -> Digest,
    ) -> Option<(LinkId, HistoryRequest)> {
        let current = self.current.as_mut().filter(|current| current.at <= now)?;
        if current.tries >= TRIES {
            self.end(now);
            return None;
        }
        current.tries += 1;
        current.ours = ours(current.with.link);
        current.at = now + ANSWER_WITHIN * current.tries.into();
        let to_all = current.tries > UNICAST_TRIES;
        let wanted = Wanted::AllAuthors { but_for: current.but_for };
        Some((current.with.link, HistoryRequest { to_all, asked: current.with.run, wanted }))
    }

    /// Notes have come; tells by which link they were asked for, if they were. When there are more, these are asked for
    /// next.
    pub(super) fn handle_notes(&mut self, now: Time, from: Run, notes: &Notes<'_>) -> Option<LinkId> {
        let current = self.current.as_mut().filter(|current| current.with.run == from)?;
        if notes.answers() != (Wanted::AllAuthors { but_for: current.but_for }) {
            return None;
        }
        let link = current.with.link;
        if notes.more() && notes.count() > 0 {
            current.but_for += notes.count();
            current.tries = 0;
            current.at = now;
        } else {
            let (with, theirs, ours) = (current.with, current.theirs, current.ours);
            self.compared.insert(with, now, (theirs, ours));
            self.acquainted = true;
            self.end(now);
        }
        Some(link)
    }

    /// Begins with the next who waits, if none is under way.
    fn begin_next(&mut self, now: Time, chance: f64) {
        self.current = self.waiting.pop_front().map(|(with, theirs)| Comparison {
            with,
            theirs,
            ours: Digest::default(),
            at: (now + PATIENCE.mul_f64(0.5 + chance)).max(self.not_before),
            tries: 0,
            but_for: 0,
        });
    }

    fn end(&mut self, now: Time) {
        self.not_before = now + PAUSE;
        self.begin_next(now, 0.5);
    }

    fn end_where(&mut self, ends: impl Fn(Counterpart, Digest) -> bool, now: Time) {
        self.waiting.retain(|(with, theirs)| !ends(*with, *theirs));
        if self.current.is_some_and(|current| ends(current.with, current.theirs)) {
            self.begin_next(now, 0.5);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, Held, PeerId, Seq};

    fn run(number: u64) -> Run {
        Run { peer: PeerId(number), epoch: Epoch(1) }
    }

    const LINK: LinkId = LinkId(1);

    fn by_link(number: u64) -> Counterpart {
        Counterpart { run: run(number), link: LINK }
    }

    fn ours(digest: u64) -> impl Fn(LinkId) -> Digest {
        move |_| Digest(digest)
    }

    /// The request that is due after so long.
    fn due(comparing: &mut Comparing, now: Time) -> HistoryRequest {
        let (link, request) = comparing.take_request(now, ours(1)).unwrap();
        assert_eq!(link, LINK);
        request
    }

    fn differs(comparing: &mut Comparing, now: Time, peer: u64, theirs: u64) {
        comparing.handle_digest(now, by_link(peer), Digest(theirs), Digest(1), &mut fastrand::Rng::with_seed(peer));
    }

    fn after(millis: u64) -> Time {
        Time::from_micros(millis * 1000)
    }

    #[test]
    fn a_digest_that_comes_to_agree_is_not_looked_into() {
        let mut comparing = Comparing::new();
        differs(&mut comparing, Time::ZERO, 1, 2);
        assert!((after(100)..=after(300)).contains(&comparing.deadline().unwrap().at));
        comparing.handle_own_digests(after(50), ours(2));
        assert_eq!(comparing.deadline(), None);
        assert!(!comparing.is_acquainted(Time::ZERO));
        differs(&mut comparing, Time::ZERO, 1, 1);
        assert!(comparing.is_acquainted(Time::ZERO));
    }

    #[test]
    fn pages_follow_one_another_and_what_was_in_vain_is_not_tried_again() {
        let mut comparing = Comparing::new();
        differs(&mut comparing, Time::ZERO, 1, 2);
        let request = due(&mut comparing, after(300));
        assert_eq!((request.asked, request.to_all), (run(1), false));
        let held = |number| Held { author: run(number), last: Seq::FIRST, from: None };
        let page = Notes::of(Wanted::AllAuthors { but_for: 0 }, (u64::MAX - 1000..u64::MAX).map(held));
        assert_eq!(comparing.handle_notes(after(301), run(2), &page), None, "nobody asked him");
        assert_eq!(comparing.handle_notes(after(301), run(1), &page), Some(LINK));
        let but_for = page.count();
        assert_eq!(due(&mut comparing, after(301)).wanted, Wanted::AllAuthors { but_for });
        let rest = Notes::of(Wanted::AllAuthors { but_for }, [].into_iter());
        assert!(comparing.handle_notes(after(302), run(1), &rest).is_some());
        assert_eq!(comparing.deadline(), None);
        differs(&mut comparing, after(303), 1, 2);
        assert_eq!(comparing.deadline(), None, "neither digest has changed");
        differs(&mut comparing, after(303), 1, 3);
        assert!(comparing.deadline().unwrap().at >= after(702));
    }

    #[test]
    fn who_does_not_answer_is_asked_a_few_times_and_then_the_next_one() {
        let mut comparing = Comparing::new();
        differs(&mut comparing, Time::ZERO, 1, 2);
        differs(&mut comparing, Time::ZERO, 2, 3);
        let mut asked = std::vec::Vec::new();
        while let Some(deadline) = comparing.deadline() {
            asked.extend(
                comparing.take_request(deadline.at, ours(1)).map(|(_, request)| (request.asked, request.to_all)),
            );
        }
        let of = |number| [false, false, true, true].map(|to_all| (run(number), to_all));
        assert_eq!(asked, [of(1), of(2)].concat());
    }

    #[test]
    fn who_knows_of_nothing_is_not_asked_and_those_who_wait_are_bounded() {
        let mut comparing = Comparing::new();
        differs(&mut comparing, Time::ZERO, 1, Digest::default().0);
        assert_eq!(comparing.deadline(), None);
        (1..=100).for_each(|peer| differs(&mut comparing, Time::ZERO, peer, 2));
        assert_eq!(comparing.waiting.len(), Comparing::WAITING_MAX);
    }

    #[test]
    fn whoever_has_compared_or_slept_is_acquainted() {
        let mut comparing = Comparing::new();
        differs(&mut comparing, Time::ZERO, 1, 2);
        due(&mut comparing, after(300));
        assert!(!comparing.is_acquainted(after(300)));
        comparing.handle_notes(after(301), run(1), &Notes::of(Wanted::AllAuthors { but_for: 0 }, [].into_iter()));
        assert!(comparing.is_acquainted(after(301)));
        let mut comparing = Comparing::new();
        comparing.handle_wake();
        assert!(comparing.is_acquainted(Time::ZERO));
    }

    #[test]
    fn a_page_that_comes_twice_is_taken_once() {
        let mut comparing = Comparing::new();
        differs(&mut comparing, Time::ZERO, 1, 2);
        due(&mut comparing, after(300));
        let held = |number| Held { author: run(number), last: Seq::FIRST, from: None };
        let page = Notes::of(Wanted::AllAuthors { but_for: 0 }, (u64::MAX - 1000..u64::MAX).map(held));
        let mut taken = || comparing.handle_notes(after(301), run(1), &page).is_some();
        assert!(taken() && !taken());
        let wanted = Wanted::AllAuthors { but_for: page.count() };
        assert_eq!(due(&mut comparing, after(301)).wanted, wanted);
    }

    #[test]
    fn one_whose_digests_differ_by_two_links_is_asked_by_each() {
        let mut comparing = Comparing::new();
        let other = Counterpart { link: LinkId(2), ..by_link(1) };
        let hear = |comparing: &mut Comparing, now, theirs: [u64; 2]| {
            for (with, theirs) in [by_link(1), other].into_iter().zip(theirs) {
                comparing.handle_digest(now, with, Digest(theirs), Digest(1), &mut fastrand::Rng::with_seed(1));
            }
        };
        hear(&mut comparing, Time::ZERO, [2, 3]);
        let none = Notes::of(Wanted::AllAuthors { but_for: 0 }, [].into_iter());
        for link in [LINK, other.link] {
            let now = comparing.deadline().unwrap().at;
            assert_eq!(comparing.take_request(now, ours(1)).unwrap().0, link);
            assert_eq!(comparing.handle_notes(now, run(1), &none), Some(link));
        }
        hear(&mut comparing, after(5000), [2, 3]);
        assert_eq!(comparing.deadline(), None, "no digest has changed");
        hear(&mut comparing, after(10_000), [1, 4]);
        let now = comparing.deadline().unwrap().at;
        assert_eq!(comparing.take_request(now, ours(1)).unwrap().0, other.link);
    }
}

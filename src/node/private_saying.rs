//! What this run says to others alone, until each of them has it or is given up.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use core::time::Duration;

use super::timer::{Deadline, Timer};
use crate::time::{Time, UnixMillis};
use crate::wire::{Manner, Nick, Part, PrivateText, Run, Seq, Text};

/// As long as it is not acked, a private line is sent again, to the byte, this long after it went out first. It goes
/// by unicast, and to all where that stays unanswered: a firewall may let through only what comes to the shared port.
/// So often to all, because a reader acks the first copy by unicast, which then is in vain too: at a loss of one in five,
/// one line in three hundred finds no way there and back.
const REPEATS: [(Duration, Way); 10] = [
    (Duration::from_millis(30), Way::ToOne),
    (Duration::from_millis(100), Way::ToOne),
    (Duration::from_millis(250), Way::ToOne),
    (Duration::from_millis(700), Way::ToAll),
    (Duration::from_millis(1000), Way::ToAll),
    (Duration::from_millis(1300), Way::ToAll),
    (Duration::from_millis(1700), Way::ToAll),
    (Duration::from_millis(2200), Way::ToAll),
    (Duration::from_millis(2800), Way::ToAll),
    (Duration::from_millis(3500), Way::ToAll),
];
/// And then it is given up.
const GIVEN_UP_AFTER: Duration = Duration::from_millis(4500);

/// Of whoever leaves, an ack may still be on its way, overtaken by his goodbye: it goes by unicast, and that to all.
const LEFT_FOR: Duration = Duration::from_millis(100);

/// By which way a private line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    ToOne,
    ToAll,
}

/// What is said to others alone: to at most [`READERS_MAX`](Self::READERS_MAX) at a time, and to each of them at most
/// [`PARTS_MAX`](Self::PARTS_MAX) lines and the rest of a long text. When they are more, the next text is refused.
///
/// To each, one line is on its way at a time, so that they come in order without anything that would hold them back.
#[derive(Debug, Default)]
pub(super) struct PrivateSaying {
    readers: BTreeMap<Run, Queue>,
    /// The number of the next line to each who was spoken to. Bounded as runs of a room are.
    next: BTreeMap<Run, Seq>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<PrivateText<'static>>,
    on_its_way: Option<OnItsWay>,
    /// He has left, and what he has not acked by then is given up.
    ends_at: Option<Time>,
    /// Unicast has stayed unanswered: the next ones need not try it.
    is_deaf_to_unicast: bool,
}

#[derive(Debug)]
struct OnItsWay {
    seq: Seq,
    goes_on: bool,
    datagram: Box<[u8]>,
    sent: Time,
    repeats: usize,
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateOutcome {
    /// Who was to read it.
    pub reader: Run,
    /// He has it. Otherwise he is not known to have it.
    pub is_heard: bool,
}

/// What is to be done about a line on its way.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PrivateDue {
    Repeat(Run, Way, Box<[u8]>),
    Outcome(PrivateOutcome),
    /// All that was to be said to him is to be given up.
    End(Run),
}

impl PrivateSaying {
    const READERS_MAX: usize = 64;
    const PARTS_MAX: usize = 64;
    const NEXT_MAX: usize = 4096;

    /// Takes a text to be said to one reader; tells whether there is room for it.
    pub(super) fn say(
        &mut self,
        reader: Run,
        nick: &Nick<'static>,
        action: bool,
        text: &Text<'_>,
        time: UnixMillis,
    ) -> bool {
        if self.readers.len() >= Self::READERS_MAX && !self.readers.contains_key(&reader) {
            return false;
        }
        if self.next.len() >= Self::NEXT_MAX && !self.next.contains_key(&reader) {
            return false;
        }
        let queue = self.readers.entry(reader).or_default();
        let next = self.next.entry(reader).or_insert(Seq::FIRST);
        let count = text.parts().count();
        let Some(after) = u32::try_from(count).ok().and_then(|count| next.after(count)) else { return false };
        if queue.waiting.len() >= Self::PARTS_MAX {
            return false;
        }
        for (part, at) in text.parts().zip(0_u32..) {
            let manner = Manner { action, continues: at > 0, goes_on: at as usize + 1 < count };
            let part =
                Part::new(alloc::string::String::from(part.as_str())).unwrap_or_else(|_| unreachable!("it is a part"));
            let seq = next.after(at).unwrap_or(*next);
            queue.waiting.push_back(PrivateText { seq, manner, time, nick: nick.clone(), part });
        }
        *next = after;
        true
    }

    /// A line that can go out now, and to whom.
    pub(super) fn take(&mut self) -> Option<(Run, PrivateText<'static>)> {
        let (reader, queue) =
            self.readers.iter_mut().find(|(_, queue)| queue.on_its_way.is_none() && queue.ends_at.is_none())?;
        Some((*reader, queue.waiting.pop_front()?))
    }

    /// By which way a line goes first.
    pub(super) fn way(&self, reader: Run) -> Way {
        let is_deaf = self.readers.get(&reader).is_some_and(|queue| queue.is_deaf_to_unicast);
        if is_deaf { Way::ToAll } else { Way::ToOne }
    }

    /// A line has gone out for the first time.
    pub(super) fn handle_sent(&mut self, now: Time, reader: Run, text: &PrivateText<'_>, datagram: &[u8]) {
        if let Some(queue) = self.readers.get_mut(&reader) {
            let (seq, goes_on) = (text.seq, text.manner.goes_on);
            queue.on_its_way = Some(OnItsWay { seq, goes_on, datagram: datagram.into(), sent: now, repeats: 0 });
        }
    }

    /// A reader has all up to this line; tells it when that was a text's last one.
    pub(super) fn handle_ack(&mut self, reader: Run, up_to: Seq) -> Option<PrivateOutcome> {
        let queue = self.readers.get_mut(&reader)?;
        let on_its_way = queue.on_its_way.take_if(|line| line.seq <= up_to)?;
        queue.is_deaf_to_unicast |= on_its_way.was_sent_to_all();
        self.tidy(reader);
        (!on_its_way.goes_on).then_some(PrivateOutcome { reader, is_heard: true })
    }

    /// A reader leaves: he acks what he has, and reads no more.
    pub(super) fn handle_goodbye(&mut self, now: Time, reader: Run) {
        if let Some(queue) = self.readers.get_mut(&reader) {
            queue.ends_at.get_or_insert(now + LEFT_FOR);
        }
    }

    /// A reader has gone, or cannot be reached: what was to be said to him is given up, one outcome for each text.
    pub(super) fn give_up_all(&mut self, reader: Run) -> impl Iterator<Item = PrivateOutcome> {
        let queue = self.readers.remove(&reader).unwrap_or_default();
        let waiting = queue.waiting.into_iter().filter(|text| !text.manner.goes_on).count();
        let on_its_way = queue.on_its_way.is_some_and(|line| !line.goes_on);
        core::iter::repeat_n(PrivateOutcome { reader, is_heard: false }, waiting + usize::from(on_its_way))
    }

    /// Whether nothing is left to be said or waited for.
    pub(super) fn is_empty(&self) -> bool {
        self.readers.is_empty()
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.readers.values().filter_map(Queue::due).min().map(|at| Deadline { at, timer: Timer::Private })
    }

    /// What is to be repeated or given up now.
    pub(super) fn take_due(&mut self, now: Time) -> Option<PrivateDue> {
        let is_due = |queue: &Queue| queue.due().is_some_and(|at| at <= now);
        let (&reader, queue) = self.readers.iter_mut().find(|(_, queue)| is_due(queue))?;
        if queue.ends_at.is_some() {
            return Some(PrivateDue::End(reader));
        }
        let line = queue.on_its_way.as_mut()?;
        if let Some((_, way)) = REPEATS.get(line.repeats) {
            line.repeats += 1;
            let way = if queue.is_deaf_to_unicast { Way::ToAll } else { *way };
            return Some(PrivateDue::Repeat(reader, way, line.datagram.clone()));
        }
        // The rest of its text would make no sense without it.
        let mut goes_on = queue.on_its_way.take().is_some_and(|line| line.goes_on);
        while goes_on {
            goes_on = queue.waiting.pop_front().is_some_and(|text| text.manner.goes_on);
        }
        self.tidy(reader);
        Some(PrivateDue::Outcome(PrivateOutcome { reader, is_heard: false }))
    }

    fn tidy(&mut self, reader: Run) {
        if self.readers.get(&reader).is_some_and(|queue| queue.waiting.is_empty() && queue.on_its_way.is_none()) {
            self.readers.remove(&reader);
        }
    }
}

impl Queue {
    fn due(&self) -> Option<Time> {
        self.ends_at.or_else(|| self.on_its_way.as_ref().map(OnItsWay::due))
    }
}

impl OnItsWay {
    fn was_sent_to_all(&self) -> bool {
        REPEATS.iter().take(self.repeats).any(|(_, way)| *way == Way::ToAll)
    }

    fn due(&self) -> Time {
        self.sent + REPEATS.get(self.repeats).map_or(GIVEN_UP_AFTER, |(after, _)| *after)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::wire::{Epoch, PeerId};

    const BOB: Run = Run { peer: PeerId(1), epoch: Epoch(1) };
    const CAROL: Run = Run { peer: PeerId(2), epoch: Epoch(1) };

    fn say(saying: &mut PrivateSaying, reader: Run, text: &str) -> bool {
        saying.say(
            reader,
            &Nick::new("alice").unwrap(),
            false,
            &Text::new(std::string::String::from(text)).unwrap(),
            UnixMillis(0),
        )
    }

    /// Sends what can go out now.
    fn send(saying: &mut PrivateSaying, now: Time) -> Vec<(Run, u32)> {
        let mut sent = Vec::new();
        while let Some((reader, text)) = saying.take() {
            saying.handle_sent(now, reader, &text, &[text.seq.number() as u8]);
            sent.push((reader, text.seq.number()));
        }
        sent
    }

    fn seq(number: u32) -> Seq {
        Seq::new(number).unwrap()
    }

    #[test]
    fn one_line_is_on_its_way_to_each_at_a_time() {
        let mut saying = PrivateSaying::default();
        assert!(say(&mut saying, BOB, &"x".repeat(2 * Part::MAX)) && say(&mut saying, BOB, "three"));
        assert!(say(&mut saying, CAROL, "hi"));
        assert_eq!(send(&mut saying, Time::ZERO), [(BOB, 1), (CAROL, 1)]);
        assert_eq!(saying.handle_ack(BOB, seq(1)), None, "half of the text");
        assert_eq!(send(&mut saying, Time::ZERO), [(BOB, 2)]);
        assert_eq!(saying.handle_ack(BOB, seq(1)), None, "that was known");
        assert_eq!(saying.handle_ack(BOB, seq(2)), Some(PrivateOutcome { reader: BOB, is_heard: true }));
        assert_eq!(send(&mut saying, Time::ZERO), [(BOB, 3)]);
        assert!(saying.handle_ack(BOB, seq(3)).is_some() && saying.handle_ack(CAROL, seq(1)).is_some());
        assert!(saying.is_empty() && saying.deadline().is_none());
    }

    #[test]
    fn what_is_not_acked_is_repeated_and_then_given_up_with_the_rest_of_its_text() {
        let mut saying = PrivateSaying::default();
        assert!(say(&mut saying, BOB, &"x".repeat(2 * Part::MAX)) && say(&mut saying, BOB, "three"));
        send(&mut saying, Time::ZERO);
        let mut repeats = Vec::new();
        let outcome = loop {
            let at = saying.deadline().unwrap().at;
            assert_eq!(saying.take_due(Time::from_micros(at.as_micros() - 1)), None);
            match saying.take_due(at) {
                Some(PrivateDue::Repeat(BOB, way, bytes)) if *bytes == [1] => {
                    repeats.push((at.as_micros() / 1000, way))
                }
                Some(PrivateDue::Outcome(outcome)) => break outcome,
                other => panic!("{other:?}"),
            }
        };
        let (one, all) = (Way::ToOne, Way::ToAll);
        assert_eq!(repeats[..3], [(30, one), (100, one), (250, one)]);
        assert_eq!(repeats[3..], [700, 1000, 1300, 1700, 2200, 2800, 3500].map(|after| (after, all)));
        assert_eq!(outcome, PrivateOutcome { reader: BOB, is_heard: false });
        assert_eq!(send(&mut saying, Time::ZERO), [(BOB, 3)]);
    }

    #[test]
    fn of_one_who_goes_every_text_is_given_up() {
        let mut saying = PrivateSaying::default();
        assert!(say(&mut saying, BOB, "one") && say(&mut saying, BOB, &"x".repeat(2000)) && say(&mut saying, BOB, "z"));
        send(&mut saying, Time::ZERO);
        assert_eq!(saying.give_up_all(BOB).count(), 3);
        assert_eq!(saying.give_up_all(CAROL).count(), 0);
        assert!(saying.is_empty());
        assert!(say(&mut saying, BOB, "again"));
        assert_eq!(send(&mut saying, Time::ZERO), [(BOB, 6)], "its number is a new one");
    }

    #[test]
    fn of_one_who_leaves_an_ack_is_waited_for_a_moment() {
        let mut saying = PrivateSaying::default();
        assert!(say(&mut saying, BOB, "one") && say(&mut saying, BOB, "two"));
        send(&mut saying, Time::ZERO);
        saying.handle_goodbye(Time::ZERO, BOB);
        saying.handle_goodbye(Time::from_micros(50_000), BOB);
        assert_eq!(saying.handle_ack(BOB, seq(1)), Some(PrivateOutcome { reader: BOB, is_heard: true }));
        assert_eq!(send(&mut saying, Time::ZERO), [], "he reads no more");
        let end = saying.deadline().unwrap().at;
        assert_eq!(end, Time::ZERO + LEFT_FOR);
        assert_eq!((saying.take_due(Time::ZERO), saying.take_due(end)), (None, Some(PrivateDue::End(BOB))));
        assert_eq!(saying.give_up_all(BOB).count(), 1);
        assert!(saying.is_empty() && saying.deadline().is_none());
    }

    #[test]
    fn it_is_bounded() {
        let mut saying = PrivateSaying::default();
        let said = (0..1000).filter(|_| say(&mut saying, BOB, "x")).count();
        assert_eq!(said, PrivateSaying::PARTS_MAX);
        let readers = (2..1000).filter(|number| say(&mut saying, Run { peer: PeerId(*number), ..BOB }, "x")).count();
        assert_eq!(readers, PrivateSaying::READERS_MAX - 1);
    }
}

//! The lines that this run says, until they go out.

use alloc::collections::VecDeque;

use super::command::CommandError;
use crate::time::UnixMillis;
use crate::wire::{Lines, Manner, Nick, Part, Seq, Text};

/// Lines that wait to go out: at most [`QUEUE_MAX`](Self::QUEUE_MAX) datagrams of them and a long text's more, some
/// 450 KB. When they are more, the next text is refused, and whoever wants to say it has to wait.
///
/// Lines that come faster than [`Pace`](super::pace::Pace) lets them go share datagrams.
#[derive(Debug)]
pub(super) struct Saying {
    /// The number of the next line; `None` when there is none left.
    next: Option<Seq>,
    last: Option<Seq>,
    queue: VecDeque<Lines<'static>>,
}

impl Saying {
    const QUEUE_MAX: usize = 256;
    /// Lines of one datagram share its time, so those that are further apart do not share a datagram.
    const SAME_TIME: u64 = 1000;

    pub(super) const fn new() -> Self {
        Self { next: Some(Seq::FIRST), last: None, queue: VecDeque::new() }
    }

    /// The last line that was said, also when it has not gone out.
    pub(super) const fn last(&self) -> Option<Seq> {
        self.last
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether one more text may wait.
    pub(super) fn has_room(&self) -> bool {
        self.queue.len() < Self::QUEUE_MAX
    }

    /// Takes a text, in as many lines as it takes; gives the number of the last one.
    pub(super) fn say(
        &mut self,
        nick: &Nick<'static>,
        action: bool,
        text: &Text<'static>,
        time: UnixMillis,
    ) -> Result<Seq, CommandError> {
        if !self.has_room() {
            return Err(CommandError::Busy);
        }
        let first = self.next.ok_or(CommandError::NoNumberLeft)?;
        let further = u32::try_from(text.parts().count() - 1).unwrap_or(u32::MAX);
        let last = first.after(further).ok_or(CommandError::NoNumberLeft)?;
        for (part, further) in text.parts().zip(0..) {
            let seq = first.after(further).unwrap_or(last);
            self.say_part(seq, nick, Manner { action, continues: seq > first, goes_on: seq < last }, &part, time);
        }
        self.next = last.after(1);
        self.last = Some(last);
        Ok(last)
    }

    fn say_part(&mut self, seq: Seq, nick: &Nick<'static>, manner: Manner, part: &Part<'_>, time: UnixMillis) {
        let shares = |lines: &&mut Lines<'_>| lines.nick() == nick && time.0.abs_diff(lines.time().0) < Self::SAME_TIME;
        let joined = self.queue.back_mut().filter(shares).is_some_and(|lines| lines.push(manner, part).is_ok());
        if !joined {
            self.queue.push_back(Lines::starting(seq, time, nick.clone(), manner, part));
        }
    }

    /// The next lines.
    pub(super) fn take(&mut self) -> Option<Lines<'static>> {
        self.queue.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    fn nick() -> Nick<'static> {
        Nick::new("alice").unwrap()
    }

    fn say(saying: &mut Saying, text: &str) -> Result<Seq, CommandError> {
        saying.say(&nick(), false, &Text::new(text).unwrap().into_owned(), UnixMillis(0))
    }

    #[test]
    fn a_line_that_finds_none_waiting_goes_alone() {
        let mut saying = Saying::new();
        for number in 1..=8 {
            say(&mut saying, "x").unwrap();
            let lines = saying.take().unwrap();
            assert_eq!((lines.first().number(), lines.count()), (number, 1));
        }
        assert!(saying.is_empty());
    }

    #[test]
    fn lines_that_come_faster_than_they_go_share_datagrams_in_order() {
        let mut saying = Saying::new();
        for number in 1..=5000 {
            say(&mut saying, &format!("this is line number {number}")).unwrap();
        }
        let (mut next, mut datagrams) = (1, 0);
        while let Some(lines) = saying.take() {
            assert_eq!(lines.first().number(), next);
            next += lines.count();
            datagrams += 1;
        }
        assert_eq!(next, 5001);
        assert!(datagrams < 170, "{datagrams}");
    }

    #[test]
    fn another_nick_or_second_takes_another_datagram() {
        let mut saying = Saying::new();
        let text = Text::new("x").unwrap();
        saying.say(&nick(), false, &text, UnixMillis(0)).unwrap();
        saying.say(&nick(), false, &text, UnixMillis(999)).unwrap();
        saying.say(&nick(), false, &text, UnixMillis(1000)).unwrap();
        saying.say(&Nick::new("bob").unwrap(), false, &text, UnixMillis(1000)).unwrap();
        let counts = [2, 1, 1].map(|count| saying.take().unwrap().count() == count);
        assert_eq!(counts, [true; 3]);
    }

    #[test]
    fn a_long_text_goes_in_lines_that_go_on() {
        let mut saying = Saying::new();
        assert_eq!(say(&mut saying, &"x".repeat(2 * Part::MAX + 1)).unwrap().number(), 3);
        say(&mut saying, "next").unwrap();
        let datagrams: std::vec::Vec<_> = core::iter::from_fn(|| saying.take()).collect();
        let lines: std::vec::Vec<_> = datagrams.iter().flat_map(Lines::iter).collect();
        let goes_on: std::vec::Vec<_> = lines.iter().map(|line| (line.seq.number(), line.manner.goes_on)).collect();
        assert_eq!(goes_on, [(1, true), (2, true), (3, false), (4, false)]);
        let continues = lines.iter().filter(|line| line.manner.continues).map(|line| line.seq.number());
        assert!(continues.eq([2, 3]));
        saying.next = Seq::new(u32::MAX - 1);
        assert_eq!(say(&mut saying, &"x".repeat(3 * Part::MAX)), Err(CommandError::NoNumberLeft));
        assert_eq!(say(&mut saying, &"x".repeat(2 * Part::MAX)).unwrap().number(), u32::MAX);
    }

    #[test]
    fn a_full_queue_refuses_and_loses_nothing() {
        let mut saying = Saying::new();
        let long = "x".repeat(Part::MAX);
        let taken = (0..).find(|_| say(&mut saying, &long).is_err()).unwrap();
        assert_eq!(taken, Saying::QUEUE_MAX);
        assert_eq!(say(&mut saying, "x"), Err(CommandError::Busy));
        assert_eq!(saying.last().unwrap().number() as usize, taken);
        saying.take().unwrap();
        assert_eq!(say(&mut saying, "x").unwrap().number() as usize, taken + 1);
    }
}

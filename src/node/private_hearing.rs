//! What others say to this run alone.

use alloc::string::String;

use super::silence::BySilence;
use crate::time::{Time, UnixMillis};
use crate::wire::{Nick, PrivateText, Run, Seq, Text};

/// How far each was heard who said something to this run alone: at most [`AUTHORS_MAX`](Self::AUTHORS_MAX); whoever was
/// silent for longest is forgotten. Of at most [`BEGUN_MAX`](Self::BEGUN_MAX) of them a long text is put together; of
/// others, each of its lines is told by itself.
#[derive(Debug)]
pub(super) struct PrivateHearing {
    authors: BySilence<Author>,
}

#[derive(Debug)]
struct Author {
    up_to: Seq,
    /// How often the last one has come once more.
    repeats: u32,
    begun: Option<PrivatePassage>,
}

/// A text that was said to this run alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PrivatePassage {
    pub(super) first: Seq,
    pub(super) nick: Nick<'static>,
    pub(super) action: bool,
    pub(super) time: UnixMillis,
    pub(super) text: String,
}

/// Up to where an author is to be acked, and how often he was already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PrivateHeard {
    pub(super) up_to: Seq,
    pub(super) repeats: u32,
}

impl PrivateHearing {
    const AUTHORS_MAX: usize = 1024;
    const BEGUN_MAX: usize = 16;

    pub(super) const fn new() -> Self {
        Self { authors: BySilence::new(Self::AUTHORS_MAX) }
    }

    /// A line has come; gives the text that it ends, unless it is known already. One line is on its way at a time, so
    /// whatever has a lower number came before, or was given up.
    pub(super) fn handle_line(&mut self, now: Time, author: Run, line: PrivateText<'_>) -> Option<PrivatePassage> {
        let may_begin = self.authors.iter().filter(|(.., known)| known.begun.is_some()).count() < Self::BEGUN_MAX;
        if self.authors.heard(author, now).is_none() {
            self.authors.insert(author, now, Author { up_to: line.seq, repeats: 0, begun: None });
        } else if !self.authors.get_mut(author)?.admits(line.seq) {
            return None;
        }
        let known = self.authors.get_mut(author)?;
        let (manner, part) = (line.manner, line.part.as_str());
        let begun = known.begun.take().filter(|begun| manner.continues && begun.text.len() + part.len() <= Text::MAX);
        let mut passage = begun.unwrap_or_else(|| PrivatePassage {
            first: line.seq,
            nick: line.nick.clone().into_owned(),
            action: manner.action,
            time: line.time,
            text: String::new(),
        });
        passage.text.push_str(part);
        if manner.goes_on && (may_begin || passage.first < line.seq) {
            known.begun = Some(passage);
            return None;
        }
        Some(passage)
    }

    /// A line has come once more: its author does not know that it came.
    pub(super) fn handle_repeat(&mut self, author: Run) {
        if let Some(known) = self.authors.get_mut(author) {
            known.repeats = known.repeats.saturating_add(1);
        }
    }

    pub(super) fn heard(&self, author: Run) -> Option<PrivateHeard> {
        self.authors.get(author).map(|known| PrivateHeard { up_to: known.up_to, repeats: known.repeats })
    }
}

impl Author {
    fn admits(&mut self, seq: Seq) -> bool {
        let is_new = seq > self.up_to;
        if is_new {
            self.up_to = seq;
            self.repeats = 0;
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, Manner, Part, PeerId};

    const BOB: Run = Run { peer: PeerId(1), epoch: Epoch(1) };

    fn hear(hearing: &mut PrivateHearing, author: Run, seq: u32, continues: bool, goes_on: bool) -> Option<String> {
        let line = PrivateText {
            seq: Seq::new(seq).unwrap(),
            manner: Manner { action: false, continues, goes_on },
            time: UnixMillis(0),
            nick: Nick::new("bob").unwrap(),
            part: Part::new(std::format!("{seq} ")).unwrap(),
        };
        hearing.handle_line(Time::ZERO, author, line).map(|passage| passage.text)
    }

    #[test]
    fn each_is_told_once_and_long_ones_whole() {
        let mut hearing = PrivateHearing::new();
        assert_eq!(hear(&mut hearing, BOB, 1, false, false).unwrap(), "1 ");
        assert_eq!(hear(&mut hearing, BOB, 1, false, false), None);
        assert_eq!(hear(&mut hearing, BOB, 2, false, true), None);
        assert_eq!(hear(&mut hearing, BOB, 3, true, true), None);
        assert_eq!(hear(&mut hearing, BOB, 4, true, false).unwrap(), "2 3 4 ");
        assert_eq!(hear(&mut hearing, BOB, 5, false, true), None);
        assert_eq!(hear(&mut hearing, BOB, 9, false, false).unwrap(), "9 ", "the rest was given up");
        assert_eq!(hear(&mut hearing, BOB, 10, true, false).unwrap(), "10 ", "what continues nothing is told");
        assert_eq!(hearing.heard(BOB).unwrap(), PrivateHeard { up_to: Seq::new(10).unwrap(), repeats: 0 });
        hearing.handle_repeat(BOB);
        assert_eq!(hearing.heard(BOB).unwrap().repeats, 1);
    }

    #[test]
    fn texts_that_never_end_are_few() {
        let mut hearing = PrivateHearing::new();
        let author = |number| Run { peer: PeerId(number), epoch: Epoch(1) };
        let told = (0..1000).filter(|number| hear(&mut hearing, author(*number), 1, false, true).is_some()).count();
        assert_eq!(told, 1000 - PrivateHearing::BEGUN_MAX);
        (1000..3000).for_each(|number| drop(hear(&mut hearing, author(number), 1, false, true)));
        assert!(hearing.authors.len() <= PrivateHearing::AUTHORS_MAX);
        for seq in 2..1000 {
            hear(&mut hearing, author(3000), seq, true, true);
        }
        let longest =
            hearing.authors.iter().filter_map(|(.., known)| known.begun.as_ref()).map(|begun| begun.text.len());
        assert!(longest.max().unwrap_or(0) <= Text::MAX);
    }
}

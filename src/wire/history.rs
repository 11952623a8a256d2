//! The datagrams by which two runs compare what they hold: a history request, and the notes that answer it.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::numbers::{Epoch, PeerId};
use super::packet::append;
use super::{BODY_MAX, Error, Run, Seq, SeqRange};

/// "Tell me what you hold."
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryRequest {
    /// The answer shall go to everybody: unicast does not get through.
    pub to_all: bool,
    /// Who is asked; all others pass it over.
    pub asked: Run,
    /// What shall be told.
    pub wanted: Wanted,
}

/// What notes tell of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Where the last lines are, so many of them, whoever said them.
    LastLines(u32),
    /// All authors of whom lines are known, but for the first so many: those that were told of before.
    AllAuthors {
        /// How many.
        but_for: u32,
    },
}

/// "This is what I hold": an entry for each author, the last who spoke first.
///
/// The entries stay as they came, in bytes that were checked once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notes<'a> {
    answers: Wanted,
    more: bool,
    count: u32,
    encoded: Cow<'a, [u8]>,
}

/// What is held of an author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Whose lines.
    pub author: Run,
    /// The highest that is known.
    pub last: Seq,
    /// From which one on they are held, with or without gaps; `None` where none is.
    pub from: Option<Seq>,
}

impl Held {
    /// The lines that are held.
    pub fn range(&self) -> Option<SeqRange> {
        SeqRange::new(self.from?, self.last)
    }
}

const FLAG_TO_ALL: u8 = 1 << 0;
const FLAG_MORE: u8 = 1 << 0;

#[derive(Serialize, Deserialize)]
struct RequestBody {
    flags: u8,
    peer: u64,
    epoch: u32,
    lines: u32,
    but_for: u32,
}

/// What precedes the entries of notes; they follow one another up to the body's end.
#[derive(Serialize, Deserialize)]
struct Head {
    flags: u8,
    lines: u32,
    but_for: u32,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    peer: u64,
    epoch: u32,
    from: u32,
    last: u32,
}

impl Wanted {
    /// On the wire, no lines stand for all authors.
    const fn from_numbers(lines: u32, but_for: u32) -> Self {
        if lines == 0 { Self::AllAuthors { but_for } } else { Self::LastLines(lines) }
    }

    const fn numbers(self) -> (u32, u32) {
        match self {
            Self::LastLines(lines) => (lines, 0),
            Self::AllAuthors { but_for } => (0, but_for),
        }
    }
}

impl HistoryRequest {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let (body, rest) = postcard::take_from_bytes::<RequestBody>(bytes)?;
        if !rest.is_empty() {
            return Err(Error::TrailingBytes);
        }
        Ok(Self {
            to_all: body.flags & FLAG_TO_ALL != 0,
            asked: Run { peer: PeerId(body.peer), epoch: Epoch(body.epoch) },
            wanted: Wanted::from_numbers(body.lines, body.but_for),
        })
    }

    pub(super) fn encode(self, out: &mut Vec<u8>) {
        let (lines, but_for) = self.wanted.numbers();
        let flags = if self.to_all { FLAG_TO_ALL } else { 0 };
        append(&RequestBody { flags, peer: self.asked.peer.0, epoch: self.asked.epoch.0, lines, but_for }, out);
    }
}

impl<'a> Notes<'a> {
    /// As many of the entries as fit into a datagram.
    pub fn of(answers: Wanted, entries: impl Iterator<Item = Held>) -> Self {
        let mut notes = Self { answers, more: false, count: 0, encoded: Cow::Owned(Vec::new()) };
        let room = BODY_MAX - notes.head().len();
        let encoded = notes.encoded.to_mut();
        for Held { author, last, from } in entries {
            let before = encoded.len();
            let from = from.map_or(0, Seq::number);
            append(&Entry { peer: author.peer.0, epoch: author.epoch.0, from, last: last.number() }, encoded);
            if encoded.len() > room {
                encoded.truncate(before);
                notes.more = true;
                break;
            }
            notes.count += 1;
        }
        notes
    }

    /// What was asked.
    pub const fn answers(&self) -> Wanted {
        self.answers
    }

    /// Whether there are more that did not fit: they can be asked for with [`Wanted::AllAuthors`].
    pub const fn more(&self) -> bool {
        self.more
    }

    /// How many entries there are.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The entries.
    pub fn iter(&self) -> impl Iterator<Item = Held> {
        let mut rest = &*self.encoded;
        (0..self.count).map_while(move |_| next_entry(&mut rest).ok())
    }

    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let (head, encoded) = postcard::take_from_bytes::<Head>(bytes)?;
        let mut rest = encoded;
        let mut count = 0;
        while !rest.is_empty() {
            next_entry(&mut rest)?;
            count += 1;
        }
        let answers = Wanted::from_numbers(head.lines, head.but_for);
        Ok(Self { answers, more: head.flags & FLAG_MORE != 0, count, encoded: Cow::Borrowed(encoded) })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head());
        out.extend_from_slice(&self.encoded);
    }

    fn head(&self) -> Vec<u8> {
        let (lines, but_for) = self.answers.numbers();
        let mut head = Vec::new();
        append(&Head { flags: if self.more { FLAG_MORE } else { 0 }, lines, but_for }, &mut head);
        head
    }
}

/// Takes the next entry off `rest`.
fn next_entry(rest: &mut &[u8]) -> Result<Held, Error> {
    let (entry, behind) = postcard::take_from_bytes::<Entry>(rest)?;
    let last = Seq::new(entry.last).ok_or(Error::Range)?;
    let from = Seq::new(entry.from);
    if from.is_some_and(|from| from > last) {
        return Err(Error::Range);
    }
    *rest = behind;
    Ok(Held { author: Run { peer: PeerId(entry.peer), epoch: Epoch(entry.epoch) }, last, from })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_take_as_many_as_fit_and_say_that_there_are_more() {
        let held = |number: u64| Held {
            author: Run { peer: PeerId(u64::MAX - number), epoch: Epoch(u32::MAX) },
            last: Seq::new(u32::MAX).unwrap(),
            from: Some(Seq::FIRST),
        };
        let notes = Notes::of(Wanted::AllAuthors { but_for: u32::MAX }, (0..1000).map(held));
        assert!(notes.more() && notes.count() >= 48, "{} entries", notes.count());
        let mut body = Vec::new();
        notes.encode(&mut body);
        assert!(body.len() <= BODY_MAX);
        assert_eq!(Notes::parse(&body).as_ref(), Ok(&notes));
        assert!(notes.iter().eq((0..notes.count().into()).map(held)));
        let few = Notes::of(Wanted::LastLines(50), [held(1)].into_iter());
        assert!(!few.more());
        assert_eq!(few.iter().next().unwrap().range().unwrap().len(), u32::MAX);
    }
}

//! The datagram that carries what somebody said.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;

use super::packet::append;
use super::{BODY_MAX, Error, Nick, Part, Seq, SeqRange};
use crate::time::UnixMillis;

/// One or more lines of one author, numbered one after the other.
///
/// The lines stay as they came, in bytes that were checked once; reading them allocates nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines<'a> {
    first: Seq,
    count: u32,
    time: UnixMillis,
    nick: Nick<'a>,
    /// Bytes of what precedes the lines.
    head_len: usize,
    encoded: Cow<'a, [u8]>,
}

/// A line, as it stands in its datagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number among its author's lines.
    pub seq: Seq,
    /// How it is meant.
    pub manner: Manner,
    /// What it says.
    pub part: Part<'a>,
}

/// How a line is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// It says what the author does ("* alice waves") rather than what he says.
    pub action: bool,
    /// It is a further part of the text of the author's line before.
    pub continues: bool,
    /// The author's next line is a further part of the same text.
    pub goes_on: bool,
}

/// The line does not fit into the datagram any more; it has to go in the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[error("the datagram is full")]
pub struct NoSpace;

const FLAG_ACTION: u8 = 1 << 0;
const FLAG_CONTINUES: u8 = 1 << 1;
const FLAG_GOES_ON: u8 = 1 << 2;

/// What precedes the lines, as it lies on the wire.
#[derive(Serialize, Deserialize)]
struct Head<'a> {
    time_ms: u64,
    nick: &'a str,
}

/// One line, as it lies on the wire; the lines follow one another up to the body's end.
#[derive(Serialize, Deserialize)]
struct Body<'a> {
    flags: u8,
    text: &'a str,
}

impl<'a> Lines<'a> {
    /// A datagram's worth of lines that begins with this one. It always fits.
    pub fn starting(first: Seq, time: UnixMillis, nick: Nick<'a>, manner: Manner, part: &Part<'_>) -> Self {
        let mut encoded = Vec::new();
        append(&Head { time_ms: time.0, nick: nick.as_str() }, &mut encoded);
        let head_len = encoded.len();
        encoded.clear();
        append_line(manner, part, &mut encoded);
        Self { first, count: 1, time, nick, head_len, encoded: Cow::Owned(encoded) }
    }

    /// Adds the author's next line.
    ///
    /// # Errors
    /// When it does not fit, or no number is left; nothing is changed then.
    pub fn push(&mut self, manner: Manner, part: &Part<'_>) -> Result<(), NoSpace> {
        if self.first.after(self.count).is_none() {
            return Err(NoSpace);
        }
        let (before, encoded) = (self.encoded.len(), self.encoded.to_mut());
        append_line(manner, part, encoded);
        if self.head_len + self.encoded.len() > BODY_MAX {
            self.encoded.to_mut().truncate(before);
            return Err(NoSpace);
        }
        self.count += 1;
        Ok(())
    }

    /// The first line's number.
    pub const fn first(&self) -> Seq {
        self.first
    }

    /// How many lines there are, at least 1.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The numbers of all of them.
    pub fn range(&self) -> SeqRange {
        // Neither reading nor writing lets lines be numbered past the last number.
        let last = self.first.after(self.count - 1).unwrap_or(self.first);
        SeqRange::new(self.first, last).unwrap_or(SeqRange::one(self.first))
    }

    /// When they were said, by the author's clock.
    pub const fn time(&self) -> UnixMillis {
        self.time
    }

    /// The name that the author went by when he said them.
    pub const fn nick(&self) -> &Nick<'a> {
        &self.nick
    }

    /// Bytes that they take in memory, about.
    pub fn size(&self) -> usize {
        size_of::<Self>() + Nick::MAX + self.encoded.len()
    }

    /// The lines in their order.
    pub fn iter(&self) -> impl Iterator<Item = Line<'_>> {
        let mut rest = &*self.encoded;
        let numbers = (0..self.count).filter_map(|further| self.first.after(further));
        numbers.map_while(move |seq| next_line(seq, &mut rest).ok())
    }

    pub(super) fn parse(first: u32, bytes: &'a [u8]) -> Result<Self, Error> {
        let (head, encoded) = postcard::take_from_bytes::<Head<'a>>(bytes)?;
        let nick = Nick::new(head.nick).map_err(|_| Error::Nick)?;
        let first = Seq::new(first).ok_or(Error::Seq)?;
        let mut rest = encoded;
        let mut count = 0;
        while !rest.is_empty() {
            next_line(first.after(count).ok_or(Error::Seq)?, &mut rest)?;
            count += 1;
        }
        if count == 0 {
            return Err(Error::NoLine);
        }
        let (time, head_len) = (UnixMillis(head.time_ms), bytes.len() - encoded.len());
        Ok(Self { first, count, time, nick, head_len, encoded: Cow::Borrowed(encoded) })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        append(&Head { time_ms: self.time.0, nick: self.nick.as_str() }, out);
        out.extend_from_slice(&self.encoded);
    }
}

impl Manner {
    pub(super) const fn from_flags(flags: u8) -> Self {
        Self {
            action: flags & FLAG_ACTION != 0,
            continues: flags & FLAG_CONTINUES != 0,
            goes_on: flags & FLAG_GOES_ON != 0,
        }
    }

    pub(super) fn flags(self) -> u8 {
        let flag = |set, flag| if set { flag } else { 0 };
        flag(self.action, FLAG_ACTION) | flag(self.continues, FLAG_CONTINUES) | flag(self.goes_on, FLAG_GOES_ON)
    }
}

fn append_line(manner: Manner, part: &Part<'_>, out: &mut Vec<u8>) {
    append(&Body { flags: manner.flags(), text: part.as_str() }, out);
}

/// Takes the next line off `rest`.
fn next_line<'a>(seq: Seq, rest: &mut &'a [u8]) -> Result<Line<'a>, Error> {
    let (body, behind) = postcard::take_from_bytes::<Body<'a>>(rest)?;
    let part = Part::new(body.text).map_err(|_| Error::Text)?;
    *rest = behind;
    Ok(Line { seq, manner: Manner::from_flags(body.flags), part })
}

#[cfg(test)]
mod tests {
    use std::string::String;

    use super::*;

    const ACTION: Manner = Manner { action: true, continues: false, goes_on: false };

    fn starting(text: &str) -> Lines<'_> {
        let nick = Nick::new("n".repeat(Nick::MAX)).unwrap();
        Lines::starting(Seq::FIRST, UnixMillis(u64::MAX), nick, Manner::default(), &Part::new(text).unwrap())
    }

    #[test]
    fn the_longest_part_under_the_longest_nick_fits() {
        let text = "x".repeat(Part::MAX);
        let mut body = Vec::new();
        starting(&text).encode(&mut body);
        assert!(body.len() <= BODY_MAX, "{} bytes", body.len());
    }

    #[test]
    fn lines_are_added_until_the_datagram_is_full() {
        let mut lines = starting("0");
        let text = Part::new("0123456789").unwrap();
        while lines.push(ACTION, &text).is_ok() {}
        let mut body = Vec::new();
        lines.encode(&mut body);
        assert!(body.len() <= BODY_MAX && body.len() + 12 > BODY_MAX, "{} bytes", body.len());

        let read = Lines::parse(1, &body).unwrap();
        assert_eq!(read, lines);
        let texts: Vec<_> = read.iter().map(|line| String::from(line.part)).collect();
        assert_eq!(texts.len() as u32, lines.count());
        assert_eq!((&texts[0][..], &texts[1][..]), ("0", "0123456789"));
        assert_eq!(read.iter().last().unwrap().seq.number(), lines.count());
    }

    #[test]
    fn each_manner_has_its_bit() {
        for flags in 0..8 {
            let [action, continues, goes_on] = [1, 2, 4].map(|bit| flags & bit != 0);
            let manner = Manner { action, continues, goes_on };
            let mut bytes = Vec::new();
            append_line(manner, &Part::new("x").unwrap(), &mut bytes);
            assert_eq!(bytes, [flags, 1, b'x']);
            assert_eq!(next_line(Seq::FIRST, &mut &bytes[..]).unwrap().manner, manner);
        }
    }

    #[test]
    fn no_line_is_numbered_past_the_last_number() {
        let text = Part::new("x").unwrap();
        let last = Seq::new(u32::MAX).unwrap();
        let mut lines = Lines::starting(last, UnixMillis(0), Nick::new("n").unwrap(), Manner::default(), &text);
        assert_eq!(lines.push(Manner::default(), &text), Err(NoSpace));
        let mut body = Vec::new();
        lines.encode(&mut body);
        append_line(Manner::default(), &text, &mut body);
        assert_eq!(Lines::parse(u32::MAX, &body), Err(Error::Seq));
        assert_eq!(Lines::parse(0, &body), Err(Error::Seq));
        assert_eq!(Lines::parse(1, &body).unwrap().count(), 2);
    }
}

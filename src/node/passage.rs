//! A text that is told at once, put together from the lines in which it travelled.

use alloc::string::String;
use alloc::vec::Vec;

use super::link::LinkId;
use super::log::{Entry, Log};
use crate::time::UnixMillis;
use crate::trust::PublicKey;
use crate::wire::{Line, Lines, Message, Nick, Run, Seq, SeqRange, Text};
use core::net::SocketAddr;

/// A text, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Passage {
    pub(super) author: Run,
    /// The lines in which it travelled.
    pub(super) range: SeqRange,
    pub(super) signer: Option<PublicKey>,
    pub(super) nick: Nick<'static>,
    pub(super) action: bool,
    /// Its beginning is missing.
    pub(super) is_fragment: bool,
    /// Its end is missing.
    goes_on: bool,
    pub(super) text: Text<'static>,
    /// When it was said, by the author's clock.
    pub(super) time: UnixMillis,
    pub(super) link: LinkId,
    pub(super) from: SocketAddr,
}

impl Passage {
    /// What one line says, as if nothing went before it or followed.
    fn of_line(author: Run, line: Line<'_>, (lines, signer): (&Lines<'_>, Option<PublicKey>), entry: &Entry) -> Self {
        Self {
            author,
            range: SeqRange::one(line.seq),
            signer,
            nick: lines.nick().clone().into_owned(),
            action: line.manner.action,
            is_fragment: line.manner.continues,
            goes_on: false,
            text: line.part.into(),
            time: lines.time(),
            link: entry.link,
            from: entry.from,
        }
    }

    /// Whether nothing of the text is missing.
    pub(super) const fn is_whole(&self) -> bool {
        !self.is_fragment && !self.goes_on
    }
}

/// Whether a text is told of which the end is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wholeness {
    /// It is waited for.
    Whole,
    /// It is told as far as it is there.
    AsFarAsThere,
}

/// The texts of one line each that follow one another from this line on in its datagram: so that is read once, however many
/// are in it. None where a longer text begins there, or the line is not held.
pub(super) fn read_short(log: &Log, author: Run, first: Seq) -> Vec<Passage> {
    let mut scratch = Vec::new();
    let entry = log.holding(author, first);
    let Some((entry, packet)) = entry.and_then(|entry| Some((entry, log.read(entry, &mut scratch)?))) else {
        return Vec::new();
    };
    let Message::Lines(lines) = &packet.message else { return Vec::new() };
    let short = lines.iter().filter(|line| line.seq >= first).take_while(|line| !line.manner.goes_on);
    short.map(|line| Passage::of_line(author, line, (lines, packet.signer), entry)).collect()
}

/// The text that begins with the first of these lines, if it is there; nothing of it that goes beyond the last of them.
pub(super) fn read(log: &Log, author: Run, within: SeqRange, wholeness: Wholeness) -> Option<Passage> {
    let first = within.first();
    let mut passage: Option<Passage> = None;
    let mut text = String::new();
    let mut scratch = Vec::new();
    for entry in log.from(author, first) {
        let Some(packet) = log.read(entry, &mut scratch) else { break };
        let Message::Lines(lines) = &packet.message else { break };
        for line in lines.iter().filter(|line| within.contains(line.seq)) {
            // Nobody says more at once than a text may have; whoever does is cut up.
            if text.len() + line.part.as_str().len() > Text::MAX {
                return finish(passage?, text);
            }
            text.push_str(line.part.as_str());
            let range = SeqRange::new(first, line.seq)?;
            match &mut passage {
                Some(passage) => passage.range = range,
                none => {
                    *none = Some(Passage::of_line(author, line.clone(), (lines, packet.signer), entry));
                }
            }
            if !line.manner.goes_on {
                return finish(passage?, text);
            }
        }
    }
    if wholeness == Wholeness::Whole { None } else { finish(Passage { goes_on: true, ..passage? }, text) }
}

fn finish(passage: Passage, text: String) -> Option<Passage> {
    Some(Passage { text: Text::new(text).ok()?, ..passage })
}

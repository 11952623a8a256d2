//! A whole datagram.

use alloc::vec::Vec;

use serde::Serialize;

use super::header::{Header, Kind};
use super::{Ack, Beacon, Counter, Error, Goodbye, HistoryRequest, Lines, Nack, Notes, RoomId, Run};

/// A datagram in which everything is legal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The room that it is meant for.
    pub room: RoomId,
    /// The run that wrote it; not always the one that sent it.
    pub author: Run,
    /// What it says.
    pub message: Message<'a>,
}

/// What a datagram says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// "I am here."
    Beacon(Counter, Beacon<'a>),
    /// "I leave."
    Goodbye(Counter, Goodbye),
    /// Lines that the author said.
    Lines(Lines<'a>),
    /// "I lack these lines."
    Nack(Counter, Nack),
    /// "I have your lines up to this one."
    Ack(Counter, Ack),
    /// "Tell me what you hold."
    HistoryRequest(Counter, HistoryRequest),
    /// "This is what I hold."
    Notes(Counter, Notes<'a>),
}

/// Reads a datagram.
///
/// Total and pure: any bytes give a packet or an error, nothing is allocated, and what the packet holds is borrowed
/// from `datagram`. The trailer of a signed datagram is passed over.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse(datagram: &[u8]) -> Result<Packet<'_>, Error> {
    let (header, body) = Header::split(datagram)?;
    let counter = Counter(header.number);
    let message = match header.kind {
        Kind::Beacon => Message::Beacon(counter, Beacon::parse(body)?),
        Kind::Goodbye => Message::Goodbye(counter, Goodbye::parse(body)?),
        Kind::Lines => Message::Lines(Lines::parse(header.number, body)?),
        Kind::Nack => Message::Nack(counter, Nack::parse(body)?),
        Kind::Ack => Message::Ack(counter, Ack::parse(body)?),
        Kind::HistoryRequest => Message::HistoryRequest(counter, HistoryRequest::parse(body)?),
        Kind::Notes => Message::Notes(counter, Notes::parse(body)?),
    };
    Ok(Packet { room: header.room, author: header.author, message })
}

impl Packet<'_> {
    /// Writes the datagram, unsigned, over what `out` held: at most [`DATAGRAM_MAX`](super::DATAGRAM_MAX) bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let (kind, number) = match &self.message {
            Message::Beacon(counter, _) => (Kind::Beacon, counter.0),
            Message::Goodbye(counter, _) => (Kind::Goodbye, counter.0),
            Message::Lines(lines) => (Kind::Lines, lines.first().number()),
            Message::Nack(counter, _) => (Kind::Nack, counter.0),
            Message::Ack(counter, _) => (Kind::Ack, counter.0),
            Message::HistoryRequest(counter, _) => (Kind::HistoryRequest, counter.0),
            Message::Notes(counter, _) => (Kind::Notes, counter.0),
        };
        out.clear();
        out.extend_from_slice(&Header { kind, flags: 0, room: self.room, author: self.author, number }.encode());
        match &self.message {
            Message::Beacon(_, beacon) => beacon.encode(out),
            Message::Goodbye(_, goodbye) => goodbye.encode(out),
            Message::Lines(lines) => lines.encode(out),
            Message::Nack(_, nack) => nack.encode(out),
            Message::Ack(_, ack) => ack.encode(out),
            Message::HistoryRequest(_, request) => request.encode(out),
            Message::Notes(_, notes) => notes.encode(out),
        }
    }
}

/// Appends a body to `out` in postcard.
pub(super) fn append<T: Serialize>(body: &T, out: &mut Vec<u8>) {
    // Extends in place, byte by byte, from a borrow, so that what stands in `out` already stays. It can fail only
    // for types whose length is not known beforehand, and there is none among the bodies.
    let written = postcard::to_extend(body, Appending(out));
    debug_assert!(written.is_ok(), "a body that postcard cannot write");
}

/// A `Vec` to be extended in place: postcard wants to own what it writes to.
struct Appending<'a>(&'a mut Vec<u8>);

impl Extend<u8> for Appending<'_> {
    fn extend<I: IntoIterator<Item = u8>>(&mut self, bytes: I) {
        self.0.extend(bytes);
    }
}

#[cfg(test)]
mod tests;

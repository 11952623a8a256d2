//! A whole datagram.

use alloc::vec::Vec;

use serde::Serialize;

use super::header::{Header, Kind};
use super::{
    Ack, Addresses, Beacon, Counter, Error, Goodbye, HistoryRequest, Lines, Nack, Notes, Ping, Pong, PrivateAck,
    PrivateLine, Room, RoomId, Run,
};
use crate::trust::PublicKey;

/// A datagram in which everything is legal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The room that it is meant for.
    pub room: RoomId,
    /// The run that wrote it; not always the one that sent it.
    pub author: Run,
    /// The key that signed it; `None` where nobody did, and then it may be anybody's.
    pub signer: Option<PublicKey>,
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
    /// What the author says to one reader alone.
    PrivateLine(Counter, PrivateLine<'a>),
    /// "I have what you said to me alone."
    PrivateAck(Counter, PrivateAck),
    /// "Are you there?"
    Ping(Counter, Ping),
    /// "I am."
    Pong(Counter, Pong),
    /// "These I hear, and there they are."
    Addresses(Counter, Addresses<'a>),
}

impl<'a> Message<'a> {
    pub(super) fn parse(header: &Header, room: &Room, body: &'a [u8]) -> Result<Self, Error> {
        let counter = Counter(header.number);
        Ok(match header.kind {
            Kind::Beacon => Self::Beacon(counter, Beacon::parse(header, room, body)?),
            Kind::Goodbye => Self::Goodbye(counter, Goodbye::parse(body)?),
            Kind::Lines => Self::Lines(Lines::parse(header.number, body)?),
            Kind::Nack => Self::Nack(counter, Nack::parse(body)?),
            Kind::Ack => Self::Ack(counter, Ack::parse(body)?),
            Kind::HistoryRequest => Self::HistoryRequest(counter, HistoryRequest::parse(body)?),
            Kind::Notes => Self::Notes(counter, Notes::parse(body)?),
            Kind::PrivateLine => Self::PrivateLine(counter, PrivateLine::parse(header, body)?),
            Kind::PrivateAck => Self::PrivateAck(counter, PrivateAck::parse(body)?),
            Kind::Ping => Self::Ping(counter, Ping::parse(body)?),
            Kind::Pong => Self::Pong(counter, Pong::parse(body)?),
            Kind::Addresses => Self::Addresses(counter, Addresses::parse(body)?),
        })
    }

    /// What stands in the header for what is said.
    pub(super) fn kind_and_number(&self) -> (Kind, u32) {
        match self {
            Self::Beacon(counter, _) => (Kind::Beacon, counter.0),
            Self::Goodbye(counter, _) => (Kind::Goodbye, counter.0),
            Self::Lines(lines) => (Kind::Lines, lines.first().number()),
            Self::Nack(counter, _) => (Kind::Nack, counter.0),
            Self::Ack(counter, _) => (Kind::Ack, counter.0),
            Self::HistoryRequest(counter, _) => (Kind::HistoryRequest, counter.0),
            Self::Notes(counter, _) => (Kind::Notes, counter.0),
            Self::PrivateLine(counter, _) => (Kind::PrivateLine, counter.0),
            Self::PrivateAck(counter, _) => (Kind::PrivateAck, counter.0),
            Self::Ping(counter, _) => (Kind::Ping, counter.0),
            Self::Pong(counter, _) => (Kind::Pong, counter.0),
            Self::Addresses(counter, _) => (Kind::Addresses, counter.0),
        }
    }

    /// The number by which it is told from the run's other messages; lines have numbers of their own.
    pub fn counter(&self) -> Option<Counter> {
        match self {
            Self::Lines(_) => None,
            _ => Some(Counter(self.kind_and_number().1)),
        }
    }

    pub(super) fn encode_body(&self, out: &mut Vec<u8>) {
        match self {
            Self::Beacon(_, beacon) => beacon.encode(out),
            Self::Goodbye(_, goodbye) => goodbye.encode(out),
            Self::Lines(lines) => lines.encode(out),
            Self::Nack(_, nack) => nack.encode(out),
            Self::Ack(_, ack) => ack.encode(out),
            Self::HistoryRequest(_, request) => request.encode(out),
            Self::Notes(_, notes) => notes.encode(out),
            Self::PrivateLine(_, line) => line.encode(out),
            Self::PrivateAck(_, ack) => ack.encode(out),
            Self::Ping(_, ping) => ping.encode(out),
            Self::Pong(_, pong) => pong.encode(out),
            Self::Addresses(_, addresses) => addresses.encode(out),
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

//! Bytes to datagrams and back: version 1 of the protocol, as cooee-protocol(7) describes it.
//!
//! A datagram is a header of 32 bytes, a body in [postcard](https://postcard.jamesmunns.com/wire-format) and, when it
//! is signed, a trailer of 96 bytes; in a sealed room, body and trailer are sealed. It has at most [`DATAGRAM_MAX`]
//! bytes in all. What stands in a body is decided by its kind: [`Beacon`], [`Goodbye`], [`Lines`], [`Nack`], [`Ack`],
//! [`HistoryRequest`], [`Notes`], [`PrivateLine`], [`PrivateAck`], [`Ping`], [`Pong`] or [`Addresses`].
//!
//! [`Envelope::parse`] and [`Envelope::open`] take any bytes and never panic, and give either a packet in which
//! everything is legal and of which the author is known, or the [`Error`] that names what is not.
//! [`Message::encode`] cannot fail, because the limits were checked where a [`Nick`] or a [`Text`] was made.

mod ack;
mod addresses;
mod beacon;
mod digest;
mod envelope;
mod error;
mod goodbye;
mod hash;
mod header;
mod heard;
mod history;
mod identity;
mod lines;
mod nack;
mod names;
mod numbers;
mod packet;
mod ping;
mod private;
mod profile;
mod room;
mod seq_range;

pub use ack::Ack;
pub use addresses::{Addresses, RunAddress};
pub use beacon::{Beacon, BeaconInterval};
pub use digest::Digest;
pub use envelope::{Envelope, parse};
pub use error::Error;
pub use goodbye::Goodbye;
pub use header::{DATAGRAM_MAX, HEADER_LEN, MAGIC, TRAILER_LEN, VERSION, version};
pub use heard::{Heard, Hears, Names};
pub use history::{Held, HistoryRequest, Notes, Wanted};
pub use identity::Identity;
pub use lines::{Line, Lines, Manner, NoSpace};
pub use nack::Nack;
pub use names::{HostName, NameError, Nick, Part, ProgramVersion, RoomName, Status, Text};
pub use numbers::{Counter, Epoch, PeerId, RoomId, Run, Seq};
pub use packet::{Message, Packet};
pub use ping::{Ping, PingToken, PingWay, Pong};
pub use private::{PrivateAck, PrivateLine, PrivateText};
pub use profile::Profile;
pub use room::{OpenRoom, Room};
pub use seq_range::SeqRange;

use crate::trust::SEAL_OVERHEAD;

/// The UDP port on which everybody listens: C-O-O-E-E on a phone's keys.
pub const PORT: u16 = 26633;

/// Most bytes of a body: what header, trailer and seal leave of a datagram, signed and sealed or not, so that whatever
/// can be said in one room can be said in every other.
pub const BODY_MAX: usize = DATAGRAM_MAX - HEADER_LEN - TRAILER_LEN - SEAL_OVERHEAD;

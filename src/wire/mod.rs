//! Bytes to datagrams and back: version 1 of the protocol, as cooee-protocol(7) describes it.
//!
//! A datagram is a [header](Packet) of 32 bytes, a body in [postcard](https://postcard.jamesmunns.com/wire-format)
//! and, when it is signed, a trailer of 96 bytes; at most [`DATAGRAM_MAX`] bytes in all. What stands in a body is
//! decided by its kind: [`Beacon`], [`Goodbye`], [`Lines`], [`Nack`], [`Ack`], [`HistoryRequest`] or [`Notes`].
//!
//! [`parse`] takes any bytes and never panics, never allocates, and gives either a packet in which everything is
//! legal or the [`Error`] that names what is not. [`Packet::encode`] cannot fail, because the limits were checked
//! where a [`Nick`] or a [`Text`] was made.

mod ack;
mod beacon;
mod digest;
mod error;
mod goodbye;
mod hash;
mod header;
mod heard;
mod history;
mod lines;
mod nack;
mod names;
mod numbers;
mod packet;
mod profile;
mod seq_range;

pub use ack::Ack;
pub use beacon::{Beacon, BeaconInterval};
pub use digest::Digest;
pub use error::Error;
pub use goodbye::Goodbye;
pub use header::{DATAGRAM_MAX, HEADER_LEN, MAGIC, TRAILER_LEN, VERSION};
pub use heard::Heard;
pub use history::{Held, HistoryRequest, Notes, Wanted};
pub use lines::{Line, Lines, Manner, NoSpace};
pub use nack::Nack;
pub use names::{HostName, NameError, Nick, Part, ProgramVersion, RoomName, Status, Text};
pub use numbers::{Counter, Epoch, PeerId, RoomId, Run, Seq};
pub use packet::{Message, Packet, parse};
pub use profile::Profile;
pub use seq_range::SeqRange;

/// The UDP port on which everybody listens: C-O-O-E-E on a phone's keys.
pub const PORT: u16 = 26633;

/// Most bytes of a body: what header and trailer leave of a datagram, signed or not, so that a body never has to
/// be cut when it gets signed.
pub const BODY_MAX: usize = DATAGRAM_MAX - HEADER_LEN - TRAILER_LEN;

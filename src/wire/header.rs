//! The 32 bytes that every datagram begins with.

use core::ops::Range;

use super::Error;
use super::numbers::{Epoch, PeerId, RoomId, Run};

/// The first 4 bytes of every datagram.
pub const MAGIC: [u8; 4] = *b"COOE";

/// The version of the protocol that this program speaks.
pub const VERSION: u8 = 1;

/// Bytes of a header.
pub const HEADER_LEN: usize = field::NUMBER.end;

/// Bytes of the trailer of a signed datagram: a public key of 32, a signature of 64.
pub const TRAILER_LEN: usize = 96;

/// Most bytes of a whole datagram. It leaves room for IPv6's and UDP's headers within IPv6's smallest MTU, 1,280
/// bytes (RFC 8200, section 5), so that no datagram is ever cut into fragments, of which each can get lost.
pub const DATAGRAM_MAX: usize = 1200;

/// Bit 0 of the flags: a trailer follows the body.
pub(super) const FLAG_SIGNED: u16 = 1 << 0;
/// Bit 1 of the flags: body and trailer are sealed.
pub(super) const FLAG_SEALED: u16 = 1 << 1;

/// Where each field lies. All numbers are in network byte order.
mod field {
    use super::Range;

    pub(super) const MAGIC: Range<usize> = 0..4;
    pub(super) const VERSION: usize = MAGIC.end;
    pub(super) const KIND: usize = VERSION + 1;
    pub(super) const FLAGS: Range<usize> = KIND + 1..KIND + 3;
    pub(super) const ROOM: Range<usize> = FLAGS.end..FLAGS.end + 8;
    pub(super) const PEER: Range<usize> = ROOM.end..ROOM.end + 8;
    pub(super) const EPOCH: Range<usize> = PEER.end..PEER.end + 4;
    pub(super) const NUMBER: Range<usize> = EPOCH.end..EPOCH.end + 4;
}

/// What a body holds; the number that stands for it in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Beacon = 1,
    Goodbye = 2,
    Lines = 3,
    Nack = 4,
    Ack = 5,
    HistoryRequest = 6,
    PrivateLine = 7,
    Notes = 8,
    PrivateAck = 9,
    Ping = 10,
    Pong = 11,
    Addresses = 12,
}

impl Kind {
    const ALL: [Self; 12] = [
        Self::Beacon,
        Self::Goodbye,
        Self::Lines,
        Self::Nack,
        Self::Ack,
        Self::HistoryRequest,
        Self::PrivateLine,
        Self::Notes,
        Self::PrivateAck,
        Self::Ping,
        Self::Pong,
        Self::Addresses,
    ];

    /// Whether nobody sends it unsigned: what is said to one alone is said by somebody.
    pub(super) const fn is_signed_by_all(self) -> bool {
        matches!(self, Self::PrivateLine | Self::PrivateAck)
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

/// The version of the protocol that a datagram is of: any version, as magic and version stand at its beginning for ever.
/// `None` for another program's.
pub fn version(datagram: &[u8]) -> Option<u8> {
    datagram.get(field::VERSION).copied().filter(|_| datagram.starts_with(&MAGIC))
}

/// A header that was let in: magic and version are right, the kind is known, the room is not yet looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) flags: u16,
    pub(super) room: RoomId,
    pub(super) author: Run,
    /// A line's seq, or a counter: the kind tells.
    pub(super) number: u32,
}

impl Header {
    /// Reads the header of a datagram.
    pub(super) fn parse(datagram: &[u8]) -> Result<Self, Error> {
        if datagram.len() > DATAGRAM_MAX {
            return Err(Error::Long);
        }
        let bytes = datagram.get(..HEADER_LEN).ok_or(Error::Short)?;
        if bytes[field::MAGIC] != MAGIC {
            return Err(Error::Magic);
        }
        if bytes[field::VERSION] != VERSION {
            return Err(Error::Version);
        }
        Ok(Self {
            kind: Kind::from_number(bytes[field::KIND]).ok_or(Error::Kind)?,
            flags: u16::from_be_bytes(array(&bytes[field::FLAGS])),
            room: RoomId(u64::from_be_bytes(array(&bytes[field::ROOM]))),
            author: Run {
                peer: PeerId(u64::from_be_bytes(array(&bytes[field::PEER]))),
                epoch: Epoch(u32::from_be_bytes(array(&bytes[field::EPOCH]))),
            },
            number: u32::from_be_bytes(array(&bytes[field::NUMBER])),
        })
    }

    pub(super) fn encode(&self) -> [u8; HEADER_LEN] {
        // Not zeros: a field that was forgotten would then show in the golden bytes.
        let mut bytes = [0xa5; HEADER_LEN];
        bytes[field::MAGIC].copy_from_slice(&MAGIC);
        bytes[field::VERSION] = VERSION;
        bytes[field::KIND] = self.kind as u8;
        bytes[field::FLAGS].copy_from_slice(&self.flags.to_be_bytes());
        bytes[field::ROOM].copy_from_slice(&self.room.0.to_be_bytes());
        bytes[field::PEER].copy_from_slice(&self.author.peer.0.to_be_bytes());
        bytes[field::EPOCH].copy_from_slice(&self.author.epoch.0.to_be_bytes());
        bytes[field::NUMBER].copy_from_slice(&self.number.to_be_bytes());
        bytes
    }
}

/// A field's bytes as an array. The ranges above are as long as the numbers that are read from them; a wrong one
/// would show in every test that parses anything.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}

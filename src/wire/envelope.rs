//! What surrounds a body: the header in front, the signature behind, and the seal around both.

use alloc::vec::Vec;

use super::header::{FLAG_SEALED, FLAG_SIGNED, HEADER_LEN, Header, Kind, TRAILER_LEN};
use super::{Error, Identity, Message, Packet, Room, RoomId, Run, Seq};
use crate::trust::{PublicKey, Random, Signature};

/// A datagram of which the header was read, and nothing else: enough to know whether more of it is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    header: Header,
    datagram: &'a [u8],
}

/// What was signed, and by whom: all that stands in front of the signature.
struct Signed<'a> {
    bytes: &'a [u8],
    key: PublicKey,
    signature: Signature,
}

impl Signed<'_> {
    fn is_valid(&self) -> bool {
        self.key.verifies(self.bytes, &self.signature)
    }
}

/// What of a datagram is checked besides that all of it is legal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    Signature,
    Nothing,
}

impl<'a> Envelope<'a> {
    /// Reads a datagram's header.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, Error> {
        let header = Header::parse(datagram)?;
        Ok(Self { header, datagram })
    }

    /// The room that it is meant for, as it says.
    pub const fn room(&self) -> RoomId {
        self.header.room
    }

    /// The run that wrote it, as it says.
    pub const fn author(&self) -> Run {
        self.header.author
    }

    /// Whether it is said to be sealed.
    pub const fn is_sealed(&self) -> bool {
        self.header.flags & FLAG_SEALED != 0
    }

    /// Whether it is said to be a beacon.
    pub fn is_beacon(&self) -> bool {
        self.header.kind == Kind::Beacon
    }

    /// Whether it is said to be a goodbye.
    pub fn is_goodbye(&self) -> bool {
        self.header.kind == Kind::Goodbye
    }

    /// The number of its first line, if it is said to be of lines.
    pub fn first_line(&self) -> Option<Seq> {
        Seq::new(self.header.number).filter(|_| self.header.kind == Kind::Lines)
    }

    /// Whether it takes long to be opened: it is signed or sealed.
    pub const fn is_costly(&self) -> bool {
        self.header.flags & (FLAG_SIGNED | FLAG_SEALED) != 0
    }

    /// Reads a datagram of this room, and checks who wrote it. What the packet holds is borrowed from the datagram or,
    /// if it was sealed, from `scratch`, of which what it held before is lost.
    ///
    /// Total and pure: any bytes give a packet in which everything is legal, or an error.
    ///
    /// # Errors
    /// The first thing that is wrong with it; whether the signature is right is looked at last, as that costs most.
    pub fn open<'b>(&self, room: &Room, scratch: &'b mut Vec<u8>) -> Result<Packet<'b>, Error>
    where
        'a: 'b,
    {
        self.read(room, self.unseal(room, scratch)?, Check::Signature)
    }

    /// Reads a datagram once more that was [opened](Self::open) before: its signature is not checked again.
    ///
    /// # Errors
    /// None, for a datagram that was opened before and is the same to the byte.
    pub fn reopen<'b>(&self, room: &Room, scratch: &'b mut Vec<u8>) -> Result<Packet<'b>, Error>
    where
        'a: 'b,
    {
        self.read(room, self.unseal(room, scratch)?, Check::Nothing)
    }

    /// The datagram without its seal.
    fn unseal<'b>(&self, room: &Room, scratch: &'b mut Vec<u8>) -> Result<&'b [u8], Error>
    where
        'a: 'b,
    {
        match (room, self.is_sealed()) {
            (Room::Open(_), false) => Ok(self.datagram),
            (Room::Open(_), true) => Err(Error::Sealed),
            (Room::Sealed(_), false) => Err(Error::Unsealed),
            (Room::Sealed(key), true) => {
                let (header, sealed) = self.datagram.split_at(HEADER_LEN);
                scratch.clear();
                scratch.extend_from_slice(header);
                if key.open(header, sealed, scratch) { Ok(scratch) } else { Err(Error::Seal) }
            }
        }
    }

    fn read<'b>(&self, room: &Room, unsealed: &'b [u8], check: Check) -> Result<Packet<'b>, Error> {
        let Header { room: id, author, flags, .. } = self.header;
        let (body, signed) = if flags & FLAG_SIGNED == 0 { (&unsealed[HEADER_LEN..], None) } else { split(unsealed)? };
        let signer = signed.as_ref().map(|signed| signed.key);
        match signer {
            Some(key) if room.peer_id(&key) != author.peer => return Err(Error::PeerId),
            None if author.peer.is_signed() || room.is_sealed() || self.header.kind.is_signed_by_all() => {
                return Err(Error::Unsigned);
            }
            _ => {}
        }
        let message = Message::parse(&self.header, room, body)?;
        match signed {
            Some(signed) if check == Check::Signature && !signed.is_valid() => Err(Error::Signature),
            _ => Ok(Packet { room: id, author, signer, message }),
        }
    }
}

/// Reads a datagram of an open room, whichever it is, and checks who wrote it.
///
/// # Errors
/// As for [`Envelope::open`]; what is sealed is refused.
pub fn parse(datagram: &[u8]) -> Result<Packet<'_>, Error> {
    let envelope = Envelope::parse(datagram)?;
    if envelope.is_sealed() {
        return Err(Error::Sealed);
    }
    envelope.read(&Room::unnamed(envelope.room()), datagram, Check::Signature)
}

/// Splits a datagram that is said to be signed into its body and what is about its signature.
fn split(datagram: &[u8]) -> Result<(&[u8], Option<Signed<'_>>), Error> {
    let (bytes, signature) = datagram.split_last_chunk::<{ Signature::LEN }>().ok_or(Error::Trailer)?;
    let (before, key) = bytes.split_last_chunk::<{ PublicKey::LEN }>().ok_or(Error::Trailer)?;
    let body = before.get(HEADER_LEN..).ok_or(Error::Trailer)?;
    Ok((body, Some(Signed { bytes, key: PublicKey(*key), signature: Signature(*signature) })))
}

impl Message<'_> {
    /// Writes the datagram over what `out` held, signed and sealed as author and room want it: at most
    /// [`DATAGRAM_MAX`](super::DATAGRAM_MAX) bytes. What is sealed takes a nonce from `random`.
    pub fn encode(&self, author: &Identity, room: &Room, random: &mut Random, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.header(author, room).encode());
        self.encode_body(out);
        if let Identity::Signed { key, .. } = author {
            out.extend_from_slice(&key.public().0);
            let signature = key.sign(out);
            out.extend_from_slice(&signature.0);
        }
        if let Room::Sealed(key) = room {
            key.seal(out, HEADER_LEN, random);
        }
    }

    fn header(&self, author: &Identity, room: &Room) -> Header {
        let signed = if matches!(author, Identity::Signed { .. }) { FLAG_SIGNED } else { 0 };
        let sealed = if room.is_sealed() { FLAG_SEALED } else { 0 };
        let (kind, number) = self.kind_and_number();
        Header { kind, flags: signed | sealed, room: room.id(), author: author.run(), number }
    }
}

const _: () = assert!(TRAILER_LEN == PublicKey::LEN + Signature::LEN);

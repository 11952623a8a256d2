//! The datagrams of what is said to one reader alone.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::header::{FLAG_SEALED, FLAG_SIGNED, HEADER_LEN, Header, Kind};
use super::numbers::{Epoch, PeerId};
use super::packet::append;
use super::{Counter, Error, Identity, Manner, Nick, Part, Room, Run, Seq};
use crate::time::UnixMillis;
use crate::trust::{PRIVATE_OVERHEAD, PublicKey, Random, SecretKey, seal_to, unseal};

/// A line that only its reader can read. Who says it, to whom, when and how much, others see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateLine<'a> {
    /// The run that is to read it.
    pub reader: Run,
    /// What is bound to it without being sealed: the header, and the reader.
    clear: [u8; CLEAR_LEN],
    sealed: Cow<'a, [u8]>,
}

/// What a private line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateText<'a> {
    /// Its number among what its author's run says to its reader's.
    pub seq: Seq,
    /// How it is meant.
    pub manner: Manner,
    /// When it was said, by the author's clock.
    pub time: UnixMillis,
    /// The name that the author goes by.
    pub nick: Nick<'a>,
    /// What it says.
    pub part: Part<'a>,
}

/// "I have what you said to me alone, up to this line."
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateAck {
    /// Who said it.
    pub author: Run,
    /// Up to which line.
    pub up_to: Seq,
}

/// Bytes of the header, and of the reader's peer id and epoch as a header has them.
const CLEAR_LEN: usize = HEADER_LEN + 12;

/// What precedes what is sealed, which goes up to the body's end.
#[derive(Serialize, Deserialize)]
struct Head {
    peer: u64,
    epoch: u32,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Content<'a> {
    flags: u8,
    seq: u32,
    time_ms: u64,
    nick: &'a str,
    text: &'a str,
}

#[derive(Serialize, Deserialize)]
struct AckBody {
    peer: u64,
    epoch: u32,
    up_to: u32,
}

impl<'a> PrivateLine<'a> {
    /// Seals a text to the run of whoever has this key. `None` where the author does not sign, as anybody could pass
    /// for him then, or where the key is none.
    pub fn seal(
        text: &PrivateText<'_>,
        counter: Counter,
        author: &Identity,
        room: &Room,
        (reader, key): (Run, &PublicKey),
        random: &mut Random,
    ) -> Option<PrivateLine<'static>> {
        author.public_key()?;
        let flags = FLAG_SIGNED | if room.is_sealed() { FLAG_SEALED } else { 0 };
        let header =
            Header { kind: Kind::PrivateLine, flags, room: room.id(), author: author.run(), number: counter.0 };
        let (clear, mut sealed) = (clear(&header, reader), Vec::new());
        let sealed_well = seal_to(key, &clear, &text.encode(), random, &mut sealed);
        sealed_well.then_some(PrivateLine { reader, clear, sealed: Cow::Owned(sealed) })
    }

    /// Opens what was sealed to this key, into bytes that [`PrivateText::parse`] reads; `None` where it was sealed to
    /// another one, or is not as it was.
    pub fn unseal(&self, key: &SecretKey) -> Option<Vec<u8>> {
        unseal(key, &self.clear, &self.sealed)
    }

    pub(super) fn parse(header: &Header, bytes: &'a [u8]) -> Result<Self, Error> {
        let (head, sealed) = postcard::take_from_bytes::<Head>(bytes)?;
        if sealed.len() < PRIVATE_OVERHEAD {
            return Err(Error::Truncated);
        }
        let reader = Run { peer: PeerId(head.peer), epoch: Epoch(head.epoch) };
        Ok(Self { reader, clear: clear(header, reader), sealed: Cow::Borrowed(sealed) })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        append(&Head { peer: self.reader.peer.0, epoch: self.reader.epoch.0 }, out);
        out.extend_from_slice(&self.sealed);
    }
}

fn clear(header: &Header, reader: Run) -> [u8; CLEAR_LEN] {
    let mut clear = [0; CLEAR_LEN];
    let (head, rest) = clear.split_at_mut(HEADER_LEN);
    let (peer, epoch) = rest.split_at_mut(8);
    head.copy_from_slice(&header.encode());
    peer.copy_from_slice(&reader.peer.0.to_be_bytes());
    epoch.copy_from_slice(&reader.epoch.0.to_be_bytes());
    clear
}

impl<'a> PrivateText<'a> {
    /// Reads what was sealed.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let (content, rest) = postcard::take_from_bytes::<Content<'a>>(bytes)?;
        if !rest.is_empty() {
            return Err(Error::TrailingBytes);
        }
        Ok(Self {
            seq: Seq::new(content.seq).ok_or(Error::Seq)?,
            manner: Manner::from_flags(content.flags),
            time: UnixMillis(content.time_ms),
            nick: Nick::new(content.nick).map_err(|_| Error::Nick)?,
            part: Part::new(content.text).map_err(|_| Error::Text)?,
        })
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let content = Content {
            flags: self.manner.flags(),
            seq: self.seq.number(),
            time_ms: self.time.0,
            nick: self.nick.as_str(),
            text: self.part.as_str(),
        };
        append(&content, &mut out);
        out
    }
}

impl PrivateAck {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let (body, rest) = postcard::take_from_bytes::<AckBody>(bytes)?;
        if !rest.is_empty() {
            return Err(Error::TrailingBytes);
        }
        let author = Run { peer: PeerId(body.peer), epoch: Epoch(body.epoch) };
        Ok(Self { author, up_to: Seq::new(body.up_to).ok_or(Error::Seq)? })
    }

    pub(super) fn encode(self, out: &mut Vec<u8>) {
        let Self { author, up_to } = self;
        append(&AckBody { peer: author.peer.0, epoch: author.epoch.0, up_to: up_to.number() }, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::RoomKey;
    use crate::wire::{DATAGRAM_MAX, Envelope, Message, RoomId};

    fn identity(number: u8, room: &Room) -> (SecretKey, Identity) {
        let key = SecretKey::from_bytes(&[number; 32]);
        (key.clone(), Identity::signed(key, Epoch(number.into()), room))
    }

    fn text(part: &str) -> PrivateText<'_> {
        PrivateText {
            seq: Seq::LAST,
            manner: Manner { action: true, ..Manner::default() },
            time: UnixMillis(u64::MAX),
            nick: Nick::new("n".repeat(Nick::MAX)).unwrap(),
            part: Part::new(part).unwrap(),
        }
    }

    #[test]
    fn the_longest_private_line_fits_and_only_its_reader_reads_it() {
        for room in [Room::unnamed(RoomId(1)), Room::Sealed(RoomKey::derive(b"magpie", "lab"))] {
            let [(_, alice), (bob_key, bob), (carol_key, _)] = [1, 2, 3].map(|number| identity(number, &room));
            let long = "x".repeat(Part::MAX);
            let (counter, mut random) = (Counter(u32::MAX), Random::new(1.into()));
            let reader = (Run { epoch: Epoch(u32::MAX), ..bob.run() }, &bob_key.public());
            let line = PrivateLine::seal(&text(&long), counter, &alice, &room, reader, &mut random).unwrap();
            let (mut bytes, mut scratch) = (Vec::new(), Vec::new());
            Message::PrivateLine(counter, line.clone()).encode(&alice, &room, &mut random, &mut bytes);
            assert!(bytes.len() <= DATAGRAM_MAX, "{} bytes", bytes.len());

            let packet = Envelope::parse(&bytes).unwrap().open(&room, &mut scratch).unwrap();
            assert_eq!(packet.message, Message::PrivateLine(counter, line.clone()));
            let Message::PrivateLine(_, read) = packet.message else { unreachable!() };
            let content = read.unseal(&bob_key).unwrap();
            assert_eq!(PrivateText::parse(&content), Ok(text(&long)));
            assert_eq!(read.unseal(&carol_key), None);

            // Somebody else signs it as his own, or for another reader, without knowing what it says.
            let (_, carol) = identity(3, &room);
            Message::PrivateLine(counter, line.clone()).encode(&carol, &room, &mut random, &mut bytes);
            let stolen = Envelope::parse(&bytes).unwrap().open(&room, &mut scratch).unwrap();
            let Message::PrivateLine(_, stolen) = stolen.message else { unreachable!() };
            assert_eq!(stolen.unseal(&bob_key), None);
        }
    }

    #[test]
    fn who_does_not_sign_says_nothing_in_private() {
        let room = Room::unnamed(RoomId(1));
        let (key, bob) = identity(2, &room);
        let nobody = Identity::Unsigned(Run { peer: PeerId::unsigned(1), epoch: Epoch(1) });
        let reader = (bob.run(), &key.public());
        assert_eq!(PrivateLine::seal(&text("x"), Counter(1), &nobody, &room, reader, &mut Random::new(1.into())), None);
    }

    #[test]
    fn what_was_sealed_wrongly_is_refused() {
        let parse = |flags_to_time: &[u8], rest: &[u8]| PrivateText::parse(&[flags_to_time, rest].concat()).map(|_| ());
        assert_eq!(parse(&[0, 1, 0], b"\x01n\x01x"), Ok(()));
        assert_eq!(parse(&[0, 0, 0], b"\x01n\x01x"), Err(Error::Seq));
        assert_eq!(parse(&[0, 1, 0], b"\x00\x01x"), Err(Error::Nick));
        assert_eq!(parse(&[0, 1, 0], b"\x01n\x00"), Err(Error::Text));
        assert_eq!(parse(&[0, 1, 0], b"\x01n\x01xy"), Err(Error::TrailingBytes));
        assert_eq!(parse(&[0, 1], b""), Err(Error::Truncated));
    }
}

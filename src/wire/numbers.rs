//! The numbers of the header, each a type of its own so that none is taken for another.

use core::fmt;
use core::num::NonZeroU32;

use sha2::{Digest, Sha256};

use super::RoomName;

/// Names an installation of cooee. Shown as 16 hex digits.
///
/// Its highest bit tells whether it belongs to a key. Those who sign have the first 8 bytes of a hash of their public key
/// with that bit set; those who do not have drawn theirs, and it is not set. So whatever an unsigned datagram says, it
/// cannot be about a run that signs, and nobody has to remember who does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u64);

impl PeerId {
    const SIGNED: u64 = 1 << 63;

    /// The id that the first 8 bytes of a key's hash make.
    pub const fn of_hash(hash: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(hash) | Self::SIGNED)
    }

    /// The id of somebody without a key, made of any number.
    pub const fn unsigned(number: u64) -> Self {
        Self(number & !Self::SIGNED)
    }

    /// Whether it belongs to a key: nothing is its own but what that key has signed.
    pub const fn is_signed(self) -> bool {
        self.0 & Self::SIGNED != 0
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Drawn at random at each start. Shown as 8 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u32);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// One start of one installation, until it ends: what two terminals of one user differ in, and the only thing by
/// which anybody, also oneself, is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run {
    /// The installation.
    pub peer: PeerId,
    /// The start of it.
    pub epoch: Epoch,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.peer, self.epoch)
    }
}

/// Names a room on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId(pub u64);

impl RoomId {
    /// No room, but the question which rooms there are: all members of open rooms take it in. That a name is hashed into
    /// it is as likely as that two rooms have one id.
    pub const ANY: Self = Self(0);

    /// The id of an open room: the first 8 bytes of SHA-256 over its name, as a big-endian number.
    pub fn of(name: &RoomName<'_>) -> Self {
        Self(u64::from_be_bytes(first_8_of_sha_256(name.as_str().as_bytes())))
    }
}

/// The first 8 bytes of SHA-256 over these.
pub(super) fn first_8_of_sha_256(bytes: &[u8]) -> [u8; 8] {
    let hash = Sha256::digest(bytes);
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    first
}

/// A line's number among its author's lines, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(NonZeroU32);

impl Seq {
    /// The number of a run's first line.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The highest number that there can be.
    pub const LAST: Self = Self(NonZeroU32::MAX);

    /// `None` for 0, which on the wire means: no line yet.
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number, from 1.
    pub const fn number(self) -> u32 {
        self.0.get()
    }

    /// The number before; `None` for the first.
    pub const fn before(self) -> Option<Self> {
        Self::new(self.0.get() - 1)
    }

    /// The number `count` further on; `None` past the last there is.
    pub const fn after(self, count: u32) -> Option<Self> {
        match self.0.checked_add(count) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Counts a run's datagrams that are not lines, so that an old one that comes late is known as old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counter(pub u32);

impl Counter {
    /// The next one. After 2^32 - 1 it stays there: at one datagram a second that is 136 years.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lobby_has_the_id_that_the_manual_gives() {
        let lobby = RoomName::new("lobby").unwrap();
        assert_eq!(RoomId::of(&lobby), RoomId(0x4b5d_c076_e7b9_c122), "{:016x}", RoomId::of(&lobby).0);
    }

    #[test]
    fn no_id_of_a_key_is_one_without() {
        assert!(PeerId::of_hash([0; 8]).is_signed() && !PeerId::unsigned(u64::MAX).is_signed());
        assert_eq!(PeerId::of_hash([0x80, 0, 0, 0, 0, 0, 0, 1]), PeerId::of_hash([0, 0, 0, 0, 0, 0, 0, 1]));
    }

    #[test]
    fn there_is_no_line_0_and_none_past_the_last() {
        assert_eq!(Seq::new(0), None);
        assert_eq!((Seq::FIRST.before(), Seq::FIRST.after(1)), (None, Seq::new(2)));
        assert_eq!(Seq::new(u32::MAX).unwrap().after(1), None);
    }
}

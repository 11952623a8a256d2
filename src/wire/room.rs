//! Who hears each other.

use super::numbers::first_8_of_sha_256;
use super::{PeerId, RoomId, RoomName};
use crate::trust::{PublicKey, RoomKey};

/// A room: whoever is in it hears what is said there.
#[derive(Clone, Debug)]
pub enum Room {
    /// Everybody can be in it who knows its name, and everybody on the LAN can read along.
    Open(OpenRoom),
    /// Only who knows its passphrase can be in it, and can read anything.
    Sealed(RoomKey),
}

/// A room without a passphrase, by its id and, where that is known, its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRoom {
    id: RoomId,
    name: Option<RoomName<'static>>,
}

impl Room {
    /// The open room of this name.
    pub fn open(name: &RoomName<'_>) -> Self {
        Self::Open(OpenRoom { id: RoomId::of(name), name: Some(name.clone().into_owned()) })
    }

    /// The open room of this id, of which the name is not known: enough to read what is said there.
    pub const fn unnamed(id: RoomId) -> Self {
        Self::Open(OpenRoom { id, name: None })
    }

    /// The sealed room of this name and passphrase. It takes a while: see [`RoomKey::derive`].
    pub fn sealed(name: &RoomName<'_>, passphrase: &[u8]) -> Self {
        Self::Sealed(RoomKey::derive(passphrase, name.as_str()))
    }

    /// What it is called on the wire.
    pub const fn id(&self) -> RoomId {
        match self {
            Self::Open(room) => room.id,
            Self::Sealed(key) => RoomId(u64::from_be_bytes(key.id())),
        }
    }

    /// What an installation is called in this room: the first 8 bytes of SHA-256 over its public key, the highest bit
    /// set. In a sealed room something secret is hashed in front of the key, so that outsiders do not know by its name
    /// in another room who it is.
    pub fn peer_id(&self, key: &PublicKey) -> PeerId {
        PeerId::of_hash(match self {
            Self::Open(_) => first_8_of_sha_256(&key.0),
            Self::Sealed(room) => room.peer_id(key),
        })
    }

    /// What its members announce that it is called: nothing, if it is sealed.
    pub const fn announced_name(&self) -> Option<&RoomName<'static>> {
        match self {
            Self::Open(room) => room.name.as_ref(),
            Self::Sealed(_) => None,
        }
    }

    /// Whether only those who know a passphrase can be in it.
    pub const fn is_sealed(&self) -> bool {
        matches!(self, Self::Sealed(_))
    }
}

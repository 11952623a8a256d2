//! As whom a run writes.

use super::{Epoch, Room, Run};
use crate::trust::{PublicKey, SecretKey};

/// As whom a run writes.
#[derive(Clone, Debug)]
pub enum Identity {
    /// It signs all that it says.
    Signed {
        /// With this key.
        key: SecretKey,
        /// The run that it is in its room.
        run: Run,
    },
    /// It signs nothing, as a small program may do: others show it as unverified.
    Unsigned(Run),
}

impl Identity {
    /// A run of the installation with this key, in this room.
    pub fn signed(key: SecretKey, epoch: Epoch, room: &Room) -> Self {
        let run = Run { peer: room.peer_id(&key.public()), epoch };
        Self::Signed { key, run }
    }

    /// The run that it is.
    pub const fn run(&self) -> Run {
        match self {
            Self::Signed { run, .. } | Self::Unsigned(run) => *run,
        }
    }

    /// The key by which others know it.
    pub fn public_key(&self) -> Option<PublicKey> {
        match self {
            Self::Signed { key, .. } => Some(key.public()),
            Self::Unsigned(_) => None,
        }
    }
}

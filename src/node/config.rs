//! What a node is told about itself.

use crate::time::UnixMillis;
use crate::wire::{Profile, RoomName, Run};

/// Who this run is. It is drawn by whoever makes the node, because a node has no randomness of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity(pub Run);

/// What this run tells of itself, and the room that it is in.
#[derive(Clone, Debug)]
pub struct Config {
    /// What others are to show of it.
    pub profile: Profile<'static>,
    /// The room; datagrams of others are passed over.
    pub room: RoomName<'static>,
    /// Whether others shall list it.
    pub role: Role,
    /// How many lines that were said before it came it wants to be told.
    pub history: u32,
    /// The UDP port on which it takes unicast.
    pub port: u16,
    /// When it started, by the wall clock.
    pub started: UnixMillis,
}

/// Whether a run is one of the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It reads what is said, and others list it.
    Member,
    /// It asks or speaks and goes: it is answered but not listed, sends no beacons but its first hellos, and needs
    /// no goodbye. Otherwise each look at who is there would show up in everybody's chat as a coming and going.
    Visitor,
}

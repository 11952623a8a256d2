//! What a node is told about itself.

use crate::time::UnixMillis;
use crate::wire::{Profile, Room};

/// What this run tells of itself, and the room that it is in.
#[derive(Clone, Debug)]
pub struct Config {
    /// What others are to show of it.
    pub profile: Profile<'static>,
    /// The room; datagrams of others are passed over.
    pub room: Room,
    /// Whether others shall list it.
    pub role: Role,
    /// What becomes of peers who do not sign what they say.
    pub unverified: Unverified,
    /// How many lines that were said before it came it wants to be told.
    pub history: u32,
    /// The UDP port on which it takes unicast.
    pub port: u16,
    /// When it started, by the wall clock.
    pub started: UnixMillis,
}

/// What becomes of those who do not sign what they say: anybody can pass for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// They are heard like all others; a sealed room is closed to them.
    Welcome,
    /// They are not heard.
    KeptOut,
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

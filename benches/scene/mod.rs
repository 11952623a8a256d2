//! What is measured: runs that say something, and one that hears them. Nothing in it is left to chance or to a clock, so
//! that the same happens each time.

mod author;
mod hearer;
mod sample;

use cooee::wire::{Room, RoomName};

pub(crate) use self::author::{Author, LINES_OF_A_FULL_DATAGRAM, Signing, key};
pub(crate) use self::hearer::{Came, Hearer};
pub(crate) use self::sample::{KINDS, junk, packet};

/// The open room in which all of it happens.
pub(crate) fn lobby() -> Room {
    Room::open(&RoomName::new("lobby").unwrap())
}

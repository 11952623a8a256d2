//! What a LAN does to datagrams, and what runs on it.

use std::ops::Range;

use cooee::node::{LinkId, Role};
use cooee::trust::{RoomKey, SecretKey};
use cooee::wire::{Epoch, Identity, PeerId, Room, Run};

/// The link by which every host is on the LAN.
pub(crate) const CABLE: LinkId = LinkId(1);
/// A second card of every host on the same LAN, where [`Weather::two_cards`] says so.
pub(crate) const SECOND_CABLE: LinkId = LinkId(2);

/// What the LAN does to datagrams.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    /// The share of datagrams that get lost, drawn apart for each receiver.
    pub(crate) loss: f64,
    /// How long they take, in microseconds; drawn apart for each, so a wide range reorders.
    pub(crate) delay: Range<u64>,
    /// The share that comes twice.
    pub(crate) twice: f64,
    /// Every host has two cards: what is broadcast goes and comes by both.
    pub(crate) two_cards: bool,
    /// Unicast gets through; else firewalls stop it.
    pub(crate) unicast: bool,
}

impl Weather {
    /// A cable: nothing is lost, all takes 50 to 150 µs.
    pub(crate) const FAIR: Self = Self { loss: 0.0, delay: 50..150, twice: 0.0, two_cards: false, unicast: true };

    /// The same with a share of the datagrams lost.
    pub(crate) fn losing(loss: f64) -> Self {
        Self { loss, ..Self::FAIR }
    }
}

/// What a run is, when it starts.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    /// The installation; two hosts may be the same.
    pub(crate) installation: u64,
    /// Whether it signs what it says.
    pub(crate) signs: bool,
    /// The name it goes by; any number of hosts may go by the same.
    pub(crate) nick: String,
    /// Listed by others or not.
    pub(crate) role: Role,
    /// The room that it is in.
    pub(crate) room: &'static str,
    /// What seals it, where it is sealed: then the name does not count.
    pub(crate) sealed_by: Option<RoomKey>,
    /// Lines of history that it wants.
    pub(crate) history: u32,
}

impl Start {
    /// A member of the lobby that goes by `host-N`.
    pub(crate) fn member(host: usize) -> Self {
        Self {
            installation: host as u64,
            signs: false,
            nick: format!("host-{host}"),
            role: Role::Member,
            room: "lobby",
            sealed_by: None,
            history: 0,
        }
    }

    /// As whom it writes.
    pub(crate) fn identity(&self, epoch: Epoch, room: &Room) -> Identity {
        if !self.signs {
            return Identity::Unsigned(Run { peer: PeerId::unsigned(self.installation), epoch });
        }
        let mut key = [0; SecretKey::LEN];
        key[..8].copy_from_slice(&self.installation.to_be_bytes());
        Identity::signed(SecretKey::from_bytes(&key), epoch, room)
    }

    /// One who speaks and goes.
    pub(crate) fn visitor(host: usize) -> Self {
        Self { role: Role::Visitor, ..Self::member(host) }
    }
}

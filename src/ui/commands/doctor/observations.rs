//! What was observed: of this machine, of its links and of whoever is heard. Plain data, from which the findings
//! follow without any further look at the world.

use std::net::IpAddr;
use std::time::Duration;

use cooee::net::{Interface, ReceiveBuffer};
use cooee::node::Peer;

use super::machine::{Firewall, Gateway, Sockets};
use crate::ui::safe::Safe;

/// All that was observed.
#[derive(Debug)]
pub(super) struct Observations {
    pub(super) asked: Asked,
    /// All interfaces of the machine; or why they are not known.
    pub(super) interfaces: Result<Vec<Interface>, String>,
    /// The links in use; none where no run could be started.
    pub(super) links: Vec<ObservedLink>,
    pub(super) port: PortState,
    /// Who else on this machine has sockets.
    pub(super) sockets: Sockets,
    /// What this machine has dropped of what came for runs.
    pub(super) drops: Drops,
    pub(super) firewall: Firewall,
    pub(super) gateways: Vec<Gateway>,
    /// Those of the room, on this machine or another.
    pub(super) peers: Vec<ObservedPeer>,
    /// Who is heard, and hears nothing of this run.
    pub(super) one_way: Vec<ObservedPeer>,
    /// Who was given to be called beyond the subnet.
    pub(super) remote: Vec<ObservedRemote>,
    /// Other rooms in which somebody is.
    pub(super) rooms: Vec<OtherRoom>,
    /// So many are heard on the usual port, where another one was asked for.
    pub(super) on_usual_port: usize,
    /// Who speaks another version of the protocol.
    pub(super) versions: Vec<OtherVersion>,
}

/// What the user has asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) port: u16,
    /// `room lobby`, or `sealed room lobby`.
    pub(super) room: String,
    pub(super) sealed: bool,
    /// Whether interfaces were named.
    pub(super) interfaces: bool,
}

/// A link in use.
#[derive(Clone, Debug)]
pub(super) struct ObservedLink {
    pub(super) interface: String,
    pub(super) address: IpAddr,
    pub(super) prefix: u8,
    /// Where goes what shall reach everybody.
    pub(super) everybody: IpAddr,
    /// The longest IP packet in bytes, where the system tells.
    pub(super) mtu: Option<u32>,
    pub(super) echo: Echo,
}

impl ObservedLink {
    /// `eth0 192.0.2.1/24`.
    pub(super) fn named(&self) -> String {
        format!("{} {}/{}", Safe::name(&self.interface, "?"), self.address, self.prefix)
    }
}

/// What became of the own broadcasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Echo {
    /// None was sent: no run could be started.
    NotTried,
    /// They came back.
    CameBack,
    /// They went out, and never came back.
    Lost,
    /// They could not be sent.
    NotSent(SendProblem),
}

/// Why nothing could be sent, as far as it leads to different remedies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SendProblem {
    /// The system does not permit it: a rule of its firewall says no.
    NotPermitted,
    /// There is no way to the address.
    NoRoute,
    Other(std::io::ErrorKind),
}

/// What became of the shared port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PortState {
    /// It was not tried: no run could be started for another reason.
    NotTried,
    /// It is open, and so is this one for unicast.
    Open { unicast: u16 },
    /// Another program has it and does not share it.
    Held,
    /// It cannot be had, and this is why.
    Unusable(String),
}

/// Datagrams that this machine has dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Drops {
    /// How many, for any of the runs that are there, since each was started; 0 where the system does not tell.
    pub(super) datagrams: u64,
    /// What a run has; `None` where none could be started.
    pub(super) buffer: Option<ReceiveBuffer>,
}

/// Somebody who is heard.
#[derive(Clone, Debug)]
pub(super) struct ObservedPeer {
    pub(super) name: Safe,
    pub(super) peer: Peer,
    /// The interface by which he is heard.
    pub(super) interface: String,
    /// Whether he is another run of this machine: of the LAN he proves nothing.
    pub(super) is_here: bool,
    pub(super) unicast: Ping,
    pub(super) broadcast: Ping,
    /// Whether he hears this run; `None` where he has not told.
    pub(super) hears_us: Option<bool>,
    /// How far his clock is ahead of this machine's, in milliseconds; negative where it is behind.
    pub(super) clock_ahead_ms: Option<i64>,
}

/// Somebody beyond the subnet who was to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ObservedRemote {
    /// The address or the name, as it was given.
    pub(super) given: String,
    pub(super) outcome: RemoteOutcome,
}

/// What became of calling somebody beyond the subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RemoteOutcome {
    /// Where he is was still being looked up.
    NotTried,
    /// His name leads nowhere, and this is what the system says.
    NotFound(String),
    /// Nothing could be sent to where he is, and this is what the system says.
    NotSent(String),
    /// He was called, and nothing came.
    Silent,
    /// He is heard.
    Answers,
}

/// What became of asking somebody to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ping {
    /// He was not asked: there are too many.
    NotAsked,
    Answered(Duration),
    Lost,
}

/// A room that is not the own one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OtherRoom {
    /// Its name; a sealed one tells none.
    pub(super) name: Option<String>,
    pub(super) peers: usize,
}

/// Who speaks another version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OtherVersion {
    pub(super) version: u8,
    pub(super) from: IpAddr,
}

impl Observations {
    /// The peers of other machines.
    pub(super) fn others(&self) -> impl Iterator<Item = &ObservedPeer> {
        self.peers.iter().filter(|peer| !peer.is_here)
    }

    /// Whether anybody was heard in any way, on another machine.
    pub(super) fn hears_anybody(&self) -> bool {
        self.others().next().is_some() || !self.one_way.is_empty()
    }
}

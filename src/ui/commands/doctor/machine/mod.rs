//! What the system tells of itself: its firewall, who has a port, the gateway, how long a packet may be. It is only
//! asked, and nothing of it is changed. Reading stands apart from making sense of what was read.

pub(super) mod firewall;
#[cfg(target_os = "linux")]
mod gateway;
pub(super) mod mtu;
#[cfg(target_os = "linux")]
mod port_holder;
mod programs;

use std::net::Ipv4Addr;

pub(super) use self::firewall::Firewall;
use crate::ui::safe::Safe;

/// Who on this machine has sockets that matter, this program left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sockets {
    /// Programs that have the shared port, as far as the system tells.
    pub(super) on_port: Vec<Holder>,
    /// Runs of this program on other ports.
    pub(super) elsewhere: Vec<Elsewhere>,
}

/// A program that has a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) name: Safe,
    pub(super) pid: i32,
    /// Whether it is called as this one is.
    pub(super) is_cooee: bool,
}

/// A run of this program on another port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Elsewhere {
    pub(super) pid: i32,
    /// The lowest of its ports, which is the shared one.
    pub(super) port: u16,
}

/// A router by which a link leads on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gateway {
    pub(super) interface: String,
    pub(super) address: Ipv4Addr,
    /// Whether it has told its hardware address: a datagram by unicast reaches it, and its answer this machine.
    pub(super) answers: bool,
}

/// Who else has sockets. Where the system tells nothing, nobody is known.
#[cfg(target_os = "linux")]
pub(super) use self::port_holder::sockets;

/// The routers of these interfaces, each of them tried.
#[cfg(target_os = "linux")]
pub(super) use self::gateway::gateways;

/// The system is not asked: nobody is known.
#[cfg(not(target_os = "linux"))]
pub(super) fn sockets(_: u16) -> Sockets {
    Sockets::default()
}

/// The system is not asked: none is known.
#[cfg(not(target_os = "linux"))]
pub(super) fn gateways(_: &[cooee::net::Interface]) -> Vec<Gateway> {
    Vec::new()
}

//! The ways onto LANs, as far as a node sees them: which one, and no more.

use core::net::{IpAddr, SocketAddr};

/// Names one link for as long as it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u32);

/// One way onto a LAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Which one.
    pub id: LinkId,
    /// This run's own address there. Others send to it, so another one has to be made known.
    pub address: IpAddr,
}

/// Something that came in.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// The link by which it came.
    pub link: LinkId,
    /// Where it came from.
    pub from: SocketAddr,
    /// The whole of it.
    pub bytes: &'a [u8],
}

/// Where a datagram shall go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transmit {
    /// To everybody, by every link.
    Everywhere,
    /// To one run.
    Unicast {
        /// The link by which it was heard.
        link: LinkId,
        /// Its address and its unicast port.
        to: SocketAddr,
    },
}

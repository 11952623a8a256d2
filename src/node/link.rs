//! The ways onto LANs, as far as a node sees them: which one, and no more.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

/// Names one link for as long as it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u32);

impl LinkId {
    /// No link, but the way to and from whoever is beyond the subnets of all of them: the system finds it.
    pub const REMOTE: Self = Self(u32::MAX);
}

/// Names one card, by any number that no other has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardId(pub u32);

impl CardId {
    /// No card, but whatever leads to [`LinkId::REMOTE`].
    pub const REMOTE: Self = Self(u32::MAX);
}

/// One way onto a LAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Which one.
    pub id: LinkId,
    /// The card that it belongs to: all links of one card are on one LAN.
    pub card: CardId,
    /// This run's own address there. Others send to it, so another one has to be made known.
    pub address: IpAddr,
}

/// One way to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// The link by which it is heard.
    pub link: LinkId,
    /// Its address there and its unicast port.
    pub address: SocketAddr,
}

/// Something that came in.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// The link by which it came.
    pub link: LinkId,
    /// Where it came from.
    pub from: SocketAddr,
    /// How long ago it came: so long it waited to be read. Zero where that is not known.
    pub waited: Duration,
    /// The whole of it.
    pub bytes: &'a [u8],
}

/// Where a datagram shall go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transmit {
    /// To everybody, by every link.
    Everywhere,
    /// To everybody, by one link.
    Link(LinkId),
    /// To one run.
    Unicast {
        /// The link by which it was heard.
        link: LinkId,
        /// Its address and its unicast port.
        to: SocketAddr,
    },
}

//! A way to a run in as little memory as can be, as there are thousands of them and nearly all are by IPv4.

use alloc::boxed::Box;
use core::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use super::link::{LinkId, Way};

/// A [`Way`] in 16 bytes, and in further 36 if it is not by IPv4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CompactWay {
    ByIpv4 { link: LinkId, ip: Ipv4Addr, port: u16 },
    Other(Box<Way>),
}

impl CompactWay {
    pub(super) const fn link(&self) -> LinkId {
        match self {
            Self::ByIpv4 { link, .. } => *link,
            Self::Other(way) => way.link,
        }
    }

    pub(super) const fn address(&self) -> SocketAddr {
        match self {
            Self::ByIpv4 { ip, port, .. } => SocketAddr::V4(SocketAddrV4::new(*ip, *port)),
            Self::Other(way) => way.address,
        }
    }

    pub(super) const fn way(&self) -> Way {
        Way { link: self.link(), address: self.address() }
    }
}

impl From<Way> for CompactWay {
    fn from(way: Way) -> Self {
        match way.address {
            SocketAddr::V4(address) => Self::ByIpv4 { link: way.link, ip: *address.ip(), port: address.port() },
            SocketAddr::V6(_) => Self::Other(Box::new(way)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_way_in_16_bytes() {
        assert_eq!(size_of::<CompactWay>(), 16);
        for address in ["192.0.2.7:26634", "[fe80::7%2]:26634"] {
            let way = Way { link: LinkId(7), address: address.parse().unwrap() };
            let compact = CompactWay::from(way);
            assert_eq!((compact.way(), compact.link(), compact.address()), (way, way.link, way.address));
        }
    }
}

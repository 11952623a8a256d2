//! How long a packet may be on a link. A connected socket is asked for it: it tells of the network namespace that the
//! program is in, unlike `/sys`, and of the route that is really taken.

use std::net::IpAddr;

/// The longest IP packet in bytes that goes by an interface to an address; `None` where the system does not tell. Of
/// IPv6, nothing is to be known: where fewer than 1,280 bytes pass, the kernel lets none of it (RFC 8200, section 5).
pub(in super::super) fn mtu(interface: &str, to: IpAddr) -> Option<u32> {
    match to {
        IpAddr::V4(to) => system::mtu(interface, to),
        IpAddr::V6(_) => None,
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::net::{Ipv4Addr, SocketAddrV4};

    use nix::sys::socket::{getsockopt, sockopt};
    use socket2::{Domain, Protocol, Socket, Type};

    /// Any port will do: nothing is sent.
    const PORT: u16 = 9;

    pub(super) fn mtu(interface: &str, to: Ipv4Addr) -> Option<u32> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).ok()?;
        socket.set_broadcast(true).ok()?;
        // Of two cards on one LAN it might be the other one. An old kernel lets only root choose.
        let _ = socket.bind_device(Some(interface.as_bytes()));
        socket.connect(&SocketAddrV4::new(to, PORT).into()).ok()?;
        getsockopt(&socket, sockopt::IpMtu).ok().and_then(|mtu| u32::try_from(mtu).ok())
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod system {
    pub(super) fn mtu(_: &str, _: std::net::Ipv4Addr) -> Option<u32> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells_how_long_a_packet_may_be() {
        assert!(mtu("lo", IpAddr::from([127, 255, 255, 255])).is_some_and(|mtu| mtu >= 1280));
    }
}

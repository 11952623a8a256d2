//! By which card a datagram came, and by which one it shall go: what the systems do not agree on, in one place.
//!
//! For IPv4, Linux, Android, macOS and NetBSD tell it with each datagram (`IP_PKTINFO`); elsewhere the subnet has to do:
//! two cards on one subnet are one there. For IPv6, all of Unix tells (`IPV6_PKTINFO`), and the scope of an address says
//! it elsewhere.

use std::io;
use std::net::SocketAddr;

use mio::net::UdpSocket;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
use super::inbox::Received;
use super::links::Link;
use super::std;

#[cfg(unix)]
mod system {
    use std::io::IoSlice;
    use std::net::{SocketAddrV4, SocketAddrV6};
    use std::os::fd::AsRawFd;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    use std::{io::IoSliceMut, vec};

    use nix::sys::socket::sockopt::Ipv6RecvPacketInfo;
    use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn6, sendmsg, setsockopt};
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    use nix::sys::socket::{SockaddrStorage, recvmsg};

    use super::*;

    pub(in super::super) use v4::{enable_v4, send_v4};

    pub(in super::super) fn enable_v6(socket: &socket2::Socket) -> io::Result<()> {
        Ok(setsockopt(socket, Ipv6RecvPacketInfo, &true)?)
    }

    /// The number of the interface by which a datagram came, where this tells it.
    #[allow(clippy::useless_conversion, reason = "Android counts interfaces in i32, the others in u32")]
    pub(in super::super) fn index(control: ControlMessageOwned) -> Option<u32> {
        match control {
            ControlMessageOwned::Ipv6PacketInfo(info) => u32::try_from(info.ipi6_ifindex).ok(),
            control => v4::index(&control),
        }
    }

    /// Reads a datagram, where no more of them can be had at once.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(in super::super) fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Received> {
        socket.try_io(|| {
            // What IPv6 tells is longer than what IPv4 does.
            let mut control = nix::cmsg_space!(nix::libc::in6_pktinfo);
            let mut parts = [IoSliceMut::new(buffer)];
            let flags = MsgFlags::empty();
            let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags)?;
            let index = message.cmsgs()?.find_map(index);
            let address = message.address.as_ref().ok_or(io::ErrorKind::InvalidData)?;
            let v4 = address.as_sockaddr_in().map(|from| SocketAddrV4::from(*from).into());
            let from = v4.or_else(|| address.as_sockaddr_in6().map(|from| without_flow((*from).into())));
            Ok(Received { len: message.bytes, from: from.ok_or(io::ErrorKind::InvalidData)?, index, came: None })
        })
    }

    #[allow(clippy::useless_conversion, reason = "Android counts interfaces in i32, the others in u32")]
    pub(in super::super) fn send_v6(socket: &UdpSocket, link: &Link, to: SocketAddrV6, bytes: &[u8]) -> io::Result<()> {
        socket.try_io(|| {
            // The system takes the card's link-local address for what goes to one, and a wider one for what goes farther.
            let info = nix::libc::in6_pktinfo {
                ipi6_addr: nix::libc::in6_addr { s6_addr: [0; 16] },
                ipi6_ifindex: link.index.try_into().unwrap_or(0),
            };
            let control = [ControlMessage::Ipv6PacketInfo(&info)];
            let to = SockaddrIn6::from(to);
            sendmsg(socket.as_raw_fd(), &[IoSlice::new(bytes)], &control, MsgFlags::empty(), Some(&to))?;
            Ok(())
        })
    }

    /// Which flow it belongs to is of no interest, and would make two addresses of one.
    pub(in super::super) fn without_flow(from: SocketAddrV6) -> SocketAddr {
        SocketAddrV6::new(*from.ip(), from.port(), 0, from.scope_id()).into()
    }

    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple", target_os = "netbsd"))]
    mod v4 {
        use std::net::IpAddr;

        use nix::sys::socket::SockaddrIn;
        use nix::sys::socket::sockopt::Ipv4PacketInfo;

        use super::*;

        pub(in super::super::super) fn enable_v4(socket: &socket2::Socket) -> io::Result<()> {
            Ok(setsockopt(socket, Ipv4PacketInfo, &true)?)
        }

        pub(super) fn index(control: &ControlMessageOwned) -> Option<u32> {
            match control {
                ControlMessageOwned::Ipv4PacketInfo(info) => u32::try_from(info.ipi_ifindex).ok(),
                _ => None,
            }
        }

        pub(in super::super::super) fn send_v4(
            socket: &UdpSocket,
            link: &Link,
            to: SocketAddrV4,
            bytes: &[u8],
        ) -> io::Result<()> {
            socket.try_io(|| {
                let own = match link.address {
                    IpAddr::V4(own) => own.to_bits().to_be(),
                    IpAddr::V6(_) => 0,
                };
                // Two cards on one subnet: without the number the system would send all by the same one.
                let info = nix::libc::in_pktinfo {
                    ipi_ifindex: link.index.try_into().unwrap_or(0),
                    ipi_spec_dst: nix::libc::in_addr { s_addr: own },
                    ipi_addr: nix::libc::in_addr { s_addr: 0 },
                };
                let control = [ControlMessage::Ipv4PacketInfo(&info)];
                let to = SockaddrIn::from(to);
                sendmsg(socket.as_raw_fd(), &[IoSlice::new(bytes)], &control, MsgFlags::empty(), Some(&to))?;
                Ok(())
            })
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple", target_os = "netbsd")))]
    mod v4 {
        use super::*;

        pub(in super::super::super) fn enable_v4(_: &socket2::Socket) -> io::Result<()> {
            Ok(())
        }

        pub(super) fn index(_: &ControlMessageOwned) -> Option<u32> {
            None
        }

        pub(in super::super::super) fn send_v4(
            socket: &UdpSocket,
            _: &Link,
            to: SocketAddrV4,
            bytes: &[u8],
        ) -> io::Result<()> {
            socket.send_to(bytes, to.into()).map(|_| ())
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::net::{SocketAddrV4, SocketAddrV6};

    use super::*;

    pub(in super::super) fn enable_v4(_: &socket2::Socket) -> io::Result<()> {
        Ok(())
    }

    pub(in super::super) fn enable_v6(_: &socket2::Socket) -> io::Result<()> {
        Ok(())
    }

    pub(in super::super) fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Received> {
        let (len, from) = socket.recv_from(buffer)?;
        let index = match from {
            SocketAddr::V6(from) if from.scope_id() != 0 => Some(from.scope_id()),
            _ => None,
        };
        Ok(Received { len, from, index, came: None })
    }

    pub(in super::super) fn send_v4(socket: &UdpSocket, _: &Link, to: SocketAddrV4, bytes: &[u8]) -> io::Result<()> {
        socket.send_to(bytes, to.into()).map(|_| ())
    }

    /// The scope of the address names the card.
    pub(in super::super) fn send_v6(socket: &UdpSocket, _: &Link, to: SocketAddrV6, bytes: &[u8]) -> io::Result<()> {
        socket.send_to(bytes, to.into()).map(|_| ())
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) use system::receive;
pub(super) use system::{enable_v4, enable_v6};
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use system::{index, without_flow};

/// Sends by the card of that link.
pub(super) fn send(socket: &UdpSocket, link: &Link, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
    match to {
        SocketAddr::V4(to) => system::send_v4(socket, link, to, bytes),
        SocketAddr::V6(to) => system::send_v6(socket, link, to, bytes),
    }
}

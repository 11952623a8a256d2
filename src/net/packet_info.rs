//! By which card a datagram came, and by which one it shall go: what the systems do not agree on, in one place.
//!
//! Linux, Android, macOS and NetBSD tell it with each datagram (`IP_PKTINFO`). Elsewhere the subnet has to do: two
//! cards on one subnet are one there.

use std::io;
use std::net::{SocketAddr, SocketAddrV4};

use mio::net::UdpSocket;

use super::links::Link;
use super::std;

/// A datagram that was read into a buffer.
pub(super) struct Received {
    /// Bytes of it; one more than a datagram may have where it was longer.
    pub(super) len: usize,
    pub(super) from: SocketAddr,
    /// The number of the interface, where the system tells.
    pub(super) index: Option<u32>,
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple", target_os = "netbsd"))]
mod system {
    use std::io::{IoSlice, IoSliceMut};
    use std::os::fd::AsRawFd;
    use std::vec;

    use nix::sys::socket::sockopt::Ipv4PacketInfo;
    use nix::sys::socket::{
        ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn, SockaddrStorage, recvmsg, sendmsg, setsockopt,
    };

    use super::*;

    pub(in super::super) fn enable(socket: &socket2::Socket) -> io::Result<()> {
        Ok(setsockopt(socket, Ipv4PacketInfo, &true)?)
    }

    pub(in super::super) fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Received> {
        socket.try_io(|| {
            let mut control = nix::cmsg_space!(nix::libc::in_pktinfo);
            let mut parts = [IoSliceMut::new(buffer)];
            let flags = MsgFlags::empty();
            let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags)?;
            let index = message.cmsgs()?.find_map(|control| match control {
                ControlMessageOwned::Ipv4PacketInfo(info) => u32::try_from(info.ipi_ifindex).ok(),
                _ => None,
            });
            let from = message.address.as_ref().and_then(SockaddrStorage::as_sockaddr_in);
            let from = from.map(|from| SocketAddrV4::from(*from)).ok_or(io::ErrorKind::InvalidData)?;
            Ok(Received { len: message.bytes, from: from.into(), index })
        })
    }

    pub(in super::super) fn send(socket: &UdpSocket, link: &Link, to: SocketAddrV4, bytes: &[u8]) -> io::Result<()> {
        socket.try_io(|| {
            let address = nix::libc::in_addr { s_addr: link.address.to_bits().to_be() };
            // Two cards on one subnet: without the number the system would send all by the same one.
            let info = nix::libc::in_pktinfo {
                ipi_ifindex: link.index.try_into().unwrap_or(0),
                ipi_spec_dst: address,
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
mod system {
    use super::*;

    pub(in super::super) fn enable(_: &socket2::Socket) -> io::Result<()> {
        Ok(())
    }

    pub(in super::super) fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Received> {
        let (len, from) = socket.recv_from(buffer)?;
        Ok(Received { len, from, index: None })
    }

    pub(in super::super) fn send(socket: &UdpSocket, _: &Link, to: SocketAddrV4, bytes: &[u8]) -> io::Result<()> {
        socket.send_to(bytes, to.into()).map(|_| ())
    }
}

pub(super) use system::{enable, receive, send};

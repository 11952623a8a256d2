//! The two sockets of a run: the shared one on which everybody listens, and its own for unicast.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::ops::RangeInclusive;

use mio::event::Source;
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

use super::links::Link;
use super::packet_info::{self, Received};
use super::{Error, std};
use crate::wire::PORT;

/// A run's own port is the first free one of these, counted from the shared port, so that one firewall rule opens
/// all; where none is free, any.
const UNICAST_PORTS: RangeInclusive<u16> = 1..=16;

/// The UDP ports that a firewall has to let through for runs that share `port`.
pub fn ports(port: u16) -> RangeInclusive<u16> {
    port..=port.saturating_add(*UNICAST_PORTS.end())
}

/// What the system shall keep for us while we are busy. Linux gives a fifth of it unless it was told otherwise.
const RECEIVE_BUFFER: usize = 1 << 20;

/// The sockets of a run.
#[derive(Debug)]
pub(super) struct Sockets {
    shared: UdpSocket,
    own: UdpSocket,
    port: u16,
    unicast_port: u16,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Shared,
    Own,
}

impl Which {
    pub(super) const BOTH: [Self; 2] = [Self::Shared, Self::Own];

    pub(super) const fn token(self) -> Token {
        Token(self as usize)
    }
}

impl Sockets {
    /// Opens both. Several runs of one machine share `port`.
    pub(super) fn open(port: u16) -> Result<Self, Error> {
        let shared = bind_shared(port).map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => Error::PortTaken { port },
            _ => Error::Bind { port, source },
        })?;
        let own = bind_own(port).map_err(|source| Error::Bind { port: 0, source })?;
        let address = own.local_addr().map_err(|source| Error::Bind { port: 0, source })?;
        Ok(Self { shared, own, port, unicast_port: address.port() })
    }

    pub(super) const fn unicast_port(&self) -> u16 {
        self.unicast_port
    }

    pub(super) fn register(&mut self, registry: &Registry) -> io::Result<()> {
        self.shared.register(registry, Which::Shared.token(), Interest::READABLE)?;
        self.own.register(registry, Which::Own.token(), Interest::READABLE)
    }

    /// Reads a datagram if there is one.
    pub(super) fn receive(&self, which: Which, buffer: &mut [u8]) -> io::Result<Received> {
        match which {
            Which::Shared => packet_info::receive(&self.shared, buffer),
            Which::Own => packet_info::receive(&self.own, buffer),
        }
    }

    /// Sends to everybody on a link. It goes out by the run's own socket, so that others see its unicast port.
    pub(super) fn send_everywhere(&self, link: &Link, bytes: &[u8]) -> io::Result<()> {
        packet_info::send(&self.own, link, SocketAddrV4::new(link.broadcast, self.port), bytes)
    }

    /// Sends to one run by a link.
    pub(super) fn send_to(&self, link: &Link, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        match to {
            SocketAddr::V4(to) => packet_info::send(&self.own, link, to, bytes),
            SocketAddr::V6(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

fn bind_shared(port: u16) -> io::Result<UdpSocket> {
    let socket = socket()?;
    socket.set_reuse_address(true)?;
    // The BSDs and macOS share a port only where this is set too. On Linux it would deal the datagrams out among the
    // runs instead of giving each to all.
    #[cfg(all(
        unix,
        not(any(target_os = "linux", target_os = "android", target_os = "solaris", target_os = "illumos"))
    ))]
    socket.set_reuse_port(true)?;
    bind(socket, port)
}

fn bind_own(shared_port: u16) -> io::Result<UdpSocket> {
    let near = UNICAST_PORTS.filter_map(|further| shared_port.checked_add(further));
    for port in near.chain([0]) {
        match bind(socket()?, port) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && port != 0 => {}
            result => return result,
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

fn socket() -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.set_broadcast(true)?;
    packet_info::enable(&socket)?;
    // As much as the system gives; with less, more gets lost in a burst, and nothing else happens.
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
    Ok(socket)
}

fn bind(socket: Socket, port: u16) -> io::Result<UdpSocket> {
    socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port).into())?;
    Ok(UdpSocket::from_std(socket.into()))
}

// The firewall rule that the manual names opens these ports.
const _: () = assert!(PORT + *UNICAST_PORTS.end() == 26649);

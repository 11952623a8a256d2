//! The sockets of a run: the shared one on which everybody listens, and its own for unicast, each once a family.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;

use mio::event::Source;
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

use super::inbox::{self, Inbox};
use super::links::{GROUP, Link};
use super::{Error, ReceiveBuffer, packet_info, std};
use crate::wire::PORT;

/// A run's own port is the first free one of these, counted from the shared port, so that one firewall rule opens
/// all; where none is free, any.
const UNICAST_PORTS: RangeInclusive<u16> = 1..=16;

/// The UDP ports that a firewall has to let through for runs that share `port`.
pub fn ports(port: u16) -> RangeInclusive<u16> {
    port..=port.saturating_add(*UNICAST_PORTS.end())
}

/// What is for all on a LAN goes to no other one, whatever a router thinks of the group.
const HOP_LIMIT: u32 = 1;

/// The sockets of a run. At least those of one family are there.
#[derive(Debug)]
pub(super) struct Sockets {
    /// By [`Which`].
    sockets: [Option<UdpSocket>; 4],
    port: u16,
    unicast_port: u16,
    /// The numbers of the cards on which [`GROUP`] is listened to.
    joined: BTreeSet<u32>,
}

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    SharedV4,
    OwnV4,
    SharedV6,
    OwnV6,
}

impl Which {
    pub(super) const ALL: [Self; 4] = [Self::SharedV4, Self::OwnV4, Self::SharedV6, Self::OwnV6];

    pub(super) const fn token(self) -> Token {
        Token(self as usize)
    }
}

impl Sockets {
    /// Opens them. Several runs of one machine share `port`. A family that the system does not have is done without.
    pub(super) fn open(port: u16) -> Result<Self, Error> {
        let bind_error = |port, source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => Error::PortTaken { port },
            _ => Error::Bind { port, source },
        };
        let mut shared = Family::BOTH.map(|family| Some(bind_shared(family, port)));
        // That one family is not there is no failure as long as the other one is; that its port is taken, is one.
        let is_open = shared.each_ref().map(|socket| matches!(socket, Some(Ok(_))));
        for socket in &mut shared {
            if let Some(Err(error)) = socket
                && error.kind() != io::ErrorKind::AddrInUse
                && is_open.contains(&true)
            {
                *socket = None;
            }
        }
        let [v4, v6] = shared.map(Option::transpose);
        let shared = [v4.map_err(|error| bind_error(port, error))?, v6.map_err(|error| bind_error(port, error))?];
        let (own, unicast_port) = bind_own(port, is_open).map_err(|source| Error::Bind { port: 0, source })?;
        let ([shared_v4, shared_v6], [own_v4, own_v6]) = (shared, own);
        let sockets = [shared_v4, own_v4, shared_v6, own_v6];
        Ok(Self { sockets, port, unicast_port, joined: BTreeSet::new() })
    }

    /// Whether there are sockets for IPv6.
    pub(super) const fn has_ipv6(&self) -> bool {
        self.sockets[Which::OwnV6 as usize].is_some()
    }

    pub(super) const fn unicast_port(&self) -> u16 {
        self.unicast_port
    }

    pub(super) fn register(&mut self, registry: &Registry) -> io::Result<()> {
        for (which, socket) in Which::ALL.into_iter().zip(&mut self.sockets) {
            if let Some(socket) = socket {
                socket.register(registry, which.token(), Interest::READABLE)?;
            }
        }
        Ok(())
    }

    /// Listens to [`GROUP`] on the cards of these links, and on no others. What the system refuses now is tried again
    /// when the links are looked up next.
    pub(super) fn listen_by<'a>(&mut self, links: impl Iterator<Item = &'a Link>) {
        let Some(shared) = &self.sockets[Which::SharedV6 as usize] else { return };
        let wanted: BTreeSet<u32> = links.filter(|link| link.everybody == GROUP).map(|link| link.index).collect();
        self.joined.retain(|index| {
            let stays = wanted.contains(index);
            if !stays {
                // Of a card that has gone, the system has forgotten it.
                let _ = shared.leave_multicast_v6(&GROUP, *index);
            }
            stays
        });
        for index in wanted {
            if !self.joined.contains(&index) && shared.join_multicast_v6(&GROUP, index).is_ok() {
                self.joined.insert(index);
            }
        }
    }

    /// Reads what has come on one of them.
    pub(super) fn receive(&self, which: Which, inbox: &mut Inbox) -> io::Result<()> {
        let socket = self.sockets[which as usize].as_ref().ok_or(io::ErrorKind::WouldBlock)?;
        match which {
            Which::SharedV4 | Which::OwnV4 => inbox.fill_v4(socket),
            Which::SharedV6 | Which::OwnV6 => inbox.fill_v6(socket),
        }
    }

    /// What the system keeps until it is read.
    pub(super) fn receive_buffer(&self) -> ReceiveBuffer {
        ReceiveBuffer::of(self.sockets.iter().flatten())
    }

    /// Sends to everybody on a link.
    pub(super) fn send_everywhere(&self, link: &Link, bytes: &[u8]) -> io::Result<()> {
        self.send_to(link, SocketAddr::new(link.everybody, self.port), bytes)
    }

    /// Sends to one run by a link. It goes out by this run's own socket, so that others see its unicast port.
    pub(super) fn send_to(&self, link: &Link, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        let own = if to.is_ipv4() { Which::OwnV4 } else { Which::OwnV6 };
        let socket = self.sockets[own as usize].as_ref().ok_or(io::ErrorKind::Unsupported)?;
        packet_info::send(socket, link, link.to(to.ip(), to.port()), bytes)
    }
}

impl Sockets {
    /// Sends to one run by whichever way the system knows.
    pub(super) fn send_routed(&self, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        let own = if to.is_ipv4() { Which::OwnV4 } else { Which::OwnV6 };
        let socket = self.sockets[own as usize].as_ref().ok_or(io::ErrorKind::Unsupported)?;
        socket.send_to(bytes, to).map(|_| ())
    }
}

#[derive(Clone, Copy)]
enum Family {
    V4,
    V6,
}

impl Family {
    const BOTH: [Self; 2] = [Self::V4, Self::V6];

    fn socket(self) -> io::Result<Socket> {
        let domain = match self {
            Self::V4 => Domain::IPV4,
            Self::V6 => Domain::IPV6,
        };
        let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        match self {
            Self::V4 => {
                socket.set_broadcast(true)?;
                packet_info::enable_v4(&socket)?;
            }
            Self::V6 => {
                // IPv4 has sockets of its own.
                socket.set_only_v6(true)?;
                socket.set_multicast_hops_v6(HOP_LIMIT)?;
                // This and the other runs of this machine hear what is for all.
                socket.set_multicast_loop_v6(true)?;
                packet_info::enable_v6(&socket)?;
            }
        }
        inbox::tell_times(&socket)?;
        ReceiveBuffer::ask_for(&socket);
        Ok(socket)
    }

    fn bind(self, socket: Socket, port: u16) -> io::Result<UdpSocket> {
        let address = match self {
            Self::V4 => SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port),
            Self::V6 => SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port),
        };
        socket.bind(&address.into())?;
        Ok(UdpSocket::from_std(socket.into()))
    }
}

fn bind_shared(family: Family, port: u16) -> io::Result<UdpSocket> {
    let socket = family.socket()?;
    socket.set_reuse_address(true)?;
    // The BSDs and macOS share a port only where this is set too. On Linux it would deal the datagrams out among the
    // runs instead of giving each to all.
    #[cfg(all(
        unix,
        not(any(target_os = "linux", target_os = "android", target_os = "solaris", target_os = "illumos"))
    ))]
    socket.set_reuse_port(true)?;
    family.bind(socket, port)
}

/// The run's own sockets, of those families that there are, and their port: a beacon names one.
fn bind_own(shared_port: u16, is_there: [bool; 2]) -> io::Result<([Option<UdpSocket>; 2], u16)> {
    /// Where none near the shared port is free, the system gives one that is so in one family, but maybe not in both.
    const ANY: [u16; 8] = [0; 8];
    let near = UNICAST_PORTS.filter_map(|further| shared_port.checked_add(further));
    for port in near.chain(ANY) {
        match bind_both(port, is_there) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            result => return result,
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

fn bind_both(mut port: u16, is_there: [bool; 2]) -> io::Result<([Option<UdpSocket>; 2], u16)> {
    let mut own = [None, None];
    for ((family, own), _) in Family::BOTH.into_iter().zip(&mut own).zip(is_there).filter(|(_, is_there)| *is_there) {
        let socket = family.bind(family.socket()?, port)?;
        port = socket.local_addr()?.port();
        *own = Some(socket);
    }
    Ok((own, port))
}

// The firewall rule that the manual names opens these ports.
const _: () = assert!(PORT + *UNICAST_PORTS.end() == 26649);

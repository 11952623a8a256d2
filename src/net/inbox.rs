//! Where datagrams are read into: many with one system call on Linux, one elsewhere. The room is made once for a run, and
//! nothing is allocated or copied for a datagram.

use core::time::Duration;
use std::boxed::Box;
use std::io;
use std::net::SocketAddr;
use std::vec;
use std::vec::Vec;

use mio::net::UdpSocket;

use super::std;
use crate::wire::DATAGRAM_MAX;

/// One byte more than a datagram may have, so that a longer one shows as such.
type Buffer = [u8; DATAGRAM_MAX + 1];

/// Datagrams that were read from a socket, and the room for them.
pub(super) struct Inbox {
    buffers: Box<[Buffer; Self::CAPACITY]>,
    /// As many as were read, in the order in which they came; each has the buffer of its place.
    received: Vec<Received>,
    headers: system::Headers,
}

/// What is told of a datagram that was read.
#[derive(Debug)]
pub(super) struct Received {
    /// Bytes of it; one more than a datagram may have where it was longer.
    pub(super) len: usize,
    pub(super) from: SocketAddr,
    /// The number of the interface, where the system tells.
    pub(super) index: Option<u32>,
    /// When it came, since 1970 by the wall clock, where the system tells. It may have waited, as it does while a run is
    /// stopped.
    pub(super) came: Option<Duration>,
}

/// Has the system tell of each datagram when it came, where it can. Without that, all counts as having come just now.
pub(super) fn tell_times(socket: &socket2::Socket) -> io::Result<()> {
    system::tell_times(socket)
}

impl Inbox {
    /// The most datagrams that are read with one system call: with 32 of them, a run has 38 KiB of buffers.
    pub(super) const CAPACITY: usize = system::CAPACITY;

    pub(super) fn new() -> Self {
        // Not an array on the stack, which would be as large.
        let buffers: Box<[Buffer]> = vec![[0; DATAGRAM_MAX + 1]; Self::CAPACITY].into_boxed_slice();
        let Ok(buffers) = buffers.try_into() else { unreachable!("it has been made as long") };
        Self { buffers, received: Vec::with_capacity(Self::CAPACITY), headers: system::Headers::new() }
    }

    /// Reads what has come on a socket for IPv4, in place of what was read before.
    pub(super) fn fill_v4(&mut self, socket: &UdpSocket) -> io::Result<()> {
        self.received.clear();
        self.headers.read_v4(socket, &mut self.buffers, &mut self.received)
    }

    /// Reads what has come on a socket for IPv6, in place of what was read before.
    pub(super) fn fill_v6(&mut self, socket: &UdpSocket) -> io::Result<()> {
        self.received.clear();
        self.headers.read_v6(socket, &mut self.buffers, &mut self.received)
    }

    /// Whether the socket may hold more than was read. Where not, it was empty: epoll tells of whatever comes next.
    ///
    /// A call takes fewer than it has room for only where the kernel found the socket empty, as it would tell by
    /// `EWOULDBLOCK` had it taken none, or found an error on it, of which epoll tells like of a datagram.
    pub(super) fn is_full(&self) -> bool {
        self.received.len() == Self::CAPACITY
    }

    /// What was read.
    pub(super) fn datagrams(&self) -> impl Iterator<Item = (&Received, &[u8])> {
        self.received.iter().zip(self.buffers.iter()).map(|(received, buffer)| (received, &buffer[..received.len]))
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::io::IoSliceMut;
    use std::net::{SocketAddrV4, SocketAddrV6};
    use std::os::fd::AsRawFd;

    use nix::sys::socket::sockopt::ReceiveTimestampns;
    use nix::sys::socket::{
        ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrIn, SockaddrIn6, SockaddrLike, recvmmsg, setsockopt,
    };
    use nix::sys::time::TimeSpec;

    use super::*;
    use crate::net::packet_info;

    pub(super) const CAPACITY: usize = 32;

    /// What the kernel writes of each datagram beside its bytes. It notes in them how much it has written, and the next
    /// call offers that much and no more: hence one for each family, and all that it tells by each datagram of a
    /// family is of the same length. Asked for what it tells by some datagrams only, it would cut off the interface.
    pub(super) struct Headers {
        v4: MultiHeaders<SockaddrIn>,
        v6: MultiHeaders<SockaddrIn6>,
    }

    pub(super) fn tell_times(socket: &socket2::Socket) -> io::Result<()> {
        Ok(setsockopt(socket, ReceiveTimestampns, &true)?)
    }

    impl Headers {
        pub(super) fn new() -> Self {
            let v4 = nix::cmsg_space!(nix::libc::in_pktinfo, TimeSpec);
            let v6 = nix::cmsg_space!(nix::libc::in6_pktinfo, TimeSpec);
            Self {
                v4: MultiHeaders::preallocate(CAPACITY, Some(v4)),
                v6: MultiHeaders::preallocate(CAPACITY, Some(v6)),
            }
        }

        pub(super) fn read_v4(
            &mut self,
            socket: &UdpSocket,
            buffers: &mut [Buffer; CAPACITY],
            received: &mut Vec<Received>,
        ) -> io::Result<()> {
            read(socket, &mut self.v4, buffers, received, |from| SocketAddrV4::from(from).into())
        }

        pub(super) fn read_v6(
            &mut self,
            socket: &UdpSocket,
            buffers: &mut [Buffer; CAPACITY],
            received: &mut Vec<Received>,
        ) -> io::Result<()> {
            read(socket, &mut self.v6, buffers, received, |from| packet_info::without_flow(SocketAddrV6::from(from)))
        }
    }

    fn read<S: SockaddrLike + Copy>(
        socket: &UdpSocket,
        headers: &mut MultiHeaders<S>,
        buffers: &mut [Buffer; CAPACITY],
        received: &mut Vec<Received>,
        address: impl Fn(S) -> SocketAddr,
    ) -> io::Result<()> {
        let mut slices = buffers.each_mut().map(|buffer| [IoSliceMut::new(buffer)]);
        let messages = recvmmsg(socket.as_raw_fd(), headers, &mut slices, MsgFlags::empty(), None)?;
        for message in messages {
            let (mut index, mut came) = (None, None);
            for told in message.cmsgs().into_iter().flatten() {
                match told {
                    ControlMessageOwned::ScmTimestampns(time) => came = Some(time.into()),
                    told => index = index.or(packet_info::index(told)),
                }
            }
            let from = address(message.address.ok_or(io::ErrorKind::InvalidData)?);
            received.push(Received { len: message.bytes, from, index, came });
        }
        Ok(())
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod system {
    use super::*;
    use crate::net::packet_info;

    pub(super) const CAPACITY: usize = 1;

    pub(super) struct Headers;

    pub(super) const fn tell_times(_: &socket2::Socket) -> io::Result<()> {
        Ok(())
    }

    impl Headers {
        pub(super) const fn new() -> Self {
            Self
        }

        pub(super) fn read_v4(
            &mut self,
            socket: &UdpSocket,
            [buffer]: &mut [Buffer; CAPACITY],
            received: &mut Vec<Received>,
        ) -> io::Result<()> {
            received.push(packet_info::receive(socket, buffer)?);
            Ok(())
        }

        pub(super) fn read_v6(
            &mut self,
            socket: &UdpSocket,
            buffers: &mut [Buffer; CAPACITY],
            received: &mut Vec<Received>,
        ) -> io::Result<()> {
            self.read_v4(socket, buffers, received)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};
    use std::string::ToString;

    use socket2::{Domain, Protocol, Socket, Type};

    use super::*;
    use crate::net::packet_info;

    /// A socket on loopback as a run's are, and one that sends to it.
    fn sockets(domain: Domain) -> (UdpSocket, UdpSocket) {
        let is_v4 = domain == Domain::IPV4;
        let loopback = if is_v4 { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
        let [receiver, sender] = [(); 2].map(|()| {
            let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP)).unwrap();
            socket.set_nonblocking(true).unwrap();
            if is_v4 { packet_info::enable_v4(&socket) } else { packet_info::enable_v6(&socket) }.unwrap();
            tell_times(&socket).unwrap();
            socket.bind(&SocketAddr::new(loopback, 0).into()).unwrap();
            UdpSocket::from_std(socket.into())
        });
        sender.connect(receiver.local_addr().unwrap()).unwrap();
        (receiver, sender)
    }

    /// Reads until there is nothing more, by the driver's rule, and checks that there is nothing more indeed.
    fn read_all(inbox: &mut Inbox, socket: &UdpSocket) -> Vec<(Vec<u8>, SocketAddr, Option<u32>)> {
        read_all_timed(inbox, socket).into_iter().map(|(bytes, from, index, _)| (bytes, from, index)).collect()
    }

    /// The same, with when each came.
    #[allow(clippy::type_complexity, reason = "all that is told, in its order")]
    fn read_all_timed(
        inbox: &mut Inbox,
        socket: &UdpSocket,
    ) -> Vec<(Vec<u8>, SocketAddr, Option<u32>, Option<Duration>)> {
        let is_v4 = socket.local_addr().unwrap().is_ipv4();
        let fill = if is_v4 { Inbox::fill_v4 } else { Inbox::fill_v6 };
        let mut all = Vec::new();
        loop {
            match fill(inbox, socket) {
                Ok(()) => {
                    all.extend(inbox.datagrams().map(|(of, bytes)| (bytes.to_vec(), of.from, of.index, of.came)));
                    if inbox.is_full() {
                        continue;
                    }
                    assert_eq!(fill(inbox, socket).unwrap_err().kind(), io::ErrorKind::WouldBlock);
                }
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
            assert_eq!(inbox.datagrams().count(), 0);
            return all;
        }
    }

    fn check(domain: Domain) {
        let (receiver, sender) = sockets(domain);
        let mut inbox = Inbox::new();
        // None, one, a few, just as many as there is room for, one more; a second time where others were before.
        for count in [0, 1, 5, Inbox::CAPACITY, Inbox::CAPACITY + 1, 70, 2] {
            let sent: Vec<Vec<u8>> = (0..count).map(|number| number.to_string().repeat(number % 7).into()).collect();
            sent.iter().for_each(|bytes| assert_eq!(sender.send(bytes).unwrap(), bytes.len()));
            let read = read_all(&mut inbox, &receiver);
            assert_eq!(read.iter().map(|(bytes, ..)| bytes.clone()).collect::<Vec<_>>(), sent);
            let from = sender.local_addr().unwrap();
            for (_, address, index) in read {
                assert_eq!(address, from);
                if cfg!(target_os = "linux") {
                    assert!(index.is_some(), "by which card it came is told by each, also where others were before");
                }
            }
        }
    }

    #[test]
    fn all_that_has_come_is_read_in_its_order() {
        check(Domain::IPV4);
    }

    #[test]
    fn all_that_has_come_by_ipv6_is_read_in_its_order() {
        check(Domain::IPV6);
    }

    /// However long it waited to be read, also where others were read before.
    #[test]
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[allow(clippy::disallowed_methods, reason = "the system's time is what is told")]
    fn when_each_came_is_told() {
        use std::time::SystemTime;
        let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        for domain in [Domain::IPV4, Domain::IPV6] {
            let ((receiver, sender), mut inbox) = (sockets(domain), Inbox::new());
            for count in [1, 40, 2] {
                let begun = now();
                (0..count).for_each(|_| assert_eq!(sender.send(b"datagram").unwrap(), 8));
                let sent = now();
                while now() < sent + Duration::from_millis(20) {}
                for (.., came) in read_all_timed(&mut inbox, &receiver) {
                    let came = came.expect("the system tells");
                    assert!((begun..=sent).contains(&came), "{came:?} is not from {begun:?} to {sent:?}");
                }
            }
        }
    }

    #[test]
    fn one_inbox_serves_both_families_by_turns() {
        let [(v4, to_v4), (v6, to_v6)] = [Domain::IPV4, Domain::IPV6].map(sockets);
        let mut inbox = Inbox::new();
        for _ in 0..3 {
            to_v4.send(b"four").unwrap();
            to_v6.send(b"six").unwrap();
            let [from_v4, from_v6] = [&v4, &v6].map(|socket| read_all(&mut inbox, socket).remove(0));
            assert_eq!((from_v4.0.as_slice(), from_v4.1), (&b"four"[..], to_v4.local_addr().unwrap()));
            assert_eq!((from_v6.0.as_slice(), from_v6.1), (&b"six"[..], to_v6.local_addr().unwrap()));
        }
    }

    #[test]
    fn a_datagram_that_is_too_long_shows_as_such() {
        let (receiver, sender) = sockets(Domain::IPV4);
        for len in [DATAGRAM_MAX, DATAGRAM_MAX + 1, 4000] {
            sender.send(&vec![7; len]).unwrap();
        }
        let read = read_all(&mut Inbox::new(), &receiver);
        let lens: Vec<usize> = read.iter().map(|(bytes, ..)| bytes.len()).collect();
        assert_eq!(lens, [DATAGRAM_MAX, DATAGRAM_MAX + 1, DATAGRAM_MAX + 1]);
    }
}

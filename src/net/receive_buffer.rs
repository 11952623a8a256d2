//! What the system keeps of datagrams until a run reads them, and what it drops as there is no room left.

use core::ops::RangeInclusive;
use std::io;

use mio::net::UdpSocket;
use socket2::{SockRef, Socket};

use super::std;

/// What each socket asks for: what comes in a tenth of a second by a wire full of lines, some 10 MB/s.
const WANTED: usize = 1 << 20;

/// What the system keeps for a run, and what that was too little for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiveBuffer {
    /// Bytes that each of the run's sockets has. On Linux, it is `net.core.rmem_max` that stands in the way of more.
    pub bytes: usize,
    /// Bytes that were asked for.
    pub wanted: usize,
    /// Datagrams that were dropped as it was full; `None` where the system does not tell.
    pub dropped: Option<u64>,
}

impl ReceiveBuffer {
    /// Asks the system for it. With less, more gets lost in a burst, and nothing else happens.
    pub(super) fn ask_for(socket: &Socket) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            use nix::sys::socket::{setsockopt, sockopt::RcvBufForce};
            // Root gets it whatever the limit is.
            if setsockopt(socket, RcvBufForce, &WANTED).is_ok() {
                return;
            }
        }
        let _ = socket.set_recv_buffer_size(WANTED);
    }

    /// What these sockets have been given, the one that has least, and what came of it.
    pub(super) fn of<'a>(sockets: impl Iterator<Item = &'a UdpSocket> + Clone) -> Self {
        let bytes = sockets.clone().filter_map(|socket| bytes_of(socket).ok()).min().unwrap_or_default();
        Self { bytes, wanted: WANTED, dropped: system::dropped(sockets) }
    }
}

/// Datagrams that the system has dropped as sockets on these ports were full, whoever has them, since they were opened;
/// `None` where it does not tell.
pub fn dropped_on(ports: &RangeInclusive<u16>) -> Option<u64> {
    system::dropped_on(ports)
}

fn bytes_of(socket: &UdpSocket) -> io::Result<usize> {
    let bytes = SockRef::from(socket).recv_buffer_size()?;
    // Linux doubles what it is asked for, to have room for its own notes, and tells the double.
    Ok(if cfg!(any(target_os = "linux", target_os = "android")) { bytes / 2 } else { bytes })
}

/// The kernel's tables of sockets tell. It would tell by the datagrams too (`SO_RXQ_OVFL`), but by those alone that come
/// after some were dropped: what is told by some datagrams only, an inbox cannot take.
#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::fs::{File, read_to_string};
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;
    use std::vec::Vec;

    use super::*;

    const TABLES: [&str; 2] = ["/proc/net/udp", "/proc/net/udp6"];

    /// A socket in a table.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) struct Row {
        pub(super) port: u16,
        pub(super) inode: u64,
        pub(super) dropped: u32,
    }

    pub(super) fn dropped<'a>(sockets: impl Iterator<Item = &'a UdpSocket>) -> Option<u64> {
        let inode =
            |socket: &UdpSocket| Some(File::from(socket.as_fd().try_clone_to_owned().ok()?).metadata().ok()?.ino());
        let inodes: Vec<u64> = sockets.map(inode).collect::<Option<_>>()?;
        sum(|row| inodes.contains(&row.inode))
    }

    pub(super) fn dropped_on(ports: &RangeInclusive<u16>) -> Option<u64> {
        sum(|row| ports.contains(&row.port))
    }

    fn sum(counts: impl Fn(&Row) -> bool) -> Option<u64> {
        // Where there is no IPv6, there is no table of it.
        let tables = TABLES.into_iter().filter_map(|path| read_to_string(path).ok());
        let of_table = |table: std::string::String| -> u64 {
            table.lines().filter_map(row).filter(&counts).map(|row| u64::from(row.dropped)).sum()
        };
        tables.map(of_table).reduce(|v4, v6| v4 + v6)
    }

    /// Reads a row; the head of a table is none.
    pub(super) fn row(line: &str) -> Option<Row> {
        let mut columns = line.split_ascii_whitespace();
        let (_, port) = columns.nth(1)?.rsplit_once(':')?;
        let inode = columns.nth(7)?.parse().ok()?;
        let dropped = columns.nth(2)?.parse().ok()?;
        Some(Row { port: u16::from_str_radix(port, 16).ok()?, inode, dropped })
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod system {
    use super::*;

    pub(super) fn dropped<'a>(_: impl Iterator<Item = &'a UdpSocket>) -> Option<u64> {
        None
    }

    pub(super) const fn dropped_on(_: &RangeInclusive<u16>) -> Option<u64> {
        None
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::vec;
    use std::vec::Vec;

    use socket2::{Domain, Protocol, Type};

    use super::system::{Row, row};
    use super::*;

    const TABLE: &str = "\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1067: 00000000:6809 00000000:0000 07 00000000:00033600 00:00000000 00000000  1000        0 31022 2 00000000a1b2c3d4 4711
 1068: 0100007F:680A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 31023 2 0000000000000000 0
 2112: 00000000000000000000000000000000:6809 00000000000000000000000000000000:0000 07 00000000:00000000 \
00:00000000 00000000     0        0 31025 2 0000000000000000 4294967295
 half a row: 1
";

    #[test]
    fn the_tables_of_linux_are_read() {
        let rows: Vec<Row> = TABLE.lines().filter_map(row).collect();
        let told: Vec<(u16, u64, u32)> = rows.iter().map(|row| (row.port, row.inode, row.dropped)).collect();
        assert_eq!(told, [(26633, 31022, 4711), (26634, 31023, 0), (26633, 31025, u32::MAX)]);
    }

    fn bound() -> UdpSocket {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).unwrap();
        socket.set_nonblocking(true).unwrap();
        socket.bind(&SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0).into()).unwrap();
        UdpSocket::from_std(socket.into())
    }

    #[test]
    fn what_the_kernel_has_dropped_is_told_of_the_socket_that_was_full() {
        let [full, other] = [(); 2].map(|()| bound());
        let sockets = [&full, &other];
        assert_eq!(ReceiveBuffer::of(sockets.into_iter()).dropped, Some(0));
        SockRef::from(&full).set_recv_buffer_size(1).unwrap();
        let to = full.local_addr().unwrap();
        let sent = 200;
        for _ in 0..sent {
            assert_eq!(other.send_to(&[7; 1000], to).unwrap(), 1000);
        }
        let mut read = 0;
        while full.recv(&mut vec![0; 1000]).is_ok() {
            read += 1;
        }
        assert!(0 < read && read < sent, "some find room: {read}");
        assert_eq!(ReceiveBuffer::of(sockets.into_iter()).dropped, Some(sent - read));
        assert_eq!(dropped_on(&(to.port()..=to.port())), Some(sent - read));
        assert_eq!(ReceiveBuffer::of([&other].into_iter()).dropped, Some(0));
    }

    #[test]
    fn as_much_as_the_system_allows_is_had() {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).unwrap();
        ReceiveBuffer::ask_for(&socket);
        let buffer = ReceiveBuffer::of([&UdpSocket::from_std(socket.into())].into_iter());
        let max: usize = std::fs::read_to_string("/proc/sys/net/core/rmem_max").unwrap().trim().parse().unwrap();
        assert!(buffer.bytes == buffer.wanted || buffer.bytes == max.min(buffer.wanted), "{buffer:?}, {max}");
    }
}

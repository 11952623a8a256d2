//! Word from the kernel that interfaces or addresses have changed, so that nobody has to look every moment.

use std::io;

use mio::{Registry, Token};

use super::std;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::os::fd::{AsRawFd, OwnedFd};

    use mio::Interest;
    use mio::unix::SourceFd;
    use nix::errno::Errno;
    use nix::libc::{RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR, RTMGRP_LINK};
    use nix::sys::socket::{
        AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, socket,
    };

    use super::*;

    /// A netlink socket that is told of every change; see rtnetlink(7).
    #[derive(Debug)]
    pub(in super::super) struct ChangeNotices(OwnedFd);

    impl ChangeNotices {
        /// Asks to be told.
        ///
        /// # Errors
        /// Where the system does not tell programs, as on Android and in some sandboxes.
        pub(in super::super) fn open() -> io::Result<Self> {
            let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
            let socket = socket(AddressFamily::Netlink, SockType::Raw, flags, SockProtocol::NetlinkRoute)?;
            let groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
            bind(socket.as_raw_fd(), &NetlinkAddr::new(0, groups.try_into().unwrap_or(0)))?;
            Ok(Self(socket))
        }

        pub(in super::super) fn register(&self, registry: &Registry, token: Token) -> io::Result<()> {
            registry.register(&mut SourceFd(&self.0.as_raw_fd()), token, Interest::READABLE)
        }

        /// Takes all that was told; whether there was anything. What it was is not read: all is looked up anew, so that
        /// it does not matter what was dropped because it came too fast.
        pub(in super::super) fn take(&self) -> bool {
            let mut told = false;
            loop {
                match recv(self.0.as_raw_fd(), &mut [0; 1], MsgFlags::empty()) {
                    // More was told than the socket holds.
                    Ok(_) | Err(Errno::ENOBUFS) => told = true,
                    Err(Errno::EINTR) => {}
                    Err(_) => return told,
                }
            }
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod system {
    use super::*;

    /// Nothing is told here.
    #[derive(Debug)]
    pub(in super::super) enum ChangeNotices {}

    impl ChangeNotices {
        /// Tells that nothing is told.
        pub(in super::super) fn open() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(in super::super) fn register(&self, _: &Registry, _: Token) -> io::Result<()> {
            match *self {}
        }

        pub(in super::super) fn take(&self) -> bool {
            match *self {}
        }
    }
}

pub(super) use system::ChangeNotices;

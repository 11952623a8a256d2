//! Where those are who were given by name: looked up in a thread of its own, as that can take long.

use core::time::Duration;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::string::String;
use std::sync::Arc;
use std::thread;
use std::vec::Vec;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use mio::Waker;

use super::peer_address::{Host, PeerAddress};
use super::{Error, std};

/// Names are looked up again after this: an address that was renewed is known within it.
const AGAIN_AFTER: Duration = Duration::from_secs(60);
/// The same while one of them is not found: the network may not be up yet.
const AGAIN_AFTER_FAILURE: Duration = Duration::from_secs(10);
/// So many addresses of one name are taken; a name that has more is one of a large service, and no peer's.
const ADDRESSES_MAX: usize = 8;

/// What a name was found to be.
#[derive(Debug)]
pub struct Resolved {
    /// Whom it was looked up for.
    pub peer: PeerAddress,
    /// Its addresses, with the port; or what the system says.
    pub addresses: io::Result<Vec<SocketAddr>>,
}

/// The addresses beyond the subnet that a run was given.
#[derive(Debug)]
pub(super) struct RemoteAddresses {
    peers: Vec<Known>,
    /// The port where none is given.
    port: u16,
    resolver: Option<Resolver>,
}

/// A peer that was given, and what is known of where it is.
#[derive(Debug)]
struct Known {
    peer: PeerAddress,
    /// As it was found last; what cannot be found any more may still be there.
    addresses: Vec<SocketAddr>,
    /// What the system said when it could not be found last.
    failure: Option<io::ErrorKind>,
}

/// The other end of the thread. It ends when this is dropped, or as soon as what it looks up then is found.
#[derive(Debug)]
struct Resolver {
    again: Sender<()>,
    answers: Receiver<Resolved>,
}

impl RemoteAddresses {
    /// Most peers that can be given.
    pub(super) const PEERS_MAX: usize = 64;

    /// Those of these peers, at most [`PEERS_MAX`](Self::PEERS_MAX); of the first ones, where there are more.
    pub(super) fn new(peers: Vec<PeerAddress>, port: u16) -> Self {
        let known = |peer: PeerAddress| {
            let ip = if let Host::Ip(ip) = peer.host { Some(ip) } else { None };
            let addresses = ip.map(|ip| SocketAddr::new(ip, peer.port_or(port)));
            Known { peer, addresses: addresses.into_iter().collect(), failure: None }
        };
        Self { peers: peers.into_iter().take(Self::PEERS_MAX).map(known).collect(), port, resolver: None }
    }

    /// Begins to look up those that have names. The waker is woken when something was found.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(super) fn start(&mut self, waker: Arc<Waker>) -> Result<(), Error> {
        let names = self.peers.iter().filter(|known| matches!(known.peer.host, Host::Name(_)));
        let names: Vec<PeerAddress> = names.map(|known| known.peer.clone()).collect();
        if names.is_empty() {
            return Ok(());
        }
        let (again, asked) = bounded(1);
        let (answer, answers) = bounded(Self::PEERS_MAX);
        let port = self.port;
        thread::Builder::new()
            .name("cooee-names".into())
            .spawn(move || look_up_again_and_again(&names, port, &asked, &answer, &waker))
            .map_err(|source| Error::Start { what: "its thread that looks up names", source })?;
        self.resolver = Some(Resolver { again, answers });
        Ok(())
    }

    /// Whether any were given.
    pub(super) fn is_any(&self) -> bool {
        !self.peers.is_empty()
    }

    /// All addresses that are known.
    pub(super) fn to_vec(&self) -> Vec<SocketAddr> {
        self.peers.iter().flat_map(|known| known.addresses.iter().copied()).collect()
    }

    /// Looks the names up soon: the network is another one than before.
    pub(super) fn resolve_again(&self) {
        if let Some(resolver) = &self.resolver {
            // When one is asked for already, that is the same.
            let _ = resolver.again.try_send(());
        }
    }

    /// What was found since this was asked last, and differs from what was known.
    pub(super) fn take_news(&mut self) -> Vec<Resolved> {
        let Some(resolver) = &self.resolver else { return Vec::new() };
        let answers: Vec<Resolved> = resolver.answers.try_iter().collect();
        answers.into_iter().filter(|resolved| self.note(resolved)).collect()
    }

    /// Takes in what was found; tells whether that is news.
    fn note(&mut self, resolved: &Resolved) -> bool {
        let Some(known) = self.peers.iter_mut().find(|known| known.peer == resolved.peer) else { return false };
        let before = known.failure;
        match &resolved.addresses {
            Ok(addresses) => {
                known.failure = None;
                let is_other = known.addresses != *addresses;
                known.addresses.clone_from(addresses);
                is_other || before.is_some()
            }
            Err(error) => {
                known.failure = Some(error.kind());
                before != known.failure
            }
        }
    }
}

impl PeerAddress {
    fn port_or(&self, port: u16) -> u16 {
        self.port.map_or(port, core::num::NonZeroU16::get)
    }
}

fn look_up_again_and_again(
    names: &[PeerAddress],
    port: u16,
    asked: &Receiver<()>,
    answer: &Sender<Resolved>,
    waker: &Waker,
) {
    loop {
        let mut wait = AGAIN_AFTER;
        for peer in names {
            let Host::Name(name) = &peer.host else { continue };
            let addresses = look_up(name, peer.port_or(port));
            if addresses.is_err() {
                wait = AGAIN_AFTER_FAILURE;
            }
            if answer.send(Resolved { peer: peer.clone(), addresses }).is_err() || waker.wake().is_err() {
                return;
            }
        }
        if asked.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected) {
            return;
        }
    }
}

/// In order, so that those of a name server that turns them around are no news.
fn look_up(name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let mut found: Vec<SocketAddr> = (name, port).to_socket_addrs()?.collect();
    found.sort();
    found.dedup();
    found.truncate(ADDRESSES_MAX);
    if found.is_empty() {
        Err(io::Error::new(io::ErrorKind::NotFound, String::from("it has no address")))
    } else {
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(texts: &[&str]) -> Vec<PeerAddress> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn addresses_need_no_looking_up_and_have_the_port_of_the_run() {
        let remote = RemoteAddresses::new(peers(&["10.8.0.3", "10.8.0.4:5", "[fd00::3]:6", "name"]), 26633);
        let expected = ["10.8.0.3:26633", "10.8.0.4:5", "[fd00::3]:6"].map(|text| text.parse().unwrap());
        assert_eq!(remote.to_vec(), expected);
    }

    #[test]
    fn what_is_found_or_not_is_news_once() {
        let mut remote = RemoteAddresses::new(peers(&["name", "other"]), 26633);
        let found = |address: &str| Resolved {
            peer: peers(&["name"])[0].clone(),
            addresses: Ok(Vec::from([address.parse().unwrap()])),
        };
        let failed = |kind: io::ErrorKind| Resolved { peer: peers(&["name"])[0].clone(), addresses: Err(kind.into()) };
        let (one, other) = ("192.0.2.1:1", "192.0.2.2:1");
        assert_eq!([found(one), found(one), found(other)].map(|resolved| remote.note(&resolved)), [true, false, true]);
        let failure = || failed(io::ErrorKind::NotFound);
        assert_eq!(
            [failure(), failure(), failed(io::ErrorKind::TimedOut)].map(|resolved| remote.note(&resolved)),
            [true, false, true]
        );
        assert_eq!(remote.to_vec(), [other.parse().unwrap()], "it may still be there");
        assert_eq!([found(other), found(other)].map(|resolved| remote.note(&resolved)), [true, false]);
    }

    #[test]
    fn they_are_bounded() {
        let many: Vec<PeerAddress> = (1..=200).map(|port| std::format!("10.8.0.3:{port}").parse().unwrap()).collect();
        assert_eq!(RemoteAddresses::new(many, 26633).to_vec().len(), RemoteAddresses::PEERS_MAX);
    }

    #[test]
    fn the_name_of_this_machine_is_found() {
        assert!(look_up("localhost", 26633).unwrap().iter().all(|found| found.ip().is_loopback()));
    }
}

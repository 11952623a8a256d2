//! What becomes of those who were given to be called beyond the subnet.

use std::net::IpAddr;

use cooee::net::{NotReached, PeerAddress, Resolved};
use cooee::node::Peer;

use crate::ui::commands::doctor::observations::{ObservedRemote, RemoteOutcome};

/// All who were given, and where they are as far as that is known.
#[derive(Default)]
pub(super) struct Remotes(Vec<Remote>);

struct Remote {
    peer: PeerAddress,
    ips: Vec<IpAddr>,
    /// Why there is nothing better to tell than silence.
    problem: Option<RemoteOutcome>,
}

impl Remotes {
    pub(super) fn new(given: &[PeerAddress]) -> Self {
        let remote = |peer: &PeerAddress| {
            let ips: Vec<IpAddr> = peer.ip().into_iter().collect();
            let problem = ips.is_empty().then_some(RemoteOutcome::NotTried);
            Remote { peer: peer.clone(), ips, problem }
        };
        Self(given.iter().map(remote).collect())
    }

    pub(super) fn handle_resolved(&mut self, resolved: &Resolved) {
        for remote in self.0.iter_mut().filter(|remote| remote.peer == resolved.peer) {
            match &resolved.addresses {
                Ok(addresses) => {
                    remote.ips = addresses.iter().map(|address| address.ip()).collect();
                    remote.problem = None;
                }
                Err(error) => remote.problem = Some(RemoteOutcome::NotFound(error.to_string())),
            }
        }
    }

    pub(super) fn handle_not_reached(&mut self, failure: &NotReached) {
        for remote in self.0.iter_mut().filter(|remote| remote.ips.contains(&failure.to.ip())) {
            remote.problem = Some(RemoteOutcome::NotSent(failure.error.to_string()));
        }
    }

    /// What has become of each, as these are heard.
    pub(super) fn observed(&self, peers: &[Peer]) -> Vec<ObservedRemote> {
        let is_heard = |remote: &Remote| {
            let mut ways = peers.iter().flat_map(|peer| &peer.ways);
            ways.any(|way| remote.ips.contains(&way.address.ip()))
        };
        let observed = |remote: &Remote| ObservedRemote {
            given: remote.peer.to_string(),
            outcome: match &remote.problem {
                _ if is_heard(remote) => RemoteOutcome::Answers,
                Some(problem) => problem.clone(),
                None => RemoteOutcome::Silent,
            },
        };
        self.0.iter().map(observed).collect()
    }
}

//! What can be seen of the LAN from outside.

use std::collections::BTreeSet;
use std::time::Duration;

use cooee::node::{HearsUs, Node, Peer};
use cooee::wire::Run;

use super::{HostNumber, Lan};

/// Three and a half of the shortest beacon interval, which is that of every LAN of up to 80.
const EXPIRY: Duration = Duration::from_millis(17_500);

impl Lan {
    /// What was so before a cut healed may be told so long after it: so far apart are two beacons that would show that it
    /// is otherwise, and one of them takes a while.
    const TOLD_LATE: Duration = Duration::from_secs(7);

    /// The node that runs on a host.
    pub(crate) fn node(&self, host: HostNumber) -> &Node {
        self.hosts[host].node.as_ref().expect("something runs there")
    }

    /// Takes the node off a host, to drive it by hand.
    pub(crate) fn take_node(&mut self, host: HostNumber) -> Node {
        self.hosts[host].node.take().expect("something runs there")
    }

    /// The runs in a host's peer table.
    pub(crate) fn table(&self, host: HostNumber) -> BTreeSet<Run> {
        self.node(host).peers().map(|peer| peer.run).collect()
    }

    /// Whom a host hears that has not shown that it is heard by it.
    pub(crate) fn one_way(&self, host: HostNumber) -> Vec<Peer> {
        self.node(host).one_way(self.own_time(host)).collect()
    }

    /// Sees to it that nobody is told to be deaf who could hear the host all the while.
    pub(super) fn assert_deaf(&self, host: HostNumber, peer: &Peer) {
        assert_eq!(peer.hears_us, HearsUs::No);
        let runs = |other: &HostNumber| self.hosts[*other].node.as_ref().is_some_and(|node| node.run() == peer.run);
        // Of whom nothing runs any more, or never did, somebody has made it up.
        let Some(deaf) = (0..self.hosts.len()).find(runs) else { return };
        let is_cut = self.cut.contains(&(deaf, host));
        assert!(is_cut || self.now.since(self.healed) < Self::TOLD_LATE, "{} is slandered: {peer:?}", peer.run);
    }

    /// Whether a host's lid is open.
    pub(crate) fn is_awake(&self, host: HostNumber) -> bool {
        self.hosts[host].asleep.is_none()
    }

    /// Hosts on which something runs.
    pub(crate) fn running(&self) -> impl Iterator<Item = HostNumber> {
        (0..self.hosts.len()).filter(|host| self.hosts[*host].node.is_some())
    }

    /// Whether every run has been shown all that the others said.
    pub(crate) fn everybody_has_all(&self) -> bool {
        let runs = self.running().map(|host| self.node(host).run());
        runs.into_iter().all(|run| self.model.shown_by(run) == self.model.said_by_others(run))
    }

    /// Sees to it that every member has been shown all that it can have: what it lacks is held by nobody who can be
    /// heard, and it was told of what it lacks among what it has.
    pub(crate) fn assert_complete(&self) {
        for reader in self.running() {
            let run = self.node(reader).run();
            let can_be_had = |author, lines| {
                let heard = |other: &HostNumber| *other == reader || !self.cut.contains(&(reader, *other));
                self.running().filter(heard).any(|other| self.node(other).holds(author, lines))
            };
            self.model.assert_complete(run, can_be_had);
        }
    }

    /// Sees to it that nobody is shown who has been silent for longer than he may.
    pub(crate) fn assert_nobody_expired(&self) {
        for host in self.running().filter(|host| self.hosts[*host].asleep.is_none()) {
            let now = self.own_time(host);
            for peer in self.node(host).peers() {
                assert!(
                    now.since(peer.heard) <= EXPIRY,
                    "{} shows {}, who has expired",
                    self.node(host).run(),
                    peer.run
                );
            }
        }
    }

    /// Whether every member that runs has every other member, and nobody else, in its table.
    pub(crate) fn everybody_knows_everybody(&self) -> bool {
        let members = self.model.members();
        self.running().all(|host| {
            let mut others = members.clone();
            others.remove(&self.node(host).run());
            self.table(host) == others
        })
    }
}

//! Access points that keep their clients apart: each of them reaches the router, and none the others. Or they pass on
//! what one client says to another, but nothing that is for all.

use crate::ui::commands::doctor::finding::{Finding, Topic};
use crate::ui::commands::doctor::machine::firewall::{Cast, Direction};
use crate::ui::commands::doctor::observations::{Observations, ObservedPeer, Ping};
use crate::ui::safe::Safe;

/// What an access point keeps from its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Isolation {
    /// What one says to another.
    Unicast,
    /// What one says to all.
    Broadcast,
}

pub(super) fn check(observed: &Observations) -> Vec<Finding> {
    let mut interfaces: Vec<&str> = observed.links.iter().map(|link| &*link.interface).collect();
    interfaces.dedup();
    let finding = |interface| Some(found(interface, of_interface(observed, interface)?));
    interfaces.into_iter().filter_map(finding).collect()
}

/// What the access point behind an interface seems to keep from its clients, if anything.
pub(super) fn of_interface(observed: &Observations, interface: &str) -> Option<Isolation> {
    let is_there = |peer: &&ObservedPeer| !peer.is_here && peer.interface == interface;
    let asked = |peer: &&ObservedPeer| peer.unicast != Ping::NotAsked;
    let peers: Vec<&ObservedPeer> = observed.peers.iter().filter(is_there).filter(asked).collect();
    let all = |is: fn(&ObservedPeer) -> bool| peers.iter().all(|peer| is(peer));
    let closes = |cast| [Direction::In, Direction::Out].iter().any(|way| observed.firewall.closes(*way, cast));
    let reaches_gateway = observed.gateways.iter().any(|gateway| gateway.interface == interface && gateway.answers);
    // Who does not even hear what is said to all shows nothing.
    if peers.is_empty() {
        return None;
    }
    if all(|peer| matches!((peer.unicast, peer.broadcast), (Ping::Answered(_), Ping::Lost))) {
        return (!closes(Cast::Broadcast)).then_some(Isolation::Broadcast);
    }
    let is_isolated = reaches_gateway && all(|peer| peer.unicast == Ping::Lost) && !closes(Cast::Unicast);
    is_isolated.then_some(Isolation::Unicast)
}

fn found(interface: &str, isolation: Isolation) -> Finding {
    let shown = Safe::name(interface, "?");
    let words = match isolation {
        Isolation::Unicast => format!(
            "the access point or switch behind {shown} seems to keep its clients apart: the router answers, and nobody \
             who is heard does by unicast"
        ),
        Isolation::Broadcast => format!(
            "the access point or switch behind {shown} seems to hold back broadcasts: all who are heard answer by \
             unicast alone"
        ),
    };
    let finding = Finding::fail(Topic::Isolation, words)
        .remedy("Switch off client isolation (\"AP isolation\") there, and leave a guest network for the main one.");
    finding.remedy("It may also be a firewall on each of the others.").on(interface)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{peer, sound, told};
    use super::*;
    use crate::ui::commands::doctor::machine::firewall::{Closed, Place};

    fn isolated() -> Observations {
        let mut observed = sound();
        observed.peers = vec![peer(1, "bob"), peer(2, "carol")];
        observed.peers.iter_mut().for_each(|peer| peer.unicast = Ping::Lost);
        observed
    }

    #[test]
    fn where_the_router_answers_and_nobody_else_does_clients_are_kept_apart() {
        let words = told(&check(&isolated())).concat();
        assert!(
            words.starts_with("FAIL the access point or switch behind eth0 seems to keep its clients apart"),
            "{words}"
        );
    }

    #[test]
    fn nobody_is_blamed_where_it_may_be_something_else() {
        let mut observed = isolated();
        observed.peers[0].unicast = sound().peers[0].unicast;
        assert_eq!(check(&observed), [], "one of them answers");
        observed = isolated();
        observed.gateways[0].answers = false;
        assert_eq!(check(&observed), [], "the router does not answer either");
        observed = isolated();
        let place = Place::Iptables { chain: "INPUT".to_owned() };
        observed.firewall.closed = vec![Closed { direction: Direction::In, cast: Cast::Unicast, place }];
        assert_eq!(check(&observed), [], "it is the own firewall");
        observed = isolated();
        observed.peers.iter_mut().for_each(|peer| peer.is_here = true);
        assert_eq!(check(&observed), [], "they are on this machine");
        assert_eq!(check(&sound()), []);
    }

    #[test]
    fn who_is_heard_one_way_shows_nothing() {
        let mut observed = isolated();
        observed.one_way = std::mem::take(&mut observed.peers);
        assert_eq!(check(&observed), []);
    }

    #[test]
    fn broadcasts_can_be_held_back_too() {
        let mut observed = sound();
        observed.peers[0].broadcast = Ping::Lost;
        assert!(told(&check(&observed)).concat().contains("seems to hold back broadcasts"));
    }
}

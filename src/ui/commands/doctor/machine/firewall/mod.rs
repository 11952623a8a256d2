//! The firewall: which one there is, and whether its rules would drop what a run sends or is sent. They are read where
//! that is allowed, and never changed.

mod iptables;
mod nft;
mod rules;

use std::fs;
use std::net::IpAddr;

use self::rules::{Fate, Packet};
use super::programs::{Answer, ask};

/// Where ufw keeps whether it is on.
const UFW_CONFIG: &str = "/etc/ufw/ufw.conf";

/// What is known of the firewall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Firewall {
    pub(in super::super) front: Option<Front>,
    pub(in super::super) reading: Reading,
    /// What the rules would drop for sure.
    pub(in super::super) closed: Vec<Closed>,
    /// Whether there are rules of which it cannot be told what becomes of a datagram.
    pub(in super::super) unclear: bool,
}

/// A program that keeps the rules for its user: ports are to be opened by it, as it would undo what others do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Front {
    Ufw,
    Firewalld,
}

/// Whether the rules could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Reading {
    /// They could.
    Read,
    /// There is a program that lists them, which refuses to.
    Refused,
    /// There is none that is known here.
    NoProgram,
}

/// A way that a rule closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Closed {
    pub(in super::super) direction: Direction,
    pub(in super::super) cast: Cast,
    pub(in super::super) place: Place,
}

/// Which way a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Direction {
    In,
    Out,
}

/// Whom a datagram is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Cast {
    Broadcast,
    Unicast,
}

/// Where a rule stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Place {
    Nft { family: String, table: String, chain: String },
    Iptables { chain: String },
}

/// A link, as far as rules may ask for it.
#[derive(Clone, Debug)]
pub(in super::super) struct Way {
    pub(in super::super) interface: String,
    pub(in super::super) address: IpAddr,
}

/// What the firewall would do on these links with what is said on `port` and the ports for unicast behind it.
pub(in super::super) fn look(ways: &[Way], port: u16, unicast_port: u16) -> Firewall {
    let (nft, iptables) = (ask("nft", &["-j", "list", "ruleset"]), ask("iptables", &["-S"]));
    let packets = packets(ways, port, unicast_port);
    let front = if fs::read_to_string(UFW_CONFIG).is_ok_and(|text| is_ufw_on(&text)) {
        Some(Front::Ufw)
    } else {
        let by_rules = if let Answer::Said(text) = &nft { Some(nft::has_firewalld(text)) } else { None };
        by_rules.unwrap_or_else(is_firewalld_running).then_some(Front::Firewalld)
    };
    assess(&nft, &iptables, front, &packets)
}

/// Takes half a second where it is installed: it is asked only where the rules do not tell.
fn is_firewalld_running() -> bool {
    matches!(ask("firewall-cmd", &["--state"]), Answer::Said(text) if text.trim() == "running")
}

/// What two listings of rules say of these packets.
fn assess(nft: &Answer, iptables: &Answer, front: Option<Front>, packets: &[Packet<'_>]) -> Firewall {
    let reading = match (nft, iptables) {
        (Answer::Said(_), _) | (_, Answer::Said(_)) => Reading::Read,
        (Answer::Missing, Answer::Missing) => Reading::NoProgram,
        _ => Reading::Refused,
    };
    let mut firewall = Firewall { front, reading, closed: Vec::new(), unclear: false };
    for packet in packets {
        if let Answer::Said(text) = iptables {
            firewall.note(packet, iptables::fates(text, packet));
        }
        if let Answer::Said(text) = nft {
            // What iptables has made it lists more clearly itself.
            firewall.note(packet, nft::fates(text, packet, matches!(iptables, Answer::Said(_))));
        }
    }
    firewall
}

impl Firewall {
    fn note(&mut self, packet: &Packet<'_>, fates: Vec<(Place, Fate)>) {
        for (place, fate) in fates {
            let closed = Closed { direction: packet.direction, cast: packet.cast, place };
            match fate {
                Fate::Open => {}
                Fate::Unclear => self.unclear = true,
                Fate::Closed if self.closed.contains(&closed) => {}
                Fate::Closed => self.closed.push(closed),
            }
        }
    }

    /// Whether a rule closes this way for sure.
    pub(in super::super) fn closes(&self, direction: Direction, cast: Cast) -> bool {
        self.closed.iter().any(|closed| closed.direction == direction && closed.cast == cast)
    }
}

/// One datagram of each sort, by each link.
fn packets(ways: &[Way], port: u16, unicast_port: u16) -> Vec<Packet<'_>> {
    let of = |way| {
        [
            Packet::new(way, Direction::In, Cast::Broadcast, port),
            Packet::new(way, Direction::Out, Cast::Broadcast, port),
            Packet::new(way, Direction::In, Cast::Unicast, unicast_port),
            // Others too take the first free port for unicast.
            Packet::new(way, Direction::Out, Cast::Unicast, port.saturating_add(1)),
        ]
    };
    ways.iter().filter(|way| way.address.is_ipv4()).flat_map(of).collect()
}

fn is_ufw_on(config: &str) -> bool {
    let value = |line: &str| line.trim().strip_prefix("ENABLED=").map(|value| value.trim_matches('"').to_lowercase());
    config.lines().filter_map(value).next_back().is_some_and(|value| value == "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eth0() -> Vec<Way> {
        vec![Way { interface: "eth0".to_owned(), address: [192, 0, 2, 1].into() }]
    }

    #[test]
    fn ufw_is_on_where_its_file_says_so() {
        assert!(is_ufw_on("# set to yes\nENABLED=yes\nLOGLEVEL=low\n"));
        assert!(!is_ufw_on("#ENABLED=yes\nENABLED=no\n") && !is_ufw_on(""));
    }

    #[test]
    fn what_cannot_be_read_is_no_open_door() {
        let (ways, said) = (eth0(), |text: &str| Answer::Said(text.to_owned()));
        let packets = packets(&ways, 26633, 26634);
        let reading = |nft: &Answer, iptables: &Answer| assess(nft, iptables, None, &packets).reading;
        assert_eq!(reading(&Answer::Refused, &Answer::Missing), Reading::Refused);
        assert_eq!(reading(&Answer::Missing, &Answer::Missing), Reading::NoProgram);
        assert_eq!(reading(&said("{}"), &Answer::Refused), Reading::Read);
    }

    #[test]
    fn a_way_that_two_links_share_is_closed_once() {
        let mut ways = eth0();
        ways.push(Way { interface: "eth1".to_owned(), address: [198, 51, 100, 1].into() });
        let listed = Answer::Said("-P INPUT DROP\n-P OUTPUT ACCEPT\n".to_owned());
        let firewall = assess(&Answer::Missing, &listed, None, &packets(&ways, 26633, 26634));
        assert_eq!(firewall.closed.len(), 2, "broadcast and unicast: {firewall:?}");
        assert!(firewall.closes(Direction::In, Cast::Unicast) && !firewall.closes(Direction::Out, Cast::Broadcast));
    }
}

//! The ways onto LANs that are in use now.

use std::collections::BTreeMap;
use std::format;
use std::net::{IpAddr, Ipv4Addr};
use std::string::String;
use std::vec::Vec;

use super::interfaces::{Interface, Unused, Use, interfaces, interfaces_now};
use super::{Error, std};
use crate::node::{self, LinkId};

/// One way onto a LAN: an interface's address and the broadcast address of its subnet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Names it for as long as the run lasts, also after it has gone and come back.
    pub id: LinkId,
    /// The interface's name.
    pub interface: String,
    /// The number by which the system knows the interface.
    pub index: u32,
    /// The interface's own address there.
    pub address: Ipv4Addr,
    /// How many bits of it name the subnet.
    pub prefix: u8,
    /// Where to send what shall reach everybody.
    pub broadcast: Ipv4Addr,
}

impl Link {
    fn is_neighbour(&self, ip: Ipv4Addr) -> bool {
        let host_bits = u32::MAX.checked_shr(self.prefix.into()).unwrap_or(0);
        (self.address.to_bits() ^ ip.to_bits()) & !host_bits == 0
    }
}

/// The links in use, and how they are chosen.
#[derive(Debug)]
pub(super) struct Links {
    wanted: Vec<String>,
    interfaces: Vec<Interface>,
    links: Vec<Link>,
    /// Every link there has been: an interface's number and a broadcast address have the same id whenever they come.
    ids: BTreeMap<(u32, Ipv4Addr), LinkId>,
}

impl Links {
    /// Looks up which links there are.
    pub(super) fn look(wanted: &[String]) -> Result<Self, Error> {
        let interfaces = interfaces(wanted)?;
        let mut links = Self { wanted: wanted.to_vec(), interfaces, links: Vec::new(), ids: BTreeMap::new() };
        links.links = links.usable();
        Ok(links)
    }

    /// Looks again; tells whether anything has changed. What cannot be looked up stays as it was.
    pub(super) fn look_again(&mut self) -> bool {
        let Ok(interfaces) = interfaces_now(&self.wanted) else { return false };
        self.interfaces = interfaces;
        let links = self.usable();
        let changed = links != self.links;
        self.links = links;
        changed
    }

    pub(super) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Link> {
        self.links.iter()
    }

    pub(super) fn to_vec(&self) -> Vec<Link> {
        self.links.clone()
    }

    pub(super) fn by_id(&self, id: LinkId) -> Option<&Link> {
        self.links.iter().find(|link| link.id == id)
    }

    /// The links as a node sees them.
    pub(super) fn for_node(&self) -> Vec<node::Link> {
        self.links.iter().map(|link| node::Link { id: link.id, address: link.address.into() }).collect()
    }

    /// The link by which something came from `from`, by the interface of that number; `None` for an interface that
    /// is not in use: what comes by it is not heard. Where the system does not tell the interface, the subnet does.
    pub(super) fn of(&self, from: IpAddr, index: Option<u32>) -> Option<&Link> {
        let IpAddr::V4(from) = from else { return None };
        let own = |link: &&Link| link.address == from;
        let near = |link: &&Link| link.is_neighbour(from);
        match index {
            None => self.links.iter().find(near),
            Some(index) => {
                let mut here = self.links.iter().filter(|link| link.index == index);
                // What a neighbour on this machine sends to our own address takes the way of loopback.
                here.clone().find(near).or_else(|| here.next()).or_else(|| self.links.iter().find(own))
            }
        }
    }

    /// The error that says why there is none.
    pub(super) fn none_usable(&self) -> Error {
        let reasons = self.interfaces.iter().filter_map(|interface| match interface.used {
            Use::Unused(reason) if reason != Unused::NotAskedFor => {
                Some(format!("{}: {}", interface.name, reason.reason()))
            }
            _ => None,
        });
        let why = reasons.take(4).collect::<Vec<_>>().join(", ");
        Error::NoLink { why: if why.is_empty() { "there is none".into() } else { why } }
    }

    fn usable(&mut self) -> Vec<Link> {
        let mut links: Vec<Link> = Vec::new();
        for interface in self.interfaces.iter().filter(|interface| interface.used == Use::Used) {
            for address in &interface.addresses {
                let (IpAddr::V4(ip), Some(broadcast)) = (address.ip, address.broadcast) else { continue };
                // A second address on the same subnet is no second way.
                if links.iter().any(|link| link.index == interface.index && link.broadcast == broadcast) {
                    continue;
                }
                let next = LinkId(u32::try_from(self.ids.len()).unwrap_or(u32::MAX));
                links.push(Link {
                    id: *self.ids.entry((interface.index, broadcast)).or_insert(next),
                    interface: interface.name.clone(),
                    index: interface.index,
                    address: ip,
                    prefix: address.prefix,
                    broadcast,
                });
            }
        }
        links
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Address, State};

    fn interface(name: &str, index: u32, addresses: &[([u8; 4], u8, [u8; 4])]) -> Interface {
        let addresses = addresses.iter().map(|(ip, prefix, broadcast)| Address {
            ip: (*ip).into(),
            prefix: *prefix,
            broadcast: Some((*broadcast).into()),
        });
        Interface { name: name.into(), index, state: State::Up, addresses: addresses.collect(), used: Use::Used }
    }

    fn links(interfaces: Vec<Interface>) -> Links {
        let mut links = Links { wanted: Vec::new(), interfaces, links: Vec::new(), ids: BTreeMap::new() };
        links.links = links.usable();
        links
    }

    #[test]
    fn a_second_address_on_the_same_subnet_is_no_second_link() {
        let lan = ([192, 0, 2, 1], 24, [192, 0, 2, 255]);
        let again = ([192, 0, 2, 2], 24, [192, 0, 2, 255]);
        let other = ([198, 51, 100, 1], 24, [198, 51, 100, 255]);
        let links = links(Vec::from([interface("eth0", 2, &[lan, again, other]), interface("eth1", 3, &[again])]));
        let ways: Vec<_> = links.iter().map(|link| (&*link.interface, link.address.octets())).collect();
        assert_eq!(ways, [("eth0", [192, 0, 2, 1]), ("eth0", [198, 51, 100, 1]), ("eth1", [192, 0, 2, 2])]);
    }

    #[test]
    fn what_comes_is_told_apart_by_card_and_then_by_subnet() {
        let links = links(Vec::from([
            interface(
                "eth0",
                2,
                &[([192, 0, 2, 1], 25, [192, 0, 2, 127]), ([198, 51, 100, 1], 24, [198, 51, 100, 255])],
            ),
            interface("eth1", 3, &[([192, 0, 2, 2], 25, [192, 0, 2, 127])]),
        ]));
        let of = |from: [u8; 4], index| links.of(from.into(), index).map(|link| link.id.0);
        assert_eq!(of([192, 0, 2, 7], Some(2)), Some(0));
        assert_eq!(of([192, 0, 2, 7], Some(3)), Some(2));
        assert_eq!(of([198, 51, 100, 7], Some(2)), Some(1));
        assert_eq!(of([10, 0, 0, 1], Some(3)), Some(2), "of no subnet, but by the card");
        assert_eq!(of([192, 0, 2, 7], Some(9)), None, "a card that is not in use");
        assert_eq!(of([198, 51, 100, 1], Some(1)), Some(1), "our own address, by loopback");
        assert_eq!(of([198, 51, 100, 7], None), Some(1), "a system that does not tell the card");
        assert_eq!(of([192, 0, 2, 200], None), None);
    }

    #[test]
    fn a_link_that_comes_back_has_the_same_id() {
        let eth0 = || interface("eth0", 2, &[([192, 0, 2, 1], 24, [192, 0, 2, 255])]);
        let wlan0 = || interface("wlan0", 3, &[([192, 0, 2, 2], 24, [192, 0, 2, 255])]);
        let mut links = links(Vec::from([eth0(), wlan0()]));
        links.interfaces = Vec::from([wlan0()]);
        assert_eq!(links.usable()[0].id, LinkId(1));
        links.interfaces = Vec::from([eth0()]);
        assert_eq!(links.usable()[0].id, LinkId(0));
    }
}

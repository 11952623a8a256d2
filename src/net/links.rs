//! The ways onto LANs that are in use now.

use std::collections::BTreeMap;
use std::format;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::string::String;
use std::vec::Vec;

use super::choice::InterfaceChoice;
use super::interfaces::{Interface, Unused, Use, interfaces, interfaces_now};
use super::{Error, std};
use crate::node::{self, CardId, LinkId};

/// The group that stands for everybody where IPv6 is spoken, of link-local scope: no router passes on what is sent to
/// it. Its group id, c00e:000e, lies in the range from 8000:0000 that RFC 3307, section 4.3, leaves to whoever wants a
/// group without asking for one; with another one, runs would not hear each other.
pub const GROUP: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0xc00e, 0x000e);

/// One way onto a LAN: an interface's IPv4 address and the broadcast address of its subnet, or its link-local IPv6
/// address and [`GROUP`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Names it for as long as the run lasts, also after it has gone and come back.
    pub id: LinkId,
    /// The interface's name.
    pub interface: String,
    /// The number by which the system knows the interface.
    pub index: u32,
    /// The interface's own address there.
    pub address: IpAddr,
    /// How many bits of it name the subnet.
    pub prefix: u8,
    /// Where to send what shall reach everybody; of the same family as `address`.
    pub everybody: IpAddr,
}

impl Link {
    /// Where an address is, as seen from this link: a link-local one says nothing without the interface.
    pub fn to(&self, ip: IpAddr, port: u16) -> SocketAddr {
        match ip {
            IpAddr::V4(_) => SocketAddr::new(ip, port),
            IpAddr::V6(ip) => SocketAddrV6::new(ip, port, 0, if needs_scope(ip) { self.index } else { 0 }).into(),
        }
    }

    fn is_neighbour(&self, ip: IpAddr) -> bool {
        let (differing, len) = match (self.address, ip) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => (u128::from(own.to_bits() ^ ip.to_bits()), 32),
            (IpAddr::V6(own), IpAddr::V6(ip)) => (own.to_bits() ^ ip.to_bits(), 128),
            _ => return false,
        };
        let host_bits = len - u32::from(self.prefix).min(len);
        differing.checked_shr(host_bits).unwrap_or(0) == 0
    }
}

/// Whether the address is one of many of the same kind, one a LAN: of link-local scope, of one run or of a group.
const fn needs_scope(ip: Ipv6Addr) -> bool {
    const LINK_LOCAL_GROUPS: u16 = 0xff02;
    ip.is_unicast_link_local() || ip.segments()[0] & 0xff0f == LINK_LOCAL_GROUPS
}

/// The links in use, and how they are chosen.
#[derive(Debug)]
pub(super) struct Links {
    choice: InterfaceChoice,
    /// Without sockets for it, as in some sandboxes, an address is of no use.
    has_ipv6: bool,
    interfaces: Vec<Interface>,
    /// At most [`COUNT_MAX`](Self::COUNT_MAX), those by IPv4 first: what all have is the first choice.
    links: Vec<Link>,
    ids: Ids,
}

/// The ids of links. The same one whenever a link comes back, as long as it is remembered.
#[derive(Debug, Default)]
struct Ids {
    /// By an interface's number, and where everybody is reached. Bounded: those in use stay.
    known: BTreeMap<(u32, IpAddr), LinkId>,
    next: u32,
}

impl Ids {
    /// A machine that starts containers all day long makes ever new interfaces.
    const KNOWN_MAX: usize = 1024;

    fn of(&mut self, index: u32, everybody: IpAddr, links: &[Link]) -> LinkId {
        if let Some(id) = self.known.get(&(index, everybody)) {
            return *id;
        }
        if self.known.len() >= Self::KNOWN_MAX {
            self.known.retain(|_, id| links.iter().any(|link| link.id == *id));
        }
        let id = LinkId(self.next);
        self.next = self.next.wrapping_add(1);
        self.known.insert((index, everybody), id);
        id
    }
}

impl Links {
    /// Everything that is for all goes out once a link. A machine with more than this is a router or a host of hundreds
    /// of virtual machines, and there somebody has to say which interfaces are meant.
    const COUNT_MAX: usize = 64;

    /// Looks up which links there are.
    pub(super) fn look(choice: InterfaceChoice, has_ipv6: bool) -> Result<Self, Error> {
        let interfaces = interfaces(&choice)?;
        let mut links = Self { choice, has_ipv6, interfaces, links: Vec::new(), ids: Ids::default() };
        links.links = links.usable();
        Ok(links)
    }

    /// Looks again; tells whether anything has changed. What cannot be looked up stays as it was.
    pub(super) fn look_again(&mut self) -> bool {
        let Ok(interfaces) = interfaces_now(&self.choice) else { return false };
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
        let for_node = |link: &Link| node::Link { id: link.id, card: CardId(link.index), address: link.address };
        self.links.iter().map(for_node).collect()
    }

    /// The link by which something came from `from`, by the interface of that number; `None` for an interface that
    /// is not in use: what comes by it is not heard. Where the system does not tell the interface, the subnet does.
    pub(super) fn of(&self, from: IpAddr, index: Option<u32>) -> Option<&Link> {
        let own = |link: &&Link| link.address == from;
        let near = |link: &&Link| link.is_neighbour(from);
        let mut family = self.links.iter().filter(|link| link.address.is_ipv4() == from.is_ipv4());
        match index {
            None => family.find(near),
            Some(index) => {
                let mut here = family.clone().filter(|link| link.index == index);
                // What a neighbour on this machine sends to our own address takes the way of loopback.
                here.clone().find(near).or_else(|| here.next()).or_else(|| family.find(own))
            }
        }
    }

    /// The link by which something came, for a run that hears also what comes from beyond: that has none, but comes by
    /// whichever way the system knows.
    pub(super) fn of_or_remote(&self, from: IpAddr, index: Option<u32>) -> LinkId {
        let link = self.of(from, index).filter(|link| link.address == from || link.is_neighbour(from));
        link.map_or(LinkId::REMOTE, |link| link.id)
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
        let used = self.interfaces.iter().filter(|interface| interface.used == Use::Used);
        let ways = used.flat_map(|interface| {
            interface.addresses.iter().filter_map(move |address| Some((interface, address, address.everybody?)))
        });
        let (v4, v6): (Vec<_>, Vec<_>) = ways.partition(|(.., everybody)| everybody.is_ipv4());
        for (interface, address, everybody) in v4.into_iter().chain(v6.into_iter().filter(|_| self.has_ipv6)) {
            // A second address on the same subnet is no second way.
            if links.iter().any(|link| link.index == interface.index && link.everybody == everybody) {
                continue;
            }
            if links.len() == Self::COUNT_MAX {
                break;
            }
            links.push(Link {
                id: self.ids.of(interface.index, everybody, &self.links),
                interface: interface.name.clone(),
                index: interface.index,
                address: address.ip,
                prefix: address.prefix,
                everybody,
            });
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
            everybody: Some((*broadcast).into()),
        });
        Interface { name: name.into(), index, state: State::Up, addresses: addresses.collect(), used: Use::Used }
    }

    fn links(interfaces: Vec<Interface>) -> Links {
        let choice = InterfaceChoice::default();
        let mut links = Links { choice, has_ipv6: true, interfaces, links: Vec::new(), ids: Ids::default() };
        links.links = links.usable();
        links
    }

    #[test]
    fn a_second_address_on_the_same_subnet_is_no_second_link() {
        let lan = ([192, 0, 2, 1], 24, [192, 0, 2, 255]);
        let again = ([192, 0, 2, 2], 24, [192, 0, 2, 255]);
        let other = ([198, 51, 100, 1], 24, [198, 51, 100, 255]);
        let links = links(Vec::from([interface("eth0", 2, &[lan, again, other]), interface("eth1", 3, &[again])]));
        let ways: Vec<_> = links.iter().map(|link| format!("{} {}", link.interface, link.address)).collect();
        assert_eq!(ways, ["eth0 192.0.2.1", "eth0 198.51.100.1", "eth1 192.0.2.2"]);
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
        let of = |from: [u8; 4], index| links.of(IpAddr::from(from), index).map(|link| link.id.0);
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
    const LINK_LOCAL: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);

    /// A card on a LAN by both families.
    fn dual(name: &str, index: u32) -> Interface {
        let mut interface = interface(name, index, &[([192, 0, 2, 1], 24, [192, 0, 2, 255])]);
        interface.addresses.insert(0, Address { ip: LINK_LOCAL.into(), prefix: 64, everybody: Some(GROUP.into()) });
        interface
    }

    #[test]
    fn both_families_are_links_and_ipv4_goes_first() {
        let links = links(Vec::from([dual("eth0", 2), dual("eth1", 3)]));
        let ways: Vec<_> = links.iter().map(|link| (&*link.interface, link.everybody.is_ipv4())).collect();
        assert_eq!(ways, [("eth0", true), ("eth1", true), ("eth0", false), ("eth1", false)]);
        let of = |from: IpAddr, index| links.of(from, index).map(|link| link.id.0);
        let neighbour = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 9);
        assert_eq!((of(neighbour.into(), Some(2)), of(neighbour.into(), Some(3))), (Some(2), Some(3)));
        assert_eq!(of(neighbour.into(), Some(9)), None, "a card that is not in use");
        assert_eq!(of([192, 0, 2, 9].into(), Some(3)), Some(1));
        assert_eq!(links.links[3].to(neighbour.into(), 5), SocketAddrV6::new(neighbour, 5, 0, 3).into());
        assert_eq!(links.links[3].to(GROUP.into(), 5), SocketAddrV6::new(GROUP, 5, 0, 3).into());
        let global = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
        assert_eq!(links.links[3].to(global.into(), 5), SocketAddrV6::new(global, 5, 0, 0).into());
    }

    #[test]
    fn links_and_the_memory_of_them_are_bounded() {
        let mut links = links((1..=100).map(|index| dual("eth", index)).collect());
        assert_eq!(links.links.len(), Links::COUNT_MAX);
        let first = links.links[0].clone();
        for index in 1000..9000 {
            links.interfaces = Vec::from([dual("eth", 1), dual("veth", index)]);
            links.links = links.usable();
            assert!(links.ids.known.len() <= Ids::KNOWN_MAX);
        }
        assert_eq!(links.links[0], first, "one that stays keeps its id");
    }
}

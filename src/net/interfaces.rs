//! The machine's network interfaces: what they are, and whether a LAN can be reached by them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::string::String;
use std::vec::Vec;

use if_addrs::{IfAddr, IfOperStatus, Ifv4Addr};

use super::bridge_port::is_bridge_port;
use super::choice::{InterfaceChoice, is_pattern};
use super::links::GROUP;
use super::tentative::tentative_addresses;
use super::{Error, std};

/// A network interface of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// The number by which the system knows it.
    pub index: u32,
    /// Whether anything can go through it.
    pub state: State,
    /// Its addresses, of both families.
    pub addresses: Vec<Address>,
    /// Whether this run uses it.
    pub used: Use,
}

/// Whether anything can go through an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It can.
    Up,
    /// It is switched off, or has no cable or radio contact.
    Down,
}

/// An address of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub ip: IpAddr,
    /// How many bits of it name the subnet.
    pub prefix: u8,
    /// Where to send what shall reach everybody there: the subnet's broadcast address, or for a link-local IPv6 address
    /// [`GROUP`]. `None` where there is no such address, or the own one cannot be used yet.
    pub everybody: Option<IpAddr>,
}

/// Whether a run uses an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It does.
    Used,
    /// It does not, and why.
    Unused(Unused),
}

/// Why an interface is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unused {
    /// Others were asked for.
    NotAskedFor,
    /// It is passed over unless it is asked for.
    Ignored,
    /// It is down.
    Down,
    /// It is a port of a bridge, or one of several cards that make up one: that one hears what comes by it.
    Port,
    /// It has no address by which a LAN could be reached.
    NoAddress,
    /// Its IPv6 address is still being tried, or somebody else has the same one.
    Tentative,
    /// It leads to one other machine only.
    PointToPoint,
    /// Its subnet is too small to have a broadcast address (/31 or /32).
    NoBroadcast,
    /// It leads to this machine only, and there is a LAN.
    Loopback,
}

impl Unused {
    /// The reason in words that follow "not used: ".
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotAskedFor => "others were asked for",
            Self::Ignored => "ignored by ignore_interfaces",
            Self::Down => "down",
            Self::Port => "part of a bridge or bond",
            Self::NoAddress => "no IPv4 and no link-local IPv6 address",
            Self::Tentative => "IPv6 address still being tried, or taken",
            Self::PointToPoint => "point-to-point",
            Self::NoBroadcast => "subnet without broadcast",
            Self::Loopback => "loopback; stands in where no LAN is up",
        }
    }
}

/// All interfaces of this machine, by their number, and which of them a run with that choice would use.
///
/// # Errors
/// When the system does not tell, or one that is wanted does not exist.
pub fn interfaces(choice: &InterfaceChoice) -> Result<Vec<Interface>, Error> {
    let all = interfaces_now(choice)?;
    let names = all.iter().map(|interface| &*interface.name);
    if let Some(unmet) = choice.unmet(names.clone()) {
        let (name, others) = (unmet.into(), names.collect::<Vec<_>>().join(", "));
        return Err(match is_pattern(unmet) {
            true => Error::NoInterfaceFits { pattern: name, others },
            false => Error::NoSuchInterface { name, others },
        });
    }
    Ok(all)
}

/// The same for a run that is going on: that one that is wanted does not exist is no error, as it may come back.
pub(super) fn interfaces_now(choice: &InterfaceChoice) -> Result<Vec<Interface>, Error> {
    let mut all = look()?;
    choose(&mut all, choice);
    Ok(all.into_iter().map(|found| found.interface).collect())
}

/// An interface, and what decides its use but is of no further interest.
struct Found {
    interface: Interface,
    kind: Kind,
}

/// What an interface is, as far as that decides its use.
#[derive(Clone, Copy, Default)]
struct Kind {
    loopback: bool,
    point_to_point: bool,
    /// It can send to groups.
    multicast: bool,
    port: bool,
}

impl Found {
    fn new(index: u32, name: String, state: State) -> Self {
        let interface = Interface { name, index, state, addresses: Vec::new(), used: Use::Unused(Unused::NoAddress) };
        Self { interface, kind: Kind::default() }
    }
}

impl std::ops::Deref for Found {
    type Target = Interface;

    fn deref(&self) -> &Interface {
        &self.interface
    }
}

fn look() -> Result<Vec<Found>, Error> {
    let mut all = every_interface();
    let tentative = tentative_addresses();
    for entry in if_addrs::get_if_addrs().map_err(Error::Interfaces)? {
        let index = entry.index.unwrap_or(0);
        let state = if entry.oper_status == IfOperStatus::Up { State::Up } else { State::Down };
        let found = all.entry(index).or_insert_with(|| {
            // Where the system tells no more of it, it is taken for a card like most.
            let kind = Kind { multicast: true, ..Kind::default() };
            Found { kind, ..Found::new(index, entry.name.clone(), state) }
        });
        found.kind.loopback |= entry.is_loopback();
        found.kind.point_to_point |= entry.is_p2p;
        let address = match &entry.addr {
            IfAddr::V4(v4) => address_v4(v4),
            IfAddr::V6(v6) => {
                let is_usable = found.kind.multicast && !tentative.contains(&(index, v6.ip));
                address_v6(v6.ip, v6.prefixlen, is_usable)
            }
        };
        found.interface.addresses.push(address);
    }
    Ok(all.into_values().collect())
}

/// Every interface by its number, without its addresses, also those that have none, of which if-addrs does not tell;
/// none where the system does not tell either.
#[cfg(unix)]
fn every_interface() -> BTreeMap<u32, Found> {
    use nix::ifaddrs::getifaddrs;
    use nix::net::if_::{InterfaceFlags, if_nametoindex};

    let Ok(entries) = getifaddrs() else { return BTreeMap::new() };
    let mut all: BTreeMap<u32, Found> = BTreeMap::new();
    for entry in entries {
        if all.values().any(|found| found.name == entry.interface_name) {
            continue;
        }
        let has = |flag| entry.flags.contains(flag);
        let state = if has(InterfaceFlags::IFF_RUNNING) { State::Up } else { State::Down };
        let Ok(index) = if_nametoindex(&*entry.interface_name) else { continue };
        let hardware = entry.address.as_ref().and_then(|address| address.as_link_addr()?.addr());
        let kind = Kind {
            loopback: has(InterfaceFlags::IFF_LOOPBACK),
            point_to_point: has(InterfaceFlags::IFF_POINTOPOINT),
            multicast: has(InterfaceFlags::IFF_MULTICAST),
            port: is_slave(entry.flags) || is_bridge_port(&entry.interface_name, index, hardware),
        };
        all.insert(index, Found { kind, ..Found::new(index, entry.interface_name, state) });
    }
    all
}

#[cfg(not(unix))]
fn every_interface() -> BTreeMap<u32, Found> {
    BTreeMap::new()
}

/// Whether the flags are those of a card that makes up one with others (a bond).
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_slave(flags: nix::net::if_::InterfaceFlags) -> bool {
    flags.contains(nix::net::if_::InterfaceFlags::IFF_SLAVE)
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn is_slave(_: nix::net::if_::InterfaceFlags) -> bool {
    false
}

fn address_v4(v4: &Ifv4Addr) -> Address {
    Address { ip: v4.ip.into(), prefix: v4.prefixlen, everybody: broadcast(v4).map(IpAddr::V4) }
}

/// Only from a link-local address do all others on the LAN surely get what is sent to a group there, and can answer it.
fn address_v6(ip: Ipv6Addr, prefix: u8, is_usable: bool) -> Address {
    // The BSDs write the interface's number into the second word of one.
    const EMBEDDED_SCOPE: u128 = 0xffff << 96;
    let ip = if ip.is_unicast_link_local() { Ipv6Addr::from_bits(ip.to_bits() & !EMBEDDED_SCOPE) } else { ip };
    let everybody = (is_usable && ip.is_unicast_link_local()).then_some(IpAddr::V6(GROUP));
    Address { ip: ip.into(), prefix, everybody }
}

/// The subnet's broadcast address, computed from address and mask: what the system has noted of it is wrong in
/// places (Docker notes 0.0.0.0).
fn broadcast(v4: &Ifv4Addr) -> Option<Ipv4Addr> {
    // A /31 has two hosts and no other address (RFC 3021), a /32 one.
    (v4.prefixlen <= 30).then(|| Ipv4Addr::from_bits(v4.ip.to_bits() | !v4.netmask.to_bits()))
}

fn choose(all: &mut [Found], choice: &InterfaceChoice) {
    for found in all.iter_mut() {
        found.interface.used = if !choice.wants(&found.name) {
            Use::Unused(Unused::NotAskedFor)
        } else if choice.ignores(&found.name) {
            Use::Unused(Unused::Ignored)
        } else {
            fitness(found)
        };
    }
    // Where no LAN is up, two terminals of this machine can still talk.
    let lan = all.iter().any(|found| !found.kind.loopback && found.used == Use::Used);
    for found in all.iter_mut().filter(|found| found.kind.loopback && found.used == Use::Used) {
        if lan && !choice.names(&found.name) {
            found.interface.used = Use::Unused(Unused::Loopback);
        }
    }
}

fn fitness(found: &Found) -> Use {
    let has = |test: fn(&Address) -> bool| found.addresses.iter().any(test);
    let unused = if found.state == State::Down {
        Unused::Down
    } else if found.kind.port {
        Unused::Port
    } else if !has(|address| address.ip.is_ipv4() || is_link_local(address.ip)) {
        Unused::NoAddress
    } else if found.kind.point_to_point {
        Unused::PointToPoint
    } else if has(|address| address.everybody.is_some()) {
        return Use::Used;
    } else if has(|address| address.ip.is_ipv4()) {
        Unused::NoBroadcast
    } else {
        Unused::Tentative
    };
    Use::Unused(unused)
}

const fn is_link_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    fn v4(ip: [u8; 4], prefixlen: u8) -> Ifv4Addr {
        let netmask = Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - u32::from(prefixlen)).unwrap_or(0));
        Ifv4Addr { ip: ip.into(), netmask, prefixlen, broadcast: Some(Ipv4Addr::UNSPECIFIED) }
    }

    fn found(name: &str, ip: [u8; 4], prefix: u8) -> Found {
        let interface = Interface {
            name: name.into(),
            index: 1,
            state: State::Up,
            addresses: Vec::from([address_v4(&v4(ip, prefix))]),
            used: Use::Used,
        };
        let (loopback, point_to_point) = (name == "lo", name.starts_with("ppp"));
        Found { interface, kind: Kind { loopback, point_to_point, multicast: true, port: false } }
    }

    fn used(mut all: Vec<Found>, wanted: &[&str]) -> Vec<Use> {
        let wanted = wanted.iter().map(|name| name.to_string()).collect();
        choose(&mut all, &InterfaceChoice { wanted, ignored: Vec::from(["docker*".into()]) });
        all.iter().map(|found| found.used).collect()
    }

    #[test]
    fn broadcast_is_computed_from_the_mask() {
        let of = |ip, prefix| broadcast(&v4(ip, prefix)).map(|address| address.to_string());
        assert_eq!(of([10, 1, 2, 3], 8).as_deref(), Some("10.255.255.255"));
        assert_eq!(of([172, 16, 5, 6], 16).as_deref(), Some("172.16.255.255"));
        assert_eq!(of([192, 0, 2, 129], 25).as_deref(), Some("192.0.2.255"));
        assert_eq!(of([192, 0, 2, 5], 30).as_deref(), Some("192.0.2.7"));
        assert_eq!(of([10, 0, 2, 1], 23).as_deref(), Some("10.0.3.255"));
        assert_eq!((of([192, 0, 2, 5], 31), of([192, 0, 2, 5], 32)), (None, None));
    }

    #[test]
    fn loopback_stands_in_only_where_no_lan_is_up() {
        let lo = || found("lo", [127, 0, 0, 1], 8);
        let eth0 = || found("eth0", [192, 0, 2, 1], 24);
        let loopback = Use::Unused(Unused::Loopback);
        assert_eq!(used(Vec::from([lo(), eth0()]), &[]), [loopback, Use::Used]);
        assert_eq!(used(Vec::from([lo(), found("ppp0", [192, 0, 2, 1], 24)]), &[])[0], Use::Used);
        assert_eq!(used(Vec::from([lo(), eth0()]), &["lo", "eth0"]), [Use::Used, Use::Used]);
        assert_eq!(used(Vec::from([lo(), eth0()]), &["lo"]), [Use::Used, Use::Unused(Unused::NotAskedFor)]);
        assert_eq!(used(Vec::from([lo(), eth0()]), &["*"]), [loopback, Use::Used], "nobody means it by that");
        let docker0 = || found("docker0", [172, 17, 0, 1], 16);
        assert_eq!(used(Vec::from([lo(), docker0()]), &[]), [Use::Used, Use::Unused(Unused::Ignored)]);
        assert_eq!(used(Vec::from([lo(), docker0()]), &["docker0"])[1], Use::Used);
    }

    #[test]
    fn what_cannot_reach_a_lan_is_left_out_with_its_reason() {
        let why = |found: Found| used(Vec::from([found]), &[])[0];
        assert_eq!(why(found("ppp0", [192, 0, 2, 1], 24)), Use::Unused(Unused::PointToPoint));
        assert_eq!(why(found("eth0", [192, 0, 2, 1], 31)), Use::Unused(Unused::NoBroadcast));
        let mut down = found("eth0", [192, 0, 2, 1], 24);
        down.interface.state = State::Down;
        assert_eq!(why(down), Use::Unused(Unused::Down));
        let mut bare = found("eth0", [192, 0, 2, 1], 24);
        bare.interface.addresses.clear();
        assert_eq!(why(bare), Use::Unused(Unused::NoAddress));
        let mut port = found("veth0", [192, 0, 2, 1], 24);
        port.kind.port = true;
        assert_eq!(why(port), Use::Unused(Unused::Port));
    }

    #[test]
    fn a_link_local_address_is_enough_once_it_can_be_used() {
        let with = |addresses: &[Address]| {
            let mut found = found("eth0", [192, 0, 2, 1], 32);
            found.interface.addresses = addresses.to_vec();
            used(Vec::from([found]), &[])[0]
        };
        let link_local = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);
        let global = address_v6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 64, true);
        let (usable, tentative) = (address_v6(link_local, 64, true), address_v6(link_local, 64, false));
        let alone_on_subnet = address_v4(&v4([192, 0, 2, 1], 32));
        assert_eq!(usable.everybody, Some(GROUP.into()));
        assert_eq!(address_v6(Ipv6Addr::new(0xfe80, 4, 0, 0, 0, 0, 0, 1), 64, true), usable);
        assert_eq!(with(&[usable]), Use::Used);
        assert_eq!(with(&[alone_on_subnet, usable]), Use::Used);
        assert_eq!(with(&[alone_on_subnet, tentative]), Use::Unused(Unused::NoBroadcast));
        assert_eq!(with(&[global, tentative]), Use::Unused(Unused::Tentative));
        assert_eq!(with(&[global]), Use::Unused(Unused::NoAddress));
    }
}

//! The machine's network interfaces: what they are, and whether a LAN can be reached by them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::string::String;
use std::vec::Vec;

use if_addrs::{IfAddr, IfOperStatus, Ifv4Addr};

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
    /// Where to send what shall reach everybody on the subnet; `None` where there is no such address.
    pub broadcast: Option<Ipv4Addr>,
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
    /// It is down.
    Down,
    /// It has no IPv4 address.
    NoIpv4,
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
            Self::Down => "down",
            Self::NoIpv4 => "no IPv4 address",
            Self::PointToPoint => "point-to-point",
            Self::NoBroadcast => "subnet without broadcast",
            Self::Loopback => "loopback; stands in where no LAN is up",
        }
    }
}

/// All interfaces of this machine, by their number, and which of them a run that was asked to use `wanted` would
/// use; all that are fit for it when that is empty.
///
/// # Errors
/// When the system does not tell, or one of `wanted` does not exist.
pub fn interfaces(wanted: &[String]) -> Result<Vec<Interface>, Error> {
    let all = interfaces_now(wanted)?;
    for name in wanted {
        if !all.iter().any(|interface| interface.name == *name) {
            let others = all.iter().map(|interface| &*interface.name).collect::<Vec<_>>().join(", ");
            return Err(Error::NoSuchInterface { name: name.clone(), others });
        }
    }
    Ok(all)
}

/// The same for a run that is going on: one of `wanted` that does not exist is no error, as it may come back.
pub(super) fn interfaces_now(wanted: &[String]) -> Result<Vec<Interface>, Error> {
    let mut all = look()?;
    choose(&mut all, wanted);
    Ok(all.into_iter().map(|found| found.interface).collect())
}

/// An interface, and what decides its use but is of no further interest.
struct Found {
    interface: Interface,
    loopback: bool,
    point_to_point: bool,
}

impl Found {
    fn new(index: u32, name: String, state: State) -> Self {
        let interface = Interface { name, index, state, addresses: Vec::new(), used: Use::Unused(Unused::NoIpv4) };
        Self { interface, loopback: false, point_to_point: false }
    }
}

impl std::ops::Deref for Found {
    type Target = Interface;

    fn deref(&self) -> &Interface {
        &self.interface
    }
}

fn look() -> Result<Vec<Found>, Error> {
    let mut all: BTreeMap<u32, Found> = BTreeMap::new();
    for (index, name, state) in every_interface() {
        all.insert(index, Found::new(index, name, state));
    }
    for entry in if_addrs::get_if_addrs().map_err(Error::Interfaces)? {
        let index = entry.index.unwrap_or(0);
        let state = if entry.oper_status == IfOperStatus::Up { State::Up } else { State::Down };
        let found = all.entry(index).or_insert_with(|| Found::new(index, entry.name.clone(), state));
        found.loopback |= entry.is_loopback();
        found.point_to_point |= entry.is_p2p;
        found.interface.addresses.push(address(&entry.addr));
    }
    Ok(all.into_values().collect())
}

/// Number, name and state of every interface, also of those that have no address, of which if-addrs does not tell;
/// none where the system does not tell either.
#[cfg(unix)]
fn every_interface() -> Vec<(u32, String, State)> {
    use nix::ifaddrs::getifaddrs;
    use nix::net::if_::{InterfaceFlags, if_nametoindex};

    let Ok(entries) = getifaddrs() else { return Vec::new() };
    let interfaces = entries.filter_map(|entry| {
        let state = if entry.flags.contains(InterfaceFlags::IFF_RUNNING) { State::Up } else { State::Down };
        Some((if_nametoindex(&*entry.interface_name).ok()?, entry.interface_name, state))
    });
    interfaces.collect()
}

#[cfg(not(unix))]
fn every_interface() -> Vec<(u32, String, State)> {
    Vec::new()
}

fn address(addr: &IfAddr) -> Address {
    match addr {
        IfAddr::V4(v4) => Address { ip: v4.ip.into(), prefix: v4.prefixlen, broadcast: broadcast(v4) },
        IfAddr::V6(v6) => Address { ip: v6.ip.into(), prefix: v6.prefixlen, broadcast: None },
    }
}

/// The subnet's broadcast address, computed from address and mask: what the system has noted of it is wrong in
/// places (Docker notes 0.0.0.0).
fn broadcast(v4: &Ifv4Addr) -> Option<Ipv4Addr> {
    // A /31 has two hosts and no other address (RFC 3021), a /32 one.
    (v4.prefixlen <= 30).then(|| Ipv4Addr::from_bits(v4.ip.to_bits() | !v4.netmask.to_bits()))
}

fn choose(all: &mut [Found], wanted: &[String]) {
    let wants = |interface: &Interface| wanted.is_empty() || wanted.contains(&interface.name);
    for found in all.iter_mut() {
        found.interface.used = if wants(found) { fitness(found) } else { Use::Unused(Unused::NotAskedFor) };
    }
    // Where no LAN is up, two terminals of this machine can still talk.
    let lan = all.iter().any(|found| !found.loopback && found.used == Use::Used);
    for found in all.iter_mut().filter(|found| found.loopback && found.used == Use::Used) {
        if lan && !wanted.contains(&found.name) {
            found.interface.used = Use::Unused(Unused::Loopback);
        }
    }
}

fn fitness(found: &Found) -> Use {
    let has = |test: fn(&Address) -> bool| found.addresses.iter().any(test);
    let unused = if found.state == State::Down {
        Unused::Down
    } else if !has(|address| address.ip.is_ipv4()) {
        Unused::NoIpv4
    } else if found.point_to_point {
        Unused::PointToPoint
    } else if !has(|address| address.broadcast.is_some()) {
        Unused::NoBroadcast
    } else {
        return Use::Used;
    };
    Use::Unused(unused)
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
            addresses: Vec::from([address(&IfAddr::V4(v4(ip, prefix)))]),
            used: Use::Used,
        };
        Found { interface, loopback: name == "lo", point_to_point: name.starts_with("ppp") }
    }

    fn used(mut all: Vec<Found>, wanted: &[&str]) -> Vec<Use> {
        choose(&mut all, &wanted.iter().map(|name| name.to_string()).collect::<Vec<_>>());
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
        assert_eq!(why(bare), Use::Unused(Unused::NoIpv4));
    }
}

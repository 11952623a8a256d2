//! The router by which an interface leads on, and whether it is there. The kernel asks for its hardware address as
//! soon as anything is to be sent to it: one empty datagram to its discard port (RFC 863) is enough.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use cooee::net::{Address, Clock, Interface, Use};
use cooee::time::Time;
use crossbeam_channel::after;
use procfs::net::{ARPEntry, ARPFlags, RouteEntry};

use super::Gateway;

/// It has so long to tell its hardware address: on a LAN it takes a millisecond, and the kernel asks once a second.
const PATIENCE: Duration = Duration::from_millis(1200);
/// How often it is looked whether it has.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);
/// Most routers that are tried.
const GATEWAYS_MAX: usize = 4;
const DISCARD_PORT: u16 = 9;

/// The routers of the interfaces in use, each of them tried.
pub(in super::super) fn gateways(interfaces: &[Interface]) -> Vec<Gateway> {
    let routes = procfs::net::route().unwrap_or_default();
    let mut gateways = on_links(&routes, interfaces);
    gateways.truncate(GATEWAYS_MAX);
    for gateway in &gateways {
        // One that cannot be sent to does not answer either.
        let _ = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))
            .and_then(|socket| socket.send_to(&[], (gateway.address, DISCARD_PORT)));
    }
    let clock = Clock::start();
    while gateways.iter().any(|gateway| !gateway.answers) && clock.now().since(Time::ZERO) < PATIENCE {
        let entries = procfs::net::arp().unwrap_or_default();
        gateways.iter_mut().for_each(|gateway| gateway.answers |= is_resolved(gateway, &entries));
        if gateways.iter().any(|gateway| !gateway.answers) {
            let _ = after(LOOK_AGAIN_AFTER).recv();
        }
    }
    gateways
}

/// The gateways of default routes that lie on a subnet of an interface in use.
fn on_links(routes: &[RouteEntry], interfaces: &[Interface]) -> Vec<Gateway> {
    let lies_on = |address: &Address, gateway: Ipv4Addr| {
        let std::net::IpAddr::V4(own) = address.ip else { return false };
        let mask = u32::MAX.checked_shl(32 - u32::from(address.prefix)).unwrap_or(0);
        address.prefix <= 32 && own != gateway && (own.to_bits() ^ gateway.to_bits()) & mask == 0
    };
    let is_on_link = |route: &RouteEntry| {
        let used = interfaces.iter().filter(|interface| interface.used == Use::Used && interface.name == route.iface);
        used.flat_map(|interface| &interface.addresses).any(|address| lies_on(address, route.gateway))
    };
    let is_default = |route: &&RouteEntry| {
        route.destination.is_unspecified() && route.mask.is_unspecified() && !route.gateway.is_unspecified()
    };
    let gateway =
        |route: &RouteEntry| Gateway { interface: route.iface.clone(), address: route.gateway, answers: false };
    routes.iter().filter(is_default).filter(|route| is_on_link(route)).map(gateway).collect()
}

fn is_resolved(gateway: &Gateway, entries: &[ARPEntry]) -> bool {
    let is_it = |entry: &&ARPEntry| entry.ip_address == gateway.address && entry.device == gateway.interface;
    entries.iter().any(|entry| is_it(&entry) && entry.flags.contains(ARPFlags::COM))
}

#[cfg(test)]
mod tests {
    use cooee::net::State;
    use procfs::FromRead;
    use procfs::net::{ArpEntries, RouteEntries};

    use super::*;

    const ROUTES: &str = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
tun0\t00000000\t0100000A\t0003\t0\t0\t50\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
";
    const ARP: &str = "\
IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:00:00:00:00:01     *        eth0
192.0.2.9        0x1         0x0         00:00:00:00:00:00     *        eth0
";

    fn interface(name: &str, ip: [u8; 4]) -> Interface {
        let addresses = vec![Address { ip: ip.into(), prefix: 24, everybody: None }];
        Interface { name: name.to_owned(), index: 1, state: State::Up, addresses, used: Use::Used }
    }

    #[test]
    fn only_a_router_on_a_link_in_use_is_tried() {
        let RouteEntries(routes) = RouteEntries::from_read(ROUTES.as_bytes()).unwrap();
        let eth0 = [interface("eth0", [192, 0, 2, 7])];
        let expected = Gateway { interface: "eth0".to_owned(), address: [192, 0, 2, 1].into(), answers: false };
        assert_eq!(on_links(&routes, &eth0), [expected]);
        assert_eq!(on_links(&routes, &[interface("eth0", [198, 51, 100, 7])]), [], "of another subnet");
        assert_eq!(on_links(&routes, &[interface("eth0", [192, 0, 2, 1])]), [], "this machine itself");
    }

    #[test]
    fn it_answers_when_its_hardware_address_is_known() {
        let ArpEntries(entries) = ArpEntries::from_read(ARP.as_bytes()).unwrap();
        let gateway = |last, interface: &str| Gateway {
            interface: interface.to_owned(),
            address: [192, 0, 2, last].into(),
            answers: false,
        };
        assert!(is_resolved(&gateway(1, "eth0"), &entries));
        assert!(!is_resolved(&gateway(9, "eth0"), &entries), "asked for, and not told");
        assert!(!is_resolved(&gateway(1, "wlan0"), &entries), "by another card");
    }
}

//! Which addresses are told to others, and which of those that others tell are called.

use core::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Whether an address means the same elsewhere: that of loopback or of a link alone does not.
pub(super) fn is_routable(address: SocketAddr) -> bool {
    if address.port() == 0 {
        return false;
    }
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => {
            let is_one_host = !ip.is_unspecified() && !ip.is_broadcast() && !ip.is_multicast();
            is_one_host && !ip.is_loopback() && !ip.is_link_local()
        }
        IpAddr::V6(ip) => {
            let is_one_host = !ip.is_unspecified() && !ip.is_multicast();
            is_one_host && ip != Ipv6Addr::LOCALHOST && !ip.is_unicast_link_local()
        }
    }
}

/// Whether somebody can be at an address that a person gave: also loopback, and a link's own, but one host's.
pub(super) fn is_one_host(address: SocketAddr) -> bool {
    let is_broadcast = matches!(address.ip(), IpAddr::V4(ip) if ip.is_broadcast());
    address.port() != 0 && !address.ip().is_unspecified() && !address.ip().is_multicast() && !is_broadcast
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_else_elsewhere_is_not_told() {
        let routable = |text: &str| is_routable(text.parse().unwrap());
        assert!(["192.0.2.7:26634", "10.8.0.3:1", "[2001:db8::9]:26634", "[fd00::1]:9"].into_iter().all(routable));
        for not in [
            "192.0.2.7:0",
            "127.0.0.1:26634",
            "0.0.0.0:26634",
            "255.255.255.255:26634",
            "224.0.0.1:26634",
            "169.254.1.1:26634",
            "[::1]:26634",
            "[::]:26634",
            "[ff02::1]:26634",
            "[fe80::1]:26634",
            "[::ffff:127.0.0.1]:26634",
        ] {
            assert!(!routable(not), "{not}");
        }
    }

    #[test]
    fn whoever_is_given_is_one_host() {
        let one = |text: &str| is_one_host(text.parse().unwrap());
        assert!(["127.0.0.1:5", "[fe80::1]:5", "169.254.1.1:5"].into_iter().all(one));
        assert!(!["0.0.0.0:5", "255.255.255.255:5", "[ff02::1]:5", "10.0.0.1:0"].into_iter().any(one));
    }
}

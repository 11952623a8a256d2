//! IPv6 addresses that the system has noted and does not let be used yet: whether somebody else on the LAN has the same
//! one is still being asked (RFC 4862, section 5.4), or somebody has.

use std::collections::BTreeSet;
use std::net::Ipv6Addr;

use super::std;

/// The number of an interface, and an address of it.
type Place = (u32, Ipv6Addr);

/// The addresses that cannot be used now. Only Linux tells; elsewhere sending by such an address fails for a second.
pub(super) fn tentative_addresses() -> BTreeSet<Place> {
    if cfg!(any(target_os = "linux", target_os = "android")) {
        // It is not there where IPv6 is not.
        std::fs::read_to_string("/proc/net/if_inet6").map(|table| unusable(&table)).unwrap_or_default()
    } else {
        BTreeSet::new()
    }
}

/// `IFA_F_DADFAILED`: somebody else has the address.
const DUPLICATE: u8 = 0x08;
/// `IFA_F_TENTATIVE`: it is not known yet whether somebody has.
const TENTATIVE: u8 = 0x40;

/// The unusable ones of the kernel's table: a line holds address, number of the interface, prefix, scope, flags, and the
/// interface's name, all but the last in hexadecimal. A line that is written otherwise tells nothing.
fn unusable(table: &str) -> BTreeSet<Place> {
    let place = |line: &str| {
        let mut fields = line.split_ascii_whitespace();
        let address = u128::from_str_radix(fields.next()?, 16).ok()?;
        let index = u32::from_str_radix(fields.next()?, 16).ok()?;
        let flags = u8::from_str_radix(fields.nth(2)?, 16).ok()?;
        (flags & (DUPLICATE | TENTATIVE) != 0).then_some((index, Ipv6Addr::from_bits(address)))
    };
    table.lines().filter_map(place).collect()
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    #[test]
    fn what_is_asked_for_or_taken_is_not_usable() {
        let table = "\
fe8000000000000000fc00fffe000001 04 40 20 c0     eth0
fe8000000000000000fc00fffe000001 0b 40 20 80     eth1
fe800000000000000000000000000002 0c 40 20 88     eth2
00000000000000000000000000000001 01 80 10 80       lo
fe80 eth3
";
        let tentative = Ipv6Addr::new(0xfe80, 0, 0, 0, 0xfc, 0xff, 0xfe00, 1);
        let taken = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 2);
        assert_eq!(Vec::from_iter(unusable(table)), [(4, tentative), (12, taken)]);
    }
}

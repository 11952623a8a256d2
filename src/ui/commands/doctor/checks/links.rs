//! By which interfaces a LAN is reached, which are left out, and whether a datagram fits through.

use cooee::net::{Interface, Unused, Use};

use crate::ui::commands::doctor::finding::{Finding, Topic};
use crate::ui::commands::doctor::observations::{Observations, ObservedLink};
use crate::ui::safe::Safe;

/// What a datagram of the protocol needs: 1,200 bytes, and the headers of IPv4 (20) and UDP (8), with 4 to spare for
/// what a VLAN adds.
const MTU_MIN: u32 = 1232;

pub(super) fn check(observed: &Observations) -> Vec<Finding> {
    let interfaces = match &observed.interfaces {
        Ok(interfaces) => interfaces,
        Err(problem) => {
            let finding = Finding::fail(Topic::Links, problem);
            return vec![
                finding.remedy("\"cooee interfaces\" lists them; --interface or the config names those to use."),
            ];
        }
    };
    let mut findings: Vec<Finding> = observed.links.iter().map(used).collect();
    let leads_to_a_lan = observed.links.iter().any(|link| !link.address.is_loopback());
    if !leads_to_a_lan && (!observed.asked.interfaces || observed.links.is_empty()) {
        findings.push(no_lan(interfaces, &observed.links));
    } else {
        findings.extend(interfaces.iter().filter_map(left_out));
    }
    findings.extend(observed.links.iter().filter_map(narrow));
    findings
}

fn used(link: &ObservedLink) -> Finding {
    let everybody = if link.everybody.is_ipv4() { "broadcast" } else { "multicast" };
    let only = if link.address.is_loopback() { " (this machine alone)" } else { "" };
    Finding::ok(Topic::Links, format!("{}, {everybody} {}{only}", link.named(), link.everybody)).on(&link.interface)
}

/// An interface of which one might think that it is used.
fn left_out(interface: &Interface) -> Option<Finding> {
    let Use::Unused(reason) = interface.used else { return None };
    let may_surprise = match reason {
        Unused::Loopback | Unused::NotAskedFor | Unused::Port => false,
        // What has no address is not in use otherwise either.
        Unused::Down => !interface.addresses.is_empty(),
        _ => true,
    };
    let words = || format!("{} is not used: {}", Safe::name(&interface.name, "?"), reason.reason());
    may_surprise.then(|| Finding::ok(Topic::Links, words()).on(&interface.name))
}

fn no_lan(interfaces: &[Interface], links: &[ObservedLink]) -> Finding {
    let why = |interface: &Interface| match interface.used {
        Use::Unused(Unused::Loopback | Unused::NotAskedFor) | Use::Used => None,
        Use::Unused(reason) => Some(format!("{} is not used: {}", Safe::name(&interface.name, "?"), reason.reason())),
    };
    let reasons: Vec<String> = interfaces.iter().filter_map(why).take(4).collect();
    let reasons = if reasons.is_empty() { "there is no interface for one".to_owned() } else { reasons.join("; ") };
    let finding = Finding::fail(Topic::Links, format!("no LAN can be reached ({reasons})"));
    let has = |asked: Unused| interfaces.iter().any(|interface| interface.used == Use::Unused(asked));
    let finding = if has(Unused::Down) {
        finding
            .remedy("Plug the cable in, join a Wi-Fi network, or switch the interface on:")
            .command("sudo ip link set NAME up")
    } else if has(Unused::PointToPoint) || has(Unused::NoBroadcast) {
        finding.remedy("Such a link carries no broadcast; use one that does, with a mask of /30 or shorter.")
    } else {
        finding.remedy("Plug a cable in or join a Wi-Fi network, and wait for an address.")
    };
    if links.is_empty() { finding } else { finding.remedy("Meanwhile, two terminals of this machine hear each other.") }
}

fn narrow(link: &ObservedLink) -> Option<Finding> {
    let mtu = link.mtu.filter(|mtu| *mtu < MTU_MIN)?;
    let interface = Safe::name(&link.interface, "?");
    let words =
        format!("{interface} takes packets of {mtu} bytes, and {MTU_MIN} are needed: long lines get cut into pieces");
    let finding = Finding::warn(Topic::Mtu, words).remedy("A piece that gets lost costs the whole. This makes room:");
    Some(finding.command(format!("sudo ip link set {interface} mtu 1500")).on(&link.interface))
}

#[cfg(test)]
mod tests {
    use cooee::net::Address;

    use super::super::sample::{interface, link, remedy, sound, told};
    use super::*;

    #[test]
    fn each_link_is_told_and_who_is_left_out_with_the_reason() {
        let mut observed = sound();
        let mut wlan0 = interface("wlan0", Use::Unused(Unused::Down));
        let spare = interface("eth7", Use::Unused(Unused::Down));
        wlan0.addresses.push(Address { ip: [198, 51, 100, 1].into(), prefix: 24, everybody: None });
        let lo = interface("lo", Use::Unused(Unused::Loopback));
        observed.interfaces = Ok(vec![lo, wlan0, spare, interface("tun0", Use::Unused(Unused::PointToPoint))]);
        let expected = [
            "ok eth0 192.0.2.1/24, broadcast 192.0.2.255",
            "ok wlan0 is not used: down",
            "ok tun0 is not used: point-to-point",
        ];
        assert_eq!(told(&check(&observed)), expected);
    }

    #[test]
    fn where_no_lan_is_reached_it_is_told_why() {
        let mut observed = sound();
        observed.links.clear();
        observed.interfaces = Ok(vec![interface("eth0", Use::Unused(Unused::Down))]);
        assert_eq!(told(&check(&observed)), ["FAIL no LAN can be reached (eth0 is not used: down)"]);
        assert!(remedy(&check(&observed)).starts_with("Plug the cable in"));

        observed.interfaces = Ok(vec![interface("eth0", Use::Unused(Unused::NoBroadcast))]);
        assert!(remedy(&check(&observed)).starts_with("Such a link carries no broadcast"));

        let mut lo = link("lo");
        (lo.address, lo.everybody) = ([127, 0, 0, 1].into(), [127, 255, 255, 255].into());
        observed.links = vec![lo];
        let findings = check(&observed);
        assert!(told(&findings)[0].ends_with("(this machine alone)") && told(&findings)[1].starts_with("FAIL no LAN"));
        assert!(remedy(&findings).contains("two terminals of this machine"));
        observed.asked.interfaces = true;
        assert_eq!(told(&check(&observed)).len(), 2, "whoever asks for loopback, wants loopback");
        observed.interfaces = Err("there is no network interface \"eth9\"".to_owned());
        assert_eq!(told(&check(&observed)), ["FAIL there is no network interface \"eth9\""]);
    }

    #[test]
    fn a_link_on_which_a_datagram_does_not_fit_is_told() {
        let mut observed = sound();
        observed.links[0].mtu = Some(1232);
        assert_eq!(told(&check(&observed)).len(), 1);
        observed.links[0].mtu = Some(1000);
        assert!(told(&check(&observed))[1].starts_with("warn eth0 takes packets of 1000 bytes, and 1232 are needed"));
        assert!(remedy(&check(&observed)).contains("    sudo ip link set eth0 mtu 1500"));
    }
}

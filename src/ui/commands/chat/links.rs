//! What has become of the links, in words: which one is gone, and who is still reached.

use cooee::net::Link;
use cooee::node::LinkId;

use crate::ui::safe::Safe;
use crate::ui::words::names;

/// `on eth0 192.0.2.1 and wlan0 198.51.100.4`.
pub(super) fn on_links(links: &[Link]) -> String {
    match &links.iter().map(named).collect::<Vec<_>>()[..] {
        [] => "without a network (waiting for one)".to_owned(),
        links => format!("on {}", names(links)),
    }
}

/// Whether none of them leads anywhere but to this machine itself.
pub(super) fn is_offline(links: &[Link]) -> bool {
    links.iter().all(|link| link.address.is_loopback())
}

/// What is to be told when other links are there than before. Of the peers it is known how each is called and by which
/// link it is heard. Of loopback, which stands in where there is no LAN, nothing is told.
pub(super) fn changes(before: &[Link], after: &[Link], peers: &[(Safe, LinkId)]) -> Vec<String> {
    let [before, after] = [before, after].map(|links| links.iter().filter(|link| !link.address.is_loopback()));
    let (before, after): (Vec<&Link>, Vec<&Link>) = (before.collect(), after.collect());
    let without = |links: &[&Link], others: &[&Link]| -> Vec<Link> {
        links.iter().filter(|link| !others.contains(link)).map(|link| (*link).clone()).collect()
    };
    let (gone, new) = (without(&before, &after), without(&after, &before));
    let has = |links: &[Link], interface: &str| links.iter().any(|link| link.interface == interface);
    let (moved, found): (Vec<Link>, Vec<Link>) = new.into_iter().partition(|link| has(&gone, &link.interface));
    let lost = gone.iter().filter(|link| !has(&moved, &link.interface));
    let lost = lost.map(|link| format!("{} is gone{}", name(link), still_reached(&after, peers)));
    let moved = moved.iter().map(|link| format!("{} has another address: {}", name(link), link.address));
    let found = (!found.is_empty()).then(|| {
        let how = if before.is_empty() { "the network is there:" } else { "now also" };
        format!("{how} {}", on_links(&found))
    });
    lost.chain(moved).chain(found).collect()
}

fn still_reached(links: &[&Link], peers: &[(Safe, LinkId)]) -> String {
    if links.is_empty() {
        return "; no network is left. What you say now, others get when one is back".to_owned();
    }
    let by: Vec<String> = links
        .iter()
        .filter_map(|link| {
            let reached = peers.iter().filter(|(_, by)| *by == link.id).map(|(name, _)| name.to_string());
            let reached: Vec<String> = reached.collect();
            let verb = if reached.len() == 1 { "is" } else { "are" };
            (!reached.is_empty()).then(|| format!("; {} {verb} still reached by {}", names(&reached), name(link)))
        })
        .collect();
    by.concat()
}

fn named(link: &Link) -> String {
    format!("{} {}", name(link), link.address)
}

fn name(link: &Link) -> Safe {
    Safe::name(&link.interface, "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(number: u32, interface: &str, address: [u8; 4]) -> Link {
        let (address, broadcast) = (address.into(), [192, 0, 2, 255].into());
        Link { id: LinkId(number), interface: interface.to_owned(), index: number, address, prefix: 24, broadcast }
    }

    #[test]
    fn a_card_that_goes_is_told_with_who_is_still_reached() {
        let (eth0, wlan0) = (link(1, "eth0", [192, 0, 2, 1]), link(2, "wlan0", [198, 51, 100, 4]));
        let peers = [("bob", 1), ("田中", 1), ("carol", 2)].map(|(name, link)| (Safe::literal(name), LinkId(link)));
        let told = |before: &[&Link], after: &[&Link]| {
            let [before, after] = [before, after].map(|links| links.iter().copied().cloned().collect::<Vec<_>>());
            changes(&before, &after, &peers)
        };
        assert_eq!(told(&[&eth0, &wlan0], &[&eth0]), ["wlan0 is gone; bob and 田中 are still reached by eth0"]);
        assert_eq!(told(&[&eth0, &wlan0], &[&wlan0]), ["eth0 is gone; carol is still reached by wlan0"]);
        assert_eq!(
            told(&[&eth0], &[]),
            ["eth0 is gone; no network is left. What you say now, others get when one is back"]
        );
        assert_eq!(told(&[], &[&eth0]), ["the network is there: on eth0 192.0.2.1"]);
        let lo = link(4, "lo", [127, 0, 0, 1]);
        assert_eq!(told(&[&eth0], &[&lo]), told(&[&eth0], &[]), "loopback stands in");
        assert_eq!(told(&[&lo], &[&eth0]), told(&[], &[&eth0]));
        assert_eq!(told(&[&eth0], &[&eth0, &wlan0]), ["now also on wlan0 198.51.100.4"]);
        let renewed = link(1, "eth0", [192, 0, 2, 77]);
        assert_eq!(told(&[&eth0], &[&renewed]), ["eth0 has another address: 192.0.2.77"]);
        assert_eq!(told(&[&eth0], &[&eth0]), Vec::<String>::new());
    }

    #[test]
    fn where_one_is() {
        let (eth0, wlan0) = (link(1, "eth0", [192, 0, 2, 1]), link(2, "wlan0", [198, 51, 100, 4]));
        assert_eq!(on_links(&[eth0.clone(), wlan0]), "on eth0 192.0.2.1 and wlan0 198.51.100.4");
        assert_eq!(on_links(&[eth0]), "on eth0 192.0.2.1");
        assert_eq!(on_links(&[]), "without a network (waiting for one)");
    }
}

//! What has become of the links, in words: which card is gone, and who is still reached. A card may have several links;
//! it is told by its IPv4 addresses, or, where it has none, by the IPv6 one.

use cooee::net::Link;
use cooee::node::LinkId;

use crate::ui::safe::Safe;
use crate::ui::words::names;

/// `on eth0 192.0.2.1 and wlan0 198.51.100.4`.
pub(super) fn on_links(links: &[Link]) -> String {
    on(&told(links))
}

/// Whether none of them leads anywhere but to this machine itself.
pub(super) fn is_offline(links: &[Link]) -> bool {
    links.iter().all(|link| link.address.is_loopback())
}

/// What is to be told when other links are there than before. Of the peers it is known how each is called and by which
/// link it is heard. Of loopback, which stands in where there is no LAN, nothing is told.
pub(super) fn changes(before: &[Link], after: &[Link], peers: &[(Safe, LinkId)]) -> Vec<String> {
    let [told_before, told_after] = [before, after]
        .map(|links| told(links).into_iter().filter(|link| !link.address.is_loopback()).collect::<Vec<_>>());
    let (gone, new) = (without(&told_before, &told_after), without(&told_after, &told_before));
    let lost = cards(&gone).into_iter().filter(|card| !has(&told_after, card));
    let lost = lost.map(|card| format!("{} is gone{}", name(card), still_reached(after, peers)));
    let renamed = cards(&told_after).into_iter().filter_map(|now| {
        let then = told_before.iter().find(|then| then.index == now.index && then.interface != now.interface)?;
        Some(format!("{} is now called {}", name(then), name(now)))
    });
    let (moved, found): (Vec<&Link>, Vec<&Link>) = new.iter().partition(|link| has(&gone, link));
    let moved = moved.into_iter().map(|link| format!("{} has another address: {}", name(link), link.address));
    let fewer = gone.iter().filter(|link| has(&told_after, link) && !has(&new, link));
    let fewer = fewer.map(|link| format!("{} no longer has the address {}", name(link), link.address));
    let found = (!found.is_empty()).then(|| {
        let how = if told_before.is_empty() { "the network is there:" } else { "now also" };
        format!("{how} {}", on(&found))
    });
    lost.chain(renamed).chain(moved).chain(fewer).chain(found).collect()
}

/// The links by which cards are told.
fn told(links: &[Link]) -> Vec<&Link> {
    let has_v4 = |card: &Link| links.iter().any(|link| link.index == card.index && link.address.is_ipv4());
    links.iter().filter(|link| link.address.is_ipv4() || !has_v4(link)).collect()
}

/// The first link of each card.
fn cards<'a>(links: &[&'a Link]) -> Vec<&'a Link> {
    let mut cards: Vec<&Link> = Vec::new();
    for link in links {
        if !has(&cards, link) {
            cards.push(link);
        }
    }
    cards
}

/// Whether one of the links is by the same card.
fn has(links: &[&Link], card: &Link) -> bool {
    links.iter().any(|link| link.index == card.index)
}

/// Those that are not among the others, whatever their cards are called.
fn without<'a>(links: &[&'a Link], others: &[&Link]) -> Vec<&'a Link> {
    let is_there = |link: &Link| others.iter().any(|other| other.id == link.id && other.address == link.address);
    links.iter().copied().filter(|link| !is_there(link)).collect()
}

fn still_reached(links: &[Link], peers: &[(Safe, LinkId)]) -> String {
    let links: Vec<&Link> = links.iter().filter(|link| !link.address.is_loopback()).collect();
    if links.is_empty() {
        return "; no network is left. What you say now, others get when one is back".to_owned();
    }
    let by = cards(&links).into_iter().filter_map(|card| {
        let is_by = |id: LinkId| links.iter().any(|link| link.id == id && link.index == card.index);
        let reached = peers.iter().filter(|(_, by)| is_by(*by)).map(|(name, _)| name.to_string());
        let reached: Vec<String> = reached.collect();
        let verb = if reached.len() == 1 { "is" } else { "are" };
        (!reached.is_empty()).then(|| format!("; {} {verb} still reached by {}", names(&reached), name(card)))
    });
    by.collect()
}

fn on(links: &[&Link]) -> String {
    match &links.iter().map(|link| format!("{} {}", name(link), link.address)).collect::<Vec<_>>()[..] {
        [] => "without a network (waiting for one)".to_owned(),
        links => format!("on {}", names(links)),
    }
}

fn name(link: &Link) -> Safe {
    Safe::name(&link.interface, "?")
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use cooee::net;

    use super::*;

    fn link(number: u32, interface: &str, address: [u8; 4]) -> Link {
        let (address, everybody) = (address.into(), [192, 0, 2, 255].into());
        Link { id: LinkId(number), interface: interface.to_owned(), index: number, address, prefix: 24, everybody }
    }

    /// The other link of a card.
    fn by_ipv6(link: &Link) -> Link {
        let address = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1).into();
        Link { id: LinkId(link.id.0 + 100), address, prefix: 64, everybody: net::GROUP.into(), ..link.clone() }
    }

    fn told(before: &[&Link], after: &[&Link], peers: &[(Safe, LinkId)]) -> Vec<String> {
        let [before, after] = [before, after].map(|links| links.iter().copied().cloned().collect::<Vec<_>>());
        changes(&before, &after, peers)
    }

    #[test]
    fn a_card_that_goes_is_told_with_who_is_still_reached() {
        let (eth0, wlan0) = (link(1, "eth0", [192, 0, 2, 1]), link(2, "wlan0", [198, 51, 100, 4]));
        let peers = [("bob", 1), ("田中", 1), ("carol", 2)].map(|(name, link)| (Safe::literal(name), LinkId(link)));
        let told = |before: &[&Link], after: &[&Link]| told(before, after, &peers);
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
    fn a_card_is_told_once_whatever_it_speaks() {
        let (eth0, wlan0) = (link(1, "eth0", [192, 0, 2, 1]), link(2, "wlan0", [198, 51, 100, 4]));
        let (eth0_v6, wlan0_v6) = (by_ipv6(&eth0), by_ipv6(&wlan0));
        let peers = [("bob", 1), ("carol", 102)].map(|(name, link)| (Safe::literal(name), LinkId(link)));
        let told = |before: &[&Link], after: &[&Link]| told(before, after, &peers);
        assert_eq!(told(&[&eth0], &[&eth0, &eth0_v6]), Vec::<String>::new());
        assert_eq!(told(&[&eth0, &eth0_v6], &[&eth0]), Vec::<String>::new());
        assert_eq!(
            told(&[&eth0, &wlan0, &eth0_v6, &wlan0_v6], &[&wlan0, &wlan0_v6]),
            ["eth0 is gone; carol is still reached by wlan0"]
        );
        assert_eq!(told(&[], &[&eth0_v6]), ["the network is there: on eth0 fe80::1"]);
        assert_eq!(told(&[&eth0, &eth0_v6], &[&eth0_v6]), ["eth0 has another address: fe80::1"]);
        assert_eq!(on_links(&[eth0.clone(), wlan0, eth0_v6]), "on eth0 192.0.2.1 and wlan0 198.51.100.4");

        let second = Link { id: LinkId(9), address: [203, 0, 113, 1].into(), ..eth0.clone() };
        assert_eq!(told(&[&eth0], &[&eth0, &second]), ["now also on eth0 203.0.113.1"]);
        assert_eq!(told(&[&eth0, &second], &[&eth0]), ["eth0 no longer has the address 203.0.113.1"]);
        assert_eq!(told(&[&eth0, &second], &[]).len(), 1, "one card");
    }

    #[test]
    fn a_card_that_is_called_otherwise_is_not_gone() {
        let eth0 = link(1, "eth0", [192, 0, 2, 1]);
        let lan0 = Link { interface: "lan0".to_owned(), ..eth0.clone() };
        assert_eq!(told(&[&eth0, &by_ipv6(&eth0)], &[&lan0, &by_ipv6(&lan0)], &[]), ["eth0 is now called lan0"]);
        let moved = Link { address: [192, 0, 2, 9].into(), ..lan0 };
        assert_eq!(told(&[&eth0], &[&moved], &[]), ["eth0 is now called lan0", "lan0 has another address: 192.0.2.9"]);
    }

    #[test]
    fn where_one_is() {
        let (eth0, wlan0) = (link(1, "eth0", [192, 0, 2, 1]), link(2, "wlan0", [198, 51, 100, 4]));
        assert_eq!(on_links(&[eth0.clone(), wlan0]), "on eth0 192.0.2.1 and wlan0 198.51.100.4");
        assert_eq!(on_links(&[eth0]), "on eth0 192.0.2.1");
        assert_eq!(on_links(&[]), "without a network (waiting for one)");
    }
}

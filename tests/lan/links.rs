//! Cards, cables and addresses: which are used, and what happens when they change.

use std::os::unix::process::ExitStatusExt;

use crate::cooee::{expect_object, expect_text, listener, nicks, peers, run, start, text, times_heard, watcher};
use crate::keys::{chat, expect_arrival};
use crate::network::{CARD, Host, Network, SECOND_CARD};
use crate::probe::Hog;
use crate::process::{LIMIT, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("links::the_mask_decides_the_broadcast_address", Needs::Lan, the_mask_decides_the_broadcast_address),
    ("links::two_cards_on_one_lan_are_one_row_and_one_line", Needs::Lan, two_cards_on_one_lan_are_one_row_and_one_line),
    ("links::only_the_cards_asked_for_are_used", Needs::Lan, only_the_cards_asked_for_are_used),
    ("links::a_cable_pulled_and_plugged_in", Needs::Lan, a_cable_pulled_and_plugged_in),
    ("links::the_chat_tells_what_has_become_of_the_links", Needs::Lan, the_chat_tells_what_has_become_of_the_links),
    ("links::another_address_under_a_running_program", Needs::Lan, another_address_under_a_running_program),
    ("links::loopback_stands_in_until_a_lan_comes", Needs::Lan, loopback_stands_in_until_a_lan_comes),
    ("links::no_network_at_all_is_told", Needs::Lan, no_network_at_all_is_told),
    ("links::a_firewall_that_lets_nothing_in_is_told", Needs::Filters, a_firewall_that_lets_nothing_in_is_told),
    ("links::a_firewall_that_lets_nothing_out_is_told", Needs::Filters, a_firewall_that_lets_nothing_out_is_told),
    ("links::an_interface_that_there_is_not_is_told", Needs::Lan, an_interface_that_there_is_not_is_told),
    ("links::a_port_that_is_not_shared_is_told", Needs::Lan, a_port_that_is_not_shared_is_told),
    ("links::interfaces_are_listed_with_reasons", Needs::Lan, interfaces_are_listed_with_reasons),
];

fn the_mask_decides_the_broadcast_address() {
    // The LAN's own is a /16.
    for (prefix, addresses) in [
        (8, ["10.1.2.3", "10.250.0.1"]),
        (23, ["192.0.2.1", "192.0.3.200"]),
        (25, ["192.0.2.129", "192.0.2.130"]),
        (30, ["192.0.2.129", "192.0.2.130"]),
    ] {
        let network = Network::new(2).unwrap();
        for (i, address) in addresses.into_iter().enumerate() {
            network.host(i).ip("address flush dev eth0 scope global");
            // What systems note as the broadcast address is wrong in places.
            network.host(i).ip(&format!("address add {address}/{prefix} broadcast 0.0.0.0 dev eth0"));
        }
        let _bob = listener(network.host(1), "bob");
        assert_eq!(nicks(network.host(0)), ["bob"], "/{prefix}");
    }
}

fn two_cards_on_one_lan_are_one_row_and_one_line() {
    let network = Network::new(2).unwrap();
    network.second_card(0);
    network.host(0).ip("address add 10.77.1.1/16 dev eth1");
    network.host(0).ip("link set eth1 up");
    network.host(0).plug_in(SECOND_CARD);
    let mut reader = listener(network.host(1), "reader");
    let mut two_cards = listener(network.host(0), "two-cards");
    let rows = peers(network.host(1));
    assert_eq!(rows.len(), 2, "the one here and the one with two cards: {rows:?}");

    let mut sender = start(network.host(0), &["send"]);
    for number in 0..10 {
        sender.write_line(&format!("line {number}"));
        expect_text(&mut reader, &format!("line {number}"));
        expect_text(&mut two_cards, &format!("line {number}"));
    }
    network.host(0).unplug(CARD);
    sender.write_line("by the other card");
    expect_text(&mut reader, "by the other card");
    for number in 0..10 {
        assert_eq!(times_heard(&mut reader, &format!("line {number}")), 1);
        assert_eq!(times_heard(&mut two_cards, &format!("line {number}")), 1);
    }
}

fn only_the_cards_asked_for_are_used() {
    let network = Network::new(2).unwrap();
    other_lan(network.host(0), "lan2", "192.0.2.1/24");
    let _bob = listener(network.host(1), "bob");
    let mut shy = start(network.host(0), &["-v", "-n", "shy", "--interface", "lan2", "listen", "--json"]);
    shy.expect_line(Stream::Err, |line| line == "cooee: using lan2 192.0.2.1/24, broadcast 192.0.2.255", LIMIT);
    assert_eq!(nicks(network.host(0)), ["bob", "shy"], "by both cards");
    let by = |card| run(network.host(0), &["--interface", card, "peers", "--json"]).1;
    assert!(by("eth0").contains("bob") && !by("eth0").contains("shy"));
    assert!(by("lan2").contains("shy") && !by("lan2").contains("bob"));

    assert_eq!(run(network.host(1), &["send", "by eth0"]).0, Some(0), "bob hears it");
    assert_eq!(run(network.host(0), &["-i", "lan2", "send", "by lan2"]).0, Some(0));
    expect_text(&mut shy, "by lan2");
    assert_eq!(times_heard(&mut shy, "by eth0"), 0, "what comes by a card that is not in use is not heard");
}

/// A card of a host on a LAN of its own, on which nobody else is.
pub(crate) fn other_lan(host: &Host, name: &str, address: &str) {
    host.ip(&format!("link add {name} type veth peer name {name}-end"));
    for card in [name, &format!("{name}-end")] {
        host.ip(&format!("link set {card} addrgenmode none"));
    }
    host.ip(&format!("address add {address} dev {name}"));
    host.ip(&format!("link set {name} up"));
    host.ip(&format!("link set {name}-end up"));
    host.await_carrier(name);
    host.await_carrier(&format!("{name}-end"));
}

fn a_cable_pulled_and_plugged_in() {
    let network = Network::new(2).unwrap();
    let mut bob = start(network.host(1), &["-v", "-n", "bob", "listen", "--json"]);
    bob.expect_line(Stream::Err, |line| line.starts_with("cooee: using eth0"), LIMIT);
    assert_eq!(nicks(network.host(0)), ["bob"]);
    network.host(1).unplug(CARD);
    bob.expect_line(Stream::Err, |line| line.starts_with("cooee: using lo "), LIMIT);
    network.host(1).plug_in(CARD);
    bob.expect_line(Stream::Err, |line| line.starts_with("cooee: using eth0"), LIMIT);
    assert_eq!(nicks(network.host(0)), ["bob"]);
    assert_eq!(run(network.host(0), &["send", "are you back?"]).0, Some(0));
    expect_text(&mut bob, "are you back?");
}

fn the_chat_tells_what_has_become_of_the_links() {
    let network = Network::new(2).unwrap();
    network.second_card(0);
    network.host(0).ip("address add 10.77.1.1/16 dev eth1");
    network.host(0).ip("link set eth1 up");
    network.host(0).plug_in(SECOND_CARD);
    let mut alice = chat(network.host(0), "alice");
    let _bob = chat(network.host(1), "bob");
    expect_arrival(&mut alice, "bob");
    let mut tells = |words: &str| {
        alice.expect_line(Stream::Err, |line| line.starts_with(&format!("cooee: {words}")), LIMIT);
    };
    network.host(0).unplug(CARD);
    tells("eth0 is gone; bob is still reached by eth1");
    network.host(0).unplug(SECOND_CARD);
    tells("eth1 is gone; no network is left");
    network.host(0).plug_in(CARD);
    tells("the network is there: on eth0 10.77.0.1");
    network.host(0).ip("address delete 10.77.0.1/16 dev eth0");
    network.host(0).ip("address add 10.77.7.7/16 broadcast 10.77.255.255 dev eth0");
    tells("eth0 has another address: 10.77.7.7");
}

fn another_address_under_a_running_program() {
    let network = Network::new(2).unwrap();
    let mut watcher = watcher(network.host(0));
    let mut bob = listener(network.host(1), "bob");
    let (before, _) = expect_object(&mut watcher, |object| object["type"] == "peer", LIMIT);
    network.host(1).ip("address delete 10.77.0.2/16 dev eth0");
    network.host(1).ip("address add 10.77.9.9/16 broadcast 10.77.255.255 dev eth0");
    bob.expect_line(Stream::Err, |line| line.contains("using eth0 10.77.9.9/16"), LIMIT);
    assert_eq!(run(network.host(0), &["send", "at your new address"]).0, Some(0));
    expect_text(&mut bob, "at your new address");
    let rows = peers(network.host(0));
    assert_eq!((rows.len(), &rows[0]["peer"]), (1, &before["peer"]), "the same peer, once");
    assert_eq!(text(&rows[0], "address"), "10.77.9.9:26634");
}

fn loopback_stands_in_until_a_lan_comes() {
    let network = Network::new(2).unwrap();
    let _carol = listener(network.host(1), "carol");
    network.host(0).ip("link set eth0 down");
    let mut bob = start(network.host(0), &["-v", "-n", "bob", "listen", "--json"]);
    bob.expect_line(Stream::Err, |line| line == "cooee: using lo 127.0.0.1/8, broadcast 127.255.255.255", LIMIT);
    let rows = peers(network.host(0));
    assert_eq!((rows.len(), &rows[0]["nick"], &rows[0]["link"]), (1, &"bob".into(), &"lo".into()));
    network.host(0).ip("link set eth0 up");
    bob.expect_line(Stream::Err, |line| line.starts_with("cooee: using eth0"), LIMIT);
    assert_eq!(nicks(network.host(0)), ["bob", "carol"]);
}

fn no_network_at_all_is_told() {
    let network = Network::new(1).unwrap();
    network.host(0).ip("link set eth0 down");
    network.host(0).ip("link set lo down");
    for words in [&["peers"][..], &["send", "hello"]] {
        let (code, _, told) = run(network.host(0), words);
        assert_eq!(code, Some(3));
        assert!(told.starts_with("cooee: no usable network interface (lo: down, eth0: down)"), "{told}");
    }
    // Who wants to stay waits for a network.
    let mut waiting = start(network.host(0), &["-v", "listen"]);
    waiting.expect_line(Stream::Err, |line| line == "cooee: no link is up; waiting for one", LIMIT);
    network.host(0).ip("link set lo up");
    waiting.expect_line(Stream::Err, |line| line.starts_with("cooee: using lo"), LIMIT);
    waiting.signal("INT");
    assert_eq!(waiting.wait(LIMIT).signal(), Some(2));
}

/// Has a host's firewall drop what goes to the port, on its way in or out.
pub(crate) fn wall(host: &Host, hook: &str) {
    let rules = format!(
        "table inet wall {{\nchain {hook} {{\ntype filter hook {hook} priority 0\nudp dport 26633 drop\n}}\n}}"
    );
    let made = host.command("nft").arg(rules).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn a_firewall_that_lets_nothing_in_is_told() {
    let network = Network::new(1).unwrap();
    wall(network.host(0), "input");
    let mut alice = chat(network.host(0), "alice");
    let told = "cooee: not even your own calls come back: most often, a firewall of this machine keeps them out.";
    alice.expect_line(Stream::Err, |line| line.starts_with(told), LIMIT);
}

fn a_firewall_that_lets_nothing_out_is_told() {
    let network = Network::new(1).unwrap();
    wall(network.host(0), "output");
    let (code, _, told) = run(network.host(0), &["peers", "--wait", "0.2"]);
    assert_eq!(code, Some(3));
    assert!(told.starts_with("cooee: cannot send by eth0 10.77.0.1: Operation not permitted"), "{told}");
    assert!(told.contains("cooee: nothing can be sent; does a firewall"), "{told}");
}

fn an_interface_that_there_is_not_is_told() {
    let network = Network::new(1).unwrap();
    for words in [&["-i", "wlan7", "peers"][..], &["-i", "eth0,wlan7", "listen"], &["-i", "wlan7", "interfaces"]] {
        let (code, printed, told) = run(network.host(0), words);
        assert_eq!((code, &*printed), (Some(3), ""));
        assert_eq!(told, "cooee: there is no network interface \"wlan7\"; there are: lo, eth0\n");
    }
}

fn a_port_that_is_not_shared_is_told() {
    let network = Network::new(1).unwrap();
    let _hog = Hog::take(network.host(0), 26_633);
    for words in [&["peers"][..], &["listen"], &["chat"]] {
        let (code, _, told) = run(network.host(0), words);
        assert_eq!(code, Some(3));
        assert!(told.starts_with("cooee: UDP port 26633 is used by another program"), "{told}");
        assert!(told.contains("--port"), "{told}");
    }
    assert_eq!(run(network.host(0), &["-p", "26700", "peers", "--wait", "0.1"]).0, Some(1), "another port is free");
}

fn interfaces_are_listed_with_reasons() {
    let network = Network::new(1).unwrap();
    network.second_card(0);
    other_lan(network.host(0), "tiny", "192.0.2.1/32");
    let (code, table, _) = run(network.host(0), &["interfaces"]);
    assert_eq!(code, Some(0));
    let row = |name: &str| {
        let row = table.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {table}"));
        row.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("eth0"), "eth0 up 10.77.0.1/16 10.77.255.255 yes");
    assert_eq!(row("lo"), "lo up 127.0.0.1/8 127.255.255.255 no: loopback; stands in where no LAN is up");
    assert_eq!(row("eth1"), "eth1 down - no: down");
    assert_eq!(row("tiny-end"), "tiny-end up - no: no IPv4 and no link-local IPv6 address");
    assert!(row("tiny ").ends_with("no: subnet without broadcast"), "{table}");

    let (_, rows, _) = run(network.host(0), &["-i", "eth0", "interfaces", "--json"]);
    let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let eth0 = rows.iter().find(|row| row["name"] == "eth0").unwrap();
    assert_eq!((&eth0["used"], &eth0["state"], &eth0["reason"]), (&true.into(), &"up".into(), &().into()));
    assert_eq!(eth0["addresses"][0]["broadcast"], "10.77.255.255");
    assert!(rows.iter().filter(|row| row["name"] != "eth0").all(|row| row["used"] == false));
}

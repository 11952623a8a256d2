//! IPv6: beside IPv4, without it, and not at all.

use crate::cooee::{expect_text, listener, nicks, peers, run, start, text, times_heard};
use crate::keys::{chat, expect, expect_arrival};
use crate::network::{CARD, Host, Network, SECOND_CARD};
use crate::process::{LIMIT, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("ipv6::a_lan_without_ipv4_works_wholly", Needs::Lan, a_lan_without_ipv4_works_wholly),
    ("ipv6::both_families_are_one_row_and_one_line", Needs::Lan, both_families_are_one_row_and_one_line),
    ("ipv6::two_cards_by_both_families_are_one_row", Needs::Lan, two_cards_by_both_families_are_one_row),
    ("ipv6::who_is_not_reached_by_one_is_by_the_other", Needs::Filters, who_is_not_reached_by_one_is_by_the_other),
    ("ipv6::a_machine_without_it_says_nothing_of_it", Needs::Lan, a_machine_without_it_says_nothing_of_it),
    ("ipv6::an_address_that_is_still_tried_is_no_link", Needs::Lan, an_address_that_is_still_tried_is_no_link),
    ("ipv6::the_smallest_mtu_will_do", Needs::Lan, the_smallest_mtu_will_do),
];

/// Gives a card the link-local address `fe80::number`, which can be used at once.
pub(crate) fn enable_ipv6(host: &Host, card: &str, number: u16) {
    host.ip(&format!("address add fe80::{number:x}/64 dev {card} nodad"));
}

/// A LAN of hosts `fe80::1`, `fe80::2` and so on, beside their IPv4 addresses.
pub(crate) fn dual_stack(hosts: u16) -> Network {
    let network = Network::new(hosts.into()).unwrap();
    for i in 0..hosts {
        enable_ipv6(network.host(i.into()), CARD, i + 1);
    }
    network
}

fn without_ipv4(host: &Host) {
    host.ip(&format!("-4 address flush dev {CARD}"));
}

/// Sets something of the kernel's for this host.
fn sysctl(host: &Host, name: &str, value: &str) {
    let set = host.command("sh").args(["-c", &format!("echo {value} > /proc/sys/net/{name}")]).output().unwrap();
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
}

fn warnings(running: &mut Running) -> Vec<String> {
    let all = running.heard().iter().filter(|line| line.stream == Stream::Err).map(|line| line.text.clone());
    all.filter(|line| !line.starts_with("cooee: using ")).collect()
}

fn a_lan_without_ipv4_works_wholly() {
    let network = dual_stack(2);
    without_ipv4(network.host(0));
    without_ipv4(network.host(1));
    let mut bob = start(network.host(1), &["-v", "-n", "bob", "listen", "--json"]);
    bob.expect_line(Stream::Err, |line| line == "cooee: using eth0 fe80::2/64, multicast ff02::c00e:e", LIMIT);
    let rows = peers(network.host(0));
    assert_eq!(rows.len(), 1, "{rows:?}");
    let address = text(&rows[0], "address");
    assert!(address.starts_with("[fe80::2%") && address.ends_with("]:26634"), "{address}");
    assert_eq!(text(&rows[0], "link"), "eth0");
    let (code, table, _) = run(network.host(0), &["interfaces"]);
    assert_eq!(code, Some(0));
    assert!(table.lines().any(|row| row.split_whitespace().eq(["eth0", "up", "fe80::1/64", "ff02::c00e:e", "yes"])));

    assert_eq!(run(network.host(0), &["send", "no IPv4 here"]).0, Some(0), "bob has acked it");
    expect_text(&mut bob, "no IPv4 here");
    let (mut alice, mut carol) = (chat(network.host(0), "alice"), chat(network.host(1), "carol"));
    expect_arrival(&mut alice, "carol");
    expect_arrival(&mut carol, "alice");
    alice.write_line("hello");
    expect(&mut carol, "hello");
    alice.write_line("/msg carol for you");
    expect(&mut carol, "for you");
    assert_eq!(run(network.host(1), &["ping", "--json", "alice"]).0, Some(0), "by unicast and by multicast");
    assert_eq!((warnings(&mut bob), warnings(&mut alice)), (Vec::new(), Vec::new()));
}

fn both_families_are_one_row_and_one_line() {
    let network = dual_stack(2);
    let mut reader = start(network.host(1), &["-v", "-n", "reader", "listen", "--json"]);
    reader.expect_line(Stream::Err, |line| line == "cooee: using eth0 10.77.0.2/16, broadcast 10.77.255.255", LIMIT);
    reader.expect_line(Stream::Err, |line| line == "cooee: using eth0 fe80::2/64, multicast ff02::c00e:e", LIMIT);
    let rows = peers(network.host(0));
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(text(&rows[0], "address"), "10.77.0.2:26634", "IPv4 is preferred");
    let mut sender = start(network.host(0), &["send"]);
    for number in 0..10 {
        sender.write_line(&format!("line {number}"));
        expect_text(&mut reader, &format!("line {number}"));
    }
    expect_last(network.host(0), &mut reader);
    for number in 0..10 {
        assert_eq!(times_heard(&mut reader, &format!("line {number}")), 1);
    }
}

/// Has one more line said, after which all that was sent before has come twice, if it comes twice.
fn expect_last(host: &Host, reader: &mut Running) {
    assert_eq!(run(host, &["send", "the last"]).0, Some(0));
    expect_text(reader, "the last");
}

fn two_cards_by_both_families_are_one_row() {
    let network = dual_stack(2);
    for i in 0..2 {
        let host = network.host(i);
        network.second_card(i);
        host.ip(&format!("address add 10.77.1.{}/16 dev eth1", i + 1));
        host.ip("link set eth1 up");
        host.plug_in(SECOND_CARD);
        enable_ipv6(host, SECOND_CARD, if i == 0 { 0x11 } else { 0x12 });
    }
    let mut reader = listener(network.host(1), "reader");
    for _ in 1..4 {
        reader.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    }
    assert_eq!(nicks(network.host(0)), ["reader"]);
    let mut sender = start(network.host(0), &["send"]);
    sender.write_line("by four links");
    expect_text(&mut reader, "by four links");
    network.host(0).unplug(CARD);
    network.host(1).unplug(CARD);
    sender.write_line("by the other card");
    expect_text(&mut reader, "by the other card");
    assert_eq!(times_heard(&mut reader, "by four links"), 1);
    assert_eq!(times_heard(&mut reader, "by the other card"), 1);
}

fn who_is_not_reached_by_one_is_by_the_other() {
    let network = dual_stack(2);
    let mut bob = listener(network.host(1), "bob");
    for family in ["ip", "ip6"] {
        let wall = format!(
            "table inet wall {{}}\ndelete table inet wall\ntable inet wall {{\nchain input {{\n\
             type filter hook input priority 0\nmeta protocol {family} udp dport 26633-26649 drop\n}}\n}}"
        );
        let made = network.host(1).command("nft").arg(wall).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let said = format!("without {family}");
        assert_eq!(run(network.host(0), &["send", &said]).0, Some(0), "{said}");
        expect_text(&mut bob, &said);
    }
}

fn a_machine_without_it_says_nothing_of_it() {
    let network = dual_stack(2);
    sysctl(network.host(0), "ipv6/conf/all/disable_ipv6", "1");
    let mut bob = listener(network.host(1), "bob");
    let mut alice = listener(network.host(0), "alice");
    assert_eq!(run(network.host(0), &["send", "by IPv4"]).0, Some(0));
    expect_text(&mut bob, "by IPv4");
    assert_eq!(run(network.host(1), &["send", "an answer"]).0, Some(0));
    expect_text(&mut alice, "an answer");
    assert_eq!(warnings(&mut alice), Vec::<String>::new());
    let using = alice.heard().iter().filter(|line| line.stream == Stream::Err).count();
    assert_eq!(using, 1, "IPv4 alone");
}

fn an_address_that_is_still_tried_is_no_link() {
    let network = dual_stack(2);
    let host = network.host(0);
    let mut bob = listener(network.host(1), "bob");
    without_ipv4(host);
    host.ip("-6 address flush dev eth0");
    // Long enough to look at it meanwhile.
    sysctl(host, "ipv6/conf/eth0/dad_transmits", "4");
    host.ip("address add fe80::1/64 dev eth0");
    let (_, table, _) = run(host, &["interfaces"]);
    assert!(table.contains("no: IPv6 address still being tried, or taken"), "{table}");
    let mut alice = start(host, &["-v", "-n", "alice", "listen", "--json"]);
    alice.expect_line(Stream::Err, |line| line.starts_with("cooee: using lo "), LIMIT);
    alice.expect_line(Stream::Err, |line| line == "cooee: using eth0 fe80::1/64, multicast ff02::c00e:e", LIMIT);
    assert_eq!(run(network.host(1), &["send", "now you hear"]).0, Some(0));
    expect_text(&mut alice, "now you hear");
    expect_text(&mut bob, "now you hear");
    let told = warnings(&mut alice);
    assert!(told.iter().all(|line| line.starts_with("cooee: no longer using lo ")), "{told:?}");
}

fn the_smallest_mtu_will_do() {
    let network = dual_stack(2);
    for i in 0..2 {
        network.host(i).ip("link set eth0 mtu 1280");
        without_ipv4(network.host(i));
    }
    let mut bob = listener(network.host(1), "bob");
    let long = "a long line ".repeat(1000);
    assert_eq!(run(network.host(0), &["send", &long]).0, Some(0));
    expect_text(&mut bob, long.trim_end());
}

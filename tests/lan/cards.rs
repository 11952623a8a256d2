//! Cards of every kind, and which of them are used.

use std::fs;

use crate::cooee::{expect_text, listener, nicks, run, start, times_heard};
use crate::ipv6::{dual_stack, enable_ipv6};
use crate::links::other_lan;
use crate::network::{CARD, Host, Network};
use crate::process::{LIMIT, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("cards::who_is_on_two_lans_talks_with_both", Needs::Lan, who_is_on_two_lans_talks_with_both),
    ("cards::a_bridge_is_used_and_its_ports_are_not", Needs::Lan, a_bridge_is_used_and_its_ports_are_not),
    ("cards::a_second_address_on_a_card", Needs::Lan, a_second_address_on_a_card),
    ("cards::some_are_ignored_unless_asked_for", Needs::Lan, some_are_ignored_unless_asked_for),
    ("cards::patterns_name_several", Needs::Lan, patterns_name_several),
];

/// Makes a LAN of two hosts, beside their switch: a cable between a card of the one and a card of the other.
fn lay_cable(these: (&Host, &str), those: (&Host, &str)) {
    let ((host, address), (other, other_address)) = (these, those);
    host.lay_cable("lan2", other);
    for (host, address) in [(host, address), (other, other_address)] {
        host.ip("link set lan2 addrgenmode none");
        host.ip(&format!("address add {address} dev lan2"));
        host.ip("link set lan2 up");
    }
    host.await_carrier("lan2");
    other.await_carrier("lan2");
}

/// One LAN has hosts 0 and 1, the other one hosts 0 and 2.
fn who_is_on_two_lans_talks_with_both() {
    let network = Network::new(3).unwrap();
    network.host(2).ip(&format!("link set {CARD} down"));
    lay_cable((network.host(0), "192.0.2.1/24"), (network.host(2), "192.0.2.3/24"));
    let mut middle = start(network.host(0), &["-v", "-n", "middle", "listen", "--json"]);
    middle.expect_line(Stream::Err, |line| line.starts_with("cooee: using eth0 10.77.0.1/16"), LIMIT);
    middle.expect_line(Stream::Err, |line| line.starts_with("cooee: using lan2 192.0.2.1/24"), LIMIT);
    let (mut bob, mut carol) = (listener(network.host(1), "bob"), listener(network.host(2), "carol"));
    assert_eq!(nicks(network.host(0)), ["bob", "carol", "middle"]);
    for (i, said) in [(1, "from the one"), (2, "from the other")] {
        assert_eq!(run(network.host(i), &["send", said]).0, Some(0));
        expect_text(&mut middle, said);
    }
    assert_eq!(run(network.host(0), &["send", "from the middle"]).0, Some(0), "both have acked it");
    expect_text(&mut bob, "from the middle");
    expect_text(&mut carol, "from the middle");
    for said in ["from the one", "from the other", "from the middle"] {
        assert!(times_heard(&mut middle, said) == 1, "{said}");
    }
}

fn a_bridge_is_used_and_its_ports_are_not() {
    let network = dual_stack(2);
    let host = network.host(1);
    host.ip("address flush dev eth0");
    host.ip("link add br0 type bridge forward_delay 0");
    host.ip("link set br0 addrgenmode none");
    host.ip("link set eth0 master br0");
    host.ip("address add 10.77.0.2/16 dev br0");
    host.ip("link set br0 up");
    host.await_carrier("br0");
    enable_ipv6(host, "br0", 2);
    enable_ipv6(host, CARD, 0x22);
    // What is told of bridges is told of those of the network namespace in which it was mounted.
    let mut bob = Running::start(host.command("unshare").args([
        "--mount",
        "sh",
        "-c",
        r#"mount -t sysfs sysfs /sys && "$0" interfaces >&2 && exec "$0" -v -n bob listen --json"#,
        env!("CARGO_BIN_EXE_cooee"),
    ]));
    let row = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let port = "eth0 up fe80::22/64 ff02::c00e:e no: part of a bridge or bond";
    bob.expect_line(Stream::Err, |line| row(line) == port, LIMIT);
    bob.expect_line(Stream::Err, |line| row(line) == "br0 up 10.77.0.2/16 10.77.255.255 yes", LIMIT);
    bob.expect_line(Stream::Err, |line| line.starts_with("cooee: using br0 10.77.0.2/16"), LIMIT);
    bob.expect_line(Stream::Err, |line| line.starts_with("cooee: using br0 fe80::2/64"), LIMIT);
    assert_eq!(run(network.host(0), &["send", "over the bridge"]).0, Some(0));
    expect_text(&mut bob, "over the bridge");
    assert!(!bob.heard().iter().any(|line| line.text.starts_with("cooee: using eth0")));
}

fn a_second_address_on_a_card() {
    let network = Network::new(3).unwrap();
    // On the same subnet, and on another one, by which alone host 2 is reached.
    network.host(0).ip("address add 10.77.5.5/16 dev eth0");
    network.host(0).ip("address add 192.0.2.1/24 dev eth0");
    network.host(2).ip("address flush dev eth0");
    network.host(2).ip("address add 192.0.2.3/24 dev eth0");
    let mut alice = listener(network.host(0), "alice");
    alice.expect_line(Stream::Err, |line| line.starts_with("cooee: using eth0 192.0.2.1/24"), LIMIT);
    let mut bob = listener(network.host(1), "bob");
    let mut carol = listener(network.host(2), "carol");
    assert_eq!(nicks(network.host(0)), ["alice", "bob", "carol"]);
    assert_eq!(run(network.host(0), &["send", "by one card"]).0, Some(0));
    expect_text(&mut bob, "by one card");
    expect_text(&mut carol, "by one card");
    let using = alice.heard().iter().filter(|line| line.text.starts_with("cooee: using")).count();
    assert_eq!(using, 2, "a second address on one subnet is no second link");
    for reader in [&mut alice, &mut bob, &mut carol] {
        assert_eq!(times_heard(reader, "by one card"), 1);
    }
}

fn some_are_ignored_unless_asked_for() {
    let network = Network::new(1).unwrap();
    let host = network.host(0);
    other_lan(host, "docker0", "172.17.0.1/16");
    fs::create_dir_all(host.data().join("cooee")).unwrap();
    fs::write(host.data().join("cooee/config.toml"), "ignore_interfaces = [\"docker*\", \"veth?\"]\n").unwrap();
    let (_, table, _) = run(host, &["interfaces"]);
    assert!(table.contains("no: ignored by ignore_interfaces"), "{table}");
    let mut ignoring = listener(host, "ignoring");
    let mut asking = start(host, &["-v", "-i", "docker0", "-n", "asking", "listen", "--json"]);
    asking.expect_line(Stream::Err, |line| line.starts_with("cooee: using docker0 172.17.0.1/16"), LIMIT);
    assert_eq!(run(host, &["send", "by eth0"]).0, Some(0));
    expect_text(&mut ignoring, "by eth0");
    assert!(!ignoring.heard().iter().any(|line| line.text.contains("docker0")));
}

fn patterns_name_several() {
    let network = Network::new(1).unwrap();
    let host = network.host(0);
    other_lan(host, "lan1", "192.0.2.1/24");
    other_lan(host, "lan2", "198.51.100.1/24");
    let mut some = start(host, &["-v", "-i", "lan?", "listen"]);
    some.expect_line(Stream::Err, |line| line.starts_with("cooee: using lan1 192.0.2.1"), LIMIT);
    some.expect_line(Stream::Err, |line| line.starts_with("cooee: using lan2 198.51.100.1"), LIMIT);
    assert!(!some.heard().iter().any(|line| line.text.contains("eth0")));
    let (code, _, told) = run(host, &["-i", "wlan*", "peers"]);
    assert_eq!(code, Some(3));
    assert!(told.starts_with("cooee: no network interface fits \"wlan*\"; there are: lo, "), "{told}");
}

//! Beyond the subnet: routers and tunnels carry no broadcast, and `--peer` does without.

use std::collections::BTreeSet;

use crate::cooee::{expect_object, expect_text, listener, run, start, text, times_heard};
use crate::network::{Host, Network};
use crate::process::{LIMIT, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("remote::three_subnets_are_one_room", Needs::Filters, three_subnets_are_one_room),
    ("remote::who_looks_and_speaks_from_afar_reaches_a_whole_lan", Needs::Filters, visitors_reach_a_whole_lan),
    ("remote::a_tunnel_is_enough", Needs::Lan, a_tunnel_is_enough),
    ("remote::a_peer_of_ones_own_lan_hears_all_once", Needs::Lan, a_peer_of_ones_own_lan_hears_all_once),
    ("remote::where_nobody_is_nobody_is_missed", Needs::Lan, where_nobody_is_nobody_is_missed),
    ("remote::a_name_is_looked_up", Needs::Lan, a_name_is_looked_up),
];

/// Three subnets and a router between them, which is host 0: host 1 alone, 2 and 3 together, 4 alone.
fn routed() -> Network {
    let network = Network::new(5).unwrap();
    network.cut(&[1], &[2, 3, 4]);
    network.cut(&[2, 3], &[4]);
    let router = network.host(0);
    router.ip("address flush dev eth0");
    for subnet in 1..=3 {
        router.ip(&format!("address add 10.9.{subnet}.1/24 dev eth0"));
    }
    // By one card it would tell hosts that they are neighbours, which their cables do not bear out.
    let settings = "echo 1 > /proc/sys/net/ipv4/ip_forward
        echo 0 | tee /proc/sys/net/ipv4/conf/*/send_redirects > /dev/null";
    assert!(router.command("sh").args(["-c", settings]).status().unwrap().success());
    for (host, subnet) in [(1, 1), (2, 2), (3, 2), (4, 3)] {
        let host_number = 10 + host;
        let host = network.host(host);
        host.ip("address flush dev eth0");
        host.ip(&format!("address add 10.9.{subnet}.{host_number}/24 dev eth0"));
        host.ip(&format!("route add default via 10.9.{subnet}.1"));
    }
    network
}

/// Where host 2 is, which the others were told of.
const HUB: &str = "10.9.2.12";

fn listener_of(host: &Host, nick: &str, peer: &str) -> Running {
    let words = ["--verbose", "--nick", nick, "--peer", peer, "listen", "--json"];
    let mut listener = start(host, &words);
    listener.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    listener
}

/// What a host has to be told: the hub and its neighbour nothing.
const GIVEN: [(usize, &str, &[&str]); 4] =
    [(1, "one", &["--peer", HUB]), (2, "hub", &[]), (3, "neighbour", &[]), (4, "three", &["--peer", HUB])];

/// Waits until so many are heard there. Who is told of, the hub knows.
fn await_peers(host: &Host, given: &[&str], count: usize) {
    let mut watcher = start(host, &[given, &["peers", "--watch", "--json", "--wait", "0"]].concat());
    let mut listed = BTreeSet::new();
    while listed.len() < count {
        let (peer, _) = expect_object(&mut watcher, |object| object["type"] == "peer", LIMIT);
        listed.insert(text(&peer, "nick"));
    }
}

fn three_subnets_are_one_room() {
    let network = routed();
    let mut listeners = GIVEN.map(|(host, nick, given)| {
        let words = [given, &["--verbose", "--nick", nick, "listen", "--json"]].concat();
        let mut listener = start(network.host(host), &words);
        listener.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
        listener
    });
    // Who only looks or speaks is told of to nobody: beyond the subnet, he has to ask himself.
    let asking = GIVEN.into_iter().filter(|(.., given)| !given.is_empty());
    for (host, _, given) in asking.clone() {
        await_peers(network.host(host), given, GIVEN.len());
        let (code, table, words) = run(network.host(host), &[given, &["peers"]].concat());
        let nicks: Vec<&str> = table.lines().skip(1).filter_map(|row| row.split_whitespace().next()).collect();
        assert_eq!((code, nicks, &*words), (Some(0), vec!["hub", "neighbour", "one", "three"], ""));
    }
    for (host, nick, given) in asking.clone() {
        let said = format!("said where {nick} is");
        let (code, _, words) = run(network.host(host), &[given, &["send", &said]].concat());
        assert_eq!((code, &*words), (Some(0), ""), "{nick}");
        listeners.iter_mut().for_each(|listener| drop(expect_text(listener, &said)));
    }
    for (_, nick, _) in asking {
        let said = format!("said where {nick} is");
        assert!(listeners.iter_mut().all(|listener| times_heard(listener, &said) == 1), "{said}");
    }
}

fn visitors_reach_a_whole_lan() {
    let network = routed();
    let mut hub = listener(network.host(2), "hub");
    let mut neighbour = listener(network.host(3), "neighbour");
    await_peers(network.host(1), &["--peer", HUB], 2);
    let (code, table, words) = run(network.host(1), &["--peer", HUB, "peers"]);
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!((code, rows.len(), &*words), (Some(0), 2, ""), "{table}");
    assert_eq!((rows[0][0], rows[0][2], rows[0][3]), ("hub", "10.9.2.12:26634", "remote"));
    assert_eq!((rows[1][0], rows[1][2], rows[1][3]), ("neighbour", "10.9.2.13:26634", "remote"));

    let (code, _, words) = run(network.host(4), &["--peer", HUB, "send", "over the hills"]);
    assert_eq!((code, &*words), (Some(0), ""));
    for listener in [&mut hub, &mut neighbour] {
        expect_text(listener, "over the hills");
        assert_eq!(times_heard(listener, "over the hills"), 1);
    }
    let (code, rooms, words) = run(network.host(1), &["--peer", HUB, "rooms"]);
    assert_eq!((code, &*words), (Some(0), ""));
    assert!(rooms.contains("lobby"), "{rooms}");
}

/// Two cards with nothing behind them but each other, as tunnels have: no subnet, no broadcast.
fn a_tunnel_is_enough() {
    let network = Network::new(2).unwrap();
    for (host, own, other) in [(0, "10.8.0.1", "10.8.0.2"), (1, "10.8.0.2", "10.8.0.1")] {
        network.host(host).ip("address flush dev eth0");
        network.host(host).ip(&format!("address add {own} peer {other} dev eth0"));
        // Not even loopback stands in for a link.
        network.host(host).ip("link set lo down");
    }
    let mut bob = start(network.host(1), &["-n", "bob", "--peer", "10.8.0.1", "listen", "--json"]);
    let (code, table, _) = run(network.host(0), &["--peer", "10.8.0.2", "peers", "--wait", "10"]);
    assert!(code == Some(0) && table.contains("bob") && table.contains("remote"), "{table}");
    let (code, _, words) = run(network.host(0), &["--peer", "10.8.0.2", "send", "through the tunnel"]);
    assert_eq!((code, &*words), (Some(0), ""));
    expect_text(&mut bob, "through the tunnel");
}

fn a_peer_of_ones_own_lan_hears_all_once() {
    let network = Network::new(2).unwrap();
    let mut bob = listener(network.host(1), "bob");
    let (code, table, words) = run(network.host(0), &["--peer", "10.77.0.2", "peers"]);
    assert_eq!((code, &*words), (Some(0), ""));
    assert!(table.lines().count() == 2 && table.contains("10.77.0.2:26634") && table.contains("eth0"), "{table}");
    let mut alice = listener_of(network.host(0), "alice", "10.77.0.2,10.77.0.1");
    for text in ["one", "two", "three"] {
        assert_eq!(run(network.host(0), &["--peer", "10.77.0.2", "send", text]).0, Some(0));
    }
    for text in ["one", "two", "three"] {
        for listener in [&mut alice, &mut bob] {
            expect_text(listener, text);
            assert_eq!(times_heard(listener, text), 1, "{text}");
        }
    }
}

fn where_nobody_is_nobody_is_missed() {
    let network = Network::new(2).unwrap();
    let mut bob = listener(network.host(1), "bob");
    // Of the subnet, but of nobody; and beyond it, where no route leads.
    let nowhere = ["--peer", "10.77.9.9,192.0.2.1"];
    let (code, _, words) = run(network.host(0), &[&nowhere[..], &["send", "is anybody there?"]].concat());
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("cooee: cannot send to 192.0.2.1:26633, beyond the subnet: "), "{words}");
    expect_text(&mut bob, "is anybody there?");
    drop(bob);
    let (code, _, words) = run(network.host(0), &[&nowhere[..], &["peers", "--wait", "0.4"]].concat());
    assert_eq!(code, Some(1));
    assert!(words.contains("nobody else is in room lobby on eth0 or at 10.77.9.9, 192.0.2.1; "), "{words}");
}

/// The only name that all machines know alike is their own; its peer has another port.
fn a_name_is_looked_up() {
    let network = Network::new(1).unwrap();
    let host = network.host(0);
    let mut bob = start(host, &["-v", "-n", "bob", "-p", "30000", "-i", "lo", "listen", "--json"]);
    bob.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    let words = ["--verbose", "--peer", "localhost:30000,no-such-host.invalid", "send", "hello there"];
    let (code, _, told) = run(host, &words);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("cooee: peer localhost:30000 is called at ") && told.contains("127.0.0.1:30000"), "{told}");
    assert_eq!(told.matches("cooee: cannot find peer no-such-host.invalid: ").count(), 1, "{told}");
    expect_text(&mut bob, "hello there");
}

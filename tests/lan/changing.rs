//! What changes under a running program: who is still there is not lost, and all is announced at once.

use std::time::{Duration, Instant};

use crate::cooee::{expect_object, expect_text, listener, nicks, peers, run, start, text, times_heard, watcher};
use crate::ipv6::{dual_stack, enable_ipv6};
use crate::keys::{chat, expect, expect_arrival};
use crate::network::{CARD, Network, SECOND_CARD};
use crate::process::{LIMIT, Line, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("changing::a_cable_that_is_out_for_long", Needs::Lan, a_cable_that_is_out_for_long),
    ("changing::a_card_that_is_called_otherwise", Needs::Lan, a_card_that_is_called_otherwise),
    ("changing::a_card_that_comes_later", Needs::Lan, a_card_that_comes_later),
    ("changing::another_subnet", Needs::Lan, another_subnet),
    ("changing::all_is_announced_within_a_second", Needs::Lan, all_is_announced_within_a_second),
];

/// A peer that was heard no more is given up after some 20 s.
const GIVEN_UP: Duration = Duration::from_secs(60);

fn a_cable_that_is_out_for_long() {
    let network = dual_stack(3);
    let mut watcher = watcher(network.host(0));
    let mut bob = listener(network.host(1), "bob");
    let (mut alice, mut carol) = (listener(network.host(0), "alice"), listener(network.host(2), "carol"));
    let mut by_bob = chat(network.host(1), "robert");
    expect_arrival(&mut by_bob, "carol");
    let mut missing = vec!["alice", "bob", "carol", "robert"];
    while !missing.is_empty() {
        let (peer, _) = expect_object(&mut watcher, |object| object["type"] == "peer", LIMIT);
        missing.retain(|nick| peer["nick"] != *nick);
    }
    network.host(1).unplug(CARD);
    let (_, before) = expect_object(&mut watcher, |object| object["type"] == "left", GIVEN_UP);
    run(network.host(0), &["send", "said to who is there"]);
    expect_text(&mut carol, "said to who is there");
    by_bob.write_line("said without a cable");
    network.host(1).plug_in(CARD);

    expect_text(&mut bob, "said to who is there");
    expect_text(&mut alice, "said without a cable");
    expect_text(&mut carol, "said without a cable");
    assert_eq!(nicks(network.host(0)), ["alice", "bob", "carol", "robert"]);
    for (reader, said) in [(&mut bob, "said to who is there"), (&mut carol, "said without a cable")] {
        assert_eq!(times_heard(reader, said), 1);
    }
    let left = |line: &&Line| line.at >= before.at && line.text.contains(r#""type":"left""#);
    let given_up: Vec<&Line> = watcher.heard().iter().filter(left).collect();
    assert!(!given_up.iter().any(|line| line.text.contains("carol") || line.text.contains("alice")), "{given_up:?}");
}

fn a_card_that_is_called_otherwise() {
    let network = dual_stack(2);
    let mut alice = chat(network.host(0), "alice");
    let mut bob = chat(network.host(1), "bob");
    expect_arrival(&mut alice, "bob");
    expect_arrival(&mut bob, "alice");
    network.host(0).ip("link set eth0 name lan0");
    alice.expect_line(Stream::Err, |line| line == "cooee: eth0 is now called lan0", LIMIT);
    bob.write_line("still there?");
    expect(&mut alice, "still there?");
    alice.write_line("yes");
    expect(&mut bob, "yes");
    let changed = |line: &Line| line.text.contains("is gone") || line.text.contains("←");
    assert!(!alice.heard().iter().any(changed) && !bob.heard().iter().any(changed));
}

fn a_card_that_comes_later() {
    let network = Network::new(2).unwrap();
    network.host(0).ip("address flush dev eth0");
    let mut bob = chat(network.host(1), "bob");
    let mut alice = chat(network.host(0), "alice");
    network.second_card(0);
    network.host(0).ip("address add 10.77.1.1/16 dev eth1");
    network.host(0).ip("link set eth1 up");
    network.host(0).plug_in(SECOND_CARD);
    alice.expect_line(Stream::Err, |line| line == "cooee: the network is there: on eth1 10.77.1.1", LIMIT);
    expect_arrival(&mut bob, "alice");
    expect_arrival(&mut alice, "bob");
    // Another family on the same card is told by -v alone.
    enable_ipv6(network.host(0), SECOND_CARD, 1);
    alice.expect_line(Stream::Err, |line| line == "cooee: using eth1 fe80::1/64, multicast ff02::c00e:e", LIMIT);
    network.host(0).unplug(SECOND_CARD);
    alice.expect_line(Stream::Err, |line| line.starts_with("cooee: eth1 is gone; no network is left"), LIMIT);
    let also = |line: &Line| line.text.contains("also on") || line.text.contains("another address");
    assert!(!alice.heard().iter().any(also));
}

/// Who roams to another subnet leaves one LAN and comes to another one.
fn another_subnet() {
    let network = Network::new(3).unwrap();
    network.host(2).ip("address flush dev eth0");
    network.host(2).ip("address add 192.0.2.3/24 dev eth0");
    let mut roaming = listener(network.host(0), "roaming");
    let _bob = listener(network.host(1), "bob");
    let mut carol = listener(network.host(2), "carol");
    assert_eq!(nicks(network.host(1)), ["bob", "roaming"]);
    network.host(0).ip("address delete 10.77.0.1/16 dev eth0");
    network.host(0).ip("address add 192.0.2.1/24 dev eth0");
    roaming.expect_line(Stream::Err, |line| line.starts_with("cooee: using eth0 192.0.2.1/24"), LIMIT);
    assert_eq!(run(network.host(2), &["send", "over here"]).0, Some(0));
    expect_text(&mut roaming, "over here");
    expect_text(&mut carol, "over here");
    let rows = peers(network.host(2));
    let row = rows.iter().find(|row| row["nick"] == "roaming").unwrap();
    assert_eq!(text(row, "address"), "192.0.2.1:26634");
}

/// From the command that changes something to another host's seeing it.
fn all_is_announced_within_a_second() {
    const SOON: Duration = Duration::from_secs(1);
    let network = Network::new(2).unwrap();
    network.host(1).ip("address flush dev eth0");
    let mut watcher = watcher(network.host(0));
    let mut bob = start(network.host(1), &["-v", "-n", "bob", "listen"]);
    bob.expect_line(Stream::Err, |line| line.starts_with("cooee: using lo "), LIMIT);
    let mut measure = |what: &str, change: &dyn Fn(), seen: &mut dyn FnMut(&mut Running) -> Line| {
        let begun = Instant::now();
        change();
        let took = seen(&mut watcher).at.saturating_duration_since(begun);
        println!("announced after {:.0} ms: {what}", took.as_secs_f64() * 1e3);
        assert!(took < SOON, "{what}: {took:?}");
    };
    let joined = |watcher: &mut Running| expect_object(watcher, |object| object["nick"] == "bob", LIMIT).1;
    let host = network.host(1);
    measure("an address that came", &|| drop(host.ip("address add 10.77.0.2/16 dev eth0")), &mut |it| joined(it));
    measure(
        "another address",
        &|| {
            host.ip("address delete 10.77.0.2/16 dev eth0");
            host.ip("address add 10.77.9.9/16 dev eth0");
        },
        &mut |_| bob.expect_line(Stream::Err, |line| line.starts_with("cooee: using eth0 10.77.9.9/16"), LIMIT),
    );
    assert_eq!(text(&peers(network.host(0))[0], "address"), "10.77.9.9:26634");
}

//! How long a datagram takes to somebody and back, and by which way it gets through.

use serde_json::Value;

use crate::arriving::stop_unicast;
use crate::cooee::{listener, run, start};
use crate::network::{Host, Network};
use crate::process::{LIMIT, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("ping::both_ways_are_measured", Needs::Lan, both_ways_are_measured),
    ("ping::who_is_stopped_does_not_answer", Needs::Lan, who_is_stopped_does_not_answer),
    ("ping::a_signal_ends_it_with_its_summary", Needs::Lan, a_signal_ends_it_with_its_summary),
    (
        "ping::where_unicast_is_stopped_broadcast_comes_back",
        Needs::Filters,
        where_unicast_is_stopped_broadcast_comes_back,
    ),
    ("ping::where_nothing_comes_back_it_says_so", Needs::Filters, where_nothing_comes_back_it_says_so),
];

fn both_ways_are_measured() {
    let network = Network::new(3).unwrap();
    let _peers = [listener(network.host(1), "bob"), listener(network.host(2), "carol")];
    let (code, told, problems) = run(network.host(0), &["ping", "--count", "2"]);
    assert_eq!((code, &*problems), (Some(0), ""));
    let (rounds, summary) = told.split_once("\n\n").unwrap();
    assert_eq!(rounds.lines().count(), 4, "{told}");
    let is_answered =
        |line: &str| line.contains("  unicast ") && line.contains("  broadcast ") && !line.contains("lost");
    assert!(rounds.lines().all(is_answered), "{told}");
    let begins: Vec<&str> = summary.lines().map(|line| line.split(" lost, min/avg/max ").next().unwrap()).collect();
    let all = "2 sent, 2 received, 0 %";
    let expected = ["bob    unicast  ", "bob    broadcast", "carol  unicast  ", "carol  broadcast"];
    assert_eq!(begins, expected.map(|begin| format!("{begin}  {all}")));

    let (code, told, _) = run(network.host(0), &["ping", "CAROL", "-c", "1", "--json"]);
    let pongs: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, pongs.len()), (Some(0), 2));
    let keys: Vec<&String> = pongs[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["epoch", "fingerprint", "nick", "peer", "round_trip_ms", "time", "type", "way"]);
    for pong in &pongs {
        assert_eq!((&pong["type"], &pong["nick"]), (&"pong".into(), &"carol".into()));
        assert!((0.0..1000.0).contains(&pong["round_trip_ms"].as_f64().unwrap()), "{pong}");
    }
    assert!(["unicast", "broadcast"].iter().all(|way| pongs.iter().any(|pong| pong["way"] == *way)));

    let (code, told, problems) = run(network.host(0), &["ping", "car"]);
    assert_eq!((code, &*told), (Some(1), ""));
    assert_eq!(problems, "cooee: nobody is called car; cooee peers tells who is there\n");
}

fn who_is_stopped_does_not_answer() {
    let network = Network::new(2).unwrap();
    let mut bob = listener(network.host(1), "bob");
    let mut ping = start(network.host(0), &["ping", "bob", "--count", "2"]);
    ping.expect_line(Stream::Out, |line| line.starts_with("bob  unicast "), LIMIT);
    bob.signal("STOP");
    ping.expect_line(Stream::Out, |line| line == "bob  unicast lost        broadcast lost", LIMIT);
    ping.expect_line(Stream::Out, |line| line.starts_with("bob  unicast    2 sent, 1 received, 50 % lost, "), LIMIT);
    assert_eq!(ping.wait(LIMIT).code(), Some(0), "something came back");
    let (code, told, problems) = run(network.host(0), &["ping", "bob"]);
    assert_eq!((code, &*told), (Some(1), ""));
    assert!(problems.starts_with("cooee: nobody else is in room lobby on eth0"), "{problems}");
    bob.signal("CONT");
}

fn a_signal_ends_it_with_its_summary() {
    use std::os::unix::process::ExitStatusExt;

    let network = Network::new(2).unwrap();
    let _bob = listener(network.host(1), "bob");
    let mut ping = start(network.host(0), &["ping", "--count", "1000"]);
    ping.expect_line(Stream::Out, |line| line.starts_with("bob  unicast "), LIMIT);
    ping.signal("INT");
    ping.expect_line(Stream::Out, |line| line.starts_with("bob  broadcast  ") && line.contains(" received, "), LIMIT);
    assert_eq!(ping.wait(LIMIT).signal(), Some(2));
}

fn where_unicast_is_stopped_broadcast_comes_back() {
    let network = Network::new(2).unwrap();
    (0..2).for_each(|i| stop_unicast(network.host(i)));
    let _bob = listener(network.host(1), "bob");
    let (code, told, problems) = run(network.host(0), &["ping", "bob", "--count", "1"]);
    assert_eq!((code, &*problems), (Some(0), ""));
    assert!(told.starts_with("bob  unicast lost        broadcast "), "{told}");
    assert!(told.contains("bob  unicast    1 sent, 0 received, 100 % lost\n"), "{told}");
    assert!(told.contains("bob  broadcast  1 sent, 1 received, 0 % lost, min/avg/max "), "{told}");
}

/// Lets no pong out: kind 11, the sixth byte of what follows UDP's header of eight.
fn stop_pongs(host: &Host) {
    let rules = "table inet mute {
        chain out {
            type filter hook output priority 0
            meta l4proto udp @th,104,8 11 drop
        }
    }";
    let made = host.command("nft").arg(rules).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn where_nothing_comes_back_it_says_so() {
    let network = Network::new(2).unwrap();
    stop_pongs(network.host(1));
    let _bob = listener(network.host(1), "bob");
    let (code, told, problems) = run(network.host(0), &["ping", "bob", "--count", "1"]);
    assert_eq!((code, &*problems), (Some(1), "cooee: nothing came back from bob\n"));
    assert!(told.starts_with("bob  unicast lost        broadcast lost\n"), "{told}");
    let (_, objects, _) = run(network.host(0), &["ping", "bob", "--count", "1", "--json"]);
    let pongs: Vec<Value> = objects.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(pongs.len() == 2 && pongs.iter().all(|pong| pong["round_trip_ms"].is_null()), "{objects}");
}

//! They find each other, by themselves, and see each other go.

use std::time::Instant;

use crate::cooee::{expect_object, listener, nicks, peers, run, start, text, watcher};
use crate::network::Network;
use crate::process::{LIMIT, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("finding::peers_lists_who_is_there", Needs::Lan, peers_lists_who_is_there),
    ("finding::nobody_is_an_honest_no", Needs::Lan, nobody_is_an_honest_no),
    ("finding::looking_disturbs_nobody", Needs::Lan, looking_disturbs_nobody),
    ("finding::who_leaves_is_gone_at_once", Needs::Lan, who_leaves_is_gone_at_once),
    ("finding::rooms_and_ports_are_apart", Needs::Lan, rooms_and_ports_are_apart),
    ("finding::several_runs_share_a_host", Needs::Lan, several_runs_share_a_host),
    ("finding::thirty_find_each_other", Needs::Lan, thirty_find_each_other),
    ("finding::twenty_percent_loss_hides_nobody", Needs::Filters, twenty_percent_loss_hides_nobody),
    ("finding::a_firewall_that_stops_unicast_hides_nobody", Needs::Filters, a_firewall_that_stops_unicast_hides_nobody),
];

fn peers_lists_who_is_there() {
    let network = Network::new(3).unwrap();
    let _bob = listener(network.host(1), "bob");
    let _tanaka = listener(network.host(2), "田中");
    let (code, table, words) = run(network.host(0), &["peers"]);
    assert_eq!((code, &*words), (Some(0), ""));
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["NICK", "HOST", "ADDRESS", "LINK", "HEARD", "VERSION"]);
    assert_eq!((rows[1][0], rows[1][2], rows[1][3]), ("bob", "10.77.0.2:26634", "eth0"));
    assert_eq!((rows[2][0], rows[2][2], rows[2][3]), ("田中", "10.77.0.3:26634", "eth0"));
    assert_eq!(rows.len(), 3);

    let rows = peers(network.host(0));
    let keys: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    let promised = [
        "address",
        "addresses",
        "clock_ahead_ms",
        "epoch",
        "fingerprint",
        "heard_ms",
        "hears_us",
        "host",
        "ignored",
        "link",
        "nick",
        "peer",
        "self",
        "since",
        "status",
        "time",
        "type",
        "verified",
        "version",
    ];
    assert_eq!(keys, promised);
    assert_eq!((text(&rows[0], "peer").len(), text(&rows[0], "epoch").len()), (16, 8));
    assert_eq!(rows[0]["self"], false);
}

fn nobody_is_an_honest_no() {
    let network = Network::new(1).unwrap();
    let begin = Instant::now();
    let (code, table, words) = run(network.host(0), &["peers", "--wait", "0.4"]);
    assert!(begin.elapsed().as_millis() >= 400, "nobody has answered, so it waits for as long as it may");
    assert_eq!((code, &*table), (Some(1), ""));
    assert!(words.starts_with("cooee: nobody else is in room lobby on eth0"), "{words}");
}

fn looking_disturbs_nobody() {
    let network = Network::new(2).unwrap();
    let mut watcher = watcher(network.host(0));
    assert_eq!(run(network.host(1), &["--nick", "quick", "peers", "--wait", "0.2"]).0, Some(1));
    let _bob = listener(network.host(1), "bob");
    let (first, _) = expect_object(&mut watcher, |_| true, LIMIT);
    assert_eq!(first["nick"], "bob", "who only looked was not listed");
}

fn who_leaves_is_gone_at_once() {
    let network = Network::new(2).unwrap();
    let mut watcher = watcher(network.host(0));
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        let mut bob = listener(network.host(1), "bob");
        expect_object(&mut watcher, |object| object["type"] == "peer", LIMIT);
        let begin = Instant::now();
        bob.signal(signal);
        let (left, line) = expect_object(&mut watcher, |object| object["type"] == "left", LIMIT);
        assert_eq!((&*text(&left, "nick"), &*text(&left, "reason")), ("bob", "goodbye"));
        assert!(line.at.duration_since(begin).as_millis() < 1000);
        let status = bob.wait(LIMIT);
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(number));
    }
}

fn rooms_and_ports_are_apart() {
    let network = Network::new(2).unwrap();
    let host = network.host(1);
    let _lobby = listener(host, "lobby");
    let mut attic = start(host, &["-v", "-n", "attic", "--room", "attic", "listen"]);
    let mut far = start(host, &["-v", "-n", "far", "--port", "30000", "listen"]);
    for running in [&mut attic, &mut far] {
        running.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    }
    assert_eq!(nicks(network.host(0)), ["lobby"]);
    assert!(run(network.host(0), &["--room", "attic", "peers"]).1.contains("attic"));
    assert!(run(network.host(0), &["--port", "30000", "peers"]).1.contains("far"));
}

fn several_runs_share_a_host() {
    let network = Network::new(2).unwrap();
    let _runs = ["a", "b", "c"].map(|nick| listener(network.host(1), nick));
    assert_eq!(nicks(network.host(0)), ["a", "b", "c"], "from another host");
    let rows = peers(network.host(1));
    let addresses: Vec<String> = rows.iter().map(|row| text(row, "address")).collect();
    assert_eq!(addresses, ["10.77.0.2:26634", "10.77.0.2:26635", "10.77.0.2:26636"], "from the same one");
    assert!(rows.iter().all(|row| row["link"] == "eth0"), "unicast to oneself takes the way of loopback: {rows:?}");
}

fn thirty_find_each_other() {
    everybody_finds_everybody(&Network::new(30).unwrap(), 30);
}

fn twenty_percent_loss_hides_nobody() {
    let network = Network::new(10).unwrap();
    network.loss(0.2);
    everybody_finds_everybody(&network, 10);
}

/// Starts a member that watches on each host. How long it takes is measured elsewhere; here all have to be found.
fn everybody_finds_everybody(network: &Network, hosts: usize) {
    let chats = (0..hosts).map(|i| start(network.host(i), &["-v", "--nick", &format!("host-{i}"), "chat"]));
    let mut chats: Vec<_> = chats.collect();
    for chat in &mut chats {
        // One line for each of the others: "14:04 → host-7 is here (machine, 10.77.0.8)".
        for _ in 1..hosts {
            chat.expect_line(Stream::Out, |line| line.contains(" is here ("), LIMIT);
        }
    }
}

fn a_firewall_that_stops_unicast_hides_nobody() {
    let network = Network::new(3).unwrap();
    let rules = "table inet wall {
        chain in {
            type filter hook input priority 0
            iifname eth0 udp dport != 26633 drop
        }
    }";
    for i in 0..3 {
        let made = network.host(i).command("nft").arg(rules).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    let _bob = listener(network.host(1), "bob");
    let _carol = listener(network.host(2), "carol");
    assert_eq!(nicks(network.host(0)), ["bob", "carol"]);
}

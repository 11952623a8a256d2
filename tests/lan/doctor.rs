//! The doctor: of a sound LAN he tells no problem, and of broken ones the right cause.

use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use cooee::time::UnixMillis;
use cooee::wire::{self, Beacon, Counter, Epoch, Message, Nick, Packet, PeerId, Profile, Run};
use serde_json::Value;

use crate::arriving::stop_unicast;
use crate::cooee::{listener, run, start};
use crate::hostile::{EVERYBODY, encoded};
use crate::keys::chat;
use crate::links::wall;
use crate::network::{CARD, Host, Network};
use crate::probe::{Flood, Hog, Probe};
use crate::process::{LIMIT, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("doctor::a_sound_lan_has_no_problem", Needs::Lan, a_sound_lan_has_no_problem),
    ("doctor::programs_read_the_same", Needs::Lan, programs_read_the_same),
    ("doctor::nobody_else_is_no_problem_of_this_machine", Needs::Lan, nobody_else_is_no_problem_of_this_machine),
    ("doctor::a_card_that_is_down", Needs::Lan, a_card_that_is_down),
    ("doctor::a_cable_that_is_out", Needs::Lan, a_cable_that_is_out),
    ("doctor::a_link_without_broadcast", Needs::Lan, a_link_without_broadcast),
    ("doctor::an_interface_that_there_is_not", Needs::Lan, an_interface_that_there_is_not),
    ("doctor::a_link_that_cuts_datagrams", Needs::Lan, a_link_that_cuts_datagrams),
    ("doctor::a_firewall_that_lets_nothing_in", Needs::Filters, a_firewall_that_lets_nothing_in),
    ("doctor::a_firewall_that_lets_nothing_out", Needs::Filters, a_firewall_that_lets_nothing_out),
    ("doctor::a_firewall_that_lets_no_unicast_in", Needs::Filters, a_firewall_that_lets_no_unicast_in),
    ("doctor::a_firewall_of_another_machine", Needs::Filters, a_firewall_of_another_machine),
    ("doctor::a_port_that_is_held", Needs::Lan, a_port_that_is_held),
    ("doctor::runs_on_other_ports", Needs::Lan, runs_on_other_ports),
    ("doctor::a_machine_that_drops_datagrams", Needs::Lan, a_machine_that_drops_datagrams),
    ("doctor::people_in_another_room", Needs::Lan, people_in_another_room),
    ("doctor::another_version_of_the_protocol", Needs::Lan, another_version_of_the_protocol),
    ("doctor::a_clock_that_is_wrong", Needs::Lan, a_clock_that_is_wrong),
    ("doctor::one_who_is_heard_and_does_not_hear", Needs::Filters, one_who_is_heard_and_does_not_hear),
    ("doctor::an_access_point_that_isolates", Needs::Filters, an_access_point_that_isolates),
    ("doctor::those_beyond_the_subnet", Needs::Lan, those_beyond_the_subnet),
    ("doctor::the_chat_asks_him_too", Needs::Lan, the_chat_asks_him_too),
    ("doctor::a_signal_ends_him", Needs::Lan, a_signal_ends_him),
];

/// He promises to end within this.
const PROMISED: Duration = Duration::from_secs(5);
/// And within this, where all is well.
const PROMISED_WHEN_WELL: Duration = Duration::from_secs(3);

/// What he told.
struct Report {
    code: Option<i32>,
    told: String,
    took: Duration,
}

/// Asks him on a host.
fn examine(host: &Host, options: &[&str]) -> Report {
    let began = Instant::now();
    let (code, told, problems) = run(host, &[options, &["doctor"]].concat());
    let took = began.elapsed();
    assert_eq!(problems, "", "what he finds stands on stdout");
    assert!(took < PROMISED, "{took:?}\n{told}");
    Report { code, told, took }
}

/// Lets one who was started end; gives what he told.
fn finish(mut doctor: Running) -> Report {
    let began = Instant::now();
    let code = doctor.wait(LIMIT).code();
    let lines = doctor.heard().iter().filter(|line| line.stream == Stream::Out);
    Report { code, told: lines.map(|line| format!("{}\n", line.text)).collect(), took: began.elapsed() }
}

impl Report {
    /// The finding of this severity and topic that has these words in it, with what is to be done.
    #[track_caller]
    fn expect(&self, severity: &str, topic: &str, words: &str) -> String {
        let is_it = |line: &&str| {
            let mut columns = line.split_whitespace();
            (columns.next(), columns.next()) == (Some(severity), Some(topic)) && line.contains(words)
        };
        let mut lines = self.told.lines().skip_while(|line| !is_it(line));
        let first =
            lines.next().unwrap_or_else(|| panic!("no {severity} {topic} with {words:?} in it:\n{}", self.told));
        let remedy = lines.take_while(|line| line.starts_with(' '));
        [first].into_iter().chain(remedy).map(|line| format!("{}\n", line.trim())).collect()
    }

    #[track_caller]
    fn lacks(&self, word: &str) {
        assert!(!self.told.lines().any(|line| line.starts_with(word)), "a finding of {word}:\n{}", self.told);
    }

    fn sum(&self) -> &str {
        self.told.lines().last().unwrap_or_default()
    }
}

fn a_sound_lan_has_no_problem() {
    let network = Network::new(4).unwrap();
    // The third is the router.
    network.host(0).ip(&format!("route add default via {}", network.host(3).address()));
    let _peers = [listener(network.host(1), "bob"), listener(network.host(2), "carol")];
    let report = examine(network.host(0), &[]);
    println!("doctor on a sound LAN of two peers: {:.2} s", report.took.as_secs_f64());
    assert_eq!((report.code, report.sum()), (Some(0), "no problem found"), "{}", report.told);
    assert!(report.took < PROMISED_WHEN_WELL, "{:?}", report.took);
    report.expect("ok", "links", "eth0 10.77.0.1/16, broadcast 10.77.255.255");
    report.expect("ok", "port", "UDP 26633 is open, and 26634 for unicast");
    report.expect("ok", "echo", "own beacon to 10.77.255.255 came back by eth0");
    report.expect("ok", "firewall", "no rule keeps UDP 26633-26649 in or out");
    let peers = report.expect("ok", "peers", " ms");
    assert!(peers.contains("bob ") && peers.contains("carol "), "{peers}");
    report.expect("ok", "hears", "bob and carol hear you");
}

fn programs_read_the_same() {
    let network = Network::new(2).unwrap();
    let _bob = listener(network.host(1), "bob");
    let (code, printed, problems) = run(network.host(0), &["doctor", "--json"]);
    assert_eq!((code, &*problems), (Some(0), ""));
    let objects: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (summary, findings) = objects.split_last().unwrap();
    assert_eq!((&summary["type"], &summary["severity"]), (&"summary".into(), &"ok".into()));
    assert_eq!((&summary["problems"], &summary["warnings"]), (&0.into(), &0.into()));
    let keys: Vec<&String> = findings[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["interface", "peer", "remedy", "severity", "text", "time", "topic", "type"]);
    let link = findings.iter().find(|finding| finding["topic"] == "links").unwrap();
    assert_eq!((&link["interface"], &link["peer"]), (&"eth0".into(), &Value::Null));
    assert!(findings.iter().all(|finding| finding["type"] == "finding" && finding["severity"] == "ok"), "{printed}");
    assert!(!network.host(0).data().join("cooee").exists(), "he leaves no key behind");
}

fn nobody_else_is_no_problem_of_this_machine() {
    let network = Network::new(1).unwrap();
    let report = examine(network.host(0), &[]);
    assert_eq!((report.code, report.sum()), (Some(0), "no problem found, 1 warning"), "{}", report.told);
    let remedy = report.expect("warn", "peers", "nobody else is heard in room lobby");
    assert!(remedy.contains("Run cooee on the other machine"), "{remedy}");
}

/// No LAN is reached, for this reason.
#[track_caller]
fn no_lan(host: &Host, reason: &str) {
    let report = examine(host, &[]);
    assert_eq!((report.code, report.sum()), (Some(1), "1 problem"), "{}", report.told);
    report.expect("FAIL", "links", &format!("no LAN can be reached (eth0 is not used: {reason})"));
}

fn a_card_that_is_down() {
    let network = Network::new(1).unwrap();
    network.host(0).ip("link set eth0 down");
    no_lan(network.host(0), "down");
}

fn a_cable_that_is_out() {
    let network = Network::new(1).unwrap();
    network.host(0).unplug(CARD);
    no_lan(network.host(0), "down");
}

fn a_link_without_broadcast() {
    let network = Network::new(1).unwrap();
    network.host(0).ip("address flush dev eth0 scope global");
    network.host(0).ip("address add 192.0.2.0/31 dev eth0");
    no_lan(network.host(0), "subnet without broadcast");
}

fn an_interface_that_there_is_not() {
    let network = Network::new(1).unwrap();
    let report = examine(network.host(0), &["--interface", "wlan7"]);
    assert_eq!((report.code, report.sum()), (Some(1), "1 problem"), "{}", report.told);
    report.expect("FAIL", "links", "there is no network interface \"wlan7\"; there are: lo, eth0");
}

fn a_link_that_cuts_datagrams() {
    let network = Network::new(2).unwrap();
    let _bob = listener(network.host(1), "bob");
    network.host(0).ip("link set eth0 mtu 1000");
    let report = examine(network.host(0), &[]);
    assert_eq!((report.code, report.sum()), (Some(0), "no problem found, 1 warning"), "{}", report.told);
    let remedy = report.expect("warn", "mtu", "eth0 takes packets of 1000 bytes, and 1232 are needed");
    assert!(remedy.contains("sudo ip link set eth0 mtu 1500"), "{remedy}");
}

fn a_firewall_that_lets_nothing_in() {
    let network = Network::new(2).unwrap();
    let _bob = listener(network.host(1), "bob");
    wall(network.host(0), "input");
    let report = examine(network.host(0), &[]);
    assert_eq!(report.code, Some(1), "{}", report.told);
    report.expect("FAIL", "echo", "own beacon to 10.77.255.255 did not come back in 1 s by eth0");
    let remedy = report.expect("FAIL", "firewall", "UDP 26633 is not let in (nftables, table inet wall, chain input)");
    let command = "nft insert rule inet wall input udp dport 26633-26649 accept";
    assert!(remedy.contains(&format!("sudo {command}\n")), "{remedy}");

    // What he says opens it, opens it.
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    assert!(network.host(0).command("nft").args(words).status().unwrap().success());
    let report = examine(network.host(0), &[]);
    assert_eq!((report.code, report.sum()), (Some(0), "no problem found"), "{}", report.told);
}

fn a_firewall_that_lets_nothing_out() {
    let network = Network::new(2).unwrap();
    let _bob = listener(network.host(1), "bob");
    wall(network.host(0), "output");
    let report = examine(network.host(0), &[]);
    assert_eq!(report.code, Some(1), "{}", report.told);
    report.expect("FAIL", "echo", "own beacon to 10.77.255.255 cannot be sent by eth0: it is not permitted");
    let remedy =
        report.expect("FAIL", "firewall", "UDP 26633 is not let out (nftables, table inet wall, chain output)");
    assert!(remedy.contains("sudo nft insert rule inet wall output udp dport 26633-26649 accept\n"), "{remedy}");
}

fn a_firewall_that_lets_no_unicast_in() {
    let network = Network::new(2).unwrap();
    let _bob = listener(network.host(1), "bob");
    stop_unicast(network.host(0));
    let report = examine(network.host(0), &[]);
    assert_eq!(report.code, Some(0), "it works, more slowly:\n{}", report.told);
    report.lacks("FAIL");
    let closed = "UDP 26634-26649 is not let in (nftables, table inet wall, chain in): all works by broadcast";
    let remedy = report.expect("warn", "firewall", closed);
    assert!(remedy.contains("sudo nft insert rule inet wall in udp dport 26633-26649 accept\n"), "{remedy}");
    report.expect("warn", "unicast", "bob answers by broadcast only: unicast does not get through");
}

fn a_firewall_of_another_machine() {
    let network = Network::new(3).unwrap();
    stop_unicast(network.host(1));
    let _peers = [listener(network.host(1), "bob"), listener(network.host(2), "carol")];
    let report = examine(network.host(0), &[]);
    assert_eq!(report.code, Some(0), "{}", report.told);
    let remedy = report.expect("warn", "unicast", "bob answers by broadcast only: unicast does not get through");
    assert!(remedy.contains("UDP 26633-26649, on both machines"), "{remedy}");
    report.expect("ok", "firewall", "no rule keeps UDP 26633-26649 in or out");
    assert!(!report.told.contains("carol answers by broadcast only"), "{}", report.told);
}

fn a_port_that_is_held() {
    let network = Network::new(2).unwrap();
    let _bob = listener(network.host(1), "bob");
    let _hog = Hog::take(network.host(0), wire::PORT);
    let report = examine(network.host(0), &[]);
    assert_eq!((report.code, report.sum()), (Some(1), "1 problem"), "{}", report.told);
    // The test program itself has it.
    let remedy = report.expect("FAIL", "port", "UDP 26633 is held by lan-");
    assert!(remedy.contains("(pid ") && remedy.contains("choose another port with --port"), "{remedy}");
    report.expect("ok", "links", "eth0 10.77.0.1/16");
}

fn runs_on_other_ports() {
    let network = Network::new(2).unwrap();
    let mut elsewhere = start(network.host(0), &["-v", "--port", "5000", "listen"]);
    elsewhere.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    let _bob = listener(network.host(1), "bob");
    let report = examine(network.host(0), &[]);
    assert_eq!(report.code, Some(0), "{}", report.told);
    let words = format!("cooee runs here on another port too: pid {} on UDP 5000", elsewhere.pid());
    let remedy = report.expect("warn", "port", &words);
    assert!(remedy.contains("cooee --port 5000\n"), "{remedy}");

    let report = examine(network.host(0), &["--port", "6000"]);
    report.expect("warn", "port", "1 peer is heard on the usual port 26633, and this is 6000");
    report.expect("warn", "peers", "nobody else is heard");
}

fn a_machine_that_drops_datagrams() {
    let network = Network::new(2).unwrap();
    let mut bob = listener(network.host(1), "bob");
    bob.signal("STOP");
    // Twice what all of the buffer holds that a run asks for, where a datagram takes as much as a page is long.
    let flood = Flood { count: 4_000, per_second: 2_000, seed: 1, prefix: Vec::new(), len: Some(1_400) };
    let mut flooding = flood.start(network.host(0), EVERYBODY);
    let sent = number(&flooding.expect_line(Stream::Out, |line| line.starts_with("sent "), LIMIT).text, 1);
    bob.signal("CONT");
    let report = examine(network.host(1), &[]);
    assert_eq!(report.code, Some(0), "{}", report.told);
    let found = report.expect("warn", "drops", " datagrams were dropped by this machine for UDP 26633-26649");
    let dropped = number(&found, 2);
    assert!(0 < dropped && dropped < sent, "{dropped} of {sent}");
    examine(network.host(0), &[]).lacks("warn  drops");

    bob.signal("INT");
    let line = bob.expect_line(Stream::Err, |line| line.starts_with("cooee: the system kept up to "), LIMIT).text;
    assert!(line.ends_with(&format!("; it dropped {dropped} datagrams")), "{line}, and the doctor told of {dropped}");
}

/// The number that is this word of a line, counted from 0.
#[track_caller]
fn number(line: &str, word: usize) -> u64 {
    let number = line.split_whitespace().nth(word).and_then(|word| word.parse().ok());
    number.unwrap_or_else(|| panic!("no number in {line:?}"))
}

fn people_in_another_room() {
    let network = Network::new(2).unwrap();
    let mut bob = start(network.host(1), &["-v", "-n", "bob", "--room", "the attic", "listen"]);
    bob.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    let report = examine(network.host(0), &[]);
    assert_eq!(report.code, Some(0), "{}", report.told);
    let remedy = report.expect("warn", "rooms", "1 is in room the attic, and this is room lobby");
    assert!(remedy.contains("cooee --room 'the attic'\n"), "{remedy}");
}

/// Says the same again and again, ten times a second, as long as anybody may listen.
fn repeat(host: &Host, bytes: Vec<u8>) -> Running {
    let len = Some(bytes.len());
    Flood { count: 200, per_second: 10, seed: 1, prefix: bytes, len }.start(host, EVERYBODY)
}

fn another_version_of_the_protocol() {
    let network = Network::new(3).unwrap();
    let _bob = listener(network.host(1), "bob");
    let mut datagram = wire::MAGIC.to_vec();
    datagram.extend([2, 1]);
    datagram.resize(100, 0);
    let _of_tomorrow = repeat(network.host(2), datagram);
    let report = examine(network.host(0), &[]);
    assert_eq!((report.code, report.sum()), (Some(0), "no problem found, 1 warning"), "{}", report.told);
    report.expect("warn", "version", "10.77.0.3 speaks version 2 of the protocol, and this program version 1");
}

fn a_clock_that_is_wrong() {
    let network = Network::new(3).unwrap();
    let mut probe = Probe::open(network.host(2), wire::PORT);
    let _bob = listener(network.host(1), "bob");
    let bytes = crate::hostile::heard_beacon(&mut probe);
    let Ok(Packet { room, message: Message::Beacon(_, beacon), .. }) = wire::parse(&bytes) else { unreachable!() };
    let profile = Profile { nick: Nick::new("mallory").unwrap(), ..beacon.profile.clone() };
    let time = UnixMillis(beacon.time.0 + 5 * 60_000 + 20_000);
    let ahead = Beacon { hello: false, profile, time, ..beacon };
    let author = Run { peer: PeerId::unsigned(7), epoch: Epoch(1) };
    let message = Message::Beacon(Counter(1), ahead);
    let _mallory = repeat(network.host(2), encoded(&Packet { room, author, signer: None, message }));
    let report = examine(network.host(0), &[]);
    assert_eq!(report.code, Some(0), "{}", report.told);
    let remedy = report.expect("warn", "clock", "mallory's clock is 5 min ahead of yours");
    assert!(remedy.contains("timedatectl"), "{remedy}");
    assert!(!report.told.contains("bob's clock"), "{}", report.told);
}

fn one_who_is_heard_and_does_not_hear() {
    let network = Network::new(2).unwrap();
    network.silence(&[0], &[1]);
    // Beacons are rare: bob comes while the doctor listens, and calls.
    let doctor = start(network.host(0), &["doctor"]);
    let _bob = listener(network.host(1), "bob");
    let report = finish(doctor);
    assert_eq!(report.code, Some(1), "{}", report.told);
    let remedy = report.expect("FAIL", "hears", "bob (10.77.0.2) is heard, but does not hear you");
    assert!(remedy.contains("UDP 26633-26649, on both machines"), "{remedy}");
    assert!(!report.told.contains("nobody else is heard"), "{}", report.told);
}

fn an_access_point_that_isolates() {
    let network = Network::new(4).unwrap();
    network.host(0).ip(&format!("route add default via {}", network.host(3).address()));
    network.isolate(&[0, 1, 2]);
    let _peers = [listener(network.host(1), "bob"), listener(network.host(2), "carol")];
    let report = examine(network.host(0), &[]);
    assert_eq!((report.code, report.sum()), (Some(1), "1 problem"), "{}", report.told);
    let remedy = report.expect("FAIL", "isolation", "behind eth0 seems to keep its clients apart");
    assert!(remedy.contains("Switch off client isolation"), "{remedy}");
    report.expect("ok", "peers", "bob ");
}

fn those_beyond_the_subnet() {
    let network = Network::new(3).unwrap();
    let _bob = listener(network.host(1), "bob");
    let report = examine(network.host(0), &["--peer", "10.77.0.2,10.77.0.3", "--peer", "198.51.100.7"]);
    report.expect("ok", "remote", "10.77.0.2 answers");
    let remedy = report.expect("FAIL", "remote", "10.77.0.3 does not answer");
    assert!(remedy.contains("in room lobby"), "{remedy}");
    let remedy = report.expect("FAIL", "remote", "nothing can be sent to 198.51.100.7: Network is unreachable");
    assert!(remedy.contains("route"), "{remedy}");
    assert_eq!(report.code, Some(1));
}

fn the_chat_asks_him_too() {
    let network = Network::new(2).unwrap();
    let mut alice = chat(network.host(0), "alice");
    let _bob = listener(network.host(1), "bob");
    alice.expect_line(Stream::Out, |line| line.contains("→ bob is here"), LIMIT);
    network.host(0).ip("link set eth0 mtu 1000");
    alice.write_line("/doctor");
    alice.expect_line(Stream::Out, |line| line.starts_with("The doctor looks"), LIMIT);
    // The talk goes on.
    alice.write_line("/names");
    alice.expect_line(Stream::Out, |line| line == "1 here: bob.", LIMIT);
    alice.expect_line(Stream::Out, |line| line.contains("own beacon to 10.77.255.255 came back"), LIMIT);
    let peers = alice.expect_line(Stream::Out, |line| line.starts_with("ok ") && line.contains("bob "), LIMIT).text;
    assert!(!peers.contains("alice"), "of oneself nothing is told: {peers}");
    alice.expect_line(Stream::Err, |line| line.starts_with("cooee: warn  mtu "), LIMIT);
    alice.write_line("/quit");
    assert!(alice.wait(LIMIT).success());
}

fn a_signal_ends_him() {
    let network = Network::new(1).unwrap();
    let mut hearer = Probe::open(network.host(0), wire::PORT);
    let mut doctor = start(network.host(0), &["doctor"]);
    hearer.expect(|datagram| datagram.bytes.starts_with(&wire::MAGIC), LIMIT);
    doctor.signal("INT");
    assert_eq!(doctor.wait(LIMIT).signal(), Some(2));
    assert!(doctor.heard().is_empty(), "he was not asked for half of it");
}

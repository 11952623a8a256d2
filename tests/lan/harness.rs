//! The harness itself: does the virtual LAN carry, lose and cut as it says, and go without a trace?

use std::net::SocketAddrV4;
use std::os::unix::process::ExitStatusExt;

use crate::network::{BROADCAST, CARD, Frames, Network, SECOND_CARD};
use crate::probe::{Flood, Probe};
use crate::process::{LIMIT, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("harness::a_broadcast_reaches_all_others", Needs::Lan, a_broadcast_reaches_all_others),
    ("harness::thirty_hosts_hear_the_first_broadcast", Needs::Lan, thirty_hosts_hear_the_first_broadcast),
    ("harness::each_receiver_draws_its_own_loss", Needs::Filters, each_receiver_draws_its_own_loss),
    ("harness::a_cut_parts_and_heals", Needs::Filters, a_cut_parts_and_heals),
    ("harness::a_pulled_cable_is_no_carrier", Needs::Lan, a_pulled_cable_is_no_carrier),
    ("harness::a_second_card_is_on_the_lan", Needs::Lan, a_second_card_is_on_the_lan),
    ("harness::a_process_is_heard_and_ended", Needs::Lan, a_process_is_heard_and_ended),
    ("harness::nothing_outlives_the_network", Needs::Lan, nothing_outlives_the_network),
];

const PORT: u16 = 26_633;

fn everybody() -> SocketAddrV4 {
    SocketAddrV4::new(BROADCAST, PORT)
}

/// A probe on every host of a network.
fn probes<const N: usize>(network: &Network) -> [Probe; N] {
    std::array::from_fn(|i| Probe::open(network.host(i), PORT))
}

/// What it has heard when the marker arrives, which is not counted: all that was sent before and got through.
fn heard_before(probe: &mut Probe, marker: &[u8]) -> Vec<Vec<u8>> {
    probe.expect(|datagram| datagram.bytes == marker, LIMIT);
    probe.heard().into_iter().map(|datagram| datagram.bytes).take_while(|bytes| bytes != marker).collect()
}

fn a_broadcast_reaches_all_others() {
    let network = Network::new(3).unwrap();
    let [mut a, mut b, mut c] = probes(&network);
    let before = [0, 1, 2].map(|i| network.host(i).frames());
    a.send(everybody(), b"cooee");
    for hearer in [&mut a, &mut b, &mut c] {
        let heard = hearer.expect(|datagram| datagram.bytes == b"cooee", LIMIT);
        assert_eq!(heard.from, SocketAddrV4::new(network.host(0).address(), PORT));
    }
    let after = [0, 1, 2].map(|i| network.host(i).frames());
    assert_eq!(after[0], Frames { sent: before[0].sent + 1, ..before[0] });
    for i in [1, 2] {
        assert_eq!(after[i], Frames { received: before[i].received + 1, ..before[i] }, "nothing else was on the LAN");
    }
}

fn thirty_hosts_hear_the_first_broadcast() {
    let network = Network::new(30).unwrap();
    let mut probes: [Probe; 30] = probes(&network);
    probes[0].send(everybody(), b"first");
    for probe in &mut probes {
        probe.expect(|datagram| datagram.bytes == b"first", LIMIT);
    }
}

fn each_receiver_draws_its_own_loss() {
    let network = Network::new(3).unwrap();
    let [mut a, mut b, mut c] = probes(&network);
    network.loss(1.0);
    a.send(everybody(), b"lost");
    network.loss(0.5);
    for i in 0..200 {
        a.send(everybody(), &[i]);
    }
    network.loss(0.0);
    a.send(everybody(), b"marker");

    // 200 draws at one half: 50 and 150 lie seven standard deviations off.
    let [by_b, by_c] = [&mut b, &mut c].map(|probe| heard_before(probe, b"marker"));
    for heard in [&by_b, &by_c] {
        assert!(heard.iter().all(|bytes| bytes != b"lost"), "all is lost at a loss of 1");
        assert!((50..150).contains(&heard.len()), "{} of 200 at a loss of one half", heard.len());
    }
    assert_ne!(by_b, by_c);
}

fn a_cut_parts_and_heals() {
    let network = Network::new(3).unwrap();
    let [mut a, mut b, mut c] = probes(&network);
    network.cut(&[0], &[1]);
    a.send(everybody(), b"cut");
    b.send(everybody(), b"cut");
    network.heal();
    network.silence(&[1], &[0, 2]);
    a.send(everybody(), b"one way");
    b.send(everybody(), b"the other way");
    network.heal();
    a.send(everybody(), b"marker a");
    b.send(everybody(), b"marker b");

    assert_eq!(heard_before(&mut a, b"marker b"), [b"cut".as_slice(), b"one way", b"marker a"]);
    assert_eq!(heard_before(&mut b, b"marker a"), [b"cut".as_slice(), b"one way", b"the other way"]);
    assert_eq!(heard_before(&mut c, b"marker a"), [b"cut".as_slice(), b"cut", b"one way"]);
}

fn a_pulled_cable_is_no_carrier() {
    let network = Network::new(2).unwrap();
    let [mut a, mut b] = probes(&network);
    assert!(network.host(0).has_carrier(CARD));
    network.host(0).unplug(CARD);
    assert!(!network.host(0).has_carrier(CARD));
    let card = network.host(0).ip("-o link show dev eth0");
    assert!(card.contains("<NO-CARRIER,") && card.contains(",UP>"), "pulled out, not switched off: {card}");
    b.send(everybody(), b"unheard");
    network.host(0).plug_in(CARD);
    assert!(network.host(0).has_carrier(CARD));
    b.send(everybody(), b"from b");
    a.send(everybody(), b"from a");
    assert_eq!(heard_before(&mut a, b"from b"), [b""; 0]);
    b.expect(|datagram| datagram.bytes == b"from a", LIMIT);
}

fn a_second_card_is_on_the_lan() {
    let network = Network::new(2).unwrap();
    network.second_card(0);
    network.host(0).ip("address add 10.77.1.1/16 broadcast 10.77.255.255 dev eth1");
    network.host(0).ip("link set eth1 up");
    network.host(0).plug_in(SECOND_CARD);
    network.host(0).unplug(CARD);
    let [mut a, mut b] = probes(&network);
    assert!(network.host(0).has_carrier(SECOND_CARD));
    b.send(everybody(), b"to the second card");
    a.expect(|datagram| datagram.bytes == b"to the second card", LIMIT);
}

fn a_process_is_heard_and_ended() {
    let network = Network::new(2).unwrap();
    let mut cat = Running::start(&mut network.host(0).command("cat"));
    cat.write_line("one");
    cat.write_line("two");
    assert_eq!(cat.expect_line(Stream::Out, |line| line.starts_with('t'), LIMIT).text, "two");
    let name = std::fs::read_to_string(format!("/proc/{}/comm", cat.pid())).unwrap();
    assert_eq!(name, "cat\n", "the pid is the program's own");
    cat.signal("TERM");
    assert_eq!(cat.wait(LIMIT).signal(), Some(15));
    assert_eq!(cat.heard().len(), 2);

    let mut last = Running::start(network.host(0).command("sh").args(["-c", "cat; echo last >&2; exit 7"]));
    last.close_stdin();
    assert_eq!(last.wait(LIMIT).code(), Some(7));
    assert!(last.heard().iter().any(|line| line.stream == Stream::Err && line.text == "last"));

    let mut hearer = Probe::open(network.host(1), 0);
    let to = SocketAddrV4::new(network.host(1).address(), hearer.port());
    let flood = Flood { count: 100, per_second: 1_000, seed: 1, prefix: b"COOE".to_vec(), len: None };
    let mut flooding = flood.start(network.host(0), to);
    let sent = flooding.expect_line(Stream::Out, |line| line.starts_with("sent "), LIMIT).text;
    // A machine that stands still for a moment sends fewer in the same time.
    let sent: Option<u32> = sent.strip_prefix("sent ").and_then(|rest| rest.strip_suffix(" refused 0")?.parse().ok());
    assert!(sent.is_some_and(|sent| (50..=100).contains(&sent)), "{sent:?}");
    assert!(flooding.wait(LIMIT).success());
    hearer.expect(|datagram| datagram.bytes.starts_with(b"COOE") && datagram.bytes.len() > 1_000, LIMIT);
}

fn nothing_outlives_the_network() {
    let network = Network::new(1).unwrap();
    let mut sleeper = Running::start(network.host(0).command("sh").args(["-c", "echo inside; sleep 1000000"]));
    sleeper.expect_line(Stream::Out, |line| line == "inside", LIMIT);
    drop(network);
    assert_eq!(sleeper.wait(LIMIT).signal(), Some(9));
}

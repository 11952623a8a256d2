//! Datagrams that nobody asked for: none stops, slows or fools anybody.

use std::fs;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use cooee::trust::Random;
use cooee::wire::{
    self, Beacon, Counter, Goodbye, Identity, Lines, Manner, Message, Nick, Packet, Part, Profile, Room, Run, Seq,
};

use crate::cooee::{expect_text, listener, nicks, peers, run, start, times_heard};
use crate::network::{BROADCAST, Network};
use crate::probe::{Datagram, Flood, Probe};
use crate::process::{LIMIT, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("hostile::junk_by_the_thousand_costs_no_line", Needs::Lan, junk_by_the_thousand_costs_no_line),
    ("hostile::half_right_junk_costs_no_line", Needs::Lan, half_right_junk_costs_no_line),
    (
        "hostile::forged_signatures_by_the_thousand_cost_no_line",
        Needs::Lan,
        forged_signatures_by_the_thousand_cost_no_line,
    ),
    ("hostile::who_claims_our_own_run_is_not_heard", Needs::Lan, who_claims_our_own_run_is_not_heard),
    ("hostile::bad_nicks_are_refused", Needs::Lan, bad_nicks_are_refused),
    ("hostile::text_cannot_steer_a_terminal", Needs::Lan, text_cannot_steer_a_terminal),
];

pub(crate) const EVERYBODY: SocketAddrV4 = SocketAddrV4::new(BROADCAST, wire::PORT);

fn junk_by_the_thousand_costs_no_line() {
    survive(&[]);
}

fn half_right_junk_costs_no_line() {
    survive(b"COOE\x01\x01\0\0\x4b\x5d\xc0\x76\xe7\xb9\xc1\x22");
}

/// 20,000 datagrams a second for 10 s that begin like this, while somebody talks.
fn survive(prefix: &[u8]) {
    let network = Network::new(3).unwrap();
    let reader = listener(network.host(1), "reader");
    let flood = Flood { count: 200_000, per_second: 20_000, seed: 1, prefix: prefix.to_vec(), len: None };
    let worst = talk_through(&network, reader, &flood);
    assert!(worst < Duration::from_secs(1), "a line took {worst:?}");
}

/// Beacons that are all right but for their signature, 50,000 a second from one address: each of them would have to be
/// checked to be known as wrong.
fn forged_signatures_by_the_thousand_cost_no_line() {
    let network = Network::new(3).unwrap();
    let mut probe = Probe::open(network.host(2), wire::PORT);
    let reader = listener(network.host(1), "reader");
    let beacon = heard_beacon(&mut probe);
    let prefix = beacon[..beacon.len() - 64].to_vec();
    let flood = Flood { count: 500_000, per_second: 50_000, seed: 1, prefix, len: Some(beacon.len()) };
    let worst = talk_through(&network, reader, &flood);
    assert!(worst < Duration::from_millis(200), "a line took {worst:?}");
}

/// Somebody talks while he and his reader are flooded from a third host; gives how long the slowest line took.
fn talk_through(network: &Network, mut reader: Running, flood: &Flood) -> Duration {
    // What is said is held, and takes memory as well: so it is not said faster than people and scripts talk.
    let mut sender = start(network.host(0), &["--nick", "alice", "send", "--rate", "200"]);
    sender.write_line("before");
    expect_text(&mut reader, "before");
    let memory_before = resident_kib(&reader);
    let begin = Instant::now();
    let mut flooding = flood.start(network.host(2), EVERYBODY);
    let mut worst = Duration::ZERO;
    let mut said = 0;
    while begin.elapsed() < Duration::from_secs(10) {
        let at = Instant::now();
        sender.write_line(&format!("line {said}"));
        let (_, line) = expect_text(&mut reader, &format!("line {said}"));
        worst = worst.max(line.at.duration_since(at));
        said += 1;
    }
    let flooded = flooding.expect_line(Stream::Out, |line| line.starts_with("sent "), LIMIT).text;
    let grown = resident_kib(&reader).saturating_sub(memory_before);
    println!("flood, {flooded}: {said} lines meanwhile, the slowest took {worst:?}; {grown} KiB more memory");
    let sent: u32 = flooded.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(sent >= flood.count / 10, "no flood: {flooded}");
    assert!(said >= 100, "only {said} lines in 10 s");
    assert!(grown < 2048, "{grown} KiB more memory");
    assert_eq!(nicks(network.host(0)), ["reader"]);
    worst
}

/// Bytes of memory that a process really has.
fn resident_kib(running: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A beacon that was heard, and whose it is.
pub(crate) fn heard_beacon(probe: &mut Probe) -> Vec<u8> {
    let is_beacon =
        |datagram: &Datagram| matches!(wire::parse(&datagram.bytes), Ok(Packet { message: Message::Beacon(..), .. }));
    probe.expect(is_beacon, LIMIT).bytes
}

pub(crate) fn encoded(packet: &Packet<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (author, room) = (Identity::Unsigned(packet.author), Room::unnamed(packet.room));
    packet.message.encode(&author, &room, &mut Random::new(0.into()), &mut bytes);
    bytes
}

fn who_claims_our_own_run_is_not_heard() {
    let network = Network::new(3).unwrap();
    let mut probe = Probe::open(network.host(2), wire::PORT);
    let mut reader = listener(network.host(1), "reader");
    let bytes = heard_beacon(&mut probe);
    let Ok(Packet { room, author, message: Message::Beacon(_, beacon), .. }) = wire::parse(&bytes) else {
        unreachable!()
    };
    let evil_twin = Profile { nick: Nick::new("evil twin").unwrap(), ..beacon.profile.clone() };
    let claims: [Message<'_>; 3] = [
        Message::Beacon(Counter(1000), Beacon { profile: evil_twin, ..beacon.clone() }),
        Message::Lines(line(1, "said in your name")),
        Message::Goodbye(Counter(1001), Goodbye { last_seq: None }),
    ];
    for message in claims {
        probe.send(EVERYBODY, &encoded(&Packet { room, author, signer: None, message }));
    }
    // The one who is claimed to have said it takes no notice; he still talks and hears.
    assert_eq!(run(network.host(0), &["--nick", "alice", "send", "still there?"]).0, Some(0));
    expect_text(&mut reader, "still there?");
    assert_eq!(times_heard(&mut reader, "said in your name"), 0);
}

fn line(seq: u32, text: &str) -> Lines<'static> {
    let nick = Nick::new("evil").unwrap();
    let part = Part::new(text).unwrap();
    Lines::starting(Seq::new(seq).unwrap(), cooee::time::UnixMillis(0), nick, Manner::default(), &part)
}

fn bad_nicks_are_refused() {
    let network = Network::new(3).unwrap();
    let mut probe = Probe::open(network.host(2), wire::PORT);
    let _reader = listener(network.host(1), "reader");
    let bytes = heard_beacon(&mut probe);
    let header = &bytes[..wire::HEADER_LEN];
    let nicks_of_strangers: [Vec<u8>; 5] =
        [vec![b'n'; 65], vec![b'n'; 1000], vec![b'n'; 65_000], b"\x1b[2J\x1b[31mred".to_vec(), b"\xff\xfe".to_vec()];
    for (number, nick) in nicks_of_strangers.iter().enumerate() {
        let mut stranger = header.to_vec();
        stranger[16] = number as u8;
        stranger.push(0);
        let len = nick.len();
        stranger.extend([(len & 0x7f) as u8 | 0x80, (len >> 7 & 0x7f) as u8 | 0x80, (len >> 14) as u8]);
        stranger.extend(nick);
        stranger.extend(b"\x01h\x01v\x00\x8a\xd0\x01\x88\x27\0\0\0\0\0");
        if stranger.len() > 1472 {
            // As far as one datagram goes that is not cut into fragments; longer ones are refused by length.
            stranger.truncate(1472);
        }
        probe.send(EVERYBODY, &stranger);
    }
    assert_eq!(nicks(network.host(0)), ["reader"]);
}

fn text_cannot_steer_a_terminal() {
    let network = Network::new(3).unwrap();
    let mut probe = Probe::open(network.host(2), wire::PORT);
    let mut chat = start(network.host(1), &["-v", "-n", "chat"]);
    chat.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    let mut reader = listener(network.host(0), "reader");
    let bytes = heard_beacon(&mut probe);
    let Ok(Packet { room, author, .. }) = wire::parse(&bytes) else { unreachable!() };
    let stranger = Run { peer: wire::PeerId::unsigned(author.peer.0), ..author };
    let text = "\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}txet\n14:02 bob      trust me";
    probe.send(
        EVERYBODY,
        &encoded(&Packet { room, author: stranger, signer: None, message: Message::Lines(line(1, text)) }),
    );
    chat.expect_line(Stream::Out, |line| line.ends_with(" ?evil    ^[]0;owned^G<9b>2Jtxet"), LIMIT);
    chat.expect_line(Stream::Out, |line| line == "    14:02 bob      trust me", LIMIT);
    // Programs get it whole.
    expect_text(&mut reader, text);
    assert_eq!(peers(network.host(0)).len(), 2);
}

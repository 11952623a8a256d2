//! One datagram of each kind, and what is none.

use std::net::SocketAddr;

use cooee::time::UnixMillis;
use cooee::trust::Random;
use cooee::wire::{
    Ack, Addresses, Beacon, Counter, Epoch, Goodbye, Heard, Held, HistoryRequest, Manner, Message, Nack, Nick, Notes,
    Part, PeerId, Ping, PingToken, PingWay, PrivateAck, PrivateLine, PrivateText, Run, RunAddress, Seq, SeqRange,
    Wanted,
};

use super::author::{Author, LINES_OF_A_FULL_DATAGRAM, Signing, beacon, key, lines};
use super::lobby;

/// The kinds of datagrams, and how much is in them.
pub(crate) const KINDS: [&str; 17] = [
    "beacon, hears 10",
    "beacon, hears 156",
    "beacon, hears 1,000",
    "hello",
    "goodbye",
    "lines, 1",
    "lines, 26",
    "lines, 1 of 880 bytes",
    "nack",
    "ack",
    "history request",
    "notes, 32 authors",
    "ping",
    "pong",
    "addresses, 32",
    "private line",
    "private ack",
];

/// A message of this kind, and its author. Nobody signs it but what is always signed.
pub(crate) fn packet(kind: &str) -> (Author, Message<'static>) {
    let signing = if kind.starts_with("private") { Signing::Signed } else { Signing::Unsigned };
    let author = Author::new(1, signing, &lobby());
    let message = message(kind, &author);
    (author, message)
}

fn message(kind: &str, author: &Author) -> Message<'static> {
    let (counter, bob) = (Counter(1000), run(2));
    let seq = |number| Seq::new(number).unwrap();
    let hears = |count| Message::Beacon(counter, beacon_of(count, counter));
    match kind {
        "beacon, hears 10" => hears(10),
        "beacon, hears 156" => hears(156),
        "beacon, hears 1,000" => hears(1000),
        "hello" => Message::Beacon(counter, Beacon { hello: true, ..beacon_of(0, counter) }),
        "goodbye" => Message::Goodbye(counter, Goodbye { last_seq: Some(seq(300)) }),
        "lines, 1" => Message::Lines(lines(seq(300), 1)),
        "lines, 26" => Message::Lines(lines(seq(300), LINES_OF_A_FULL_DATAGRAM)),
        "lines, 1 of 880 bytes" => Message::Lines(longest_line(seq(300))),
        "nack" => Message::Nack(counter, Nack { to_all: false, author: bob, missing: SeqRange::one(seq(300)) }),
        "ack" => Message::Ack(counter, Ack { author: bob, up_to: seq(300), lost: 0 }),
        "history request" => {
            let wanted = Wanted::LastLines(50);
            Message::HistoryRequest(counter, HistoryRequest { to_all: false, asked: bob, wanted })
        }
        "notes, 32 authors" => {
            let held = |number| Held { author: run(number), last: seq(300), from: Some(Seq::FIRST) };
            Message::Notes(counter, Notes::of(Wanted::LastLines(50), (0..32).map(held)))
        }
        "ping" => Message::Ping(counter, ping(bob)),
        "pong" => Message::Pong(counter, ping(bob).pong(bob)),
        "addresses, 32" => {
            let address = |number: u8| SocketAddr::from(([10, 77, 0, number], 26634));
            let told = (0..32).map(|number| RunAddress { run: run(number.into()), address: address(number) });
            Message::Addresses(counter, Addresses::of(bob, told))
        }
        "private line" => Message::PrivateLine(counter, private_line(author, bob, counter)),
        "private ack" => Message::PrivateAck(counter, PrivateAck { author: bob, up_to: seq(300) }),
        _ => unreachable!("no kind is called {kind}"),
    }
}

/// A run that somebody hears, or that something is about.
fn run(number: u64) -> Run {
    Run { peer: PeerId::of_hash((number << 40).to_be_bytes()), epoch: Epoch(7) }
}

fn beacon_of(hears: u32, counter: Counter) -> Beacon<'static> {
    // Counted by 32 bits, as only of these it is known how many there are.
    let heard = Heard::all((0..hears).map(|number| run(number.into())), counter);
    Beacon { hears, heard, room: lobby().announced_name().cloned(), ..beacon() }
}

fn longest_line(first: Seq) -> cooee::wire::Lines<'static> {
    let part = Part::new("x".repeat(Part::MAX)).unwrap();
    cooee::wire::Lines::starting(first, UnixMillis(1_795_442_520_000), nick(), Manner::default(), &part)
}

fn nick() -> Nick<'static> {
    Nick::new("alice").unwrap()
}

fn ping(reader: Run) -> Ping {
    Ping { reader, way: PingWay::Unicast, token: PingToken(0x0123_4567_89ab_cdef) }
}

fn private_line(author: &Author, reader: Run, counter: Counter) -> PrivateLine<'static> {
    let text = private_text();
    let reader = (reader, &key(2).public());
    PrivateLine::seal(&text, counter, &author.identity, &lobby(), reader, &mut Random::new(1.into())).unwrap()
}

/// What is said to one alone: a line of 37 bytes.
pub(crate) fn private_text() -> PrivateText<'static> {
    PrivateText {
        seq: Seq::FIRST,
        manner: Manner::default(),
        time: UnixMillis(1_795_442_520_000),
        nick: nick(),
        part: Part::new("line 000001 as people type in a chat.").unwrap(),
    }
}

/// What is no datagram of ours: too short, garbage, another magic, another version, another kind, too long.
pub(crate) fn junk() -> [Vec<u8>; 6] {
    let (author, message) = packet("lines, 1");
    let mut ours = Vec::new();
    message.encode(&author.identity, &lobby(), &mut Random::new(1.into()), &mut ours);
    let with = |offset: usize, byte| {
        let mut bytes = ours.clone();
        bytes[offset] = byte;
        bytes
    };
    let garbage = Random::new(2.into()).bytes::<512>().to_vec();
    [ours[..31].to_vec(), garbage, with(0, b'c'), with(4, 9), with(5, 200), vec![0; 1201]]
}

//! Golden datagrams, both ways, and everything that must not be let in.

use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::time::UnixMillis;
use crate::wire::*;

/// A packet and its bytes.
type Golden = (Packet<'static>, Vec<u8>);

const LOBBY: RoomId = RoomId(0x4b5d_c076_e7b9_c122);
const ALICE: Run = Run { peer: PeerId(0x0123_4567_89ab_cdef), epoch: Epoch(0xfeed_f00d) };

/// A header of the golden datagrams, which cooee-protocol(7) shows too: kind and number differ.
fn header(kind: u8, number: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(b"COOE");
    bytes.extend([1, kind, 0, 0]);
    bytes.extend([0x4b, 0x5d, 0xc0, 0x76, 0xe7, 0xb9, 0xc1, 0x22]);
    bytes.extend([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
    bytes.extend([0xfe, 0xed, 0xf0, 0x0d]);
    bytes.extend([0, 0, 0, number]);
    bytes
}

fn beacon() -> Golden {
    let bob = Run { peer: PeerId(1), epoch: Epoch(2) };
    let counter = Counter(5);
    let packet = Packet {
        room: LOBBY,
        author: ALICE,
        message: Message::Beacon(
            counter,
            Beacon {
                hello: true,
                visitor: false,
                acks: true,
                profile: Profile {
                    nick: Nick::new("alice").unwrap(),
                    host: HostName::new("desk").unwrap(),
                    version: ProgramVersion::new("0.1.0").unwrap(),
                    status: Status::new("").unwrap(),
                },
                port: 26634,
                interval: BeaconInterval::clamped(core::time::Duration::from_secs(5)),
                started: UnixMillis(1_795_442_520_000),
                time: UnixMillis(1_795_442_521_000),
                last_seq: Seq::new(2),
                digest: Digest(0xbeef),
                hears: 1,
                heard: Heard::of([bob].into_iter(), counter),
            },
        ),
    };
    let mut bytes = header(1, 5);
    bytes.push(0x05); // flags: hello, acks
    bytes.extend(b"\x05alice\x04desk\x050.1.0\x00");
    bytes.extend([0x8a, 0xd0, 0x01]); // port 26634
    bytes.extend([0x88, 0x27]); // interval 5,000 ms
    bytes.extend([0xc0, 0xdf, 0xda, 0xc5, 0xa0, 0x34]); // started
    bytes.extend([0xa8, 0xe7, 0xda, 0xc5, 0xa0, 0x34]); // time, a second later
    bytes.push(0x02); // last seq
    bytes.extend([0xef, 0xfd, 0x02]); // digest
    bytes.push(0x01); // hears one
    bytes.extend([0x01, 0x83]); // a filter of one byte
    (packet, bytes)
}

fn goodbye() -> Golden {
    let message = Message::Goodbye(Counter(6), Goodbye { last_seq: Seq::new(300) });
    let mut bytes = header(2, 6);
    bytes.extend([0xac, 0x02]);
    (Packet { room: LOBBY, author: ALICE, message }, bytes)
}

fn lines() -> Golden {
    let nick = Nick::new("alice").unwrap();
    let (first, time) = (Seq::FIRST, UnixMillis(1_795_442_520_123));
    let mut lines = Lines::starting(first, time, nick, Manner::default(), &Part::new("lunch?").unwrap());
    let manner = Manner { action: true, ..Manner::default() };
    lines.push(manner, &Part::new("waves").unwrap()).unwrap();
    let mut bytes = header(3, 1);
    bytes.extend([0xbb, 0xe0, 0xda, 0xc5, 0xa0, 0x34]); // time
    bytes.extend(b"\x05alice");
    bytes.extend(b"\x00\x06lunch?");
    bytes.extend(b"\x01\x05waves");
    (Packet { room: LOBBY, author: ALICE, message: Message::Lines(lines) }, bytes)
}

/// The run whose lines the other datagrams are about.
const BOB: Run = Run { peer: PeerId(1), epoch: Epoch(2) };

fn seq(number: u32) -> Seq {
    Seq::new(number).unwrap()
}

fn nack() -> Golden {
    let missing = SeqRange::new(seq(3), seq(300)).unwrap();
    let message = Message::Nack(Counter(7), Nack { to_all: true, author: BOB, missing });
    let mut bytes = header(4, 7);
    bytes.extend([0x01, 0x01, 0x02, 0x03, 0xac, 0x02]);
    (Packet { room: LOBBY, author: ALICE, message }, bytes)
}

fn ack() -> Golden {
    let message = Message::Ack(Counter(8), Ack { author: BOB, up_to: seq(300), lost: 2 });
    let mut bytes = header(5, 8);
    bytes.extend([0x01, 0x02, 0xac, 0x02, 0x02]);
    (Packet { room: LOBBY, author: ALICE, message }, bytes)
}

fn history_request() -> Golden {
    let request = HistoryRequest { to_all: false, asked: BOB, wanted: Wanted::LastLines(50) };
    let mut bytes = header(6, 9);
    bytes.extend([0x00, 0x01, 0x02, 0x32, 0x00]);
    (Packet { room: LOBBY, author: ALICE, message: Message::HistoryRequest(Counter(9), request) }, bytes)
}

fn notes() -> Golden {
    let held = Held { author: BOB, last: seq(300), from: Some(seq(251)) };
    let known = Held { author: Run { peer: PeerId(3), epoch: Epoch(4) }, last: seq(5), from: None };
    let notes = Notes::of(Wanted::AllAuthors { but_for: 48 }, [held, known].into_iter());
    let mut bytes = header(8, 10);
    bytes.extend([0x00, 0x00, 0x30]); // flags, no lines: all authors, but for 48
    bytes.extend([0x01, 0x02, 0xfb, 0x01, 0xac, 0x02]);
    bytes.extend([0x03, 0x04, 0x00, 0x05]);
    (Packet { room: LOBBY, author: ALICE, message: Message::Notes(Counter(10), notes) }, bytes)
}

/// A golden datagram by the name that the manual has for it.
type Named = (&'static str, fn() -> Golden);

const GOLDEN: [Named; 7] = [
    ("beacon", beacon),
    ("goodbye", goodbye),
    ("lines", lines),
    ("nack", nack),
    ("ack", ack),
    ("request", history_request),
    ("notes", notes),
];

#[test]
fn golden_datagrams_are_read_and_written() {
    for (packet, bytes) in GOLDEN.map(|(_, golden)| golden()) {
        let mut written = b"what was there before".to_vec();
        packet.encode(&mut written);
        assert_eq!(written, bytes);
        assert_eq!(parse(&bytes).as_ref(), Ok(&packet));
    }
}

#[test]
fn the_manual_shows_the_golden_datagrams() {
    let page = include_str!("../../../man/cooee-protocol.7");
    for (name, (_, bytes)) in GOLDEN.map(|(name, golden)| (name, golden())) {
        let (_, behind) = page.split_once(&std::format!("begin vector {name}\n")).unwrap();
        let (vector, _) = behind.split_once("end vector").unwrap();
        let rows = vector.lines().filter_map(|row| row.split_once('#'));
        let shown: std::string::String = rows.map(|(hex, _)| hex.trim()).collect();
        let golden: std::string::String = bytes.iter().map(|byte| std::format!("{byte:02x}")).collect();
        assert_eq!(shown, golden, "{name}");
    }
}

#[test]
fn every_shorter_and_longer_datagram_is_refused() {
    for (_, bytes) in [beacon(), goodbye(), nack(), ack(), history_request()] {
        for len in 0..bytes.len() {
            let error = if len < HEADER_LEN { Error::Short } else { Error::Truncated };
            assert_eq!(parse(&bytes[..len]), Err(error), "{len} bytes");
        }
        assert_eq!(parse(&[&bytes[..], &[0]].concat()), Err(Error::TrailingBytes));
    }
    let (_, bytes) = lines();
    let whole: Vec<_> = (0..bytes.len()).filter(|len| parse(&bytes[..*len]).is_ok()).collect();
    assert_eq!(whole, [bytes.len() - 7], "only where the second line is cut off whole");
    assert_eq!(parse(&[0; DATAGRAM_MAX + 1]), Err(Error::Long));
}

#[test]
fn another_magic_version_or_kind_is_refused() {
    let with = |offset: usize, byte| {
        let (_, mut bytes) = goodbye();
        bytes[offset] = byte;
        parse(&bytes).map(|_| ()).unwrap_err()
    };
    assert_eq!(with(0, b'c'), Error::Magic);
    assert_eq!(with(3, b'!'), Error::Magic);
    assert_eq!(with(4, 0), Error::Version);
    assert_eq!(with(4, 2), Error::Version);
    for kind in (0..=u8::MAX).filter(|kind| !(1..=8).contains(kind) || *kind == 7) {
        assert_eq!(with(5, kind), Error::Kind);
    }
}

#[test]
fn flags_say_what_follows_and_unknown_ones_are_passed_over() {
    let (packet, mut bytes) = goodbye();
    bytes[6..8].copy_from_slice(&0xfffc_u16.to_be_bytes());
    assert_eq!(parse(&bytes).as_ref(), Ok(&packet));
    bytes[6..8].copy_from_slice(&1_u16.to_be_bytes());
    assert_eq!(parse(&bytes), Err(Error::Trailer));
    bytes.extend([0x77; TRAILER_LEN]);
    assert_eq!(parse(&bytes).as_ref(), Ok(&packet));
    bytes[6..8].copy_from_slice(&3_u16.to_be_bytes());
    assert_eq!(parse(&bytes), Err(Error::Sealed));
}

/// A beacon written field by field, with one field that is not as it should be.
fn beacon_with(
    nick: &[u8],
    host: &[u8],
    version: &[u8],
    status: &[u8],
    port_and_interval: &[u8],
    heard: usize,
) -> Vec<u8> {
    let mut bytes = header(1, 1);
    bytes.push(0);
    for text in [nick, host, version, status] {
        bytes.extend(varint(text.len() as u64));
        bytes.extend(text);
    }
    bytes.extend(port_and_interval);
    bytes.extend([0, 0, 0, 0, 0]);
    bytes.extend(varint(heard as u64));
    bytes.extend(std::vec![0; heard]);
    bytes
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

#[test]
fn each_illegal_field_is_named() {
    const FINE: &[u8] = &[0x8a, 0xd0, 0x01, 0x88, 0x27];
    let refused = |bytes: Vec<u8>| parse(&bytes).map(|_| ()).unwrap_err();
    assert!(parse(&beacon_with(b"n", b"h", b"v", b"s", FINE, 0)).is_ok());
    assert_eq!(refused(beacon_with(b"", b"h", b"v", b"s", FINE, 0)), Error::Nick);
    assert_eq!(refused(beacon_with(&[b'n'; 65], b"h", b"v", b"s", FINE, 0)), Error::Nick);
    assert_eq!(refused(beacon_with(b"\x1b[2J", b"h", b"v", b"s", FINE, 0)), Error::Nick);
    assert_eq!(refused(beacon_with(b"\xff", b"h", b"v", b"s", FINE, 0)), Error::Utf8);
    assert_eq!(refused(beacon_with(b"n", &[b'h'; 65], b"v", b"s", FINE, 0)), Error::HostName);
    assert_eq!(refused(beacon_with(b"n", b"h", &[b'v'; 33], b"s", FINE, 0)), Error::ProgramVersion);
    assert_eq!(refused(beacon_with(b"n", b"h", b"v", b"a\nb", FINE, 0)), Error::Status);
    assert_eq!(refused(beacon_with(b"n", b"h", b"v", b"s", &[0, 0x88, 0x27], 0)), Error::Port);
    assert_eq!(refused(beacon_with(b"n", b"h", b"v", b"s", &[1, 0], 0)), Error::Interval);
    assert_eq!(refused(beacon_with(b"n", b"h", b"v", b"s", &[1, 0xc1, 0xcf, 0x24], 0)), Error::Interval);
    assert_eq!(refused(beacon_with(b"n", b"h", b"v", b"s", FINE, Heard::MAX + 1)), Error::Heard);
    let endless = [0xff; 6];
    assert_eq!(refused(beacon_with(b"n", b"h", b"v", b"s", &endless, 0)), Error::Malformed);
}

#[test]
fn lengths_that_lie_are_refused() {
    for claimed in [7, 127, 1 << 14, u64::from(u32::MAX), u64::MAX] {
        let mut bytes = header(1, 1);
        bytes.push(0);
        bytes.extend(varint(claimed));
        bytes.extend(b"alice");
        assert_eq!(parse(&bytes), Err(Error::Truncated), "{claimed}");
    }
}

#[test]
fn illegal_lines_are_refused() {
    let with = |number, body: &[u8]| parse(&[&header(3, number), body].concat()).map(|_| ()).unwrap_err();
    assert_eq!(with(1, b"\x00\x01n"), Error::NoLine);
    assert_eq!(with(0, b"\x00\x01n\x00\x01x"), Error::Seq);
    assert_eq!(with(1, b"\x00\x00\x00\x01x"), Error::Nick);
    assert_eq!(with(1, b"\x00\x01n\x00\x00"), Error::Text);
    assert_eq!(with(1, b"\x00\x01n\x00\x02\xc3\x28"), Error::Utf8);
    assert_eq!(with(1, &[b"\x00\x01n\x00\xc1\x07", &[b'x'; 961][..]].concat()), Error::Text);
}

#[test]
fn illegal_ranges_are_refused() {
    let with = |kind, body: &[u8]| parse(&[&header(kind, 1), body].concat()).map(|_| ()).unwrap_err();
    assert_eq!(with(4, &[0, 1, 2, 0, 5]), Error::Range);
    assert_eq!(with(4, &[0, 1, 2, 6, 5]), Error::Range);
    assert_eq!(with(5, &[1, 2, 0, 0]), Error::Seq);
    assert_eq!(with(8, &[0, 0, 0, 1, 2, 6, 5]), Error::Range);
    assert_eq!(with(8, &[0, 0, 0, 1, 2, 0, 0]), Error::Range);
}

#[test]
fn the_largest_beacon_fits_into_a_datagram_even_when_signed() {
    let (mut packet, _) = beacon();
    let Message::Beacon(counter, beacon) = &mut packet.message else { unreachable!() };
    *counter = Counter(u32::MAX);
    *beacon = Beacon {
        hello: true,
        visitor: true,
        acks: true,
        profile: Profile {
            nick: Nick::new("n".repeat(Nick::MAX)).unwrap(),
            host: HostName::new("h".repeat(HostName::MAX)).unwrap(),
            version: ProgramVersion::new("v".repeat(ProgramVersion::MAX)).unwrap(),
            status: Status::new("s".repeat(Status::MAX)).unwrap(),
        },
        port: u16::MAX,
        interval: BeaconInterval::MAX,
        started: UnixMillis(u64::MAX),
        time: UnixMillis(u64::MAX),
        last_seq: Seq::new(u32::MAX),
        digest: Digest(u64::MAX),
        hears: u32::MAX,
        heard: Heard::of((0..4096_u32).map(|peer| Run { peer: PeerId(peer.into()), epoch: Epoch(0) }), *counter),
    };
    let mut bytes = Vec::new();
    packet.encode(&mut bytes);
    assert!(bytes.len() <= HEADER_LEN + BODY_MAX, "{} bytes", bytes.len());
    assert_eq!(parse(&bytes).as_ref(), Ok(&packet));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..1300)) {
        let _ = parse(&bytes);
    }

    /// What is let in says the same after it was written again, whatever was done to a good datagram.
    #[test]
    fn what_is_read_can_be_written(which in 0..GOLDEN.len(), edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)) {
        let mut bytes = GOLDEN[which].1().1;
        for (place, byte) in edits {
            let place = HEADER_LEN + place.index(bytes.len() - HEADER_LEN);
            bytes[place] = byte;
        }
        if let Ok(packet) = parse(&bytes) {
            let mut written = Vec::new();
            packet.encode(&mut written);
            prop_assert_eq!(parse(&written), Ok(packet));
        }
    }
}

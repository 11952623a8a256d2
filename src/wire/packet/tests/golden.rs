//! Golden datagrams, which cooee-protocol(7) shows too. Keys, signatures and seals of theirs were made by other
//! programs than this one.

use std::vec::Vec;

use crate::time::UnixMillis;
use crate::trust::{Random, SecretKey, Seed};
use crate::wire::*;

/// A packet and its bytes.
pub(super) type Golden = (Packet<'static>, Vec<u8>);

const LOBBY: RoomId = RoomId(0x4b5d_c076_e7b9_c122);
const ALICE: Run = Run { peer: PeerId(0x0123_4567_89ab_cdef), epoch: Epoch(0xfeed_f00d) };

/// A header of the unsigned ones, which cooee-protocol(7) shows too: kind and number differ.
pub(super) fn header(kind: u8, number: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(b"COOE");
    bytes.extend([1, kind, 0, 0]);
    bytes.extend([0x4b, 0x5d, 0xc0, 0x76, 0xe7, 0xb9, 0xc1, 0x22]);
    bytes.extend([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
    bytes.extend([0xfe, 0xed, 0xf0, 0x0d]);
    bytes.extend([0, 0, 0, number]);
    bytes
}

/// Writes it as it is: in an open room, signed by one of the keys or not at all.
pub(super) fn encode(packet: &Packet<'_>, out: &mut Vec<u8>) {
    let room = Room::unnamed(packet.room);
    let key = packet.signer.map(|signer| [1, 2].map(key).into_iter().find(|key| key.public() == signer).unwrap());
    let author = key.map_or(Identity::Unsigned(packet.author), |key| Identity::Signed { key, run: packet.author });
    packet.message.encode(&author, &room, &mut random(), out);
}

/// The key that 32 bytes of this number make.
fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; 32])
}

/// The stream of a seed of zeros.
fn random() -> Random {
    Random::new(Seed([0; 32]))
}

pub(super) fn beacon() -> Golden {
    let counter = Counter(5);
    let packet = Packet {
        room: LOBBY,
        author: ALICE,
        signer: None,
        message: Message::Beacon(
            counter,
            Beacon {
                hello: true,
                visitor: false,
                acks: true,
                remote: false,
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
                heard: Heard::all([BOB].into_iter(), counter),
                room: Some(RoomName::new("lobby").unwrap()),
            },
        ),
    };
    let mut bytes = header(1, 5);
    bytes.push(0x0d); // flags: hello, acks, names
    bytes.extend(b"\x05alice\x04desk\x050.1.0\x00");
    bytes.extend([0x8a, 0xd0, 0x01]); // port 26634
    bytes.extend([0x88, 0x27]); // interval 5,000 ms
    bytes.extend([0xc0, 0xdf, 0xda, 0xc5, 0xa0, 0x34]); // started
    bytes.extend([0xa8, 0xe7, 0xda, 0xc5, 0xa0, 0x34]); // time, a second later
    bytes.push(0x02); // last seq
    bytes.extend([0xef, 0xfd, 0x02]); // digest
    bytes.push(0x01); // hears one
    bytes.extend([0x04, 0x83, 0x5d, 0x5e, 0xce]); // the name of bob
    bytes.extend(b"\x05lobby"); // room
    (packet, bytes)
}

pub(super) fn goodbye() -> Golden {
    let message = Message::Goodbye(Counter(6), Goodbye { last_seq: Seq::new(300) });
    let mut bytes = header(2, 6);
    bytes.extend([0xac, 0x02]);
    (Packet { room: LOBBY, author: ALICE, signer: None, message }, bytes)
}

pub(super) fn lines() -> Golden {
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
    (Packet { room: LOBBY, author: ALICE, signer: None, message: Message::Lines(lines) }, bytes)
}

/// The run whose lines the other datagrams are about.
const BOB: Run = Run { peer: PeerId(1), epoch: Epoch(2) };

fn seq(number: u32) -> Seq {
    Seq::new(number).unwrap()
}

pub(super) fn nack() -> Golden {
    let missing = SeqRange::new(seq(3), seq(300)).unwrap();
    let message = Message::Nack(Counter(7), Nack { to_all: true, author: BOB, missing });
    let mut bytes = header(4, 7);
    bytes.extend([0x01, 0x01, 0x02, 0x03, 0xac, 0x02]);
    (Packet { room: LOBBY, author: ALICE, signer: None, message }, bytes)
}

pub(super) fn ack() -> Golden {
    let message = Message::Ack(Counter(8), Ack { author: BOB, up_to: seq(300), lost: 2 });
    let mut bytes = header(5, 8);
    bytes.extend([0x01, 0x02, 0xac, 0x02, 0x02]);
    (Packet { room: LOBBY, author: ALICE, signer: None, message }, bytes)
}

pub(super) fn history_request() -> Golden {
    let request = HistoryRequest { to_all: false, asked: BOB, wanted: Wanted::LastLines(50) };
    let mut bytes = header(6, 9);
    bytes.extend([0x00, 0x01, 0x02, 0x32, 0x00]);
    (Packet { room: LOBBY, author: ALICE, signer: None, message: Message::HistoryRequest(Counter(9), request) }, bytes)
}

fn notes() -> Golden {
    let held = Held { author: BOB, last: seq(300), from: Some(seq(251)) };
    let known = Held { author: Run { peer: PeerId(3), epoch: Epoch(4) }, last: seq(5), from: None };
    let notes = Notes::of(Wanted::AllAuthors { but_for: 48 }, [held, known].into_iter());
    let mut bytes = header(8, 10);
    bytes.extend([0x00, 0x00, 0x30]); // flags, no lines: all authors, but for 48
    bytes.extend([0x01, 0x02, 0xfb, 0x01, 0xac, 0x02]);
    bytes.extend([0x03, 0x04, 0x00, 0x05]);
    (Packet { room: LOBBY, author: ALICE, signer: None, message: Message::Notes(Counter(10), notes) }, bytes)
}

/// Who asks which rooms there are.
pub(super) fn question() -> Golden {
    let (mut packet, _) = beacon();
    packet.room = RoomId::ANY;
    let Message::Beacon(counter, beacon) = &mut packet.message else { unreachable!() };
    *counter = Counter(14);
    *beacon = Beacon {
        visitor: true,
        acks: false,
        remote: false,
        profile: Profile {
            nick: Nick::new("?").unwrap(),
            host: HostName::default(),
            version: ProgramVersion::new("").unwrap(),
            status: Status::default(),
        },
        time: UnixMillis(1_795_442_523_000),
        last_seq: None,
        digest: Digest(0),
        hears: 0,
        heard: Heard::NOBODY,
        room: None,
        ..beacon.clone()
    };
    let mut bytes = header(1, 14);
    bytes[8..16].fill(0); // room: any
    bytes.push(0x0b); // flags: hello, visitor, names
    bytes.extend(b"\x01?\x00\x00\x00");
    bytes.extend([0x8a, 0xd0, 0x01]); // port 26634
    bytes.extend([0x88, 0x27]); // interval 5,000 ms
    bytes.extend([0xc0, 0xdf, 0xda, 0xc5, 0xa0, 0x34]); // started
    bytes.extend([0xf8, 0xf6, 0xda, 0xc5, 0xa0, 0x34]); // time, three seconds later
    bytes.extend([0x00, 0x00, 0x00, 0x00, 0x00]); // last seq, digest, hears, heard, room
    (packet, bytes)
}

const TOKEN: PingToken = PingToken(0x0bad_5eed_0bad_cafe);
const TOKEN_BYTES: [u8; 9] = [0xfe, 0x95, 0xb7, 0xdd, 0xd0, 0xdd, 0xd7, 0xd6, 0x0b];

pub(super) fn ping() -> Golden {
    let message = Message::Ping(Counter(15), Ping { reader: BOB, way: PingWay::Broadcast, token: TOKEN });
    let mut bytes = header(10, 15);
    bytes.extend([0x01, 0x01, 0x02]);
    bytes.extend(TOKEN_BYTES);
    (Packet { room: LOBBY, author: ALICE, signer: None, message }, bytes)
}

pub(super) fn pong() -> Golden {
    let message = Message::Pong(Counter(16), Pong { reader: BOB, way: PingWay::Unicast, token: TOKEN });
    let mut bytes = header(11, 16);
    bytes.extend([0x00, 0x01, 0x02]);
    bytes.extend(TOKEN_BYTES);
    (Packet { room: LOBBY, author: ALICE, signer: None, message }, bytes)
}

/// What bob is told who is beyond the subnet: of carol, by IPv4, and of dave, by IPv6.
pub(super) fn addresses() -> Golden {
    let told = |number, address: &str| RunAddress {
        run: Run { peer: PeerId(number), epoch: Epoch(4) },
        address: address.parse().unwrap(),
    };
    let runs = [told(3, "192.0.2.7:26634"), told(5, "[2001:db8::9]:26635")];
    let message = Message::Addresses(Counter(17), Addresses::of(BOB, runs.into_iter()));
    let mut bytes = header(12, 17);
    bytes.extend([0x01, 0x02, 60]);
    bytes.extend([0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4]);
    bytes.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7, 0x68, 0x0a]);
    bytes.extend([0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 4]);
    bytes.extend([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0x68, 0x0b]);
    (Packet { room: LOBBY, author: ALICE, signer: None, message }, bytes)
}

/// What the secret keys of 32 ones and of 32 twos make of alice and bob.
const ALICE_WHO_SIGNS: Run = Run { peer: PeerId(0xb475_0f98_bd59_fcfc), epoch: Epoch(0xfeed_f00d) };
const BOB_WHO_SIGNS: Run = Run { peer: PeerId(0xea38_03d5_f059_902a), epoch: Epoch(0xcafe_babe) };
const ALICE_S_KEY: &str = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";
const BOB_S_KEY: &str = "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394";

fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// A datagram of the lobby that is signed.
fn signed(number: u8, message: Message<'static>, parts: &[&str]) -> Golden {
    let author = if number == 1 { ALICE_WHO_SIGNS } else { BOB_WHO_SIGNS };
    let packet = Packet { room: LOBBY, author, signer: Some(key(number).public()), message };
    (packet, unhex(&parts.concat()))
}

fn signed_goodbye() -> Golden {
    signed(
        1,
        Message::Goodbye(Counter(11), Goodbye { last_seq: Seq::new(300) }),
        &[
            "434f4f45010200014b5dc076e7b9c122b4750f98bd59fcfcfeedf00d0000000b",
            "ac02",
            ALICE_S_KEY,
            "ab91ce4f1c0ad40cb14e6b39e383a03376dcd3103bee355e8ae9c53f7242dac2",
            "bb2e05159662d1826059975d5116a1991d94845f103b92b8db35ad5a9205b40e",
        ],
    )
}

fn private_line() -> Golden {
    let text = PrivateText {
        seq: Seq::FIRST,
        manner: Manner::default(),
        time: UnixMillis(1_795_442_522_000),
        nick: Nick::new("alice").unwrap(),
        part: Part::new("psst").unwrap(),
    };
    let (alice, room) = (Identity::Signed { key: key(1), run: ALICE_WHO_SIGNS }, Room::unnamed(LOBBY));
    let reader = (BOB_WHO_SIGNS, &key(2).public());
    let line = PrivateLine::seal(&text, Counter(12), &alice, &room, reader, &mut random()).unwrap();
    assert_eq!(line.unseal(&key(2)).unwrap(), unhex("000190efdac5a03405616c6963650470737374"));
    signed(
        1,
        Message::PrivateLine(Counter(12), line),
        &[
            "434f4f45010700014b5dc076e7b9c122b4750f98bd59fcfcfeedf00d0000000c",
            "aaa0e682dffa809cea01bef5fad70c",
            "bc01d55dca171aea242e1a2d6be28a7975c46407331cd8478167138605122863",
            "8a61dea509f92b41881edee8d4f19132a6fa91",
            "7c2759b70bf9ae247edb2f1f7c500baa",
            ALICE_S_KEY,
            "e9cd0f536acda841bfc2a493e6b54a2859f21306206176af44a83dcebec8bb72",
            "bfc9f8f4a338339d9a491847b13de990709f1fc818fd22ef1197a8782c12be06",
        ],
    )
}

fn private_ack() -> Golden {
    signed(
        2,
        Message::PrivateAck(Counter(13), PrivateAck { author: ALICE_WHO_SIGNS, up_to: Seq::FIRST }),
        &[
            "434f4f45010900014b5dc076e7b9c122ea3803d5f059902acafebabe0000000d",
            "fcf9e7ea8bf3c3bab4018de0b7f70f01",
            BOB_S_KEY,
            "b636da4f370327fc3657d4a47b070d03b1af689d504703e96d6fb0efc56f33fd",
            "ac7f24cef5b6bc2dd6974e3ce17525d72e675a501349661b7e89870a15a9110b",
        ],
    )
}

/// The signed goodbye as it is in a room with a passphrase.
const SEALED: &str = "434f4f45010200034adcef8d87d1e3238db01487eb0b7d5bfeedf00d0000000b\
    76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1a\
    19f8fe7a6338aa9a8ab3f786d0a2d1ba4f287cf77f5aae3da27061af84570255fcd47e593eb10d2568f26a842123e5640250\
    6ef759e14fad4f37c40fafe33e293a641ed82a3d49fb76ff187fdc3a34b9ce86aecc28e0968f872b681ef249361e7e317bdb\
    0c7fc010a3b9fa5679b5a5e94951";

/// A golden datagram by the name that the manual has for it.
type Named = (&'static str, fn() -> Golden);

pub(super) const GOLDEN: [Named; 14] = [
    ("beacon", beacon),
    ("goodbye", goodbye),
    ("lines", lines),
    ("nack", nack),
    ("ack", ack),
    ("request", history_request),
    ("notes", notes),
    ("question", question),
    ("ping", ping),
    ("pong", pong),
    ("addresses", addresses),
    ("signed", signed_goodbye),
    ("private line", private_line),
    ("private ack", private_ack),
];

#[test]
fn golden_datagrams_are_read_and_written() {
    for (packet, bytes) in GOLDEN.map(|(_, golden)| golden()) {
        let mut written = b"what was there before".to_vec();
        encode(&packet, &mut written);
        assert_eq!(written, bytes);
        assert_eq!(parse(&bytes).as_ref(), Ok(&packet));
    }
}

#[test]
fn a_sealed_datagram_is_read_and_written() {
    let room = Room::sealed(&RoomName::new("lab").unwrap(), b"magpie");
    let alice = Identity::signed(key(1), ALICE_WHO_SIGNS.epoch, &room);
    let (goodbye, _) = signed_goodbye();
    let (mut written, mut scratch) = (Vec::new(), Vec::new());
    goodbye.message.encode(&alice, &room, &mut random(), &mut written);
    assert_eq!(written, unhex(SEALED));
    let read = Envelope::parse(&written).unwrap().open(&room, &mut scratch).unwrap();
    assert_eq!((read.message, read.author, read.signer), (goodbye.message, alice.run(), goodbye.signer));
}

#[test]
fn the_manual_shows_the_golden_datagrams() {
    let page = include_str!("../../../../man/cooee-protocol.7");
    let golden = GOLDEN.map(|(name, golden)| (name, golden().1));
    for (name, bytes) in golden.into_iter().chain([("sealed", unhex(SEALED))]) {
        let (_, behind) = page.split_once(&std::format!("begin vector {name}\n")).unwrap();
        let (vector, _) = behind.split_once("end vector").unwrap();
        let rows = vector.lines().filter_map(|row| row.split_once('#'));
        let shown: std::string::String = rows.map(|(hex, _)| hex.trim()).collect();
        let golden: std::string::String = bytes.iter().map(|byte| std::format!("{byte:02x}")).collect();
        assert_eq!(shown, golden, "{name}");
    }
}

//! Golden datagrams, both ways, and everything that must not be let in.

mod golden;

use core::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::vec::Vec;

use proptest::prelude::*;

use self::golden::{
    GOLDEN, ack, addresses, beacon, encode, goodbye, header, history_request, lines, nack, ping, pong, question,
};
use super::*;
use crate::time::UnixMillis;
use crate::wire::*;

#[test]
fn every_shorter_and_longer_datagram_is_refused() {
    for (_, bytes) in [beacon(), goodbye(), nack(), ack(), history_request(), question(), ping(), pong(), addresses()] {
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
    for kind in (0..=u8::MAX).filter(|kind| !(1..=12).contains(kind)) {
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
    assert_eq!(parse(&bytes), Err(Error::PeerId));
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
    bytes.extend(b"\x05lobby");
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

/// A beacon that is sent to a room, open or sealed, and says that it is called so.
fn beacon_of_room(id: RoomId, sealed: bool, name: &str) -> Result<Option<RoomName<'static>>, Error> {
    let (_, mut bytes) = beacon();
    bytes.truncate(bytes.len() - b"\x05lobby".len());
    bytes.extend(varint(name.len() as u64));
    bytes.extend(name.as_bytes());
    bytes[8..16].copy_from_slice(&id.0.to_be_bytes());
    let header = Header { flags: if sealed { 3 } else { 0 }, ..Header::parse(&bytes).unwrap() };
    let read_in = |room| Beacon::parse(&header, &room, &bytes[HEADER_LEN..]);
    let beacon = read_in(Room::unnamed(header.room));
    assert_eq!(beacon, read_in(Room::open(&RoomName::new("lobby").unwrap())), "it is the same whoever reads it");
    Ok(beacon?.room.map(RoomName::into_owned))
}

#[test]
fn a_room_is_called_what_its_id_says_and_a_sealed_one_nothing() {
    let name = |name: &str| RoomName::new(name).unwrap().into_owned();
    let longest = "é".repeat(RoomName::MAX / 2);
    for called in ["lobby", "x", &longest] {
        let id = RoomId::of(&name(called));
        assert_eq!(beacon_of_room(id, false, called), Ok(Some(name(called))));
        for wrong in ["", "Lobby", "lobby ", "\x07", &(longest.clone() + "x")] {
            assert_eq!(beacon_of_room(id, false, wrong), Err(Error::Room), "{called} is called {wrong:?}");
        }
        assert_eq!(beacon_of_room(id, true, called), Err(Error::Room), "a sealed room tells its name");
        assert_eq!(beacon_of_room(RoomId::ANY, false, called), Err(Error::Room));
    }
    for (id, sealed) in [(RoomId::ANY, false), (RoomId(7), true), (RoomId::ANY, true)] {
        assert_eq!(beacon_of_room(id, sealed, ""), Ok(None));
    }
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
    assert_eq!(with(1, &[b"\x00\x01n\x00\xf1\x06", &[b'x'; 881][..]].concat()), Error::Text);
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
fn illegal_addresses_are_refused() {
    let with = |records: &[u8]| {
        let len = varint(records.len() as u64);
        parse(&[&header(12, 1), &[1, 2][..], &len, records].concat()).map(|_| ())
    };
    let record = [7; 30];
    assert_eq!((with(&[]), with(&record.repeat(32))), (Ok(()), Ok(())));
    assert_eq!(with(&record.repeat(33)), Err(Error::Addresses));
    assert_eq!(with(&record[..29]), Err(Error::Addresses));
    let portless = [&record[..28], &[0, 0]].concat();
    assert_eq!(with(&[&record[..], &portless].concat()), Err(Error::Port));
}

#[test]
fn what_is_told_of_addresses_is_legal_and_fits_even_when_sealed() {
    let told = |number: u16| RunAddress {
        run: Run { peer: PeerId(u64::MAX), epoch: Epoch(number.into()) },
        address: SocketAddr::new(IpAddr::V6(Ipv6Addr::from(u128::MAX)), number),
    };
    let reader = Run { peer: PeerId(u64::MAX), epoch: Epoch(u32::MAX) };
    let addresses = Addresses::of(reader, (0..100).map(told));
    assert_eq!(addresses.iter().collect::<Vec<_>>(), (1..33).map(told).collect::<Vec<_>>(), "port 0 is nobody's");
    let (packet, _) = goodbye();
    let mut bytes = Vec::new();
    encode(&Packet { message: Message::Addresses(Counter(u32::MAX), addresses), ..packet }, &mut bytes);
    assert!(bytes.len() <= HEADER_LEN + BODY_MAX, "{} bytes", bytes.len());
}

#[test]
fn the_largest_beacon_fits_into_a_datagram_even_when_sealed() {
    let (mut packet, _) = beacon();
    let Message::Beacon(counter, beacon) = &mut packet.message else { unreachable!() };
    *counter = Counter(u32::MAX);
    let room = RoomName::new("r".repeat(RoomName::MAX)).unwrap();
    packet.room = RoomId::of(&room);
    *beacon = Beacon {
        hello: true,
        visitor: true,
        acks: true,
        remote: true,
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
        heard: Heard::all((0..4096_u32).map(|peer| Run { peer: PeerId(peer.into()), epoch: Epoch(0) }), *counter),
        room: Some(room),
    };
    let mut bytes = Vec::new();
    encode(&packet, &mut bytes);
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
            encode(&packet, &mut written);
            prop_assert_eq!(parse(&written), Ok(packet));
        }
    }
}

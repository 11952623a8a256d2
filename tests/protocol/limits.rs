//! The least and the most that each field may be.

use cooee::trust::SecretKey;
use cooee::wire::{Epoch, Error, HEADER_LEN, Identity, PrivateText, Room, RoomId, RoomName, parse};

use crate::PAGE;
use crate::reading::{Field, fields, size_of, tables, varint, vector_bytes};

/// What stands for the text of a private line, which is no kind of its own.
const IN_PRIVATE: u8 = 0;

const KINDS: [(u8, &str); 13] = [
    (1, "beacon"),
    (2, "goodbye"),
    (3, "lines"),
    (4, "nack"),
    (5, "ack"),
    (6, "request"),
    (7, "private line"),
    (8, "notes"),
    (9, "private ack"),
    (10, "ping"),
    (11, "pong"),
    (12, "addresses"),
    (IN_PRIVATE, "private text"),
];

#[test]
fn the_limits_are_those_of_the_code() {
    for (kind, vector) in KINDS {
        let fields: Vec<_> = tables(vector).iter().flat_map(|table| fields(table)).collect();
        let with = |changed: usize, number: u64| {
            let numbers = fields.iter().enumerate();
            let numbers = numbers.map(|(i, field)| if i == changed { number } else { field.legal() });
            is_read(kind, &fields, numbers)
        };
        for (i, field) in fields.iter().enumerate() {
            let (least, most) = field.limits();
            for legal in [least, most] {
                assert_eq!(with(i, legal), Ok(()), "kind {kind}, {} {legal}", field.name);
            }
            let below = least.checked_sub(1);
            let above = if field.kind == "u8" { None } else { most.checked_add(1) };
            for illegal in below.into_iter().chain(above) {
                assert!(with(i, illegal).is_err(), "kind {kind}, {} {illegal}", field.name);
            }
        }
    }
}

#[test]
fn the_last_line_of_an_entry_is_at_least_1() {
    assert!(PAGE.contains(".Va last\nis at least 1 also where\n.Va from\nis 0."));
    let fields: Vec<_> = tables("notes").iter().flat_map(|table| fields(table)).collect();
    let with = |last| {
        let numbers = fields.iter().map(|field| if field.name == "last" { last } else { 0 });
        parse(&datagram(8, &fields, numbers)).map(drop)
    };
    assert_eq!((with(0), with(1)), (Err(Error::Range), Ok(())));
}

/// Reads a datagram of this kind, or what is sealed in a private line.
fn is_read(kind: u8, fields: &[Field], numbers: impl Iterator<Item = u64>) -> Result<(), Error> {
    match kind {
        IN_PRIVATE => PrivateText::parse(&body(fields, numbers)).map(drop),
        7 => parse(&signed([datagram(kind, fields, numbers), vec![0; size_of("private seal")]].concat())).map(drop),
        9 => parse(&signed(datagram(kind, fields, numbers))).map(drop),
        _ => parse(&datagram(kind, fields, numbers)).map(drop),
    }
}

/// The same signed by somebody: nobody takes what is private from one who does not sign.
pub(crate) fn signed(mut datagram: Vec<u8>) -> Vec<u8> {
    assert_eq!(parse(&datagram).map(drop), Err(Error::Unsigned));
    let key = SecretKey::from_bytes(&[1; SecretKey::LEN]);
    let peer = Identity::signed(key.clone(), Epoch(0), &Room::unnamed(RoomId(0))).run().peer;
    datagram[7] = 1;
    datagram[16..24].copy_from_slice(&peer.0.to_be_bytes());
    datagram.extend(key.public().0);
    let signature = key.sign(&datagram);
    datagram.extend(signature.0);
    datagram
}

pub(crate) fn datagram(kind: u8, fields: &[Field], numbers: impl Iterator<Item = u64>) -> Vec<u8> {
    let mut bytes = vector_bytes("lines")[..HEADER_LEN].to_vec();
    bytes[5] = kind;
    let numbers: Vec<u64> = numbers.collect();
    if let Some(at) = fields.iter().position(|field| field.name == "room") {
        bytes[8..16].copy_from_slice(&room(numbers[at]).0.to_be_bytes());
    }
    bytes.extend(body(fields, numbers.into_iter()));
    bytes
}

/// The room whose name is as long; one that has none is any.
fn room(len: u64) -> RoomId {
    RoomName::new("x".repeat(len as usize)).map_or(RoomId::ANY, |name| RoomId::of(&name))
}

/// A body with these numbers in its fields; where one is a text or bytes, it is the length.
fn body(fields: &[Field], numbers: impl Iterator<Item = u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (field, number) in fields.iter().zip(numbers) {
        match &*field.kind {
            "u8" => bytes.push(number as u8),
            "text" | "bytes" => {
                varint(number, &mut bytes);
                bytes.extend(vec![b'x'; number as usize]);
            }
            _ => varint(number, &mut bytes),
        }
    }
    bytes
}

#[test]
fn a_private_line_has_room_for_its_key_and_its_tag() {
    let fields = fields("private line");
    let line = datagram(7, &fields, fields.iter().map(Field::legal));
    let with = |sealed| parse(&signed([&line[..], &vec![0; sealed]].concat())).map(drop);
    assert_eq!((with(size_of("private seal") - 1), with(size_of("private seal"))), (Err(Error::Truncated), Ok(())));
    assert!(
        PAGE.replace('\n', " ").contains(&format!("fewer than {} bytes follow the reader", size_of("private seal")))
    );
}

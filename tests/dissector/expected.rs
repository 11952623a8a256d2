//! What the dissector has to show of a datagram: what the tables of the page make of its bytes, which is what the code
//! makes of them.

use std::collections::BTreeMap;
use std::net::Ipv6Addr;

use cooee::wire::{Envelope, Packet, Room, parse};

use crate::reading::{Shown as Read, fields, read, tables};
use crate::telling::told;
use crate::tshark::Shown;
use crate::{PAGE, rows};

/// What the page calls each kind, from 1.
pub(crate) const KINDS: [&str; 12] = [
    "beacon",
    "goodbye",
    "lines",
    "nack",
    "ack",
    "request",
    "private line",
    "notes",
    "private ack",
    "ping",
    "pong",
    "addresses",
];

/// The kinds that the page has: the number and the name of each.
pub(crate) fn kinds_of_the_page() -> impl Iterator<Item = (u8, &'static str)> {
    let is_there = |kind: &&str| PAGE.contains(&format!("begin vector {kind}\n"));
    KINDS.into_iter().filter(is_there).enumerate().map(|(at, kind)| (at as u8 + 1, kind))
}

/// Fields that the code takes in without showing them.
const NOT_TOLD: [&str; 8] = ["heard", "addresses", "key", "signature", "nonce", "once", "sealed", "tag"];

/// The bits of the flags, the lowest first.
const BITS: [(&str, &[&str]); 8] = [
    ("flags", &["signed", "sealed"]),
    ("beacon.flags", &["hello", "visitor", "acks", "names", "some", "remote"]),
    ("line.flags", &["action", "continues", "goes_on"]),
    ("nack.flags", &["to_all"]),
    ("request.flags", &["to_all"]),
    ("notes.flags", &["more"]),
    ("ping.flags", &["to_all"]),
    ("pong.flags", &["to_all"]),
];

/// Everything that is to be shown of a datagram of an open room, or of this sealed one. It is also asserted that code and
/// page read the same in it.
#[track_caller]
pub(crate) fn expected(datagram: &[u8], sealed: Option<&Room>) -> Shown {
    let is_sealed = datagram[7] & 2 != 0;
    let kind = KINDS[usize::from(datagram[5]) - 1];
    let read = read(if is_sealed { "sealed" } else { kind }, datagram);
    let mut scratch = Vec::new();
    let packet = match sealed {
        Some(room) if is_sealed => Envelope::parse(datagram).unwrap().open(room, &mut scratch).unwrap(),
        _ => parse(datagram).unwrap(),
    };
    compare(&read, &packet, is_sealed);

    let mut shown = Shown::new();
    for (field, read) in layout(kind, is_sealed, &read).iter().zip(&read) {
        add(&mut shown, &field.name, field.value(read));
    }
    add_what_is_within(&mut shown);
    shown.into_iter().map(|(name, values)| (format!("cooee.{name}"), values)).collect()
}

/// Asserts that the code reads what the page reads, in all that it tells.
#[track_caller]
fn compare(read: &[Read], packet: &Packet<'_>, is_sealed: bool) {
    const HEADER_FIELDS: usize = 8;
    let mut told = told(packet, is_sealed);
    if is_sealed {
        told.truncate(HEADER_FIELDS);
    }
    let read: Vec<_> = read.iter().filter(|field| !NOT_TOLD.contains(&&*field.name)).collect();
    let read: Vec<_> = read.iter().map(|field| (&*field.name, field.value.clone())).collect();
    assert_eq!(read, told);
}

/// A field of the dissector.
pub(crate) struct Field {
    /// Without the prefix of all of them.
    pub(crate) name: String,
    lies: Lies,
}

/// How a field lies in a datagram.
#[derive(Clone, Copy)]
enum Lies {
    InHeader,
    /// As postcard writes a number or a text.
    Told,
    /// As postcard writes bytes: behind their number.
    Counted,
    /// In a part that is made up of sizes.
    Sized,
}

impl Field {
    /// Its value as the dissector shows it.
    fn value(&self, read: &Read) -> String {
        match self.lies {
            Lies::InHeader if ["room", "peer", "epoch"].contains(&&*self.name) => number(&read.value),
            Lies::InHeader => read.value.clone(),
            // Wireshark's strings end with a NUL.
            Lies::Told => read.value.replace('\0', "\u{2400}"),
            Lies::Counted => read.hex[2 * varint_len(&read.hex)..].to_owned(),
            Lies::Sized => read.hex.clone(),
        }
    }
}

/// The fields of a datagram as they follow one another, as many as were read.
fn layout(kind: &str, is_sealed: bool, read: &[Read]) -> Vec<Field> {
    let mut layout: Vec<Field> = header(kind).collect();
    if is_sealed {
        layout.extend(sized("seal"));
        return layout;
    }
    let (once, again) = tables(kind).split_first().unwrap();
    layout.extend(postcard(once));
    let mut behind = Vec::new();
    if kind == "private line" {
        behind.extend(sized("private seal"));
    }
    if read.last().is_some_and(|field| field.name == "signature") {
        behind.extend(sized("trailer"));
    }
    while let [again] = again
        && layout.len() + behind.len() < read.len()
    {
        layout.extend(postcard(again));
    }
    layout.extend(behind);
    assert_eq!(layout.len(), read.len());
    layout
}

/// The fields of the header of a kind.
pub(crate) fn header(kind: &str) -> impl Iterator<Item = Field> {
    let number = if kind == "lines" { "seq" } else { "counter" };
    rows("header").into_iter().skip(1).map(move |row| Field {
        name: if row[2] == "number" { number.to_owned() } else { row[2].clone() },
        lies: Lies::InHeader,
    })
}

/// The fields of a table of the page that postcard writes.
pub(crate) fn postcard(table: &str) -> impl Iterator<Item = Field> {
    let prefix = prefix(table);
    fields(table).into_iter().map(move |field| Field {
        name: format!("{prefix}.{}", field.name),
        lies: if field.kind == "bytes" { Lies::Counted } else { Lies::Told },
    })
}

/// The fields of a table of sizes.
pub(crate) fn sized(table: &str) -> impl Iterator<Item = Field> {
    let prefix = prefix(table);
    rows(table).into_iter().skip(1).map(move |row| Field { name: format!("{prefix}.{}", row[0]), lies: Lies::Sized })
}

/// What the dissector calls a table.
fn prefix(table: &str) -> String {
    table.trim_end_matches(" head").replace(' ', "_")
}

/// How many bytes the number has with which some bytes begin.
fn varint_len(hex: &str) -> usize {
    let high = |at: &usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap() & 0x80 == 0;
    (0..).find(high).unwrap() + 1
}

fn add(shown: &mut Shown, name: &str, value: String) {
    shown.entry(name.to_owned()).or_default().push(value);
}

/// Adds what fields are made up of: bits of flags, names of runs, addresses; and the numbers of lines.
fn add_what_is_within(shown: &mut Shown) {
    for (flags, bits) in BITS {
        for value in shown.get(flags).cloned().unwrap_or_default() {
            let value: u16 = value.parse().unwrap();
            for (place, bit) in bits.iter().enumerate() {
                add(shown, &format!("{flags}.{bit}"), (value >> place & 1).to_string());
            }
        }
    }
    let bytes = |shown: &BTreeMap<String, Vec<String>>, name: &str| shown.get(name).map(|values| values[0].clone());
    if shown.get("beacon.flags.names").is_some_and(|names| *names == ["1"]) {
        for name in chunks(&bytes(shown, "beacon.heard").unwrap(), 4) {
            add(shown, "beacon.heard.name", number(&name));
        }
    }
    for record in chunks(&bytes(shown, "addresses.addresses").unwrap_or_default(), 30) {
        add_address(shown, &record);
    }
    let lines = shown.get("line.flags").map_or(0, Vec::len) as u64;
    for line in 0..lines {
        let first: u64 = shown["seq"][0].parse().unwrap();
        add(shown, "line.seq", (first + line).to_string());
    }
}

/// Adds what a record of 30 bytes says.
pub(crate) fn add_address(shown: &mut Shown, record: &str) {
    let part = |from: usize, to: usize| &record[2 * from..2 * to];
    add(shown, "address.peer", number(part(0, 8)));
    add(shown, "address.epoch", number(part(8, 12)));
    let address = Ipv6Addr::from(u128::from_str_radix(part(12, 28), 16).unwrap());
    match address.to_ipv4_mapped() {
        Some(address) => add(shown, "address.ipv4", address.to_string()),
        None => add(shown, "address.ipv6", address.to_string()),
    }
    add(shown, "address.port", number(part(28, 30)));
}

fn chunks(hex: &str, bytes: usize) -> Vec<String> {
    hex.as_bytes().chunks(2 * bytes).map(|chunk| String::from_utf8(chunk.to_vec()).unwrap()).collect()
}

fn number(hex: &str) -> String {
    u64::from_str_radix(hex, 16).unwrap().to_string()
}

//! What people see: the info column, and what they are told of that which is not known.

use std::net::{Ipv4Addr, SocketAddrV4};

use cooee::wire::HEADER_LEN;

use crate::PAGE;
use crate::capture::Captured;
use crate::expected::{add_address, expected, header, kinds_of_the_page, postcard, sized};
use crate::reading::{tables, unhex, varint, vector_bytes};
use crate::session::vectors;
use crate::tshark::{FIELDS, REMARKS, Shown, dissect, summaries};

pub(crate) const TRIALS: crate::TrialTable = &[
    ("the_info_column_says_what_a_datagram_says", the_info_column_says_what_a_datagram_says),
    ("what_strangers_write_steers_no_terminal", what_strangers_write_steers_no_terminal),
    ("ports_do_not_matter", ports_do_not_matter),
    ("what_is_not_known_is_named", what_is_not_known_is_named),
    ("addresses_are_shown_one_by_one", addresses_are_shown_one_by_one),
    ("the_fields_are_named_as_on_the_page", the_fields_are_named_as_on_the_page),
];

/// A vector with other bytes at an offset.
fn changed(vector: &str, at: usize, bytes: &[u8]) -> Captured {
    let mut changed = vector_bytes(vector);
    changed[at..at + bytes.len()].copy_from_slice(bytes);
    Captured::new(changed)
}

const VERSION_AT: usize = 4;
const KIND_AT: usize = 5;
const FLAGS_AT: usize = 6;

fn the_info_column_says_what_a_datagram_says() {
    let says = [
        ("beacon", "beacon alice in lobby (hello)"),
        ("question", "beacon ? asks for rooms (hello, visitor)"),
        ("goodbye", "goodbye after #300"),
        ("lines", "lines alice #1-2 \"lunch?\", * \"waves\""),
        ("nack", "nack #3-300 of 0000000000000001.00000002, to all"),
        ("ack", "ack 0000000000000001.00000002 up to #300, 2 lost"),
        ("request", "request 0000000000000001.00000002 for the last 50 lines"),
        ("notes", "notes of 2 authors, for all authors but for 48"),
        ("ping", "ping to 0000000000000001.00000002, token 0bad5eed0badcafe, to all"),
        ("pong", "pong to 0000000000000001.00000002, token 0bad5eed0badcafe"),
        ("signed", "goodbye after #300"),
        ("private line", "private line to ea3803d5f059902a.cafebabe"),
        ("private ack", "private ack b4750f98bd59fcfc.feedf00d up to #1"),
        ("sealed", "sealed goodbye of 8db01487eb0b7d5b.feedf00d"),
    ];
    let mut captured: Vec<_> = says.iter().map(|(vector, _)| Captured::new(vector_bytes(vector))).collect();
    let mut expected: Vec<_> = says.iter().map(|(_, says)| (*says).to_owned()).collect();
    let mut add = |datagram, says: &str| {
        captured.push(datagram);
        expected.push(says.to_owned());
    };
    add(changed("goodbye", VERSION_AT, &[2]), "version 2, which is not known");
    add(changed("goodbye", KIND_AT, &[200]), "kind 200, which is not known");
    add(Captured::new(&vector_bytes("nack")[..35]), "nack [malformed: body ends too early]");
    add(Captured { kept: 35, ..Captured::new(vector_bytes("nack")) }, "nack [cut short by the capture]");
    let expected: Vec<_> = expected.iter().map(|says| format!("cooee {says}")).collect();
    assert_eq!(summaries(&captured), expected);
}

fn what_strangers_write_steers_no_terminal() {
    let mut lines = vector_bytes("lines")[..HEADER_LEN + 6].to_vec();
    for text in
        [&b"a\x1b[2Jb\xff"[..], b"\0", "x\u{7f}\u{85}\r\n\t\0\u{202e}\u{200b}\u{feff}\u{2066}é\u{1f980}".as_bytes()]
    {
        if text != b"\0" {
            varint(text.len() as u64, &mut lines);
        }
        lines.extend(text);
    }
    let shown = summaries(&[Captured::new(lines)]);
    assert_eq!(shown, ["cooee line a?[2Jb? #1 \"x??????????é\u{1f980}\" [malformed: text is not UTF-8]"]);
}

/// One host of the LAN.
const ONE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);

fn ports_do_not_matter() {
    let on_ports = |from, to| {
        let mut captured = vectors();
        for captured in &mut captured {
            captured.from.set_port(from);
            captured.to = SocketAddrV4::new(ONE, to);
        }
        captured
    };
    let by_port = dissect(&vectors());
    for (from, to) in [(26634, 26649), (61_000, 61_001), (26633, 61_001)] {
        assert_eq!(dissect(&on_ports(from, to)), by_port, "from {from} to {to}");
    }
    // Of another version or another program is nothing on another port; on the port of cooee, the latter is not either.
    let other_version = changed("goodbye", VERSION_AT, &[2]);
    let other_program = changed("goodbye", 0, b"DNS?");
    let elsewhere = [&other_version, &other_program].map(|captured| Captured {
        from: SocketAddrV4::new(ONE, 61_000),
        to: SocketAddrV4::new(ONE, 61_001),
        ..captured.clone()
    });
    let [one, other] = elsewhere;
    let shown = dissect(&[one, other, other_program]);
    assert!(shown.iter().all(Shown::is_empty), "{shown:?}");
}

/// Datagrams of which something is not known, or no reader takes.
pub(crate) fn strange() -> Vec<Captured> {
    let cut = Captured { kept: 35, ..Captured::new(vector_bytes("nack")) };
    let mut strange = vec![
        changed("goodbye", VERSION_AT, &[2]),
        changed("goodbye", KIND_AT, &[200]),
        changed("goodbye", FLAGS_AT, &[0xff, 0xfc]),
        Captured::new(&vector_bytes("nack")[..35]),
        cut,
        Captured::new(addresses()),
    ];
    let bodies_with_flags = ["beacon", "nack", "request", "notes", "ping", "pong"];
    strange.extend(bodies_with_flags.map(|vector| changed(vector, HEADER_LEN, &[0xc0])));
    strange.push(changed("lines", HEADER_LEN + 12, &[0xf8]));
    strange
}

fn what_is_not_known_is_named() {
    let shown = dissect(&strange());
    let [version, kind, flags] = [&shown[0], &shown[1], &shown[2]];
    let has = |shown: &Shown, field: &str, value: &str| shown.get(field).is_some_and(|values| *values == [value]);
    assert!(has(version, "cooee.version", "2") && !version.contains_key("cooee.kind"), "{version:?}");
    assert!(has(kind, "cooee.kind", "200") && has(kind, "cooee.undecoded", "ac02"), "{kind:?}");
    for unknown in [version, kind] {
        assert!(has(unknown, REMARKS, "A version or a kind that is not known; a reader skips it"), "{unknown:?}");
    }
    // The bits that are named stand below the others.
    assert!(has(flags, "cooee.flags.unknown", "16383") && has(flags, "cooee.goodbye.last_seq", "300"), "{flags:?}");
    for flags in shown.iter().filter(|shown| shown.contains_key("cooee.unknown_flags")) {
        assert!(flags.keys().any(|field| field.ends_with(".flags.unknown")), "{flags:?}");
        assert!(!flags.contains_key("cooee.malformed"), "{flags:?}");
    }
    assert_eq!(shown.iter().filter(|shown| shown.contains_key("cooee.unknown_flags")).count(), 8);
}

/// What a run beyond the subnet is told of two others, by hand.
fn addresses() -> Vec<u8> {
    let mut bytes = vector_bytes("ping")[..HEADER_LEN].to_vec();
    bytes[KIND_AT] = 12;
    bytes.extend([1, 2, 60]);
    bytes.extend(unhex(&RECORDS.concat()));
    bytes
}

const RECORDS: [&str; 2] = [
    "0000000000000003000000040000000000000000\
     0000ffffc0000207680a",
    "800000000000000500000004\
     20010db8000000000000000000000009680b",
];

fn addresses_are_shown_one_by_one() {
    let datagram = addresses();
    let [shown] = &dissect(&[Captured::new(&*datagram)])[..] else { panic!("one datagram") };
    let mut of_ping = expected(&vector_bytes("ping"), None);
    of_ping.retain(|field, _| !field.starts_with("cooee.ping."));
    let mut told = Shown::new();
    for record in RECORDS {
        add_address(&mut told, record);
    }
    let body =
        [("addresses.peer", "1"), ("addresses.epoch", "2"), ("addresses.addresses", &RECORDS.concat()), ("kind", "12")];
    told.extend(body.map(|(field, value)| (field.to_owned(), vec![value.to_owned()])));
    of_ping.extend(told.into_iter().map(|(field, values)| (format!("cooee.{field}"), values)));
    assert_eq!(*shown, of_ping);
    assert_eq!(shown["cooee.address.ipv4"], ["192.0.2.7"]);
    assert_eq!(shown["cooee.address.ipv6"], ["2001:db8::9"]);

    // Those whose records are not whole, are too many, or have no port.
    let with = |records: &[u8]| {
        let mut bytes = datagram[..HEADER_LEN + 2].to_vec();
        varint(records.len() as u64, &mut bytes);
        bytes.extend(records);
        Captured::new(bytes)
    };
    let record = unhex(RECORDS[0]);
    let portless = [&record[..28], &[0, 0]].concat();
    let shown = dissect(&[
        with(&[]),
        with(&record.repeat(32)),
        with(&record.repeat(33)),
        with(&record[1..]),
        with(&portless),
        Captured::new(&datagram[..datagram.len() - 1]),
    ]);
    let remarks = shown.iter().map(|shown| shown.get(REMARKS).map_or("", |remarks| &*remarks[0]));
    assert!(remarks.eq([
        "",
        "",
        "Malformed: bad list of addresses",
        "Malformed: bad list of addresses",
        "Malformed: bad port",
        "Malformed: body ends too early",
    ]));
}

fn the_fields_are_named_as_on_the_page() {
    let said = PAGE.lines().filter_map(|line| line.strip_prefix(".Ql cooee."));
    let mut names: Vec<_> = said.map(|words| words.split([' ', ',']).next().unwrap().to_owned()).collect();
    assert!(names.len() >= 3, "{names:?}");
    names.extend(
        kinds_of_the_page()
            .flat_map(|(_, kind)| tables(kind))
            .flat_map(|table| postcard(table))
            .map(|field| field.name),
    );
    names.extend(["trailer", "seal", "private seal"].into_iter().flat_map(sized).map(|field| field.name));
    names.extend(header("goodbye").chain(header("lines")).map(|field| field.name));
    for name in names {
        assert!(FIELDS.contains(&format!("cooee.{name}")), "the page has {name}");
    }
}

//! Header, bodies, vectors.

use cooee::trust::{PublicKey, Random, SEAL_OVERHEAD, SecretKey, Signature};
use cooee::wire::{
    BODY_MAX, Counter, DATAGRAM_MAX, Digest, Envelope, Epoch, Error, HEADER_LEN, Heard, Hears, Identity, MAGIC,
    Message, Nick, PORT, Packet, Part, PeerId, PrivateText, Room, RoomId, RoomName, Run, Seq, TRAILER_LEN, Text,
    VERSION, parse,
};

use crate::reading::{Shown, hex, read, read_body, size_of, value, vector, vector_bytes};
use crate::telling::{told, told_in_private};
use crate::{PAGE, literal, part, rows};

/// Those of a room without a passphrase.
pub(crate) const VECTORS: [&str; 14] = [
    "beacon",
    "goodbye",
    "lines",
    "nack",
    "ack",
    "request",
    "notes",
    "question",
    "ping",
    "pong",
    "addresses",
    "signed",
    "private line",
    "private ack",
];

/// Fields that the code takes in without showing them.
const NOT_TOLD: [&str; 8] = ["heard", "addresses", "key", "signature", "nonce", "once", "sealed", "tag"];

/// The secret keys of the page.
pub(crate) fn keys() -> [SecretKey; 2] {
    ["alice's secret key", "bob's secret key"].map(|name| SecretKey::from_bytes(&value("keys", name)))
}

/// The room of the page that has a passphrase.
pub(crate) fn lab() -> Room {
    assert!(PAGE.contains("of the name\n.Ql lab\nwith the passphrase\n.Ql magpie .\n"));
    Room::sealed(&RoomName::new("lab").unwrap(), b"magpie")
}

/// Writes a packet as it is: in an open room, signed with a key of the page or not at all.
pub(crate) fn encode(packet: &Packet<'_>, out: &mut Vec<u8>) {
    let key = packet.signer.map(|signer| keys().into_iter().find(|key| key.public() == signer).unwrap());
    let author = key.map_or(Identity::Unsigned(packet.author), |key| Identity::Signed { key, run: packet.author });
    packet.message.encode(&author, &Room::unnamed(packet.room), &mut Random::new(0.into()), out);
}

/// Asserts that the rows of a vector say what its tables make of its bytes, and that this is what the code tells.
#[track_caller]
fn compare(name: &str, read: &[Shown], told: &[(&'static str, String)]) {
    let shown = read.iter().filter(|shown| !NOT_TOLD.contains(&&*shown.name));
    let by_tables: Vec<_> = shown.map(|shown| (&*shown.name, shown.value.clone())).collect();
    assert_eq!(by_tables, told, "{name}, read by the tables of the page");
    let rows = vector(name);
    assert_eq!(rows.len(), read.len(), "a row of {name} is a field");
    for ((hex, says), shown) in rows.iter().zip(read) {
        let meaning = format!("{} {}", shown.name, shown.value);
        let (said, _) = says.split_once(", ").unwrap_or((says, ""));
        assert_eq!((&**hex, said), (&*shown.hex, meaning.trim_end()), "{name}");
    }
}

#[test]
fn the_vectors_say_what_the_code_reads() {
    for name in VECTORS {
        let bytes = vector_bytes(name);
        let packet = parse(&bytes).unwrap();
        let mut written = Vec::new();
        encode(&packet, &mut written);
        assert_eq!(hex(&written), hex(&bytes), "{name}, written again");
        compare(name, &read(name, &bytes), &told(&packet, false));
    }
}

#[test]
fn the_sealed_vector_says_what_the_code_reads() {
    let (room, bytes, mut scratch) = (lab(), vector_bytes("sealed"), Vec::new());
    let packet = Envelope::parse(&bytes).unwrap().open(&room, &mut scratch).unwrap();
    let told = told(&packet, true);
    compare("unsealed", &read("unsealed", &vector_bytes("unsealed")), &told);
    // In the header are eight fields; the others are in what is sealed.
    compare("sealed", &read("sealed", &bytes), &told[..8]);
}

#[test]
fn what_the_private_vector_says_is_what_its_reader_reads() {
    let bytes = vector_bytes("private line");
    let Message::PrivateLine(_, line) = parse(&bytes).unwrap().message else { panic!("no private line") };
    let [_, bob] = keys();
    let text = line.unseal(&bob).unwrap();
    assert_eq!(hex(&text), hex(&vector_bytes("private text")));
    let told = told_in_private(&PrivateText::parse(&text).unwrap());
    compare("private text", &read_body("private text", &text), &told);
}

#[test]
fn trailer_and_seal_are_as_long_as_the_page_says() {
    let size = |table: &str, field: &str| rows(table).iter().find(|row| row[0] == field).unwrap()[1].clone();
    assert_eq!(size("trailer", "key"), PublicKey::LEN.to_string());
    assert_eq!(size("trailer", "signature"), Signature::LEN.to_string());
    assert_eq!(size_of("trailer"), TRAILER_LEN);
    assert_eq!(size_of("seal"), SEAL_OVERHEAD);
    assert_eq!(size_of("private seal"), cooee::trust::PRIVATE_OVERHEAD);
}

#[test]
fn the_header_is_laid_out_as_the_page_says() {
    let rows: Vec<_> = rows("header").into_iter().skip(1).collect();
    let mut end = 0;
    for row in &rows {
        assert_eq!(row[0], end.to_string(), "{} begins where the field before it ends", row[2]);
        end += row[1].parse::<usize>().unwrap();
    }
    assert_eq!(end, HEADER_LEN);
    let sizes: String = rows.iter().map(|row| ["", "B", "H", "", "I", "", "", "", "Q"][size(row)]).collect();
    let in_python = format!("!4s{}", &sizes[..]);
    assert!(PAGE.contains(&format!(".Ql struct.Struct(\\(dq{in_python}\\(dq)")), "{in_python}");
    assert!(literal("program").contains(&format!("struct.Struct(\"{in_python}\")")), "{in_python}");
    assert_eq!(&*rows[0][3], format!("the letters {}", String::from_utf8(MAGIC.to_vec()).unwrap()));
    assert_eq!(&*rows[1][3], VERSION.to_string());
}

/// A header field's size; 0 for the magic, which is no number.
fn size(row: &[String]) -> usize {
    if row[2] == "magic" { 0 } else { row[1].parse().unwrap() }
}

#[test]
fn the_constants_are_those_of_the_code() {
    let lobby = RoomId::of(&RoomName::new("lobby").unwrap());
    let thousands = |number: usize| format!("{},{:03}", number / 1000, number % 1000);
    for promise in [
        format!("header of {HEADER_LEN} bytes"),
        format!("a trailer of {TRAILER_LEN} bytes"),
        format!("A datagram has at most {} bytes", thousands(DATAGRAM_MAX)),
        format!("a body has at most {} bytes", thousands(BODY_MAX)),
        format!("Bound to port {PORT} of all addresses"),
        format!("first free port from {} to {}", PORT + 1, PORT + 16),
        format!("is {:016x}.", lobby.0),
        format!("A name has 1 to {} bytes", RoomName::MAX),
        format!("A text has 1 to {} bytes", thousands(Text::MAX)),
        format!("none has more than {} bytes", Part::MAX),
        format!("as it hears runs, {} at most", Heard::MAX),
        format!("A writer names up to {} runs", Heard::NAMES_MAX),
        format!("fewer than {TRAILER_LEN} bytes follow the header"),
        format!("fewer than {SEAL_OVERHEAD} bytes follow the header"),
    ] {
        assert!(PAGE.contains(&promise), "{promise:?} is not on the page");
    }
}

#[test]
fn the_control_characters_are_those_of_the_code() {
    let refused = |c: &char| Nick::new(c.to_string()).is_err();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(refused).map(u32::from) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == c => *last = c,
            _ => ranges.push((c, c)),
        }
    }
    let ranges: Vec<_> =
        ranges.iter().map(|(first, last)| format!("none from U+{first:04X} to U+{last:04X}")).collect();
    let promise = ranges.join(", and ");
    assert!(PAGE.replace('\n', " ").contains(&promise), "{promise:?} is not on the page");
}

#[test]
fn every_reason_to_refuse_is_on_the_page_in_its_words() {
    let mut on_page: Vec<_> = rows("refused").into_iter().flatten().collect();
    let mut in_code: Vec<_> = Error::ALL.iter().map(Error::to_string).collect();
    on_page.sort();
    in_code.sort();
    assert_eq!(on_page, in_code);
}

/// The run and the number of the page's example.
pub(crate) const SPREAD: (Run, u32) = (Run { peer: PeerId(1), epoch: Epoch(2) }, 5);

#[test]
fn the_example_of_the_filter_is_right() {
    let (run, number) = SPREAD;
    let hash = Digest::of([(run, Seq::new(number).unwrap())].into_iter());
    assert!(part("spread").contains(&format!("{:016x}", hash.0)), "{:016x}", hash.0);

    let bytes = vector_bytes("beacon");
    let Message::Beacon(counter, beacon) = parse(&bytes).unwrap().message else { panic!("no beacon") };
    assert_eq!(counter, Counter(number));
    assert_eq!(beacon.heard, Heard::all([run].into_iter(), counter), "the vector names that run");
    let (before, room) = bytes.split_at(bytes.len() - b"\x05lobby".len());
    let name = hex(before.last_chunk::<4>().unwrap());
    assert!(part("spread").contains(&format!("Its name is {name}.")), "{name}");

    // In a filter of its own it has three bits, of which none is another's.
    let mut filter = before[..before.len() - 5].to_vec();
    filter.extend([1, 0x83]);
    filter.extend(room);
    filter[HEADER_LEN] &= 0b111;
    let Message::Beacon(_, beacon) = parse(&filter).unwrap().message else { panic!("no beacon") };
    assert_eq!(beacon.heard.tells_of(run, counter), Hears::Probably);
    assert!(part("spread").contains("the byte is 83."));
}

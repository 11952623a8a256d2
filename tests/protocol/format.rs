//! Header, bodies, vectors.

use cooee::wire::{
    BODY_MAX, Counter, DATAGRAM_MAX, Digest, Epoch, Error, HEADER_LEN, Heard, MAGIC, Message, Nick, PORT, Packet,
    PeerId, RoomId, RoomName, Run, Seq, TRAILER_LEN, VERSION, parse,
};

use crate::{PAGE, literal, part, rows};

const VECTORS: [&str; 3] = ["beacon", "goodbye", "lines"];

/// A row of the table of a body.
struct Field {
    name: String,
    kind: String,
    least: Option<u64>,
    most: Option<u64>,
}

impl Field {
    /// The number that is written for it: its value or its length.
    fn legal(&self) -> u64 {
        self.least.unwrap_or(0)
    }

    fn bits(&self) -> Option<u32> {
        self.kind.strip_prefix('u').map(|bits| bits.parse().unwrap())
    }
}

/// A field as it lies in a datagram.
#[derive(Debug, PartialEq)]
struct Shown {
    name: String,
    hex: String,
    value: String,
}

fn fields(table: &str) -> Vec<Field> {
    let limit = |cell: &str| (cell != "any").then(|| cell.parse().unwrap());
    let rows = rows(table);
    let field = |row: &Vec<String>| Field {
        name: row[0].clone(),
        kind: row[1].clone(),
        least: limit(&row[2]),
        most: limit(&row[3]),
    };
    rows[1..].iter().map(field).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number > 127 {
        out.push(number as u8 | 128);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_varint(bytes: &mut &[u8]) -> u64 {
    let len = bytes.iter().position(|byte| byte & 128 == 0).unwrap() + 1;
    let (number, rest) = bytes.split_at(len);
    *bytes = rest;
    number.iter().rev().fold(0, |high, low| high << 7 | u64::from(low & 127))
}

/// Takes a field off a body as the page says.
fn take(field: &Field, bytes: &mut &[u8]) -> Shown {
    let all = *bytes;
    let value = match &*field.kind {
        "u8" => {
            *bytes = &bytes[1..];
            all[0].to_string()
        }
        "u16" | "u32" | "u64" => take_varint(bytes).to_string(),
        kind => {
            let len = take_varint(bytes) as usize;
            let (content, rest) = bytes.split_at(len);
            *bytes = rest;
            if kind == "text" { String::from_utf8(content.to_vec()).unwrap() } else { hex(content) }
        }
    };
    Shown { name: field.name.clone(), hex: hex(&all[..all.len() - bytes.len()]), value }
}

/// The fields of a datagram, read by nothing but the tables of the page.
fn read(vector: &str, datagram: &[u8]) -> Vec<Shown> {
    let header = rows("header").into_iter().skip(1).map(|row| {
        let (offset, size): (usize, usize) = (row[0].parse().unwrap(), row[1].parse().unwrap());
        let bytes = &datagram[offset..offset + size];
        let value = match &*row[2] {
            "magic" => String::from_utf8(bytes.to_vec()).unwrap(),
            "room" | "peer" | "epoch" => hex(bytes),
            _ => u32::from_str_radix(&hex(bytes), 16).unwrap().to_string(),
        };
        Shown { name: row[2].clone(), hex: hex(bytes), value }
    });
    let mut read: Vec<_> = header.collect();
    let mut body = &datagram[HEADER_LEN..];
    let mut take_all = |table: &str, body: &mut &[u8]| {
        read.extend(fields(table).iter().map(|field| take(field, body)));
    };
    if vector == "lines" {
        take_all("head", &mut body);
        while !body.is_empty() {
            take_all("line", &mut body);
        }
    } else {
        take_all(vector, &mut body);
    }
    assert!(body.is_empty(), "{vector} has {body:?} behind its body");
    read
}

/// What a packet tells, by the names of the page; but for the filter, which does not show what is in it.
fn told(packet: &Packet<'_>) -> Vec<(&'static str, String)> {
    let (kind, number) = match &packet.message {
        Message::Beacon(counter, _) => (1, counter.0),
        Message::Goodbye(counter, _) => (2, counter.0),
        Message::Lines(lines) => (3, lines.first().number()),
    };
    let last_seq = |seq: Option<Seq>| ("last_seq", seq.map_or(0, Seq::number).to_string());
    let mut told = vec![
        ("magic", String::from_utf8(MAGIC.to_vec()).unwrap()),
        ("version", VERSION.to_string()),
        ("kind", kind.to_string()),
        ("flags", 0.to_string()),
        ("room", format!("{:016x}", packet.room.0)),
        ("peer", packet.author.peer.to_string()),
        ("epoch", packet.author.epoch.to_string()),
        ("number", number.to_string()),
    ];
    match &packet.message {
        Message::Beacon(_, beacon) => told.extend([
            ("flags", (u8::from(beacon.hello) | u8::from(beacon.visitor) << 1).to_string()),
            ("nick", beacon.profile.nick.to_string()),
            ("host", beacon.profile.host.to_string()),
            ("version", beacon.profile.version.to_string()),
            ("status", beacon.profile.status.to_string()),
            ("port", beacon.port.to_string()),
            ("interval", beacon.interval.duration().as_millis().to_string()),
            ("started", beacon.started.0.to_string()),
            last_seq(beacon.last_seq),
            ("digest", beacon.digest.0.to_string()),
            ("hears", beacon.hears.to_string()),
        ]),
        Message::Goodbye(_, goodbye) => told.push(last_seq(goodbye.last_seq)),
        Message::Lines(lines) => {
            told.extend([("time", lines.time().0.to_string()), ("nick", lines.nick().to_string())]);
            for line in lines.iter() {
                told.extend([("flags", u8::from(line.action).to_string()), ("text", line.text.to_string())]);
            }
        }
    }
    told
}

/// A vector's rows: the bytes in hex, and what is said of them.
fn vector(name: &str) -> Vec<(String, String)> {
    let text = literal(&format!("vector {name}"));
    let row = |line: &str| line.split_once('#').map(|(hex, says)| (hex.trim().to_owned(), says.trim().to_owned()));
    text.lines().map(|line| row(line).unwrap()).collect()
}

pub(crate) fn vector_bytes(name: &str) -> Vec<u8> {
    vector(name).iter().flat_map(|(hex, _)| unhex(hex)).collect()
}

#[test]
fn the_vectors_say_what_the_code_reads() {
    for name in VECTORS {
        let bytes = vector_bytes(name);
        let packet = parse(&bytes).unwrap();
        let mut written = Vec::new();
        packet.encode(&mut written);
        assert_eq!(hex(&written), hex(&bytes), "{name}, written again");

        let read = read(name, &bytes);
        let by_tables: Vec<_> = read.iter().filter(|shown| shown.name != "heard").collect();
        let by_tables: Vec<_> = by_tables.iter().map(|shown| (&*shown.name, shown.value.clone())).collect();
        assert_eq!(by_tables, told(&packet), "{name}, read by the tables of the page");

        let rows = vector(name);
        assert_eq!(rows.len(), read.len(), "a row of {name} is a field");
        for ((hex, says), shown) in rows.iter().zip(&read) {
            let meaning = format!("{} {}", shown.name, shown.value);
            let (said, _) = says.split_once(", ").unwrap_or((says, ""));
            assert_eq!((&**hex, said), (&*shown.hex, meaning.trim_end()), "{name}");
        }
    }
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
    ] {
        assert!(PAGE.contains(&promise), "{promise:?} is not on the page");
    }
}

#[test]
fn the_limits_are_those_of_the_code() {
    for (kind, tables) in [(1, &["beacon"][..]), (2, &["goodbye"]), (3, &["head", "line"])] {
        let fields: Vec<_> = tables.iter().flat_map(|table| fields(table)).collect();
        let with = |changed: usize, number: u64| {
            let numbers = fields.iter().enumerate();
            let numbers = numbers.map(|(i, field)| if i == changed { number } else { field.legal() });
            parse(&datagram(kind, &fields, numbers)).map(drop)
        };
        for (i, field) in fields.iter().enumerate() {
            let largest = field.bits().map(|bits| u64::MAX >> (64 - bits));
            let (least, most) = (field.least.unwrap_or(0), field.most.or(largest).unwrap());
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

/// A datagram with these numbers in its fields; where one is a text or bytes, it is the length.
fn datagram(kind: u8, fields: &[Field], numbers: impl Iterator<Item = u64>) -> Vec<u8> {
    let mut bytes = vector_bytes("lines")[..HEADER_LEN].to_vec();
    bytes[5] = kind;
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
    assert_eq!(beacon.heard, Heard::of([run].into_iter(), counter), "the vector hears that run");
    assert!(part("spread").contains(&format!("the byte is {:02x}", bytes.last().unwrap())));
}

//! Header, bodies, vectors.

use cooee::wire::{
    BODY_MAX, Counter, DATAGRAM_MAX, Digest, Epoch, Error, HEADER_LEN, Heard, MAGIC, Message, Nick, PORT, Packet, Part,
    PeerId, RoomId, RoomName, Run, Seq, TRAILER_LEN, Text, VERSION, Wanted, parse,
};

use crate::{PAGE, literal, part, rows};

pub(crate) const VECTORS: [&str; 7] = ["beacon", "goodbye", "lines", "nack", "ack", "request", "notes"];

/// The tables of a body; a second one comes again and again up to its end.
fn tables(vector: &str) -> &'static [&'static str] {
    match vector {
        "beacon" => &["beacon"],
        "goodbye" => &["goodbye"],
        "lines" => &["lines head", "line"],
        "nack" => &["nack"],
        "ack" => &["ack"],
        "request" => &["request"],
        "notes" => &["notes head", "entry"],
        other => panic!("no vector {other}"),
    }
}

/// The least or the most that a field may be.
#[derive(Clone, Debug, PartialEq)]
enum Limit {
    /// What its type lets it be.
    Any,
    Number(u64),
    /// What the field of this name is.
    Field(String),
}

/// A row of the table of a body.
struct Field {
    name: String,
    kind: String,
    least: Limit,
    most: Limit,
}

impl Field {
    /// A number that may be written for it, its value or its length: fields that limit each other are equal by it.
    fn legal(&self) -> u64 {
        const MIDDLE: u64 = 7;
        match (&self.least, &self.most) {
            (Limit::Field(_), _) | (_, Limit::Field(_)) => MIDDLE,
            (Limit::Number(least), _) => *least,
            (Limit::Any, _) => 0,
        }
    }

    /// The least and the most that it may be while all others are [`legal`](Self::legal).
    fn limits(&self) -> (u64, u64) {
        let largest = self.bits().map(|bits| u64::MAX >> (64 - bits));
        let limit = |limit: &Limit, any| match limit {
            Limit::Any => any,
            Limit::Number(number) => *number,
            Limit::Field(_) => self.legal(),
        };
        (limit(&self.least, 0), limit(&self.most, largest.unwrap_or(u64::MAX)))
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
    let rows = rows(table);
    let limit = |cell: &String| match cell.parse() {
        Ok(number) => Limit::Number(number),
        Err(_) if cell == "any" => Limit::Any,
        Err(_) => {
            assert!(rows.iter().any(|row| row[0] == *cell), "{table} has no field {cell:?}");
            Limit::Field(cell.clone())
        }
    };
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
    let (once, again) = tables(vector).split_first().unwrap();
    take_all(once, &mut body);
    while let [again] = again
        && !body.is_empty()
    {
        take_all(again, &mut body);
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
        Message::Nack(counter, _) => (4, counter.0),
        Message::Ack(counter, _) => (5, counter.0),
        Message::HistoryRequest(counter, _) => (6, counter.0),
        Message::Notes(counter, _) => (8, counter.0),
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
            ("flags", bits(&[beacon.hello, beacon.visitor, beacon.acks])),
            ("nick", beacon.profile.nick.to_string()),
            ("host", beacon.profile.host.to_string()),
            ("version", beacon.profile.version.to_string()),
            ("status", beacon.profile.status.to_string()),
            ("port", beacon.port.to_string()),
            ("interval", beacon.interval.duration().as_millis().to_string()),
            ("started", beacon.started.0.to_string()),
            ("time", beacon.time.0.to_string()),
            last_seq(beacon.last_seq),
            ("digest", beacon.digest.0.to_string()),
            ("hears", beacon.hears.to_string()),
        ]),
        Message::Goodbye(_, goodbye) => told.push(last_seq(goodbye.last_seq)),
        Message::Lines(lines) => {
            told.extend([("time", lines.time().0.to_string()), ("nick", lines.nick().to_string())]);
            for line in lines.iter() {
                let flags = bits(&[line.manner.action, line.manner.continues, line.manner.goes_on]);
                told.extend([("flags", flags), ("text", line.part.to_string())]);
            }
        }
        Message::Nack(_, nack) => {
            told.push(("flags", bits(&[nack.to_all])));
            told.extend(named(nack.author));
            told.extend([("first", nack.missing.first().to_string()), ("last", nack.missing.last().to_string())]);
        }
        Message::Ack(_, ack) => {
            told.extend(named(ack.author));
            told.extend([("up_to", ack.up_to.to_string()), ("lost", ack.lost.to_string())]);
        }
        Message::HistoryRequest(_, request) => {
            told.push(("flags", bits(&[request.to_all])));
            told.extend(named(request.asked));
            told.extend(wanted(request.wanted));
        }
        Message::Notes(_, notes) => {
            told.push(("flags", bits(&[notes.more()])));
            told.extend(wanted(notes.answers()));
            for held in notes.iter() {
                told.extend(named(held.author));
                let from = held.from.map_or(0, Seq::number);
                told.extend([("from", from.to_string()), ("last", held.last.to_string())]);
            }
        }
    }
    told
}

/// Flags, the lowest bit first.
fn bits(flags: &[bool]) -> String {
    flags.iter().rev().fold(0_u8, |high, flag| high << 1 | u8::from(*flag)).to_string()
}

/// A run as a body has it.
fn named(run: Run) -> [(&'static str, String); 2] {
    [("peer", run.peer.0.to_string()), ("epoch", run.epoch.0.to_string())]
}

fn wanted(wanted: Wanted) -> [(&'static str, String); 2] {
    let (lines, but_for) = match wanted {
        Wanted::LastLines(lines) => (lines, 0),
        Wanted::AllAuthors { but_for } => (0, but_for),
    };
    [("lines", lines.to_string()), ("but_for", but_for.to_string())]
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
        format!("A text has 1 to {} bytes", thousands(Text::MAX)),
        format!("none has more than {} bytes", Part::MAX),
        format!("as it hears runs, {} at most", Heard::MAX),
    ] {
        assert!(PAGE.contains(&promise), "{promise:?} is not on the page");
    }
}

#[test]
fn the_limits_are_those_of_the_code() {
    for (kind, vector) in [1, 2, 3, 4, 5, 6, 8].into_iter().zip(VECTORS) {
        let fields: Vec<_> = tables(vector).iter().flat_map(|table| fields(table)).collect();
        let with = |changed: usize, number: u64| {
            let numbers = fields.iter().enumerate();
            let numbers = numbers.map(|(i, field)| if i == changed { number } else { field.legal() });
            parse(&datagram(kind, &fields, numbers)).map(drop)
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

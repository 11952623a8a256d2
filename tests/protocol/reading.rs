//! Datagrams, read by nothing but the tables of the page.

use cooee::wire::HEADER_LEN;

use crate::{literal, rows};

/// The tables of a body; a second one comes again and again up to its end.
pub(crate) fn tables(vector: &str) -> &'static [&'static str] {
    match vector {
        "beacon" | "question" => &["beacon"],
        "goodbye" | "signed" | "unsealed" => &["goodbye"],
        "lines" => &["lines head", "line"],
        "nack" => &["nack"],
        "ack" => &["ack"],
        "request" => &["request"],
        "notes" => &["notes head", "entry"],
        "ping" => &["ping"],
        "pong" => &["pong"],
        "addresses" => &["addresses"],
        "private line" => &["private line"],
        "private ack" => &["private ack"],
        "private text" => &["private text"],
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
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: String,
    least: Limit,
    most: Limit,
}

impl Field {
    /// A number that may be written for it, its value or its length: fields that limit each other are equal by it.
    pub(crate) fn legal(&self) -> u64 {
        const MIDDLE: u64 = 7;
        match (&self.least, &self.most) {
            (Limit::Field(_), _) | (_, Limit::Field(_)) => MIDDLE,
            (Limit::Number(least), _) => *least,
            (Limit::Any, _) => 0,
        }
    }

    /// The least and the most that it may be while all others are [`legal`](Self::legal).
    pub(crate) fn limits(&self) -> (u64, u64) {
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
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) hex: String,
    /// Empty where the bytes are all that there is to be said.
    pub(crate) value: String,
}

pub(crate) fn fields(table: &str) -> Vec<Field> {
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

pub(crate) fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

pub(crate) fn varint(mut number: u64, out: &mut Vec<u8>) {
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
            match kind {
                "text" => String::from_utf8(content.to_vec()).unwrap(),
                // It would stand there twice.
                _ if len > 16 => String::new(),
                _ => hex(content),
            }
        }
    };
    Shown { name: field.name.clone(), hex: hex(&all[..all.len() - bytes.len()]), value }
}

/// Takes what a table of sizes says; the one that has none takes what the others leave.
fn take_sized(table: &str, bytes: &mut &[u8]) -> Vec<Shown> {
    let rows: Vec<_> = rows(table).into_iter().skip(1).collect();
    let size = |row: &[String]| row[1].parse::<usize>().ok();
    let rest = bytes.len() - rows.iter().filter_map(|row| size(row)).sum::<usize>();
    let take = |row: &Vec<String>| {
        let (content, behind) = bytes.split_at(size(row).unwrap_or(rest));
        *bytes = behind;
        Shown { name: row[0].clone(), hex: hex(content), value: String::new() }
    };
    rows.iter().map(take).collect()
}

/// How many bytes a table of sizes has, but for what has no size.
pub(crate) fn size_of(table: &str) -> usize {
    rows(table).iter().skip(1).filter_map(|row| row[1].parse::<usize>().ok()).sum()
}

/// The fields of a datagram, read by nothing but the tables of the page.
pub(crate) fn read(vector: &str, datagram: &[u8]) -> Vec<Shown> {
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
    if vector == "sealed" {
        read.extend(take_sized("seal", &mut body));
        return read;
    }
    let is_signed = datagram[7] & 1 != 0;
    let (inside, mut trailer) = body.split_at(body.len() - if is_signed { size_of("trailer") } else { 0 });
    read.extend(read_body(vector, inside));
    if is_signed {
        read.extend(take_sized("trailer", &mut trailer));
    }
    read
}

/// The fields of a body, or of what a private line says.
pub(crate) fn read_body(vector: &str, mut body: &[u8]) -> Vec<Shown> {
    let mut read = Vec::new();
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
    if vector == "private line" {
        read.extend(take_sized("private seal", &mut body));
    }
    assert!(body.is_empty(), "{vector} has {body:?} behind its body");
    read
}

/// The rows of a literal part: bytes in hex, and what is said of them. Where nothing is, the row above goes on.
pub(crate) fn hex_rows(name: &str) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = Vec::new();
    for line in literal(name).lines() {
        let (hex, says) = line.split_once('#').unwrap();
        match rows.last_mut().filter(|_| says.trim().is_empty()) {
            Some((begun, _)) => *begun += hex.trim(),
            None => rows.push((hex.trim().to_owned(), says.trim().to_owned())),
        }
    }
    rows
}

/// A vector's rows.
pub(crate) fn vector(name: &str) -> Vec<(String, String)> {
    hex_rows(&format!("vector {name}"))
}

/// The bytes that the page calls so, in a list of values.
pub(crate) fn value<const N: usize>(list: &str, name: &str) -> [u8; N] {
    let rows = hex_rows(&format!("values {list}"));
    let (hex, _) = rows.iter().find(|(_, says)| says == name).unwrap_or_else(|| panic!("{list} has no {name}"));
    unhex(hex).try_into().unwrap()
}

pub(crate) fn vector_bytes(name: &str) -> Vec<u8> {
    vector(name).iter().flat_map(|(hex, _)| unhex(hex)).collect()
}

//! What nobody should say: the dissector stands it, and says of it what the code says.

use std::collections::{BTreeMap, BTreeSet};

use cooee::wire::{DATAGRAM_MAX, Error, HEADER_LEN, MAGIC, TRAILER_LEN, VERSION, parse};

use crate::capture::Captured;
use crate::expected::kinds_of_the_page;
use crate::limits;
use crate::reading::{fields, size_of, tables, vector_bytes};
use crate::session::{SESSION, vectors};
use crate::tshark::{FAILURES, MALFORMED, REMARKS, Shown, dissect};

pub(crate) const TRIALS: crate::TrialTable = &[
    ("what_is_cut_short_or_too_long_is_told_as_the_code_does", what_is_cut_short_or_too_long_is_told_as_the_code_does),
    ("limits_are_those_of_the_code", limits_are_those_of_the_code),
    ("texts_are_judged_as_the_code_does", texts_are_judged_as_the_code_does),
    ("mutations_are_judged_as_the_code_does", mutations_are_judged_as_the_code_does),
    ("of_what_the_capture_cuts_off_nothing_bad_is_said", of_what_the_capture_cuts_off_nothing_bad_is_said),
];

/// Mutations that are tried.
const MUTATIONS: usize = 6000;
/// Seed of their choice.
const SEED: u64 = 1;

/// One datagram of each kind, signed and unsigned, and a sealed one.
fn one_of_each() -> Vec<Vec<u8>> {
    let all = vectors().into_iter().chain(SESSION.0.clone()).map(|captured| captured.bytes);
    let shape = |bytes: &[u8]| (bytes[5], bytes[7]);
    let by_shape: BTreeMap<_, _> = all.map(|bytes| (shape(&bytes), bytes)).collect();
    by_shape.into_values().collect()
}

fn what_is_cut_short_or_too_long_is_told_as_the_code_does() {
    let mut datagrams: Vec<Vec<u8>> = Vec::new();
    for whole in one_of_each() {
        datagrams.extend((0..=whole.len()).map(|len| whole[..len].to_vec()));
        datagrams.push([&whole[..], &[0]].concat());
        datagrams.push([&whole[..], &[0xff; DATAGRAM_MAX]].concat());
    }
    // As long as one of UDP can be, with as many things to show as there can be.
    let head = vector_bytes("lines")[..HEADER_LEN + 12].to_vec();
    datagrams.push([head, [0xff, 0].repeat(32_000)].concat());
    let seen = judge(&datagrams);
    for error in [Error::Short, Error::Long, Error::Truncated, Error::TrailingBytes, Error::Trailer, Error::NoLine] {
        assert!(seen.contains(&error.to_string()), "{error} is missing in {seen:?}");
    }
}

fn limits_are_those_of_the_code() {
    let mut datagrams = Vec::new();
    for (kind, vector) in kinds_of_the_page() {
        let fields: Vec<_> = tables(vector).iter().flat_map(|table| fields(table)).collect();
        for changed in 0..fields.len() {
            let (least, most) = fields[changed].limits();
            for number in [least.checked_sub(1), Some(least), Some(most), most.checked_add(1)].into_iter().flatten() {
                let numbers = fields.iter().enumerate();
                let numbers = numbers.map(|(i, field)| if i == changed { number } else { field.legal() });
                let datagram = limits::datagram(kind, &fields, numbers);
                datagrams.push(match vector {
                    "private line" => limits::signed([datagram, vec![0; size_of("private seal")]].concat()),
                    "private ack" => limits::signed(datagram),
                    _ => datagram,
                });
            }
        }
    }
    let seen = judge(&datagrams);
    for error in [
        Error::Nick,
        Error::HostName,
        Error::ProgramVersion,
        Error::Status,
        Error::Port,
        Error::Interval,
        Error::Heard,
        Error::Text,
        Error::Seq,
        Error::Range,
        Error::Malformed,
    ] {
        assert!(seen.contains(&error.to_string()), "{error} is missing in {seen:?}");
    }
}

/// All first bytes of a character, and where their ranges end, with second ones at which something changes: too long a form, surrogates, beyond the
/// last character, control characters.
fn texts_are_judged_as_the_code_does() {
    let mut datagrams = Vec::new();
    let firsts = [0, 0x1f, 0x7f, 0x80, 0xbf].into_iter().chain(0xc0..=0xff);
    for (first, second) in firsts.flat_map(|first| SECONDS.map(|second| (first, second))) {
        for text in [&[first][..], &[first, second], &[first, second, 0x80], &[first, second, 0xbf, 0x80]] {
            let header = vector_bytes("lines")[..HEADER_LEN].to_vec();
            let with = |nick: &[u8], said: &[u8]| {
                let len = |text: &[u8]| [text.len() as u8];
                [&header, &[0][..], &len(nick), nick, &[0], &len(said), said].concat()
            };
            datagrams.extend([with(text, b"x"), with(b"n", text)]);
        }
    }
    let seen = judge(&datagrams);
    assert_eq!(seen, [Error::Nick, Error::Utf8].map(|error| error.to_string()).into());
}

/// Where ranges of second bytes begin and end.
const SECONDS: [u8; 8] = [0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0];

fn mutations_are_judged_as_the_code_does() {
    let (wholes, mut rng) = (one_of_each(), fastrand::Rng::with_seed(SEED));
    let datagrams: Vec<_> = (0..MUTATIONS).map(|_| mutated(rng.choice(&wholes).unwrap(), &mut rng)).collect();
    let seen = judge(&datagrams);
    for error in [Error::Malformed, Error::Utf8, Error::Unsigned, Error::Version, Error::Kind, Error::Magic] {
        assert!(seen.contains(&error.to_string()), "{error} is missing in {seen:?}");
    }
}

/// One in which a few bytes are others, or more, or fewer: mostly of the body, as the rest is soon refused.
fn mutated(whole: &[u8], rng: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..rng.usize(1..4) {
        let first = if rng.u8(..8) == 0 { 0 } else { HEADER_LEN.min(bytes.len() - 1) };
        let at = rng.usize(first..bytes.len());
        // Numbers at which something changes come by themselves too seldom.
        let byte = [0, 1, 0x1b, 0x7f, 0x80, 0xc2, 0xff, rng.u8(..)][rng.usize(..8)];
        match rng.u8(..4) {
            0 => bytes.insert(at, byte),
            1 if bytes.len() > 1 => _ = bytes.remove(at),
            _ => bytes[at] = byte,
        }
    }
    bytes
}

/// Has the dissector read all this, and asserts that it says of each what the code says. Gives what was said.
fn judge(datagrams: &[Vec<u8>]) -> BTreeSet<String> {
    let captured: Vec<_> = datagrams.iter().map(|bytes| Captured::new(&**bytes)).collect();
    let mut seen = BTreeSet::new();
    for (bytes, shown) in datagrams.iter().zip(dissect(&captured)) {
        let verdict = parse(bytes).map(drop);
        assert!(FAILURES.iter().all(|failure| !shown.contains_key(*failure)), "{shown:?} of {bytes:?}");
        assert!(is_right(bytes, verdict, &shown), "{verdict:?}, but {shown:?} of {bytes:?}");
        seen.extend(verdict.err().map(|error| error.to_string()));
    }
    seen
}

/// Whether the dissector shows what the code says of a datagram.
fn is_right(bytes: &[u8], verdict: Result<(), Error>, shown: &Shown) -> bool {
    let refused = refused(shown);
    let is_unknown = shown.contains_key("cooee.unknown") && refused.is_empty();
    if !bytes.starts_with(&MAGIC) {
        return shown.is_empty();
    }
    match verdict {
        // Whatever else another version may be: what its header is, nobody knows.
        _ if bytes.get(4).is_some_and(|version| *version != VERSION) => is_unknown,
        Ok(()) | Err(Error::Signature) => refused.is_empty(),
        Err(Error::Kind) => is_unknown || bytes[5] == ADDRESSES,
        // It opens no seal: it only sees whether there is one.
        Err(Error::Sealed) => {
            let is_whole = bytes.len() >= HEADER_LEN + size_of("seal") && bytes[7] & 1 == 1;
            refused.is_empty() == (is_whole && bytes[16] & 0x80 != 0)
        }
        // It makes no hashes.
        Err(Error::PeerId) => true,
        Err(Error::Room) => refused.iter().all(|word| *word == Error::Room.to_string()),
        Err(error) => refused.contains(&&*error.to_string()),
    }
}

/// A kind that the dissector knows, whether or not the library does.
const ADDRESSES: u8 = 12;

/// The reasons for which the dissector refuses it.
fn refused(shown: &Shown) -> Vec<&str> {
    let remarks = shown.get(REMARKS).into_iter().flatten();
    let refused: Vec<_> = remarks.filter_map(|remark| remark.strip_prefix("Malformed: ")).collect();
    assert_eq!(refused.len(), shown.get("cooee.malformed").map_or(0, Vec::len), "{shown:?}");
    assert_eq!(refused.is_empty(), !shown.contains_key(MALFORMED), "{shown:?}");
    refused
}

fn of_what_the_capture_cuts_off_nothing_bad_is_said() {
    let mut captured = Vec::new();
    for whole in one_of_each() {
        let lens = (MAGIC.len()..whole.len()).step_by(5);
        captured.extend(lens.map(|kept| Captured { kept, ..Captured::new(&*whole) }));
    }
    assert!(captured.iter().any(|captured| captured.bytes.len() - captured.kept < TRAILER_LEN));
    for (captured, shown) in captured.iter().zip(dissect(&captured)) {
        assert!(FAILURES.iter().all(|failure| !shown.contains_key(*failure)), "{shown:?} of {:?}", captured.bytes);
        assert_eq!(refused(&shown), [""; 0], "{} of {:?}", captured.kept, captured.bytes);
        assert!(shown.contains_key("cooee.cut"), "{} of {:?}", captured.kept, captured.bytes);
    }
}

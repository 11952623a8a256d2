//! What is counted: the parts of the hot path. All that they need is made before, as much for few turns as for many.

use std::hint::black_box;

use cooee::trust::Random;
use cooee::wire::{Envelope, Room, RoomName, Run, Seq};

use crate::scene::{Author, Came, Hearer, LINES_OF_A_FULL_DATAGRAM, Signing, junk, key, lobby, packet};
use crate::ui::safe::Safe;

/// Something to be counted.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    /// It is done so many times, and twice as often.
    pub(crate) turns: u32,
    /// Makes what it takes to do it up to so many times.
    prepare: fn(u32) -> Turn,
}

/// Does it once.
type Turn = Box<dyn FnMut()>;

pub(crate) const MEASURED: [Measured; 20] = [
    measured("header check of 6 pieces of junk", 1000, |_| header_check()),
    measured("decode a beacon", 1000, |_| decode("beacon, hears 10")),
    measured("decode a line", 1000, |_| decode("lines, 1")),
    measured("decode 26 lines", 500, |_| decode("lines, 26")),
    measured("encode a beacon", 1000, |_| encode("beacon, hears 10")),
    measured("encode a line", 1000, |_| encode("lines, 1")),
    measured("encode 26 lines", 1000, |_| encode("lines, 26")),
    measured("sign", 50, |_| sign()),
    measured("verify", 50, |_| verify()),
    measured("turn: junk", 500, |turns| turn(turns, Signing::Unsigned, 0, piece_of_junk)),
    measured("turn: another room's line", 500, |turns| turn(turns, Signing::Unsigned, 0, line_of_another_room)),
    measured("turn: known beacon, unsigned", 500, |turns| beacons(turns, Signing::Unsigned)),
    measured("turn: known beacon, signed", 50, |turns| beacons(turns, Signing::Signed)),
    measured("turn: repeated beacon, signed", 300, repeated_beacons),
    measured("turn: a line, unsigned", 500, |turns| turn(turns, Signing::Unsigned, 1, |author| author.lines(1))),
    measured("turn: a line, signed", 50, |turns| turn(turns, Signing::Signed, 1, |author| author.lines(1))),
    measured("turn: 26 lines, unsigned", 100, |turns| turn(turns, Signing::Unsigned, 26, full_datagram)),
    measured("turn: an ack", 100, acks),
    measured("gate: a text", 500, |_| gate(|| Safe::text(black_box("line 000001 as people type in a chat.")))),
    measured("gate: a nick", 500, |_| gate(|| Safe::nick(black_box("alice"), ""))),
];

const fn measured(name: &'static str, turns: u32, prepare: fn(u32) -> Turn) -> Measured {
    Measured { name, turns, prepare }
}

/// Does one of them so many times.
pub(crate) fn run(name: &str, turns: u32) {
    let measured = MEASURED.iter().find(|measured| measured.name == name).unwrap();
    let mut turn = (measured.prepare)(2 * measured.turns);
    (0..turns).for_each(|_| turn());
}

fn header_check() -> Turn {
    let junk = junk();
    Box::new(move || assert!(junk.iter().all(|bytes| Envelope::parse(black_box(bytes)).is_err())))
}

fn decode(kind: &str) -> Turn {
    let ((author, message), room, mut scratch) = (packet(kind), lobby(), Vec::new());
    let mut bytes = Vec::new();
    message.encode(&author.identity, &room, &mut Random::new(1.into()), &mut bytes);
    Box::new(move || {
        let packet = Envelope::parse(black_box(&bytes)).unwrap().open(&room, &mut scratch);
        assert!(black_box(packet).is_ok());
    })
}

fn encode(kind: &str) -> Turn {
    let ((author, message), room) = (packet(kind), lobby());
    let (mut random, mut out) = (Random::new(1.into()), Vec::new());
    Box::new(move || black_box(&message).encode(&author.identity, &room, &mut random, &mut out))
}

/// Bytes that are signed: as many as a line has.
const SIGNED: [u8; 84] = [7; 84];

fn sign() -> Turn {
    let key = key(1);
    Box::new(move || _ = black_box(key.sign(black_box(&SIGNED))))
}

fn verify() -> Turn {
    let (public, signature) = (key(1).public(), key(1).sign(&SIGNED));
    Box::new(move || assert!(public.verifies(black_box(&SIGNED), &signature)))
}

fn gate(shown: impl Fn() -> Safe + 'static) -> Turn {
    Box::new(move || _ = black_box(shown()))
}

/// A node's turn for what a run says that it knows, one of ten; and how much of that is told.
fn turn(turns: u32, signing: Signing, told: usize, write: impl Fn(&mut Author) -> Came) -> Turn {
    let (mut hearer, mut authors) = (Hearer::new(&lobby()), crowd(signing));
    hearer.meet(&mut authors);
    take_in_all(hearer, told, (0..turns).map(|_| write(&mut authors[0])).collect())
}

/// A node's turn for the regular beacons of a run that it knows, one of ten.
fn beacons(turns: u32, signing: Signing) -> Turn {
    let (mut hearer, mut authors) = (Hearer::new(&lobby()), crowd(signing));
    hearer.meet(&mut authors);
    let mut came = leaked((0..turns).map(|_| beacon(&mut authors[0])).collect());
    Box::new(move || {
        assert_eq!(hearer.take_in_regular(came.next().unwrap()), 0);
        is_all_taken_in(&hearer);
    })
}

/// A node's turn for a beacon that repeats what was told a moment before: all of them come within that moment.
fn repeated_beacons(turns: u32) -> Turn {
    let (mut hearer, mut authors) = (Hearer::new(&lobby()), crowd(Signing::Signed));
    hearer.meet(&mut authors);
    let mut came = leaked((0..turns).map(|_| beacon(&mut authors[0])).collect());
    let mut repeated = 0;
    Box::new(move || {
        assert_eq!(hearer.take_in(came.next().unwrap()), 0);
        repeated += 1;
        assert_eq!(hearer.node.stats().nothing_new, repeated);
    })
}

/// A node's turn for acks of lines that it has said.
fn acks(turns: u32) -> Turn {
    let (mut hearer, mut authors) = (Hearer::new(&lobby()), crowd(Signing::Unsigned));
    hearer.meet(&mut authors);
    hearer.say(turns);
    let (me, lines) = (hearer.run(), (1..=turns).map(|number| Seq::new(number).unwrap()));
    take_in_all(hearer, 0, lines.map(|line| authors[0].ack(me, line)).collect())
}

/// Takes in one of these after another.
fn take_in_all(mut hearer: Hearer, told: usize, came: Vec<Came>) -> Turn {
    let mut came = leaked(came);
    Box::new(move || {
        assert_eq!(hearer.take_in(came.next().unwrap()), told);
        is_all_taken_in(&hearer);
    })
}

/// To free them is no part of what is measured.
fn leaked(came: Vec<Came>) -> std::slice::Iter<'static, Came> {
    came.leak().iter()
}

/// What is known already, or comes too fast, would be counted as something else.
fn is_all_taken_in(hearer: &Hearer) {
    let stats = hearer.node.stats();
    assert_eq!((stats.stale, stats.unproven, stats.too_fast, stats.nothing_new, stats.repeated_lines), (0, 0, 0, 0, 0));
}

fn crowd(signing: Signing) -> Vec<Author> {
    (1..=10).map(|number| Author::new(number, signing, &lobby())).collect()
}

/// A beacon of one of ten, who hears the other nine and the node.
fn beacon(author: &mut Author) -> Came {
    let node = Author::new(0, Signing::Signed, &lobby()).run();
    let others: Vec<Run> = crowd(Signing::Unsigned)[1..].iter().map(Author::run).chain([node]).collect();
    author.beacon(&others)
}

fn full_datagram(author: &mut Author) -> Came {
    author.lines(LINES_OF_A_FULL_DATAGRAM)
}

fn piece_of_junk(author: &mut Author) -> Came {
    let [_, garbage, ..] = junk();
    Came { from: author.address, bytes: garbage }
}

fn line_of_another_room(_: &mut Author) -> Came {
    Author::new(1, Signing::Signed, &Room::open(&RoomName::new("den").unwrap())).lines(1)
}

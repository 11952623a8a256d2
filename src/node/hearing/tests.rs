//! How far authors were heard.

use super::*;
use crate::node::card_set::CardTable;
use crate::node::log::Origin;
use crate::node::shares::Source;
use crate::node::{CardId, Link, LinkId};
use crate::time::UnixMillis;
use crate::trust::Random;
use crate::wire::{Epoch, Identity, Lines, Manner, Message, Nick, Part, PeerId, Room, RoomId};

const ROOM: Room = Room::unnamed(RoomId(1));
const AUTHOR: Run = Run { peer: PeerId(1), epoch: Epoch(1) };
const HOLDER: Transmit = Transmit::Unicast {
    link: LinkId(1),
    to: core::net::SocketAddr::new(core::net::IpAddr::V4(core::net::Ipv4Addr::LOCALHOST), 1),
};

fn seq(number: u32) -> Seq {
    Seq::new(number).unwrap()
}

fn range(first: u32, last: u32) -> SeqRange {
    SeqRange::new(seq(first), seq(last)).unwrap()
}

/// The author said these lines, each with its number for a text; a letter behind it tells how it is meant.
fn log(lines: &[(u32, Manner)]) -> Log {
    let mut log = Log::new(ROOM);
    for (number, manner) in lines {
        let (nick, part) = (Nick::new("n").unwrap(), Part::new(std::format!("{number}")).unwrap());
        let lines = Lines::starting(seq(*number), UnixMillis(0), nick, *manner, &part);
        let mut bytes = Vec::new();
        let (author, mut random) = (Identity::Unsigned(AUTHOR), Random::new(0.into()));
        Message::Lines(lines).encode(&author, &ROOM, &mut random, &mut bytes);
        let origin =
            Origin { link: LinkId(1), from: ([192, 0, 2, 1], 1).into(), source: Source::Absent, heard: Time::ZERO };
        assert!(log.insert(AUTHOR, range(*number, *number), &bytes, origin));
    }
    log
}

const WHOLE: Manner = Manner { action: false, continues: false, goes_on: false };
const BEGINS: Manner = Manner { goes_on: true, ..WHOLE };
const IN_THE_MIDST: Manner = Manner { continues: true, ..BEGINS };
const ENDS: Manner = Manner { continues: true, ..WHOLE };

/// Two cards, each alone.
fn cards() -> [CardSet; 2] {
    let mut table = CardTable::default();
    let ids = [1, 2].map(LinkId);
    table.handle_links(&ids.map(|id| Link { id, card: CardId(id.0), address: [192, 0, 2, 1].into() }));
    ids.map(|id| table.of(id))
}

fn hearing(told: u32, met: u32, highest: u32) -> Hearing {
    let mut hearing = Hearing::new();
    assert_eq!(hearing.meet(Time::ZERO, AUTHOR, told, met), None);
    hearing.handle_heard_by(AUTHOR, cards()[0]);
    hearing.handle_highest(Time::ZERO, AUTHOR, seq(highest));
    hearing
}

fn texts(hearing: &mut Hearing, log: &Log) -> Vec<std::string::String> {
    let next = || Some(hearing.take_next(AUTHOR, log, Wholeness::Whole)?.text.as_str().into());
    core::iter::from_fn(next).collect()
}

#[test]
fn lines_are_told_in_order_up_to_the_first_gap() {
    let log = log(&[(1, WHOLE), (2, WHOLE), (4, WHOLE)]);
    let mut hearing = hearing(0, 0, 5);
    assert_eq!(texts(&mut hearing, &log), ["1", "2"]);
    assert_eq!(hearing.hitch(AUTHOR, &log), Some(Hitch::Missing(range(3, 3))));
    assert_eq!(hearing.missing(AUTHOR, &log, 8), [range(3, 3), range(5, 5)]);
    assert_eq!(hearing.give_up(AUTHOR, range(3, 3)), Some(range(3, 3)));
    assert_eq!(texts(&mut hearing, &log), ["4"]);
}

#[test]
fn a_long_text_is_told_when_its_last_part_is_there() {
    let parts = [(1, BEGINS), (2, IN_THE_MIDST)];
    let mut hearing = hearing(0, 0, 2);
    assert_eq!(texts(&mut hearing, &log(&parts)), [""; 0]);
    assert_eq!(hearing.hitch(AUTHOR, &log(&parts)), Some(Hitch::Unfinished(seq(3))));
    let whole = log(&[parts[0], parts[1], (3, ENDS), (4, WHOLE)]);
    hearing.handle_highest(Time::ZERO, AUTHOR, seq(4));
    assert_eq!(texts(&mut hearing, &whole), ["123", "4"]);
    assert_eq!(hearing.hitch(AUTHOR, &whole), None);
}

#[test]
fn what_somebody_else_claims_is_asked_for_and_not_missed() {
    let nothing = Log::new(ROOM);
    let mut hearing = hearing(3, 0, 3);
    assert!(hearing.handle_hearsay(AUTHOR, Hearsay { highest: seq(9), holder: HOLDER }));
    assert!(!hearing.handle_hearsay(AUTHOR, Hearsay { highest: seq(9), holder: HOLDER }), "no news");
    assert_eq!(hearing.hitch(AUTHOR, &nothing), Some(Hitch::Missing(range(4, 9))));
    assert!(hearing.get(AUTHOR).unwrap().is_hearsay(seq(4)));
    assert_eq!(hearing.give_up(AUTHOR, range(4, 9)), None);
    assert_eq!(hearing.hitch(AUTHOR, &nothing), None);
    assert_eq!(hearing.digest(None, cards()[0]), Digest::of([(AUTHOR, seq(3))].into_iter()));
}

#[test]
fn only_what_was_said_since_is_owed() {
    let mut hearing = hearing(0, 5, 9);
    assert_eq!(hearing.owed(AUTHOR, range(3, 5)), None);
    assert_eq!(hearing.owed(AUTHOR, range(3, 7)), Some(range(6, 7)));
    hearing.handle_lost(AUTHOR, range(6, 7));
    hearing.handle_found(AUTHOR, range(3, 6));
    assert_eq!(hearing.get(AUTHOR).unwrap().lost, 1);
}

#[test]
fn a_rumour_silences_nobody() {
    let mut hearing = Hearing::new();
    hearing.meet_by_rumour(Time::ZERO, AUTHOR, Seq::LAST);
    hearing.handle_heard_by(AUTHOR, cards()[0]);
    assert_eq!(hearing.digest(None, cards()[0]), Digest::of([(AUTHOR, Seq::LAST)].into_iter()));
    hearing.handle_proof(AUTHOR, seq(7));
    hearing.handle_highest(Time::ZERO, AUTHOR, seq(7));
    assert_eq!(texts(&mut hearing, &log(&[(7, WHOLE)])), ["7"]);
}

#[test]
fn authors_are_bounded_and_whoever_is_forgotten_is_not_told_anew() {
    let mut hearing = hearing(3, 0, 3);
    let author = |number| Run { peer: PeerId(number), epoch: Epoch(2) };
    let forgotten = (1..=1024).find_map(|number| hearing.meet(Time::from_micros(number), author(number), 0, 0));
    let (run, how_far) = forgotten.unwrap();
    assert_eq!((run, how_far.told, hearing.authors().len()), (AUTHOR, 3, Hearing::AUTHORS_MAX));
    (1..=1024).for_each(|number| hearing.handle_heard_by(author(number), cards()[0]));
    hearing.meet_again(Time::from_micros(5000), AUTHOR, how_far.told);
    hearing.handle_heard_by(AUTHOR, cards()[0]);
    assert!(!hearing.handle_said_since(AUTHOR, seq(2)));
    let latest: Vec<Run> = hearing.compared(cards()[0]).map(|(run, _)| run).collect();
    assert_eq!((latest[0], latest.len()), (AUTHOR, Hearing::COMPARED_MAX));
}

#[test]
fn what_is_given_up_ends_where_the_author_s_own_word_does() {
    let mut hearing = hearing(0, 0, 3);
    hearing.handle_hearsay(AUTHOR, Hearsay { highest: seq(9), holder: HOLDER });
    assert_eq!(hearing.give_up(AUTHOR, range(1, 9)), Some(range(1, 3)));
    assert_eq!(hearing.get(AUTHOR).unwrap().told, 3, "he may yet say line 4");
}

#[test]
fn who_was_heard_is_no_rumour_any_more() {
    let mut hearing = Hearing::new();
    hearing.meet_by_rumour(Time::ZERO, AUTHOR, seq(5));
    hearing.handle_proof(AUTHOR, seq(6));
    hearing.handle_proof(AUTHOR, seq(2));
    assert_eq!(hearing.get(AUTHOR).unwrap().told, 5);
}

#[test]
fn history_is_not_missed() {
    let mut hearing = hearing(9, 0, 9);
    hearing.extend_back(AUTHOR, range(3, 5));
    let known = hearing.get(AUTHOR).unwrap();
    assert_eq!((known.told, known.history), (2, 5));
    assert_eq!(hearing.owed(AUTHOR, range(3, 9)), Some(range(6, 9)));
    assert!(hearing.is_earlier(AUTHOR, seq(5)) && !hearing.is_earlier(AUTHOR, seq(6)));
}

#[test]
fn notes_tell_up_to_where_lines_are_held_and_not_up_to_where_they_should_be() {
    let log = log(&[(3, WHOLE), (4, WHOLE)]);
    let held = |highest| hearing(0, 0, highest).notes(&log, None, cards()[0]).next();
    assert_eq!(held(9), Some(Held { author: AUTHOR, last: seq(4), from: Some(seq(3)) }));
    assert_eq!(held(2), Some(Held { author: AUTHOR, last: seq(2), from: None }));
}

#[test]
fn an_author_is_told_of_by_the_cards_that_he_is_heard_by() {
    let ([here, there], own) = (cards(), (Run { epoch: Epoch(9), ..AUTHOR }, seq(1)));
    let mut hearing = hearing(0, 0, 3);
    let nothing = Log::new(ROOM);
    let told = |hearing: &Hearing, card| hearing.notes(&nothing, Some(own), card).map(|held| held.author).collect();
    let [by_one, by_other]: [Vec<Run>; 2] = [here, there].map(|card| told(&hearing, card));
    assert_eq!((by_one, by_other), (Vec::from([own.0, AUTHOR]), Vec::from([own.0])));
    assert_eq!(hearing.digest(Some(own), there), Digest::of([own].into_iter()));
    assert_ne!(hearing.digest(Some(own), here), hearing.digest(Some(own), there));
    hearing.handle_succession(Succession { from: here, to: there });
    assert_eq!(hearing.digest(Some(own), here), hearing.digest(Some(own), there));
}

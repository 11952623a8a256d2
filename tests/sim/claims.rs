//! What is claimed of lines, by whoever it may be, costs nobody else anything.

use std::net::SocketAddr;
use std::time::Duration;

use cooee::node::Lacking;
use cooee::trust::Random;
use cooee::wire::{
    Ack, Counter, Epoch, HistoryRequest, Identity, Lines, Manner, Message, Nack, Nick, Part, PeerId, Room, RoomName,
    Run, Seq, SeqRange, Wanted,
};

use crate::lan::Lan;
use crate::weather::Weather;

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

#[test]
fn nacks_draw_one_datagram_each_and_no_flood() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    (0..200).for_each(|_| lan.say_at_length(0, 850));
    lan.run_for(5 * SECOND);
    let (author, asker) = (lan.node(0).run(), stranger(1));
    let from = SocketAddr::from(([10, 77, 9, 9], 26634));
    let nack = |first: u32, last: u32, author, counter| {
        let missing = SeqRange::new(Seq::new(first).unwrap(), Seq::new(last).unwrap()).unwrap();
        encoded(asker, Message::Nack(Counter(counter), Nack { to_all: false, author, missing }))
    };
    let repairs = |lan: &Lan| lan.node(0).stats().sent_repairs;
    lan.inject(0, from, &nack(1, 200, author, 1));
    lan.run_for(SECOND);
    assert_eq!(repairs(&lan), 1, "a question for 200 lines draws one datagram");
    lan.inject(0, from, &nack(201, u32::MAX, author, 2));
    lan.inject(0, from, &nack(1, u32::MAX, stranger(2), 3));
    lan.run_for(SECOND);
    assert_eq!(repairs(&lan), 1, "what never was draws none");
    for turn in 0..10_000 {
        lan.inject(0, from, &nack(turn % 200 + 1, 200, author, turn + 4));
        lan.run_for(MILLI / 10);
    }
    let drawn = repairs(&lan);
    assert!((100..=300).contains(&drawn), "{drawn} datagrams for 10,000 questions in a second");
    lan.say(0);
    lan.run_for(10 * MILLI);
    assert!(lan.everybody_has_all(), "honest lines go on");
}

#[test]
fn acks_for_the_future_and_of_strangers_change_nothing() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    let (author, reader) = (lan.node(0).run(), lan.node(1).run());
    lan.sleep(1, true);
    lan.say(0);
    let ack = |from: Run, up_to| {
        let ack = Ack { author, up_to: Seq::new(up_to).unwrap(), lost: u32::MAX };
        encoded(from, Message::Ack(Counter(999), ack))
    };
    let from = SocketAddr::from(([10, 77, 0, 1], 26634));
    lan.inject(0, from, &ack(reader, 1000));
    lan.inject(0, from, &ack(stranger(1), 1));
    assert_eq!(lan.node(0).lacking().collect::<Vec<_>>(), [Lacking { run: reader, lines: 1 }]);
    assert_eq!(lan.model.all_heard(author), 0);
}

#[test]
fn a_claim_of_4_billion_or_a_thousand_gaps_cost_no_line_of_others() {
    let mut lan = Lan::acquainted(3, Weather::FAIR, 1);
    let from = SocketAddr::from(([10, 77, 9, 9], 26634));
    lan.model.said_elsewhere(lan.now(), stranger(1), 3);
    lan.model.said_elsewhere(lan.now(), stranger(2), 20_000);
    lan.inject(0, from, &lines_of(stranger(1), 1));
    lan.inject(0, from, &line_of(stranger(1), u32::MAX, Manner::default(), "the last line of all"));
    (0..1000).for_each(|gap| lan.inject(0, from, &lines_of(stranger(2), gap * 10 + 1)));
    for _ in 0..200 {
        lan.say(1);
        lan.run_for(100 * MILLI);
    }
    let (reader, others) = (lan.node(0).run(), 200);
    let from_others = lan.model.shown_by(reader) - 1 - 1000 - 1;
    assert_eq!(from_others, others, "all of his, all of the two strangers'");
    let asked = lan.node(0).stats().sent_nacks;
    assert!(asked < 8000, "{asked} nacks in 20 s");
    // The one who was claimed to have said so much goes on, and is heard.
    lan.inject(0, from, &lines_of(stranger(1), 2));
    lan.inject(0, from, &lines_of(stranger(1), 3));
    assert_eq!(lan.model.shown_by(reader), 1 + 1000 + 1 + others + 2);
}

#[test]
fn of_two_who_claim_one_id_the_first_version_of_a_line_stands_and_no_other_suffers() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    let (author, from) = (stranger(1), SocketAddr::from(([10, 77, 9, 9], 26634)));
    lan.model.said_elsewhere(lan.now(), author, 3);
    lan.inject(0, from, &lines_of(author, 1));
    lan.inject(0, from, &line_of(author, 1, Manner::default(), "changed"));
    lan.inject(0, from, &lines_of(author, 3));
    lan.inject(0, from, &line_of(author, 3, Manner::default(), "changed"));
    let twin = SocketAddr::from(([10, 77, 8, 8], 26634));
    lan.inject(0, twin, &line_of(author, 3, Manner::default(), "what the twin says"));
    lan.say(1);
    lan.inject(0, from, &lines_of(author, 2));
    lan.run_for(SECOND);
    assert_eq!(lan.model.shown_by(lan.node(0).run()), 3 + 1);
}

#[test]
fn acks_of_another_s_lines_change_nothing() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    let (author, reader) = (lan.node(0).run(), lan.node(1).run());
    lan.sleep(1, true);
    lan.say(0);
    let ack = Ack { author: stranger(1), up_to: Seq::FIRST, lost: 0 };
    let from = SocketAddr::from(([10, 77, 0, 1], 26634));
    lan.inject(0, from, &encoded(reader, Message::Ack(Counter(999), ack)));
    assert_eq!(lan.node(0).lacking().collect::<Vec<_>>(), [Lacking { run: reader, lines: 1 }]);
    assert_eq!(lan.model.all_heard(author), 0);
}

#[test]
fn what_is_asked_of_another_is_not_answered() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    lan.say(0);
    lan.run_for(SECOND);
    let notes = |lan: &mut Lan, asked| {
        let before = lan.unicasts;
        let request = HistoryRequest { to_all: false, asked, wanted: Wanted::LastLines(50) };
        let from = SocketAddr::from(([10, 77, 9, 9], 26634));
        lan.inject(0, from, &encoded(stranger(1), Message::HistoryRequest(Counter(1), request)));
        lan.unicasts - before
    };
    let (itself, other) = (lan.node(0).run(), lan.node(1).run());
    assert_eq!((notes(&mut lan, itself), notes(&mut lan, other)), (1, 0));
}

#[test]
fn what_was_shown_of_one_who_is_forgotten_is_not_shown_again() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    let (author, from) = (lan.node(0).run(), SocketAddr::from(([10, 77, 0, 0], 26634)));
    lan.say(0);
    lan.run_for(MILLI);
    let (reader, time) = (lan.node(1).run(), lan.unix(0));
    for number in 1..=1024 {
        lan.model.said_elsewhere(lan.now(), stranger(number), 1);
        lan.inject(1, SocketAddr::from(([10, 77, 9, 9], 26634)), &lines_of(stranger(number), 1));
    }
    let (nick, part) = (Nick::new("host-0").unwrap(), Part::new("line 1 of the LAN, said by host 0").unwrap());
    let copy = Lines::starting(Seq::FIRST, time, nick, Manner::default(), &part);
    lan.inject(1, from, &encoded(author, Message::Lines(copy)));
    assert_eq!(lan.model.shown_by(reader), 1 + 1024);
    lan.say(0);
    lan.run_for(MILLI);
    assert_eq!(lan.model.shown_by(reader), 2 + 1024);
}

/// A run that does not run.
pub(crate) fn stranger(number: u64) -> Run {
    Run { peer: PeerId(0xbad), epoch: Epoch(number as u32) }
}

pub(crate) fn encoded(author: Run, message: Message<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let room = Room::open(&RoomName::new("lobby").unwrap());
    message.encode(&Identity::Unsigned(author), &room, &mut Random::new(0.into()), &mut bytes);
    bytes
}

pub(crate) fn line_of(author: Run, seq: u32, manner: Manner, text: &str) -> Vec<u8> {
    let (seq, nick, part) = (Seq::new(seq).unwrap(), Nick::new("x").unwrap(), Part::new(text.to_owned()).unwrap());
    encoded(author, Message::Lines(Lines::starting(seq, cooee::time::UnixMillis(0), nick, manner, &part)))
}

pub(crate) fn lines_of(author: Run, seq: u32) -> Vec<u8> {
    line_of(author, seq, Manner::default(), &format!("line {seq}"))
}

//! Every line arrives: repair, acknowledgement, giving up.

use std::net::SocketAddr;
use std::time::Duration;

use cooee::node::{Command, Lacking};
use cooee::trust::Random;
use cooee::wire::{
    Ack, Counter, Epoch, HistoryRequest, Identity, Lines, Manner, Message, Nack, Nick, Part, PeerId, Room, RoomName,
    Run, Seq, SeqRange, Wanted,
};

use crate::lan::Lan;
use crate::seeds::sweep;
use crate::weather::{Start, Weather};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

/// What all nodes have sent of a sort.
fn sent(lan: &Lan, of: impl Fn(&cooee::node::Stats) -> u64) -> u64 {
    lan.running().map(|host| of(lan.node(host).stats())).sum()
}

/// How long 200 lines take to be shown to four readers, ten a second as in a lively talk, in all seeds of the sweep; from
/// the shortest to the longest.
fn delays(loss: f64) -> Vec<Duration> {
    let all = std::cell::RefCell::new(Vec::new());
    sweep(|seed| {
        let mut lan = Lan::acquainted(5, Weather::losing(loss), seed);
        for _ in 0..200 {
            lan.say(0);
            lan.run_for(100 * MILLI);
        }
        lan.run_for(8 * SECOND);
        assert!(lan.everybody_has_all());
        (1..5).for_each(|host| assert_eq!(lan.model.gaps_of(lan.node(host).run()), 0));
        all.borrow_mut().append(&mut lan.model.delays);
    });
    let mut all = all.into_inner();
    all.sort();
    all
}

#[test]
fn at_20_and_40_percent_loss_all_arrive_soon() {
    // At two in five lost, one last line in four thousand and all its repeats of five seconds get lost.
    for (loss, most_of_95, most_of_99, most) in [(0.2, 80, 200, 1000), (0.4, 300, 600, 8000)] {
        let delays = delays(loss);
        let within = |share: f64| delays[(share * (delays.len() - 1) as f64) as usize];
        let [half, of_95, of_99, all] = [0.5, 0.95, 0.99, 1.0].map(within);
        println!("{loss} lost: half within {half:?}, 95 % {of_95:?}, 99 % {of_99:?}, all {all:?}");
        assert!(of_95 < most_of_95 * MILLI && of_99 < most_of_99 * MILLI && all < most * MILLI);
    }
}

#[test]
fn without_loss_a_line_costs_an_ack_of_each_and_nothing_else() {
    let mut lan = Lan::acquainted(5, Weather::FAIR, 1);
    let before = lan.broadcasts + lan.unicasts;
    let beacons = sent(&lan, |stats| stats.sent_beacons);
    for _ in 0..60 {
        lan.say(0);
        lan.run_for(SECOND);
    }
    let beacons = sent(&lan, |stats| stats.sent_beacons) - beacons;
    assert_eq!(lan.broadcasts + lan.unicasts - before - beacons, 60 * (1 + 4));
    assert_eq!(sent(&lan, |stats| stats.sent_nacks + stats.sent_repairs + stats.sent_repeats), 0);
    assert_eq!(lan.model.all_heard(lan.node(0).run()), 60);
    assert!(lan.model.unheard.is_empty());
}

#[test]
fn mere_reordering_costs_no_nack() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(4, Weather { delay: 50..7_000, ..Weather::FAIR }, seed);
        for _ in 0..500 {
            lan.say(0);
            lan.run_for(2 * MILLI);
        }
        lan.run_for(SECOND);
        assert!(lan.everybody_has_all());
        assert_eq!(sent(&lan, |stats| stats.sent_nacks), 0);
    });
}

#[test]
fn a_gap_holds_back_its_author_alone() {
    let mut lan = Lan::acquainted(3, Weather::FAIR, 1);
    let reader = lan.node(2).run();
    lan.cut_one_way(2, 0);
    lan.say(0);
    lan.run_for(MILLI);
    lan.heal();
    lan.say(0);
    lan.say(1);
    lan.run_for(MILLI);
    assert_eq!(lan.model.shown_by(reader), 1, "the other author's line, and not the one behind the gap");
    lan.run_for(50 * MILLI);
    assert_eq!(lan.model.shown_by(reader), 3);
}

#[test]
fn a_lost_last_line_is_noticed() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(3, Weather::FAIR, seed);
        lan.weather.loss = 1.0;
        lan.say(0);
        lan.run_for(MILLI);
        lan.weather.loss = 0.0;
        let took = lan.run_until(SECOND, Lan::everybody_has_all);
        assert!(took < 30 * MILLI, "{took:?}");
        assert_eq!(lan.model.all_heard(lan.node(0).run()), 0);
        lan.run_for(20 * MILLI);
        assert_eq!(lan.model.all_heard(lan.node(0).run()), 1);
    });
}

#[test]
fn where_unicast_is_stopped_all_goes_by_broadcast() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(5, Weather::losing(0.05), seed);
        lan.weather.unicast = false;
        for _ in 0..50 {
            lan.say(0);
            lan.run_for(100 * MILLI);
        }
        lan.run_until(5 * SECOND, Lan::everybody_has_all);
        lan.run_until(12 * SECOND, |lan| lan.model.all_heard(lan.node(0).run()) == 50);
    });
}

#[test]
fn others_repair_what_the_author_cannot() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(5, Weather::FAIR, seed);
        let reader = lan.node(4).run();
        lan.cut_one_way(4, 0);
        (0..20).for_each(|_| lan.say(0));
        lan.run_for(100 * MILLI);
        lan.kill(0);
        lan.run_for(20 * SECOND);
        assert_eq!(lan.model.shown_by(reader), 20);
        assert_eq!(lan.model.gaps_of(reader), 0);
    });
}

#[test]
fn a_repair_of_another_does_not_show_that_the_author_lives() {
    let mut lan = Lan::acquainted(3, Weather::FAIR, 1);
    let (author, other) = (lan.node(0).run(), SocketAddr::from(([10, 77, 0, 1], 26634)));
    lan.say(0);
    lan.run_for(SECOND);
    lan.kill(0);
    for number in 0..30 {
        lan.run_for(SECOND);
        lan.inject(2, other, &lines_of(author, number + 2));
    }
    assert!(!lan.table(2).contains(&author));
}

#[test]
fn what_nobody_has_is_told_and_holds_nothing_back_for_ever() {
    let mut lan = Lan::acquainted(3, Weather::FAIR, 1);
    let reader = lan.node(2).run();
    let (author, from) = (stranger(1), SocketAddr::from(([10, 77, 9, 9], 26634)));
    // Lines 2, 3 and 5 of somebody whom nobody else has heard.
    lan.model.said_elsewhere(lan.now(), author, 6);
    lan.inject(2, from, &lines_of(author, 1));
    lan.inject(2, from, &lines_of(author, 4));
    lan.inject(2, from, &lines_of(author, 6));
    lan.run_for(7 * SECOND);
    assert_eq!(lan.model.shown_by(reader), 1);
    lan.run_for(2 * SECOND);
    assert_eq!((lan.model.shown_by(reader), lan.model.gaps_of(reader)), (3, 3));
    assert_eq!(lan.node(2).stats().lost_lines, 3);
    // Should a lost one come after all, it is shown, and no more than once.
    lan.inject(2, from, &lines_of(author, 5));
    lan.inject(2, from, &lines_of(author, 5));
    assert_eq!(lan.model.shown_by(reader), 4);
}

#[test]
fn who_has_not_heard_is_named_after_a_second() {
    let mut lan = Lan::acquainted(4, Weather::FAIR, 1);
    let (author, deaf) = (lan.node(0).run(), lan.node(3).run());
    lan.sleep(3, true);
    lan.say(0);
    lan.say(0);
    lan.run_for(1100 * MILLI);
    let (told, unheard) = lan.model.unheard.first().expect("it is told");
    assert_eq!((*told, unheard.hearers), (author, 3));
    assert_eq!(unheard.lacking, [Lacking { run: deaf, lines: 2 }]);
    assert_eq!(lan.node(0).lacking().collect::<Vec<_>>(), [Lacking { run: deaf, lines: 2 }]);
    lan.run_for(3 * SECOND);
    assert_eq!(lan.model.unheard.len(), 1, "once");
    lan.sleep(3, false);
    lan.run_for(2 * SECOND);
    assert_eq!((lan.node(0).lacking().count(), lan.model.all_heard(author)), (0, 2));
}

#[test]
fn a_visitor_s_last_line_is_repeated_until_all_have_it() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(4, Weather::FAIR, seed);
        lan.kill(3);
        let visitor = lan.start_as(3, Start::visitor(3));
        lan.run_until(SECOND, |lan| lan.table(3).len() == 3);
        lan.weather.loss = 0.4;
        lan.say(3);
        lan.run_until(15 * SECOND, |lan| (0..3).all(|host| lan.model.shown_by(lan.node(host).run()) == 1));
        // Of fifteen repeats and their acks, all get lost once in a thousand: that all know it takes a better time.
        lan.weather.loss = 0.0;
        lan.run_until(2 * SECOND, |lan| lan.model.all_heard(visitor) == 1);
        lan.command(3, Command::Leave);
        lan.run_for(SECOND);
        assert_eq!(lan.running().count(), 3);
    });
}

#[test]
fn in_a_room_of_more_than_64_nobody_acks_and_all_arrives() {
    let mut lan = Lan::acquainted(70, Weather::losing(0.1), 1);
    for _ in 0..20 {
        lan.say(0);
        lan.run_for(300 * MILLI);
    }
    lan.run_for(10 * SECOND);
    assert!(lan.everybody_has_all());
    assert_eq!(sent(&lan, |stats| stats.sent_acks), 0);
    assert_eq!(lan.model.all_heard(lan.node(0).run()), 20, "nobody is waited for");
}

#[test]
fn long_texts_and_files_arrive_whole() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(3, Weather { twice: 0.1, delay: 50..5000, ..Weather::losing(0.1) }, seed);
        lan.say_at_length(0, 65_536);
        (0..1000).for_each(|_| lan.say(1));
        lan.say_at_length(1, 5_000);
        lan.run_until(20 * SECOND, Lan::everybody_has_all);
    });
}

#[test]
fn parts_that_never_complete_are_shown_after_a_while() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    let (author, from) = (stranger(1), SocketAddr::from(([10, 77, 9, 9], 26634)));
    lan.model.said_elsewhere(lan.now(), author, 300);
    let reader = lan.node(1).run();
    let unfinished = Manner { goes_on: true, ..Manner::default() };
    lan.inject(1, from, &line_of(author, 1, unfinished, "line 1"));
    lan.run_for(7 * SECOND);
    assert_eq!(lan.model.shown_by(reader), 0);
    lan.run_for(2 * SECOND);
    assert_eq!(lan.model.shown_by(reader), 1);
}

/// A run that does not run.
fn stranger(number: u64) -> Run {
    Run { peer: PeerId(0xbad), epoch: Epoch(number as u32) }
}

fn encoded(author: Run, message: Message<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let room = Room::open(&RoomName::new("lobby").unwrap());
    message.encode(&Identity::Unsigned(author), &room, &mut Random::new(0.into()), &mut bytes);
    bytes
}

fn line_of(author: Run, seq: u32, manner: Manner, text: &str) -> Vec<u8> {
    let (seq, nick, part) = (Seq::new(seq).unwrap(), Nick::new("x").unwrap(), Part::new(text.to_owned()).unwrap());
    encoded(author, Message::Lines(Lines::starting(seq, cooee::time::UnixMillis(0), nick, manner, &part)))
}

fn lines_of(author: Run, seq: u32) -> Vec<u8> {
    line_of(author, seq, Manner::default(), &format!("line {seq}"))
}

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
fn alone_a_line_is_heard_by_all_at_once() {
    let mut lan = Lan::acquainted(1, Weather::FAIR, 1);
    lan.say(0);
    assert_eq!(lan.model.all_heard(lan.node(0).run()), 1);
}

#[test]
fn who_is_heard_by_all_leaves_at_once() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(4, Weather::FAIR, seed);
        lan.say(0);
        lan.command(0, Command::Leave);
        let took = lan.run_until(SECOND, |lan| lan.running().count() == 3);
        assert!(took < 50 * MILLI, "{took:?}");
    });
}

#[test]
fn who_leaves_waits_a_moment_for_those_who_lack_his_last_line() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    lan.weather.loss = 1.0;
    lan.say(0);
    lan.command(0, Command::Leave);
    lan.run_for(100 * MILLI);
    lan.weather.loss = 0.0;
    lan.run_for(SECOND);
    assert_eq!((lan.model.shown_by(lan.node(1).run()), lan.running().count()), (1, 1));
}

#[test]
fn a_goodbye_tells_of_a_last_line_that_others_have() {
    let mut lan = Lan::acquainted(3, Weather::FAIR, 1);
    lan.cut_one_way(2, 0);
    lan.say(0);
    lan.command(0, Command::Leave);
    lan.run_until(SECOND, |lan| lan.node(1).peers().len() == 1);
    lan.heal();
    // The second goodbye is heard.
    let reader = lan.node(2).run();
    let took = lan.run_until(SECOND, |lan| lan.model.shown_by(reader) == 1);
    assert!(took < 200 * MILLI, "{took:?}");
}

#[test]
fn what_was_lost_and_is_found_its_author_hears_of() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    let (author, reader) = (lan.node(0).run(), lan.node(1).run());
    lan.cut_one_way(1, 0);
    lan.say(0);
    lan.run_for(10 * MILLI);
    lan.say(0);
    lan.heal();
    // The second line is repeated, and the first one asked for in vain.
    lan.cut_one_way(0, 1);
    lan.run_for(9 * SECOND);
    assert_eq!((lan.model.shown_by(reader), lan.model.gaps_of(reader)), (1, 1));
    lan.heal();
    lan.run_for(15 * SECOND);
    assert_eq!((lan.model.shown_by(reader), lan.model.all_heard(author)), (2, 2));
    assert_eq!(lan.node(0).lacking().count(), 0);
}

#[test]
fn of_a_long_loss_the_rest_follows_the_first_line_that_is_found() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    let (reader, from) = (lan.node(0).run(), SocketAddr::from(([10, 77, 9, 9], 26634)));
    lan.model.said_elsewhere(lan.now(), stranger(1), 32);
    lan.inject(0, from, &lines_of(stranger(1), 1));
    lan.inject(0, from, &lines_of(stranger(1), 32));
    lan.run_for(9 * SECOND);
    assert_eq!((lan.model.shown_by(reader), lan.model.gaps_of(reader)), (2, 30));
    (1..=32).for_each(|number| lan.inject(1, from, &lines_of(stranger(1), number)));
    lan.run_until(12 * SECOND, |lan| lan.model.shown_by(reader) > 2);
    lan.run_until(SECOND, |lan| lan.model.shown_by(reader) == 32);
}

#[test]
fn the_end_of_a_text_that_began_earlier_is_shown_with_its_beginning_or_not() {
    let part = |number| match number {
        1 => ("li", Manner { goes_on: true, ..Manner::default() }),
        2 => ("ne", Manner { goes_on: true, continues: true, ..Manner::default() }),
        _ => (" 1", Manner { continues: true, ..Manner::default() }),
    };
    for rest in [[1, 2], [2, 1]] {
        let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
        let (reader, from) = (lan.node(1).run(), SocketAddr::from(([10, 77, 9, 9], 26634)));
        lan.model.said_elsewhere(lan.now(), stranger(1), 4);
        for (number, wait) in [(3, 9), (rest[0], 1), (rest[1], 1)] {
            assert_eq!(lan.model.shown_by(reader), 0);
            let (text, manner) = part(number);
            lan.inject(1, from, &line_of(stranger(1), number, manner, text));
            lan.run_for(wait * SECOND);
        }
        assert_eq!((lan.model.shown_by(reader), lan.model.gaps_of(reader)), (1, 0));
        lan.inject(1, from, &lines_of(stranger(1), 4));
        assert_eq!(lan.model.shown_by(reader), 2);
    }
}

#[test]
fn what_there_is_of_a_text_that_is_partly_lost_is_shown() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    let (reader, from) = (lan.node(1).run(), SocketAddr::from(([10, 77, 9, 9], 26634)));
    lan.model.said_elsewhere(lan.now(), stranger(1), 4);
    lan.inject(1, from, &line_of(stranger(1), 1, Manner { goes_on: true, ..Manner::default() }, "line 1"));
    lan.inject(1, from, &line_of(stranger(1), 3, Manner { continues: true, ..Manner::default() }, "line 3"));
    lan.inject(1, from, &lines_of(stranger(1), 4));
    lan.run_for(9 * SECOND);
    assert_eq!((lan.model.shown_by(reader), lan.model.gaps_of(reader)), (3, 1));
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

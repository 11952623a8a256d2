//! Texts of several parts: they are shown whole, or what there is of them.

use std::net::SocketAddr;
use std::time::Duration;

use cooee::wire::Manner;

use crate::claims::{line_of, lines_of, stranger};
use crate::lan::Lan;
use crate::seeds::sweep;
use crate::weather::Weather;

const SECOND: Duration = Duration::from_secs(1);

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

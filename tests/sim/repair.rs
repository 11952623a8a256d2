//! Every line arrives: repair, acknowledgement, giving up.

use std::net::SocketAddr;
use std::time::Duration;

use cooee::node::{Command, Lacking};

use crate::claims::{lines_of, stranger};
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

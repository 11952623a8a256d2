//! Who comes late is told what was said before, and after a cut everybody has all that was said on either side.

use std::time::Duration;

use cooee::node::{Arrival, Command};

use crate::lan::Lan;
use crate::seeds::sweep;
use crate::weather::{Start, Weather};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

/// Host `host` comes and wants the last 50 lines.
fn come(lan: &mut Lan, host: usize) -> cooee::wire::Run {
    lan.start_as(host, Start { history: 50, ..Start::member(host) })
}

#[test]
fn a_newcomer_has_the_last_50_lines_within_300_ms() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(5, Weather::FAIR, seed);
        lan.kill(4);
        for _ in 0..100 {
            let host = lan.rng().usize(..4);
            lan.say(host);
            lan.run_for(20 * MILLI);
        }
        lan.run_for(20 * SECOND);
        let newcomer = come(&mut lan, 4);
        let took = lan.run_until(SECOND, |lan| lan.model.shown_by(newcomer) == 50);
        assert!(took < 300 * MILLI, "{took:?}");
        lan.run_for(10 * SECOND);
        assert_eq!(lan.model.shown_as(newcomer, Arrival::History), 50);
        assert_eq!((lan.model.shown_by(newcomer), lan.model.gaps_of(newcomer)), (50, 0));
        lan.say(0);
        lan.run_for(MILLI);
        assert_eq!(lan.model.shown_as(newcomer, Arrival::InTime), 1);
    });
}

#[test]
fn history_is_of_those_too_who_have_left_and_whatever_their_clocks_say() {
    sweep(|seed| {
        let mut lan = Lan::new(4, Weather::FAIR, seed);
        lan.set_clock(0, -1_000_000_000);
        lan.set_clock(1, 100_000_000);
        lan.start_all();
        lan.run_for(6 * SECOND);
        lan.kill(3);
        for number in 0..20 {
            lan.say(number % 2);
            lan.run_for(50 * MILLI);
        }
        lan.say_at_length(0, 10_000);
        lan.run_for(SECOND);
        lan.command(0, Command::Leave);
        lan.kill(1);
        lan.run_for(30 * SECOND);
        let newcomer = come(&mut lan, 3);
        lan.run_for(300 * MILLI);
        assert_eq!(lan.model.shown_as(newcomer, Arrival::History), 21);
    });
}

#[test]
fn who_wants_no_history_is_told_none() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(4, Weather::FAIR, seed);
        lan.kill(3);
        (0..30).for_each(|_| lan.say(0));
        lan.run_for(SECOND);
        let newcomer = lan.start(3);
        lan.run_for(20 * SECOND);
        assert_eq!(lan.model.shown_by(newcomer), 0);
        lan.say(0);
        lan.run_for(MILLI);
        assert_eq!((lan.model.shown_by(newcomer), lan.model.shown_as(newcomer, Arrival::InTime)), (1, 1));
    });
}

#[test]
fn a_cut_of_a_minute_is_healed_within_3_seconds() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(5, Weather::FAIR, seed);
        lan.cut(0..2, 2..5);
        for _ in 0..100 {
            lan.say(0);
            lan.say(4);
            lan.run_for(600 * MILLI);
        }
        assert!(lan.table(0).len() == 1 && lan.table(4).len() == 2);
        lan.heal();
        let took = lan.run_until(3 * SECOND, Lan::everybody_has_all);
        println!("a cut of a minute was healed after {took:?}");
        for (reader, late) in [(1, 97..=100), (2, 97..=100), (0, 97..=100), (4, 97..=100)] {
            // What was said in the last moments is as good as in time.
            let shown = lan.model.shown_as(lan.node(reader).run(), Arrival::Late);
            assert!(late.contains(&shown), "{shown} lines were late to host {reader}");
        }
    });
}

#[test]
fn a_cut_too_short_to_lose_anybody_by_is_healed_too() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(6, Weather::losing(0.05), seed);
        lan.cut(0..3, 3..6);
        for host in (0..6).cycle().take(30) {
            lan.say(host);
            lan.run_for(300 * MILLI);
        }
        lan.heal();
        lan.run_until(7 * SECOND, Lan::everybody_has_all);
    });
}

#[test]
fn lines_of_those_who_left_meanwhile_cross_over_too() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(6, Weather::FAIR, seed);
        lan.cut(0..3, 3..6);
        // Somebody comes, speaks and goes, who was never heard on the other side.
        lan.kill(5);
        lan.start_as(5, Start::visitor(50));
        lan.run_for(SECOND);
        (0..5).for_each(|_| lan.say(5));
        lan.say_at_length(5, 3000);
        lan.run_for(SECOND);
        lan.command(5, Command::Leave);
        lan.run_for(60 * SECOND);
        lan.heal();
        lan.run_until(5 * SECOND, Lan::everybody_has_all);
        assert_eq!(lan.model.shown_as(lan.node(0).run(), Arrival::Late), 6);
    });
}

#[test]
fn what_was_said_to_one_who_was_stopped_is_late_though_he_has_just_met_its_author() {
    sweep(|seed| {
        let mut lan = Lan::new(2, Weather::FAIR, seed);
        lan.start(0);
        lan.run_for(6 * SECOND);
        lan.stop(0);
        lan.start(1);
        lan.run_for(30 * MILLI);
        lan.say(1);
        lan.run_for(4 * SECOND);
        lan.go_on(0);
        lan.run_until(SECOND, Lan::everybody_has_all);
        assert_eq!(lan.model.shown_as(lan.node(0).run(), Arrival::Late), 1);
    });
}

#[test]
fn who_slept_has_all_that_was_said_meanwhile() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(4, Weather::FAIR, seed);
        lan.sleep(3, true);
        for host in (0..3).cycle().take(60) {
            lan.say(host);
            lan.run_for(SECOND);
        }
        lan.sleep(3, false);
        let took = lan.run_until(3 * SECOND, Lan::everybody_has_all);
        assert!(took < SECOND, "{took:?}");
    });
}

#[test]
fn more_authors_than_notes_hold_are_compared_page_by_page() {
    let mut lan = Lan::acquainted(4, Weather::FAIR, 1);
    lan.cut(0..2, 2..4);
    lan.kill(3);
    for number in 0..200 {
        lan.start_as(3, Start::visitor(100 + number));
        lan.run_for(10 * MILLI);
        lan.say(3);
        lan.run_for(10 * MILLI);
        lan.command(3, Command::Leave);
        lan.run_for(300 * MILLI);
    }
    lan.heal();
    lan.run_until(20 * SECOND, |lan| (0..2).all(|host| lan.model.shown_by(lan.node(host).run()) == 200));
}

#[test]
fn in_peace_nobody_compares_anything() {
    let mut lan = Lan::acquainted(5, Weather::FAIR, 1);
    (0..5).for_each(|host| lan.say(host));
    lan.command(4, Command::Leave);
    lan.run_for(SECOND);
    lan.start(4);
    lan.run_for(30 * SECOND);
    let unicasts = lan.unicasts;
    lan.run_for(600 * SECOND);
    assert_eq!(lan.unicasts, unicasts);
}

#[test]
fn a_newcomer_is_told_no_more_than_he_wants() {
    let mut lan = Lan::acquainted(3, Weather::FAIR, 1);
    lan.kill(2);
    // Said at once, they share datagrams, and whole datagrams are fetched.
    (0..200).for_each(|_| lan.say(0));
    lan.run_for(3 * SECOND);
    let newcomer = come(&mut lan, 2);
    lan.run_for(SECOND);
    assert_eq!((lan.model.shown_by(newcomer), lan.model.shown_as(newcomer, Arrival::History)), (50, 50));
}

#[test]
fn who_wants_no_history_is_told_none_of_those_who_have_left_either() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(3, Weather::FAIR, seed);
        (0..30).for_each(|_| lan.say(2));
        lan.run_for(SECOND);
        lan.command(2, Command::Leave);
        lan.run_for(SECOND);
        let newcomer = lan.start(2);
        lan.run_for(20 * SECOND);
        assert_eq!(lan.model.shown_by(newcomer), 0);
    });
}

/// Host 0 is cut off while host 3 comes, says five lines and goes; host 2 comes after or between these.
fn cut_off_from_one_who_left(seed: u64, lines_before: usize) -> Lan {
    let mut lan = Lan::acquainted(4, Weather::FAIR, seed);
    lan.kill(3);
    lan.cut(0..1, 1..4);
    lan.run_for(SECOND);
    lan.start(3);
    lan.run_for(SECOND);
    for number in 0..5 {
        if number == lines_before {
            come_in(&mut lan);
        }
        lan.say(3);
        lan.run_for(SECOND);
    }
    if lines_before == 5 {
        come_in(&mut lan);
    }
    lan.command(3, Command::Leave);
    lan.run_for(60 * SECOND);
    // At first only the one who came late is heard again.
    lan.heal();
    lan.cut(0..1, 1..2);
    lan.run_for(10 * SECOND);
    lan
}

fn come_in(lan: &mut Lan) {
    lan.start(2);
    lan.run_for(SECOND);
}

#[test]
fn what_one_only_knows_of_is_had_of_another() {
    sweep(|seed| {
        let mut lan = cut_off_from_one_who_left(seed, 5);
        let reader = lan.node(0).run();
        assert_eq!(lan.model.shown_by(reader), 0);
        lan.heal();
        lan.run_until(7 * SECOND, |lan| lan.model.shown_by(reader) == 5);
    });
}

#[test]
fn what_was_said_before_what_one_holds_is_had_of_another() {
    sweep(|seed| {
        let mut lan = cut_off_from_one_who_left(seed, 3);
        let reader = lan.node(0).run();
        assert_eq!(lan.model.shown_by(reader), 2);
        lan.heal();
        lan.run_until(7 * SECOND, |lan| lan.model.shown_by(reader) == 5);
    });
}

#[test]
fn who_wakes_with_his_clock_set_shows_no_line_as_late() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    let reader = lan.node(1).run();
    lan.set_clock(1, 3600);
    lan.sleep(1, true);
    lan.run_for(5 * SECOND);
    lan.sleep(1, false);
    lan.run_for(SECOND);
    lan.say(0);
    lan.run_for(SECOND);
    assert_eq!(lan.model.shown_as(reader, Arrival::InTime), 1);
}

#[test]
fn what_a_younger_one_says_is_no_history_even_if_its_first_datagrams_get_lost() {
    sweep(|seed| {
        let mut lan = Lan::new(3, Weather::FAIR, seed);
        lan.cut(0..1, 1..3);
        let reader = lan.start(0);
        // Two that are started together are of one age, whichever of them is a bit later.
        lan.start(1);
        let wait = lan.rng().u64(0..50);
        lan.run_for(Duration::from_millis(wait));
        lan.start(2);
        let younger = lan.rng().usize(1..3);
        lan.say(younger);
        lan.run_for(50 * MILLI);
        lan.heal();
        lan.run_until(SECOND, |lan| lan.model.shown_by(reader) == 1);
    });
}

//! The simulator itself: does it lose, repeat, reorder and cut as it says, and the same again from the same seed?

use std::time::Duration;

use crate::lan::{Lan, Weather};

/// Host 0 says 2,000 lines to host 1; gives how many arrived and the LAN.
fn lines_that_arrive(weather: Weather) -> (usize, Lan) {
    let mut lan = Lan::new(2, weather, 7);
    lan.start(0);
    let reader = lan.start(1);
    for _ in 0..2000 {
        lan.say(0);
        lan.run_for(Duration::from_millis(10));
    }
    lan.run_for(Duration::from_millis(200));
    (lan.model.shown_by(reader), lan)
}

#[test]
fn without_loss_all_arrives() {
    assert_eq!(lines_that_arrive(Weather::FAIR).0, 2000);
}

#[test]
fn a_share_gets_lost() {
    let (arrived, lan) = lines_that_arrive(Weather::losing(0.2));
    assert!((1530..1670).contains(&arrived), "{arrived} of 2,000 at 20 % loss");
    assert!(lan.lost >= 2000 - arrived as u64);
}

#[test]
fn a_share_comes_twice_and_is_shown_once() {
    let (arrived, lan) = lines_that_arrive(Weather { twice: 0.5, ..Weather::FAIR });
    let repeated = lan.node(1).stats().repeated_lines;
    assert_eq!(arrived, 2000);
    assert!((900..1100).contains(&repeated), "{repeated} of 2,000 came twice");
}

#[test]
fn a_wide_range_of_delays_reorders() {
    // Two seconds of delay, a line each 10 ms: hardly a line comes in its turn, and still all are shown once.
    let weather = Weather { delay: 0..2_000_000, ..Weather::FAIR };
    let (before_the_end, mut lan) = lines_that_arrive(weather);
    let reader = lan.node(1).run();
    lan.run_for(Duration::from_secs(3));
    assert!(before_the_end < 2000);
    assert_eq!(lan.model.shown_by(reader), 2000);
}

#[test]
fn a_run_hears_its_own_broadcasts() {
    let (_, lan) = lines_that_arrive(Weather::FAIR);
    assert!(lan.node(0).stats().echoes >= 2000);
}

#[test]
fn a_cut_holds_one_way_and_both_ways() {
    let mut lan = Lan::new(2, Weather::FAIR, 1);
    let (one, other) = (lan.start(0), lan.start(1));
    lan.cut_one_way(0, 1);
    lan.say(0);
    lan.say(1);
    lan.run_for(Duration::from_secs(1));
    assert_eq!((lan.model.shown_by(one), lan.model.shown_by(other)), (0, 1));
    lan.cut(0..1, 1..2);
    lan.say(0);
    lan.run_for(Duration::from_secs(1));
    assert_eq!((lan.model.shown_by(one), lan.model.shown_by(other)), (0, 1));
    lan.heal();
    lan.say(1);
    lan.run_for(Duration::from_secs(1));
    assert_eq!((lan.model.shown_by(one), lan.model.shown_by(other)), (1, 1));
}

#[test]
fn a_seed_replays_to_the_datagram() {
    let run = |seed| {
        let mut lan = Lan::new(10, Weather { twice: 0.1, delay: 0..50_000, ..Weather::losing(0.2) }, seed);
        lan.start_all();
        lan.run_for(Duration::from_secs(60));
        let stats: Vec<_> = (0..10).map(|host| lan.node(host).stats().clone()).collect();
        (lan.broadcasts, lan.unicasts, lan.lost, stats)
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}

//! Many peers on one LAN.

use std::time::Duration;

use crate::lan::Lan;
use crate::seeds::sweep_some;
use crate::weather::Weather;

const PEERS: usize = 1000;
const SECOND: Duration = Duration::from_secs(1);

/// A LAN on which a thousand start at once, after a minute.
fn thousand(weather: Weather) -> Lan {
    let mut lan = Lan::new(PEERS + 1, weather, 1);
    for host in 0..PEERS {
        lan.start(host);
    }
    // What they promised when they knew few others, a beacon each 5 s, is over by then.
    lan.run_for(70 * SECOND);
    lan
}

#[test]
fn a_thousand_send_at_most_20_beacons_a_second_and_a_newcomer_is_known_within_one() {
    let mut lan = thousand(Weather::losing(0.05));
    let (broadcasts, unicasts) = (lan.broadcasts, lan.unicasts);
    lan.run_for(30 * SECOND);
    let a_second = |count: u64| count as f64 / 30.0;
    let (broadcasts, unicasts) = (a_second(lan.broadcasts - broadcasts), a_second(lan.unicasts - unicasts));
    println!("steady state: {broadcasts:.1} beacons and {unicasts:.1} unicasts a second");
    assert!(broadcasts <= 20.0, "{broadcasts} beacons a second");
    assert_eq!(lan.model.lost, []);

    let newcomer = lan.start(PEERS);
    let begin = lan.now();
    lan.run_until(SECOND, |lan| lan.model.show(newcomer) == PEERS);
    println!("a newcomer was known to all after {:?}", lan.now().since(begin));
    lan.run_until(4 * SECOND, |lan| lan.model.present_to(newcomer) == PEERS);
    println!("and knew all after {:?}", lan.now().since(begin));
}

/// The most unicasts in a tenth of a second, and all of them, while `time` passes.
fn questions(lan: &mut Lan, time: Duration) -> (u64, u64) {
    let before = lan.unicasts;
    let mut most = 0;
    for _ in 0..time.as_millis() / 100 {
        let until_now = lan.unicasts;
        lan.run_for(SECOND / 10);
        most = most.max(lan.unicasts - until_now);
    }
    (most, lan.unicasts - before)
}

#[test]
fn who_dies_is_not_asked_by_all_at_one_moment() {
    sweep_some(20, |seed| {
        let mut lan = Lan::new(60, Weather::FAIR, seed);
        lan.start_all();
        lan.run_for(30 * SECOND);
        lan.kill(0);
        let (most, all) = questions(&mut lan, 20 * SECOND);
        assert_eq!(lan.model.lost.len(), 59);
        println!("59 ask whether one is still there: {all} questions, {most} at most within 0.1 s");
        // Four of each, and then he is called, 16 times a second by all together.
        assert!((4 * 59..8 * 59).contains(&all), "{all}");
        assert!(most <= 25, "{most} questions within 0.1 s");
    });
}

#[test]
fn each_of_a_crowd_that_is_cut_into_halves_asks_for_some_of_the_other_half() {
    let mut lan = Lan::new(200, Weather::FAIR, 1);
    lan.start_all();
    lan.run_for(70 * SECOND);
    lan.cut(0..100, 100..200);
    let (most, all) = questions(&mut lan, 70 * SECOND);
    assert_eq!(lan.model.lost.len(), 2 * 100 * 100);
    println!("200 of whom none hears the other half: {all} questions, {most} at most within 0.1 s");
    assert!(all < 200 * 100 && most < 800, "{all} questions, {most} within 0.1 s");
}

#[test]
fn what_is_said_in_a_crowd_makes_nobody_ask_who_is_only_behind() {
    let mut lan = Lan::new(400, Weather::FAIR, 1);
    lan.start_all();
    lan.run_for(70 * SECOND);
    lan.weather = Weather::losing(0.05);
    let sent = |lan: &Lan| {
        let beacons: u64 = (0..400).map(|host| lan.node(host).stats().sent_beacons).sum();
        lan.broadcasts + lan.unicasts - beacons
    };
    let before = sent(&lan);
    for line in 0..200 {
        lan.say(line % 20);
        lan.run_for(SECOND / 10);
    }
    lan.run_for(10 * SECOND);
    assert!(lan.everybody_has_all());
    // Each goes out once, and four times more as nobody acks; the rest is nacks, repairs and comparing of notes.
    let each = (sent(&lan) - before) as f64 / 200.0;
    println!("{each:.2} datagrams for each line");
    assert!(each < 6.0, "{each} datagrams for each line");
}

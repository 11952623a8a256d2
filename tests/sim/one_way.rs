//! Who is heard and does not hear is told so, and nobody else.

use std::time::Duration;

use cooee::node::{HearsUs, Peer};
use cooee::wire::Run;

use crate::lan::Lan;
use crate::seeds::sweep;
use crate::weather::{Start, Weather};

const SECOND: Duration = Duration::from_secs(1);

/// Until a run has said all its hellos, which may take 6.35 s, and then three beacons, each after 3.75 to 6.25 s.
const NEVER_MET_WITHIN: Duration = Duration::from_millis(25_200);
/// Who falls deaf names the others until he misses them, 12.75 s later; then come three beacons too, or what he calls
/// when he has lost them, after 17.5 s.
const FELL_DEAF_WITHIN: Duration = Duration::from_millis(25_400);

fn is_told(lan: &Lan, reader: Run, deaf: Run) -> bool {
    lan.model.deaf.iter().any(|(_, me, run)| (*me, *run) == (reader, deaf))
}

/// What host 0 has of a run in its table.
fn peer(lan: &Lan, run: Run) -> Peer {
    lan.node(0).peers().find(|peer| peer.run == run).expect("it is in the table")
}

#[test]
fn one_that_never_heard_us_is_told_of_and_is_a_peer_once_it_hears() {
    sweep(|seed| {
        let mut lan = Lan::new(3, Weather::FAIR, seed);
        lan.sign = true;
        lan.cut_one_way(1, 0);
        let (alice, carol) = (lan.start(0), lan.start(1));
        lan.start(2);
        lan.run_until(NEVER_MET_WITHIN, |lan| is_told(lan, alice, carol));
        let told = lan.one_way(0);
        assert_eq!((told.len(), told[0].run, told[0].hears_us), (1, carol, HearsUs::No));
        assert!(!lan.table(0).contains(&carol), "who has not shown that it is there is no peer");
        assert!(lan.one_way(1).is_empty() && lan.one_way(2).is_empty());
        lan.run_for(60 * SECOND);
        assert_eq!(lan.model.deaf.len(), 1, "once");
        lan.heal();
        lan.run_until(7 * SECOND, Lan::everybody_knows_everybody);
        assert_eq!((lan.one_way(0), peer(&lan, carol).hears_us), (vec![], HearsUs::Yes));
    });
}

#[test]
fn one_that_falls_deaf_is_told_of_and_so_is_that_it_hears_again() {
    sweep(|seed| {
        let mut lan = Lan::new(3, Weather::FAIR, seed);
        lan.sign = seed.is_multiple_of(2);
        lan.start_all();
        lan.run_for(20 * SECOND);
        let (alice, carol) = (lan.node(0).run(), lan.node(1).run());
        assert_eq!(peer(&lan, carol).hears_us, HearsUs::Yes);
        lan.cut_one_way(1, 0);
        lan.run_until(FELL_DEAF_WITHIN, |lan| is_told(lan, alice, carol));
        assert_eq!(peer(&lan, carol).hears_us, HearsUs::No);
        lan.run_for(60 * SECOND);
        assert_eq!(lan.model.deaf.len(), 1, "once");
        assert!(lan.everybody_knows_everybody() || !lan.table(1).contains(&alice));
        lan.heal();
        lan.run_until(7 * SECOND, |lan| lan.model.cured.len() == 1);
        assert_eq!(peer(&lan, carol).hears_us, HearsUs::Yes);
    });
}

#[test]
fn one_that_is_deaf_and_leaves_is_forgotten() {
    let mut lan = Lan::new(2, Weather::FAIR, 1);
    lan.sign = true;
    lan.cut_one_way(1, 0);
    lan.start_all();
    lan.run_until(NEVER_MET_WITHIN, |lan| lan.one_way(0).len() == 1);
    let heard = lan.one_way(0)[0].heard;
    lan.kill(1);
    for (after, count) in [(17_499, 1), (17_500, 0)] {
        let wait = Duration::from_millis(after).saturating_sub(lan.now().since(heard));
        lan.run_for(wait);
        assert_eq!(lan.one_way(0).len(), count, "after {after} ms");
    }
}

/// A visitor is listed by nobody, and named in no beacon but the answers to it.
#[test]
fn a_visitor_is_told_of_the_deaf_and_of_nobody_else() {
    sweep(|seed| {
        let mut lan = Lan::new(4, Weather::losing(0.1), seed);
        lan.sign = true;
        lan.cut_one_way(1, 3);
        for host in 0..3 {
            lan.start(host);
        }
        lan.run_for(10 * SECOND);
        lan.start_as(3, Start::visitor(3));
        lan.run_for(60 * SECOND);
        let told: Vec<Run> = lan.model.deaf.iter().map(|(_, _, run)| *run).collect();
        assert_eq!((told, lan.table(3).len()), (vec![lan.node(1).run()], 2));
    });
}

/// The LAN itself sees to it that nobody is slandered, here and in all other tests.
#[test]
fn nobody_is_slandered_where_much_gets_lost_and_runs_come_go_and_sleep() {
    sweep(|seed| {
        let weather = Weather { two_cards: seed % 3 == 1, unicast: seed % 3 != 2, ..Weather::losing(0.3) };
        let mut lan = Lan::new(8, weather, seed);
        lan.sign = true;
        lan.start_all();
        for _ in 0..20 {
            let host = lan.rng().usize(..8);
            match lan.rng().u8(..4) {
                0 => {
                    lan.start(host);
                }
                1 => {
                    lan.sleep(host, true);
                    let nap = lan.rng().u32(..30);
                    lan.run_for(nap * SECOND);
                    lan.sleep(host, false);
                }
                _ => lan.run_for(20 * SECOND),
            }
        }
    });
}

/// What was recorded yesterday is no sign that anybody is there.
#[test]
fn one_old_beacon_played_again_and_again_shows_nobody() {
    let mut lan = Lan::new(2, Weather::FAIR, 1);
    lan.sign = true;
    lan.start(1);
    lan.record = Some(Vec::new());
    lan.run_for(7 * SECOND);
    let beacon = lan.record.take().unwrap().pop().expect("it has called");
    lan.kill(1);
    lan.start(0);
    for _ in 0..60 {
        lan.run_for(SECOND);
        lan.inject(0, "10.77.0.1:26634".parse().unwrap(), &beacon);
    }
    assert!(lan.node(0).stats().unproven >= 60, "it was read");
    assert_eq!((lan.one_way(0), &lan.model.deaf), (vec![], &vec![]));
}

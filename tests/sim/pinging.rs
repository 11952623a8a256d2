//! How long a datagram takes to somebody and back.

use std::net::SocketAddr;
use std::time::Duration;

use cooee::node::{Command, CommandError};
use cooee::wire::{Epoch, PeerId, PingWay, Run};

use crate::lan::{HostNumber, Lan};
use crate::seeds::sweep;
use crate::weather::{Start, Weather};

const SECOND: Duration = Duration::from_secs(1);
const WAYS: [PingWay; 2] = [PingWay::Unicast, PingWay::Broadcast];

fn ping(lan: &mut Lan, host: HostNumber, reader: Run) {
    WAYS.into_iter().for_each(|way| lan.command(host, Command::Ping { reader, way }));
}

/// How many pings of a run by a way were answered, and how many were not.
fn outcomes(lan: &Lan, sender: Run, by: PingWay) -> (usize, usize) {
    let told = || lan.model.pongs.iter().filter(|(run, _, way, _)| *run == sender && *way == by);
    let answered = told().filter(|(.., round_trip)| round_trip.is_some()).count();
    (answered, told().count() - answered)
}

#[test]
fn without_loss_each_ping_draws_one_datagram_the_way_it_came() {
    sweep(|seed| {
        let mut lan = Lan::acquainted(5, Weather::FAIR, seed);
        let [alice, bob] = [0, 1].map(|host| lan.node(host).run());
        lan.let_all_arrive();
        let before = (lan.unicasts, lan.broadcasts);
        lan.command(0, Command::Ping { reader: bob, way: PingWay::Unicast });
        lan.let_all_arrive();
        assert_eq!((lan.unicasts - before.0, lan.broadcasts - before.1), (2, 0));
        lan.command(0, Command::Ping { reader: bob, way: PingWay::Broadcast });
        lan.let_all_arrive();
        assert_eq!((lan.unicasts - before.0, lan.broadcasts - before.1), (2, 2));
        for ((run, reader, way, round_trip), expected) in lan.model.pongs.iter().zip(WAYS) {
            assert_eq!((*run, *reader, *way), (alice, bob, expected));
            let round_trip = round_trip.unwrap();
            assert!((100..=300).contains(&round_trip.as_micros()), "two ways of 50 to 150 us: {round_trip:?}");
        }
        assert_eq!(lan.model.pongs.len(), 2);
    });
}

#[test]
fn under_loss_each_is_answered_or_told_to_be_lost_by_either_way() {
    sweep(|seed| {
        let mut lan = Lan::new(4, Weather::FAIR, seed);
        lan.sign = seed % 4 == 0;
        lan.start_all();
        lan.run_for(2 * SECOND);
        lan.weather = Weather { twice: 0.2, ..Weather::losing(0.2) };
        let [alice, bob] = [0, 1].map(|host| lan.node(host).run());
        for _ in 0..20 {
            ping(&mut lan, 0, bob);
            lan.run_for(SECOND);
        }
        lan.run_for(2 * SECOND);
        for way in WAYS {
            let (answered, lost) = outcomes(&lan, alice, way);
            assert_eq!(answered + lost, 20, "{way:?}");
            // Both datagrams get through in 64 of 100 cases.
            assert!((3..=20).contains(&answered), "{answered} of 20 by {way:?}");
        }
    });
}

#[test]
fn a_visitor_who_has_shown_nothing_of_himself_is_answered() {
    sweep(|seed| {
        let mut lan = Lan::new(3, Weather::FAIR, seed);
        lan.sign = true;
        for host in 0..2 {
            lan.start(host);
        }
        lan.run_for(2 * SECOND);
        let visitor = lan.start_as(2, Start { installation: 99, ..Start::visitor(2) });
        let bob = lan.node(1).run();
        lan.run_until(SECOND, |lan| lan.table(2).contains(&bob));
        ping(&mut lan, 2, bob);
        lan.run_for(2 * SECOND);
        assert!(WAYS.into_iter().all(|way| outcomes(&lan, visitor, way) == (1, 0)), "{:?}", lan.model.pongs);
    });
}

#[test]
fn where_unicast_is_stopped_broadcast_comes_back() {
    let mut lan = Lan::acquainted(3, Weather { unicast: false, ..Weather::FAIR }, 1);
    let [alice, bob] = [0, 1].map(|host| lan.node(host).run());
    ping(&mut lan, 0, bob);
    lan.run_for(2 * SECOND);
    assert_eq!(WAYS.map(|way| outcomes(&lan, alice, way)), [(0, 1), (1, 0)]);
}

#[test]
fn of_one_who_has_died_nothing_comes_and_of_one_who_is_not_there_nothing_is_asked() {
    let mut lan = Lan::acquainted(3, Weather::FAIR, 1);
    let [alice, bob] = [0, 1].map(|host| lan.node(host).run());
    lan.kill(1);
    ping(&mut lan, 0, bob);
    lan.run_for(SECOND - Duration::from_millis(1));
    assert_eq!(lan.model.pongs, []);
    lan.run_for(Duration::from_millis(2));
    assert_eq!(WAYS.map(|way| outcomes(&lan, alice, way)), [(0, 1); 2]);
    let nobody = Command::Ping { reader: Run { peer: PeerId(7), epoch: Epoch(7) }, way: PingWay::Unicast };
    let now = lan.now();
    assert_eq!(lan.take_node(0).handle_command(now, nobody), Err(CommandError::NotThere));
}

#[test]
fn what_is_played_again_is_answered_by_nobody_who_signs_and_seldom_by_others() {
    for signs in [true, false] {
        let mut lan = Lan::new(3, Weather::FAIR, 1);
        (lan.sign, lan.record) = (signs, Some(Vec::new()));
        lan.start_all();
        lan.run_for(6 * SECOND);
        let bob = lan.node(1).run();
        (0..10).for_each(|_| {
            ping(&mut lan, 0, bob);
            lan.run_for(SECOND);
        });
        lan.run_for(20 * SECOND);
        let said = lan.record.take().unwrap();
        let (told, sent) = (lan.model.pongs.len(), [0, 1].map(|host| lan.node(host).stats().sent));
        assert_eq!(told, 20);
        for _ in 0..10 {
            for bytes in &said {
                let from = SocketAddr::from(([10, 77, 0, 2], 26634));
                lan.inject(0, from, bytes);
                lan.inject(1, from, bytes);
            }
        }
        let draws = lan.node(1).stats().sent - sent[1];
        // Two hundred pings are played, and all else that was said; eight are answered to one address at once.
        assert!(if signs { draws == 0 } else { (8..=8 + 10).contains(&draws) }, "{draws} datagrams");
        assert_eq!(lan.model.pongs.len(), told, "a pong counts once");
        assert!(lan.node(0).stats().unasked_pongs > 0 || signs);
    }
}

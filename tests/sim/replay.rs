//! What is recorded and played again changes nothing that a person sees.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use cooee::node::{Arrival, Command};
use cooee::wire::{Message, Text, parse};

use crate::lan::{HostNumber, Lan};
use crate::seeds::sweep;
use crate::weather::Weather;

const SECOND: Duration = Duration::from_secs(1);

/// Three who sign talk, in the room and in private; then the last one leaves. Gives all that was sent.
fn talk(lan: &mut Lan) -> Vec<Rc<[u8]>> {
    lan.record = Some(Vec::new());
    lan.sign = true;
    lan.start_all();
    lan.run_for(SECOND);
    assert!(lan.everybody_knows_everybody());
    for host in 0..3 {
        lan.say(host);
        let (reader, time) = (lan.node((host + 1) % 3).run(), lan.unix(host));
        let text = Text::new("between you and me").unwrap();
        lan.command(host, Command::SayPrivately { reader, text, action: false, time });
        lan.run_for(SECOND);
    }
    lan.run_for(10 * SECOND);
    lan.command(2, Command::Leave);
    lan.run_for(SECOND);
    assert_eq!(lan.running().count(), 2);
    lan.record.take().unwrap()
}

/// Plays it again, from somebody's address or another one, in a random order.
fn play(lan: &mut Lan, to: HostNumber, said: &[Rc<[u8]>]) {
    for _ in 0..2 * said.len() {
        let (which, host) = (lan.rng().usize(..said.len()), lan.rng().u8(..5));
        lan.inject(to, SocketAddr::from(([10, 77, 0, host], 26634)), &said[which]);
        let wait = Duration::from_micros(lan.rng().u64(..20_000));
        lan.run_for(wait);
    }
}

fn is_of_lines(bytes: &[u8]) -> bool {
    matches!(parse(bytes).unwrap().message, Message::Lines(_))
}

#[test]
fn who_was_there_is_told_nothing_anew() {
    sweep(|seed| {
        let mut lan = Lan::new(3, Weather::FAIR, seed);
        let said = talk(&mut lan);
        let (events, table) = (lan.model.events, lan.table(0));
        play(&mut lan, 0, &said);
        assert_eq!((lan.model.events, lan.table(0)), (events, table));
    });
}

#[test]
fn who_has_just_come_sees_nobody_who_has_left() {
    sweep(|seed| {
        let mut lan = Lan::new(3, Weather::FAIR, seed);
        let said = talk(&mut lan);
        let (lines, others): (Vec<_>, Vec<_>) = said.into_iter().partition(|bytes| is_of_lines(bytes));
        // While the last beacon of the one who has left would still stand for it.
        lan.start(0);
        lan.run_for(SECOND / 2);
        let (events, table) = (lan.model.events, lan.table(0));
        play(&mut lan, 0, &others);
        assert_eq!((lan.model.events, lan.table(0)), (events, table));
        // Lines may be kept and brought by anybody: they are told with the time when they were said.
        play(&mut lan, 0, &lines);
        let reader = lan.node(0).run();
        assert_eq!(lan.model.shown_as(reader, Arrival::InTime), 0);
        assert_eq!(lan.table(0).len(), 1);
    });
}

#[test]
fn copies_of_beacons_turn_no_unicast_to_another_address() {
    let mut lan = Lan::new(3, Weather::FAIR, 1);
    let said = talk(&mut lan);
    let address = |lan: &Lan| lan.node(0).peers().next().unwrap().address;
    let before = address(&lan);
    for bytes in &said {
        lan.inject(0, SocketAddr::from(([10, 77, 0, 9], 26634)), bytes);
    }
    assert_eq!(address(&lan), before);
}

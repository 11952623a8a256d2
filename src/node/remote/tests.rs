//! What comes from beyond the subnet, and what it draws.

use core::net::{Ipv4Addr, SocketAddr};
use std::vec::Vec;

use super::super::{CardId, Command, Config, Unverified};
use super::*;
use crate::time::UnixMillis;
use crate::wire::{
    BeaconInterval, Counter, Digest, Epoch, Heard, HostName, Identity, Nick, PeerId, Profile, ProgramVersion, Room,
    RoomName, Status, Text, parse,
};

const CABLE: Link = Link { id: LinkId(1), card: CardId(1), address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)) };

fn run(number: u64) -> Run {
    Run { peer: PeerId(number), epoch: Epoch(1) }
}

fn profile() -> Profile<'static> {
    Profile {
        nick: Nick::new("n").unwrap(),
        host: HostName::default(),
        version: ProgramVersion::new("").unwrap(),
        status: Status::default(),
    }
}

fn room() -> Room {
    Room::open(&RoomName::new("lobby").unwrap())
}

/// A member without any setting.
fn hub() -> Node {
    let config = Config {
        profile: profile(),
        room: room(),
        role: Role::Member,
        unverified: Unverified::Welcome,
        history: 0,
        port: 26634,
        started: UnixMillis(0),
    };
    let mut node = Node::new(config, Identity::Unsigned(run(0)), 1.into(), Time::ZERO);
    node.handle_links(Time::ZERO, &[CABLE]);
    sent(&mut node);
    node
}

/// A hello of somebody who hears nobody, and wants everything by unicast.
fn asking(counter: u32) -> Message<'static> {
    let beacon = Beacon {
        hello: true,
        visitor: false,
        acks: false,
        remote: true,
        profile: profile(),
        port: 26634,
        interval: BeaconInterval::MIN,
        started: UnixMillis(0),
        time: UnixMillis(0),
        last_seq: None,
        digest: Digest::default(),
        hears: 0,
        heard: Heard::NOBODY,
        room: room().announced_name().cloned(),
    };
    Message::Beacon(Counter(counter), beacon)
}

fn bytes(author: u64, message: &Message<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode(&Identity::Unsigned(run(author)), &room(), &mut crate::trust::Random::new(1.into()), &mut bytes);
    bytes
}

fn hear(node: &mut Node, now: Time, author: u64, from: SocketAddr, message: &Message<'_>) -> usize {
    let bytes = bytes(author, message);
    node.handle_datagram(now, Datagram { link: CABLE.id, from, waited: core::time::Duration::ZERO, bytes: &bytes });
    bytes.len()
}

fn sent(node: &mut Node) -> Vec<(Transmit, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut sent = Vec::new();
    while let Some(way) = node.poll_transmit(&mut bytes) {
        sent.push((way, bytes.clone()));
    }
    sent
}

fn say(node: &mut Node, now: Time) {
    let command = Command::Say { text: Text::new("x").unwrap(), action: false, time: UnixMillis(0) };
    node.handle_command(now, command).unwrap();
}

#[test]
fn a_made_up_address_draws_an_answer_and_a_ping_and_nothing_more() {
    let mut node = hub();
    let victim = SocketAddr::from(([198, 51, 100, 1], 26634));
    let (mut came, mut drawn) = (0, 0);
    for millis in 0..10_000 {
        let now = Time::from_micros(millis * 1000);
        came += hear(&mut node, now, 1 + millis % 50, victim, &asking(1 + millis as u32));
        if millis % 100 == 0 {
            say(&mut node, now);
        }
        if node.poll_timeout().is_some_and(|deadline| deadline.at <= now) {
            node.handle_timeout(now);
        }
        for (_, bytes) in sent(&mut node).into_iter().filter(|(way, _)| *way != Transmit::Everywhere) {
            drawn += bytes.len();
            assert!(matches!(parse(&bytes).unwrap().message, Message::Beacon(..) | Message::Ping(..)), "{bytes:?}");
        }
    }
    assert!(drawn * 10 < came, "{drawn} bytes for {came}");
}

#[test]
fn who_has_sent_his_pong_gets_copies_until_he_is_lost() {
    let mut node = hub();
    let now = Time::from_micros(1000);
    let from = SocketAddr::from(([198, 51, 100, 1], 26634));
    let way = Transmit::Unicast { link: CABLE.id, to: from };
    hear(&mut node, now, 7, from, &asking(1));
    let is_ping = |bytes: &Vec<u8>| match parse(bytes).unwrap().message {
        Message::Ping(_, ping) => Some(ping),
        _ => None,
    };
    let ping = sent(&mut node).iter().find_map(|(_, bytes)| is_ping(bytes)).unwrap();
    let elsewhere = SocketAddr::from(([203, 0, 113, 5], 9));
    hear(&mut node, now, 7, elsewhere, &Message::Pong(Counter(2), ping.pong(run(0))));
    say(&mut node, now);
    let lines = |node: &mut Node| {
        let is_line = |(_, bytes): &(Transmit, Vec<u8>)| matches!(parse(bytes).unwrap().message, Message::Lines(_));
        sent(node).into_iter().filter(is_line).map(|(way, _)| way).collect::<Vec<_>>()
    };
    assert_eq!(lines(&mut node), [Transmit::Everywhere, way]);
    let later = Time::from_micros(4_000_000);
    say(&mut node, later);
    assert_eq!(lines(&mut node), [Transmit::Everywhere], "three and a half of its intervals have passed");
}

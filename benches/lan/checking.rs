//! How many signed datagrams a node takes in, signatures checked, on one processor.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use ::cooee::node::{CardId, Config, Datagram, Link, LinkId, Node, Role, Unverified};
use ::cooee::time::{Time, UnixMillis};
use ::cooee::trust::{Random, RoomKey, SecretKey};
use ::cooee::wire::{
    Epoch, HostName, Identity, Lines, Manner, Message, Nick, Part, Profile, ProgramVersion, Room, RoomId, Seq, Status,
};

use crate::sample::{grouped, time};
use crate::table::{Row, Table};
use crate::{Bench, attempt, tell};

const COUNT: u32 = 20_000;

/// Every measurement of it. It needs no LAN.
pub(crate) fn measure(bench: &Bench, table: &mut Table) {
    let rooms = [("an open room", Room::unnamed(RoomId(1))), ("a sealed room", sealed())];
    for (what, room) in rooms {
        tell(&format!("checking, {what}"));
        let checked = attempt(|| {
            let mut rates: Vec<f64> = (0..bench.turns(5)).map(|_| rate(&room)).collect();
            rates.sort_by(f64::total_cmp);
            let [worst, median, best] = [0, rates.len() / 2, rates.len() - 1].map(|i| grouped(rates[i] as u64));
            format!("{median} ({worst} to {best})")
        });
        push(table, &format!("signed line datagrams that one processor takes in a second, {what}"), checked);
        push(table, &format!("– to write one, {what}"), attempt(|| writing(&room)));
    }
}

fn sealed() -> Room {
    Room::Sealed(RoomKey::derive(b"magpie", "lab"))
}

fn push(table: &mut Table, what: &str, cooee: Result<String, String>) {
    table.push(Row { what: what.to_owned(), cooee: cooee.into(), ..Default::default() });
}

/// How long it takes to sign one, and seal it.
fn writing(room: &Room) -> String {
    let begin = processor_time();
    let (author, mut random, mut bytes) = (identity(1, room), Random::new(1.into()), Vec::new());
    for number in 1..=COUNT {
        line(number).encode(&author, room, &mut random, &mut bytes);
    }
    time((processor_time() - begin) / COUNT)
}

fn identity(number: u8, room: &Room) -> Identity {
    Identity::signed(SecretKey::from_bytes(&[number; SecretKey::LEN]), Epoch(1), room)
}

fn line(number: u32) -> Message<'static> {
    let (nick, part) = (Nick::new("alice").unwrap(), Part::new("a line of some forty bytes, as people type").unwrap());
    Message::Lines(Lines::starting(Seq::new(number).unwrap(), UnixMillis(0), nick, Manner::default(), &part))
}

/// How long this thread has had a processor: others use them too.
fn processor_time() -> Duration {
    let spent = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(spent.split(' ').next().unwrap().parse().unwrap())
}

/// How many a node takes in a second of one processor.
fn rate(room: &Room) -> f64 {
    let link = Link { id: LinkId(1), card: CardId(1), address: [192, 0, 2, 1].into() };
    let config = Config {
        profile: Profile {
            nick: Nick::new("bob").unwrap(),
            host: HostName::default(),
            version: ProgramVersion::new("").unwrap(),
            status: Status::default(),
        },
        room: room.clone(),
        role: Role::Member,
        unverified: Unverified::Welcome,
        history: 0,
        port: 26634,
        started: UnixMillis(0),
    };
    let mut node = Node::new(config, identity(2, room), 1.into(), Time::ZERO);
    node.handle_links(Time::ZERO, &[link]);
    let (author, mut random) = (identity(1, room), Random::new(1.into()));
    let said: Vec<Vec<u8>> = (1..=COUNT)
        .map(|number| {
            let mut bytes = Vec::new();
            line(number).encode(&author, room, &mut random, &mut bytes);
            bytes
        })
        .collect();
    let from = SocketAddr::from(([192, 0, 2, 2], 26634));
    let (mut now, mut told, begin) = (Time::ZERO, 0, processor_time());
    for bytes in &said {
        // As fast as one address is let in.
        now += Duration::from_micros(500);
        node.handle_datagram(now, Datagram { link: link.id, from, waited: Duration::ZERO, bytes });
        told += std::iter::from_fn(|| node.poll_event()).count();
    }
    let took = processor_time() - begin;
    assert!(told + 10 > said.len(), "{told} were told");
    f64::from(COUNT) / took.as_secs_f64()
}

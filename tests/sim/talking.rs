//! What is said is shown: once, whole, and to those who are there.

use std::net::SocketAddr;
use std::time::Duration;

use cooee::node::{Command, CommandError, Config, Datagram, Event, LinkId, Node, Role, Unverified};
use cooee::time::{Time, UnixMillis};
use cooee::wire::{
    Epoch, HostName, Identity, Nick, Part, PeerId, Profile, ProgramVersion, Room, RoomName, Run, Status, Text,
};

use crate::lan::Lan;
use crate::seeds::sweep;
use crate::weather::Weather;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn everybody_is_shown_every_line_once() {
    sweep(|seed| {
        let weather = Weather { twice: 0.3, delay: 0..20_000, two_cards: seed % 2 == 1, ..Weather::FAIR };
        let mut lan = Lan::new(6, weather, seed);
        lan.start_all();
        for _ in 0..200 {
            let host = lan.rng().usize(..6);
            lan.say(host);
            let wait = Duration::from_millis(lan.rng().u64(..30));
            lan.run_for(wait);
        }
        lan.run_for(SECOND);
        for host in 0..6 {
            let run = lan.node(host).run();
            assert_eq!(lan.model.shown_by(run), lan.model.said_by_others(run), "host {host}");
        }
    });
}

#[test]
fn a_line_is_on_its_way_at_once() {
    let mut lan = Lan::new(2, Weather::FAIR, 1);
    let reader = lan.start(0);
    lan.start(1);
    lan.run_for(10 * SECOND);
    lan.say(1);
    let took = lan.run_until(SECOND, |lan| lan.model.shown_by(reader) == 1);
    assert!(took < Duration::from_micros(150), "{took:?}");
}

#[test]
fn a_thousand_lines_at_once_arrive_before_the_goodbye() {
    sweep(|seed| {
        let mut lan = Lan::new(3, Weather::FAIR, seed);
        lan.start_all();
        lan.run_for(SECOND);
        for _ in 0..1000 {
            lan.say(0);
        }
        lan.command(0, Command::Leave);
        lan.run_for(SECOND);
        for host in [1, 2] {
            assert_eq!(lan.model.shown_by(lan.node(host).run()), 1000);
            assert_eq!(lan.table(host).len(), 1);
        }
    });
}

/// A node of its own, so that nothing is fetched from it.
fn node_by_itself(run: Run) -> Node {
    let config = Config {
        profile: Profile {
            nick: Nick::new("a").unwrap(),
            host: HostName::default(),
            version: ProgramVersion::new("").unwrap(),
            status: Status::default(),
        },
        room: Room::open(&RoomName::new("lobby").unwrap()),
        role: Role::Member,
        unverified: Unverified::Welcome,
        history: 0,
        port: 1,
        started: UnixMillis(0),
    };
    Node::new(config, Identity::Unsigned(run), 1.into(), Time::ZERO)
}

#[test]
fn who_fetches_late_is_told_all() {
    const LINES: u32 = 6000;
    let run = |number| Run { peer: PeerId(number), epoch: Epoch(1) };
    let (mut author, mut reader) = (node_by_itself(run(1)), node_by_itself(run(2)));
    let (mut now, mut bytes) = (Time::ZERO, Vec::new());
    for number in 1..=LINES {
        now += Duration::from_millis(6);
        let text = Text::new(number.to_string()).unwrap();
        author.handle_command(now, Command::Say { text, action: false, time: UnixMillis(0) }).unwrap();
        while author.poll_transmit(&mut bytes).is_some() {
            let from = SocketAddr::from(([10, 77, 0, 1], 1));
            reader.handle_datagram(now, Datagram { link: LinkId(1), from, waited: Duration::ZERO, bytes: &bytes });
        }
    }
    let told = std::iter::from_fn(|| reader.poll_event()).map(|event| match event {
        Event::Line(line) => line.seq.number(),
        other => panic!("{other:?} is told"),
    });
    assert!(told.eq(1..=LINES));
}

#[test]
fn who_says_too_much_is_told_to_wait() {
    let mut lan = Lan::new(2, Weather::FAIR, 1);
    lan.start(0);
    let mut node = node_by_itself(lan.node(0).run());
    let long = Text::new("x".repeat(Part::MAX)).unwrap();
    let say = || Command::Say { text: long.clone(), action: false, time: UnixMillis(0) };
    let refused = (0..1000).find_map(|_| node.handle_command(lan.now(), say()).err());
    assert_eq!(refused, Some(CommandError::Busy));
    let mut buffer = Vec::new();
    assert!(node.poll_transmit(&mut buffer).is_some());
    assert_eq!(node.handle_command(lan.now(), say()), Ok(()), "there is room again");
}

#[test]
fn after_leave_nothing_is_taken() {
    let mut lan = Lan::new(1, Weather::FAIR, 1);
    lan.start(0);
    lan.command(0, Command::Leave);
    lan.run_for(SECOND);
    assert_eq!(lan.running().count(), 0, "it has ended by itself");
}

#[test]
fn hostile_datagrams_change_nothing() {
    sweep(|seed| {
        let mut lan = Lan::new(3, Weather::FAIR, seed);
        lan.start_all();
        lan.run_for(SECOND);
        let stranger = SocketAddr::from(([10, 77, 9, 9], 9));
        for _ in 0..2000 {
            let len = lan.rng().usize(..1300);
            let mut bytes: Vec<u8> = (0..len).map(|_| lan.rng().u8(..)).collect();
            if lan.rng().bool() && len > 6 {
                bytes[..6].copy_from_slice(&[b'C', b'O', b'O', b'E', 1, lan.rng().u8(1..9)]);
            }
            lan.inject(0, stranger, &bytes);
        }
        lan.say(1);
        lan.run_for(SECOND);
        let reader = lan.node(0).run();
        assert_eq!(lan.model.shown_by(reader), 1);
        assert!(lan.everybody_knows_everybody());
    });
}

//! Which other rooms there are.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use cooee::node::{Command, HeardRoom};
use cooee::trust::{Random, RoomKey};
use cooee::wire::{
    Beacon, Counter, Envelope, Epoch, Heard, Identity, Message, Nick, PeerId, Room, RoomId, RoomName, Run, Status,
    parse,
};

use crate::lan::{HostNumber, Lan};
use crate::seeds::sweep;
use crate::weather::{Start, Weather};

const SECOND: Duration = Duration::from_secs(1);

/// Hosts 0 and 1 are in the lobby, 2 to 4 in the attic, 5 to 7 in the cellar; all have been there for a while.
fn house(weather: Weather, seed: u64, signs: bool) -> Lan {
    let mut lan = Lan::new(8, weather, seed);
    lan.sign = signs;
    for host in 0..8 {
        let room = ["lobby", "attic", "cellar"][(host + 1) / 3];
        lan.start_as(host, Start { room, ..Start::member(host) });
    }
    lan.run_for(10 * SECOND);
    lan
}

/// How many a host hears in each room of which it knows the name.
fn rooms(lan: &Lan, host: HostNumber) -> BTreeMap<String, usize> {
    let named = |room: HeardRoom| Some((room.name?.to_string(), room.peers));
    lan.node(host).rooms(lan.now()).filter_map(named).collect()
}

fn named(rooms: &[(&str, usize)]) -> BTreeMap<String, usize> {
    rooms.iter().map(|(name, peers)| ((*name).to_owned(), *peers)).collect()
}

#[test]
fn rooms_elsewhere_are_known_within_a_second_of_asking_also_where_a_fifth_gets_lost() {
    let (askers, slow) = (Cell::new(0), Cell::new(0));
    sweep(|seed| {
        let unicast = seed % 4 != 0;
        let mut lan = house(Weather { unicast, ..Weather::losing(0.2) }, seed, seed % 2 == 0);
        // In which room whoever asks is himself does not matter, nor whether he is listed.
        let asker = match seed % 3 {
            0 => Start::visitor(0),
            1 => Start { room: "attic", ..Start::visitor(0) },
            _ => Start { room: "elsewhere", ..Start::member(0) },
        };
        lan.start_as(0, asker);
        lan.command(0, Command::AskRooms);
        let took = lan.run_until(60 * SECOND, |lan| rooms(lan, 0).keys().eq(["attic", "cellar", "lobby"]));
        askers.set(askers.get() + 1);
        slow.set(slow.get() + u32::from(took > SECOND));
    });
    // The only one in a room may not hear any question, or none of his answers gets through; then his beacons have to do.
    assert!(slow.get() * 100 <= askers.get(), "{} of {} took longer", slow.get(), askers.get());
}

#[test]
fn each_answers_once_and_whoever_is_heard_already_not_at_all() {
    let mut lan = house(Weather::FAIR, 1, true);
    lan.kill(0);
    lan.start_as(0, Start { room: "elsewhere", ..Start::member(0) });
    lan.let_all_arrive();
    let answers = |lan: &mut Lan| {
        let (unicasts, started) = (lan.unicasts, lan.now());
        lan.command(0, Command::AskRooms);
        lan.run_for(SECOND);
        assert!(lan.now().since(started) == SECOND);
        lan.unicasts - unicasts
    };
    assert_eq!(answers(&mut lan), 7);
    assert_eq!(rooms(&lan, 0), named(&[("attic", 3), ("cellar", 3), ("lobby", 1)]));
    assert_eq!(answers(&mut lan), 0);
    assert!((1..8).all(|host| !lan.table(host).contains(&lan.node(0).run())), "who asks is not listed");
}

#[test]
fn without_asking_beacons_tell() {
    sweep(|seed| {
        let mut lan = house(Weather::FAIR, seed, seed % 8 == 0);
        assert_eq!(rooms(&lan, 0), named(&[("lobby", 1), ("attic", 3), ("cellar", 3)]));
        assert_eq!(rooms(&lan, 7), named(&[("lobby", 2), ("attic", 3), ("cellar", 2)]));
        // Who leaves is gone at once, who falls silent after a while, and with the last one the room.
        lan.command(2, Command::Leave);
        lan.kill(3);
        (5..8).for_each(|host| lan.kill(host));
        lan.run_for(SECOND);
        assert_eq!(rooms(&lan, 0), named(&[("lobby", 1), ("attic", 2), ("cellar", 3)]));
        lan.run_for(18 * SECOND);
        assert_eq!(rooms(&lan, 0), named(&[("lobby", 1), ("attic", 1)]));
    });
}

#[test]
fn what_was_recorded_of_one_who_left_does_not_bring_him_back() {
    let mut lan = Lan::new(3, Weather::FAIR, 1);
    (lan.sign, lan.record) = (true, Some(Vec::new()));
    lan.start(0);
    lan.start_as(1, Start { room: "attic", ..Start::member(1) });
    lan.run_for(10 * SECOND);
    let from = SocketAddr::from(([10, 77, 0, 1], 26634));
    assert_eq!(rooms(&lan, 0), named(&[("attic", 1)]));
    lan.command(1, Command::Leave);
    lan.run_for(SECOND);
    assert_eq!(rooms(&lan, 0), named(&[]));
    for bytes in lan.record.take().unwrap() {
        lan.run_for(SECOND / 10);
        lan.inject(0, from, &bytes);
    }
    assert_eq!(rooms(&lan, 0), named(&[]));
}

#[test]
fn a_sealed_room_tells_neither_what_it_is_called_nor_who_is_in_it() {
    let key = RoomKey::derive(b"magpie", "conspiracy");
    let mut lan = Lan::new(5, Weather::FAIR, 1);
    (lan.sign, lan.record) = (true, Some(Vec::new()));
    lan.start(0);
    for host in 1..4 {
        let nick = format!("plotter-{host}");
        lan.start_as(host, Start { nick, room: "conspiracy", sealed_by: Some(key.clone()), ..Start::member(host) });
    }
    lan.run_for(10 * SECOND);
    lan.say(1);
    lan.command(2, Command::Rename(Nick::new("plotter-two").unwrap()));
    lan.command(3, Command::Describe(Status::new("plotter at work").unwrap()));
    // They can ask what others there are, but do not answer.
    lan.run_for(SECOND);
    let said: Vec<_> = lan.record.as_ref().unwrap().iter().filter(|bytes| parse(bytes).is_err()).cloned().collect();
    assert!(said.len() > 20);
    lan.command(1, Command::AskRooms);
    lan.run_for(SECOND);
    assert_eq!(rooms(&lan, 1), named(&[("lobby", 1)]));
    let unicasts = lan.unicasts;
    lan.command(0, Command::AskRooms);
    lan.run_for(SECOND);
    assert_eq!(lan.unicasts, unicasts);

    let heard: Vec<_> = lan.node(0).rooms(lan.now()).collect();
    assert_eq!(heard.iter().map(|room| (room.name.clone(), room.peers)).collect::<Vec<_>>(), [(None, 3)]);
    let identities = (1..4).map(|host| lan.node(host).run()).collect::<Vec<_>>();
    let mut asked = 0;
    for bytes in lan.record.take().unwrap() {
        for secret in ["conspiracy", "plotter", "machine-1"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} leaks");
        }
        let envelope = Envelope::parse(&bytes).unwrap();
        if envelope.room() == RoomId::ANY && envelope.author() != lan.node(0).run() {
            assert!(!envelope.is_costly() && !identities.contains(&envelope.author()));
            asked += 1;
        }
    }
    assert_eq!(asked, 7);
}

/// A beacon of somebody in a room, as he would send it.
fn beacon_of(lan: &Lan, author: &Identity, room: &str, counter: u32) -> Vec<u8> {
    let name = RoomName::new(room.to_owned()).unwrap();
    let peer = lan.node(0).peers().next().unwrap();
    let beacon = Beacon {
        hello: false,
        visitor: false,
        acks: false,
        remote: false,
        profile: peer.profile,
        port: 26634,
        interval: cooee::wire::BeaconInterval::MAX,
        started: peer.started,
        time: peer.started,
        last_seq: None,
        digest: cooee::wire::Digest::default(),
        hears: 0,
        heard: Heard::NOBODY,
        room: Some(name.clone()),
    };
    let mut bytes = Vec::new();
    Message::Beacon(Counter(counter), beacon).encode(
        author,
        &Room::open(&name),
        &mut Random::new(1.into()),
        &mut bytes,
    );
    bytes
}

#[test]
fn a_flood_of_made_up_rooms_is_bounded_and_pushes_out_none_that_is_signed_for() {
    let mut lan = house(Weather::FAIR, 1, true);
    let flooder = SocketAddr::from(([10, 77, 9, 9], 26634));
    let (events, sent) = (lan.model.events, lan.node(0).stats().sent);
    for number in 0..10_000_u64 {
        let run = Run { peer: PeerId::unsigned(number), epoch: Epoch(1) };
        let bytes = beacon_of(&lan, &Identity::Unsigned(run), &format!("room {number}"), 1);
        lan.inject(0, flooder, &bytes);
        // A sealed one needs no more than a header that says so.
        let mut sealed = bytes;
        sealed[7] = 2;
        sealed[8..16].copy_from_slice(&(number + 1).to_be_bytes());
        lan.inject(0, flooder, &sealed);
    }
    let heard: Vec<_> = lan.node(0).rooms(lan.now()).collect();
    let sealed = heard.iter().filter(|room| room.name.is_none()).count();
    assert!(sealed <= 1024 && heard.len() - sealed <= 4096 + 1, "{} rooms, {sealed} of them sealed", heard.len());
    let real = rooms(&lan, 0);
    assert_eq!((real["attic"], real["cellar"], real["lobby"]), (3, 3, 1));
    // That there is a sealed room is told once.
    assert_eq!((lan.model.events - events, lan.node(0).stats().sent - sent), (1, 0));
}

#[test]
fn a_flood_of_signatures_that_are_wrong_costs_no_more_than_in_ones_own_room() {
    let mut lan = house(Weather::FAIR, 1, true);
    let flooder = SocketAddr::from(([10, 77, 9, 9], 26634));
    let secret = cooee::trust::SecretKey::from_bytes(&[42; 32]);
    let thief = Identity::signed(secret, Epoch(1), &Room::open(&RoomName::new("den").unwrap()));
    let mut bytes = beacon_of(&lan, &thief, "den", 1);
    *bytes.last_mut().unwrap() ^= 1;
    (0..1000).for_each(|_| lan.inject(0, flooder, &bytes));
    let stats = lan.node(0).stats();
    let refused = stats.refused().find(|(reason, _)| *reason == cooee::wire::Error::Signature).unwrap().1;
    assert_eq!((refused, stats.too_fast), (64, 936), "a stranger may have so much looked into at once");
    assert!(!rooms(&lan, 0).contains_key("den"));
    // Right ones are looked into no more than once a second.
    let right = beacon_of(&lan, &thief, "den", 2);
    lan.run_for(2 * SECOND);
    (0..1000).for_each(|_| lan.inject(0, flooder, &right));
    assert_eq!((lan.node(0).stats().too_fast, rooms(&lan, 0)["den"]), (936, 1));
}

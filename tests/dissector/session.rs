//! What nodes say to each other in a session in which everything happens, and the vectors of the page.

use std::collections::BTreeSet;
use std::net::{SocketAddr, SocketAddrV4};
use std::sync::LazyLock;
use std::time::Duration;

use cooee::node::{Command, Transmit};
use cooee::trust::RoomKey;
use cooee::wire::{
    Beacon, Counter, Epoch, Heard, Identity, Message, Nick, PORT, PeerId, PingWay, Room, RoomName, Run, Status, Text,
    parse,
};

use crate::PAGE;
use crate::capture::{Captured, EVERYBODY};
use crate::expected::{KINDS, expected};
use crate::lan::{HostNumber, Lan, Sent};
use crate::reading::vector_bytes;
use crate::tshark::{FIELDS, Shown, dissect};
use crate::weather::{Start, Weather};

pub(crate) const TRIALS: crate::TrialTable = &[
    ("every_field_of_a_session_is_as_it_was_written", every_field_of_a_session_is_as_it_was_written),
    ("every_field_of_the_vectors_is_as_the_page_says", every_field_of_the_vectors_is_as_the_page_says),
    ("every_field_is_shown_somewhere", every_field_is_shown_somewhere),
];

const SECOND: Duration = Duration::from_secs(1);

fn every_field_of_a_session_is_as_it_was_written() {
    let (session, room) = &*SESSION;
    assert!(session.len() > 500, "{} datagrams", session.len());
    compare(session, Some(room));
    let kinds: BTreeSet<u8> = session.iter().map(|captured| captured.bytes[5]).collect();
    let all_that_are_sent_on_one_lan: BTreeSet<u8> = (1..=11).collect();
    assert!(kinds.is_superset(&all_that_are_sent_on_one_lan), "{kinds:?}");
    assert!(session.iter().any(|captured| captured.to != EVERYBODY && captured.to.port() != PORT), "no unicast");
}

fn every_field_of_the_vectors_is_as_the_page_says() {
    let room = Room::sealed(&RoomName::new("lab").unwrap(), b"magpie");
    compare(&vectors(), Some(&room));
}

/// Asserts that tshark shows what is expected of each datagram, and nothing else: nothing is malformed, then.
fn compare(captured: &[Captured], room: Option<&Room>) {
    for (captured, shown) in captured.iter().zip(dissect(captured)) {
        assert_eq!(shown, expected(&captured.bytes, room), "{:?}", captured.bytes);
    }
}

fn every_field_is_shown_somewhere() {
    let mut captured = SESSION.0.clone();
    captured.extend(vectors());
    captured.extend(crate::looks::strange());
    let shown: BTreeSet<String> = dissect(&captured).into_iter().flat_map(Shown::into_keys).collect();
    let missing: Vec<_> = FIELDS.iter().filter(|field| !shown.contains(*field)).collect();
    assert!(missing.is_empty(), "{missing:?} are never shown");
}

/// The datagrams that the page shows, and a beacon of one who hears too many to name them.
pub(crate) fn vectors() -> Vec<Captured> {
    let names = PAGE.lines().filter_map(|line| line.strip_prefix(".\\\" begin vector "));
    let of_the_page = names.filter(|name| !["unsealed", "private text"].contains(name)).map(vector_bytes);
    let vectors: Vec<_> = of_the_page.chain([crowded_beacon()]).map(Captured::new).collect();
    assert!(vectors.len() > KINDS.len());
    vectors
}

fn crowded_beacon() -> Vec<u8> {
    let vector = vector_bytes("beacon");
    let packet = parse(&vector).unwrap();
    let Message::Beacon(_, beacon) = packet.message else { panic!("no beacon") };
    let counter = Counter(u32::MAX);
    let heard = Heard::all((0..1000).map(|peer| Run { peer: PeerId(peer.into()), epoch: Epoch(peer) }), counter);
    let message = Message::Beacon(counter, Beacon { heard, ..beacon });
    let mut bytes = Vec::new();
    let (author, room) = (Identity::Unsigned(packet.author), Room::unnamed(packet.room));
    message.encode(&author, &room, &mut cooee::trust::Random::new(0.into()), &mut bytes);
    bytes
}

/// Hosts of the session, and what they are there for.
const ALICE: HostNumber = 0;
const BOB: HostNumber = 1;
/// Signs nothing.
const CAROL: HostNumber = 2;
/// In another room.
const DAVE: HostNumber = 3;
/// Two in a sealed room.
const PLOTTERS: [HostNumber; 2] = [4, 5];
/// Comes late, and asks for what was said.
const LATE: HostNumber = 6;
const VISITOR: HostNumber = 7;
const HOSTS: usize = 8;

/// A session on a LAN in which all is sent that ever is, but to those beyond the subnet; and its sealed room.
pub(crate) static SESSION: LazyLock<(Vec<Captured>, Room)> = LazyLock::new(|| {
    let key = RoomKey::derive(b"magpie", "lab");
    let mut lan = Lan::new(HOSTS, Weather::FAIR, 1);
    lan.capture = Some(Vec::new());
    for host in [ALICE, BOB, CAROL] {
        lan.start_as(host, Start { signs: host != CAROL, ..Start::member(host) });
    }
    lan.start_as(DAVE, Start { signs: true, room: "attic", ..Start::member(DAVE) });
    for host in PLOTTERS {
        lan.start_as(host, Start { signs: true, sealed_by: Some(key.clone()), ..Start::member(host) });
    }
    lan.run_for(3 * SECOND);
    talk(&mut lan);
    lose(&mut lan);
    ask(&mut lan);
    leave(&mut lan);
    let capture = lan.capture.take().unwrap();
    (capture.into_iter().map(captured).collect(), Room::Sealed(key))
});

fn talk(lan: &mut Lan) {
    for host in [ALICE, BOB, CAROL, PLOTTERS[0]] {
        lan.say(host);
    }
    lan.say_at_length(ALICE, 3000);
    lan.command(ALICE, Command::Rename(Nick::new("alíce \u{1f980}").unwrap()));
    lan.command(BOB, Command::Describe(Status::new("lunch").unwrap()));
    let text = Text::new("looks\0 \u{1b}[31maround\n").unwrap();
    lan.model.said(lan.now(), BOB, &text);
    lan.command(BOB, Command::Say { text, action: true, time: lan.unix(BOB) });
    // More at once than go in datagrams of their own.
    (0..15).for_each(|_| lan.say(BOB));
    for [from, to] in [[ALICE, BOB], PLOTTERS] {
        let (reader, text, time) = (lan.node(to).run(), Text::new("psst").unwrap(), lan.unix(from));
        lan.command(from, Command::SayPrivately { reader, text, action: false, time });
    }
    lan.run_for(2 * SECOND);
}

/// Lines get lost: they are asked for by unicast and by broadcast, and after a cut all notes are compared.
fn lose(lan: &mut Lan) {
    lan.weather.loss = 0.5;
    for unicast in [true, false] {
        lan.weather.unicast = unicast;
        for host in [ALICE, BOB, CAROL, ALICE, PLOTTERS[0]] {
            lan.say(host);
        }
        lan.run_for(10 * SECOND);
    }
    (lan.weather.loss, lan.weather.unicast) = (0.0, true);
    lan.cut(ALICE..BOB, BOB..HOSTS);
    for _ in 0..15 {
        lan.say(ALICE);
        lan.say(BOB);
        lan.run_for(2 * SECOND);
    }
    lan.heal();
    lan.run_for(10 * SECOND);
}

fn ask(lan: &mut Lan) {
    lan.start_as(LATE, Start { signs: true, history: 50, ..Start::member(LATE) });
    lan.start_as(VISITOR, Start::visitor(VISITOR));
    lan.run_for(6 * SECOND);
    lan.command(ALICE, Command::AskRooms);
    let reader = lan.node(BOB).run();
    for way in [PingWay::Unicast, PingWay::Broadcast] {
        lan.command(ALICE, Command::Ping { reader, way });
    }
    lan.run_for(2 * SECOND);
}

fn leave(lan: &mut Lan) {
    for host in [ALICE, CAROL, PLOTTERS[1], VISITOR] {
        lan.command(host, Command::Leave);
    }
    lan.run_for(SECOND);
}

/// A datagram of the simulator as a capture has it.
fn captured(sent: Sent) -> Captured {
    let v4 = |address: SocketAddr| match address {
        SocketAddr::V4(address) => address,
        SocketAddr::V6(_) => panic!("{address} on a LAN of IPv4"),
    };
    let to = match sent.to {
        Transmit::Unicast { to, .. } => v4(to),
        _ => EVERYBODY,
    };
    Captured {
        at: sent.at,
        from: SocketAddrV4::new(*v4(sent.from).ip(), sent.from.port()),
        to,
        ..Captured::new(&*sent.bytes)
    }
}

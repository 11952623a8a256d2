//! What the fuzz targets share: how a node is made, how a datagram is read and written, and lives of small LANs.
//!
//! Whoever changes the wire or how a node is made adapts this file; the rest knows nothing of either.

mod lan;
mod scenes;
mod step;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use std::cell::LazyCell;

use cooee::node::{CardId, Config, Link, LinkId, Node, Role, Unverified};
use cooee::time::{Time, UnixMillis};
use cooee::trust::{KnownPeers, PublicKey, Random, SecretKey, Signature};
use cooee::wire::{
    DATAGRAM_MAX, Envelope, Epoch, HEADER_LEN, Heard, HostName, Identity, Message, Nick, Packet, PeerId, PrivateText,
    Profile, ProgramVersion, Room, RoomId, RoomName, Run, Status, Wanted, parse,
};

pub use self::lan::Lan;
pub use self::scenes::scenes;
pub use self::step::Steps;

/// How a run starts.
#[derive(Clone, Copy, Debug)]
struct Start {
    /// Where it runs.
    host: u8,
    /// Whether it is one that asks and goes.
    is_visitor: bool,
    /// Whether it claims to be the installation of the first host.
    is_clone: bool,
    /// Whether it is in another room than the others.
    is_elsewhere: bool,
    /// Whether it signs nothing.
    is_unsigned: bool,
    /// Whether its room is sealed.
    is_sealed: bool,
    /// Lines of history that it wants.
    history: u8,
    /// Which run of all it is.
    turn: u32,
}

/// What every clock says at the beginning.
const STARTED: UnixMillis = UnixMillis(1_795_442_520_000);

/// A run, not on any link yet.
fn node(start: Start, now: Time) -> Node {
    let name = format!("host-{}", start.host);
    let installation = if start.is_clone { 0 } else { start.host };
    let room = if start.is_sealed { SEALED.with(|room| Room::clone(room)) } else { room(start.is_elsewhere) };
    let profile = Profile {
        nick: nick(&name),
        host: HostName::new(name).expect("a host's name"),
        version: ProgramVersion::new("0.1.0").expect("a version"),
        status: Status::default(),
    };
    let config = Config {
        profile,
        room: room.clone(),
        unverified: Unverified::Welcome,
        role: if start.is_visitor { Role::Visitor } else { Role::Member },
        history: start.history.into(),
        port: PORT,
        started: UnixMillis(STARTED.0 + now.as_micros() / 1000),
    };
    let epoch = Epoch(start.turn);
    let identity = if start.is_unsigned {
        Identity::Unsigned(Run { peer: PeerId::unsigned(installation.into()), epoch })
    } else {
        Identity::signed(key(installation), epoch, &room)
    };
    let seed = u64::from(start.turn) << 8 | u64::from(start.host);
    Node::new(Config { room, ..config }, identity, seed.into(), now)
}

/// The key of an installation.
fn key(installation: u8) -> SecretKey {
    SecretKey::from_bytes(&[installation; SecretKey::LEN])
}

/// A datagram with this body, as a stranger could send it who knows the room.
fn forged(kind: u8, author: u8, number: u32, body: &[u8]) -> Vec<u8> {
    let (room, signs) = (room(false), author & 1 == 1);
    let run = if signs {
        Identity::signed(key(author), Epoch(1), &room).run()
    } else {
        Run { peer: PeerId::unsigned(author.into()), epoch: Epoch(1) }
    };
    let mut datagram = b"COOE\x01".to_vec();
    datagram.extend([kind, 0, u8::from(signs)]);
    datagram.extend(room.id().0.to_be_bytes());
    datagram.extend(run.peer.0.to_be_bytes());
    datagram.extend(run.epoch.0.to_be_bytes());
    datagram.extend(number.to_be_bytes());
    datagram.extend(body);
    if signs { signed(datagram, &key(author)) } else { datagram }
}

/// Signs all of these bytes.
fn signed(mut datagram: Vec<u8>, key: &SecretKey) -> Vec<u8> {
    datagram.extend(key.public().0);
    let signature = key.sign(&datagram);
    datagram.extend(signature.0);
    datagram
}

/// Signs what was changed of a datagram as its author would have, where he is one of the hosts.
fn sign_again(original: &[u8], changed: &[u8]) -> Option<Vec<u8>> {
    let before = original.len().checked_sub(PublicKey::LEN + Signature::LEN).filter(|len| *len >= HEADER_LEN)?;
    let theirs = &original[before..before + PublicKey::LEN];
    let author = (0..4).map(key).find(|key| key.public().0 == *theirs)?;
    Some(signed(changed[..changed.len().min(before)].to_vec(), &author))
}

/// What must hold of any bytes: they are read or refused; what was read is written again, as short as a datagram is,
/// and read as the same.
pub fn check_datagram(bytes: &[u8]) {
    let _ = PrivateText::parse(bytes);
    let mut scratch = Vec::new();
    if let Ok(envelope) = Envelope::parse(bytes) {
        if let Ok(packet) = SEALED.with(|room| envelope.open(room, &mut scratch)) {
            look_at(&packet);
        }
    }
    let Ok(packet) = parse(bytes) else { return };
    look_at(&packet);
    if packet.signer.is_some() {
        return;
    }
    let mut written = Vec::new();
    let (author, room) = (Identity::Unsigned(packet.author), Room::unnamed(packet.room));
    packet.message.encode(&author, &room, &mut Random::new(0.into()), &mut written);
    assert!(written.len() <= DATAGRAM_MAX, "{} bytes", written.len());
    assert_eq!(parse(&written).as_ref(), Ok(&packet));
}

/// What must hold of any bytes as a file of keys: they are read or refused; what was read is written again and read as
/// the same.
pub fn check_files(bytes: &[u8]) {
    if let Ok(key) = SecretKey::from_file(bytes) {
        assert_eq!(SecretKey::from_file(key.to_file().as_bytes()).expect("what was written").public(), key.public());
    }
    let (known, _) = KnownPeers::parse(bytes);
    let written = known.to_text();
    let (again, unread) = KnownPeers::parse(&written);
    assert!(again.iter().count() == known.iter().count() && unread.len() <= written.len());
    assert_eq!(again.to_text(), written);
}

/// What must hold of a datagram that a node sends.
///
/// # Panics
/// When it is too long, or nobody could read it.
fn check_sent(bytes: &[u8]) {
    assert!(bytes.len() <= DATAGRAM_MAX, "{} bytes", bytes.len());
    let envelope = Envelope::parse(bytes).expect("a header");
    if envelope.is_sealed() {
        let read = SEALED.with(|room| envelope.open(room, &mut Vec::new()).map(drop));
        assert_eq!(read, Ok(()), "{bytes:?} is sent");
    } else {
        assert_eq!(parse(bytes).map(drop), Ok(()), "{bytes:?} is sent");
    }
}

/// What tells datagrams apart that are worth keeping: what they say, and about how long they are.
pub fn shape(datagram: &[u8]) -> String {
    let Ok(packet) = parse(datagram) else { return format!("sealed-{}", datagram.len().ilog2()) };
    let name = match packet.message {
        Message::Beacon(..) if packet.room == RoomId::ANY => "question-of-rooms",
        Message::Beacon(_, beacon) if beacon.visitor => "beacon-of-visitor",
        Message::Beacon(_, beacon) if beacon.remote && beacon.hello => "hello-from-afar",
        Message::Beacon(_, beacon) if beacon.remote => "beacon-from-afar",
        Message::Beacon(_, beacon) if beacon.hello => "hello",
        Message::Beacon(_, beacon) if beacon.heard == Heard::NOBODY => "beacon-that-tells-little",
        Message::Beacon(..) => "beacon",
        Message::Goodbye(..) => "goodbye",
        Message::Lines(lines) if lines.count() > 1 => "lines",
        Message::Lines(lines) if lines.iter().any(|line| line.manner.goes_on) => "line-that-goes-on",
        Message::Lines(_) => "line",
        Message::Nack(_, nack) if nack.to_all => "nack-to-all",
        Message::Nack(..) => "nack",
        Message::Ack(..) => "ack",
        Message::HistoryRequest(_, request) if request.to_all => "history-request-to-all",
        Message::HistoryRequest(_, request) => match request.wanted {
            Wanted::LastLines(_) => "history-request",
            Wanted::AllAuthors { .. } => "request-of-all-authors",
        },
        Message::Notes(_, notes) if notes.count() > 1 => "notes",
        Message::Notes(..) => "note",
        Message::PrivateLine(..) => "private-line",
        Message::PrivateAck(..) => "private-ack",
        Message::Ping(..) => "ping",
        Message::Pong(..) => "pong",
        Message::Addresses(..) => "addresses",
    };
    format!("{name}-{}", datagram.len().ilog2())
}

/// Reads all that was not read before somebody asks for it.
fn look_at(packet: &Packet<'_>) {
    match &packet.message {
        Message::Lines(lines) => assert_eq!(lines.iter().count(), lines.count() as usize),
        Message::Notes(_, notes) => assert_eq!(notes.iter().count(), notes.count() as usize),
        Message::Addresses(_, addresses) => assert!(addresses.iter().all(|told| told.address.port() != 0)),
        Message::Beacon(counter, beacon) => {
            let _ = beacon.heard.tells_of(packet.author, *counter);
        }
        _ => {}
    }
}

/// Where a host is to be reached, at home or after it has moved.
fn address(host: u8, has_moved: bool) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, host + if has_moved { 100 } else { 1 })), PORT)
}

fn link(id: u32, address: SocketAddr) -> Link {
    Link { id: LinkId(id), card: CardId(id), address: address.ip() }
}

fn nick(name: &str) -> Nick<'static> {
    Nick::new(name.to_owned()).expect("a nick")
}

fn room(is_elsewhere: bool) -> Room {
    Room::open(&RoomName::new(if is_elsewhere { "attic" } else { "lobby" }).expect("a room's name"))
}

thread_local! {
    /// A room of which the key is derived once: that takes a while.
    static SEALED: LazyCell<Room> =
        LazyCell::new(|| Room::sealed(&RoomName::new("lab").expect("a room's name"), b"magpie"));
}

const PORT: u16 = 26634;

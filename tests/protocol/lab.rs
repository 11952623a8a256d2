//! A node in virtual time: fed with datagrams, and watched for what it sends and when.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use cooee::node::{CardId, Command, Config, Datagram, Event, Link, LinkId, Node, Role, Transmit, Unverified};
use cooee::time::{Time, UnixMillis};
use cooee::trust::{Random, SecretKey};
use cooee::wire::{
    Beacon, BeaconInterval, Counter, Digest, Epoch, Heard, HostName, Identity, Lines, Manner, Message, Nack, Nick,
    Part, PeerId, Profile, ProgramVersion, Room, RoomName, Run, Seq, SeqRange, Status, Text, parse,
};

const CABLE: Link = Link { id: LinkId(1), card: CardId(1), address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)) };

/// What every clock says when the node starts.
const STARTED: UnixMillis = UnixMillis(1_795_442_520_000);

/// The node that is watched.
pub(crate) const ITSELF: u64 = 0;

/// A member, and all that it sent.
pub(crate) struct Lab {
    pub(crate) node: Node,
    pub(crate) now: Time,
    pub(crate) sent: Vec<Sent>,
    pub(crate) events: Vec<Event>,
}

#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) at: Time,
    pub(crate) to: Transmit,
    pub(crate) bytes: Vec<u8>,
}

impl Sent {
    pub(crate) fn message(&self) -> Message<'_> {
        parse(&self.bytes).unwrap().message
    }

    pub(crate) fn is_hello(&self) -> bool {
        matches!(self.message(), Message::Beacon(_, beacon) if beacon.hello)
    }

    pub(crate) fn is_lines(&self) -> bool {
        matches!(self.message(), Message::Lines(_))
    }

    pub(crate) fn is_nack(&self) -> bool {
        matches!(self.message(), Message::Nack(..))
    }

    pub(crate) fn is_ack(&self) -> bool {
        matches!(self.message(), Message::Ack(..))
    }

    pub(crate) fn is_request(&self) -> bool {
        matches!(self.message(), Message::HistoryRequest(..))
    }

    pub(crate) fn is_notes(&self) -> bool {
        matches!(self.message(), Message::Notes(..))
    }

    /// Whether all are asked to answer to all; such a question goes to all itself, and no other one does.
    pub(crate) fn asks_all(&self) -> bool {
        let to_all = match self.message() {
            Message::Nack(_, nack) => nack.to_all,
            Message::HistoryRequest(_, request) => request.to_all,
            other => panic!("{other:?} asks for nothing"),
        };
        assert_eq!(to_all, self.is_to_all(), "{self:?}");
        to_all
    }

    pub(crate) fn is_to_all(&self) -> bool {
        self.to == Transmit::Everywhere
    }
}

pub(crate) fn millis(time: Time) -> u64 {
    time.as_micros() / 1000
}

fn room() -> RoomName<'static> {
    RoomName::new("lobby").unwrap()
}

fn nick() -> Nick<'static> {
    Nick::new("n").unwrap()
}

fn profile() -> Profile<'static> {
    Profile {
        nick: nick(),
        host: HostName::new("").unwrap(),
        version: ProgramVersion::new("").unwrap(),
        status: Status::new("").unwrap(),
    }
}

pub(crate) fn run(number: u64) -> Run {
    Run { peer: PeerId(number), epoch: Epoch(1) }
}

pub(crate) fn seq(number: u32) -> Seq {
    Seq::new(number).unwrap()
}

/// The peer that signs with the key of 32 bytes of this number.
pub(crate) fn signer(number: u8) -> Identity {
    Identity::signed(SecretKey::from_bytes(&[number; 32]), Epoch(1), &Room::open(&room()))
}

/// A beacon that names only these.
pub(crate) fn beacon_that_names(counter: u32, runs: &[Run]) -> Message<'static> {
    let heard = Heard::all(runs.iter().copied(), Counter(counter));
    Message::Beacon(Counter(counter), Beacon { heard, ..quiet_beacon() })
}

/// The first beacon of a peer that was there before the node, and tells nothing of whom it hears but the number.
pub(crate) fn quiet_beacon() -> Beacon<'static> {
    Beacon {
        hello: false,
        visitor: false,
        acks: false,
        remote: false,
        profile: profile(),
        port: 26634,
        interval: BeaconInterval::clamped(Duration::from_secs(600)),
        started: UnixMillis(STARTED.0 - 3_600_000),
        time: STARTED,
        last_seq: None,
        digest: Digest(0),
        hears: 1,
        heard: Heard::some(std::iter::empty(), Counter(1)),
        room: Some(room()),
    }
}

/// A beacon that tells nothing of whom its sender hears but the number; or, a hello, that it hears nobody.
pub(crate) fn beacon(hello: bool, visitor: bool, interval: u64, hears: u32) -> Message<'static> {
    let interval = BeaconInterval::clamped(Duration::from_secs(interval));
    let heard = if hello { Heard::NOBODY } else { quiet_beacon().heard };
    Message::Beacon(Counter(1), Beacon { hello, visitor, interval, hears, heard, ..quiet_beacon() })
}

/// The beacon of one that acks.
pub(crate) fn beacon_of_hearer() -> Message<'static> {
    Message::Beacon(Counter(1), Beacon { acks: true, ..quiet_beacon() })
}

/// A beacon with this digest.
pub(crate) fn beacon_with_digest(counter: u32, digest: u64) -> Message<'static> {
    Message::Beacon(Counter(counter), Beacon { digest: Digest(digest), ..quiet_beacon() })
}

pub(crate) fn line(number: u32) -> Message<'static> {
    line_of("x", number)
}

pub(crate) fn line_of(text: &'static str, number: u32) -> Message<'static> {
    let part = Part::new(text).unwrap();
    Message::Lines(Lines::starting(seq(number), STARTED, nick(), Manner::default(), &part))
}

pub(crate) fn nack(author: u64, line: u32, to_all: bool) -> Message<'static> {
    Message::Nack(Counter(1), Nack { to_all, author: run(author), missing: SeqRange::one(seq(line)) })
}

/// A datagram of the lab's room.
pub(crate) fn encoded(author: &Identity, message: Message<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode(author, &Room::open(&room()), &mut Random::new(0.into()), &mut bytes);
    bytes
}

impl Lab {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with_history(seed, 0)
    }

    /// One that wants so many lines of history.
    pub(crate) fn with_history(seed: u64, history: u32) -> Self {
        let role = Role::Member;
        let (room, unverified) = (Room::open(&room()), Unverified::Welcome);
        let config = Config { profile: profile(), room, role, unverified, history, port: 26634, started: STARTED };
        let mut node = Node::new(config, Identity::Unsigned(run(ITSELF)), seed.into(), Time::ZERO);
        node.handle_links(Time::ZERO, &[CABLE]);
        Self { node, now: Time::ZERO, sent: Vec::new(), events: Vec::new() }
    }

    /// One that knows so many peers, which will not be lost soon, and has said its hellos.
    pub(crate) fn with_peers(seed: u64, count: u64) -> Self {
        let mut lab = Self::new(seed);
        (1..=count).for_each(|number| lab.hear(number, beacon(false, false, 600, 1)));
        lab.pass(Duration::from_secs(10));
        lab
    }

    /// One that knows so many peers that ack, and has said its hellos.
    pub(crate) fn with_hearers(seed: u64, count: u64) -> Self {
        let mut lab = Self::new(seed);
        (1..=count).for_each(|number| lab.hear(number, beacon_of_hearer()));
        lab.pass(Duration::from_secs(10));
        lab
    }

    pub(crate) fn hear(&mut self, author: u64, message: Message<'_>) {
        self.hear_from(1, author, message);
    }

    /// Hears a datagram from this host.
    pub(crate) fn hear_from(&mut self, host: u8, author: u64, message: Message<'_>) {
        self.hear_bytes(host, &encoded(&Identity::Unsigned(run(author)), message));
    }

    /// Hears what the peer with this key signed.
    pub(crate) fn hear_signed(&mut self, key: u8, message: Message<'_>) {
        self.hear_bytes(key, &encoded(&signer(key), message));
    }

    pub(crate) fn hear_bytes(&mut self, host: u8, bytes: &[u8]) {
        let from = SocketAddr::from(([192, 0, 2, host], 26634));
        self.node.handle_datagram(self.now, Datagram { link: CABLE.id, from, waited: Duration::ZERO, bytes });
    }

    /// A visitor that was never there before says hello.
    pub(crate) fn hear_stranger(&mut self, number: u64) {
        self.hear(1 << 32 | number, beacon(true, true, 5, 0));
    }

    pub(crate) fn say(&mut self, text: &str) {
        let text = Text::new(text.to_owned()).unwrap();
        self.node.handle_command(self.now, Command::Say { text, action: false, time: STARTED }).unwrap();
    }

    /// Lets time pass; gives what was sent meanwhile.
    pub(crate) fn pass(&mut self, time: Duration) -> &[Sent] {
        let (end, before) = (self.now + time, self.sent.len());
        loop {
            self.drain();
            match self.node.poll_timeout().filter(|deadline| deadline.at <= end) {
                Some(deadline) => self.now = self.now.max(deadline.at),
                None => break,
            }
            self.node.handle_timeout(self.now);
        }
        self.now = end;
        &self.sent[before..]
    }

    pub(crate) fn pass_millis(&mut self, millis: u64) -> &[Sent] {
        self.pass(Duration::from_millis(millis))
    }

    /// Lets time pass in which the node is not woken; gives what it sends after it.
    pub(crate) fn stand_still(&mut self, time: Duration) -> &[Sent] {
        let before = self.sent.len();
        self.now += time;
        self.node.handle_timeout(self.now);
        self.drain();
        &self.sent[before..]
    }

    /// How many milliseconds pass until an event like this.
    #[track_caller]
    pub(crate) fn millis_until(&mut self, is_it: impl Fn(&Event) -> bool) -> u64 {
        let begun = self.events.len();
        let passed = (0..20_000).find(|millis| {
            self.pass_millis(u64::from(*millis > 0));
            self.events[begun..].iter().any(&is_it)
        });
        passed.expect("it does not happen within 20 s")
    }

    fn drain(&mut self) {
        let mut bytes = Vec::new();
        while let Some(to) = self.node.poll_transmit(&mut bytes) {
            self.sent.push(Sent { at: self.now, to, bytes: bytes.clone() });
        }
        self.events.extend(std::iter::from_fn(|| self.node.poll_event()));
    }
}

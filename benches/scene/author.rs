//! A run that says something.

use std::net::SocketAddr;
use std::time::Duration;

use cooee::time::UnixMillis;
use cooee::trust::{Random, SecretKey};
use cooee::wire::{
    Ack, Beacon, BeaconInterval, Counter, Digest, Epoch, Heard, HostName, Identity, Lines, Manner, Message, Nack, Nick,
    Part, PeerId, Profile, ProgramVersion, Room, Run, Seq, SeqRange, Status,
};

use super::Came;

/// As many lines of 37 bytes as one datagram holds.
pub(crate) const LINES_OF_A_FULL_DATAGRAM: u32 = 26;

/// When all of them started.
const STARTED: UnixMillis = UnixMillis(1_795_442_520_000);

/// Whether a run signs what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signing {
    Signed,
    Unsigned,
}

/// A run that says something, and what it has said so far.
pub(crate) struct Author {
    pub(crate) identity: Identity,
    pub(crate) address: SocketAddr,
    room: Room,
    random: Random,
    counter: Counter,
    next: Seq,
}

impl Author {
    /// The run of this number; each has an address of its own.
    pub(crate) fn new(number: u32, signing: Signing, room: &Room) -> Self {
        let identity = match signing {
            Signing::Signed => Identity::signed(key(number), Epoch(number), room),
            Signing::Unsigned => {
                Identity::Unsigned(Run { peer: PeerId::unsigned(u64::from(number) << 32), epoch: Epoch(number) })
            }
        };
        let [_, _, high, low] = number.to_be_bytes();
        Self {
            identity,
            address: ([10, 77, high, low], 26634).into(),
            room: room.clone(),
            random: Random::new(u64::from(number).into()),
            counter: Counter::default(),
            next: Seq::FIRST,
        }
    }

    pub(crate) fn run(&self) -> Run {
        self.identity.run()
    }

    /// Its next beacon, by which it hears all of these.
    pub(crate) fn beacon(&mut self, hears: &[Run]) -> Came {
        self.beacon_with(hears, |counter| Heard::all(hears.iter().copied(), counter))
    }

    /// Its next beacon, by which it hears one of many: that proves to this one that it is there now.
    pub(crate) fn proof(&mut self, hears: Run) -> Came {
        self.beacon_with(&[hears], |counter| Heard::some([hears].into_iter(), counter))
    }

    /// Its next line, or so many of its next lines in one datagram.
    pub(crate) fn lines(&mut self, count: u32) -> Came {
        let lines = lines(self.next, count);
        self.next = self.next.after(count).unwrap();
        self.write(&Message::Lines(lines))
    }

    /// Lets the numbers of so many lines go by without a word.
    pub(crate) fn skip(&mut self, count: u32) {
        self.next = self.next.after(count).unwrap();
    }

    /// An ack of everything up to this line.
    pub(crate) fn ack(&mut self, author: Run, up_to: Seq) -> Came {
        self.say(|counter| Message::Ack(counter, Ack { author, up_to, lost: 0 }))
    }

    /// A nack of one line, to one who holds it.
    pub(crate) fn nack(&mut self, author: Run, missing: Seq) -> Came {
        let missing = SeqRange::one(missing);
        self.say(|counter| Message::Nack(counter, Nack { to_all: false, author, missing }))
    }

    fn beacon_with(&mut self, hears: &[Run], heard: impl FnOnce(Counter) -> Heard<'static>) -> Came {
        let room = self.room.announced_name().cloned();
        let (hears, last_seq) = (u32::try_from(hears.len()).unwrap(), self.next.before());
        self.say(|counter| {
            let time = UnixMillis(STARTED.0 + u64::from(counter.0));
            Message::Beacon(counter, Beacon { room, last_seq, hears, time, heard: heard(counter), ..beacon() })
        })
    }

    fn say(&mut self, message: impl FnOnce(Counter) -> Message<'static>) -> Came {
        self.counter = self.counter.next();
        let message = message(self.counter);
        self.write(&message)
    }

    fn write(&mut self, message: &Message<'_>) -> Came {
        let mut bytes = Vec::new();
        message.encode(&self.identity, &self.room, &mut self.random, &mut bytes);
        Came { from: self.address, bytes }
    }
}

/// The key of the run of this number.
pub(crate) fn key(number: u32) -> SecretKey {
    let mut bytes = [7; SecretKey::LEN];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    SecretKey::from_bytes(&bytes)
}

/// What a run tells of itself that has a nick and a host, and no status.
pub(crate) fn profile() -> Profile<'static> {
    Profile {
        nick: Nick::new("alice").unwrap(),
        host: HostName::new("desk-17").unwrap(),
        version: ProgramVersion::new("0.1.0").unwrap(),
        status: Status::default(),
    }
}

/// A beacon of a run that hears nobody and holds no line.
pub(crate) fn beacon() -> Beacon<'static> {
    Beacon {
        hello: false,
        visitor: false,
        acks: true,
        remote: false,
        profile: profile(),
        port: 26634,
        interval: BeaconInterval::clamped(Duration::from_secs(5)),
        started: STARTED,
        time: STARTED,
        last_seq: None,
        digest: Digest::default(),
        hears: 0,
        heard: Heard::NOBODY,
        room: None,
    }
}

/// So many lines of 37 bytes, as people type them.
pub(crate) fn lines(first: Seq, count: u32) -> Lines<'static> {
    let part = |further| Part::new(format!("line {:06} as people type in a chat.", first.number() + further)).unwrap();
    let mut lines = Lines::starting(first, STARTED, profile().nick, Manner::default(), &part(0));
    (1..count).for_each(|further| lines.push(Manner::default(), &part(further)).unwrap());
    lines
}

//! The LAN: as that of tests/sim, but for what would be too much for thousands. There is one switch, and no model is held
//! beside it; what is shown is counted.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use cooee::node::{CardId, Command, Config, Datagram, Event, Link, Node, Role, Stats, Transmit, Unverified};
use cooee::time::{Time, UnixMillis};
use cooee::trust::Random;
use cooee::wire::{
    Beacon, BeaconInterval, Counter, Digest, Epoch, Heard, HostName, Identity, Message, Nick, Profile, ProgramVersion,
    Room, RoomName, Run, Status, Text, parse,
};

use crate::weather::{CABLE, Start, Weather};

/// When the LAN begins, in milliseconds since 1970.
const EPOCH: u64 = 1_795_442_520_000;

const PORT: u16 = 26634;

/// What Ethernet, IPv4 and UDP add to a datagram, in bytes.
const HEADERS: u64 = 14 + 20 + 8;

/// So long a newcomer may say hello.
const HELLOS: Duration = Duration::from_secs(7);

/// A LAN of so many hosts.
pub(crate) struct Lan {
    /// What it does to datagrams.
    pub(crate) weather: Weather,
    /// What has happened so far.
    pub(crate) counted: Counted,
    /// Whose coming is watched.
    watched: Option<Run>,
    /// When each other one first showed him.
    pub(crate) shown: Vec<Time>,
    /// When he first showed each other one.
    pub(crate) shown_to_him: Vec<Time>,
    /// How long each line took to each reader.
    pub(crate) delays: Vec<Duration>,
    now: Time,
    rng: fastrand::Rng,
    hosts: Vec<Host>,
    /// Hosts below this one hear nothing from the others, nor these from them.
    cut_at: Option<usize>,
    wakes: BTreeSet<(Time, u32)>,
    flights: BinaryHeap<Reverse<Flight>>,
    /// When each line was said.
    said: BTreeMap<(Run, u32), Time>,
    sent: u64,
    buffer: Vec<u8>,
}

/// Of all hosts together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    /// Datagrams to all, and to one.
    pub(crate) broadcasts: u64,
    pub(crate) unicasts: u64,
    /// Of these, questions what others hold, and answers to them.
    pub(crate) comparing: u64,
    /// Frames that came in, and bytes of them with the headers of Ethernet, IPv4 and UDP.
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    /// Peers that are shown, by all.
    pub(crate) present: u64,
    /// Lines that were shown, by all, and those that somebody was told are lost.
    pub(crate) lines: u64,
    pub(crate) lost_lines: u64,
}

#[derive(Default)]
struct Host {
    node: Option<Node>,
    wakes_at: Option<Time>,
    /// What it says until then nobody hears.
    silent_until: Time,
}

/// A datagram on its way.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Flight {
    arrives: Time,
    number: u64,
    to: u32,
    from: u32,
    bytes: Rc<[u8]>,
}

impl Lan {
    /// A LAN of hosts on which nothing runs yet.
    pub(crate) fn new(hosts: usize) -> Self {
        Self {
            weather: Weather::FAIR,
            counted: Counted::default(),
            watched: None,
            shown: Vec::new(),
            shown_to_him: Vec::new(),
            delays: Vec::new(),
            now: Time::ZERO,
            rng: fastrand::Rng::with_seed(1),
            hosts: (0..hosts).map(|_| Host::default()).collect(),
            cut_at: None,
            wakes: BTreeSet::new(),
            flights: BinaryHeap::new(),
            said: BTreeMap::new(),
            sent: 0,
            buffer: Vec::new(),
        }
    }

    /// A LAN to which so many have come one after another, within as long as the interval of their beacons is in the end,
    /// and which has come to rest. There is a host for one more.
    ///
    /// They know each other by introductions before they come: to simulate that thousands find each other takes too long.
    pub(crate) fn of(peers: usize) -> Self {
        let mut lan = Self::new(peers + 1);
        (0..peers).for_each(|host| _ = lan.settle_in(host));
        lan.introduce_all(peers);
        let arriving = Duration::from_secs_f64(peers as f64 / 16.0).max(Duration::from_secs(5));
        for host in 0..peers {
            lan.hosts[host].silent_until = lan.now + HELLOS;
            lan.plug_in(host);
            lan.run_for(arriving / peers as u32);
        }
        // By then all have sent a beacon of their own, and what they promised when they knew few others is over.
        lan.run_for((arriving * 5 / 4).max(Duration::from_secs(70)));
        assert_eq!(lan.counted.present, (peers * (peers - 1)) as u64, "all know all");
        lan
    }

    /// Each of so many hears a beacon of each other one. One of them after the other hears all: so its table is at hand.
    fn introduce_all(&mut self, peers: usize) {
        let introductions: Vec<Vec<u8>> = (0..peers).map(|host| self.introduction(host, peers)).collect();
        for to in 0..peers {
            for (from, bytes) in introductions.iter().enumerate().filter(|(from, _)| *from != to) {
                let datagram = Datagram { link: CABLE, from: address(from), waited: Duration::ZERO, bytes };
                self.hosts[to].node.as_mut().unwrap().handle_datagram(self.now, datagram);
                self.note_events(to);
            }
        }
    }

    /// A beacon of one among so many that tells of nobody; whatever it says itself is newer.
    fn introduction(&mut self, host: usize, peers: usize) -> Vec<u8> {
        let author = Identity::Unsigned(self.hosts[host].node.as_ref().unwrap().run());
        let interval = Duration::from_secs_f64(peers as f64 / 16.0).max(Duration::from_secs(5));
        let beacon = Beacon {
            hello: false,
            visitor: false,
            acks: peers <= 64,
            remote: false,
            profile: profile(host),
            port: PORT,
            interval: BeaconInterval::clamped(interval),
            started: UnixMillis(EPOCH),
            time: self.unix(),
            last_seq: None,
            digest: Digest::default(),
            hears: peers as u32 - 1,
            heard: Heard::some(std::iter::empty(), Counter(0)),
            room: lobby().announced_name().cloned(),
        };
        let mut bytes = Vec::new();
        Message::Beacon(Counter(0), beacon).encode(&author, &lobby(), &mut Random::new(1.into()), &mut bytes);
        bytes
    }

    pub(crate) fn now(&self) -> Time {
        self.now
    }

    /// Starts a member.
    pub(crate) fn start(&mut self, host: usize) -> Run {
        let run = self.settle_in(host);
        self.plug_in(host);
        run
    }

    /// Gives a host a member that has no link yet.
    fn settle_in(&mut self, host: usize) -> Run {
        let room = lobby();
        let identity = start(host).identity(Epoch(self.rng.u32(..)), &room);
        let run = identity.run();
        let config = Config {
            profile: profile(host),
            room,
            role: Role::Member,
            unverified: Unverified::Welcome,
            history: 0,
            port: PORT,
            started: self.unix(),
        };
        self.hosts[host].node = Some(Node::new(config, identity, self.rng.u64(..).into(), self.now));
        run
    }

    fn plug_in(&mut self, host: usize) {
        let cable = Link { id: CABLE, card: CardId(CABLE.0), address: address(host).ip() };
        self.hosts[host].node.as_mut().unwrap().handle_links(self.now, &[cable]);
        self.settle(host);
    }

    /// Has one come whom all watch for.
    pub(crate) fn start_watched(&mut self, host: usize) -> Run {
        self.shown.clear();
        self.shown_to_him.clear();
        // It is watched for before it says anything.
        let run = self.start(host);
        self.watched = Some(run);
        run
    }

    /// Has a host say something.
    pub(crate) fn say(&mut self, host: usize, number: usize) {
        let text = Text::new(format!("line {number:06} as people type in a chat.")).unwrap();
        let time = self.unix();
        let node = self.hosts[host].node.as_mut().unwrap();
        self.said.insert((node.run(), number as u32), self.now);
        node.handle_command(self.now, Command::Say { text, action: false, time }).unwrap();
        self.settle(host);
    }

    /// The hosts before this one and the others hear nothing from one another.
    pub(crate) fn cut_at(&mut self, host: usize) {
        self.cut_at = Some(host);
    }

    /// All hear all again.
    pub(crate) fn heal(&mut self) {
        self.cut_at = None;
    }

    /// Of all nodes together, what `count` gives of each.
    pub(crate) fn sum(&self, count: impl Fn(&Stats) -> u64) -> u64 {
        self.hosts.iter().filter_map(|host| host.node.as_ref()).map(|node| count(node.stats())).sum()
    }

    /// Lets time pass.
    pub(crate) fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        while self.step_before(end) {}
        self.now = end;
    }

    /// Lets time pass until something holds, which is looked at so often; tells how long that took, if it did within
    /// `limit`.
    pub(crate) fn run_until(
        &mut self,
        every: Duration,
        limit: Duration,
        holds: impl Fn(&Self) -> bool,
    ) -> Option<Duration> {
        let begin = self.now;
        while !holds(self) {
            if self.now.since(begin) >= limit {
                return None;
            }
            self.run_for(every);
        }
        Some(self.now.since(begin))
    }

    fn unix(&self) -> UnixMillis {
        UnixMillis(EPOCH + self.now.as_micros() / 1000)
    }

    fn step_before(&mut self, end: Time) -> bool {
        let wake = self.wakes.first().copied();
        let arrival = self.flights.peek().map(|Reverse(flight)| flight.arrives);
        let next = wake.map(|(at, _)| at).into_iter().chain(arrival).min();
        let Some(next) = next.filter(|at| *at < end) else { return false };
        self.now = next;
        match wake {
            Some((at, host)) if at == next => {
                let host = host as usize;
                self.hosts[host].node.as_mut().unwrap().handle_timeout(next);
                self.settle(host);
            }
            _ => self.land(),
        }
        true
    }

    fn land(&mut self) {
        let Some(Reverse(flight)) = self.flights.pop() else { return };
        let (to, from) = (flight.to as usize, flight.from as usize);
        if to != from {
            self.counted.frames += 1;
            self.counted.bytes += flight.bytes.len() as u64 + HEADERS;
        }
        let waited = Duration::ZERO;
        let datagram = Datagram { link: CABLE, from: address(from), waited, bytes: &flight.bytes };
        self.hosts[to].node.as_mut().unwrap().handle_datagram(self.now, datagram);
        self.settle(to);
    }

    /// Fetches all that a node has to give after an input.
    fn settle(&mut self, host: usize) {
        let mut buffer = std::mem::take(&mut self.buffer);
        while let Some(transmit) = self.hosts[host].node.as_mut().unwrap().poll_transmit(&mut buffer) {
            self.transmit(host, transmit, buffer.as_slice().into());
        }
        self.buffer = buffer;
        self.note_events(host);
        let wakes_at = self.hosts[host].node.as_ref().unwrap().poll_timeout().map(|deadline| deadline.at.max(self.now));
        if wakes_at != self.hosts[host].wakes_at {
            let number = host as u32;
            self.hosts[host].wakes_at.map(|at| self.wakes.remove(&(at, number)));
            self.wakes.extend(wakes_at.map(|at| (at, number)));
            self.hosts[host].wakes_at = wakes_at;
        }
    }

    fn note_events(&mut self, host: usize) {
        while let Some(event) = self.hosts[host].node.as_mut().unwrap().poll_event() {
            let run = self.hosts[host].node.as_ref().unwrap().run();
            self.note(run, event);
        }
    }

    fn note(&mut self, shown_by: Run, event: Event) {
        match event {
            Event::Joined(peer) => {
                self.counted.present += 1;
                if self.watched == Some(peer.run) {
                    self.shown.push(self.now);
                }
                if self.watched == Some(shown_by) {
                    self.shown_to_him.push(self.now);
                }
            }
            Event::Left(..) => self.counted.present -= 1,
            Event::Line(line) => {
                self.counted.lines += 1;
                let said = self.said.get(&(line.author, line.seq.number()));
                self.delays.extend(said.map(|at| self.now.since(*at)));
            }
            Event::Gap(gap) => self.counted.lost_lines += u64::from(gap.range.len()),
            _ => {}
        }
    }

    fn transmit(&mut self, from: usize, transmit: Transmit, bytes: Rc<[u8]>) {
        let message = parse(&bytes).unwrap().message;
        self.counted.comparing += u64::from(matches!(message, Message::HistoryRequest(..) | Message::Notes(..)));
        match transmit {
            Transmit::Everywhere | Transmit::Link(_) => {
                self.counted.broadcasts += 1;
                (0..self.hosts.len()).for_each(|to| self.fly(from, to, &bytes));
            }
            Transmit::Unicast { to, .. } => {
                self.counted.unicasts += 1;
                if let Some(to) = host(to) {
                    self.fly(from, to, &bytes);
                }
            }
        }
    }

    /// Sends a datagram to one host; its own come back to it, and never get lost.
    fn fly(&mut self, from: usize, to: usize, bytes: &Rc<[u8]>) {
        let is_cut = self.cut_at.is_some_and(|at| (from < at) != (to < at));
        let is_silent = self.now < self.hosts[from].silent_until;
        if is_cut || is_silent || self.hosts[to].node.is_none() || (from != to && self.rng.f64() < self.weather.loss) {
            return;
        }
        let arrives = self.now + Duration::from_micros(self.rng.u64(self.weather.delay.clone()));
        self.sent += 1;
        let (to, from) = (to as u32, from as u32);
        self.flights.push(Reverse(Flight { arrives, number: self.sent, to, from, bytes: bytes.clone() }));
    }
}

/// A member, of an id that is as good as drawn at random.
fn start(host: usize) -> Start {
    Start { installation: (host as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15), ..Start::member(host) }
}

fn lobby() -> Room {
    Room::open(&RoomName::new("lobby").unwrap())
}

fn profile(host: usize) -> Profile<'static> {
    Profile {
        nick: Nick::new(start(host).nick).unwrap(),
        host: HostName::new(format!("machine-{host}")).unwrap(),
        version: ProgramVersion::new("0.1.0").unwrap(),
        status: Status::default(),
    }
}

fn address(host: usize) -> SocketAddr {
    ([10, 77, (host >> 8) as u8, host as u8], PORT).into()
}

fn host(address: SocketAddr) -> Option<usize> {
    match address {
        SocketAddr::V4(address) => {
            let [_, _, high, low] = address.ip().octets();
            Some((usize::from(high) << 8) | usize::from(low))
        }
        SocketAddr::V6(_) => None,
    }
}

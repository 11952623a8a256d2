//! The simulated LAN: hosts, what lies between them, and a clock that jumps from one thing to the next.

mod course;
mod looking;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::net::SocketAddr;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use cooee::node::{CardId, Command, Config, Datagram, Link, LinkId, Node, Unverified};
use cooee::time::{Time, UnixMillis};
use cooee::wire::{Epoch, HostName, Nick, Profile, ProgramVersion, Room, RoomName, Run, Status, Text};

use crate::model::Model;
use crate::weather::{CABLE, SECOND_CABLE, Start, Weather};

/// When the LAN begins, in seconds since 1970.
const EPOCH_S: i64 = 1_795_442_520;

/// The port on which everybody listens.
const SHARED_PORT: u16 = 26633;

/// A host of the LAN, by its number.
pub(crate) type HostNumber = usize;

/// A host's way onto a LAN. Its address is the host's by all of them.
#[derive(Clone, Copy)]
pub(crate) struct Card {
    /// By which name its host knows it.
    pub(crate) link: LinkId,
    /// Which piece of hardware it is; by IPv4 and by IPv6 it may be the same.
    pub(crate) card: CardId,
    /// The switch at the other end of its cable: what is said at one is not heard at another.
    pub(crate) switch: usize,
}

/// A LAN of nodes.
pub(crate) struct Lan {
    /// What it does to datagrams; may be changed at any time.
    pub(crate) weather: Weather,
    /// What must hold, held beside what happens.
    pub(crate) model: Model,
    /// Datagrams that were broadcast so far, one for each card.
    pub(crate) broadcasts: u64,
    /// Datagrams that were sent to one host so far.
    pub(crate) unicasts: u64,
    /// Bytes of all of these.
    pub(crate) bytes: u64,
    /// Datagrams that were on their way to somebody else, each for each receiver.
    pub(crate) flown: u64,
    /// Of these, those that the loss took.
    pub(crate) lost: u64,
    /// Those that came in, copies included.
    pub(crate) arrived: u64,
    /// Of these, those that were overtaken by a later one of the same sender.
    pub(crate) overtaken: u64,
    /// Whether all that start sign what they say. It takes time: where much is said for long, they do not.
    pub(crate) sign: bool,
    now: Time,
    rng: fastrand::Rng,
    hosts: Vec<Host>,
    /// Between the switches there are routers.
    is_routed: bool,
    /// Who hears nothing from whom: (receiver, sender).
    cut: BTreeSet<(HostNumber, HostNumber)>,
    /// When cuts last healed.
    healed: Time,
    wakes: BTreeSet<(Time, HostNumber)>,
    flights: BinaryHeap<Reverse<Flight>>,
    sent: u64,
    /// The latest datagram that came, by receiver and sender.
    latest: BTreeMap<(HostNumber, HostNumber), u64>,
    traces: bool,
    /// Everything that was sent, once it is asked for.
    pub(crate) record: Option<Vec<Rc<[u8]>>>,
    /// The same, with when, whence and where to.
    pub(crate) capture: Option<Vec<Sent>>,
    buffer: Vec<u8>,
}

struct Host {
    address: SocketAddr,
    /// What runs there was given addresses beyond its LAN.
    asks_beyond: bool,
    cards: Vec<Card>,
    node: Option<Node>,
    wakes_at: Option<Time>,
    /// Since when its lid is closed.
    asleep: Option<Time>,
    /// What has come since its run was stopped, and waits there; it may be of any length.
    backlog: Option<Vec<Flight>>,
    /// How long it has slept: by so much its own time is behind.
    slept: Duration,
    clock_ahead_s: i64,
}

/// A datagram as it is sent.
#[allow(dead_code, reason = "the tests of the dissector look at it")]
pub(crate) struct Sent {
    pub(crate) at: Time,
    pub(crate) from: SocketAddr,
    pub(crate) to: cooee::node::Transmit,
    pub(crate) bytes: Rc<[u8]>,
}

/// A datagram on its way. Ordered by arrival and then by when it was sent, never by what is in it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Flight {
    arrives: Time,
    number: u64,
    to: HostNumber,
    from: HostNumber,
    link: LinkId,
    bytes: Rc<[u8]>,
}

impl Host {
    fn links(&self) -> Vec<Link> {
        self.cards.iter().map(|card| Link { id: card.link, card: card.card, address: self.address.ip() }).collect()
    }
}

impl Lan {
    /// A LAN of hosts on which nothing runs yet.
    pub(crate) fn new(hosts: usize, weather: Weather, seed: u64) -> Self {
        let links = if weather.two_cards { vec![CABLE, SECOND_CABLE] } else { vec![CABLE] };
        let cards: Vec<Card> = links.into_iter().map(|link| Card { link, card: CardId(link.0), switch: 0 }).collect();
        let host = |number: usize| Host {
            address: SocketAddr::from(([10, 77, (number >> 8) as u8, number as u8], 26634)),
            asks_beyond: false,
            cards: cards.clone(),
            node: None,
            wakes_at: None,
            asleep: None,
            backlog: None,
            slept: Duration::ZERO,
            clock_ahead_s: 0,
        };
        Self {
            weather,
            model: Model::new(),
            broadcasts: 0,
            unicasts: 0,
            bytes: 0,
            flown: 0,
            lost: 0,
            arrived: 0,
            overtaken: 0,
            latest: BTreeMap::new(),
            traces: std::env::var_os("COOEE_TRACE").is_some(),
            record: None,
            capture: None,
            sign: false,
            now: Time::ZERO,
            rng: fastrand::Rng::with_seed(seed),
            hosts: (0..hosts).map(host).collect(),
            is_routed: false,
            cut: BTreeSet::new(),
            healed: Time::ZERO,
            wakes: BTreeSet::new(),
            flights: BinaryHeap::new(),
            sent: 0,
            buffer: Vec::new(),
        }
    }

    /// A LAN of members who know each other; only then the weather sets in.
    pub(crate) fn acquainted(hosts: usize, weather: Weather, seed: u64) -> Self {
        let mut lan = Self::new(hosts, Weather { loss: 0.0, ..weather.clone() }, seed);
        lan.start_all();
        lan.run_for(Duration::from_secs(6));
        assert!(lan.everybody_knows_everybody());
        lan.weather = weather;
        lan
    }

    /// The time on the LAN.
    pub(crate) fn now(&self) -> Time {
        self.now
    }

    /// The LAN's own dice, for scenarios.
    pub(crate) fn rng(&mut self) -> &mut fastrand::Rng {
        &mut self.rng
    }

    /// Starts a member that goes by `host-N`; whatever ran on the host before is killed.
    pub(crate) fn start(&mut self, host: HostNumber) -> Run {
        self.start_as(host, Start::member(host))
    }

    /// Starts a member on every host.
    pub(crate) fn start_all(&mut self) {
        for host in 0..self.hosts.len() {
            self.start(host);
        }
    }

    /// Starts a run; whatever ran on the host before is killed.
    pub(crate) fn start_as(&mut self, host: HostNumber, start: Start) -> Run {
        self.kill(host);
        let start = Start { signs: start.signs || self.sign, ..start };
        self.trace(host, || format!("starts as {start:?}"));
        let open = || Room::open(&RoomName::new(start.room).unwrap());
        let room = start.sealed_by.clone().map_or_else(open, Room::Sealed);
        let identity = start.identity(Epoch(self.rng.u32(..)), &room);
        let run = identity.run();
        let config = Config {
            profile: Profile {
                nick: Nick::new(start.nick).unwrap(),
                host: HostName::new(format!("machine-{host}")).unwrap(),
                version: ProgramVersion::new("0.1.0").unwrap(),
                status: Status::default(),
            },
            room,
            role: start.role,
            unverified: Unverified::Welcome,
            history: start.history,
            port: 26634,
            started: self.unix(host),
        };
        let now = self.own_time(host);
        let mut node = Node::new(config, identity, self.rng.u64(..).into(), now);
        node.handle_links(now, &self.hosts[host].links());
        self.hosts[host].node = Some(node);
        self.hosts[host].asleep = None;
        self.hosts[host].backlog = None;
        self.model.started(self.now, host, run, start.role);
        self.settle(host);
        run
    }

    /// Ends a run without a goodbye.
    pub(crate) fn kill(&mut self, host: HostNumber) {
        self.hosts[host].node = None;
        self.hosts[host].asleep = None;
        self.model.ended(host);
        self.settle(host);
    }

    /// Closes a host's lid, or opens it: asleep, it hears nothing and its time stands still.
    pub(crate) fn sleep(&mut self, host: HostNumber, asleep: bool) {
        self.trace(host, || format!("sleeps: {asleep}"));
        if asleep {
            let now = self.now;
            self.hosts[host].asleep.get_or_insert(now);
        } else if let Some(since) = self.hosts[host].asleep.take() {
            self.hosts[host].slept += self.now.since(since);
            self.model.slept(since, self.now, host);
            let (now, unix) = (self.own_time(host), self.unix(host));
            self.node_mut(host).handle_wake(now, unix);
        }
        self.settle(host);
    }

    /// Stops the run of a host: its time goes on, and what comes waits.
    pub(crate) fn stop(&mut self, host: HostNumber) {
        self.trace(host, || "is stopped".to_owned());
        self.hosts[host].backlog.get_or_insert_default();
        self.settle(host);
    }

    /// Lets a run that was stopped go on: it reads what has come, and then does what was due.
    pub(crate) fn go_on(&mut self, host: HostNumber) {
        self.trace(host, || "goes on".to_owned());
        self.hosts[host].backlog.take().into_iter().flatten().for_each(|flight| self.hand_over(&flight));
        self.settle(host);
    }

    /// Gives a host another address, which it learns at once.
    pub(crate) fn move_to(&mut self, host: HostNumber, address: SocketAddr) {
        self.hosts[host].address = address;
        self.tell_links(host);
    }

    /// Gives a host these cards and no others; what runs there learns it at once.
    pub(crate) fn plug(&mut self, host: HostNumber, cards: &[Card]) {
        self.hosts[host].cards = cards.to_vec();
        if self.hosts[host].node.is_some() {
            self.tell_links(host);
        }
    }

    /// Puts hosts into a subnet of their own: what others broadcast does not reach them, but a router passes on what is
    /// sent to one alone.
    pub(crate) fn put(&mut self, hosts: Range<HostNumber>, subnet: usize) {
        self.is_routed = true;
        hosts.for_each(|host| self.plug(host, &[Card { link: CABLE, card: CardId(CABLE.0), switch: subnet }]));
    }

    /// Gives what runs on a host the addresses of others, with the port that is known of everybody.
    pub(crate) fn ask_beyond(&mut self, host: HostNumber, others: &[HostNumber]) {
        let addresses: Vec<_> =
            others.iter().map(|other| SocketAddr::new(self.hosts[*other].address.ip(), SHARED_PORT)).collect();
        let now = self.own_time(host);
        self.hosts[host].asks_beyond = true;
        self.node_mut(host).handle_remote_addresses(now, &addresses);
        self.settle(host);
    }

    /// `receiver` hears nothing from `sender` from now on.
    pub(crate) fn cut_one_way(&mut self, receiver: HostNumber, sender: HostNumber) {
        self.cut.insert((receiver, sender));
    }

    /// The two groups hear nothing from one another from now on.
    pub(crate) fn cut(&mut self, one: Range<HostNumber>, other: Range<HostNumber>) {
        self.trace(0, || format!("and others: {one:?} and {other:?} are cut apart"));
        for a in one {
            for b in other.clone() {
                self.cut.extend([(a, b), (b, a)]);
            }
        }
    }

    /// Everybody hears everybody again.
    pub(crate) fn heal(&mut self) {
        self.trace(0, || "and all: the cuts heal".to_owned());
        self.cut.clear();
        self.healed = self.now;
    }

    /// Has a host do something.
    pub(crate) fn command(&mut self, host: HostNumber, command: Command) {
        let now = self.own_time(host);
        self.trace(host, || format!("is told to {command:?}"));
        self.node_mut(host).handle_command(now, command).expect("a command that can be done");
        self.settle(host);
    }

    /// Has a host say something that nobody said before.
    pub(crate) fn say(&mut self, host: HostNumber) {
        self.say_at_length(host, 0);
    }

    /// Has a host say something that nobody said before, of so many bytes at least.
    pub(crate) fn say_at_length(&mut self, host: HostNumber, bytes: usize) {
        let mut text = format!("line {} of the LAN, said by host {host}", self.model.next_line());
        text.extend(std::iter::repeat_n('.', bytes.saturating_sub(text.len())));
        let said = Text::new(text).unwrap();
        self.model.said(self.now, host, &said);
        self.command(host, Command::Say { text: said, action: false, time: self.unix(host) });
    }

    /// The host's wall clock is ahead by so many seconds from its next start or waking on; behind where negative.
    pub(crate) fn set_clock(&mut self, host: HostNumber, ahead_s: i64) {
        self.hosts[host].clock_ahead_s = ahead_s;
    }

    /// What a host's wall clock says.
    pub(crate) fn unix(&self, host: HostNumber) -> UnixMillis {
        let true_time = EPOCH_S + self.now.as_micros() as i64 / 1_000_000;
        UnixMillis(((true_time + self.hosts[host].clock_ahead_s) * 1000) as u64 + self.now.as_micros() / 1000 % 1000)
    }

    /// Delivers bytes to a host as if they came from that address.
    pub(crate) fn inject(&mut self, host: HostNumber, from: SocketAddr, bytes: &[u8]) {
        let now = self.own_time(host);
        self.node_mut(host).handle_datagram(now, Datagram { link: CABLE, from, waited: Duration::ZERO, bytes });
        self.settle(host);
    }

    /// Lets time pass.
    pub(crate) fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        while self.step_before(end) {}
        self.now = end;
    }

    /// Lets time pass until nothing is on its way.
    pub(crate) fn let_all_arrive(&mut self) {
        self.run_until(Duration::from_secs(1), |lan| lan.flights.is_empty());
    }

    /// Lets time pass until something holds; tells how long that took. It is looked at after every step.
    ///
    /// # Panics
    /// When it does not hold after `limit`.
    pub(crate) fn run_until(&mut self, limit: Duration, mut holds: impl FnMut(&Self) -> bool) -> Duration {
        let (begin, end) = (self.now, self.now + limit);
        while !holds(self) {
            assert!(self.step_before(end), "not within {limit:?}");
        }
        self.now.since(begin)
    }

    fn tell_links(&mut self, host: HostNumber) {
        let (now, links) = (self.own_time(host), self.hosts[host].links());
        self.node_mut(host).handle_links(now, &links);
        self.settle(host);
    }

    /// The time by a host's own clock, which stands still while it sleeps.
    fn own_time(&self, host: HostNumber) -> Time {
        Time::ZERO + self.now.since(Time::ZERO + self.hosts[host].slept)
    }

    fn node_mut(&mut self, host: HostNumber) -> &mut Node {
        self.hosts[host].node.as_mut().expect("something runs there")
    }
}

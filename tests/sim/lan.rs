//! The simulated LAN: hosts, what lies between them, and a clock that jumps from one thing to the next.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::net::SocketAddr;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use cooee::node::{Command, Config, Datagram, Event, Identity, Link, LinkId, Node, Transmit};
use cooee::time::{Time, UnixMillis};
use cooee::wire::{Epoch, HostName, Nick, Profile, ProgramVersion, RoomName, Run, Status, Text, parse};

use crate::model::Model;
use crate::weather::{CABLE, SECOND_CABLE, Start, Weather};

/// When the LAN begins, in seconds since 1970.
const EPOCH_S: i64 = 1_795_442_520;

/// Three and a half of the shortest beacon interval, which is that of every LAN of up to 80.
const EXPIRY: Duration = Duration::from_millis(17_500);

/// A host of the LAN, by its number.
pub(crate) type HostNumber = usize;

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
    now: Time,
    rng: fastrand::Rng,
    hosts: Vec<Host>,
    /// Who hears nothing from whom: (receiver, sender).
    cut: BTreeSet<(HostNumber, HostNumber)>,
    wakes: BTreeSet<(Time, HostNumber)>,
    flights: BinaryHeap<Reverse<Flight>>,
    sent: u64,
    /// The latest datagram that came, by receiver and sender.
    latest: BTreeMap<(HostNumber, HostNumber), u64>,
    traces: bool,
    buffer: Vec<u8>,
}

struct Host {
    address: SocketAddr,
    node: Option<Node>,
    wakes_at: Option<Time>,
    /// Since when its lid is closed.
    asleep: Option<Time>,
    /// How long it has slept: by so much its own time is behind.
    slept: Duration,
    clock_ahead_s: i64,
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

impl Lan {
    /// A LAN of hosts on which nothing runs yet.
    pub(crate) fn new(hosts: usize, weather: Weather, seed: u64) -> Self {
        let host = |number: usize| Host {
            address: SocketAddr::from(([10, 77, (number >> 8) as u8, number as u8], 26634)),
            node: None,
            wakes_at: None,
            asleep: None,
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
            now: Time::ZERO,
            rng: fastrand::Rng::with_seed(seed),
            hosts: (0..hosts).map(host).collect(),
            cut: BTreeSet::new(),
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
        self.trace(host, || format!("starts as {start:?}"));
        let run = Run { peer: start.peer, epoch: Epoch(self.rng.u32(..)) };
        let config = Config {
            profile: Profile {
                nick: Nick::new(start.nick).unwrap(),
                host: HostName::new(format!("machine-{host}")).unwrap(),
                version: ProgramVersion::new("0.1.0").unwrap(),
                status: Status::default(),
            },
            room: RoomName::new(start.room).unwrap(),
            role: start.role,
            history: start.history,
            port: 26634,
            started: self.unix(host),
        };
        let now = self.own_time(host);
        let mut node = Node::new(config, Identity(run), self.rng.u64(..), now);
        let cards = if self.weather.two_cards { vec![CABLE, SECOND_CABLE] } else { vec![CABLE] };
        let address = self.hosts[host].address.ip();
        node.handle_links(now, &cards.into_iter().map(|id| Link { id, address }).collect::<Vec<_>>());
        self.hosts[host].node = Some(node);
        self.hosts[host].asleep = None;
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

    /// Gives a host another address, which it learns at once.
    pub(crate) fn move_to(&mut self, host: HostNumber, address: SocketAddr) {
        self.hosts[host].address = address;
        let now = self.own_time(host);
        self.node_mut(host).handle_links(now, &[Link { id: CABLE, address: address.ip() }]);
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
        self.node_mut(host).handle_datagram(now, Datagram { link: CABLE, from, bytes });
        self.settle(host);
    }

    /// The node that runs on a host.
    pub(crate) fn node(&self, host: HostNumber) -> &Node {
        self.hosts[host].node.as_ref().expect("something runs there")
    }

    /// The runs in a host's peer table.
    pub(crate) fn table(&self, host: HostNumber) -> BTreeSet<Run> {
        self.node(host).peers().map(|peer| peer.run).collect()
    }

    /// Whether a host's lid is open.
    pub(crate) fn is_awake(&self, host: HostNumber) -> bool {
        self.hosts[host].asleep.is_none()
    }

    /// Hosts on which something runs.
    pub(crate) fn running(&self) -> impl Iterator<Item = HostNumber> {
        (0..self.hosts.len()).filter(|host| self.hosts[*host].node.is_some())
    }

    /// Whether every run has been shown all that the others said.
    pub(crate) fn everybody_has_all(&self) -> bool {
        let runs = self.running().map(|host| self.node(host).run());
        runs.into_iter().all(|run| self.model.shown_by(run) == self.model.said_by_others(run))
    }

    /// Sees to it that every member has been shown all that it can have: what it lacks is held by nobody who can be
    /// heard, and it was told of what it lacks among what it has.
    pub(crate) fn assert_complete(&self) {
        for reader in self.running() {
            let run = self.node(reader).run();
            let can_be_had = |author, lines| {
                let heard = |other: &HostNumber| *other == reader || !self.cut.contains(&(reader, *other));
                self.running().filter(heard).any(|other| self.node(other).holds(author, lines))
            };
            self.model.assert_complete(run, can_be_had);
        }
    }

    /// Sees to it that nobody is shown who has been silent for longer than he may.
    pub(crate) fn assert_nobody_expired(&self) {
        for host in self.running().filter(|host| self.hosts[*host].asleep.is_none()) {
            let now = self.own_time(host);
            for peer in self.node(host).peers() {
                assert!(
                    now.since(peer.heard) <= EXPIRY,
                    "{} shows {}, who has expired",
                    self.node(host).run(),
                    peer.run
                );
            }
        }
    }

    /// Whether every member that runs has every other member, and nobody else, in its table.
    pub(crate) fn everybody_knows_everybody(&self) -> bool {
        let members = self.model.members();
        self.running().all(|host| {
            let mut others = members.clone();
            others.remove(&self.node(host).run());
            self.table(host) == others
        })
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

    /// Does the next thing, unless it comes at `end` or later.
    fn step_before(&mut self, end: Time) -> bool {
        let wake = self.wakes.first().copied();
        let arrival = self.flights.peek().map(|Reverse(flight)| flight.arrives);
        let next = wake.map(|(at, _)| at).into_iter().chain(arrival).min();
        let Some(next) = next.filter(|at| *at < end) else { return false };
        self.now = next;
        match wake {
            Some((at, host)) if at == next => self.wake(host),
            _ => self.land(),
        }
        true
    }

    /// Wakes a node by its deadline, and sees to it that this leads to something.
    fn wake(&mut self, host: HostNumber) {
        let now = self.own_time(host);
        let node = self.node_mut(host);
        let deadline = node.poll_timeout();
        node.handle_timeout(now);
        let sent = self.settle(host);
        let after = self.hosts[host].node.as_ref().and_then(Node::poll_timeout);
        assert!(sent || after != deadline, "nothing came of {deadline:?} at {now:?} on host {host}");
    }

    fn land(&mut self) {
        let Some(Reverse(flight)) = self.flights.pop() else { return };
        if flight.from != flight.to {
            self.arrived += 1;
            let latest = self.latest.entry((flight.to, flight.from)).or_default();
            self.overtaken += u64::from(flight.number < *latest);
            *latest = flight.number.max(*latest);
        }
        let (from, now) = (self.hosts[flight.from].address, self.own_time(flight.to));
        let host = &mut self.hosts[flight.to];
        let Some(node) = host.node.as_mut().filter(|_| host.asleep.is_none()) else { return };
        node.handle_datagram(now, Datagram { link: flight.link, from, bytes: &flight.bytes });
        self.settle(flight.to);
    }

    /// Fetches all that a node has to give after an input; tells whether it sent anything.
    fn settle(&mut self, host: HostNumber) -> bool {
        let mut sent = false;
        let mut buffer = std::mem::take(&mut self.buffer);
        while let Some(transmit) = self.hosts[host].node.as_mut().and_then(|node| node.poll_transmit(&mut buffer)) {
            self.transmit(host, transmit, &buffer);
            sent = true;
        }
        self.buffer = buffer;
        while let Some(event) = self.hosts[host].node.as_mut().and_then(Node::poll_event) {
            self.trace(host, || format!("{event:?}"));
            if event == Event::Gone {
                self.hosts[host].node = None;
                self.model.ended(host);
            } else {
                self.model.happened(self.now, host, event);
            }
        }
        self.schedule(host);
        sent
    }

    /// Prints what happens, where the environment asks for it.
    fn trace(&self, host: HostNumber, what: impl FnOnce() -> String) {
        if self.traces {
            println!("{:10.6} host {host}: {}", self.now.as_micros() as f64 / 1e6, what());
        }
    }

    fn schedule(&mut self, number: HostNumber) {
        let host = &mut self.hosts[number];
        if let Some(at) = host.wakes_at.take() {
            self.wakes.remove(&(at, number));
        }
        let deadline = host.node.as_ref().filter(|_| host.asleep.is_none()).and_then(Node::poll_timeout);
        if let Some(deadline) = deadline {
            let at = (deadline.at + host.slept).max(self.now);
            host.wakes_at = Some(at);
            self.wakes.insert((at, number));
        }
    }

    fn transmit(&mut self, from: HostNumber, transmit: Transmit, bytes: &[u8]) {
        self.trace(from, || format!("sends {transmit:?} {:?}", parse(bytes).unwrap()));
        let bytes: Rc<[u8]> = bytes.into();
        self.bytes += bytes.len() as u64;
        match transmit {
            Transmit::Everywhere => {
                let cards: &[LinkId] = if self.weather.two_cards { &[CABLE, SECOND_CABLE] } else { &[CABLE] };
                for _ in cards {
                    self.broadcasts += 1;
                    for (to, link) in (0..self.hosts.len()).flat_map(|to| cards.iter().map(move |link| (to, *link))) {
                        self.fly(from, to, link, &bytes);
                    }
                }
            }
            Transmit::Unicast { link, to } => {
                self.unicasts += 1;
                let to = self.hosts.iter().position(|host| host.address == to).filter(|_| self.weather.unicast);
                if let Some(host) = to {
                    self.fly(from, host, link, &bytes);
                }
            }
        }
    }

    /// Sends a datagram to one host; its own come back to it, and never get lost.
    fn fly(&mut self, from: HostNumber, to: HostNumber, link: LinkId, bytes: &Rc<[u8]>) {
        if self.hosts[to].node.is_none() || self.cut.contains(&(to, from)) {
            return;
        }
        self.flown += u64::from(from != to);
        if from != to && self.rng.f64() < self.weather.loss {
            self.lost += 1;
            return;
        }
        let copies = if self.rng.f64() < self.weather.twice { 2 } else { 1 };
        for _ in 0..copies {
            let arrives = self.now + Duration::from_micros(self.rng.u64(self.weather.delay.clone()));
            self.sent += 1;
            let flight = Flight { arrives, number: self.sent, to, from, link, bytes: bytes.clone() };
            self.flights.push(Reverse(flight));
        }
    }

    /// The time by a host's own clock, which stands still while it sleeps.
    fn own_time(&self, host: HostNumber) -> Time {
        Time::ZERO + self.now.since(Time::ZERO + self.hosts[host].slept)
    }

    fn node_mut(&mut self, host: HostNumber) -> &mut Node {
        self.hosts[host].node.as_mut().expect("something runs there")
    }
}

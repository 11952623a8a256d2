//! A LAN of four hosts in virtual time, on which anything happens; and what must hold of every node all the while.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use cooee::node::{Command, Datagram, Event, Link, LinkId, Node, Transmit};
use cooee::time::{Time, UnixMillis};
use cooee::wire::{PingWay, Status, Text};

use crate::step::{Garble, Step, Steps};
use crate::{STARTED, Start, address, check_sent, forged, link, nick, node, sign_again};

const HOSTS: usize = 4;
/// A life ends when so many datagrams have come in: it is long enough then, and others are to be tried.
const LIFE: u64 = 2000;
/// Datagrams that were sent lately, to be delivered once more.
const LATELY: usize = 64;

/// What a node may send on one input: its queues are bounded, and these are the bounds.
const SENT_AT_ONCE: usize = 3 * 1024 + 300;
/// What it may tell on one input: its queue, and lines that wait until there is room in it.
const TOLD_AT_ONCE: usize = 20_000;
/// What a node may send in all: some for what it does by itself, some for each input, some for each second.
const SENT: u64 = 500;
const SENT_FOR_AN_INPUT: u64 = 100;
const SENT_IN_A_SECOND: u64 = 1000;
/// How often a node may want to be woken in all, for each datagram that it sends or takes in, and in each second.
const WOKEN: u64 = 1000;
const WOKEN_FOR_A_DATAGRAM: u64 = 10;
const WOKEN_IN_A_SECOND: u64 = 1000;
/// How often it may have to be woken until it has caught up, after nobody has woken it for long.
const BEHIND: u32 = 64;

/// A LAN, and what was sent on it.
pub struct Lan {
    now: Time,
    hosts: [Host; HOSTS],
    /// On their way, to be delivered before anything else happens.
    flying: VecDeque<Flight>,
    /// Sent lately, the last one last.
    lately: VecDeque<Flight>,
    /// Everything that was ever sent.
    pub sent: Vec<Rc<[u8]>>,
    keeps_all: bool,
    /// Which of the next datagrams get lost, the next one lowest.
    lost: u16,
    starts: u32,
    delivered: u64,
}

#[derive(Default)]
struct Host {
    node: Option<Node>,
    links: Vec<Link>,
    has_moved: bool,
    since: Time,
    inputs: u64,
    sent: u64,
    woken: u64,
    behind: u32,
}

#[derive(Clone)]
struct Flight {
    from: usize,
    links: Vec<LinkId>,
    way: Transmit,
    bytes: Rc<[u8]>,
}

impl Lan {
    /// A LAN on which nothing runs yet.
    pub fn new(keeps_all: bool) -> Self {
        Self {
            now: Time::ZERO,
            hosts: Default::default(),
            flying: VecDeque::new(),
            lately: VecDeque::new(),
            sent: Vec::new(),
            keeps_all,
            lost: 0,
            starts: 0,
            delivered: 0,
        }
    }

    /// Has all this happen.
    ///
    /// # Panics
    /// When a node does what it must not.
    pub fn live(&mut self, steps: &Steps) {
        for step in &steps.0 {
            if self.delivered < LIFE {
                self.happen(step);
            }
        }
    }

    fn happen(&mut self, step: &Step) {
        let number = |host: u8| usize::from(host) % HOSTS;
        match step {
            Step::Start { host, manner, history } => self.start(number(*host), *manner, *history),
            Step::Pass { millis, lost } => self.pass(Duration::from_millis((*millis).into()), *lost),
            Step::Stand { seconds } => {
                self.now += Duration::from_secs((*seconds).into());
                (0..HOSTS).for_each(|host| self.wake(host));
            }
            Step::Say { host, action, bytes } => {
                let text = Text::new("x".repeat(usize::from(*bytes).max(1))).expect("a text");
                let time = self.unix();
                self.command(number(*host), Command::Say { text, action: *action, time });
            }
            Step::Tell { from, to, bytes } => {
                let text = Text::new("x".repeat(usize::from(*bytes).max(1))).expect("a text");
                let Some(reader) = self.hosts[number(*to)].node.as_ref().map(Node::run) else { return };
                let command = Command::SayPrivately { reader, text, action: false, time: self.unix() };
                self.command(number(*from), command);
            }
            Step::Rename { host, name } => self.command(number(*host), Command::Rename(nick(&format!("n{name}")))),
            Step::Describe { host, status } => {
                let status = Status::new(format!("s{status}")).expect("a status");
                self.command(number(*host), Command::Describe(status));
            }
            Step::AskRooms { host } => self.command(number(*host), Command::AskRooms),
            Step::Ping { from, to, is_broadcast } => {
                let Some(reader) = self.hosts[number(*to)].node.as_ref().map(Node::run) else { return };
                let way = if *is_broadcast { PingWay::Broadcast } else { PingWay::Unicast };
                self.command(number(*from), Command::Ping { reader, way });
            }
            Step::Leave { host } => self.command(number(*host), Command::Leave),
            Step::Links { host, which } => self.set_links(number(*host), *which),
            Step::Wake { host, hours } => {
                let unix = UnixMillis(STARTED.0 + u64::from(*hours) * 3_600_000);
                self.input(number(*host), |node, now| node.handle_wake(now, unix));
            }
            Step::Failure { host } => self.input(number(*host), Node::handle_send_failure),
            Step::Deliver { which, from, to, garble } => {
                let Some(flight) = self.lately.iter().rev().nth(usize::from(*which) % LATELY) else { return };
                let bytes = garbled(&flight.bytes, garble);
                self.deliver(LinkId(1), number(*from), number(*to), &bytes);
            }
            Step::Forge { from, to, kind, author, number: line, body } => {
                self.deliver(LinkId(1), number(*from), number(*to), &forged(*kind, *author, *line, body));
            }
        }
        self.fly();
    }

    fn start(&mut self, number: usize, manner: u8, history: u8) {
        self.starts += 1;
        let start = Start {
            host: number as u8,
            is_visitor: manner & 1 != 0,
            is_clone: manner & 2 != 0,
            is_elsewhere: manner & 4 != 0,
            is_unsigned: manner & 24 == 8,
            is_sealed: manner & 16 != 0,
            history,
            turn: self.starts,
        };
        let host = &mut self.hosts[number];
        *host = Host { node: Some(node(start, self.now)), since: self.now, ..Host::default() };
        self.set_links(number, 1);
    }

    fn set_links(&mut self, number: usize, which: u8) {
        let host = &mut self.hosts[number];
        host.has_moved = which & 4 != 0;
        let address = address(number as u8, host.has_moved);
        host.links = (0..2).filter(|bit| which >> bit & 1 == 1).map(|bit| link(bit + 1, address)).collect();
        let links = host.links.clone();
        self.input(number, |node, now| node.handle_links(now, &links));
    }

    fn command(&mut self, host: usize, command: Command) {
        // It may be refused; then nothing has changed.
        self.input(host, |node, now| _ = node.handle_command(now, command));
    }

    fn deliver(&mut self, link: LinkId, from: usize, to: usize, bytes: &[u8]) {
        self.delivered += 1;
        let from = address(from as u8, self.hosts[from].has_moved);
        self.input(to, |node, now| node.handle_datagram(now, Datagram { link, from, waited: Duration::ZERO, bytes }));
    }

    /// Lets time pass, and wakes whoever wants to be.
    fn pass(&mut self, time: Duration, lost: u16) {
        let end = self.now + time;
        self.lost = lost;
        while let Some((at, host)) = self.next_deadline().filter(|(at, _)| *at <= end && self.delivered < LIFE) {
            self.now = self.now.max(at);
            self.wake(host);
            self.fly();
        }
        self.now = end;
    }

    fn next_deadline(&self) -> Option<(Time, usize)> {
        let deadline = |host: &Host| host.node.as_ref()?.poll_timeout();
        let deadlines = self.hosts.iter().enumerate().filter_map(|(number, host)| Some((deadline(host)?.at, number)));
        deadlines.min()
    }

    /// Has a node do what is due. Something comes of it, or its deadline moves; it does not stay behind.
    fn wake(&mut self, number: usize) {
        let Some(node) = &self.hosts[number].node else { return };
        let (before, sent) = (node.poll_timeout(), self.hosts[number].sent);
        let is_due = before.is_some_and(|deadline| deadline.at <= self.now);
        self.hosts[number].woken += u64::from(is_due);
        let told = self.handle(number, Node::handle_timeout);
        let host = &mut self.hosts[number];
        let Some(after) = host.node.as_ref().map(Node::poll_timeout) else { return };
        let moved = after != before || host.sent > sent || told > 0;
        assert!(moved || !is_due, "nothing came of {before:?} at {:?}", self.now);
        host.behind = if after.is_some_and(|deadline| deadline.at < self.now) { host.behind + 1 } else { 0 };
        assert!(host.behind < BEHIND, "{after:?} has long passed at {:?}", self.now);
        let seconds = self.now.since(host.since).as_secs() + 1;
        let may = WOKEN + WOKEN_FOR_A_DATAGRAM * (host.sent + host.inputs) + WOKEN_IN_A_SECOND * seconds;
        assert!(host.woken <= may, "woken {} times in {seconds} s", host.woken);
    }

    fn input(&mut self, number: usize, input: impl FnOnce(&mut Node, Time)) {
        self.hosts[number].inputs += 1;
        self.handle(number, input);
    }

    /// Gives a node something to do, and fetches all that comes of it; tells how much it told.
    fn handle(&mut self, number: usize, input: impl FnOnce(&mut Node, Time)) -> usize {
        let host = &mut self.hosts[number];
        let Some(node) = &mut host.node else { return 0 };
        input(node, self.now);
        let mut bytes = Vec::new();
        let mut sent = 0;
        while let Some(way) = node.poll_transmit(&mut bytes) {
            check_sent(&bytes);
            sent += 1;
            assert!(sent <= SENT_AT_ONCE, "more than {SENT_AT_ONCE} datagrams at once");
            let links = host.links.iter().map(|link| link.id).collect();
            self.flying.push_back(Flight { from: number, links, way, bytes: bytes.as_slice().into() });
        }
        let mut told = 0;
        let mut is_gone = false;
        while let Some(event) = node.poll_event() {
            told += 1;
            assert!(told <= TOLD_AT_ONCE, "more than {TOLD_AT_ONCE} events at once");
            is_gone |= event == Event::Gone;
        }
        host.sent += sent as u64;
        let seconds = self.now.since(host.since).as_secs() + 1;
        let may = SENT + SENT_FOR_AN_INPUT * host.inputs + SENT_IN_A_SECOND * seconds;
        assert!(host.sent <= may, "{} were sent in {seconds} s for {} inputs", host.sent, host.inputs);
        if is_gone {
            host.node = None;
        }
        told
    }

    /// Delivers what was sent, and what is sent in answer to it.
    fn fly(&mut self) {
        while let Some(flight) = self.flying.pop_front() {
            for (link, to) in self.receivers(&flight) {
                self.lost = self.lost.rotate_right(1);
                if self.lost & 1 == 0 || flight.from == to {
                    self.deliver(link, flight.from, to, &flight.bytes);
                }
            }
            if self.keeps_all {
                self.sent.push(flight.bytes.clone());
            }
            self.lately.push_back(flight);
            if self.lately.len() > LATELY {
                self.lately.pop_front();
            }
        }
    }

    /// Who hears it, by which link; what goes to all comes back to its sender too.
    fn receivers(&self, flight: &Flight) -> Vec<(LinkId, usize)> {
        let is_on = |host: usize, id: LinkId| self.hosts[host].links.iter().any(|link| link.id == id);
        let hosts = |id: LinkId| (0..HOSTS).filter(move |host| is_on(*host, id)).map(move |host| (id, host));
        match flight.way {
            Transmit::Everywhere => flight.links.iter().flat_map(|id| hosts(*id)).collect(),
            Transmit::Link(link) => hosts(link).collect(),
            Transmit::Unicast { link, to } => {
                hosts(link).filter(|(_, host)| address(*host as u8, self.hosts[*host].has_moved) == to).collect()
            }
        }
    }

    fn unix(&self) -> UnixMillis {
        UnixMillis(STARTED.0 + self.now.as_micros() / 1000)
    }
}

fn garbled(bytes: &[u8], garble: &Garble) -> Vec<u8> {
    let author = (garble.cut & 1 == 1).then(|| bytes.to_vec());
    let mut bytes = bytes[..bytes.len() - usize::from(garble.cut).min(bytes.len())].to_vec();
    for (place, byte) in garble.bytes.iter().filter(|_| !bytes.is_empty()).collect::<Vec<_>>() {
        let place = usize::from(*place) % bytes.len();
        bytes[place] = *byte;
    }
    author.and_then(|original| sign_again(&original, &bytes)).unwrap_or(bytes)
}

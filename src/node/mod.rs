//! The protocol as a state machine: fed with datagrams, commands, links and the time, asked what to send, what
//! happened, and when to be woken. It sees no socket, no clock and no thread.
//!
//! What decides what:
//!
//! | file | |
//! |---|---|
//! | `calling` | when this run announces itself: hellos, the beacon interval |
//! | `answers` | whom it answers, when, by which way |
//! | `peers` | who is there, who is lost |
//! | `saying` | its lines, until they go out: numbers, pace |
//! | `hearing` | which lines of others are new |
//! | `leaving` | its goodbyes |
//! | `event` | what waits to be told |

mod answers;
mod bucket;
mod calling;
mod command;
mod config;
mod event;
mod hearing;
mod leaving;
mod link;
mod peers;
mod saying;
mod silence;
mod stats;
mod timer;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::SocketAddr;

pub use command::{Command, CommandError};
pub use config::{Config, Identity, Role};
pub use event::{Departure, Event, HeardLine};
pub use link::{Datagram, Link, LinkId, Transmit};
pub use peers::Peer;
pub use stats::Stats;
pub use timer::{Deadline, Timer};

use self::answers::Answers;
use self::calling::{Call, Calling, Crowd};
use self::event::Events;
use self::hearing::Hearing;
use self::leaving::Leaving;
use self::peers::{Change, Path, Peers, Silence};
use self::saying::Saying;
use crate::time::Time;
use crate::wire::{self, Beacon, Counter, Goodbye, Heard, Lines, Message, Packet, RoomId, Run};

/// One run of cooee in its room.
///
/// After each *in* (`handle_…`), the *outs* are to be polled until they give `None`: first
/// [`poll_transmit`](Self::poll_transmit), then [`poll_event`](Self::poll_event); then
/// [`poll_timeout`](Self::poll_timeout) tells when [`handle_timeout`](Self::handle_timeout) is wanted if nothing
/// else happens before. `now` must not go back; where it does, the latest time stands.
///
/// It says nothing until it knows of a link.
#[derive(Debug)]
pub struct Node {
    config: Config,
    me: Run,
    room: RoomId,
    rng: fastrand::Rng,
    now: Time,
    counter: Counter,
    links: Vec<Link>,
    peers: Peers,
    hearing: Hearing,
    calling: Calling,
    answers: Answers,
    /// Silent peers that are to be asked whether they are there; at most as many as there are peers.
    asking: VecDeque<Transmit>,
    saying: Saying,
    leaving: Leaving,
    events: Events,
    stats: Stats,
}

impl Node {
    /// A node that has begun at `now`. All its randomness comes from the seed.
    pub fn new(config: Config, identity: Identity, seed: u64, now: Time) -> Self {
        Self {
            me: identity.0,
            room: RoomId::of(&config.room),
            rng: fastrand::Rng::with_seed(seed),
            now,
            counter: Counter::default(),
            links: Vec::new(),
            peers: Peers::new(),
            hearing: Hearing::new(),
            calling: Calling::new(config.role),
            answers: Answers::new(),
            asking: VecDeque::new(),
            saying: Saying::new(),
            leaving: Leaving::No,
            events: Events::default(),
            stats: Stats::default(),
            config,
        }
    }

    /// Takes in what came from the network. Whatever it is, it is never an error of ours: what cannot be used is
    /// counted in [`stats`](Self::stats).
    pub fn handle_datagram(&mut self, now: Time, datagram: Datagram<'_>) {
        self.advance(now);
        self.stats.received += 1;
        match wire::parse(datagram.bytes) {
            Err(reason) => self.stats.refuse(reason),
            Ok(packet) if packet.room != self.room => self.stats.other_rooms += 1,
            Ok(packet) if packet.author == self.me => self.stats.echoes += 1,
            Ok(packet) => match &packet.message {
                Message::Beacon(counter, beacon) => self.handle_beacon(packet.author, *counter, beacon, &datagram),
                Message::Goodbye(counter, _) => self.handle_goodbye(packet.author, *counter),
                Message::Lines(lines) => self.handle_lines(packet.author, lines, &datagram),
            },
        }
    }

    /// Does what somebody asks for.
    ///
    /// # Errors
    /// When it cannot be done now; nothing has changed then.
    pub fn handle_command(&mut self, now: Time, command: Command) -> Result<(), CommandError> {
        self.advance(now);
        if self.leaving != Leaving::No {
            return Err(CommandError::Leaving);
        }
        match command {
            Command::Say { text, action, time } => {
                self.saying.say(&self.config.profile.nick, action, &text, time)?;
            }
            Command::Rename(nick) => {
                self.config.profile.nick = nick;
                self.begin_calling();
            }
            Command::Leave => self.leaving = Leaving::AfterLastLine,
        }
        Ok(())
    }

    /// Learns by which links the LANs are reached now. When they are others than before, the node calls anew.
    pub fn handle_links(&mut self, now: Time, links: &[Link]) {
        self.advance(now);
        if self.links == links {
            return;
        }
        self.links = links.to_vec();
        self.peers.handle_links(|id| links.iter().any(|link| link.id == id));
        self.begin_calling();
    }

    /// The machine has slept, or stood still: others may have given this run up, so it calls anew.
    pub fn handle_wake(&mut self, now: Time) {
        self.advance(now);
        self.begin_calling();
    }

    /// A datagram that was to go out by a link could not be sent. It is counted; what gets lost on its way is
    /// treated the same.
    pub fn handle_send_failure(&mut self, now: Time) {
        self.advance(now);
        self.stats.send_failures += 1;
    }

    /// Does what is due by now.
    pub fn handle_timeout(&mut self, now: Time) {
        self.advance(now);
        if self.calling.is_due(self.now) {
            self.calling.handle_timeout(self.now, crowd(&self.peers), &mut self.rng);
        }
        self.answers.handle_timeout(self.now);
        self.leaving.handle_timeout(self.now);
        for silence in self.peers.handle_timeout(self.now) {
            match silence {
                // To ask is a sign of life, and who has said goodbye shall give none.
                Silence::Asked(way) if self.leaving == Leaving::No => self.asking.push_back(way),
                Silence::Asked(_) => {}
                Silence::Lost(peer, silent) => self.events.push(Event::Left(peer, Departure::Lost(silent))),
            }
        }
    }

    /// Writes the next datagram that is to go out over what `out` held, and says where it shall go.
    pub fn poll_transmit(&mut self, out: &mut Vec<u8>) -> Option<Transmit> {
        let (way, message) = self.next_message()?;
        Packet { room: self.room, author: self.me, message }.encode(out);
        self.stats.sent += 1;
        Some(way)
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is wanted; `None` when nothing is waited for.
    pub fn poll_timeout(&self) -> Option<Deadline> {
        let others = [self.answers.deadline(), self.peers.deadline(), self.saying.deadline(), self.leaving.deadline()];
        self.calling.deadlines().chain(others.into_iter().flatten()).min()
    }

    /// The run that this node is.
    pub const fn run(&self) -> Run {
        self.me
    }

    /// Who is there, by run.
    pub fn peers(&self) -> impl ExactSizeIterator<Item = Peer> {
        self.peers.iter()
    }

    /// What came and what became of it.
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    fn advance(&mut self, now: Time) {
        self.now = self.now.max(now);
    }

    fn begin_calling(&mut self) {
        if !self.links.is_empty() && self.leaving == Leaving::No {
            self.calling.begin(self.now, crowd(&self.peers), &mut self.rng);
        }
    }

    fn handle_beacon(&mut self, run: Run, counter: Counter, beacon: &Beacon<'_>, datagram: &Datagram<'_>) {
        let address = SocketAddr::new(datagram.from.ip(), beacon.port);
        if !beacon.visitor {
            let path = Path { link: datagram.link, address, heard: self.now };
            match self.peers.handle_beacon(run, counter, beacon, path) {
                Change::Joined { peer, displaced } => {
                    let gone = displaced.map(|peer| Event::Left(peer, Departure::Displaced));
                    gone.into_iter().chain([Event::Joined(peer)]).for_each(|event| self.events.push(event));
                }
                Change::Told { peer, before } => self.events.push(Event::Changed { peer, before }),
                Change::Refreshed => {}
                Change::Stale => {
                    self.stats.stale += 1;
                    return;
                }
            }
        }
        if self.config.role == Role::Member && self.leaving == Leaving::No && lacks(beacon, counter, self.me) {
            let way = Transmit::Unicast { link: datagram.link, to: address };
            self.answers.ask(self.now, run, way, beacon.hello, self.peers.len(), &mut self.rng);
        }
    }

    fn handle_goodbye(&mut self, run: Run, counter: Counter) {
        match self.peers.handle_goodbye(run, counter) {
            Some(peer) => self.events.push(Event::Left(peer, Departure::Goodbye)),
            None => self.stats.stale += 1,
        }
    }

    fn handle_lines(&mut self, author: Run, lines: &Lines<'_>, datagram: &Datagram<'_>) {
        self.peers.handle_sign_of_life(self.now, author);
        for line in lines.iter() {
            if !self.hearing.hear(self.now, author, line.seq) {
                self.stats.repeated_lines += 1;
                continue;
            }
            self.events.push(Event::Line(HeardLine {
                author,
                nick: lines.nick().clone().into_owned(),
                seq: line.seq,
                action: line.action,
                text: line.text.into_owned(),
                time: lines.time(),
                link: datagram.link,
                from: datagram.from,
            }));
        }
    }

    /// What goes out next: first whatever makes this run known, then what it says, then its goodbye.
    fn next_message(&mut self) -> Option<(Transmit, Message<'static>)> {
        if self.leaving == Leaving::Gone {
            return None;
        }
        if let Some(call) = self.calling.take() {
            self.answers.handle_broadcast();
            return Some((Transmit::Everywhere, self.beacon(call == Call::Hello, Tells::WhomItHears)));
        }
        if let Some(way) = self.answers.take() {
            if way != Transmit::Everywhere {
                return Some((way, self.beacon(false, Tells::HowManyItHears)));
            }
            self.answers.handle_broadcast();
            self.calling.postpone(self.now, crowd(&self.peers), &mut self.rng);
            return Some((way, self.beacon(false, Tells::WhomItHears)));
        }
        if let Some(way) = self.asking.pop_front() {
            return Some((way, self.beacon(true, Tells::WhomItHears)));
        }
        if let Some(lines) = self.saying.take(self.now) {
            return Some((Transmit::Everywhere, Message::Lines(lines)));
        }
        self.next_goodbye().map(|goodbye| (Transmit::Everywhere, goodbye))
    }

    fn next_goodbye(&mut self) -> Option<Message<'static>> {
        if self.leaving == Leaving::AfterLastLine {
            if !self.saying.is_empty() {
                return None;
            }
            // A beacon after the goodbye would bring this run back to everybody's table.
            self.calling.end();
            self.answers = Answers::new();
            self.asking.clear();
            if self.config.role == Role::Visitor {
                self.leaving = Leaving::Gone;
                self.events.push(Event::Gone);
                return None;
            }
        }
        if !self.leaving.take(self.now) {
            return None;
        }
        if self.leaving == Leaving::Gone {
            self.events.push(Event::Gone);
        }
        self.counter = self.counter.next();
        Some(Message::Goodbye(self.counter, Goodbye { last_seq: self.saying.last() }))
    }

    fn beacon(&mut self, hello: bool, tells: Tells) -> Message<'static> {
        self.counter = self.counter.next();
        self.stats.sent_beacons += 1;
        let heard = match tells {
            Tells::WhomItHears => Heard::of(self.peers.surely_heard(self.now).into_iter(), self.counter),
            Tells::HowManyItHears => Heard::NOBODY,
        };
        let beacon = Beacon {
            hello,
            visitor: self.config.role == Role::Visitor,
            profile: self.config.profile.clone(),
            port: self.config.port,
            interval: crowd(&self.peers).interval(),
            started: self.config.started,
            last_seq: self.saying.last(),
            digest: self.hearing.digest(self.saying.last().map(|seq| (self.me, seq))),
            hears: u32::try_from(self.peers.len()).unwrap_or(u32::MAX),
            heard,
        };
        Message::Beacon(self.counter, beacon)
    }
}

/// What a beacon tells of the peers that this run hears.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tells {
    /// Which they are: a hello asks all others to answer by it.
    WhomItHears,
    /// Only their number: what is sent to a stranger shall not be much larger than what he sent.
    HowManyItHears,
}

/// Whether a beacon's sender does not hear `me`, and lets it be known.
fn lacks(beacon: &Beacon<'_>, counter: Counter, me: Run) -> bool {
    let does_not_tell = beacon.heard.is_empty() && beacon.hears > 0 && !beacon.hello;
    !does_not_tell && !beacon.heard.contains(me, counter)
}

fn crowd(peers: &Peers) -> Crowd {
    Crowd { known: peers.len(), most_heard_by_one: peers.most_heard_by_one() }
}

//! What goes out, and in which order.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, SocketAddr};

use super::answers::Answer;
use super::calling::Call;
use super::leaving::Leaving;
use super::link::{LinkId, Transmit};
use super::log::Origin;
use super::proving::Named;
use super::repairs::DatagramId;
use super::shares::Source;
use super::timer::{Deadline, Timer};
use super::{Answers, Event, Node, Role, crowd};
use crate::wire::{Beacon, Counter, Digest, Goodbye, Heard, Lines, Message, Run};

/// What waits to go out besides beacons and one's own lines: at most [`COUNT_MAX`](Self::COUNT_MAX) of each sort.
/// What finds its queue full is dropped, as if it had got lost on its way: all of it is asked for or sent again.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Beacons that go out at once: one, or one for each link.
    beacons: VecDeque<(Transmit, Message<'static>)>,
    /// Beacons for those who are silent or were lost.
    calls: VecDeque<(Transmit, Call)>,
    messages: VecDeque<(Transmit, Message<'static>)>,
    /// What was written once and goes out once more.
    written: VecDeque<(Transmit, Box<[u8]>)>,
    /// Datagrams of lines that go out once more.
    again: VecDeque<(DatagramId, Transmit)>,
}

impl Outbox {
    const COUNT_MAX: usize = 1024;

    pub(super) fn call(&mut self, way: Transmit, call: Call) {
        push(&mut self.calls, (way, call));
    }

    pub(super) fn send(&mut self, way: Transmit, message: Message<'static>) {
        push(&mut self.messages, (way, message));
    }

    pub(super) fn send_written(&mut self, way: Transmit, datagram: Box<[u8]>) {
        push(&mut self.written, (way, datagram));
    }

    pub(super) fn send_again(&mut self, datagram: DatagramId, way: Transmit) {
        push(&mut self.again, (datagram, way));
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

fn push<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() < Outbox::COUNT_MAX {
        queue.push_back(item);
    }
}

impl Node {
    /// Writes what goes out next: first whatever makes this run known, then what it says, then what others lack,
    /// then its goodbye.
    pub(super) fn write_next(&mut self, out: &mut Vec<u8>) -> Option<Transmit> {
        if let Some(way) = self.remote.take_copy(out) {
            self.stats.sent_copies += 1;
            return Some(way);
        }
        let way = self.write_original(out)?;
        match way {
            Transmit::Everywhere => self.copy_for_remote(out, None),
            Transmit::Link(link) => self.copy_for_remote(out, Some(link)),
            Transmit::Unicast { .. } => {}
        }
        // Whoever is beyond the subnet gets a copy each, and that is all.
        if way == Transmit::Link(LinkId::REMOTE) { self.write_next(out) } else { Some(way) }
    }

    fn write_original(&mut self, out: &mut Vec<u8>) -> Option<Transmit> {
        if self.leaving == Leaving::Gone {
            return None;
        }
        if let Some((way, message)) = self.next_beacon() {
            self.write_flagged(way, &message);
            return Some(self.write(way, message, out));
        }
        if let Some(way) = self.write_room_question(out) {
            return Some(way);
        }
        if let Some(lines) = self.next_lines() {
            return Some(self.write_lines(lines, out));
        }
        if let Some(way) = self.write_private_line(out) {
            return Some(way);
        }
        if let Some((way, message)) = self.next_ping() {
            return Some(self.write(way, message, out));
        }
        if let Some((way, datagram)) = self.outbox.written.pop_front() {
            out.clear();
            out.extend_from_slice(&datagram);
            return Some(way);
        }
        if let Some((way, message)) = self.outbox.messages.pop_front() {
            return Some(self.write(way, message, out));
        }
        while let Some(((author, first), way)) = self.outbox.again.pop_front() {
            if let Some(entry) = self.log.holding(author, first) {
                out.clear();
                out.extend_from_slice(&entry.bytes);
                return Some(way);
            }
        }
        let goodbye = self.next_goodbye()?;
        Some(self.write(Transmit::Everywhere, goodbye, out))
    }

    fn write(&mut self, way: Transmit, message: Message<'_>, out: &mut Vec<u8>) -> Transmit {
        message.encode(&self.identity, &self.config.room, &mut self.random, out);
        way
    }

    /// Writes a beacon for all once more, with the flag for those whom this run asks beyond the subnet. It stays the same
    /// beacon, with the same counter: whoever gets both takes it as one.
    fn write_flagged(&mut self, way: Transmit, message: &Message<'static>) {
        let is_for_remote = matches!(way, Transmit::Everywhere | Transmit::Link(LinkId::REMOTE));
        if let (true, true, Message::Beacon(counter, beacon)) = (is_for_remote, self.remote.asks_any(), message) {
            let mut flagged = Vec::new();
            let beacon = Beacon { remote: true, ..beacon.clone() };
            self.write(way, Message::Beacon(*counter, beacon), &mut flagged);
            self.remote.set_flagged(flagged);
        }
    }

    /// The next lines, if they may go now.
    fn next_lines(&mut self) -> Option<Lines<'static>> {
        let may_go = !self.saying.is_empty() && self.pace.take(self.now, self.audience.len());
        if may_go { self.saying.take() } else { None }
    }

    /// When the next lines may go, if some wait.
    pub(super) fn pace_deadline(&self) -> Option<Deadline> {
        let at = || self.pace.ready_at(self.audience.len());
        (!self.saying.is_empty()).then(|| Deadline { at: at(), timer: Timer::Pace })
    }

    /// Lines that go out are held like those of others: they may have to be sent again.
    fn write_lines(&mut self, lines: Lines<'static>, out: &mut Vec<u8>) -> Transmit {
        let range = lines.range();
        let way = self.write(Transmit::Everywhere, Message::Lines(lines), out);
        let from = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), self.config.port);
        let link = self.links.first().map_or(LinkId(0), |link| link.id);
        self.log.insert(
            self.me,
            range,
            out,
            Origin { link, from, source: Source::Present(from.ip()), heard: self.now },
        );
        self.audience.handle_sent(self.now, range.last());
        self.pace.handle_sent(self.now, range, self.audience.len());
        self.note_heard();
        self.stats.sent_lines += 1;
        self.tell_all_heard();
        way
    }

    fn next_beacon(&mut self) -> Option<(Transmit, Message<'static>)> {
        if self.outbox.beacons.is_empty() {
            let (way, hello, tells) = self.next_call()?;
            self.prepare_beacons(way, hello, tells);
        }
        self.outbox.beacons.pop_front()
    }

    fn next_call(&mut self) -> Option<(Transmit, bool, Tells)> {
        if let Some(call) = self.calling.take() {
            self.answers.handle_broadcast();
            self.remote.tell_soon(self.now);
            return Some((Transmit::Everywhere, call == Call::Hello, Tells::WhomItHears));
        }
        if let Some((run, way)) = self.remote.take_greeting() {
            return Some((way, false, Tells::ThatItHears(run)));
        }
        match self.answers.take() {
            Some(Answer::To(run, way)) => return Some((way, false, Tells::ThatItHears(run))),
            Some(Answer::ToAll) => {
                self.answers.handle_broadcast();
                self.calling.postpone(self.now, crowd(&self.peers), &mut self.rng);
                return Some((Transmit::Everywhere, false, Tells::WhomItHears));
            }
            None => {}
        }
        let (way, call) = self.outbox.calls.pop_front()?;
        let tells = match (call, way) {
            (Call::Hello, Transmit::Unicast { .. }) => Tells::Nothing,
            (Call::Beacon, Transmit::Unicast { .. }) => Tells::WhoIsPresent,
            (_, Transmit::Everywhere | Transmit::Link(_)) => Tells::WhomItHears,
        };
        Some((way, call == Call::Hello, tells))
    }

    fn next_goodbye(&mut self) -> Option<Message<'static>> {
        let is_on_its_way = !matches!(self.leaving, Leaving::No | Leaving::Once { .. } | Leaving::Again);
        if is_on_its_way {
            let is_lacked = self.audience.is_behind() || !self.private_saying.is_empty();
            if !self.saying.is_empty() || !self.leaving.handle_all_said(self.now, is_lacked) {
                return None;
            }
            // A beacon after the goodbye would bring this run back to everybody's table.
            self.calling.end();
            self.room_questions.end();
            self.answers = Answers::new();
            self.remote.end();
            self.outbox.clear();
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
        let counter = self.next_counter();
        Some(Message::Goodbye(counter, Goodbye { last_seq: self.audience.last() }))
    }

    /// Prepares a beacon. One to all is one for each link where these have different digests: what is heard by one link is
    /// told by no other.
    fn prepare_beacons(&mut self, way: Transmit, hello: bool, tells: Tells) {
        let whom = self.whom_it_hears(hello, tells);
        let ways = match way {
            _ if self.config.role == Role::Visitor => Vec::from([(way, Digest::default())]),
            Transmit::Unicast { link, .. } | Transmit::Link(link) => Vec::from([(way, self.digest(link))]),
            Transmit::Everywhere => match self.common_digest() {
                Some(digest) => Vec::from([(way, digest)]),
                None => self.told_links().map(|link| (Transmit::Link(link), self.digest(link))).collect(),
            },
        };
        for (way, digest) in ways {
            let beacon = self.beacon(way, hello, &whom, digest);
            self.outbox.beacons.push_back((way, beacon));
        }
    }

    fn whom_it_hears(&mut self, hello: bool, tells: Tells) -> Named {
        match tells {
            Tells::Nothing => Named::Some(Vec::new()),
            Tells::WhomItHears if hello => self.proving.named_in_hello(self.now, self.peers.surely_heard(self.now)),
            Tells::WhomItHears => self.proving.named(self.now, self.peers.surely_heard(self.now)),
            Tells::WhoIsPresent => Named::All(self.peers.surely_heard(self.now)),
            Tells::ThatItHears(run) => {
                self.proving.handle_named(run);
                Named::Some(Vec::from([run]))
            }
        }
    }

    fn beacon(&mut self, way: Transmit, hello: bool, whom: &Named, digest: Digest) -> Message<'static> {
        let counter = self.next_counter();
        self.stats.sent_beacons += 1;
        let heard = match whom {
            Named::All(runs) => Heard::all(runs.iter().copied(), counter),
            Named::Some(runs) => Heard::some(runs.iter().copied(), counter),
        };
        let beacon = Beacon {
            hello,
            visitor: self.config.role == Role::Visitor,
            acks: self.sends_acks(),
            remote: self.remote.asks(way),
            profile: self.config.profile.clone(),
            port: self.config.port,
            interval: crowd(&self.peers).interval(),
            started: self.config.started,
            time: self.unix(),
            last_seq: self.audience.last(),
            digest,
            hears: u32::try_from(self.peers.len()).unwrap_or(u32::MAX),
            heard,
            room: self.config.room.announced_name().cloned(),
        };
        Message::Beacon(counter, beacon)
    }

    pub(super) fn next_counter(&mut self) -> Counter {
        self.counter = self.counter.next();
        self.counter
    }
}

/// What a beacon tells of the peers that this run hears.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tells {
    /// Nothing, in a hello to one run: it is short, as it may go to somebody who has not asked for it, and he answers.
    Nothing,
    /// Which they are: a hello asks all others to answer by it.
    WhomItHears,
    /// Which of them surely are there: whoever was lost and gets it knows that he is not heard.
    WhoIsPresent,
    /// Only that this one is heard: what is sent to a stranger shall not be much larger than what he sent.
    ThatItHears(Run),
}

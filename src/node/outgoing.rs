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
use super::repairs::DatagramId;
use super::shares::Source;
use super::{Answers, Event, Node, Role, crowd};
use crate::wire::{Beacon, Counter, Digest, Goodbye, Heard, Lines, Message, Run};

/// What waits to go out besides beacons and one's own lines: at most [`COUNT_MAX`](Self::COUNT_MAX) of each sort.
/// What finds its queue full is dropped, as if it had got lost on its way: all of it is asked for or sent again.
#[derive(Debug, Default)]
pub(super) struct Outbox {
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
        if self.leaving == Leaving::Gone {
            return None;
        }
        if let Some((way, message)) = self.next_beacon() {
            return Some(self.write(way, message, out));
        }
        if let Some(way) = self.write_room_question(out) {
            return Some(way);
        }
        if let Some(lines) = self.saying.take(self.now) {
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
        self.stats.sent_lines += 1;
        self.tell_all_heard();
        way
    }

    fn next_beacon(&mut self) -> Option<(Transmit, Message<'static>)> {
        if let Some(call) = self.calling.take() {
            self.answers.handle_broadcast();
            return Some((Transmit::Everywhere, self.beacon(call == Call::Hello, Tells::WhomItHears)));
        }
        match self.answers.take() {
            Some(Answer::To(run, way)) => return Some((way, self.beacon(false, Tells::ThatItHears(run)))),
            Some(Answer::ToAll) => {
                self.answers.handle_broadcast();
                self.calling.postpone(self.now, crowd(&self.peers), &mut self.rng);
                return Some((Transmit::Everywhere, self.beacon(false, Tells::WhomItHears)));
            }
            None => {}
        }
        let (way, call) = self.outbox.calls.pop_front()?;
        let tells = match (call, way) {
            (Call::Hello, Transmit::Unicast { .. }) => Tells::Nothing,
            (Call::Beacon, Transmit::Unicast { .. }) => Tells::WhoIsPresent,
            (_, Transmit::Everywhere) => Tells::WhomItHears,
        };
        Some((way, self.beacon(call == Call::Hello, tells)))
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

    fn beacon(&mut self, hello: bool, tells: Tells) -> Message<'static> {
        let counter = self.next_counter();
        self.stats.sent_beacons += 1;
        let heard = match tells {
            Tells::Nothing => Heard::some(core::iter::empty(), counter),
            Tells::WhomItHears if hello => {
                self.proving.heard_in_hello(self.now, self.peers.surely_heard(self.now), counter)
            }
            Tells::WhomItHears => self.proving.heard(self.now, self.peers.surely_heard(self.now), counter),
            Tells::WhoIsPresent => Heard::all(self.peers.surely_heard(self.now).into_iter(), counter),
            Tells::ThatItHears(run) => {
                self.proving.handle_named(run);
                Heard::some(core::iter::once(run), counter)
            }
        };
        let visitor = self.config.role == Role::Visitor;
        let beacon = Beacon {
            hello,
            visitor,
            acks: self.sends_acks(),
            profile: self.config.profile.clone(),
            port: self.config.port,
            interval: crowd(&self.peers).interval(),
            started: self.config.started,
            time: self.unix(),
            last_seq: self.audience.last(),
            digest: if visitor { Digest::default() } else { self.digest() },
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

//! The course of things: what happens next, and where datagrams go.

use std::cmp::Reverse;
use std::rc::Rc;
use std::time::Duration;

use cooee::node::{Datagram, Event, LinkId, Node, Transmit};
use cooee::time::Time;
use cooee::wire::parse;

use super::{Flight, HostNumber, Lan};
use crate::weather::{CABLE, SECOND_CABLE};

impl Lan {
    /// Does the next thing, unless it comes at `end` or later.
    pub(super) fn step_before(&mut self, end: Time) -> bool {
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
    pub(super) fn settle(&mut self, host: HostNumber) -> bool {
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
    pub(super) fn trace(&self, host: HostNumber, what: impl FnOnce() -> String) {
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
        self.trace(from, || format!("sends {transmit:?} {:?}", parse(bytes)));
        let bytes: Rc<[u8]> = bytes.into();
        self.bytes += bytes.len() as u64;
        self.record.iter_mut().for_each(|record| record.push(bytes.clone()));
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
}

//! The course of things: what happens next, and where datagrams go.

use std::cmp::Reverse;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use cooee::node::{Datagram, Event, LinkId, Node, Transmit};
use cooee::time::Time;
use cooee::wire::parse;

use super::{Card, Flight, Host, HostNumber, Lan, SHARED_PORT};
use crate::weather::CABLE;

impl Host {
    /// By which link it gets what goes to it alone from another's card: by the like of it, or whichever is there.
    fn receives_by(&self, card: Card) -> Option<LinkId> {
        let at_switch = || self.cards.iter().filter(|own| own.switch == card.switch).map(|own| own.link);
        at_switch().find(|link| *link == card.link).or_else(|| at_switch().next())
    }
}

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
        match &mut self.hosts[flight.to].backlog {
            Some(backlog) => backlog.push(flight),
            None => self.hand_over(&flight),
        }
    }

    /// Gives what runs on a host what has come to it.
    pub(super) fn hand_over(&mut self, flight: &Flight) {
        let (from, now) = (self.hosts[flight.from].address, self.own_time(flight.to));
        let host = &mut self.hosts[flight.to];
        let Some(node) = host.node.as_mut().filter(|_| host.asleep.is_none()) else { return };
        let waited = self.now.since(flight.arrives);
        node.handle_datagram(now, Datagram { link: flight.link, from, waited, bytes: &flight.bytes });
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
            if let Event::OneWay(peer) = &event {
                self.assert_deaf(host, peer);
            }
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
        let is_going = host.asleep.is_none() && host.backlog.is_none();
        let deadline = host.node.as_ref().filter(|_| is_going).and_then(Node::poll_timeout);
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
        if let Some(capture) = &mut self.capture {
            let from = self.hosts[from].address;
            capture.push(super::Sent { at: self.now, from, to: transmit, bytes: bytes.clone() });
        }
        match transmit {
            Transmit::Everywhere => {
                for card in self.hosts[from].cards.clone() {
                    self.broadcast(from, card, &bytes);
                }
            }
            Transmit::Link(link) => {
                if let Some(card) = self.card(from, link) {
                    self.broadcast(from, card, &bytes);
                }
            }
            Transmit::Unicast { link, to } => {
                self.unicasts += 1;
                if let Some((host, link)) = self.receiver(from, link, to).filter(|_| self.weather.unicast) {
                    self.fly(from, host, link, &bytes);
                }
            }
        }
    }

    /// Who gets what is sent to an address by a link, and by which one.
    fn receiver(&self, from: HostNumber, link: LinkId, to: SocketAddr) -> Option<(HostNumber, LinkId)> {
        let is_there = |host: &Host| host.address == to || (host.address.ip(), SHARED_PORT) == (to.ip(), to.port());
        let number = self.hosts.iter().position(is_there)?;
        let host = &self.hosts[number];
        let cards = self.hosts[from].cards.iter().filter(|card| link == LinkId::REMOTE || card.link == link);
        let routed = || self.is_routed.then_some(if host.asks_beyond { LinkId::REMOTE } else { CABLE });
        Some((number, cards.filter_map(|card| host.receives_by(*card)).next().or_else(routed)?))
    }

    fn broadcast(&mut self, from: HostNumber, card: Card, bytes: &Rc<[u8]>) {
        self.broadcasts += 1;
        for to in 0..self.hosts.len() {
            let cards = self.hosts[to].cards.clone();
            for at in cards.iter().filter(|at| at.switch == card.switch) {
                self.fly(from, to, at.link, bytes);
            }
        }
    }

    fn card(&self, host: HostNumber, link: LinkId) -> Option<Card> {
        self.hosts[host].cards.iter().find(|card| card.link == link).copied()
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

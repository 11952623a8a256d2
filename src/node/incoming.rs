//! What comes in, and which part of the node it goes to.

use core::net::SocketAddr;

use super::contacts::{ClockLead, EarlierLines};
use super::hearing::Author;
use super::leaving::Leaving;
use super::link::{Datagram, Transmit};
use super::peers::{Change, Path};
use super::reading::Gaps;
use super::{Departure, Event, Node, Role, acks};
use crate::wire::{self, Beacon, Counter, Goodbye, Message, Run, Seq};

/// Runs that started within so many milliseconds of each other started together: beacons take a moment.
const SAME_AGE: u64 = 100;

impl Node {
    /// Reads a datagram whole before anything is done by it.
    pub(super) fn take_in(&mut self, datagram: &Datagram<'_>) {
        self.stats.received += 1;
        let packet = match wire::parse(datagram.bytes) {
            Err(reason) => return self.stats.refuse(reason),
            Ok(packet) if packet.room != self.room => return self.stats.other_rooms += 1,
            Ok(packet) if packet.author == self.me => return self.stats.echoes += 1,
            Ok(packet) => packet,
        };
        let sender = packet.author;
        match &packet.message {
            Message::Beacon(counter, beacon) => return self.handle_beacon(sender, *counter, beacon, datagram),
            Message::Goodbye(counter, goodbye) => return self.handle_goodbye(sender, *counter, *goodbye),
            Message::Lines(lines) => self.handle_lines(sender, lines, datagram),
            Message::Nack(_, nack) => self.handle_nack(*nack, datagram),
            Message::Ack(_, ack) => self.handle_ack(sender, *ack),
            Message::HistoryRequest(_, request) => self.handle_history_request(*request, datagram),
            Message::Notes(_, notes) => self.handle_notes(sender, notes, datagram),
        }
        // Lines of somebody who has died are sent again by others: only what comes from himself shows that he lives.
        if self.peers.way(sender).is_some_and(|way| is_from(way, datagram.from)) {
            self.peers.handle_sign_of_life(self.now, sender);
        }
    }

    fn handle_beacon(&mut self, run: Run, counter: Counter, beacon: &Beacon<'_>, datagram: &Datagram<'_>) {
        let address = SocketAddr::new(datagram.from.ip(), beacon.port);
        let way = Transmit::Unicast { link: datagram.link, to: address };
        if !beacon.visitor {
            let path = Path { link: datagram.link, address, heard: self.now };
            match self.peers.handle_beacon(run, counter, beacon, path) {
                Change::Joined { peer, displaced } => {
                    if let Some(peer) = displaced {
                        let run = peer.run;
                        self.events.push(Event::Left(peer, Departure::Displaced));
                        self.handle_hearer_gone(run);
                    }
                    self.events.push(Event::Joined(peer));
                    self.handle_joined(run);
                }
                Change::Told { peer, before } => self.events.push(Event::Changed { peer, before }),
                Change::Refreshed => {}
                Change::Stale => {
                    self.stats.stale += 1;
                    return;
                }
            }
            if beacon.acks {
                self.audience.handle_joined(run, self.audience.last());
            } else {
                self.handle_hearer_gone(run);
            }
        }
        if self.config.role == Role::Visitor {
            return;
        }
        if self.leaving == Leaving::No && lacks(beacon, counter, self.me) {
            self.answers.ask(self.now, run, way, beacon.hello, self.peers.len(), &mut self.rng);
        }
        self.learn_lines(run, beacon, way);
    }

    /// What a beacon tells of lines: up to which its sender has said some, and what it holds.
    fn learn_lines(&mut self, run: Run, beacon: &Beacon<'_>, way: Transmit) {
        let ahead = ClockLead::between(beacon.time, self.unix());
        // Whoever is not older than this run has said nothing before this run came.
        let is_older = ahead.to_ours(beacon.started).0.saturating_add(SAME_AGE) < self.config.started.0;
        let met = beacon.last_seq.filter(|_| is_older);
        let earlier_lines = self.earlier_lines();
        self.contacts.handle_beacon(self.now, run, way, ahead, met, earlier_lines);
        if let Some(last) = beacon.last_seq {
            self.handle_highest(run, last);
        }
        if !beacon.visitor && self.leaving == Leaving::No {
            self.newcomer.handle_digest(self.now, run, beacon.digest);
            let ours = self.digest();
            self.comparing.handle_digest(self.now, run, beacon.digest, ours, &mut self.rng);
            self.handle_exchange_timeout();
        }
    }

    /// A peer is there that was not.
    fn handle_joined(&mut self, run: Run) {
        self.losses.handle_joined(self.now);
        // A cut has healed: whoever else was lost by it may be found as well. In a large room so many would call at
        // once that it is left to the beacons.
        let was_lost = self.search.handle_heard(run);
        if was_lost && self.peers.len() < acks::ROOM_MAX && !self.calling.is_under_way() {
            self.begin_calling();
        }
    }

    /// A peer has gone, or acks no more: it may have been the last one that was waited for.
    pub(super) fn handle_hearer_gone(&mut self, run: Run) {
        self.audience.handle_left(run);
        self.tell_all_heard();
    }

    fn handle_goodbye(&mut self, run: Run, counter: Counter, goodbye: Goodbye) {
        match self.peers.handle_goodbye(run, counter) {
            Some(peer) => {
                // Its last lines may have been lost; others have them.
                if let Some(last) = goodbye.last_seq.filter(|_| self.config.role == Role::Member) {
                    self.handle_highest(run, last);
                }
                self.events.push(Event::Left(peer, Departure::Goodbye));
                self.handle_hearer_gone(run);
            }
            None => self.stats.stale += 1,
        }
        self.search.handle_heard(run);
    }

    /// The author tells that there are lines up to this one.
    fn handle_highest(&mut self, author: Run, last: Seq) {
        self.begin_hearing(author);
        self.hearing.handle_highest(self.now, author, last);
        self.follow_up(author, Gaps::New);
    }

    /// Sees to it that it is known how far an author was heard whose contact is known.
    pub(super) fn begin_hearing(&mut self, author: Run) {
        if self.hearing.get(author).is_none()
            && let Some(contact) = self.contacts.get(author).copied()
        {
            let forgotten = if contact.is_forgotten {
                self.hearing.meet_again(self.now, author, contact.told)
            } else {
                self.hearing.meet(self.now, author, contact.told, contact.met)
            };
            self.forget(forgotten);
        }
    }

    /// Lets go of an author who made room for another one.
    pub(super) fn forget(&mut self, forgotten: Option<(Run, Author)>) {
        if let Some((run, author)) = forgotten {
            self.contacts.handle_forgotten(run, author.told);
            self.log.forget(run);
            self.asking.end(run);
            self.waiting.remove(&run);
        }
    }

    pub(super) fn earlier_lines(&self) -> EarlierLines {
        if self.comparing.is_acquainted(self.now) { EarlierLines::Wanted } else { EarlierLines::NotWanted }
    }
}

/// Whether a beacon's sender does not hear `me`, and lets it be known.
fn lacks(beacon: &Beacon<'_>, counter: Counter, me: Run) -> bool {
    let does_not_tell = beacon.heard.is_empty() && beacon.hears > 0 && !beacon.hello;
    !does_not_tell && !beacon.heard.contains(me, counter)
}

fn is_from(way: Transmit, from: SocketAddr) -> bool {
    matches!(way, Transmit::Unicast { to, .. } if to == from)
}

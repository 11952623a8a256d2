//! What comes in, and which part of the node it goes to.

use core::net::SocketAddr;

use super::calling::Call;
use super::clock::ClockLead;
use super::comparing::Counterpart;
use super::contacts::EarlierLines;
use super::hearing::Author;
use super::hears_us::tells_of;
use super::leaving::Leaving;
use super::link::{Datagram, LinkId, Transmit, Way};
use super::paths::Path;
use super::peers::Change;
use super::portrait::Sighting;
use super::proving::Standing;
use super::reading::Gaps;
use super::{Departure, Event, Node, Role, Unverified, acks};
use crate::trust::PublicKey;
use crate::wire::{Beacon, Counter, Envelope, Goodbye, Hears, Message, Packet, RoomId, Run, Seq};

/// Runs that started within so many milliseconds of each other started together: beacons take a moment.
const SAME_AGE: u64 = 100;

impl Node {
    /// Reads a datagram whole before anything is done by it.
    pub(super) fn take_in(&mut self, datagram: &Datagram<'_>) {
        self.stats.received += 1;
        let read = Envelope::parse(datagram.bytes);
        self.note_health(&read, datagram);
        let envelope = match read {
            Err(reason) => return self.stats.refuse(reason),
            Ok(envelope) if envelope.room() == RoomId::ANY => return self.handle_room_question(&envelope, datagram),
            Ok(envelope) if envelope.room() != self.config.room.id() => {
                return self.handle_other_room(&envelope, datagram);
            }
            Ok(envelope) if envelope.author() == self.me => return self.stats.echoes += 1,
            Ok(envelope) => envelope,
        };
        // What is known to the byte was checked when it came first.
        let is_known = self.checked.holds(datagram.bytes)
            || envelope.first_line().is_some_and(|first| self.log.holds(envelope.author(), first, datagram.bytes));
        if !is_known && self.has_just_told(&envelope, datagram) {
            return self.stats.nothing_new += 1;
        }
        if !is_known && envelope.is_costly() && !self.admission.admits(self.now, datagram.from.ip()) {
            return self.stats.too_fast += 1;
        }
        let mut scratch = core::mem::take(&mut self.scratch);
        let room = &self.config.room;
        match if is_known { envelope.reopen(room, &mut scratch) } else { envelope.open(room, &mut scratch) } {
            Ok(packet) if packet.signer.is_none() && self.config.unverified == Unverified::KeptOut => {
                self.stats.kept_out += 1;
            }
            Ok(packet) => {
                if packet.signer.is_some() && !is_known {
                    self.admission.handle_right(self.now, datagram.from.ip());
                    // Where there is one link, what comes twice is rare.
                    if self.links.len() > 1 {
                        self.checked.note(datagram.bytes);
                    }
                }
                self.handle_heard_by(packet.author, datagram.link);
                self.handle_packet(&packet, datagram);
            }
            Err(reason) => self.stats.refuse(reason),
        }
        self.scratch = scratch;
    }

    fn handle_packet(&mut self, packet: &Packet<'_>, datagram: &Datagram<'_>) {
        let sender = packet.author;
        if !self.is_new(packet, datagram) {
            return;
        }
        let is_news = self.is_news(packet);
        match &packet.message {
            Message::Beacon(counter, beacon) => return self.handle_beacon(packet, *counter, beacon, datagram),
            Message::Goodbye(counter, goodbye) => return self.handle_goodbye(sender, *counter, *goodbye),
            Message::Lines(lines) => self.handle_lines(sender, lines, datagram),
            Message::Nack(_, nack) => self.handle_nack(*nack, datagram),
            Message::Ack(_, ack) => self.handle_ack(sender, *ack),
            Message::HistoryRequest(_, request) => self.handle_history_request(*request, datagram),
            Message::Notes(_, notes) => self.handle_notes(sender, notes, datagram),
            Message::PrivateLine(_, line) => self.handle_private_line(packet, line, datagram),
            Message::PrivateAck(_, ack) => self.handle_private_ack(sender, *ack),
            Message::Ping(_, ping) => self.handle_ping(sender, *ping, datagram),
            Message::Pong(_, pong) => self.handle_pong(sender, *pong),
            Message::Addresses(_, addresses) => self.handle_addresses((sender, packet.signer), addresses, datagram),
        }
        // Lines of somebody who has died are sent again by others: only what comes from himself shows that he lives.
        if is_news && self.peers.way(sender).is_some_and(|way| is_from(way, datagram.from)) {
            self.peers.handle_sign_of_life(self.now, sender);
        }
    }

    /// Whether a packet may change anything: whoever signs must be there, and says nothing twice. Lines are told whoever
    /// brings them, as long as they are signed by their author, who may have left.
    fn is_new(&mut self, packet: &Packet<'_>, datagram: &Datagram<'_>) -> bool {
        let (run, message) = (packet.author, &packet.message);
        let Some(key) = packet.signer.filter(|_| !matches!(message, Message::Lines(_))) else { return true };
        match (self.proving.handle_signed(self.now, run, key, message, self.me), message) {
            (Standing::Present, _) => {
                self.one_way.handle_proven(run);
                self.contacts.spare(run);
                self.hearing.spare(run);
                return true;
            }
            (Standing::Repeated, Message::Beacon(counter, beacon)) => {
                let path = self.path(beacon, datagram);
                self.peers.handle_copy(run, *counter, path);
                self.handle_remote_beacon((run, packet.signer), beacon, path);
                self.stats.stale += 1;
            }
            (Standing::Repeated, Message::PrivateLine(_, line)) => {
                self.handle_repeated_private_line(run, line, datagram);
                self.stats.stale += 1;
            }
            (Standing::Repeated, _) => self.stats.stale += 1,
            (Standing::Unproven, Message::Beacon(counter, beacon)) => {
                self.stats.unproven += 1;
                self.handle_unproven_beacon((run, key), *counter, beacon, datagram);
            }
            (Standing::Unproven, _) => self.stats.unproven += 1,
        }
        false
    }

    /// Whether a packet was written only just now, and is not a line that anybody may have kept.
    fn is_news(&self, packet: &Packet<'_>) -> bool {
        let Message::Lines(lines) = &packet.message else { return true };
        self.hearing.get(packet.author).is_none_or(|known| !known.is_said(lines.range().last()))
    }

    /// Somebody may be there, or may have been there once. He is told that this run hears him, and so asked for proof.
    fn handle_unproven_beacon(
        &mut self,
        (run, key): (Run, PublicKey),
        counter: Counter,
        beacon: &Beacon<'_>,
        datagram: &Datagram<'_>,
    ) {
        if self.leaving != Leaving::No {
            return;
        }
        let sighting = self.sighting(beacon, counter, datagram);
        let way = Transmit::Unicast { link: sighting.path.link, to: sighting.path.address };
        self.proving.handle_unproven(self.now, run, way);
        self.handle_one_way((run, key), counter, beacon, sighting);
        self.proving.name_soon(self.now, self.peers.len());
        if self.config.role == Role::Member && lacks(beacon, counter, self.me) {
            self.answer(run, beacon, way);
        }
    }

    /// Asks whoever has not shown that he is there, and shows it to others.
    pub(super) fn handle_proof_timeout(&mut self) {
        let may_call = self.leaving == Leaving::No;
        for way in self.proving.handle_timeout(self.now) {
            if may_call {
                self.outbox.call(way, Call::Hello);
            }
        }
        if self.proving.take_naming(self.now) && may_call {
            self.outbox.call(Transmit::Everywhere, Call::Beacon);
        }
    }

    pub(super) fn path(&self, beacon: &Beacon<'_>, datagram: &Datagram<'_>) -> Path {
        // A link-local address keeps its scope.
        let mut address = datagram.from;
        // Between here and whoever is beyond the subnet, addresses may be translated: only the port that his datagram
        // came from leads back to him then.
        if !beacon.remote {
            address.set_port(beacon.port);
        }
        Path { link: datagram.link, address, heard: self.now }
    }

    /// How a beacon came, and what it means to this run.
    pub(super) fn sighting(&self, beacon: &Beacon<'_>, counter: Counter, datagram: &Datagram<'_>) -> Sighting {
        Sighting {
            path: self.path(beacon, datagram),
            ahead: ClockLead::between(beacon.time, self.unix().before(datagram.waited)),
            tells: tells_of(beacon, counter, self.me),
        }
    }

    fn handle_beacon(&mut self, packet: &Packet<'_>, counter: Counter, beacon: &Beacon<'_>, datagram: &Datagram<'_>) {
        let run = packet.author;
        let mut sighting = self.sighting(beacon, counter, datagram);
        let Path { link, address: to, .. } = sighting.path;
        let way = Transmit::Unicast { link, to };
        if self.config.role == Role::Visitor && sighting.tells == Hears::No {
            // Beacons name whom others list, and they list no visitor.
            sighting.tells = Hears::Untold;
        }
        self.proving.name_soon(self.now, self.peers.len());
        self.handle_remote_beacon((run, packet.signer), beacon, sighting.path);
        if !beacon.visitor {
            match self.peers.handle_beacon((run, packet.signer), counter, beacon, sighting) {
                Change::Joined { peer, displaced } => {
                    if let Some(peer) = displaced {
                        let run = peer.run;
                        self.events.push(Event::Left(peer, Departure::Displaced));
                        self.handle_gone(run);
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
                Change::NoRoom => return,
            }
            self.handle_told(run, sighting.tells);
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
            self.answer(run, beacon, way);
        }
        self.learn_lines(run, beacon, sighting);
    }

    /// Somebody does not hear us: he is to have our beacon. Several are answered together by broadcast, but not those
    /// whom none reaches.
    fn answer(&mut self, run: Run, beacon: &Beacon<'_>, way: Transmit) {
        if self.is_remote(beacon, way) {
            self.remote.greet(self.now, run, way);
        } else {
            self.proving.handle_asked(run);
            self.answers.ask(self.now, run, way, beacon.hello, self.peers.len(), &mut self.rng);
        }
    }

    /// What a beacon tells of lines: up to which its sender has said some, and what it holds.
    fn learn_lines(&mut self, run: Run, beacon: &Beacon<'_>, Sighting { path, ahead, .. }: Sighting) {
        let Path { link, address, .. } = path;
        // Whoever is not older than this run has said nothing before this run came.
        let is_older = ahead.to_ours(beacon.started).0.saturating_add(SAME_AGE) < self.config.started.0;
        let met = beacon.last_seq.filter(|_| is_older);
        let earlier_lines = self.earlier_lines();
        self.contacts.handle_beacon(self.now, run, Way { link, address }, ahead, met, earlier_lines);
        self.handle_heard_by(run, link);
        if let Some(last) = beacon.last_seq {
            self.handle_highest(run, last);
        }
        if !beacon.visitor && self.leaving == Leaving::No {
            self.newcomer.handle_digest(self.now, run, beacon.digest);
            self.handle_digest(Counterpart { run, link }, beacon.digest);
            self.handle_exchange_timeout();
        }
    }

    /// A peer is there that was not.
    fn handle_joined(&mut self, run: Run) {
        self.remote.tell_soon(self.now);
        self.losses.handle_joined(self.now);
        // A cut has healed: whoever else was lost by it may be found as well. In a large room so many would call at
        // once that it is left to the beacons.
        let was_lost = self.search.handle_heard(run);
        if was_lost && self.peers.len() < acks::ROOM_MAX && !self.calling.is_under_way() {
            self.begin_calling();
        }
    }

    /// A peer has gone without a word.
    pub(super) fn handle_gone(&mut self, run: Run) {
        self.give_up_private(run);
        self.handle_left(run);
    }

    fn handle_left(&mut self, run: Run) {
        self.remote.handle_gone(run);
        self.remote.tell_soon(self.now);
        self.handle_hearer_gone(run);
    }

    /// A peer has gone, or acks no more: it may have been the last one that was waited for.
    fn handle_hearer_gone(&mut self, run: Run) {
        self.audience.handle_left(run);
        self.note_heard();
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
                self.private_saying.handle_goodbye(self.now, run);
                self.handle_left(run);
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
            && let Some(contact) = self.contacts.get(author)
        {
            let cards = contact.cards;
            let forgotten = if contact.is_forgotten {
                self.hearing.meet_again(self.now, author, contact.told)
            } else {
                self.hearing.meet(self.now, author, contact.told, contact.met)
            };
            self.forget(forgotten);
            self.hearing.handle_heard_by(author, cards);
            if self.proving.is_proven(author) {
                self.hearing.spare(author);
            }
        }
    }

    /// Something of an author came by a link: he is heard by its card, as far as he is known.
    pub(super) fn handle_heard_by(&mut self, author: Run, link: LinkId) {
        let card = self.cards.of(link);
        self.contacts.handle_heard_by(author, card);
        self.hearing.handle_heard_by(author, card);
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

/// Whether a beacon tells that its sender does not hear `me`, or asks whoever it does not tell of.
pub(super) fn lacks(beacon: &Beacon<'_>, counter: Counter, me: Run) -> bool {
    match beacon.heard.tells_of(me, counter) {
        Hears::No => true,
        Hears::Untold => beacon.hello,
        Hears::Surely | Hears::Probably => false,
    }
}

fn is_from(way: Transmit, from: SocketAddr) -> bool {
    matches!(way, Transmit::Unicast { to, .. } if to == from)
}

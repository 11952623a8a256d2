//! What other rooms there are: how one asks for them, is asked, and hears of them.

use alloc::vec::Vec;

use super::calling::Crowd;
use super::incoming::lacks;
use super::leaving::Leaving;
use super::link::{Datagram, Transmit};
use super::rooms::HeardRoom;
use super::{Event, Node, Role, Unverified};
use crate::time::Time;
use crate::trust::Random;
use crate::wire::{
    Beacon, Digest, Envelope, Epoch, Heard, HostName, Identity, Message, Nick, Packet, PeerId, Profile, ProgramVersion,
    Room, RoomId, Run, Status, parse,
};

impl Node {
    /// The rooms that are heard: the own one, if somebody else is in it, and then the others.
    pub fn rooms(&self, now: Time) -> impl Iterator<Item = HeardRoom> {
        let heard = self.peers.iter().map(|peer| peer.heard).max();
        let name = self.config.room.announced_name().cloned();
        let own = heard.map(|heard| HeardRoom { name, peers: self.peers.len(), heard });
        own.into_iter().chain(self.rooms.iter(self.now.max(now)))
    }

    /// What is meant for another room is not read, but by the beacons in it the room is known.
    pub(super) fn handle_other_room(&mut self, envelope: &Envelope<'_>, datagram: &Datagram<'_>) {
        self.stats.other_rooms += 1;
        let place = (envelope.room(), envelope.author());
        if envelope.is_sealed() {
            self.stats.other_sealed_rooms += 1;
            // It cannot be told whether it is really one.
            if self.stats.other_sealed_rooms == 1 {
                self.events.push(Event::SealedRoom);
            }
            if envelope.is_beacon() {
                self.rooms.handle_sealed(self.now, place);
            }
            return;
        }
        let is_wanted = envelope.is_beacon() && self.rooms.wants_beacon(self.now, place)
            || envelope.is_goodbye() && self.rooms.wants_goodbye(self.now, place);
        let Some(packet) = (if is_wanted { self.look_into(envelope, datagram) } else { None }) else { return };
        match &packet.message {
            Message::Beacon(counter, beacon) => {
                self.rooms.handle_beacon(self.now, place, packet.signer.is_some(), *counter, beacon);
            }
            Message::Goodbye(counter, _) => self.rooms.handle_goodbye(self.now, place, *counter),
            _ => {}
        }
    }

    /// Somebody asks which rooms there are. A member of an open room answers him like anybody who says hello: with one
    /// beacon for each question at most, and out of the same bucket, so that no more is to be drawn by it than by a hello.
    pub(super) fn handle_room_question(&mut self, envelope: &Envelope<'_>, datagram: &Datagram<'_>) {
        if envelope.author() == self.asks_as.run() {
            return self.stats.echoes += 1;
        }
        self.stats.other_rooms += 1;
        let may_answer = self.config.role == Role::Member && self.leaving == Leaving::No;
        if !may_answer || self.config.room.is_sealed() || envelope.is_sealed() || !envelope.is_beacon() {
            return;
        }
        let Some(packet) = self.look_into(envelope, datagram) else { return };
        if let Message::Beacon(counter, beacon) = &packet.message
            && beacon.hello
            && beacon.visitor
            && lacks(beacon, *counter, self.me)
        {
            let path = self.path(beacon, datagram);
            let way = Transmit::Unicast { link: path.link, to: path.address };
            self.answers.ask(self.now, packet.author, way, true, self.peers.len(), &mut self.rng);
        }
    }

    /// Opens what is not sealed and not for the own room, as far as as much may be looked into.
    fn look_into<'a>(&mut self, envelope: &Envelope<'a>, datagram: &Datagram<'a>) -> Option<Packet<'a>> {
        let from = datagram.from.ip();
        if envelope.is_costly() && !self.admission.admits(self.now, from) {
            self.stats.too_fast += 1;
            return None;
        }
        match parse(datagram.bytes) {
            Ok(packet) if packet.signer.is_none() && self.config.unverified == Unverified::KeptOut => {
                self.stats.kept_out += 1;
                None
            }
            Ok(packet) => {
                if packet.signer.is_some() {
                    self.admission.handle_right(self.now, from);
                }
                Some(packet)
            }
            Err(reason) => {
                self.stats.refuse(reason);
                None
            }
        }
    }

    /// Asks which rooms there are.
    pub(super) fn ask_rooms(&mut self) {
        if self.has_ways() {
            self.room_questions.begin(self.now);
        }
    }

    /// The next question which rooms there are, written.
    pub(super) fn write_room_question(&mut self, out: &mut Vec<u8>) -> Option<Transmit> {
        if !self.room_questions.take() {
            return None;
        }
        let counter = self.next_counter();
        self.stats.sent_beacons += 1;
        // In a sealed room, who is heard there is nobody's business.
        let own = if self.config.room.is_sealed() { Vec::new() } else { self.peers.surely_heard(self.now) };
        let heard: Vec<Run> = own.into_iter().chain(self.rooms.runs(self.now)).collect();
        let beacon = Beacon {
            hello: true,
            visitor: true,
            acks: false,
            remote: false,
            profile: nameless(),
            port: self.config.port,
            interval: Crowd::ALONE.interval(),
            started: self.config.started,
            time: self.unix(),
            last_seq: None,
            digest: Digest::default(),
            hears: 0,
            heard: Heard::all(heard.into_iter(), counter),
            room: None,
        };
        let room = Room::unnamed(RoomId::ANY);
        Message::Beacon(counter, beacon).encode(&self.asks_as, &room, &mut self.random, out);
        Some(Transmit::Everywhere)
    }
}

/// As whom is asked which rooms there are: as oneself, so that those answer too who hear only who signs. But out of a
/// sealed room nothing is said that could tell others who is in it: then as somebody whom nobody knows.
pub(super) fn asker(identity: &Identity, room: &Room, random: &mut Random) -> Identity {
    if !room.is_sealed() {
        return identity.clone();
    }
    let [peer, epoch] = [random.number(), random.number()];
    // The lower half of it will do.
    Identity::Unsigned(Run { peer: PeerId::unsigned(peer), epoch: Epoch(epoch as u32) })
}

/// Who asks is not listed, and need not tell who he is.
fn nameless() -> Profile<'static> {
    Profile {
        nick: Nick::new("?").unwrap_or_else(|_| unreachable!("it is short")),
        host: HostName::default(),
        version: ProgramVersion::new("").unwrap_or_else(|_| unreachable!("it is short")),
        status: Status::default(),
    }
}

//! How private lines go out and come in.

use alloc::vec::Vec;

use super::link::{Datagram, Transmit};
use super::private_hearing::PrivatePassage;
use super::private_saying::{PrivateDue, Way};
use super::{Arrival, CommandError, Event, HeardLine, Node};
use crate::time::UnixMillis;
use crate::trust::PublicKey;
use crate::wire::{Error, Identity, Message, Packet, PrivateAck, PrivateLine, PrivateText, Run, Text};

impl Node {
    /// Takes a text to be said to one reader alone.
    pub(super) fn say_privately(
        &mut self,
        reader: Run,
        action: bool,
        text: &Text<'_>,
        time: UnixMillis,
    ) -> Result<(), CommandError> {
        self.key(reader).ok_or(CommandError::NoKey)?;
        let has_room = self.private_saying.say(reader, &self.config.profile.nick, action, text, time);
        if has_room { Ok(()) } else { Err(CommandError::Busy) }
    }

    /// The key of a peer who has shown that he is there.
    fn key(&self, reader: Run) -> Option<PublicKey> {
        self.peers.signer(reader).filter(|_| self.proving.is_proven(reader))
    }

    /// The next private line that can go out, written.
    pub(super) fn write_private_line(&mut self, out: &mut Vec<u8>) -> Option<Transmit> {
        loop {
            let (reader, text) = self.private_saying.take()?;
            let counter = self.next_counter();
            let sealed = self.key(reader).and_then(|key| {
                let reader = (reader, &key);
                PrivateLine::seal(&text, counter, &self.identity, &self.config.room, reader, &mut self.random)
            });
            let Some(line) = sealed else {
                self.give_up_private(reader);
                continue;
            };
            let to_one = self.way_to(reader).filter(|_| self.private_saying.way(reader) == Way::ToOne);
            let way = to_one.unwrap_or(Transmit::Everywhere);
            Message::PrivateLine(counter, line).encode(&self.identity, &self.config.room, &mut self.random, out);
            self.private_saying.handle_sent(self.now, reader, &text, out);
            return Some(way);
        }
    }

    /// Repeats what was not acked, and gives up what never is.
    pub(super) fn handle_private_timeout(&mut self) {
        while let Some(due) = self.private_saying.take_due(self.now) {
            match due {
                PrivateDue::Repeat(reader, way, datagram) => {
                    let to_one = self.way_to(reader).filter(|_| way == Way::ToOne);
                    self.outbox.send_written(to_one.unwrap_or(Transmit::Everywhere), datagram);
                }
                PrivateDue::Outcome(outcome) => self.events.push(Event::PrivateOutcome(outcome)),
                PrivateDue::End(reader) => self.give_up_private(reader),
            }
        }
    }

    /// Whoever was to read it is gone.
    pub(super) fn give_up_private(&mut self, reader: Run) {
        for outcome in self.private_saying.give_up_all(reader) {
            self.events.push(Event::PrivateOutcome(outcome));
        }
    }

    pub(super) fn handle_private_line(&mut self, packet: &Packet<'_>, line: &PrivateLine<'_>, datagram: &Datagram<'_>) {
        let Identity::Signed { key, .. } = &self.identity else { return };
        if line.reader != self.me {
            return;
        }
        let Some(content) = line.unseal(key) else { return self.stats.refuse(Error::Seal) };
        let text = match PrivateText::parse(&content) {
            Ok(text) => text,
            Err(reason) => return self.stats.refuse(reason),
        };
        if let Some(passage) = self.private_hearing.handle_line(self.now, packet.author, text) {
            self.tell_private(packet, passage, datagram);
        }
        self.send_private_ack(packet.author, datagram);
    }

    /// A private line has come once more: the ack of it got lost.
    pub(super) fn handle_repeated_private_line(
        &mut self,
        author: Run,
        line: &PrivateLine<'_>,
        datagram: &Datagram<'_>,
    ) {
        if line.reader == self.me && self.private_acks.take(self.now) {
            self.private_hearing.handle_repeat(author);
            self.send_private_ack(author, datagram);
        }
    }

    pub(super) fn handle_private_ack(&mut self, reader: Run, ack: PrivateAck) {
        if ack.author == self.me
            && let Some(outcome) = self.private_saying.handle_ack(reader, ack.up_to)
        {
            self.events.push(Event::PrivateOutcome(outcome));
        }
    }

    fn tell_private(&mut self, packet: &Packet<'_>, passage: PrivatePassage, datagram: &Datagram<'_>) {
        let Ok(text) = Text::new(passage.text) else { return };
        self.events.push(Event::PrivateLine(HeardLine {
            author: packet.author,
            signer: packet.signer,
            nick: passage.nick,
            seq: passage.first,
            action: passage.action,
            text,
            said: self.said_by(packet.author, passage.time),
            arrival: Arrival::InTime,
            link: datagram.link,
            from: datagram.from,
        }));
    }

    fn send_private_ack(&mut self, author: Run, datagram: &Datagram<'_>) {
        let Some(heard) = self.private_hearing.heard(author) else { return };
        let to_one = Transmit::Unicast { link: datagram.link, to: datagram.from };
        // An ack that is needed again may not get through by unicast.
        let way = if heard.repeats == 0 { to_one } else { Transmit::Everywhere };
        let counter = self.next_counter();
        self.outbox.send(way, Message::PrivateAck(counter, PrivateAck { author, up_to: heard.up_to }));
    }
}

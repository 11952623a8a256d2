//! How pings go out and come in.

use super::leaving::Leaving;
use super::link::{Datagram, Transmit};
use super::{CommandError, Event, Node, Role};
use crate::wire::{Message, Ping, PingToken, PingWay, Pong, Run};

impl Node {
    /// Takes a ping to a peer.
    pub(super) fn ping(&mut self, reader: Run, way: PingWay) -> Result<(), CommandError> {
        self.peers.way(reader).ok_or(CommandError::NotThere)?;
        let token = PingToken(self.random.number());
        if self.pinging.ping(Ping { reader, way, token }) { Ok(()) } else { Err(CommandError::Busy) }
    }

    /// The next ping that can go out, and where to.
    pub(super) fn next_ping(&mut self) -> Option<(Transmit, Message<'static>)> {
        loop {
            let ping = self.pinging.take(self.now)?;
            let way = match ping.way {
                PingWay::Unicast => self.peers.way(ping.reader),
                PingWay::Broadcast => Some(Transmit::Everywhere),
            };
            // To whoever has left meanwhile nothing is sent, and nothing of him comes.
            if let Some(way) = way {
                return Some((way, Message::Ping(self.next_counter(), ping)));
            }
        }
    }

    /// Answers a ping the way it came. It is answered too when its sender has shown by nothing else that he is there: as
    /// it names this run, it was written since that began. One that is recorded and played again draws no more than
    /// those that are made up: what the buckets give.
    pub(super) fn handle_ping(&mut self, sender: Run, ping: Ping, datagram: &Datagram<'_>) {
        let way = Transmit::Unicast { link: datagram.link, to: datagram.from };
        // A visitor is listed by nobody, but has to show whom it asks beyond the subnet that it is there.
        let answers = self.config.role == Role::Member || self.remote.asks(way);
        let may_answer = answers && self.leaving == Leaving::No;
        if ping.reader != self.me || !may_answer || !self.pinging.may_answer(self.now, datagram.from.ip()) {
            return;
        }
        let way = match ping.way {
            PingWay::Unicast => way,
            PingWay::Broadcast => Transmit::Everywhere,
        };
        let counter = self.next_counter();
        self.outbox.send(way, Message::Pong(counter, ping.pong(sender)));
    }

    pub(super) fn handle_pong(&mut self, sender: Run, pong: Pong) {
        if pong.reader != self.me || self.handle_remote_pong(sender, pong) {
            return;
        }
        match self.pinging.handle_pong(self.now, sender, pong) {
            Some(round_trip) => self.events.push(Event::Pong { run: sender, way: pong.way, round_trip }),
            None => self.stats.unasked_pongs += 1,
        }
    }

    /// Tells which pings were not answered.
    pub(super) fn handle_ping_timeout(&mut self) {
        for ping in self.pinging.handle_timeout(self.now) {
            self.events.push(Event::NoPong { run: ping.reader, way: ping.way });
        }
    }
}

//! What is said is logged, and remembered for `/last`.

use cooee::node::{Arrival, Gap, HeardLine, LinkId, Peer};
use cooee::wire::{Seq, Text};

use super::Chat;
use crate::ui::json::{GapObject, LineObject};
use crate::ui::safe::Safe;

impl Chat<'_> {
    /// Somebody else's line, as it is shown.
    pub(super) fn record_line(&mut self, line: &HeardLine, private: bool, shown: &str, name: &Safe) {
        let time = self.session.clock().unix();
        self.recent.note(shown, name.as_str(), line.text.as_str());
        let (standing, link) = (self.names.standing(line.signer, line.author), self.session.link_name(line.link));
        self.log.note(&LineObject::new(line, private, standing, &self.settings.room, &link, time), time);
    }

    /// Lines that are lost, as that is shown.
    pub(super) fn record_gap(&mut self, gap: &Gap, shown: &str, author: &Safe) {
        let time = self.session.clock().unix();
        self.recent.note(shown, author.as_str(), "");
        let standing = self.names.standing(gap.signer, gap.author);
        self.log.note(&GapObject::new(gap, standing, &self.settings.room, time), time);
    }

    /// What is said here to all, as it is shown: its first line has this number.
    pub(super) fn record_own_line(&mut self, text: Text<'static>, action: bool, seq: Seq, shown: &str) {
        self.recent.note(shown, self.settings.nick.as_str(), text.as_str());
        let line = self.own_line(text, action, seq);
        self.log_own_line(&line, None);
    }

    /// What is said here to one alone, as it is shown; it has a number of its own among such lines.
    pub(super) fn record_own_private_line(&mut self, reader: &Peer, text: &Text<'static>, shown: &str, name: &Safe) {
        self.recent.note(shown, name.as_str(), text.as_str());
        let seq = self.private.next_seq();
        let line = self.own_line(text.clone(), false, seq);
        self.log_own_line(&line, Some(reader));
    }

    fn log_own_line(&mut self, line: &HeardLine, reader: Option<&Peer>) {
        let (standing, link) = (self.names.standing(line.signer, line.author), self.session.link_name(line.link));
        let object = LineObject::new(line, reader.is_some(), standing, &self.settings.room, &link, line.said);
        self.log.note(&object.said_here(reader), line.said);
    }

    /// A line of this run, as others hear it.
    fn own_line(&self, text: Text<'static>, action: bool, seq: Seq) -> HeardLine {
        let (handle, link) = (&self.session.handle, self.session.links().first());
        let port = handle.unicast_port();
        let from = link.map_or_else(|| ([0; 4], port).into(), |link| link.to(link.address, port));
        HeardLine {
            author: handle.run(),
            signer: Some(handle.key()),
            nick: self.settings.nick.clone(),
            seq,
            action,
            text,
            said: self.session.clock().unix(),
            arrival: Arrival::InTime,
            link: link.map_or(LinkId(0), |link| link.id),
            from,
        }
    }
}

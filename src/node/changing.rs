//! What is done when all around a run has changed: its links are others, or the machine has slept.

use super::leaving::Leaving;
use super::link::{Link, LinkId};
use super::{Node, WallClock, crowd};
use crate::time::{Time, UnixMillis};

impl Node {
    /// Learns by which links the LANs are reached now. When they are others than before, the node calls anew.
    pub fn handle_links(&mut self, now: Time, links: &[Link]) {
        self.advance(now);
        if self.links == links {
            return;
        }
        self.links = links.to_vec();
        self.peers.handle_links(|id| id == LinkId::REMOTE || links.iter().any(|link| link.id == id));
        self.health.handle_links(links);
        let succession = self.cards.handle_links(links);
        self.contacts.handle_succession(succession);
        self.hearing.handle_succession(succession);
        self.begin_calling();
    }

    /// The machine has slept, or stood still, or its clock was set: it is `unix` now. Others may have given this run
    /// up, so it calls anew.
    pub fn handle_wake(&mut self, now: Time, unix: UnixMillis) {
        self.advance(now);
        self.clock = WallClock { at: self.now, unix };
        self.contacts.forget_clocks();
        self.peers.forget_clocks();
        self.one_way.forget_clocks();
        self.comparing.handle_wake();
        self.newcomer.handle_wake();
        self.begin_calling();
    }

    /// Calls anew: whoever does not hear this run answers.
    pub(super) fn begin_calling(&mut self) {
        if self.has_ways() && self.leaving == Leaving::No {
            self.calling.begin(self.now, crowd(&self.peers), &mut self.rng);
            self.peers.handle_call();
            self.one_way.handle_call();
            self.newcomer.handle_call(self.now);
            self.comparing.handle_call(self.now);
        }
    }
}

//! How what a node says goes out, and what is done where it cannot.

use core::time::Duration;
use std::io;
use std::net::SocketAddr;
use std::vec::Vec;

use super::Driver;
use crate::net::links::Link;
use crate::net::{Event, NotReached, SendFailure, std};
use crate::node::{LinkId, Transmit};
use crate::time::Time;

/// A link that cannot be sent by is reported again after this.
const REPORT_EVERY: Duration = Duration::from_secs(60);

impl Driver {
    pub(super) fn send(&mut self, transmit: Transmit, bytes: &[u8]) {
        let failure = |link: &Link, sent: io::Result<()>| Some((link.id, sent.err()?));
        let failures: Vec<(LinkId, io::Error)> = match transmit {
            Transmit::Everywhere => {
                let by = |link| failure(link, self.sockets.send_everywhere(link, bytes));
                self.links.iter().filter_map(by).collect()
            }
            Transmit::Link(link) => {
                let by = |link| failure(link, self.sockets.send_everywhere(link, bytes));
                self.links.by_id(link).and_then(by).into_iter().collect()
            }
            Transmit::Unicast { link: LinkId::REMOTE, to } => return self.send_beyond(to, bytes),
            Transmit::Unicast { link, to } => {
                let by = |link| failure(link, self.sockets.send_to(link, to, bytes));
                self.links.by_id(link).and_then(by).into_iter().collect()
            }
        };
        for (link, error) in failures {
            self.node.handle_send_failure(self.clock.now());
            // More waits to go out by the card than the system keeps: it is lost, and the next may go.
            if error.kind() == io::ErrorKind::WouldBlock {
                continue;
            }
            self.failed.insert(link, error);
            // The link may be gone, and another one there.
            self.look_soon();
        }
    }

    /// Sends to somebody beyond the subnet. What others told of where he is may be made up: it goes to nobody but one.
    fn send_beyond(&mut self, to: SocketAddr, bytes: &[u8]) {
        if self.links.iter().any(|link| link.everybody == to.ip()) {
            return;
        }
        let Err(error) = self.sockets.send_routed(to, bytes) else { return };
        let now = self.clock.now();
        self.node.handle_send_failure(now);
        if self.may_report(now, LinkId::REMOTE) {
            self.offer(Event::NotReached(NotReached { to, error }));
        }
    }

    /// Reports by which links nothing could be sent, of those that are still there.
    pub(super) fn report_failures(&mut self, now: Time) {
        for (id, error) in core::mem::take(&mut self.failed) {
            let Some(Link { interface, address, .. }) = self.links.by_id(id).cloned() else { continue };
            if self.may_report(now, id) {
                self.offer(Event::SendFailed(SendFailure { interface, address, error }));
            }
        }
        self.reported.retain(|_, at| now.since(*at) < REPORT_EVERY);
    }

    /// Whether it is time to report a link; it counts as reported then.
    fn may_report(&mut self, now: Time, link: LinkId) -> bool {
        let may = self.reported.get(&link).is_none_or(|last| now.since(*last) >= REPORT_EVERY);
        if may {
            self.reported.insert(link, now);
        }
        may
    }
}

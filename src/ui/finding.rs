//! Who is there? Asked once, as `peers` and `send` do before anything else.

use std::time::Duration;

use cooee::net;
use cooee::node::Event;
use crossbeam_channel::never;

use super::ending::Ending;
use super::safe::Safe;
use super::session::{Happening, Session};
use super::settings::Settings;

/// When nobody new has answered for so long, everybody has: answers take a few milliseconds, or half a second where
/// a thousand give them, and then they come thick.
const QUIET: Duration = Duration::from_millis(300);

/// Waits until the answers have been quiet for a while, but at most `wait`; where nobody answers, the whole of it.
pub(crate) fn find_peers(session: &mut Session, wait: Duration) -> Result<(), Ending> {
    let end = session.now() + wait;
    let mut deadline = end;
    loop {
        match session.next(&never::<()>(), Some(deadline))? {
            Happening::Event(Event::Joined(_)) => deadline = end.min(session.now() + QUIET),
            Happening::Deadline => return Ok(()),
            _ => {}
        }
    }
}

/// The ending when nobody is there: where that was, and what may help.
pub(crate) fn nobody(session: &Session, settings: &Settings) -> Ending {
    if session.handle.stats().is_ok_and(|stats| stats.send_failures > 0 && stats.received == 0) {
        return Ending::Network(net::Error::Blocked { port: settings.port });
    }
    let mut links: Vec<&str> = session.links().iter().map(|link| &*link.interface).collect();
    links.dedup();
    let links = Safe::name(&links.join(", "), "no interface");
    let (room, ports) = (Safe::name(settings.room.as_str(), "?"), net::ports(settings.port));
    Ending::No(format!(
        "nobody else is in room {room} on {links}; is cooee running there, with the same room and port, and does a \
         firewall let UDP {}-{} through?",
        ports.start(),
        ports.end()
    ))
}

//! Who is there? Asked once, as `peers` and `send` do before anything else.

use std::time::Duration;

use cooee::net;
use cooee::node::{Event, Stats};
use crossbeam_channel::never;

use crate::ui::ending::Ending;
use crate::ui::safe::Safe;
use crate::ui::session::{Happening, Session};
use crate::ui::settings::Settings;

/// When nobody new has answered for so long, everybody has: answers take a few milliseconds, or half a second where
/// a thousand give them, and then they come thick.
pub(super) const QUIET: Duration = Duration::from_millis(300);

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

/// What is to be told of a sealed room that is heard and that one is not in, with what to do.
pub(crate) fn sealed_room(settings: &Settings) -> &'static str {
    if settings.seal.is_sealed() {
        "another sealed room is heard; if yours should be it, its passphrase or its name is another"
    } else {
        "a sealed room is heard too; who knows its name and its passphrase gets in by --sealed"
    }
}

/// The ending when nobody is there: where that was, and what may help.
pub(crate) fn nobody(session: &Session, settings: &Settings) -> Ending {
    let stats = session.handle.stats().unwrap_or_default();
    if is_blocked(&stats) {
        return Ending::Network(net::Error::Blocked { port: settings.port });
    }
    let links = places_in_words(session, settings);
    let (room, ports) = (settings.room_in_words(), net::ports(settings.port));
    let same = if settings.seal.is_sealed() { "room, passphrase and port" } else { "room and port" };
    if stats.other_sealed_rooms > 0 {
        return Ending::No(format!("nobody else is in {room} on {links}; {}", sealed_room(settings)));
    }
    Ending::No(format!(
        "nobody else is in {room} on {links}; is cooee running there, with the same {same}, and does a \
         firewall let UDP {}-{} through? \"cooee doctor\" looks into it",
        ports.start(),
        ports.end()
    ))
}

/// The ending when no room is heard: where that was, and what may help.
pub(crate) fn no_room(session: &Session, settings: &Settings) -> Ending {
    if is_blocked(&session.handle.stats().unwrap_or_default()) {
        return Ending::Network(net::Error::Blocked { port: settings.port });
    }
    let (links, ports) = (places_in_words(session, settings), net::ports(settings.port));
    Ending::No(format!(
        "no room is heard on {links}; is cooee running there, with the same port, and does a firewall let UDP {}-{} \
         through?",
        ports.start(),
        ports.end()
    ))
}

/// Whether nothing got out, and so nothing could come in.
const fn is_blocked(stats: &Stats) -> bool {
    stats.send_failures > 0 && stats.received == 0
}

/// `eth0`, or where somebody is called beyond the subnet `eth0 or at vpn-host`.
fn places_in_words(session: &Session, settings: &Settings) -> String {
    let links = links_in_words(session);
    if settings.peers.is_empty() {
        return links.to_string();
    }
    let peers: Vec<String> = settings.peers.iter().map(ToString::to_string).collect();
    format!("{links} or at {}", Safe::name(&peers.join(", "), "-"))
}

fn links_in_words(session: &Session) -> Safe {
    let mut cards: Vec<&str> = Vec::new();
    for link in session.links() {
        if !cards.contains(&&*link.interface) {
            cards.push(&link.interface);
        }
    }
    Safe::name(&cards.join(", "), "no interface")
}

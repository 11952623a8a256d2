//! Who is there, as a table; and what somebody has changed of what stands in it.

use cooee::node::Peer;
use cooee::time::{Time, UnixMillis};
use cooee::wire::Profile;

use crate::ui::look::{Look, short_time};
use crate::ui::people::names::Names;
use crate::ui::people::ways;
use crate::ui::safe::Safe;
use crate::ui::session::Session;
use crate::ui::table::Table;

/// Sorts them by nick, and those of one nick by address.
pub(crate) fn in_order(peers: &mut [Peer]) {
    peers.sort_by(|a, b| (a.profile.nick.as_str(), a.address).cmp(&(b.profile.nick.as_str(), b.address)));
}

/// A row for each of them, under the headings; it is `now`.
pub(crate) fn roster<'a>(
    peers: impl Iterator<Item = &'a Peer>,
    session: &Session,
    names: &Names,
    now: Time,
) -> Vec<String> {
    let mut table = Table::new(["NICK", "HOST", "ADDRESS", "LINK", "HEARD", "VERSION", ""]);
    for peer in peers {
        let own = peer.run == session.handle.run();
        let heard = if own { "-".to_owned() } else { short_time(now.since(peer.heard)) };
        table.row([
            names.peer(peer),
            Safe::name(peer.profile.host.as_str(), "-"),
            Safe::text(&peer.address.to_string()),
            ways::links(peer, session),
            Safe::name(&heard, "-"),
            Safe::name(peer.profile.version.as_str(), "-"),
            notes(peer, own, names),
        ]);
    }
    table.lines().collect()
}

/// What there is to say of it beside the rest. What it says itself comes last, where nothing can follow that would look
/// like one of the program's own words.
fn notes(peer: &Peer, own: bool, names: &Names) -> Safe {
    let marks = names.standing(peer.signer, peer.run).marks;
    let marks = [(own, "you"), (marks.ignored, "ignored"), (marks.verified, "verified")];
    let mut notes: Vec<String> = marks.iter().filter(|(is, _)| *is).map(|(_, word)| (*word).to_owned()).collect();
    notes.extend(ways::deaf(peer).map(str::to_owned));
    notes.extend(ways::clock(peer.clock_ahead));
    notes.extend(ways::further(peer));
    notes.extend(away(peer));
    Safe::text(&notes.join(", "))
}

/// `away: lunch`; nothing where somebody is not away.
fn away(peer: &Peer) -> Option<String> {
    let status = peer.profile.status.as_str();
    (!status.is_empty()).then(|| format!("away: {}", Safe::name(status, "-")))
}

/// What is told when somebody tells something else of himself than before: another nick, or that he is away or back.
pub(crate) fn changes(peer: &Peer, before: &Profile<'_>, names: &Names, look: &Look, time: UnixMillis) -> Vec<String> {
    let name = names.peer(peer);
    let renamed = (peer.profile.nick != before.nick).then(|| {
        let before = names.name(&before.nick, peer.signer, peer.run);
        look.renamed(&before, &name, time)
    });
    let status = (peer.profile.status != before.status).then(|| look.away(&name, away(peer), time));
    renamed.into_iter().chain(status).collect()
}

//! `cooee peers`: who is there.

use cooee::node::{Event, Peer};
use cooee::time::Time;
use crossbeam_channel::never;

use super::arguments::PeersOptions;
use super::ending::Ending;
use super::finding::{find_peers, nobody};
use super::json::{self, LeftObject, PeerObject};
use super::look::{Look, peer_nick, short_time};
use super::output::Output;
use super::safe::Safe;
use super::session::{Happening, Session};
use super::settings::Settings;
use super::table::Table;

/// Lists who is there, once or for as long as one watches.
pub(crate) fn peers(settings: Settings, options: &PeersOptions, output: &mut Output) -> Result<(), Ending> {
    let mut session = if options.watch { Session::watch(&settings)? } else { Session::visit(&settings)? };
    let done = list(&mut session, &settings, options, output);
    session.end(done)
}

fn list(session: &mut Session, settings: &Settings, options: &PeersOptions, output: &mut Output) -> Result<(), Ending> {
    find_peers(session, options.wait)?;
    let (now, mut peers) = session.handle.peers()?;
    peers.sort_by(|a, b| (a.profile.nick.as_str(), a.address).cmp(&(b.profile.nick.as_str(), b.address)));
    let somebody = !peers.is_empty();
    let own = session.own_peer(settings, now).filter(|_| options.all);
    if options.json {
        for peer in own.iter().chain(&peers) {
            print_peer(session, peer, now, output)?;
        }
    } else if somebody || own.is_some() {
        print_table(session, own.iter().chain(&peers), now, output)?;
    }
    if options.watch {
        return watch(session, options, output);
    }
    if somebody { Ok(()) } else { Err(nobody(session, settings)) }
}

fn print_table<'a>(
    session: &Session,
    peers: impl Iterator<Item = &'a Peer>,
    now: Time,
    output: &mut Output,
) -> Result<(), Ending> {
    let mut table = Table::new(["NICK", "HOST", "ADDRESS", "LINK", "HEARD", "VERSION", ""]);
    for peer in peers {
        let own = peer.run == session.handle.run();
        let heard = if own { "-".to_owned() } else { short_time(now.since(peer.heard)) };
        table.row([
            peer_nick(peer),
            Safe::name(peer.profile.host.as_str(), "-"),
            Safe::name(&peer.address.to_string(), "-"),
            session.link_name(peer.link),
            Safe::name(&heard, "-"),
            Safe::name(peer.profile.version.as_str(), "-"),
            if own { Safe::literal("you") } else { status(peer) },
        ]);
    }
    table.lines().try_for_each(|line| output.line(&line))
}

/// A status can be longer than a name, and is cut like one; an empty one stays empty.
fn status(peer: &Peer) -> Safe {
    if peer.profile.status.as_str().is_empty() {
        Safe::literal("")
    } else {
        Safe::name(peer.profile.status.as_str(), "-")
    }
}

/// Prints who comes, changes and leaves, until somebody ends it.
fn watch(session: &mut Session, options: &PeersOptions, output: &mut Output) -> Result<(), Ending> {
    let look = Look { colored: output.is_colored() };
    loop {
        let Happening::Event(event) = session.next(&never::<()>(), None)? else { continue };
        let time = session.clock().unix();
        match event {
            Event::Joined(peer) | Event::Changed { peer, .. } if options.json => {
                print_peer(session, &peer, peer.heard, output)?;
            }
            Event::Left(peer, departure) if options.json => {
                json::print(&LeftObject::new(&peer, departure, time), output)?;
            }
            Event::Joined(peer) => output.line(&look.joined(&peer, time))?,
            Event::Changed { peer, before } if peer.profile.nick != before => {
                output.line(&look.renamed(&peer, &before, time))?
            }
            Event::Left(peer, departure) => output.line(&look.left(&peer, departure, time))?,
            _ => {}
        }
    }
}

fn print_peer(session: &Session, peer: &Peer, now: Time, output: &mut Output) -> Result<(), Ending> {
    let (link, own) = (session.link_name(peer.link), peer.run == session.handle.run());
    json::print(&PeerObject::new(peer, &link, own, now, session.clock().unix()), output)
}

//! `cooee peers`: who is there.

use cooee::node::{Event, Peer};
use cooee::time::Time;
use crossbeam_channel::never;

use crate::ui::arguments::PeersOptions;
use crate::ui::ending::Ending;
use crate::ui::finding::{find_peers, nobody};
use crate::ui::json::{self, LeftObject, PeerObject};
use crate::ui::known::Keeping;
use crate::ui::look::{Look, short_time};
use crate::ui::names::Names;
use crate::ui::output::Output;
use crate::ui::safe::Safe;
use crate::ui::session::{Happening, Session};
use crate::ui::settings::Settings;
use crate::ui::table::Table;

/// Lists who is there, once or for as long as one watches.
pub(crate) fn peers(settings: Settings, options: &PeersOptions, output: &mut Output) -> Result<(), Ending> {
    let mut session = if options.watch { Session::watch(&settings)? } else { Session::visit(&settings)? };
    let done = session
        .names(&settings, Keeping::Read)
        .and_then(|names| Lister { session: &mut session, settings: &settings, names, options, output }.list());
    session.end(done)
}

struct Lister<'a> {
    session: &'a mut Session,
    settings: &'a Settings,
    names: Names,
    options: &'a PeersOptions,
    output: &'a mut Output,
}

impl Lister<'_> {
    fn list(&mut self) -> Result<(), Ending> {
        find_peers(self.session, self.options.wait)?;
        let (now, mut peers) = self.session.handle.peers()?;
        peers.sort_by(|a, b| (a.profile.nick.as_str(), a.address).cmp(&(b.profile.nick.as_str(), b.address)));
        peers.iter().for_each(|peer| self.names.see(peer));
        let somebody = !peers.is_empty();
        let own = self.session.own_peer(self.settings, now).filter(|_| self.options.all);
        if self.options.json {
            own.iter().chain(&peers).try_for_each(|peer| self.print_peer(peer, now))?;
        } else if somebody || own.is_some() {
            self.print_table(own.iter().chain(&peers), now)?;
        }
        if self.options.watch {
            return self.watch();
        }
        if somebody { Ok(()) } else { Err(nobody(self.session, self.settings)) }
    }

    fn print_table<'a>(&mut self, peers: impl Iterator<Item = &'a Peer>, now: Time) -> Result<(), Ending> {
        let mut table = Table::new(["NICK", "HOST", "ADDRESS", "LINK", "HEARD", "VERSION", ""]);
        for peer in peers {
            let own = self.is_own(peer);
            let heard = if own { "-".to_owned() } else { short_time(now.since(peer.heard)) };
            table.row([
                self.names.peer(peer),
                Safe::name(peer.profile.host.as_str(), "-"),
                Safe::name(&peer.address.to_string(), "-"),
                self.session.link_name(peer.link),
                Safe::name(&heard, "-"),
                Safe::name(peer.profile.version.as_str(), "-"),
                self.mark(peer),
            ]);
        }
        table.lines().try_for_each(|line| self.output.line(&line))
    }

    fn is_own(&self, peer: &Peer) -> bool {
        peer.run == self.session.handle.run()
    }

    /// What there is to say of it beside the rest; what it says itself, only where that is nothing.
    fn mark(&self, peer: &Peer) -> Safe {
        let marks = self.names.standing(peer.signer, peer.run).marks;
        match (self.is_own(peer), marks.ignored, marks.verified) {
            (true, ..) => Safe::literal("you"),
            (_, true, _) => Safe::literal("ignored"),
            (_, _, true) => Safe::literal("verified"),
            _ => status(peer),
        }
    }

    /// Prints who comes, changes and leaves, until somebody ends it.
    fn watch(&mut self) -> Result<(), Ending> {
        let look = Look { colored: self.output.is_colored() };
        loop {
            let Happening::Event(event) = self.session.next(&never::<()>(), None)? else { continue };
            let time = self.session.clock().unix();
            let gone = if let Event::Left(peer, _) = &event { Some(peer.run) } else { None };
            if let Event::Joined(peer) | Event::Changed { peer, .. } = &event {
                self.names.see(peer);
            }
            match event {
                Event::Joined(peer) | Event::Changed { peer, .. } if self.options.json => {
                    self.print_peer(&peer, peer.heard)?;
                }
                Event::Left(peer, departure) if self.options.json => {
                    json::print(&LeftObject::new(&peer, departure, time), self.output)?;
                }
                Event::Joined(peer) => self.output.line(&look.joined(&peer, &self.names.peer(&peer), time))?,
                Event::Changed { peer, before } if peer.profile.nick != before.nick => {
                    let before = self.names.name(&before.nick, peer.signer, peer.run);
                    self.output.line(&look.renamed(&before, &self.names.peer(&peer), time))?
                }
                Event::Left(peer, departure) => {
                    self.output.line(&look.left(&self.names.peer(&peer), departure, time))?;
                }
                _ => {}
            }
            gone.into_iter().for_each(|run| self.names.drop_run(run));
        }
    }

    fn print_peer(&mut self, peer: &Peer, now: Time) -> Result<(), Ending> {
        let (link, own, time) = (self.session.link_name(peer.link), self.is_own(peer), self.session.clock().unix());
        let standing = self.names.standing(peer.signer, peer.run);
        json::print(&PeerObject::new(peer, standing, &link, own, now, time), self.output)
    }
}

/// A status can be longer than a name, and is cut like one; an empty one stays empty.
fn status(peer: &Peer) -> Safe {
    if peer.profile.status.as_str().is_empty() {
        Safe::literal("")
    } else {
        Safe::name(peer.profile.status.as_str(), "-")
    }
}

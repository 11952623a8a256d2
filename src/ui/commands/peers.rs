//! `cooee peers`: who is there.

use cooee::node::{Event, Peer};
use cooee::time::Time;
use crossbeam_channel::never;

use crate::ui::arguments::PeersOptions;
use crate::ui::ending::Ending;
use crate::ui::finding::{find_peers, nobody};
use crate::ui::json::{self, LeftObject, PeerObject};
use crate::ui::look::{Look, one_way};
use crate::ui::output::Output;
use crate::ui::people::known::Keeping;
use crate::ui::people::names::Names;
use crate::ui::people::roster::{changes, in_order, roster};
use crate::ui::safe::Safe;
use crate::ui::session::{Happening, Session};
use crate::ui::settings::Settings;

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
        in_order(&mut peers);
        peers.iter().for_each(|peer| self.names.see(peer));
        let (_, mut one_way) = self.session.handle.one_way()?;
        in_order(&mut one_way);
        let own = self.session.own_peer(self.settings, now).filter(|_| self.options.all);
        let listed: Vec<&Peer> = own.iter().chain(&peers).chain(&one_way).collect();
        if self.options.json {
            listed.iter().try_for_each(|peer| self.print_peer(peer, now))?;
        } else if !listed.is_empty() {
            let rows = roster(listed.into_iter(), self.session, &self.names, now);
            rows.iter().try_for_each(|row| self.output.line(row))?;
        }
        if self.options.watch {
            return self.watch();
        }
        if peers.is_empty() { Err(self.nobody(&one_way)) } else { Ok(()) }
    }

    /// The ending when nobody is there; but these may be heard.
    fn nobody(&self, one_way: &[Peer]) -> Ending {
        match one_way {
            [] => nobody(self.session, self.settings),
            [deaf] => Ending::No(one_way::deaf(deaf, &self.names.peer(deaf))),
            deaf => {
                let names: Vec<Safe> = deaf.iter().map(|peer| self.names.peer(peer)).collect();
                Ending::No(one_way::deaf_together(&names))
            }
        }
    }

    fn is_own(&self, peer: &Peer) -> bool {
        peer.run == self.session.handle.run()
    }

    /// Prints who comes, changes and leaves, until somebody ends it.
    fn watch(&mut self) -> Result<(), Ending> {
        let look = Look { colored: self.output.is_colored(), settings: self.settings.look.clone() };
        loop {
            let Happening::Event(event) = self.session.next(&never::<()>(), None)? else { continue };
            let time = self.session.clock().unix();
            let gone = if let Event::Left(peer, _) = &event { Some(peer.run) } else { None };
            if let Event::Joined(peer) | Event::Changed { peer, .. } = &event {
                self.names.see(peer);
            }
            match event {
                Event::Joined(peer) | Event::Changed { peer, .. } | Event::OneWay(peer) | Event::BothWays(peer)
                    if self.options.json =>
                {
                    self.print_peer(&peer, peer.heard)?;
                }
                Event::Left(peer, departure) if self.options.json => {
                    json::print(&LeftObject::new(&peer, departure, time), self.output)?;
                }
                Event::Joined(peer) => self.output.line(&look.joined(&peer, &self.names.peer(&peer), time))?,
                Event::OneWay(peer) => {
                    let words = one_way::deaf(&peer, &self.names.peer(&peer));
                    self.output.line(&look.warning(&words, time))?;
                }
                Event::BothWays(peer) => self.output.line(&look.hears_again(&self.names.peer(&peer), time))?,
                Event::Changed { peer, before } => {
                    let lines = changes(&peer, &before, &self.names, &look, time);
                    lines.iter().try_for_each(|line| self.output.line(line))?;
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

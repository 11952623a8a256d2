//! A run as a command sees it: one place to wait for whatever comes next.

use std::time::Duration;

use cooee::net::{self, Clock, Handle, Link};
use cooee::node::{self, Event, LinkId, Peer, Role};
use cooee::time::{Time, UnixMillis};
use crossbeam_channel::{Receiver, after, never, select_biased};

use super::ending::{Ending, warn};
use super::output;
use super::safe::Safe;
use super::settings::Settings;
use super::signals;

/// Something that a command may have waited for.
#[derive(Debug)]
pub(crate) enum Happening<I> {
    /// The run tells.
    Event(Event),
    /// The links are others than before.
    Links,
    /// Something was typed, or piped in.
    Input(I),
    /// All input has come.
    InputEnded,
    /// The time that was given has come.
    Deadline,
}

/// A run, and all that may end it.
pub(crate) struct Session {
    pub(crate) handle: Handle,
    events: Receiver<net::Event>,
    signals: Receiver<i32>,
    reader_gone: Receiver<()>,
    links: Vec<Link>,
    clock: Clock,
    started: UnixMillis,
    verbose: bool,
}

/// How long a goodbye may take; the run is ended without it then.
const GOODBYE_MAX: Duration = Duration::from_secs(1);

impl Session {
    /// Starts a run.
    pub(crate) fn open(settings: &Settings, role: Role, may_wait_for_links: bool) -> Result<Self, Ending> {
        let (signals, clock) = (signals::watch(), Clock::start());
        let (handle, events) = net::open(settings.for_run(role, may_wait_for_links))?;
        let mut session = Self {
            handle,
            events,
            signals,
            reader_gone: output::reader_gone(),
            links: Vec::new(),
            started: clock.unix(),
            clock,
            verbose: settings.verbose,
        };
        // The links come first of all.
        session.next(&never::<()>(), None)?;
        Ok(session)
    }

    /// The session's time.
    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    /// The clock, for what is shown.
    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The links in use.
    pub(crate) fn links(&self) -> &[Link] {
        &self.links
    }

    /// The name of a link's interface; of one that has gone, a dash.
    pub(crate) fn link_name(&self, id: LinkId) -> Safe {
        let link = self.links.iter().find(|link| link.id == id);
        link.map_or(Safe::literal("-"), |link| Safe::name(&link.interface, "-"))
    }

    /// Oneself, as others list one; nothing where there is no link.
    pub(crate) fn own_peer(&self, settings: &Settings, now: Time) -> Option<Peer> {
        let link = self.links.first()?;
        Some(Peer {
            run: self.handle.run(),
            profile: settings.profile(),
            started: self.started,
            hears: 0,
            link: link.id,
            address: (link.address, self.handle.unicast_port()).into(),
            heard: now,
        })
    }

    /// Waits for the next thing, at most until `deadline`. A signal, or a reader of stdout who has gone, is an ending.
    pub(crate) fn next<I>(&mut self, input: &Receiver<I>, deadline: Option<Time>) -> Result<Happening<I>, Ending> {
        let timeout = deadline.map_or_else(never, |at| after(at.since(self.now())));
        loop {
            select_biased! {
                recv(self.signals) -> signal => return Err(Ending::Signal(signal.unwrap_or(0))),
                recv(self.reader_gone) -> _ => return Err(Ending::Done),
                recv(self.events) -> event => match event {
                    Ok(event) => if let Some(happening) = self.take(event) { return Ok(happening) },
                    Err(_) => return Err(Ending::No("the run has ended by itself".to_owned())),
                },
                recv(input) -> input => return Ok(input.map_or(Happening::InputEnded, Happening::Input)),
                recv(timeout) -> _ => return Ok(Happening::Deadline),
            }
        }
    }

    /// Says what is still to be said, and goodbye. Where the command did not come to its end, whoever ended it does
    /// not want to wait: then a second has to do.
    pub(crate) fn end(mut self, done: Result<(), Ending>) -> Result<(), Ending> {
        if self.verbose
            && let Ok(stats) = self.handle.stats()
        {
            tell_stats(&stats);
        }
        let _ = self.handle.leave();
        self.reader_gone = never();
        let deadline = done.is_err().then(|| self.now() + GOODBYE_MAX);
        loop {
            match self.next(&never::<()>(), deadline)? {
                Happening::Event(Event::Gone) | Happening::Deadline => return done,
                _ => {}
            }
        }
    }

    fn take<I>(&mut self, event: net::Event) -> Option<Happening<I>> {
        match event {
            net::Event::Node(event) => return Some(Happening::Event(event)),
            net::Event::Links(links) => {
                if self.verbose {
                    tell_links(&links);
                }
                self.links = links;
                return Some(Happening::Links);
            }
            net::Event::SendFailed(failure) => {
                warn(&format!("cannot send by {}: {}", Safe::name(&failure.interface, "-"), failure.error));
            }
        }
        None
    }
}

fn tell_links(links: &[Link]) {
    if links.is_empty() {
        warn("no link is up; waiting for one");
    }
    for link in links {
        let Link { address, prefix, broadcast, .. } = link;
        warn(&format!("using {} {address}/{prefix}, broadcast {broadcast}", Safe::name(&link.interface, "-")));
    }
}

fn tell_stats(stats: &node::Stats) {
    warn(&format!(
        "received {} datagrams: {} own, {} of other rooms, {} stale, {} repeated lines; sent {}, failed {}",
        stats.received,
        stats.echoes,
        stats.other_rooms,
        stats.stale,
        stats.repeated_lines,
        stats.sent,
        stats.send_failures
    ));
    for (reason, count) in stats.refused().filter(|(_, count)| *count > 0) {
        warn(&format!("refused {count}: {reason}"));
    }
}

//! A run as a command sees it: one place to wait for whatever comes next.

use std::time::Duration;
use std::vec;

use cooee::net::{self, Clock, Closed, Handle, Link, ReceiveBuffer, SendFailure};
use cooee::node::{self, Event, HearsUs, LinkId, Peer, Role, Way};
use cooee::time::{Time, UnixMillis};
use crossbeam_channel::{Receiver, after, never, select_biased};

use crate::ui::ending::{Ending, warn};
use crate::ui::output;
use crate::ui::people::known::{Keeping, Known};
use crate::ui::people::names::Names;
use crate::ui::remote_peers;
use crate::ui::safe::Safe;
use crate::ui::settings::Settings;
use crate::ui::signals;

/// Something that a command may have waited for.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is never more than one, and it is looked at once")]
pub(crate) enum Happening<I> {
    /// The run tells.
    Event(Event),
    /// The links are others than these, which were there before.
    Links(Vec<Link>),
    /// Something to be told, where stderr is not the place for it.
    Warning(String),
    /// Something was typed, or piped in.
    Input(I),
    /// All input has come.
    InputEnded,
    /// The time that was given has come.
    Deadline,
}

impl<I> Happening<I> {
    /// The same, where what was typed is something else.
    pub(crate) fn map<J>(self, change: impl FnOnce(I) -> J) -> Happening<J> {
        match self {
            Self::Event(event) => Happening::Event(event),
            Self::Links(before) => Happening::Links(before),
            Self::Warning(words) => Happening::Warning(words),
            Self::Input(input) => Happening::Input(change(input)),
            Self::InputEnded => Happening::InputEnded,
            Self::Deadline => Happening::Deadline,
        }
    }
}

/// A run, and all that may end it.
pub(crate) struct Session {
    pub(crate) handle: Handle,
    events: Receiver<Vec<net::Event>>,
    /// Those that came together with the last one that was looked at.
    batch: vec::IntoIter<net::Event>,
    signals: Receiver<i32>,
    reader_gone: Receiver<()>,
    /// What is to be told of work that is done beside the run.
    notices: Receiver<String>,
    links: Vec<Link>,
    clock: Clock,
    started: UnixMillis,
    verbose: bool,
    /// Whether anybody is called beyond the subnet, which takes no link.
    asks_beyond: bool,
    /// Where warnings go: to stderr, or as a [`Happening`] to who has the terminal.
    on_stderr: bool,
}

/// How long a goodbye may take; the run is ended without it then.
const GOODBYE_MAX: Duration = Duration::from_secs(1);

impl Session {
    /// Starts a run that only asks or speaks. It needs a link at once.
    pub(crate) fn visit(settings: &Settings) -> Result<Self, Ending> {
        Self::open(settings.for_run(Role::Visitor, 0, false)?, settings.verbose)
    }

    /// Starts a run that only asks, and goes on where there is no link yet.
    pub(crate) fn watch(settings: &Settings) -> Result<Self, Ending> {
        Self::open(settings.for_run(Role::Visitor, 0, true)?, settings.verbose)
    }

    /// Starts a run that others list, and that is told so many lines that were said before it came. Where there is no
    /// link yet, it waits for one.
    pub(crate) fn join(settings: &Settings, history: u32) -> Result<Self, Ending> {
        Self::open(settings.for_run(Role::Member, history, true)?, settings.verbose)
    }

    /// Leaves the room that it is in, and joins another one as another run.
    pub(crate) fn change_room(&mut self, settings: net::Settings) -> Result<(), Ending> {
        self.leave(Some(self.now() + GOODBYE_MAX))?;
        (self.handle, self.events) = net::open(settings)?;
        self.batch = Vec::new().into_iter();
        self.started = self.clock.unix();
        Ok(())
    }

    /// Says what is still to be said, and goodbye. When that takes longer than may be waited, it goes on by itself, as
    /// long as the program does.
    fn leave(&mut self, deadline: Option<Time>) -> Result<(), Ending> {
        let _ = self.handle.leave();
        while !matches!(self.next(&never::<()>(), deadline)?, Happening::Event(Event::Gone) | Happening::Deadline) {}
        Ok(())
    }

    fn open(settings: net::Settings, verbose: bool) -> Result<Self, Ending> {
        let (signals, clock) = (signals::watch(), Clock::start());
        let asks_beyond = !settings.peers.is_empty();
        let (handle, events) = net::open(settings)?;
        let mut session = Self {
            handle,
            events,
            batch: Vec::new().into_iter(),
            signals,
            reader_gone: output::reader_gone(),
            notices: never(),
            links: Vec::new(),
            started: clock.unix(),
            clock,
            verbose,
            asks_beyond,
            on_stderr: true,
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

    /// The signals that end it, for whoever waits for something else when it has ended.
    pub(crate) fn signals(&self) -> Receiver<i32> {
        self.signals.clone()
    }

    /// The links in use.
    pub(crate) fn links(&self) -> &[Link] {
        &self.links
    }

    /// The name of a link's interface; of one that has gone, a dash; of the way beyond the subnet, `remote`.
    pub(crate) fn link_name(&self, id: LinkId) -> Safe {
        if id == LinkId::REMOTE {
            return Safe::literal("remote");
        }
        let link = self.links.iter().find(|link| link.id == id);
        link.map_or(Safe::literal("-"), |link| Safe::name(&link.interface, "-"))
    }

    /// How many lines somebody lacks at most of those that were said.
    pub(crate) fn most_lacking(&self) -> Result<u32, Ending> {
        Ok(self.handle.lacking()?.iter().map(|lacking| lacking.lines).max().unwrap_or(0))
    }

    /// What is known of names and keys.
    pub(crate) fn names(&self, settings: &Settings, keeping: Keeping) -> Result<Names, Ending> {
        let known = Known::open(&settings.identity, keeping)?;
        Ok(Names::new(&self.handle.key(), settings.nick.clone(), known))
    }

    /// Oneself, as others list one; nothing where there is no link.
    pub(crate) fn own_peer(&self, settings: &Settings, now: Time) -> Option<Peer> {
        let link = self.links.first()?;
        let port = self.handle.unicast_port();
        let way = |link: &Link| Way { link: link.id, address: link.to(link.address, port) };
        Some(Peer {
            signer: Some(self.handle.key()),
            run: self.handle.run(),
            profile: settings.profile(),
            started: self.started,
            hears: 0,
            link: link.id,
            address: link.to(link.address, port),
            ways: self.links.iter().map(way).collect(),
            hears_us: HearsUs::Yes,
            clock_ahead: None,
            heard: now,
        })
    }

    /// Whether the run has told of nothing that was not looked at.
    pub(crate) fn is_idle(&self) -> bool {
        self.batch.len() == 0 && self.events.is_empty()
    }

    /// Waits for the next thing, at most until `deadline`. A signal, or a reader of stdout who has gone, is an ending.
    pub(crate) fn next<I>(&mut self, input: &Receiver<I>, deadline: Option<Time>) -> Result<Happening<I>, Ending> {
        let timeout = deadline.map_or_else(never, |at| after(at.since(self.now())));
        loop {
            if let Some(happening) = self.next_of_batch()? {
                return Ok(happening);
            }
            let is_behind = self.events.is_full();
            select_biased! {
                recv(self.signals) -> signal => return Err(Ending::Signal(signal.unwrap_or(0))),
                recv(self.reader_gone) -> _ => return Err(Ending::Done),
                recv(self.events) -> batch => {
                    self.batch = batch.map_err(|_| Closed)?.into_iter();
                    if is_behind {
                        self.handle.wake()?;
                    }
                }
                recv(self.notices) -> notice => match notice {
                    Ok(words) if self.on_stderr => warn(&words),
                    Ok(words) => return Ok(Happening::Warning(words)),
                    Err(_) => self.notices = never(),
                },
                recv(input) -> input => return Ok(input.map_or(Happening::InputEnded, Happening::Input)),
                recv(timeout) -> _ => return Ok(Happening::Deadline),
            }
        }
    }

    /// The next of those that came together, unless somebody has ended it meanwhile.
    fn next_of_batch<I>(&mut self) -> Result<Option<Happening<I>>, Ending> {
        while let Some(event) = self.batch.next() {
            if let Ok(signal) = self.signals.try_recv() {
                return Err(Ending::Signal(signal));
            }
            if self.reader_gone.try_recv().is_err_and(|error| error.is_disconnected()) {
                return Err(Ending::Done);
            }
            if let Some(happening) = self.take(event) {
                return Ok(Some(happening));
            }
        }
        Ok(None)
    }

    /// Waits as [`next`](Self::next) does, but what is typed goes before what others say: whoever types does not wait
    /// for them.
    pub(crate) fn next_typed_first<I>(
        &mut self,
        input: &Receiver<I>,
        deadline: Option<Time>,
    ) -> Result<Happening<I>, Ending> {
        select_biased! {
            recv(self.signals) -> signal => Err(Ending::Signal(signal.unwrap_or(0))),
            recv(input) -> input => Ok(input.map_or(Happening::InputEnded, Happening::Input)),
            default => self.next(input, deadline),
        }
    }

    /// Says what is still to be said, and goodbye. Where the command did not come to its end, whoever ended it does
    /// not want to wait: then a second has to do.
    pub(crate) fn end(mut self, done: Result<(), Ending>) -> Result<(), Ending> {
        if self.verbose
            && let (Ok(stats), Ok(buffer)) = (self.handle.stats(), self.handle.receive_buffer())
        {
            tell_stats(&stats, &buffer);
        }
        self.reader_gone = never();
        let deadline = done.is_err().then(|| self.now() + GOODBYE_MAX);
        self.leave(deadline)?;
        done
    }

    /// Gives warnings as happenings from now on: on a terminal, they would tear up what is being typed.
    pub(crate) fn keep_off_stderr(&mut self) {
        self.on_stderr = false;
    }

    /// Tells what comes this way as the session tells its own warnings.
    pub(crate) fn heed(&mut self, notices: Receiver<String>) {
        self.notices = notices;
    }

    fn take<I>(&mut self, event: net::Event) -> Option<Happening<I>> {
        match event {
            net::Event::Node(event) => Some(Happening::Event(event)),
            net::Event::Links(links) => {
                let before = std::mem::replace(&mut self.links, links);
                if self.on_stderr {
                    self.tell_links(&before);
                }
                Some(Happening::Links(before))
            }
            net::Event::Resolved(resolved) => {
                let found = remote_peers::found(&resolved).filter(|_| self.verbose && self.on_stderr);
                self.tell(remote_peers::not_found(&resolved).or(found)?)
            }
            net::Event::NotReached(failure) => self.tell(remote_peers::not_reached(&failure)),
            net::Event::SendFailed(SendFailure { interface, address, error }) => {
                let warning = format!("cannot send by {} {address}: {error}", Safe::name(&interface, "-"));
                self.tell(warning)
            }
        }
    }

    /// Warns, or has somebody else do so.
    fn tell<I>(&self, warning: String) -> Option<Happening<I>> {
        if !self.on_stderr {
            return Some(Happening::Warning(warning));
        }
        warn(&warning);
        None
    }

    fn tell_links(&self, before: &[Link]) {
        if self.links.is_empty() && !self.asks_beyond {
            warn("no link is up; waiting for one");
        }
        if !self.verbose {
            return;
        }
        let told = |link: &Link| format!("{} {}/{}", Safe::name(&link.interface, "-"), link.address, link.prefix);
        for link in before.iter().filter(|link| !self.links.contains(link)) {
            warn(&format!("no longer using {}", told(link)));
        }
        for link in self.links.iter().filter(|link| !before.contains(link)) {
            let how = if link.everybody.is_multicast() { "multicast" } else { "broadcast" };
            warn(&format!("using {}, {how} {}", told(link), link.everybody));
        }
    }
}

fn tell_stats(stats: &node::Stats, buffer: &ReceiveBuffer) {
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
    warn(&format!(
        "sent {} nacks, {} acks, {} repairs, {} repeats; {} lines were lost",
        stats.sent_nacks, stats.sent_acks, stats.sent_repairs, stats.sent_repeats, stats.lost_lines
    ));
    let dropped = buffer.dropped.map_or_else(String::new, |count| format!("; it dropped {count} datagrams"));
    warn(&format!("the system kept up to {} KiB for each socket until it was read{dropped}", buffer.bytes >> 10));
    for (reason, count) in stats.refused().filter(|(_, count)| *count > 0) {
        warn(&format!("refused {count}: {reason}"));
    }
}

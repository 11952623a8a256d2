//! The thread that drives a node: it waits, hands one thing in, and fetches what comes out. It decides nothing.

mod sending;

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::vec::Vec;

use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError};
use mio::{Events, Poll, Token, Waker};

use super::clock::JumpDetector;
use super::handle::{Asked, Request};
use super::inbox::{Inbox, Received};
use super::links::Links;
use super::netlink::ChangeNotices;
use super::resolving::RemoteAddresses;
use super::socket::{Sockets, Which};
use super::{Clock, Error, Event, std};
use crate::node::{self, Command, Datagram, LinkId, Node};
use crate::time::Time;
use crate::wire::{DATAGRAM_MAX, Text};

/// The links are looked up again after this: a card that comes or goes is noticed within it everywhere.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// The same where the system tells of changes, in case that it ever forgets to.
const LOOK_EVERY_IF_TOLD: Duration = Duration::from_secs(30);
/// Whether the clock has jumped is looked at this often, as long as something else wakes the thread.
const GLANCE_AT_CLOCK_EVERY: Duration = Duration::from_secs(1);
/// A jump of the clock is noticed within this: among others, nobody wakes for it alone.
const GLANCE_AT_CLOCK_WITHIN: Duration = Duration::from_secs(3);
/// Datagrams of a socket that are taken in before anything else has its turn.
const DATAGRAMS_PER_TURN: usize = 64;
/// Requests that are taken before anything else has its turn.
const REQUESTS_PER_TURN: usize = 64;
/// The links are not looked up more often than this, however often sending fails and whatever the system tells.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(100);
/// Events that are handed over together at most. While as many wait for the reader, the node keeps its own, and of what
/// the links give rise to, the latest is dropped.
const BATCH_MAX: usize = 128;
/// How long events wait for a reader who is behind before they are offered again.
const READER_PATIENCE: Duration = Duration::from_millis(5);

const WAKER: Token = Token(Which::ALL.len());
const CHANGE_NOTICES: Token = Token(Which::ALL.len() + 1);

/// Drives a node until it has gone.
pub(super) struct Driver {
    node: Node,
    sockets: Sockets,
    links: Links,
    /// Whom to call beyond them.
    remote: RemoteAddresses,
    clock: Clock,
    jumps: JumpDetector,
    poll: Poll,
    /// Sockets that may hold more than was read: epoll tells only once.
    readable: [bool; Which::ALL.len()],
    requests: Receiver<Request>,
    /// Requests are left that nothing will wake us for.
    more_requests: bool,
    /// Lines that the node has no room for yet; no further request is looked at until they are taken.
    refused: Option<Request>,
    events: Sender<Vec<Event>>,
    /// Events that are to be handed over next.
    unread: Vec<Event>,
    gone: bool,
    /// Tells when to look, where the system does.
    notices: Option<ChangeNotices>,
    last_look: Time,
    next_look: Time,
    last_glance_at_clock: Time,
    /// Links that could not be sent by: reported unless they turn out to be gone.
    failed: BTreeMap<LinkId, io::Error>,
    /// When each link's failure was last reported.
    reported: BTreeMap<LinkId, Time>,
    datagram: Vec<u8>,
}

impl Driver {
    pub(super) fn new(
        node: Node,
        mut sockets: Sockets,
        (links, mut remote): (Links, RemoteAddresses),
        clock: Clock,
        requests: Receiver<Request>,
        events: Sender<Vec<Event>>,
    ) -> Result<(Self, Arc<Waker>), Error> {
        let start = |source| Error::Start { what: "its event loop", source };
        let poll = Poll::new().map_err(start)?;
        sockets.register(poll.registry()).map_err(start)?;
        sockets.listen_by(links.iter());
        let notices = ChangeNotices::open().ok();
        if let Some(notices) = &notices {
            notices.register(poll.registry(), CHANGE_NOTICES).map_err(start)?;
        }
        let waker = Arc::new(Waker::new(poll.registry(), WAKER).map_err(start)?);
        remote.start(Arc::clone(&waker))?;
        let driver = Self {
            node,
            sockets,
            links,
            remote,
            jumps: JumpDetector::new(&clock),
            clock,
            poll,
            readable: [true; Which::ALL.len()],
            requests,
            more_requests: false,
            refused: None,
            events,
            unread: Vec::new(),
            gone: false,
            notices,
            last_look: Time::ZERO,
            // What has changed since the links were looked up and before changes were told.
            next_look: Time::ZERO + LOOK_AGAIN_AFTER,
            last_glance_at_clock: Time::ZERO,
            failed: BTreeMap::new(),
            reported: BTreeMap::new(),
            datagram: Vec::with_capacity(DATAGRAM_MAX),
        };
        Ok((driver, waker))
    }

    /// Runs until the node has gone, or nobody is left to drive it for.
    pub(super) fn run(mut self) {
        self.tell_links();
        self.node.handle_remote_addresses(self.clock.now(), &self.remote.to_vec());
        let mut events = Events::with_capacity(8);
        let mut inbox = Inbox::new();
        loop {
            self.drain();
            if self.gone && self.unread.is_empty() {
                return;
            }
            if let Err(error) = self.poll.poll(&mut events, self.patience())
                && error.kind() != io::ErrorKind::Interrupted
            {
                // Without it there is nothing to wait with; the reader sees the channel end.
                return;
            }
            for event in &events {
                for which in Which::ALL.into_iter().filter(|which| event.token() == which.token()) {
                    self.readable[which as usize] = true;
                }
                if event.token() == CHANGE_NOTICES && self.notices.as_ref().is_some_and(ChangeNotices::take) {
                    self.look_soon();
                }
            }
            self.take_datagrams(&mut inbox);
            self.take_requests();
            self.take_resolved();
            self.glance_at_clock();
            self.look_around();
            let now = self.clock.now();
            if self.node.poll_timeout().is_some_and(|deadline| deadline.at <= now) {
                self.node.handle_timeout(now);
            }
        }
    }

    /// How long there is nothing to do if nothing comes.
    fn patience(&self) -> Option<Duration> {
        if self.readable.contains(&true) || self.more_requests {
            return Some(Duration::ZERO);
        }
        let now = self.clock.now();
        let own = self.next_look.min(self.last_glance_at_clock + GLANCE_AT_CLOCK_WITHIN);
        let deadline = self.node.poll_timeout().map_or(own, |deadline| deadline.at.min(own));
        let wait = deadline.since(now);
        Some(if !self.unread.is_empty() { wait.min(READER_PATIENCE) } else { wait })
    }

    fn take_datagrams(&mut self, inbox: &mut Inbox) {
        for which in Which::ALL {
            for _ in 0..DATAGRAMS_PER_TURN / Inbox::CAPACITY {
                if !self.readable[which as usize] {
                    break;
                }
                match self.sockets.receive(which, inbox) {
                    Ok(()) => self.readable[which as usize] = inbox.is_full(),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.readable[which as usize] = false,
                    // An earlier send that somebody refused (ICMP): it tells nothing of what comes next.
                    Err(_) => {}
                }
                let unix = self.clock.since_1970();
                for (Received { from, index, came, .. }, bytes) in inbox.datagrams() {
                    let Some(link) = self.link_of(from.ip(), *index) else { continue };
                    let waited = came.map_or(Duration::ZERO, |came| unix.saturating_sub(came));
                    self.node.handle_datagram(self.clock.now(), Datagram { link, from: *from, waited, bytes });
                    self.drain();
                }
            }
        }
    }

    /// By which link something came; `None` where it is not to be heard.
    fn link_of(&self, from: IpAddr, index: Option<u32>) -> Option<LinkId> {
        if self.remote.is_any() {
            Some(self.links.of_or_remote(from, index))
        } else {
            self.links.of(from, index).map(|link| link.id)
        }
    }

    /// Takes in which names were found, or not.
    fn take_resolved(&mut self) {
        let news = self.remote.take_news();
        if news.is_empty() {
            return;
        }
        self.node.handle_remote_addresses(self.clock.now(), &self.remote.to_vec());
        news.into_iter().for_each(|resolved| self.offer(Event::Resolved(resolved)));
    }

    fn take_requests(&mut self) {
        self.more_requests = false;
        for _ in 0..REQUESTS_PER_TURN {
            let request = match self.refused.take() {
                Some(request) => request,
                None => match self.requests.try_recv() {
                    Ok(request) => request,
                    Err(TryRecvError::Empty) => return,
                    Err(TryRecvError::Disconnected) => {
                        let _ = self.node.handle_command(self.clock.now(), Command::Leave);
                        return;
                    }
                },
            };
            // Lines that come at once share datagrams: those that wait to be taken as well go with these.
            let is_to_be_said = matches!(request, Request::Say { .. });
            self.answer(request);
            if self.refused.is_some() {
                return;
            }
            if !is_to_be_said {
                self.drain();
            }
        }
        self.more_requests = true;
    }

    fn answer(&mut self, request: Request) {
        let now = self.clock.now();
        match request {
            Request::Say { texts, action } => self.say(texts, action),
            Request::Do(command) => self.command(now, command),
            Request::Ask(question) => {
                let (node, sockets) = (&mut self.node, &self.sockets);
                question(&mut Asked { node, sockets, now, unix: self.clock.unix() });
            }
        }
    }

    fn say(&mut self, mut texts: VecDeque<Text<'static>>, action: bool) {
        let (now, time) = (self.clock.now(), self.clock.unix());
        while self.node.has_room_to_say()
            && let Some(text) = texts.pop_front()
        {
            self.command(now, Command::Say { text, action, time });
        }
        if !texts.is_empty() {
            self.refused = Some(Request::Say { texts, action });
        }
    }

    /// None of these can fail but for a run that is leaving, and then there is nothing to be done about it.
    fn command(&mut self, now: Time, command: Command) {
        let _ = self.node.handle_command(now, command);
    }

    /// Looks whether the machine has slept, where it is time to: then the links may be others, too.
    fn glance_at_clock(&mut self) {
        let now = self.clock.now();
        if now.since(self.last_glance_at_clock) < GLANCE_AT_CLOCK_EVERY {
            return;
        }
        self.last_glance_at_clock = now;
        let unix = self.clock.unix();
        if self.jumps.has_jumped(now, unix) {
            self.node.handle_wake(now, unix);
            self.look_soon();
        }
    }

    fn look_soon(&mut self) {
        self.next_look = self.next_look.min(self.last_look + LOOK_AGAIN_AFTER);
    }

    /// Looks the links up again where it is time to.
    fn look_around(&mut self) {
        let now = self.clock.now();
        if now < self.next_look {
            return;
        }
        self.last_look = now;
        self.next_look = now + if self.notices.is_some() { LOOK_EVERY_IF_TOLD } else { LOOK_EVERY };
        let changed = self.links.look_again();
        self.sockets.listen_by(self.links.iter());
        if changed {
            self.tell_links();
            self.remote.resolve_again();
        }
        self.report_failures(now);
    }

    fn tell_links(&mut self) {
        self.node.handle_links(self.clock.now(), &self.links.for_node());
        self.offer(Event::Links(self.links.to_vec()));
    }

    /// Fetches all that the node has to give.
    fn drain(&mut self) {
        let mut datagram = core::mem::take(&mut self.datagram);
        while let Some(transmit) = self.node.poll_transmit(&mut datagram) {
            self.send(transmit, &datagram);
        }
        self.datagram = datagram;
        loop {
            while self.unread.len() < BATCH_MAX
                && let Some(event) = self.node.poll_event()
            {
                self.gone |= event == node::Event::Gone;
                self.unread.push(Event::Node(event));
            }
            if !self.hand_over() {
                return;
            }
        }
    }

    fn offer(&mut self, event: Event) {
        if self.unread.len() < BATCH_MAX {
            self.unread.push(event);
        }
    }

    /// Hands over what waits; tells whether something did and the reader had room for it.
    fn hand_over(&mut self) -> bool {
        if self.unread.is_empty() {
            return false;
        }
        match self.events.try_send(core::mem::take(&mut self.unread)) {
            Err(TrySendError::Full(unread)) => {
                self.unread = unread;
                return false;
            }
            // Nobody listens any more: what the node still has to say is said, and then it ends.
            Err(TrySendError::Disconnected(_)) => self.command(self.clock.now(), Command::Leave),
            Ok(()) => {}
        }
        true
    }
}

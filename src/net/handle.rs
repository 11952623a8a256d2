//! What the driver's thread and the rest of the program say to each other.

use core::convert::Infallible;
use std::boxed::Box;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::string::String;
use std::sync::{Arc, OnceLock};
use std::vec::Vec;

use crossbeam_channel::{RecvError, Sender, TrySendError, bounded};
use mio::Waker;
use thiserror::Error;

use super::socket::Sockets;
use super::{Link, ReceiveBuffer, Resolved, std};
use crate::node::{self, Command, CommandError, HeardRoom, Lacking, LinkHealth, Node, OtherVersion, Peer, Rate, Stats};
use crate::time::{Time, UnixMillis};
use crate::trust::PublicKey;
use crate::wire::{Nick, PingWay, Run, Status, Text};

/// Something that happened to a run.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly all are of the large one")]
pub enum Event {
    /// The protocol tells.
    Node(node::Event),
    /// The links in use, first of all and whenever they change.
    Links(Vec<Link>),
    /// A datagram could not be sent; told once a minute for each link.
    SendFailed(SendFailure),
    /// Nothing could be sent to an address beyond the subnet; told once a minute.
    NotReached(NotReached),
    /// A name of a peer beyond the subnet was looked up; told when that has another outcome than before.
    Resolved(Resolved),
}

/// A datagram could not be sent.
#[derive(Debug)]
pub struct SendFailure {
    /// The interface by which it was to go.
    pub interface: String,
    /// The interface's address.
    pub address: IpAddr,
    /// What the system says.
    pub error: io::Error,
}

/// Nothing could be sent to an address beyond the subnet.
#[derive(Debug)]
pub struct NotReached {
    /// The address.
    pub to: SocketAddr,
    /// What the system says.
    pub error: io::Error,
}

/// What the driver is asked to do.
pub(super) enum Request {
    Say { texts: VecDeque<Text<'static>>, action: bool },
    Do(Command),
    Ask(Question),
}

/// Has a look at a run, and leaves what it saw with whoever asked.
pub(super) type Question = Box<dyn FnOnce(&mut Asked<'_>) + Send>;

/// What there is to be asked.
pub(super) struct Asked<'a> {
    pub(super) node: &'a mut Node,
    pub(super) sockets: &'a Sockets,
    pub(super) now: Time,
    /// What the wall clock says.
    pub(super) unix: UnixMillis,
}

/// The run has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the run has ended by itself")]
pub struct Closed;

/// By this a run is told what to do. Each call waits while too much is waiting to be done already.
#[derive(Clone, Debug)]
pub struct Handle {
    requests: Sender<Request>,
    waker: Arc<Waker>,
    run: Run,
    key: PublicKey,
    unicast_port: u16,
}

impl Handle {
    pub(super) const fn new(
        requests: Sender<Request>,
        waker: Arc<Waker>,
        run: Run,
        key: PublicKey,
        unicast_port: u16,
    ) -> Self {
        Self { requests, waker, run, key, unicast_port }
    }

    /// The run that this is.
    pub const fn run(&self) -> Run {
        self.run
    }

    /// The key by which others know it.
    pub const fn key(&self) -> PublicKey {
        self.key
    }

    /// The UDP port on which it takes unicast.
    pub const fn unicast_port(&self) -> u16 {
        self.unicast_port
    }

    /// Has the run hand over more events at once: there is room again.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn wake(&self) -> Result<(), Closed> {
        self.waker.wake().map_err(|_| Closed)
    }

    /// Says a text to the room.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn say(&self, text: Text<'static>, action: bool) -> Result<(), Closed> {
        self.request(Request::Say { texts: [text].into(), action })
    }

    /// Says texts to the room, one after the other; together they are handed over at the cost of one.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn say_all(&self, texts: Vec<Text<'static>>) -> Result<(), Closed> {
        self.request(Request::Say { texts: texts.into(), action: false })
    }

    /// Says a text to the room, if it is taken at once; tells whether it was.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn try_say(&self, text: Text<'static>, action: bool) -> Result<bool, Closed> {
        match self.requests.try_send(Request::Say { texts: [text].into(), action }) {
            Ok(()) => self.wake().map(|()| true),
            Err(TrySendError::Full(_)) => Ok(false),
            Err(TrySendError::Disconnected(_)) => Err(Closed),
        }
    }

    /// Says a text to one run alone. What becomes of it is told by an event; the answer tells whether it was taken.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn say_privately(
        &self,
        reader: Run,
        text: Text<'static>,
        action: bool,
    ) -> Result<Result<(), CommandError>, Closed> {
        self.ask(move |asked| {
            let command = Command::SayPrivately { reader, text, action, time: asked.unix };
            asked.node.handle_command(asked.now, command)
        })
    }

    /// Goes by another name from now on.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn rename(&self, nick: Nick<'static>) -> Result<(), Closed> {
        self.request(Request::Do(Command::Rename(nick)))
    }

    /// Lets others know this from now on; an empty status takes back what they know.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn describe(&self, status: Status<'static>) -> Result<(), Closed> {
        self.request(Request::Do(Command::Describe(status)))
    }

    /// Says lines at this rate from now on.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn pace(&self, rate: Rate) -> Result<(), Closed> {
        self.request(Request::Do(Command::Pace(rate)))
    }

    /// Asks which rooms there are, a few times within a second; [`rooms`](Self::rooms) tells what was heard.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn ask_rooms(&self) -> Result<(), Closed> {
        self.request(Request::Do(Command::AskRooms))
    }

    /// The rooms that are heard, the own one first if somebody else is in it, and the run's time at which that was looked
    /// up.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn rooms(&self) -> Result<(Time, Vec<HeardRoom>), Closed> {
        self.ask(|asked| (asked.now, asked.node.rooms(asked.now).collect()))
    }

    /// Asks a peer to answer at once. What becomes of it is told by a [`node::Event::Pong`] or, after a second, a
    /// [`node::Event::NoPong`]; the answer tells whether it was taken.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn ping(&self, reader: Run, way: PingWay) -> Result<Result<(), CommandError>, Closed> {
        self.ask(move |asked| asked.node.handle_command(asked.now, Command::Ping { reader, way }))
    }

    /// Says what is still to be said, takes leave, and ends with [`node::Event::Gone`].
    ///
    /// # Errors
    /// When the run has ended.
    pub fn leave(&self) -> Result<(), Closed> {
        self.request(Request::Do(Command::Leave))
    }

    /// Who is there, and the run's time at which that was looked up.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn peers(&self) -> Result<(Time, Vec<Peer>), Closed> {
        self.ask(|asked| (asked.now, asked.node.peers().collect()))
    }

    /// Who is heard, signs, and has never shown that he hears this run ([`node::Node::one_way`]); and the run's time at
    /// which that was looked up.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn one_way(&self) -> Result<(Time, Vec<Peer>), Closed> {
        self.ask(|asked| (asked.now, asked.node.one_way(asked.now).collect()))
    }

    /// Who is heard, signs, and was asked in vain by now to show that he hears this run ([`node::Node::unanswering`]).
    ///
    /// # Errors
    /// When the run has ended.
    pub fn unanswering(&self) -> Result<Vec<Peer>, Closed> {
        self.ask(|asked| asked.node.unanswering(asked.now).collect())
    }

    /// What has come by each link in use, and the run's time at which that was looked up.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn link_health(&self) -> Result<(Time, Vec<LinkHealth>), Closed> {
        self.ask(|asked| (asked.now, asked.node.link_health().to_vec()))
    }

    /// Who was heard lately and speaks another version of the protocol.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn other_versions(&self) -> Result<Vec<OtherVersion>, Closed> {
        self.ask(|asked| asked.node.other_versions(asked.now).collect())
    }

    /// Who is known to lack lines of this run, and how many.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn lacking(&self) -> Result<Vec<Lacking>, Closed> {
        self.ask(|asked| asked.node.lacking().collect())
    }

    /// What came and what became of it.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn stats(&self) -> Result<Stats, Closed> {
        self.ask(|asked| asked.node.stats().clone())
    }

    /// What the system keeps of datagrams until the run reads them, and what it has dropped.
    ///
    /// # Errors
    /// When the run has ended.
    pub fn receive_buffer(&self) -> Result<ReceiveBuffer, Closed> {
        self.ask(|asked| asked.sockets.receive_buffer())
    }

    /// Asks the driver and waits for what was seen. A channel for each sort of answer would make the program larger by a
    /// fiftieth: so the answer lies where both can reach it, and the channel only closes.
    fn ask<T: Send + Sync + 'static>(
        &self,
        look: impl FnOnce(&mut Asked<'_>) -> T + Send + 'static,
    ) -> Result<T, Closed> {
        let answer = Arc::new(OnceLock::new());
        let (asking, is_asked) = bounded::<Infallible>(0);
        let place = Arc::clone(&answer);
        self.request(Request::Ask(Box::new(move |asked| {
            let _ = place.set(look(asked));
            drop((place, asking));
        })))?;
        // The question was answered, or dropped by a driver that has ended.
        let Err(RecvError) = is_asked.recv();
        Arc::into_inner(answer).and_then(OnceLock::into_inner).ok_or(Closed)
    }

    fn request(&self, request: Request) -> Result<(), Closed> {
        self.requests.send(request).map_err(|_| Closed)?;
        self.wake()
    }
}

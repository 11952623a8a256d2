//! Sockets, interfaces, the clock, and the thread that drives a [`Node`].
//!
//! [`open`] starts a run and gives two ends of it: a [`Handle`] by which it is told what to do, and a channel of
//! batches of [`Event`]s. Only here is `std` known; nothing here looks into a datagram's body.

// The one place that opens `std`: with it the crate's root would let the whole core in.
extern crate std;

mod bridge_port;
mod choice;
mod clock;
mod driver;
mod error;
mod handle;
mod inbox;
mod interfaces;
mod links;
mod netlink;
mod packet_info;
mod peer_address;
mod receive_buffer;
mod resolving;
mod socket;
mod tentative;

use std::thread;
use std::vec::Vec;

use crossbeam_channel::{Receiver, bounded};

pub use choice::InterfaceChoice;
pub use clock::Clock;
pub use error::Error;
pub use handle::{Closed, Event, Handle, NotReached, SendFailure};
pub use interfaces::{Address, Interface, State, Unused, Use, interfaces};
pub use links::{GROUP, Link};
pub use peer_address::{PeerAddress, PeerAddressError};
pub use receive_buffer::{ReceiveBuffer, dropped_on};
pub use resolving::Resolved;
pub use socket::ports;

use self::driver::Driver;
use self::links::Links;
use self::resolving::RemoteAddresses;
use self::socket::Sockets;
use crate::node::{Config, Node, Role, Unverified};
use crate::trust::{SecretKey, Seed};
use crate::wire::{Epoch, Identity, Profile, Room};

/// What a run is to be.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What others are to show of it.
    pub profile: Profile<'static>,
    /// The key with which it signs.
    pub key: SecretKey,
    /// The room that it is in.
    pub room: Room,
    /// What becomes of peers who do not sign.
    pub unverified: Unverified,
    /// Whether others shall list it.
    pub role: Role,
    /// How many lines that were said before it came it wants to be told.
    pub history: u32,
    /// The UDP port on which everybody listens.
    pub port: u16,
    /// The interfaces to use.
    pub interfaces: InterfaceChoice,
    /// Whom to call beyond the subnets of its links; at most 64.
    pub peers: Vec<PeerAddress>,
    /// Starts also where there is no link yet, and waits for one to come.
    pub may_wait_for_links: bool,
}

/// Batches of events that wait for the reader; when there are more, the events wait in the node, which bounds them too.
const BATCHES_MAX: usize = 4;
/// Requests that wait for the driver; who asks for more waits.
const REQUESTS_MAX: usize = 64;

/// Opens the sockets and starts a run. Its events come in batches, as many together as there were at once. It goes on until it is told to leave or its handle is dropped.
///
/// # Errors
/// When an interface that is wanted does not exist, no link is there to be used, or a port cannot be had.
pub fn open(settings: Settings) -> Result<(Handle, Receiver<Vec<Event>>), Error> {
    let clock = Clock::start();
    let sockets = Sockets::open(settings.port)?;
    let links = Links::look(settings.interfaces, sockets.has_ipv6())?;
    // Whoever is called beyond the subnet can be reached without a link, as where there is a VPN and nothing else.
    if links.is_empty() && settings.peers.is_empty() && !settings.may_wait_for_links {
        return Err(links.none_usable());
    }
    let key = settings.key.public();
    let identity = Identity::signed(settings.key, Epoch(draw(u32::from_be_bytes)?), &settings.room);
    let seed = Seed(draw(|bytes| bytes)?);
    let unicast_port = sockets.unicast_port();
    let config = Config {
        profile: settings.profile,
        room: settings.room,
        role: settings.role,
        unverified: settings.unverified,
        history: settings.history,
        port: unicast_port,
        started: clock.unix(),
    };
    let run = identity.run();
    let node = Node::new(config, identity, seed, clock.now());
    let (request, requests) = bounded(REQUESTS_MAX);
    let (event, events) = bounded(BATCHES_MAX);
    let remote = RemoteAddresses::new(settings.peers, settings.port);
    let (driver, waker) = Driver::new(node, sockets, (links, remote), clock, requests, event)?;
    thread::Builder::new()
        .name("cooee-net".into())
        .spawn(move || driver.run())
        .map_err(|source| Error::Start { what: "its network thread", source })?;
    Ok((Handle::new(request, waker, run, key, unicast_port), events))
}

/// A key that nobody has yet.
///
/// # Errors
/// When the system has no random bytes.
pub fn new_key() -> Result<SecretKey, Error> {
    draw(|bytes: [u8; SecretKey::LEN]| SecretKey::from_bytes(&bytes))
}

/// Draws something from the system's random bytes.
fn draw<const N: usize, T>(make: impl FnOnce([u8; N]) -> T) -> Result<T, Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|source| Error::Start { what: "without random numbers", source: source.into() })?;
    Ok(make(bytes))
}

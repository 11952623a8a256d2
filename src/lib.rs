//! **cooee** finds the peers of a LAN and carries their talk: no server, no set-up, UDP broadcast.
//!
//! The library has four storeys, and what is above sees only what is below:
//!
//! - [`net`]: sockets, interfaces, the clock, the thread that drives a node;
//! - [`node`]: the protocol as a state machine that knows no socket, no clock and no thread;
//! - [`wire`]: bytes to datagrams and back;
//! - [`trust`]: keys, signatures, seals.
//!
//! `trust`, `wire` and `node` are `no_std` and do no input or output, so whole LANs of them run in one test, in
//! virtual time. This is one, of two peers on a perfect cable:
//!
//! ```
//! use cooee::node::{CardId, Command, Config, Datagram, Event, Link, LinkId, Node, Role, Unverified};
//! use core::time::Duration;
//! use cooee::time::{Time, UnixMillis};
//! use cooee::trust::SecretKey;
//! use cooee::wire::{Epoch, HostName, Identity, Nick, Profile, ProgramVersion, Room, RoomName, Status, Text};
//!
//! let cable = Link { id: LinkId(1), card: CardId(1), address: "192.0.2.1".parse().unwrap() };
//! let start = |number: u8, nick: &'static str| {
//!     let room = Room::open(&RoomName::new("lobby").unwrap());
//!     let identity = Identity::signed(SecretKey::from_bytes(&[number; 32]), Epoch(1), &room);
//!     let config = Config {
//!         profile: Profile {
//!             nick: Nick::new(nick).unwrap(),
//!             host: HostName::new("desk").unwrap(),
//!             version: ProgramVersion::new("0.1.0").unwrap(),
//!             status: Status::default(),
//!         },
//!         room,
//!         role: Role::Member,
//!         unverified: Unverified::Welcome,
//!         history: 0,
//!         port: 26634,
//!         started: UnixMillis(0),
//!     };
//!     let seed = u64::from(number).into();
//!     let mut node = Node::new(config, identity, seed, Time::ZERO);
//!     node.handle_links(Time::ZERO, &[cable]);
//!     node
//! };
//! let mut alice = start(1, "alice");
//! let mut bob = start(2, "bob");
//!
//! // A driver's whole work: wake the node when it asks for it, fetch what goes, hand over what comes.
//! let from = "192.0.2.1:26634".parse().unwrap();
//! let deliver = |now: Time, sender: &mut Node, reader: &mut Node| {
//!     let mut bytes = Vec::new();
//!     sender.handle_timeout(now);
//!     while let Some(_transmit) = sender.poll_transmit(&mut bytes) {
//!         reader.handle_datagram(now, Datagram { link: cable.id, from, waited: Duration::ZERO, bytes: &bytes });
//!     }
//! };
//! for millis in 0..100 {
//!     let now = Time::from_micros(millis * 1000);
//!     deliver(now, &mut alice, &mut bob);
//!     deliver(now, &mut bob, &mut alice);
//! }
//! let now = Time::from_micros(100_000);
//! let text = Text::new("lunch at noon?").unwrap();
//! alice.handle_command(now, Command::Say { text, action: false, time: UnixMillis(100) }).unwrap();
//! deliver(now, &mut alice, &mut bob);
//!
//! let heard: Vec<Event> = std::iter::from_fn(|| bob.poll_event()).collect();
//! assert!(matches!(&heard[0], Event::Joined(peer) if peer.profile.nick.as_str() == "alice"));
//! assert!(matches!(&heard[1], Event::Line(line) if line.text.as_str() == "lunch at noon?"));
//! ```
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod net;
pub mod node;
pub mod time;
pub mod trust;
pub mod wire;

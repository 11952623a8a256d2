//! **cooee** finds the peers of a LAN and carries their talk: no server, no set-up, UDP broadcast.
//!
//! The library has three storeys, and what is above sees only what is below:
//!
//! - [`net`]: sockets, interfaces, the clock, the thread that drives a node;
//! - [`node`]: the protocol as a state machine that knows no socket, no clock and no thread;
//! - [`wire`]: bytes to datagrams and back.
//!
//! `wire` and `node` are `no_std` and do no input or output, so whole LANs of them run in one test, in
//! virtual time. This is one, of two peers on a perfect cable:
//!
//! ```
//! use cooee::node::{Command, Config, Datagram, Event, Identity, Link, LinkId, Node, Role};
//! use cooee::time::{Time, UnixMillis};
//! use cooee::wire::{Epoch, HostName, Nick, PeerId, Profile, ProgramVersion, RoomName, Run, Status, Text};
//!
//! let cable = Link { id: LinkId(1), address: "192.0.2.1".parse().unwrap() };
//! let start = |number: u64, nick: &'static str| {
//!     let config = Config {
//!         profile: Profile {
//!             nick: Nick::new(nick).unwrap(),
//!             host: HostName::new("desk").unwrap(),
//!             version: ProgramVersion::new("0.1.0").unwrap(),
//!             status: Status::default(),
//!         },
//!         room: RoomName::new("lobby").unwrap(),
//!         role: Role::Member,
//!         history: 0,
//!         port: 26634,
//!         started: UnixMillis(0),
//!     };
//!     let identity = Identity(Run { peer: PeerId(number), epoch: Epoch(1) });
//!     let mut node = Node::new(config, identity, /* seed */ number, Time::ZERO);
//!     node.handle_links(Time::ZERO, &[cable]);
//!     node
//! };
//! let mut alice = start(1, "alice");
//! let mut bob = start(2, "bob");
//!
//! let text = Text::new("lunch at noon?").unwrap();
//! alice.handle_command(Time::ZERO, Command::Say { text, action: false, time: UnixMillis(0) }).unwrap();
//!
//! // A driver's whole work: hand over what comes, fetch what goes, wake the node when it asks for it.
//! let mut bytes = Vec::new();
//! let from = "192.0.2.1:26634".parse().unwrap();
//! while let Some(_transmit) = alice.poll_transmit(&mut bytes) {
//!     bob.handle_datagram(Time::ZERO, Datagram { link: cable.id, from, bytes: &bytes });
//! }
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
pub mod wire;

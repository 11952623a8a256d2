//! A run that hears others, driven as a driver does it.

use std::net::SocketAddr;
use std::time::Duration;

use cooee::node::{CardId, Command, Config, Datagram, Link, LinkId, Node, Role, Unverified};
use cooee::time::{Time, UnixMillis};
use cooee::wire::{Epoch, Identity, Room, Run, SeqRange, Text};

use super::author::{Author, key, profile};

/// A datagram, and where it came from.
pub(crate) struct Came {
    pub(crate) from: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

/// A node that hears others, and what it has been driven to so far.
///
/// Its timers rest while it hears: what it does by itself is not part of what a datagram costs.
pub(crate) struct Hearer {
    pub(crate) node: Node,
    now: Time,
    out: Vec<u8>,
}

const LINK: Link =
    Link { id: LinkId(1), card: CardId(1), address: std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 77, 255, 1)) };

/// Between two datagrams lies as much time as it takes until one address may have another one checked, and somewhat more.
const BETWEEN: Duration = Duration::from_micros(1100);

impl Hearer {
    /// A member of this room that hears nobody yet.
    pub(crate) fn new(room: &Room) -> Self {
        let config = Config {
            profile: profile(),
            room: room.clone(),
            role: Role::Member,
            unverified: Unverified::Welcome,
            history: 0,
            port: 26634,
            started: UnixMillis(1_795_442_520_000),
        };
        let identity = Identity::signed(key(0), Epoch(0), room);
        let mut node = Node::new(config, identity, 1.into(), Time::ZERO);
        node.handle_links(Time::ZERO, &[LINK]);
        let mut hearer = Self { node, now: Time::ZERO, out: Vec::new() };
        hearer.drain();
        hearer
    }

    pub(crate) fn run(&self) -> Run {
        self.node.run()
    }

    /// A node's whole turn for a datagram: it is taken in, what goes out and what happened is fetched, and when to be
    /// woken is asked. Gives how much happened.
    pub(crate) fn take_in(&mut self, came: &Came) -> usize {
        self.take_in_after(BETWEEN, came)
    }

    /// The same for one of a run's regular beacons: since the last one, more time has passed than the moment in which a
    /// beacon can be nothing new.
    pub(crate) fn take_in_regular(&mut self, beacon: &Came) -> usize {
        self.take_in_after(Duration::from_secs(2), beacon)
    }

    fn take_in_after(&mut self, time: Duration, came: &Came) -> usize {
        self.now += time;
        self.node.handle_datagram(
            self.now,
            Datagram { link: LINK.id, from: came.from, waited: Duration::ZERO, bytes: &came.bytes },
        );
        self.drain()
    }

    /// So much time passes in which nothing comes, and then what is due is done.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.now += time;
        self.node.handle_timeout(self.now);
        self.drain();
    }

    /// These have shown that they are there, and are in the table.
    pub(crate) fn meet(&mut self, authors: &mut [Author]) {
        let before = self.node.peers().len();
        for author in authors.iter_mut() {
            self.take_in(&author.proof(self.run()));
        }
        assert_eq!(self.node.peers().len(), before + authors.len(), "all of them are in the table");
    }

    /// Says so many lines, each in a datagram of its own.
    pub(crate) fn say(&mut self, lines: u32) {
        for number in 0..lines {
            let text = Text::new(format!("line {number:06} as people type in a chat.")).unwrap();
            self.node.handle_command(self.now, Command::Say { text, action: false, time: UnixMillis(0) }).unwrap();
            // At its pace.
            self.wait(Duration::from_millis(10));
        }
        assert_eq!(self.node.stats().sent_lines, u64::from(lines), "all of them have gone out");
    }

    /// Whether it holds all these lines.
    pub(crate) fn holds(&self, author: Run, lines: SeqRange) -> bool {
        self.node.holds(author, lines)
    }

    fn drain(&mut self) -> usize {
        while self.node.poll_transmit(&mut self.out).is_some() {}
        let told = std::iter::from_fn(|| self.node.poll_event()).count();
        std::hint::black_box(self.node.poll_timeout());
        told
    }
}

//! Programs whose runs find each other, each started on a host of its own.

use std::fs;
use std::time::{Duration, Instant};

use crate::Bench;
use crate::cooee::start;
use crate::floor;
use crate::network::{CARD, Host, Network};
use crate::pause;
use crate::process::{LIMIT, Running, Stream};

/// How often it is looked whether all have found all. When they had is told by what they printed.
const LOOK: Duration = Duration::from_millis(20);

/// A program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Program {
    /// Sockets without more.
    Raw,
    /// The one that all this is about.
    Cooee,
    /// The mdns-sd crate.
    Mdns,
    /// HashiCorp's Serf.
    Serf,
}

/// What of finding each other was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// From the last start until everybody knew everybody, where that was.
    pub(crate) complete_after: Option<Duration>,
    /// How many of all there are to be known were.
    pub(crate) share: (usize, usize),
}

impl Program {
    /// Every one.
    pub(crate) const ALL: [Self; 4] = [Self::Raw, Self::Cooee, Self::Mdns, Self::Serf];

    /// Whether it is there.
    pub(crate) fn available(self, bench: &Bench) -> Result<(), String> {
        match self {
            Self::Raw | Self::Cooee => Ok(()),
            Self::Mdns => bench.others.mdns().map(drop),
            Self::Serf => bench.others.serf().map(drop),
        }
    }

    /// Makes a LAN fit for it. Serf asks by multicast of both families, which need a route; where one of them fails, it
    /// asks again only after a minute.
    pub(crate) fn prepare(self, network: &Network, hosts: usize) {
        if self == Self::Serf {
            for i in 0..hosts {
                enable_ipv6(network.host(i), i);
                network.host(i).ip(&format!("route replace 224.0.0.0/4 dev {CARD}"));
            }
        }
    }

    /// Starts the run of host `i`, which prints whom it finds.
    pub(crate) fn start(self, bench: &Bench, host: &Host, i: usize) -> Running {
        let name = format!("host-{i}");
        match self {
            Self::Raw => Running::start(&mut floor::command(host, &["meet", &name])),
            Self::Cooee => start(host, &["--nick", &name, "chat"]),
            Self::Mdns => Running::start(host.command(bench.others.mdns().unwrap()).arg(name).env_remove("RUST_LOG")),
            Self::Serf => {
                let bind = format!("-bind={}", host.address());
                let words = ["agent", "-discover=bench", &bind, "-node", &name];
                Running::start(host.command(bench.others.serf().unwrap()).args(words))
            }
        }
    }

    /// Whether a line tells of somebody found.
    fn tells(self, line: &str) -> bool {
        match self {
            Self::Raw | Self::Mdns => line.starts_with("found "),
            Self::Cooee => line.contains(" is here ("),
            Self::Serf => line.contains("EventMemberJoin: "),
        }
    }

    /// How many each of so many tells of when it knows all: Serf tells of itself too.
    fn to_find(self, hosts: usize) -> usize {
        if self == Self::Serf { hosts } else { hosts - 1 }
    }

    /// Starts one on each host, and waits until each has told of all others.
    pub(crate) fn find(self, bench: &Bench, network: &Network, hosts: usize, limit: Duration) -> Found {
        self.prepare(network, hosts);
        let mut runs: Vec<Running> = (0..hosts).map(|i| self.start(bench, network.host(i), i)).collect();
        let (started, to_find) = (Instant::now(), self.to_find(hosts));
        loop {
            let told: Vec<Vec<Instant>> = runs.iter_mut().map(|run| self.told(run)).collect();
            let complete = told.iter().map(|told| told.get(to_find - 1)).max_by_key(|at| (at.is_none(), *at));
            let complete = complete.flatten().map(|at| at.saturating_duration_since(started));
            if complete.is_some() || started.elapsed() > limit {
                assert!(runs.iter().all(is_alive), "a run of {self:?} has ended too early");
                let known = told.iter().map(|told| told.len().min(to_find)).sum();
                return Found { complete_after: complete, share: (known, to_find * hosts) };
            }
            pause(LOOK);
        }
    }

    /// When it has told of each.
    fn told(self, run: &mut Running) -> Vec<Instant> {
        let lines = run.heard().iter().filter(|line| line.stream == Stream::Out && self.tells(&line.text));
        lines.map(|line| line.at).collect()
    }
}

/// Whether it has not ended.
fn is_alive(run: &Running) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", run.pid())).unwrap_or_default();
    // Its name, in parentheses, stands before its state, which is Z when it has ended.
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
}

/// Gives the card a link-local address that can be used at once.
pub(crate) fn enable_ipv6(host: &Host, i: usize) {
    host.ip(&format!("address replace fe80::{:x}/64 dev {CARD} nodad", i + 1));
}

/// Waits until a raw peer has its socket.
pub(crate) fn ready(mut peer: Running) -> Running {
    peer.expect_line(Stream::Err, |line| line == "ready", LIMIT);
    peer
}

//! How the doctor observes: a run that only asks, for a few seconds, while the system is asked beside it.

mod pings;
mod remote;

use std::net::IpAddr;
use std::thread;
use std::time::Duration;

use cooee::net::{self, Clock, Handle, Interface, Link, Use};
use cooee::node::{Event, HeardRoom, HearsUs, LinkId, Peer, Role};
use cooee::time::Time;
use cooee::wire;
use crossbeam_channel::{Receiver, after, bounded, never, select_biased};

use self::pings::{Pinged, Pings};
use self::remote::Remotes;
use super::machine::firewall::{Reading, Way};
use super::machine::{Firewall, Gateway, firewall, gateways, mtu, sockets};
use super::observations::{
    Asked, Drops, Echo, Observations, ObservedLink, ObservedPeer, OtherRoom, OtherVersion, PortState, SendProblem,
};
use crate::ui::ending::Ending;
use crate::ui::identity::Identity;
use crate::ui::people::known::{Keeping, Known};
use crate::ui::people::names::Names;
use crate::ui::people::roster::in_order;
use crate::ui::settings::Settings;

/// Own beacons have come back by now, or never will; and others have answered. A call is made five times within 750 ms.
const LISTEN: Duration = Duration::from_millis(1200);
/// Where nobody has answered by then, whoever hears nothing of this run may still be heard: a beacon comes every 5 s.
const LISTEN_FOR_THE_DEAF: Duration = Duration::from_millis(4100);
/// By then all is told, whatever has not come: the doctor promises five seconds.
const END: Duration = Duration::from_millis(4400);
/// How long a goodbye may take. Nobody lists a visitor, so nobody waits for it.
const GOODBYE_MAX: Duration = Duration::from_millis(100);

/// What ends an examination early.
pub(super) struct Stop {
    pub(super) signals: Receiver<i32>,
    pub(super) reader_gone: Receiver<()>,
}

impl Stop {
    /// Nothing does.
    pub(super) fn never() -> Self {
        Self { signals: never(), reader_gone: never() }
    }
}

/// Observes for some seconds. A run of the same program may go on beside it: it is not listed, and what it knows already
/// is told too.
///
/// # Errors
/// When it is ended early, or makes no sense.
pub(super) fn observe(settings: &Settings, stop: &Stop, beside: Option<&Handle>) -> Result<Observations, Ending> {
    let clock = Clock::start();
    let interfaces = net::interfaces(&settings.interfaces).map_err(|error| error.to_string());
    let found = interfaces.as_deref().unwrap_or_default();
    let mut observed = Observations {
        asked: Asked {
            port: settings.port,
            room: settings.room_in_words(),
            sealed: settings.seal.is_sealed(),
            interfaces: !settings.interfaces.wanted.is_empty(),
        },
        links: links_of(found),
        port: PortState::NotTried,
        sockets: sockets(settings.port),
        drops: Drops::default(),
        firewall: Firewall { front: None, reading: Reading::Refused, closed: Vec::new(), unclear: false },
        gateways: Vec::new(),
        peers: Vec::new(),
        one_way: Vec::new(),
        remote: Vec::new(),
        rooms: Vec::new(),
        on_usual_port: 0,
        versions: Vec::new(),
        interfaces,
    };
    // The doctor leaves nothing behind: no key is made for him.
    let visitor = Settings { identity: Identity::Ephemeral, ..settings.clone() };
    let run = visitor.for_run(Role::Visitor, 0, true)?;
    let usual = (settings.port != wire::PORT).then(|| net::Settings { port: wire::PORT, ..run.clone() });
    let opened = net::open(run);
    let unicast = opened.as_ref().map_or(settings.port.saturating_add(1), |(handle, _)| handle.unicast_port());
    let system = ask_system(&observed, unicast);
    match opened {
        Ok((handle, events)) => {
            // Where the usual port cannot be had, nobody is heard on it.
            let usual = usual.and_then(|settings| net::open(settings).ok());
            observed.port = PortState::Open { unicast };
            let names =
                Names::new(&handle.key(), settings.nick.clone(), Known::open(&settings.identity, Keeping::Read)?);
            let mut examination = Examination {
                handle,
                events,
                stop,
                clock,
                names,
                beside,
                links: Vec::new(),
                failures: Vec::new(),
                pings: Pings::default(),
                remotes: Remotes::new(&settings.peers),
            };
            examination.listen()?;
            examination.note(&mut observed)?;
            observed.on_usual_port =
                usual.and_then(|(handle, _)| handle.peers().ok()).map_or(0, |(_, peers)| peers.len());
            examination.leave();
        }
        Err(net::Error::PortTaken { .. }) => observed.port = PortState::Held,
        Err(
            net::Error::NoSuchInterface { .. }
            | net::Error::NoInterfaceFits { .. }
            | net::Error::Interfaces(_)
            | net::Error::NoLink { .. },
        ) => {}
        Err(error) => observed.port = PortState::Unusable(error.to_string()),
    }
    if let Some((firewall, gateways)) = wait_for(&system, stop, END.saturating_sub(clock.now().since(Time::ZERO)))? {
        (observed.firewall, observed.gateways) = (firewall, gateways);
    }
    observed.drops.datagrams = net::dropped_on(&net::ports(settings.port)).unwrap_or_default();
    Ok(observed)
}

/// Asks the system in a thread of its own: its programs may be slow.
fn ask_system(observed: &Observations, unicast_port: u16) -> Receiver<(Firewall, Vec<Gateway>)> {
    let way = |link: &ObservedLink| Way { interface: link.interface.clone(), address: link.address };
    let ways: Vec<Way> = observed.links.iter().map(way).collect();
    let interfaces = observed.interfaces.clone().unwrap_or_default();
    let (port, (sender, receiver)) = (observed.asked.port, bounded(1));
    let look = move || {
        let firewall = firewall::look(&ways, port, unicast_port);
        // Whoever has ended meanwhile does not want to know.
        let _ = sender.send((firewall, gateways(&interfaces)));
    };
    // Where there is no thread, the channel ends, and nothing is known.
    let _ = thread::Builder::new().name("cooee-doctor".into()).spawn(look);
    receiver
}

fn wait_for<T>(receiver: &Receiver<T>, stop: &Stop, patience: Duration) -> Result<Option<T>, Ending> {
    select_biased! {
        recv(stop.signals) -> signal => Err(Ending::Signal(signal.unwrap_or(0))),
        recv(stop.reader_gone) -> _ => Err(Ending::Done),
        recv(receiver) -> value => Ok(value.ok()),
        recv(after(patience)) -> _ => Ok(None),
    }
}

/// The links that a run would use, where none could be started.
fn links_of(interfaces: &[Interface]) -> Vec<ObservedLink> {
    let used = interfaces.iter().filter(|interface| interface.used == Use::Used);
    let links = used.flat_map(|interface| {
        interface.addresses.iter().filter_map(|address| {
            let everybody = address.everybody?;
            let (name, mtu) = (interface.name.clone(), mtu::mtu(&interface.name, everybody));
            let (address, prefix) = (address.ip, address.prefix);
            Some(ObservedLink { interface: name, address, prefix, everybody, mtu, echo: Echo::NotTried })
        })
    });
    links.collect()
}

/// A run that only asks.
struct Examination<'a> {
    handle: Handle,
    events: Receiver<Vec<net::Event>>,
    stop: &'a Stop,
    clock: Clock,
    names: Names,
    beside: Option<&'a Handle>,
    links: Vec<Link>,
    /// By which addresses something could not be sent.
    failures: Vec<(IpAddr, SendProblem)>,
    pings: Pings,
    remotes: Remotes,
}

impl Examination<'_> {
    /// Listens until all is known that can be waited for.
    fn listen(&mut self) -> Result<(), Ending> {
        self.handle.ask_rooms()?;
        let mut until = Time::ZERO + LISTEN;
        loop {
            let now = self.clock.now();
            if now >= until {
                until = self.next_look(now)?;
                if now >= until {
                    return Ok(());
                }
            }
            select_biased! {
                recv(self.stop.signals) -> signal => return Err(Ending::Signal(signal.unwrap_or(0))),
                recv(self.stop.reader_gone) -> _ => return Err(Ending::Done),
                recv(self.events) -> batch => {
                    batch.map_err(|_| net::Closed)?.into_iter().try_for_each(|event| self.take(event))?;
                }
                recv(after(until.since(now))) -> _ => {}
            }
        }
    }

    /// When it is to be looked again whether all is known; now where it is.
    fn next_look(&self, now: Time) -> Result<Time, Ending> {
        /// How often that is looked at.
        const AGAIN: Duration = Duration::from_millis(50);
        let waits_for_pings = self.pings.are_open() && now < Time::ZERO + END;
        let (_, health) = self.handle.link_health()?;
        let hears_itself = health.iter().any(|link| link.echoed.is_some());
        let may_be_deaf = self.lacks_somebody()? || !self.handle.unanswering()?.is_empty();
        let is_on_a_lan = self.links.iter().any(|link| !link.address.is_loopback());
        let waits_for_the_deaf = may_be_deaf && hears_itself && is_on_a_lan && now < Time::ZERO + LISTEN_FOR_THE_DEAF;
        Ok(if waits_for_pings || waits_for_the_deaf { now + AGAIN } else { now })
    }

    /// Whether nobody has been found yet, or somebody is not whom the run beside this one knows.
    fn lacks_somebody(&self) -> Result<bool, Ending> {
        let (_, found) = self.handle.peers()?;
        let Some(beside) = self.beside else { return Ok(found.is_empty()) };
        let (_, known) = beside.peers()?;
        let is_found = |peer: &Peer| found.iter().any(|found| found.run == peer.run);
        Ok(known.is_empty() || !known.iter().all(is_found))
    }

    fn take(&mut self, event: net::Event) -> Result<(), Ending> {
        match event {
            net::Event::Links(links) => self.links = links,
            net::Event::SendFailed(failure) => {
                self.failures.push((failure.address, problem(&failure.error)));
            }
            net::Event::Node(Event::Joined(peer)) => {
                self.names.see(&peer);
                if self.beside.is_none_or(|beside| beside.run() != peer.run) {
                    self.pings.begin(&self.handle, peer.run)?;
                }
            }
            net::Event::Node(Event::Pong { run, way, round_trip }) => {
                self.pings.note(&self.handle, run, way, Some(round_trip))?;
            }
            net::Event::Node(Event::NoPong { run, way }) => self.pings.note(&self.handle, run, way, None)?,
            net::Event::NotReached(failure) => self.remotes.handle_not_reached(&failure),
            net::Event::Resolved(resolved) => self.remotes.handle_resolved(&resolved),
            net::Event::Node(_) => {}
        }
        Ok(())
    }

    /// Notes what the run has come to know.
    fn note(&self, observed: &mut Observations) -> Result<(), Ending> {
        let (_, health) = self.handle.link_health()?;
        let echoed = |id| health.iter().any(|link| link.link == id && link.echoed.is_some());
        observed.links = self.links.iter().map(|link| self.observed_link(link, echoed(link.id))).collect();
        let (_, mut peers) = self.handle.peers()?;
        in_order(&mut peers);
        observed.remote = self.remotes.observed(&peers);
        peers.retain(|peer| self.beside.is_none_or(|beside| beside.run() != peer.run));
        let here: Vec<IpAddr> =
            observed.interfaces.iter().flatten().flat_map(|found| &found.addresses).map(|address| address.ip).collect();
        let observe = |peer: &Peer| self.observed_peer(peer, &here);
        observed.peers = peers.iter().map(observe).collect();
        observed.one_way = self.one_way(&peers)?.iter().map(observe).collect();
        observed.rooms = self.other_rooms()?;
        observed.drops.buffer = Some(self.handle.receive_buffer()?);
        let versions = self.handle.other_versions()?;
        observed.versions =
            versions.iter().map(|other| OtherVersion { version: other.version, from: other.from }).collect();
        Ok(())
    }

    fn observed_link(&self, link: &Link, echoed: bool) -> ObservedLink {
        let (address, everybody) = (link.address, link.everybody);
        let failure = self.failures.iter().find(|(by, _)| *by == address);
        let echo = match failure {
            _ if echoed => Echo::CameBack,
            Some((_, problem)) => Echo::NotSent(*problem),
            None => Echo::Lost,
        };
        let mtu = mtu::mtu(&link.interface, everybody);
        ObservedLink { interface: link.interface.clone(), address, prefix: link.prefix, everybody, mtu, echo }
    }

    fn observed_peer(&self, peer: &Peer, here: &[IpAddr]) -> ObservedPeer {
        let Pinged { unicast, broadcast } = self.pings.outcome(peer.run);
        ObservedPeer {
            name: self.names.peer(peer),
            interface: self.interface(peer.link),
            is_here: here.contains(&peer.address.ip()),
            unicast,
            broadcast,
            hears_us: hears_us(peer),
            clock_ahead_ms: peer.clock_ahead.map(|lead| lead.millis()),
            peer: peer.clone(),
        }
    }

    fn interface(&self, id: LinkId) -> String {
        self.links.iter().find(|link| link.id == id).map_or_else(|| "-".to_owned(), |link| link.interface.clone())
    }

    /// Who is heard and hears nothing: those who were asked in vain, and those of whom the run beside this one knows it.
    fn one_way(&self, peers: &[Peer]) -> Result<Vec<Peer>, Ending> {
        let mut one_way = self.handle.unanswering()?;
        if let Some(beside) = self.beside {
            let (_, known) = beside.one_way()?;
            one_way.extend(known);
        }
        one_way.sort_by_key(|peer| peer.run);
        one_way.dedup_by_key(|peer| peer.run);
        one_way.retain(|peer| peers.iter().all(|there| there.run != peer.run));
        in_order(&mut one_way);
        Ok(one_way)
    }

    fn other_rooms(&self) -> Result<Vec<OtherRoom>, Ending> {
        let (_, rooms) = self.handle.rooms()?;
        // The own one is listed first, if somebody is in it.
        let (_, peers) = self.handle.peers()?;
        let others = rooms.into_iter().skip(usize::from(!peers.is_empty()));
        let other = |room: HeardRoom| OtherRoom { name: room.name.map(|name| name.to_string()), peers: room.peers };
        Ok(others.map(other).collect())
    }

    /// Says goodbye.
    fn leave(&self) {
        let _ = self.handle.leave();
        let deadline = after(GOODBYE_MAX);
        loop {
            select_biased! {
                recv(self.events) -> event => if event.is_err() { return },
                recv(deadline) -> _ => return,
            }
        }
    }
}

fn problem(error: &std::io::Error) -> SendProblem {
    use std::io::ErrorKind::{HostUnreachable, NetworkUnreachable, PermissionDenied};
    match error.kind() {
        PermissionDenied => SendProblem::NotPermitted,
        NetworkUnreachable | HostUnreachable => SendProblem::NoRoute,
        other => SendProblem::Other(other),
    }
}

/// Whether somebody hears this run, as far as he has told.
const fn hears_us(peer: &Peer) -> Option<bool> {
    match peer.hears_us {
        HearsUs::Yes => Some(true),
        HearsUs::No => Some(false),
        HearsUs::Unknown => None,
    }
}

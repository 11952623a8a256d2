//! `cooee ping`: how long a datagram takes to somebody and back, and whether it gets through, by unicast and by
//! broadcast.

use std::time::Duration;

use cooee::node::{Event, Peer};
use cooee::wire::{PingWay, Run};
use crossbeam_channel::never;

use super::send::FIND_MAX;
use crate::ui::arguments::PingOptions;
use crate::ui::ending::{Ending, warn};
use crate::ui::finding::{find_peers, nobody};
use crate::ui::json;
use crate::ui::output::Output;
use crate::ui::people::known::Keeping;
use crate::ui::people::names::Names;
use crate::ui::people::roster::in_order;
use crate::ui::people::whom;
use crate::ui::round_trips::{PongObject, Tally, name, outcome};
use crate::ui::safe::Safe;
use crate::ui::session::{Happening, Session};
use crate::ui::settings::Settings;

/// A round begins so long after the one before.
const ROUND: Duration = Duration::from_secs(1);
/// Most peers that are pinged where none is named: each answers with a broadcast, too.
const PEERS_MAX: usize = 20;
const WAYS: [PingWay; 2] = [PingWay::Unicast, PingWay::Broadcast];

/// Pings whoever is meant, or everybody, a few times.
pub(crate) fn ping(settings: Settings, options: &PingOptions, output: &mut Output) -> Result<(), Ending> {
    let mut session = Session::visit(&settings)?;
    let done = run(&mut session, &settings, options, output);
    session.end(done)
}

fn run(session: &mut Session, settings: &Settings, options: &PingOptions, output: &mut Output) -> Result<(), Ending> {
    find_peers(session, FIND_MAX)?;
    let (_, peers) = session.handle.peers()?;
    if peers.is_empty() {
        return Err(nobody(session, settings));
    }
    let mut names = session.names(settings, Keeping::Read)?;
    peers.iter().for_each(|peer| names.see(peer));
    let targets = meant(&names, peers, options)?;
    let mut pinger = Pinger { session, names, targets, json: options.json, output };
    let done = pinger.ping(options.count);
    // Whoever ends it early wants to know too.
    if let Ok(()) | Err(Ending::Signal(_)) = done {
        pinger.print_summary()?;
    }
    done
}

/// Who is to be pinged.
fn meant(names: &Names, mut peers: Vec<Peer>, options: &PingOptions) -> Result<Vec<Target>, Ending> {
    if let Some(typed) = &options.whom {
        peers = whom::present(typed, &whom::everybody(names, &peers)).map_err(Ending::No)?.peers;
    }
    in_order(&mut peers);
    if peers.len() > PEERS_MAX {
        warn(&format!("{} peers are there; only {PEERS_MAX} of them are pinged (name one to ping it)", peers.len()));
        peers.truncate(PEERS_MAX);
    }
    Ok(peers.into_iter().map(|peer| Target::new(names.peer(&peer), peer)).collect())
}

/// A peer that is pinged.
struct Target {
    name: Safe,
    peer: Peer,
    /// By each of [`WAYS`].
    ways: [Way; 2],
}

/// What became of the pings by one way.
#[derive(Clone, Copy, Default)]
struct Way {
    tally: Tally,
    this_round: State,
}

/// What became of this round's ping.
#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Open,
    Done(Option<Duration>),
}

impl Target {
    fn new(name: Safe, peer: Peer) -> Self {
        Self { name, peer, ways: [Way::default(); 2] }
    }

    /// How this round ended; `None` while anything is open.
    fn outcome(&self) -> Option<[Option<Duration>; 2]> {
        match self.ways.map(|way| way.this_round) {
            [State::Done(unicast), State::Done(broadcast)] => Some([unicast, broadcast]),
            _ => None,
        }
    }
}

struct Pinger<'a> {
    session: &'a mut Session,
    names: Names,
    targets: Vec<Target>,
    json: bool,
    output: &'a mut Output,
}

impl Pinger<'_> {
    fn ping(&mut self, rounds: u64) -> Result<(), Ending> {
        for round in 1..=rounds {
            let next = self.session.now() + ROUND;
            self.ping_all()?;
            while self.targets.iter().any(|target| target.outcome().is_none()) {
                if let Happening::Event(event) = self.session.next(&never::<()>(), None)? {
                    self.note(&event)?;
                }
            }
            while round < rounds && !matches!(self.session.next(&never::<()>(), Some(next))?, Happening::Deadline) {}
        }
        let came_back = |target: &Target| target.ways.iter().any(|way| way.tally.received > 0);
        if self.targets.iter().any(came_back) { Ok(()) } else { Err(Ending::No(self.nothing())) }
    }

    /// Sends the pings of a round.
    fn ping_all(&mut self) -> Result<(), Ending> {
        for at in 0..self.targets.len() {
            for (way, kind) in WAYS.into_iter().enumerate() {
                let taken = self.session.handle.ping(self.targets[at].peer.run, kind)?;
                self.targets[at].ways[way].tally.note_sent();
                self.targets[at].ways[way].this_round = State::Open;
                // Whoever has left meanwhile cannot be asked any more.
                if taken.is_err() {
                    self.end(at, way, None)?;
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, event: &Event) -> Result<(), Ending> {
        match *event {
            Event::Pong { run, way, round_trip } => self.note_outcome(run, way, Some(round_trip)),
            Event::NoPong { run, way } => self.note_outcome(run, way, None),
            _ => Ok(()),
        }
    }

    fn note_outcome(&mut self, run: Run, kind: PingWay, round_trip: Option<Duration>) -> Result<(), Ending> {
        let at = self.targets.iter().position(|target| target.peer.run == run);
        let way = WAYS.into_iter().position(|way| way == kind);
        at.zip(way).map_or(Ok(()), |(at, way)| self.end(at, way, round_trip))
    }

    /// A ping has come back, or never will: prints it as an object, or with the other one of the round as a line.
    fn end(&mut self, at: usize, way: usize, round_trip: Option<Duration>) -> Result<(), Ending> {
        let target = &mut self.targets[at];
        target.ways[way].this_round = State::Done(round_trip);
        round_trip.into_iter().for_each(|time| target.ways[way].tally.note_received(time));
        if self.json {
            let (peer, time) = (&target.peer, self.session.clock().unix());
            let standing = self.names.standing(peer.signer, peer.run);
            return json::print(&PongObject::new(peer, standing, WAYS[way], round_trip, time), self.output);
        }
        let Some([unicast, broadcast]) = target.outcome() else { return Ok(()) };
        let unicast = outcome(PingWay::Unicast, unicast);
        let line = format!("{unicast:<18}  {}", outcome(PingWay::Broadcast, broadcast));
        self.print_line(at, &line)
    }

    /// What came of all pings, two lines for each peer.
    fn print_summary(&mut self) -> Result<(), Ending> {
        if self.json {
            return Ok(());
        }
        self.output.line("")?;
        for at in 0..self.targets.len() {
            for (way, kind) in WAYS.into_iter().enumerate() {
                let words = self.targets[at].ways[way].tally.words();
                self.print_line(at, &format!("{:<9}  {words}", name(kind)))?;
            }
        }
        Ok(())
    }

    fn print_line(&mut self, at: usize, words: &str) -> Result<(), Ending> {
        let width = self.targets.iter().map(|target| target.name.width()).max().unwrap_or(0);
        self.output.line(&format!("{}  {words}", self.targets[at].name.padded(width)))
    }

    fn nothing(&self) -> String {
        match &self.targets[..] {
            [only] => format!("nothing came back from {}", only.name),
            all => format!("nothing came back from any of {} peers", all.len()),
        }
    }
}

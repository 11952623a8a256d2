//! The peer table: who is there, and since when they have been silent.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use super::link::{LinkId, Transmit};
use super::silence::BySilence;
use super::timer::{Deadline, Timer};
use crate::time::{Time, UnixMillis};
use crate::trust::PublicKey;
use crate::wire::{Beacon, BeaconInterval, Counter, Nick, Profile, Run};

/// A run that is heard, as it describes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Which run.
    pub run: Run,
    /// The key with which it signs; `None` for one that does not, and for whom anybody can pass.
    pub signer: Option<PublicKey>,
    /// What it tells of itself.
    pub profile: Profile<'static>,
    /// When it started, by its own clock.
    pub started: UnixMillis,
    /// How many peers it hears.
    pub hears: u32,
    /// The link by which it is heard.
    pub link: LinkId,
    /// Its address and its unicast port.
    pub address: SocketAddr,
    /// When it was last heard.
    pub heard: Time,
}

/// What a beacon changed in the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The run is new; somebody may have had to make room for it.
    Joined { peer: Peer, displaced: Option<Peer> },
    /// The run tells something else of itself than before.
    Told { peer: Peer, before: Box<Profile<'static>> },
    /// The run is still there.
    Refreshed,
    /// The beacon is older than what is known, or a copy.
    Stale,
    /// The table is full, and nobody has to make room for this run.
    NoRoom,
}

/// What a long silence leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// The peer shall be asked whether it is still there.
    Asked(Transmit),
    /// The peer is off the table.
    Lost(Peer, Duration),
}

/// The runs that are heard: at most [`COUNT_MAX`](Self::COUNT_MAX), of some 700 bytes each at most. When they are more,
/// somebody makes them up: of the address with the most of them, the last to come makes room. Those that are not signed
/// go before all others.
#[derive(Debug)]
pub(super) struct Peers {
    table: BySilence<Entry>,
    /// Runs that said goodbye, and the counter of it: an older beacon of theirs that comes late does not bring them
    /// back. Bounded; the oldest goes first.
    gone: VecDeque<(Run, Counter)>,
    /// No silence is due before; it may be early, never late.
    next_look: Option<Time>,
    /// How many have come so far.
    joined: u64,
}

#[derive(Debug)]
struct Entry {
    /// The how-manieth it was to come.
    joined: u64,
    /// But for `heard`, which the table holds.
    peer: Peer,
    counter: Counter,
    interval: BeaconInterval,
    /// By which links it was heard, and when last: the first of them that is still fresh is the one to use.
    paths: Vec<Path>,
    /// How often it was asked during this silence.
    asked: u8,
}

/// A way by which a run was heard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    pub(super) link: LinkId,
    /// Where its unicast goes.
    pub(super) address: SocketAddr,
    /// When it was last heard by it.
    pub(super) heard: Time,
}

/// A silent peer is asked, by unicast, after these shares of its interval (in percent), before it is given up after
/// [`LOST_PERCENT`]: that three beacons in a row get lost is no rarity in a large room, and nobody shall be shown as
/// gone who is there. One lost beacon alone makes nobody ask: two waits of 125 % are shorter.
const ASK_PERCENT: [u32; 4] = [255, 280, 305, 330];
/// A peer is lost after three and a half of its intervals.
const LOST_PERCENT: u32 = 350;

impl Peers {
    /// Most runs. Beyond it, one broadcast domain does not work well for other reasons.
    pub(super) const COUNT_MAX: usize = 4096;
    const GONE_MAX: usize = 256;
    /// More cards on one LAN than this are not told apart.
    const PATHS_MAX: usize = 4;
    /// Two datagrams that come so close together may be the same one by two cards.
    const SAME_BEACON: Duration = Duration::from_secs(1);

    pub(super) const fn new() -> Self {
        Self { table: BySilence::new(Self::COUNT_MAX), gone: VecDeque::new(), next_look: None, joined: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = Peer> {
        self.table.iter().map(|(_, heard, entry)| Peer { heard, ..entry.peer.clone() })
    }

    /// The runs that are surely still there, for others to know whom this run hears: whoever was silent for long is
    /// left out, and answers.
    pub(super) fn surely_heard(&self, now: Time) -> Vec<Run> {
        let fresh = |heard: Time, entry: &Entry| now < heard + share(entry.interval, ASK_PERCENT[0]);
        self.table.iter().filter(|(_, heard, entry)| fresh(*heard, entry)).map(|(run, ..)| run).collect()
    }

    /// The largest number of peers that one of them says it hears.
    pub(super) fn most_heard_by_one(&self) -> u32 {
        self.table.iter().map(|(_, _, entry)| entry.peer.hears).max().unwrap_or(0)
    }

    /// Takes in what a run says of itself, by this way.
    pub(super) fn handle_beacon(
        &mut self,
        (run, signer): (Run, Option<PublicKey>),
        counter: Counter,
        beacon: &Beacon<'_>,
        path: Path,
    ) -> Change {
        if let Some(entry) = self.table.get_mut(run) {
            if counter <= entry.counter {
                entry.note_copy(counter, path);
                return Change::Stale;
            }
            self.table.heard(run, path.heard);
        } else if self.gone.iter().any(|&(gone, goodbye)| gone == run && counter <= goodbye) {
            return Change::Stale;
        }
        self.look_by(path.heard + share(beacon.interval, ASK_PERCENT[0]));
        match self.table.get_mut(run) {
            Some(entry) => entry.refresh(counter, beacon, path),
            None => self.join(run, signer, counter, beacon, path),
        }
    }

    /// A beacon that has come already came once more: by another card, or recorded and played again.
    pub(super) fn handle_copy(&mut self, run: Run, counter: Counter, path: Path) {
        if let Some(entry) = self.table.get_mut(run) {
            entry.note_copy(counter, path);
        }
    }

    /// Where the run's unicast goes.
    pub(super) fn way(&self, run: Run) -> Option<Transmit> {
        self.table.get(run).map(|entry| Transmit::Unicast { link: entry.peer.link, to: entry.peer.address })
    }

    /// The key with which the run signs, and the name that it goes by.
    pub(super) fn name(&self, run: Run) -> Option<(Option<PublicKey>, Nick<'static>)> {
        self.table.get(run).map(|entry| (entry.peer.signer, entry.peer.profile.nick.clone()))
    }

    /// A datagram that is no beacon came from the run: it is there.
    pub(super) fn handle_sign_of_life(&mut self, now: Time, run: Run) {
        if let Some(entry) = self.table.heard(run, now) {
            entry.asked = 0;
        }
    }

    /// Takes a run off the table that says goodbye.
    pub(super) fn handle_goodbye(&mut self, run: Run, counter: Counter) -> Option<Peer> {
        if self.table.get_mut(run).is_some_and(|entry| counter <= entry.counter) {
            return None;
        }
        // Also of a run that is not in the table: its beacon may be the one that comes late.
        self.gone.retain(|&(gone, _)| gone != run);
        if self.gone.len() >= Self::GONE_MAX {
            self.gone.pop_front();
        }
        self.gone.push_back((run, counter));
        self.table.remove(run).map(|entry| entry.peer)
    }

    /// Forgets the ways by links that are no longer there. Who was heard only by these stays, until he is lost.
    pub(super) fn handle_links(&mut self, is_there: impl Fn(LinkId) -> bool) {
        let runs: Vec<Run> = self.table.iter().map(|(run, ..)| run).collect();
        for run in runs {
            if let Some(entry) = self.table.get_mut(run) {
                entry.paths.retain(|path| is_there(path.link));
                entry.use_best_path();
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.next_look.map(|at| Deadline { at, timer: Timer::Silence })
    }

    /// What silences have lasted too long by now.
    pub(super) fn handle_timeout(&mut self, now: Time) -> Vec<Silence> {
        if self.next_look.is_none_or(|at| now < at) {
            return Vec::new();
        }
        let due: Vec<(Run, Time)> = self
            .table
            .iter()
            .filter(|(_, heard, entry)| entry.due(*heard) <= now)
            .map(|(run, at, _)| (run, at))
            .collect();
        let silences = due.into_iter().filter_map(|(run, heard)| self.handle_silence(now, run, heard)).collect();
        self.next_look = self.table.iter().map(|(_, heard, entry)| entry.due(heard)).min();
        silences
    }

    fn handle_silence(&mut self, now: Time, run: Run, heard: Time) -> Option<Silence> {
        let entry = self.table.get_mut(run)?;
        if heard + share(entry.interval, LOST_PERCENT) <= now {
            let entry = self.table.remove(run)?;
            return Some(Silence::Lost(Peer { heard, ..entry.peer }, now.since(heard)));
        }
        entry.asked += 1;
        Some(Silence::Asked(Transmit::Unicast { link: entry.peer.link, to: entry.peer.address }))
    }

    fn join(
        &mut self,
        run: Run,
        signer: Option<PublicKey>,
        counter: Counter,
        beacon: &Beacon<'_>,
        path: Path,
    ) -> Change {
        let peer = Peer {
            run,
            signer,
            profile: beacon.profile.clone().into_owned(),
            started: beacon.started,
            hears: beacon.hears,
            link: path.link,
            address: path.address,
            heard: path.heard,
        };
        let displaced = match self.make_room(&peer) {
            Ok(displaced) => displaced,
            Err(NoRoom) => return Change::NoRoom,
        };
        self.joined += 1;
        let (joined, paths) = (self.joined, Vec::from([path]));
        let entry = Entry { joined, peer: peer.clone(), counter, interval: beacon.interval, paths, asked: 0 };
        self.table.insert(run, path.heard, entry);
        self.gone.retain(|&(gone, _)| gone != run);
        Change::Joined { peer, displaced }
    }

    /// Takes somebody off a full table for whoever is new there; gives him.
    fn make_room(&mut self, newcomer: &Peer) -> Result<Option<Peer>, NoRoom> {
        if self.table.len() < Self::COUNT_MAX {
            return Ok(None);
        }
        if newcomer.signer.is_none() {
            return Err(NoRoom);
        }
        let mut crowds: BTreeMap<(bool, IpAddr), usize> = BTreeMap::new();
        for peer in self.table.iter().map(|(.., entry)| &entry.peer).chain([newcomer]) {
            *crowds.entry(crowd_of(peer)).or_default() += 1;
        }
        let largest = crowds.into_iter().max_by_key(|((is_signed, _), count)| (!is_signed, *count)).ok_or(NoRoom)?.0;
        if largest == crowd_of(newcomer) {
            return Err(NoRoom);
        }
        let of_it = self.table.iter().filter(|(.., entry)| crowd_of(&entry.peer) == largest);
        let last = of_it.max_by_key(|(.., entry)| entry.joined).map(|(run, ..)| run).ok_or(NoRoom)?;
        Ok(self.table.remove(last).map(|entry| entry.peer))
    }

    fn look_by(&mut self, at: Time) {
        self.next_look = Some(self.next_look.map_or(at, |next| next.min(at)));
    }
}

/// The table is full of others.
struct NoRoom;

/// Whom a peer shares his place with when the table is full: those who sign, or not, at the same address.
const fn crowd_of(peer: &Peer) -> (bool, IpAddr) {
    (peer.signer.is_some(), peer.address.ip())
}

impl Entry {
    fn refresh(&mut self, counter: Counter, beacon: &Beacon<'_>, path: Path) -> Change {
        self.counter = counter;
        self.interval = beacon.interval;
        self.asked = 0;
        self.peer.hears = beacon.hears;
        self.peer.heard = path.heard;
        self.note_path(path);
        if self.peer.profile == beacon.profile {
            return Change::Refreshed;
        }
        let before = core::mem::replace(&mut self.peer.profile, beacon.profile.clone().into_owned());
        Change::Told { peer: self.peer.clone(), before: Box::new(before) }
    }

    /// A copy of the last beacon shows another way to the run, but never that a way has changed: anybody can play it.
    fn note_copy(&mut self, counter: Counter, path: Path) {
        let known = self.paths.iter().find(|known| known.link == path.link);
        if counter == self.counter && known.is_none_or(|known| known.address == path.address) {
            self.note_path(path);
        }
    }

    fn note_path(&mut self, path: Path) {
        if let Some(known) = self.paths.iter_mut().find(|known| known.link == path.link) {
            *known = path;
        } else if self.paths.len() < Peers::PATHS_MAX {
            self.paths.push(path);
        }
        self.use_best_path();
    }

    /// The first path that is as fresh as the freshest: so a peer that is heard by two cards does not hop between
    /// them, and one whose cable was pulled is reached by the other.
    fn use_best_path(&mut self) {
        let Some(freshest) = self.paths.iter().map(|path| path.heard).max() else { return };
        if let Some(path) = self.paths.iter().find(|path| freshest.since(path.heard) < Peers::SAME_BEACON) {
            self.peer.link = path.link;
            self.peer.address = path.address;
        }
    }

    /// When its silence, which began at `heard`, next leads to something.
    fn due(&self, heard: Time) -> Time {
        let percent = ASK_PERCENT.get(usize::from(self.asked)).copied().unwrap_or(LOST_PERCENT);
        heard + share(self.interval, percent)
    }
}

fn share(interval: BeaconInterval, percent: u32) -> Duration {
    interval.duration() * percent / 100
}

#[cfg(test)]
mod tests;

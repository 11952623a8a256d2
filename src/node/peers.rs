//! The peer table: who is there, and since when they have been silent.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use super::bucket::TokenBucket;
use super::clock::ClockLead;
use super::hears_us::HearsUs;
use super::link::{LinkId, Transmit, Way};
use super::paths::Path;
use super::portrait::{Portrait, Sighting};
use super::table::Table;
use super::timer::{Deadline, Timer};
use crate::time::{Time, UnixMillis};
use crate::trust::PublicKey;
use crate::wire::{Beacon, BeaconInterval, Counter, Nick, Profile, Run, RunAddress};

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
    /// The link by which it is best heard.
    pub link: LinkId,
    /// Its address there and its unicast port.
    pub address: SocketAddr,
    /// All ways by which it was heard lately, the best one first: never none, and four at most.
    pub ways: Vec<Way>,
    /// Whether it hears this run.
    pub hears_us: HearsUs,
    /// By how much its clock is ahead of this run's; `None` until it tells what its clock says.
    pub clock_ahead: Option<ClockLead>,
    /// When it was last heard.
    pub heard: Time,
}

/// What a beacon changed in the table.
#[derive(Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "it is looked at at once, and few are kept at a time")]
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
#[allow(clippy::large_enum_variant, reason = "it is looked at at once, and few are kept at a time")]
pub(super) enum Silence {
    /// The peer shall be asked whether it is still there.
    Asked(Transmit),
    /// The peer is off the table.
    Lost(Peer, Duration),
}

/// The runs that are heard: at most [`COUNT_MAX`](Self::COUNT_MAX), of some 200 bytes each, and 1,000 at most.
/// When they are more, somebody makes them up: of the address with the most of them, the last to come makes room. Those
/// that are not signed go before all others.
#[derive(Debug)]
pub(super) struct Peers {
    /// At most [`COUNT_MAX`](Self::COUNT_MAX).
    table: Table<Run, Entry>,
    /// Runs that said goodbye, and the counter of it: an older beacon of theirs that comes late does not bring them
    /// back. Bounded; the oldest goes first.
    gone: VecDeque<(Run, Counter)>,
    /// When to look whom to ask. It may be early, and late by how long questions are put off, no more.
    ask_at: Option<Time>,
    /// When to look who is lost. It may be early, never late.
    lose_at: Option<Time>,
    /// For this share of [`ASK_WITHIN_PERCENT`] questions are put off; 0 to 1, and drawn anew each time.
    put_off: f64,
    /// How many have come so far. After 2^32 of them, who came last is not known any more.
    joined: u32,
    /// Whoever misses more than it holds has lost the LAN, not beacons. Among many, at a loss of one in five, each
    /// misses somebody 0.6 times a second.
    asks: TokenBucket,
}

#[derive(Debug)]
struct Entry {
    /// The how-manieth it was to come.
    joined: u32,
    portrait: Portrait,
    /// When it was last heard.
    heard: Time,
    /// How often it was asked during this silence.
    asked: u8,
}

/// A silent peer is asked, by unicast, after these shares of its interval (in percent), before it is given up after
/// [`LOST_PERCENT`]: that three beacons in a row get lost is no rarity in a large room, and nobody shall be shown as
/// gone who is there. One lost beacon alone makes nobody ask: two waits of 125 % are shorter.
const ASK_PERCENT: [u32; 4] = [255, 275, 295, 315];
/// Each question is put off for up to this share, at random: all miss the same beacon, and a thousand questions at one
/// moment to somebody who is dead would be a thousand broadcasts, by which the system asks for his hardware address.
const ASK_WITHIN_PERCENT: u32 = 20;
/// A peer is lost after three and a half of its intervals.
const LOST_PERCENT: u32 = 350;

impl Peers {
    /// Most runs. Beyond it, one broadcast domain does not work well for other reasons.
    pub(super) const COUNT_MAX: usize = 8192;
    const GONE_MAX: usize = 256;

    pub(super) fn new(rng: &mut fastrand::Rng) -> Self {
        let asks = TokenBucket::new(32, Duration::from_millis(500));
        let put_off = rng.f64();
        Self { table: Table::new(), gone: VecDeque::new(), ask_at: None, lose_at: None, put_off, joined: 0, asks }
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = Peer> {
        self.table.iter().map(|(run, entry)| entry.peer(run))
    }

    /// The runs that are surely still there, for others to know whom this run hears: whoever was silent for long is
    /// left out, and answers.
    pub(super) fn surely_heard(&self, now: Time) -> Vec<Run> {
        let fresh = |entry: &Entry| now < entry.heard + entry.portrait.interval().share(ASK_PERCENT[0]);
        self.table.rows().filter(|(_, entry)| fresh(entry)).map(|(run, _)| run).collect()
    }

    /// The largest number of peers that one of them says it hears.
    pub(super) fn most_heard_by_one(&self) -> u32 {
        self.table.values().map(|entry| entry.portrait.hears()).max().unwrap_or(0)
    }

    /// Takes in what a run says of itself, by this way.
    pub(super) fn handle_beacon(
        &mut self,
        (run, signer): (Run, Option<PublicKey>),
        counter: Counter,
        beacon: &Beacon<'_>,
        sighting: Sighting,
    ) -> Change {
        let now = sighting.path.heard;
        if let Some(entry) = self.table.get_mut(run) {
            if counter <= entry.portrait.counter() {
                entry.portrait.note_copy(counter, sighting.path);
                return Change::Stale;
            }
            entry.heard = now;
        } else if self.gone.iter().any(|&(gone, goodbye)| gone == run && counter <= goodbye) {
            return Change::Stale;
        }
        self.look_for_silence_from(now, beacon.interval);
        match self.table.get_mut(run) {
            Some(entry) => entry.refresh(run, counter, beacon, sighting),
            None => self.join(run, now, Portrait::new(signer, counter, beacon, sighting)),
        }
    }

    /// Whether a beacon of the run came within the last moment.
    pub(super) fn was_just_heard(&self, now: Time, run: Run) -> bool {
        self.table.get(run).is_some_and(|entry| entry.portrait.was_just_heard(now))
    }

    /// Whether a beacon tells nothing that this run has not just told.
    pub(super) fn has_just_told(&self, run: Run, beacon: &Beacon<'_>, sighting: Sighting) -> bool {
        let hears = u32::try_from(self.len()).unwrap_or(u32::MAX);
        self.table.get(run).is_some_and(|entry| entry.portrait.has_just_told(beacon, sighting, hears))
    }

    /// A beacon that has come already came once more: by another card, or recorded and played again.
    pub(super) fn handle_copy(&mut self, run: Run, counter: Counter, path: Path) {
        if let Some(entry) = self.table.get_mut(run) {
            entry.portrait.note_copy(counter, path);
        }
    }

    /// Where the run's unicast goes.
    pub(super) fn way(&self, run: Run) -> Option<Transmit> {
        self.table.get(run).map(Entry::way)
    }

    /// Where all of them are, by run, as far as an address is fit to be told to others.
    pub(super) fn addresses(&self, is_fit: impl Fn(SocketAddr) -> bool) -> Vec<RunAddress> {
        let address = |entry: &Entry| {
            entry.portrait.paths().ways().iter().map(|way| way.address).find(|address| is_fit(*address))
        };
        self.table.iter().filter_map(|(run, entry)| Some(RunAddress { run, address: address(entry)? })).collect()
    }

    /// Where the run's unicast goes by this link, if it was heard by it.
    pub(super) fn way_by(&self, run: Run, link: LinkId) -> Option<Transmit> {
        let ways = self.table.get(run)?.portrait.paths().ways();
        let way = ways.iter().find(|way| way.link == link)?;
        Some(Transmit::Unicast { link, to: way.address })
    }

    /// The key with which the run signs.
    pub(super) fn signer(&self, run: Run) -> Option<PublicKey> {
        self.table.get(run)?.portrait.signer()
    }

    /// The key with which the run signs, and the name that it goes by.
    pub(super) fn name(&self, run: Run) -> Option<(Option<PublicKey>, Nick<'static>)> {
        let portrait = &self.table.get(run)?.portrait;
        Some((portrait.signer(), portrait.nick()))
    }

    /// A datagram that is no beacon came from the run: it is there.
    pub(super) fn handle_sign_of_life(&mut self, now: Time, run: Run) {
        if let Some(entry) = self.table.get_mut(run) {
            entry.heard = now;
            entry.asked = 0;
        }
    }

    /// Takes a run off the table that says goodbye.
    pub(super) fn handle_goodbye(&mut self, run: Run, counter: Counter) -> Option<Peer> {
        if self.table.get_mut(run).is_some_and(|entry| counter <= entry.portrait.counter()) {
            return None;
        }
        // Also of a run that is not in the table: its beacon may be the one that comes late.
        self.gone.retain(|&(gone, _)| gone != run);
        if self.gone.len() >= Self::GONE_MAX {
            self.gone.pop_front();
        }
        self.gone.push_back((run, counter));
        self.take_off(run)
    }

    /// Forgets the ways by links that are no longer there. Who was heard only by these stays, until he is lost.
    pub(super) fn handle_links(&mut self, is_there: impl Fn(LinkId) -> bool) {
        self.table.values_mut().for_each(|entry| entry.portrait.handle_links(&is_there));
    }

    /// This run calls anew: whoever did not hear it may do now.
    pub(super) fn handle_call(&mut self) {
        self.table.values_mut().for_each(|entry| entry.portrait.handle_call());
    }

    /// Our own clock was set, or the machine has slept.
    pub(super) fn forget_clocks(&mut self) {
        self.table.values_mut().for_each(|entry| entry.portrait.forget_clock());
    }

    /// Whether the run told lately that it does not hear this one, and may have been wrong.
    pub(super) fn is_in_doubt(&self, run: Run) -> bool {
        self.table.get(run).is_some_and(|entry| entry.portrait.is_in_doubt())
    }

    /// The run, if it is to be told that it does not hear this one, or that it does again.
    pub(super) fn turned(&self, run: Run) -> Option<Peer> {
        let entry = self.table.get(run)?;
        entry.portrait.is_turned().then(|| entry.peer(run))
    }

    /// That was told.
    pub(super) fn handle_turn_told(&mut self, run: Run) {
        if let Some(entry) = self.table.get_mut(run) {
            entry.portrait.handle_turn_told();
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.ask_at.into_iter().chain(self.lose_at).min().map(|at| Deadline { at, timer: Timer::Silence })
    }

    /// What silences have lasted too long by now.
    pub(super) fn handle_timeout(&mut self, now: Time, rng: &mut fastrand::Rng) -> Vec<Silence> {
        let is_due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        let (asks, loses) = (is_due(self.ask_at), is_due(self.lose_at));
        if !asks && !loses {
            return Vec::new();
        }
        // All lose somebody at one moment, and shall not ask for others then.
        let is_looked_for = |entry: &Entry| if entry.is_asked_enough() { loses } else { asks };
        let due = self.table.rows().filter(|(_, entry)| is_looked_for(entry) && entry.due() <= now);
        let due: Vec<Run> = due.map(|(run, _)| run).collect();
        let silences = due.into_iter().filter_map(|run| self.handle_silence(now, run)).collect();
        if asks {
            self.put_off = rng.f64();
        }
        self.look_again();
        silences
    }

    fn handle_silence(&mut self, now: Time, run: Run) -> Option<Silence> {
        let entry = self.table.get_mut(run)?;
        let heard = entry.heard;
        if heard + entry.portrait.interval().share(LOST_PERCENT) <= now {
            return self.take_off(run).map(|peer| Silence::Lost(peer, now.since(heard)));
        }
        entry.asked += 1;
        self.asks.take(now).then_some(Silence::Asked(entry.way()))
    }

    fn look_again(&mut self) {
        let entries = || self.table.values();
        self.lose_at = entries().filter(|entry| entry.is_asked_enough()).map(Entry::due).min();
        let asked = entries().filter(|entry| !entry.is_asked_enough());
        self.ask_at = asked.map(|entry| entry.due() + self.put_off(entry.portrait.interval())).min();
    }

    /// Somebody is heard now: looks in time whether he stays silent from now on.
    fn look_for_silence_from(&mut self, now: Time, interval: BeaconInterval) {
        let due = now + interval.share(ASK_PERCENT[0]);
        // Mostly it is looked sooner anyway.
        if self.ask_at.is_none_or(|next| due < next) {
            let at = due + self.put_off(interval);
            self.ask_at = Some(self.ask_at.map_or(at, |next| next.min(at)));
        }
    }

    fn put_off(&self, interval: BeaconInterval) -> Duration {
        interval.share(ASK_WITHIN_PERCENT).mul_f64(self.put_off)
    }

    fn join(&mut self, run: Run, now: Time, portrait: Portrait) -> Change {
        let displaced = match self.make_room(&portrait) {
            Ok(displaced) => displaced,
            Err(NoRoom) => return Change::NoRoom,
        };
        let peer = portrait.peer(run, now);
        self.joined = self.joined.saturating_add(1);
        self.table.insert(run, Entry { joined: self.joined, portrait, heard: now, asked: 0 });
        self.gone.retain(|&(gone, _)| gone != run);
        Change::Joined { peer, displaced }
    }

    /// Takes somebody off a full table for whoever is new there; gives him.
    fn make_room(&mut self, newcomer: &Portrait) -> Result<Option<Peer>, NoRoom> {
        if self.table.len() < Self::COUNT_MAX {
            return Ok(None);
        }
        if newcomer.signer().is_none() {
            return Err(NoRoom);
        }
        let mut crowds: BTreeMap<(bool, IpAddr), usize> = BTreeMap::new();
        for portrait in self.table.values().map(|entry| &entry.portrait).chain([newcomer]) {
            *crowds.entry(crowd_of(portrait)).or_default() += 1;
        }
        let largest = crowds.into_iter().max_by_key(|((is_signed, _), count)| (!is_signed, *count)).ok_or(NoRoom)?.0;
        if largest == crowd_of(newcomer) {
            return Err(NoRoom);
        }
        let of_it = self.table.rows().filter(|(_, entry)| crowd_of(&entry.portrait) == largest);
        let last = of_it.max_by_key(|(_, entry)| entry.joined).map(|(run, _)| run).ok_or(NoRoom)?;
        Ok(self.take_off(last))
    }

    fn take_off(&mut self, run: Run) -> Option<Peer> {
        self.table.remove(run).map(|entry| entry.value.peer(run))
    }
}

/// The table is full of others.
struct NoRoom;

/// Whom a peer shares his place with when the table is full: those who sign, or not, at the same address.
fn crowd_of(portrait: &Portrait) -> (bool, IpAddr) {
    (portrait.signer().is_some(), portrait.best_way().address.ip())
}

impl Entry {
    fn refresh(&mut self, run: Run, counter: Counter, beacon: &Beacon<'_>, sighting: Sighting) -> Change {
        self.asked = 0;
        match self.portrait.refresh(counter, beacon, sighting) {
            Some(before) => Change::Told { peer: self.peer(run), before },
            None => Change::Refreshed,
        }
    }

    fn peer(&self, run: Run) -> Peer {
        self.portrait.peer(run, self.heard)
    }

    fn way(&self) -> Transmit {
        let Way { link, address } = self.portrait.best_way();
        Transmit::Unicast { link, to: address }
    }

    /// Whether it is lost if it stays silent.
    fn is_asked_enough(&self) -> bool {
        usize::from(self.asked) >= ASK_PERCENT.len()
    }

    /// When its silence next leads to something, or may do.
    fn due(&self) -> Time {
        let percent = ASK_PERCENT.get(usize::from(self.asked)).copied().unwrap_or(LOST_PERCENT);
        self.heard + self.portrait.interval().share(percent)
    }
}

#[cfg(test)]
mod tests;

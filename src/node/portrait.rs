//! A run as its beacons show it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use super::clock::{Clock, ClockLead};
use super::hears_us::{HearsUs, Testimony};
use super::link::{LinkId, Way};
use super::paths::{Path, Paths};
use super::peers::Peer;
use crate::time::Time;
use crate::trust::PublicKey;
use crate::wire::{Beacon, BeaconInterval, Counter, Hears, Profile, Run};

/// What is known of a run by its beacons: some 900 bytes at most.
#[derive(Debug)]
pub(super) struct Portrait {
    peer: Peer,
    counter: Counter,
    interval: BeaconInterval,
    paths: Paths,
    clock: Clock,
    testimony: Testimony,
}

/// How a beacon came, and what it means to this run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighting {
    pub(super) path: Path,
    /// By how much its sender's clock is ahead, as long as it took no time to come.
    pub(super) ahead: ClockLead,
    /// Whether its sender hears this run.
    pub(super) tells: Hears,
}

/// A path by which nothing came for this share of an interval (in percent), while something did by others, is not to
/// be used any more: two beacons in a row may get lost on it.
const PATH_FORGOTTEN_PERCENT: u32 = 350;

/// Shorter than the time between any two beacons that show that a run is still there: only the hellos and answers of a
/// start come so close together.
const JUST_NOW: Duration = Duration::from_secs(1);

impl Portrait {
    pub(super) fn new(
        (run, signer): (Run, Option<PublicKey>),
        counter: Counter,
        beacon: &Beacon<'_>,
        sighting: Sighting,
    ) -> Self {
        let Path { link, address, heard } = sighting.path;
        let peer = Peer {
            run,
            signer,
            profile: beacon.profile.clone().into_owned(),
            started: beacon.started,
            hears: beacon.hears,
            link,
            address,
            ways: Vec::from([Way { link, address }]),
            hears_us: HearsUs::Unknown,
            clock_ahead: None,
            heard,
        };
        let (paths, interval) = (Paths::of(sighting.path), beacon.interval);
        let (clock, testimony) = (Clock::default(), Testimony::default());
        let mut portrait = Self { peer, counter, interval, paths, clock, testimony };
        portrait.listen(sighting);
        portrait
    }

    /// The run as it is now; `heard` is when its last beacon came.
    pub(super) const fn peer(&self) -> &Peer {
        &self.peer
    }

    pub(super) fn into_peer(self) -> Peer {
        self.peer
    }

    /// That of its last beacon.
    pub(super) const fn counter(&self) -> Counter {
        self.counter
    }

    /// This share of the time between two of its beacons, in percent.
    pub(super) fn share_of_interval(&self, percent: u32) -> Duration {
        share(self.interval, percent)
    }

    /// A newer beacon has come; gives what the run told of itself until now, if that was something else.
    pub(super) fn refresh(
        &mut self,
        counter: Counter,
        beacon: &Beacon<'_>,
        sighting: Sighting,
    ) -> Option<Box<Profile<'static>>> {
        self.counter = counter;
        self.interval = beacon.interval;
        self.peer.hears = beacon.hears;
        self.peer.heard = sighting.path.heard;
        self.note_path(sighting.path);
        self.listen(sighting);
        let is_other = self.peer.profile != beacon.profile;
        is_other.then(|| Box::new(core::mem::replace(&mut self.peer.profile, beacon.profile.clone().into_owned())))
    }

    /// Whether the last beacon came within the last moment.
    pub(super) fn was_just_heard(&self, now: Time) -> bool {
        now.since(self.peer.heard) < JUST_NOW
    }

    /// Whether a beacon tells nothing but what the last one told, a moment ago and by the same way. One more that hears no
    /// more than `hears` peers, or than it did, is nothing new either.
    pub(super) fn has_just_told(&self, beacon: &Beacon<'_>, sighting: Sighting, hears: u32) -> bool {
        let Path { link, address, heard } = sighting.path;
        self.was_just_heard(heard)
            && (link, address) == (self.peer.link, self.peer.address)
            && beacon.interval == self.interval
            && beacon.hears <= hears.max(self.peer.hears)
            && (sighting.tells, self.peer.hears_us) == (Hears::Surely, HearsUs::Yes)
            && beacon.profile == self.peer.profile
    }

    /// A copy of the last beacon shows another way to the run, but never that a way has changed: anybody can play it.
    pub(super) fn note_copy(&mut self, counter: Counter, path: Path) {
        if counter == self.counter && !self.paths.contradict(path) {
            self.note_path(path);
        }
    }

    /// Forgets the ways by links that are no longer there.
    pub(super) fn handle_links(&mut self, is_there: impl Fn(LinkId) -> bool) {
        self.paths.retain(is_there);
        self.use_best_path();
    }

    /// This run calls anew.
    pub(super) fn handle_call(&mut self) {
        self.testimony.begin_anew();
    }

    /// Our own clock was set.
    pub(super) fn forget_clock(&mut self) {
        self.clock.forget();
        self.peer.clock_ahead = None;
    }

    /// Whether its last beacons told that it does not hear this run, and may have been wrong.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.testimony.is_in_doubt()
    }

    /// Whether it is to be told that the run does not hear this one, or that it does again.
    pub(super) fn is_turned(&self) -> bool {
        self.testimony.is_news()
    }

    /// That was told.
    pub(super) fn handle_turn_told(&mut self) {
        self.testimony.handle_told();
    }

    fn listen(&mut self, sighting: Sighting) {
        self.clock.note(sighting.ahead);
        self.testimony.handle_beacon(sighting.path.heard, sighting.tells);
        self.peer.clock_ahead = self.clock.lead();
        self.peer.hears_us = self.testimony.stands();
    }

    fn note_path(&mut self, path: Path) {
        self.paths.note(path, share(self.interval, PATH_FORGOTTEN_PERCENT));
        self.use_best_path();
    }

    /// Whoever is heard by no path any more is still best reached where he was last.
    fn use_best_path(&mut self) {
        let ways = self.paths.ways();
        if let Some(best) = ways.first() {
            self.peer.link = best.link;
            self.peer.address = best.address;
            self.peer.ways = ways;
        }
    }
}

pub(super) fn share(interval: BeaconInterval, percent: u32) -> Duration {
    interval.duration() * percent / 100
}

//! A run as its beacons show it.

use alloc::boxed::Box;
use core::time::Duration;

use super::clock::{Clock, ClockLead};
use super::hears_us::{HearsUs, Testimony};
use super::link::{LinkId, Way};
use super::packed_profile::PackedProfile;
use super::paths::{Path, Paths};
use super::peers::Peer;
use crate::time::{Time, UnixMillis};
use crate::trust::PublicKey;
use crate::wire::{Beacon, BeaconInterval, Counter, Hears, Nick, Profile, Run};

/// What is known of a run by its beacons, in as little memory as can be: whoever wants to see it gets a [`Peer`] made.
#[derive(Debug)]
pub(super) struct Portrait {
    signer: Option<PublicKey>,
    counter: Counter,
    /// When the last beacon came.
    told: Time,
    interval: BeaconInterval,
    hears: u32,
    started: UnixMillis,
    profile: PackedProfile,
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
    pub(super) fn new(signer: Option<PublicKey>, counter: Counter, beacon: &Beacon<'_>, sighting: Sighting) -> Self {
        let mut portrait = Self {
            signer,
            counter,
            interval: beacon.interval,
            hears: beacon.hears,
            told: sighting.path.heard,
            started: beacon.started,
            profile: PackedProfile::of(&beacon.profile),
            paths: Paths::of(sighting.path),
            clock: Clock::default(),
            testimony: Testimony::default(),
        };
        portrait.listen(sighting);
        portrait
    }

    /// The run as it is now; `heard` is when it was last heard.
    pub(super) fn peer(&self, run: Run, heard: Time) -> Peer {
        let Way { link, address } = self.best_way();
        Peer {
            run,
            signer: self.signer,
            profile: self.profile.unpack(),
            started: self.started,
            hears: self.hears,
            link,
            address,
            ways: self.paths.ways(),
            hears_us: self.hears_us(),
            clock_ahead: self.clock.lead(),
            heard,
        }
    }

    /// The key with which it signs.
    pub(super) const fn signer(&self) -> Option<PublicKey> {
        self.signer
    }

    pub(super) fn nick(&self) -> Nick<'static> {
        self.profile.nick()
    }

    /// How many peers it hears.
    pub(super) const fn hears(&self) -> u32 {
        self.hears
    }

    /// Whether it hears this run.
    pub(super) const fn hears_us(&self) -> HearsUs {
        self.testimony.stands()
    }

    /// Where its unicast goes.
    pub(super) fn best_way(&self) -> Way {
        self.paths.best()
    }

    /// All ways to it.
    pub(super) const fn paths(&self) -> &Paths {
        &self.paths
    }

    /// That of its last beacon.
    pub(super) const fn counter(&self) -> Counter {
        self.counter
    }

    /// The mean time between two of its beacons.
    pub(super) const fn interval(&self) -> BeaconInterval {
        self.interval
    }

    /// A newer beacon has come; gives what the run told of itself until now, if that was something else.
    pub(super) fn refresh(
        &mut self,
        counter: Counter,
        beacon: &Beacon<'_>,
        sighting: Sighting,
    ) -> Option<Box<Profile<'static>>> {
        self.counter = counter;
        self.told = sighting.path.heard;
        self.interval = beacon.interval;
        self.hears = beacon.hears;
        self.note_path(sighting.path);
        self.listen(sighting);
        if self.profile.is(&beacon.profile) {
            return None;
        }
        let before = core::mem::replace(&mut self.profile, PackedProfile::of(&beacon.profile));
        Some(Box::new(before.unpack()))
    }

    /// Whether the last beacon came within the last moment.
    pub(super) fn was_just_heard(&self, now: Time) -> bool {
        now.since(self.told) < JUST_NOW
    }

    /// Whether a beacon tells nothing but what the last one told, a moment ago and by the same way. One more that hears no
    /// more than `hears` peers, or than it did, is nothing new either.
    pub(super) fn has_just_told(&self, beacon: &Beacon<'_>, sighting: Sighting, hears: u32) -> bool {
        let Path { link, address, heard } = sighting.path;
        self.was_just_heard(heard)
            && Way { link, address } == self.best_way()
            && beacon.interval == self.interval
            && beacon.hears <= hears.max(self.hears)
            && (sighting.tells, self.hears_us()) == (Hears::Surely, HearsUs::Yes)
            && self.profile.is(&beacon.profile)
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
    }

    /// This run calls anew.
    pub(super) fn handle_call(&mut self) {
        self.testimony.begin_anew();
    }

    /// Our own clock was set.
    pub(super) fn forget_clock(&mut self) {
        self.clock.forget();
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
    }

    fn note_path(&mut self, path: Path) {
        self.paths.note(path, self.interval.share(PATH_FORGOTTEN_PERCENT));
    }
}

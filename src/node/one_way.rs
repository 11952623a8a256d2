//! Those who are heard and do not hear this run.
//!
//! Whoever signs is in the peer table only when he has shown that he is there now, by naming this run. One who does not
//! hear it never does: he is kept here, apart, so that it can be told what is wrong. As nothing shows that he is there
//! *now*, no more is done for him than that: whoever plays recorded beacons again, in their order and at their pace, can
//! make somebody seem to be there who was once, and to be deaf.

use core::time::Duration;

use super::bucket::TokenBucket;
use super::leaving::Leaving;
use super::peers::Peer;
use super::portrait::{Portrait, Sighting};
use super::silence::BySilence;
use super::{Event, HearsUs, Node, acks, crowd};
use crate::time::Time;
use crate::trust::PublicKey;
use crate::wire::{Beacon, Counter, Hears, Run};

/// Runs that sign and have not shown that they are there.
#[derive(Debug)]
pub(super) struct OneWay {
    /// At most [`COUNT_MAX`](Self::COUNT_MAX); whoever was silent for longest makes room.
    runs: BySilence<Unproven>,
    /// What may be told, as anybody can make up runs: some at once, and one each quarter of a minute.
    tells: TokenBucket,
    /// How often all are called because somebody told that he does not hear this run; that too anybody can make up.
    calls: TokenBucket,
}

#[derive(Debug)]
struct Unproven {
    portrait: Portrait,
    since: Time,
    /// How many beacons have come since then, each newer than the one before.
    beacons: u32,
    /// How often he was asked to show that he is there.
    asked: usize,
}

/// He is heard for a while when it is so long,
const A_WHILE: Duration = Duration::from_secs(5);
/// and so many beacons have come of him, each newer than the one before,
const BEACONS_MIN: u32 = 2;
/// and he was asked so often.
const ASKED_MIN: usize = 3;
/// He is silent for good after this share of the time between two of his beacons, as a peer is.
const LOST_PERCENT: u32 = 350;

impl OneWay {
    const COUNT_MAX: usize = 1024;

    pub(super) const fn new() -> Self {
        Self {
            runs: BySilence::new(Self::COUNT_MAX),
            tells: TokenBucket::new(8, Duration::from_secs(15)),
            calls: TokenBucket::new(2, Duration::from_secs(5)),
        }
    }

    /// He has shown that he is there.
    pub(super) fn handle_proven(&mut self, run: Run) {
        self.runs.remove(run);
    }

    /// This run calls anew: whoever did not hear it may do now.
    pub(super) fn handle_call(&mut self) {
        self.runs.values_mut().for_each(|unproven| unproven.portrait.handle_call());
    }

    /// Our own clock was set, or the machine has slept.
    pub(super) fn forget_clocks(&mut self) {
        self.runs.values_mut().for_each(|unproven| unproven.portrait.forget_clock());
    }

    /// A beacon has come of a run that may not be there, and was asked so often; gives it when it is to be told that it
    /// does not hear this one.
    fn handle_beacon(
        &mut self,
        (run, key): (Run, PublicKey),
        counter: Counter,
        beacon: &Beacon<'_>,
        sighting: Sighting,
        asked: usize,
    ) -> Option<Peer> {
        let now = sighting.path.heard;
        let heard = self.runs.time(run).unwrap_or(now);
        let Some(unproven) = self.runs.get_mut(run) else {
            let portrait = Portrait::new(Some(key), counter, beacon, sighting);
            self.runs.insert(run, now, Unproven { portrait, since: now, beacons: 1, asked });
            return None;
        };
        let portrait = &mut unproven.portrait;
        if portrait.signer() != Some(key) {
            return None;
        }
        if counter <= portrait.counter() {
            portrait.note_copy(counter, sighting.path);
            return None;
        }
        if !unproven.is_fresh(heard, now) {
            unproven.since = now;
            unproven.beacons = 0;
            unproven.portrait.handle_call();
        }
        unproven.portrait.refresh(counter, beacon, sighting);
        unproven.beacons = unproven.beacons.saturating_add(1);
        unproven.asked = asked;
        let is_sound = unproven.is_heard_for_a_while(now, now) && unproven.portrait.hears_us() == HearsUs::No;
        let tells = is_sound && unproven.portrait.is_turned() && self.tells.take(now);
        let told = tells.then(|| {
            unproven.portrait.handle_turn_told();
            unproven.portrait.peer(run, now)
        });
        self.runs.heard(run, now);
        told
    }
}

impl Unproven {
    fn is_fresh(&self, heard: Time, now: Time) -> bool {
        now < heard + self.portrait.interval().share(LOST_PERCENT)
    }

    fn is_heard_for_a_while(&self, heard: Time, now: Time) -> bool {
        let is_asked = self.asked >= ASKED_MIN && self.beacons >= BEACONS_MIN;
        is_asked && self.is_fresh(heard, now) && now.since(self.since) >= A_WHILE
    }
}

impl Node {
    /// Signed runs that have been heard for a while, were asked for it several times, and have never shown that they hear
    /// this one: so they are not among the [`peers`](Self::peers). Each may have been recorded, and be played again. By run.
    pub fn one_way(&self, now: Time) -> impl Iterator<Item = Peer> {
        let runs = self.one_way.runs.iter();
        let heard = runs.filter(move |(_, heard, unproven)| unproven.is_heard_for_a_while(*heard, now));
        heard.map(|(run, heard, unproven)| unproven.portrait.peer(run, heard))
    }

    /// Signed runs that were asked several times by now whether they hear this one, and have not shown it: sooner told than
    /// [`one_way`](Self::one_way), and less surely. By run.
    pub fn unanswering(&self, now: Time) -> impl Iterator<Item = Peer> {
        let is_asked = |run| self.proving.asked(run) >= ASKED_MIN;
        let fresh = self.one_way.runs.iter().filter(move |(_, heard, unproven)| unproven.is_fresh(*heard, now));
        fresh.filter(move |(run, ..)| is_asked(*run)).map(|(run, heard, unproven)| unproven.portrait.peer(run, heard))
    }

    /// A beacon has come of a run that has not shown that it is there.
    pub(super) fn handle_one_way(
        &mut self,
        author: (Run, PublicKey),
        counter: Counter,
        beacon: &Beacon<'_>,
        sighting: Sighting,
    ) {
        // Visitors are not listed, and send no beacons by which they could tell.
        if beacon.visitor {
            return;
        }
        let asked = self.proving.asked(author.0);
        if let Some(peer) = self.one_way.handle_beacon(author, counter, beacon, sighting, asked) {
            self.events.push(Event::OneWay(peer));
        }
        let is_in_doubt = self.one_way.runs.get(author.0).is_some_and(|unproven| unproven.portrait.is_in_doubt());
        if is_in_doubt && sighting.tells == Hears::No {
            self.call_the_deaf();
        }
    }

    /// A newer beacon of a peer in the table has come: tells that it does not hear this run, or that it does again.
    pub(super) fn handle_told(&mut self, run: Run, tells: Hears) {
        if tells == Hears::No && self.peers.is_in_doubt(run) {
            self.call_the_deaf();
        }
        let Some(peer) = self.peers.turned(run) else { return };
        if peer.hears_us != HearsUs::No {
            self.events.push(Event::BothWays(peer));
        } else if self.one_way.tells.take(self.now) {
            self.events.push(Event::OneWay(peer));
        } else {
            return;
        }
        self.peers.handle_turn_told(run);
    }

    /// Somebody does not hear this run, as he tells. He gets an answer of his own, but it may be that unicast does not get
    /// through, or that much is lost: so all are called, as at a start. In a large room so many would do it at once that it
    /// is left to the beacons.
    fn call_the_deaf(&mut self) {
        let may_call = self.leaving == Leaving::No && !self.calling.is_under_way();
        if may_call && self.peers.len() < acks::ROOM_MAX && self.one_way.calls.take(self.now) {
            self.calling.begin(self.now, crowd(&self.peers), &mut self.rng);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::clock::ClockLead;
    use crate::node::paths::Path;
    use crate::node::{LinkId, calling::Crowd};
    use crate::time::UnixMillis;
    use crate::wire::{Digest, Epoch, Heard, HostName, Nick, PeerId, Profile, ProgramVersion, Status};

    const KEY: PublicKey = PublicKey([1; 32]);

    fn beacon() -> Beacon<'static> {
        Beacon {
            hello: false,
            visitor: false,
            remote: false,
            acks: true,
            profile: Profile {
                nick: Nick::new("carol").unwrap(),
                host: HostName::default(),
                version: ProgramVersion::new("").unwrap(),
                status: Status::default(),
            },
            port: 26634,
            interval: Crowd::ALONE.interval(),
            started: UnixMillis(0),
            time: UnixMillis(0),
            last_seq: None,
            digest: Digest::default(),
            hears: 0,
            heard: Heard::NOBODY,
            room: None,
        }
    }

    /// Has a beacon of this run come, which was asked so often; tells whether that is told.
    fn hear(one_way: &mut OneWay, number: u64, counter: u32, millis: u64, asked: usize) -> bool {
        let run = Run { peer: PeerId::of_hash(number.to_be_bytes()), epoch: Epoch(1) };
        let heard = Time::from_micros(millis * 1000);
        let path = Path { link: LinkId(1), address: ([192, 0, 2, 1], 26634).into(), heard };
        let ahead = ClockLead::between(UnixMillis(0), UnixMillis(0));
        let sighting = Sighting { path, ahead, tells: Hears::No };
        one_way.handle_beacon((run, KEY), Counter(counter), &beacon(), sighting, asked).is_some()
    }

    #[test]
    fn one_that_was_asked_and_goes_on_is_told_once() {
        let mut one_way = OneWay::new();
        let told = [0, 5, 10, 15, 20].map(|second| hear(&mut one_way, 1, 1 + second, u64::from(second) * 1000, 5));
        assert_eq!(told, [false, false, true, false, false]);
        let told = [0, 5, 10].map(|second| hear(&mut one_way, 2, 1 + second, u64::from(second) * 1000, 2));
        assert_eq!(told, [false; 3], "it was hardly asked");
        let told = [0, 5, 10].map(|second| hear(&mut one_way, 3, 7, second * 1000, 5));
        assert_eq!(told, [false; 3], "always the same beacon");
        let told = [0, 20, 40, 60].map(|second| hear(&mut one_way, 4, 1 + second, u64::from(second) * 1000, 5));
        assert_eq!(told, [false; 4], "it was silent in between");
    }

    #[test]
    fn made_up_runs_flood_neither_the_memory_nor_the_screen() {
        let mut one_way = OneWay::new();
        let mut told = 0;
        for second in (0..60).step_by(5) {
            for number in 0..2000 {
                told += usize::from(hear(&mut one_way, number % 900, second + 1, u64::from(second) * 1000, 5));
            }
        }
        assert_eq!(one_way.runs.len(), 900);
        assert!((8..=12).contains(&told), "{told} in a minute");
        for number in 0..5000 {
            hear(&mut one_way, number, 100, 61_000, 5);
        }
        assert_eq!(one_way.runs.len(), OneWay::COUNT_MAX);
    }
}

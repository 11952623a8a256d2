//! Which runs are there *now*: a beacon proves it by naming this run, which no recorded one can.
//!
//! Whoever is heard first by a signed beacon may have left years ago, and somebody has recorded it. As this run's
//! epoch is drawn anew at each start, whatever names this run was written since: a beacon that tells that its sender
//! hears this run, an ack, a nack, a request or a ping that is about it. From then on the run's counters tell what is new.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::time::Duration;

use super::bucket::TokenBucket;
use super::link::Transmit;
use super::replay::ReplayWindow;
use super::silence::BySilence;
use super::timer::{Deadline, Timer};
use crate::time::Time;
use crate::trust::PublicKey;
use crate::wire::{Heard, Hears, Message, Run};

/// Mostly the proof comes by itself, with the second hello. Where it does not, it is asked for this long after the run
/// was first heard, and then again.
const ASK_AFTER: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(300),
    Duration::from_millis(500),
    Duration::from_millis(1000),
    Duration::from_millis(2000),
];
/// Whoever was heard first within this is named in hellos, so that he has his proof. From then on he is left out of them,
/// so that he answers, and this run has its; but all other beacons name him still. Where unicast does not get through,
/// two who leave each other out for ever would never meet; and whoever is not named in a beacon shall know that its sender
/// does not hear him.
const NAMED_FOR: Duration = Duration::from_millis(250);
/// In a room too large for all to be named, whoever has so many to name does it at once, some of them in each beacon:
/// it is he who has just come, and they wait for it.
const MANY_UNNAMED: usize = 8;
const NAME_EVERY: Duration = Duration::from_millis(100);

/// The signed runs that were heard, and whether they are there.
#[derive(Debug)]
pub(super) struct Proving {
    /// At most [`PROVEN_MAX`](Self::PROVEN_MAX); whoever was silent for longest has to prove it again.
    proven: BySilence<Proven>,
    /// At most [`UNPROVEN_MAX`](Self::UNPROVEN_MAX); whoever was silent for longest makes room.
    unproven: BySilence<Unproven>,
    /// Runs that no beacon to all has named yet; as many as are unproven or proven at most.
    unnamed: BTreeSet<Run>,
    name_at: Option<Time>,
    /// Nobody is to be asked before; it may be early, never late.
    next_ask: Option<Time>,
    /// What may be asked, as anybody can make up runs: some at once, and 32 a second.
    asks: TokenBucket,
}

#[derive(Clone, Copy, Debug)]
struct Proven {
    key: KeyMark,
    window: ReplayWindow,
    /// Pings count apart. Each names this run, so none was written before it began; and one may be overtaken by another,
    /// which went the other way and was the proof.
    pings: ReplayWindow,
}

/// The first 8 bytes of a key. As a run's id is of a hash of the key, one who wants to pass for another must find a key of
/// which both are the same: 2^127 tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct KeyMark([u8; 8]);

impl From<PublicKey> for KeyMark {
    fn from(PublicKey([a, b, c, d, e, f, g, h, ..]): PublicKey) -> Self {
        Self([a, b, c, d, e, f, g, h])
    }
}

#[derive(Clone, Copy, Debug)]
struct Unproven {
    way: Transmit,
    since: Time,
    asked: usize,
    ask_at: Option<Time>,
}

/// Whom a beacon tells that this run hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// All of them; as a filter where they are too many to be named.
    All(Vec<Run>),
    /// Some; of others it tells nothing.
    Some(Vec<Run>),
}

/// What is known of whoever signed a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// He is there, and says this for the first time.
    Present,
    /// He is there, and this has come already or was overtaken long ago.
    Repeated,
    /// He may have said it at any time.
    Unproven,
}

impl Proving {
    const PROVEN_MAX: usize = 16_384;
    const UNPROVEN_MAX: usize = 1024;

    pub(super) const fn new() -> Self {
        Self {
            proven: BySilence::new(Self::PROVEN_MAX),
            unproven: BySilence::new(Self::UNPROVEN_MAX),
            unnamed: BTreeSet::new(),
            name_at: None,
            next_ask: None,
            asks: TokenBucket::new(64, Duration::from_millis(31)),
        }
    }

    pub(super) fn is_proven(&self, run: Run) -> bool {
        self.proven.get(run).is_some()
    }

    /// How often a run was asked lately to show that it is there.
    pub(super) fn asked(&self, run: Run) -> usize {
        self.unproven.get(run).map_or(0, |unproven| unproven.asked)
    }

    /// A signed datagram that is not of lines has come: is its author there?
    pub(super) fn handle_signed(
        &mut self,
        now: Time,
        run: Run,
        key: PublicKey,
        message: &Message<'_>,
        me: Run,
    ) -> Standing {
        let Some(counter) = message.counter() else { return Standing::Unproven };
        let is_ping = matches!(message, Message::Ping(_, ping) if ping.reader == me);
        if let Some(proven) = self.proven.heard_roughly(run, now) {
            // Two keys of which the hashes begin alike: the first one stands.
            let window = if is_ping { &mut proven.pings } else { &mut proven.window };
            let is_new = proven.key == key.into() && window.admits(counter);
            return if is_new { Standing::Present } else { Standing::Repeated };
        }
        if !names(message, me) {
            return Standing::Unproven;
        }
        self.unproven.remove(run);
        self.unnamed.insert(run);
        let mut pings = ReplayWindow::open();
        if is_ping {
            pings.admits(counter);
        }
        let proven = Proven { key: key.into(), window: ReplayWindow::starting(counter), pings };
        if let Some((gone, _)) = self.proven.insert(run, now, proven) {
            self.unnamed.remove(&gone);
        }
        Standing::Present
    }

    /// A beacon has come of a run that may not be there.
    pub(super) fn handle_unproven(&mut self, now: Time, run: Run, way: Transmit) {
        self.unnamed.insert(run);
        let at = now + ASK_AFTER[0];
        if let Some(unproven) = self.unproven.heard(run, now) {
            // The same beacon comes by other links right behind the first, and IPv4 goes first.
            if unproven.asked > 0 {
                unproven.way = way;
            }
            let at = *unproven.ask_at.get_or_insert(at);
            return self.ask_by(at);
        }
        if let Some((gone, _)) =
            self.unproven.insert(run, now, Unproven { way, since: now, asked: 0, ask_at: Some(at) })
        {
            self.unnamed.remove(&gone);
        }
        self.ask_by(at);
    }

    /// Whom a hello to all tells that this run hears, so that all others answer: `present`, who surely are there, and
    /// whoever waits for his proof.
    pub(super) fn named_in_hello(&mut self, now: Time, present: Vec<Run>) -> Named {
        self.name_present(now, present, false)
    }

    fn name_present(&mut self, now: Time, present: Vec<Run>, names_all: bool) -> Named {
        let mut named = present;
        if named.len() <= Heard::NAMES_MAX {
            let unnamed = core::mem::take(&mut self.unnamed);
            // Not listed, as visitors are not, but there, and asking.
            let is_lacking = |run: &Run| self.is_proven(*run) && !named.contains(run);
            let visitors: Vec<Run> = unnamed.into_iter().filter(is_lacking).collect();
            named.extend(visitors);
            let room = Heard::NAMES_MAX.saturating_sub(named.len());
            named.extend(self.unproven_to_name(now, names_all).take(room));
            named.truncate(Heard::NAMES_MAX);
        }
        Named::All(named)
    }

    /// Whom a beacon to all tells that this run hears: all, or in a crowd those whom none has named yet.
    pub(super) fn named(&mut self, now: Time, present: Vec<Run>) -> Named {
        if present.len() <= Heard::NAMES_MAX || self.unnamed.is_empty() {
            return self.name_present(now, present, true);
        }
        let named: Vec<Run> = self.unnamed.iter().copied().take(Heard::NAMES_MAX).collect();
        named.iter().for_each(|run| {
            self.unnamed.remove(run);
        });
        Named::Some(named)
    }

    /// A run that is there asks whether this one hears it: the next beacon to all names it.
    pub(super) fn handle_asked(&mut self, run: Run) {
        if self.is_proven(run) {
            self.unnamed.insert(run);
        }
    }

    /// A beacon to one run has named it.
    pub(super) fn handle_named(&mut self, run: Run) {
        self.unnamed.remove(&run);
    }

    /// Sees to it that many who wait to be named are named soon, in a room of so many peers.
    pub(super) fn name_soon(&mut self, now: Time, peers: usize) {
        if peers > Heard::NAMES_MAX && self.unnamed.len() >= MANY_UNNAMED {
            self.name_at.get_or_insert(now + NAME_EVERY);
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.next_ask.into_iter().chain(self.name_at).min().map(|at| Deadline { at, timer: Timer::Proof })
    }

    /// Whether many are to be named now.
    pub(super) fn take_naming(&mut self, now: Time) -> bool {
        self.name_at.take_if(|at| *at <= now).is_some()
    }

    /// Who is to be asked now whether he is there.
    pub(super) fn handle_timeout(&mut self, now: Time) -> Vec<Transmit> {
        if self.next_ask.is_none_or(|at| now < at) {
            return Vec::new();
        }
        let mut asked = Vec::new();
        for unproven in self.unproven.values_mut().filter(|unproven| unproven.ask_at.is_some_and(|at| at <= now)) {
            unproven.asked += 1;
            unproven.ask_at = ASK_AFTER.get(unproven.asked).map(|wait| now + *wait);
            if self.asks.take(now) {
                asked.push(unproven.way);
            }
        }
        self.next_ask = self.unproven.iter().filter_map(|(_, _, unproven)| unproven.ask_at).min();
        asked
    }

    fn unproven_to_name(&self, now: Time, all: bool) -> impl Iterator<Item = Run> {
        let is_named = move |unproven: &Unproven| all || now.since(unproven.since) < NAMED_FOR;
        self.unproven.latest_first().filter(move |(_, unproven)| is_named(unproven)).map(|(run, _)| run)
    }

    fn ask_by(&mut self, at: Time) {
        self.next_ask = Some(self.next_ask.map_or(at, |next| next.min(at)));
    }
}

/// Whether a message is about this run, so that it was written since this run began.
fn names(message: &Message<'_>, me: Run) -> bool {
    match message {
        Message::Beacon(counter, beacon) => beacon.heard.tells_of(me, *counter) == Hears::Surely,
        Message::Nack(_, nack) => nack.author == me,
        Message::Ack(_, ack) => ack.author == me,
        Message::HistoryRequest(_, request) => request.asked == me,
        Message::PrivateLine(_, line) => line.reader == me,
        Message::PrivateAck(_, ack) => ack.author == me,
        Message::Ping(_, ping) => ping.reader == me,
        Message::Pong(_, pong) => pong.reader == me,
        Message::Addresses(_, addresses) => addresses.reader == me,
        Message::Goodbye(..) | Message::Lines(_) | Message::Notes(..) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::LinkId;
    use crate::wire::{Ack, Counter, Epoch, Goodbye, PeerId, Ping, PingToken, PingWay, Seq};

    const KEY: PublicKey = PublicKey([1; 32]);
    const ME: Run = Run { peer: PeerId::of_hash([9; 8]), epoch: Epoch(9) };

    fn run(number: u64) -> Run {
        Run { peer: PeerId::of_hash(number.to_be_bytes()), epoch: Epoch(1) }
    }

    fn way(number: u64) -> Transmit {
        Transmit::Unicast { link: LinkId(1), to: ([192, 0, 2, number as u8], 26634).into() }
    }

    fn millis(millis: u64) -> Time {
        Time::from_micros(millis * 1000)
    }

    fn ack(counter: u32, author: Run) -> Message<'static> {
        Message::Ack(Counter(counter), Ack { author, up_to: Seq::FIRST, lost: 0 })
    }

    fn ping(counter: u32, reader: Run) -> Message<'static> {
        Message::Ping(Counter(counter), Ping { reader, way: PingWay::Unicast, token: PingToken(1) })
    }

    fn goodbye(counter: u32) -> Message<'static> {
        Message::Goodbye(Counter(counter), Goodbye { last_seq: None })
    }

    #[test]
    fn whoever_has_heard_of_this_run_is_there_and_says_nothing_twice() {
        let mut proving = Proving::new();
        let mut standing = |key, message| proving.handle_signed(Time::ZERO, run(1), key, &message, ME);
        assert_eq!(standing(KEY, goodbye(7)), Standing::Unproven);
        assert_eq!(standing(KEY, ack(8, run(2))), Standing::Unproven, "about somebody else");
        assert_eq!(standing(KEY, ack(9, ME)), Standing::Present);
        assert_eq!(standing(KEY, ack(9, ME)), Standing::Repeated);
        assert_eq!(standing(KEY, goodbye(7)), Standing::Repeated, "from before");
        assert_eq!(standing(PublicKey([2; 32]), goodbye(10)), Standing::Repeated, "another key of the same id");
        assert_eq!(standing(KEY, goodbye(10)), Standing::Present);
    }

    #[test]
    fn a_ping_is_a_proof_and_so_is_one_that_it_has_overtaken() {
        let mut proving = Proving::new();
        let mut standing = |message| proving.handle_signed(Time::ZERO, run(1), KEY, &message, ME);
        assert_eq!(standing(ping(7, run(2))), Standing::Unproven, "to somebody else");
        assert_eq!(standing(ping(9, ME)), Standing::Present);
        assert_eq!([standing(ping(8, ME)), standing(ping(10, ME))], [Standing::Present; 2]);
        assert_eq!([8, 9, 10].map(|counter| standing(ping(counter, ME))), [Standing::Repeated; 3]);
        assert_eq!([standing(goodbye(8)), standing(ping(8, run(2)))], [Standing::Repeated; 2], "from before the proof");
    }

    #[test]
    fn who_does_not_prove_it_is_asked_a_few_times_and_again_when_heard() {
        let mut proving = Proving::new();
        let asked = |proving: &mut Proving| {
            let mut asked = Vec::new();
            while let Some(deadline) = proving.deadline() {
                asked.extend(proving.handle_timeout(deadline.at).into_iter().map(|_| deadline.at.as_micros() / 1000));
            }
            asked
        };
        proving.handle_unproven(Time::ZERO, run(1), way(1));
        proving.handle_unproven(millis(50), run(1), way(1));
        assert_eq!(asked(&mut proving), [200, 500, 1000, 2000, 4000]);
        proving.handle_unproven(millis(5000), run(1), way(1));
        assert_eq!(asked(&mut proving), [5200]);
        proving.handle_unproven(millis(9000), run(1), way(1));
        proving.handle_signed(millis(9001), run(1), KEY, &ack(1, ME), ME);
        assert_eq!(asked(&mut proving), [], "he has proved it");
    }

    #[test]
    fn made_up_runs_are_asked_seldom_and_push_out_nobody_who_is_there() {
        let mut proving = Proving::new();
        proving.handle_signed(Time::ZERO, run(0), KEY, &ack(1, ME), ME);
        let mut asked = 0;
        for number in 1..=20_000 {
            proving.handle_unproven(millis(number / 2), run(number), way(number));
            asked += proving.handle_timeout(millis(number / 2)).len();
        }
        assert!((300..=400).contains(&asked), "{asked} in 10 s");
        assert!(proving.unproven.len() <= Proving::UNPROVEN_MAX && proving.unnamed.len() <= Proving::UNPROVEN_MAX + 1);
        assert!(proving.is_proven(run(0)));
        let present = Vec::from([run(0)]);
        let Named::All(named) = proving.named(millis(10_000), present) else { panic!("few are named whole") };
        assert_eq!(named[0], run(0));
    }

    #[test]
    fn newcomers_are_named_in_hellos_for_a_moment_and_then_left_out_so_that_they_answer() {
        let mut proving = Proving::new();
        proving.handle_unproven(Time::ZERO, run(1), way(1));
        let is_named = |named| named == Named::All(Vec::from([run(1)]));
        let mut names = |at| {
            let beacon = proving.named(millis(at), Vec::new());
            (is_named(proving.named_in_hello(millis(at), Vec::new())), is_named(beacon))
        };
        assert_eq!(names(249), (true, true));
        assert_eq!([250, 251].map(&mut names), [(false, true); 2]);
    }

    #[test]
    fn in_a_crowd_who_is_new_names_all_one_part_after_another() {
        let crowd: Vec<Run> = (0..400).map(run).collect();
        let mut proving = Proving::new();
        (0..400).for_each(|number| proving.handle_unproven(Time::ZERO, run(number), way(number)));
        proving.name_soon(Time::ZERO, 100);
        assert!(!proving.take_naming(millis(100)), "a small room is named whole");
        let mut named: BTreeSet<Run> = BTreeSet::new();
        for turn in 1..=4 {
            proving.name_soon(millis(turn * 100), crowd.len());
            let is_due = proving.take_naming(millis(turn * 100 + 100));
            assert_eq!(is_due, turn <= 3, "turn {turn}");
            match proving.named(millis(turn * 100 + 100), crowd.clone()) {
                Named::Some(part) => named.extend(part),
                Named::All(_) => assert_eq!(turn, 4, "all were named before"),
            }
        }
        assert_eq!(named.len(), 400);
    }
}

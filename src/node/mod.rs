//! The protocol as a state machine: fed with datagrams, commands, links and the time, asked what to send, what
//! happened, and when to be woken. It sees no socket, no clock and no thread.
//!
//! What decides what:
//!
//! | file | |
//! |---|---|
//! | `admission` | how much is looked into of what has to be checked, but for what `checked` holds |
//! | `calling` | when this run announces itself: hellos, the beacon interval |
//! | `proving` | who has shown that he is there now, by `replay` also what is new of him |
//! | `answers` | whom it answers, when, by which way |
//! | `peers` | who is there, who is lost; by `portrait` and `paths` also as whom, and how he is reached |
//! | `one_way` | who is heard and does not hear this run, as `hears_us` judges |
//! | `search` | who is called for that fell silent |
//! | `saying` | its lines, until they go out: numbers |
//! | `pace` | how fast they go |
//! | `audience` | who has heard them, and when they are repeated |
//! | `hearing` | how far each author was heard: order, gaps |
//! | `log` | the datagrams of lines that are held; which of them go, by `shares` |
//! | `passage` | how a text is put together from its lines |
//! | `asking` | when missing lines are asked for, and given up |
//! | `losses` | lines that were given up |
//! | `repairs` | which lines are sent again for others |
//! | `acks` | when authors are told how far they were heard |
//! | `newcomer` | the history of a run that has just come |
//! | `comparing` | with whom notes are compared after a cut; by `behind` not with who knows no more |
//! | `rooms` | which other rooms there are; asked for by `room_questions` |
//! | `pinging` | how long a datagram takes to somebody and back |
//! | `remote` | whom no broadcast reaches, and who is asked beyond the subnet |
//! | `silence` | of whom is known anything, in a `table`, and who makes room in it |
//! | `contacts` | how runs are reached; by `clock` also how their clocks go |
//! | `card_set` | by which cards authors are heard, so that no LAN hears of another |
//! | `health` | whether the links work |
//! | `private_saying`, `private_hearing` | what is said to one reader alone |
//! | `leaving` | its goodbyes |
//! | `event` | what waits to be told |
//!
//! How these work together, by what comes in and what goes out: `incoming`, `reading`, `telling`,
//! `changing`, `exchange`, `private`, `elsewhere`, `round_trips`, `outgoing`.

mod acks;
mod admission;
mod answers;
mod asking;
mod audience;
mod behind;
mod bucket;
mod calling;
mod card_set;
mod changing;
mod checked;
mod clock;
mod command;
mod compact_way;
mod comparing;
mod config;
mod contacts;
mod elsewhere;
mod event;
mod exchange;
mod health;
mod hearing;
mod hears_us;
mod incoming;
mod leaving;
mod link;
mod log;
mod losses;
mod newcomer;
mod one_way;
mod outgoing;
mod pace;
mod packed_profile;
mod passage;
mod paths;
mod peers;
mod pinging;
mod portrait;
mod private;
mod private_hearing;
mod private_saying;
mod proving;
mod reading;
mod remote;
mod repairs;
mod repetition;
mod replay;
mod room_questions;
mod rooms;
mod round_trips;
mod saying;
mod search;
mod shares;
mod silence;
mod stats;
mod table;
mod telling;
mod timer;

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

pub use audience::Lacking;
pub use clock::ClockLead;
pub use command::{Command, CommandError};
pub use config::{Config, Role, Unverified};
pub use event::{Arrival, Departure, Event, Gap, HeardLine, Unheard};
pub use health::{LinkHealth, OtherVersion};
pub use hears_us::HearsUs;
pub use link::{CardId, Datagram, Link, LinkId, Transmit, Way};
pub use pace::Rate;
pub use peers::Peer;
pub use private_saying::PrivateOutcome;
pub use rooms::HeardRoom;
pub use stats::Stats;
pub use timer::{Deadline, Timer};

use self::acks::Acks;
use self::admission::Admission;
use self::answers::Answers;
use self::asking::Asking;
use self::audience::Audience;
use self::bucket::TokenBucket;
use self::calling::{Call, Calling, Crowd};
use self::card_set::CardTable;
use self::checked::Checked;
use self::comparing::Comparing;
use self::contacts::Contacts;
use self::event::Events;
use self::health::Health;
use self::hearing::Hearing;
use self::leaving::Leaving;
use self::log::Log;
use self::losses::Losses;
use self::newcomer::Newcomer;
use self::one_way::OneWay;
use self::outgoing::Outbox;
use self::pace::Pace;
use self::peers::{Peers, Silence};
use self::pinging::Pinging;
use self::private_hearing::PrivateHearing;
use self::private_saying::PrivateSaying;
use self::proving::Proving;
use self::remote::Remote;
use self::repairs::Repairs;
use self::room_questions::RoomQuestions;
use self::rooms::Rooms;
use self::saying::Saying;
use self::search::Search;
use crate::time::{Time, UnixMillis};
use crate::trust::{Random, Seed};
use crate::wire::{Counter, Identity, Run, SeqRange};

/// One run of cooee in its room.
///
/// After each *in* (`handle_…`), the *outs* are to be polled until they give `None`: first
/// [`poll_transmit`](Self::poll_transmit), then [`poll_event`](Self::poll_event); then
/// [`poll_timeout`](Self::poll_timeout) tells when [`handle_timeout`](Self::handle_timeout) is wanted if nothing
/// else happens before. `now` must not go back; where it does, the latest time stands.
///
/// It says nothing until it knows of a link, or of an address beyond them.
#[derive(Debug)]
pub struct Node {
    config: Config,
    me: Run,
    identity: Identity,
    /// For secrets.
    random: Random,
    /// For all that is drawn by lot.
    rng: fastrand::Rng,
    now: Time,
    clock: WallClock,
    counter: Counter,
    links: Vec<Link>,
    cards: CardTable,
    admission: Admission,
    checked: Checked,
    peers: Peers,
    proving: Proving,
    one_way: OneWay,
    health: Health,
    contacts: Contacts,
    search: Search,
    calling: Calling,
    answers: Answers,
    saying: Saying,
    pace: Pace,
    audience: Audience,
    hearing: Hearing,
    log: Log,
    asking: Asking,
    losses: Losses,
    repairs: Repairs,
    acks: Acks,
    private_saying: PrivateSaying,
    private_hearing: PrivateHearing,
    /// Acks of private lines that came once more: some at once, and twenty a second.
    private_acks: TokenBucket,
    rooms: Rooms,
    room_questions: RoomQuestions,
    /// As whom it asks which rooms there are.
    asks_as: Identity,
    pinging: Pinging,
    remote: Remote,
    newcomer: Newcomer,
    comparing: Comparing,
    /// Notes that may be given: some at once, and twenty a second.
    notes: TokenBucket,
    outbox: Outbox,
    leaving: Leaving,
    events: Events,
    /// Authors with lines that wait because too many events do.
    waiting: BTreeSet<Run>,
    stats: Stats,
    /// What sealed datagrams are opened into.
    scratch: Vec<u8>,
}

/// What the wall clock said, and when.
#[derive(Clone, Copy, Debug)]
struct WallClock {
    at: Time,
    unix: UnixMillis,
}

impl Node {
    /// A node that has begun at `now`, which is [`Config::started`] by the wall clock. All its randomness comes from
    /// the seed.
    pub fn new(config: Config, identity: Identity, seed: Seed, now: Time) -> Self {
        let mut random = Random::new(seed);
        let asks_as = elsewhere::asker(&identity, &config.room, &mut random);
        let mut rng = fastrand::Rng::with_seed(random.number());
        let history = if config.role == Role::Member { config.history } else { 0 };
        Self {
            me: identity.run(),
            identity,
            random,
            now,
            clock: WallClock { at: now, unix: config.started },
            counter: Counter::default(),
            links: Vec::new(),
            cards: CardTable::default(),
            admission: Admission::new(),
            checked: Checked::default(),
            peers: Peers::new(&mut rng),
            proving: Proving::new(),
            one_way: OneWay::new(),
            health: Health::default(),
            contacts: Contacts::new(),
            search: Search::default(),
            rng,
            calling: Calling::new(config.role),
            answers: Answers::new(),
            saying: Saying::new(),
            pace: Pace::new(Rate::DEFAULT),
            audience: Audience::default(),
            hearing: Hearing::new(),
            log: Log::new(config.room.clone()),
            asking: Asking::new(),
            losses: Losses::default(),
            repairs: Repairs::new(),
            acks: Acks::new(),
            private_saying: PrivateSaying::default(),
            private_hearing: PrivateHearing::new(),
            private_acks: TokenBucket::new(16, core::time::Duration::from_millis(50)),
            rooms: Rooms::new(),
            room_questions: RoomQuestions::default(),
            asks_as,
            pinging: Pinging::new(),
            remote: Remote::new(),
            newcomer: Newcomer::new(history),
            comparing: Comparing::new(),
            notes: TokenBucket::new(16, core::time::Duration::from_millis(50)),
            outbox: Outbox::default(),
            leaving: Leaving::No,
            events: Events::default(),
            waiting: BTreeSet::new(),
            stats: Stats::default(),
            scratch: Vec::new(),
            config,
        }
    }

    /// Takes in what came from the network. Whatever it is, it is never an error of ours: what cannot be used is
    /// counted in [`stats`](Self::stats).
    pub fn handle_datagram(&mut self, now: Time, datagram: Datagram<'_>) {
        self.advance(now);
        self.take_in(&datagram);
    }

    /// A datagram that was to go out by a link could not be sent. It is counted; what gets lost on its way is
    /// treated the same.
    pub fn handle_send_failure(&mut self, now: Time) {
        self.advance(now);
        self.pace.handle_loss();
        self.stats.send_failures += 1;
    }

    /// Does what is due by now.
    pub fn handle_timeout(&mut self, now: Time) {
        self.advance(now);
        if self.calling.is_due(self.now) {
            self.calling.handle_timeout(self.now, crowd(&self.peers), &mut self.rng);
        }
        self.answers.handle_timeout(self.now);
        self.leaving.handle_timeout(self.now);
        self.handle_proof_timeout();
        for silence in self.peers.handle_timeout(self.now, &mut self.rng) {
            self.handle_silence(silence);
        }
        self.handle_reading_timeout();
        self.handle_exchange_timeout();
        self.handle_pace_timeout();
        self.handle_audience_timeout();
        self.handle_private_timeout();
        self.room_questions.handle_timeout(self.now);
        self.handle_ping_timeout();
        self.handle_remote_timeout();
    }

    /// Writes the next datagram that is to go out over what `out` held, and says where it shall go.
    pub fn poll_transmit(&mut self, out: &mut Vec<u8>) -> Option<Transmit> {
        let way = self.write_next(out)?;
        self.stats.sent += 1;
        Some(way)
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        let event = self.events.pop();
        self.tell_waiting();
        event
    }

    /// When [`handle_timeout`](Self::handle_timeout) is wanted; `None` when nothing is waited for.
    pub fn poll_timeout(&self) -> Option<Deadline> {
        let single = [
            self.answers.deadline(),
            self.peers.deadline(),
            self.proving.deadline(),
            self.search.deadline(),
            self.pace_deadline(),
            self.losses.deadline(),
            self.repairs.deadline(),
            self.acks.deadline(),
            self.private_saying.deadline(),
            self.room_questions.deadline(),
            self.pinging.deadline(),
            self.remote.deadline(),
            self.newcomer.deadline(),
            self.comparing.deadline(),
            self.leaving.deadline(),
        ];
        let several = self.calling.deadlines().chain(self.asking.deadlines()).chain(self.audience.deadlines());
        several.chain(single.into_iter().flatten()).min()
    }

    /// The run that this node is.
    pub const fn run(&self) -> Run {
        self.me
    }

    /// Who is there, by run.
    pub fn peers(&self) -> impl ExactSizeIterator<Item = Peer> {
        self.peers.iter()
    }

    /// Who is known to lack lines of this run, and how many.
    pub fn lacking(&self) -> impl Iterator<Item = Lacking> {
        self.saying.last().into_iter().flat_map(|last| self.audience.lacking(last))
    }

    /// Whether a text that is to be said would be taken now: fewer lines wait to go out than may.
    pub fn has_room_to_say(&self) -> bool {
        self.saying.has_room()
    }

    /// Whether this run holds all these lines of an author, to send them to others.
    pub fn holds(&self, author: Run, lines: SeqRange) -> bool {
        self.log.missing(author, lines, 1).is_empty()
    }

    /// What came and what became of it.
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    fn advance(&mut self, now: Time) {
        self.now = self.now.max(now);
    }

    /// What the wall clock says now.
    fn unix(&self) -> UnixMillis {
        let since = u64::try_from(self.now.since(self.clock.at).as_millis()).unwrap_or(u64::MAX);
        UnixMillis(self.clock.unix.0.saturating_add(since))
    }

    fn handle_silence(&mut self, silence: Silence) {
        match silence {
            // To ask is a sign of life, and who has said goodbye shall give none.
            Silence::Asked(way) if self.leaving == Leaving::No => self.outbox.call(way, Call::Hello),
            Silence::Asked(_) => {}
            Silence::Lost(peer, silent) => {
                let run = peer.run;
                if self.config.role == Role::Member {
                    let way = Transmit::Unicast { link: peer.link, to: peer.address };
                    self.search.handle_lost(self.now, peer.run, way, self.peers.len(), &mut self.rng);
                }
                self.events.push(Event::Left(peer, Departure::Lost(silent)));
                self.handle_gone(run);
            }
        }
    }
}

fn crowd(peers: &Peers) -> Crowd {
    Crowd { known: peers.len(), most_heard_by_one: peers.most_heard_by_one() }
}

//! What must hold on a LAN whatever happens on it, checked at every event.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cooee::node::{Arrival, Departure, Event, HeardLine, PrivateOutcome, Role, Unheard};
use cooee::time::Time;
use cooee::wire::{PingWay, Run, Seq, SeqRange, Text};

use crate::lan::HostNumber;

/// What is known from outside of everything that runs or ran.
pub(crate) struct Model {
    running: BTreeMap<HostNumber, (Run, Role)>,
    /// When each run started.
    started: BTreeMap<Run, Time>,
    /// Until when each run is new: it does not know yet who is there, and what was said before it came.
    new_until: BTreeMap<Run, Time>,
    lines: usize,
    /// What each run said, by the number of its first line.
    said: BTreeMap<Run, BTreeMap<u32, Said>>,
    /// What each run has been told.
    told: BTreeMap<Run, Told>,
    /// When a run (the first) first showed another one or a line of its.
    first_heard: BTreeMap<(Run, Run), Time>,
    /// Whom each run shows as present.
    present: BTreeMap<Run, BTreeSet<Run>>,
    /// Who was shown as lost, by whom, after how long a silence.
    pub(crate) lost: Vec<(Time, Run, Run, Duration)>,
    /// Of whom each run was told that he does not hear it.
    pub(crate) deaf: Vec<(Time, Run, Run)>,
    /// Of whom each run was told that he hears it again.
    pub(crate) cured: Vec<(Time, Run, Run)>,
    /// How long each line took to be shown, to each reader.
    pub(crate) delays: Vec<Duration>,
    /// What each run was told of its own lines that were not heard.
    pub(crate) unheard: Vec<(Run, Unheard)>,
    /// What each run was told in private.
    pub(crate) private: Vec<(Run, HeardLine)>,
    /// What became of what each run said in private.
    pub(crate) outcomes: Vec<(Run, PrivateOutcome)>,
    /// What became of each run's pings: to whom, by which way, after how long.
    pub(crate) pongs: Vec<(Run, Run, PingWay, Option<Duration>)>,
    /// How often anything was told to anybody.
    pub(crate) events: usize,
}

struct Said {
    text: String,
    at: Time,
    lines: SeqRange,
}

/// What a run has been told.
#[derive(Default)]
struct Told {
    /// By author: the numbers of the lines shown, in the order in which they were.
    shown: BTreeMap<Run, Vec<(u32, Arrival)>>,
    gaps: BTreeMap<Run, Vec<SeqRange>>,
    /// Texts of which a piece alone was shown.
    pieces: Vec<Piece>,
    all_heard: Option<Seq>,
}

/// A piece of a text.
struct Piece {
    author: Run,
    /// The lines of the whole text.
    lines: SeqRange,
    /// How much of it was not in this piece.
    rest: usize,
}

/// How long a run is new.
const FIRST_MOMENTS: Duration = Duration::from_secs(6);

impl Model {
    pub(crate) fn new() -> Self {
        Self {
            running: BTreeMap::new(),
            started: BTreeMap::new(),
            new_until: BTreeMap::new(),
            lines: 0,
            said: BTreeMap::new(),
            told: BTreeMap::new(),
            first_heard: BTreeMap::new(),
            present: BTreeMap::new(),
            lost: Vec::new(),
            deaf: Vec::new(),
            cured: Vec::new(),
            delays: Vec::new(),
            unheard: Vec::new(),
            private: Vec::new(),
            outcomes: Vec::new(),
            pongs: Vec::new(),
            events: 0,
        }
    }

    pub(crate) fn started(&mut self, now: Time, host: HostNumber, run: Run, role: Role) {
        self.running.insert(host, (run, role));
        self.started.insert(run, now);
        self.new_until.insert(run, now + FIRST_MOMENTS);
    }

    /// Whoever falls asleep while he is new is still new when he wakes.
    pub(crate) fn slept(&mut self, since: Time, now: Time, host: HostNumber) {
        if let Some(new_until) = self.running.get(&host).and_then(|(run, _)| self.new_until.get_mut(run)) {
            *new_until = if since < *new_until { now + FIRST_MOMENTS } else { *new_until };
        }
    }

    pub(crate) fn ended(&mut self, host: HostNumber) {
        self.running.remove(&host);
    }

    /// A number for a line that no other line has.
    pub(crate) fn next_line(&mut self) -> usize {
        self.lines += 1;
        self.lines
    }

    pub(crate) fn said(&mut self, at: Time, host: HostNumber, text: &Text<'_>) {
        let (run, _) = self.running[&host];
        let said = self.said.entry(run).or_default();
        let first = said.last_key_value().map_or(Seq::FIRST, |(_, last)| last.lines.last().after(1).unwrap());
        let last = first.after(text.parts().count() as u32 - 1).unwrap();
        let lines = SeqRange::new(first, last).unwrap();
        said.insert(first.number(), Said { text: text.to_string(), at, lines });
    }

    /// Somebody whom the LAN does not know has said `line 1`, `line 2` and so on.
    pub(crate) fn said_elsewhere(&mut self, at: Time, author: Run, count: u32) {
        let numbers = (1..=count).chain([u32::MAX]).filter_map(Seq::new);
        let said = |seq: Seq| {
            let text = if seq == Seq::LAST { "the last line of all".to_owned() } else { format!("line {seq}") };
            (seq.number(), Said { text, at, lines: SeqRange::one(seq) })
        };
        self.said.insert(author, numbers.map(said).collect());
    }

    /// The members that run.
    pub(crate) fn members(&self) -> BTreeSet<Run> {
        self.running.values().filter(|(_, role)| *role == Role::Member).map(|(run, _)| *run).collect()
    }

    /// How many peers a run shows as present.
    pub(crate) fn present_to(&self, reader: Run) -> usize {
        self.present.get(&reader).map_or(0, BTreeSet::len)
    }

    /// How many runs show `run` as present.
    pub(crate) fn show(&self, run: Run) -> usize {
        self.present.values().filter(|present| present.contains(&run)).count()
    }

    /// How many texts of others a run has shown.
    pub(crate) fn shown_by(&self, reader: Run) -> usize {
        self.told.get(&reader).map_or(0, |told| told.shown.values().map(Vec::len).sum())
    }

    /// How many texts of one author it has shown.
    pub(crate) fn shown_of(&self, reader: Run, author: Run) -> usize {
        self.told.get(&reader).and_then(|told| told.shown.get(&author)).map_or(0, Vec::len)
    }

    /// How many texts of others arrived so.
    pub(crate) fn shown_as(&self, reader: Run, arrival: Arrival) -> usize {
        let shown = self.told.get(&reader).into_iter().flat_map(|told| told.shown.values().flatten());
        shown.filter(|(_, arrived)| *arrived == arrival).count()
    }

    /// How many lines a run was told that it lacks.
    pub(crate) fn gaps_of(&self, reader: Run) -> u32 {
        let gaps = self.told.get(&reader).into_iter().flat_map(|told| told.gaps.values().flatten());
        gaps.map(|gap| gap.len()).sum()
    }

    /// Up to which of its lines a run was told that all have heard it.
    pub(crate) fn all_heard(&self, author: Run) -> u32 {
        self.told.get(&author).and_then(|told| told.all_heard).map_or(0, Seq::number)
    }

    /// How many texts all the others said.
    pub(crate) fn said_by_others(&self, reader: Run) -> usize {
        self.said.iter().filter(|(author, _)| **author != reader).map(|(_, texts)| texts.len()).sum()
    }

    /// How many texts were said by all, and bytes in them.
    pub(crate) fn said_in_all(&self) -> (u64, u64) {
        let texts = self.said.values().flat_map(BTreeMap::values);
        texts.fold((0, 0), |(count, bytes), said| (count + 1, bytes + said.text.len() as u64))
    }

    /// Takes in an event and checks it against what is known.
    pub(crate) fn happened(&mut self, now: Time, host: HostNumber, event: Event) {
        let (me, role) = self.running[&host];
        let present = self.present.entry(me).or_default();
        self.events += 1;
        match event {
            Event::Joined(peer) => {
                assert_ne!(peer.run, me, "{me} shows itself");
                assert!(present.insert(peer.run), "{me} shows {} twice", peer.run);
                self.first_heard.entry((me, peer.run)).or_insert(now);
            }
            Event::Changed { peer, .. } => {
                assert!(present.contains(&peer.run), "{me} tells of {}, who is gone", peer.run)
            }
            Event::Left(peer, departure) => {
                assert!(present.remove(&peer.run), "{me} shows {} leaving, who was not there", peer.run);
                if let Departure::Lost(silent) = departure {
                    self.lost.push((now, me, peer.run, silent));
                }
            }
            Event::OneWay(peer) => self.deaf.push((now, me, peer.run)),
            Event::BothWays(peer) => {
                assert!(present.contains(&peer.run), "{me} is heard again by {}, who is not there", peer.run);
                self.cured.push((now, me, peer.run));
            }
            Event::Line(line) => self.shown(now, me, role, &line),
            Event::Gap(gap) => {
                let told = self.told.entry(me).or_default();
                let shown = told.shown.get(&gap.author).into_iter().flatten();
                for (seq, _) in shown {
                    assert!(!gap.range.contains(Seq::new(*seq).unwrap()), "{me} misses line {seq}, which it has shown");
                }
                told.gaps.entry(gap.author).or_default().push(gap.range);
            }
            Event::AllHeard(seq) => {
                let told = self.told.entry(me).or_default();
                assert!(told.all_heard < Some(seq), "{me} is told twice that all have heard {seq}");
                told.all_heard = Some(seq);
            }
            Event::PrivateLine(line) => self.private.push((me, line)),
            Event::PrivateOutcome(outcome) => self.outcomes.push((me, outcome)),
            Event::Pong { run, way, round_trip } => self.pongs.push((me, run, way, Some(round_trip))),
            Event::NoPong { run, way } => self.pongs.push((me, run, way, None)),
            Event::SealedRoom => {}
            Event::Unheard(unheard) => self.unheard.push((me, unheard)),
            Event::Overflow(lost) => panic!("{me} lost {lost} events, though they are fetched at once"),
            Event::Gone => unreachable!("the LAN ends the run"),
        }
    }

    /// Each line once, whole, and in its author's order; only what was given up may come later.
    fn shown(&mut self, now: Time, me: Run, role: Role, line: &HeardLine) {
        assert_eq!(role, Role::Member, "a visitor is shown a line");
        assert_ne!(line.author, me, "{me} is shown its own line");
        let seq = line.seq.number();
        let said = self.said.get(&line.author).and_then(|texts| texts.range(..=seq).next_back());
        let said = said.filter(|(_, said)| said.lines.contains(line.seq)).map(|(_, said)| said);
        let said = said.unwrap_or_else(|| panic!("{me} is shown line {seq} of {}, which was not said", line.author));
        let told = self.told.entry(me).or_default();
        if said.text != line.text.as_str() {
            assert!(said.text.contains(line.text.as_str()), "not what {} said", line.author);
            let rest = said.text.len() - line.text.as_str().len();
            told.pieces.push(Piece { author: line.author, lines: said.lines, rest });
        }
        let shown = told.shown.entry(line.author).or_default();
        assert!(shown.iter().all(|(before, _)| *before != seq), "{me} is shown line {seq} of {} twice", line.author);
        let was_missed = told.gaps.get(&line.author).is_some_and(|gaps| gaps.iter().any(|gap| gap.contains(line.seq)));
        let in_order = shown.last().is_none_or(|(last, _)| *last < seq);
        // Of what was said before it knew of the author, not all need be there at once.
        let first_heard = self.first_heard.get(&(me, line.author)).is_some_and(|at| *at <= said.at);
        let is_earlier = !first_heard && line.arrival != Arrival::InTime;
        assert!(in_order || was_missed || is_earlier, "{me} is shown line {seq} of {} out of order", line.author);
        let is_history = said.at < self.started[&me];
        assert!(
            said.at < self.new_until[&me] || line.arrival != Arrival::History,
            "{me} is told as history what it was there for: {line:?}, said at {:?}",
            said.at
        );
        shown.push((seq, line.arrival));
        self.first_heard.entry((me, line.author)).or_insert(now);
        if !is_history {
            self.delays.push(now.since(said.at));
        }
    }

    /// Sees to it that a member has been shown all that it can have. `can_be_had` tells whether somebody holds lines.
    pub(crate) fn assert_complete(&self, reader: Run, can_be_had: impl Fn(Run, SeqRange) -> bool) {
        if !self.running.values().any(|(run, role)| *run == reader && *role == Role::Member) {
            return;
        }
        let none = Told::default();
        let told = self.told.get(&reader).unwrap_or(&none);
        for Piece { author, lines, rest } in &told.pieces {
            let is_missed = told.gaps.get(author).into_iter().flatten().any(|gap| gap.and(*lines).is_some());
            // Who dies in the midst of a long text has not said the rest; and who is cut off may say it much later.
            let has_died = !self.running.values().any(|(run, _)| run == author);
            let others = told.pieces.iter().filter(|other| (other.author, other.lines) == (*author, *lines));
            let is_all_there = others.count() > 1 && *rest > 0;
            assert!(is_missed || has_died || is_all_there, "{reader} was shown a piece of lines {lines:?} of {author}");
        }
        let there = self.new_until[&reader];
        for (author, texts) in self.said.iter().filter(|(author, _)| **author != reader) {
            let shown: BTreeSet<u32> = told.shown.get(author).into_iter().flatten().map(|(seq, _)| *seq).collect();
            for (seq, said) in texts.iter().filter(|(seq, said)| said.at > there && !shown.contains(seq)) {
                assert!(
                    !can_be_had(*author, said.lines),
                    "{reader} lacks line {seq} of {author}, which somebody holds"
                );
                let has_later = shown.last().is_some_and(|last| last > seq);
                let gaps = told.gaps.get(author).into_iter().flatten();
                let is_missed = gaps.clone().any(|gap| gap.and(said.lines).is_some());
                let is_earlier = self.first_heard.get(&(reader, *author)).is_none_or(|at| *at > said.at);
                assert!(
                    !has_later || is_missed || is_earlier,
                    "{reader} was not told that line {seq} of {author} is missing"
                );
            }
        }
    }
}

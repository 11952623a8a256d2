//! What must hold on a LAN whatever happens on it, checked at every event.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cooee::node::{Departure, Event, Role};
use cooee::time::Time;
use cooee::wire::Run;

use crate::lan::HostNumber;

/// What is known from outside of everything that runs or ran.
pub(crate) struct Model {
    running: BTreeMap<HostNumber, (Run, Role)>,
    lines: usize,
    /// What each run said, in order: line 1 first.
    said: BTreeMap<Run, Vec<String>>,
    /// What each run has shown: lines by author, each once.
    shown: BTreeMap<Run, BTreeSet<(Run, u32)>>,
    /// Whom each run shows as present.
    present: BTreeMap<Run, BTreeSet<Run>>,
    /// Who was shown as lost, by whom, after how long a silence.
    pub(crate) lost: Vec<(Time, Run, Run, Duration)>,
}

impl Model {
    pub(crate) fn new() -> Self {
        Self {
            running: BTreeMap::new(),
            lines: 0,
            said: BTreeMap::new(),
            shown: BTreeMap::new(),
            present: BTreeMap::new(),
            lost: Vec::new(),
        }
    }

    pub(crate) fn started(&mut self, host: HostNumber, run: Run, role: Role) {
        self.running.insert(host, (run, role));
    }

    pub(crate) fn ended(&mut self, host: HostNumber) {
        self.running.remove(&host);
    }

    /// A number for a line that no other line has.
    pub(crate) fn next_line(&mut self) -> usize {
        self.lines += 1;
        self.lines
    }

    pub(crate) fn said(&mut self, host: HostNumber, text: &str) {
        let (run, _) = self.running[&host];
        self.said.entry(run).or_default().push(text.to_owned());
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

    /// How many lines of others a run has shown.
    pub(crate) fn shown_by(&self, reader: Run) -> usize {
        self.shown.get(&reader).map_or(0, BTreeSet::len)
    }

    /// How many lines all the others said.
    pub(crate) fn said_by_others(&self, reader: Run) -> usize {
        self.said.iter().filter(|(author, _)| **author != reader).map(|(_, lines)| lines.len()).sum()
    }

    /// Takes in an event and checks it against what is known.
    pub(crate) fn happened(&mut self, now: Time, host: HostNumber, event: Event) {
        let (me, _) = self.running[&host];
        let present = self.present.entry(me).or_default();
        match event {
            Event::Joined(peer) => {
                assert_ne!(peer.run, me, "{me} shows itself");
                assert!(present.insert(peer.run), "{me} shows {} twice", peer.run);
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
            Event::Line(line) => {
                assert_ne!(line.author, me, "{me} is shown its own line");
                let said = self.said.get(&line.author).and_then(|lines| lines.get(line.seq.number() as usize - 1));
                assert_eq!(said.map(String::as_str), Some(line.text.as_str()), "not what {} said", line.author);
                let first = self.shown.entry(me).or_default().insert((line.author, line.seq.number()));
                assert!(first, "{me} is shown line {} of {} twice", line.seq, line.author);
            }
            Event::Overflow(lost) => panic!("{me} lost {lost} events, though they are fetched at once"),
            Event::Gone => unreachable!("the LAN ends the run"),
        }
    }
}

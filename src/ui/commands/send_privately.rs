//! `cooee send --to`: says to one alone what else goes to all, and waits until he has it.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use cooee::node::{CommandError, Event, PrivateOutcome};
use cooee::wire::{Run, Text};
use crossbeam_channel::{Receiver, bounded, never};

use super::send::{FIND_MAX, ending};
use crate::ui::ending::{Ending, warn};
use crate::ui::finding::{find_peers, nobody};
use crate::ui::input::{self, Line};
use crate::ui::look::lines;
use crate::ui::people::known::Keeping;
use crate::ui::people::whom::{self, Person};
use crate::ui::private_lines::{Fate, PrivateLines, PrivateText};
use crate::ui::progress::{ProgressRow, Reached};
use crate::ui::safe::Safe;
use crate::ui::session::{Happening, Session};
use crate::ui::settings::Settings;

/// Says the text, or each line of stdin, to whoever is meant, and waits for him no longer than `patience` once nothing
/// moves any more.
pub(super) fn say(
    session: &mut Session,
    settings: &Settings,
    typed: &str,
    text: Option<Text<'static>>,
    patience: Duration,
) -> Result<(), Ending> {
    // He has to be found, also by who waits for nothing: it is his key that seals what is said to him.
    find_peers(session, FIND_MAX)?;
    let person = find(session, settings, typed)?;
    let input = if text.is_none() { input::numbered_lines()? } else { bounded(0).1 };
    let mut speaker = Speaker {
        row: ProgressRow::new(Some(person.name.clone()), session.now()),
        name: person.name,
        runs: person.peers.iter().map(|peer| peer.run).collect(),
        session,
        lines: PrivateLines::default(),
        to_say: VecDeque::new(),
        heard: 0,
        unheard: Unheard::default(),
        // A text of the command line is all.
        has_said_all: text.is_some(),
        refused: 0,
    };
    text.into_iter().for_each(|text| speaker.note(text));
    speaker.speak(&input)?;
    // Who does not wait cannot know what became of it.
    let heard = if patience.is_zero() { Ok(()) } else { speaker.wait(patience) };
    let refused = speaker.refused;
    drop(speaker);
    ending(refused, heard)
}

fn find(session: &Session, settings: &Settings, typed: &str) -> Result<Person, Ending> {
    let (_, peers) = session.handle.peers()?;
    if peers.is_empty() {
        return Err(nobody(session, settings));
    }
    let mut names = session.names(settings, Keeping::Read)?;
    peers.iter().for_each(|peer| names.see(peer));
    let found = whom::reader(typed, &whom::everybody(&names, &peers), whom::Typed::InCommand);
    found.map_err(|problem| Ending::No(format!("{problem}; nothing was said")))
}

/// Texts that the reader is not known to have.
#[derive(Debug, Default)]
struct Unheard {
    count: u32,
    /// The first of them.
    first: Option<PrivateText>,
}

impl Unheard {
    fn note(&mut self, text: PrivateText) {
        self.count = self.count.saturating_add(1);
        self.first.get_or_insert(text);
    }

    /// `bob has not got "the key is…": he left`. `None` where there is no such text.
    fn words(&self, has_left: bool) -> Option<String> {
        let PrivateText { reader, beginning, .. } = self.first.as_ref()?;
        let what = match self.count {
            1 => format!("\"{beginning}\""),
            count => format!("{}, the first of them \"{beginning}\"", lines(count)),
        };
        let why = if has_left { "he left" } else { "he does not answer" };
        Some(format!("{reader} has not got {what}: {why}"))
    }
}

struct Speaker<'a> {
    session: &'a mut Session,
    /// How the reader is called.
    name: Safe,
    /// Those of his runs that are there.
    runs: BTreeSet<Run>,
    lines: PrivateLines,
    /// What has not been handed over yet, and to whom.
    to_say: VecDeque<(Run, Text<'static>)>,
    /// So many texts he has.
    heard: u64,
    unheard: Unheard,
    row: ProgressRow,
    /// There is no more to be said than what was noted.
    has_said_all: bool,
    /// So many lines of stdin were not fit to be said.
    refused: u32,
}

impl Speaker<'_> {
    /// Hands over all that comes by the input, until he has left; where too much waits, whoever pipes it waits too.
    fn speak(&mut self, input: &Receiver<(u64, Line)>) -> Result<(), Ending> {
        loop {
            self.hand_over()?;
            if self.runs.is_empty() {
                return Ok(());
            }
            let due = self.row.due().filter(|_| !input::is_typed());
            let happening = match self.to_say.is_empty() {
                true => self.session.next(input, due)?,
                false => self.session.next(&never(), due)?,
            };
            match happening {
                Happening::Event(event) => drop(self.note_event(&event)),
                Happening::Input((number, line)) => self.note_line(number, line),
                Happening::InputEnded => {
                    self.has_said_all = true;
                    return Ok(());
                }
                Happening::Deadline => self.show(),
                _ => {}
            }
        }
    }

    /// Waits until it is known of each text what became of it; the error tells what he has not got, and why.
    fn wait(&mut self, patience: Duration) -> Result<(), Ending> {
        let mut end = self.session.now() + patience;
        // What was handed over may still be acked when he has left; what was not is not said any more.
        while self.lines.len() > 0 && (!self.runs.is_empty() || self.to_say.is_empty()) {
            let due = self.row.due().map_or(end, |due| due.min(end));
            match self.session.next(&never::<()>(), Some(due))? {
                Happening::Event(event) if self.note_event(&event) => end = self.session.now() + patience,
                Happening::Deadline if due < end => self.show(),
                Happening::Deadline => break,
                _ => {}
            }
        }
        self.lines.give_up().into_iter().for_each(|text| self.unheard.note(text));
        match self.unheard.words(self.runs.is_empty()) {
            Some(words) => Err(Ending::No(words)),
            None if self.has_said_all => Ok(()),
            None => Err(Ending::No(format!("{} left before stdin ended", self.name))),
        }
    }

    fn note_line(&mut self, number: u64, line: Line) {
        match line.and_then(|line| input::parse(&line)) {
            Ok(None) => {}
            Ok(Some(text)) => self.note(text),
            Err(problem) => {
                self.refused = self.refused.saturating_add(1);
                warn(&format!("line {number}: {problem}"));
            }
        }
    }

    fn note(&mut self, text: Text<'static>) {
        let runs: Vec<Run> = self.runs.iter().copied().collect();
        self.to_say.extend(runs.iter().map(|run| (*run, text.clone())));
        self.lines.note(self.name.clone(), &text, runs);
    }

    /// Hands over as much as the run takes.
    fn hand_over(&mut self) -> Result<(), Ending> {
        while let Some((reader, text)) = self.to_say.pop_front() {
            match self.session.handle.say_privately(reader, text.clone(), false)? {
                Ok(()) => {}
                Err(CommandError::Busy) => {
                    self.to_say.push_front((reader, text));
                    return Ok(());
                }
                // He has just left.
                Err(_) => self.note_outcome(PrivateOutcome { reader, is_heard: false }),
            }
        }
        Ok(())
    }

    /// Notes what happens meanwhile; tells whether a text has moved on.
    fn note_event(&mut self, event: &Event) -> bool {
        match event {
            Event::PrivateOutcome(outcome) => self.note_outcome(*outcome),
            Event::Left(peer, _) => drop(self.runs.remove(&peer.run)),
            _ => {}
        }
        matches!(event, Event::PrivateOutcome(_))
    }

    fn note_outcome(&mut self, outcome: PrivateOutcome) {
        match self.lines.take(outcome) {
            Some(Fate::Heard) => self.heard += 1,
            Some(Fate::Unheard(text)) => self.unheard.note(text),
            None => {}
        }
    }

    fn show(&mut self) {
        let said = self.heard + u64::from(self.unheard.count) + self.lines.len() as u64;
        self.row.show(self.session.now(), Reached { said, heard: Some(self.heard) });
    }
}

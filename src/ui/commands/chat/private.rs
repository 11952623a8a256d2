//! What is said to one alone, and what others say to oneself alone.

use cooee::node::{HeardLine, Peer, PrivateOutcome};
use cooee::trust::PublicKey;
use cooee::wire::{Nick, Run, Seq, Text};

use super::Chat;
use crate::ui::ending::Ending;
use crate::ui::people::whom::{self, Typed, Who};
use crate::ui::private_lines::{Fate, PrivateLines};

/// What there is to know for talking to one alone.
#[derive(Debug, Default)]
pub(super) struct Private {
    lines: PrivateLines,
    /// Whoever last said something to this run alone.
    heard_from: Option<Correspondent>,
    /// To whom something was last said alone.
    said_to: Option<Correspondent>,
    /// How many texts were said to somebody alone.
    count: u32,
}

impl Private {
    /// Counts one more text that is said to somebody alone; gives its number.
    pub(super) fn next_seq(&mut self) -> Seq {
        self.count = self.count.saturating_add(1);
        Seq::new(self.count).unwrap_or(Seq::FIRST)
    }
}

/// Somebody whom an answer is for: a key, so that nobody gets it who has taken his nick.
#[derive(Clone, Debug)]
struct Correspondent {
    key: PublicKey,
    nick: Nick<'static>,
    /// The run that has said something; none where it was he who was spoken to.
    run: Option<Run>,
}

impl Chat<'_> {
    /// Says something to whoever is meant, alone: to each of his runs that goes by that name.
    pub(super) fn tell_one(&mut self, typed: &str, text: &Text<'static>) -> Result<(), Ending> {
        let peers = self.peers()?;
        let person = match whom::reader(typed, &whom::everybody(&self.names, &peers), Typed::InChat) {
            Ok(person) => person,
            Err(problem) => return self.not_said(&problem),
        };
        match (person.who, &person.peers[..]) {
            (Who::Key(_), readers @ [_, ..]) => self.say_privately(readers, text),
            _ => self.not_said(&format!("{} is not here", person.name)),
        }
    }

    /// Answers whoever last said something to this run alone, where he said it; if nobody did, says more to whom
    /// something was last said alone.
    pub(super) fn answer(&mut self, text: &Text<'static>) -> Result<(), Ending> {
        let Some(other) = self.private.heard_from.clone().or_else(|| self.private.said_to.clone()) else {
            return self.not_said("nobody has said anything to you alone; /msg NICK TEXT begins");
        };
        let mut readers = self.peers()?;
        readers.retain(|peer| peer.signer == Some(other.key));
        if readers.iter().any(|peer| Some(peer.run) == other.run) {
            readers.retain(|peer| Some(peer.run) == other.run);
        }
        if readers.is_empty() {
            let name = self.names.known_name(other.nick.as_str(), other.key.fingerprint());
            return self.not_said(&format!("{name} is not here any more"));
        }
        self.say_privately(&readers, text)
    }

    fn say_privately(&mut self, readers: &[Peer], text: &Text<'static>) -> Result<(), Ending> {
        let (mut taken, mut refusal) = (Vec::new(), None);
        for reader in readers {
            match self.session.handle.say_privately(reader.run, text.clone(), false)? {
                Ok(()) => taken.push(reader),
                Err(problem) => refusal = Some(problem),
            }
        }
        match (taken.first(), refusal) {
            (Some(reader), _) => {
                let (name, now) = (self.names.peer(reader), self.session.clock().unix());
                let other = reader.signer.map(|key| (key, reader.profile.nick.clone()));
                self.private.said_to = other.map(|(key, nick)| Correspondent { key, nick, run: None });
                let line = self.look.said_privately(reader, &name, text, now);
                self.record_own_private_line(reader, text, &line, &name);
                self.private.lines.note(name, text, taken.iter().map(|peer| peer.run).collect());
                self.screen.line(&line)
            }
            (None, Some(problem)) => self.not_said(&problem.to_string()),
            (None, None) => Ok(()),
        }
    }

    /// Somebody has said something to this run alone: an answer is for him.
    pub(super) fn note_private_line(&mut self, line: &HeardLine) {
        let other = line.signer.map(|key| (key, line.nick.clone()));
        let heard_from = other.map(|(key, nick)| Correspondent { key, nick, run: Some(line.author) });
        self.private.heard_from = heard_from.or(self.private.heard_from.take());
    }

    /// What became of something that was said to one alone; where he has it, nothing is told.
    pub(super) fn tell_outcome(&mut self, outcome: PrivateOutcome) -> Result<(), Ending> {
        match self.private.lines.take(outcome) {
            Some(Fate::Unheard(text)) => self.tell(&format!("{} has not got \"{}\"", text.reader, text.beginning)),
            Some(Fate::Heard) | None => Ok(()),
        }
    }

    /// Outcomes may be among what came too fast: of no text that is on its way can be told what becomes of it.
    pub(super) fn forget_outcomes(&mut self) {
        self.private.lines.give_up();
    }

    fn not_said(&mut self, problem: &str) -> Result<(), Ending> {
        self.tell(&format!("{problem}; nothing was said"))
    }
}

//! What happens in the room, as it is told: who comes and goes, what is said, what is lost.

use cooee::node::{Event, HeardLine, Peer, Unheard};
use cooee::time::UnixMillis;
use cooee::wire::{Profile, Run};

use super::Chat;
use super::arrivals::{Move, Way};
use crate::ui::day::day_line;
use crate::ui::ending::Ending;
use crate::ui::finding::sealed_room;
use crate::ui::look::one_way;
use crate::ui::people::hearers;
use crate::ui::people::roster::changes;
use crate::ui::safe::{Safe, same_name};
use crate::ui::timestamp::local_day;

impl Chat<'_> {
    /// Tells of something that has happened.
    pub(super) fn show(&mut self, event: Event) -> Result<(), Ending> {
        // Who goes is still called as he was; who comes, by what is known of him then.
        let leaver = if let Event::Left(peer, _) = &event { Some(self.names.peer(peer)) } else { None };
        let warnings = self.note(&event);
        self.tell_day()?;
        let time = self.session.clock().unix();
        match event {
            Event::Line(line) => self.show_line(&line, time)?,
            Event::PrivateLine(line) => self.show_private_line(&line, time)?,
            Event::PrivateOutcome(outcome) => self.tell_outcome(outcome)?,
            Event::Gap(gap) if !self.names.ignores(gap.signer, gap.author) => {
                let author = self.names.gap(&gap);
                let row = self.look.gap(&gap, &author, time);
                self.record_gap(&gap, &row, &author);
                self.screen.line(&row)?;
            }
            Event::Joined(peer) => {
                let name = self.names.peer(&peer);
                self.show_move(Move { peer, name, way: Way::In })?;
            }
            Event::Left(peer, departure) => {
                let name = leaver.unwrap_or_else(|| self.names.peer(&peer));
                self.show_move(Move { peer, name, way: Way::Out(departure) })?;
            }
            Event::OneWay(peer) => {
                let name = self.names.peer(&peer);
                self.show_move(Move { peer, name, way: Way::Deaf })?;
            }
            Event::BothWays(peer) => {
                let name = self.names.peer(&peer);
                self.show_move(Move { peer, name, way: Way::Cured })?;
            }
            Event::Changed { peer, before } => self.show_change(&peer, &before, time)?,
            Event::Pong { run, way, round_trip } => self.tell_round_trip(run, way, Some(round_trip))?,
            Event::NoPong { run, way } => self.tell_round_trip(run, way, None)?,
            Event::Unheard(unheard) => self.tell_unheard(&unheard)?,
            Event::SealedRoom => self.tell(sealed_room(&self.settings))?,
            Event::Overflow(lost) => {
                self.forget_outcomes();
                self.tell(&format!("{lost} lines or changes came too fast to be shown"))?;
            }
            _ => {}
        }
        warnings.into_iter().try_for_each(|words| self.tell(&words))
    }

    /// Tells which day it is, when that is another one than before.
    pub(super) fn tell_day(&mut self) -> Result<(), Ending> {
        let now = self.session.clock().unix();
        let today = local_day(now);
        if !self.screen.is_terminal() || self.day.replace(today) == Some(today) {
            return Ok(());
        }
        self.screen.line(&day_line(now, self.day_columns()))
    }

    /// How wide the line between two days is.
    pub(super) fn day_columns(&self) -> usize {
        /// Wider, it would draw more eyes than what is said.
        const MOST: usize = 72;
        self.screen.columns().map_or(MOST, |columns| columns.min(MOST))
    }

    /// Takes in who comes, goes, or goes by another nick; gives what is to be told of that.
    pub(super) fn note(&mut self, event: &Event) -> Vec<String> {
        let noted = self.names.note(event, self.session.clock().unix());
        let peer = match event {
            Event::Joined(peer) => Some(peer),
            Event::Changed { peer, before } if peer.profile.nick != before.nick => Some(peer),
            _ => None,
        };
        let heard = peer.filter(|peer| !self.names.ignores(peer.signer, peer.run));
        let about = heard.and_then(|peer| self.same_nick(peer).or(noted.impostor));
        about.into_iter().chain(noted.problem).collect()
    }

    fn show_line(&mut self, line: &HeardLine, time: UnixMillis) -> Result<(), Ending> {
        if self.names.ignores(line.signer, line.author) {
            return Ok(());
        }
        self.tell_moves_of(line.author)?;
        self.speakers.note(line.author);
        let name = self.names.line(line);
        let row = if self.mention.is_in(&Safe::text(line.text.as_str())) {
            self.call(line, &name)?;
            self.look.mention(line, &name, time)
        } else {
            self.look.line(line, &name, time)
        };
        self.record_line(line, false, &row, &name);
        self.screen.line(&row)
    }

    fn show_private_line(&mut self, line: &HeardLine, time: UnixMillis) -> Result<(), Ending> {
        if self.names.ignores(line.signer, line.author) {
            return Ok(());
        }
        self.tell_moves_of(line.author)?;
        self.note_private_line(line);
        let name = self.names.line(line);
        self.call(line, &name)?;
        let row = self.look.private(line, &name, time);
        self.record_line(line, true, &row, &name);
        self.screen.line(&row)
    }

    fn show_change(&mut self, peer: &Peer, before: &Profile<'_>, time: UnixMillis) -> Result<(), Ending> {
        if self.names.ignores(peer.signer, peer.run) {
            return Ok(());
        }
        self.tell_moves_of(peer.run)?;
        let lines = changes(peer, before, &self.names, &self.look, time);
        lines.iter().try_for_each(|line| self.screen.line(line))
    }

    fn show_move(&mut self, moved: Move) -> Result<(), Ending> {
        if self.names.ignores(moved.peer.signer, moved.peer.run) {
            return Ok(());
        }
        // A screen is to have room for the talk; what reads a pipe wants a line for each.
        let told = if self.screen.is_terminal() { self.arrivals.note(moved, self.session.now()) } else { vec![moved] };
        self.tell_moves(told)
    }

    /// Tells of those who came or went a moment ago, where it is time to.
    pub(super) fn tell_moves_due(&mut self) -> Result<(), Ending> {
        let due = self.arrivals.due(self.session.now());
        self.tell_moves(due)
    }

    /// Nobody says a word before it is told that he is here.
    fn tell_moves_of(&mut self, run: Run) -> Result<(), Ending> {
        if !self.arrivals.waits(run) {
            return Ok(());
        }
        let all = self.arrivals.take(self.session.now());
        self.tell_moves(all)
    }

    /// Tells of comings and goings: those that follow each other and are alike in one line.
    fn tell_moves(&mut self, moves: Vec<Move>) -> Result<(), Ending> {
        let time = self.session.clock().unix();
        moves.chunk_by(|one, next| one.way.is_like(next.way)).try_for_each(|alike| {
            let names = || alike.iter().map(|moved| moved.name.clone()).collect::<Vec<_>>();
            let look = &self.look;
            let line = match alike {
                [Move { peer, name, way: Way::Deaf }] => return self.tell(&one_way::deaf(peer, name)),
                [Move { way: Way::Deaf, .. }, ..] => return self.tell(&one_way::deaf_together(&names())),
                [Move { peer, name, way: Way::In }] => look.joined(peer, name, time),
                [Move { name, way: Way::Cured, .. }] => look.hears_again(name, time),
                [Move { way: Way::Cured, .. }, ..] => look.hear_again_together(&names(), time),
                [Move { name, way: Way::Out(departure), .. }] => look.left(name, *departure, time),
                [Move { way: Way::Out(departure), .. }, ..] => look.left_together(&names(), *departure, time),
                _ => look.joined_together(&names(), time),
            };
            self.screen.line(&line)
        })
    }

    /// Who has not heard what was said a moment ago; where all have, nothing is told.
    fn tell_unheard(&mut self, unheard: &Unheard) -> Result<(), Ending> {
        let said = self.own_lines.beginning(unheard.up_to);
        let words = hearers::unheard(unheard, said, &self.names.peers(&self.peers()?));
        words.map_or(Ok(()), |words| self.tell(&words))
    }

    /// Words for somebody who goes by one's own nick.
    pub(super) fn same_nick(&self, peer: &Peer) -> Option<String> {
        let is_same = same_name(peer.profile.nick.as_str(), self.settings.nick.as_str());
        is_same.then(|| {
            let (name, host) = (self.names.peer(peer), Safe::name(peer.profile.host.as_str(), "?"));
            format!("another {name} ({host}, {}) is here; /nick changes yours", peer.address.ip())
        })
    }
}

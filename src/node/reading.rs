//! How lines of others become what is told: in order, gaps filled or given up, history first.

use alloc::vec::Vec;
use core::time::Duration;

use super::asking::{Due, Lack, Whom};
use super::contacts::Contact;
use super::hearing::{Author, Hitch};
use super::link::{Datagram, Transmit, Way};
use super::log::Origin;
use super::passage::{self, Passage, Wholeness};
use super::shares::Source;
use super::{Arrival, Asking, Node, Role, losses};
use crate::time::UnixMillis;
use crate::wire::{Lines, Message, Nack, Run, Seq, SeqRange};

/// Two copies of a datagram that come so close together are not a repeat, which comes after 20 ms at the soonest.
const SAME_DATAGRAM: Duration = Duration::from_millis(15);

/// Since when an author's gaps have been asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gaps {
    /// From now on: lines have come, and more of them may come.
    New,
    /// Each since a later line came: nothing has come for long, and those behind the first gap were asked for too.
    Known,
}

impl Node {
    pub(super) fn handle_lines(&mut self, author: Run, lines: &Lines<'_>, datagram: &Datagram<'_>) {
        // A visitor does not stay to hear anything.
        if self.config.role == Role::Visitor {
            return;
        }
        let range = lines.range();
        self.repairs.handle_heard((author, range.first()));
        let way = Way { link: datagram.link, address: datagram.from };
        let earlier_lines = self.earlier_lines();
        self.contacts.handle_line(self.now, author, way, range.first(), earlier_lines);
        self.handle_heard_by(author, datagram.link);
        self.begin_hearing(author);
        self.hearing.handle_proof(author, range.first());
        let is_present = self.proving.is_proven(author) || self.peers.way(author).is_some();
        let source = if is_present { Source::Present(datagram.from.ip()) } else { Source::Absent };
        let origin = Origin { link: datagram.link, from: datagram.from, source, heard: self.now };
        let is_lost = !self.losses.around(author, range).is_empty();
        if self.is_told(author, range.last()) && (is_lost || !self.is_said_since(author, lines)) {
            return self.handle_old_lines(author, range, datagram.bytes, origin);
        }
        if !self.log.insert(author, range, datagram.bytes, origin) {
            self.stats.repeated_lines += u64::from(range.len());
            return;
        }
        if author.peer.is_signed() {
            self.admission.handle_new_lines(self.now, datagram.from.ip());
        }
        if self.hearing.get(author).is_some_and(|known| known.awaits(range.first())) {
            self.asking.handle_answer(self.now, author);
        }
        self.hearing.handle_highest(self.now, author, range.last());
        self.tell(author);
        // Whoever says much at once waits for it.
        self.send_due_acks();
        self.follow_up(author, Gaps::New);
        self.compare_own_digests();
        self.finish_history();
    }

    fn is_told(&self, author: Run, seq: Seq) -> bool {
        self.hearing.get(author).is_some_and(|known| seq.number() <= known.told)
    }

    /// Whether lines that are not wanted, as they should be of the time before this run came, are not so after all:
    /// they were overtaken by their author's beacon.
    fn is_said_since(&mut self, author: Run, lines: &Lines<'_>) -> bool {
        let ahead = self.contacts.get(author).and_then(Contact::ahead);
        let is_since = ahead.is_some_and(|ahead| ahead.to_ours(lines.time()) >= self.config.started);
        is_since && self.hearing.handle_said_since(author, lines.first())
    }

    /// Lines that were told already, or given up.
    fn handle_old_lines(&mut self, author: Run, range: SeqRange, bytes: &[u8], origin: Origin) {
        let lost = self.losses.around(author, range);
        if lost.is_empty() {
            self.stats.repeated_lines += u64::from(range.len());
            // Its author does not know that it came, unless it came by two ways at once.
            let first_copy = self.log.holding(author, range.first()).map(|entry| entry.heard);
            if first_copy.is_none_or(|heard| self.now.since(heard) >= SAME_DATAGRAM) {
                self.want_ack(author);
            }
            return;
        }
        if self.log.insert(author, range, bytes, origin) {
            self.losses.handle_progress(self.now, author, range);
        }
        lost.into_iter().for_each(|(lost, kind)| self.tell_found(author, lost, kind));
        self.want_ack(author);
    }

    /// Tells what has come of lines that were given up: whole texts, and the piece of one that was told but for it.
    fn tell_found(&mut self, author: Run, lost: SeqRange, kind: losses::Kind) {
        let is_all_there = kind == losses::Kind::Missed && self.log.missing(author, lost, 1).is_empty();
        let mut passages = self.passages(author, lost);
        passages.retain(|passage| is_all_there || passage.is_whole() && passage.range.and(lost) == Some(passage.range));
        for passage in passages {
            self.losses.handle_found(author, passage.range);
            self.hearing.handle_found(author, passage.range);
            self.tell_passage(passage, Arrival::Late);
        }
    }

    /// Tells what there is to be told of an author, in his order.
    fn tell(&mut self, author: Run) {
        if self.newcomer.holds_back() {
            return;
        }
        let mut has_told = false;
        while self.events.has_room(author) {
            self.waiting.remove(&author);
            let mut passages = self.hearing.take_short(author, &self.log);
            if passages.is_empty() {
                passages.extend(self.next_passage(author));
            }
            if passages.is_empty() {
                break;
            }
            let history = self.hearing.get(author).map_or(0, |known| known.history);
            for passage in passages {
                let is_history = passage.range.first().number() <= history;
                if !self.pass_over(&passage) {
                    self.tell_passage(passage, if is_history { Arrival::History } else { Arrival::InTime });
                    has_told = true;
                }
            }
        }
        if !self.events.has_room(author) {
            self.waiting.insert(author);
        }
        if has_told {
            self.want_ack(author);
        }
    }

    /// An author's next text, if it is there.
    fn next_passage(&mut self, author: Run) -> Option<Passage> {
        loop {
            let passage = self.hearing.take_next(author, &self.log, Wholeness::Whole)?;
            if !self.pass_over(&passage) {
                return Some(passage);
            }
        }
    }

    /// Passes over the end of a text that began before this run knew of its author: it is told if its beginning should
    /// come. Tells whether it is such a one.
    fn pass_over(&mut self, Passage { author, range, is_fragment, .. }: &Passage) -> bool {
        let is_earlier = || range.first().before().is_some_and(|seq| self.hearing.is_earlier(*author, seq));
        let passes = *is_fragment && is_earlier();
        if passes {
            self.losses.handle_lost(self.now, *author, *range, losses::Kind::Earlier);
        }
        passes
    }

    /// Goes on with authors who had to wait, as there is room now.
    pub(super) fn tell_waiting(&mut self) {
        while let Some(author) = self.waiting.iter().copied().find(|author| self.events.has_room(*author)) {
            self.tell(author);
            self.follow_up(author, Gaps::New);
        }
    }

    /// Sees to what keeps an author's next line from being told.
    pub(super) fn follow_up(&mut self, author: Run, gaps: Gaps) {
        let hitch = self.hearing.hitch(author, &self.log);
        // Who has more to tell than is fetched has time to wait for the rest.
        let hitch = hitch.filter(|_| !self.waiting.contains(&author));
        let Some((hitch, known)) = hitch.zip(self.hearing.get(author)) else { return self.asking.end(author) };
        let lack = match hitch {
            Hitch::Missing(missing) => {
                let behind = missing.last().after(1).and_then(|seq| self.log.holding(author, seq));
                Lack {
                    head: missing.first(),
                    since: behind.filter(|_| gaps == Gaps::Known).map_or(self.now, |entry| entry.heard),
                    is_owed: missing.first().number() > known.met && !known.is_hearsay(missing.first()),
                    is_said: true,
                }
            }
            Hitch::Unfinished(_) if self.newcomer.holds_back() => return self.asking.end(author),
            Hitch::Unfinished(head) => Lack { head, since: self.now, is_owed: true, is_said: false },
        };
        self.asking.want(self.now, author, lack, &mut self.rng);
    }

    /// Asks for what is missing, gives up what nobody has, and asks once more for what was given up.
    pub(super) fn handle_reading_timeout(&mut self) {
        while let Some(due) = self.asking.due(self.now) {
            match due {
                Due::Ask(author) => self.ask(author),
                Due::GiveUp(author) => self.give_up(author),
            }
        }
        if let Some((author, missing)) = self.losses.take_question(self.now) {
            // Of a long text, some parts may be there.
            for missing in self.log.missing(author, missing, 1) {
                self.send_nack(Transmit::Everywhere, Nack { to_all: true, author, missing });
            }
        }
        self.finish_history();
    }

    fn ask(&mut self, author: Run) {
        let gaps = self.hearing.missing(author, &self.log, Asking::NACKS_MAX as usize);
        let Some(first) = gaps.first() else { return self.asking.end(author) };
        let way = match self.asking.begin_round(self.now, author, &mut self.rng) {
            Whom::Holder => self.holder(author, first.first()),
            Whom::Everybody => None,
        };
        // One for each gap, and what is left for the first, which holds back all.
        let for_first = Asking::NACKS_MAX + 1 - u32::try_from(gaps.len()).unwrap_or(1);
        let lines_of_one = self.log.lines_of_newest(author);
        let pieces = first.split(for_first, lines_of_one).chain(gaps[1..].iter().copied());
        for missing in pieces {
            if !self.asking.handle_asked(self.now, author) {
                break;
            }
            let nack = Nack { to_all: way.is_none(), author, missing };
            self.send_nack(way.unwrap_or(Transmit::Everywhere), nack);
        }
    }

    /// Whoever should hold a line and can be reached alone.
    fn holder(&self, author: Run, line: Seq) -> Option<Transmit> {
        let is_there = self.peers.way(author).is_some();
        let by_hearsay = self.hearing.get(author).filter(|known| !is_there || known.is_hearsay(line));
        by_hearsay.and_then(Author::holder).or_else(|| self.way_to(author))
    }

    fn send_nack(&mut self, way: Transmit, nack: Nack) {
        self.stats.sent_nacks += 1;
        let counter = self.next_counter();
        self.outbox.send(way, Message::Nack(counter, nack));
    }

    /// Gives up what an author's lines wait for. Of what was said since this run knows of him, that is told.
    fn give_up(&mut self, author: Run) {
        match self.hearing.hitch(author, &self.log) {
            Some(Hitch::Missing(missing)) if self.hearing.owed(author, missing).is_some() => {
                self.tell_begun(author);
                if let Some(lost) = self.hearing.give_up(author, missing) {
                    self.losses.handle_lost(self.now, author, lost, losses::Kind::Missed);
                    self.tell_gap(author, lost);
                }
            }
            // With the beginning of a text whose rest is missing: there is nothing to be told of it.
            Some(Hitch::Missing(missing)) => {
                if let Some(lost) = self.hearing.give_up(author, missing) {
                    self.losses.handle_lost(self.now, author, lost, losses::Kind::Earlier);
                }
            }
            Some(Hitch::Unfinished(_)) => self.tell_begun(author),
            None => {}
        }
        self.asking.end(author);
        self.tell(author);
        // Its author need not repeat what is given up.
        self.want_ack(author);
        self.follow_up(author, Gaps::Known);
    }

    /// Tells what there is of a text whose end is missing.
    fn tell_begun(&mut self, author: Run) {
        if let Some(begun) = self.hearing.take_next(author, &self.log, Wholeness::AsFarAsThere) {
            self.tell_passage(begun, Arrival::InTime);
        }
    }

    /// Tells a newcomer's history as soon as it is there, in the order of its time, and then what was said since. Of
    /// an author of whom something is missing by then, the rest follows when it comes.
    pub(super) fn finish_history(&mut self) {
        let (log, now) = (&self.log, self.now);
        let is_there = |author, range| log.missing(author, range, 1).is_empty();
        let Some(history) = self.newcomer.take_history(now, is_there) else { return };
        let mut passages: Vec<(UnixMillis, Passage)> = Vec::new();
        for (author, range) in &history {
            // An author's own order stands, wherever his clock may have jumped.
            let mut latest = UnixMillis(0);
            while self.hearing.awaits_before(*author, range.last()) {
                let Some(passage) = self.next_passage(*author) else { break };
                latest = latest.max(self.said(&passage));
                passages.push((latest, passage));
            }
        }
        passages.sort_by_key(|(said, _)| *said);
        let too_many = passages.len().saturating_sub(self.newcomer.lines() as usize);
        for (_, passage) in passages.into_iter().skip(too_many) {
            self.tell_passage(passage, Arrival::History);
        }
        for author in self.hearing.authors() {
            self.tell(author);
            self.follow_up(author, Gaps::New);
        }
    }

    /// The texts that are held of a range of lines.
    fn passages(&self, author: Run, range: SeqRange) -> Vec<Passage> {
        let mut passages = Vec::new();
        let mut rest = Some(range);
        while let Some(range) = rest {
            let Some(entry) = self.log.first_in(author, range) else { break };
            let first = entry.range.first().max(range.first());
            let Some(within) = SeqRange::new(first, range.last()) else { break };
            let Some(passage) = passage::read(&self.log, author, within, Wholeness::AsFarAsThere) else { break };
            rest = passage.range.last().after(1).and_then(|next| SeqRange::new(next, range.last()));
            passages.push(passage);
        }
        passages
    }
}

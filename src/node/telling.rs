//! How what was read is told: when it was said, and whether it came in time.

use super::contacts::Contact;
use super::passage::{self, Passage, Wholeness};
use super::{Arrival, Event, Gap, HeardLine, Node};
use crate::time::UnixMillis;
use crate::trust::PublicKey;
use crate::wire::{Nick, Run, Seq, SeqRange};

/// A line is late that is told so many milliseconds after it was said: more than any repair takes.
const LATE_AFTER: u64 = 2000;
/// Clocks are compared by beacons, which take a moment themselves.
const CLOCK_TOLERANCE: u64 = 500;

impl Node {
    /// Tells a text, unless it is history and none is wanted. How it arrived is judged by when it was said; where its
    /// author's clock is not known, by how it came to be here.
    pub(super) fn tell_passage(&mut self, passage: Passage, by_way: Arrival) {
        let said = self.said(&passage);
        let arrival = self.arrival(passage.author, passage.range.last(), said, by_way);
        if arrival == Arrival::History && self.config.history == 0 {
            return;
        }
        let Passage { author, range, signer, nick, action, text, link, from, .. } = passage;
        self.events.push(Event::Line(HeardLine {
            author,
            signer,
            nick,
            seq: range.first(),
            action,
            text,
            said,
            arrival,
            link,
            from,
        }));
    }

    fn arrival(&self, author: Run, last: Seq, said: UnixMillis, by_way: Arrival) -> Arrival {
        let tells_time = self.contacts.get(author).and_then(Contact::ahead).is_some();
        let is_late = said.0.saturating_add(LATE_AFTER) < self.unix().0;
        if !tells_time {
            // The clock of somebody who never told it may be wrong by years: it is believed where that is likely.
            let is_stranger = !self.contacts.get(author).is_some_and(Contact::has_told_time);
            let is_since = is_stranger && is_late && said >= self.config.started;
            let by_hearsay = self.hearing.get(author).is_some_and(|known| known.was_told_of(last));
            // Whoever signs and has not shown that he is there may have said it at any time, and somebody has kept it.
            let is_kept = is_late && author.peer.is_signed() && !self.proving.is_proven(author);
            let is_late = is_since || by_hearsay || is_kept;
            return if by_way == Arrival::InTime && is_late { Arrival::Late } else { by_way };
        }
        if by_way == Arrival::Late {
            return by_way;
        }
        if said.0.saturating_add(CLOCK_TOLERANCE) < self.config.started.0 {
            Arrival::History
        } else if is_late {
            Arrival::Late
        } else {
            Arrival::InTime
        }
    }

    /// When something was said, by our own clock as far as is known.
    pub(super) fn said(&self, passage: &Passage) -> UnixMillis {
        self.said_by(passage.author, passage.time)
    }

    /// What our own clock said when an author's said `time`, as far as is known.
    pub(super) fn said_by(&self, author: Run, time: UnixMillis) -> UnixMillis {
        let ahead = self.contacts.get(author).and_then(Contact::ahead);
        ahead.map_or(time, |ahead| ahead.to_ours(time))
    }

    /// Tells that lines are lost that are missed.
    pub(super) fn tell_gap(&mut self, author: Run, lost: SeqRange) {
        let Some(range) = self.hearing.owed(author, lost) else { return };
        self.hearing.handle_lost(author, range);
        self.stats.lost_lines += u64::from(range.len());
        let (signer, nick) = self.peers.name(author).or_else(|| self.name_in_log(author)).unzip();
        self.events.push(Event::Gap(Gap { author, signer: signer.flatten(), nick, range }));
    }

    /// The key of an author and the name that he went by last, as far as lines of his are held.
    fn name_in_log(&self, author: Run) -> Option<(Option<PublicKey>, Nick<'static>)> {
        let newest = self.log.extent(author)?.last();
        let passage = passage::read(&self.log, author, SeqRange::one(newest), Wholeness::AsFarAsThere)?;
        Some((passage.signer, passage.nick))
    }
}

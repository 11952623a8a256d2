//! What runs send each other so that nothing gets lost: nacks and repairs, acks and repeats, requests and notes.

use alloc::vec::Vec;

use super::audience::Repeat;
use super::behind::is_behind;
use super::calling::Call;
use super::comparing::Counterpart;
use super::hearing::Hearsay;
use super::link::{Datagram, LinkId, Transmit};
use super::reading::Gaps;
use super::repairs::Question;
use super::{Event, Leaving, Node, Role, Unheard, acks, losses};
use crate::wire::{Ack, Digest, Held, HistoryRequest, Message, Nack, Notes, Run, Seq, SeqRange, Wanted};

/// Most lines of history that notes tell of.
const HISTORY_MAX: u32 = 1000;

impl Node {
    /// Somebody lacks lines: he gets them if they are held, one datagram for each question.
    pub(super) fn handle_nack(&mut self, nack: Nack, datagram: &Datagram<'_>) {
        // On the LAN that he asks, nobody else answers him either who has heard the author elsewhere.
        if !self.tells_of(nack.author, datagram.link) {
            return;
        }
        if nack.author == self.me {
            self.pace.handle_loss();
        }
        if nack.to_all {
            self.asking.handle_nack_of_other(self.now, nack.author, nack.missing, &mut self.rng);
        }
        let Some(entry) = self.log.first_in(nack.author, nack.missing) else { return };
        let question = Question {
            datagram: (nack.author, entry.range.first()),
            from: datagram.from,
            way: Transmit::Unicast { link: datagram.link, to: datagram.from },
            to_all: nack.to_all,
            own: nack.author == self.me,
        };
        self.repairs.ask(self.now, question, self.peers.len(), &mut self.rng);
    }

    pub(super) fn handle_ack(&mut self, from: Run, ack: Ack) {
        if ack.author == self.me {
            self.audience.handle_ack(from, ack.up_to, ack.lost);
            self.note_heard();
            self.tell_all_heard();
        }
    }

    /// Who is to hear this run, or how far they have, is not what it was.
    pub(super) fn note_heard(&mut self) {
        self.pace.handle_heard(self.now, self.audience.slowest());
    }

    /// Waits no more for whoever takes in nothing: the others are not to wait for him.
    pub(super) fn handle_pace_timeout(&mut self) {
        if let Some(up_to) = self.pace.take_stalled(self.now) {
            self.audience.leave_behind(up_to);
            self.note_heard();
        }
    }

    pub(super) fn tell_all_heard(&mut self) {
        if let Some(last) = self.audience.take_all_heard() {
            self.events.push(Event::AllHeard(last));
        }
    }

    pub(super) fn handle_history_request(&mut self, request: HistoryRequest, datagram: &Datagram<'_>) {
        let may = request.asked == self.me && self.config.role == Role::Member && self.leaving == Leaving::No;
        if !may || !self.notes.take(self.now) {
            return;
        }
        let notes = match request.wanted {
            Wanted::LastLines(lines) => {
                let is_told = |author| self.tells_of(author, datagram.link);
                let held = self.log.last_lines(lines.min(HISTORY_MAX) as usize, is_told);
                Notes::of(request.wanted, held.into_iter())
            }
            Wanted::AllAuthors { but_for } => {
                let card = self.cards.of(datagram.link);
                let held = self.hearing.notes(&self.log, self.own_last(), card);
                Notes::of(request.wanted, held.skip(but_for as usize))
            }
        };
        let to_one = Transmit::Unicast { link: datagram.link, to: datagram.from };
        let way = if request.to_all { self.to_all_by(datagram.link) } else { to_one };
        let counter = self.next_counter();
        self.outbox.send(way, Message::Notes(counter, notes));
    }

    pub(super) fn handle_notes(&mut self, from: Run, notes: &Notes<'_>, datagram: &Datagram<'_>) {
        let holder = Transmit::Unicast { link: datagram.link, to: datagram.from };
        for (author, range) in self.newcomer.handle_notes(self.now, self.me, from, notes) {
            self.begin_hearing(author);
            if self.hearing.get(author).is_none() {
                let forgotten = self.hearing.meet(self.now, author, range.last().number(), range.last().number());
                self.forget(forgotten);
            }
            self.handle_heard_by(author, datagram.link);
            self.hearing.extend_back(author, range);
            self.hearing.handle_hearsay(author, Hearsay { highest: range.last(), holder });
            self.follow_up(author, Gaps::New);
        }
        let was_acquainted = self.comparing.is_acquainted(self.now);
        // The answer may come by another card than the question went by, on the same LAN.
        if let Some(asked_by) = self.comparing.handle_notes(self.now, from, notes) {
            for held in notes.iter() {
                self.learn_held(held, holder, was_acquainted);
                self.handle_heard_by(held.author, asked_by);
            }
        }
        self.handle_exchange_timeout();
    }

    /// Somebody holds lines of an author: those are wanted that are new.
    fn learn_held(&mut self, held: Held, holder: Transmit, was_acquainted: bool) {
        if held.author == self.me {
            return;
        }
        let highest = held.last;
        self.begin_hearing(held.author);
        if self.hearing.get(held.author).is_none() {
            let forgotten = match held.from {
                Some(from) if was_acquainted => {
                    // Somebody else may hold those before.
                    let before = from.before().and_then(|last| SeqRange::new(Seq::FIRST, last));
                    before.into_iter().for_each(|before| {
                        self.losses.handle_lost(self.now, held.author, before, losses::Kind::Earlier)
                    });
                    self.hearing.meet(self.now, held.author, from.number() - 1, highest.number())
                }
                // Somebody else may hold what this one only knows of.
                None if was_acquainted => return,
                // It was said before this run came.
                _ => self.hearing.meet_by_rumour(self.now, held.author, highest),
            };
            self.forget(forgotten);
        }
        if held.from.is_some() && self.hearing.handle_hearsay(held.author, Hearsay { highest, holder }) {
            self.follow_up(held.author, Gaps::New);
        }
    }

    /// Sends the repairs, acks and requests that are due.
    pub(super) fn handle_exchange_timeout(&mut self) {
        self.repairs.handle_timeout(self.now);
        while let Some((datagram, way)) = self.repairs.take() {
            self.stats.sent_repairs += 1;
            let ways = if way == Transmit::Everywhere { self.to_hearers_of(datagram.0) } else { Vec::from([way]) };
            ways.into_iter().for_each(|way| self.outbox.send_again(datagram, way));
        }
        self.send_due_acks();
        if let Some(way) =
            self.search.take_call(self.now, self.peers.len(), &mut self.rng).filter(|_| self.leaving == Leaving::No)
        {
            // No hello: who does not reach this run by unicast is not to answer each of them by broadcast.
            self.outbox.call(way, Call::Beacon);
        }
        if let Some(request) = self.newcomer.take_request(self.now) {
            let to_one = self.way_to(request.asked).filter(|_| !request.to_all);
            self.send_request(request, to_one.unwrap_or(Transmit::Everywhere));
        }
        if let Some((with, theirs)) = self.comparing.due(self.now)
            && self.is_behind(with.link, theirs, self.digest(with.link))
        {
            self.comparing.handle_behind(self.now, with);
        }
        let (hearing, cards, own) = (&self.hearing, &self.cards, self.own_last());
        let ours = |link| hearing.digest(own, cards.of(link));
        if let Some((link, request)) = self.comparing.take_request(self.now, ours) {
            let to_one = self.peers.way_by(request.asked, link).filter(|_| !request.to_all);
            self.send_request(request, to_one.unwrap_or_else(|| self.to_all_by(link)));
        }
    }

    fn send_request(&mut self, request: HistoryRequest, way: Transmit) {
        let counter = self.next_counter();
        self.outbox.send(way, Message::HistoryRequest(counter, request));
    }

    /// A peer tells in 8 bytes what it knows of.
    pub(super) fn handle_digest(&mut self, with: Counterpart, theirs: Digest) {
        let ours = self.digest(with.link);
        if theirs != ours && self.is_behind(with.link, theirs, ours) {
            self.comparing.handle_behind(self.now, with);
        } else {
            self.comparing.handle_digest(self.now, with, theirs, ours, &mut self.rng);
        }
    }

    /// Digests have come to agree, perhaps.
    pub(super) fn compare_own_digests(&mut self) {
        let (hearing, cards, own) = (&self.hearing, &self.cards, self.own_last());
        self.comparing.handle_own_digests(self.now, |link| hearing.digest(own, cards.of(link)));
    }

    /// An author is to be told how far he was heard, if this run does that.
    pub(super) fn want_ack(&mut self, author: Run) {
        if self.sends_acks() && !self.newcomer.holds_back() {
            self.acks.want(self.now, author, self.peers.len(), &mut self.rng);
        }
    }

    pub(super) fn send_due_acks(&mut self) {
        while let Some(author) = self.acks.take_due(self.now) {
            self.send_ack(author);
        }
    }

    /// In a large room so many acks to each line would cost more than they tell.
    pub(super) fn sends_acks(&self) -> bool {
        self.config.role == Role::Member && self.peers.len() < acks::ROOM_MAX
    }

    /// Sends the acks that are still owed. They go to all, as the goodbye will, so that none is overtaken by it.
    pub(super) fn send_last_acks(&mut self) {
        for author in self.acks.take_last(self.now) {
            self.send_ack_by(author, Transmit::Everywhere);
        }
    }

    fn send_ack(&mut self, author: Run) {
        let told = self.hearing.get(author).map_or(0, |known| known.told);
        let in_vain = self.acks.handle_sent(self.now, author, told);
        let way = self.way_to(author).filter(|_| !in_vain).unwrap_or(Transmit::Everywhere);
        self.send_ack_by(author, way);
    }

    fn send_ack_by(&mut self, author: Run, way: Transmit) {
        let Some(known) = self.hearing.get(author) else { return };
        let Some(up_to) = Seq::new(known.told) else { return };
        let ack = Ack { author, up_to, lost: known.lost };
        self.stats.sent_acks += 1;
        let counter = self.next_counter();
        self.outbox.send(way, Message::Ack(counter, ack));
    }

    /// Repeats the newest lines for whoever has not acked them, and tells of those who do not.
    pub(super) fn handle_audience_timeout(&mut self) {
        let others = self.peers.len() - self.audience.len().min(self.peers.len());
        if let Some(repeat) = self.audience.take_repeat(self.now, others)
            && let Some(newest) = self.audience.last().and_then(|last| self.log.holding(self.me, last))
        {
            let datagram = (self.me, newest.range.first());
            let ways = match repeat {
                Repeat::To(runs) => runs.into_iter().filter_map(|run| self.way_to(run)).collect(),
                Repeat::ToAll => alloc::vec![Transmit::Everywhere],
            };
            for way in ways {
                self.stats.sent_repeats += 1;
                self.outbox.send_again(datagram, way);
            }
        }
        if let Some(up_to) = self.audience.take_unheard(self.now) {
            let (hearers, lacking) = (self.audience.len(), self.audience.lacking(up_to).collect());
            self.events.push(Event::Unheard(Unheard { up_to, hearers, lacking }));
        }
    }

    /// What this run tells by a link that it knows of, in 8 bytes.
    pub(super) fn digest(&self, link: LinkId) -> Digest {
        self.hearing.digest(self.own_last(), self.cards.of(link))
    }

    /// Whether who tells this by a link, where this run tells `ours`, knows of no more, and is a few lines behind at most.
    fn is_behind(&self, link: LinkId, theirs: Digest, ours: Digest) -> bool {
        is_behind(theirs, ours, self.hearing.known_of(self.own_last(), self.cards.of(link)))
    }

    /// What it tells by all links, if that is the same: all are on one LAN, or nothing was said yet.
    pub(super) fn common_digest(&self) -> Option<Digest> {
        let mut digests = self.told_links().map(|link| self.digest(link));
        let first = digests.next().unwrap_or_default();
        digests.all(|digest| digest == first).then_some(first)
    }

    /// The links by which this run tells others what it has heard.
    pub(super) fn told_links(&self) -> impl Iterator<Item = LinkId> {
        self.links.iter().map(|link| link.id).chain(self.remote.asks_any().then_some(LinkId::REMOTE))
    }

    /// Whether an author's lines are told of by a link.
    fn tells_of(&self, author: Run, link: LinkId) -> bool {
        let card = self.cards.of(link);
        author == self.me || self.hearing.get(author).is_some_and(|known| known.is_heard_by(card))
    }

    /// The ways to all who may know of an author.
    fn to_hearers_of(&self, author: Run) -> Vec<Transmit> {
        let told: Vec<LinkId> = self.told_links().filter(|link| self.tells_of(author, *link)).collect();
        if told.len() == self.told_links().count() {
            return Vec::from([Transmit::Everywhere]);
        }
        told.into_iter().map(Transmit::Link).collect()
    }

    /// The way to all by a link where what is said is about that link alone, and by all where it is about all of them.
    fn to_all_by(&self, link: LinkId) -> Transmit {
        if self.common_digest().is_some() { Transmit::Everywhere } else { Transmit::Link(link) }
    }

    /// The last of this run's own lines that has gone out.
    fn own_last(&self) -> Option<(Run, Seq)> {
        self.audience.last().map(|last| (self.me, last))
    }

    /// Where a run's unicast goes.
    pub(super) fn way_to(&self, run: Run) -> Option<Transmit> {
        self.peers.way(run).or_else(|| self.contacts.get(run).map(|contact| contact.way()))
    }
}

//! How far each author was heard: his lines are told once and in his order, and what is missing is known.

use alloc::vec::Vec;

use super::card_set::{CardSet, Succession};
use super::link::Transmit;
use super::log::Log;
use super::passage::{self, Passage, Wholeness};
use super::silence::BySilence;
use crate::time::Time;
use crate::wire::{Digest, Held, Run, Seq, SeqRange};

/// How far each author was heard. Bounded to [`AUTHORS_MAX`](Self::AUTHORS_MAX) authors; whoever was silent for
/// longest is forgotten.
#[derive(Debug)]
pub(super) struct Hearing {
    authors: BySilence<Author>,
}

/// How far an author was heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Author {
    /// The last line that was told, or that is not wanted or given up; 0 when there is none.
    pub(super) told: u32,
    /// The last line of the time before this run knew of the author. It is shown if it can be had, but not missed.
    pub(super) met: u32,
    /// The highest line that there is, as the author's own datagrams tell.
    highest: u32,
    /// What another run tells of.
    hearsay: Option<Hearsay>,
    /// All that is known of the author is hearsay that was not looked into: what he says is told whatever its number.
    pub(super) is_rumour: bool,
    /// Lines that were given up.
    pub(super) lost: u32,
    /// Something of his was told.
    pub(super) is_heard: bool,
    /// The last line of his that was history when this run came.
    pub(super) history: u32,
    /// By which cards he is heard.
    cards: CardSet,
}

/// Lines that somebody else claims to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hearsay {
    /// Up to which.
    pub(super) highest: Seq,
    /// Where to ask for them.
    pub(super) holder: Transmit,
}

/// What the next line of an author that cannot be told waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hitch {
    /// A line that is missing, and those right after it.
    Missing(SeqRange),
    /// The rest of a text, from this line on, which its author has not said yet.
    Unfinished(Seq),
}

impl Author {
    /// The first line that was not told yet; `None` past the last number.
    fn next(&self) -> Option<Seq> {
        Seq::new(self.told.checked_add(1)?)
    }

    /// The lines that are yet to be told, as far as is known.
    fn awaited(&self) -> Option<SeqRange> {
        let highest = self.hearsay.map_or(self.highest, |hearsay| hearsay.highest.number().max(self.highest));
        SeqRange::new(self.next()?, Seq::new(highest)?)
    }

    /// Whether a line is one of those that are missing or held already, and not the next to come.
    pub(super) fn awaits(&self, seq: Seq) -> bool {
        self.awaited().is_some_and(|awaited| seq <= awaited.last())
    }

    /// Whether the author's own datagrams have told of this line.
    pub(super) fn is_said(&self, seq: Seq) -> bool {
        !self.is_hearsay(seq)
    }

    /// What was claimed by somebody else and not by the author.
    pub(super) fn is_hearsay(&self, seq: Seq) -> bool {
        seq.number() > self.highest
    }

    /// Whether somebody else has told that there is this line.
    pub(super) fn was_told_of(&self, seq: Seq) -> bool {
        self.hearsay.is_some_and(|hearsay| seq <= hearsay.highest)
    }

    /// Whether he is heard by some of these cards: by all others nothing of him is told.
    pub(super) const fn is_heard_by(&self, cards: CardSet) -> bool {
        self.cards.meets(cards)
    }

    pub(super) const fn holder(&self) -> Option<Transmit> {
        match self.hearsay {
            Some(hearsay) => Some(hearsay.holder),
            None => None,
        }
    }
}

impl Hearing {
    pub(super) const AUTHORS_MAX: usize = 1024;
    /// Authors who are compared with others: those who spoke last. Far fewer than are remembered, so that two runs
    /// do not remind each other for ever of whom they forget in turn.
    const COMPARED_MAX: usize = 256;

    pub(super) const fn new() -> Self {
        Self { authors: BySilence::new(Self::AUTHORS_MAX) }
    }

    pub(super) fn get(&self, author: Run) -> Option<&Author> {
        self.authors.get(author)
    }

    /// Who is there is not forgotten for the sake of others who may not be.
    pub(super) fn spare(&mut self, author: Run) {
        self.authors.spare(author);
    }

    /// Begins to hear an author; gives whoever is forgotten for it, and how far he was heard.
    pub(super) fn meet(&mut self, now: Time, author: Run, told: u32, met: u32) -> Option<(Run, Author)> {
        self.authors.insert(author, now, Author { told, met, highest: told, ..Author::default() })
    }

    /// Begins to hear an author again who was forgotten.
    pub(super) fn meet_again(&mut self, now: Time, author: Run, told: u32) -> Option<(Run, Author)> {
        self.authors.insert(author, now, Author { told, met: told, highest: told, is_heard: true, ..Author::default() })
    }

    /// Notes that there is an author whose lines up to this one are not wanted.
    pub(super) fn meet_by_rumour(&mut self, now: Time, author: Run, last: Seq) -> Option<(Run, Author)> {
        let last = last.number();
        let rumour = Author { told: last, met: last, highest: last, is_rumour: true, ..Author::default() };
        self.authors.insert(author, now, rumour)
    }

    /// An author is heard by these cards too.
    pub(super) fn handle_heard_by(&mut self, author: Run, cards: CardSet) {
        if let Some(author) = self.authors.get_mut(author) {
            author.cards = author.cards.and(cards);
        }
    }

    /// New cards take over from others.
    pub(super) fn handle_succession(&mut self, Succession { from, to }: Succession) {
        self.authors.values_mut().filter(|author| author.is_heard_by(from)).for_each(|author| {
            author.cards = author.cards.and(to);
        });
    }

    /// A line has come of somebody who was a rumour: it is told, and whatever follows it.
    pub(super) fn handle_proof(&mut self, author: Run, first: Seq) {
        let Some(author) = self.authors.get_mut(author).filter(|author| author.is_rumour) else { return };
        author.is_rumour = false;
        if first.number() <= author.told {
            let before = first.number() - 1;
            let cards = author.cards;
            *author = Author { told: before, met: before, highest: before, cards, ..Author::default() };
        }
    }

    /// A line that was taken for one of the time before this run came was said since: it is told, and whatever
    /// follows it, unless a later one was told already.
    pub(super) fn handle_said_since(&mut self, author: Run, first: Seq) -> bool {
        let unheard = self.authors.get_mut(author).filter(|author| !author.is_heard && first.number() <= author.told);
        unheard.map(|author| author.told = first.number() - 1).is_some()
    }

    /// The author's own datagrams tell that there are lines up to this one.
    pub(super) fn handle_highest(&mut self, now: Time, author: Run, highest: Seq) {
        if let Some(author) = self.authors.heard(author, now) {
            author.highest = author.highest.max(highest.number());
        }
    }

    /// Somebody else claims to hold lines up to this one; tells whether that is news.
    pub(super) fn handle_hearsay(&mut self, author: Run, hearsay: Hearsay) -> bool {
        let Some(author) = self.authors.get_mut(author) else { return false };
        let known = author.hearsay.map_or(0, |known| known.highest.number()).max(author.highest);
        let news = hearsay.highest.number() > known;
        if news || author.hearsay.is_none() {
            author.hearsay = Some(hearsay);
        }
        news
    }

    /// Tells from where on an author is to be heard while nothing of his has been told yet: history of this run's
    /// begin, up to `before`.
    pub(super) fn extend_back(&mut self, author: Run, history: SeqRange) {
        if let Some(author) = self.authors.get_mut(author) {
            author.told = author.told.min(history.first().number() - 1);
            author.met = author.met.max(history.last().number());
            author.history = author.history.max(history.last().number());
        }
    }

    /// The author's next text, if it is there; it counts as told.
    pub(super) fn take_next(&mut self, author: Run, log: &Log, wholeness: Wholeness) -> Option<Passage> {
        let known = self.authors.get_mut(author)?;
        let passage = passage::read(log, author, SeqRange::from(known.next()?), wholeness)?;
        known.told = passage.range.last().number();
        known.is_heard = true;
        Some(passage)
    }

    /// The author's next texts, as many as are of one line each and in one datagram; they count as told.
    pub(super) fn take_short(&mut self, author: Run, log: &Log) -> Vec<Passage> {
        let Some(known) = self.authors.get_mut(author) else { return Vec::new() };
        let passages = known.next().map_or_else(Vec::new, |next| passage::read_short(log, author, next));
        if let Some(last) = passages.last() {
            known.told = last.range.last().number();
            known.is_heard = true;
        }
        passages
    }

    /// Whether lines up to this one are yet to be told.
    pub(super) fn awaits_before(&self, author: Run, last: Seq) -> bool {
        self.authors.get(author).is_some_and(|known| known.told < last.number())
    }

    /// Whether a line was said before this run knew of its author: nobody misses it who does not have it.
    pub(super) fn is_earlier(&self, author: Run, seq: Seq) -> bool {
        self.authors.get(author).is_some_and(|known| seq.number() <= known.met)
    }

    /// What keeps the author's next line from being told, if there is one.
    pub(super) fn hitch(&self, author: Run, log: &Log) -> Option<Hitch> {
        let known = self.authors.get(author)?;
        let awaited = known.awaited()?;
        match log.missing(author, awaited, 1).first() {
            Some(missing) => Some(Hitch::Missing(*missing)),
            None => awaited.last().after(1).map(Hitch::Unfinished),
        }
    }

    /// The lines that are missing: the first few gaps.
    pub(super) fn missing(&self, author: Run, log: &Log, most: usize) -> Vec<SeqRange> {
        let awaited = self.authors.get(author).and_then(Author::awaited);
        awaited.map_or(Vec::new(), |awaited| log.missing(author, awaited, most))
    }

    /// Gives up lines that nobody has, with what was not told before them; gives those that there surely are. Of what
    /// was only hearsay, there is none.
    pub(super) fn give_up(&mut self, author: Run, missing: SeqRange) -> Option<SeqRange> {
        let known = self.authors.get_mut(author)?;
        if known.is_hearsay(missing.first()) {
            known.hearsay = None;
            return None;
        }
        let first = known.next()?;
        let last = Seq::new(missing.last().number().min(known.highest))?;
        known.told = known.told.max(last.number());
        SeqRange::new(first, last)
    }

    /// Those of an author's lines that are missed when they are lost: what was said since this run knows of him.
    pub(super) fn owed(&self, author: Run, lines: SeqRange) -> Option<SeqRange> {
        let first = Seq::new(self.authors.get(author)?.met.checked_add(1)?)?;
        SeqRange::new(first.max(lines.first()), lines.last())
    }

    /// Lines that are missed are lost.
    pub(super) fn handle_lost(&mut self, author: Run, lines: SeqRange) {
        if let Some(author) = self.authors.get_mut(author) {
            author.lost = author.lost.saturating_add(lines.len());
        }
    }

    /// Lines that were given up have come after all.
    pub(super) fn handle_found(&mut self, author: Run, lines: SeqRange) {
        let owed = self.owed(author, lines).map_or(0, SeqRange::len);
        if let Some(author) = self.authors.get_mut(author) {
            author.lost = author.lost.saturating_sub(owed);
        }
    }

    /// Every author, by run.
    pub(super) fn authors(&self) -> Vec<Run> {
        self.authors.iter().map(|(run, ..)| run).collect()
    }

    /// What this run tells by these cards that it knows of, its own lines included.
    pub(super) fn digest(&self, own: Option<(Run, Seq)>, cards: CardSet) -> Digest {
        Digest::of(self.known_of(own, cards))
    }

    /// What it tells by these cards that it holds of each author, its own lines first and then whoever spoke last.
    pub(super) fn notes(&self, log: &Log, own: Option<(Run, Seq)>, cards: CardSet) -> impl Iterator<Item = Held> {
        let held = |(author, highest)| {
            let extent = log.extent(author);
            let last = extent.map_or(highest, |extent| extent.last().min(highest));
            Held { author, last, from: extent.map(SeqRange::first).filter(|first| *first <= last) }
        };
        self.known_of(own, cards).map(held)
    }

    /// By these cards, the highest line of each author, the own one first and then of whoever spoke last.
    pub(super) fn known_of(&self, own: Option<(Run, Seq)>, cards: CardSet) -> impl Iterator<Item = (Run, Seq)> {
        own.into_iter().chain(self.compared(cards).filter_map(|(run, author)| Some((run, Seq::new(author.highest)?))))
    }

    fn compared(&self, cards: CardSet) -> impl Iterator<Item = (Run, &Author)> {
        self.authors.latest_first().filter(move |(_, author)| author.is_heard_by(cards)).take(Self::COMPARED_MAX)
    }
}

#[cfg(test)]
mod tests;

//! How a run that may speak is reached, and how its clock goes.

use super::card_set::{CardSet, Succession};
use super::clock::{Clock, ClockLead};
use super::compact_way::CompactWay;
use super::link::{Transmit, Way};
use super::silence::BySilence;
use crate::time::Time;
use crate::wire::{Run, Seq};

/// What is known of every run that was heard, listed as a peer or not: at most [`COUNT_MAX`](Self::COUNT_MAX); the
/// longest silent makes room.
#[derive(Debug)]
pub(super) struct Contacts {
    contacts: BySilence<Contact>,
}

/// What is known of a run that was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contact {
    /// Where its unicast goes.
    way: CompactWay,
    clock: Clock,
    /// The last line that it had said when it was first heard; 0 for none.
    pub(super) met: u32,
    /// Its lines up to this one are not wanted, or were told.
    pub(super) told: u32,
    /// It was heard, and then forgotten how far: up to `told`.
    pub(super) is_forgotten: bool,
    /// By which cards it is heard.
    pub(super) cards: CardSet,
}

impl Contact {
    /// Where its unicast goes.
    pub(super) const fn way(&self) -> Transmit {
        Transmit::Unicast { link: self.way.link(), to: self.way.address() }
    }

    /// By how much its clock is ahead of ours; `None` as long as it has not told.
    pub(super) fn ahead(&self) -> Option<ClockLead> {
        self.clock.lead()
    }

    /// Whether its clock was ever known.
    pub(super) fn has_told_time(&self) -> bool {
        self.clock.has_told()
    }
}

/// So many lines are wanted in any case of a run that is heard first by a line and not by a beacon. Should they be of
/// the time before this run came, its clock will tell.
const FEW: u32 = 100;

impl Contacts {
    const COUNT_MAX: usize = 16_384;

    pub(super) const fn new() -> Self {
        Self { contacts: BySilence::new(Self::COUNT_MAX) }
    }

    pub(super) fn get(&self, run: Run) -> Option<&Contact> {
        self.contacts.get(run)
    }

    /// A beacon tells how the run is reached, and how its clock goes. Of one that is heard for the first time, the
    /// lines that it has said by now are wanted or not.
    pub(super) fn handle_beacon(
        &mut self,
        now: Time,
        run: Run,
        way: Way,
        ahead: ClockLead,
        last_seq: Option<Seq>,
        earlier_lines: EarlierLines,
    ) {
        if let Some(contact) = self.contacts.heard_roughly(run, now) {
            contact.way = way.into();
            contact.clock.note(ahead);
            return;
        }
        let met = last_seq.map_or(0, Seq::number);
        let told = if earlier_lines == EarlierLines::Wanted { 0 } else { met };
        let mut clock = Clock::default();
        clock.note(ahead);
        self.contacts.insert(
            run,
            now,
            Contact { way: way.into(), clock, met, told, is_forgotten: false, cards: CardSet::NONE },
        );
    }

    /// A run is heard for the first time by a line of its.
    pub(super) fn handle_line(&mut self, now: Time, run: Run, way: Way, first: Seq, earlier_lines: EarlierLines) {
        if self.contacts.heard_roughly(run, now).is_some() {
            return;
        }
        let met = first.number() - 1;
        // It may have come just as this run did, and its first beacon be still on its way.
        let most = if earlier_lines == EarlierLines::Wanted { met } else { FEW };
        let told = met.saturating_sub(most);
        let (clock, cards) = (Clock::default(), CardSet::NONE);
        self.contacts.insert(run, now, Contact { way: way.into(), clock, met, told, is_forgotten: false, cards });
    }

    /// A run is heard by these cards too.
    pub(super) fn handle_heard_by(&mut self, run: Run, cards: CardSet) {
        if let Some(contact) = self.contacts.get_mut(run) {
            contact.cards = contact.cards.and(cards);
        }
    }

    /// New cards take over from others.
    pub(super) fn handle_succession(&mut self, Succession { from, to }: Succession) {
        self.contacts.values_mut().filter(|contact| contact.cards.meets(from)).for_each(|contact| {
            contact.cards = contact.cards.and(to);
        });
    }

    /// Who is there is not forgotten for the sake of others who may not be.
    pub(super) fn spare(&mut self, run: Run) {
        self.contacts.spare(run);
    }

    /// Our own clock was set, or the machine has slept: all leads are others now.
    pub(super) fn forget_clocks(&mut self) {
        self.contacts.values_mut().for_each(|contact| contact.clock.forget());
    }

    /// How far an author was heard who is forgotten: should he speak again, he is heard from there on.
    pub(super) fn handle_forgotten(&mut self, run: Run, told: u32) {
        if let Some(contact) = self.contacts.get_mut(run) {
            contact.told = told;
            contact.is_forgotten = true;
        }
    }
}

/// Whether the lines are wanted that a run said before it was heard for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EarlierLines {
    /// This run has been here for a while: the other one was cut off, or its first datagrams got lost.
    Wanted,
    /// This run has just come.
    NotWanted,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_whom_a_line_comes_first_a_few_earlier_ones_are_wanted_or_all() {
        let way = Way { link: crate::node::LinkId(1), address: ([192, 0, 2, 1], 26634).into() };
        let told = |earlier_lines| {
            let run = Run { peer: crate::wire::PeerId(1), epoch: crate::wire::Epoch(1) };
            let first = Seq::new(501).unwrap();
            let mut contacts = Contacts::new();
            contacts.handle_line(Time::ZERO, run, way, first, earlier_lines);
            let contact = contacts.get(run).unwrap();
            assert_eq!(contact.met, 500);
            contact.told
        };
        assert_eq!((told(EarlierLines::Wanted), told(EarlierLines::NotWanted)), (0, 400));
    }
}

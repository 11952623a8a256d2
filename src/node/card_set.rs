//! By which cards an author is heard: what is said on one LAN is told on no other.
//!
//! A run with cards on two LANs hears the lines of both, but it does not pass them on: by each link it tells only of
//! those authors who are heard by that link's card, in the digests of its beacons, in notes and by repairs, and its own
//! lines are told by all. A card's links are one LAN, whatever their addresses: who is heard by IPv4 alone is told of by
//! IPv6 too. An author is heard by a card
//!
//! * by which something of his came, from himself or as a repair, for the first time or once more: whoever sent it is
//!   on that LAN, and has it;
//! * by which somebody told of him in notes that were asked for: he is known there already.
//!
//! Once heard by a card, an author stays so: those who are on that LAN and lack lines of his could get them yesterday,
//! and shall tomorrow, wherever he has gone. So whoever walks from one LAN to the other is heard by two cards, and with
//! him what he said on the first; what others said there follows only if he brings it along himself.
//!
//! That a card has gone changes nothing either, as it may come back: a cable is plugged in again, a machine wakes. One
//! that is on another LAN than before brings along what was heard by it, as a walker does: nobody can tell that from
//! another address on the same LAN, where those who lack what this run alone holds must not lose it. For the same
//! reason, a card that was never there before takes over from those that have gone and were not followed by another one
//! yet: it may be the same one, plugged in again. Cards that stay are told nothing more by all that.

use alloc::vec::Vec;

use super::link::{CardId, Link, LinkId};

/// Some of the cards that there are and were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CardSet(u64);

impl CardSet {
    pub(super) const NONE: Self = Self(0);

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn but_for(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether some of the links are in both.
    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The cards that there are and were, each with its place in a [`CardSet`].
#[derive(Debug)]
pub(super) struct CardTable {
    /// At most [`COUNT_MAX`](Self::COUNT_MAX), by their places; a new one takes the place of one that has gone. Where
    /// none has, it gets no place, and nothing is told by it but this run's own lines.
    places: Vec<CardId>,
    there: CardSet,
    /// Those that have gone, and were not followed by new ones yet.
    left: CardSet,
    /// Which card each link belongs to that is there.
    links: Vec<(LinkId, CardId)>,
}

/// New cards take over what was heard by others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Succession {
    pub(super) from: CardSet,
    pub(super) to: CardSet,
}

impl Default for CardTable {
    /// The table in which there is no card yet but that to whoever is beyond the subnets, which is always there.
    fn default() -> Self {
        Self { places: Vec::from([CardId::REMOTE]), there: at(0), left: CardSet::NONE, links: Vec::new() }
    }
}

impl CardTable {
    const COUNT_MAX: usize = u64::BITS as usize;

    /// The card of a link alone; none where the link is not there.
    pub(super) fn of(&self, link: LinkId) -> CardSet {
        if link == LinkId::REMOTE {
            return self.only(CardId::REMOTE);
        }
        let card = self.links.iter().find(|(known, _)| *known == link).map(|(_, card)| *card);
        card.map_or(CardSet::NONE, |card| self.only(card))
    }

    /// The links are these now; tells what new cards take over.
    pub(super) fn handle_links(&mut self, links: &[Link]) -> Succession {
        self.links = links.iter().map(|link| (link.id, link.card)).collect();
        let known = links.iter().fold(self.only(CardId::REMOTE), |all, link| all.and(self.only(link.card)));
        self.left = self.left.and(self.there).but_for(known);
        self.there = known;
        let new: Vec<CardId> = links.iter().map(|link| link.card).filter(|card| !self.places.contains(card)).collect();
        let to = new.into_iter().fold(CardSet::NONE, |all, card| all.and(self.enter(card)));
        if to == CardSet::NONE {
            return Succession::default();
        }
        Succession { from: core::mem::take(&mut self.left), to }
    }

    fn only(&self, card: CardId) -> CardSet {
        self.places.iter().position(|known| *known == card).map_or(CardSet::NONE, at)
    }

    /// Gives a new card its place, if there is one for it.
    fn enter(&mut self, card: CardId) -> CardSet {
        if !self.places.contains(&card) {
            if self.places.len() < Self::COUNT_MAX {
                self.places.push(card);
            } else if let Some(gone) = (0..Self::COUNT_MAX).find(|place| !self.there.meets(at(*place))) {
                self.places[gone] = card;
            }
        }
        let place = self.only(card);
        self.there = self.there.and(place);
        place
    }
}

const fn at(place: usize) -> CardSet {
    CardSet(1 << place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(id: u32, card: u32) -> Link {
        Link { id: LinkId(id), card: CardId(card), address: [192, 0, 2, 1].into() }
    }

    /// Cards of one link each.
    fn told(table: &mut CardTable, cards: &[u32]) -> Succession {
        table.handle_links(&cards.iter().map(|card| link(*card, *card)).collect::<Vec<_>>())
    }

    fn only(table: &CardTable, card: u32) -> CardSet {
        table.only(CardId(card))
    }

    #[test]
    fn a_card_that_comes_back_is_the_same_and_takes_over_nothing() {
        let mut table = CardTable::default();
        told(&mut table, &[1, 2]);
        let before = [1, 2].map(|id| only(&table, id));
        assert!(!before[0].meets(before[1]) && only(&table, 3) == CardSet::NONE);
        for ids in [&[2][..], &[], &[1], &[1, 2]] {
            assert_eq!(told(&mut table, ids), Succession::default());
        }
        assert_eq!([1, 2].map(|id| only(&table, id)), before);
        assert_eq!([1, 2].map(|id| table.of(LinkId(id))), before);
    }

    #[test]
    fn all_links_of_a_card_are_one_lan_also_when_they_are_others() {
        let mut table = CardTable::default();
        table.handle_links(&[link(1, 1), link(2, 1), link(3, 2)]);
        assert_eq!(table.of(LinkId(1)), table.of(LinkId(2)));
        assert!(!table.of(LinkId(1)).meets(table.of(LinkId(3))));
        let before = table.of(LinkId(1));
        assert_eq!(table.handle_links(&[link(4, 1), link(3, 2)]), Succession::default());
        assert_eq!((table.of(LinkId(4)), table.of(LinkId(1))), (before, CardSet::NONE));
    }

    #[test]
    fn a_new_card_takes_over_from_those_that_have_gone_and_no_other_has_followed() {
        let mut table = CardTable::default();
        assert_eq!(told(&mut table, &[1, 2]).from, CardSet::NONE);
        assert_eq!(told(&mut table, &[1]), Succession::default());
        let third = told(&mut table, &[1, 3]);
        assert_eq!(third, Succession { from: only(&table, 2), to: only(&table, 3) });
        assert_eq!(told(&mut table, &[1, 3, 4]).from, CardSet::NONE, "it has been taken over");
        assert_eq!(told(&mut table, &[1, 5, 6]).from, only(&table, 3).and(only(&table, 4)));
    }

    #[test]
    fn they_are_bounded_and_those_that_are_there_are_told_apart() {
        let mut table = CardTable::default();
        told(&mut table, &[1]);
        for id in 2..1000 {
            told(&mut table, &[1, id]);
        }
        assert_eq!(table.places.len(), CardTable::COUNT_MAX);
        assert!(only(&table, 1) != CardSet::NONE && only(&table, 999) != CardSet::NONE);
        assert!(!only(&table, 1).meets(only(&table, 999)));
    }

    #[test]
    fn of_too_many_at_once_the_last_have_none() {
        let mut table = CardTable::default();
        let ids: Vec<u32> = (1..=100).collect();
        told(&mut table, &ids);
        let with_place = ids.iter().filter(|id| only(&table, **id) != CardSet::NONE).count();
        let most = CardTable::COUNT_MAX - 1;
        assert_eq!((with_place, told(&mut table, &ids)), (most, Succession::default()), "one is beyond the subnets");
    }
}

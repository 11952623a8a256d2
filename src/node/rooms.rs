//! Which rooms are heard, besides one's own.

use alloc::collections::BTreeMap;
use core::time::Duration;

use super::silence::BySilence;
use crate::time::Time;
use crate::wire::{Beacon, BeaconInterval, Counter, RoomId, RoomName, Run};

/// A room that is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardRoom {
    /// What it is called; `None` for a sealed one, of which nobody outside can tell.
    pub name: Option<RoomName<'static>>,
    /// How many are in it, this run not counted. In a sealed room, how many claim to be: nobody outside can tell either.
    pub peers: usize,
    /// When one of them was last heard; to the second.
    pub heard: Time,
}

impl HeardRoom {
    /// The same room, as one more who is in it shows it.
    fn with_one_more(self, heard: Time) -> Self {
        Self { peers: self.peers + 1, heard: self.heard.max(heard), ..self }
    }
}

/// Somebody in a room that is not one's own.
type Place = (RoomId, Run);

/// Who is heard in other rooms.
///
/// Nobody has to show there that he is there *now*, as in one's own room: a room is only told of, and what was recorded
/// of it makes it seem to be there for some intervals at most. But whoever signs is counted only if the signature is
/// right.
#[derive(Debug)]
pub(super) struct Rooms {
    /// At most [`OPEN_MAX`](Self::OPEN_MAX), so no more rooms than that; whoever was silent for longest makes room, and
    /// of those who sign only when there is nobody else.
    open: BySilence<Member, Place>,
    /// At most [`SEALED_MAX`](Self::SEALED_MAX), apart from the others as anybody can make them up; the longest silent
    /// makes room.
    sealed: BySilence<(), Place>,
}

#[derive(Debug)]
struct Member {
    room: RoomName<'static>,
    /// That of his last beacon, or of his goodbye.
    counter: Counter,
    /// He counts until then, if nothing more is heard of him.
    until: Time,
}

impl Rooms {
    const OPEN_MAX: usize = 4096;
    const SEALED_MAX: usize = 1024;
    /// Whoever was heard within this is not looked into again: it may be a copy by another card, or one of many answers.
    const HEARD_AFRESH: Duration = Duration::from_secs(1);
    /// Somebody counts for three and a half of his intervals after his last beacon, as in one's own room,
    const COUNTS_PERCENT: u32 = 350;
    /// and in a sealed room, which does not tell its interval, for so long: three and a half of the shortest, a bit more
    /// than three of the longest waits, or all of those that a room of 80 needs.
    const SEALED_COUNTS: Duration = Duration::from_millis(17_500);

    pub(super) const fn new() -> Self {
        Self { open: BySilence::new(Self::OPEN_MAX), sealed: BySilence::new(Self::SEALED_MAX) }
    }

    /// Whether a beacon of this run would tell anything new.
    pub(super) fn wants_beacon(&self, now: Time, place: Place) -> bool {
        self.open.time(place).is_none_or(|heard| now.since(heard) >= Self::HEARD_AFRESH)
    }

    /// Whether anything is known of this run that its goodbye could change.
    pub(super) fn wants_goodbye(&self, now: Time, place: Place) -> bool {
        self.open.get(place).is_some_and(|member| now < member.until)
    }

    /// A member of an open room announces himself. A visitor is none, and neither is he counted whose beacon is older
    /// than what is known.
    pub(super) fn handle_beacon(
        &mut self,
        now: Time,
        place: Place,
        is_signed: bool,
        counter: Counter,
        beacon: &Beacon<'_>,
    ) {
        let Some(name) = beacon.room.as_ref().filter(|_| !beacon.visitor) else { return };
        let until = now + counts_for(beacon.interval);
        match self.open.get_mut(place) {
            Some(member) if counter <= member.counter => return,
            Some(member) => {
                (member.counter, member.until) = (counter, until);
                self.open.heard(place, now);
            }
            None => drop(self.open.insert(place, now, Member { room: name.clone().into_owned(), counter, until })),
        }
        if is_signed {
            self.open.spare(place);
        }
    }

    /// A member of an open room has left it. What is known of him stays, so that an older beacon does not bring him back.
    pub(super) fn handle_goodbye(&mut self, now: Time, place: Place, counter: Counter) {
        if let Some(member) = self.open.get_mut(place).filter(|member| counter > member.counter) {
            (member.counter, member.until) = (counter, now);
        }
    }

    /// Somebody announces himself in a sealed room, or claims to.
    pub(super) fn handle_sealed(&mut self, now: Time, place: Place) {
        if self.sealed.heard(place, now).is_none() {
            self.sealed.insert(place, now, ());
        }
    }

    /// The runs in open rooms that are surely there, for others to know who need not answer.
    pub(super) fn runs(&self, now: Time) -> impl Iterator<Item = Run> {
        self.open.iter().filter(move |(.., member)| now < member.until).map(|((_, run), ..)| run)
    }

    /// The rooms that are heard, by their ids.
    pub(super) fn iter(&self, now: Time) -> impl Iterator<Item = HeardRoom> {
        let is_there = move |heard: Time| now.since(heard) < Self::SEALED_COUNTS;
        let open = self.open.iter().filter(move |(.., member)| now < member.until);
        let open = open.map(|((id, _), heard, member)| (id, heard, Some(&member.room)));
        let sealed = self.sealed.iter().filter(move |(_, heard, ())| is_there(*heard));
        let sealed = sealed.map(|((id, _), heard, ())| (id, heard, None));
        let mut rooms: BTreeMap<(RoomId, bool), HeardRoom> = BTreeMap::new();
        for (id, heard, name) in open.chain(sealed) {
            // Nobody can give an open room the id of a sealed one by its name, but a sealed one can be said to have any.
            let room = rooms.remove(&(id, name.is_some()));
            let room = room.unwrap_or_else(|| HeardRoom { name: name.cloned(), peers: 0, heard });
            rooms.insert((id, name.is_some()), room.with_one_more(heard));
        }
        rooms.into_values()
    }
}

fn counts_for(interval: BeaconInterval) -> Duration {
    interval.duration() * Rooms::COUNTS_PERCENT / 100
}

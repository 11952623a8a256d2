//! What a node has to tell, and the queue in which that waits.

use alloc::boxed::Box;
use alloc::collections::btree_map::Entry;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use super::{Lacking, LinkId, Peer, PrivateOutcome};
use crate::time::UnixMillis;
use crate::trust::PublicKey;
use crate::wire::{Nick, PingWay, Profile, Run, Seq, SeqRange, Text};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A peer is heard that was not in the table.
    Joined(Peer),
    /// A peer tells something else of itself than before.
    Changed {
        /// The peer as it is now.
        peer: Peer,
        /// What it told of itself until now.
        before: Box<Profile<'static>>,
    },
    /// A peer is no longer in the table.
    Left(Peer, Departure),
    /// Somebody is heard who does not hear this run: a peer in the table, or one who is not in it because he has never
    /// shown that he is there now. Told when it is certain, once for each time that it turns out so; where very many do
    /// not, later or not at all.
    OneWay(Peer),
    /// A peer in the table of which that was told hears this run again. Of one that was not in it, [`Joined`](Self::Joined)
    /// tells.
    BothWays(Peer),
    /// Somebody said something.
    Line(HeardLine),
    /// Somebody said something to this run alone.
    PrivateLine(HeardLine),
    /// What became of a text that this run said to one alone: for each reader, one for each text, in their order.
    PrivateOutcome(PrivateOutcome),
    /// A peer has answered a ping.
    Pong {
        /// Who has.
        run: Run,
        /// By which way.
        way: PingWay,
        /// How long ping and pong took.
        round_trip: Duration,
    },
    /// A peer has not answered a ping within a second: the ping or its pong got lost, or the peer has gone.
    NoPong {
        /// Who has not.
        run: Run,
        /// By which way it was asked.
        way: PingWay,
    },
    /// Somebody speaks in a sealed room that this run is not in; told once.
    SealedRoom,
    /// Lines that somebody said are not to be had any more.
    Gap(Gap),
    /// Everybody who acks has all lines up to this one, which is the last.
    AllHeard(Seq),
    /// A second after lines were said, not everybody has them.
    Unheard(Unheard),
    /// Events that were not fetched in time are gone; that many.
    Overflow(u64),
    /// The node has taken its leave; nothing more will come.
    Gone,
}

/// Why a peer is no longer in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It said goodbye.
    Goodbye,
    /// It has not been heard for so long.
    Lost(Duration),
    /// The table is full, and from nowhere else came as many.
    Displaced,
}

/// A line of somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardLine {
    /// Whose it is.
    pub author: Run,
    /// The key with which he signed it; `None` where anybody may have said it.
    pub signer: Option<PublicKey>,
    /// The name that he went by when he said it.
    pub nick: Nick<'static>,
    /// Its number among its author's lines.
    pub seq: Seq,
    /// It says what the author does rather than what he says.
    pub action: bool,
    /// What it says: anything, also what would steer a terminal.
    pub text: Text<'static>,
    /// When it was said, by this run's clock: by how much the author's is wrong is taken off, where it is known.
    pub said: UnixMillis,
    /// Whether it came when it was said.
    pub arrival: Arrival,
    /// The link by which it came.
    pub link: LinkId,
    /// Where it came from.
    pub from: SocketAddr,
}

/// Whether a line came when it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It did, or as good as.
    InTime,
    /// It was said a while ago: a cut has healed, or somebody has slept.
    Late,
    /// It was said before this run came.
    History,
}

/// Lines that are not to be had any more. Should they come after all, they are told with [`Arrival::Late`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Whose they are.
    pub author: Run,
    /// The key with which he signs, where it is known.
    pub signer: Option<PublicKey>,
    /// The name that he goes by, where it is known.
    pub nick: Option<Nick<'static>>,
    /// Which ones.
    pub range: SeqRange,
}

/// Not everybody has heard what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unheard {
    /// Up to which line.
    pub up_to: Seq,
    /// How many were to hear it.
    pub hearers: usize,
    /// Who has not.
    pub lacking: Vec<Lacking>,
}

/// Events that wait to be fetched: at most [`COUNT_MAX`](Self::COUNT_MAX) of them and
/// [`BYTES_MAX`](Self::BYTES_MAX) bytes of text. When they are too many, the newest is dropped and counted: what is
/// shown then has one hole at its end, and not many in its midst.
#[derive(Debug, Default)]
pub(super) struct Events {
    queue: VecDeque<Event>,
    /// Of whom lines wait, and how many.
    lines: BTreeMap<Run, usize>,
    text_bytes: usize,
    dropped: u64,
}

impl Events {
    /// A screen needs a second for as many lines; who is slower than that for long cannot be helped.
    const COUNT_MAX: usize = 8192;
    /// What the longest possible lines, 4,096 of them, take.
    const BYTES_MAX: usize = 4 << 20;

    /// Of an author who says more at once, the rest waits where it is: what somebody else says comes behind no more than
    /// that.
    const SHARE: usize = 1024;

    /// Whether there is room for more lines of an author. They can wait where they are, and so none is dropped.
    pub(super) fn has_room(&self, author: Run) -> bool {
        self.queue.len() < Self::COUNT_MAX / 2
            && self.text_bytes < Self::BYTES_MAX / 2
            && self.lines.get(&author).is_none_or(|lines| *lines < Self::SHARE)
    }

    pub(super) fn push(&mut self, event: Event) {
        let bytes = text_bytes(&event);
        if self.queue.len() >= Self::COUNT_MAX || self.text_bytes + bytes > Self::BYTES_MAX {
            self.dropped += 1;
            return;
        }
        self.text_bytes += bytes;
        if let Event::Line(line) = &event {
            *self.lines.entry(line.author).or_default() += 1;
        }
        self.queue.push_back(event);
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        match self.queue.pop_front() {
            Some(event) => {
                self.text_bytes -= text_bytes(&event);
                if let Event::Line(line) = &event {
                    self.take_off(line.author);
                }
                Some(event)
            }
            None if self.dropped > 0 => Some(Event::Overflow(core::mem::take(&mut self.dropped))),
            None => None,
        }
    }

    fn take_off(&mut self, author: Run) {
        if let Entry::Occupied(mut lines) = self.lines.entry(author) {
            *lines.get_mut() -= 1;
            if *lines.get() == 0 {
                lines.remove();
            }
        }
    }
}

/// Bytes of an event that are not in the queue itself. Those of a peer are bounded by its fields and few.
fn text_bytes(event: &Event) -> usize {
    match event {
        Event::Line(line) | Event::PrivateLine(line) => line.text.as_str().len() + line.nick.as_str().len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId};

    fn author(number: u64) -> Run {
        Run { peer: PeerId(number), epoch: Epoch(1) }
    }

    fn line(text: &str) -> Event {
        Event::Line(HeardLine {
            author: author(1),
            signer: None,
            nick: Nick::new("n").unwrap(),
            seq: Seq::FIRST,
            action: false,
            text: Text::new(text).unwrap().into_owned(),
            said: UnixMillis(0),
            arrival: Arrival::InTime,
            link: LinkId(1),
            from: SocketAddr::from(([192, 0, 2, 1], 1)),
        })
    }

    #[test]
    fn too_many_events_are_dropped_and_counted() {
        let mut events = Events::default();
        for _ in 0..Events::COUNT_MAX + 3 {
            events.push(Event::Gone);
        }
        for _ in 0..Events::COUNT_MAX {
            assert_eq!(events.pop(), Some(Event::Gone));
        }
        assert_eq!(events.pop(), Some(Event::Overflow(3)));
        assert_eq!(events.pop(), None);
    }

    #[test]
    fn whoever_says_much_at_once_leaves_room_for_others() {
        let mut events = Events::default();
        while events.has_room(author(1)) {
            events.push(line("x"));
        }
        assert_eq!((events.queue.len(), events.has_room(author(2))), (Events::SHARE, true));
        events.pop();
        assert!(events.has_room(author(1)));
        while events.pop().is_some() {}
        assert!(events.lines.is_empty());
    }

    #[test]
    fn too_many_bytes_are_dropped_and_room_comes_back() {
        let mut events = Events::default();
        const LEN: usize = 1000;
        let long = line(&"x".repeat(LEN));
        for _ in 0..5000 {
            events.push(long.clone());
        }
        let kept = events.queue.len();
        assert!(kept * (LEN + 1) <= Events::BYTES_MAX && kept > 4000, "{kept}");
        assert_eq!(core::iter::from_fn(|| events.pop()).count(), kept + 1);
        assert_eq!(events.text_bytes, 0);
        events.push(long.clone());
        assert_eq!(events.pop(), Some(long));
    }
}

//! The datagrams of lines that are held: to be shown in order, to repair what others lack, to tell newcomers.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::SocketAddr;

use super::link::LinkId;
use super::shares::{Shares, Size, Source};
use crate::time::Time;
use crate::wire::{Envelope, Held, Packet, Room, Run, Seq, SeqRange};

/// Datagrams of lines as they came, to the byte: at most [`LINES_MAX`](Self::LINES_MAX) lines in them and
/// [`BYTES_MAX`](Self::BYTES_MAX) bytes. When they are more, the first that came by whoever brought most make room.
///
/// Of two that claim the same first line, the one that was heard first stands.
#[derive(Debug)]
pub(super) struct Log {
    /// In which all of it was said.
    room: Room,
    authors: BTreeMap<Run, Said>,
    /// Which came when: the numbers only rise.
    order: BTreeMap<u64, (Run, Seq)>,
    shares: Shares,
    size: Size,
}

/// What is held of an author.
#[derive(Debug, Default)]
struct Said {
    /// By first line.
    entries: BTreeMap<Seq, Entry>,
    /// The most lines that one of them has had.
    longest: u32,
}

/// A datagram of lines.
#[derive(Debug)]
pub(super) struct Entry {
    /// Which lines are in it.
    pub(super) range: SeqRange,
    /// The whole of it.
    pub(super) bytes: Box<[u8]>,
    /// The link by which it came.
    pub(super) link: LinkId,
    /// Where it came from.
    pub(super) from: SocketAddr,
    /// When it came.
    pub(super) heard: Time,
    number: u64,
    source: Source,
}

/// Where a datagram came from, by whom and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub(super) link: LinkId,
    pub(super) from: SocketAddr,
    pub(super) source: Source,
    pub(super) heard: Time,
}

impl Entry {
    fn size(&self) -> Size {
        Size { lines: self.range.len() as usize, bytes: self.bytes.len() + Log::ENTRY_BYTES }
    }
}

impl Log {
    pub(super) const LINES_MAX: usize = 10_000;
    pub(super) const BYTES_MAX: usize = 4 << 20;
    /// What an entry takes besides its bytes, about.
    const ENTRY_BYTES: usize = 160;

    pub(super) fn new(room: Room) -> Self {
        Self {
            room,
            authors: BTreeMap::new(),
            order: BTreeMap::new(),
            shares: Shares::default(),
            size: Size::default(),
        }
    }

    /// Whether this very datagram is held.
    pub(super) fn holds(&self, author: Run, first: Seq, bytes: &[u8]) -> bool {
        self.entries(author).and_then(|entries| entries.get(&first)).is_some_and(|entry| *entry.bytes == *bytes)
    }

    /// Keeps a datagram that was opened; tells whether it is new.
    pub(super) fn insert(&mut self, author: Run, range: SeqRange, bytes: &[u8], origin: Origin) -> bool {
        let said = self.authors.entry(author).or_default();
        if said.entries.contains_key(&range.first()) {
            return false;
        }
        said.longest = said.longest.max(range.len());
        let number = self.order.last_key_value().map_or(0, |(number, _)| number + 1);
        let Origin { link, from, source, heard } = origin;
        let entry = Entry { range, bytes: bytes.into(), link, from, heard, number, source };
        self.shares.insert(source, number, entry.size());
        self.size.add(entry.size());
        said.entries.insert(range.first(), entry);
        self.order.insert(number, (author, range.first()));
        self.make_room();
        true
    }

    /// Forgets all of an author's lines.
    pub(super) fn forget(&mut self, author: Run) {
        let firsts: Vec<Seq> = self.entries(author).into_iter().flat_map(BTreeMap::keys).copied().collect();
        for first in firsts {
            self.take(author, first);
        }
    }

    /// The datagram that holds a line.
    pub(super) fn holding(&self, author: Run, seq: Seq) -> Option<&Entry> {
        let said = self.authors.get(&author)?;
        // Datagrams of an honest author do not overlap, so that the nearest one decides; but not all are honest.
        let near = said.entries.range(..=seq).rev();
        near.take_while(|(first, _)| seq.number() - first.number() < said.longest)
            .map(|(_, entry)| entry)
            .find(|entry| entry.range.contains(seq))
    }

    /// The first datagram that holds lines of this range.
    pub(super) fn first_in(&self, author: Run, range: SeqRange) -> Option<&Entry> {
        self.holding(author, range.first())
            .or_else(|| self.entries(author)?.range(range.first()..=range.last()).next().map(|(_, entry)| entry))
    }

    /// The datagrams that hold a line and those that follow it, up to the first that is missing.
    pub(super) fn from(&self, author: Run, seq: Seq) -> impl Iterator<Item = &Entry> {
        let mut next = Some(seq);
        core::iter::from_fn(move || {
            let entry = self.holding(author, next?)?;
            next = entry.range.last().after(1);
            Some(entry)
        })
    }

    /// Reads a datagram that is held.
    pub(super) fn read<'a>(&self, entry: &'a Entry, scratch: &'a mut Vec<u8>) -> Option<Packet<'a>> {
        Envelope::parse(&entry.bytes).ok()?.reopen(&self.room, scratch).ok()
    }

    /// What is missing of a range: the first few pieces of it.
    pub(super) fn missing(&self, author: Run, range: SeqRange, most: usize) -> Vec<SeqRange> {
        let mut missing = Vec::new();
        let mut next = Some(range.first());
        while let Some(first) = next.filter(|first| *first <= range.last() && missing.len() < most) {
            let rest = SeqRange::new(first, range.last()).unwrap_or(SeqRange::one(first));
            let held = self.first_in(author, rest).map(|entry| entry.range);
            let piece = match held {
                Some(held) if held.first() <= first => None,
                Some(held) => held.first().before().and_then(|last| SeqRange::new(first, last)),
                None => Some(rest),
            };
            next = held.and_then(|held| held.last().after(1));
            missing.extend(piece);
        }
        missing
    }

    /// The range from the lowest to the highest line that is held of an author; there may be gaps in it.
    pub(super) fn extent(&self, author: Run) -> Option<SeqRange> {
        let held = self.entries(author)?;
        SeqRange::new(*held.first_key_value()?.0, held.last_key_value()?.1.range.last())
    }

    /// How many lines the author's newest datagram has.
    pub(super) fn lines_of_newest(&self, author: Run) -> u32 {
        let newest = self.entries(author).and_then(BTreeMap::last_key_value);
        newest.map_or(1, |(_, entry)| entry.range.len())
    }

    /// Where the last lines are that came of those authors, so many of them: what is held of each, in no order.
    pub(super) fn last_lines(&self, count: usize, is_of_those: impl Fn(Run) -> bool) -> Vec<Held> {
        let mut ranges: BTreeMap<Run, SeqRange> = BTreeMap::new();
        let mut lines = 0;
        for (author, range) in self.latest_first().filter(|(author, _)| is_of_those(*author)) {
            let all = ranges.get(&author).map_or(range.first(), |known| known.first().min(range.first()));
            let last = ranges.get(&author).map_or(range.last(), |known| known.last().max(range.last()));
            ranges.extend(SeqRange::new(all, last).map(|range| (author, range)));
            lines += range.len() as usize;
            if lines >= count {
                break;
            }
        }
        let held = |(author, range): (Run, SeqRange)| Held { author, last: range.last(), from: Some(range.first()) };
        ranges.into_iter().map(held).collect()
    }

    fn entries(&self, author: Run) -> Option<&BTreeMap<Seq, Entry>> {
        self.authors.get(&author).map(|said| &said.entries)
    }

    fn latest_first(&self) -> impl Iterator<Item = (Run, SeqRange)> {
        self.order
            .values()
            .rev()
            .filter_map(|(author, first)| Some((*author, self.authors.get(author)?.entries.get(first)?.range)))
    }

    fn take(&mut self, author: Run, first: Seq) -> Option<Entry> {
        let said = self.authors.get_mut(&author)?;
        let entry = said.entries.remove(&first)?;
        if said.entries.is_empty() {
            self.authors.remove(&author);
        }
        self.order.remove(&entry.number);
        self.shares.remove(entry.source, entry.number);
        self.size.subtract(entry.size());
        Some(entry)
    }

    fn make_room(&mut self) {
        loop {
            let first = if self.size.lines > Self::LINES_MAX {
                self.shares.first_to_go(|size| size.lines)
            } else if self.size.bytes > Self::BYTES_MAX {
                self.shares.first_to_go(|size| size.bytes)
            } else {
                return;
            };
            let Some((author, first)) = first.and_then(|number| self.order.get(&number)).copied() else { return };
            self.take(author, first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId, RoomId};

    const AUTHOR: Run = Run { peer: PeerId(1), epoch: Epoch(1) };

    fn range(first: u32, last: u32) -> SeqRange {
        SeqRange::new(Seq::new(first).unwrap(), Seq::new(last).unwrap()).unwrap()
    }

    fn insert(log: &mut Log, author: Run, first: u32, last: u32, bytes: &[u8]) -> bool {
        let origin =
            Origin { link: LinkId(1), from: ([192, 0, 2, 1], 26634).into(), source: Source::Absent, heard: Time::ZERO };
        log.insert(author, range(first, last), bytes, origin)
    }

    #[test]
    fn gaps_are_found_and_filled() {
        let mut log = Log::new(Room::unnamed(RoomId(1)));
        assert_eq!(log.missing(AUTHOR, range(1, 9), 8), [range(1, 9)]);
        assert!(insert(&mut log, AUTHOR, 3, 4, b"x") && insert(&mut log, AUTHOR, 7, 7, b"x"));
        assert_eq!(log.missing(AUTHOR, range(1, 9), 8), [range(1, 2), range(5, 6), range(8, 9)]);
        assert_eq!(log.missing(AUTHOR, range(1, 9), 2), [range(1, 2), range(5, 6)]);
        assert_eq!(log.missing(AUTHOR, range(3, 4), 8), []);
        assert_eq!(log.missing(AUTHOR, range(1, u32::MAX), 3)[2], range(8, u32::MAX));
        let in_a_row = |log: &Log, seq| log.from(AUTHOR, Seq::new(seq).unwrap()).count();
        assert_eq!((in_a_row(&log, 3), in_a_row(&log, 2)), (1, 0));
        assert!(insert(&mut log, AUTHOR, 5, 6, b"x"));
        assert_eq!(in_a_row(&log, 4), 3);
        assert_eq!(log.first_in(AUTHOR, range(1, 9)).unwrap().range, range(3, 4));
        assert_eq!(log.extent(AUTHOR), Some(range(3, 7)));
    }

    #[test]
    fn the_first_version_heard_stands() {
        let mut log = Log::new(Room::unnamed(RoomId(1)));
        assert!(insert(&mut log, AUTHOR, 1, 1, b"first"));
        assert!(!insert(&mut log, AUTHOR, 1, 1, b"other"));
        assert_eq!(*log.holding(AUTHOR, Seq::FIRST).unwrap().bytes, *b"first");
    }

    #[test]
    fn it_is_bounded_by_lines_and_bytes_and_the_oldest_goes() {
        let mut log = Log::new(Room::unnamed(RoomId(1)));
        let other = Run { epoch: Epoch(2), ..AUTHOR };
        insert(&mut log, other, 1, 1, b"x");
        for seq in 1..=12_000 {
            insert(&mut log, AUTHOR, seq, seq, b"x");
        }
        assert_eq!((log.size.lines, log.order.len(), log.extent(AUTHOR)), (10_000, 10_000, Some(range(2001, 12_000))));
        assert_eq!(log.extent(other), None);
        for seq in 1..=12_000 {
            insert(&mut log, other, seq, seq, &[0; 1200]);
        }
        assert!(log.size.bytes <= Log::BYTES_MAX && log.size.bytes + 1360 > Log::BYTES_MAX);
        log.forget(other);
        assert_eq!((log.size.lines, log.size.bytes, log.order.len(), log.authors.len()), (0, 0, 0, 0));
    }

    #[test]
    fn the_last_lines_are_told_by_author() {
        let mut log = Log::new(Room::unnamed(RoomId(1)));
        let other = Run { epoch: Epoch(2), ..AUTHOR };
        (1..=5).for_each(|seq| {
            assert!(insert(&mut log, AUTHOR, seq, seq, b"x") && insert(&mut log, other, seq, seq, b"x"))
        });
        insert(&mut log, other, 6, 8, b"x");
        let told = log
            .last_lines(6, |_| true)
            .into_iter()
            .map(|held| (held.author, held.range().unwrap()))
            .collect::<Vec<_>>();
        assert_eq!(told, [(AUTHOR, range(5, 5)), (other, range(4, 8))]);
        assert_eq!(log.last_lines(100, |_| true).len(), 2);
        let of_one = log.last_lines(3, |author| author == AUTHOR);
        assert_eq!(of_one, [Held { author: AUTHOR, last: Seq::new(5).unwrap(), from: Seq::new(3) }]);
    }
}

//! A table that takes little more memory than what is in it.

use alloc::vec::Vec;
use core::cell::Cell;
use core::hash::{Hash, Hasher};

/// Values by key, of less than 65,536: they lie side by side, in no order, and an index of four bytes for each tells
/// where. Memory grows by a sixteenth, and what was needed once is kept.
///
/// The index stands in the order of hashes, so it is known about where in it a key is. Anybody can make up keys with one
/// hash; among these it goes by their order, and so by the logarithm of how many they are.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    rows: Vec<(K, V)>,
    index: Vec<Pointer>,
    /// Where the last key was that was looked up: mostly the next one is the same.
    last: Cell<Place>,
}

#[derive(Clone, Copy, Debug)]
struct Pointer {
    hash: u16,
    place: Place,
}

/// Where a row is, until one is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u16);

/// What was taken off a table.
#[derive(Debug)]
pub(super) struct Removed<V> {
    pub(super) value: V,
    /// The row that was at this place is at that of the one removed now.
    pub(super) moved_from: Option<Place>,
}

impl Place {
    /// Where no row ever is.
    pub(super) const NOWHERE: Self = Self(u16::MAX);

    fn of(index: usize) -> Self {
        // No table has more rows: `insert` sees to it.
        Self(u16::try_from(index).unwrap_or(u16::MAX))
    }

    fn index(self) -> usize {
        self.0.into()
    }
}

impl<K: Copy + Ord + Hash, V> Table<K, V> {
    /// Most rows.
    pub(super) const COUNT_MAX: usize = u16::MAX as usize;

    pub(super) const fn new() -> Self {
        Self { rows: Vec::new(), index: Vec::new(), last: Cell::new(Place::NOWHERE) }
    }

    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Where the row of this key is.
    pub(super) fn place(&self, key: K) -> Option<Place> {
        let last = self.last.get();
        if self.rows.get(last.index()).is_some_and(|row| row.0 == key) {
            return Some(last);
        }
        let place = self.index[self.search(key).ok()?].place;
        self.last.set(place);
        Some(place)
    }

    pub(super) fn get(&self, key: K) -> Option<&V> {
        self.place(key).map(|place| self.at(place))
    }

    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.place(key).map(|place| self.at_mut(place))
    }

    pub(super) fn key(&self, place: Place) -> K {
        self.rows[place.index()].0
    }

    pub(super) fn at(&self, place: Place) -> &V {
        &self.rows[place.index()].1
    }

    pub(super) fn at_mut(&mut self, place: Place) -> &mut V {
        &mut self.rows[place.index()].1
    }

    /// All rows, by key. To put them in order takes a while.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (K, &V)> {
        let mut places: Vec<Place> = self.index.iter().map(|pointer| pointer.place).collect();
        places.sort_unstable_by_key(|place| self.key(*place));
        places.into_iter().map(|place| (self.key(place), self.at(place)))
    }

    /// All rows, in no order.
    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = (K, &V)> {
        self.rows.iter().map(|(key, value)| (*key, value))
    }

    /// All values, in no order.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.rows.iter().map(|(_, value)| value)
    }

    /// All values, in no order.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.rows.iter_mut().map(|(_, value)| value)
    }

    /// Enters a row in place of what was there by this key; gives where it is.
    ///
    /// # Panics
    /// When the table is full.
    pub(super) fn insert(&mut self, key: K, value: V) -> Place {
        match self.search(key) {
            Ok(position) => {
                let place = self.index[position].place;
                *self.at_mut(place) = value;
                place
            }
            Err(position) => {
                assert!(self.rows.len() < Self::COUNT_MAX, "its owner bounds it");
                let place = Place::of(self.rows.len());
                reserve(&mut self.rows);
                self.rows.push((key, value));
                reserve(&mut self.index);
                self.index.insert(position, Pointer { hash: hash(&key), place });
                place
            }
        }
    }

    pub(super) fn remove(&mut self, key: K) -> Option<Removed<V>> {
        let position = self.search(key).ok()?;
        let (place, last) = (self.index[position].place, Place::of(self.rows.len() - 1));
        // The last row fills the hole.
        let moved_from = (place != last).then_some(last);
        if moved_from.is_some()
            && let Ok(position) = self.search(self.key(last))
        {
            self.index[position].place = place;
        }
        self.index.remove(position);
        let (_, value) = self.rows.swap_remove(place.index());
        Some(Removed { value, moved_from })
    }

    /// Where in the index the key is, or belongs: it is looked for from where it is most likely, ever farther off.
    fn search(&self, key: K) -> Result<usize, usize> {
        const STEP: usize = 4;
        let (hash, len) = (hash(&key), self.index.len());
        let likely = (usize::from(hash) * len) >> u16::BITS;
        let (mut first, mut step) = (likely.saturating_sub(STEP), STEP);
        while first > 0 && self.index[first].hash >= hash {
            step *= 2;
            first = first.saturating_sub(step);
        }
        let (mut end, mut step) = (len.min(likely + STEP), STEP);
        while end < len && self.index[end - 1].hash <= hash {
            step *= 2;
            end = len.min(end + step);
        }
        let order = |pointer: &Pointer| pointer.hash.cmp(&hash).then_with(|| self.key(pointer.place).cmp(&key));
        let found = self.index[first..end].binary_search_by(order);
        found.map(|position| first + position).map_err(|position| first + position)
    }
}

impl<K: Copy + Ord + Hash, V> Default for Table<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

fn hash(key: &impl Hash) -> u16 {
    let mut mixer = Mixer(0);
    key.hash(&mut mixer);
    // What was multiplied is mixed best at its upper end.
    (mixer.finish() >> 48) as u16
}

/// Mixes numbers well enough to spread what nobody has made up to collide; the same on all machines and at each start.
struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        // The fraction of the golden ratio spreads what follows each other (Knuth, The Art of Computer Programming, 6.4).
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 32;
    }

    fn finish(&self) -> u64 {
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// Makes room for one more. To double, as a vector does by itself, would leave a third of the memory unused on average.
fn reserve<T>(rows: &mut Vec<T>) {
    if rows.len() == rows.capacity() {
        rows.reserve_exact(1.max(rows.len() / 16));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn it_agrees_with_a_map() {
        let mut rng = fastrand::Rng::with_seed(1);
        let (mut table, mut map) = (Table::new(), BTreeMap::new());
        for step in 0..20_000_u32 {
            let key = rng.u32(..300);
            if rng.bool() {
                let place = table.insert(key, step);
                assert_eq!((table.key(place), *table.at(place)), (key, step));
                map.insert(key, step);
            } else {
                let moved = table.len().checked_sub(1).map(|last| (table.key(Place::of(last)), table.place(key)));
                let removed = table.remove(key);
                if let Some((key, place)) = moved.filter(|_| removed.as_ref().is_some_and(|it| it.moved_from.is_some()))
                {
                    assert_eq!(table.place(key), place, "the last one is where the removed one was");
                }
                assert_eq!(removed.map(|removed| removed.value), map.remove(&key));
            }
            assert_eq!((table.len(), table.get(key)), (map.len(), map.get(&key)));
        }
        assert!(table.iter().eq(map.iter().map(|(key, value)| (*key, value))));
        assert_eq!((table.values().sum::<u32>(), table.len()), (map.values().sum(), map.len()));
    }

    #[test]
    fn keys_of_one_hash_are_told_apart() {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        struct Same(u32);
        impl Hash for Same {
            fn hash<H: Hasher>(&self, state: &mut H) {
                state.write_u32(self.0 / 1000);
            }
        }
        let mut table = Table::new();
        (0..3000).rev().for_each(|key| _ = table.insert(Same(key), key));
        assert!((0..3000).all(|key| table.get(Same(key)) == Some(&key)) && table.get(Same(3000)).is_none());
        (0..3000).step_by(3).for_each(|key| assert_eq!(table.remove(Same(key)).unwrap().value, key));
        assert!((0..3000).all(|key| table.get(Same(key)).is_some() == (key % 3 != 0)));
    }

    #[test]
    fn what_follows_each_other_is_spread() {
        let mut hashes: Vec<u16> = (0..4096_u64).map(|number| hash(&number)).collect();
        hashes.sort_unstable();
        for (position, hash) in hashes.iter().enumerate() {
            let likely = (usize::from(*hash) * hashes.len()) >> u16::BITS;
            assert!(likely.abs_diff(position) < 100, "{hash} is at {position}");
        }
    }

    #[test]
    fn it_keeps_a_sixteenth_in_reserve_at_most() {
        let mut table = Table::new();
        for key in 0..5000_u32 {
            table.insert(key, ());
            assert!(table.rows.capacity() <= table.len() + table.len() / 16 + 1, "{}", table.len());
        }
    }
}

//! A table that takes little more memory than what is in it.

use alloc::vec::Vec;

/// Values by key, of less than 65,536: they lie side by side, in no order, and an index of two bytes for each tells in
/// which order their keys stand. Memory grows by a sixteenth, and what was needed once is kept.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    rows: Vec<(K, V)>,
    /// Where the rows are, by key.
    by_key: Vec<Place>,
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

impl<K: Copy + Ord, V> Table<K, V> {
    /// Most rows.
    pub(super) const COUNT_MAX: usize = u16::MAX as usize;

    pub(super) const fn new() -> Self {
        Self { rows: Vec::new(), by_key: Vec::new() }
    }

    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Where the row of this key is.
    pub(super) fn place(&self, key: K) -> Option<Place> {
        self.search(key).ok().map(|position| self.by_key[position])
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

    /// All rows, by key.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (K, &V)> {
        self.by_key.iter().map(|place| {
            let (key, value) = &self.rows[place.index()];
            (*key, value)
        })
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
                let place = self.by_key[position];
                *self.at_mut(place) = value;
                place
            }
            Err(position) => {
                assert!(self.rows.len() < Self::COUNT_MAX, "its owner bounds it");
                let place = Place::of(self.rows.len());
                reserve(&mut self.rows);
                self.rows.push((key, value));
                reserve(&mut self.by_key);
                self.by_key.insert(position, place);
                place
            }
        }
    }

    pub(super) fn remove(&mut self, key: K) -> Option<Removed<V>> {
        let position = self.search(key).ok()?;
        let (place, last) = (self.by_key[position], Place::of(self.rows.len() - 1));
        // The last row fills the hole.
        let moved_from = (place != last).then_some(last);
        if moved_from.is_some()
            && let Ok(position) = self.search(self.key(last))
        {
            self.by_key[position] = place;
        }
        self.by_key.remove(position);
        let (_, value) = self.rows.swap_remove(place.index());
        Some(Removed { value, moved_from })
    }

    fn search(&self, key: K) -> Result<usize, usize> {
        self.by_key.binary_search_by(|place| self.rows[place.index()].0.cmp(&key))
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: Vec::new(), by_key: Vec::new() }
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
    fn it_keeps_a_sixteenth_in_reserve_at_most() {
        let mut table = Table::new();
        for key in 0..5000_u32 {
            table.insert(key, ());
            assert!(table.rows.capacity() <= table.len() + table.len() / 16 + 1, "{}", table.len());
        }
    }
}

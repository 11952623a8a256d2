//! Where a value comes from.

use std::collections::BTreeMap;
use std::fmt;

use super::file::Place;
use super::key::Key;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nobody said anything.
    Default,
    /// From the file, where it stands on this line, counted from 1.
    File { line: usize },
    /// From this variable of the environment.
    Environment(&'static str),
    /// From this option, as it is typed: `--nick`.
    Flag(&'static str),
}

impl Source {
    /// Whether what this one says counts more: a flag before a variable, before the file, before the default.
    pub(crate) const fn outranks(self, other: Self) -> bool {
        self.rank() > other.rank()
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Default => 0,
            Self::File { .. } => 1,
            Self::Environment(_) => 2,
            Self::Flag(_) => 3,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { line } => write!(f, "line {line}"),
            Self::Environment(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A value, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    pub(crate) source: Source,
}

impl<T> Sourced<T> {
    /// What holds where nobody said anything.
    pub(crate) const fn default(value: T) -> Self {
        Self { value, source: Source::Default }
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced { value: change(self.value), source: self.source }
    }
}

/// Where each value comes from that is in force, and which file was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    pub(crate) place: Place,
    by_key: BTreeMap<Key, Source>,
}

impl Sources {
    pub(crate) const fn new(place: Place) -> Self {
        Self { place, by_key: BTreeMap::new() }
    }

    /// Where the value of a key comes from.
    pub(crate) fn of(&self, key: Key) -> Source {
        self.by_key.get(&key).copied().unwrap_or(Source::Default)
    }

    /// Notes where a value comes from, and gives the value alone.
    pub(crate) fn note<T>(&mut self, key: Key, sourced: Sourced<T>) -> T {
        self.by_key.insert(key, sourced.source);
        sourced.value
    }
}

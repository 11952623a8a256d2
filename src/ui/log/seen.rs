//! What was read already, so that what two runs have logged, or one has logged anew as history, is shown once.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use cooee::time::UnixMillis;

use super::logged::Logged;

/// The last of what was read.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Drawn anew each time: nobody can say something that hides what another says.
    hasher: RandomState,
    times: HashMap<u64, UnixMillis>,
    /// In the order in which they were read.
    order: VecDeque<u64>,
}

impl Seen {
    /// As many as a run holds lines, and some more: nothing comes again that is older. Some 2 MiB.
    const COUNT_MAX: usize = 32_768;
    /// Of one author to one reader, private lines are counted by themselves: two runs of this user get others of the
    /// same number. Equal in all else, they are one only if they came at about the same time. To be told alone takes
    /// 4.5 seconds at most.
    const PRIVATE_WITHIN: Duration = Duration::from_secs(5);

    /// Takes it in; tells whether it is new.
    pub(super) fn is_new(&mut self, logged: &Logged<'_>) -> bool {
        let (key, is_private) = match logged {
            Logged::Line(line) => {
                let way = (line.private, line.to.is_some());
                (self.hasher.hash_one((line.author(), line.seq, way, &line.text)), line.private)
            }
            Logged::Gap(gap) => (self.hasher.hash_one((gap.author, gap.range.first(), gap.range.last())), false),
        };
        let Some(before) = self.times.insert(key, logged.time()) else {
            self.order.push_back(key);
            if self.order.len() > Self::COUNT_MAX
                && let Some(oldest) = self.order.pop_front()
            {
                self.times.remove(&oldest);
            }
            return true;
        };
        is_private && Duration::from_millis(logged.time().0.abs_diff(before.0)) > Self::PRIVATE_WITHIN
    }
}

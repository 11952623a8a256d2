//! Which of a run's datagrams have come already: what is recorded and played again is passed over.

use crate::wire::Counter;

/// The last counters of a run that have come, as in RFC 4303, section 3.4.3: each is let in once, also when several
/// change places on their way. One that is more than 63 behind the highest counts as having come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReplayWindow {
    highest: Counter,
    /// Bit n: the counter n below the highest has come. The lower half first: there are thousands of these, and by 8 bytes
    /// at once they would take 4 more.
    seen: [u32; 2],
}

impl ReplayWindow {
    /// A window that begins with this counter. Whatever has a lower one was sent before, and is not let in.
    pub(super) const fn starting(first: Counter) -> Self {
        Self { highest: first, seen: [u32::MAX; 2] }
    }

    /// A window in which nothing has come yet, whatever its counter.
    pub(super) const fn open() -> Self {
        // No datagram has the counter 0.
        Self { highest: Counter(0), seen: [1, 0] }
    }

    /// Whether a counter comes for the first time; it counts as having come from then on.
    pub(super) fn admits(&mut self, counter: Counter) -> bool {
        if let Some(ahead) = counter.0.checked_sub(self.highest.0).filter(|ahead| *ahead > 0) {
            self.set_seen(self.seen().checked_shl(ahead).unwrap_or(0) | 1);
            self.highest = counter;
            return true;
        }
        let behind = self.highest.0 - counter.0;
        let Some(bit) = 1_u64.checked_shl(behind) else { return false };
        let is_new = self.seen() & bit == 0;
        self.set_seen(self.seen() | bit);
        is_new
    }

    const fn seen(self) -> u64 {
        self.seen[0] as u64 | (self.seen[1] as u64) << 32
    }

    const fn set_seen(&mut self, seen: u64) {
        self.seen = [seen as u32, (seen >> 32) as u32];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(window: &mut ReplayWindow, counters: impl IntoIterator<Item = u32>) -> std::vec::Vec<u32> {
        counters.into_iter().filter(|counter| window.admits(Counter(*counter))).collect()
    }

    #[test]
    fn each_comes_once_in_whatever_order() {
        let mut window = ReplayWindow::starting(Counter(100));
        assert_eq!(admitted(&mut window, [100, 99, 37, 36, 0]), []);
        assert_eq!(admitted(&mut window, [103, 101, 101, 103, 102, 99, 104, 102]), [103, 101, 102, 104]);
        assert_eq!(admitted(&mut window, [200, 136, 137, 137, 199]), [200, 137, 199]);
        assert_eq!(
            admitted(&mut window, [u32::MAX, u32::MAX, u32::MAX - 63, u32::MAX - 64, 0]),
            [u32::MAX, u32::MAX - 63]
        );
    }

    #[test]
    fn an_open_one_begins_with_whatever_comes() {
        let mut window = ReplayWindow::open();
        assert_eq!(admitted(&mut window, [0, 9, 8, 9, 8, 1]), [9, 8, 1]);
        assert_eq!(admitted(&mut ReplayWindow::open(), [900, 899, 900, 836]), [900, 899]);
    }

    #[test]
    fn it_agrees_with_a_set_of_all_that_came() {
        let mut rng = fastrand::Rng::with_seed(1);
        let (mut window, mut came) = (ReplayWindow::starting(Counter(0)), std::collections::BTreeSet::from([0]));
        for step in 0..20_000_u32 {
            let counter = (step / 4 + rng.u32(..90)).saturating_sub(40);
            let highest = *came.last().unwrap();
            let expected = highest < counter + 64 && !came.contains(&counter);
            assert_eq!(window.admits(Counter(counter)), expected, "{counter} at {highest}");
            came.insert(counter);
        }
    }
}

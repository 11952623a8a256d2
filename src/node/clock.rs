//! By how much the clocks of others are ahead of one's own.

use crate::time::UnixMillis;

/// By how many milliseconds another run's clock is ahead of this one's; negative when it is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockLead(i64);

impl ClockLead {
    /// In milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// By how much a clock is ahead that says `theirs` when one's own says `ours`.
    pub const fn between(theirs: UnixMillis, ours: UnixMillis) -> Self {
        Self(theirs.0.cast_signed().saturating_sub(ours.0.cast_signed()))
    }

    /// What our clock said when theirs said `time`.
    pub(super) fn to_ours(self, time: UnixMillis) -> UnixMillis {
        UnixMillis(u64::try_from(time.0.cast_signed().saturating_sub(self.0)).unwrap_or(0))
    }
}

/// How a run's clock goes, by its last beacons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clock {
    leads: [Option<ClockLead>; 4],
    /// It was known once.
    has_told: bool,
}

impl Clock {
    pub(super) fn note(&mut self, lead: ClockLead) {
        self.leads.rotate_right(1);
        self.leads[0] = Some(lead);
        self.has_told = true;
    }

    /// A beacon that took long to come makes a clock seem to be behind; so the greatest lead is the nearest.
    pub(super) fn lead(&self) -> Option<ClockLead> {
        self.leads.iter().flatten().max().copied()
    }

    pub(super) const fn has_told(&self) -> bool {
        self.has_told
    }

    /// Our own clock was set, or the machine has slept: all leads are others now.
    pub(super) fn forget(&mut self) {
        self.leads = Default::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beacon_that_was_long_on_its_way_does_not_set_a_clock_back() {
        let mut clock = Clock::default();
        assert_eq!(clock.lead(), None);
        [10, 12, -5000].into_iter().for_each(|lead| clock.note(ClockLead(lead)));
        assert_eq!(clock.lead(), Some(ClockLead(12)));
        (0..4).for_each(|_| clock.note(ClockLead(-60_000)));
        assert_eq!(clock.lead(), Some(ClockLead(-60_000)), "it was really set back");
    }

    #[test]
    fn clocks_that_are_wrong_by_decades_are_set_right() {
        let lead = ClockLead::between(UnixMillis(5_000), UnixMillis(1_700_000_000_000));
        assert_eq!(lead.to_ours(UnixMillis(4_000)), UnixMillis(1_699_999_999_000));
        let behind = ClockLead::between(UnixMillis(1_700_000_000_000), UnixMillis(5_000));
        assert_eq!(behind.to_ours(UnixMillis(0)), UnixMillis(0));
        assert_eq!(
            ClockLead::between(UnixMillis(u64::MAX), UnixMillis(1)).to_ours(UnixMillis(u64::MAX)),
            UnixMillis(1)
        );
    }
}

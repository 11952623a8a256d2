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

/// How a run's clock goes, by its last beacons: four at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    last: ClockLead,
    /// By how many milliseconds the leads by the beacons before that one were greater, the latest first.
    earlier: [i32; 3],
    /// How many leads are known.
    count: u8,
    /// It was known once.
    has_told: bool,
}

impl Default for Clock {
    fn default() -> Self {
        Self { last: ClockLead(0), earlier: [0; 3], count: 0, has_told: false }
    }
}

impl Clock {
    pub(super) fn note(&mut self, lead: ClockLead) {
        let rise = lead.0.saturating_sub(self.last.0);
        let known = usize::from(self.count).saturating_sub(1);
        let mut earlier = [0; 3];
        let before = [0].iter().chain(&self.earlier[..known]);
        let fits = earlier.iter_mut().zip(before).all(|(kept, greater)| {
            let greater = i32::try_from(i64::from(*greater).saturating_sub(rise));
            greater.map(|greater| *kept = greater).is_ok()
        });
        // By some 24 days no beacon is late: a clock that jumps so far was set.
        let kept = if fits { self.count.min(3) } else { 0 };
        *self = Self { last: lead, earlier, count: kept + 1, has_told: true };
    }

    /// A beacon that took long to come makes a clock seem to be behind; so the greatest lead is the nearest.
    pub(super) fn lead(&self) -> Option<ClockLead> {
        let earlier = usize::from(self.count).checked_sub(1)?;
        let greatest = self.earlier[..earlier].iter().copied().max().unwrap_or(0).max(0);
        Some(ClockLead(self.last.0.saturating_add(greatest.into())))
    }

    pub(super) const fn has_told(&self) -> bool {
        self.has_told
    }

    /// Our own clock was set, or the machine has slept: all leads are others now.
    pub(super) const fn forget(&mut self) {
        self.count = 0;
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
    fn the_greatest_of_the_last_four_leads_is_the_lead() {
        let mut rng = fastrand::Rng::with_seed(1);
        let (mut clock, mut leads) = (Clock::default(), std::vec::Vec::new());
        for _ in 0..10_000 {
            if rng.u8(..20) == 0 {
                clock.forget();
                leads.clear();
            }
            let lead = rng.i64(-1_000_000_000..1_000_000_000);
            clock.note(ClockLead(lead));
            leads.push(lead);
            assert_eq!(clock.lead().map(ClockLead::millis), leads.iter().rev().take(4).max().copied());
        }
        for lead in [i64::MIN, i64::MAX, 0, -5_000_000_000] {
            clock.note(ClockLead(lead));
            assert_eq!(clock.lead(), Some(ClockLead(lead)), "it was set");
        }
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

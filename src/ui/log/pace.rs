//! How often the same trouble is told.

use std::time::Duration;

use cooee::time::UnixMillis;

/// Lets something be told once an hour: whoever has a full disk knows it by then.
#[derive(Debug, Default)]
pub(super) struct HourlyNotice {
    told: Option<UnixMillis>,
}

impl HourlyNotice {
    const PAUSE: Duration = Duration::from_secs(3600);

    /// Whether it is to be told now; then it counts as told.
    pub(super) fn is_due(&mut self, now: UnixMillis) -> bool {
        // A clock that is set back makes an hour of it too.
        let is_due = self.told.is_none_or(|told| Duration::from_millis(now.0.abs_diff(told.0)) >= Self::PAUSE);
        if is_due {
            self.told = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_once_an_hour() {
        let hour = 3_600_000;
        let mut notice = HourlyNotice::default();
        let due = [10 * hour, 10 * hour + 1, 11 * hour - 1, 11 * hour, 11 * hour + 1, 9 * hour, 9 * hour + 1]
            .map(|now| notice.is_due(UnixMillis(now)));
        assert_eq!(due, [true, false, false, true, false, true, false]);
    }
}

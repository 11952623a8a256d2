//! Moments, for people and for programs.

use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use cooee::time::UnixMillis;
use cooee::trust::Since;

/// RFC 3339, in UTC, with milliseconds.
pub(crate) fn rfc3339(moment: UnixMillis) -> String {
    utc(moment).format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// RFC 3339, in UTC, in whole seconds, as it is kept.
pub(crate) fn since(moment: UnixMillis) -> Since {
    let text = utc(moment).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    text.parse().unwrap_or_else(|()| unreachable!("a year has four digits up to the last"))
}

/// `HH:MM` by the local clock, with the date before it where that is not the one of `now`.
pub(crate) fn day_and_minute(moment: UnixMillis, now: UnixMillis) -> String {
    let [local, today] = [moment, now].map(local);
    let format = if local.date_naive() == today.date_naive() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    local.format(format).to_string()
}

/// The moment by the local clock.
pub(super) fn local(moment: UnixMillis) -> DateTime<Local> {
    utc(moment).with_timezone(&Local)
}

/// The day by the local clock.
pub(crate) fn local_day(moment: UnixMillis) -> NaiveDate {
    local(moment).date_naive()
}

/// The moment at which the local clock shows this. What it shows twice is meant the first time; what it never shows, as
/// it is put forward over it, is the end of that gap, or close behind.
pub(crate) fn by_local_clock(shown: NaiveDateTime) -> UnixMillis {
    /// No clock is put forward by more, but where a whole day is left out.
    const GAP_MAX: TimeDelta = TimeDelta::hours(3);
    let moment = |shown: NaiveDateTime| shown.and_local_timezone(Local).earliest();
    let moment = moment(shown).or_else(|| moment(shown.checked_add_signed(GAP_MAX)?));
    UnixMillis(moment.and_then(|moment| u64::try_from(moment.timestamp_millis()).ok()).unwrap_or(0))
}

/// Reads what [`rfc3339`] writes, in any zone; `None` for what is no such moment or lies before 1970.
pub(crate) fn parse_rfc3339(text: &str) -> Option<UnixMillis> {
    let moment = DateTime::parse_from_rfc3339(text).ok()?;
    u64::try_from(moment.timestamp_millis()).ok().map(UnixMillis)
}

fn utc(moment: UnixMillis) -> DateTime<Utc> {
    /// The end of the year 9999: RFC 3339 has no later one.
    const LAST: i64 = 253_402_300_799_999;
    let millis = i64::try_from(moment.0).unwrap_or(LAST).min(LAST);
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_clock_gives_a_legal_time() {
        assert_eq!(rfc3339(UnixMillis(1_795_442_520_123)), "2026-11-23T14:02:00.123Z");
        assert_eq!(rfc3339(UnixMillis(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(UnixMillis(u64::MAX)), "9999-12-31T23:59:59.999Z");
        assert_eq!(day_and_minute(UnixMillis(u64::MAX), UnixMillis(u64::MAX)).len(), 5);
        assert_eq!(since(UnixMillis(1_795_442_520_999)).to_string(), "2026-11-23T14:02:00Z");
        assert_eq!(since(UnixMillis(u64::MAX)).date(), "9999-12-31");
    }

    #[test]
    fn another_day_is_told() {
        let (moment, day) = (1_795_442_520_123, 86_400_000);
        assert_eq!(day_and_minute(UnixMillis(moment), UnixMillis(moment)).len(), "14:02".len());
        let yesterday = day_and_minute(UnixMillis(moment - day), UnixMillis(moment));
        assert!(yesterday.starts_with("2026-11-2") && yesterday.len() == "2026-11-22 14:02".len(), "{yesterday}");
    }
}

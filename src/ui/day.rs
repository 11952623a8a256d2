//! The line that stands between what was said on one day and on the next.

use cooee::time::UnixMillis;
use unicode_width::UnicodeWidthStr;

use crate::ui::timestamp::local_day;

/// `── Monday 23 November 2026 ─────────`: the local day of a moment, as wide as `columns`. Where the words do not fit,
/// `── 2026-11-23 ──`, and where that does not fit either, the bare date.
pub(crate) fn day_line(moment: UnixMillis, columns: usize) -> String {
    let day = local_day(moment);
    let ruled = [format!("── {} ──", day.format("%A %-d %B %Y")), format!("── {day} ──")];
    let fitting = ruled.into_iter().find(|line| line.width() <= columns);
    fitting.map_or_else(|| day.to_string(), |line| line.clone() + &"─".repeat(columns - line.width()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::timestamp::by_local_clock;

    #[test]
    fn a_day_line_fits() {
        let noon = chrono::NaiveDate::from_ymd_opt(2026, 11, 3).unwrap().and_hms_opt(12, 0, 0).unwrap();
        let line = |columns| day_line(by_local_clock(noon), columns);
        assert_eq!(line(40), "── Tuesday 3 November 2026 ─────────────");
        assert_eq!(
            (line(29), line(28)),
            ("── Tuesday 3 November 2026 ──".into(), "── 2026-11-03 ──────────────".into())
        );
        assert_eq!(
            (line(16), line(15), line(0)),
            ("── 2026-11-03 ──".into(), "2026-11-03".into(), "2026-11-03".into())
        );
        for columns in 16..200 {
            assert_eq!(line(columns).width(), columns);
        }
        for moment in [0, u64::MAX] {
            assert!(day_line(UnixMillis(moment), 80).starts_with("── "));
        }
    }
}

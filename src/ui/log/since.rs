//! From when on the log is shown, as people say it.

use std::str::FromStr;
use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use cooee::time::UnixMillis;

use crate::ui::timestamp::{by_local_clock, local_day};

/// From when on: by the local clock, or so long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// `2026-11-20`, from its midnight on, or `2026-11-20T14:00`.
    Moment(NaiveDateTime),
    /// `14:00`, today.
    TimeOfDay(NaiveTime),
    /// `today` (0), or `yesterday` (1): from the midnight on that begins the day.
    DaysBack(u64),
    /// `30min`, `2h`, `3d`: days have 24 hours.
    Ago(Duration),
}

impl Since {
    /// The moment that is meant, now.
    pub(crate) fn moment(self, now: UnixMillis) -> UnixMillis {
        let today = local_day(now);
        match self {
            Self::Moment(moment) => by_local_clock(moment),
            Self::TimeOfDay(time) => by_local_clock(today.and_time(time)),
            Self::DaysBack(days) => {
                let day = today.checked_sub_days(chrono::Days::new(days)).unwrap_or(today);
                by_local_clock(day.and_time(NaiveTime::MIN))
            }
            Self::Ago(ago) => UnixMillis(now.0.saturating_sub(u64::try_from(ago.as_millis()).unwrap_or(u64::MAX))),
        }
    }
}

impl FromStr for Since {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        let typed = typed.trim();
        let word = match typed {
            "today" => Some(Self::DaysBack(0)),
            "yesterday" => Some(Self::DaysBack(1)),
            _ => ago(typed).map(Self::Ago),
        };
        let date = || typed.parse::<NaiveDate>().ok().map(|day| Self::Moment(day.and_time(NaiveTime::MIN)));
        let moment = || {
            let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
            formats.iter().find_map(|format| NaiveDateTime::parse_from_str(typed, format).ok()).map(Self::Moment)
        };
        let time = || NaiveTime::parse_from_str(typed, "%H:%M").ok().map(Self::TimeOfDay);
        let problem =
            "possible are 2026-11-20, 2026-11-20T14:00, 14:00, today, yesterday, and how long ago: 30min, 2h, 3d";
        word.or_else(date).or_else(moment).or_else(time).ok_or_else(|| problem.to_owned())
    }
}

/// A whole number of a unit, without a sign.
fn ago(typed: &str) -> Option<Duration> {
    let (number, unit) = typed.split_at(typed.find(|c: char| !c.is_ascii_digit())?);
    let seconds = match unit {
        "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_say_is_understood() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let at = |hour, minute| day.and_hms_opt(hour, minute, 0).unwrap();
        for (typed, since) in [
            ("2026-11-20", Since::Moment(at(0, 0))),
            ("2026-11-20T14:05", Since::Moment(at(14, 5))),
            ("2026-11-20T14:05:00", Since::Moment(at(14, 5))),
            ("2026-11-20 14:05", Since::Moment(at(14, 5))),
            ("14:05", Since::TimeOfDay(at(14, 5).time())),
            ("9:05", Since::TimeOfDay(at(9, 5).time())),
            ("today", Since::DaysBack(0)),
            (" yesterday", Since::DaysBack(1)),
            ("30min", Since::Ago(Duration::from_secs(1800))),
            ("2h", Since::Ago(Duration::from_secs(7200))),
            ("3d", Since::Ago(Duration::from_secs(3 * 86_400))),
            ("0min", Since::Ago(Duration::ZERO)),
        ] {
            assert_eq!(typed.parse(), Ok(since), "{typed}");
        }
        for typed in
            ["", "2", "h", "-2h", "+2h", "2 h", "2w", "25:00", "2026-02-30", "tomorrow", "99999999999999999999d", "٣h"]
        {
            let problem = typed.parse::<Since>().unwrap_err();
            assert!(problem.starts_with("possible are 2026-11-20, "), "{typed}: {problem}");
        }
    }

    #[test]
    fn moments_are_those_of_the_local_clock() {
        let noon = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap().and_hms_opt(12, 0, 0).unwrap();
        let now = by_local_clock(noon);
        let before = |since: Since| now.0 - since.moment(now).0;
        let hour = 3_600_000;
        assert_eq!(before(Since::DaysBack(0)), 12 * hour);
        assert_eq!(before(Since::DaysBack(1)), 36 * hour);
        assert_eq!(before(Since::Ago(Duration::from_secs(5400))), 3 * hour / 2);
        assert_eq!(before(Since::TimeOfDay(NaiveTime::from_hms_opt(9, 30, 0).unwrap())), 5 * hour / 2);
        assert_eq!(before(Since::Moment(noon)), 0);
        assert_eq!(Since::Ago(Duration::MAX).moment(now), UnixMillis(0));
    }
}

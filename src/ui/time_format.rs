//! How the time in front of a line is written.

use std::borrow::Cow;
use std::fmt::{self, Write};

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Days, TimeZone};
use cooee::time::UnixMillis;

use crate::ui::safe::Safe;
use crate::ui::timestamp::local;

/// How the time in front of a line is written, in the words of strftime(3) as chrono has them: `%H:%M`.
///
/// Whatever the moment, it prints something on one line that cannot steer the terminal: a mark of the program's own
/// stands in front of it, and a nick behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeFormat {
    format: Cow<'static, str>,
    /// Whether it tells the day, so that no date has to stand in front of it.
    tells_day: bool,
}

impl TimeFormat {
    /// `14:02`.
    pub(crate) const DEFAULT: Self = Self { format: Cow::Borrowed("%H:%M"), tells_day: false };

    /// A format that somebody chose; the error says what is wrong with it.
    pub(crate) fn new(format: &str) -> Result<Self, String> {
        /// What prints most for its length, `%+`, makes some thousand columns of that: a sight, but no harm.
        const LEN_MAX: usize = 64;
        if format.len() > LEN_MAX {
            return Err(format!("the format has {} bytes; {LEN_MAX} are the most", format.len()));
        }
        if StrftimeItems::new(format).any(|item| matches!(item, Item::Error)) {
            return Err("not a format of time, as in \"%H:%M:%S\"; \"%%\" stands for a % itself".to_owned());
        }
        // What changes with the moment is in plain letters and digits: so what is harmless once, always is.
        let sample = DateTime::UNIX_EPOCH;
        let printed = write(format, sample).map_err(|_| "the format asks for what the time does not tell")?;
        if printed.trim().is_empty() {
            return Err("the format prints nothing".to_owned());
        }
        if printed.contains('\n') || Safe::text(&printed).as_str() != printed {
            return Err("the format prints what is no single line or cannot be seen".to_owned());
        }
        // A weekday is no day: a week later, it is the same.
        let week_later = sample + Days::new(7);
        let tells_day = write(format, week_later).is_ok_and(|later| later != printed);
        Ok(Self { format: Cow::Owned(format.to_owned()), tells_day })
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.format
    }

    /// The time by the local clock.
    pub(crate) fn time(&self, moment: UnixMillis) -> String {
        write(&self.format, local(moment)).unwrap_or_default()
    }

    /// The time by the local clock, with the date before it where that is not the one of `now`.
    pub(crate) fn day_and_time(&self, moment: UnixMillis, now: UnixMillis) -> String {
        let (local, today) = (local(moment), local(now));
        let time = self.time(moment);
        if self.tells_day || local.date_naive() == today.date_naive() {
            return time;
        }
        format!("{} {time}", local.format("%Y-%m-%d"))
    }
}

fn write<Zone: TimeZone<Offset: fmt::Display>>(format: &str, moment: DateTime<Zone>) -> Result<String, fmt::Error> {
    let mut written = String::new();
    write!(written, "{}", moment.format(format))?;
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_kept_as_it_was_written() {
        for format in ["%H:%M", "%T", "[%d.%m. %H:%M]", "%-I:%M %p", "um %H Uhr", "%%", "時 %H"] {
            let taken = TimeFormat::new(format).unwrap();
            assert_eq!(taken.as_str(), format);
            assert!(!taken.time(UnixMillis(u64::MAX)).is_empty());
        }
        assert_eq!(TimeFormat::new("%H:%M"), Ok(TimeFormat::DEFAULT));
    }

    #[test]
    fn what_would_print_nothing_or_harm_is_refused() {
        let problem = |format: &str| TimeFormat::new(format).unwrap_err();
        assert_eq!(problem(&"x".repeat(65)), "the format has 65 bytes; 64 are the most");
        for format in ["%", "%Q", "%H:%"] {
            assert!(problem(format).starts_with("not a format of time, as in \"%H:%M:%S\""), "{format}");
        }
        for format in ["", " ", "%t"] {
            assert_eq!(problem(format), "the format prints nothing", "{format:?}");
        }
        for format in ["%H%n%M", "%H\n", "\u{1b}[2J%H", "%H\u{202e}", "%H\u{200b}", "\t%H"] {
            assert_eq!(problem(format), "the format prints what is no single line or cannot be seen", "{format:?}");
        }
        assert_eq!(problem("%#z"), "the format asks for what the time does not tell");
    }

    #[test]
    fn another_day_is_told_unless_it_is_anyway() {
        let (moment, day) = (1_795_442_520_123, 86_400_000);
        let [then, week_later] = [moment, moment + 7 * day].map(UnixMillis);
        let shown = |format: &str| TimeFormat::new(format).unwrap().day_and_time(then, week_later);
        assert_eq!(shown("(%S)"), format!("{} (00)", local(then).format("%Y-%m-%d")));
        assert_eq!(TimeFormat::DEFAULT.day_and_time(then, then).len(), "14:02".len());
        assert_eq!(shown("%F %S"), format!("{} 00", local(then).format("%Y-%m-%d")));
        assert!(shown("%a %S").starts_with("2026-11-2"), "of which week, a weekday does not tell");
    }
}

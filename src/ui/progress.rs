//! How far `send` has come: one row on stderr while it takes long, where somebody may be looking.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cooee::time::Time;
use terminal_size::terminal_size_of;

use crate::ui::safe::Safe;
use crate::ui::terminal;

/// What is done sooner needs no row.
const AFTER: Duration = Duration::from_secs(1);
/// As often as an eye can follow.
const EVERY: Duration = Duration::from_millis(100);
/// The rate is that of so many of the last looks, which is 3 seconds: it is steady, and follows a change.
const LOOKS: usize = 30;

/// As wide as a terminal is that does not tell.
const COLUMNS: usize = 80;
const CLEAR: &str = "\r\x1b[K";

/// The row that is on the terminal, for [`aside`].
static SHOWN: Mutex<Option<Safe>> = Mutex::new(None);

/// A row that tells how many lines are said, and how many have been heard. It is cleared when this is dropped. Where
/// stderr is no terminal, or one that can do nothing, it is never there.
pub(crate) struct ProgressRow {
    /// Whether it can be drawn.
    can_be_seen: bool,
    /// Who is to hear them; `None` for everybody.
    hearer: Option<Safe>,
    /// When it is to be drawn next.
    due: Time,
    /// How many lines were said at the last looks.
    looks: VecDeque<(Time, u64)>,
}

/// How far the lines have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) said: u64,
    /// So many of them are known to have been heard; `None` where nobody is there to hear them.
    pub(crate) heard: Option<u64>,
}

impl ProgressRow {
    /// The first line is about to be said.
    pub(crate) fn new(hearer: Option<Safe>, now: Time) -> Self {
        let can_be_seen = io::stderr().is_terminal() && !terminal::is_dumb();
        Self { can_be_seen, hearer, due: now + AFTER, looks: VecDeque::from([(now, 0)]) }
    }

    /// When [`show`](Self::show) has something to do; `None` where nobody can look.
    pub(crate) fn due(&self) -> Option<Time> {
        self.can_be_seen.then_some(self.due)
    }

    /// Whether it is to be drawn now.
    pub(crate) fn is_due(&self, now: Time) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// Draws it anew.
    pub(crate) fn show(&mut self, now: Time, reached: Reached) {
        self.due = now + EVERY;
        let rate = self.rate(now, reached.said);
        let words = words(self.hearer.as_ref(), reached, rate);
        // The cursor stands behind it: in the last column of all, it would be on the next row with the next key.
        let columns = terminal_size_of(io::stderr()).map_or(COLUMNS, |(width, _)| width.0.into()).saturating_sub(1);
        let row = Safe::excerpt(&words, columns);
        let mut shown = shown();
        write(&format!("{CLEAR}{row}"));
        *shown = Some(row);
    }

    /// Lines a second.
    fn rate(&mut self, now: Time, said: u64) -> u64 {
        if self.looks.len() >= LOOKS {
            self.looks.pop_front();
        }
        let (since, before) = self.looks.front().copied().unwrap_or((now, said));
        self.looks.push_back((now, said));
        let millis = u64::try_from(now.since(since).as_millis()).unwrap_or(u64::MAX).max(1);
        (said.saturating_sub(before) * 1000 + millis / 2) / millis
    }
}

impl Drop for ProgressRow {
    fn drop(&mut self) {
        if shown().take().is_some() {
            write(CLEAR);
        }
    }
}

/// Writes something else on stderr: the row makes room for it, and is drawn below.
pub(crate) fn aside(write_it: impl FnOnce()) {
    let shown = shown();
    if shown.is_some() {
        write(CLEAR);
    }
    write_it();
    if let Some(row) = &*shown {
        write(row.as_ref());
    }
}

fn shown() -> MutexGuard<'static, Option<Safe>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write(bytes: &str) {
    // Where stderr is closed, nobody looks any more.
    let _ = io::stderr().write_all(bytes.as_bytes());
}

/// `12,000 lines said, everybody has 11,850, 4,100 a second`; without a rate where nothing more is said.
fn words(hearer: Option<&Safe>, Reached { said, heard }: Reached, rate: u64) -> String {
    let lines = if said == 1 { "line" } else { "lines" };
    let heard = match (heard, hearer) {
        (None, _) => "nobody is here".to_owned(),
        (Some(heard), None) => format!("everybody has {}", Count(heard)),
        (Some(heard), Some(hearer)) => format!("{hearer} has {}", Count(heard)),
    };
    let rate = if rate > 0 { format!(", {} a second", Count(rate)) } else { String::new() };
    format!("{} {lines} said, {heard}{rate}", Count(said))
}

/// A number that may be large, for people.
struct Count(u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_what_is_said_and_what_is_heard() {
        let reached = |said, heard| Reached { said, heard };
        let words = |hearer: Option<&'static str>, reached, rate| {
            super::words(hearer.map(Safe::literal).as_ref(), reached, rate)
        };
        assert_eq!(
            words(None, reached(12_000, Some(11_850)), 4_100),
            "12,000 lines said, everybody has 11,850, 4,100 a second"
        );
        assert_eq!(words(Some("bob"), reached(1, Some(0)), 0), "1 line said, bob has 0");
        assert_eq!(words(None, reached(3, None), 2), "3 lines said, nobody is here, 2 a second");
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, shown) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (98_765, "98,765"), (u64::MAX, "18,446,744,073,709,551,615")]
        {
            assert_eq!(Count(number).to_string(), shown);
        }
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut row = ProgressRow::new(None, Time::ZERO);
        let mut said = 0;
        let mut rate = |millis: u64, lines: u64| {
            said += lines;
            row.rate(Time::ZERO + Duration::from_millis(millis), said)
        };
        assert_eq!(rate(1_000, 4_000), 4_000);
        let steady: Vec<u64> = (11..60).map(|look| rate(look * 100, 200)).collect();
        assert!(steady[0] > 3_000 && steady[40..].iter().all(|rate| *rate == 2_000), "{steady:?}");
        assert_eq!((60..100).map(|look| rate(look * 100, 0)).last(), Some(0), "nothing more comes");
    }
}

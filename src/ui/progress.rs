//! How far `send` has come: one row on stderr while it takes long, where somebody may be looking.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cooee::time::Time;
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::ui::safe::Safe;

/// What is done sooner needs no row.
const AFTER: Duration = Duration::from_secs(1);
/// As often as an eye can follow.
const EVERY: Duration = Duration::from_millis(100);
/// The rate is that of so many of the last looks, which is 3 seconds: it is steady, and follows a change.
const LOOKS: usize = 30;

/// The row that is on the terminal, for [`aside`].
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// A row that tells how many lines are said, and how many have been heard. It is cleared when this is dropped. Where
/// stderr is no terminal, or one that can do nothing, it is never there.
pub(crate) struct ProgressRow {
    bar: ProgressBar,
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
        let bar = ProgressBar::no_length();
        bar.set_draw_target(ProgressDrawTarget::stderr());
        // It is cut where the terminal ends.
        let style = ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| unreachable!("it is a template"));
        bar.set_style(style);
        Self { bar, hearer, due: now + AFTER, looks: VecDeque::from([(now, 0)]) }
    }

    /// When [`show`](Self::show) has something to do; `None` where nobody can look.
    pub(crate) fn due(&self) -> Option<Time> {
        (!self.bar.is_hidden()).then_some(self.due)
    }

    /// Whether it is to be drawn now.
    pub(crate) fn is_due(&self, now: Time) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// Draws it anew.
    pub(crate) fn show(&mut self, now: Time, reached: Reached) {
        self.due = now + EVERY;
        let rate = self.rate(now, reached.said);
        self.bar.set_message(words(self.hearer.as_ref(), reached, rate));
        *shown() = Some(self.bar.clone());
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
        *shown() = None;
        self.bar.finish_and_clear();
    }
}

fn shown() -> std::sync::MutexGuard<'static, Option<ProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes something else on stderr: the row makes room for it, and is drawn below.
pub(crate) fn aside(write: impl FnOnce()) {
    let bar = shown().clone();
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// `12,000 lines said, everybody has 11,850, 4,100 a second`; without a rate where nothing more is said.
fn words(hearer: Option<&Safe>, Reached { said, heard }: Reached, rate: u64) -> String {
    let lines = if said == 1 { "line" } else { "lines" };
    let heard = match (heard, hearer) {
        (None, _) => "nobody is here".to_owned(),
        (Some(heard), None) => format!("everybody has {}", HumanCount(heard)),
        (Some(heard), Some(hearer)) => format!("{hearer} has {}", HumanCount(heard)),
    };
    let rate = if rate > 0 { format!(", {} a second", HumanCount(rate)) } else { String::new() };
    format!("{} {lines} said, {heard}{rate}", HumanCount(said))
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

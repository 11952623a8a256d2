//! Calls for the user who is spoken to: by the bell, and by a notice while he looks elsewhere.

use std::time::Duration;

use cooee::node::{Arrival, HeardLine};
use cooee::time::Time;

use super::Chat;
use crate::ui::ending::{Ending, warn};
use crate::ui::programs::notice::Notice;
use crate::ui::safe::Safe;
use crate::ui::settings::{NoticeSettings, Notify};

/// How the user is called, but not without end: a neighbour who repeats his nick is no alarm.
#[derive(Default)]
pub(super) struct Calls {
    /// When the bell last rang, and when a notice was last shown.
    rung: Pace,
    shown: Pace,
    /// Shows notices, where the user names a program for that.
    program: Option<Notice>,
}

#[derive(Debug, Default)]
struct Pace {
    last: Option<Time>,
}

impl Pace {
    /// No more often than this.
    const EVERY: Duration = Duration::from_secs(3);

    /// Whether it is time to call; that counts as done.
    fn allows(&mut self, now: Time) -> bool {
        let allows = self.last.is_none_or(|last| now.since(last) >= Self::EVERY);
        if allows {
            self.last = Some(now);
        }
        allows
    }
}

impl Calls {
    /// As the user wants to be called. Where his program cannot be started, he has no less to read in the chat.
    pub(super) fn new(settings: &NoticeSettings) -> Self {
        let Notify::Command(command) = &settings.notify else { return Self::default() };
        let program = Notice::new(command.words().to_vec()).unwrap_or_else(|problem| {
            warn(&format!("{problem} (notify); no notices are shown"));
            None
        });
        Self { program, ..Self::default() }
    }
}

impl Chat<'_> {
    /// Calls for the user, unless it is about what was said before he came.
    pub(super) fn call(&mut self, line: &HeardLine, name: &Safe) -> Result<(), Ending> {
        if line.arrival == Arrival::History {
            return Ok(());
        }
        let now = self.session.now();
        if self.settings.notices.bell && self.calls.rung.allows(now) {
            self.screen.bell();
        }
        if self.screen.is_looked_at() || !self.calls.shown.allows(now) {
            return Ok(());
        }
        match (&self.settings.notices.notify, &mut self.calls.program) {
            (Notify::Terminal, _) => self.screen.notify(&format!("{name}: {}", line.text)),
            (Notify::Command(_), Some(program)) => {
                if let Some(problem) = program.tell(name, line.text.as_str(), &self.settings.shown_room()) {
                    self.tell(&problem)?;
                }
            }
            (Notify::Off, _) | (Notify::Command(_), None) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called_more_often_than_once_in_three_seconds() {
        let mut pace = Pace::default();
        let calls: Vec<u64> =
            (0..100).map(|tenth| tenth * 100).filter(|ms| pace.allows(Time::from_micros(ms * 1000))).collect();
        assert_eq!(calls, [0, 3000, 6000, 9000]);
    }
}

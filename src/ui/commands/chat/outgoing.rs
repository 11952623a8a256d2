//! What is to be said and waits for those before it: a pasted book goes out at the pace that the LAN bears, and nobody
//! waits for it with his hands off the keys.

use std::collections::VecDeque;
use std::time::Duration;

use cooee::net::{Closed, Handle};
use cooee::time::Time;
use cooee::wire::Text;

/// Lines that wait to be handed over, oldest first.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    waiting: VecDeque<Spoken>,
    bytes: usize,
    /// Since when there is always one that waits, and how many there were since then.
    since: Option<Time>,
    total: u32,
    /// When it was last told how far it is.
    told: Option<Time>,
}

/// Something to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spoken {
    pub(super) text: Text<'static>,
    /// It says what one does rather than what one says.
    pub(super) action: bool,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) said: u32,
    pub(super) total: u32,
    pub(super) since: Time,
}

impl Outgoing {
    /// When so much waits, no more is taken: whoever pastes it has to wait.
    const BYTES_MAX: usize = 1 << 20;
    const COUNT_MAX: usize = 32 << 10;
    /// What is said sooner needs no telling how far it is.
    const NO_TIME: Duration = Duration::from_secs(1);
    /// How far it is, is told anew after this.
    const TELL_EVERY: Duration = Duration::from_millis(200);
    /// A run that is busy is asked again after this.
    const TRY_AGAIN_AFTER: Duration = Duration::from_millis(5);

    /// Whether one more may be added.
    pub(super) fn has_room(&self) -> bool {
        self.bytes < Self::BYTES_MAX && self.waiting.len() < Self::COUNT_MAX
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn push(&mut self, spoken: Spoken, now: Time) {
        if self.waiting.is_empty() {
            (self.since, self.total) = (Some(now), 0);
        }
        self.total = self.total.saturating_add(1);
        self.bytes += spoken.text.as_str().len();
        self.waiting.push_back(spoken);
    }

    /// Hands over the next one, if the run takes it now; gives back what was handed over.
    pub(super) fn hand_over(&mut self, handle: &Handle) -> Result<Option<Spoken>, Closed> {
        let Some(next) = self.waiting.front() else { return Ok(None) };
        if !handle.try_say(next.text.clone(), next.action)? {
            return Ok(None);
        }
        let said = self.waiting.pop_front();
        self.bytes -= said.as_ref().map_or(0, |said| said.text.as_str().len());
        if self.waiting.is_empty() {
            self.since = None;
        }
        Ok(said)
    }

    /// When the run is to be asked again.
    pub(super) fn deadline(&self, now: Time) -> Option<Time> {
        (!self.is_empty()).then(|| now + Self::TRY_AGAIN_AFTER)
    }

    /// Whether it is time to tell how far it is; that counts as told.
    pub(super) fn tells(&mut self, now: Time) -> bool {
        let is_due = self.told.is_none_or(|told| now.since(told) >= Self::TELL_EVERY);
        if is_due {
            self.told = Some(now);
        }
        is_due
    }

    /// How far it is, once that takes its time.
    pub(super) fn progress(&self, now: Time) -> Option<Progress> {
        let since = self.since.filter(|since| now.since(*since) >= Self::NO_TIME)?;
        let waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        Some(Progress { said: self.total.saturating_sub(waiting), total: self.total, since })
    }
}

//! How a run takes its leave.

use core::time::Duration;

use super::timer::{Deadline, Timer};
use crate::time::Time;

/// The second goodbye goes so long after the first, so that one burst of losses does not take both.
const AGAIN_AFTER: Duration = Duration::from_millis(30);

/// Where a run is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    /// It stays.
    No,
    /// It leaves as soon as all it has to say has gone out.
    AfterLastLine,
    /// It has said goodbye once.
    Once { again_at: Time },
    /// The second goodbye is to go out.
    Again,
    /// It has gone.
    Gone,
}

impl Leaving {
    pub(super) fn deadline(self) -> Option<Deadline> {
        match self {
            Self::Once { again_at } => Some(Deadline { at: again_at, timer: Timer::Goodbye }),
            _ => None,
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        if matches!(self, Self::Once { again_at } if *again_at <= now) {
            *self = Self::Again;
        }
    }

    /// Whether a goodbye is to go out now; if so, it counts as said.
    pub(super) fn take(&mut self, now: Time) -> bool {
        let (goodbye, next) = match *self {
            Self::AfterLastLine => (true, Self::Once { again_at: now + AGAIN_AFTER }),
            Self::Again => (true, Self::Gone),
            other => (false, other),
        };
        *self = next;
        goodbye
    }
}

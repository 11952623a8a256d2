//! How a run takes its leave.

use core::time::Duration;

use super::timer::{Deadline, Timer};
use crate::time::Time;

/// The second goodbye goes so long after the first, so that one burst of losses does not take both.
const AGAIN_AFTER: Duration = Duration::from_millis(30);

/// Its last lines may still be lacked by somebody: it stays so long to repeat and repair them.
const LINGER: Duration = Duration::from_millis(250);

/// Where a run is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    /// It stays.
    No,
    /// It leaves as soon as all it has to say has gone out.
    AfterLastLine,
    /// All has gone out, but not everybody has it.
    Lingering { until: Time },
    /// Nothing keeps it any more.
    Ready,
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
            Self::Lingering { until } => Some(Deadline { at: until, timer: Timer::Linger }),
            Self::Once { again_at } => Some(Deadline { at: again_at, timer: Timer::Goodbye }),
            _ => None,
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        match self {
            Self::Lingering { until } if *until <= now => *self = Self::Ready,
            Self::Once { again_at } if *again_at <= now => *self = Self::Again,
            _ => {}
        }
    }

    /// All has gone out that was said; tells whether there is nothing more to wait for.
    pub(super) fn handle_all_said(&mut self, now: Time, somebody_lacks_it: bool) -> bool {
        *self = match *self {
            Self::AfterLastLine if somebody_lacks_it => Self::Lingering { until: now + LINGER },
            Self::AfterLastLine => Self::Ready,
            Self::Lingering { .. } if !somebody_lacks_it => Self::Ready,
            other => other,
        };
        *self == Self::Ready
    }

    /// Whether a goodbye is to go out now; if so, it counts as said.
    pub(super) fn take(&mut self, now: Time) -> bool {
        let (goodbye, next) = match *self {
            Self::Ready => (true, Self::Once { again_at: now + AGAIN_AFTER }),
            Self::Again => (true, Self::Gone),
            other => (false, other),
        };
        *self = next;
        goodbye
    }
}

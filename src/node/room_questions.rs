//! When is asked which rooms there are.

use core::time::Duration;

use super::calling::{HELLOS_AFTER, HELLOS_IN_ANY_CASE};
use super::timer::{Deadline, Timer};
use crate::time::Time;

/// The first question goes out at once, the others so long after it: as the hellos of a start, which can get lost as
/// easily, and whose answers can.
const ASK_AFTER: &[Duration] = HELLOS_AFTER.split_at(HELLOS_IN_ANY_CASE).0;

/// A series of questions, if one is under way.
#[derive(Debug, Default)]
pub(super) struct RoomQuestions {
    series: Option<Series>,
    is_due: bool,
}

#[derive(Debug)]
struct Series {
    begun: Time,
    /// How many have gone, the first not counted.
    gone: usize,
}

impl RoomQuestions {
    /// Asks at once, and begins the series anew.
    pub(super) fn begin(&mut self, now: Time) {
        self.series = Some(Series { begun: now, gone: 0 });
        self.is_due = true;
    }

    /// Asks nothing more.
    pub(super) fn end(&mut self) {
        *self = Self::default();
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let series = self.series.as_ref()?;
        ASK_AFTER.get(series.gone).map(|wait| Deadline { at: series.begun + *wait, timer: Timer::Rooms })
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        if self.deadline().is_some_and(|deadline| deadline.at <= now)
            && let Some(series) = &mut self.series
        {
            series.gone += 1;
            self.is_due = true;
        }
    }

    /// Whether a question is to go out now.
    pub(super) fn take(&mut self) -> bool {
        core::mem::take(&mut self.is_due)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    #[test]
    fn it_is_asked_five_times_and_then_no_more() {
        let mut questions = RoomQuestions::default();
        assert!(!questions.take() && questions.deadline().is_none());
        questions.begin(Time::ZERO);
        let mut asked = Vec::from([0]);
        assert!(questions.take() && !questions.take());
        while let Some(deadline) = questions.deadline() {
            questions.handle_timeout(deadline.at);
            assert!(questions.take());
            asked.push(deadline.at.as_micros() / 1000);
        }
        assert_eq!(asked, [0, 20, 50, 100, 200, 350, 750]);
    }
}

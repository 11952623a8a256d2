//! Has everybody heard what was said? Waited for, as `send` does at its end.

use std::collections::BTreeSet;
use std::time::Duration;

use cooee::node::{Event, Peer};
use cooee::wire::Run;
use crossbeam_channel::never;

use crate::ui::ending::Ending;
use crate::ui::progress::{ProgressRow, Reached};
use crate::ui::session::{Happening, Session};

/// How often it is looked whether lines are still on their way.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Who is there to hear what is said, and how far all of them have.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    there: BTreeSet<Run>,
    /// Somebody is there, or was.
    somebody_came: bool,
    /// All have heard up to this line; 0 while they have not.
    heard: u32,
    /// Somebody was there when they had.
    by_somebody: bool,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everybody who is there has every line.
    Heard,
    /// Not everybody has, and nothing has moved for as long as was to be waited.
    Unheard,
    /// Nobody was there all the time.
    Nobody,
    /// Somebody was, but no longer when the last line went out.
    AllLeft,
}

impl Delivery {
    /// To those who are there already.
    pub(crate) fn to(peers: &[Peer]) -> Self {
        let there: BTreeSet<Run> = peers.iter().map(|peer| peer.run).collect();
        Self { somebody_came: !there.is_empty(), there, ..Self::default() }
    }

    /// Notes what happens meanwhile.
    pub(crate) fn note(&mut self, event: &Event) {
        match event {
            Event::Joined(peer) => {
                self.there.insert(peer.run);
                self.somebody_came = true;
            }
            Event::Left(peer, _) => {
                self.there.remove(&peer.run);
            }
            Event::AllHeard(last) if last.number() >= self.heard => {
                self.heard = last.number();
                self.by_somebody = !self.there.is_empty();
            }
            _ => {}
        }
    }

    /// Waits until all have heard every line up to `last`, but no longer than `patience` once nothing moves any more.
    pub(crate) fn wait(
        &mut self,
        session: &mut Session,
        last: u32,
        patience: Duration,
        row: &mut ProgressRow,
    ) -> Result<Outcome, Ending> {
        let (mut progress, mut since) = (Progress::look(session)?, session.now());
        loop {
            if let Some(outcome) = self.outcome(last) {
                return Ok(outcome);
            }
            self.show(session, last, row)?;
            let end = since + patience;
            let look_at = end.min(session.now() + LOOK_EVERY);
            while self.heard < last {
                match session.next(&never::<()>(), Some(look_at))? {
                    Happening::Event(event) => self.note(&event),
                    Happening::Deadline => break,
                    _ => {}
                }
            }
            if progress.goes_on(Progress::look(session)?) {
                since = session.now();
            } else if session.now() >= end && self.heard < last {
                return Ok(Outcome::Unheard);
            }
        }
    }

    /// Shows how far the lines up to `last` have come, if it is time to.
    pub(crate) fn show(&self, session: &Session, last: u32, row: &mut ProgressRow) -> Result<(), Ending> {
        if !row.is_due(session.now()) {
            return Ok(());
        }
        let lacking = session.most_lacking()?;
        let heard = (!self.there.is_empty()).then(|| last.saturating_sub(lacking).into());
        row.show(session.now(), Reached { said: last.into(), heard });
        Ok(())
    }

    /// What has come of it, if all have heard up to `last`. Where nothing was said, all have.
    fn outcome(&self, last: u32) -> Option<Outcome> {
        let by_somebody = if last == 0 { !self.there.is_empty() } else { self.by_somebody };
        (self.heard >= last).then_some(match (by_somebody, self.somebody_came) {
            (true, _) => Outcome::Heard,
            (false, true) => Outcome::AllLeft,
            (false, false) => Outcome::Nobody,
        })
    }
}

/// How far the lines have come.
#[derive(Clone, Copy, Debug)]
struct Progress {
    /// Datagrams of lines that have gone out.
    sent: u64,
    /// Lines that those who are there lack, all told.
    lacking: u64,
}

impl Progress {
    fn look(session: &Session) -> Result<Self, Ending> {
        let stats = session.handle.stats()?;
        let lacking = session.handle.lacking()?.iter().map(|lacking| u64::from(lacking.lines)).sum();
        Ok(Self { sent: stats.sent_lines, lacking })
    }

    /// Takes in how far they are now; tells whether that is further.
    fn goes_on(&mut self, now: Self) -> bool {
        let goes_on = now.sent > self.sent || now.lacking < self.lacking;
        *self = now;
        goes_on
    }
}

#[cfg(test)]
mod tests {
    use cooee::node::Departure;
    use cooee::wire::Seq;

    use super::*;
    use crate::ui::sample::peer;

    fn after(before: &[Peer], events: &[Event]) -> Option<Outcome> {
        let mut delivery = Delivery::to(before);
        events.iter().for_each(|event| delivery.note(event));
        delivery.outcome(3)
    }

    fn heard(last: u32) -> Event {
        Event::AllHeard(Seq::new(last).unwrap())
    }

    fn left(number: u64) -> Event {
        Event::Left(peer(number, "bob"), Departure::Goodbye)
    }

    #[test]
    fn only_the_last_line_counts() {
        assert_eq!(after(&[peer(1, "bob")], &[heard(1), heard(2)]), None);
        assert_eq!(after(&[peer(1, "bob")], &[heard(1), heard(3)]), Some(Outcome::Heard));
        assert_eq!(after(&[], &[Event::Joined(peer(1, "bob")), heard(3)]), Some(Outcome::Heard));
        assert_eq!(Delivery::to(&[peer(1, "bob")]).outcome(0), Some(Outcome::Heard), "nothing was said");
    }

    #[test]
    fn who_leaves_after_the_last_line_has_heard_it_and_who_leaves_before_has_not() {
        assert_eq!(after(&[peer(1, "bob")], &[heard(3), left(1)]), Some(Outcome::Heard));
        assert_eq!(after(&[peer(1, "bob")], &[heard(2), left(1), heard(3)]), Some(Outcome::AllLeft));
        assert_eq!(after(&[peer(1, "bob"), peer(2, "bob")], &[left(1), heard(3)]), Some(Outcome::Heard));
        assert_eq!(after(&[], &[heard(3)]), Some(Outcome::Nobody));
    }

    #[test]
    fn progress_is_a_line_that_goes_out_or_is_heard() {
        let mut progress = Progress { sent: 5, lacking: 10 };
        assert!(!progress.goes_on(Progress { sent: 5, lacking: 10 }));
        assert!(progress.goes_on(Progress { sent: 6, lacking: 12 }));
        assert!(progress.goes_on(Progress { sent: 6, lacking: 11 }));
        assert!(!progress.goes_on(Progress { sent: 6, lacking: 11 }));
    }
}

//! What was logged, as it was shown when it came.

use cooee::node::Arrival;
use cooee::trust::Fingerprint;
use cooee::wire::Run;

use super::{DIM, Look, color_by_fingerprint};
use crate::ui::log::{Logged, LoggedGap, LoggedLine, Speakers};
use crate::ui::safe::Safe;
use crate::ui::timestamp::day_and_minute;

impl Look {
    /// An object of the log, as it was shown when it came.
    pub(crate) fn logged(&self, logged: &Logged<'_>, speakers: &mut Speakers) -> String {
        match logged {
            Logged::Line(line) if line.private => self.logged_private(line, speakers),
            Logged::Line(line) => self.logged_line(line, speakers),
            Logged::Gap(gap) => self.logged_gap(gap, speakers),
        }
    }

    fn logged_line(&self, line: &LoggedLine<'_>, speakers: &mut Speakers) -> String {
        let name = speakers.name(Some(&line.nick), line.author(), line.fingerprint);
        let color = color_by_fingerprint(line.fingerprint, line.author());
        self.spoken(&self.logged_moment(line), color, &name, line.action, Safe::text(&line.text).as_str())
    }

    fn logged_private(&self, line: &LoggedLine<'_>, speakers: &mut Speakers) -> String {
        // The color of who is not oneself; of a reader there is no run, but he always has a key.
        let mut name = |nick: &str, fingerprint: Option<Fingerprint>, author: Run| {
            self.paint(color_by_fingerprint(fingerprint, author), speakers.name(Some(nick), author, fingerprint))
        };
        let way = match &line.to {
            Some(to) => format!("you → {}", name(to, line.to_fingerprint, line.author())),
            None => format!("{} → you", name(&line.nick, line.fingerprint, line.author())),
        };
        self.privately(line.time, &way, &line.text, line.action)
    }

    fn logged_gap(&self, gap: &LoggedGap, speakers: &mut Speakers) -> String {
        let author = speakers.name(gap.nick.as_deref(), gap.author, gap.fingerprint);
        self.lost(gap.range, &author, gap.time)
    }

    fn logged_moment(&self, line: &LoggedLine<'_>) -> String {
        let mark = match line.arrival() {
            Arrival::InTime => return self.time(line.time),
            Arrival::Late => "late",
            Arrival::History => "earlier",
        };
        self.paint(DIM, format!("{mark} {}", day_and_minute(line.said(), line.time)))
    }
}

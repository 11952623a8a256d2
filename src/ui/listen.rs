//! `cooee listen`: what is said.

use cooee::node::{Event, Gap, HeardLine};
use crossbeam_channel::never;

use super::arguments::ListenOptions;
use super::ending::{Ending, warn};
use super::json::{self, GapObject, LineObject};
use super::look::Look;
use super::output::Output;
use super::session::{Happening, Session};
use super::settings::Settings;

/// Prints what is said, until somebody ends it or so many lines have come.
pub(crate) fn listen(settings: Settings, options: &ListenOptions, output: &mut Output) -> Result<(), Ending> {
    let mut session = Session::join(&settings, options.history)?;
    let look = Look { colored: output.is_colored() };
    let done = Listener { session: &mut session, settings: &settings, options, look, output }.run();
    session.end(done)
}

struct Listener<'a> {
    session: &'a mut Session,
    settings: &'a Settings,
    options: &'a ListenOptions,
    look: Look,
    output: &'a mut Output,
}

impl Listener<'_> {
    fn run(&mut self) -> Result<(), Ending> {
        let mut printed = 0;
        while self.options.count.is_none_or(|count| printed < count) {
            match self.session.next(&never::<()>(), None)? {
                Happening::Event(Event::Line(line)) => {
                    self.print_line(&line)?;
                    printed += 1;
                }
                Happening::Event(Event::Gap(gap)) => self.print_gap(&gap)?,
                Happening::Event(Event::Overflow(lost)) => {
                    warn(&format!("{lost} lines or changes came faster than they could be printed, and are lost"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn print_line(&mut self, line: &HeardLine) -> Result<(), Ending> {
        let time = self.session.clock().unix();
        if self.options.json {
            let link = self.session.link_name(line.link);
            return json::print(&LineObject::new(line, &self.settings.room, &link, time), self.output);
        }
        self.output.line(&self.look.line(line, time))
    }

    /// What is lost is part of what was said: it stands where the lines would.
    fn print_gap(&mut self, gap: &Gap) -> Result<(), Ending> {
        let time = self.session.clock().unix();
        if self.options.json {
            return json::print(&GapObject::new(gap, &self.settings.room, time), self.output);
        }
        self.output.line(&self.look.gap(gap, time))
    }
}

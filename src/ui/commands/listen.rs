//! `cooee listen`: what is said.

use cooee::node::{Event, Gap, HeardLine};
use cooee::time::UnixMillis;
use crossbeam_channel::never;

use crate::ui::arguments::ListenOptions;
use crate::ui::ending::{Ending, warn};
use crate::ui::finding;
use crate::ui::json::{self, GapObject, LineObject};
use crate::ui::known::Keeping;
use crate::ui::look::Look;
use crate::ui::names::Names;
use crate::ui::output::Output;
use crate::ui::session::{Happening, Session};
use crate::ui::settings::Settings;

/// Prints what is said, until somebody ends it or so many lines have come.
pub(crate) fn listen(settings: Settings, options: &ListenOptions, output: &mut Output) -> Result<(), Ending> {
    let mut session = Session::join(&settings, options.history)?;
    let look = Look { colored: output.is_colored() };
    let done = session
        .names(&settings, Keeping::ReadAndWritten)
        .and_then(|names| Listener { session: &mut session, settings: &settings, names, options, look, output }.run());
    session.end(done)
}

struct Listener<'a> {
    session: &'a mut Session,
    settings: &'a Settings,
    names: Names,
    options: &'a ListenOptions,
    look: Look,
    output: &'a mut Output,
}

impl Listener<'_> {
    fn run(&mut self) -> Result<(), Ending> {
        let mut printed = 0;
        while self.options.count.is_none_or(|count| printed < count) {
            let Happening::Event(event) = self.session.next(&never::<()>(), None)? else { continue };
            let time = self.session.clock().unix();
            if let Some(problem) = self.names.note(&event, time).problem {
                warn(&problem);
            }
            match event {
                Event::Line(line) if !self.names.ignores(line.signer, line.author) => {
                    self.print_line(&line, time)?;
                    printed += 1;
                }
                Event::PrivateLine(line) if !self.names.ignores(line.signer, line.author) => {
                    self.print_private_line(&line, time)?;
                    printed += 1;
                }
                Event::SealedRoom => warn(finding::sealed_room(self.settings)),
                Event::Gap(gap) if !self.names.ignores(gap.signer, gap.author) => self.print_gap(&gap, time)?,
                Event::Overflow(lost) => {
                    warn(&format!("{lost} lines or changes came faster than they could be printed, and are lost"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn print_line(&mut self, line: &HeardLine, time: UnixMillis) -> Result<(), Ending> {
        if self.options.json {
            return self.print_object(line, false, time);
        }
        self.output.line(&self.look.line(line, &self.names.line(line), time))
    }

    fn print_private_line(&mut self, line: &HeardLine, time: UnixMillis) -> Result<(), Ending> {
        if self.options.json {
            return self.print_object(line, true, time);
        }
        self.output.line(&self.look.private(line, &self.names.line(line), time))
    }

    fn print_object(&mut self, line: &HeardLine, private: bool, time: UnixMillis) -> Result<(), Ending> {
        let link = self.session.link_name(line.link);
        let standing = self.names.standing(line.signer, line.author);
        json::print(&LineObject::new(line, private, standing, &self.settings.room, &link, time), self.output)
    }

    /// What is lost is part of what was said: it stands where the lines would.
    fn print_gap(&mut self, gap: &Gap, time: UnixMillis) -> Result<(), Ending> {
        if self.options.json {
            let standing = self.names.standing(gap.signer, gap.author);
            return json::print(&GapObject::new(gap, standing, &self.settings.room, time), self.output);
        }
        self.output.line(&self.look.gap(gap, &self.names.gap(gap), time))
    }
}

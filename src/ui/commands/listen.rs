//! `cooee listen`: what is said.

use cooee::node::{Event, Gap, HeardLine};
use cooee::time::UnixMillis;
use crossbeam_channel::never;

use crate::ui::arguments::ListenOptions;
use crate::ui::ending::{Ending, warn};
use crate::ui::finding;
use crate::ui::json::{self, GapObject, LineObject};
use crate::ui::log::Log;
use crate::ui::look::Look;
use crate::ui::output::Output;
use crate::ui::people::known::Keeping;
use crate::ui::people::names::Names;
use crate::ui::programs::line_command::LineCommand;
use crate::ui::session::{Happening, Session};
use crate::ui::settings::Settings;

/// Prints what is said, until somebody ends it or so many lines have come.
pub(crate) fn listen(settings: Settings, options: &ListenOptions, output: &mut Output) -> Result<(), Ending> {
    let mut command = options.exec.as_ref().map(LineCommand::new).transpose()?;
    let mut session = Session::join(&settings, options.history)?;
    let look = Look { colored: output.is_colored(), settings: settings.look.clone() };
    let mut log = Log::open(&settings, session.clock().unix());
    session.heed(log.notices());
    let done = session.names(&settings, Keeping::ReadAndWritten).and_then(|names| {
        let (log, command) = (&mut log, command.as_mut());
        Listener { session: &mut session, settings: &settings, names, options, look, output, log, command }.run()
    });
    let signals = session.signals();
    let done = session.end(done);
    match command {
        Some(command) => command.finish(done, &signals),
        None => done,
    }
}

struct Listener<'a> {
    session: &'a mut Session,
    settings: &'a Settings,
    names: Names,
    options: &'a ListenOptions,
    look: Look,
    output: &'a mut Output,
    log: &'a mut Log,
    command: Option<&'a mut LineCommand>,
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
                    self.tell(&line, false, time)?;
                    printed += 1;
                }
                Event::PrivateLine(line) if !self.names.ignores(line.signer, line.author) => {
                    self.tell(&line, true, time)?;
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

    /// Logs and prints a line, and gives it to the user's program.
    fn tell(&mut self, line: &HeardLine, private: bool, time: UnixMillis) -> Result<(), Ending> {
        let (name, object) = (self.names.line(line), self.object(line, private, time));
        self.log.note(&object, time);
        match (self.options.json, private) {
            (true, _) => json::print(&object, self.output)?,
            (false, false) => self.output.line(&self.look.line(line, &name, time))?,
            (false, true) => self.output.line(&self.look.private(line, &name, time))?,
        }
        self.command.as_mut().map_or(Ok(()), |command| command.run(&object, &name))
    }

    fn object(&self, line: &HeardLine, private: bool, time: UnixMillis) -> LineObject {
        let link = self.session.link_name(line.link);
        let standing = self.names.standing(line.signer, line.author);
        LineObject::new(line, private, standing, &self.settings.room, &link, time)
    }

    /// What is lost is part of what was said: it stands where the lines would.
    fn print_gap(&mut self, gap: &Gap, time: UnixMillis) -> Result<(), Ending> {
        let standing = self.names.standing(gap.signer, gap.author);
        let object = GapObject::new(gap, standing, &self.settings.room, time);
        self.log.note(&object, time);
        if self.options.json {
            return json::print(&object, self.output);
        }
        self.output.line(&self.look.gap(gap, &self.names.gap(gap), time))
    }
}

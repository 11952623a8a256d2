//! `cooee listen`: what is said.

use cooee::node::{Event, Gap, HeardLine};
use cooee::time::UnixMillis;
use cooee::trust::PublicKey;
use cooee::wire::{Nick, Run};
use crossbeam_channel::never;

use crate::ui::arguments::ListenOptions;
use crate::ui::ending::{Ending, warn};
use crate::ui::finding;
use crate::ui::json::{self, GapObject, LineObject};
use crate::ui::log::Log;
use crate::ui::look::Look;
use crate::ui::output::Output;
use crate::ui::people::known::Keeping;
use crate::ui::people::names::{Names, Standing};
use crate::ui::programs::line_command::LineCommand;
use crate::ui::safe::Safe;
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
        let speaker = None;
        Listener { session: &mut session, settings: &settings, names, speaker, options, look, output, log, command }
            .run()
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
    /// Whose line was the last.
    speaker: Option<Speaker>,
    options: &'a ListenOptions,
    look: Look,
    output: &'a mut Output,
    log: &'a mut Log,
    command: Option<&'a mut LineCommand>,
}

/// How the author of a line is called, and what programs are told of him: the same for all that he says until somebody
/// comes, goes or takes another nick.
#[derive(Clone)]
struct Speaker {
    author: Run,
    signer: Option<PublicKey>,
    nick: Nick<'static>,
    name: Safe,
    standing: Standing,
}

impl Speaker {
    fn has_said(&self, line: &HeardLine) -> bool {
        (self.author, self.signer, &self.nick) == (line.author, line.signer, &line.nick)
    }
}

impl Listener<'_> {
    fn run(&mut self) -> Result<(), Ending> {
        let done = self.listen();
        // Also what came before the end is to be seen.
        done.and(self.output.flush())
    }

    fn listen(&mut self) -> Result<(), Ending> {
        let mut printed = 0;
        while self.options.count.is_none_or(|count| printed < count) {
            if self.session.is_idle() {
                self.output.flush()?;
            }
            let Happening::Event(event) = self.session.next(&never::<()>(), None)? else { continue };
            let time = self.session.clock().unix();
            match event {
                Event::Line(line) => printed += u64::from(self.tell(&line, false, time)?),
                Event::PrivateLine(line) => printed += u64::from(self.tell(&line, true, time)?),
                event => self.note(&event, time)?,
            }
        }
        Ok(())
    }

    /// Takes in what is no line.
    fn note(&mut self, event: &Event, time: UnixMillis) -> Result<(), Ending> {
        self.speaker = None;
        if let Some(problem) = self.names.note(event, time).problem {
            warn(&problem);
        }
        match event {
            Event::SealedRoom => warn(finding::sealed_room(self.settings)),
            Event::Gap(gap) if !self.names.ignores(gap.signer, gap.author) => self.print_gap(gap, time)?,
            Event::Overflow(lost) => {
                warn(&format!("{lost} lines or changes came faster than they could be printed, and are lost"));
            }
            _ => {}
        }
        Ok(())
    }

    /// Logs and prints a line, and gives it to the user's program, unless its author is ignored; tells whether it did.
    fn tell(&mut self, line: &HeardLine, private: bool, time: UnixMillis) -> Result<bool, Ending> {
        let Speaker { name, standing, .. } = self.speaker(line);
        if standing.marks.ignored {
            return Ok(false);
        }
        match (self.options.json, private) {
            (true, _) => {}
            (false, false) => self.output.gather(&self.look.line(line, &name, time))?,
            (false, true) => self.output.gather(&self.look.private(line, &name, time))?,
        }
        if self.options.json || self.log.is_kept() || self.command.is_some() {
            let link = self.session.link_name(line.link);
            let object = LineObject::new(line, private, standing, &self.settings.room, &link, time);
            self.tell_programs(&object, &name, time)?;
        }
        Ok(true)
    }

    fn tell_programs(&mut self, object: &LineObject, name: &Safe, time: UnixMillis) -> Result<(), Ending> {
        self.log.note(object, time);
        if self.options.json {
            json::gather(object, self.output)?;
        }
        self.command.as_mut().map_or(Ok(()), |command| command.run(object, name))
    }

    fn speaker(&mut self, line: &HeardLine) -> Speaker {
        if let Some(speaker) = self.speaker.as_ref().filter(|speaker| speaker.has_said(line)) {
            return speaker.clone();
        }
        let speaker = Speaker {
            author: line.author,
            signer: line.signer,
            nick: line.nick.clone(),
            name: self.names.line(line),
            standing: self.names.standing(line.signer, line.author),
        };
        self.speaker.insert(speaker).clone()
    }

    /// What is lost is part of what was said: it stands where the lines would.
    fn print_gap(&mut self, gap: &Gap, time: UnixMillis) -> Result<(), Ending> {
        let standing = self.names.standing(gap.signer, gap.author);
        let object = GapObject::new(gap, standing, &self.settings.room, time);
        self.log.note(&object, time);
        if self.options.json {
            return json::gather(&object, self.output);
        }
        self.output.gather(&self.look.gap(gap, &self.names.gap(gap), time))
    }
}

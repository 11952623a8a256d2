//! `cooee log`: what was said.

use crate::ui::arguments::LogOptions;
use crate::ui::ending::{Ending, warn};
use crate::ui::log::{self, Query, Reader, Speakers};
use crate::ui::look::Look;
use crate::ui::output::Output;
use crate::ui::people::known::{Keeping, Known};
use crate::ui::safe::caseless;
use crate::ui::settings::Settings;

/// Columns of the line between two days.
const DAY_COLUMNS: usize = 72;

/// Prints what was logged of the room. Nothing is sent.
pub(crate) fn log(settings: &Settings, options: &LogOptions, output: &mut Output) -> Result<(), Ending> {
    let room = settings.room_in_words();
    let folder = log::folder(&settings.room, settings.seal.is_sealed())
        .ok_or_else(|| Ending::No("there is no home directory to look for a log in; set XDG_STATE_HOME".to_owned()))?;
    let query = Query {
        since: options.since.map(|since| since.moment(cooee::net::Clock::start().unix())),
        word: options.grep.as_deref().map(caseless),
        count: options.count,
    };
    let cannot_read = |error| Ending::No(format!("cannot read {}: {error}", folder.display()));
    let mut reader = Reader::open(&folder, query).map_err(cannot_read)?;
    if reader.is_empty() {
        return Err(Ending::No(format!(
            "nothing is logged of {room}; --log, or log = true in the configuration, keeps a log from then on"
        )));
    }
    let mut page = Page { output, waiting: String::new(), is_data: options.json, is_blank: true };
    if options.json {
        reader.read(&mut |_, line| page.line(line))?;
    } else {
        let look = Look { colored: page.output.is_colored(), settings: settings.look.clone() };
        let mut speakers = Speakers::new(Known::open(&settings.identity, Keeping::Read)?);
        log::show(&mut reader, &look, &mut speakers, DAY_COLUMNS, &mut |line| page.line(line))?;
    }
    page.flush()?;
    for problem in &reader.problems {
        warn(problem);
    }
    match reader.passed_over {
        0 => {}
        1 => warn(&format!("1 line of the log of {room} is not understood, and passed over")),
        count => warn(&format!("{count} lines of the log of {room} are not understood, and passed over")),
    }
    if page.is_blank { Err(Ending::No(format!("nothing of the log of {room} is what you ask for"))) } else { Ok(()) }
}

/// What is printed, in pieces: a write for each line would take longer than to read it.
struct Page<'a> {
    output: &'a mut Output,
    /// Lines that were not printed yet, each with its end.
    waiting: String,
    /// For programs.
    is_data: bool,
    is_blank: bool,
}

impl Page<'_> {
    const PIECE: usize = 64 << 10;

    fn line(&mut self, line: &str) -> Result<(), Ending> {
        self.is_blank = false;
        self.waiting.push_str(line);
        self.waiting.push('\n');
        if self.waiting.len() < Self::PIECE { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), Ending> {
        let piece = std::mem::take(&mut self.waiting);
        match piece.strip_suffix('\n') {
            None => Ok(()),
            Some(_) if self.is_data => self.output.bytes(piece.as_bytes()),
            Some(lines) => self.output.line(lines),
        }
    }
}

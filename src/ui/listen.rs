//! `cooee listen`: what is said.

use cooee::node::{Event, HeardLine, Role};
use crossbeam_channel::never;

use super::arguments::ListenOptions;
use super::ending::{Ending, warn};
use super::json::{self, LineObject};
use super::look::Look;
use super::output::Output;
use super::session::{Happening, Session};
use super::settings::Settings;

/// Prints what is said, until somebody ends it or so many lines have come.
pub(crate) fn listen(settings: Settings, options: &ListenOptions, output: &mut Output) -> Result<(), Ending> {
    let mut session = Session::open(&settings, Role::Member, true)?;
    let done = print_lines(&mut session, &settings, options, output);
    session.end(done)
}

fn print_lines(
    session: &mut Session,
    settings: &Settings,
    options: &ListenOptions,
    output: &mut Output,
) -> Result<(), Ending> {
    let mut printed = 0;
    while options.count.is_none_or(|count| printed < count) {
        match session.next(&never::<()>(), None)? {
            Happening::Event(Event::Line(line)) => {
                print_line(session, settings, options, &line, output)?;
                printed += 1;
            }
            Happening::Event(Event::Overflow(lost)) => {
                warn(&format!("{lost} lines or changes came faster than they could be printed, and are lost"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn print_line(
    session: &Session,
    settings: &Settings,
    options: &ListenOptions,
    line: &HeardLine,
    output: &mut Output,
) -> Result<(), Ending> {
    let time = session.clock().unix();
    if options.json {
        let link = session.link_name(line.link);
        return json::print(&LineObject::new(line, &settings.room, &link, time), output);
    }
    output.line(&Look { colored: output.is_colored() }.line(line, time))
}

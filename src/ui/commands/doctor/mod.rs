//! `cooee doctor`: why nobody is heard, or not everybody. What is observed is plain data, and the findings follow from it.

mod checks;
mod examination;
mod finding;
mod machine;
mod observations;

use cooee::net::{Clock, Handle};

use self::examination::{Stop, observe};
pub(super) use self::finding::Severity;
#[cfg(test)]
pub(super) use self::finding::{Finding, Topic};
pub(super) use self::finding::{FindingObject, Summary, SummaryObject, lines};
use crate::ui::arguments::DoctorOptions;
use crate::ui::ending::Ending;
use crate::ui::json;
use crate::ui::output::{self, Output};
use crate::ui::settings::Settings;
use crate::ui::signals;

/// Examines this machine and its LAN for some seconds, and prints what was found.
pub(crate) fn doctor(mut settings: Settings, options: &DoctorOptions, output: &mut Output) -> Result<(), Ending> {
    let room = settings.shown_room();
    settings.seal = settings.seal.asked(room.as_str())?;
    let stop = Stop { signals: signals::watch(), reader_gone: output::reader_gone() };
    let findings = checks::findings(&observe(&settings, &stop, None)?);
    if options.json {
        let time = Clock::start().unix();
        findings.iter().try_for_each(|finding| json::print(&FindingObject::new(finding, time), output))?;
        json::print(&SummaryObject::new(&Summary::new(&findings), time), output)?;
    } else {
        lines(&findings, output.is_colored()).iter().try_for_each(|(_, line)| output.line(line))?;
    }
    match Summary::new(&findings) {
        Summary { severity: Severity::Fail, .. } => Err(Ending::Told),
        _ => Ok(()),
    }
}

/// The same for whoever is in the chat, whose run goes on beside it: the lines, each with how bad it is.
pub(super) fn examine(settings: &Settings, own: &Handle) -> Result<Vec<(Severity, String)>, Ending> {
    let findings = checks::findings(&observe(settings, &Stop::never(), Some(own))?);
    Ok(lines(&findings, false))
}

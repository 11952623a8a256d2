//! `/doctor`: why nobody is heard, or not everybody, found out beside the talk, which goes on.

use std::thread;

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use super::Chat;
use crate::ui::commands::doctor::{Severity, examine};
use crate::ui::ending::Ending;

/// An examination that is under way: it takes some seconds, and nobody is to wait for it with his hands off the keys.
#[derive(Debug)]
pub(super) struct Examination(Receiver<Result<Vec<(Severity, String)>, String>>);

impl Chat<'_> {
    /// Begins an examination, unless one is under way.
    pub(super) fn examine(&mut self) -> Result<(), Ending> {
        if self.examination.is_some() {
            return self.tell("the doctor is at it already");
        }
        let (settings, own) = (self.settings.clone(), self.session.handle.clone());
        let (sender, receiver) = bounded(1);
        let work = move || {
            let found = examine(&settings, &own).map_err(|ending| ending.words());
            // Whoever has left meanwhile does not want to know any more.
            let _ = sender.send(found);
        };
        match thread::Builder::new().name("cooee-doctor".into()).spawn(work) {
            Ok(_) => {
                self.examination = Some(Examination(receiver));
                self.screen.line("The doctor looks at this machine and its LAN, which takes up to 5 s.")
            }
            Err(error) => self.tell(&format!("the doctor cannot come: {error}")),
        }
    }

    /// Shows what was found, when it is: what is wrong as a warning.
    pub(super) fn show_findings_when_due(&mut self) -> Result<(), Ending> {
        let Some(Examination(receiver)) = &self.examination else { return Ok(()) };
        let found = match receiver.try_recv() {
            Err(TryRecvError::Empty) => return Ok(()),
            Err(TryRecvError::Disconnected) => Err("it broke off".to_owned()),
            Ok(found) => found,
        };
        self.examination = None;
        match found {
            Ok(lines) => lines.iter().try_for_each(|(severity, line)| match severity {
                Severity::Ok => self.screen.line(line),
                Severity::Warn | Severity::Fail => self.tell(line),
            }),
            Err(problem) => self.tell(&format!("the doctor has found nothing out: {problem}")),
        }
    }
}

//! What is said to all, from its entering to its last line.

use cooee::wire::Text;
use crossbeam_channel::never;

use super::Chat;
use super::outgoing::{Progress, Spoken};
use super::screen::prompt_of;
use crate::ui::ending::Ending;
use crate::ui::session::Happening;

impl Chat<'_> {
    pub(super) fn say(&mut self, text: Text<'static>, action: bool) -> Result<(), Ending> {
        self.outgoing.push(Spoken { text, action }, self.session.now());
        self.hand_over()
    }

    /// Has those said that wait, as many as are taken now.
    pub(super) fn hand_over(&mut self) -> Result<(), Ending> {
        if self.outgoing.is_empty() {
            return Ok(());
        }
        while let Some(Spoken { text, action }) = self.outgoing.hand_over(&self.session.handle)? {
            let row = self.look.said(&self.own_nick(), &text, action, self.session.clock().unix());
            // Where there is no terminal, whoever pipes it in knows what it is.
            if self.screen.is_terminal() {
                self.screen.line(&row)?;
            }
            let first = self.own_lines.note(&text);
            self.record_own_line(text, action, first, &row);
        }
        self.show_prompt()
    }

    /// Before one leaves, all that was entered is said.
    pub(super) fn say_the_rest(&mut self) -> Result<(), Ending> {
        self.end_greeting()?;
        while !self.outgoing.is_empty() {
            let deadline = self.outgoing.deadline(self.session.now());
            match self.session.next(&never::<()>(), deadline)? {
                Happening::Event(event) => self.show(event)?,
                Happening::Warning(words) => self.tell(&words)?,
                Happening::Links(before) => self.tell_links(&before)?,
                _ => {}
            }
            self.hand_over()?;
            self.screen.draw();
        }
        Ok(())
    }

    /// What stands in front of the line that is typed: the nick, or, where much waits to be said, how far that is: lines
    /// said, lines to be said, lines that everybody has, lines a second.
    pub(super) fn show_prompt(&mut self) -> Result<(), Ending> {
        let now = self.session.now();
        match self.outgoing.progress(now) {
            None => self.screen.prompt(&prompt_of(&self.settings.nick)),
            Some(Progress { said, total, since }) if self.outgoing.tells(now) => {
                let heard = said.saturating_sub(self.session.most_lacking()?);
                let rate = f64::from(said) / now.since(since).as_secs_f64();
                // Short enough to leave half of a usual row for what is typed.
                self.screen.prompt(&format!("[{said}/{total}, all have {heard}, {rate:.0}/s] "));
            }
            Some(_) => {}
        }
        Ok(())
    }
}

//! Who one is oneself: what others call one, and what they see of one.

use cooee::wire::{Nick, Status};

use super::Chat;
use super::mention::Mention;
use crate::ui::ending::Ending;
use crate::ui::safe::Safe;
use crate::ui::settings::Settings;

impl Chat<'_> {
    pub(super) fn rename(&mut self, nick: Nick<'static>) -> Result<(), Ending> {
        self.session.handle.rename(nick.clone())?;
        self.names.rename(nick.clone());
        self.settings.nick = nick;
        self.show_prompt()?;
        let nick = self.own_nick();
        self.mention = Mention::new(&nick, self.settings.notices.highlight.words());
        self.screen.line(&format!("You are {nick} now."))?;
        let warnings: Vec<String> = self.peers()?.iter().filter_map(|peer| self.same_nick(peer)).collect();
        warnings.into_iter().try_for_each(|words| self.tell(&words))
    }

    /// Lets others know that one is away, and why; an empty status, that one is back.
    pub(super) fn away(&mut self, status: Status<'static>) -> Result<(), Ending> {
        self.session.handle.describe(status.clone())?;
        let words = match status.as_str() {
            "" if self.settings.status.as_str().is_empty() => "You are not away; /away TEXT tells others that you are.",
            "" => "You are back.",
            _ => "Others see that you are away. /away alone takes it back.",
        };
        self.settings.status = status;
        self.screen.line(words)
    }

    pub(super) fn own_nick(&self) -> Safe {
        own_nick(&self.settings)
    }
}

/// One's nick, as others see it.
pub(super) fn own_nick(settings: &Settings) -> Safe {
    Safe::nick(settings.nick.as_str(), "?")
}

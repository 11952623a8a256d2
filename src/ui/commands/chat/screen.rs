//! Where the chat is shown.

use std::time::Duration;

use cooee::wire::Nick;

use crate::ui::ending::Ending;
use crate::ui::output::Output;
use crate::ui::safe::Safe;
use crate::ui::terminal::{Completions, Input, Terminal, Typed};

/// Where the chat is shown.
#[allow(clippy::large_enum_variant, reason = "there is one")]
pub(crate) enum Screen {
    /// Above the line that is being typed.
    Terminal(Terminal),
    /// On stdout, line by line.
    Plain(Output),
}

impl Screen {
    pub(crate) const fn is_terminal(&self) -> bool {
        matches!(self, Self::Terminal(_))
    }

    /// How wide it is; `None` where there is no terminal.
    pub(crate) fn columns(&self) -> Option<usize> {
        match self {
            Self::Terminal(terminal) => Some(terminal.columns()),
            Self::Plain(_) => None,
        }
    }

    pub(crate) fn line(&mut self, line: &str) -> Result<(), Ending> {
        match self {
            Self::Terminal(terminal) => {
                terminal.line(line);
                Ok(())
            }
            Self::Plain(output) => output.line(line),
        }
    }

    /// Shows a line that was typed and entered; where there is no line to edit, whoever entered it knows it.
    pub(crate) fn echo(&mut self, line: &str) {
        if let Self::Terminal(terminal) = self
            && !line.trim().is_empty()
        {
            terminal.echo(line);
        }
    }

    /// Takes in what comes from the terminal; gives what comes of it.
    pub(crate) fn take(&mut self, input: Input, completions: &dyn Completions) -> Vec<Typed> {
        match self {
            Self::Terminal(terminal) => terminal.take(input, completions),
            Self::Plain(_) => Vec::new(),
        }
    }

    /// How long may be waited until what is to be shown has to be drawn; `None` where there is nothing.
    pub(crate) fn patience(&self) -> Option<Duration> {
        match self {
            Self::Terminal(terminal) => terminal.patience(),
            Self::Plain(_) => None,
        }
    }

    /// Draws what is to be shown.
    pub(crate) fn draw(&mut self) {
        if let Self::Terminal(terminal) = self {
            terminal.draw();
        }
    }

    /// Sets what stands in front of the line that is typed.
    pub(crate) fn prompt(&mut self, prompt: &str) {
        if let Self::Terminal(terminal) = self {
            terminal.prompt(prompt);
        }
    }

    /// Clears the screen; what stands above it, the user's scrollback, stays.
    pub(crate) fn clear(&mut self) {
        if let Self::Terminal(terminal) = self {
            terminal.clear();
        }
    }

    /// Whether the user looks at it, as far as that is known.
    pub(crate) const fn is_looked_at(&self) -> bool {
        match self {
            Self::Terminal(terminal) => terminal.is_focused(),
            Self::Plain(_) => true,
        }
    }

    /// Has the terminal show a notice of its own.
    pub(crate) fn notify(&mut self, words: &str) {
        if let Self::Terminal(terminal) = self {
            terminal.notify(words);
        }
    }

    /// Rings the terminal's bell.
    pub(crate) fn bell(&mut self) {
        if let Self::Terminal(terminal) = self {
            terminal.bell();
        }
    }

    /// Gives the terminal back.
    pub(crate) fn close(&mut self) {
        if let Self::Terminal(terminal) = self {
            terminal.close();
        }
    }
}

/// What stands in front of the line that is typed.
pub(crate) fn prompt_of(nick: &Nick<'_>) -> String {
    format!("[{}] ", Safe::nick(nick.as_str(), "?"))
}

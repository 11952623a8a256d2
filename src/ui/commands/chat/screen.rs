//! Where the chat is shown.

use cooee::wire::Nick;

use super::terminal::Terminal;
use crate::ui::ending::Ending;
use crate::ui::output::Output;

/// Where the chat is shown.
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

    pub(crate) fn line(&mut self, line: &str) -> Result<(), Ending> {
        match self {
            Self::Terminal(terminal) => {
                terminal.line(line);
                Ok(())
            }
            Self::Plain(output) => output.line(line),
        }
    }

    /// Lets the next line be typed, behind this nick.
    pub(crate) fn prompt(&mut self, nick: &Nick<'_>) {
        if let Self::Terminal(terminal) = self {
            terminal.prompt(nick);
        }
    }

    /// Gives the terminal back.
    pub(crate) fn close(&mut self) {
        if let Self::Terminal(terminal) = self {
            terminal.close();
        }
    }
}

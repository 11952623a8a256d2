//! What comes with the program: its manual and its completions.

use clap_complete::{Generator, Shell, shells};

use crate::ui::arguments::{self, Page};
use crate::ui::completing;
use crate::ui::ending::Ending;
use crate::ui::output::Output;

/// Prints a page of the manual in mdoc, for `man -l -`.
pub(crate) fn man(page: Page, output: &mut Output) -> Result<(), Ending> {
    output.bytes(match page {
        Page::Cooee => include_bytes!("../../../man/cooee.1"),
        Page::CooeeConfig => include_bytes!("../../../man/cooee.5"),
        Page::CooeeProtocol => include_bytes!("../../../man/cooee-protocol.7"),
    })
}

/// Prints the completion script of a shell.
pub(crate) fn completions(shell: Shell, output: &mut Output) -> Result<(), Ending> {
    let script = match shell {
        Shell::Elvish => Some(fixed(shells::Elvish)),
        Shell::PowerShell => Some(fixed(shells::PowerShell)),
        shell => completing::script(shell),
    };
    output.bytes(&script.ok_or_else(|| Ending::Usage(format!("there are no completions for {shell}")))?)
}

/// A script that knows the whole command line by itself, but no names. Not for any [`Shell`]: that would bring along
/// the writers of scripts that [`completing::script`] replaces.
fn fixed(shell: impl Generator) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut arguments::definition(), "cooee", &mut script);
    script
}

#[cfg(test)]
mod tests;

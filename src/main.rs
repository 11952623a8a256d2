//! The command `cooee`: finds the peers of a LAN and carries their talk.

mod ui;

use std::process::ExitCode;

fn main() -> ExitCode {
    ui::run()
}

//! The command: what was typed, what it means, and what is shown. It never sees the bytes of a datagram.

mod arguments;
mod commands;
mod delivery;
mod ending;
mod finding;
mod folders;
mod hearers;
mod identity;
mod input;
mod json;
mod known;
mod look;
mod names;
mod output;
mod passphrase;
mod private_file;
mod private_lines;
mod room_json;
mod round_trips;
mod safe;
#[cfg(test)]
mod sample;
mod session;
mod settings;
mod signals;
mod table;
mod timestamp;
mod whom;

use std::process::ExitCode;

use self::arguments::{Arguments, Task};
use self::commands::{chat, id, interfaces, listen, manual, peers, ping, rooms, send};
use self::ending::Ending;
use self::output::Output;
use self::settings::Settings;

/// Does what the command line asks for.
pub(crate) fn run() -> ExitCode {
    arguments::parse().map_or_else(|ending| ending, perform).finish()
}

fn perform(arguments: Arguments) -> Ending {
    let Arguments { global, task } = arguments;
    let mut output = Output::open(global.color);
    let settings = || Settings::new(global);
    let done = match task.unwrap_or(Task::Chat) {
        Task::Chat => settings().and_then(|settings| chat::chat(settings, output)),
        Task::Peers(options) => settings().and_then(|settings| peers::peers(settings, &options, &mut output)),
        Task::Rooms(options) => settings().and_then(|settings| rooms::rooms(settings, &options, &mut output)),
        Task::Ping(options) => settings().and_then(|settings| ping::ping(settings, &options, &mut output)),
        Task::Send(options) => settings().and_then(|settings| send::send(settings, &options)),
        Task::Listen(options) => settings().and_then(|settings| listen::listen(settings, &options, &mut output)),
        Task::Id(options) => settings().and_then(|settings| id::id(&settings, &options, &mut output)),
        Task::Interfaces(options) => {
            settings().and_then(|settings| interfaces::interfaces(&settings, &options, &mut output))
        }
        // The manual and the completions are there for those too whose settings make no sense.
        Task::Completions { shell } => manual::completions(shell, &mut output),
        Task::Man { page } => manual::man(page, &mut output),
    };
    done.err().unwrap_or(Ending::Done)
}

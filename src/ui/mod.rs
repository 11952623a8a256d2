//! The command: what was typed, what it means, and what is shown. It never sees the bytes of a datagram.

mod arguments;
mod commands;
mod completing;
mod config;
mod day;
mod delivery;
mod ending;
mod finding;
mod folders;
mod identity;
mod input;
mod json;
mod locale;
mod log;
pub(crate) mod look;
mod output;
mod panicking;
mod passphrase;
mod people;
mod private_file;
mod private_lines;
mod programs;
mod progress;
mod recent;
mod remote_peers;
mod round_trips;
pub(crate) mod safe;
#[cfg(test)]
mod sample;
mod session;
pub(crate) mod settings;
mod signals;
mod table;
mod terminal;
mod time_format;
mod timestamp;
mod words;

use std::process::ExitCode;

use self::arguments::{Arguments, Color, Task};
use self::commands::{
    chat, config as config_command, doctor, id, interfaces, listen, manual, peers, ping, rooms, send,
};
use self::ending::Ending;
use self::output::Output;
use self::settings::Settings;

/// Does what the command line asks for; or answers a shell that asks how it may go on.
pub(crate) fn run() -> ExitCode {
    panicking::end_by_exit();
    if let Some(code) = completing::answer() {
        return code;
    }
    arguments::parse().map_or_else(|ending| ending, perform).finish()
}

fn perform(arguments: Arguments) -> Ending {
    let Arguments { global, task } = arguments;
    // Whether there are colours, the settings say.
    let start = || {
        let settings = Settings::new(global)?;
        let output = Output::open(settings.color);
        Ok((settings, output))
    };
    let done = match task.unwrap_or(Task::Chat) {
        Task::Chat => start().and_then(|(settings, output)| chat::chat(settings, output)),
        Task::Peers(options) => {
            start().and_then(|(settings, mut output)| peers::peers(settings, &options, &mut output))
        }
        Task::Rooms(options) => {
            start().and_then(|(settings, mut output)| rooms::rooms(settings, &options, &mut output))
        }
        Task::Ping(options) => start().and_then(|(settings, mut output)| ping::ping(settings, &options, &mut output)),
        Task::Doctor(options) => {
            start().and_then(|(settings, mut output)| doctor::doctor(settings, &options, &mut output))
        }
        Task::Send(options) => start().and_then(|(settings, _)| send::send(settings, &options)),
        Task::Listen(options) => {
            start().and_then(|(settings, mut output)| listen::listen(settings, &options, &mut output))
        }
        Task::Id(options) => start().and_then(|(settings, mut output)| id::id(&settings, &options, &mut output)),
        Task::Log(options) => {
            start().and_then(|(settings, mut output)| commands::log::log(&settings, &options, &mut output))
        }
        Task::Interfaces(options) => {
            start().and_then(|(settings, mut output)| interfaces::interfaces(&settings, &options, &mut output))
        }
        Task::Config(options) => {
            start().and_then(|(settings, mut output)| config_command::config(&settings, &options, &mut output))
        }
        // The manual and the completions are there for those too whose settings make no sense.
        Task::Completions { shell } => manual::completions(shell, &mut Output::open(Color::Auto)),
        Task::Man { page } => manual::man(page, &mut Output::open(Color::Auto)),
    };
    done.err().unwrap_or(Ending::Done)
}

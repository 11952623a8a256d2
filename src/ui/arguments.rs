//! The command line as it is typed.

mod origins;
mod tasks;
mod values;

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, ValueEnum, ValueHint};
use clap_complete::engine::ArgValueCompleter;

pub(crate) use self::origins::Origins;
pub(crate) use self::tasks::*;
pub(crate) use self::values::HISTORY_MAX;
use self::values::port;
use crate::ui::completing;
use crate::ui::ending::Ending;
use crate::ui::output;

/// Find each other on a LAN and talk: no server, no set-up.
#[derive(Debug, Parser)]
#[command(name = "cooee", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Without a command, the chat opens. The manual: cooee man | man -l -")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) task: Option<Task>,
}

/// What goes with every command.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The name that you go by [default: your user name]
    #[arg(short, long, global = true, env = "COOEE_NICK", hide_env_values = true, value_name = "NAME")]
    pub(crate) nick: Option<String>,
    /// The room; peers of one room hear each other [default: lobby]
    #[arg(short, long, global = true, env = "COOEE_ROOM", hide_env_values = true, value_name = "NAME", add = ArgValueCompleter::new(completing::rooms))]
    pub(crate) room: Option<String>,
    /// Use this network interface only; may be given several times [default: all that lead to a LAN]
    #[arg(
        short,
        long,
        global = true,
        env = "COOEE_INTERFACE",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "NAME",
        add = ArgValueCompleter::new(completing::interfaces)
    )]
    pub(crate) interface: Vec<String>,
    /// Call this host beyond the subnet too, as over a VPN; may be given several times
    #[arg(
        long,
        global = true,
        env = "COOEE_PEER",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "HOST[:PORT]",
        value_hint = ValueHint::Hostname
    )]
    pub(crate) peer: Vec<String>,
    /// The UDP port, the same on every machine
    #[arg(short, long, global = true, env = "COOEE_PORT", hide_env_values = true, default_value_t = cooee::wire::PORT, value_parser = port)]
    pub(crate) port: u16,
    /// The file that keeps your secret key [default: ~/.local/share/cooee/identity]
    #[arg(long, global = true, env = "COOEE_IDENTITY", hide_env_values = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) identity: Option<OsString>,
    /// Sign with a key that lasts for this run only; no file is read or written
    #[arg(long, global = true)]
    pub(crate) ephemeral: Option<bool>,
    /// Ask for a passphrase: only who knows it is in the room, and can read what is said there
    #[arg(long, global = true)]
    pub(crate) sealed: Option<bool>,
    /// The passphrase is the first line of this file; seals the room [env: COOEE_PASSPHRASE, the passphrase itself]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Do not hear who does not sign what he says
    #[arg(long, global = true)]
    pub(crate) signed_only: Option<bool>,
    /// When to use colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: Color,
    /// Tell on stderr which links are used, and at the end what came in
    #[arg(short, long, global = true)]
    pub(crate) verbose: Option<bool>,
    /// Keep a log of what the chat shows or listen prints; "cooee log" reads it
    #[arg(long, global = true)]
    pub(crate) log: Option<bool>,
    /// Which of these were typed, or set by their variable.
    #[arg(skip)]
    pub(crate) origins: Origins,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// Reads the command line. Help and version are printed here.
pub(crate) fn parse() -> Result<Arguments, Ending> {
    try_parse(env::args_os()).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let printed = error.print().and_then(|()| io::stdout().flush());
            output::written(printed).err().unwrap_or(Ending::Done)
        }
        _ => {
            let message = error.render().to_string();
            Ending::Usage(message.trim_start_matches("error: ").trim_end().to_owned())
        }
    })
}

/// Reads a command line, and the variables that stand for options.
pub(crate) fn try_parse(words: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    let mut definition = definition();
    let matches = definition.try_get_matches_from_mut(words)?;
    let mut arguments = Arguments::from_arg_matches(&matches)?;
    let Global { identity, ephemeral, passphrase_file, sealed, log, .. } = &arguments.global;
    // clap itself would take a variable for as good as a flag, and off for as good as on.
    let typed = matches.value_source("identity") == Some(ValueSource::CommandLine);
    let conflict = match (ephemeral, sealed) {
        (Some(true), _) if typed && identity.is_some() => Some(("--ephemeral", "--identity <FILE>")),
        (Some(true), _) if *log == Some(true) => Some(("--ephemeral", "--log")),
        (_, Some(false)) if passphrase_file.is_some() => Some(("--sealed=false", "--passphrase-file <FILE>")),
        _ => None,
    };
    if let Some((one, other)) = conflict {
        let problem = format!("the argument '{one}' cannot be used with '{other}'");
        return Err(definition.error(ErrorKind::ArgumentConflict, problem));
    }
    arguments.global.origins = Origins::new(&matches);
    Ok(arguments)
}

/// The command line's definition, for completions and for the test that holds the manual to it.
pub(crate) fn definition() -> clap::Command {
    Arguments::command().mut_args(|arg| match arg.get_id().as_str() {
        "ephemeral" | "sealed" | "signed_only" | "verbose" | "log" => switch(arg),
        _ => arg,
    })
}

/// An option that switches something on, and off with `=false`: else nobody could overrule a file that has it on.
fn switch(arg: clap::Arg) -> clap::Arg {
    arg.num_args(0..=1).require_equals(true).default_missing_value("true").value_name("BOOL").hide_possible_values(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        definition().debug_assert();
    }
}

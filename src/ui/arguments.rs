//! The command line as it is typed.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::ending::Ending;

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
#[derive(Args, Debug)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The name that you go by [default: your user name]
    #[arg(short, long, global = true, env = "COOEE_NICK", hide_env_values = true, value_name = "NAME")]
    pub(crate) nick: Option<String>,
    /// The room; peers of one room hear each other [default: lobby]
    #[arg(short, long, global = true, env = "COOEE_ROOM", hide_env_values = true, value_name = "NAME")]
    pub(crate) room: Option<String>,
    /// Use this network interface only; may be given several times [default: all that lead to a LAN]
    #[arg(
        short,
        long,
        global = true,
        env = "COOEE_INTERFACE",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "NAME"
    )]
    pub(crate) interface: Vec<String>,
    /// The UDP port, the same on every machine
    #[arg(short, long, global = true, env = "COOEE_PORT", hide_env_values = true, default_value_t = cooee::wire::PORT, value_parser = port)]
    pub(crate) port: u16,
    /// The file that keeps your secret key [default: ~/.local/share/cooee/identity]
    #[arg(long, global = true, env = "COOEE_IDENTITY", hide_env_values = true, value_name = "FILE")]
    pub(crate) identity: Option<OsString>,
    /// Sign with a key that lasts for this run only; no file is read or written
    #[arg(long, global = true)]
    pub(crate) ephemeral: bool,
    /// Ask for a passphrase: only who knows it is in the room, and can read what is said there
    #[arg(long, global = true)]
    pub(crate) sealed: bool,
    /// The passphrase is the first line of this file; seals the room [env: COOEE_PASSPHRASE, the passphrase itself]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Do not hear who does not sign what he says
    #[arg(long, global = true)]
    pub(crate) signed_only: bool,
    /// When to use colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: Color,
    /// Tell on stderr which links are used, and at the end what came in
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Talk (the default)
    Chat,
    /// List who is there
    Peers(PeersOptions),
    /// Say a line, or each line of stdin, and wait until everybody has heard it
    Send(SendOptions),
    /// Print what is said
    Listen(ListenOptions),
    /// Print the fingerprint of your key, by which others can tell you from anybody else
    Id(IdOptions),
    /// List the network interfaces, and which of them are used
    Interfaces(InterfacesOptions),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a page of the manual
    Man {
        /// The page
        #[arg(default_value = "cooee")]
        page: Page,
    },
}

#[derive(Args, Debug)]
pub(crate) struct PeersOptions {
    /// Seconds to wait at most for answers
    #[arg(short, long, allow_negative_numbers = true, default_value = "2", value_parser = seconds, value_name = "SECS")]
    pub(crate) wait: Duration,
    /// Print JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// Go on, and print who comes, changes or leaves
    #[arg(long)]
    pub(crate) watch: bool,
    /// List yourself too
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args, Debug)]
pub(crate) struct SendOptions {
    /// What to say; without it, each line of stdin is said
    #[arg(value_name = "TEXT")]
    pub(crate) words: Vec<String>,
    /// Seconds to wait at most until everybody has heard it; 0 waits for nobody
    #[arg(short, long, allow_negative_numbers = true, default_value = "5", value_parser = seconds, value_name = "SECS")]
    pub(crate) wait: Duration,
    /// Say it to this one alone: nobody else can read it
    #[arg(long, value_parser = NonEmptyStringValueParser::new(), value_name = "NICK")]
    pub(crate) to: Option<String>,
    /// Say all of stdin at once, as one text
    #[arg(long, conflicts_with = "words")]
    pub(crate) paste: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ListenOptions {
    /// Print JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// End after so many lines
    #[arg(short, long, allow_negative_numbers = true, value_parser = count, value_name = "N")]
    pub(crate) count: Option<u64>,
    /// Print so many lines first that were said before
    #[arg(long, allow_negative_numbers = true, default_value = "0", value_parser = history, value_name = "N")]
    pub(crate) history: u32,
}

#[derive(Args, Debug)]
pub(crate) struct IdOptions {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct InterfacesOptions {
    /// Print JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// A page of the manual.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Page {
    Cooee,
    CooeeProtocol,
}

/// Reads the command line. Help and version are printed here.
pub(crate) fn parse() -> Result<Arguments, Ending> {
    try_parse(env::args_os()).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A closed stdout is a quiet end here as everywhere.
            let _ = error.print();
            Ending::Done
        }
        _ => {
            let message = error.render().to_string();
            Ending::Usage(message.trim_start_matches("error: ").trim_end().to_owned())
        }
    })
}

fn try_parse(words: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    let mut definition = definition();
    let matches = definition.try_get_matches_from_mut(words)?;
    let mut arguments = Arguments::from_arg_matches(&matches)?;
    if arguments.global.ephemeral && arguments.global.identity.is_some() {
        // clap itself would take a variable for as good as a flag.
        if matches.value_source("identity") == Some(ValueSource::CommandLine) {
            let problem = "the argument '--ephemeral' cannot be used with '--identity <FILE>'";
            return Err(definition.error(ErrorKind::ArgumentConflict, problem));
        }
        arguments.global.identity = None;
    }
    Ok(arguments)
}

/// The command line's definition, for completions and for the test that holds the manual to it.
pub(crate) fn definition() -> clap::Command {
    Arguments::command()
}

fn seconds(typed: &str) -> Result<Duration, String> {
    const MOST: f64 = 3600.0;
    match typed.parse::<f64>() {
        Ok(seconds) if (0.0..=MOST).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(format!("not a number of seconds from 0 to {MOST}")),
    }
}

fn count(typed: &str) -> Result<u64, String> {
    typed.parse().ok().filter(|count| *count > 0).ok_or_else(|| "not a number of lines from 1".to_owned())
}

fn history(typed: &str) -> Result<u32, String> {
    /// Peers tell of no more.
    const MOST: u32 = 1000;
    typed.parse().ok().filter(|lines| *lines <= MOST).ok_or_else(|| format!("not a number of lines from 0 to {MOST}"))
}

fn port(typed: &str) -> Result<u16, String> {
    typed.parse().ok().filter(|port| *port > 0).ok_or_else(|| "not a port from 1 to 65535".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        definition().debug_assert();
    }

    #[test]
    fn history_is_bounded() {
        assert_eq!((history("0"), history("1000")), (Ok(0), Ok(1000)));
        for bad in ["-1", "1001", "", "x"] {
            assert!(history(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn seconds_are_bounded() {
        assert_eq!(seconds("0.3"), Ok(Duration::from_millis(300)));
        for bad in ["-1", "inf", "NaN", "3601", "", "x"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}

//! The commands and what goes with each.

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand, ValueEnum};
use clap_complete::Shell;
use clap_complete::engine::ArgValueCompleter;
use cooee::node::Rate;

use super::values::{count, history, logged, rate, rounds, seconds};
use crate::ui::completing;
use crate::ui::log::Since;
use crate::ui::programs::program::Program;

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Talk (the default)
    Chat,
    /// List who is there
    Peers(PeersOptions),
    /// List the rooms in which somebody is
    Rooms(RoomsOptions),
    /// Measure how long a datagram takes to somebody and back, by unicast and by broadcast
    Ping(PingOptions),
    /// Find out why nobody is heard, or not everybody: links, port, firewall, peers
    Doctor(DoctorOptions),
    /// Say a line, or each line of stdin, and wait until everybody has heard it
    Send(SendOptions),
    /// Print what is said
    Listen(ListenOptions),
    /// Print what was logged of the room
    Log(LogOptions),
    /// Print the fingerprint of your key, by which others can tell you from anybody else
    Id(IdOptions),
    /// List the network interfaces, and which of them are used
    Interfaces(InterfacesOptions),
    /// List the settings in force, and where each of them comes from
    Config(ConfigOptions),
    /// Print the script by which a shell completes what you type; the manual's EXAMPLES tell where it goes
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a page of the manual, for "man -l -" to show
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
pub(crate) struct RoomsOptions {
    /// Seconds to wait at most for answers
    #[arg(short, long, allow_negative_numbers = true, default_value = "2", value_parser = seconds, value_name = "SECS")]
    pub(crate) wait: Duration,
    /// Print JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct PingOptions {
    /// Whom to ping; without it, everybody
    // Not called `nick`: to clap that would be the same as what goes with every command.
    #[arg(value_parser = NonEmptyStringValueParser::new(), value_name = "NICK")]
    pub(crate) whom: Option<String>,
    /// Ping so many times, a second apart
    #[arg(short, long, allow_negative_numbers = true, default_value = "3", value_parser = rounds, value_name = "N")]
    pub(crate) count: u64,
    /// Print JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct DoctorOptions {
    /// Print JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
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
    #[arg(long, value_parser = NonEmptyStringValueParser::new(), value_name = "NICK", add = ArgValueCompleter::new(completing::people))]
    pub(crate) to: Option<String>,
    /// Say all of stdin at once, as one text
    #[arg(long, conflicts_with = "words")]
    pub(crate) paste: bool,
    /// Datagrams a second at most; "max" for as many as everybody takes in, on a LAN without radio
    #[arg(long, allow_negative_numbers = true, default_value = "500", value_parser = rate, value_name = "N|max", conflicts_with = "to")]
    pub(crate) rate: Rate,
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
    /// Run a program for each line too, as "notify-send cooee": without a shell, with the line on stdin, as JSON
    #[arg(long, value_parser = Program::parse, value_name = "COMMAND")]
    pub(crate) exec: Option<Program>,
}

#[derive(Args, Debug)]
pub(crate) struct LogOptions {
    /// Print the last so many lines only
    #[arg(short, long, allow_negative_numbers = true, value_parser = logged, value_name = "N")]
    pub(crate) count: Option<usize>,
    /// Print only what has this in its text or its nick, in capitals or not
    #[arg(long, value_parser = NonEmptyStringValueParser::new(), value_name = "WORD")]
    pub(crate) grep: Option<String>,
    /// Print the objects as they were logged, one a line
    #[arg(long)]
    pub(crate) json: bool,
    /// Print only what was said since then: 2h, 30min, 3d, 14:00, today, yesterday, 2026-11-20 or 2026-11-20T14:00
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<Since>,
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

#[derive(Args, Debug)]
pub(crate) struct ConfigOptions {
    /// Print JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// A page of the manual.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Page {
    Cooee,
    CooeeConfig,
    CooeeProtocol,
}

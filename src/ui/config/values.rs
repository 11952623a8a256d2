//! What the settings of the file mean: each value checked.

use std::env;
use std::path::PathBuf;

use clap::ValueEnum;
use cooee::net::PeerAddress;
use cooee::wire::{Nick, RoomName};

use super::document::{Document, Entry, Mistake, excerpt};
use super::key::Key;
use super::source::{Source, Sourced};
use crate::ui::arguments::{Color, HISTORY_MAX};
use crate::ui::remote_peers;
use crate::ui::settings::{self, Highlight, Notify};
use crate::ui::time_format::TimeFormat;

/// What the file says; `None` where it says nothing.
#[derive(Debug, Default)]
pub(crate) struct Values {
    pub(super) nick: Option<Sourced<Nick<'static>>>,
    pub(super) room: Option<Sourced<RoomName<'static>>>,
    pub(super) interfaces: Option<Sourced<Vec<String>>>,
    pub(super) ignore_interfaces: Option<Sourced<Vec<String>>>,
    pub(super) peers: Option<Sourced<Vec<PeerAddress>>>,
    pub(super) port: Option<Sourced<u16>>,
    pub(super) identity: Option<Sourced<PathBuf>>,
    pub(super) ephemeral: Option<Sourced<bool>>,
    pub(super) sealed: Option<Sourced<bool>>,
    pub(super) passphrase_file: Option<Sourced<PathBuf>>,
    pub(super) signed_only: Option<Sourced<bool>>,
    pub(super) color: Option<Sourced<Color>>,
    pub(super) verbose: Option<Sourced<bool>>,
    pub(super) log: Option<Sourced<bool>>,
    pub(super) history: Option<Sourced<u32>>,
    pub(super) timestamp: Option<Sourced<TimeFormat>>,
    pub(super) nick_colors: Option<Sourced<bool>>,
    pub(super) bell: Option<Sourced<bool>>,
    pub(super) highlight: Option<Sourced<Highlight>>,
    pub(super) notify: Option<Sourced<Notify>>,
}

impl Values {
    /// Checks what stands in the file.
    ///
    /// # Errors
    /// At the first value that is not what its key stands for, and at two that contradict each other.
    pub(crate) fn new(document: &Document<'_>) -> Result<Self, Mistake> {
        let mut values = Self::default();
        document.entries.iter().try_for_each(|entry| values.set(entry))?;
        document.entries.iter().try_for_each(|entry| values.check_for_contradiction(entry))?;
        Ok(values)
    }

    fn set(&mut self, entry: &Entry<'_>) -> Result<(), Mistake> {
        match entry.key {
            Key::Nick => self.nick = set(entry, checked(entry, settings::nick))?,
            Key::Room => self.room = set(entry, checked(entry, settings::room))?,
            Key::Interfaces => self.interfaces = set(entry, interfaces(entry))?,
            Key::IgnoreInterfaces => self.ignore_interfaces = set(entry, interfaces(entry))?,
            Key::Peers => self.peers = set(entry, peers(entry))?,
            Key::Port => self.port = set(entry, port(entry))?,
            Key::Identity => self.identity = set(entry, path(entry))?,
            Key::Ephemeral => self.ephemeral = set(entry, entry.boolean())?,
            Key::Sealed => self.sealed = set(entry, entry.boolean())?,
            Key::PassphraseFile => self.passphrase_file = set(entry, path(entry))?,
            Key::SignedOnly => self.signed_only = set(entry, entry.boolean())?,
            Key::Color => self.color = set(entry, checked(entry, color))?,
            Key::Verbose => self.verbose = set(entry, entry.boolean())?,
            Key::Log => self.log = set(entry, entry.boolean())?,
            Key::History => self.history = set(entry, history(entry))?,
            Key::Timestamp => self.timestamp = set(entry, checked(entry, TimeFormat::new))?,
            Key::NickColors => self.nick_colors = set(entry, entry.boolean())?,
            Key::Bell => self.bell = set(entry, entry.boolean())?,
            Key::Highlight => self.highlight = set(entry, highlight(entry))?,
            Key::Notify => self.notify = set(entry, notify(entry))?,
        }
        Ok(())
    }

    /// Two lines of one file are equally strong: which of them is meant, nobody could say.
    fn check_for_contradiction(&self, entry: &Entry<'_>) -> Result<(), Mistake> {
        let is = |switch: &Option<Sourced<bool>>, value| switch.as_ref().is_some_and(|switch| switch.value == value);
        let (value, key, path) = match entry.key {
            Key::Ephemeral if is(&self.ephemeral, true) => (true, Key::Identity, &self.identity),
            Key::Sealed if is(&self.sealed, false) => (false, Key::PassphraseFile, &self.passphrase_file),
            _ => return Ok(()),
        };
        let Some(Sourced { source, .. }) = path else { return Ok(()) };
        Err(entry.mistake(format!("{value} does not go with {} in {source}; take one of them out", key.name())))
    }
}

fn set<T>(entry: &Entry<'_>, value: Result<T, Mistake>) -> Result<Option<Sourced<T>>, Mistake> {
    value.map(|value| Some(Sourced { value, source: Source::File { line: entry.position.line } }))
}

fn checked<T>(entry: &Entry<'_>, check: impl FnOnce(&str) -> Result<T, String>) -> Result<T, Mistake> {
    check(entry.string()?).map_err(|problem| entry.mistake(problem))
}

fn interfaces(entry: &Entry<'_>) -> Result<Vec<String>, Mistake> {
    let names = entry.strings()?;
    if names.iter().any(|name| name.trim().is_empty()) {
        return Err(entry.mistake("the name of an interface is empty".to_owned()));
    }
    Ok(names)
}

fn peers(entry: &Entry<'_>) -> Result<Vec<PeerAddress>, Mistake> {
    remote_peers::parse(entry.strings()?.iter().map(String::as_str)).map_err(|problem| entry.mistake(problem))
}

fn port(entry: &Entry<'_>) -> Result<u16, Mistake> {
    const RANGE: &str = "a port from 1 to 65535";
    match entry.integer(RANGE)? {
        0 => Err(entry.mistake(format!("not {RANGE}"))),
        port => Ok(port),
    }
}

fn history(entry: &Entry<'_>) -> Result<u32, Mistake> {
    let range = format!("a number of lines from 0 to {HISTORY_MAX}");
    let lines = entry.integer(&range)?;
    if lines > HISTORY_MAX { Err(entry.mistake(format!("not {range}"))) } else { Ok(lines) }
}

/// A path that does not depend on the folder in which the program is started. No shell is there to see to a `~`.
fn path(entry: &Entry<'_>) -> Result<PathBuf, Mistake> {
    let written = entry.string()?;
    let path = match written.strip_prefix("~/") {
        Some(rest) => env::home_dir().map(|home| home.join(rest)),
        None => Some(PathBuf::from(written)),
    };
    let absolute = path.filter(|path| path.is_absolute());
    absolute.ok_or_else(|| entry.mistake("not a path from the root, as in \"/media/key\", or from ~/".to_owned()))
}

fn color(written: &str) -> Result<Color, String> {
    let names = || Color::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names: Vec<String> = names().map(|value| format!("\"{}\"", value.get_name())).collect();
    Color::from_str(written, false).map_err(|_| format!("not one of {}: {}", names.join(", "), excerpt(written)))
}

fn highlight(entry: &Entry<'_>) -> Result<Highlight, Mistake> {
    Highlight::new(entry.strings()?).map_err(|problem| entry.mistake(problem))
}

fn notify(entry: &Entry<'_>) -> Result<Notify, Mistake> {
    if !entry.is_list() {
        return Ok(if entry.boolean()? { Notify::Terminal } else { Notify::Off });
    }
    Notify::command(entry.strings()?).map_err(|problem| entry.mistake(problem))
}

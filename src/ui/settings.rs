//! What the command line means: everything checked, in one place.

use cooee::net;
use cooee::node::Role;
use cooee::wire::{HostName, Nick, Profile, ProgramVersion, RoomName, Status};
use unicode_segmentation::UnicodeSegmentation;

use super::arguments::Global;
use super::ending::Ending;

/// The room of those who do not choose one.
const DEFAULT_ROOM: &str = "lobby";

/// What goes with every command, checked.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) nick: Nick<'static>,
    pub(crate) room: RoomName<'static>,
    pub(crate) interfaces: Vec<String>,
    pub(crate) port: u16,
    pub(crate) verbose: bool,
}

impl Settings {
    pub(crate) fn new(global: Global) -> Result<Self, Ending> {
        // What is set to nothing, as a script may set a variable, counts as not set.
        let set = |typed: &String| !typed.trim().is_empty();
        let nick = match global.nick.filter(set) {
            Some(typed) => nick(&typed).map_err(|error| Ending::Usage(format!("{error} (--nick, COOEE_NICK)")))?,
            None => nick_of_user(),
        };
        let room = global.room.filter(set).unwrap_or_else(|| DEFAULT_ROOM.to_owned());
        let room = RoomName::new(room.trim().to_owned())
            .map_err(|error| Ending::Usage(format!("the room's name {error} (--room, COOEE_ROOM)")))?;
        let interfaces = global.interface.into_iter().filter(set).collect();
        Ok(Self { nick, room, interfaces, port: global.port, verbose: global.verbose })
    }

    /// What others are to show of a run.
    pub(crate) fn profile(&self) -> Profile<'static> {
        Profile {
            nick: self.nick.clone(),
            host: host_name(),
            version: ProgramVersion::new(env!("CARGO_PKG_VERSION")).unwrap_or_else(|_| unreachable!("it is short")),
            status: Status::default(),
        }
    }

    /// What a run needs to start that wants to be told so many lines of history.
    pub(crate) fn for_run(&self, role: Role, history: u32, may_wait_for_links: bool) -> net::Settings {
        net::Settings {
            profile: self.profile(),
            room: self.room.clone(),
            role,
            history,
            port: self.port,
            interfaces: self.interfaces.clone(),
            may_wait_for_links,
        }
    }
}

/// A name that somebody chose for himself; the error says what is wrong with it.
pub(crate) fn nick(typed: &str) -> Result<Nick<'static>, String> {
    /// Others cut what is longer when they show it.
    const GRAPHEMES_MAX: usize = 24;
    let typed = typed.trim();
    let nick = Nick::new(typed.to_owned()).map_err(|error| format!("the nick {error}"))?;
    match typed.graphemes(true).count() {
        count if count > GRAPHEMES_MAX => Err(format!("the nick has {count} characters; {GRAPHEMES_MAX} are the most")),
        _ => Ok(nick),
    }
}

/// The user's name, as far as it makes a nick.
fn nick_of_user() -> Nick<'static> {
    let name = whoami::username().unwrap_or_default();
    let harmless: String = name.chars().filter(|c| !c.is_control()).take(16).collect();
    Nick::new(harmless).unwrap_or_else(|_| Nick::new("somebody").unwrap_or_else(|_| unreachable!("it is a nick")))
}

/// The machine's name up to its first dot; nothing where the system does not tell, or what it tells is no name.
fn host_name() -> HostName<'static> {
    let name = whoami::hostname().unwrap_or_default();
    let first = name.split('.').next().unwrap_or_default().to_owned();
    HostName::new(first).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nick_is_trimmed_and_bounded() {
        assert_eq!(nick(" 田中 ").unwrap().as_str(), "田中");
        assert_eq!(nick(" ").unwrap_err(), "the nick is empty");
        assert_eq!(nick(&"x".repeat(25)).unwrap_err(), "the nick has 25 characters; 24 are the most");
        assert_eq!(nick(&"x".repeat(65_536)).unwrap_err(), "the nick has 65536 bytes; 64 are the most");
        assert_eq!(nick("a\u{1b}[31mb").unwrap_err(), "the nick has control characters in it");
    }
}

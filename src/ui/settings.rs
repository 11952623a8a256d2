//! What goes with every command, whoever has said it: everything checked.

mod look;
mod notices;

use std::env;

use cooee::net::{self, PeerAddress};
use cooee::node::{Role, Unverified};
use cooee::wire::{HostName, Nick, Profile, ProgramVersion, Room, RoomName, Status};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

pub(crate) use self::look::LookSettings;
pub(crate) use self::notices::{Highlight, NoticeSettings, Notify};
use crate::ui::arguments::{Color, Global};
use crate::ui::config::{self, Config, Sources};
use crate::ui::ending::Ending;
use crate::ui::identity::Identity;
use crate::ui::passphrase::Seal;
use crate::ui::safe::Safe;

/// The room of those who do not choose one.
pub(crate) const DEFAULT_ROOM: &str = "lobby";
/// So much of what was said before one came is shown to those who do not choose: a screen or two.
pub(crate) const DEFAULT_HISTORY: u32 = 50;

/// What goes with every command, checked.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) nick: Nick<'static>,
    /// What one tells others of oneself, in the chat alone.
    pub(crate) status: Status<'static>,
    pub(crate) room: RoomName<'static>,
    pub(crate) interfaces: net::InterfaceChoice,
    /// Who is called beyond the subnet.
    pub(crate) peers: Vec<PeerAddress>,
    pub(crate) port: u16,
    pub(crate) verbose: bool,
    pub(crate) identity: Identity,
    pub(crate) seal: Seal,
    pub(crate) signed_only: bool,
    pub(crate) color: Color,
    /// Whether a log is kept of what is seen.
    pub(crate) log: bool,
    /// So many of the lines that were said before one came are shown in the chat.
    pub(crate) history: u32,
    pub(crate) look: LookSettings,
    pub(crate) notices: NoticeSettings,
    /// Where all of these come from.
    pub(crate) sources: Sources,
}

impl Settings {
    /// What counts, of what was typed, set in the environment and kept in the file.
    ///
    /// # Errors
    /// When something of it is not allowed, or the file cannot be read.
    pub(crate) fn new(global: Global) -> Result<Self, Ending> {
        config::settle(global, Config::read()?, |name| env::var_os(name))
    }

    /// Whether a log is kept: nothing is to be left of a run whose key is not kept either.
    pub(crate) const fn keeps_log(&self) -> bool {
        self.log && !self.identity.is_ephemeral()
    }

    /// The same in the room of those who do not choose one, which is open: for who wants to show in no other.
    pub(crate) fn in_lobby(self) -> Self {
        let room = RoomName::new(DEFAULT_ROOM).unwrap_or_else(|_| unreachable!("it is short"));
        Self { room, seal: Seal::Open, ..self }
    }

    /// What others are to show of a run.
    pub(crate) fn profile(&self) -> Profile<'static> {
        Profile {
            nick: self.nick.clone(),
            host: host_name(),
            version: ProgramVersion::new(env!("CARGO_PKG_VERSION")).unwrap_or_else(|_| unreachable!("it is short")),
            status: self.status.clone(),
        }
    }

    /// The room's name.
    pub(crate) fn shown_room(&self) -> Safe {
        Safe::name(self.room.as_str(), "?")
    }

    /// The room in words: `room lobby`, or `sealed room lobby`.
    pub(crate) fn room_in_words(&self) -> String {
        let sealed = if self.seal.is_sealed() { "sealed " } else { "" };
        format!("{sealed}room {}", self.shown_room())
    }

    /// What a run needs to start that wants to be told so many lines of history.
    ///
    /// # Errors
    /// When there is no key to sign with, or no passphrase for a sealed room.
    pub(crate) fn for_run(&self, role: Role, history: u32, may_wait_for_links: bool) -> Result<net::Settings, Ending> {
        Ok(net::Settings {
            key: self.identity.key()?,
            profile: self.profile(),
            room: match self.seal.passphrase(self.shown_room().as_str())? {
                Some(passphrase) => Room::sealed(&self.room, &passphrase),
                None => Room::open(&self.room),
            },
            unverified: if self.signed_only { Unverified::KeptOut } else { Unverified::Welcome },
            role,
            history,
            port: self.port,
            interfaces: self.interfaces.clone(),
            peers: self.peers.clone(),
            may_wait_for_links,
        })
    }
}

/// A name that somebody chose for himself, with `_` for white space, as it is shown; the error says what is wrong with
/// it. Nobody goes by a name that others see otherwise: they could not call him by it.
pub(crate) fn nick(typed: &str) -> Result<Nick<'static>, String> {
    /// Others cut what is longer when they show it.
    const GRAPHEMES_MAX: usize = 24;
    let typed = typed.split_whitespace().collect::<Vec<_>>().join("_");
    let typed = Nick::new(typed).map_err(|error| format!("the nick {error}"))?;
    let count = typed.as_str().graphemes(true).count();
    if count > GRAPHEMES_MAX {
        return Err(format!("the nick has {count} characters; {GRAPHEMES_MAX} are the most"));
    }
    // Emoji come from keyboards with a selector behind them, which nobody sees or types.
    let seen: String = typed.as_str().nfc().filter(|c| !matches!(c, '\u{fe0e}' | '\u{fe0f}')).collect();
    let shown = Safe::nick(&seen, "").to_string();
    if shown != seen {
        return Err(format!(
            "others would see the nick as {shown}; let it begin with a letter or a digit, without # or anything unseen in it"
        ));
    }
    Nick::new(shown).map_err(|error| format!("the nick {error}"))
}

/// A room's name that somebody chose; the error says what is wrong with it.
pub(crate) fn room(typed: &str) -> Result<RoomName<'static>, String> {
    RoomName::new(typed.trim().to_owned()).map_err(|error| format!("the room's name {error}"))
}

/// The room of those who do not choose one.
pub(crate) fn default_room() -> RoomName<'static> {
    room(DEFAULT_ROOM).unwrap_or_else(|_| unreachable!("it is short, and plain"))
}

/// The user's name, as far as it makes a nick.
pub(crate) fn nick_of_user() -> Nick<'static> {
    let name = whoami::username().unwrap_or_default();
    nick_like(&name.chars().filter(|c| !c.is_control()).take(16).collect::<String>())
}

/// What is shown of a name, which others see as it is.
fn nick_like(name: &str) -> Nick<'static> {
    let shown = Safe::nick(name, "somebody").to_string();
    Nick::new(shown).unwrap_or_else(|_| unreachable!("what is shown has 1 to 64 bytes, and none of them controls"))
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

    #[test]
    fn a_nick_is_one_word() {
        assert_eq!(nick(" Ada  \tLovelace\u{3000}1 ").unwrap().as_str(), "Ada_Lovelace_1");
        assert_eq!(nick(&"x ".repeat(13)).unwrap_err(), "the nick has 25 characters; 24 are the most");
    }

    #[test]
    fn a_nick_is_what_others_see() {
        for typed in ["_ada", "🦊", "anna❤\u{fe0f}", "Zoe\u{308}", "x-y.z?"] {
            let taken = nick(typed).unwrap();
            assert_eq!(Safe::nick(taken.as_str(), "").as_str(), taken.as_str());
        }
        assert_eq!(nick("Zoe\u{308}").unwrap().as_str(), "Zoë");
        let problem = |typed| nick(typed).unwrap_err();
        assert_eq!(
            problem("?alice"),
            "others would see the nick as _alice; let it begin with a letter or a digit, without # or anything unseen in it"
        );
        for (typed, shown) in [
            ("→ dave", "__dave"),
            ("alice#7f3a", "alice_7f3a"),
            ("al\u{200b}ice", "alice"),
            ("\u{200b}", "_"),
            ("x\u{f8ff}", "x�"),
        ] {
            let begins = format!("others would see the nick as {shown}; ");
            assert!(problem(typed).starts_with(&begins), "{}", problem(typed));
        }
    }

    #[test]
    fn any_name_of_a_user_makes_a_nick() {
        assert_eq!(nick_like("ada").as_str(), "ada");
        assert_eq!(nick_like("Ada Lovelace").as_str(), "Ada_Lovelace");
        assert_eq!(nick_like("$web#1").as_str(), "_web_1");
        assert_eq!(nick_like("\u{200b}").as_str(), "somebody");
        assert_eq!(nick_like("").as_str(), "somebody");
    }
}

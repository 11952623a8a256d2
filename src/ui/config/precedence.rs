//! Who has the say: a flag before a variable of the environment, before the file, before the default.

use std::ffi::OsString;
use std::path::PathBuf;

use super::Config;
use super::key::Key;
use super::source::{Source, Sourced, Sources};
use crate::ui::arguments::{Color, Global, Origins};
use crate::ui::ending::Ending;
use crate::ui::identity::Identity;
use crate::ui::passphrase::{self, Seal};
use crate::ui::remote_peers;
use crate::ui::settings::{
    self, DEFAULT_HISTORY, Highlight, LookSettings, NoticeSettings, Notify, Settings, default_room, nick_of_user,
};
use cooee::net::{InterfaceChoice, PeerAddress};
use cooee::wire::Status;

/// Takes the strongest of what was said about each setting. Between a flag and a variable of one meaning, the command
/// line has chosen already; what else stands in the environment, `variable` gives.
///
/// # Errors
/// When a value that was typed or set is not allowed. Those of the file were checked when it was read.
pub(crate) fn settle(
    global: Global,
    config: Config,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Settings, Ending> {
    let Config { place, values: file } = config;
    let has_passphrase = variable(passphrase::VARIABLE).is_some();
    let mut choice = Choice { origins: global.origins, sources: Sources::new(place) };
    Ok(Settings {
        nick: choice.checked(Key::Nick, global.nick, file.nick, settings::nick, nick_of_user)?,
        status: Status::default(),
        room: choice.checked(Key::Room, global.room, file.room, settings::room, default_room)?,
        interfaces: InterfaceChoice {
            wanted: choice.interfaces(global.interface, file.interfaces),
            ignored: choice.strongest(Key::IgnoreInterfaces, None, file.ignore_interfaces, Vec::new()),
        },
        peers: choice.peers(global.peer, file.peers)?,
        port: choice.strongest(Key::Port, Some(global.port), file.port, cooee::wire::PORT),
        verbose: choice.strongest(Key::Verbose, global.verbose, file.verbose, false),
        identity: choice.identity((global.identity, global.ephemeral), (file.identity, file.ephemeral)),
        seal: choice.seal((global.passphrase_file, global.sealed), (file.passphrase_file, file.sealed), has_passphrase),
        signed_only: choice.strongest(Key::SignedOnly, global.signed_only, file.signed_only, false),
        color: choice.color(global.color, color_of_environment(variable), file.color),
        log: choice.strongest(Key::Log, global.log, file.log, false),
        history: choice.strongest(Key::History, None, file.history, DEFAULT_HISTORY),
        look: LookSettings {
            nick_colors: choice.strongest(Key::NickColors, None, file.nick_colors, LookSettings::DEFAULT.nick_colors),
            timestamp: choice.strongest(Key::Timestamp, None, file.timestamp, LookSettings::DEFAULT.timestamp),
        },
        notices: NoticeSettings {
            bell: choice.strongest(Key::Bell, None, file.bell, true),
            highlight: choice.strongest(Key::Highlight, None, file.highlight, Highlight::default()),
            notify: choice.strongest(Key::Notify, None, file.notify, Notify::Terminal),
        },
        sources: choice.sources,
    })
}

struct Choice {
    origins: Origins,
    sources: Sources,
}

impl Choice {
    /// What was typed or set, else what the file says, else the default.
    fn strongest<T>(&mut self, key: Key, given: Option<T>, file: Option<Sourced<T>>, default: T) -> T {
        let given = self.origins.of(key, given);
        self.sources.note(key, given.or(file).unwrap_or(Sourced::default(default)))
    }

    /// What was typed or set; `None` where nothing was. A variable that is blank, as a script may set it, counts as
    /// not set. An option that is blank asks for the default, whatever the file says: its value is `None`.
    fn given<T>(&self, key: Key, given: Option<T>, is_blank: impl Fn(&T) -> bool) -> Option<Sourced<Option<T>>> {
        let Sourced { value, source } = self.origins.of(key, given)?;
        match (is_blank(&value), source) {
            (true, Source::Environment(_)) => None,
            (true, _) => Some(Sourced { value: None, source }),
            (false, _) => Some(Sourced { value: Some(value), source }),
        }
    }

    /// The strongest, of a text that has to be checked.
    fn checked<T>(
        &mut self,
        key: Key,
        given: Option<String>,
        file: Option<Sourced<T>>,
        check: impl FnOnce(&str) -> Result<T, String>,
        default: impl FnOnce() -> T,
    ) -> Result<T, Ending> {
        let chosen = match self.given(key, given, |typed| typed.trim().is_empty()) {
            Some(Sourced { value: Some(typed), source }) => {
                let value = check(&typed).map_err(|problem| Ending::Usage(format!("{problem} ({source})")))?;
                Sourced { value, source }
            }
            Some(Sourced { value: None, source }) => Sourced { value: default(), source },
            None => file.unwrap_or_else(|| Sourced::default(default())),
        };
        Ok(self.sources.note(key, chosen))
    }

    fn interfaces(&mut self, given: Vec<String>, file: Option<Sourced<Vec<String>>>) -> Vec<String> {
        let named: Vec<String> = given.into_iter().filter(|name| !name.trim().is_empty()).collect();
        let given =
            self.given(Key::Interfaces, Some(named), Vec::is_empty).map(|given| given.map(Option::unwrap_or_default));
        self.sources.note(Key::Interfaces, given.or(file).unwrap_or(Sourced::default(Vec::new())))
    }

    fn peers(
        &mut self,
        given: Vec<String>,
        file: Option<Sourced<Vec<PeerAddress>>>,
    ) -> Result<Vec<PeerAddress>, Ending> {
        let named: Vec<String> = given.into_iter().filter(|name| !name.trim().is_empty()).collect();
        let chosen = match self.given(Key::Peers, Some(named), Vec::is_empty) {
            Some(Sourced { value, source }) => {
                let named = value.unwrap_or_default();
                let peers = remote_peers::parse(named.iter().map(String::as_str));
                Sourced { value: peers.map_err(|problem| Ending::Usage(format!("{problem} ({source})")))?, source }
            }
            None => file.unwrap_or_else(|| Sourced::default(Vec::new())),
        };
        Ok(self.sources.note(Key::Peers, chosen))
    }

    /// A file and none are two answers to one question: the stronger one counts. Those that are equally strong were
    /// refused.
    fn identity(
        &mut self,
        given: (Option<OsString>, Option<bool>),
        file: (Option<Sourced<PathBuf>>, Option<Sourced<bool>>),
    ) -> Identity {
        let named = self.given(Key::Identity, given.0, |path| path.is_empty());
        let named = named.map(|given| given.map(|path| path.map(PathBuf::from)));
        let named = named.or(file.0.map(|file| file.map(Some))).unwrap_or(Sourced::default(None));
        let mut ephemeral = self.origins.of(Key::Ephemeral, given.1).or(file.1).unwrap_or(Sourced::default(false));
        if ephemeral.value && named.source.outranks(ephemeral.source) {
            ephemeral = Sourced { value: false, source: named.source };
        }
        let identity = if ephemeral.value {
            Sourced { value: Identity::Ephemeral, source: ephemeral.source }
        } else {
            named.map(|path| path.map_or(Identity::Kept, Identity::In))
        };
        self.sources.note(Key::Ephemeral, ephemeral);
        self.sources.note(Key::Identity, identity)
    }

    /// Whoever names a passphrase wants the room sealed, and who wants it sealed may have named one elsewhere. A variable
    /// that is empty is not passed over: who meant to seal the room would speak in the open.
    fn seal(
        &mut self,
        given: (Option<PathBuf>, Option<bool>),
        file: (Option<Sourced<PathBuf>>, Option<Sourced<bool>>),
        is_in_variable: bool,
    ) -> Seal {
        let in_file = |path: Sourced<PathBuf>| path.map(Seal::InFile);
        let variable = Source::Environment(passphrase::VARIABLE);
        let by_flag = self.origins.of(Key::PassphraseFile, given.0).map(in_file);
        let by_variable = is_in_variable.then_some(Sourced { value: Seal::InVariable, source: variable });
        let by_file = file.0.map(in_file);
        let names_one = |seal: &Option<Sourced<Seal>>| seal.as_ref().map(|seal| seal.clone().map(|_| true));
        let sealed = names_one(&by_flag)
            .or(self.origins.of(Key::Sealed, given.1))
            .or(names_one(&by_variable))
            .or(names_one(&by_file))
            .or(file.1)
            .unwrap_or(Sourced::default(false));
        let seal = match sealed.value {
            true => by_flag.or(by_variable).or(by_file).unwrap_or(Sourced::default(Seal::Asked)),
            false => Sourced { value: Seal::Open, source: sealed.source },
        };
        self.sources.note(Key::Sealed, sealed);
        self.sources.note(Key::PassphraseFile, seal)
    }

    fn color(&mut self, given: Color, variable: Option<Sourced<Color>>, file: Option<Sourced<Color>>) -> Color {
        let given = self.origins.of(Key::Color, Some(given)).or(variable);
        self.sources.note(Key::Color, given.or(file).unwrap_or(Sourced::default(Color::Auto)))
    }
}

/// What the variables of all programs say about colours, in the order of <https://docs.rs/anstream>.
fn color_of_environment(variable: impl Fn(&str) -> Option<OsString>) -> Option<Sourced<Color>> {
    let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
    let (color, name) = if is_set("NO_COLOR") {
        (Color::Never, "NO_COLOR")
    } else if is_set("CLICOLOR_FORCE") {
        (Color::Always, "CLICOLOR_FORCE")
    } else if variable("CLICOLOR")? == "0" {
        (Color::Never, "CLICOLOR")
    } else {
        return None;
    };
    Some(Sourced { value: color, source: Source::Environment(name) })
}

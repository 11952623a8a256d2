//! `cooee config`: the settings in force, and where each of them comes from.

use std::path::Path;

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::ui::arguments::ConfigOptions;
use crate::ui::config::{Key, Place, Source};
use crate::ui::ending::Ending;
use crate::ui::json::{self, SettingObject};
use crate::ui::output::Output;
use crate::ui::passphrase::Seal;
use crate::ui::safe::Safe;
use crate::ui::settings::{Notify, Settings};

/// Lists the settings. A passphrase is none of them, and never shown.
pub(crate) fn config(settings: &Settings, options: &ConfigOptions, output: &mut Output) -> Result<(), Ending> {
    let file = match &settings.sources.place {
        Place::Nowhere => None,
        Place::Missing(path) | Place::Found(path) => Some(path.as_path()),
    };
    if options.json {
        return Key::ALL.into_iter().try_for_each(|key| {
            let source = settings.sources.of(key);
            json::print(&SettingObject::new(key, value(settings, key), source, file), output)
        });
    }
    output.line(Safe::text(&heading(&settings.sources.place)).as_str())?;
    let rows = Key::ALL.map(|key| {
        let text = |value: Value| if value.is_null() { "-".to_owned() } else { value.to_string() };
        // A list or a path can be longer than a name may be.
        let cells = [key.name(), &text(value(settings, key)), &origin(settings.sources.of(key), file)];
        cells.map(Safe::text)
    });
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let (keys, values) = (width(0), width(1).min(VALUE_COLUMNS));
    rows.iter().try_for_each(|[key, value, origin]| {
        output.line(&format!("{}  {}  {origin}", key.padded(keys), value.padded(values)))
    })
}

/// Values that are wider push what follows them to the right, but not that of all others.
const VALUE_COLUMNS: usize = 40;

/// As a comment of the file would be: what follows is what it could say.
fn heading(place: &Place) -> String {
    match place {
        Place::Nowhere => "# no file: there is no home directory to look for one in; set XDG_CONFIG_HOME".to_owned(),
        Place::Missing(path) => format!("# {} (not there)", path.display()),
        Place::Found(path) => format!("# {}", path.display()),
    }
}

/// Where a value comes from: `--nick`, `COOEE_NICK`, `/home/alice/.config/cooee/config.toml line 3` or `default`.
fn origin(source: Source, file: Option<&Path>) -> String {
    match (source, file) {
        (Source::File { .. }, Some(file)) => format!("{} {source}", file.display()),
        _ => source.to_string(),
    }
}

/// A value as JSON has it; strings, numbers, lists, true and false are written alike in the file.
pub(crate) fn value(settings: &Settings, key: Key) -> Value {
    match key {
        Key::Nick => json!(settings.nick.as_str()),
        Key::Room => json!(settings.room.as_str()),
        Key::Interfaces => json!(settings.interfaces.wanted),
        Key::IgnoreInterfaces => json!(settings.interfaces.ignored),
        Key::Peers => json!(settings.peers.iter().map(ToString::to_string).collect::<Vec<_>>()),
        Key::Port => json!(settings.port),
        Key::Identity => json!(settings.identity.file().ok().flatten().map(|path| path.display().to_string())),
        Key::Ephemeral => json!(settings.identity.is_ephemeral()),
        Key::Sealed => json!(settings.seal.is_sealed()),
        Key::PassphraseFile => match &settings.seal {
            Seal::InFile(path) => json!(path.display().to_string()),
            Seal::Open | Seal::Asked | Seal::Known(_) | Seal::InVariable => Value::Null,
        },
        Key::SignedOnly => json!(settings.signed_only),
        Key::Color => json!(settings.color.to_possible_value().map(|color| color.get_name().to_owned())),
        Key::Verbose => json!(settings.verbose),
        Key::Log => json!(settings.log),
        Key::History => json!(settings.history),
        Key::Timestamp => json!(settings.look.timestamp.as_str()),
        Key::NickColors => json!(settings.look.nick_colors),
        Key::Bell => json!(settings.notices.bell),
        Key::Highlight => json!(settings.notices.highlight.words()),
        Key::Notify => match &settings.notices.notify {
            Notify::Off => json!(false),
            Notify::Terminal => json!(true),
            Notify::Command(command) => json!(command.words()),
        },
    }
}

//! Who has said what goes with every command: whoever typed it, or whoever set a variable.

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::ui::config::{Key, Source, Sourced};

/// The options of every command that were typed, or set by their variable.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(Vec<(Key, Source)>);

impl Origins {
    pub(super) fn new(matches: &ArgMatches) -> Self {
        Self(Key::ALL.into_iter().filter_map(|key| Some((key, origin(matches, key)?))).collect())
    }

    /// The value of an option with where it comes from; `None` where it was neither typed nor set.
    pub(crate) fn of<T>(&self, key: Key, value: Option<T>) -> Option<Sourced<T>> {
        let (_, source) = *self.0.iter().find(|(other, _)| *other == key)?;
        value.map(|value| Sourced { value, source })
    }
}

fn origin(matches: &ArgMatches, key: Key) -> Option<Source> {
    let flag = key.flag()?;
    match matches.value_source(&id(flag))? {
        ValueSource::CommandLine => Some(Source::Flag(flag)),
        ValueSource::EnvVariable => key.variable().map(Source::Environment),
        _ => None,
    }
}

/// The name of an option's field: `passphrase_file` for `--passphrase-file`.
fn id(flag: &str) -> String {
    flag.trim_start_matches('-').replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::arguments::definition;

    /// What there is on one side and not on the other would be passed over in silence.
    #[test]
    fn every_option_of_every_command_is_a_setting() {
        let program = definition();
        let options = program.get_arguments().filter(|arg| arg.is_global_set());
        let mut options: Vec<_> = options.map(|arg| (arg.get_id().to_string(), arg.get_env())).collect();
        let settings =
            Key::ALL.into_iter().filter_map(|key| Some((id(key.flag()?), key.variable().map(AsRef::as_ref))));
        let mut settings: Vec<_> = settings.collect();
        options.sort();
        settings.sort();
        assert_eq!(options, settings);
    }
}

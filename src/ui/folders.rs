//! Where files of a user lie (XDG Base Directory Specification): a folder of its own in each place.

use std::env;
use std::path::PathBuf;

/// What is kept that the user does not look into himself: his key, and those of others.
///
/// `None`, as for the others, where the system does not tell where his home is.
pub(crate) fn data() -> Option<PathBuf> {
    folder("XDG_DATA_HOME", ".local/share")
}

/// What the user writes himself: his settings.
pub(crate) fn config() -> Option<PathBuf> {
    folder("XDG_CONFIG_HOME", ".config")
}

/// What is kept of what has happened, such as logs and the lines entered before.
pub(crate) fn state() -> Option<PathBuf> {
    folder("XDG_STATE_HOME", ".local/state")
}

fn folder(variable: &str, usual: &str) -> Option<PathBuf> {
    let set = env::var_os(variable).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let usual = || env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(usual));
    set.or_else(usual).map(|folder| folder.join("cooee"))
}

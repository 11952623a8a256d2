//! Does the terminal understand UTF-8, as far as the environment tells?

use std::env;
use std::ffi::OsString;

/// The variables that tell, the strongest first (POSIX, XBD 8.2).
pub(crate) const VARIABLES: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];

/// The variable that names another encoding than UTF-8, and its value; `None` where none does. One that is not set
/// says nothing: most terminals are UTF-8 all the same, as in containers.
pub(crate) fn other_than_utf_8() -> Option<(&'static str, String)> {
    named(|name| env::var_os(name))
}

fn named(variable: impl Fn(&str) -> Option<OsString>) -> Option<(&'static str, String)> {
    let set = |name| variable(name).filter(|value| !value.is_empty()).map(|value| (name, value));
    let (name, value) = VARIABLES.into_iter().find_map(set)?;
    let value = value.to_string_lossy().into_owned();
    let folded = value.to_lowercase();
    (!folded.contains("utf-8") && !folded.contains("utf8")).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_that_is_set_counts() {
        let found = |set: &[(&str, &str)]| {
            named(|name| set.iter().find(|(set, _)| *set == name).map(|(_, value)| value.into())).map(|(name, _)| name)
        };
        assert_eq!(found(&[]), None);
        assert_eq!(found(&[("LANG", "")]), None);
        assert_eq!(found(&[("LANG", "de_DE.UTF-8")]), None);
        assert_eq!(found(&[("LANG", "C.utf8")]), None);
        assert_eq!(found(&[("LANG", "de_DE@euro")]), Some("LANG"));
        assert_eq!(found(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")]), Some("LC_ALL"));
        assert_eq!(found(&[("LANG", "C"), ("LC_CTYPE", "en_GB.UTF-8")]), None);
    }
}

//! Which interfaces a run shall use: by their names, or by patterns of names.

use std::string::String;
use std::vec::Vec;

use wildmatch::WildMatch;

use super::std;

/// Which interfaces a run shall use. A name may be a pattern, in which `*` stands for any characters and `?` for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceChoice {
    /// Those to use; all that are fit for it when empty.
    pub wanted: Vec<String>,
    /// Those that are not used unless they are wanted.
    pub ignored: Vec<String>,
}

impl InterfaceChoice {
    /// Whether the interface of that name was asked for, or nobody asked for any.
    pub(super) fn wants(&self, interface: &str) -> bool {
        self.wanted.is_empty() || fits_any(&self.wanted, interface)
    }

    /// Whether the interface of that name was asked for by its whole name.
    pub(super) fn names(&self, interface: &str) -> bool {
        self.wanted.iter().any(|wanted| wanted == interface)
    }

    /// Whether the interface of that name is passed over. One that was asked for is not.
    pub(super) fn ignores(&self, interface: &str) -> bool {
        self.wanted.is_empty() && fits_any(&self.ignored, interface)
    }

    /// The first one wanted that none of the interfaces is.
    pub(super) fn unmet<'a>(&self, interfaces: impl Iterator<Item = &'a str> + Clone) -> Option<&str> {
        let is_there = |wanted: &str| interfaces.clone().any(|interface| fits(wanted, interface));
        self.wanted.iter().map(|wanted| &**wanted).find(|wanted| !is_there(wanted))
    }
}

/// Whether it is a pattern rather than the name of one interface.
pub(super) fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?'])
}

fn fits_any(patterns: &[String], interface: &str) -> bool {
    patterns.iter().any(|pattern| fits(pattern, interface))
}

fn fits(pattern: &str, interface: &str) -> bool {
    WildMatch::new(pattern).matches(interface)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(wanted: &[&str], ignored: &[&str]) -> InterfaceChoice {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).into()).collect();
        InterfaceChoice { wanted: owned(wanted), ignored: owned(ignored) }
    }

    #[test]
    fn names_and_patterns() {
        let some = choice(&["eth0", "wl*", "en?1"], &[]);
        for name in ["eth0", "wl", "wlan0", "enp1"] {
            assert!(some.wants(name), "{name}");
        }
        for name in ["eth01", "lo", "enp11", "xwl", "en1"] {
            assert!(!some.wants(name), "{name}");
        }
        assert!(some.names("eth0") && !some.names("wlan0"));
        assert!(choice(&[], &[]).wants("eth0"));
        assert_eq!(some.unmet(["eth0", "wlan0", "enx1"].into_iter()), None);
        assert_eq!(some.unmet(["eth0", "enx1"].into_iter()), Some("wl*"));
    }

    #[test]
    fn what_is_ignored_is_used_where_it_is_asked_for() {
        let ignored = ["docker*", "veth*"];
        assert!(choice(&[], &ignored).ignores("docker0") && choice(&[], &ignored).ignores("veth1a2b"));
        assert!(!choice(&[], &ignored).ignores("eth0"));
        assert!(!choice(&["docker0"], &ignored).ignores("docker0"));
        assert!(!choice(&["docker*"], &ignored).ignores("docker0"));
    }
}

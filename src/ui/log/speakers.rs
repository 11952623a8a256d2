//! How those are called who have said what was logged.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cooee::trust::Fingerprint;
use cooee::wire::Run;

use crate::ui::people::known::Known;
use crate::ui::people::names::{folded, told_apart};
use crate::ui::safe::Safe;

/// Names as the chat makes them, of the keys that are known and of those that have shown up in the log so far.
#[derive(Debug, Default)]
pub(crate) struct Speakers {
    known: Known,
    /// Who has gone by a nick, as [`folded`] makes it.
    holders: BTreeMap<String, BTreeSet<Fingerprint>>,
    /// Names that were made already, as long as nobody new shows up.
    made: HashMap<(String, Fingerprint), Safe>,
}

impl Speakers {
    /// Most nicks that are told apart, and most keys for each; whoever else shows up has his key behind his nick.
    const NICKS_MAX: usize = 4096;
    const KEYS_MAX: usize = 16;
    /// Most names that are held ready, and most bytes of the nick of one.
    const MADE_MAX: usize = 1024;
    const NICK_MAX: usize = 256;

    pub(crate) fn new(known: Known) -> Self {
        Self { known, ..Self::default() }
    }

    /// How one is called who goes by this nick; of who has none, by the id of his run.
    pub(crate) fn name(&mut self, nick: Option<&str>, author: Run, fingerprint: Option<Fingerprint>) -> Safe {
        let Some(nick) = nick else { return Safe::name(&author.peer.to_string(), "?") };
        let shown = || Safe::nick(nick, &author.peer.to_string());
        let Some(fingerprint) = fingerprint else { return Safe::text(&format!("?{}", shown())) };
        let key = (nick.to_owned(), fingerprint);
        if let Some(name) = self.made.get(&key) {
            return name.clone();
        }
        let holders = folded(nick).and_then(|name| self.holders(name, fingerprint));
        let name = told_apart(shown(), fingerprint, holders);
        if self.made.len() < Self::MADE_MAX && nick.len() <= Self::NICK_MAX {
            self.made.insert(key, name.clone());
        }
        name
    }

    /// All who have gone by a name, with this one; `None` where there is no room for him.
    fn holders(&mut self, name: String, fingerprint: Fingerprint) -> Option<BTreeSet<Fingerprint>> {
        let known: Vec<Fingerprint> = self.known.holders(&name).collect();
        let has_room = self.holders.len() < Self::NICKS_MAX || self.holders.contains_key(&name);
        let holders = has_room.then(|| self.holders.entry(name).or_insert_with(|| BTreeSet::from_iter(known)))?;
        if !holders.contains(&fingerprint) && holders.len() >= Self::KEYS_MAX {
            return None;
        }
        if holders.insert(fingerprint) {
            // Whoever goes by the same nick has another name from now on.
            self.made.clear();
        }
        Some(holders.clone())
    }
}

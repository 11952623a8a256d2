//! How a peer is called, in one place: so that nobody can pass for somebody else by taking his nick.
//!
//! Who does not sign has a `?` in front: anybody may be he. Who signs is called by his nick alone as long as no other
//! key goes, or ever went, by the same one; else the beginning of his key's fingerprint stands behind it.

use std::collections::{BTreeMap, BTreeSet};

use cooee::node::{Event, Gap, HeardLine, Peer};
use cooee::time::UnixMillis;
use cooee::trust::{Fingerprint, Marks, PublicKey};
use cooee::wire::{Nick, Run};

use crate::ui::people::known::Known;
use crate::ui::safe::{Safe, caseless, same_name};

/// What is known of names and keys.
#[derive(Debug)]
pub(crate) struct Names {
    own: (Fingerprint, Nick<'static>),
    pub(crate) known: Known,
    present: BTreeMap<Run, Present>,
    /// Who goes by a name at present, with how many runs; oneself among them.
    holders: BTreeMap<String, BTreeMap<Fingerprint, usize>>,
    /// Runs that sign nothing and are not to be shown.
    ignored: BTreeSet<Run>,
}

/// A run that signs and is there.
#[derive(Debug)]
struct Present {
    fingerprint: Fingerprint,
    nick: Nick<'static>,
}

/// What is to be told of somebody who has come, or has taken another nick.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Noted {
    /// His nick is that of another key, and it is the first time that it is his too.
    pub(crate) impostor: Option<String>,
    /// What went wrong in remembering him.
    pub(crate) problem: Option<String>,
}

/// What programs are told of an author.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) fingerprint: Option<Fingerprint>,
    pub(crate) marks: Marks,
}

impl Names {
    /// What is known at the start; oneself has this key and goes by this nick.
    pub(crate) fn new(key: &PublicKey, nick: Nick<'static>, known: Known) -> Self {
        let own = (key.fingerprint(), nick);
        let (present, holders, ignored) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let mut names = Self { own, known, present, holders, ignored };
        names.take_up(names.own.0, &names.own.1.clone());
        names
    }

    /// Takes in who is there, comes, goes, or goes by another nick; whoever is new is remembered.
    pub(crate) fn note(&mut self, event: &Event, now: UnixMillis) -> Noted {
        match event {
            Event::Joined(peer) | Event::Changed { peer, .. } => self.meet(peer, now),
            Event::Left(peer, _) => {
                self.drop_run(peer.run);
                Noted::default()
            }
            _ => Noted::default(),
        }
    }

    fn meet(&mut self, peer: &Peer, now: UnixMillis) -> Noted {
        let Some(fingerprint) = peer.signer.map(|key| key.fingerprint()) else { return Noted::default() };
        let nick = &peer.profile.nick;
        if fingerprint == self.own.0 {
            self.see(peer);
            return Noted::default();
        }
        let is_new = folded(nick.as_str()).is_some_and(|name| !self.all_holders(&name).contains(&fingerprint));
        self.see(peer);
        let impostor = if is_new { self.impostor(peer, fingerprint) } else { None };
        Noted { impostor, problem: self.known.note(fingerprint, nick.as_str(), now) }
    }

    /// Takes in who is there, without remembering him.
    pub(crate) fn see(&mut self, peer: &Peer) {
        self.drop_run(peer.run);
        if let Some(key) = peer.signer {
            let (fingerprint, nick) = (key.fingerprint(), peer.profile.nick.clone());
            self.take_up(fingerprint, &nick);
            self.present.insert(peer.run, Present { fingerprint, nick });
        }
    }

    /// One goes by another nick oneself.
    pub(crate) fn rename(&mut self, nick: Nick<'static>) {
        let (own, before) = (self.own.0, std::mem::replace(&mut self.own.1, nick.clone()));
        self.take_up(own, &nick);
        self.lay_down(own, &before);
    }

    /// Words for somebody who is met by a nick that others know another by. Of those, the one known longest is named.
    fn impostor(&self, peer: &Peer, fingerprint: Fingerprint) -> Option<String> {
        let name = folded(peer.profile.nick.as_str())?;
        let others = self.all_holders(&name).into_iter().filter(|other| *other != fingerprint && *other != self.own.0);
        let since = |other: &Fingerprint| self.known.peer(*other).map(|peer| peer.since);
        let other = others.min_by_key(|other| (since(other).is_none(), since(other), *other))?;
        let verified = if self.known.marks(other).verified { "verified " } else { "" };
        let since = since(&other).map_or_else(|| "here".to_owned(), |since| format!("known since {}", since.date()));
        Some(format!(
            "{} is not the {verified}{0} {since} ({}-…): another key, shown as {}",
            shown(&peer.profile.nick, peer.run),
            beginning(other, 1),
            self.peer(peer)
        ))
    }

    /// How a peer is called.
    pub(crate) fn peer(&self, peer: &Peer) -> Safe {
        self.name(&peer.profile.nick, peer.signer, peer.run)
    }

    /// How these are called.
    pub(crate) fn peers(&self, peers: &[Peer]) -> Vec<(Run, Safe)> {
        peers.iter().map(|peer| (peer.run, self.peer(peer))).collect()
    }

    /// How the author of a line is called.
    pub(crate) fn line(&self, line: &HeardLine) -> Safe {
        self.name(&line.nick, line.signer, line.author)
    }

    /// How the author of lost lines is called; where nothing is known of him, by the id of his run.
    pub(crate) fn gap(&self, gap: &Gap) -> Safe {
        let id = || Safe::name(&gap.author.peer.to_string(), "?");
        gap.nick.as_ref().map_or_else(id, |nick| self.name(nick, gap.signer, gap.author))
    }

    /// How one is called who goes by this nick.
    pub(crate) fn name(&self, nick: &Nick<'_>, signer: Option<PublicKey>, run: Run) -> Safe {
        let name = shown(nick, run);
        match signer.map(|key| key.fingerprint()) {
            None => Safe::text(&format!("?{name}")),
            Some(fingerprint) => self.signed_name(name, folded(nick.as_str()), fingerprint),
        }
    }

    /// How one is called who signs with a key that is known, and goes by this nick.
    pub(crate) fn known_name(&self, nick: &str, fingerprint: Fingerprint) -> Safe {
        self.signed_name(Safe::nick(nick, "?"), folded(nick), fingerprint)
    }

    fn signed_name(&self, name: Safe, folded: Option<String>, fingerprint: Fingerprint) -> Safe {
        told_apart(name, fingerprint, folded.map(|folded| self.all_holders(&folded)))
    }

    /// All keys that go, or ever went, by a name.
    fn all_holders(&self, name: &str) -> BTreeSet<Fingerprint> {
        let present = self.holders.get(name).into_iter().flat_map(BTreeMap::keys).copied();
        present.chain(self.known.holders(name)).collect()
    }

    /// What programs are told of an author.
    pub(crate) fn standing(&self, signer: Option<PublicKey>, run: Run) -> Standing {
        let fingerprint = signer.map(|key| key.fingerprint());
        let for_now = Marks { ignored: self.ignored.contains(&run), ..Marks::default() };
        Standing { fingerprint, marks: fingerprint.map_or(for_now, |fingerprint| self.known.marks(fingerprint)) }
    }

    /// Whether nothing of him is to be shown.
    pub(crate) fn ignores(&self, signer: Option<PublicKey>, run: Run) -> bool {
        self.standing(signer, run).marks.ignored
    }

    /// The key that is one's own.
    pub(crate) const fn own(&self) -> Fingerprint {
        self.own.0
    }

    /// Shows a run that signs nothing, or does not; tells whether that is a change.
    pub(crate) fn ignore_run(&mut self, run: Run, ignored: bool) -> bool {
        if ignored { self.ignored.insert(run) } else { self.ignored.remove(&run) }
    }

    /// Runs that sign nothing and are not shown.
    pub(crate) fn ignored_runs(&self) -> impl Iterator<Item = Run> {
        self.ignored.iter().copied()
    }

    /// A run has gone.
    pub(crate) fn drop_run(&mut self, run: Run) {
        if let Some(Present { fingerprint, nick }) = self.present.remove(&run) {
            self.lay_down(fingerprint, &nick);
        }
    }

    fn take_up(&mut self, fingerprint: Fingerprint, nick: &Nick<'_>) {
        if let Some(name) = folded(nick.as_str()) {
            *self.holders.entry(name).or_default().entry(fingerprint).or_default() += 1;
        }
    }

    fn lay_down(&mut self, fingerprint: Fingerprint, nick: &Nick<'_>) {
        let Some(name) = folded(nick.as_str()) else { return };
        let Some(holders) = self.holders.get_mut(&name) else { return };
        if let Some(runs) = holders.get_mut(&fingerprint) {
            *runs -= 1;
            if *runs == 0 {
                holders.remove(&fingerprint);
            }
        }
        if holders.is_empty() {
            self.holders.remove(&name);
        }
    }
}

/// How those are called who were met before, with each of their nicks; whoever is ignored is passed over.
pub(crate) fn of_known(known: &Known) -> Vec<Safe> {
    let seen = known.iter().filter(|(_, peer)| !peer.marks.ignored);
    let nicks = seen.flat_map(|(fingerprint, peer)| peer.nicks().map(move |nick| (fingerprint, nick)));
    let name = |(fingerprint, nick): (Fingerprint, &str)| {
        let holders = folded(nick).map(|folded| known.holders(&folded).collect());
        told_apart(Safe::nick(nick, "?"), fingerprint, holders)
    };
    nicks.map(name).collect()
}

/// How one is called who signs with a key and is seen under this name, which these keys have gone by; `None` where
/// nothing can be seen of his nick.
pub(crate) fn told_apart(name: Safe, fingerprint: Fingerprint, holders: Option<BTreeSet<Fingerprint>>) -> Safe {
    // What nothing can be seen of is called by an id, which others may have taken for a nick.
    let least = usize::from(holders.is_none());
    let groups = holders.map_or(0, |holders| groups(fingerprint, holders));
    match groups.max(least) {
        0 => name,
        groups => Safe::text(&format!("{name}#{}", beginning(fingerprint, groups))),
    }
}

/// A nick as it is seen; where nothing of it is, the id of its run.
fn shown(nick: &Nick<'_>, run: Run) -> Safe {
    Safe::nick(nick.as_str(), &run.peer.to_string())
}

/// What is equal of two nicks that [`same_name`] takes for one; `None` for one of which nothing can be seen.
pub(crate) fn folded(nick: &str) -> Option<String> {
    same_name(nick, nick).then(|| caseless(Safe::nick(nick, "?").as_str()))
}

/// How many groups of a fingerprint tell it apart from others; none where there are no others.
fn groups(fingerprint: Fingerprint, others: impl IntoIterator<Item = Fingerprint>) -> usize {
    let same = |other: Fingerprint| {
        fingerprint.0.chunks(2).zip(other.0.chunks(2)).take_while(|(group, other)| group == other).count()
    };
    others.into_iter().filter(|other| *other != fingerprint).map(|other| same(other) + 1).max().unwrap_or(0)
}

/// The first groups of a fingerprint: `7f3a`, or `7f3a-91c2`.
fn beginning(fingerprint: Fingerprint, groups: usize) -> String {
    fingerprint.to_string().split('-').take(groups).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests;

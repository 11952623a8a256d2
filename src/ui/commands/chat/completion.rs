//! What Tab puts in: commands, and names of those who are here.

use std::collections::VecDeque;

use cooee::node::Peer;
use cooee::wire::Run;

use super::entry;
use crate::ui::people::names::Names;
use crate::ui::safe::caseless;
use crate::ui::terminal::{Completion, Completions};

/// Who has said something of late. Of more than so many, those who were silent for longest are forgotten.
#[derive(Debug, Default)]
pub(super) struct Speakers {
    /// Who spoke last is first.
    runs: VecDeque<Run>,
}

const SPEAKERS_MAX: usize = 64;

impl Speakers {
    /// Somebody has said something.
    pub(super) fn note(&mut self, author: Run) {
        self.runs.retain(|run| *run != author);
        self.runs.push_front(author);
        self.runs.truncate(SPEAKERS_MAX);
    }

    /// The names of those who are here, each once: who spoke last first, who has not spoken in the order of names.
    pub(super) fn names(&self, names: &Names, peers: &[Peer]) -> Vec<String> {
        let spoke = |peer: &Peer| self.runs.iter().position(|run| *run == peer.run).unwrap_or(SPEAKERS_MAX);
        let mut found: Vec<_> = peers.iter().map(|peer| (spoke(peer), names.peer(peer).to_string())).collect();
        found.sort_by_cached_key(|(spoke, name)| (*spoke, caseless(name)));
        let mut once: Vec<String> = Vec::with_capacity(found.len());
        for (_, name) in found {
            if !once.contains(&name) {
                once.push(name);
            }
        }
        once
    }
}

/// Completes commands, and the names that it asks for.
pub(super) struct Completer<N: Fn() -> Vec<String>> {
    /// The names of those who are here, the likeliest first.
    pub(super) names: N,
}

impl<N: Fn() -> Vec<String>> Completions for Completer<N> {
    fn complete(&self, before_cursor: &str) -> Option<Completion> {
        let start = before_cursor
            .rfind(char::is_whitespace)
            .map_or(0, |blank| blank + before_cursor[blank..].chars().next().map_or(0, char::len_utf8));
        let word = &before_cursor[start..];
        let candidates: Vec<String> = match word.strip_prefix('/').filter(|_| start == 0) {
            Some(command) => entry::names_like(command).map(|name| format!("/{name} ")).collect(),
            None => {
                let behind = if start == 0 { ": " } else { " " };
                let names = (self.names)().into_iter().filter(|name| begins_like(name, word));
                names.map(|name| name + behind).collect()
            }
        };
        (!candidates.is_empty()).then_some(Completion { start, candidates })
    }
}

/// Whether a name may be meant by its beginning: in capitals or not, and without the mark of who signs nothing.
fn begins_like(name: &str, beginning: &str) -> bool {
    let (name, beginning) = (caseless(name), caseless(beginning));
    name.starts_with(&beginning) || name.strip_prefix('?').is_some_and(|name| name.starts_with(&beginning))
}

#[cfg(test)]
mod tests {
    use cooee::trust::PublicKey;
    use cooee::wire::Nick;

    use super::*;
    use crate::ui::people::known::Known;
    use crate::ui::sample;

    fn completed(before_cursor: &str) -> Option<(usize, Vec<String>)> {
        let names = || ["bob", "Bert", "田中", "?carol", "alice#7f3a"].map(str::to_owned).to_vec();
        Completer { names }.complete(before_cursor).map(|Completion { start, candidates }| (start, candidates))
    }

    fn some(start: usize, candidates: &[&str]) -> Option<(usize, Vec<String>)> {
        Some((start, candidates.iter().map(|candidate| (*candidate).to_owned()).collect()))
    }

    #[test]
    fn who_is_spoken_to_stands_before_a_colon() {
        assert_eq!(completed("b"), some(0, &["bob: ", "Bert: "]));
        assert_eq!(completed("BO"), some(0, &["bob: "]));
        assert_eq!(completed("car"), some(0, &["?carol: "]));
        assert_eq!(completed("?c"), some(0, &["?carol: "]));
        assert_eq!(completed("alice#"), some(0, &["alice#7f3a: "]));
        assert_eq!(completed("x"), None);
        assert_eq!(completed("").map(|(_, candidates)| candidates.len()), Some(5), "anybody may be meant");
    }

    #[test]
    fn elsewhere_it_is_the_name_alone() {
        assert_eq!(completed("ask b"), some(4, &["bob ", "Bert "]));
        assert_eq!(completed("/msg 田"), some(5, &["田中 "]));
        assert_eq!(completed("/whois be"), some(7, &["Bert "]));
        assert_eq!(completed("one\nbo"), some(4, &["bob "]));
        assert_eq!(completed("one\u{3000}bo"), some(6, &["bob "]));
    }

    #[test]
    fn commands_are_completed_at_the_beginning() {
        assert_eq!(completed("/na"), some(0, &["/names "]));
        assert_eq!(completed("/N"), some(0, &["/names ", "/nick "]));
        assert_eq!(completed("/xyz"), None);
        assert_eq!(completed("//na"), None, "it is said");
        assert_eq!(completed("see /na"), None);
    }

    #[test]
    fn who_spoke_last_comes_first_and_everybody_once() {
        let mut names = Names::new(&PublicKey([99; 32]), Nick::new("me").unwrap(), Known::default());
        let mut own_second = sample::peer(2, "bob");
        let peers = [sample::peer(1, "carol"), own_second.clone(), sample::peer(3, "Alice"), sample::peer(4, "dave")];
        peers.iter().for_each(|peer| names.see(peer));
        let mut speakers = Speakers::default();
        let shown = |speakers: &Speakers| {
            speakers
                .names(&names, &peers)
                .iter()
                .map(|name| name.trim_start_matches('?').to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(&speakers), ["Alice", "bob", "carol", "dave"]);
        [4, 1, 4].into_iter().for_each(|number| speakers.note(sample::run(number)));
        assert_eq!(shown(&speakers), ["dave", "carol", "Alice", "bob"]);
        own_second.run = sample::run(5);
        let twice = [peers[1].clone(), own_second];
        assert_eq!(speakers.names(&names, &twice).len(), 1);
        (10..1000).for_each(|number| speakers.note(sample::run(number)));
        assert_eq!(speakers.runs.len(), SPEAKERS_MAX);
    }
}

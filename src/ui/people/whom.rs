//! Whom do the words mean that were typed for somebody? Never guessed: where they may mean several, all are named.

use cooee::node::Peer;
use cooee::trust::Fingerprint;
use cooee::wire::Run;

use crate::ui::people::names::Names;
use crate::ui::safe::{Safe, caseless};

/// Somebody whom words can mean: a key, or a run that has none.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// How he is called.
    pub(crate) name: Safe,
    pub(crate) who: Who,
    /// His nick as it was sent.
    pub(crate) nick: String,
    /// His runs that are there.
    pub(crate) peers: Vec<Peer>,
}

/// By what somebody is told from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Key(Fingerprint),
    /// He has no key: a run by itself.
    Run(Run),
}

/// Everybody who is there or was ever met; somebody who goes by several nicks stands here with each.
pub(crate) fn everybody(names: &Names, peers: &[Peer]) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for peer in peers {
        let who = peer.signer.map_or(Who::Run(peer.run), |key| Who::Key(key.fingerprint()));
        let name = names.peer(peer);
        match people.iter_mut().find(|person| person.who == who && person.name == name) {
            Some(person) => person.peers.push(peer.clone()),
            None => people.push(Person { name, who, nick: peer.profile.nick.to_string(), peers: vec![peer.clone()] }),
        }
    }
    let present = people.len();
    for (fingerprint, known) in names.known.iter() {
        for nick in known.nicks() {
            let (name, who) = (names.known_name(nick, fingerprint), Who::Key(fingerprint));
            if !people[..present].iter().any(|person| person.who == who && person.name == name) {
                people.push(Person { name, who, nick: nick.to_owned(), peers: Vec::new() });
            }
        }
    }
    people
}

/// Whom the words mean: a name as it is shown, a nick, a nick with the first groups of a fingerprint, the id of a run
/// that has no key, or a beginning of any of these that only one has. The error tells who else may be meant.
pub(crate) fn find(typed: &str, people: &[Person]) -> Result<Person, String> {
    only(typed, whole(typed, people).or_else(|| beginning(typed, people.iter())), BY_NAMES)
}

/// Where it can be looked up who is there.
const BY_NAMES: &str = "/names tells who is here";
const BY_PEERS: &str = "cooee peers tells who is there";

/// Where somebody is named to whom something is to be said alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// In the chat: the beginning of a name will do too, where only one who is there has it.
    InChat,
    /// In a command, as a script may give it that does not know who is there: nothing but a whole name.
    InCommand,
}

/// Somebody who is there and to whom something can be said alone. What is said cannot be taken back: so whoever was met
/// under these very words but is not there, or signs nothing, is not passed over for somebody else.
pub(crate) fn reader(typed: &str, people: &[Person], how: Typed) -> Result<Person, String> {
    let there = || people.iter().filter(|person| !person.peers.is_empty());
    let person = match how {
        Typed::InChat => only(typed, whole(typed, people).or_else(|| beginning(typed, there())), BY_NAMES),
        Typed::InCommand => only(typed, whole(typed, people), BY_PEERS),
    }?;
    match person.who {
        Who::Run(_) => Err(format!("{} signs nothing: nothing can be said to him alone", person.name)),
        Who::Key(_) if person.peers.is_empty() => Err(format!("{} is not here", person.name)),
        Who::Key(_) => Ok(person),
    }
}

/// Somebody who is there, by a whole name, as a script may give it.
pub(crate) fn present(typed: &str, people: &[Person]) -> Result<Person, String> {
    let person = only(typed, whole(typed, people), BY_PEERS)?;
    if person.peers.is_empty() { Err(format!("{} is not here", person.name)) } else { Ok(person) }
}

/// Those whose name the words are; where they are nobody's, those whose nick they are, with or without a key.
fn whole<'a>(typed: &str, people: &'a [Person]) -> Option<Vec<&'a Person>> {
    let wanted = caseless(typed.trim());
    let is_name = |person: &&Person| caseless(person.name.as_str()) == wanted;
    let is_nick = |person: &&Person| spellings(person).iter().any(|spelling| is_whole(person.who, spelling, &wanted));
    some(people.iter().filter(is_name)).or_else(|| some(people.iter().filter(is_nick)))
}

/// Those whose name begins with the words, or anything else that may be typed for them.
fn beginning<'a>(typed: &str, people: impl Iterator<Item = &'a Person>) -> Option<Vec<&'a Person>> {
    let wanted = caseless(typed.trim());
    some(people.filter(|person| {
        spellings(person).iter().any(|s| s.starts_with(&wanted)) || caseless(person.name.as_str()).starts_with(&wanted)
    }))
}

fn some<'a>(people: impl Iterator<Item = &'a Person>) -> Option<Vec<&'a Person>> {
    Some(people.collect()).filter(|found: &Vec<_>| !found.is_empty())
}

/// The only one of those who were found; the error names them where they are several.
fn only(typed: &str, found: Option<Vec<&Person>>, hint: &str) -> Result<Person, String> {
    let found = found.unwrap_or_default();
    // Of somebody who goes by several nicks that will do, the one by which he is there.
    let best = found.iter().find(|person| !person.peers.is_empty()).or(found.first());
    match best {
        None => Err(format!("nobody is called {}; {hint}", Safe::name(typed, "so"))),
        Some(best) if found.iter().all(|person| person.who == best.who) => Ok((**best).clone()),
        Some(_) => {
            let mut choices: Vec<String> = found.into_iter().map(choice).collect();
            choices.sort();
            choices.dedup();
            Err(format!("{} may be {}", Safe::name(typed, "that"), choices.join(" or ")))
        }
    }
}

/// What may be typed for somebody beside his name, whole or in part.
fn spellings(person: &Person) -> Vec<String> {
    match person.who {
        Who::Key(fingerprint) => vec![caseless(&format!("{}#{fingerprint}", Safe::nick(&person.nick, "")))],
        Who::Run(run) => vec![caseless(Safe::nick(&person.nick, "").as_str()), run.peer.to_string()],
    }
}

/// Whether the words are one of his spellings; of a key, the last groups may be left out, or all.
fn is_whole(who: Who, spelling: &str, wanted: &str) -> bool {
    spelling.strip_prefix(wanted).is_some_and(|rest| {
        let is_key = |rest: &str| rest.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        rest.is_empty() || matches!(who, Who::Key(_)) && rest.strip_prefix(['#', '-']).is_some_and(is_key)
    })
}

/// A name that can be typed, with what tells him apart from others who are called the same.
fn choice(person: &Person) -> String {
    match (person.who, person.peers.first()) {
        (Who::Run(run), Some(peer)) => format!("{} ({}, {})", person.name, run.peer, peer.address),
        (Who::Key(_), None) => format!("{} (not here)", person.name),
        _ => person.name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use cooee::node::Event;
    use cooee::time::UnixMillis;
    use cooee::trust::PublicKey;
    use cooee::wire::Nick;

    use super::*;
    use crate::ui::people::known::Known;
    use crate::ui::sample;

    fn peer(number: u64, nick: &'static str, key: u8) -> Peer {
        Peer { signer: (key > 0).then_some(PublicKey([key; 32])), ..sample::peer(number, nick) }
    }

    fn group(key: u8) -> String {
        PublicKey([key; 32]).fingerprint().to_string()[..4].to_owned()
    }

    /// Whom the words mean, of these; or the error.
    fn found(peers: &[Peer], typed: &str) -> Result<Who, String> {
        let mut names = Names::new(&PublicKey([99; 32]), Nick::new("me").unwrap(), Known::default());
        peers.iter().for_each(|peer| names.see(peer));
        find(typed, &everybody(&names, peers)).map(|person| person.who)
    }

    fn key(key: u8) -> Result<Who, String> {
        Ok(Who::Key(PublicKey([key; 32]).fingerprint()))
    }

    #[test]
    fn a_name_or_its_beginning_will_do() {
        let peers = [
            peer(1, "Alice", 1),
            peer(2, "alfred", 2),
            peer(3, "carol", 0),
            peer(4, "Alice", 1),
            peer(5, "carol-ann", 0),
            peer(6, "alice-1", 3),
        ];
        assert_eq!(found(&peers, " alice "), key(1), "two runs, one key");
        assert_eq!(found(&peers, "alf"), key(2));
        assert_eq!(found(&peers, &format!("ALICE#{}", group(1))), key(1));
        for typed in ["?carol", "carol", &sample::run(3).peer.to_string()] {
            assert_eq!(found(&peers, typed), Ok(Who::Run(sample::run(3))), "{typed}");
        }
        assert_eq!(found(&peers, "?CAROL-"), Ok(Who::Run(sample::run(5))));
        assert_eq!(found(&peers, "al"), Err("al may be Alice or alfred or alice-1".to_owned()));
        assert_eq!(found(&peers, "bob"), Err("nobody is called bob; /names tells who is here".to_owned()));
    }

    #[test]
    fn of_several_with_one_nick_none_is_guessed() {
        let peers = [peer(1, "alice", 1), peer(2, "alice", 2), peer(3, "alice", 0), peer(4, "alice", 0)];
        let mut names = [1, 2].map(|key| format!("alice#{}", group(key)));
        names.sort();
        let problem = found(&peers, "alice").unwrap_err();
        assert!(problem.contains(&names.join(" or ")), "{problem}");
        assert!(problem.contains("?alice (0000000000000003, 192.0.2.7:26634)"), "{problem}");
        assert_eq!(found(&peers, &format!("alice#{}", group(2))), key(2));
        assert_eq!(found(&peers, "0000000000000004"), Ok(Who::Run(sample::run(4))));
    }

    /// To whom something said alone would go, of these, where those of `met` were met before and have gone.
    fn read_by(peers: &[Peer], met: &[Peer], typed: &str, how: Typed) -> Result<Who, String> {
        let mut names = Names::new(&PublicKey([99; 32]), Nick::new("me").unwrap(), Known::default());
        for peer in met {
            names.note(&Event::Joined(peer.clone()), UnixMillis(0));
            names.drop_run(peer.run);
        }
        peers.iter().for_each(|peer| names.see(peer));
        reader(typed, &everybody(&names, peers), how).map(|person| person.who)
    }

    #[test]
    fn what_is_said_to_one_alone_never_goes_to_another() {
        let (alice, carol) = (peer(1, "alice", 1), peer(3, "carol", 0));
        let peers = [alice.clone(), peer(2, "bobby", 2), carol, peer(4, "carol-ann", 4)];
        let chat = |met: &[Peer], typed: &str| read_by(&peers, met, typed, Typed::InChat);
        assert_eq!(chat(&[], "ALICE"), key(1));
        assert_eq!(chat(&[], "bob"), key(2), "the only one who is here");
        assert_eq!(chat(&[peer(5, "boris", 5)], "bo"), key(2), "the other has gone");
        assert_eq!(chat(&[peer(5, "Bob", 5)], "bob"), Err("Bob is not here".to_owned()), "it is his whole name");
        let refused = Err("?carol signs nothing: nothing can be said to him alone".to_owned());
        assert_eq!((chat(&[], "carol"), chat(&[], "?carol")), (refused.clone(), refused));
        assert_eq!(
            chat(&[], "car"),
            Err("car may be ?carol (0000000000000003, 192.0.2.7:26634) or carol-ann".to_owned())
        );
        // Another one, who is not here, had the nick too.
        let problem = chat(&[peer(5, "alice", 5)], "alice").unwrap_err();
        let (here, gone) = (format!("alice#{}", group(1)), format!("alice#{} (not here)", group(5)));
        assert!(problem.contains(&here) && problem.contains(&gone), "{problem}");
        assert_eq!(chat(&[peer(5, "alice", 5)], &here), key(1));

        let command = |typed: &str| read_by(&peers, &[], typed, Typed::InCommand);
        assert_eq!((command("bobby"), command(&here)), (key(2), key(1)));
        assert_eq!(command("bob"), Err("nobody is called bob; cooee peers tells who is there".to_owned()));
    }

    #[test]
    fn nobody_gets_in_between_by_a_nick_with_a_number_sign() {
        let trick: &'static str = format!("alice#{}", group(1)).leak();
        let peers = [peer(1, "alice", 1), peer(2, trick, 2), peer(3, "bob", 3), peer(4, "?bob", 4)];
        assert_eq!(found(&peers, "alice"), key(1));
        assert_eq!(found(&peers, trick), key(1), "whose fingerprint it is");
        assert_eq!(found(&peers, &format!("alice_{}", group(1))), key(2), "as he is shown");
        assert_eq!(found(&peers, "bob"), key(3));
        assert_eq!(found(&peers, "_bob"), key(4));
    }
}

use cooee::node::Departure;
use cooee::wire::SeqRange;

use super::*;
use crate::ui::sample::{self, run};

const NOW: UnixMillis = UnixMillis(1_795_442_520_000);
const OWN: u8 = 99;

fn names() -> Names {
    Names::new(&PublicKey([OWN; 32]), Nick::new("me").unwrap(), Known::default())
}

fn fingerprint(key: u8) -> Fingerprint {
    PublicKey([key; 32]).fingerprint()
}

/// A run of that number, nick and key; 0 is none.
fn peer(number: u64, nick: &'static str, key: u8) -> Peer {
    Peer { signer: (key > 0).then_some(PublicKey([key; 32])), ..sample::peer(number, nick) }
}

fn join(names: &mut Names, peer: &Peer) -> Option<String> {
    names.note(&Event::Joined(peer.clone()), NOW).impostor
}

fn marked(nick: &str, key: u8) -> String {
    format!("{nick}#{}", beginning(fingerprint(key), 1))
}

#[test]
fn who_signs_goes_by_his_nick_and_who_does_not_is_marked() {
    let mut names = names();
    let (alice, carol) = (peer(1, "alice", 1), peer(2, "carol", 0));
    assert_eq!((join(&mut names, &alice), join(&mut names, &carol)), (None, None));
    assert_eq!((names.peer(&alice).as_str(), names.peer(&carol).as_str()), ("alice", "?carol"));
    let gap = |nick, signer| {
        names.gap(&Gap { author: run(0xb0b), signer, nick, range: SeqRange::one(cooee::wire::Seq::FIRST) })
    };
    assert_eq!(gap(None, None).as_str(), "0000000000000b0b");
    assert_eq!(gap(Nick::new("x").ok(), None).as_str(), "?x");
    assert_eq!(gap(Nick::new("x").ok(), Some(PublicKey([1; 32]))).as_str(), "x");
}

#[test]
fn of_two_keys_with_one_nick_both_are_marked_and_the_second_is_told_of_once() {
    let mut names = names();
    let (alice, other) = (peer(1, "alice", 1), peer(2, "ALICE", 2));
    assert_eq!(join(&mut names, &alice), None);
    let told = join(&mut names, &other).unwrap();
    let first = beginning(fingerprint(1), 1);
    let shown = marked("ALICE", 2);
    let expected = format!("ALICE is not the ALICE known since 2026-11-23 ({first}-…): another key, shown as {shown}");
    assert_eq!(told, expected);
    assert_eq!(names.peer(&alice).as_str(), marked("alice", 1));
    let again = peer(3, "alice", 2);
    assert_eq!(join(&mut names, &again), None, "it is known by now");
    names.note(&Event::Left(other.clone(), Departure::Goodbye), NOW);
    names.note(&Event::Left(again, Departure::Goodbye), NOW);
    assert_eq!(names.peer(&alice).as_str(), marked("alice", 1), "who was met is remembered");
    assert_eq!(join(&mut names, &other), None);
}

#[test]
fn a_verified_peer_whose_nick_is_taken_is_told_as_such() {
    let mut names = names();
    join(&mut names, &peer(1, "alice", 1));
    names.known.mark(fingerprint(1), "alice", NOW, |marks| marks.verified = true).unwrap();
    let eve = peer(2, "eve", 2);
    let changed = Event::Changed { peer: peer(2, "alice", 2), before: Box::new(eve.profile) };
    let told = names.note(&changed, NOW).impostor;
    assert!(told.unwrap().starts_with("alice is not the verified alice known since 2026-11-23 ("));
}

#[test]
fn whoever_takes_ones_own_nick_is_marked_but_not_ones_own_other_run() {
    let mut names = names();
    let (own, other) = (peer(1, "me", OWN), peer(2, "me", 2));
    join(&mut names, &own);
    assert_eq!(names.peer(&own).as_str(), "me");
    assert_eq!(join(&mut names, &other), None, "the chat tells of it in its own words");
    assert_eq!((names.peer(&own).as_str(), names.peer(&other).as_str()), (&*marked("me", OWN), &*marked("me", 2)));
    assert!(names.known.peer(fingerprint(OWN)).is_none(), "one need not remember oneself");
    names.rename(Nick::new("bob").unwrap());
    let bob = peer(3, "bob", 3);
    join(&mut names, &bob);
    assert_eq!(names.peer(&bob).as_str(), marked("bob", 3));
}

#[test]
fn who_is_only_seen_is_forgotten_when_he_goes() {
    let mut names = names();
    let (alice, other) = (peer(1, "alice", 1), peer(2, "alice", 2));
    [&alice, &other, &other].into_iter().for_each(|peer| names.see(peer));
    assert_eq!(names.peer(&alice).as_str(), marked("alice", 1));
    names.drop_run(other.run);
    assert_eq!(names.peer(&alice).as_str(), "alice");
    names.see(&peer(1, "ann", 1));
    assert_eq!(names.peer(&other).as_str(), "alice", "nobody else goes by it any more");
    names.drop_run(alice.run);
    assert_eq!(names.holders.len(), 1, "only oneself is left");
}

#[test]
fn nobody_can_mark_himself_as_another() {
    let names = names();
    for nick in ["alice#7f3a", "alice＃7f3a", "?carol", "？carol", "#"] {
        let name = names.name(&Nick::new(nick).unwrap(), Some(PublicKey([1; 32])), run(1));
        assert!(!name.as_str().contains(['#', '?']), "{name}");
        let unsigned = names.name(&Nick::new(nick).unwrap(), None, run(1));
        assert!(unsigned.as_str().starts_with('?') && !unsigned.as_str()[1..].contains(['#', '?']), "{unsigned}");
    }
    let invisible = names.name(&Nick::new("\u{200b}").unwrap(), Some(PublicKey([1; 32])), run(0xb0b));
    assert_eq!(invisible.as_str(), marked("0000000000000b0b", 1), "somebody may have taken the id for a nick");
    assert_eq!(names.name(&Nick::new("a\u{202e}b").unwrap(), None, run(1)).as_str(), "?ab");
}

#[test]
fn as_many_groups_are_shown_as_tell_keys_apart() {
    let like = |bytes: [u8; 5]| {
        let mut all = [0; 16];
        all[..5].copy_from_slice(&bytes);
        Fingerprint(all)
    };
    let (one, two, three) = (like([1, 1, 2, 2, 3]), like([1, 1, 2, 3, 3]), like([1, 1, 2, 2, 4]));
    assert_eq!(groups(one, []), 0);
    assert_eq!(groups(one, [one]), 0);
    assert_eq!(groups(one, [one, like([1, 2, 2, 2, 3])]), 1);
    assert_eq!((groups(one, [one, two]), beginning(one, 2)), (2, "0101-0202".to_owned()));
    assert_eq!(groups(one, [two, three]), 3);
    assert_eq!(groups(two, [one, three]), 2);
}

/// Names are looked up by what is equal of them, and compared by `same_name`: both have to agree.
#[test]
fn what_is_folded_is_equal_where_the_names_are_the_same() {
    let long = "x".repeat(30);
    let other = format!("{long}y");
    let nicks =
        ["Straße", "STRASSE", "strasse", "a\u{301}", "á", "Á", "\u{200b}", "", "田中", " a  b ", "a b", &long, &other];
    for a in nicks {
        for b in nicks {
            assert_eq!(folded(a).is_some() && folded(a) == folded(b), same_name(a, b), "{a:?}, {b:?}");
        }
    }
}

#[test]
fn ignoring_goes_by_key_and_without_one_by_run() {
    let mut names = names();
    let (alice, carol) = (peer(1, "alice", 1), peer(2, "carol", 0));
    join(&mut names, &alice);
    names.known.mark(fingerprint(1), "alice", NOW, |marks| marks.ignored = true).unwrap();
    assert!(names.ignores(alice.signer, run(7)) && !names.ignores(None, run(1)));
    assert!(names.ignore_run(carol.run, true));
    assert!(names.ignores(None, carol.run) && !names.ignores(None, run(3)));
    assert_eq!(names.standing(None, carol.run).marks, Marks { verified: false, ignored: true });
    assert!(names.ignore_run(carol.run, false) && !names.ignores(None, carol.run));
}

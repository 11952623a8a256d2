//! History and notes.

use std::collections::BTreeSet;
use std::time::Duration;

use cooee::node::Event;
use cooee::wire::{Beacon, Counter, Digest, Held, HistoryRequest, Message, Notes, Wanted};

use super::{list, on_page};
use crate::lab::{ITSELF, Lab, Sent, beacon_with_digest, line, quiet_beacon, run, seq};

const HISTORY: u32 = 50;

fn request(wanted: Wanted) -> Message<'static> {
    Message::HistoryRequest(Counter(1), HistoryRequest { to_all: false, asked: run(ITSELF), wanted })
}

fn notes(answers: Wanted, held: &[Held]) -> Message<'static> {
    Message::Notes(Counter(1), Notes::of(answers, held.iter().copied()))
}

/// The requests that are sent in so many milliseconds.
fn requests(lab: &mut Lab, millis: u64) -> Vec<Sent> {
    lab.pass_millis(millis).iter().filter(|sent| sent.is_request()).cloned().collect()
}

/// The milliseconds between each and the next one.
fn waits(sent: &[Sent]) -> Vec<u64> {
    let wait = |two: &[Sent]| two[1].at.since(two[0].at).as_millis();
    sent.windows(2).map(|two| u64::try_from(wait(two)).unwrap()).collect()
}

fn unicast(sent: &[Sent]) -> usize {
    let unicast = sent.iter().take_while(|sent| !sent.asks_all()).count();
    assert!(sent[unicast..].iter().all(Sent::asks_all), "then to all");
    unicast
}

fn is_line(event: &Event) -> bool {
    matches!(event, Event::Line(_))
}

#[test]
fn of_history() {
    let mut lab = Lab::with_history(1, HISTORY);
    lab.hear(1, line(1));
    on_page("holder waited for", &format!("{} ms", lab.millis_until(is_line)));

    let mut lab = Lab::with_history(1, HISTORY);
    lab.hear(1, beacon_with_digest(1, 7));
    let asked = requests(&mut lab, 500);
    let asked_for = |sent: &&Sent| matches!(sent.message(), Message::HistoryRequest(_, request) if request.wanted == Wanted::LastLines(HISTORY));
    let asked: Vec<_> = asked.iter().filter(asked_for).cloned().collect();
    let apart: BTreeSet<_> = waits(&asked).into_iter().collect();
    on_page("history asked for", &format!("{} times, {} ms apart", asked.len(), list(apart.into_iter())));
    on_page("history by unicast", &format!("{} times", unicast(&asked)));

    let mut lab = Lab::with_history(1, HISTORY);
    lab.hear(1, beacon_with_digest(1, 7));
    lab.pass_millis(1);
    lab.hear(2, line(1));
    let held = Held { author: run(9), last: seq(1), from: Some(seq(1)) };
    lab.hear(1, notes(Wanted::LastLines(HISTORY), &[held]));
    on_page("history waited for", &format!("{} ms", lab.millis_until(is_line)));

    let mut lab = Lab::with_peers(1, 1);
    (1..=1500).for_each(|number| lab.hear(1, line(number)));
    lab.hear(2, request(Wanted::LastLines(u32::MAX)));
    let told = lab.pass_millis(1).iter().find_map(|sent| match sent.message() {
        Message::Notes(_, notes) => Some(notes.iter().map(|held| held.range().unwrap().len()).sum::<u32>()),
        _ => None,
    });
    on_page("lines in history", &format!("{} at most", told.unwrap()));
}

#[test]
fn of_comparing() {
    let first_wait = |seed| {
        let mut lab = Lab::with_peers(seed, 1);
        lab.hear(1, beacon_with_digest(2, 7));
        let begun = lab.now;
        requests(&mut lab, 1000)[0].at.since(begun).as_secs_f64() * 1000.0
    };
    let first: Vec<_> = (1..300).map(first_wait).collect();
    let round = |wait: f64| (wait / 10.0).round() * 10.0;
    let (least, most) =
        (round(first.iter().copied().fold(f64::MAX, f64::min)), round(first.iter().copied().fold(0.0, f64::max)));
    on_page("digest looked into", &format!("after {least} to {most} ms"));

    let mut lab = Lab::with_peers(1, 2);
    lab.hear(1, beacon_with_digest(2, 7));
    let asked = requests(&mut lab, 10_000);
    on_page("notes asked for again", &format!("after {} ms", list(waits(&asked).into_iter())));
    on_page("notes by unicast", &format!("{} times", unicast(&asked)));

    (1..=2).for_each(|peer| lab.hear(peer, beacon_with_digest(3, 8)));
    let first = (0..1000).find(|_| !requests(&mut lab, 1).is_empty());
    assert!(first.is_some(), "it asks");
    lab.hear(1, notes(Wanted::AllAuthors { but_for: 0 }, &[]));
    let answered = lab.now;
    let pause = requests(&mut lab, 10_000)[0].at.since(answered).as_millis();
    on_page("between comparisons", &format!("{pause} ms"));
}

/// Of whom lines are known is what the page says: also by a beacon alone, and not by notes alone.
#[test]
fn of_digests() {
    let mut lab = Lab::with_peers(1, 1);
    lab.hear(1, line(1));
    lab.hear(7, line(3));
    lab.hear(8, Message::Beacon(Counter(1), Beacon { last_seq: Some(seq(9)), ..quiet_beacon() }));
    lab.say("x");
    let ours = [(1, 1), (7, 3), (8, 9), (ITSELF, 1)];
    lab.hear(1, beacon_with_digest(2, 7));
    requests(&mut lab, 301);
    let held = Held { author: run(1), last: seq(5), from: Some(seq(5)) };
    lab.hear(1, notes(Wanted::AllAuthors { but_for: 0 }, &[held]));
    let digest = |sent: &Sent| match sent.message() {
        Message::Beacon(_, beacon) => Some(beacon.digest),
        _ => None,
    };
    let told = lab.pass(Duration::from_secs(8)).iter().rev().find_map(digest);
    assert_eq!(told, Some(Digest::of(ours.into_iter().map(|(author, highest)| (run(author), seq(highest))))));
}

#[test]
fn of_notes() {
    let mut lab = Lab::with_peers(1, 1);
    let asked = |lab: &mut Lab, wait| {
        lab.hear(2, request(Wanted::LastLines(1)));
        lab.pass(wait).iter().filter(|sent| sent.is_notes()).count()
    };
    let at_once = (0..).find(|_| asked(&mut lab, Duration::ZERO) == 0).unwrap();
    let later: usize = (0..10_000).map(|_| asked(&mut lab, Duration::from_millis(1))).sum();
    on_page("notes", &format!("{at_once} at once, then {} a second", (later as f64 / 10.0).round()));

    let mut lab = Lab::with_peers(1, 1);
    (1..=500).for_each(|author| lab.hear(author, line(1)));
    lab.say("x");
    lab.pass(Duration::from_secs(10));
    let (mut authors, mut but_for, mut more) = (BTreeSet::new(), 0, true);
    while more {
        lab.hear(2, request(Wanted::AllAuthors { but_for }));
        let sent = lab.pass_millis(100).iter().find(|sent| sent.is_notes()).unwrap();
        let Message::Notes(_, notes) = sent.message() else { unreachable!() };
        assert_eq!(notes.answers(), Wanted::AllAuthors { but_for });
        authors.extend(notes.iter().map(|held| held.author));
        (but_for, more) = (but_for + notes.count(), notes.more());
    }
    assert!(authors.remove(&run(ITSELF)));
    on_page("authors in a digest", &format!("{} and oneself", authors.len()));
}

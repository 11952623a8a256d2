//! Who has shown that he is there, and how much is looked into.

use std::time::Duration;

use cooee::node::{Arrival, Command, Event};
use cooee::time::UnixMillis;
use cooee::trust::SecretKey;
use cooee::wire::{Ack, Counter, Epoch, Hears, Identity, Lines, Manner, Message, Nick, Part, Room, RoomName, Run};

use super::{list, on_page};
use crate::lab::{ITSELF, Lab, Sent, beacon_that_names, encoded, line, millis, quiet_beacon, run, seq, signer};

/// A beacon of somebody who has not heard of the lab.
fn unproven() -> Message<'static> {
    Message::Beacon(Counter(1), quiet_beacon())
}

/// Whether a datagram is a beacon that names this run.
fn names(sent: &Sent, run: Run) -> bool {
    matches!(sent.message(), Message::Beacon(counter, beacon) if beacon.heard.tells_of(run, counter) == Hears::Surely)
}

fn is_question(sent: &&Sent) -> bool {
    !sent.is_to_all() && sent.is_hello()
}

#[test]
fn of_proof() {
    let mut lab = Lab::with_peers(1, 1);
    lab.hear_signed(7, unproven());
    assert_eq!(lab.node.peers().len(), 1, "it is not listed");
    let begun = millis(lab.now);
    let asked = lab.pass(Duration::from_secs(20)).iter().filter(is_question).map(|sent| millis(sent.at) - begun);
    on_page("proof asked for", &format!("{} ms after the first beacon", list(asked)));
    for _ in 0..2 {
        lab.hear_signed(7, unproven());
        let begun = millis(lab.now);
        let asked = lab.pass(Duration::from_secs(20)).iter().filter(is_question).map(|sent| millis(sent.at) - begun);
        on_page("asked then", &format!("{} ms after a later beacon", list(asked)));
    }
    lab.hear_signed(7, beacon_that_names(2, &[run(ITSELF)]));
    assert_eq!(lab.node.peers().len(), 2);
    assert_eq!(lab.pass(Duration::from_secs(20)).iter().filter(is_question).count(), 0, "it has shown it");
}

#[test]
fn of_naming() {
    let is_named_after = |wait: &u64| {
        let mut lab = Lab::with_peers(1, 1);
        lab.hear_signed(7, unproven());
        lab.pass_millis(*wait);
        lab.node.handle_command(lab.now, Command::Rename(Nick::new("m").unwrap())).unwrap();
        let begun = lab.now;
        let sent = lab.pass(Duration::ZERO);
        let call = sent.iter().find(|sent| sent.is_to_all() && sent.at == begun).unwrap();
        names(call, signer(7).run())
    };
    let first = (0..1000).find(|wait| !is_named_after(wait)).unwrap();
    on_page("named without proof", &format!("for {first} ms"));

    let waits_for_name = |unnamed: &u8| {
        let mut lab = Lab::with_peers(1, 157);
        lab.pass(Duration::from_secs(1));
        (1..=*unnamed).for_each(|key| lab.hear_signed(key, unproven()));
        let begun = millis(lab.now);
        let named = |sent: &&Sent| sent.is_to_all() && (1..=*unnamed).all(|key| names(sent, signer(key).run()));
        lab.pass_millis(190).iter().find(named).map(|sent| millis(sent.at) - begun)
    };
    let (fewest, wait) = (1..100).find_map(|unnamed| Some((unnamed, waits_for_name(&unnamed)?))).unwrap();
    on_page("named soon", &format!("from {fewest} unnamed, after {wait} ms"));
}

/// The peers that sign, of whom there are more than a byte can tell.
fn crowd() -> impl Iterator<Item = Identity> {
    (0_u64..).map(|number| {
        let mut secret = [9; SecretKey::LEN];
        secret[..8].copy_from_slice(&number.to_be_bytes());
        let room = Room::open(&RoomName::new("lobby").unwrap());
        Identity::signed(SecretKey::from_bytes(&secret), Epoch(1), &room)
    })
}

#[test]
fn of_questions() {
    let mut lab = Lab::with_peers(1, 1);
    lab.hear_signed(1, beacon_that_names(1, &[run(ITSELF)]));
    let mut crowd = crowd();
    crowd.by_ref().take(300).for_each(|peer| lab.hear_bytes(1, &encoded(&peer, unproven())));
    let questions = |sent: &[Sent]| sent.iter().filter(is_question).count();
    let at_once = questions(lab.stand_still(Duration::from_millis(200)));
    let later: usize = crowd
        .take(1000)
        .map(|peer| {
            lab.hear_bytes(1, &encoded(&peer, unproven()));
            questions(lab.pass_millis(5))
        })
        .sum();
    on_page("questions for proof", &format!("{at_once} at once, then {} a second", later / 5));
}

#[test]
fn of_what_tells_nothing_new() {
    let is_passed_over_after = |millis: &u64| {
        let mut lab = Lab::with_peers(1, 1);
        lab.hear_signed(7, beacon_that_names(1, &[run(ITSELF)]));
        lab.pass_millis(*millis);
        lab.hear_signed(7, beacon_that_names(2, &[run(ITSELF)]));
        lab.node.stats().nothing_new == 1
    };
    let until = (0..5000).step_by(10).find(|millis| !is_passed_over_after(millis)).unwrap();
    on_page("nothing new passed over", &format!("until {until} ms after a beacon"));
}

#[test]
fn of_counters() {
    const HIGHEST: u32 = 1000;
    let lab_that_heard = |counters: &[u32]| {
        let mut lab = Lab::with_peers(1, 1);
        counters.iter().for_each(|counter| {
            lab.hear_signed(7, beacon_that_names(*counter, &[run(ITSELF)]));
            // One right behind it that tells the same would not be looked at.
            lab.pass(Duration::from_secs(2));
        });
        lab
    };
    let is_passed_over = |lab: &mut Lab, counter| {
        let before = lab.node.stats().stale;
        let ack = Ack { author: run(ITSELF), up_to: seq(1), lost: 0 };
        lab.hear_signed(7, Message::Ack(Counter(counter), ack));
        lab.node.stats().stale > before
    };
    let fits = |below: &u32| !is_passed_over(&mut lab_that_heard(&[1, HIGHEST]), HIGHEST - below);
    // The highest one is remembered, too.
    let remembered = (1..500).take_while(fits).count() + 1;
    on_page("counters remembered", &remembered.to_string());
    let mut lab = lab_that_heard(&[1, HIGHEST]);
    let came = [HIGHEST - 2, HIGHEST - 1, HIGHEST - 2, HIGHEST - 1, HIGHEST, HIGHEST + 1];
    let passed_over = came.map(|counter| is_passed_over(&mut lab, counter));
    assert_eq!(passed_over, [false, false, true, true, true, false], "each is taken once");
    assert!(is_passed_over(&mut lab_that_heard(&[HIGHEST]), HIGHEST - 1), "that was before the proof");
}

/// How many of what has to be checked are looked into: so many from each address at once, and then in a second.
fn admitted(lab: &mut Lab, hosts: &[u8]) -> String {
    // Its key is not that of its author, which is noticed without a look at the signature.
    let mut bad = encoded(&signer(1), unproven());
    bad[23] ^= 1;
    let mut hosts = hosts.iter().cycle();
    let mut looked_into = |lab: &mut Lab, times: usize| {
        let before = lab.node.stats().too_fast;
        hosts.by_ref().take(times).for_each(|host| lab.hear_bytes(*host, &bad));
        times as u64 - (lab.node.stats().too_fast - before)
    };
    let at_once = looked_into(lab, 3000);
    let mut later = 0;
    for _ in 0..2000 {
        lab.now += Duration::from_millis(1);
        later += looked_into(lab, 4);
    }
    format!("{at_once} at once, then {} a second", (later as f64 / 20.0).round() * 10.0)
}

/// How many datagrams of new lines from a known address are looked into in a second, when all that may come at once has.
fn new_lines_admitted() -> u64 {
    let mut lab = Lab::with_peers(1, 1);
    lab.hear_signed(9, beacon_that_names(1, &[run(ITSELF)]));
    let mut refused = Vec::new();
    for number in 1..=20_000 {
        // 20,000 a second.
        lab.now += Duration::from_micros(50);
        lab.hear_signed(9, line(number));
        lab.pass(Duration::ZERO);
        refused.push(lab.node.stats().too_fast);
    }
    let in_half_a_second = 10_000 - (refused[19_999] - refused[9_999]);
    (in_half_a_second as f64 / 50.0).round() as u64 * 100
}

#[test]
fn of_floods() {
    let mut lab = Lab::with_peers(1, 1);
    lab.hear_signed(9, beacon_that_names(1, &[run(ITSELF)]));
    lab.pass(Duration::from_secs(5));
    on_page("from a known address", &admitted(&mut lab, &[9]));
    on_page("from another one", &admitted(&mut Lab::with_peers(1, 1), &[9]));
    on_page("new lines besides", &format!("{} datagrams a second", new_lines_admitted() - 2000));
    let hosts: Vec<u8> = (10..=250).collect();
    on_page("from all others", &admitted(&mut Lab::with_peers(1, 1), &hosts));
}

#[test]
fn of_lateness() {
    let arrival = |author: Option<u8>, ago: u64| {
        let mut lab = Lab::with_peers(1, 1);
        let time = UnixMillis(quiet_beacon().time.0 + millis(lab.now) - ago);
        let part = Part::new("x").unwrap();
        let lines = Message::Lines(Lines::starting(seq(1), time, Nick::new("n").unwrap(), Manner::default(), &part));
        match author {
            Some(key) => lab.hear_signed(key, lines),
            None => lab.hear(7, lines),
        }
        lab.pass_millis(1);
        lab.events.iter().find_map(|event| match event {
            Event::Line(line) => Some(line.arrival),
            _ => None,
        })
    };
    let oldest = (0..5000).rev().find(|ago| arrival(Some(7), *ago) == Some(Arrival::InTime)).unwrap();
    on_page("late line", &format!("was said over {oldest} ms ago"));
    let hour = 3_600_000;
    assert_eq!((arrival(Some(7), hour), arrival(None, hour)), (Some(Arrival::Late), Some(Arrival::InTime)));
}

//! Acks and repeats.

use std::time::Duration;

use cooee::node::Timer;
use cooee::wire::Message;

use super::{list, on_page};
use crate::lab::{Lab, Sent, line};

#[test]
fn of_acking() {
    let says_that_it_acks = |peers: &u64| {
        let mut lab = Lab::with_peers(1, *peers);
        lab.hear_stranger(1);
        let acks = |sent: &Sent| matches!(sent.message(), Message::Beacon(_, beacon) if beacon.acks);
        lab.pass(Duration::from_secs(1)).iter().any(acks)
    };
    let too_many = (50..).find(|peers| !says_that_it_acks(peers)).unwrap();
    // With itself they are one more than it knows.
    on_page("runs of a room that acks", &format!("{too_many} at most"));

    const PEERS: u32 = 50;
    let mut lab = Lab::with_peers(1, PEERS.into());
    let waits = (1..=300).map(|number| {
        lab.hear(1, line(number));
        let begun = lab.now;
        let sent = lab.pass_millis(200).iter().find(|sent| sent.is_ack()).unwrap();
        sent.at.since(begun).as_secs_f64() * 1000.0
    });
    let waits: Vec<_> = waits.collect();
    let least = waits.iter().copied().fold(f64::MAX, f64::min).round();
    let a_peer = ((waits.iter().copied().fold(0.0, f64::max) - least) / f64::from(PEERS)).round();
    on_page("ack", &format!("after {least} ms, and 0 to {a_peer} ms a peer"));

    let is_acked_after = |gap: &u64| {
        let mut lab = Lab::with_peers(1, 1);
        lab.hear(1, line(1));
        lab.pass_millis(*gap);
        lab.hear(1, line(1));
        lab.pass_millis(500).iter().filter(|sent| sent.is_ack()).count() > 0
    };
    // The first ack has gone by then.
    let acked = (5..).find(is_acked_after).unwrap();
    on_page("copy that is not acked", &format!("within {acked} ms of the first"));

    let mut lab = Lab::with_peers(1, 1);
    let acks: Vec<bool> = (0..5)
        .map(|_| {
            lab.hear(1, line(1));
            lab.pass_millis(500).iter().find(|sent| sent.is_ack()).unwrap().is_to_all()
        })
        .collect();
    let by_unicast = acks.iter().position(|to_all| *to_all).unwrap();
    assert!(acks[by_unicast..].iter().all(|to_all| *to_all));
    on_page("acks by unicast", &format!("{by_unicast} for one line"));

    let least_apart = |micros: u64| {
        let mut lab = Lab::with_peers(1, 1);
        for number in 1..=1000 {
            lab.hear(1, line(number));
            lab.pass(Duration::from_micros(micros));
        }
        let acks: Vec<_> = lab.sent.iter().filter(|sent| sent.is_ack()).map(|sent| sent.at).collect();
        acks.windows(2).map(|two| two[1].since(two[0])).min().unwrap().as_micros()
    };
    let (apart, datagrams) = (least_apart(5000) / 1000, least_apart(10) / 10);
    on_page("acks to an author", &format!("{apart} ms apart at least, or after {datagrams} datagrams"));
}

/// What is sent after a line was said that nobody acks, and after how many microseconds.
fn repeats(lab: &mut Lab) -> Vec<(u128, bool)> {
    lab.say("x");
    let begun = lab.now;
    let lines = lab.pass(Duration::from_secs(60)).iter().filter(|sent| sent.is_lines());
    lines.skip(1).map(|sent| (sent.at.since(begun).as_micros(), sent.is_to_all())).collect()
}

#[test]
fn of_repeating() {
    const LATE: u128 = 12_000_000;
    let all = repeats(&mut Lab::with_hearers(1, 1));
    let (to_one, late): (Vec<_>, Vec<_>) = all.into_iter().partition(|(micros, _)| *micros < LATE);
    assert!(late[0].1, "to all");
    let late_after = (late[0].0 - to_one.last().unwrap().0) / 1000;
    on_page("late repeats", &format!("to all, each {late_after} ms after the one before"));
    let to_all: Vec<_> = (1..).zip(&to_one).filter(|(_, (_, to_all))| *to_all).map(|(number, _)| number).collect();
    assert!(to_all.windows(2).all(|two| two[1] - two[0] == to_all[0]), "{to_all:?}");
    let many = (1..).find(|hearers| repeats(&mut Lab::with_hearers(1, *hearers)).iter().all(|(_, to_all)| *to_all));
    let (each, few) = (to_all[0], many.unwrap() - 1);
    on_page("repeats to all", &format!("each {each}rd, or all where over {few} peers and a quarter are behind"));
    let unacked = repeats(&mut Lab::with_peers(1, 1));
    on_page("repeats", &format!("{}; where nobody acks {}", to_one.len(), unacked.len()));

    let of_many = repeats(&mut Lab::with_hearers(1, 11));
    let later = (of_many[0].0 - to_one[0].0) / 10;
    on_page("repeated later", &format!("by {} ms for each peer that acks", later as f64 / 1000.0));
    let times: Vec<u64> = to_one.iter().map(|(micros, _)| u64::try_from((micros - later) / 1000).unwrap()).collect();
    let waits: Vec<u64> = times.windows(2).map(|two| two[1] - two[0]).collect();
    let every = waits.last().unwrap();
    let steady = waits.iter().position(|wait| wait == every).unwrap();
    assert!(waits[steady..].iter().all(|wait| wait == every), "{waits:?}");
    let first = list(times[..=steady].iter().copied());
    on_page("line repeated", &format!("after {first} ms, then every {every} ms"));
}

/// Whoever drives a node polls first what is to be sent and then what has happened: by the latter, nothing more may come to
/// be sent that no deadline tells of.
#[test]
fn nothing_is_left_to_be_sent_when_all_was_polled() {
    let mut lab = Lab::with_peers(1, 1);
    (1..=3000).for_each(|number| lab.hear(1, line(number)));
    let mut bytes = Vec::new();
    while lab.node.poll_transmit(&mut bytes).is_some() {}
    let told = std::iter::from_fn(|| lab.node.poll_event()).count();
    assert!(told >= 3000, "{told}");
    assert_eq!(lab.node.poll_transmit(&mut bytes), None);
    let deadline = lab.node.poll_timeout().unwrap();
    assert_eq!((deadline.timer, deadline.at), (Timer::Ack, lab.now), "the last of them are to be acked");
}

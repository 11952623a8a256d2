//! Nacks and repairs.

use std::time::Duration;

use cooee::node::{Event, Transmit};
use cooee::time::UnixMillis;
use cooee::wire::{Beacon, Counter, Message};

use super::{list, on_page};
use crate::lab::{ITSELF, Lab, Sent, beacon, line, millis, nack, quiet_beacon, seq};

/// One whose peer 1 has just said a line of this number and none before.
fn lab_with_gap(seed: u64, number: u32) -> Lab {
    let mut lab = Lab::with_peers(seed, 1);
    lab.hear(1, line(number));
    lab
}

fn is_line(number: u32) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::Line(line) if line.seq.number() == number)
}

fn mean(waits: &[f64]) -> f64 {
    waits.iter().sum::<f64>() / waits.len() as f64
}

#[test]
fn of_asking() {
    let rounds = |seed| {
        let mut lab = lab_with_gap(seed, 2);
        let begun = lab.now;
        let asked: Vec<_> = lab.pass(Duration::from_secs(7)).iter().filter(|sent| sent.is_nack()).cloned().collect();
        let times: Vec<f64> = asked.iter().map(|sent| sent.at.since(begun).as_secs_f64() * 1000.0).collect();
        (times, asked.iter().map(Sent::asks_all).collect::<Vec<_>>())
    };
    let series: Vec<_> = (1..=2000).map(rounds).collect();
    let first = series.iter().map(|(times, _)| times[0]);
    let (least, most) = (first.clone().fold(f64::MAX, f64::min), first.fold(0.0, f64::max));
    on_page("missing line asked for", &format!("after {} to {} ms", least.round(), most.round()));

    let waits = |round: usize| series.iter().map(|(times, _)| times[round + 1] - times[round]).collect::<Vec<_>>();
    let means: Vec<u64> = (0..10).map(|round| (mean(&waits(round)) / 10.0).round() as u64 * 10).collect();
    let last = means[9];
    let until_last = means.iter().position(|wait| *wait == last).unwrap();
    assert!(means[until_last..].iter().all(|wait| *wait == last), "{means:?}");
    // The shortest one is no multiple of ten.
    let shortest = mean(&waits(0)).round() as u64;
    let shown = list([shortest].into_iter().chain(means[1..=until_last].iter().copied()));
    on_page("asked again", &format!("after {shown} ms, then every {last} ms"));
    let shares = (1..10).flat_map(|round| waits(round).into_iter().map(move |wait| (round, wait)));
    let percent: Vec<f64> = shares.map(|(round, wait)| (wait / means[round] as f64 * 100.0).round()).collect();
    let (least, most) = (percent.iter().copied().fold(f64::MAX, f64::min), percent.iter().copied().fold(0.0, f64::max));
    on_page("these waits", &format!("{least} to {most} % of that"));

    let unicast = series[0].1.iter().position(|to_all| *to_all).unwrap();
    assert!(series.iter().all(|(_, to_all)| to_all.iter().position(|to_all| *to_all) == Some(unicast)));
    on_page("rounds by unicast", &unicast.to_string());

    let mut lab = lab_with_gap(1, 1000);
    let nacks = lab.pass_millis(20).iter().filter(|sent| sent.is_nack()).count();
    on_page("nacks in a round", &format!("{nacks} for an author at most"));

    let mut lab = Lab::with_peers(1, 200);
    (1..=200).for_each(|author| lab.hear(author, line(1000)));
    let at_once = lab.stand_still(Duration::from_millis(15)).iter().filter(|sent| sent.is_nack()).count();
    let later = lab.pass(Duration::from_secs(4)).iter().filter(|sent| sent.is_nack()).count();
    on_page("nacks", &format!("{at_once} at once, then {} a second", (later as f64 / 40.0).round() * 10.0));
}

#[test]
fn of_giving_up() {
    let mut lab = lab_with_gap(1, 2);
    let given_up = lab.millis_until(|event| matches!(event, Event::Gap(_)));
    on_page("line given up", &format!("after {} s", given_up as f64 / 1000.0));
    assert!(lab.events.iter().any(is_line(2)), "what was held back is shown");
    let questions = |lab: &mut Lab| {
        let sent = lab.pass(Duration::from_secs(800)).iter().filter(|sent| sent.is_nack());
        let times: Vec<u64> = sent.inspect(|nack| assert!(nack.asks_all())).map(|nack| millis(nack.at)).collect();
        let waits: Vec<u64> = times.windows(2).map(|two| two[1] - two[0]).collect();
        let soon = waits.iter().take_while(|wait| **wait == waits[0]).count();
        assert!(waits[soon..].iter().all(|wait| *wait == waits[soon]), "{waits:?}");
        let (close, apart, later) = (soon + 1, waits[0], waits[soon] / 1000);
        format!("{} times: {close} of them {apart} ms apart, then every {later} s", times.len())
    };
    on_page("lost lines asked for", &questions(&mut lab));
    lab.hear(2, beacon(false, false, 600, 1));
    on_page("lost lines asked for", &questions(&mut lab));

    let mut lab = Lab::with_peers(1, 1);
    lab.hear(7, line(2));
    let given_up = lab.millis_until(is_line(2));
    on_page("earlier line given up", &format!("after {} s", given_up as f64 / 1000.0));
    assert!(!lab.events.iter().any(|event| matches!(event, Event::Gap(_))), "it is not missed");

    let is_wanted_after = |wait: &u64| {
        let mut lab = Lab::new(1);
        lab.pass_millis(*wait);
        let time = UnixMillis(quiet_beacon().time.0 + wait);
        lab.hear(1, Message::Beacon(Counter(1), Beacon { time, last_seq: Some(seq(5)), ..quiet_beacon() }));
        lab.pass_millis(20).iter().any(Sent::is_nack)
    };
    let wanted = (0..).step_by(100).find(is_wanted_after).unwrap();
    on_page("earlier lines wanted", &format!("from {} s after the start", wanted / 1000));

    let mut lab = Lab::new(1);
    lab.hear(1, line(500));
    let pieces = lab.pass_millis(20).iter().map(|sent| match sent.message() {
        Message::Nack(_, nack) => nack.missing.len(),
        _ => 0,
    });
    on_page("before a first line", &format!("{} lines", pieces.sum::<u32>()));
}

/// When lines were sent after so long, and where.
fn repair_after(lab: &mut Lab, time: Duration) -> Option<(Duration, Transmit)> {
    let begun = lab.now;
    let sent = lab.pass(time).iter().find(|sent| sent.is_lines());
    sent.map(|sent| (sent.at.since(begun), sent.to))
}

#[test]
fn of_repairing() {
    const SECOND: Duration = Duration::from_secs(1);
    let mut lab = Lab::with_peers(1, 2);
    lab.say("x");
    lab.pass(SECOND);
    for to_all in [false, true] {
        lab.hear(1, nack(ITSELF, 1, to_all));
        let (wait, to) = repair_after(&mut lab, SECOND).unwrap();
        assert_eq!(to == Transmit::Everywhere, to_all);
        on_page("repair", &format!("after {} ms", wait.as_millis()));
    }
    lab.hear(1, nack(ITSELF, 1, false));
    lab.hear_from(2, 2, nack(ITSELF, 1, false));
    assert_eq!(repair_after(&mut lab, SECOND).unwrap().1, Transmit::Everywhere, "two have asked");

    let is_answered_after = |gap: &u64| {
        lab.hear(1, nack(ITSELF, 1, false));
        repair_after(&mut lab, Duration::from_millis(1)).expect("the repair itself");
        lab.pass_millis(*gap);
        lab.hear(1, nack(ITSELF, 1, false));
        let answered = repair_after(&mut lab, SECOND).is_some();
        lab.pass(SECOND);
        answered
    };
    let gap = (0..).find(is_answered_after).unwrap();
    on_page("nack passed over until", &format!("{gap} ms after the repair"));

    let waits = |peers| {
        let mut lab = Lab::with_peers(1, peers);
        lab.hear(1, line(1));
        let wait = |_| {
            lab.hear(2, nack(1, 1, true));
            repair_after(&mut lab, SECOND).unwrap().0.as_secs_f64() * 1000.0
        };
        (0..300).map(wait).collect::<Vec<_>>()
    };
    let (few, many) = (waits(20), waits(1000));
    let least = few.iter().copied().fold(f64::MAX, f64::min).round();
    let a_peer = ((few.iter().copied().fold(0.0, f64::max) - least) / 20.0).round();
    let most = ((many.iter().copied().fold(0.0, f64::max) - least) / 10.0).round() * 10.0;
    on_page("repair for all by others", &format!("after {least} ms, and 0 to {a_peer} ms a peer, {most} ms at most"));
}

#[test]
fn of_many_repairs() {
    const LINES: u32 = 3000;
    let repairs = |hosts: u8, questions_at_once: u32| {
        let mut lab = Lab::with_peers(1, 2);
        (1..=LINES).for_each(|number| lab.hear(1, line(number)));
        lab.pass(Duration::from_secs(2));
        let mut number = 0;
        let mut ask = |lab: &mut Lab, host| {
            number = number % LINES + 1;
            lab.hear_from(host, 2, nack(1, number, false));
        };
        let hosts = || (0..hosts).cycle();
        hosts().take(questions_at_once as usize).for_each(|host| ask(&mut lab, host));
        let count = |sent: &[Sent]| sent.iter().filter(|sent| sent.is_lines()).count();
        let at_once = count(lab.stand_still(Duration::from_millis(1)));
        let mut later = 0;
        let mut all = hosts();
        for _ in 0..5000 {
            all.by_ref().take(3).for_each(|host| ask(&mut lab, host));
            later += count(lab.pass_millis(1));
        }
        format!("{at_once} at once, then {} a second", (later as f64 / 50.0).round() * 10.0)
    };
    on_page("repairs for an address", &repairs(1, 100));
    on_page("repairs", &repairs(60, 500));
}

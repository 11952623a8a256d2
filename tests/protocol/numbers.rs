//! The table of numbers, seen from outside.

mod acking;
mod asking;
mod comparing;
mod pace;
mod proving;
mod remote;
mod rooms;
mod round_trips;

use std::time::Duration;

use cooee::node::{Command, Departure, Event, Transmit};
use cooee::wire::{BeaconInterval, Message, Part, SeqRange};

use crate::lab::{Lab, Sent, beacon, line, line_of, millis, run, seq};
use crate::rows;

/// Asserts that the page gives this number.
#[track_caller]
fn on_page(name: &str, number: &str) {
    let row = rows("numbers").into_iter().find(|row| row[0] == name);
    assert_eq!(row.unwrap_or_else(|| panic!("no row {name:?}"))[1], number, "{name}");
}

#[test]
fn every_row_is_checked() {
    let tests = [
        include_str!("numbers.rs"),
        include_str!("numbers/acking.rs"),
        include_str!("numbers/asking.rs"),
        include_str!("numbers/comparing.rs"),
        include_str!("numbers/pace.rs"),
        include_str!("numbers/proving.rs"),
        include_str!("numbers/remote.rs"),
        include_str!("numbers/rooms.rs"),
        include_str!("numbers/round_trips.rs"),
    ];
    for row in rows("numbers") {
        let check = format!("on_page(\"{}\",", row[0]);
        assert!(tests.iter().any(|test| test.contains(&check)), "nothing checks {row:?}");
    }
}

fn list(numbers: impl Iterator<Item: ToString>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(", ")
}

#[test]
fn of_calling() {
    let hellos = |lab: &mut Lab| {
        let sent = lab.pass(Duration::from_secs(9));
        format!("{} ms", list(sent.iter().filter(|sent| sent.is_hello()).map(|sent| millis(sent.at))))
    };
    on_page("hellos in any case", &hellos(&mut Lab::new(1)));
    let mut lab = Lab::new(1);
    lab.hear(1, beacon(false, false, 600, 9));
    on_page("hellos after", &hellos(&mut lab));

    let interval = |sent: &Sent| match sent.message() {
        Message::Beacon(_, beacon) => beacon.interval.duration(),
        other => panic!("{other:?}"),
    };
    let mut alone = Lab::new(1);
    let beacons = alone.pass(Duration::from_secs(20_000));
    let mean = interval(&beacons[9]);
    on_page("shortest interval", &format!("{} s", mean.as_secs()));
    let waits: Vec<_> = beacons[9..].windows(2).map(|two| two[1].at.since(two[0].at)).collect();
    let percent = |wait: &Duration| (wait.as_secs_f64() / mean.as_secs_f64() * 100.0).round();
    let (least, most) = (percent(waits.iter().min().unwrap()), percent(waits.iter().max().unwrap()));
    on_page("wait for a beacon", &format!("{least} to {most} % of the interval"));

    let mut crowd = Lab::with_peers(1, 1599);
    let of_crowd = interval(crowd.pass(Duration::from_secs(150)).last().unwrap());
    on_page("beacons of a LAN", &format!("{} a second", 1600.0 / of_crowd.as_secs_f64()));
    on_page("longest interval", &format!("{} s", BeaconInterval::MAX.duration().as_secs()));
}

#[test]
fn of_answering() {
    let longest_wait = |peers| {
        let mut lab = Lab::with_peers(1, peers);
        let wait = |number| {
            lab.hear_stranger(number);
            let asked = lab.now;
            let unicast = |sent: &&Sent| !sent.is_to_all();
            lab.pass(Duration::from_secs(1)).iter().find(unicast).map_or(Duration::ZERO, |sent| sent.at.since(asked))
        };
        (0..100).map(wait).max().unwrap().as_secs_f64() * 1000.0
    };
    let (a_peer, most) = ((longest_wait(100) / 10.0).round() / 10.0, (longest_wait(4000) / 10.0).round() * 10.0);
    on_page("wait for an answer", &format!("0 to {a_peer} ms a peer, {most} ms at most"));

    // Alone it answers without a wait.
    let answer_to_the_second = |gap: u64| {
        let mut lab = Lab::with_peers(1, 0);
        lab.hear_stranger(1);
        lab.pass(Duration::from_millis(gap));
        lab.hear_stranger(1);
        let asked = lab.now;
        lab.pass(Duration::ZERO).iter().find(|sent| sent.at == asked).map(|sent| sent.to)
    };
    let first = |to: fn(Option<Transmit>) -> bool, from: u64, step: usize| {
        (from..).step_by(step).find(|gap| to(answer_to_the_second(*gap))).unwrap()
    };
    let answered = first(|to| to == Some(Transmit::Everywhere), 1, 1);
    on_page("passed over until", &format!("{answered} ms after a unicast answer"));
    let forgotten = first(|to| matches!(to, Some(Transmit::Unicast { .. })), answered, 20);
    on_page("by broadcast until", &format!("{} s after a unicast answer", forgotten / 1000));

    let together = (1..).find(|count| {
        let mut lab = Lab::with_peers(1, 0);
        (0..*count).for_each(|number| lab.hear_stranger(number));
        lab.pass(Duration::ZERO)[0].is_to_all()
    });
    on_page("answered together", &format!("from {} that wait", together.unwrap()));

    let mut lab = Lab::with_peers(1, 0);
    let mut strangers = 0..;
    let mut is_answered = |lab: &mut Lab, wait| {
        lab.hear_stranger(strangers.next().unwrap());
        lab.pass(wait).len() as u64
    };
    let at_once = (0..).find(|_| is_answered(&mut lab, Duration::ZERO) == 0).unwrap();
    let later: u64 = (0..10_000).map(|_| is_answered(&mut lab, Duration::from_millis(1))).sum();
    on_page("answers", &format!("{at_once} at once, then {} a second", (later as f64 / 10.0).round()));
}

/// Of a peer whose interval is 100 s: a second is one percent.
fn silent_peers() {
    let of_one = |seed| {
        let mut lab = Lab::new(seed);
        lab.hear(1, beacon(false, false, 100, 1));
        let asked: Vec<f64> = questions(&mut lab, 350).iter().map(|sent| sent.at.as_micros() as f64 / 1e6).collect();
        let lost = lab.events.iter().find_map(|event| match event {
            Event::Left(_, Departure::Lost(silent)) => Some(silent.as_secs()),
            _ => None,
        });
        (asked, lost.unwrap())
    };
    let all: Vec<(Vec<f64>, u64)> = (1..=400).map(of_one).collect();
    let nth = |number: usize| all.iter().map(move |(asked, _)| asked[number]);
    let ranges = (0..all[0].0.len()).map(|number| {
        let (least, most) = (nth(number).fold(f64::MAX, f64::min), nth(number).fold(0.0, f64::max));
        format!("{} to {}", least.floor(), most.ceil())
    });
    on_page("silent peer asked", &format!("after {} % of its interval", list(ranges)));
    assert!(all.iter().all(|(_, lost)| *lost == all[0].1));
    on_page("silent peer lost", &format!("after {} % of its interval", all[0].1));

    let mut lab = Lab::new(1);
    (1..=500).for_each(|run| lab.hear(run, beacon(false, false, 10, 1)));
    let asked = questions(&mut lab, 35);
    let (first, last) = (asked[0].at, asked[asked.len() - 1].at);
    let at_once = asked.iter().filter(|sent| sent.at == first).count();
    let a_second = (asked.len() - at_once) as f64 / last.since(first).as_secs_f64();
    on_page("all silent peers asked", &format!("{at_once} at once, then {} a second", a_second.round()));
}

/// The questions to silent peers, until they are lost after so many seconds.
fn questions(lab: &mut Lab, seconds: u64) -> Vec<Sent> {
    let sent = lab.pass(Duration::from_secs(seconds));
    let asked: Vec<Sent> = sent.iter().filter(|sent| !sent.is_to_all()).cloned().collect();
    assert!(asked.iter().all(Sent::is_hello));
    asked
}

#[test]
fn of_peers() {
    silent_peers();

    let peers = Lab::with_peers(1, 9000).node.peers().len();
    on_page("peers listed", &peers.to_string());

    let called = |seed, peers| {
        let mut lab = Lab::with_peers(seed, peers);
        lab.hear(1 << 32, beacon(false, false, 1, 1));
        lab.pass_millis(3500);
        let calls: Vec<_> =
            lab.pass(Duration::from_secs(400)).iter().filter(|sent| !sent.is_to_all()).cloned().collect();
        assert!(calls.iter().all(|call| matches!(call.message(), Message::Beacon(_, beacon) if !beacon.hello)));
        let waits: Vec<_> = calls.windows(2).map(|two| two[1].at.since(two[0].at)).collect();
        (calls.last().unwrap().at.since(calls[0].at), waits)
    };
    let (time, waits) = called(1, 0);
    let percent = |wait: Option<&Duration>| (wait.unwrap().as_secs_f64() * 100.0).round();
    let (least, most) = (percent(waits.iter().min()), percent(waits.iter().max()));
    let whole_time = (time.as_secs_f64() / 10.0).round() * 10.0;
    on_page("lost peer called", &format!("every {least} to {most} % of 1 s, for {whole_time} s"));
    let waits: Vec<_> = (1..10).flat_map(|seed| called(seed, 160).1).collect();
    let of_all = 160.0 * waits.len() as f64 / waits.iter().sum::<Duration>().as_secs_f64();
    on_page("calls of a LAN", &format!("{} a second", of_all.round()));
}

#[test]
fn of_what_is_held() {
    let holds_first_line = |lab: &Lab, author| lab.node.holds(run(author), SeqRange::one(seq(1)));
    let is_forgotten_after = |authors: &u64| {
        let mut lab = Lab::new(1);
        (1..=*authors).for_each(|author| lab.hear(author, line(1)));
        !holds_first_line(&lab, 1)
    };
    let first_too_many = (1000..1100).find(is_forgotten_after).unwrap();
    let most = first_too_many - 1;
    on_page("authors of known lines", &format!("{most}; the longest silent makes room, who is there last"));

    let held = |text: &'static str, said: u32| {
        let mut lab = Lab::with_peers(1, 1);
        for number in 1..=said {
            lab.hear(1, line_of(text, number));
            lab.pass(Duration::ZERO);
        }
        let holds = |first: &u32| lab.node.holds(run(1), SeqRange::new(seq(*first), seq(said)).unwrap());
        (1..=said).rev().take_while(holds).count()
    };
    on_page("lines held", &held("x", 12_000).to_string());

    // What else is kept of each takes some space, too.
    let long: &'static str = Box::leak("x".repeat(Part::MAX).into());
    let megabytes = (held(long, 6000) * Part::MAX) as f64 / f64::from(1 << 20);
    on_page("bytes of lines held", &format!("{} MiB", megabytes.ceil()));
}

#[test]
fn of_saying_and_leaving() {
    let mut lab = Lab::with_peers(1, 0);
    (0..200).for_each(|_| lab.say(&"x".repeat(Part::MAX)));
    let begun = lab.now;
    let times: Vec<_> =
        lab.pass(Duration::from_secs(2)).iter().filter(|sent| sent.is_lines()).map(|sent| sent.at).collect();
    let at_once = times.iter().filter(|at| **at == begun).count();
    let rate = 100.0 / times[199].since(times[99]).as_secs_f64();
    on_page("datagrams of lines", &format!("{at_once} at once, then {rate} a second"));

    lab.node.handle_command(lab.now, Command::Leave).unwrap();
    let goodbyes: Vec<_> = lab.pass(Duration::from_secs(60)).iter().map(|sent| sent.at).collect();
    let apart = goodbyes[1].since(goodbyes[0]).as_millis();
    on_page("goodbyes", &format!("{}, {apart} ms apart", goodbyes.len()));

    let mut lab = Lab::with_hearers(1, 1);
    lab.say("x");
    lab.pass(Duration::ZERO);
    lab.node.handle_command(lab.now, Command::Leave).unwrap();
    let stays = lab.millis_until(|event| *event == Event::Gone) - apart as u64;
    on_page("stays to repair", &format!("{stays} ms"));
}

//! Whether what is said arrives, and when: with loss, from a pipe, after a cut, for who comes late.

use std::fs;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use crate::cooee::{listener, start};
use crate::network::{BROADCAST, Network};
use crate::probe::Probe;
use crate::process::{LIMIT, Running, Stream};
use crate::{pause, report};

const HOSTS: usize = 5;
const PORT: u16 = 26_633;

/// Every measurement of it.
pub(crate) fn all() {
    raw();
    for loss in [0.0, 0.2, 0.4] {
        talk(loss);
    }
    cost_of_a_line();
    for loss in [0.0, 0.05] {
        pipe(loss);
    }
    heal();
    history();
}

fn network(loss: f64) -> Network {
    let network = Network::new(HOSTS).unwrap();
    if loss > 0.0 {
        network.loss(loss);
    }
    network
}

/// Members on hosts 1 to 4 that know each other, and one on host 0 that says each line of its stdin.
fn readers_and_a_speaker(network: &Network) -> (Vec<Running>, Running) {
    let readers = (1..HOSTS).map(|i| listener(network.host(i), &format!("reader-{i}"))).collect();
    pause(Duration::from_secs(3));
    let speaker = start(network.host(0), &["--nick", "speaker", "send", "--wait", "60"]);
    pause(Duration::from_secs(2));
    (readers, speaker)
}

/// The texts that a reader printed, and when.
fn printed(reader: &mut Running) -> Vec<(String, Instant)> {
    let object = |line: &crate::process::Line| -> Option<(String, Instant)> {
        let object: serde_json::Value = serde_json::from_str(&line.text).unwrap();
        (object["type"] == "line").then(|| (object["text"].as_str().unwrap().to_owned(), line.at))
    };
    reader.heard().iter().filter(|line| line.stream == Stream::Out).filter_map(object).collect()
}

fn text(number: usize) -> String {
    format!("line {number:06} of forty bytes in all .......")
}

/// Checks that readers have printed exactly these lines, once, and in order.
fn have_printed_all(readers: &mut [Running], lines: usize) -> &'static str {
    let expected: Vec<String> = (0..lines).map(text).collect();
    let has_all = |reader: &mut Running| printed(reader).into_iter().map(|(text, _)| text).eq(expected.iter().cloned());
    if readers.iter_mut().all(has_all) { "all, once, in order" } else { "NOT all, once, in order" }
}

/// 200 lines, ten a second, from one host to four.
fn talk(loss: f64) {
    const LINES: usize = 200;
    let network = network(loss);
    let (mut readers, mut speaker) = readers_and_a_speaker(&network);
    let said: Vec<Instant> = (0..LINES)
        .map(|number| {
            let at = Instant::now();
            speaker.write_line(&text(number));
            pause(Duration::from_millis(100));
            at
        })
        .collect();
    speaker.close_stdin();
    let end = speaker.wait(Duration::from_secs(60)).code();
    let arrived = have_printed_all(&mut readers, LINES);
    let delays = readers.iter_mut().flat_map(|reader| {
        let of_line = |(at, (_, printed)): (&Instant, (String, Instant))| printed.saturating_duration_since(*at);
        said.iter().zip(printed(reader)).map(of_line).collect::<Vec<_>>()
    });
    let delays: Vec<Duration> = delays.collect();
    report(&format!("{LINES} lines to 4 hosts at {} % loss: {arrived}, exit {end:?}", loss * 100.0), delays);
}

/// The same without the program: datagrams of one socket to four that print them. So much of it is the machine and the
/// measuring.
fn raw() {
    let network = network(0.0);
    let mut probes: Vec<Probe> = (0..HOSTS).map(|i| Probe::open(network.host(i), PORT)).collect();
    let (speaker, readers) = probes.split_first_mut().unwrap();
    let everybody = SocketAddrV4::new(BROADCAST, PORT);
    let delays = (0..200).flat_map(|number| {
        let at = Instant::now();
        speaker.send(everybody, text(number).as_bytes());
        let heard = readers.iter_mut().map(|reader| reader.expect_any(LIMIT).saturating_duration_since(at));
        let heard: Vec<Duration> = heard.collect();
        pause(Duration::from_millis(100));
        heard
    });
    report("200 datagrams from a raw socket to 4 hosts, typed to printed", delays.collect());
}

/// What a line costs when nothing gets lost, everything in the LAN counted.
fn cost_of_a_line() {
    const LINES: u64 = 60;
    let network = network(0.0);
    let (_readers, mut speaker) = readers_and_a_speaker(&network);
    let sent = || -> u64 { (0..HOSTS).map(|i| network.host(i).frames().sent).sum() };
    let before_idle = sent();
    pause(Duration::from_secs(LINES));
    let before_talk = sent();
    for number in 0..LINES {
        speaker.write_line(&text(number as usize));
        pause(Duration::from_secs(1));
    }
    let (idle, talk) = (before_talk - before_idle, sent() - before_talk);
    let beside = (talk as f64 - idle as f64) / LINES as f64 - 1.0;
    println!("a line a second in a LAN of {HOSTS}, beside the line itself: {beside:.2} frames (acks included)");
}

/// 20,000 lines from a pipe to four hosts.
fn pipe(loss: f64) {
    const LINES: usize = 20_000;
    let network = network(loss);
    let (mut readers, mut speaker) = readers_and_a_speaker(&network);
    let begin = Instant::now();
    (0..LINES).for_each(|number| speaker.write_line(&text(number)));
    let sender_peak = peak_kib(&speaker);
    speaker.close_stdin();
    let end = speaker.wait(Duration::from_secs(120)).code();
    let took = begin.elapsed();
    let last = text(LINES - 1);
    for reader in &mut readers {
        reader.expect_line(Stream::Out, |line| line.contains(&last), LIMIT);
    }
    let reader_peak = readers.iter().map(peak_kib).max().unwrap();
    let arrived = have_printed_all(&mut readers, LINES);
    println!("{LINES} lines from a pipe to 4 hosts at {} % loss: {arrived}, exit {end:?}", loss * 100.0);
    println!("    all acked after {took:.2?}; most memory: sender {sender_peak} KiB, readers {reader_peak} KiB");
}

/// Two halves that are cut apart for a minute, 100 lines on either side.
fn heal() {
    const LINES: usize = 100;
    let times = (0..5).map(|_| {
        let network = network(0.0);
        let member = |i| start(network.host(i), &["--nick", &format!("host-{i}"), "chat"]);
        let mut members: Vec<Running> = (0..HOSTS).map(member).collect();
        pause(Duration::from_secs(3));
        network.cut(&[0, 1], &[2, 3, 4]);
        for number in 0..LINES {
            members[0].write_line(&format!("one side, line {number}."));
            members[4].write_line(&format!("other side, line {number}."));
            pause(Duration::from_millis(600));
        }
        let healed = Instant::now();
        network.heal();
        let complete = members.iter_mut().enumerate().map(|(host, member)| {
            let sides = [(0, "one side"), (4, "other side")].into_iter().filter(|(author, _)| *author != host);
            let lines = sides.flat_map(|(_, side)| (0..LINES).map(move |number| format!("{side}, line {number}.")));
            lines.map(|line| first_time(member, &line)).max().unwrap()
        });
        complete.max().unwrap().saturating_duration_since(healed)
    });
    report("a cut of 60 s, 100 lines on either side: everybody has all after it has healed", times.collect());
}

/// When a line with these words was printed, waiting for it if need be.
fn first_time(running: &mut Running, words: &str) -> Instant {
    let known = running.heard().iter().find(|line| line.text.ends_with(words)).map(|line| line.at);
    known.unwrap_or_else(|| running.expect_line(Stream::Out, |line| line.ends_with(words), LIMIT).at)
}

/// From a newcomer's start until it has printed 50 lines that were said before it came.
fn history() {
    let network = network(0.0);
    let (_readers, mut speaker) = readers_and_a_speaker(&network);
    (0..100).for_each(|number| speaker.write_line(&text(number)));
    speaker.close_stdin();
    speaker.wait(LIMIT);
    let times = (0..20).map(|_| {
        let begin = Instant::now();
        let mut newcomer = start(network.host(0), &["--nick", "newcomer", "listen", "--json", "--history", "50"]);
        let last = newcomer.expect_line(Stream::Out, |line| line.contains(&text(99)), LIMIT).at;
        assert_eq!(printed(&mut newcomer).len(), 50);
        newcomer.signal("TERM");
        newcomer.wait(LIMIT);
        last.duration_since(begin)
    });
    report("a newcomer's start until it has printed 50 lines of history", times.collect());
}

/// The most memory that a process has had.
fn peak_kib(running: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

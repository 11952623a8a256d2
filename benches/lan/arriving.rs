//! What a line costs beside itself, how soon a newcomer has what was said before, and how soon a cut is healed.

use std::time::{Duration, Instant};

use crate::cooee::{expect_text, listener, start};
use crate::floor;
use crate::network::Network;
use crate::process::{LIMIT, Running, Stream};
use crate::sample::Sample;
use crate::table::{Row, Table};
use crate::{Bench, attempt, pause, tell};

const HOSTS: usize = 5;

/// Every measurement of it that takes no longer than others.
pub(crate) fn measure(bench: &Bench, table: &mut Table) {
    tell("what a line costs");
    let seconds = bench.turns(20) as u64;
    let cost = bench.lan.clone().and_then(|()| attempt(|| cost_of_a_line(seconds)));
    push(table, &format!("frames that a line costs beside itself, {HOSTS} hosts, no loss, acks included"), cost);
    tell("history");
    let history = bench.lan.clone().and_then(|()| attempt(|| history(bench.turns(20))));
    push(table, "a newcomer's start until it has printed 50 lines of history", history);
}

/// The one that takes minutes.
pub(crate) fn measure_healing(bench: &Bench, table: &mut Table) {
    tell("healing");
    let healing = bench.loss.clone().and_then(|()| attempt(|| healing(bench.turns(5))));
    push(table, "a cut of 60 s, 100 lines on either side: all have all after it has healed", healing);
}

fn push(table: &mut Table, what: &str, cooee: Result<String, String>) {
    table.push(Row { what: what.to_owned(), cooee: cooee.into(), ..Default::default() });
}

/// Members on hosts 1 to 4, and one on host 0 that says each line of its stdin and knows them.
fn readers_and_a_speaker(network: &Network) -> (Vec<Running>, Running) {
    let mut readers: Vec<Running> = (1..HOSTS).map(|i| listener(network.host(i), &format!("reader-{i}"))).collect();
    let mut speaker = start(network.host(0), &["--nick", "speaker", "send", "--wait", "60"]);
    speaker.write_line("first");
    readers.iter_mut().for_each(|reader| drop(expect_text(reader, "first")));
    (readers, speaker)
}

/// What a line a second costs when nothing gets lost, everything in the LAN counted, and what it would cost without.
fn cost_of_a_line(seconds: u64) -> String {
    let network = Network::new(HOSTS).unwrap();
    let (_readers, mut speaker) = readers_and_a_speaker(&network);
    // Until they have done with finding each other.
    pause(Duration::from_secs(3));
    let sent = || -> u64 { (0..HOSTS).map(|i| network.host(i).frames().sent).sum() };
    let before_idle = sent();
    pause(Duration::from_secs(seconds));
    let before_talk = sent();
    for number in 0..seconds {
        speaker.write_line(&floor::text(number as usize));
        pause(Duration::from_secs(1));
    }
    let (idle, talk) = (before_talk - before_idle, sent() - before_talk);
    format!("{:.1}", (talk as f64 - idle as f64) / seconds as f64 - 1.0)
}

/// From a newcomer's start until it has printed 50 lines that were said before it came.
fn history(turns: usize) -> String {
    let network = Network::new(HOSTS).unwrap();
    let (_readers, mut speaker) = readers_and_a_speaker(&network);
    (0..100).for_each(|number| speaker.write_line(&floor::text(number)));
    speaker.close_stdin();
    speaker.wait(LIMIT);
    let last = floor::text(99);
    let turn = |_| {
        let begin = Instant::now();
        let mut newcomer = start(network.host(0), &["--nick", "newcomer", "listen", "--json", "--history", "50"]);
        let at = newcomer.expect_line(Stream::Out, |line| line.contains(&last), LIMIT).at;
        let is_line = |line: &&crate::process::Line| line.text.contains(r#""type":"line""#);
        assert_eq!(newcomer.heard().iter().filter(is_line).count(), 50);
        newcomer.signal("TERM");
        newcomer.wait(LIMIT);
        at.duration_since(begin)
    };
    Sample::of((0..turns).map(turn).collect()).unwrap().median_and_worst()
}

/// Two halves that are cut apart for a minute, 100 lines on either side.
fn healing(turns: usize) -> String {
    const LINES: usize = 100;
    let turn = |_| {
        let network = Network::new(HOSTS).unwrap();
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
    };
    Sample::of((0..turns).map(turn).collect()).unwrap().median_and_worst()
}

/// When a line with these words was printed, waiting for it if need be.
fn first_time(running: &mut Running, words: &str) -> Instant {
    let known = running.heard().iter().find(|line| line.text.ends_with(words)).map(|line| line.at);
    known.unwrap_or_else(|| running.expect_line(Stream::Out, |line| line.ends_with(words), LIMIT).at)
}

//! What a LAN carries on which nobody says anything, what it takes to be simulated, and how soon a newcomer is known.

use std::fs;
use std::time::{Duration, Instant};

use cooee::time::Time;

use crate::lan::Lan;
use crate::plot;
use crate::weather::Weather;

/// The numbers of peers that are measured where none are given.
const PEERS: [usize; 10] = [2, 5, 10, 30, 80, 200, 500, 1000, 2000, 5000];

/// A newcomer is watched for so long.
const LONGEST: Duration = Duration::from_secs(120);

const MINUTE: Duration = Duration::from_secs(60);

/// What each of so many peers receives a second while nobody says anything.
pub(crate) struct Traffic {
    pub(crate) peers: usize,
    pub(crate) frames: f64,
    pub(crate) bytes: f64,
}

pub(crate) fn measure(peers: &[usize]) {
    println!(
        "| peers | beacons a second on the LAN | each receives a second | at 5 % loss, a newcomer is known to 99 % / to all | and knows all | memory for each / for each one that it knows | real time: until all were there / a minute then |"
    );
    println!("|---|---|---|---|---|---|---|");
    let all = if peers.is_empty() { &PEERS } else { peers };
    let traffic: Vec<Traffic> = all.iter().map(|peers| of(*peers)).collect();
    // Two points are no curve.
    if traffic.len() > 2 {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/crowd/traffic.svg");
        plot::draw(&traffic, file);
        println!("\nDrawn into {file}.");
    }
}

fn of(peers: usize) -> Traffic {
    let (before, begun) = (resident(), Instant::now());
    let mut lan = Lan::of(peers);
    let (memory, arriving) = (resident().saturating_sub(before), begun.elapsed());
    let (counted, begun) = (lan.counted, Instant::now());
    lan.run_for(MINUTE);
    let minute = begun.elapsed();
    let a_second = |now: u64, before: u64| (now - before) as f64 / MINUTE.as_secs_f64();
    let beacons = a_second(lan.counted.broadcasts, counted.broadcasts);
    let unicasts = a_second(lan.counted.unicasts, counted.unicasts);
    let frames = a_second(lan.counted.frames, counted.frames) / peers as f64;
    let bytes = a_second(lan.counted.bytes, counted.bytes) / peers as f64;
    let newcomer = newcomer(&mut lan, peers);
    println!(
        "| {peers} | {beacons:.1}, and {unicasts:.1} to one | {frames:.2} frames, {bytes:.0} bytes | {newcomer} | {:.0} KiB / {} B | {:.1} s / {:.1} s |",
        memory as f64 / 1024.0 / peers as f64,
        memory / (peers * peers) as u64,
        arriving.as_secs_f64(),
        minute.as_secs_f64()
    );
    Traffic { peers, frames, bytes }
}

/// How long it takes until one more is known to 99 of a hundred and to all, and until he knows all.
fn newcomer(lan: &mut Lan, peers: usize) -> String {
    lan.weather = Weather::losing(0.05);
    let begin = lan.now();
    lan.start_watched(peers);
    lan.run_until(Duration::from_millis(100), LONGEST, |lan| {
        lan.shown.len() == peers && lan.shown_to_him.len() == peers
    });
    let words = |at: Option<&Time>| {
        at.map_or(format!("not within {} s", LONGEST.as_secs()), |at| {
            format!("{:.1} ms", at.since(begin).as_secs_f64() * 1000.0)
        })
    };
    let [shown, shown_to_him] = [&lan.shown, &lan.shown_to_him].map(|times| move |count: usize| times.get(count - 1));
    let most = (peers * 99).div_ceil(100);
    format!("{} / {} | {}", words(shown(most)), words(shown(peers)), words(shown_to_him(peers)))
}

/// The memory of this process that is in the machine's, in bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = status.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * 4096
}

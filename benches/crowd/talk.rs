//! What is said among many where one datagram of twenty gets lost, and what its repair costs.

use std::time::Duration;

use crate::lan::Lan;
use crate::weather::Weather;

/// Lines that are said in all, and the time between two of them.
const LINES: usize = 200;
const BETWEEN: Duration = Duration::from_millis(100);
/// Until all is there: a line is given up after 8 s.
const AFTERWARDS: Duration = Duration::from_secs(20);

pub(crate) fn measure(peers: &[usize]) {
    println!(
        "| peers, at 5 % loss | said | shown | delay: median / 99 % / worst | datagrams for each line, to all and to one, beside beacons | of these: nacks / repairs / repeats / comparing what is held |"
    );
    println!("|---|---|---|---|---|---|");
    for peers in if peers.is_empty() { &[1000] } else { peers } {
        [1, 20].into_iter().for_each(|speakers| of(*peers, speakers));
    }
}

fn of(peers: usize, speakers: usize) {
    let mut lan = Lan::of(peers);
    lan.weather = Weather::losing(0.05);
    let sent = |lan: &Lan| {
        let counted = lan.counted;
        let beacons = lan.sum(|stats| stats.sent_beacons);
        [
            counted.broadcasts + counted.unicasts - beacons,
            lan.sum(|stats| stats.sent_nacks),
            lan.sum(|stats| stats.sent_repairs),
            lan.sum(|stats| stats.sent_repeats),
            counted.comparing,
        ]
    };
    let before = sent(&lan);
    for line in 0..LINES {
        lan.say(line % speakers, line / speakers + 1);
        lan.run_for(BETWEEN);
    }
    lan.run_for(AFTERWARDS);
    let after = sent(&lan);
    let [all, nacks, repairs, repeats, comparing] =
        [0, 1, 2, 3, 4].map(|which| (after[which] - before[which]) as f64 / LINES as f64);
    lan.delays.sort();
    let wanted = LINES * (peers - 1);
    let delay = |share: f64| {
        let which = ((lan.delays.len() as f64 * share) as usize).min(lan.delays.len() - 1);
        lan.delays[which].as_secs_f64() * 1000.0
    };
    println!(
        "| {peers} | {LINES} lines by {speakers}, ten a second | {} of {wanted}, {} told to be lost | {:.1} / {:.1} / {:.1} ms | {all:.1} | {nacks:.1} / {repairs:.1} / {repeats:.1} / {comparing:.1} |",
        lan.counted.lines,
        lan.counted.lost_lines,
        delay(0.5),
        delay(0.99),
        delay(1.0),
    );
}

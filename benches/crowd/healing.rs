//! Two halves that hear nothing from one another until all are lost to each other, and then do again.

use std::time::Duration;

use crate::lan::Lan;

/// Lines that are said on either side meanwhile.
const LINES: usize = 50;

pub(crate) fn measure(peers: &[usize]) {
    println!(
        "| peers | cut for | questions to one meanwhile: a second / most in one | all have all that was said meanwhile | all know all |"
    );
    println!("|---|---|---|---|---|");
    for peers in if peers.is_empty() { &[200, 1000] } else { peers } {
        of(*peers);
    }
}

/// Datagrams to one that go out a second, until each half has lost the other one.
struct Questions {
    mean: u64,
    most: u64,
}

/// Lets time pass until so many are shown in all.
fn until_present(lan: &mut Lan, present: u64) -> Questions {
    let (mut seconds, mut all, mut most) = (0, 0, 0);
    while lan.counted.present != present {
        assert!(seconds < 3600, "the halves still show each other");
        let before = lan.counted.unicasts;
        lan.run_for(Duration::from_secs(1));
        let sent = lan.counted.unicasts - before;
        (seconds, all, most) = (seconds + 1, all + sent, most.max(sent));
    }
    Questions { mean: all / seconds, most }
}

fn of(peers: usize) {
    let mut lan = Lan::of(peers);
    lan.cut_at(peers / 2);
    let half = (peers / 2 * (peers / 2 - 1) + peers.div_ceil(2) * (peers.div_ceil(2) - 1)) as u64;
    let cut = lan.now();
    let questions = until_present(&mut lan, half);
    let (often, limit) = (Duration::from_millis(100), Duration::from_secs(3600));
    for line in 1..=LINES {
        lan.say(0, line);
        lan.say(peers - 1, line);
        lan.run_for(often);
    }
    lan.run_for(Duration::from_secs(10));
    lan.heal();
    let healed = lan.now();
    let since = |lan: &Lan| format!("{:.1} s", lan.now().since(healed).as_secs_f64());
    let shown = (2 * LINES * (peers - 1)) as u64;
    let lines = lan.run_until(often, limit, |lan| lan.counted.lines == shown).map(|_| since(&lan));
    let all = (peers * (peers - 1)) as u64;
    let known = lan.run_until(often, limit, |lan| lan.counted.present == all).map(|_| since(&lan));
    let words = |time: Option<String>| time.unwrap_or("not within an hour".to_owned());
    println!(
        "| {peers} | {} s | {} / {} | after {} | after {} |",
        healed.since(cut).as_secs(),
        questions.mean,
        questions.most,
        words(lines),
        words(known)
    );
}

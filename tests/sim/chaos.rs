//! Everything at once: loss, delay, copies, cuts, restarts, sleep, wrong clocks; and in the end nothing is missing.

use std::time::Duration;

use cooee::node::Command;

use crate::lan::{HostNumber, Lan};
use crate::seeds::sweep;
use crate::weather::{Start, Weather};

const SECOND: Duration = Duration::from_secs(1);

/// Something happens to the LAN, by its own dice.
fn misfortune(lan: &mut Lan, hosts: usize, clones: bool) {
    let (host, other) = (lan.rng().usize(..hosts), lan.rng().usize(..hosts));
    let runs = lan.running().any(|running| running == host);
    let is_awake = runs && lan.is_awake(host);
    match lan.rng().u32(..100) {
        0..60 if is_awake => lan.say(host),
        60..64 if is_awake => {
            let bytes = lan.rng().usize(1000..20_000);
            lan.say_at_length(host, bytes);
        }
        64..68 if is_awake => (0..20).for_each(|_| lan.say(host)),
        68..72 => {
            let middle = lan.rng().usize(1..hosts);
            lan.cut(0..middle, middle..hosts);
        }
        72..75 if host != other => lan.cut_one_way(host, other),
        75..83 => lan.heal(),
        83..86 => lan.kill(host),
        86..88 if is_awake => {
            lan.command(host, Command::Leave);
            lan.run_for(SECOND);
        }
        88..94 if !runs => start(lan, host, clones),
        94..97 if runs => lan.sleep(host, true),
        97..100 if runs => lan.sleep(host, false),
        _ => {}
    }
}

fn start(lan: &mut Lan, host: HostNumber, clones: bool) {
    let ahead = if lan.rng().bool() { lan.rng().i64(-100_000_000..100_000_000) } else { 0 };
    lan.set_clock(host, ahead);
    let history = if lan.rng().bool() { 50 } else { 0 };
    let installation = if clones { 7 } else { host as u64 };
    lan.start_as(host, Start { installation, nick: "pi".to_owned(), history, ..Start::member(host) });
}

/// One life of a LAN, with whatever may befall it; then peace, and time to mend.
fn life(seed: u64) {
    let mut dice = fastrand::Rng::with_seed(seed);
    let hosts = dice.usize(2..8);
    let weather = Weather {
        loss: 0.4 * dice.f64() * f64::from(dice.bool()),
        delay: 50..dice.u64(100..40_000),
        twice: 0.3 * dice.f64() * f64::from(dice.bool()),
        two_cards: dice.u8(..4) == 0,
        unicast: dice.u8(..8) != 0,
    };
    let clones = dice.u8(..4) == 0;
    let mut lan = Lan::new(hosts, weather, seed);
    lan.sign = seed.is_multiple_of(4);
    (0..hosts).for_each(|host| start(&mut lan, host, clones));
    for _ in 0..dice.usize(50..200) {
        misfortune(&mut lan, hosts, clones);
        let wait = Duration::from_millis(lan.rng().u64(..1000));
        lan.run_for(wait);
        lan.assert_nobody_expired();
    }
    lan.heal();
    (0..hosts).for_each(|host| lan.sleep(host, false));
    lan.weather.loss = lan.weather.loss.min(0.05);
    lan.run_for(40 * SECOND);
    lan.assert_nobody_expired();
    assert!(lan.everybody_knows_everybody());
    lan.assert_complete();
    assert_within_budget(&lan, hosts);
}

/// What a LAN may send in all: its beacons and calls, which are a few hundred bytes a second for each host, and for
/// each byte and text that is said so much for repeats, acks, nacks and repairs. The worst of thousands of lives has
/// taken two thirds of it.
fn assert_within_budget(lan: &Lan, hosts: usize) {
    const A_SECOND_AND_HOST: u64 = 400;
    const FOR_EACH_BYTE: u64 = 15;
    const FOR_EACH_TEXT: u64 = 2000;
    let seconds = lan.now().as_micros() / 1_000_000;
    let (texts, bytes) = lan.model.said_in_all();
    let budget = seconds * hosts as u64 * A_SECOND_AND_HOST + bytes * FOR_EACH_BYTE + texts * FOR_EACH_TEXT;
    assert!(lan.bytes < budget, "{} bytes were sent, of at most {budget}", lan.bytes);
}

#[test]
fn whatever_happens_nothing_is_missing_in_the_end() {
    sweep(life);
}

//! Who is heard, who hears this run, and by which way they answer; whose clock and whose program is another.

use std::time::Duration;

use cooee::wire;

use super::isolation::{Isolation, of_interface};
use super::{ports, with_commands};
use crate::ui::commands::doctor::finding::{Finding, Topic};
use crate::ui::commands::doctor::observations::{Echo, Observations, ObservedPeer, OtherVersion, Ping, PortState};
use crate::ui::words;

/// Clocks that are further apart than this in milliseconds put lines out of their order in the eyes of people.
const CLOCK_TOLERANCE_MS: u64 = 60_000;

pub(super) fn check(observed: &Observations) -> Vec<Finding> {
    let mut findings: Vec<Finding> = answers(observed).into_iter().collect();
    findings.extend(nobody(observed));
    findings.extend(hearing(observed));
    // Where clients are kept apart, they had no way to answer.
    let is_deaf = |peer: &&ObservedPeer| of_interface(observed, &peer.interface) != Some(Isolation::Unicast);
    findings.extend(observed.one_way.iter().filter(is_deaf).map(|peer| deaf(observed, peer)));
    findings.extend(observed.peers.iter().filter_map(|peer| of_peer(observed, peer)));
    findings.extend(observed.peers.iter().filter_map(clock));
    findings.extend(observed.versions.iter().map(version));
    findings
}

/// Who answers, and how fast.
fn answers(observed: &Observations) -> Option<Finding> {
    let told = |peer: &ObservedPeer| {
        let ((Ping::Answered(time), _) | (_, Ping::Answered(time))) = (peer.unicast, peer.broadcast) else {
            return None;
        };
        Some(format!("{}{} {:.1} ms", peer.name, here(peer), millis(time)))
    };
    let answers: Vec<String> = observed.peers.iter().filter_map(told).collect();
    (!answers.is_empty()).then(|| Finding::ok(Topic::Peers, words::names(&answers)))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn here(peer: &ObservedPeer) -> &'static str {
    if peer.is_here { " (this machine)" } else { "" }
}

/// Nobody else is heard, and nothing that has been found explains it.
fn nobody(observed: &Observations) -> Option<Finding> {
    let is_lan = observed.links.iter().any(|link| !link.address.is_loopback());
    let is_sound = matches!(observed.port, PortState::Open { .. })
        && observed.links.iter().all(|link| link.echo == Echo::CameBack)
        && (is_lan || observed.asked.interfaces && !observed.links.is_empty());
    if observed.hears_anybody() || !is_sound || (!is_lan && !observed.peers.is_empty()) {
        return None;
    }
    let finding = Finding::warn(Topic::Peers, format!("nobody else is heard in {}", observed.asked.room));
    let same = if observed.asked.sealed { "port, room and passphrase" } else { "port and room" };
    let finding = finding.remedy(format!("All is well here. Run cooee on the other machine, with the same {same};"));
    Some(finding.remedy("where that does not help, \"cooee doctor\" there tells more."))
}

/// Who tells that he hears this run.
fn hearing(observed: &Observations) -> Option<Finding> {
    let hear: Vec<String> = observed.others().filter(|peer| hears(peer)).map(|peer| peer.name.to_string()).collect();
    let verb = if hear.len() == 1 { "hears" } else { "hear" };
    (!hear.is_empty()).then(|| Finding::ok(Topic::Hears, format!("{} {verb} you", words::names(&hear))))
}

/// Whoever answers hears what he was asked, whatever he told before.
fn hears(peer: &ObservedPeer) -> bool {
    let answered = |ping| matches!(ping, Ping::Answered(_));
    peer.hears_us == Some(true) || answered(peer.unicast) || answered(peer.broadcast)
}

/// Something is wrong with the ways to somebody and back.
fn of_peer(observed: &Observations, peer: &ObservedPeer) -> Option<Finding> {
    let (name, isolation) = (&peer.name, of_interface(observed, &peer.interface));
    let finding = match (peer.unicast, peer.broadcast) {
        // It is told of all of them together.
        (Ping::Lost, Ping::Answered(_)) if isolation == Some(Isolation::Unicast) => return None,
        (Ping::Answered(_), Ping::Lost) if isolation == Some(Isolation::Broadcast) => return None,
        _ if peer.hears_us == Some(false) && !hears(peer) => return Some(deaf(observed, peer)),
        (Ping::Lost, Ping::Answered(_)) => {
            let words = format!("{name} answers by broadcast only: unicast does not get through");
            let finding = Finding::warn(Topic::Unicast, words);
            with_ports(finding.remedy("All works, and more slowly. A firewall there or here has to let in"), observed)
        }
        (Ping::Answered(_), Ping::Lost) => {
            let words = format!("{name} answers by unicast only: a broadcast got lost, there or back");
            Finding::warn(Topic::Peers, words)
                .remedy("On Wi-Fi, it may be no more than chance: \"cooee ping\" tells how many.")
        }
        (Ping::Lost, Ping::Lost) => {
            let finding = Finding::warn(Topic::Peers, format!("{name} is heard, and answers neither way"));
            with_ports(finding.remedy("It may have left, or sleep; or a firewall there has to let in"), observed)
        }
        _ => return None,
    };
    Some(finding.on(&peer.interface).about(&peer.peer))
}

/// Somebody is heard who does not hear this run.
fn deaf(observed: &Observations, peer: &ObservedPeer) -> Finding {
    let (name, ip) = (&peer.name, peer.peer.address.ip());
    let finding = Finding::fail(Topic::Hears, format!("{name} ({ip}) is heard, but does not hear you"));
    let finding =
        with_ports(finding.remedy("Most often, a firewall there lets nothing in; it has to let in"), observed);
    finding.on(&peer.interface).about(&peer.peer)
}

/// Behind words of a firewall that may be another machine's: the ports, and how to open them here.
fn with_ports(finding: Finding, observed: &Observations) -> Finding {
    with_commands(finding.remedy(format!("UDP {}, on both machines.", ports(observed))), observed)
}

fn clock(peer: &ObservedPeer) -> Option<Finding> {
    let ahead = peer.clock_ahead_ms.filter(|ahead| ahead.unsigned_abs() > CLOCK_TOLERANCE_MS)?;
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    let time = in_words(ahead.unsigned_abs() / 1000);
    let finding = Finding::warn(Topic::Clock, format!("{}'s clock is {time} {way} yours", peer.name));
    let finding = finding.remedy("Let both machines keep the time of the network; on Linux:");
    Some(finding.command("sudo timedatectl set-ntp true").about(&peer.peer))
}

/// `90 s`, `5 min`, `3 h` or `400 days`: in the largest unit of which there are two.
fn in_words(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn version(other: &OtherVersion) -> Finding {
    let OtherVersion { version, from } = other;
    let words = format!("{from} speaks version {version} of the protocol, and this program version {}", wire::VERSION);
    let older = if *version > wire::VERSION { "here" } else { "there" };
    Finding::warn(Topic::Version, words).remedy(format!("They do not hear each other. Bring cooee up to date {older}."))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{peer, remedy, sound, told};
    use super::*;

    #[test]
    fn who_answers_is_told_with_the_round_trip() {
        let mut observed = sound();
        observed.peers.push(ObservedPeer { is_here: true, ..peer(2, "carol") });
        assert_eq!(told(&check(&observed)), ["ok bob 0.4 ms and carol (this machine) 0.4 ms", "ok bob hears you"]);
    }

    #[test]
    fn ways_that_do_not_get_through_are_told() {
        let mut observed = sound();
        // Else it looks like isolation.
        observed.gateways.clear();
        let mut with = |unicast, broadcast| {
            (observed.peers[0].unicast, observed.peers[0].broadcast) = (unicast, broadcast);
            observed.peers[0].hears_us = None;
            (told(&check(&observed)), remedy(&check(&observed)))
        };
        let answered = Ping::Answered(Duration::from_millis(3));
        let (words, what_to_do) = with(Ping::Lost, answered);
        assert_eq!(words[0], "ok bob 3.0 ms");
        assert_eq!(words[2], "warn bob answers by broadcast only: unicast does not get through");
        assert!(what_to_do.contains("UDP 26633-26649, on both machines"), "{what_to_do}");
        let (words, _) = with(Ping::Lost, Ping::Lost);
        assert_eq!(words, ["warn bob is heard, and answers neither way"]);
    }

    #[test]
    fn who_does_not_hear_us_is_a_problem() {
        let mut observed = sound();
        observed.one_way = vec![peer(2, "carol")];
        assert_eq!(told(&check(&observed))[2], "FAIL carol (192.0.2.7) is heard, but does not hear you");
        observed.one_way.clear();
        let bob = &mut observed.peers[0];
        (bob.unicast, bob.broadcast, bob.hears_us) = (Ping::Lost, Ping::Lost, Some(false));
        assert_eq!(told(&check(&observed)), ["FAIL bob (192.0.2.7) is heard, but does not hear you"]);
        observed.peers[0].broadcast = Ping::Answered(Duration::ZERO);
        assert!(told(&check(&observed)).contains(&"ok bob hears you".to_owned()), "he answers");
    }

    #[test]
    fn where_nobody_is_heard_and_all_is_well_the_other_machine_is_next() {
        let mut observed = sound();
        observed.peers.clear();
        assert_eq!(told(&check(&observed)), ["warn nobody else is heard in room lobby"]);
        observed.links[0].echo = Echo::Lost;
        assert_eq!(check(&observed), [], "it is told already why");
    }

    #[test]
    fn clocks_that_are_apart_are_told() {
        let mut observed = sound();
        let mut with = |ahead| {
            observed.peers[0].clock_ahead_ms = Some(ahead);
            told(&check(&observed)).split_off(2).concat()
        };
        assert_eq!(with(60_000), "");
        assert_eq!(with(61_000), "warn bob's clock is 61 s ahead of yours");
        assert_eq!(with(301_000), "warn bob's clock is 5 min ahead of yours");
        assert_eq!(with(-3 * 3_600_000), "warn bob's clock is 3 h behind yours");
        assert_eq!(with(i64::MIN), "warn bob's clock is 106751991167 days behind yours");
    }

    #[test]
    fn whoever_speaks_another_version_is_told_by_his_address() {
        let mut observed = sound();
        observed.versions = vec![OtherVersion { version: 2, from: [192, 0, 2, 9].into() }];
        let words = "warn 192.0.2.9 speaks version 2 of the protocol, and this program version 1";
        assert_eq!(told(&check(&observed))[2], words);
        assert!(remedy(&check(&observed)).ends_with("up to date here.\n"));
    }
}

//! Observations for tests: a sound LAN, to be made worse.

use std::time::Duration;

use cooee::net::{Interface, State, Use};

use super::*;
use crate::ui::commands::doctor::finding::{Severity, Topic};
use crate::ui::commands::doctor::machine::firewall::Reading;
use crate::ui::commands::doctor::machine::{Firewall, Gateway, Sockets};
use crate::ui::commands::doctor::observations::{Asked, Drops, Echo, ObservedLink, ObservedPeer, Ping, PortState};
use crate::ui::safe::Safe;

/// One link, on which bob is.
pub(super) fn sound() -> Observations {
    Observations {
        asked: Asked { port: 26633, room: "room lobby".to_owned(), sealed: false, interfaces: false },
        interfaces: Ok(vec![interface("eth0", Use::Used)]),
        links: vec![link("eth0")],
        port: PortState::Open { unicast: 26634 },
        sockets: Sockets::default(),
        drops: Drops::default(),
        firewall: Firewall { front: None, reading: Reading::Read, closed: Vec::new(), unclear: false },
        gateways: vec![Gateway { interface: "eth0".to_owned(), address: [192, 0, 2, 254].into(), answers: true }],
        peers: vec![peer(1, "bob")],
        one_way: Vec::new(),
        remote: Vec::new(),
        rooms: Vec::new(),
        on_usual_port: 0,
        versions: Vec::new(),
    }
}

pub(super) fn interface(name: &str, used: Use) -> Interface {
    Interface { name: name.to_owned(), index: 2, state: State::Up, addresses: Vec::new(), used }
}

pub(super) fn link(interface: &str) -> ObservedLink {
    ObservedLink {
        interface: interface.to_owned(),
        address: [192, 0, 2, 1].into(),
        prefix: 24,
        everybody: [192, 0, 2, 255].into(),
        mtu: Some(1500),
        echo: Echo::CameBack,
    }
}

pub(super) fn peer(number: u64, nick: &'static str) -> ObservedPeer {
    ObservedPeer {
        name: Safe::literal(nick),
        peer: crate::ui::sample::peer(number, nick),
        interface: "eth0".to_owned(),
        is_here: false,
        unicast: Ping::Answered(Duration::from_micros(420)),
        broadcast: Ping::Answered(Duration::from_micros(800)),
        hears_us: Some(true),
        clock_ahead_ms: Some(0),
    }
}

/// `FAIL echo own beacon …` for each finding.
pub(super) fn told(findings: &[Finding]) -> Vec<String> {
    let word = |severity| match severity {
        Severity::Ok => "ok",
        Severity::Warn => "warn",
        Severity::Fail => "FAIL",
    };
    findings.iter().map(|finding| format!("{} {}", word(finding.severity), finding.words)).collect()
}

/// The remedy of the only finding that is not ok.
pub(super) fn remedy(findings: &[Finding]) -> String {
    let mut problems = findings.iter().filter(|finding| finding.severity != Severity::Ok);
    let (problem, next) = (problems.next().unwrap(), problems.next());
    assert_eq!(next, None);
    problem.remedy.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn of_a_sound_lan_no_problem_is_found() {
    let findings = findings(&sound());
    assert!(findings.iter().all(|finding| finding.severity == Severity::Ok), "{findings:?}");
    let topics: Vec<Topic> = findings.iter().map(|finding| finding.topic).collect();
    assert_eq!(topics, [Topic::Links, Topic::Port, Topic::Echo, Topic::Firewall, Topic::Peers, Topic::Hears]);
}

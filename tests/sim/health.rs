//! What shows whether the links work, and who cannot be understood.

use std::time::Duration;

use cooee::node::OtherVersion;
use cooee::wire::MAGIC;

use crate::lan::Lan;
use crate::weather::Weather;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn own_calls_come_back_and_others_are_heard() {
    let mut lan = Lan::new(2, Weather { two_cards: true, ..Weather::FAIR }, 1);
    lan.start(0);
    lan.run_for(SECOND);
    let health = lan.node(0).link_health();
    assert!(health.len() == 2 && health.iter().all(|link| link.echoed.is_some() && link.heard.is_none()), "{health:?}");
    lan.start(1);
    lan.run_for(SECOND);
    assert!(lan.node(0).link_health().iter().all(|link| link.heard.is_some()));
}

#[test]
fn who_borrows_our_name_is_no_echo() {
    let mut lan = Lan::new(1, Weather::FAIR, 1);
    lan.record = Some(Vec::new());
    lan.start(0);
    lan.run_for(2 * SECOND);
    let (before, own) = (lan.node(0).link_health()[0], lan.record.take().unwrap().pop().unwrap());
    lan.inject(0, "10.77.9.9:26634".parse().unwrap(), &own);
    assert_eq!(lan.node(0).link_health()[0], before);
    lan.inject(0, "10.77.0.0:26634".parse().unwrap(), &own);
    assert!(lan.node(0).link_health()[0].echoed > before.echoed);
}

#[test]
fn who_speaks_another_version_is_known_for_some_minutes() {
    let mut lan = Lan::new(1, Weather::FAIR, 1);
    lan.start(0);
    let mut bytes = [0; 40];
    bytes[..4].copy_from_slice(&MAGIC);
    bytes[4] = 2;
    lan.inject(0, "10.77.9.9:26634".parse().unwrap(), &bytes);
    let others = |lan: &Lan| lan.node(0).other_versions(lan.now()).collect::<Vec<_>>();
    assert_eq!(others(&lan), [OtherVersion { version: 2, from: [10, 77, 9, 9].into() }]);
    lan.run_for(150 * SECOND);
    assert_eq!(others(&lan), []);
}

//! A thousand peers on one LAN.

use std::time::Duration;

use crate::lan::Lan;
use crate::weather::Weather;

const PEERS: usize = 1000;
const SECOND: Duration = Duration::from_secs(1);

/// A LAN on which a thousand start at once, after a minute.
fn thousand(weather: Weather) -> Lan {
    let mut lan = Lan::new(PEERS + 1, weather, 1);
    for host in 0..PEERS {
        lan.start(host);
    }
    // What they promised when they knew few others, a beacon each 5 s, is over by then.
    lan.run_for(70 * SECOND);
    lan
}

#[test]
fn a_thousand_send_at_most_20_beacons_a_second_and_a_newcomer_is_known_within_one() {
    let mut lan = thousand(Weather::losing(0.05));
    let (broadcasts, unicasts) = (lan.broadcasts, lan.unicasts);
    lan.run_for(30 * SECOND);
    let a_second = |count: u64| count as f64 / 30.0;
    let (broadcasts, unicasts) = (a_second(lan.broadcasts - broadcasts), a_second(lan.unicasts - unicasts));
    println!("steady state: {broadcasts:.1} beacons and {unicasts:.1} unicasts a second");
    assert!(broadcasts <= 20.0, "{broadcasts} beacons a second");
    assert_eq!(lan.model.lost, []);

    let newcomer = lan.start(PEERS);
    let begin = lan.now();
    lan.run_until(SECOND, |lan| lan.model.show(newcomer) == PEERS);
    println!("a newcomer was known to all after {:?}", lan.now().since(begin));
    lan.run_until(4 * SECOND, |lan| lan.model.present_to(newcomer) == PEERS);
    println!("and knew all after {:?}", lan.now().since(begin));
}

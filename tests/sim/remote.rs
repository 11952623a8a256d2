//! Subnets that no broadcast joins: who is beyond them is reached by unicast, as soon as one of two asks.

use std::time::Duration;

use crate::lan::Lan;
use crate::seeds::sweep;
use crate::weather::Weather;

const SECOND: Duration = Duration::from_secs(1);

/// A hub and two neighbours, who were told nothing; and in three subnets of their own four others who were told where
/// the hub is. The last two share one.
const HUB: usize = 0;
const HOSTS: usize = 7;

fn subnets(weather: Weather, seed: u64) -> Lan {
    let mut lan = Lan::new(HOSTS, weather, seed);
    lan.sign = seed.is_multiple_of(4);
    lan.put(3..4, 1);
    lan.put(4..5, 2);
    lan.put(5..7, 3);
    for host in 0..HOSTS {
        lan.start(host);
        if host >= 3 {
            lan.ask_beyond(host, &[HUB]);
        }
    }
    lan
}

#[test]
fn all_who_ask_a_hub_know_each_other_and_its_neighbours() {
    let mut lan = subnets(Weather::FAIR, 4);
    let took = lan.run_until(5 * SECOND, Lan::everybody_knows_everybody);
    println!("known after {took:?}");
    assert!(took < 2 * SECOND, "{took:?}");
}

#[test]
fn each_line_is_shown_once_and_in_order_also_where_a_fifth_gets_lost() {
    sweep(|seed| {
        let mut lan = subnets(Weather::losing(0.2), seed);
        lan.run_until(40 * SECOND, Lan::everybody_knows_everybody);
        for line in 0..5 * HOSTS {
            lan.say(line % HOSTS);
            let wait = Duration::from_millis(lan.rng().u64(..200));
            lan.run_for(wait);
        }
        lan.run_until(60 * SECOND, Lan::everybody_has_all);
        lan.assert_complete();
        lan.assert_nobody_expired();
    });
}

//! Firewalls that let the shared port through and nothing else: all goes by broadcast, and takes hardly longer.

use std::cell::RefCell;
use std::time::Duration;

use cooee::node::Command;
use cooee::wire::Text;

use crate::lan::Lan;
use crate::seeds::{sweep, sweep_some};
use crate::weather::Weather;

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

/// What it took to have every line shown to every reader.
#[derive(Default)]
struct Cost {
    delays: Vec<Duration>,
    lines: u64,
    datagrams: u64,
}

/// Three of so many hosts say a hundred lines each, as in a lively talk, and 20 % get lost on the way to each.
fn talk(hosts: usize, unicast: bool, seeds: u64) -> Cost {
    let cost = RefCell::new(Cost::default());
    sweep_some(seeds, |seed| {
        let mut lan = Lan::acquainted(hosts, Weather { unicast, ..Weather::losing(0.2) }, seed);
        let before = lan.broadcasts + lan.unicasts;
        for _ in 0..100 {
            for speaker in 0..3 {
                lan.say(speaker);
                let pause = lan.rng().u64(10..90);
                lan.run_for(Duration::from_millis(pause));
            }
        }
        lan.run_for(8 * SECOND);
        assert!(lan.everybody_has_all());
        lan.running().for_each(|host| assert_eq!(lan.model.gaps_of(lan.node(host).run()), 0));
        let mut cost = cost.borrow_mut();
        cost.delays.append(&mut lan.model.delays);
        cost.datagrams += lan.broadcasts + lan.unicasts - before;
        cost.lines += 300;
    });
    let mut cost = cost.into_inner();
    cost.delays.sort();
    cost
}

/// How long the median line took, 99 in a hundred, and all.
fn told(name: &str, cost: &Cost) -> [Duration; 3] {
    let within = |share: f64| cost.delays[(share * (cost.delays.len() - 1) as f64) as usize];
    let [half, of_99, all] = [0.5, 0.99, 1.0].map(within);
    let each = cost.datagrams as f64 / cost.lines as f64;
    println!("{name}: half within {half:?}, 99 % {of_99:?}, all {all:?}; {each:.1} datagrams for each line");
    [half, of_99, all]
}

#[test]
fn ten_hosts_have_all_within_2_seconds() {
    let open = told("10 hosts, no firewall", &talk(10, true, 20));
    let walled = told("10 hosts, no unicast", &talk(10, false, 20));
    assert!(open[2] < 2 * SECOND && walled[2] < 2 * SECOND && walled[1] < 300 * MILLI);
}

#[test]
fn thirty_hosts_have_all_within_2_seconds() {
    let open = told("30 hosts, no firewall", &talk(30, true, 5));
    let walled = told("30 hosts, no unicast", &talk(30, false, 5));
    assert!(open[2] < 2 * SECOND && walled[2] < 2 * SECOND && walled[1] < 300 * MILLI);
}

#[test]
fn what_is_said_to_one_alone_gets_there_too() {
    let (said, unheard) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    sweep(|seed| {
        let mut lan = Lan::new(3, Weather { unicast: false, ..Weather::FAIR }, seed);
        lan.sign = true;
        lan.start_all();
        lan.run_until(20 * SECOND, Lan::everybody_knows_everybody);
        lan.weather.loss = 0.2;
        let reader = lan.node(1).run();
        for number in 0..5 {
            let (text, time) = (Text::new(format!("secret {number}")).unwrap(), lan.unix(0));
            lan.command(0, Command::SayPrivately { reader, text, action: false, time });
            lan.run_for(6 * SECOND);
        }
        assert_eq!((lan.model.outcomes.len(), lan.model.private.len()), (5, 5), "each is told, and each got there");
        let missed = lan.model.outcomes.iter().filter(|(_, outcome)| !outcome.is_heard).count();
        said.set(said.get() + 5);
        unheard.set(unheard.get() + missed);
    });
    println!("{} of {} private lines were not known to be heard", unheard.get(), said.get());
    assert!(unheard.get() * 100 <= said.get(), "one in a hundred at most");
}

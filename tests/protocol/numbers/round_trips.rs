//! Pings and pongs.

use std::time::Duration;

use cooee::node::{Command, CommandError, Event};
use cooee::wire::{Counter, Message, Ping, PingToken, PingWay};

use super::on_page;
use crate::lab::{ITSELF, Lab, run};

/// How many of four pings a millisecond are answered, from these hosts in turn: so many at once, and then in a second.
fn answered(hosts: &[u8]) -> String {
    let (mut lab, mut hosts, mut counter) = (Lab::with_peers(1, 1), hosts.iter().cycle(), 0);
    let mut pongs = |lab: &mut Lab, pings: usize| {
        for host in hosts.by_ref().take(pings) {
            counter += 1;
            let ping = Ping { reader: run(ITSELF), way: PingWay::Unicast, token: PingToken(7) };
            lab.hear_from(*host, 7, Message::Ping(Counter(counter), ping));
        }
        lab.pass(Duration::ZERO).iter().filter(|sent| matches!(sent.message(), Message::Pong(..))).count()
    };
    let at_once = pongs(&mut lab, 1000);
    let mut later = 0;
    for _ in 0..20_000 {
        lab.now += Duration::from_millis(1);
        later += pongs(&mut lab, 4);
    }
    format!("{at_once} at once, then {} a second", (later as f64 / 20.0).round())
}

#[test]
fn of_pongs() {
    on_page("pongs for an address", &answered(&[9]));
    on_page("pongs", &answered(&(10..=250).collect::<Vec<_>>()));
}

#[test]
fn of_pings() {
    let mut lab = Lab::with_peers(1, 1);
    let ping =
        |lab: &mut Lab| lab.node.handle_command(lab.now, Command::Ping { reader: run(1), way: PingWay::Unicast });
    let taken = (0..).take_while(|_| ping(&mut lab).is_ok()).count();
    assert_eq!(ping(&mut lab), Err(CommandError::Busy));
    on_page("pings under way", &taken.to_string());
    let waited = lab.millis_until(|event| matches!(event, Event::NoPong { .. }));
    on_page("pong waited for", &format!("{} s", waited as f64 / 1000.0));
    assert_eq!(ping(&mut lab), Ok(()));
}

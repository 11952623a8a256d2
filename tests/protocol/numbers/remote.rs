//! Beyond the subnet: who is told everything by unicast, who is told of, and who is called.

use std::net::SocketAddr;
use std::time::Duration;

use cooee::node::{Datagram, LinkId, Node, Transmit};
use cooee::wire::{Addresses, Beacon, Counter, Heard, Identity, Message, Ping, RunAddress};

use super::{list, on_page};
use crate::lab::{ITSELF, Lab, Sent, beacon, encoded, millis, quiet_beacon, run};

/// Where a run is, beyond the subnet.
fn place(number: u64) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, number as u8], 26634))
}

/// The node hears a run from beyond the subnet.
fn hear(lab: &mut Lab, number: u64, message: Message<'_>) {
    let bytes = encoded(&Identity::Unsigned(run(number)), message);
    let datagram = Datagram { link: LinkId::REMOTE, from: place(number), waited: Duration::ZERO, bytes: &bytes };
    lab.node.handle_datagram(lab.now, datagram);
}

/// A beacon of a run that asks for everything by unicast, and hears the node.
fn asking(counter: u32) -> Message<'static> {
    let heard = Heard::all([run(ITSELF)].into_iter(), Counter(counter));
    Message::Beacon(Counter(counter), Beacon { remote: true, heard, ..quiet_beacon() })
}

fn pings(sent: &[Sent]) -> Vec<Ping> {
    let ping = |sent: &Sent| if let Message::Ping(_, ping) = sent.message() { Some(ping) } else { None };
    sent.iter().filter_map(ping).collect()
}

/// When somebody was told where others are.
fn told(sent: &[Sent]) -> impl Iterator<Item = u64> {
    sent.iter().filter(|sent| matches!(sent.message(), Message::Addresses(..))).map(|sent| millis(sent.at))
}

/// A run asks, and answers the ping that it is sent; tells whether it was sent one.
fn enter(lab: &mut Lab, number: u64) -> bool {
    hear(lab, number, asking(1));
    let pinged = pings(lab.pass(Duration::ZERO));
    for ping in &pinged {
        hear(lab, number, Message::Pong(Counter(2), ping.pong(run(ITSELF))));
    }
    !pinged.is_empty()
}

/// To how many a line goes by unicast.
fn copies(lab: &mut Lab) -> usize {
    lab.say("all of you");
    let sent = lab.pass(Duration::ZERO);
    sent.iter().filter(|sent| sent.is_lines() && !sent.is_to_all()).count()
}

#[test]
fn of_those_who_ask() {
    let mut lab = Lab::with_peers(1, 0);
    for number in 1..=200 {
        enter(&mut lab, number);
        lab.pass(Duration::from_millis(50));
    }
    on_page("runs beyond the subnet", &format!("{} at most", copies(&mut lab)));

    let again = (1..).find(|wait| {
        let mut lab = Lab::with_peers(1, 0);
        hear(&mut lab, 1, asking(1));
        assert_eq!(pings(lab.pass(Duration::from_millis(*wait))).len(), 1);
        hear(&mut lab, 1, asking(2));
        !pings(lab.pass(Duration::ZERO)).is_empty()
    });
    on_page("pings to who asks", &format!("{} ms apart at least", again.unwrap()));

    let mut lab = Lab::with_peers(1, 3);
    assert!(enter(&mut lab, 101));
    let mut times = Vec::new();
    for number in 0..300 {
        // Every 10 ms somebody comes.
        lab.hear(200 + number, beacon(false, false, 600, 1));
        times.extend(told(lab.pass(Duration::from_millis(10))));
    }
    // More than 32 take two datagrams.
    times.dedup();
    let apart = times[1..].windows(2).map(|two| two[1] - two[0]).min();
    on_page("addresses told", &format!("{} s apart at least", apart.unwrap() / 1000));
}

#[test]
fn of_those_who_are_called() {
    let given: Vec<SocketAddr> = (1..=200).map(|port| SocketAddr::from(([203, 0, 113, 1], port))).collect();
    let mut lab = Lab::with_peers(1, 0);
    lab.node.handle_remote_addresses(lab.now, &given);
    let hellos = lab.pass(Duration::ZERO).iter().filter(|sent| sent.is_hello() && !sent.is_to_all()).count();
    assert_eq!(hellos, Node::REMOTE_ADDRESSES_MAX);
    on_page("addresses given", &format!("{hellos} at most"));

    let mut lab = Lab::with_peers(1, 0);
    lab.node.handle_remote_addresses(lab.now, &[place(1)]);
    lab.pass(Duration::from_secs(10));
    assert!(enter(&mut lab, 1));
    let begun = lab.now;
    let mut calls = Vec::new();
    let to = place(2);
    for second in 0..31 {
        let addresses = Addresses::of(run(ITSELF), [RunAddress { run: run(2), address: to }].into_iter());
        hear(&mut lab, 1, asking(10 + 2 * second));
        hear(&mut lab, 1, Message::Addresses(Counter(11 + 2 * second), addresses));
        let to = Transmit::Unicast { link: LinkId::REMOTE, to };
        let sent = lab.pass(Duration::from_secs(1));
        calls.extend(sent.iter().filter(|sent| sent.to == to && sent.is_hello()).map(|sent| sent.at));
    }
    let calls: Vec<u64> = calls.iter().map(|at| millis(*at) - millis(begun)).collect();
    let anew = calls.iter().position(|at| *at > 20_000).unwrap();
    let number = format!("{} ms after, then anew after {} s", list(calls[..anew].iter().copied()), calls[anew] / 1000);
    on_page("told run called", &number);
}

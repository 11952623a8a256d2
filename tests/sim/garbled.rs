//! What a LAN says, with bytes changed: a node takes all of it, stands, and sends little.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use cooee::node::{Datagram, Node};
use cooee::time::Time;
use cooee::wire::HEADER_LEN;

use crate::lan::Lan;
use crate::seeds::sweep;
use crate::weather::{CABLE, Start, Weather};

const SECOND: Duration = Duration::from_secs(1);

/// A little of everything that is ever sent.
fn talk(seed: u64) -> Vec<Rc<[u8]>> {
    let mut lan = Lan::new(4, Weather::losing(0.3), seed);
    lan.record = Some(Vec::new());
    for host in 0..3 {
        lan.start(host);
    }
    lan.run_for(6 * SECOND);
    lan.cut(0..1, 1..4);
    for host in (0..3).cycle().take(30) {
        lan.say(host);
        lan.run_for(SECOND);
    }
    lan.say_at_length(1, 5000);
    lan.heal();
    lan.start_as(3, Start { history: 50, ..Start::member(3) });
    lan.run_for(5 * SECOND);
    lan.command(2, cooee::node::Command::Leave);
    lan.run_for(SECOND);
    lan.record.take().unwrap()
}

/// Changes some bytes, mostly of what says something; the header's magic, version and room stay right.
fn garble(bytes: &mut [u8], rng: &mut fastrand::Rng) {
    for _ in 0..rng.usize(1..4) {
        let place = if rng.u8(..4) == 0 { rng.usize(16..HEADER_LEN) } else { rng.usize(HEADER_LEN..bytes.len()) };
        bytes[place] = if rng.bool() { rng.u8(..) } else { bytes[place] ^ 1 << rng.u8(..8) };
    }
}

/// Fetches all that a node has to give; gives how much it sent.
fn drain(node: &mut Node, buffer: &mut Vec<u8>) -> usize {
    let mut sent = 0;
    while node.poll_transmit(buffer).is_some() {
        sent += 1;
    }
    while node.poll_event().is_some() {}
    sent
}

#[test]
fn whatever_is_changed_on_its_way_no_node_falls_or_floods() {
    sweep(|seed| {
        let said = talk(seed);
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut lan = Lan::new(1, Weather::FAIR, seed);
        lan.start_as(0, Start { history: 50 * rng.u32(..2), ..Start::member(9) });
        let mut node = lan.take_node(0);
        let (mut now, mut buffer, mut sent) = (Time::ZERO, Vec::new(), 0);
        for _ in 0..2000 {
            let mut bytes = said[rng.usize(..said.len())].to_vec();
            garble(&mut bytes, &mut rng);
            let from = SocketAddr::from(([10, 77, 0, rng.u8(..8)], 26634));
            node.handle_datagram(now, Datagram { link: CABLE, from, waited: Duration::ZERO, bytes: &bytes });
            sent += drain(&mut node, &mut buffer);
            now += Duration::from_millis(rng.u64(..10));
            while node.poll_timeout().is_some_and(|deadline| deadline.at <= now) {
                node.handle_timeout(now);
                sent += drain(&mut node, &mut buffer);
            }
        }
        // Ten seconds or so, in which nacks alone may be 500 a second.
        assert!(sent < 6000, "{sent} datagrams were sent for 2,000");
    });
}

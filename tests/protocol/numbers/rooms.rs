//! Which other rooms there are.

use std::time::Duration;

use cooee::node::Command;
use cooee::trust::Random;
use cooee::wire::{Beacon, Counter, Envelope, Identity, Message, Room, RoomId, RoomName};

use super::{list, on_page};
use crate::lab::{Lab, millis, quiet_beacon, run};

/// A beacon of the room of this name.
fn beacon_of(author: u64, counter: u32, room: &str) -> Vec<u8> {
    let name = RoomName::new(room.to_owned()).unwrap();
    let beacon = Beacon { room: Some(name.clone()), ..quiet_beacon() };
    let mut bytes = Vec::new();
    let message = Message::Beacon(Counter(counter), beacon);
    message.encode(&Identity::Unsigned(run(author)), &Room::open(&name), &mut Random::new(0.into()), &mut bytes);
    bytes
}

/// What is taken for a beacon of a sealed room, as nobody outside can open it.
fn sealed_beacon(author: u64) -> Vec<u8> {
    let mut bytes = beacon_of(author, 1, "attic");
    bytes[7] = 3;
    bytes
}

fn peers(lab: &Lab) -> usize {
    lab.node.rooms(lab.now).map(|room| room.peers).sum()
}

#[test]
fn of_asking_for_rooms() {
    let mut lab = Lab::new(1);
    lab.pass(Duration::from_secs(10));
    let begun = millis(lab.now);
    lab.node.handle_command(lab.now, Command::AskRooms).unwrap();
    let sent = lab.pass(Duration::from_secs(10));
    let is_question = |bytes: &[u8]| Envelope::parse(bytes).unwrap().room() == RoomId::ANY;
    let asked = sent.iter().filter(|sent| is_question(&sent.bytes) && sent.is_to_all() && sent.is_hello());
    on_page("rooms asked for", &format!("{} ms", list(asked.map(|sent| millis(sent.at) - begun))));
}

#[test]
fn of_rooms_that_are_heard() {
    let mut lab = Lab::new(1);
    (1..=6000).for_each(|author| lab.hear_bytes(7, &beacon_of(author, 1, "attic")));
    on_page("runs of other rooms", &peers(&lab).to_string());

    let mut lab = Lab::new(1);
    (1..=6000).for_each(|author| lab.hear_bytes(7, &sealed_beacon(author)));
    on_page("runs of sealed rooms", &peers(&lab).to_string());
    let counts = (0..60_000).step_by(100).find(|_| {
        lab.now += Duration::from_millis(100);
        peers(&lab) == 0
    });
    on_page("run of a sealed room", &format!("counts for {} ms", counts.unwrap() + 100));

    let is_looked_into_after = |wait: &u64| {
        let mut lab = Lab::new(1);
        lab.hear_bytes(7, &beacon_of(1, 1, "attic"));
        lab.now += Duration::from_millis(*wait);
        lab.hear_bytes(7, &beacon_of(1, 2, "attic"));
        lab.node.rooms(lab.now).all(|room| room.heard == lab.now)
    };
    let wait = (1..20_000).step_by(1).find(is_looked_into_after).unwrap();
    on_page("run of another room", &format!("looked into again after {} s", wait / 1000));
}

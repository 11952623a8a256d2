//! Whatever is changed, made up or said in another room is not let in.

use std::rc::Rc;
use std::time::Duration;

use cooee::node::Command;
use cooee::trust::{Random, RoomKey, SecretKey};
use cooee::wire::{Envelope, Epoch, Error, HEADER_LEN, Identity, Message, Packet, Room, RoomName, Text, parse};

use crate::lan::Lan;
use crate::seeds::sweep;
use crate::weather::Weather;

const SECOND: Duration = Duration::from_secs(1);
/// Datagrams that are tried with each seed.
const TRIES: usize = 100;

/// A little of everything that is ever sent, signed.
fn talk() -> Vec<Rc<[u8]>> {
    let mut lan = Lan::new(3, Weather::losing(0.2), 1);
    lan.sign = true;
    lan.record = Some(Vec::new());
    lan.start_all();
    lan.run_for(3 * SECOND);
    for host in 0..3 {
        lan.say_at_length(host, 500);
        let (reader, time) = (lan.node((host + 1) % 3).run(), lan.unix(host));
        let text = Text::new("between you and me").unwrap();
        lan.command(host, Command::SayPrivately { reader, text, action: false, time });
        lan.run_for(SECOND);
    }
    lan.run_for(6 * SECOND);
    lan.record.take().unwrap()
}

/// A room, and what was said there.
struct Session {
    room: Room,
    said: Vec<Vec<u8>>,
}

/// The same in an open room and in two sealed ones.
fn sessions() -> Vec<Session> {
    let talk = talk();
    let lobby = Room::open(&RoomName::new("lobby").unwrap());
    let [lab, other] = [b"magpie", b"Magpie"].map(|word| Room::Sealed(RoomKey::derive(word, "lab")));
    let mut random = Random::new(1.into());
    let mut sealed_in = |room: &Room| -> Vec<Vec<u8>> {
        let key = SecretKey::from_bytes(&[7; SecretKey::LEN]);
        let author = Identity::signed(key, Epoch(1), room);
        let mut said = Vec::new();
        for bytes in &talk {
            let mut out = Vec::new();
            let mut message = parse(bytes).unwrap().message;
            // In a sealed room a beacon does not tell what that is called.
            if let Message::Beacon(_, beacon) = &mut message {
                beacon.room = None;
            }
            message.encode(&author, room, &mut random, &mut out);
            said.push(out);
        }
        said
    };
    let (in_lab, in_other) = (sealed_in(&lab), sealed_in(&other));
    let in_lobby = talk.iter().map(|bytes| bytes.to_vec()).collect();
    vec![
        Session { room: lobby, said: in_lobby },
        Session { room: lab, said: in_lab },
        Session { room: other, said: in_other },
    ]
}

/// What a node makes of a datagram that comes to its room.
fn open<'a>(room: &Room, bytes: &'a [u8], scratch: &'a mut Vec<u8>) -> Option<Result<Packet<'a>, Error>> {
    match Envelope::parse(bytes) {
        Err(error) => Some(Err(error)),
        Ok(envelope) if envelope.room() != room.id() => None,
        Ok(envelope) => Some(envelope.open(room, scratch)),
    }
}

/// Changes it somewhere: one bit, some bytes, its length, or a piece of another one in its place.
fn forge(bytes: &mut Vec<u8>, other: &[u8], room: &Room, dice: &mut fastrand::Rng) {
    match dice.u8(..6) {
        0 | 1 => {
            let bit = dice.usize(..8 * bytes.len());
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        2 => (0..dice.usize(1..5)).for_each(|_| {
            let place = dice.usize(..bytes.len());
            bytes[place] = dice.u8(..);
        }),
        3 => bytes.truncate(dice.usize(..bytes.len())),
        4 => bytes.extend((0..dice.usize(1..50)).map(|_| dice.u8(..))),
        // Under the header of one, the rest of another.
        _ => {
            bytes.truncate(HEADER_LEN);
            bytes.extend(&other[HEADER_LEN.min(other.len())..]);
        }
    }
    // Half of those that would be passed over as another room's are said to be of this one.
    if bytes.len() >= HEADER_LEN && dice.bool() {
        bytes[8..16].copy_from_slice(&room.id().0.to_be_bytes());
    }
}

#[test]
fn nothing_that_was_changed_is_let_in() {
    let sessions = sessions();
    for Session { room, said } in &sessions {
        assert!(said.len() > 50);
        assert!(said.iter().all(|bytes| open(room, bytes, &mut Vec::new()).unwrap().is_ok()), "as it is, it is let in");
    }
    sweep(|seed| {
        let mut dice = fastrand::Rng::with_seed(seed);
        let mut scratch = Vec::new();
        for _ in 0..TRIES {
            let (from, to) = (&sessions[dice.usize(..3)], &sessions[dice.usize(..3)]);
            let original = &from.said[dice.usize(..from.said.len())];
            let mut bytes = original.clone();
            forge(&mut bytes, &from.said[dice.usize(..from.said.len())], &to.room, &mut dice);
            let is_changed = !to.said.contains(&bytes);
            if let Some(Ok(packet)) = open(&to.room, &bytes, &mut scratch).filter(|_| is_changed) {
                panic!("{packet:?} was let in");
            }
        }
    });
}

#[test]
fn nobody_speaks_in_the_name_of_one_who_signs() {
    let said = talk();
    let mut refused = [0; 3];
    for bytes in &said {
        let packet = parse(bytes).unwrap();
        let (room, mut random, mut forged) = (Room::unnamed(packet.room), Random::new(1.into()), Vec::new());
        // Unsigned, in his name.
        packet.message.encode(&Identity::Unsigned(packet.author), &room, &mut random, &mut forged);
        refused[0] += u32::from(parse(&forged) == Err(Error::Unsigned));
        // Signed with another key, in his name.
        let thief = Identity::Signed { key: SecretKey::from_bytes(&[9; 32]), run: packet.author };
        packet.message.encode(&thief, &room, &mut random, &mut forged);
        refused[1] += u32::from(parse(&forged) == Err(Error::PeerId));
        // With his key in the trailer, which everybody knows, but signed with another one.
        let key_at = forged.len() - 96;
        forged[key_at..key_at + 32].copy_from_slice(&packet.signer.unwrap().0);
        refused[2] += u32::from(parse(&forged) == Err(Error::Signature));
        assert!(!matches!(packet.message, Message::Lines(_)) || packet.signer.is_some());
    }
    assert_eq!(refused, [said.len() as u32; 3]);
}

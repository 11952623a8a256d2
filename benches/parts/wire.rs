//! Bytes to datagrams and back. Nothing is signed but what is always signed, and no signature is checked: what that
//! costs, `trust` tells.

use cooee::trust::Random;
use cooee::wire::{Envelope, Identity, Message};
use divan::{Bencher, black_box};

use crate::scene::{KINDS, junk, lobby, packet};

#[divan::bench(args = KINDS)]
fn encode(bencher: Bencher<'_, '_>, kind: &str) {
    let ((author, message), room) = (packet(kind), lobby());
    let (mut random, mut out) = (Random::new(1.into()), Vec::new());
    // Without its signature, which would be all that is seen.
    let nobody = Identity::Unsigned(author.run());
    bencher.bench_local(|| black_box(&message).encode(&nobody, &room, &mut random, &mut out));
}

#[divan::bench(args = KINDS)]
fn decode(bencher: Bencher<'_, '_>, kind: &str) {
    let (bytes, room, mut scratch) = (encoded(kind), lobby(), Vec::new());
    Envelope::parse(&bytes).unwrap().open(&room, &mut scratch).unwrap();
    bencher.bench_local(|| {
        let packet = Envelope::parse(black_box(&bytes)).unwrap().reopen(&room, &mut scratch);
        black_box(packet.is_ok())
    });
}

/// Six datagrams, each of them junk in another way.
#[divan::bench]
fn header_of_junk(bencher: Bencher<'_, '_>) {
    let junk = junk();
    assert!(junk.iter().all(|bytes| Envelope::parse(bytes).is_err()));
    let bencher = bencher.counter(divan::counter::ItemsCount::new(junk.len()));
    bencher.bench_local(|| junk.iter().filter(|bytes| Envelope::parse(black_box(bytes)).is_ok()).count());
}

fn encoded(kind: &str) -> Vec<u8> {
    let (author, message): (_, Message<'_>) = packet(kind);
    let mut bytes = Vec::new();
    message.encode(&author.identity, &lobby(), &mut Random::new(1.into()), &mut bytes);
    bytes
}

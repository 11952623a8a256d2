//! Signatures and seals, over as many bytes as a line of 37 has, and over as many as fit.

use cooee::trust::{Random, RoomKey, seal_to, unseal};
use divan::{Bencher, black_box};

use crate::scene::key;

/// Bytes that are signed or sealed.
const BYTES: [usize; 2] = [84, 1000];

#[divan::bench(args = BYTES)]
fn sign(bencher: Bencher<'_, '_>, bytes: usize) {
    let (key, message) = (key(1), vec![7; bytes]);
    bencher.bench_local(|| key.sign(black_box(&message)));
}

#[divan::bench(args = BYTES)]
fn verify(bencher: Bencher<'_, '_>, bytes: usize) {
    let (key, message) = (key(1), vec![7; bytes]);
    let (public, signature) = (key.public(), key.sign(&message));
    assert!(public.verifies(&message, &signature));
    bencher.bench_local(|| public.verifies(black_box(&message), &signature));
}

/// The seal of a room with a passphrase.
#[divan::bench(args = BYTES)]
fn seal_room(bencher: Bencher<'_, '_>, bytes: usize) {
    let (key, mut random, text) = (room_key(), Random::new(1.into()), vec![7; bytes]);
    let mut out = Vec::new();
    bencher.bench_local(|| {
        out.clear();
        out.extend_from_slice(black_box(&text));
        key.seal(&mut out, 32, &mut random);
    });
}

#[divan::bench(args = BYTES)]
fn open_room(bencher: Bencher<'_, '_>, bytes: usize) {
    let (key, mut sealed) = (room_key(), vec![7; bytes]);
    key.seal(&mut sealed, 32, &mut Random::new(1.into()));
    let (clear, sealed) = sealed.split_at(32);
    let mut out = Vec::new();
    assert!(key.open(clear, sealed, &mut out));
    bencher.bench_local(|| {
        out.clear();
        key.open(clear, black_box(sealed), &mut out)
    });
}

/// The seal of a private line.
#[divan::bench(args = BYTES)]
fn seal_to_one(bencher: Bencher<'_, '_>, bytes: usize) {
    let (reader, mut random, text) = (key(2).public(), Random::new(1.into()), vec![7; bytes]);
    let mut out = Vec::new();
    bencher.bench_local(|| {
        out.clear();
        seal_to(&reader, b"clear", black_box(&text), &mut random, &mut out)
    });
}

#[divan::bench(args = BYTES)]
fn open_by_one(bencher: Bencher<'_, '_>, bytes: usize) {
    let (reader, text, mut sealed) = (key(2), vec![7; bytes], Vec::new());
    assert!(seal_to(&reader.public(), b"clear", &text, &mut Random::new(1.into()), &mut sealed));
    assert!(unseal(&reader, b"clear", &sealed).is_some_and(|opened| opened == text));
    bencher.bench_local(|| unseal(&reader, b"clear", black_box(&sealed)));
}

/// What a passphrase costs, once at start.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn derive_room_key() -> RoomKey {
    room_key()
}

fn room_key() -> RoomKey {
    RoomKey::derive(b"magpie", "lab")
}

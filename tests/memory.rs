//! How much memory a node takes for each run that it knows, as its allocator counts it.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may be blunt, and tells")]

#[allow(dead_code, unused_imports, reason = "others use more of it")]
#[path = "../benches/scene/mod.rs"]
mod scene;

use std::time::Duration;

use scene::{Author, Hearer, Signing, lobby};

/// What all is told of a known run takes less, in bytes.
const BYTES_MAX: u64 = 512;

/// The bytes on the heap for each of so many runs that sign, have shown that they are there, and were heard some times
/// more.
fn bytes_of_a_run(count: u32) -> u64 {
    let mut authors: Vec<Author> = (1..=count).map(|number| Author::new(number, Signing::Signed, &lobby())).collect();
    let mut hearer = Hearer::new(&lobby());
    let taken = allocation_counter::measure(|| {
        hearer.meet(&mut authors);
        // It names them all in its beacons, and knows then that it has.
        (0..count / 100).for_each(|_| hearer.wait(Duration::from_millis(110)));
        for author in &mut authors {
            hearer.take_in(&author.proof(hearer.run()));
        }
    });
    assert_eq!((hearer.node.stats().stale, hearer.node.peers().len()), (0, authors.len()), "all are there");
    u64::try_from(taken.bytes_current).unwrap() / u64::from(count)
}

#[test]
fn a_known_run_takes_less_than_512_bytes() {
    for count in [1000, 4000] {
        let bytes = bytes_of_a_run(count);
        println!("{count} runs: {bytes} bytes each");
        assert!(bytes < BYTES_MAX, "{bytes} bytes for each of {count} runs");
    }
}

//! A node's turns. Each is the whole of what a driver asks of it for one datagram: to take it in, what to send, what
//! happened, when to be woken.
//!
//! What is not signed is let in without a check, so its turn is that of a signed one but for the signature and for
//! whether its author has shown that he is there. It is the one by which "without the check" is measured: the only
//! signed datagrams that the node takes in without one are copies of those that it has just checked.

use std::time::Duration;

use cooee::wire::{Room, RoomName, Seq, SeqRange};
use divan::{Bencher, black_box};

use crate::scene::{Author, Came, Hearer, LINES_OF_A_FULL_DATAGRAM, Signing, junk, lobby};

/// How many runs are in the table.
const CROWDS: [u32; 3] = [10, 1000, 4000];

/// A node, and so many runs that it knows.
fn crowd(count: u32, signing: Signing) -> (Hearer, Vec<Author>) {
    let mut hearer = Hearer::new(&lobby());
    let mut authors: Vec<Author> = (1..=count).map(|number| Author::new(number, signing, &lobby())).collect();
    hearer.meet(&mut authors);
    (hearer, authors)
}

/// Measures the turn for what `write` gives of a run that is known.
fn turn(bencher: Bencher<'_, '_>, signing: Signing, mut write: impl FnMut(&mut Author) -> Came) {
    let (mut hearer, mut authors) = crowd(1, signing);
    bencher.with_inputs(|| write(&mut authors[0])).bench_local_refs(|came| hearer.take_in(came));
    is_all_taken_in(&hearer);
}

/// Nothing was measured that was refused, or known already.
fn is_all_taken_in(hearer: &Hearer) {
    let stats = hearer.node.stats();
    let refused: u64 = stats.refused().map(|(_, count)| count).sum();
    assert_eq!(
        (refused, stats.stale, stats.too_fast, stats.unproven, stats.nothing_new, stats.repeated_lines),
        (0, 0, 0, 0, 0, 0),
        "{stats:?}"
    );
}

fn known_beacon(bencher: Bencher<'_, '_>, count: u32, signing: Signing) {
    let (mut hearer, mut authors) = crowd(count, signing);
    let mut hears: Vec<_> = authors.iter().map(Author::run).collect();
    hears[0] = hearer.run();
    let mut next = (0..authors.len()).cycle();
    let mut beacon = || authors[next.next().unwrap()].beacon(&hears);
    bencher.with_inputs(&mut beacon).bench_local_refs(|came| hearer.take_in_regular(came));
    is_all_taken_in(&hearer);
}

/// One that repeats what was told a moment before, as most do when many start at once.
#[divan::bench]
fn repeated_beacon(bencher: Bencher<'_, '_>) {
    let (mut hearer, mut authors) = crowd(1, Signing::Signed);
    let hears = [hearer.run()];
    bencher.with_inputs(|| authors[0].beacon(&hears)).bench_local_refs(|came| hearer.take_in(came));
    assert!(hearer.node.stats().nothing_new > 0);
}

/// A further beacon of a run that is in the table, not signed.
#[divan::bench(args = CROWDS)]
fn known_beacon_unsigned(bencher: Bencher<'_, '_>, runs: u32) {
    known_beacon(bencher, runs, Signing::Unsigned);
}

/// The same, signed and checked.
#[divan::bench(args = CROWDS)]
fn known_beacon_signed(bencher: Bencher<'_, '_>, runs: u32) {
    known_beacon(bencher, runs, Signing::Signed);
}

#[divan::bench(args = CROWDS)]
fn list_peers(bencher: Bencher<'_, '_>, runs: u32) {
    let (hearer, _) = crowd(runs, Signing::Unsigned);
    bencher.bench_local(|| hearer.node.peers().map(black_box).count());
}

#[divan::bench]
fn line_unsigned(bencher: Bencher<'_, '_>) {
    turn(bencher, Signing::Unsigned, |author| author.lines(1));
}

#[divan::bench]
fn line_signed(bencher: Bencher<'_, '_>) {
    turn(bencher, Signing::Signed, |author| author.lines(1));
}

#[divan::bench]
fn lines_26_unsigned(bencher: Bencher<'_, '_>) {
    turn(bencher, Signing::Unsigned, |author| author.lines(LINES_OF_A_FULL_DATAGRAM));
}

#[divan::bench]
fn lines_26_signed(bencher: Bencher<'_, '_>) {
    turn(bencher, Signing::Signed, |author| author.lines(LINES_OF_A_FULL_DATAGRAM));
}

/// A line that comes once more.
#[divan::bench]
fn repeated_line(bencher: Bencher<'_, '_>) {
    let (mut hearer, mut authors) = crowd(1, Signing::Unsigned);
    let came = authors[0].lines(1);
    hearer.take_in(&came);
    bencher.bench_local(|| hearer.take_in(&came));
    assert!(hearer.node.stats().repeated_lines > 0);
}

/// A line whose predecessor is missing, the nack, and the repair.
#[divan::bench]
fn gap_and_repair(bencher: Bencher<'_, '_>) {
    let (mut hearer, mut authors) = crowd(1, Signing::Unsigned);
    let mut pair = || [authors[0].lines(1), authors[0].lines(1)];
    bencher.with_inputs(&mut pair).bench_local_refs(|[first, second]| {
        hearer.take_in(second);
        hearer.wait(Duration::from_millis(30));
        hearer.take_in(first);
    });
    let stats = hearer.node.stats();
    assert!(stats.sent_nacks > 0 && stats.lost_lines == 0, "{stats:?}");
    is_all_taken_in(&hearer);
}

/// Whether all of the last 5,000 lines of an author are held, one by one in datagrams: with and without a gap in their
/// midst.
#[divan::bench(args = [0, 1])]
fn look_up_5000_lines(bencher: Bencher<'_, '_>, gaps: u32) {
    let (mut hearer, mut authors) = crowd(1, Signing::Unsigned);
    let author = &mut authors[0];
    (0..2500).for_each(|_| _ = hearer.take_in(&author.lines(1)));
    author.skip(gaps);
    (0..2500).for_each(|_| _ = hearer.take_in(&author.lines(1)));
    let all = SeqRange::new(Seq::FIRST, Seq::new(5000 + gaps).unwrap()).unwrap();
    assert_eq!(hearer.holds(author.run(), all), gaps == 0);
    bencher.bench_local(|| hearer.holds(black_box(author.run()), all));
}

/// An ack of a line that was not acked before, of the one who acks.
#[divan::bench(sample_size = 5, sample_count = 100)]
fn ack(bencher: Bencher<'_, '_>) {
    const SAID: u32 = 500;
    let (mut hearer, mut authors) = crowd(1, Signing::Unsigned);
    hearer.say(SAID);
    let (me, mut up_to) = (hearer.run(), 0);
    let mut ack = || {
        up_to = SAID.min(up_to + 1);
        authors[0].ack(me, Seq::new(up_to).unwrap())
    };
    bencher.with_inputs(&mut ack).bench_local_refs(|came| hearer.take_in(came));
    let lacked: u32 = hearer.node.lacking().map(|lacking| lacking.lines).sum();
    assert_eq!(lacked, SAID - up_to, "each is taken in");
    is_all_taken_in(&hearer);
}

/// A nack, and the repair that answers it.
#[divan::bench]
fn nack_answered(bencher: Bencher<'_, '_>) {
    const SAID: u32 = 500;
    let (mut hearer, mut authors) = crowd(1, Signing::Unsigned);
    hearer.say(SAID);
    let (me, before) = (hearer.run(), hearer.node.stats().received);
    let mut next = (1..=SAID).cycle();
    let mut nack = || authors[0].nack(me, Seq::new(next.next().unwrap()).unwrap());
    bencher.with_inputs(&mut nack).bench_local_refs(|came| {
        hearer.take_in(came);
        hearer.wait(Duration::from_millis(5));
    });
    let stats = hearer.node.stats();
    assert_eq!(stats.sent_repairs, stats.received - before, "each is answered");
}

/// What is no datagram of ours: six of it.
#[divan::bench]
fn junk_6(bencher: Bencher<'_, '_>) {
    let (mut hearer, authors) = crowd(1, Signing::Unsigned);
    let junk = junk().map(|bytes| Came { from: authors[0].address, bytes });
    bencher.bench_local(|| junk.iter().map(|came| hearer.take_in(came)).sum::<usize>());
}

/// A line of another room, signed.
#[divan::bench]
fn line_of_another_room(bencher: Bencher<'_, '_>) {
    let (mut hearer, _) = crowd(1, Signing::Unsigned);
    let came = Author::new(1, Signing::Signed, &Room::open(&RoomName::new("den").unwrap())).lines(1);
    bencher.bench_local(|| hearer.take_in(&came));
    assert!(hearer.node.stats().other_rooms > 0);
}

/// One's own datagram that comes back.
#[divan::bench]
fn echo(bencher: Bencher<'_, '_>) {
    let (mut hearer, _) = crowd(1, Signing::Unsigned);
    let came = Author::new(0, Signing::Signed, &lobby()).lines(1);
    bencher.bench_local(|| hearer.take_in(&came));
    assert!(hearer.node.stats().echoes > 0);
}

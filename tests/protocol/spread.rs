//! Names, filters and digests, as the functions of the page make them.

use cooee::wire::{Counter, Digest, Epoch, HEADER_LEN, Heard, Message, PeerId, Run, Seq, parse};

use crate::format::encode;
use crate::literal;
use crate::program::{python, python_is_there};
use crate::reading::{hex, vector_bytes};

#[test]
fn the_bits_of_a_run_are_those_of_the_code() {
    /// Behind the functions of the page: the names or the filter that these runs make, and the digest.
    const HEARD: &str = "
import sys
counter, names, size, *numbers = map(int, sys.argv[1:])
heard, digest = bytearray(0 if names else size), 0
for peer, epoch in zip(numbers[::2], numbers[1::2]):
    if names:
        heard += spread(peer, epoch, counter).to_bytes(8, 'big')[:4]
    else:
        for n in bits(peer, epoch, counter, size):
            heard[n // 8] |= 2 ** (n % 8)
    digest ^= spread(peer, epoch, counter)
print(heard.hex(), digest)
";
    if !python_is_there() {
        return;
    }
    let mut rng = fastrand::Rng::with_seed(1);
    for count in [1, Heard::NAMES_MAX, Heard::NAMES_MAX + 1, Heard::MAX, 1000] {
        let names = count <= Heard::NAMES_MAX;
        let size = if names { 4 * count } else { count.min(Heard::MAX) };
        let counter = Counter(rng.u32(1..));
        let runs: Vec<_> = (0..count).map(|_| Run { peer: PeerId(rng.u64(..)), epoch: Epoch(rng.u32(..)) }).collect();
        let numbers = runs.iter().flat_map(|run| [run.peer.0, run.epoch.0.into()]);
        let numbers = [counter.0.into(), names.into(), size as u64].into_iter().chain(numbers);
        let words: Vec<_> = numbers.map(|number: u64| number.to_string()).collect();
        let output = python(&[&(literal("bits") + HEARD)]).args(words).output().unwrap();

        let vector = vector_bytes("beacon");
        let mut packet = parse(&vector).unwrap();
        let Message::Beacon(_, beacon) = &mut packet.message else { panic!("no beacon") };
        beacon.heard = Heard::all(runs.iter().copied(), counter);
        let mut bytes = Vec::new();
        encode(&packet, &mut bytes);
        assert_eq!(bytes[HEADER_LEN] >> 3, u8::from(names), "bit 3 of the flags, and not bit 4");
        let end = bytes.len() - b"\x05lobby".len();
        let heard = hex(&bytes[end - size..end]);
        let digest = Digest::of(runs.iter().map(|run| (*run, Seq::new(counter.0).unwrap())));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{heard} {}\n", digest.0));
    }
}

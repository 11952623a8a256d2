//! Beacons that tell nothing new are passed over without a look at their signatures, and no others are.

use std::time::Duration;

use cooee::wire::{Beacon, Counter, Digest, Error, Heard, Message, Nick, Run, Seq};

use crate::lab::{ITSELF, Lab, encoded, quiet_beacon, run, signer};

/// Who signs, and where he is.
const KEY: u8 = 7;

fn naming(counter: u32, named: &[Run], beacon: Beacon<'static>) -> Vec<u8> {
    let heard = Heard::all(named.iter().copied(), Counter(counter));
    encoded(&signer(KEY), Message::Beacon(Counter(counter), Beacon { heard, ..beacon }))
}

/// A lab that has just heard a beacon which names it.
fn lab() -> Lab {
    let mut lab = Lab::with_peers(1, 1);
    lab.hear_bytes(KEY, &naming(1, &[run(ITSELF)], quiet_beacon()));
    lab.pass_millis(100);
    lab
}

fn wrongly_signed(mut datagram: Vec<u8>) -> Vec<u8> {
    *datagram.last_mut().unwrap() ^= 1;
    datagram
}

/// How many were passed over, and how many refused for their signature.
fn counts(lab: &Lab) -> (u64, u64) {
    let refused = lab.node.stats().refused().find(|(reason, _)| *reason == Error::Signature).unwrap().1;
    (lab.node.stats().nothing_new, refused)
}

#[test]
fn what_repeats_is_passed_over_whoever_wrote_it() {
    let repeats = [
        quiet_beacon(),
        Beacon { hello: true, ..quiet_beacon() },
        Beacon { hears: 2, ..quiet_beacon() },
        Beacon { time: cooee::time::UnixMillis(0), ..quiet_beacon() },
    ];
    for (number, beacon) in repeats.into_iter().enumerate() {
        let mut lab = lab();
        let before: Vec<_> = lab.node.peers().collect();
        lab.hear_bytes(KEY, &wrongly_signed(naming(2, &[run(ITSELF)], beacon)));
        assert_eq!(counts(&lab), (1, 0), "beacon {number}");
        assert_eq!(lab.node.peers().collect::<Vec<_>>(), before, "beacon {number}");
    }
}

#[test]
fn whatever_is_new_is_looked_at() {
    let named = [run(ITSELF)];
    let profile = quiet_beacon().profile;
    let renamed = cooee::wire::Profile { nick: Nick::new("other").unwrap(), ..profile };
    let news = [
        naming(2, &[], quiet_beacon()),
        naming(2, &named, Beacon { profile: renamed, ..quiet_beacon() }),
        naming(2, &named, Beacon { hears: 3, ..quiet_beacon() }),
        naming(2, &named, Beacon { port: 26635, ..quiet_beacon() }),
        naming(2, &named, Beacon { last_seq: Some(Seq::FIRST), ..quiet_beacon() }),
        naming(2, &named, Beacon { digest: Digest(1), ..quiet_beacon() }),
        naming(2, &named, Beacon { remote: true, ..quiet_beacon() }),
        naming(2, &named, Beacon { interval: cooee::wire::BeaconInterval::clamped(Duration::ZERO), ..quiet_beacon() }),
    ];
    for (number, datagram) in news.into_iter().enumerate() {
        let mut lab = lab();
        lab.hear_bytes(KEY, &wrongly_signed(datagram));
        assert_eq!(counts(&lab), (0, 1), "beacon {number}");
    }
    let mut elsewhere = lab();
    elsewhere.hear_bytes(KEY + 1, &wrongly_signed(naming(2, &named, quiet_beacon())));
    assert_eq!(counts(&elsewhere), (0, 1), "it came from somewhere else");
}

#[test]
fn nobody_is_kept_in_the_table_by_what_was_not_looked_at() {
    let mut lab = lab();
    let repeated = wrongly_signed(naming(2, &[run(ITSELF)], quiet_beacon()));
    // Three and a half of its intervals, and some.
    for _ in 0..4400 {
        lab.hear_bytes(KEY, &repeated);
        lab.pass_millis(500);
    }
    assert_eq!(counts(&lab).0, 2, "only what comes right behind the one that was looked at");
    assert!(lab.node.peers().all(|peer| peer.run != signer(KEY).run()));
}

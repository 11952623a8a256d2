//! A peer for tests to show.

use cooee::node::{ClockLead, HearsUs, LinkId, Peer, Way};
use cooee::time::{Time, UnixMillis};
use cooee::wire::{Epoch, HostName, Nick, PeerId, Profile, ProgramVersion, Run, Status};

/// A run, by its number.
pub(crate) fn run(number: u64) -> Run {
    Run { peer: PeerId(number), epoch: Epoch(1) }
}

/// The peer of that number and nick.
pub(crate) fn peer(number: u64, nick: &'static str) -> Peer {
    Peer {
        run: run(number),
        signer: None,
        profile: Profile {
            nick: Nick::new(nick).unwrap(),
            host: HostName::default(),
            version: ProgramVersion::new("").unwrap(),
            status: Status::default(),
        },
        started: UnixMillis(0),
        hears: 0,
        link: LinkId(0),
        address: ([192, 0, 2, 7], 26634).into(),
        ways: vec![Way { link: LinkId(0), address: ([192, 0, 2, 7], 26634).into() }],
        hears_us: HearsUs::Yes,
        clock_ahead: Some(ClockLead::between(UnixMillis(0), UnixMillis(0))),
        heard: Time::ZERO,
    }
}

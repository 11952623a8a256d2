//! Beacons that repeat what was just told: to check their signatures would be the most costly way to learn nothing.
//!
//! When many start at once, each says hello some times and is answered some times, all within a second, and most of that
//! reaches those who know it already. To pass it over does what its loss would do, and beacons may get lost: so it does
//! not matter who wrote it.

use super::Node;
use super::comparing::Counterpart;
use super::link::Datagram;
use crate::wire::{Beacon, Counter, Digest, Envelope, Message, Run, Seq};

impl Node {
    /// Whether a datagram is a beacon that says of a run that is there what this run has said itself within the last
    /// moment, and nothing else.
    pub(super) fn has_just_told(&mut self, envelope: &Envelope<'_>, datagram: &Datagram<'_>) -> bool {
        let run = envelope.author();
        if !envelope.is_beacon() || !envelope.is_costly() || !self.peers.was_just_heard(self.now, run) {
            return false;
        }
        let mut scratch = core::mem::take(&mut self.scratch);
        // What cannot be read is refused where all else is.
        let has_just_told = envelope.reopen(&self.config.room, &mut scratch).is_ok_and(|packet| {
            let Message::Beacon(counter, beacon) = &packet.message else { return false };
            packet.signer.is_some()
                && self.peers.signer(run) == packet.signer
                && self.proving.is_proven(run)
                && self.is_repetition(run, *counter, beacon, datagram)
        });
        self.scratch = scratch;
        has_just_told
    }

    fn is_repetition(&self, run: Run, counter: Counter, beacon: &Beacon<'_>, datagram: &Datagram<'_>) -> bool {
        let (with, ours) = (Counterpart { run, link: datagram.link }, self.digest(datagram.link));
        let tells_no_lines = beacon.digest == Digest::default() || !self.newcomer.holds_back();
        !beacon.remote
            && tells_no_lines
            && self.peers.has_just_told(run, beacon, self.sighting(beacon, counter, datagram))
            && self.has_told_of(run, beacon.last_seq)
            && self.comparing.has_agreed(with, beacon.digest, ours)
    }

    /// Whether a run has told already that it has said lines up to this one.
    fn has_told_of(&self, run: Run, last: Option<Seq>) -> bool {
        last.is_none_or(|last| self.hearing.get(run).is_some_and(|known| known.is_said(last)))
    }
}

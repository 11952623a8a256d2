//! What came and what became of it, in numbers.

use crate::wire::Error;

/// Counts since the node began. What the network does wrong is counted here, and nowhere else does it show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Datagrams that came in.
    pub received: u64,
    /// Of these, one's own that came back.
    pub echoes: u64,
    /// Of these, those of other rooms.
    pub other_rooms: u64,
    /// Of these, those of sealed ones.
    pub other_sealed_rooms: u64,
    /// Of these, those that came too fast from their address to be looked into.
    pub too_fast: u64,
    /// Of these, those that were not signed, where only signed ones are let in.
    pub kept_out: u64,
    /// Of these, those of runs that have not shown that they are there.
    pub unproven: u64,
    /// Of these, those that were older than what was known, or copies.
    pub stale: u64,
    /// Of these, beacons that told nothing but what their runs had just told, and so were not checked.
    pub nothing_new: u64,
    /// Of these, pongs that were not waited for, or not any more.
    pub unasked_pongs: u64,
    /// Lines that came once more.
    pub repeated_lines: u64,
    /// Datagrams that were handed out to be sent.
    pub sent: u64,
    /// Of these, beacons, hellos and answers.
    pub sent_beacons: u64,
    /// Of these, lines of its own, for the first time.
    pub sent_lines: u64,
    /// Of these, nacks.
    pub sent_nacks: u64,
    /// Of these, acks.
    pub sent_acks: u64,
    /// Of these, lines that somebody lacked.
    pub sent_repairs: u64,
    /// Of these, the newest lines once more, as not everybody had acked them.
    pub sent_repeats: u64,
    /// Of these, copies of what goes to all, for those whom no broadcast reaches.
    pub sent_copies: u64,
    /// Lines of others that were given up.
    pub lost_lines: u64,
    /// Sends that failed.
    pub send_failures: u64,
    refused: [u64; Error::ALL.len()],
}

impl Stats {
    /// Datagrams that were refused, by reason.
    pub fn refused(&self) -> impl Iterator<Item = (Error, u64)> {
        Error::ALL.into_iter().zip(self.refused)
    }

    pub(super) fn refuse(&mut self, reason: Error) {
        self.refused[reason as usize] += 1;
    }
}
